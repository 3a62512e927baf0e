// Consent as one part: what sites may do, what waits for a person, and what was done.
import { VaultError } from '../../contract/errors';
import type { RootKey, UnlockedSafes } from '../store/unlocked-safes';
import { createQuietSites, type QuietSites } from '../store/quiet';
import type { Store } from '../store/store';
import { createActivity, type Activity } from '../activity/activity';
import { createApprovals, type Approvals } from './approvals/approvals';
import { createGrants, type Grants } from './grants';
import { createVolume, type Volume } from './volume/volume';

export interface Consent {
  readonly grants: Grants;
  readonly approvals: Approvals;
  readonly activity: Activity;
  /** Sites that may not ask, or get nothing at all. */
  readonly quiet: QuietSites;
  /** How much sites use without asking, and when a person is asked about that. */
  readonly volume: Volume;
  /** Reads what the first request will look at. Waits for nothing; what fails is read again by whoever needs it. */
  preload(): void;
  /** Ends what was bound to the session of a safe. Never rejects: a failure here must not undo a lock. */
  locked(safeId: string): Promise<void>;
  /** Writes an act of the person into the log, with `root` after a lock. Never rejects: the act has happened, and no log undoes it. */
  log(safeId: string, method: string, purpose: string, root?: RootKey): Promise<void>;
}

export function createConsent({ store, open }: { store: Store; open: UnlockedSafes }): Consent {
  const { host, db, emit } = store;
  const quiet = createQuietSites({ db, host, onChange: () => emit('grants') });
  const isBlocked = (origin: string) => quiet.of(origin) === 'blocked';
  const grants = exceptOfBlocked(
    createGrants({ db, host, open, isBlocked, onChange: () => emit('grants') }),
    isBlocked,
  );
  const approvals = createApprovals({ host, quietOf: quiet.of, onChange: () => emit('approvals') });
  const activity = createActivity({ db, host, open, onChange: () => emit('activity') });
  const volume = createVolume({ db, host });
  return {
    grants,
    approvals,
    activity,
    quiet,
    volume,
    preload() {
      for (const read of [approvals.waitingCount(), volume.load()]) void read.catch(() => undefined);
    },
    async locked(safeId) {
      await Promise.allSettled([approvals.interruptApproved(safeId), grants.endedByLock(safeId)]);
    },
    async log(safeId, method, purpose, root) {
      const act = { atMs: host.nowMs(), origin: null, method, purpose, outcome: 'done' } as const;
      await activity.append(safeId, act, root).catch(() => undefined);
    },
  };
}

/** The grants, of which those of a blocked site are not in effect: asked before and after each look, as it may be blocked meanwhile. */
function exceptOfBlocked(grants: Grants, isBlocked: (origin: string) => boolean): Grants {
  const mustNotBeBlocked = (origin: string) => {
    if (isBlocked(origin)) throw new VaultError('not-found');
  };
  async function unlessBlocked<T>(origin: string, look: () => Promise<T>): Promise<T> {
    mustNotBeBlocked(origin);
    const found = await look();
    mustNotBeBlocked(origin);
    return found;
  }
  return {
    ...grants,
    async find(origin, documentKey, requestId) {
      const found = isBlocked(origin) ? [] : await grants.find(origin, documentKey, requestId);
      return isBlocked(origin) ? [] : found;
    },
    remembers: (grant, capability) => !isBlocked(grant.origin) && grants.remembers(grant, capability),
    rememberedScopes: (grant, capability) =>
      isBlocked(grant.origin) ? [] : grants.rememberedScopes(grant, capability),
    use: (origin, ...rest) => unlessBlocked(origin, () => grants.use(origin, ...rest)),
    release: (given, ...rest) => unlessBlocked(given.origin, () => grants.release(given, ...rest)),
    put: (grant) => unlessBlocked(grant.origin, () => grants.put(grant)),
    remember: (origin, ...rest) => unlessBlocked(origin, () => grants.remember(origin, ...rest)),
    consumeOnce: (origin, ...rest) => unlessBlocked(origin, () => grants.consumeOnce(origin, ...rest)),
  };
}
