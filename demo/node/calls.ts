// The rules of the calls: who may publish what, what is stored and delivered, which limits hold, in the real node's order.
// Promises that one restricted topic refuses a whole publish before anything is stored, and that nothing is rolled back after.
// Must not: know HTTP; a caller is an Authorization header, an address and a client version.
import { accountOfHeader } from './authorization';
import type { EnvelopeLog } from './envelope-log';
import type { EnvelopeStore } from './envelope-store';
import type {
  BatchQueryRequest,
  BatchQueryResponse,
  CallName,
  Envelope,
  PublishRequest,
  QueryRequest,
  QueryResponse,
} from './messages';
import { createRateLimiter } from './rate-limit';
import { RpcError, toRpcError } from './rpc-error';
import type { Subscriptions } from './subscriptions';
import { isEphemeral, mayPublish } from './topic-rules';

/** Longest topic, in bytes of UTF-8. */
export const MAX_TOPIC_BYTES = 300;
/** Longest payload: 1 MiB less the topic and 62 bytes of frame. */
export const MAX_MESSAGE_BYTES = 1_048_214;
/** Most queries in one batch. */
export const MAX_BATCH_QUERIES = 50;
/** Clients of libxmtp older than this are refused in production. */
const OLDEST_LIBXMTP = [1, 1, 5] as const;

/** Switches of the rules; each is a flag of the real node. */
export interface NodeRules {
  /** Whether publishing needs a token. Without it there are no topic rules and no rate limits either. */
  readonly auth: boolean;
  readonly rateLimits: boolean;
  /** Whether old versions of libxmtp are refused. */
  readonly isProduction: boolean;
  /** Accounts (EIP-55) with larger rate limits, accounts that may not publish. undefined: no allow lists. */
  readonly lists?: { readonly allowed: readonly string[]; readonly denied: readonly string[] };
}

/** Who calls, as far as the rules care. */
export interface Caller {
  readonly authorization: string | undefined;
  readonly libxmtpVersion: string | undefined;
  readonly clientAddress: string;
}

export interface Calls {
  /** Checks that come before every call. `cost` is what the rate limit charges. Throws RpcError. */
  admit(caller: Caller, call: CallName, cost: number): void;
  /** Throws RpcError: Unauthenticated, PermissionDenied, InvalidArgument, Internal. */
  publish(caller: Caller, request: PublishRequest): void;
  query(request: QueryRequest, shows?: (envelope: Envelope) => boolean): QueryResponse;
  /** Any refusal of a part is an Internal refusal of the whole. */
  batchQuery(request: BatchQueryRequest, shows?: (envelope: Envelope) => boolean): BatchQueryResponse;
}

/** `log`: where new rows are written too. */
export function createCalls(parts: {
  store: EnvelopeStore;
  subscriptions: Subscriptions;
  log: EnvelopeLog | undefined;
  rules: NodeRules;
  nowMs: () => number;
}): Calls {
  const { store, subscriptions, log, rules, nowMs } = parts;
  const spendTokens = rules.auth && rules.rateLimits ? createRateLimiter(nowMs) : undefined;
  const nowNs = (): bigint => BigInt(Math.trunc(nowMs())) * 1_000_000n;

  const accountOrNone = (caller: Caller): string | undefined => {
    try {
      return accountOfHeader(caller.authorization, nowNs());
    } catch {
      // A bad token matters to publish only; here it means no privileges.
      return undefined;
    }
  };

  const authorize = (caller: Caller, envelopes: readonly Envelope[]): void => {
    const account = accountOfHeader(caller.authorization, nowNs());
    for (const { contentTopic } of envelopes) {
      if (!mayPublish(contentTopic, account)) throw new RpcError('PermissionDenied', 'publishing to restricted topic');
    }
    if (rules.lists?.denied.includes(account)) throw new RpcError('PermissionDenied', 'wallet is deny listed');
  };

  const keep = (envelope: Envelope): void => {
    try {
      store.insert(envelope, log && ((row) => log.append(row)));
    } catch (error) {
      throw error instanceof RpcError
        ? error
        : new RpcError('Internal', 'the envelope could not be written to the file');
    }
  };

  const query: Calls['query'] = (request, shows) => store.query(request, shows);

  return {
    admit(caller, call, cost) {
      if (rules.isProduction && isTooOld(caller.libxmtpVersion))
        throw new RpcError('Unimplemented', 'libxmtp version is no longer supported');
      if (!spendTokens) return;
      const account = rules.lists && accountOrNone(caller);
      const isPriority = account !== undefined && rules.lists?.allowed.includes(account) === true;
      spendTokens({ call, cost, clientAddress: caller.clientAddress, isPriority });
    },

    publish(caller, request) {
      if (rules.auth) authorize(caller, request.envelopes);
      for (const envelope of request.envelopes) {
        if (Buffer.byteLength(envelope.contentTopic) > MAX_TOPIC_BYTES)
          throw new RpcError('InvalidArgument', 'topic length too big');
        if (envelope.message.length > MAX_MESSAGE_BYTES) throw new RpcError('InvalidArgument', 'message too big');
        if (!isEphemeral(envelope.contentTopic)) keep(envelope);
        subscriptions.deliver(envelope);
      }
    },

    query,

    batchQuery(request, shows) {
      if (request.requests.length > MAX_BATCH_QUERIES)
        throw new RpcError('InvalidArgument', 'cannot exceed 50 requests in single batch');
      try {
        return { responses: request.requests.map((part) => query(part, shows)) };
      } catch (error) {
        throw new RpcError('Internal', toRpcError(error).wrapped);
      }
    },
  };
}

function isTooOld(version: string | undefined): boolean {
  const parsed = /^v?(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/.exec(version ?? '');
  if (!parsed) return false;
  for (const [index, oldest] of OLDEST_LIBXMTP.entries()) {
    const part = Number(parsed[index + 1]);
    if (part !== oldest) return part < oldest;
  }
  return parsed[4] !== undefined;
}
