// The vault's own keystore over any bundle: real conversations, real records, a real database in memory.
// Promises that everything between a request and its response is the vault's code; only the enrolment before it is left out,
// because the bundles of vectors come without their wallets.
import 'fake-indexeddb/auto';
import { VaultError } from '../../src/contract/errors';
import type { KeystoreMethod } from '../../src/contract/methods';
import type { PrivateKeyBundleV1 } from '../../src/protocol/bundles';
import { encodePrivateKeyBundleV1 } from '../../src/protocol/bundles';
import { walletAddressOf } from '../../src/protocol/keys';
import type { BundleDoor } from '../../src/vault/bundle-door';
import { createConversations } from '../../src/vault/conversations';
import { openDatabase } from '../../src/vault/database';
import { createKeystore } from '../../src/vault/keystore';
import { createKeystoreMemories } from '../../src/vault/keystore-memory';
import { createTestHost } from '../../src/vault/memory-host.testkit';
import { createOpenIdentity } from '../../src/vault/open-identity';
import { createTestSafes } from '../../src/vault/open-safes.testkit';
import type { Safes } from '../../src/vault/safes';
import { createSealedLists } from '../../src/vault/sealed-list';
import { createSessionPrekeys } from '../../src/vault/session-prekeys';

/** A keystore over one identity: response bytes, or a KeystoreRefusal for a call that is refused as a whole. */
export interface TestKeystore {
  run(method: string, request: Uint8Array, nowMs: number): Promise<Uint8Array>;
}

let opened = 0;

/** A keystore of its own for this bundle, with nothing in it yet. */
export async function openTestKeystore(bundle: PrivateKeyBundleV1): Promise<TestKeystore> {
  const safeId = (++opened).toString(16).padStart(32, '0');
  const account = walletAddressOf(bundle.identityKey.publicKey);
  const clock = { nowMs: 0 };
  const host = createTestHost({ clock, databaseName: `vectors-${opened}` });
  const db = openDatabase(host.databaseName);
  const open = createTestSafes();
  await open.add(safeId, account);
  const lists = createSealedLists({ db, host, open });
  const conversations = createConversations({ db, host, open, lists });
  const safes = {
    copyOf(asked: string) {
      if (asked !== safeId) throw new VaultError('not-found');
      return { header: { state: 'complete', account, counter: 1, epoch: 1 } };
    },
  } as unknown as Safes;
  const door: BundleDoor = async (_safeId, use) => use(encodePrivateKeyBundleV1(bundle), account);
  const memories = createKeystoreMemories();
  const openIdentity = createOpenIdentity({ safes, open, door, memories, pendingPrekey: async () => undefined });
  const keystore = createKeystore({ host, openIdentity, door, conversations, pins: createSessionPrekeys({ host }) });
  return {
    async run(method, request, nowMs) {
      clock.nowMs = nowMs;
      return keystore.run(safeId, method as KeystoreMethod, request, { documentKey: 'vectors', nowMs });
    },
  };
}
