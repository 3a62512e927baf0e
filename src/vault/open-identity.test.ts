// The beginning of every use of an identity: what is read belongs together, and is not used once the identity was locked.
import { describe, expect, it } from 'vitest';
import { encodePrivateKeyBundleV1, type PrivateKeyBundleV1 } from '../protocol/bundles';
import { bytesToHex } from '../protocol/bytes';
import { identityPool } from '../protocol/reference.testkit';
import type { BundleDoor } from './bundle-door';
import { createKeystoreMemories } from './keystore-memory';
import { withOnly } from './keystore-requests.testkit';
import { createOpenIdentity } from './open-identity';
import { createTestSafes } from './open-safes.testkit';
import { walletAddressOf } from '../protocol/keys';

const [ada] = (await identityPool(1)).map(({ ours }) => ours) as [PrivateKeyBundleV1];
const account = walletAddressOf(ada.identityKey.publicKey);
const [next, old] = ada.preKeys.map(({ publicKey }) => bytesToHex(publicKey.publicKey));
const before = { ...ada, preKeys: ada.preKeys.slice(1) };
const safeId = 'f'.repeat(32);

async function openIdentityWith(change: { atDoor?: () => Promise<void> | void }) {
  const state = { counter: 1, bundle: before, pending: undefined as string | undefined };
  const open = createTestSafes();
  await open.add(safeId, account);
  const safes = { copyOf: () => ({ header: { state: 'complete', account, counter: state.counter } }) } as never;
  const door: BundleDoor = async (_safeId, use) => {
    await change.atDoor?.();
    return use(encodePrivateKeyBundleV1(state.bundle), account);
  };
  const pendingPrekey = async () => (state.pending === undefined ? undefined : { prekey: state.pending, isAnnounced: false });
  return { state, open, openIdentity: createOpenIdentity({ safes, open, door, memories: createKeystoreMemories(), pendingPrekey }) };
}

describe('our keys', () => {
  it('never show a pending prekey as the current one, though the rotation began between two reads', async () => {
    const begin: { rotation?: () => void } = {};
    const world = await openIdentityWith({ atDoor: () => begin.rotation?.() });
    begin.rotation = () => {
      delete begin.rotation;
      Object.assign(world.state, { counter: 2, bundle: ada, pending: next });
    };
    const own = await (await world.openIdentity(safeId)).ownKeys();
    expect([own.current.name, own.pending?.name, own.preKeys.length]).toEqual([old, next, 3]);
  });

  it('are read again once the safe has changed', async () => {
    const world = await openIdentityWith({});
    expect((await (await world.openIdentity(safeId)).ownKeys()).preKeys).toHaveLength(2);
    Object.assign(world.state, { bundle: withOnly(ada, 0) });
    expect((await (await world.openIdentity(safeId)).ownKeys()).preKeys).toHaveLength(2);
    world.state.counter++;
    expect((await (await world.openIdentity(safeId)).ownKeys()).preKeys).toHaveLength(1);
  });

  it('R-F3 are not vouched for once the identity was locked', async () => {
    const { openIdentity, open } = await openIdentityWith({});
    const identity = await openIdentity(safeId);
    identity.mustStillBeOpen();
    await open.lock(safeId);
    expect(() => identity.mustStillBeOpen()).toThrow(expect.objectContaining({ reason: 'locked' }));
    await expect(openIdentity(safeId)).rejects.toMatchObject({ reason: 'locked' });
  });
});
