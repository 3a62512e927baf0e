// A vault with an identity of given keys, for tests of the keystore: the real safes, sessions and stores, sealed as enrolment seals.
// Must not: be imported by anything but tests and the vector driver.
import 'fake-indexeddb/auto';
import type { KeystoreMethod } from '../contract/methods';
import type { PrivateKeyBundleV1 } from '../protocol/bundles';
import { decodePrivateKeyBundleV1, encodePrivateKeyBundleV1 } from '../protocol/bundles';
import { bytesToHex } from '../protocol/bytes';
import { walletAddressOf } from '../protocol/keys';
import { createBundleDoor } from './bundle-door';
import { createConversations, type Conversations } from './conversations';
import { openDatabase, type Database } from './database';
import { asBytes } from './encoding';
import type { VaultHost } from './host';
import { createKeys, type Keys } from './keys';
import { createKeystore, type Keystore } from './keystore';
import { createKeystoreMemories, type KeystoreMemories } from './keystore-memory';
import { createTestHost, testStartMs, type TestClock } from './memory-host.testkit';
import { createNetworkCopies, createNetworkRecords } from './network-copy';
import { createOpenIdentity } from './open-identity';
import type { OpenSafes } from './open-safes';
import { bundleRecord } from './private-keys';
import { importRootKey, sealRecord } from './records';
import { createPublication, type Publication } from './publication';
import { createRotation, createRotationStates, type Rotation } from './rotation';
import { createSafeChanges } from './safe-change';
import { createSafes, type Safes } from './safes';
import { createSealedLists, type SealedLists } from './sealed-list';
import { createSessions, type Sessions } from './session';
import { createSessionPrekeys, type SessionPrekeys } from './session-prekeys';

export interface TestKeystore {
  safeId: string;
  account: string;
  clock: TestClock;
  host: VaultHost;
  db: Database;
  open: OpenSafes;
  safes: Safes;
  sessions: Sessions;
  lists: SealedLists;
  conversations: Conversations;
  memories: KeystoreMemories;
  keystore: Keystore;
  keys: Keys;
  pins: SessionPrekeys;
  rotation: Rotation;
  publication: Publication;
  /** One call from one document, at the time of the clock or at `nowMs`. */
  run(method: KeystoreMethod, request?: Uint8Array, nowMs?: number, documentKey?: string): Promise<Uint8Array>;
  /** The private keys as they are sealed now. */
  bundle(): Promise<PrivateKeyBundleV1>;
  /** Opens the safe again after a lock. */
  unlock(): Promise<void>;
}

let keystores = 0;

/** A finished, unlocked identity with these keys in a database of its own. `change` replaces parts of the host. */
export async function createTestKeystore(bundle: PrivateKeyBundleV1, change: Partial<VaultHost> = {}): Promise<TestKeystore> {
  keystores++;
  const clock: TestClock = { nowMs: testStartMs };
  const host: VaultHost = { ...createTestHost({ clock, databaseName: `keystore-${keystores}-${bytesToHex(crypto.getRandomValues(new Uint8Array(4)))}` }), ...change };
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
  const open: OpenSafes = {
    rootKey: sessions.rootKey,
    current: sessions.current,
    rootKeyOf: sessions.rootKey,
    generation: sessions.generation,
    sessionId: sessions.sessionId,
    isUnlocked: sessions.isUnlocked,
    account: (id) => {
      const safe = safes.get(id);
      return safe?.kind === 'readable' ? safe.candidates[0].header.account : undefined;
    },
  };
  const lists = createSealedLists({ db, host, open });
  const conversations = createConversations({ db, host, open, lists });
  const door = createBundleDoor({ safes, sessions });
  const changes = createSafeChanges({ host, safes, sessions });
  const rotations = createRotationStates(changes);
  const openIdentity = createOpenIdentity({ safes, open, door, memories, pendingPrekey: rotations.pendingPrekey });
  const pins = createSessionPrekeys({ host });
  const keystore = createKeystore({ host, openIdentity, door, conversations, pins });
  const keys = createKeys({ openIdentity, door, pins });
  const networks = createNetworkRecords({ changes, safes, nodeUrl: () => null });
  const rotation = createRotation({ host, safes, openSafeIds: sessions.openSafeIds, changes, states: rotations, networks, openIdentity, door });
  const copies = createNetworkCopies({ host, records: networks, rotations, openIdentity, door });
  const publication = createPublication({ host, records: networks, copies, changes, openIdentity, door });
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
    pins,
    rotation,
    publication,
    unlock,
    run: (method, request = new Uint8Array(0), nowMs = clock.nowMs, documentKey = 'document') => keystore.run(safeId, method, request, { documentKey, nowMs }),
    bundle: () => door(safeId, (bundleSecret) => decodePrivateKeyBundleV1(bundleSecret.slice())),
  };
}
