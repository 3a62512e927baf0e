// What the vault is given of the browser: clock, randomness, the two storage areas, and (in test builds) the checkpoints.
// Promises: storage.session stays closed to content scripts, and storage.local too where the browser can (R-F2).
// Must not: keep state of its own.
import browser from 'webextension-polyfill';
import type { KeyValueArea, VaultHost } from '../vault/host';
import { testCheckpoint } from './checkpoint';

function area(storage: browser.Storage.StorageArea): KeyValueArea {
  return {
    get: (keys) => storage.get(keys),
    set: (items) => storage.set(items),
    remove: (keys) => storage.remove(keys),
  };
}

export function createHost(): VaultHost {
  const { local, session } = browser.storage;
  // Chrome 140 and later; Firefox has no such switch, which is one reason why nothing in storage.local is secret.
  const levels = local as unknown as { setAccessLevel?: (level: { accessLevel: string }) => Promise<void> };
  void levels.setAccessLevel?.({ accessLevel: 'TRUSTED_CONTEXTS' })?.catch(() => undefined);
  return {
    nowMs: () => Date.now(),
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    databaseName: 'prekey-vault',
    session: area(session),
    mirror: area(local),
    extensionOrigin: browser.runtime.getURL('').replace(/\/$/, ''),
    checkpoint: __CHECKPOINTS__ ? testCheckpoint(session) : undefined,
  };
}
