// Private keys as they come from outside, for tests: bundles of a test wallet, sealed copies in every form, backup files that open fast.
// Must not: be imported by anything but tests.
import type { Backup } from '../../protocol/ours/backup';
import { encodeBackup } from '../../protocol/ours/backup';
import type { PrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import { encodePrivateKeyBundle, encodePrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import { encodeEncryptedPrivateKeyBundle } from '../../protocol/keys/encrypted-bundle';
import { normaliseWalletSignature } from '../../protocol/base/ethereum';
import { createIdentityKey, createIdentityTextOf, createPreKey, signIdentityKey } from '../../protocol/keys/keys';
import * as wire from '../../protocol/proto/gen/keys';
import { seed } from '../../protocol/testkit/reference.testkit';
import { ciphertextToWire, sealWith } from '../../protocol/keys/seal';
import { enableIdentityText } from '../../protocol/keys/wallet-text';
import { sealFile } from '../backup/file';
import type { KeyEnvelope } from '../publication/retrieval';
import type { Personality, TestWallet } from './vault.testkit';

/** Keys of a wallet that follow from a name; `preKeys` is how many, newest first. */
export function bundleFor(wallet: TestWallet, name: string, preKeys = 1): PrivateKeyBundleV1 {
  const identityPrivateKey = seed(`identity ${name}`);
  const unsigned = createIdentityKey({ privateKey: identityPrivateKey, createdMs: 1_600_000_000_000n });
  const identityKey = signIdentityKey(
    unsigned,
    normaliseWalletSignature(wallet.sign(createIdentityTextOf(unsigned), 'v27')),
  );
  const made = Array.from({ length: preKeys }, (_, age) =>
    createPreKey({
      privateKey: seed(`prekey ${name} ${preKeys - age}`),
      createdMs: 1_600_000_000_000n + BigInt(preKeys - age),
      identityPrivateKey,
    }),
  );
  return { identityKey, preKeys: made };
}

/** Plaintext and envelope, each versioned or bare (protocol b.3). */
export type CopyForm = { isPlainBare?: boolean; isEnvelopeBare?: boolean };

/** A sealed copy under the wallet's signature, as a client wrote it at `timestampNs`. */
export function copyOf(
  wallet: TestWallet,
  bundle: PrivateKeyBundleV1,
  {
    name = 'copy',
    timestampNs = 1n,
    as,
    isPlainBare = false,
    isEnvelopeBare = false,
  }: CopyForm & { name?: string; timestampNs?: bigint; as?: Personality } = {},
): KeyEnvelope {
  const walletPreKey = seed(`wallet prekey ${name}`);
  const signature = wallet.sign(enableIdentityText(walletPreKey), as);
  const plain = isPlainBare ? encodePrivateKeyBundleV1(bundle) : encodePrivateKeyBundle({ version: 1, bundle });
  const random = (what: string, length: number) => seed(`${what} ${name} ${timestampNs}`).slice(0, length);
  const ciphertext = sealWith(plain, signature, undefined, random('salt', 32), random('nonce', 12));
  const bare = () =>
    wire.EncryptedPrivateKeyBundleV1.encode({ walletPreKey, ciphertext: ciphertextToWire(ciphertext) }).finish();
  return {
    message: isEnvelopeBare ? bare() : encodeEncryptedPrivateKeyBundle({ walletPreKey, ciphertext }),
    timestampNs,
  };
}

/** The text to sign for the copies of this name. */
export function copyText(name = 'copy'): string {
  return enableIdentityText(seed(`wallet prekey ${name}`));
}

/** Test files are cheap to try. */
export const testWorkFactor = 8;

export const filePassphrase = 'quartz lantern vow 71 mistral';

/** What a file of this wallet holds, with these conversations. */
export function backupOf(wallet: TestWallet, bundle: PrivateKeyBundleV1, change: Partial<Backup> = {}): Backup {
  const bundleSecret = encodePrivateKeyBundle({ version: 1, bundle });
  return {
    createdMs: 1_700_000_000_000n,
    account: wallet.account,
    name: 'Ada',
    bundleSecret,
    conversations: [],
    v1Peers: [],
    preferences: [],
    ...change,
  };
}

/** A file of a backup, under `filePassphrase` or another. */
export function backupFileOf(backup: Backup, passphrase = filePassphrase): Promise<Uint8Array> {
  return sealFile(
    encodeBackup(backup),
    passphrase,
    (length) => crypto.getRandomValues(new Uint8Array(length)),
    testWorkFactor,
  );
}

/** Conversations number 0 to `count - 1` with a peer each. */
export function conversationsOf(count: number): Backup['conversations'] {
  return Array.from({ length: count }, (_, index) => ({
    topicSecret: seed(`topic ${index}`),
    reference: {
      topic: `/xmtp/0/m-${index.toString(16).padStart(64, '0')}/proto`,
      peerAddress: `0x${index.toString(16).padStart(40, '0')}`,
      createdNs: 1_650_000_000_000_000_000n + BigInt(index),
    },
  }));
}
