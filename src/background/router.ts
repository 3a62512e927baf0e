// The gate: one request of a dapp from its row in the method table to its answer.
// Promises: P2: no key is used before a person, or a grant that person gave, says so. P3: what waits is a record; this file only
// keeps the frames whose documents are connected now, and the relay sends them again after a restart.
// Must not: trust anything but the classified sender; answer a stranger differently because of what the vault holds (R-B6).
import * as v from 'valibot';
import { errorCode, ProviderError, rejected } from '../contract/errors';
import type { StateFrame } from '../contract/frames';
import type { ApprovalCard, ShownRequest } from '../contract/internal';
import { isMethodName, methods, type MethodName } from '../contract/methods';
import { plainDefect } from '../contract/plain';
import type { ApprovalRecord } from '../vault/approvals';
import type { Vault } from '../vault/vault';
import { createCarryOut } from './carry-out';
import { createDappMethods, grantView } from './dapp-methods';
import type { DappPublisher } from './dapp-publisher';
import { toShape, waits, type Attached, type Call, type Outcome, type Settled } from './dapp-request';
import { requestDigest } from './digest';
import { createKeyUse } from './key-use';
import type { Dapp } from './sender';
import { createUsageLog } from './usage-log';

export interface Router {
  /** Routes a request, new or sent again. Settles its own errors; never throws. */
  handle(request: Attached): Promise<void>;
  /** The document is gone: its requests are forgotten and their records cancelled. */
  documentGone(documentKey: string): Promise<void>;
  /** A decision was recorded: answers whoever is connected. */
  settle(record: ApprovalRecord): Promise<void>;
  /** Ends records whose time is over and answers their pages. Returns when the next one ends, in milliseconds since 1970. */
  expireDue(): Promise<number | undefined>;
  /** After a restart: ends what waits for documents that did not come back. */
  reap(): Promise<void>;
  /** Routes again what waited for an unlock. */
  unlocked(): Promise<void>;
  /** Answers the open requests of an origin that lost its grants. */
  revoked(origin: string): Promise<void>;
  /** Rejects what waits (of one origin). */
  rejectAll(origin?: string): Promise<void>;
  /** What this document may know about its grants now. */
  stateOf(dapp: Dapp): Promise<StateFrame['params']>;
}

export function createRouter(options: {
  vault: Vault;
  version: string;
  nowMs: () => number;
  /**
   * Shows the person what waits: one window, the badge. `isNew` is false for a request that was sent again; it needs showing only
   * when the worker before died between recording and showing it.
   */
  present: (record: ApprovalRecord, isNew: boolean) => Promise<void>;
  publisher: DappPublisher;
  /** When the prekeys of accounts were replaced since the browser started, in milliseconds since 1970. */
  rotatedAtMs: () => Promise<Record<string, number>>;
}): Router {
  const { vault, version, nowMs, present, publisher, rotatedAtMs } = options;
  const attached = new Map<string, Attached>();
  const use = createKeyUse({ vault, nowMs, publisher });
  const usage = createUsageLog({ vault, nowMs });
  const handlers = createDappMethods({ vault, version, nowMs, use, usage, publisher, wait, revoked });
  const carryOut = createCarryOut({ vault, nowMs, use, attached, finish, reroute });

  async function wait(request: Attached, shown: ShownRequest, firstSeen: boolean): Promise<Outcome> {
    const { dapp, id, method } = request;
    const digest = await requestDigest(dapp.origin, method, request.params);
    const { state, isNew, record } = await vault.approvals.submit({
      id,
      origin: dapp.origin,
      documentKey: dapp.documentKey,
      method,
      digest,
      shown,
      firstSeen,
    });
    if (state === 'gone') throw rejected('superseded');
    if (state === 'waiting') await present(record, isNew);
    return standing(state, record);
  }

  function standing(state: Exclude<ApprovalRecord['state'], 'executing'>, record: ApprovalRecord): Outcome {
    if (state === 'waiting') return waits;
    if (state !== 'approved') throw rejected(state);
    void settle(record).catch(() => undefined);
    return waits;
  }

  /** Where a request that was sent again stands, when it was decided already: its grant may be spent by now. */
  async function decidedBefore(request: Attached): Promise<Outcome | undefined> {
    const { dapp, id, method, params } = request;
    const known = await vault.approvals.get(id);
    if (!known || known.state === 'waiting' || known.origin !== dapp.origin) return undefined;
    const isSame =
      known.documentKey === dapp.documentKey && known.method === method && known.digest === (await requestDigest(dapp.origin, method, params));
    if (!isSame) throw rejected('superseded');
    return standing(known.state === 'executing' ? 'approved' : known.state, known);
  }

  function finish(request: Attached, outcome: Settled): void {
    // Only the frame that is connected now is answered, and only once.
    if (attached.get(request.id) !== request) return;
    attached.delete(request.id);
    request.answer(outcome);
  }

  async function handle(request: Attached): Promise<void> {
    attached.set(request.id, request);
    try {
      const outcome = await route(request);
      if (outcome !== waits) finish(request, outcome);
    } catch (error) {
      finish(request, { error: toShape(error) });
    }
  }

  async function route(request: Attached): Promise<Outcome> {
    const { method } = request;
    // Test builds only: the same path without the work, for `npm run bench`.
    if (__TEST_HOOKS__ && method === 'test_echo') return { result: request.params };
    if (!isMethodName(method)) throw new ProviderError(errorCode.unsupported);
    const defect = plainDefect(request.params);
    if (defect) throw new ProviderError(defect === 'size' ? errorCode.limitExceeded : errorCode.invalidParams);
    const parsed = v.safeParse(methods[method].params, request.params, { abortEarly: true });
    if (!parsed.success) {
      const field = v.getDotPath(parsed.issues[0]);
      throw new ProviderError(errorCode.invalidParams, field === null ? undefined : { field: field.slice(0, 60) });
    }
    // One call through a union of handlers: the table guarantees that the parameters belong to the method.
    const handler = handlers[method] as (call: Call<MethodName>) => Promise<Outcome>;
    const checked = { ...request, params: parsed.output };
    const decided = methods[method].tier === 'approved' ? await decidedBefore(checked) : undefined;
    return decided ?? (await handler({ request: checked, params: parsed.output } as Call<MethodName>));
  }

  async function settle(decided: ApprovalRecord): Promise<void> {
    if (decided.state === 'rejected') {
      answerAll(decided, rejected('rejected'));
      await logRefusal(decided, 'rejected');
    } else await carryOut(decided.id);
  }

  function answerAll(ended: ApprovalRecord, error: ProviderError): void {
    for (const id of ended.requestIds) {
      const request = attached.get(id);
      if (request) finish(request, { error: error.toShape() });
    }
  }

  async function logRefusal(ended: ApprovalRecord, outcome: 'rejected' | 'expired'): Promise<void> {
    const { shown } = ended;
    if (!shown || shown.kind === 'unlock') return;
    // A refused connection concerns no identity in particular: it is logged with the first that is open.
    const safeId = shown.kind !== 'connect' ? shown.safeId : (await vault.state()).identities.find((one) => one.status === 'unlocked')?.safeId;
    if (safeId === undefined) return;
    use.log(safeId, ended, purposeOf(shown), outcome);
  }

  async function documentGone(documentKey: string): Promise<void> {
    for (const request of attached.values()) if (request.dapp.documentKey === documentKey) attached.delete(request.id);
    await vault.approvals.cancelDocument(documentKey);
    await vault.grants.documentGone(documentKey);
    await vault.documentGone(documentKey);
  }

  async function expireDue(): Promise<number | undefined> {
    const { expired, nextMs } = await vault.approvals.expireDue();
    for (const one of expired) {
      answerAll(one, rejected(one.state === 'interrupted' ? 'interrupted' : 'expired'));
      if (one.state === 'expired') await logRefusal(one, 'expired');
    }
    return nextMs;
  }

  async function reap(): Promise<void> {
    for (const card of await vault.approvals.list()) {
      const waiting = await vault.approvals.get(card.id);
      if (waiting && !waiting.requestIds.some((id) => attached.has(id))) await vault.approvals.cancelDocument(waiting.documentKey);
    }
  }

  /** Routes again the connected requests of some waiting cards. All ids first: answering one may remove the record that several share. */
  async function reroute(isMeant: (card: ApprovalCard) => boolean): Promise<void> {
    const ids = (await vault.approvals.list()).filter(isMeant).map((card) => card.id);
    const records = await Promise.all(ids.map((id) => vault.approvals.get(id)));
    for (const id of records.flatMap((one) => one?.requestIds ?? [])) {
      const request = attached.get(id);
      if (request) await handle(request);
    }
  }

  const unlocked = () => reroute((card) => card.shown.kind === 'unlock');

  async function revoked(origin: string, except?: string): Promise<void> {
    const cancelled = await vault.approvals.cancelOrigin(origin);
    for (const one of cancelled) answerAll(one, new ProviderError(errorCode.unauthorized));
    for (const request of attached.values())
      if (request.dapp.origin === origin && request.id !== except && isMethodName(request.method) && methods[request.method].capability !== undefined)
        finish(request, { error: new ProviderError(errorCode.unauthorized).toShape() });
  }

  async function rejectAll(origin?: string): Promise<void> {
    for (const one of await vault.approvals.rejectAll(origin)) {
      answerAll(one, rejected('rejected'));
      await logRefusal(one, 'rejected');
    }
  }

  async function stateOf(dapp: Dapp): Promise<StateFrame['params']> {
    const grants = (await vault.grants.find(dapp.origin, dapp.documentKey)).filter((grant) => grant.verified);
    const rotated = await rotatedAtMs();
    const readable = grants.filter((grant) => grant.capabilities.includes('identity'));
    return {
      accounts: grants.map((grant) => grant.account),
      permissions: grants.map(grantView),
      rotatedAtMs: Object.fromEntries(readable.map(({ account }) => [account, rotated[account] ?? 0])),
    };
  }

  return { handle, documentGone, settle, expireDue, reap, unlocked, revoked, rejectAll, stateOf };
}

/** What a request was for, in the log: never a payload. */
function purposeOf(shown: Exclude<ShownRequest, { kind: 'unlock' }>): string {
  switch (shown.kind) {
    case 'connect':
      return shown.capabilities.join(', ');
    case 'sign':
      return shown.purpose;
    case 'messages':
      return `${shown.capability}: ${shown.facts.items}`;
    case 'digest':
      return shown.digestHex;
  }
}
