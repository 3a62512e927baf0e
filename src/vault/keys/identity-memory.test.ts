// The vault empties what the keystore remembers: at a lock of one or all, at a deadline, and when the safe itself changes.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { encodeSelfEncryptRequest } from '../../protocol/keystore/messages';
import { createKeystoreMemories, type KeystoreMemories } from './identity-memory';
import { createTestWallet, enrol, enrolledBrowser } from '../testkit/vault.testkit';

const made = vi.hoisted(() => ({ last: undefined as unknown }));

// The real memories; the test only keeps hold of them.
vi.mock('./identity-memory', async (original) => {
  const real = await original<{ createKeystoreMemories: typeof createKeystoreMemories }>();
  return { ...real, createKeystoreMemories: () => (made.last = real.createKeystoreMemories()) };
});

const context = { documentKey: 'd', nowMs: 1_718_000_000_000 };
const request = encodeSelfEncryptRequest([new Uint8Array(3)]);
const memories = () => made.last as KeystoreMemories;

async function remembering() {
  const browser = await enrolledBrowser();
  const { vault, safeId } = browser;
  await vault.keystore.run(safeId, 'xmtp_selfEncrypt', request, context);
  expect(memories().holds(safeId)).toBe(true);
  return browser;
}

beforeEach(() => {
  made.last = undefined;
});

describe('R-F3 what the keystore remembers', () => {
  it('is gone before a lock of this identity returns its promise', async () => {
    const { vault, safeId } = await remembering();
    const locking = vault.lock(safeId);
    expect(memories().holds(safeId)).toBe(false);
    await locking;
  });

  it('of every identity is gone before a lock of all returns its promise', async () => {
    const { vault, safeId, clock } = await remembering();
    clock.nowMs += 1000;
    const second = await enrol(vault, createTestWallet(2));
    await vault.keystore.run(second.safeId, 'xmtp_selfEncrypt', request, context);
    const locking = vault.lock();
    expect([safeId, second.safeId].map((id) => memories().holds(id))).toEqual([false, false]);
    await locking;
  });

  it('is gone when a deadline locks, and at the start of a browser', async () => {
    const due = await remembering();
    due.clock.nowMs += 60 * 60_000;
    await due.vault.lockDue();
    expect(memories().holds(due.safeId)).toBe(false);
    const started = await remembering();
    await started.vault.browserStarted();
    expect(memories().holds(started.safeId)).toBe(false);
  });

  it('is not used across a change of the safe: keys are read anew', async () => {
    const { vault, safeId } = await remembering();
    const decrypt = vi.spyOn(crypto.subtle, 'decrypt');
    await vault.keystore.run(safeId, 'xmtp_selfEncrypt', request, context);
    expect(decrypt).not.toHaveBeenCalled();
    await vault.identity.rename({ safeId, name: 'Bea' });
    decrypt.mockClear();
    await vault.keystore.run(safeId, 'xmtp_selfEncrypt', request, context);
    expect(decrypt).toHaveBeenCalled();
    decrypt.mockRestore();
  });

  it('belongs to one lock count: another one finds it empty', () => {
    const held = createKeystoreMemories();
    const first = held.of('a', 0, 1);
    first.addresses.set('k', 'account');
    expect(held.of('a', 0, 1)).toBe(first);
    expect(held.of('b', 0, 1)).not.toBe(first);
    for (const [lockCount, counter] of [
      [1, 1],
      [1, 2],
    ] as const) {
      expect(held.of('a', lockCount, counter).addresses.get('k')).toBeUndefined();
      expect(held.of('a', lockCount, counter).addresses.size).toBe(0);
    }
    expect(first.addresses.size).toBe(0);
  });
});
