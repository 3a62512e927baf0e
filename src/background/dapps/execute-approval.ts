// Carrying out what a person approved: the record is taken once, and its answer goes to every request that shares it.
// Promises: what was shown is what runs (R-C3); one approval, at most one execution that is delivered (R-G1); a worker that died in
// between is followed up by the next one, within limits.approvedMs.
// Must not: approve anything itself.
import { errorCode, ProviderError, rejected } from '../../contract/errors';
import type { Scope } from '../../contract/scopes';
import type { ScopeOffer, ShownRequest } from '../../contract/pages/approvals';
import { methods, type MethodParams, type XmtpMethod } from '../../contract/dapp/methods';
import type { ApprovalRecord } from '../../vault/consent/approvals/approvals';
import { grantView } from '../../vault/consent/grant-view';
import type { Grant } from '../../vault/consent/grants';
import type { Vault } from '../../vault/vault';
import type { OpenRequests } from './open-requests';
import { toShape, waits, type Answer, type Call, type Outcome, type Settled } from './request';
import { withinOf, type KeyUse } from './using/key-use';
import { givenBy, partOf } from './using/wholes';

/** Has a call answered as one that the person need not be asked about. */
type GoOn = (call: Call) => Promise<Outcome>;

export interface ExecuteApproval {
  /** Runs an approved record, with a call that it answers, for every connected request that shares it. Never throws for what the dapp asked. */
  run(record: ApprovalRecord, call: Call, goOn: GoOn): Promise<void>;
  /** Asks a connected document for the frame of a record that was just approved; the frame then comes to `run`. */
  askAgain(record: ApprovalRecord): void;
}

export function createExecuteApproval(options: {
  vault: Vault;
  nowMs: () => number;
  use: KeyUse;
  open: OpenRequests;
}): ExecuteApproval {
  const { vault, nowMs, use, open } = options;
  /** Records this very worker is carrying out. What a dead worker began is begun again. */
  const running = new Set<string>();

  async function run({ id, state, requestIds }: ApprovalRecord, call: Call, goOn: GoOn): Promise<void> {
    if (running.has(id)) return;
    running.add(id);
    try {
      if (state !== 'approved' && state !== 'executing') return interrupted(requestIds);
      // After a restart the joined frames come back one by one, within a moment.
      for (let tries = 0; tries < 5 && !requestIds.every(open.has); tries++)
        await new Promise((resolve) => setTimeout(resolve, 20));
      const requests = open.connected(requestIds);
      // The document has gone meanwhile: the approval stays until a frame comes back or its time is over.
      if (requests.length === 0) return;
      // What was shown is what runs: `begin` refuses another digest than the record's, and this one is of the very parameters that are carried
      // out now (R-C3).
      const begun = await vault.approvals.begin(id, await call.digest());
      if (!begun) return interrupted(requestIds);
      let outcome: Settled;
      try {
        const answer = await execute(begun, call, goOn);
        await answer.mayLeave?.();
        outcome = { result: answer.result };
      } catch (error) {
        outcome = { error: toShape(error) };
      }
      for (const request of requests) open.finish(request, outcome);
      await vault.approvals.finish(id);
    } finally {
      running.delete(id);
    }
  }

  /** A lock came between the decision and its frame: everybody who shares the record hears of it, not only whose frame comes again. */
  const interrupted = (requestIds: readonly string[]) => open.answerAll(requestIds, rejected('interrupted'));

  function askAgain({ requestIds }: ApprovalRecord): void {
    // One of the frames that share a record is enough. Not waited for: whoever decided is done, however long the page takes.
    void open.connected(requestIds)[0]?.again();
  }

  async function execute(approved: ApprovalRecord, call: Call, goOn: GoOn): Promise<Answer> {
    const { method } = call;
    const { decision, origin, documentKey } = approved;
    const decidedAtMs = approved.decidedAtMs ?? nowMs();
    if (decision?.kind === 'connect' && approved.shown?.kind === 'connect') {
      const { safeId, capabilities: given, duration, remember, scopes, budgets } = decision;
      const { capabilities: asked, duration: wish, scopes: scopesAsked } = approved.shown;
      const grant = await vault.grants.put({
        origin,
        safeId,
        capabilities: given,
        duration,
        documentKey,
        // Several documents that were answered together share one grant.
        requestId: approved.group ?? approved.id,
        remember,
        asked,
        wish,
        scopes,
        scopesAsked,
        budgets,
      });
      use.log(safeId, { method, origin }, given.join(', '), 'done');
      const answersToo = (shown: ShownRequest) =>
        remember !== undefined &&
        shown.kind === 'messages' &&
        shown.safeId === safeId &&
        given.includes(shown.capability);
      rerouteCovered(origin, (shown) => shown.kind === 'connect' || answersToo(shown));
      return { result: grantView(grant), mayLeave: mustStillBe(grant) };
    }
    if (decision?.kind === 'sign' && approved.shown?.kind === 'sign') {
      const { safeId, purpose } = approved.shown;
      const grant = (await vault.grants.find(origin, documentKey, approved.id)).find((one) => one.safeId === safeId);
      if (!grant) throw new ProviderError(errorCode.unauthorized);
      try {
        const outcome = await use.sign(call, approved.id, grant, decidedAtMs);
        const remember = grant.duration === 'once' ? undefined : decision.remember;
        if (remember) await vault.grants.remember(origin, safeId, 'sign', remember);
        use.log(safeId, { method, origin }, purpose, 'done');
        if (remember) rerouteCovered(origin, (shown) => shown.kind === 'sign' && shown.safeId === safeId);
        return outcome;
      } catch (error) {
        use.log(safeId, { method, origin }, purpose, 'failed');
        throw error;
      }
    }
    if (decision?.kind === 'messages' && approved.shown?.kind === 'messages') {
      const { safeId, capability, facts, within } = approved.shown;
      // An update in between may have put the method under another capability, which nobody approved.
      if (methods[method as XmtpMethod].capability !== capability) throw rejected('interrupted');
      const { remember } = decision;
      if (remember !== 'once')
        await vault.grants.remember(
          origin,
          safeId,
          capability,
          remember,
          await decidedScope(call, approved.shown, decision.scope),
        );
      const card = { id: approved.id, nodeUrl: facts.nodeUrl };
      const part = await partOf(method as XmtpMethod, call.params as MethodParams<XmtpMethod>);
      const is = remember === 'once' ? 'opening' : 'first';
      const outcome = await use.runXmtp(call, method as XmtpMethod, capability, safeId, {
        card,
        // What it described is what is carried out, wherever the grant reaches by now.
        ...(within && { parts: [within] }),
        part: part && { part, is },
      });
      use.log(safeId, { method, origin }, `${capability}: ${facts.items}`, 'done');
      if (remember === 'once') {
        const { whole } = facts;
        if (whole)
          rerouteCovered(origin, (shown) => shown.kind === 'messages' && shown.facts.whole?.digest === whole.digest);
        return outcome;
      }
      rerouteCovered(
        origin,
        (shown) => shown.kind === 'messages' && shown.safeId === safeId && shown.capability === capability,
      );
      return outcome;
    }
    if (decision?.kind === 'volume' && approved.shown?.kind === 'volume') {
      const { safeId, facts } = approved.shown;
      const { capability } = facts;
      await vault.volume.lift({ safeId, origin, capability }, decision.lasts, decidedAtMs);
      call.isLetThrough = true;
      const outcome = await goOn(call);
      // Locked, or to be asked about by now: it is for the site to ask again.
      if (outcome === waits) throw rejected('interrupted');
      use.log(safeId, { method, origin }, `${capability}: ${facts.items}`, 'done');
      rerouteCovered(
        origin,
        (shown) => shown.kind === 'volume' && shown.safeId === safeId && shown.facts.capability === capability,
      );
      return outcome;
    }
    if (decision?.kind === 'token' && approved.shown?.kind === 'token') {
      const { safeId } = approved.shown;
      const card = { id: approved.id };
      const outcome = await use.runXmtp(call, 'xmtp_createAuthToken', 'network.token', safeId, { card });
      use.log(safeId, { method, origin }, '', 'done');
      return outcome;
    }
    if (decision?.kind === 'v3' && approved.shown?.kind === 'v3') {
      const { safeId, facts } = approved.shown;
      const card = { id: approved.id, decidedAtMs, identifier: facts.identifier };
      const outcome = await logged(safeId, `${facts.shape} ${facts.inboxId}`, use.signForInbox(call, safeId, card));
      await reshowTexts(safeId).catch(() => undefined);
      return outcome;
    }
    if (decision?.kind === 'archive' && approved.shown?.kind === 'archive') {
      const { safeId, facts } = approved.shown;
      return await logged(
        safeId,
        facts.inboxId,
        use.archiveKey(call, safeId, { id: approved.id, madeAtMs: facts.madeAtMs }),
      );
    }
    throw rejected('interrupted');

    /** What was just given may have been ended or edited, before the page is told. */
    function mustStillBe(given: Grant): () => Promise<void> {
      return async () => {
        const now = (await vault.grants.find(origin, documentKey)).find((one) => one.safeId === given.safeId);
        if (!now?.verified || givenBy(now) !== givenBy(given)) throw rejected('interrupted');
      };
    }

    /** An act that is in the log whatever comes of it. */
    async function logged(safe: string, purpose: string, act: Promise<Answer>): Promise<Answer> {
      try {
        const outcome = await act;
        use.log(safe, { method, origin }, purpose, 'done');
        return outcome;
      } catch (error) {
        use.log(safe, { method, origin }, purpose, 'failed');
        throw error;
      }
    }
  }

  /** Where a decision on a card of messages holds: in what the request names, which is what its card named. Undefined: wherever the grant reaches. */
  async function decidedScope(
    call: Call,
    { safeId, capability, within }: Extract<ShownRequest, { kind: 'messages' }>,
    // An earlier version's cards offered nothing, and said that they answer for all.
    scope: ScopeOffer | 'granted' = 'granted',
  ): Promise<Scope | undefined> {
    if (scope === 'granted') return within ?? undefined;
    if (scope === 'site') return { of: 'site' };
    const { origin, documentKey } = call.request.dapp;
    const grant = await vault.grants.use(origin, safeId, capability, documentKey, call.request.id);
    const by = { origin, within: withinOf(grant, capability, within ? [within] : undefined) };
    const { request } = call.params as MethodParams<XmtpMethod>;
    return await vault.keystore.named(safeId, call.method as XmtpMethod, request, by, scope);
  }

  /** What was just signed changed what is known of its inbox: other texts that wait say so before anybody answers them. */
  async function reshowTexts(safeId: string): Promise<void> {
    for (const { id, origin, shown } of await vault.approvals.list()) {
      if (shown.kind !== 'v3' || shown.safeId !== safeId) continue;
      const { text, timeMs } = shown.facts;
      // One that may not be signed any more is refused when it is answered.
      const facts = await vault.inboxes.describe(safeId, { text, origin, arrivedAtMs: timeMs }).catch(() => undefined);
      if (facts) await vault.approvals.reshow(id, { ...shown, facts });
    }
  }

  /** One decision answers the whole burst: what waits of the same origin and is covered by it goes on without a decision of its own. */
  function rerouteCovered(origin: string, isCovered: (shown: ShownRequest) => boolean): void {
    void open.reroute((card) => card.origin === origin && isCovered(card.shown)).catch(() => undefined);
  }

  return { run, askAgain };
}
