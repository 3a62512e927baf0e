// Where the vault looks at private keys: made, signed, used for `vault_sign`, encoded and checked in synchronous steps over their bytes. What messaging needs of
// them is in message-keys.ts, rotation in rotated-bundle.ts, what comes from outside in foreign-bundle.ts; no other file opens a bundle.
// Promises: P1: what comes out is public or goes straight to `sealRecord`; scalars that were read out are wiped before returning.
// Must not: await, store, or keep anything. Callers wipe the bytes they pass in and the secret bytes they get.
import { VaultError } from '../../contract/errors';
import type { PrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import {
  decodePrivateKeyBundleV1,
  encodePrivateKeyBundleV1,
  findPreKey,
  validatePrivateKeyBundle,
} from '../../protocol/keys/bundles';
import { bytesToHex } from '../../protocol/base/bytes';
import { normaliseWalletSignature } from '../../protocol/base/ethereum';
import type { KeySignature, PrivateKey } from '../../protocol/keys/keys';
import {
  createIdentityKey,
  createIdentityTextOf,
  createPreKey,
  legacyToV2PublicKey,
  signIdentityKey,
} from '../../protocol/keys/keys';
import { generatePrivateKey, signDigest } from '../../protocol/base/secp256k1';
import { encodeVaultSignPayload, vaultSignDigest, type VaultSignFields } from '../../protocol/ours/vault-signature';
import type { Bytes } from '../store/encoding';
import { asBytes, concat, createReader, u64 } from '../store/encoding';
import { madeAtMs, type OwnKeys, type OwnPrekey, type PendingPrekey } from './own-keys';
import type { RandomBytes } from '../store/sealed-record';

/**
 * Prekeys of one identity. Each is checked for two milliseconds when it comes from outside, in one step that nothing interrupts; and a copy
 * on the network with all of them stays within the envelopes that retrieval reads. Nineteen years of a new one each week.
 */
export const mostPrekeys = 1_000;

/** Two fresh private keys and their time, as the bytes of a draft's record: time (8), identity key (32), prekey (32). Secret. */
export function createDraftKeys(randomBytes: RandomBytes, nowMs: number): Bytes {
  const [identityPrivate, preKeyPrivate] = [drawPrivateKey(randomBytes), drawPrivateKey(randomBytes)];
  const draftSecret = concat(u64(nowMs), identityPrivate, preKeyPrivate);
  identityPrivate.fill(0);
  preKeyPrivate.fill(0);
  return draftSecret;
}

/** The "Create Identity" text the account has to sign for a draft's identity key (protocol a.2). */
export function identityTextOfDraft(draftSecret: Uint8Array): string {
  return withDraft(draftSecret, ({ identityPrivate, createdMs }) => {
    const identity = createIdentityKey({ privateKey: identityPrivate, createdMs });
    wipeKeys(identity);
    return createIdentityTextOf(identity.publicKey);
  });
}

/**
 * The whole PrivateKeyBundleV1 of a draft: identity key with the account's signature, prekey signed by the identity key.
 * `walletSignature`: 64 (EIP-2098) or 65 bytes that were verified before. The result is secret.
 */
export function bundleOfDraft(draftSecret: Uint8Array, walletSignature: Uint8Array): Bytes {
  return withDraft(draftSecret, ({ identityPrivate, preKeyPrivate, createdMs }) => {
    const unsigned = createIdentityKey({ privateKey: identityPrivate, createdMs });
    const identityKey = signIdentityKey(unsigned, normaliseWalletSignature(withV(walletSignature)));
    const preKey = createPreKey({ privateKey: preKeyPrivate, createdMs, identityPrivateKey: identityPrivate });
    const bundleSecret = encodePrivateKeyBundleV1({ identityKey, preKeys: [preKey] });
    wipeKeys(unsigned, identityKey, preKey);
    return asBytes(bundleSecret);
  });
}

/** Throws VaultError('damaged') unless the bytes are a bundle in which everything fits everything else and this account. */
export function validateBundle(bundleSecret: Uint8Array, account: string): void {
  withBundle(bundleSecret, (bundle) => validatePrivateKeyBundle(bundle, { expectedAddress: account }));
}

/** The public side of the keys in a bundle, newest prekey first. */
export function keyViewsOf(bundleSecret: Uint8Array): {
  identityKeyHex: string;
  prekeys: { publicKeyHex: string; createdAtMs: number }[];
} {
  return withBundle(bundleSecret, ({ identityKey, preKeys }) => ({
    identityKeyHex: bytesToHex(identityKey.publicKey.publicKey),
    prekeys: preKeys.map((key) => ({ publicKeyHex: bytesToHex(key.publicKey.publicKey), createdAtMs: madeAtMs(key) })),
  }));
}

/** The public side of a bundle. `unfinished`: a rotation that has begun. Throws 'damaged'. */
export function ownKeysOf(bundleSecret: Uint8Array, account: string, unfinished: PendingPrekey | undefined): OwnKeys {
  return withBundle(bundleSecret, ({ identityKey, preKeys }) => {
    const all = preKeys.map(({ publicKey }): OwnPrekey => {
      return {
        name: bytesToHex(publicKey.publicKey),
        legacy: publicKey,
        signed: legacyToV2PublicKey(publicKey, 'identityKey'),
      };
    });
    const [newest, ...older] = all;
    const current = all.find(({ name }) => name !== unfinished?.prekey);
    if (!newest || !current) throw new VaultError('damaged');
    const identity = identityKey.publicKey;
    const pending = all.find(({ name }) => name === unfinished?.prekey);
    const announced = unfinished?.isAnnounced && pending ? pending : current;
    return {
      account,
      identityKey: identity,
      signedIdentityKey: legacyToV2PublicKey(identity, 'wallet'),
      prekeys: [newest, ...older],
      current,
      pending,
      announced,
    };
  });
}

/** Made when fields are looked at before a bundle is opened, and used when they are signed. */
const digestsOfFields = new WeakMap<VaultSignFields, Uint8Array>();

/** The digest of the bytes that `vault_sign` makes of these fields, which must not change. Throws as `encodeVaultSignPayload`. */
export function digestOfFields(fields: VaultSignFields): Uint8Array {
  const digest = digestsOfFields.get(fields) ?? vaultSignDigest(encodeVaultSignPayload(fields));
  digestsOfFields.set(fields, digest);
  return digest;
}

/** A signature by one of our prekeys over the bytes that `vault_sign` makes of these fields. Throws as `encodeVaultSignPayload`. */
export function signFields(bundleSecret: Uint8Array, fields: VaultSignFields, preKey: OwnPrekey): KeySignature {
  const digest = digestOfFields(fields);
  return withBundle(bundleSecret, (mine) => signatureOf(mine, digest, preKey));
}

/** A signature by one of our prekeys over a digest that a step of this folder made; never one that a caller brings (R-B3). */
export function signatureOf(mine: PrivateKeyBundleV1, digest: Uint8Array, preKey: OwnPrekey): KeySignature {
  return { kind: 'ecdsaCompact', ...signDigest(digest, privateKeyOf(mine, preKey).privateKey) };
}

/** By its point, never by its place: a rotation may have put another prekey before it since `preKey` was read. */
function privateKeyOf(mine: PrivateKeyBundleV1, { legacy }: OwnPrekey): PrivateKey {
  const key = findPreKey(mine, legacy);
  if (!key) throw new VaultError('damaged');
  return key;
}

/** Lends the keys in the bytes of a bundle to `use` and wipes them. Throws 'damaged', also for whatever `use` throws. */
export function withBundle<T>(bundleSecret: Uint8Array, use: (bundle: PrivateKeyBundleV1) => T): T {
  let bundle: PrivateKeyBundleV1 | undefined;
  try {
    bundle = decodePrivateKeyBundleV1(bundleSecret);
    return use(bundle);
  } catch {
    throw new VaultError('damaged');
  } finally {
    if (bundle) wipeKeys(bundle.identityKey, ...bundle.preKeys);
  }
}

interface Draft {
  createdMs: bigint;
  identityPrivate: Bytes;
  preKeyPrivate: Bytes;
}

function withDraft<T>(draftSecret: Uint8Array, use: (draft: Draft) => T): T {
  const reader = createReader(draftSecret);
  const draft = { createdMs: BigInt(reader.u64()), identityPrivate: reader.take(32), preKeyPrivate: reader.take(32) };
  reader.end();
  try {
    return use(draft);
  } finally {
    draft.identityPrivate.fill(0);
    draft.preKeyPrivate.fill(0);
  }
}

/** 32 random bytes that are a private key; about one in 2^128 are none, which throws 'bad-private-key'. The caller wipes them. */
export function drawPrivateKey(randomBytes: RandomBytes): Bytes {
  const random = randomBytes(32);
  try {
    return asBytes(generatePrivateKey(random));
  } finally {
    random.fill(0);
  }
}

/** Overwrites the private halves of decoded keys. */
export function wipeKeys(...keys: readonly PrivateKey[]): void {
  for (const key of keys) key.privateKey.fill(0);
}

/** XMTP keeps r, s and a parity from v; EIP-2098 carries the parity in the top bit of s instead. */
function withV(signature: Uint8Array): Uint8Array {
  if (signature.length !== 64) return signature;
  const rs = signature.slice();
  const parity = (rs[32] as number) >> 7;
  rs[32] = (rs[32] as number) & 0x7f;
  return concat(rs, u64(27 + parity).subarray(7));
}
