// What the vault is given of the browser: clock, randomness, the two storage areas, and (in test builds) the checkpoints.
// Promises: storage.session stays closed to content scripts, and storage.local too where the browser can (R-F2).
// Must not: keep state of its own.
import browser from 'webextension-polyfill';
import type { KeyValueArea, VaultHost } from '../../vault/store/host';
import { workerLimits } from '../../contract/limits';
import { withinBytes } from '../../vault/consent/session-room';
import { testCheckpoint } from './checkpoint';

function area(storage: browser.Storage.StorageArea): KeyValueArea {
  // Not in every Firefox from 142 on.
  const { getKeys, getBytesInUse } = storage as Partial<browser.Storage.StorageArea>;
  return {
    get: (keys) => storage.get(keys),
    set: (items) => storage.set(items),
    remove: (keys) => storage.remove(keys),
    ...(getKeys && { keys: () => getKeys.call(storage) }),
    ...(getBytesInUse && { bytesOf: (key) => getBytesInUse.call(storage, key) }),
  };
}

/** Less is full: opening a database writes its log out anew, 4 MiB at most, and some files beside it. */
const roomBytes = 8 * 1024 * 1024;
/** So much does not run out in a moment: no need to ask again before each write. */
const plentyBytes = 512 * 1024 * 1024;
const plentyMs = 2_000;

/**
 * In Chromium the quota of an extension with `unlimitedStorage` is what it uses and what is free on the disk. Firefox says something
 * else there, and its stores survive a full disk.
 */
function createHasRoom(): () => Promise<boolean> {
  let plentyUntilMs = 0;
  return async () => {
    if (Date.now() < plentyUntilMs) return true;
    const { quota, usage } = await navigator.storage.estimate().catch(() => ({ quota: undefined, usage: undefined }));
    if (quota === undefined || usage === undefined) return true;
    if (quota - usage >= plentyBytes) plentyUntilMs = Date.now() + plentyMs;
    return quota - usage >= roomBytes;
  };
}

/** Refuses to write while the disk is full: what storage.local cannot finish would tear its log as well. */
function withRoom(inner: KeyValueArea, hasRoom: () => Promise<boolean>): KeyValueArea {
  const mustHaveRoom = async () => {
    if (!(await hasRoom())) throw new Error('the disk is full');
  };
  return {
    ...inner,
    set: (items) => mustHaveRoom().then(() => inner.set(items)),
    remove: (keys) => mustHaveRoom().then(() => inner.remove(keys)),
  };
}

export function createHost(): VaultHost {
  const { local, session } = browser.storage;
  // Chrome 140 and later; Firefox has no such switch, which is one reason why nothing in storage.local is secret.
  const levels = local as unknown as { setAccessLevel?: (level: { accessLevel: string }) => Promise<void> };
  void levels.setAccessLevel?.({ accessLevel: 'TRUSTED_CONTEXTS' })?.catch(() => undefined);
  const hasRoom = __BROWSER__ === 'chrome' ? createHasRoom() : undefined;
  return {
    nowMs: () => Date.now(),
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    curveCore: async () => (await fetch(browser.runtime.getURL('/secp256k1.wasm'))).arrayBuffer(),
    onCurve: __CHECKPOINTS__ ? (name) => void session.set({ 'test:curve': name }) : undefined,
    // The journeys in Chromium make dozens of files; those in Firefox pay the true price.
    fileWorkFactor: __CHECKPOINTS__ && __BROWSER__ === 'chrome' ? 12 : undefined,
    databaseName: 'prekey-vault',
    ...(hasRoom ? { hasRoom } : {}),
    session: withinBytes(area(session), workerLimits.session),
    mirror: hasRoom ? withRoom(area(local), hasRoom) : area(local),
    extensionOrigin: browser.runtime.getURL('').replace(/\/$/, ''),
    checkpoint: __CHECKPOINTS__ ? testCheckpoint(session) : undefined,
  };
}
