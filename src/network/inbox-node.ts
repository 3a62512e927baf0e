// Client of a node of XMTP V3, for one question: what is stored of an inbox (GetIdentityUpdates).
// Promises: what it gives is of the inbox that was asked for, in the order of the log, and bounded; a node that never comes to an end is left.
// Must not: believe an update, publish anything, or ask again what failed: a person pressed, and presses again.
import { ProtocolError } from '../protocol/base/errors';
import { decodeLogAnswer, encodeLogQuestion, mostUpdates, type LoggedUpdate } from '../protocol/inbox/log-answer';
import { callUnary } from './grpc-web';
import { NetworkError } from './network-error';
import { nodeAddress, type RequestLimits } from './node-request';

export interface InboxNodeOptions {
  /** Address of the node: scheme, host, port. */
  readonly url: string;
  readonly fetch?: typeof fetch;
  readonly limits?: Partial<RequestLimits>;
}

export interface InboxNodeClient {
  /** Every update that the node has of an inbox, oldest first; none for an inbox it does not know. Throws NetworkError. */
  updatesOf(inboxId: string, signal?: AbortSignal): Promise<Uint8Array[]>;
}

const path = '/xmtp.identity.api.v1.IdentityApi/GetIdentityUpdates';
/** Updates of today's clients take a few hundred bytes each; signatures of contracts take more. Also what all pages come to. */
const defaultLimits: RequestLimits = { requestMs: 15_000, answerBytes: 2 * 1024 * 1024 };
/** Nodes answer with the whole log at once, or with pages of many. */
const mostPages = 16;

/** Throws RangeError when `url` is not a valid address of a node. */
export function createInboxNodeClient(options: InboxNodeOptions): InboxNodeClient {
  const { fetch: fetcher = (...args) => fetch(...args) } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const address = nodeAddress(options.url);
  if (address === undefined) throw new RangeError('not the address of a node');

  async function pageAfter(after: bigint, inboxId: string, signal?: AbortSignal): Promise<LoggedUpdate[]> {
    const message = encodeLogQuestion(inboxId, after);
    const answer = await callUnary(fetcher, address as string, { path, message }, limits, signal);
    try {
      return decodeLogAnswer(answer, inboxId, after);
    } catch (error) {
      if (error instanceof ProtocolError) throw new NetworkError('bad-answer', 'the answer is not a log of the inbox');
      throw error;
    }
  }

  return {
    async updatesOf(inboxId, signal) {
      const updates: Uint8Array[] = [];
      let [after, bytes] = [0n, 0];
      for (let page = 0; page < mostPages; page++) {
        const more = await pageAfter(after, inboxId, signal);
        if (more.length === 0) return updates;
        for (const { sequenceId, update } of more) {
          updates.push(update);
          [after, bytes] = [sequenceId, bytes + update.length];
        }
        if (updates.length > mostUpdates) throw new NetworkError('bad-answer', 'more updates than an inbox has');
        if (bytes > limits.answerBytes) throw new NetworkError('too-large', 'the log is larger than its bound');
      }
      throw new NetworkError('bad-answer', 'the log does not end');
    },
  };
}
