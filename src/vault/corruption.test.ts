// What is stored is damaged byte by byte, deleted store by store, and forged (R-D2, R-H2, R-H4).
// Promises: repaired or reported; never "empty", never a new identity, no randomness drawn for one.
import { describe, expect, it } from 'vitest';
import { bytesToBase64 } from '../protocol/base/bytes';
import { lengthPrefixed } from './store/encoding';
import type { Header } from './safe/header';
import { encodeHeader, parseHeader } from './safe/header';
import { importRootKey } from './store/sealed-record';
import {
  expectDamaged,
  expectRepaired,
  flipped,
  lockedWorld,
  type LockedWorld,
  type Row,
} from './testkit/damage.testkit';
import { inStore, signRequest, unlockWithWallet } from './testkit/vault.testkit';

describe('R-H2 one copy', () => {
  it('is repaired from the other when any byte of the header or the slots in IndexedDB is flipped', async () => {
    const one = await lockedWorld();
    for (let at = 0; at < one.stored.header.length; at++) {
      await one.put.header(flipped(one.stored.header, at));
      await expectRepaired(one, `header ${at}`);
    }
  });

  it('is repaired when any byte of the bundle record in IndexedDB is flipped', async () => {
    const one = await lockedWorld();
    for (let at = 0; at < one.stored.record.length; at++) {
      await one.put.record(flipped(one.stored.record, at));
      await expectRepaired(one, `record ${at}`);
    }
  });

  it('is repaired when any byte of the mirror is flipped, cut off, or of another type', async () => {
    const one = await lockedWorld();
    for (let at = 0; at < one.stored.mirror.length; at++) {
      one.put.mirror(bytesToBase64(flipped(one.stored.mirror, at)));
      await expectRepaired(one, `mirror ${at}`);
    }
    for (const item of [
      '',
      'AAAA',
      one.stored.mirrorText.slice(0, -4),
      `${one.stored.mirrorText}AAAA`,
      '§',
      7,
      null,
      {},
    ]) {
      one.put.mirror(item);
      await expectRepaired(one, `mirror ${JSON.stringify(item)}`);
    }
  });

  it('is repaired when it, or one of its stores, is deleted', async () => {
    const one = await lockedWorld();
    const deletions = [
      () => void one.world.mirrorItems.clear(),
      () => inStore(one.name, 'headers', (store) => store.clear()),
      () => inStore(one.name, 'records', (store) => store.clear()),
      () => new Promise((resolve) => (indexedDB.deleteDatabase(one.name).onsuccess = resolve)),
    ];
    for (const [index, remove] of deletions.entries()) {
      await remove();
      await expectRepaired(one, `deletion ${index}`);
    }
    const vault = one.world.startWorker();
    await unlockWithWallet(vault, one.world.safeId, one.world.wallet);
    await expect(vault.keys.sign(one.world.safeId, signRequest)).resolves.toBeDefined();
  });

  it('is repaired while the identity is unlocked, too', async () => {
    const one = await lockedWorld();
    await unlockWithWallet(one.world.startWorker(), one.world.safeId, one.world.wallet);
    await one.put.record(flipped(one.stored.record, 99));
    const vault = one.world.startWorker();
    expect((await vault.state()).status).toBe('unlocked');
    await expect(vault.keys.sign(one.world.safeId, signRequest)).resolves.toBeDefined();
  });
});

describe('R-H4 both copies', () => {
  it('make the safe damaged, never empty, at every byte', async () => {
    const one = await lockedWorld();
    for (let at = 0; at < one.stored.header.length; at++) {
      await one.put.header(flipped(one.stored.header, at));
      // The header stands behind its length in the mirror.
      one.put.mirror(bytesToBase64(flipped(one.stored.mirror, at + 4)));
      await expectDamaged(one.world, `both headers ${at}`);
    }
    await one.restore();
    for (let at = 0; at < one.stored.record.length; at++) {
      await one.put.record(flipped(one.stored.record, at));
      one.put.mirror(bytesToBase64(flipped(one.stored.mirror, one.stored.mirror.length - 1 - at)));
      await expectDamaged(one.world, `both records ${at}`);
    }
    await one.restore();
    await expectRepaired(one, 'restored');
  });

  it('deleted on one side and damaged on the other: damaged, also when only a record is left', async () => {
    const one = await lockedWorld();
    one.world.mirrorItems.clear();
    await one.put.header(flipped(one.stored.header, 100));
    await expectDamaged(one.world, 'mirror gone');
    await inStore(one.name, 'headers', (store) => store.clear());
    await expectDamaged(one.world, 'only a record left');
    await inStore(one.name, 'records', (store) => store.clear());
    one.put.mirror('AAAA');
    await expectDamaged(one.world, 'only a broken mirror left');
  });

  it('a damaged safe can be forgotten by its account, or by its id when the account cannot be read; another account may enrol', async () => {
    const one = await lockedWorld();
    const { world } = one;
    await one.put.header(flipped(one.stored.header, 200));
    world.mirrorItems.clear();
    const vault = world.startWorker();
    expect((await vault.state()).identities[0]?.account).toBe(world.wallet.account);
    const other = { account: `0x${'12'.repeat(20)}`, wallet: { kind: 'manual' } as const, name: '' };
    await expect(vault.enrolment.begin(other)).resolves.toMatchObject({ step: 'unlock-1' });
    await expect(vault.identity.forget({ safeId: world.safeId, typed: world.safeId })).rejects.toMatchObject({
      reason: 'not-confirmed',
    });
    await one.put.header(flipped(one.stored.header, 30));
    const later = world.startWorker();
    await expect(later.enrolment.begin(other)).rejects.toMatchObject({ reason: 'damaged' });
    await expect(later.identity.forget({ safeId: world.safeId, typed: world.safeId.slice(-4) })).rejects.toMatchObject({
      reason: 'not-confirmed',
    });
    await later.identity.forget({ safeId: world.safeId, typed: world.safeId });
    expect((await world.startWorker().state()).identities.map((one) => one.status)).toEqual(['enrolling']);
  });
});

/** Writes a header that someone without the root key made: intact by its checksum, with a higher counter. */
async function forge(one: LockedWorld, change: (header: Header) => Header, into: 'mirror' | 'both'): Promise<void> {
  const { header } = await parseHeader(one.stored.header);
  const strangersKey = await importRootKey(crypto.getRandomValues(new Uint8Array(32)));
  const forged = await encodeHeader(change({ ...header, counter: header.counter + 5 }), strangersKey);
  one.put.mirror(bytesToBase64(lengthPrefixed(forged, 'bundle', 'keys', one.stored.record)));
  if (into === 'both') await one.put.header(forged);
}

const forgeries: [string, (header: Header) => Header][] = [
  ['another name', (header) => ({ ...header, name: 'Mallory' })],
  ['slots in another order', (header) => ({ ...header, slots: header.slots.toReversed() })],
  ['an older counter put forward', (header) => header],
  ['another wallet', (header) => ({ ...header, wallet: { kind: 'extension', extensionId: 'mallory' } })],
];

describe('R-D2 a forged header', () => {
  it.each(forgeries)('gives way to the genuine copy at the next unlock: %s', async (_name, change) => {
    const one = await lockedWorld();
    await forge(one, change, 'mirror');
    const vault = one.world.startWorker();
    await unlockWithWallet(vault, one.world.safeId, one.world.wallet);
    expect((await vault.state()).identities[0]).toMatchObject({
      name: 'Ada',
      status: 'unlocked',
      wallet: { kind: 'manual' },
    });
    await vault.lock();
    const next = one.world.startWorker();
    expect((await next.state()).identities[0]).toMatchObject({ name: 'Ada', status: 'locked' });
  });

  it.each(forgeries)('in both stores is damage, found before anything is opened: %s', async (_name, change) => {
    const one = await lockedWorld();
    await forge(one, change, 'both');
    const vault = one.world.startWorker();
    await expect(unlockWithWallet(vault, one.world.safeId, one.world.wallet)).rejects.toMatchObject({
      reason: 'damaged',
    });
    expect((await vault.state()).status).toBe('damaged');
    await expect(vault.keys.sign(one.world.safeId, signRequest)).rejects.toMatchObject({ reason: 'damaged' });
    expect(one.world.sessionItems.has(`session:${one.world.safeId}`)).toBe(false);
  });

  it('met while the identity is open ends the session', async () => {
    const one = await lockedWorld();
    await unlockWithWallet(one.world.startWorker(), one.world.safeId, one.world.wallet);
    await forge(one, (header) => ({ ...header, name: 'Mallory' }), 'both');
    const vault = one.world.startWorker();
    expect((await vault.state()).status).toBe('damaged');
    expect(one.world.sessionItems.size).toBe(0);
  });
});

describe('R-H7 a newer format', () => {
  it('is refused and left as it is, whatever the mirror has', async () => {
    const one = await lockedWorld();
    const later = one.stored.header.slice();
    later[4] = 4;
    later.set(new Uint8Array(await crypto.subtle.digest('SHA-256', later.subarray(0, -32))), later.length - 32);
    await one.put.header(later);
    const text = JSON.parse(one.world.mirrorItems.get(one.mirrorKey) ?? '') as string;
    const vault = one.world.startWorker();
    expect((await vault.state()).identities).toMatchObject([{ status: 'damaged', account: one.world.wallet.account }]);
    const { safeId, wallet } = one.world;
    const refusal = { reason: 'newer-format' };
    await expect(vault.unlock.text({ safeId })).rejects.toMatchObject(refusal);
    await expect(
      vault.enrolment.begin({ account: wallet.account, wallet: { kind: 'manual' }, name: '' }),
    ).rejects.toMatchObject(refusal);
    await expect(vault.identity.forget({ safeId, typed: wallet.account })).rejects.toMatchObject(refusal);
    await expect(vault.enrolment.discard({ safeId })).rejects.toMatchObject(refusal);
    expect(JSON.parse(one.world.mirrorItems.get(one.mirrorKey) ?? '')).toBe(text);
    const [header] = (await inStore(one.name, 'headers', (store) => store.getAll())) as Row[];
    expect(header?.bytes).toEqual(later);
  });
});

describe('R-H7 a database of a later version', () => {
  it('is nothing to an earlier one: it shows nothing, makes nothing, and leaves both stores as they are', async () => {
    const one = await lockedWorld();
    const text = one.world.mirrorItems.get(one.mirrorKey);
    const later = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(one.name, 99);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('open failed'));
    });
    later.close();
    const vault = one.world.startWorker();
    expect(await vault.state()).toMatchObject({ status: 'damaged', identities: [] });
    const { safeId, wallet } = one.world;
    const refusal = { reason: 'newer-format' };
    await expect(vault.unlock.text({ safeId })).rejects.toMatchObject(refusal);
    await expect(
      vault.enrolment.begin({ account: wallet.account, wallet: { kind: 'manual' }, name: '' }),
    ).rejects.toMatchObject(refusal);
    expect(one.world.mirrorItems.get(one.mirrorKey)).toBe(text);
    const [header] = (await inStore(one.name, 'headers', (store) => store.getAll())) as Row[];
    expect(header?.bytes).toEqual(one.stored.header);
  });
});
