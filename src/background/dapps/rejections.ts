// Reject all, with a moment in which the person can take it back: what was rejected has ended, but its pages are told when the moment is over.
// Promises: what is taken back waits as it did, under a new nonce, and only where its page still waits; nothing is approved by it. The records are rejected
// at once, so that a worker that dies has rejected them: a frame that comes again is told so.
// Must not: hold back a rejection of one card, or one that follows a mute, a block or an update.
import { rejected, VaultError } from '../../contract/errors';
import { undoMs } from '../../contract/limits';
import type { RejectUndo } from '../../contract/pages/approvals';
import type { ApprovalRecord } from '../../vault/consent/approvals/approvals';
import type { Vault } from '../../vault/vault';
import type { OpenRequests } from './open-requests';

export interface Rejections {
  /** Rejects what waits (of one origin). Null: nothing waited. Throws 'storage-failed'; then all waits as before. */
  rejectAll(origin?: string): Promise<RejectUndo | null>;
  /** Takes that back. The ids of the cards that wait again; the others' pages are gone, or there is no room. Throws 'stale' when its moment is over. */
  takeBack(id: string): Promise<string[]>;
}

export function createRejections(options: {
  vault: Vault;
  open: OpenRequests;
  nowMs: () => number;
  /** Writes into the log that these were refused, or that this was taken back. */
  log: (records: readonly ApprovalRecord[], isTakenBack?: boolean) => Promise<void>;
}): Rejections {
  const { vault, open, nowMs, log } = options;
  const held = new Map<
    string,
    { records: readonly ApprovalRecord[]; untilMs: number; timer: ReturnType<typeof setTimeout> }
  >();

  function tell(records: readonly ApprovalRecord[]): void {
    for (const { requestIds } of records) open.answerAll(requestIds, rejected('rejected'));
  }

  return {
    async rejectAll(origin) {
      const records = await vault.approvals.rejectAll(origin);
      const [first] = records;
      if (!first) return null;
      // The first card's id names the act: no card has it twice.
      const { id } = first;
      const over = () => {
        held.delete(id);
        tell(records);
      };
      const untilMs = nowMs() + undoMs;
      held.set(id, { records, untilMs, timer: setTimeout(over, undoMs) });
      await log(records);
      return { id, untilMs, count: records.length };
    },
    async takeBack(id) {
      const act = held.get(id);
      if (!act || nowMs() > act.untilMs) throw new VaultError('stale');
      const heard = act.records.filter(({ requestIds }) => requestIds.some(open.has));
      const back = await vault.approvals.restore(heard);
      clearTimeout(act.timer);
      held.delete(id);
      tell(act.records.filter((record) => !back.some((one) => one.id === record.id)));
      await log(back, true);
      return back.map((record) => record.id);
    },
  };
}
