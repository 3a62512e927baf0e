// Consent as one part: what sites may do, what waits for a person, and what was done.
import type { RootKey, UnlockedSafes } from '../store/unlocked-safes';
import type { Store } from '../store/store';
import { createActivity, type Activity } from '../activity/activity';
import { createApprovals, type Approvals } from './approvals';
import { createGrants, type Grants } from './grants';

export interface Consent {
  readonly grants: Grants;
  readonly approvals: Approvals;
  readonly activity: Activity;
  /** Ends what was bound to the session of a safe. Never rejects: a failure here must not undo a lock. */
  locked(safeId: string): Promise<void>;
  /** Writes an act of the person into the log, with `root` after a lock. Never rejects: the act has happened, and no log undoes it. */
  log(safeId: string, method: string, purpose: string, root?: RootKey): Promise<void>;
}

export function createConsent({ store, open }: { store: Store; open: UnlockedSafes }): Consent {
  const { host, db, emit } = store;
  const grants = createGrants({ db, host, open, onChange: () => emit('grants') });
  const approvals = createApprovals({ host, onChange: () => emit('approvals') });
  const activity = createActivity({ db, host, open, onChange: () => emit('activity') });
  return {
    grants,
    approvals,
    activity,
    async locked(safeId) {
      await Promise.allSettled([approvals.interruptApproved(safeId), grants.endedByLock(safeId)]);
    },
    async log(safeId, method, purpose, root) {
      const act = { atMs: host.nowMs(), origin: null, method, purpose, outcome: 'done' } as const;
      await activity.append(safeId, act, root).catch(() => undefined);
    },
  };
}
