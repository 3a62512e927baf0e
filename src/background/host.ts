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

/** What opening a database may take: its log is written out anew, 4 MiB at most, and some files beside it. */
const roomBytes = 8 * 1024 * 1024;

/**
 * In Chromium the quota of an extension with `unlimitedStorage` is what it uses and what is free on the disk. Firefox says something
 * else there, and does not delete what it cannot open.
 */
async function hasRoom(): Promise<boolean> {
  const { quota, usage } = await navigator.storage.estimate().catch(() => ({ quota: undefined, usage: undefined }));
  return quota === undefined || usage === undefined || quota - usage >= roomBytes;
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
    ...(__BROWSER__ === 'chrome' ? { hasRoom } : {}),
    session: area(session),
    mirror: area(local),
    extensionOrigin: browser.runtime.getURL('').replace(/\/$/, ''),
    checkpoint: __CHECKPOINTS__ ? testCheckpoint(session) : undefined,
  };
}
