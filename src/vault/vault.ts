// The vault as a whole: `createVault` composes its parts, folder by folder, and is all that the worker needs to know of them.
// Promises: every call waits for the same start; changes happen one after the other; status is derived, never stored.
// Must not: decide who may ask. A call that reaches this file was let through by the gate.
import { createConsent } from './consent/consent';
import { createCurveStart } from './curve';
import { createKeyAccess } from './keys/key-access';
import type { CoreParts, LaterParts } from './later-parts';
import { createRotationStates } from './publication/rotation-states';
import { createSafes } from './safe/safes';
import type { VaultHost } from './store/host';
import { createStore } from './store/store';
import { createUnlocking } from './unlock/unlocking';
import type { Vault } from './vault-api';
import { createCalls } from './vault-calls';
import { createVaultStates } from './vault-state';
import { once, onDemand } from './work/on-demand';
import { createTurns } from './work/turns';

export type { Vault } from './vault-api';
export type { VaultTopic } from './store/store';

/** A vault over what the host lends it. Nothing is touched before the first call; the later parts are asked for at the first call of one. */
export function createVault(host: VaultHost, laterParts: (core: CoreParts) => Promise<LaterParts>): Vault {
  const startCurve = createCurveStart(host);
  const store = createStore(host);
  const safes = createSafes({ db: store.db, host });
  const unlocking = createUnlocking({ store, safes, onLocked });
  const { sessions, open, changes } = unlocking;
  const consent = createConsent({ store, open });
  const rotationStates = createRotationStates(changes);
  const access = createKeyAccess({ store, safes, unlocking, pendingPrekey: rotationStates.pendingPrekey });
  const { activity } = consent;
  const later = once(() => laterParts({ store, safes, unlocking, access, rotationStates, activity }));
  const turns = createTurns({ start, onChange: () => store.emit('state') });
  const states = createVaultStates({ store, safes, sessions, approvals: consent.approvals, turns });

  /** Whoever wakes this worker waits for it, so nothing waits that need not: all that is read is asked for at once. */
  async function start(): Promise<void> {
    startCurve();
    const settings = store.settings.load();
    const read = [settings, consent.quiet.load(), access.documentPrekeys.load(), safes.load()];
    const safesLoaded = Promise.all(read);
    const sessions = unlocking.restore({ settings, safes: safesLoaded });
    consent.preload();
    // To the end of each, also when one fails: the next start must not meet what is left of this one.
    const failed = (await Promise.allSettled([...read, safesLoaded, sessions])).find(
      (one) => one.status === 'rejected',
    );
    if (failed) throw failed.reason;
  }

  async function onLocked(safeId: string): Promise<void> {
    access.memories.drop(safeId);
    unlocking.epochs.drop(safeId);
    await consent.locked(safeId);
    store.emit('state');
  }

  /** Not in turn and not after the start: a lock waits for nothing. The act is logged with the key it had before. */
  async function lock(safeId?: string): Promise<void> {
    const logged = (safeId === undefined ? sessions.unlockedSafeIds() : [safeId]).map(async (id) => {
      const root = sessions.handleToLog(id);
      if (root) await consent.log(id, 'lock', '', root);
    });
    if (safeId === undefined) access.memories.dropAll();
    await (safeId === undefined ? sessions.dropAll() : sessions.lock(safeId));
    await Promise.all(logged);
  }

  async function browserStarted(): Promise<void> {
    access.memories.dropAll();
    await sessions.dropAll();
    await access.documentPrekeys.drop().catch(() => undefined);
    store.emit('state');
  }

  const calls = createCalls({
    store,
    safes,
    unlocking,
    access,
    consent,
    states,
    turns,
    later: (name) => onDemand(later, name),
    publicationAt: (nodeUrl) => onDemand(async () => ({ made: (await later()).publicationAt(nodeUrl) }), 'made'),
  });
  return { ...calls, ready: turns.ready, state: states.state, lock, browserStarted, onChange: store.onChange };
}
