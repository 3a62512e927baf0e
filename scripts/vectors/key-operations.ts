// Vector operations of single keys: identities, signatures, topics.
import { sha256 } from '@noble/hashes/sha2.js';
import * as bundles from '../../src/protocol/keys/bundles';
import { concatBytes, hexToBytes } from '../../src/protocol/base/bytes';
import { encodeContactBundle } from '../../src/protocol/keys/contact-bundle';
import { addressOf, eip191Digest, normaliseWalletSignature } from '../../src/protocol/base/ethereum';
import { keystoreCodeOf } from '../../src/protocol/keystore/codes';
import { decodePublicKey, encodePublicKey, encodeSignedPublicKey } from '../../src/protocol/keys/key-codec';
import * as keys from '../../src/protocol/keys/keys';
import { getPublicKey, signDigest, toEcdsaSignature, verifyDigest } from '../../src/protocol/base/secp256k1';
import { privatePreferencesIdentifier } from '../../src/protocol/messages/self-encryption';
import * as topics from '../../src/protocol/messages/topics';
import type { Operation, VectorSet } from './compare';
import { check, outcomeOf } from './compare';
import { ProtocolError } from '../../src/protocol/base/errors';
import { bundleOf } from './identities';

/** A wallet that signs texts deterministically and writes v as 27/28 or 0/1, like the one that made the vectors. */
export function walletSign(privateKey: Uint8Array, text: string, firstV: 0 | 27): Uint8Array {
  const { bytes, recovery } = signDigest(eip191Digest(text), privateKey);
  return concatBytes(bytes, Uint8Array.of(recovery + firstV));
}

interface IdentityInput {
  walletPrivateKey: string;
  identityPrivateKey: string;
  identityTimestampMs: string;
  preKeysNewestFirst: { privateKey: string; timestampMs: string }[];
}

function identity(input: IdentityInput): Record<string, unknown> {
  const walletPrivateKey = hexToBytes(input.walletPrivateKey);
  const unsigned = keys.createIdentityKey({
    privateKey: hexToBytes(input.identityPrivateKey),
    createdMs: BigInt(input.identityTimestampMs),
  });
  const createIdentityText = keys.createIdentityTextOf(unsigned);
  const walletSignature65 = walletSign(walletPrivateKey, createIdentityText, 27);
  const identityKey = keys.signIdentityKey(unsigned, normaliseWalletSignature(walletSignature65));
  let bundle: bundles.PrivateKeyBundleV1 = { identityKey, preKeys: [] };
  for (const { privateKey, timestampMs } of input.preKeysNewestFirst.toReversed()) {
    const preKey = keys.createPreKey({
      privateKey: hexToBytes(privateKey),
      createdMs: BigInt(timestampMs),
      identityPrivateKey: identityKey.privateKey,
    });
    bundle = bundles.addPreKey(bundle, preKey);
  }
  const walletAddress = addressOf(getPublicKey(walletPrivateKey));
  const v2 = bundles.legacyToV2PrivateKeyBundle(bundle);
  bundles.validatePrivateKeyBundle(bundle, { expectedAddress: walletAddress });
  bundles.validatePrivateKeyBundle(v2, { expectedAddress: walletAddress });
  const legacyPublic = bundles.publicBundleOf(bundle);
  const signedPublic = bundles.signedPublicBundleOf(bundle);
  return {
    walletAddress,
    identityPublicKey: identityKey.publicKey.publicKey,
    identityBytesToSign: keys.signedBytesOf(identityKey.publicKey),
    createIdentityText,
    walletSignature65,
    identitySignature: identityKey.publicKey.signature,
    legacyIdentityPublicKeyProto: encodePublicKey(identityKey.publicKey),
    preKeys: bundle.preKeys.map(({ publicKey }) => ({
      publicKey: publicKey.publicKey,
      bytesToSign: keys.signedBytesOf(publicKey),
      sha256Digest: sha256(keys.signedBytesOf(publicKey)),
      signature: publicKey.signature,
      legacyPublicKeyProto: encodePublicKey(publicKey),
    })),
    publicKeyBundleProto: bundles.encodePublicKeyBundle(legacyPublic),
    privateKeyBundleV1Proto: bundles.encodePrivateKeyBundleV1(bundle),
    privateKeyBundleProto_v1: bundles.encodePrivateKeyBundle({ version: 1, bundle }),
    signedIdentityKeyProto: encodeSignedPublicKey(signedPublic.identityKey),
    signedPreKeyProto: encodeSignedPublicKey(signedPublic.preKey),
    signedPublicKeyBundleProto: bundles.encodeSignedPublicKeyBundle(signedPublic),
    privateKeyBundleV2Proto: bundles.encodePrivateKeyBundleV2(v2),
    privateKeyBundleProto_v2: bundles.encodePrivateKeyBundle({ version: 2, bundle: v2 }),
    contactBundleV1: encodeContactBundle({ version: 1, bundle: legacyPublic }),
    contactBundleV2: encodeContactBundle({ version: 2, bundle: signedPublic }),
  };
}

function verify(input: { publicKey: string; digest: string; signature: { bytes: string; recovery: number } }): unknown {
  const result = outcomeOf(() =>
    verifyDigest(
      toEcdsaSignature(hexToBytes(input.signature.bytes), input.signature.recovery),
      hexToBytes(input.digest),
      hexToBytes(input.publicKey),
    ),
  );
  return result instanceof ProtocolError ? 'throws' : result;
}

function walletSignatureAddress(
  input: {
    legacyIdentityBytesToSign: string;
    signature: { kind: keys.SignatureKind; bytes: string; recovery: number };
  },
  set: VectorSet,
): Record<string, unknown> {
  // K(key) is a legacy public key without its signature, so it can be read as one.
  const unsigned = decodePublicKey(hexToBytes(input.legacyIdentityBytesToSign));
  const { kind, bytes, recovery } = input.signature;
  const compact = toEcdsaSignature(hexToBytes(bytes), recovery);
  const key = decodePublicKey(encodePublicKey({ ...unsigned, signature: { kind, ...compact } }));
  const walletAddress = keys.walletAddressOf(key);
  const owner = Object.values(set.identities ?? {}).find((entry) => {
    const bundle = bundles.decodePublicKeyBundle(hexToBytes(entry['publicKeyBundleProto'] as string));
    return keys.isSameKey(bundle.identityKey, key);
  });
  return { walletAddress, equalsOriginalSigner: walletAddress === owner?.['walletAddress'] };
}

const topicOperation =
  (topic: (input: never) => string): Operation =>
  ({ input, expect }) =>
    check(expect, () => ({ topic: topic(input as never) }));

function preKeyAt(set: VectorSet, input: { keystore: string; prekeyIndex: number }): Uint8Array {
  const preKey = bundleOf(set, input.keystore).preKeys[input.prekeyIndex];
  if (!preKey) throw new ProtocolError('no-prekey', 'no prekey with this index');
  return preKey.privateKey;
}

/** By the `op` of the vectors. */
export const keyOperations: Record<string, Operation> = {
  identity: ({ input, expect }) => check(expect, () => identity(input)),
  splitWalletSignature: ({ input, expect }) =>
    check(expect, () => ({ ...normaliseWalletSignature(input.signatureHex) })),
  signDigest: ({ input, expect }, set) =>
    check(
      expect,
      () => {
        const privateKey = input.keystore === undefined ? hexToBytes(input.privateKey) : preKeyAt(set, input);
        const kind = input.keystore === undefined ? {} : { kind: 'ecdsaCompact' };
        return { ...kind, ...signDigest(hexToBytes(input.digest), privateKey) };
      },
      ({ reason }) => keystoreCodeOf('signDigest', reason),
    ),
  verifyDigest: ({ input, expect }) => {
    // The set writes a refusal inside an ok outcome: "throws: ..." with the client's text.
    const valid = typeof expect.valid === 'string' && expect.valid.startsWith('throws') ? 'throws' : expect.valid;
    check({ ...expect, valid }, () => ({ valid: verify(input) }));
  },
  walletSignatureAddress: ({ input, expect }, set) => check(expect, () => walletSignatureAddress(input, set)),
  'topic.contact': topicOperation((input: { address: string }) => topics.contactTopic(input.address)),
  'topic.intro': topicOperation((input: { address: string }) => topics.introTopic(input.address)),
  'topic.invite': topicOperation((input: { address: string }) => topics.inviteTopic(input.address)),
  'topic.privateStore': topicOperation((input: { address: string; key: string }) =>
    topics.privateStoreTopic(input.address, input.key),
  ),
  'topic.dm': topicOperation((input: { a: string; b: string }) => topics.directMessageTopic(input.a, input.b)),
  'topic.dmEphemeral': topicOperation((input: { a: string; b: string }) =>
    topics.ephemeralDirectMessageTopic(input.a, input.b),
  ),
  'topic.m': topicOperation((input: { name: string }) => topics.conversationTopic(input.name)),
  'topic.mEphemeral': topicOperation((input: { name: string }) => topics.ephemeralConversationTopic(input.name)),
  'topic.userPreferences': ({ input, expect }) =>
    check(expect, () => {
      const identifier = privatePreferencesIdentifier(hexToBytes(input.identityPrivateKey));
      return { identifier, topic: topics.privatePreferencesTopic(identifier) };
    }),
  isValidTopic: ({ input, expect }) => check(expect, () => ({ valid: topics.isValidTopic(input.topic) })),
};
