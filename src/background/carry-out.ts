// Carrying out what a person approved: the record is taken once, and its answer goes to every request that shares it.
// Promises: what was shown is what runs (R-C3); one approval, at most one execution that is delivered (R-G1); a worker that died in
// between is followed up by the next one, within limits.approvedMs.
// Must not: approve anything itself.
import { errorCode, ProviderError, rejected } from '../contract/errors';
import type { StretchCapability } from '../contract/grants';
import type { ApprovalCard } from '../contract/internal';
import type { ApprovalRecord } from '../vault/approvals';
import type { Vault } from '../vault/vault';
import { grantView } from './dapp-methods';
import { toShape, type Attached, type Settled } from './dapp-request';
import { requestDigest } from './digest';
import type { KeyUse, XmtpMethod } from './key-use';

/** Carries out the approved record, when somebody is connected who waits for it. Never throws for what the dapp asked. */
export type CarryOut = (id: string) => Promise<void>;

export function createCarryOut(options: {
  vault: Vault;
  nowMs: () => number;
  use: KeyUse;
  /** The requests that are connected now, by id. */
  attached: ReadonlyMap<string, Attached>;
  finish: (request: Attached, outcome: Settled) => void;
  /** Routes again the connected requests of some waiting cards. */
  reroute: (isMeant: (card: ApprovalCard) => boolean) => Promise<void>;
}): CarryOut {
  const { vault, nowMs, use, attached, finish, reroute } = options;
  /** Records this very worker is carrying out. What a dead worker began is begun again. */
  const running = new Set<string>();

  /** Runs an approved record for every connected request that shares it. */
  async function carryOut(id: string): Promise<void> {
    if (running.has(id)) return;
    running.add(id);
    try {
      const known = await vault.approvals.get(id);
      if (!known || (known.state !== 'approved' && known.state !== 'executing')) return;
      // After a restart the joined frames come back one by one, within a moment.
      for (let tries = 0; tries < 5 && known.requestIds.some((one) => !attached.has(one)); tries++)
        await new Promise((resolve) => setTimeout(resolve, 20));
      const requests = known.requestIds.flatMap((one) => attached.get(one) ?? []);
      // Nobody is connected: the approval stays until a frame comes back or its time is over.
      if (requests.length === 0) return;
      const first = requests[0]!;
      // What was shown is what runs: the digest is of the very parameters that are carried out now (R-C3).
      const digest = await requestDigest(first.dapp.origin, first.method, first.params);
      const begun = await vault.approvals.begin(id, digest);
      if (!begun) {
        for (const request of requests) finish(request, { error: rejected('interrupted').toShape() });
        return;
      }
      let outcome: Settled;
      try {
        outcome = await execute(begun, first);
      } catch (error) {
        outcome = { error: toShape(error) };
      }
      for (const request of requests) finish(request, outcome);
      await vault.approvals.finish(id);
    } finally {
      running.delete(id);
    }
  }

  async function execute(approved: ApprovalRecord, request: Attached): Promise<{ result: unknown }> {
    const { decision, origin, documentKey } = approved;
    const decidedAtMs = approved.decidedAtMs ?? nowMs();
    if (decision?.kind === 'connect') {
      const { safeId, capabilities: given, duration, remember } = decision;
      const grant = await vault.grants.put({ origin, safeId, capabilities: given, duration, documentKey, requestId: approved.id, remember });
      use.log(safeId, { method: request.method, origin }, given.join(', '), 'done');
      return { result: grantView(grant) };
    }
    if (decision?.kind === 'sign' && approved.shown?.kind === 'sign') {
      const { safeId, purpose } = approved.shown;
      const grant = (await vault.grants.find(origin, documentKey, approved.id)).find((one) => one.safeId === safeId);
      if (!grant) throw new ProviderError(errorCode.unauthorized);
      try {
        const outcome = await use.sign(request, approved.id, grant, decidedAtMs);
        if (decision.remember && grant.duration !== 'once') await vault.grants.remember(origin, safeId, 'sign', decision.remember);
        use.log(safeId, { method: request.method, origin }, purpose, 'done');
        return outcome;
      } catch (error) {
        use.log(safeId, { method: request.method, origin }, purpose, 'failed');
        throw error;
      }
    }
    if (decision?.kind === 'messages' && approved.shown?.kind === 'messages') {
      const { safeId, capability, facts } = approved.shown;
      await vault.grants.remember(origin, safeId, capability, decision.remember);
      const outcome = await use.runXmtp(request, request.method as XmtpMethod, capability, safeId);
      use.log(safeId, { method: request.method, origin }, `${capability}: ${facts.items}`, 'done');
      void rerouteRemembered(origin, safeId, capability).catch(() => undefined);
      return outcome;
    }
    if (decision?.kind === 'digest' && approved.shown?.kind === 'digest') {
      const { safeId, digestHex } = approved.shown;
      const outcome = await use.runXmtp(request, 'xmtp_signDigest', 'sign.digest', safeId);
      use.log(safeId, { method: request.method, origin }, digestHex, 'done');
      return outcome;
    }
    throw rejected('interrupted');
  }

  /** One decision answers the whole burst: what waits for the same stretch of the same origin goes on without a card of its own. */
  async function rerouteRemembered(origin: string, safeId: string, capability: StretchCapability): Promise<void> {
    await reroute((card) => card.origin === origin && card.shown.kind === 'messages' && card.shown.safeId === safeId && card.shown.capability === capability);
  }

  return carryOut;
}
