// A vault with an identity of given keys, for tests of the keystore: the real safes, sessions and stores, sealed as enrolment seals.
// Must not: be imported by anything but tests and the vector driver.
import { bundleRecord } from '../safe/key-record';
import 'fake-indexeddb/auto';
import type { KeystoreMethod } from '../../contract/dapp/methods';
import type { PrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import { decodePrivateKeyBundleV1, encodePrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import { bytesToHex } from '../../protocol/base/bytes';
import { walletAddressOf } from '../../protocol/keys/keys';
import { createBundleAccess } from '../keys/bundle-access';
import { createConversations, type Conversations } from '../keystore/conversations';
import { openDatabase, type Database } from '../store/database';
import { asBytes } from '../store/encoding';
import type { VaultHost } from '../store/host';
import { createKeys, type Keys } from '../keys/signing';
import { createKeystore, type Keystore } from '../keystore/keystore';
import { createKeystoreMemories, type KeystoreMemories } from '../keys/identity-memory';
import { createTestHost, testStartMs, type TestClock } from './memory-host.testkit';
import { createNetworkCopies, createNetworkRecords } from '../publication/network-copy';
import { createUnlockedIdentity } from '../keys/unlocked-identity';
import type { UnlockedSafes } from '../store/unlocked-safes';
import { importRootKey, sealRecord } from '../store/sealed-record';
import { createPublication, type Publication } from '../publication/publication';
import { createRotation, type Rotation } from '../publication/rotation';
import { createSafeChanges } from '../safe/safe-change';
import { createSafes, type Safes } from '../safe/safes';
import { createSealedLists, type SealedLists } from '../lists/sealed-list';
import { createSessions, type Sessions } from '../unlock/session';
import { createDocumentPrekeys, type DocumentPrekeys } from '../keys/document-prekeys';
import { createRotationStates } from '../publication/rotation-states';

export interface TestKeystore {
  safeId: string;
  account: string;
  clock: TestClock;
  host: VaultHost;
  db: Database;
  open: UnlockedSafes;
  safes: Safes;
  sessions: Sessions;
  lists: SealedLists;
  conversations: Conversations;
  memories: KeystoreMemories;
  keystore: Keystore;
  keys: Keys;
  documentPrekeys: DocumentPrekeys;
  rotation: Rotation;
  publication: Publication;
  /** One call from one document, at the time of the clock or at `nowMs`. */
  run(
    method: KeystoreMethod,
    request?: Uint8Array,
    nowMs?: number,
    documentKey?: string,
    origin?: string,
  ): Promise<Uint8Array>;
  /** The private keys as they are sealed now. */
  bundle(): Promise<PrivateKeyBundleV1>;
  /** Opens the safe again after a lock. */
  unlock(): Promise<void>;
}

let keystores = 0;

/** A finished, unlocked identity with these keys in a database of its own. `change` replaces parts of the host. */
export async function createTestKeystore(
  bundle: PrivateKeyBundleV1,
  change: Partial<VaultHost> = {},
): Promise<TestKeystore> {
  keystores++;
  const clock: TestClock = { nowMs: testStartMs };
  const host: VaultHost = {
    ...createTestHost({
      clock,
      databaseName: `keystore-${keystores}-${bytesToHex(crypto.getRandomValues(new Uint8Array(4)))}`,
    }),
    ...change,
  };
  const db = openDatabase(host.databaseName);
  const safes = createSafes({ db, host });
  const memories = createKeystoreMemories();
  const sessions = createSessions({ db, host, idleMinutes: () => 15, onLocked: async (id) => memories.drop(id) });
  const account = walletAddressOf(bundle.identityKey.publicKey);
  const safeId = keystores.toString(16).padStart(32, '0');
  const rootSecret = host.randomBytes(32);
  const rootKey = await importRootKey(rootSecret);
  await safes.write({
    stage: 'test',
    safeId,
    rootKey,
    make: async (counter) => {
      const place = { safeId, account, epoch: 1, counter, ...bundleRecord };
      const bytes = await sealRecord(rootKey, place, asBytes(encodePrivateKeyBundleV1(bundle)), host.randomBytes);
      const wallet = { kind: 'manual' } as const;
      const slot = (type: 'wallet' | 'recovery-code', id: string) => ({
        slotId: id.repeat(32),
        type,
        createdAtMs: clock.nowMs,
        params: type === 'wallet' ? new Uint8Array() : Uint8Array.of(0, 1),
        salt: host.randomBytes(32),
        commit: host.randomBytes(16),
        iv: host.randomBytes(12),
        wrapped: host.randomBytes(48),
      });
      const header = {
        safeId,
        account,
        state: 'complete' as const,
        name: '',
        createdAtMs: clock.nowMs,
        wallet,
        extensionOrigin: host.extensionOrigin,
        unlockText: 'text',
        epoch: 1,
        slots: [slot('wallet', 'a'), slot('recovery-code', 'b')],
      };
      return { header, records: [{ ...bundleRecord, bytes }] };
    },
    prove: async () => undefined,
  });
  const unlock = () => sessions.open('unlock', safeId, asBytes(rootSecret.slice()));
  await unlock();
  const open: UnlockedSafes = {
    rootKey: sessions.rootKey,
    current: sessions.current,
    rootKeyOf: sessions.rootKey,
    lockCount: sessions.lockCount,
    sessionId: sessions.sessionId,
    isUnlocked: sessions.isUnlocked,
    account: (id) => {
      const safe = safes.get(id);
      return safe?.kind === 'readable' ? safe.candidates[0].header.account : undefined;
    },
  };
  const lists = createSealedLists({ db, host, open });
  const conversations = createConversations({ db, host, open, lists });
  const bundleAccess = createBundleAccess({ safes, sessions });
  const changes = createSafeChanges({ host, safes, sessions });
  const rotations = createRotationStates(changes);
  const unlockedIdentity = createUnlockedIdentity({
    safes,
    open,
    bundleAccess,
    memories,
    pendingPrekey: rotations.pendingPrekey,
  });
  const documentPrekeys = createDocumentPrekeys({ host });
  const keystore = createKeystore({ host, unlockedIdentity, bundleAccess, conversations, documentPrekeys });
  const keys = createKeys({ unlockedIdentity, bundleAccess, documentPrekeys });
  const networks = createNetworkRecords({ changes, safes, nodeUrl: () => null });
  const rotation = createRotation({
    host,
    safes,
    unlockedSafeIds: sessions.unlockedSafeIds,
    changes,
    states: rotations,
    networks,
    unlockedIdentity,
    bundleAccess,
  });
  const copies = createNetworkCopies({ host, records: networks, rotations, unlockedIdentity, bundleAccess });
  const publication = createPublication({ host, records: networks, copies, changes, unlockedIdentity, bundleAccess });
  return {
    safeId,
    account,
    clock,
    host,
    db,
    open,
    safes,
    sessions,
    lists,
    conversations,
    memories,
    keystore,
    keys,
    documentPrekeys,
    rotation,
    publication,
    unlock,
    run: (
      method,
      request = new Uint8Array(0),
      nowMs = clock.nowMs,
      documentKey = 'document',
      origin = 'https://app.example',
    ) => keystore.run(safeId, method, request, { documentKey, origin, nowMs }),
    bundle: () => bundleAccess(safeId, (bundleSecret) => decodePrivateKeyBundleV1(bundleSecret.slice())),
  };
}
