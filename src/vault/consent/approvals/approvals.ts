// Requests that wait for a person: asked once (asking.ts), decided once (deciding.ts), carried out at most as often as was approved.
// Promises: what waits is a record in storage.session with an end, never a promise in memory (P3); nothing is carried out that a
// person did not approve as it was shown (P2, R-C3); a restart loses no record and approves none (R-G1, R-G6); changes come one after the other.
// Must not: know how a method is carried out, open a window, or touch the disk.
import type { Quiet } from '../../../contract/pages/sites';
import type { VaultHost } from '../../store/host';
import { createQueue } from '../../work/queue';
import { toCard } from './approval-record';
import { createApprovalStore } from './approval-store';
import type { Approvals } from './approvals-api';
import { createAsking } from './asking';
import { createDeciding } from './deciding';

export type { ApprovalDecision, ApprovalRecord } from './approval-record';
export type { ApprovalRequest, Approvals, Listed, NamedRequest, Submission } from './approvals-api';

/** The approvals over one session area. Two at a time over the same area are not supported: the worker is the only writer. */
export function createApprovals(options: {
  host: VaultHost;
  /** Whether the person wants to hear nothing of an origin, as it stands now. */
  quietOf?: (origin: string) => Quiet | undefined;
  onChange: () => void;
}): Approvals {
  const inTurn = createQueue();
  const store = createApprovalStore(options);
  const { load, now, waiting, fates } = store;
  const asking = createAsking(store);
  const deciding = createDeciding(store);

  return {
    async ask(request, { digest, shown, firstSeen }) {
      if (store.quietOf(request.origin) !== undefined) return { state: 'refused', isNew: false, record: undefined };
      await asking.roomFor(request);
      const named = { ...request, digest: await digest() };
      const known = await inTurn(() => asking.standing(named));
      if (known) return known;
      const what = await shown();
      return inTurn(() => asking.submit({ ...named, shown: what, firstSeen }));
    },
    mustHaveRoom: asking.roomFor,
    standing: (request) => inTurn(() => asking.standing(request)),
    submit: (request) => inTurn(() => asking.submit(request)),
    reshow: (id, shown) => inTurn(() => asking.reshow(id, shown)),
    decideAll: (cards, decision) => inTurn(() => deciding.decideAll(cards, decision)),
    begin: (id, digest) => inTurn(() => deciding.begin(id, digest)),
    finish: (id, ending) => inTurn(() => deciding.finish(id, ending)),
    cancelDocument: (documentKey) => inTurn(() => deciding.cancelDocument(documentKey)),
    cancelOrigin: (origin) => inTurn(() => deciding.cancelOrigin(origin)),
    interruptApproved: (safeId) => inTurn(() => deciding.interruptApproved(safeId)),
    rejectAll: (origin) => inTurn(() => deciding.rejectAll(origin)),
    restore: (rejected) => inTurn(() => deciding.restore(rejected)),
    expireDue: () => inTurn(deciding.expireDue),
    async list() {
      return waiting(await load()).flatMap((record) => (record.shown ? [toCard(record, record.shown)] : []));
    },
    async get(requestId) {
      return now(await load()).find((record) => record.requestIds.includes(requestId));
    },
    async waitingForUnlock(safeId) {
      return waiting(await load()).filter((record) => record.shown?.kind === 'unlock' && record.safeId === safeId);
    },
    async fateOf(id) {
      const record = now(await load()).find((one) => one.id === id);
      if (!record) return (await fates.of(id)) ?? 'unknown';
      return record.state === 'approved' || record.state === 'executing' ? 'done' : record.state;
    },
    async waitingCount(documentKey) {
      const all = waiting(await load());
      return documentKey === undefined ? all.length : all.filter((one) => one.documentKey === documentKey).length;
    },
  };
}
