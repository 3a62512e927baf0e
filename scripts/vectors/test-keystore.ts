// The vault's own keystore over any bundle: real conversations, real records, a real database in memory.
// Promises that everything between a request and its response is the vault's code; only the enrolment before it is left out,
// because the bundles of vectors come without their wallets.
import 'fake-indexeddb/auto';
import { VaultError } from '../../src/contract/errors';
import type { KeystoreMethod } from '../../src/contract/dapp/methods';
import type { PrivateKeyBundleV1 } from '../../src/protocol/keys/bundles';
import { encodePrivateKeyBundleV1 } from '../../src/protocol/keys/bundles';
import { walletAddressOf } from '../../src/protocol/keys/keys';
import type { BundleAccess } from '../../src/vault/keys/bundle-access';
import { createConversations } from '../../src/vault/keystore/conversations';
import { openDatabase } from '../../src/vault/store/database';
import { createKeystore } from '../../src/vault/keystore/keystore';
import { createKeystoreMemories } from '../../src/vault/keys/identity-memory';
import { createTestHost } from '../../src/vault/testkit/memory-host.testkit';
import { createUnlockedIdentity } from '../../src/vault/keys/unlocked-identity';
import { createTestSafes } from '../../src/vault/testkit/open-safes.testkit';
import type { Safes } from '../../src/vault/safe/safes';
import { createSealedLists } from '../../src/vault/lists/sealed-list';
import { createDocumentPrekeys } from '../../src/vault/keys/document-prekeys';

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
  const bundleAccess: BundleAccess = async (_safeId, use) => use(encodePrivateKeyBundleV1(bundle), account);
  const memories = createKeystoreMemories();
  const unlockedIdentity = createUnlockedIdentity({
    safes,
    open,
    bundleAccess,
    memories,
    pendingPrekey: async () => undefined,
  });
  const keystore = createKeystore({
    host,
    unlockedIdentity,
    bundleAccess,
    conversations,
    documentPrekeys: createDocumentPrekeys({ host }),
  });
  return {
    async run(method, request, nowMs) {
      clock.nowMs = nowMs;
      return keystore.run(safeId, method as KeystoreMethod, request, { documentKey: 'vectors', nowMs });
    },
  };
}
