// The sites that a person muted for ten minutes, or blocked until they undo it.
// Promises: from the call on, before it is written, a blocked site has no grants in effect and may not ask, a muted one may not ask (P2); a block outlives
// the worker and the browser; undoing gives back what the site had, unchanged. Must not: end a grant, or be told to a site.
import { VaultError } from '../../contract/errors';
import { mostQuietSites, muteMs, originLength } from '../../contract/limits';
import { isSafeOrigin } from '../../contract/origins';
import type { Quiet, QuietSite } from '../../contract/pages/sites';
import { readSetting, writeStrict, type Database } from './database';
import type { VaultHost } from './host';
import { step } from './steps';
import { createQueue } from '../work/queue';

const key = 'quiet';

export interface QuietSites {
  /** Reads what is stored. Until then every site is as if it were not quiet: call it before anything is answered. Throws 'storage-failed'. */
  load(): Promise<void>;
  /** As it stands now, without a look at the disk. */
  of(origin: string): Quiet | undefined;
  /** Newest first. */
  list(): QuietSite[];
  /** Undefined undoes it. Throws 'limit', 'invalid-input' or 'storage-failed'; then all is as before. */
  set(origin: string, quiet: Quiet | undefined): Promise<void>;
}

export function createQuietSites(options: { db: Database; host: VaultHost; onChange: () => void }): QuietSites {
  const { db, host, onChange } = options;
  const inTurn = createQueue();
  let sites: readonly QuietSite[] = [];

  const inForce = () => {
    const nowMs = host.nowMs();
    // A clock that was put back does not make ten minutes of mute longer.
    return sites.filter(({ sinceMs, untilMs }) => untilMs === null || (sinceMs <= nowMs && nowMs < untilMs));
  };

  async function set(origin: string, quiet: Quiet | undefined): Promise<void> {
    const before = sites;
    // Muting is less than blocking: it takes no block away.
    if (quiet === 'muted' && inForce().some((site) => site.origin === origin && site.quiet === 'blocked')) return;
    const others = inForce().filter((site) => site.origin !== origin);
    const sinceMs = host.nowMs();
    const untilMs = quiet === 'muted' ? sinceMs + muteMs : null;
    const next = quiet === undefined ? others : [{ origin, quiet, sinceMs, untilMs }, ...others];
    if (next.length > mostQuietSites) throw new VaultError('limit');
    if (quietSitesOf(next).length < next.length) throw new VaultError('invalid-input');
    // What takes away counts at once; what gives back, when it is written.
    if (quiet !== undefined) sites = next;
    try {
      await step(host, 'settings.put', () =>
        writeStrict(db, ['settings'], (transaction) => transaction.objectStore('settings').put(next, key)),
      );
    } catch (error) {
      sites = before;
      throw error;
    }
    sites = next;
    onChange();
  }

  return {
    async load() {
      sites = quietSitesOf(await readSetting(db, key));
    },
    of: (origin) => inForce().find((site) => site.origin === origin)?.quiet,
    list: () => [...inForce()],
    set: (origin, quiet) => inTurn(() => set(origin, quiet)),
  };
}

function isQuietSite(stored: unknown): stored is QuietSite {
  const { origin, quiet, sinceMs, untilMs } = (stored ?? {}) as Partial<QuietSite>;
  const isTimed = quiet === 'muted' ? typeof untilMs === 'number' : quiet === 'blocked' && untilMs === null;
  return (
    typeof origin === 'string' &&
    origin.length <= originLength &&
    isSafeOrigin(origin) &&
    typeof sinceMs === 'number' &&
    isTimed
  );
}

function quietSitesOf(stored: unknown): QuietSite[] {
  return Array.isArray(stored) ? stored.filter(isQuietSite) : [];
}
