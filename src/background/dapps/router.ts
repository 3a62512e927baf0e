// The gate: one request of a dapp from its row in the method table to its answer.
// Promises: P2: no key is used before a person, or a grant that person gave, says so. P3: what waits is a record; this file only
// keeps which requests are connected now. Their parameters go when a person has to be asked, and come again from the relay.
// Must not: trust anything but the classified sender; answer a stranger differently because of what the vault holds (R-B6).
import * as v from 'valibot';
import { errorCode, ProviderError, rejected } from '../../contract/errors';
import type { StateFrame } from '../../contract/dapp/frames';
import type { ShownRequest } from '../../contract/pages/approvals';
import { isMethodName, methods } from '../../contract/dapp/methods';
import { plainDefect } from '../../contract/plain';
import type { ApprovalRecord } from '../../vault/consent/approvals/approvals';
import type { Vault } from '../../vault/vault';
import { loadOf, type Admission } from './admission';
import { createEndings, type Endings } from './endings';
import { createExecuteApproval } from './execute-approval';
import { createDappMethods } from './methods';
import type { DappPublisher } from '../network/dapp-publisher';
import { toShape, waits, type Attached, type Call, type Outcome } from './request';
import { requestDigest } from './digest';
import { createKeyUse } from './using/key-use';
import { createOpenRequests, type OpenRequests } from './open-requests';
import type { Dapp } from '../browser/sender';
import { createRejections, type Rejections } from './rejections';
import { createUsageLog } from './using/usage-log';
import { createWholes } from './using/wholes';
import { documentState } from './document-state';

export interface Router extends Omit<Endings, 'refused' | 'logRefused'> {
  /** Reject all, as a person says it, with a moment in which it can be taken back. */
  rejections: Rejections;
  /** Takes note of a request that is connected, before its parameters come. */
  attach(request: Attached): void;
  /**
   * Routes a request, new or sent again, with the parameters as they came. What no row takes, and what is more than the share of its
   * origin, is answered before this returns, and nothing of it is kept. Settles its own errors; never throws.
   */
  handle(request: Attached, params: unknown): Promise<void>;
  /** A decision was recorded: answers whoever is connected. */
  settle(record: ApprovalRecord): Promise<void>;
  /** Routes again what waited for an unlock. */
  unlocked(): Promise<void>;
  /** Answers the open requests of an origin that lost its grants. */
  revoked(origin: string): Promise<void>;
  /** The person muted or blocked an origin: what waits of it is rejected, and when it is blocked, what is under way ends as well. */
  quieted(origin: string): Promise<void>;
  /** What this document may know about its grants now. */
  stateOf(dapp: Dapp): Promise<StateFrame['params']>;
}

export function createRouter(options: {
  vault: Vault;
  version: string;
  nowMs: () => number;
  /**
   * Shows the person what waits: one window, the badge. `isNew` is false for a request that was sent again; it needs showing only
   * when the worker before died between recording and showing it. `isClicked`: the person did something in the page a moment ago. `tabId`: where
   * that page is.
   */
  present: (record: ApprovalRecord, isNew: boolean, isClicked: boolean, tabId: number) => Promise<void>;
  publisher: DappPublisher;
  admission: Admission;
  /** When the prekeys of accounts were replaced since the browser started, in milliseconds since 1970. */
  rotatedAtMs: () => Promise<Record<string, number>>;
}): Router {
  const { vault, version, nowMs, present, publisher, admission, rotatedAtMs } = options;
  const open = createOpenRequests(vault.approvals, vault.quiet.of);
  const wholes = createWholes({ nowMs });
  const use = createKeyUse({ vault, nowMs, publisher, wholes });
  const usage = createUsageLog({ vault, nowMs });
  const handlers = createDappMethods({ vault, version, nowMs, use, usage, publisher, open, wait, wholes });
  const executeApproval = createExecuteApproval({ vault, nowMs, use, open });
  const { refused, logRefused, ...endings } = createEndings({ vault, use, open });
  const rejections = createRejections({ vault, open, nowMs, log: logRefused });
  const stateOf = (dapp: Dapp) => documentState({ vault, rotatedAtMs }, dapp);

  /** Records the call and shows it to the person, or says where it stands. `shown` is made only when there is room for one more card. */
  async function wait(
    call: Call,
    shown: () => ShownRequest | Promise<ShownRequest>,
    firstSeen: boolean,
  ): Promise<Outcome> {
    const { request, method } = call;
    const { id, dapp } = request;
    const named = { id, origin: dapp.origin, documentKey: dapp.documentKey, method };
    const asked = await vault.approvals.ask(named, { digest: call.digest, shown, firstSeen });
    if (asked.record === undefined) throw rejected(asked.state === 'gone' ? 'superseded' : 'rejected');
    const { state, isNew, record } = asked;
    // Not waited for: a request that is recorded does not fail with its window, and its parameters go now.
    if (state === 'waiting') void present(record, isNew, request.isClicked, dapp.tabId).catch(() => undefined);
    return await standing(call, state, record);
  }

  async function standing(
    call: Call,
    state: Exclude<ApprovalRecord['state'], 'executing'>,
    record: ApprovalRecord,
  ): Promise<Outcome> {
    if (state === 'waiting') return waits;
    if (state !== 'approved') {
      open.answerAll(record.requestIds, rejected(state));
      throw rejected(state);
    }
    await executeApproval.run(record, call, handled);
    return waits;
  }

  /** Where a request that was sent again stands, when it was decided already: its grant may be spent by now. */
  async function decidedBefore(call: Call): Promise<Outcome | undefined> {
    const { request, method } = call;
    const { dapp, id } = request;
    const known = await vault.approvals.get(id);
    call.hasNoRecord = !known;
    if (known) call.arrivedAtMs = known.createdAtMs;
    if (!known || known.state === 'waiting' || known.origin !== dapp.origin) return undefined;
    const isSame =
      known.documentKey === dapp.documentKey && known.method === method && known.digest === (await call.digest());
    if (!isSame) throw rejected('superseded');
    return await standing(call, known.state === 'executing' ? 'approved' : known.state, known);
  }

  // Not async: the frame, which may be 8 MiB, must be free for collection when this returns. The work goes on with its own copy.
  function handle(request: Attached, params: unknown): Promise<void> {
    open.attach(request);
    try {
      // Test builds only: the same path without the work, for `npm run bench`.
      if (__TEST_HOOKS__ && request.method === 'test_echo')
        return ended(request, params, Promise.resolve({ result: params }));
      const call = checked(request, params);
      const load = loadOf(call.method, call.params);
      const { origin } = request.dapp;
      request.bytes = load.bytes;
      if (!admission.take(origin, load.bytes)) throw new ProviderError(errorCode.limitExceeded);
      const outcome = vault
        .ready()
        .then(() => admission.inTurn(origin, load, async () => (open.isAttached(request) ? await route(call) : waits)));
      return ended(request, call.params, outcome).finally(() => admission.give(origin, load.bytes));
    } catch (error) {
      return refuse(request, params, error);
    }
  }

  async function ended(request: Attached, params: unknown, work: Promise<Outcome>): Promise<void> {
    try {
      const outcome = await work;
      if (outcome === waits) return;
      await outcome.mayLeave?.();
      open.finish(request, { result: outcome.result });
    } catch (error) {
      await refuse(request, params, error);
    }
  }

  async function refuse(request: Attached, params: unknown, error: unknown): Promise<void> {
    open.finish(request, { error: toShape(error) });
    await dropRefused(vault, open, request, params).catch(() => undefined);
  }

  async function route(call: Call): Promise<Outcome> {
    const decided = methods[call.method].tier === 'approved' ? await decidedBefore(call) : undefined;
    return decided ?? (await handled(call));
  }

  /** One call through a union of handlers: the table guarantees that the parameters belong to the method. */
  const handled = (call: Call) => (handlers[call.method] as (call: Call) => Promise<Outcome>)(call);

  async function settle(decided: ApprovalRecord): Promise<void> {
    if (decided.state === 'rejected') await refused(decided);
    else executeApproval.askAgain(decided);
  }

  const unlocked = () => open.reroute((card) => card.shown.kind === 'unlock');

  return {
    ...endings,
    rejections,
    attach: open.attach,
    handle,
    settle,
    unlocked,
    revoked: (origin) => open.revoked(origin),
    async quieted(origin) {
      await endings.rejectAll(origin);
      if (vault.quiet.of(origin) === 'blocked') await open.revoked(origin);
    },
    stateOf,
  };
}

/** A request that was sent again and is refused now leaves no card behind that nobody waits for any more. */
async function dropRefused(
  vault: Vault,
  open: OpenRequests,
  { dapp, id, method }: Attached,
  params: unknown,
): Promise<void> {
  const known = await vault.approvals.get(id);
  if (
    !known ||
    known.endedAtMs !== null ||
    known.origin !== dapp.origin ||
    known.documentKey !== dapp.documentKey ||
    known.method !== method
  )
    return;
  if (plainDefect(params) || known.digest !== (await requestDigest(dapp.origin, method, params))) return;
  const others = known.requestIds.filter((one) => one !== id && open.has(one));
  if (others.length === 0) await vault.approvals.finish(known.id, 'interrupted');
}

/** The call with its own parameters. Throws what a stranger's value deserves. */
function checked(request: Attached, params: unknown): Call {
  const { method } = request;
  if (!isMethodName(method)) throw new ProviderError(errorCode.unsupported);
  const defect = plainDefect(params);
  if (defect) throw new ProviderError(defect === 'size' ? errorCode.limitExceeded : errorCode.invalidParams);
  const parsed = v.safeParse(methods[method].params, params, { abortEarly: true });
  if (!parsed.success) {
    const field = v.getDotPath(parsed.issues[0]);
    throw new ProviderError(errorCode.invalidParams, field === null ? undefined : { field: field.slice(0, 60) });
  }
  let digest: Promise<string> | undefined;
  // Of these very parameters, whenever it is first asked for: they are this call's own and do not change.
  return {
    request,
    method,
    params: parsed.output,
    digest: () => (digest ??= requestDigest(request.dapp.origin, method, parsed.output)),
  };
}
