// Keys and grants are flushed to the disk before success is told (R-H1): every write of them asks the browser for strict durability.
import { expect, it, onTestFinished } from 'vitest';
import { byWallet, replacing } from './testkit/slots.testkit';
import { createTestBrowser, createTestWallet, enrol, unlockWithWallet } from './testkit/vault.testkit';

const wallet = createTestWallet();
const origin = 'https://app.example';

/** Stores and durability of every write from now on. */
function watchWrites(): { stores: string[]; durability: string | undefined }[] {
  const writes: { stores: string[]; durability: string | undefined }[] = [];
  const original = IDBDatabase.prototype.transaction;
  onTestFinished(() => {
    IDBDatabase.prototype.transaction = original;
  });
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    if (mode === 'readwrite')
      writes.push({ stores: typeof stores === 'string' ? [stores] : [...stores], durability: options?.durability });
    return original.call(this, stores, mode, options);
  };
  return writes;
}

it('R-H1 safes, their deletion, and grants are written strictly, in every flow', async () => {
  const browser = createTestBrowser();
  const vault = browser.startWorker();
  const writes = watchWrites();
  const given = {
    origin,
    capabilities: ['sign'],
    duration: '1d',
    documentKey: 'doc',
    requestId: '01'.repeat(16),
  } as const;
  const { safeId } = await enrol(vault, wallet);
  await vault.identity.rename({ safeId, name: 'Bea' });
  await vault.slots.replaceCode(
    replacing(safeId, await vault.slots.newCode({ safeId }), [await byWallet(vault, safeId, wallet)]),
  );
  await vault.grants.put({ ...given, capabilities: [...given.capabilities], safeId });
  await vault.grants.remember(origin, safeId, 'sign', '1h');
  await vault.grants.revoke(origin);
  await vault.lock();
  await unlockWithWallet(vault, safeId, wallet);
  await vault.identity.forget({ safeId, typed: wallet.account });
  const kept = (store: string) => writes.filter(({ stores }) => stores.includes(store));
  for (const store of ['headers', 'records', 'grants', 'sessionKeys']) {
    expect(kept(store).length, store).toBeGreaterThan(2);
    expect([...new Set(kept(store).map(({ durability }) => durability))], store).toEqual(['strict']);
  }
});
