// The half of the approvals that decides: what a person said of the cards they saw, what is begun of it, and how records end.
// Promises: nothing is approved but exactly what was shown (R-C3), nothing begun that was not approved, nothing begun more than twice (R-G1); a restart
// approves nothing (R-G6). Must not: make a record, or run in any other order than the queue of approvals.ts gives it.
import { VaultError } from '../../../contract/errors';
import {
  canShare,
  decisionFits,
  ended,
  hasRoom,
  isSpent,
  maxAttempts,
  nextChangeMs,
  type ApprovalDecision,
  type ApprovalRecord,
} from './approval-record';
import type { ApprovalStore } from './approval-store';
import type { Approvals, Listed } from './approvals-api';
import type { Ending } from './fates';

export interface Deciding extends Pick<
  Approvals,
  | 'decideAll'
  | 'begin'
  | 'finish'
  | 'cancelDocument'
  | 'cancelOrigin'
  | 'interruptApproved'
  | 'rejectAll'
  | 'restore'
  | 'expireDue'
> {}

/** How a record ended, or is ending now when it was open. */
const endingOr =
  (now: Ending) =>
  ({ state }: ApprovalRecord): Ending =>
    state === 'rejected' || state === 'expired' || state === 'interrupted' ? state : now;

export function createDeciding(store: ApprovalStore): Deciding {
  const { host, load, put, drop, now, waiting, running, quietOf } = store;

  async function endAll(
    label: string,
    state: 'rejected' | 'interrupted',
    isMeant: (record: ApprovalRecord) => boolean,
  ): Promise<ApprovalRecord[]> {
    const records = await load();
    const nowMs = host.nowMs();
    const meant = now(records).filter((record) => record.endedAtMs === null && isMeant(record));
    const done = meant.map((record) => ended(record, state, nowMs));
    await put(label, records, done);
    return done;
  }

  return {
    async decideAll(cards: readonly Listed[], decision: ApprovalDecision) {
      const records = await load();
      const listed = new Map(cards.map((card) => [card.id, card]));
      const asListed = waiting(records).flatMap((record) => {
        const { shown, digest, nonce } = record;
        const card = listed.get(record.id);
        return shown && card?.digest === digest && card.nonce === nonce ? [{ ...record, shown }] : [];
      });
      if (asListed.length === 0) throw new VaultError('stale');
      if (!canShare(asListed, decision) || !asListed.every(({ shown }) => decisionFits(shown, decision)))
        throw new VaultError('invalid-input');
      const decidedAtMs = host.nowMs();
      const [first, second] = asListed;
      const group = first && second ? { group: first.id } : {};
      const next = asListed.map((record): ApprovalRecord => {
        const decided = { ...record, ...group, decision: structuredClone(decision), decidedAtMs };
        return decision.kind === 'reject'
          ? ended(decided, 'rejected', decidedAtMs)
          : { ...decided, state: 'approved', safeId: decision.kind === 'connect' ? decision.safeId : record.safeId };
      });
      await put('approvals.decide', records, next);
      return next;
    },
    async begin(id, digest) {
      const records = await load();
      const record = now(records).find((candidate) => candidate.id === id);
      const isOpen = record?.state === 'approved' || record?.state === 'executing';
      if (!record || !isOpen || record.digest !== digest || running.has(id)) return undefined;
      if (quietOf(record.origin) === 'blocked') return undefined;
      if (record.attempts >= maxAttempts) {
        await put('approvals.interrupt', records, [ended(record, 'interrupted', host.nowMs())]);
        return undefined;
      }
      const next: ApprovalRecord = { ...record, state: 'executing', attempts: record.attempts + 1 };
      await put('approvals.begin', records, [next]);
      running.add(id);
      return next;
    },
    async finish(id, ending = 'done') {
      const records = await load();
      const record = records.get(id);
      if (record) await drop('approvals.finish', records, [record], endingOr(ending));
      return record;
    },
    async cancelDocument(documentKey) {
      const records = await load();
      const gone = [...records.values()].filter((record) => record.documentKey === documentKey);
      await drop('approvals.cancel-document', records, gone, endingOr('withdrawn'));
      return gone;
    },
    cancelOrigin: (origin) => endAll('approvals.cancel-origin', 'interrupted', (record) => record.origin === origin),
    interruptApproved: (safeId) =>
      endAll(
        'approvals.lock',
        'interrupted',
        (record) => record.state !== 'waiting' && (safeId === undefined || record.safeId === safeId),
      ),
    rejectAll: (origin) =>
      endAll(
        'approvals.reject-all',
        'rejected',
        (record) => record.state === 'waiting' && (origin === undefined || record.origin === origin),
      ),
    async restore(rejected) {
      const records = await load();
      const back: ApprovalRecord[] = [];
      for (const { id, shown, endedAtMs } of rejected) {
        const known = records.get(id);
        const isAsLeft = known?.state === 'rejected' && known.endedAtMs === endedAtMs;
        if (!isAsLeft || !shown || quietOf(known.origin) !== undefined) continue;
        const open = { state: 'waiting', decision: null, decidedAtMs: null, endedAtMs: null } as const;
        const record: ApprovalRecord = { ...known, ...open, shown, nonce: store.freshNonce() };
        const all = [...waiting(records), ...back];
        if (!hasRoom(all, record.origin)) continue;
        back.push(store.mustFit(new Map([...records, ...back.map((one) => [one.id, one] as const)]), record, known));
      }
      await put('approvals.restore', records, back);
      return back;
    },
    async expireDue() {
      const records = await load();
      const nowMs = host.nowMs();
      const current = now(records);
      const isNews = ({ id, endedAtMs }: ApprovalRecord) => endedAtMs !== null && records.get(id)?.endedAtMs === null;
      const expired = current.filter(isNews);
      await put('approvals.expire', records, expired);
      const spent = current.filter((record) => isSpent(record, nowMs));
      await drop('approvals.sweep', records, spent, endingOr('expired'));
      const nextMs = Math.min(...[...records.values()].filter((record) => !running.has(record.id)).map(nextChangeMs));
      return { expired, nextMs: Number.isFinite(nextMs) ? nextMs : undefined };
    },
  };
}
