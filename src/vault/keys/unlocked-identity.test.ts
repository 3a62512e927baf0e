// The beginning of every use of an identity: what is read belongs together, and is not used once the identity was locked.
import { describe, expect, it } from 'vitest';
import { encodePrivateKeyBundleV1, type PrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import { bytesToHex } from '../../protocol/base/bytes';
import { identityPool } from '../../protocol/testkit/reference.testkit';
import type { BundleAccess } from './bundle-access';
import { createKeystoreMemories } from './identity-memory';
import { withOnly } from '../testkit/keystore-requests.testkit';
import { createUnlockedIdentity } from './unlocked-identity';
import { createTestSafes } from '../testkit/open-safes.testkit';
import { walletAddressOf } from '../../protocol/keys/keys';

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
  const bundleAccess: BundleAccess = async (_safeId, use) => {
    await change.atDoor?.();
    return use(encodePrivateKeyBundleV1(state.bundle), account);
  };
  const pendingPrekey = async () =>
    state.pending === undefined ? undefined : { prekey: state.pending, isAnnounced: false };
  return {
    state,
    open,
    unlockedIdentity: createUnlockedIdentity({
      safes,
      open,
      bundleAccess,
      memories: createKeystoreMemories(),
      pendingPrekey,
    }),
  };
}

describe('our keys', () => {
  it('never show a pending prekey as the current one, though the rotation began between two reads', async () => {
    const begin: { rotation?: () => void } = {};
    const world = await openIdentityWith({ atDoor: () => begin.rotation?.() });
    begin.rotation = () => {
      delete begin.rotation;
      Object.assign(world.state, { counter: 2, bundle: ada, pending: next });
    };
    const own = await (await world.unlockedIdentity(safeId)).ownKeys();
    expect([own.current.name, own.pending?.name, own.prekeys.length]).toEqual([old, next, 3]);
  });

  it('are read again once the safe has changed', async () => {
    const world = await openIdentityWith({});
    expect((await (await world.unlockedIdentity(safeId)).ownKeys()).prekeys).toHaveLength(2);
    Object.assign(world.state, { bundle: withOnly(ada, 0) });
    expect((await (await world.unlockedIdentity(safeId)).ownKeys()).prekeys).toHaveLength(2);
    world.state.counter++;
    expect((await (await world.unlockedIdentity(safeId)).ownKeys()).prekeys).toHaveLength(1);
  });

  it('R-F3 are not vouched for once the identity was locked', async () => {
    const { unlockedIdentity, open } = await openIdentityWith({});
    const identity = await unlockedIdentity(safeId);
    identity.mustStillBeOpen();
    await open.lock(safeId);
    expect(() => identity.mustStillBeOpen()).toThrow(expect.objectContaining({ reason: 'locked' }));
    await expect(unlockedIdentity(safeId)).rejects.toMatchObject({ reason: 'locked' });
  });
});
