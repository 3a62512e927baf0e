// A locked identity whose stored bytes a test damages, and what must come of it: repaired from the other copy, or called damaged.
// Promises: never "empty", never a new identity, no randomness drawn for one.
// Must not: be imported by anything but tests.
import { expect } from 'vitest';
import { base64ToBytes, equalBytes } from '../../protocol/base/bytes';
import type { Bytes } from '../store/encoding';
import type { Vault } from '../vault';
import type { Enrolled, TestBrowser, TestWallet } from './vault.testkit';
import { enrolledBrowser, inStore } from './vault.testkit';

export type Row = { safeId: string; bytes: Bytes };
export type World = TestBrowser & Enrolled & { vault: Vault; wallet: TestWallet };

export type LockedWorld = Awaited<ReturnType<typeof lockedWorld>>;

/** A locked identity, and its stored bytes: the header, the bundle record, and the mirror's item. */
export async function lockedWorld(given?: World) {
  const world = given ?? (await enrolledBrowser());
  await world.vault.lock();
  const name = world.host.databaseName;
  const [header] = (await inStore(name, 'headers', (store) => store.getAll())) as Row[];
  const [record] = (await inStore(name, 'records', (store) => store.getAll())) as (Row & {
    type: string;
    id: string;
  })[];
  const mirrorKey = `safe:${world.safeId}`;
  if (!header || !record) throw new Error('nothing was stored');
  const mirrorText = JSON.parse(world.mirrorItems.get(mirrorKey) ?? '""') as string;
  const put = {
    header: (bytes: Bytes) => inStore(name, 'headers', (store) => store.put({ ...header, bytes })),
    record: (bytes: Bytes) => inStore(name, 'records', (store) => store.put({ ...record, bytes })),
    mirror: (text: unknown) => void world.mirrorItems.set(mirrorKey, JSON.stringify(text)),
  };
  const stored = { header: header.bytes, record: record.bytes, mirror: base64ToBytes(mirrorText) as Bytes, mirrorText };
  const restore = async () => {
    await put.header(stored.header);
    await put.record(stored.record);
    put.mirror(stored.mirrorText);
  };
  return { world, stored, put, restore, name, mirrorKey };
}

/** With one bit of the byte at `at` flipped: another bit for each byte. */
export function flipped(bytes: Bytes, at: number): Bytes {
  const copy = bytes.slice();
  copy[at] = (copy[at] as number) ^ (1 << (at % 8));
  return copy;
}

export async function expectRepaired(one: LockedWorld, at: string): Promise<void> {
  const { world, stored, name, mirrorKey } = one;
  const state = await world.startWorker().state();
  expect([at, state.status, state.identities[0]?.account]).toEqual([at, 'locked', world.wallet.account]);
  const [header] = (await inStore(name, 'headers', (store) => store.getAll())) as Row[];
  const [record] = (await inStore(name, 'records', (store) => store.getAll())) as Row[];
  // Not toEqual, which is slow on long arrays; this runs thousands of times.
  expect([
    at,
    header && equalBytes(header.bytes, stored.header),
    record && equalBytes(record.bytes, stored.record),
  ]).toEqual([at, true, true]);
  expect(JSON.parse(world.mirrorItems.get(mirrorKey) ?? '""')).toBe(stored.mirrorText);
}

export async function expectDamaged(world: World, at: string): Promise<void> {
  const vault = world.startWorker();
  const drawnBefore = world.drawn.length;
  const state = await vault.state();
  expect([at, state.status, state.identities.map((one) => one.status)]).toEqual([at, 'damaged', ['damaged']]);
  const begin = vault.enrolment.begin({ account: world.wallet.account, wallet: { kind: 'manual' }, name: '' });
  await expect(begin).rejects.toMatchObject({ reason: 'damaged' });
  await expect(vault.unlock.text({ safeId: world.safeId })).rejects.toMatchObject({ reason: 'damaged' });
  expect(world.drawn).toHaveLength(drawnBefore);
}
