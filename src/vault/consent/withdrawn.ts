// Grants that a person has just ended, for as long as that can be undone. They have ended on the disk and for every site; only memory knows them.
// Promises: what comes back is the grant as it was, byte for byte, under the MAC it had: never more, never over a newer one, never after the
// document, the lock or the time that ends it. A worker that dies has undone nothing.
// Must not: outlive its worker, or be asked by a site.
import { VaultError } from '../../contract/errors';
import { undoMs } from '../../contract/limits';
import type { GrantUndo } from '../../contract/pages/sites';
import { bytesToHex } from '../../protocol/base/bytes';
import type { VaultHost } from '../store/host';
import type { UnlockedSafes } from '../store/unlocked-safes';
import type { StoredGrant } from './grant-record';
import { currentGrant, type GrantEntry, type GrantStore } from './grant-store';
import { holds } from './grant-time';

export interface Withdrawn {
  /** Notes what was just removed, in one act. Null: nothing of it can come back. */
  note(entries: readonly GrantEntry[]): GrantUndo | null;
  /** These can no longer come back, whoever asks. */
  drop(isMeant: (grant: StoredGrant) => boolean): void;
  /** Puts back what was noted under this id. Asked again it answers the same. Throws 'stale' when its time is over or it is not known. */
  undo(id: string): Promise<StoredGrant[]>;
}

interface Act {
  entries: Set<GrantEntry>;
  atMs: number;
  outcome?: Promise<StoredGrant[]>;
}

export function createWithdrawn(options: { host: VaultHost; open: UnlockedSafes; store: GrantStore }): Withdrawn {
  const { host, open, store } = options;
  const acts = new Map<string, Act>();

  /** A clock that was set back does not make the time longer. */
  const isInTime = ({ atMs }: Act): boolean => host.nowMs() >= atMs && host.nowMs() <= atMs + undoMs;

  async function putBack(act: Act, entry: GrantEntry): Promise<boolean> {
    const sessionId = await open.sessionId(entry.grant.safeId);
    const mayCome = () =>
      isInTime(act) &&
      act.entries.has(entry) &&
      holds(currentGrant(entry), { nowMs: host.nowMs(), sessionId, runId: store.runId() });
    return store.putBack('grants.undo', entry, mayCome);
  }

  async function putBackAll(act: Act): Promise<StoredGrant[]> {
    const back: StoredGrant[] = [];
    for (const entry of act.entries) if (await putBack(act, entry)) back.push(entry.grant);
    return back;
  }

  return {
    note(entries) {
      for (const [id, act] of acts) if (!isInTime(act)) acts.delete(id);
      // What was spent, or is known to be no grant, gave nothing any more.
      const given = entries.filter(({ grant, isGenuine }) => !grant.spent && isGenuine !== false);
      if (given.length === 0) return null;
      const [id, atMs] = [bytesToHex(host.randomBytes(16)), host.nowMs()];
      acts.set(id, { entries: new Set(given), atMs });
      return { id, untilMs: atMs + undoMs };
    },
    drop(isMeant) {
      for (const { entries } of acts.values())
        for (const entry of entries) if (isMeant(entry.grant)) entries.delete(entry);
    },
    async undo(id) {
      const act = acts.get(id);
      if (!act || !(act.outcome || isInTime(act))) throw new VaultError('stale');
      act.outcome ??= putBackAll(act);
      try {
        return await act.outcome;
      } catch (error) {
        delete act.outcome;
        throw error;
      }
    },
  };
}
