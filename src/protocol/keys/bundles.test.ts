// Bundles: every check that clients in the field leave out, each with a bundle of one defect; rotation and lookup.
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PrivateKeyBundleV1, PrivateKeyBundleV2 } from './bundles';
import {
  addPreKey,
  currentPreKey,
  decodePrivateKeyBundle,
  decodePrivateKeyBundleV2,
  decodeSignedPublicKeyBundle,
  encodePrivateKeyBundle,
  encodePrivateKeyBundleV1,
  encodePrivateKeyBundleV2,
  encodeSignedPublicKeyBundle,
  findPreKey,
  isSameBundle,
  legacyToV2PrivateKeyBundle,
  publicBundleOf,
  signedPublicBundleOf,
  v2ToLegacyPublicKeyBundle,
  validatePrivateKeyBundle,
  validateSignedPublicKeyBundle,
} from './bundles';
import { decodePublicKey, decodeSignedPublicKey, encodePublicKey, encodeSignedPublicKey } from './key-codec';
import type { KeySignature, PrivateKey } from './keys';
import {
  createdMsOf,
  createIdentityKey,
  createPreKey,
  isFromLegacy,
  isSameKey,
  unsignedKeyBytes,
  walletAddressOf,
} from './keys';
import { UnsignedPublicKey } from '../proto/gen/keys';
import type { TestIdentity } from '../testkit/reference.testkit';
import { identityPool, seed, testWallet } from '../testkit/reference.testkit';
import { reasonOf } from '../testkit/refusal.testkit';
import { getPublicKey, signDigest } from '../base/secp256k1';
import { sharedSecret } from './shared-secret';

let pool: TestIdentity[];
let bundle: PrivateKeyBundleV1;
let expectedAddress: string;

beforeAll(async () => {
  pool = await identityPool(4);
  ({
    ours: bundle,
    seeds: {
      wallet: { address: expectedAddress },
    },
  } = pool[0] as TestIdentity);
});

const other = (): PrivateKeyBundleV1 => (pool[1] as TestIdentity).ours;
const signatureOf = (key: PrivateKey): KeySignature => key.publicKey.signature as KeySignature;

/** The key with one bit of its public point changed, so that it is off the curve. */
function offCurve(key: PrivateKey): PrivateKey {
  const publicKey = key.publicKey.publicKey.slice();
  publicKey[64] = (publicKey[64] as number) ^ 1;
  return { ...key, publicKey: { ...key.publicKey, publicKey } };
}

function highS(signature: KeySignature): KeySignature {
  const parsed = secp256k1.Signature.fromBytes(signature.bytes, 'compact');
  const bytes = new secp256k1.Signature(parsed.r, secp256k1.Point.Fn.neg(parsed.s)).toBytes('compact');
  return { ...signature, bytes, recovery: signature.recovery === 0 ? 1 : 0 };
}

describe('validatePrivateKeyBundle', () => {
  it('accepts genuine bundles in both forms, with the address in any case', () => {
    for (const { ours, seeds } of pool) {
      const expected = { expectedAddress: seeds.wallet.address.toLowerCase() };
      validatePrivateKeyBundle(ours, expected);
      validatePrivateKeyBundle(legacyToV2PrivateKeyBundle(ours), expected);
    }
  });

  const defects: Record<string, [string, (good: PrivateKeyBundleV1) => PrivateKeyBundleV1]> = {
    'no prekey': ['no-prekey', (good) => ({ ...good, preKeys: [] })],
    'identity key with another private key': [
      'private-public-mismatch',
      (good) => ({ ...good, identityKey: { ...good.identityKey, privateKey: seed('other') } }),
    ],
    'oldest prekey with another private key': [
      'private-public-mismatch',
      (good) => ({
        ...good,
        preKeys: [...good.preKeys.slice(0, -1), { ...(good.preKeys.at(-1) as PrivateKey), privateKey: seed('other') }],
      }),
    ],
    'private key of zero': [
      'bad-private-key',
      (good) => ({ ...good, identityKey: { ...good.identityKey, privateKey: new Uint8Array(32) } }),
    ],
    'identity point off the curve': [
      'bad-public-key',
      (good) => ({ ...good, identityKey: offCurve(good.identityKey) }),
    ],
    'prekey point off the curve': ['bad-public-key', (good) => ({ ...good, preKeys: good.preKeys.map(offCurve) })],
    'prekey of somebody else': [
      'prekey-signature-invalid',
      (good) => ({ ...good, preKeys: [...good.preKeys, ...other().preKeys] }),
    ],
    'prekey without signature': [
      'prekey-signature-invalid',
      (good) => ({
        ...good,
        preKeys: good.preKeys.map((key) => ({
          ...key,
          publicKey: { createdMs: key.createdMs, publicKey: key.publicKey.publicKey },
        })),
      }),
    ],
    'prekey with another time': [
      'prekey-signature-invalid',
      (good) => ({
        ...good,
        preKeys: good.preKeys.map((key) => ({
          ...key,
          publicKey: { ...key.publicKey, createdMs: key.createdMs + 1n },
        })),
      }),
    ],
    'prekey signature with high s': [
      'prekey-signature-invalid',
      (good) => ({
        ...good,
        preKeys: good.preKeys.map((key) => ({
          ...key,
          publicKey: { ...key.publicKey, signature: highS(signatureOf(key)) },
        })),
      }),
    ],
    'prekey signature of the wallet kind': [
      'prekey-signature-invalid',
      (good) => ({
        ...good,
        preKeys: good.preKeys.map((key) => ({
          ...key,
          publicKey: { ...key.publicKey, signature: { ...signatureOf(key), kind: 'walletEcdsaCompact' as const } },
        })),
      }),
    ],
    'identity key without signature': [
      'not-signed',
      (good) => ({
        ...good,
        identityKey: {
          ...good.identityKey,
          publicKey: { createdMs: good.identityKey.createdMs, publicKey: good.identityKey.publicKey.publicKey },
        },
      }),
    ],
    'identity key signed by another account': [
      'wrong-account',
      (good) => ({
        ...good,
        identityKey: {
          ...good.identityKey,
          publicKey: { ...good.identityKey.publicKey, signature: signatureOf(other().identityKey) },
        },
      }),
    ],
    'identity key with flipped recovery bit': [
      'wrong-account',
      (good) => ({
        ...good,
        identityKey: {
          ...good.identityKey,
          publicKey: {
            ...good.identityKey.publicKey,
            signature: {
              ...signatureOf(good.identityKey),
              recovery: signatureOf(good.identityKey).recovery === 0 ? 1 : 0,
            },
          },
        },
      }),
    ],
  };

  it.each(Object.keys(defects))('refuses a bundle with %s', (name) => {
    const [reason, spoil] = defects[name] as (typeof defects)[string];
    expect(reasonOf(() => validatePrivateKeyBundle(spoil(bundle), { expectedAddress }))).toBe(reason);
    const v2 = (): PrivateKeyBundleV2 => legacyToV2PrivateKeyBundle(spoil(bundle));
    const reasonV2 = reasonOf(() => validatePrivateKeyBundle(v2(), { expectedAddress }));
    expect([reason, 'not-signed']).toContain(reasonV2);
  });

  it('refuses the right bundle for the wrong account', () => {
    expect(reasonOf(() => validatePrivateKeyBundle(bundle, { expectedAddress: testWallet('nobody').address }))).toBe(
      'wrong-account',
    );
  });
});

describe('validateSignedPublicKeyBundle', () => {
  it('answers with the account, and refuses a chain with any broken link', () => {
    const good = signedPublicBundleOf(bundle);
    const foreign = signedPublicBundleOf(other());
    expect(validateSignedPublicKeyBundle(good)).toBe(expectedAddress);
    expect(validateSignedPublicKeyBundle(publicBundleOf(bundle), { expectedAddress })).toBe(expectedAddress);
    const reason = (broken: typeof good): string =>
      reasonOf(() => validateSignedPublicKeyBundle(broken, { expectedAddress }));
    expect(reason({ ...good, preKey: foreign.preKey })).toBe('prekey-signature-invalid');
    expect(reason({ ...foreign })).toBe('wrong-account');
    expect(reason({ ...good, identityKey: { ...good.identityKey, signature: good.preKey.signature } })).toBe(
      'not-signed-by-wallet',
    );
    expect(reason({ ...good, preKey: good.identityKey })).toBe('prekey-signature-invalid');
    const moved = { ...good.preKey, publicKey: offCurve(bundle.identityKey).publicKey.publicKey };
    expect(reason({ ...good, preKey: moved })).toBe('bad-public-key');
  });
});

describe('prekeys', () => {
  it('are added in front; older ones and all signatures stay byte for byte', () => {
    const preKey = createPreKey({
      privateKey: seed('rotated'),
      createdMs: 1_800_000_000_000n,
      identityPrivateKey: bundle.identityKey.privateKey,
    });
    const before = encodePrivateKeyBundle({ version: 1, bundle });
    const rotated = addPreKey(bundle, preKey);
    expect(currentPreKey(rotated)).toBe(preKey);
    expect(rotated.preKeys.slice(1)).toEqual(bundle.preKeys);
    expect(encodePrivateKeyBundle({ version: 1, bundle })).toEqual(before);
    validatePrivateKeyBundle(rotated, { expectedAddress });
    expect(publicBundleOf(rotated).preKey).toEqual(preKey.publicKey);
    expect(isSameBundle(signedPublicBundleOf(rotated), signedPublicBundleOf(bundle))).toBe(false);
    expect(isSameBundle(signedPublicBundleOf(bundle), signedPublicBundleOf(bundle))).toBe(true);
  });

  it('of another identity, or whose halves do not fit, are not added', () => {
    expect(reasonOf(() => addPreKey(bundle, currentPreKey(other())))).toBe('prekey-signature-invalid');
    expect(reasonOf(() => addPreKey(bundle, { ...currentPreKey(bundle), privateKey: seed('other') }))).toBe(
      'private-public-mismatch',
    );
  });

  it('are found by public key whichever their age, and V2 keys only with their own signature', () => {
    const v2 = legacyToV2PrivateKeyBundle(bundle);
    expect(bundle.preKeys.length).toBe(3);
    for (const [i, key] of bundle.preKeys.entries()) {
      const signed = v2.preKeys[i] as PrivateKeyBundleV2['preKeys'][number];
      expect(findPreKey(bundle, key.publicKey)).toBe(key);
      expect(findPreKey(bundle, signed.publicKey)).toBe(key);
      expect(findPreKey(v2, signed.publicKey)).toBe(signed);
      const resigned = { ...signed.publicKey, signature: highS(signed.publicKey.signature) };
      expect(findPreKey(v2, resigned)).toBeUndefined();
      expect(findPreKey(bundle, resigned)).toBeUndefined();
      expect(findPreKey(bundle, { ...key.publicKey, signature: highS(signatureOf(key)) })).toBe(key);
    }
    expect(findPreKey(bundle, currentPreKey(other()).publicKey)).toBeUndefined();
    expect(
      reasonOf(() => sharedSecret(bundle, publicBundleOf(other()), currentPreKey(other()).publicKey, 'sender')),
    ).toBe('no-matching-prekey');
  });

  it('of a peer are checked before a secret is derived', () => {
    const peer = publicBundleOf(other());
    const broken = { ...peer, preKey: { ...peer.preKey, createdMs: peer.preKey.createdMs + 1n } };
    expect(reasonOf(() => sharedSecret(bundle, broken, currentPreKey(bundle).publicKey, 'recipient'))).toBe(
      'prekey-signature-invalid',
    );
  });
});

describe('single keys', () => {
  it('survive encoding, and keep the literal key bytes of a V2 key with unknown fields', () => {
    const { identityKey } = publicBundleOf(bundle);
    const signed = signedPublicBundleOf(bundle).identityKey;
    expect(decodePublicKey(encodePublicKey(identityKey))).toEqual(identityKey);
    expect(decodeSignedPublicKey(encodeSignedPublicKey(signed))).toEqual(signed);
    const keyBytes = Uint8Array.from([...signed.keyBytes, 0x28, 0x01]);
    const odd = decodeSignedPublicKey(encodeSignedPublicKey({ ...signed, keyBytes }));
    expect(odd.keyBytes).toEqual(keyBytes);
    expect(odd.publicKey).toEqual(signed.publicKey);
    expect(walletAddressOf(odd)).not.toBe(expectedAddress);
    expect(isSameKey(odd, signed)).toBe(true);
  });

  it('stamped in nanoseconds are told apart and have no legacy form', () => {
    const created = 1_700_000_000_000_000_000n;
    const keyBytes = unsignedKeyBytes(created, getPublicKey(seed('native')));
    const signature: KeySignature = { kind: 'ecdsaCompact', ...signDigest(seed('x'), seed('y')) };
    const native = { keyBytes, created, publicKey: getPublicKey(seed('native')), signature };
    expect(isFromLegacy(native)).toBe(false);
    expect(createdMsOf(native)).toBe(1_700_000_000_000n);
    expect(createdMsOf(signedPublicBundleOf(bundle).identityKey)).toBe(bundle.identityKey.createdMs);
    expect(reasonOf(() => v2ToLegacyPublicKeyBundle({ identityKey: native, preKey: native }))).toBe('not-legacy');
  });

  it('are made with times that are positive milliseconds only', () => {
    for (const createdMs of [0n, -1n, 2n ** 62n]) {
      expect(reasonOf(() => createIdentityKey({ privateKey: seed('time'), createdMs }))).toBe('bad-number');
    }
    expect(reasonOf(() => unsignedKeyBytes(2n ** 64n, getPublicKey(seed('time'))))).toBe('bad-number');
  });
});

describe('decoding', () => {
  it('shares no memory with its input, so that either can be wiped', () => {
    const bytes = encodePrivateKeyBundle({ version: 1, bundle });
    const decoded = decodePrivateKeyBundle(bytes);
    bytes.fill(0);
    expect(decoded).toEqual({ version: 1, bundle });
    const publicBytes = encodeSignedPublicKeyBundle(signedPublicBundleOf(bundle));
    const signed = decodeSignedPublicKeyBundle(publicBytes);
    publicBytes.fill(0);
    expect(signed).toEqual(signedPublicBundleOf(bundle));
  });

  it('reads bare and versioned V2 bundles, and refuses a bare one where a versioned one belongs', () => {
    const v2 = legacyToV2PrivateKeyBundle(bundle);
    expect(decodePrivateKeyBundleV2(encodePrivateKeyBundleV2(v2))).toEqual(v2);
    expect(decodePrivateKeyBundle(encodePrivateKeyBundle({ version: 2, bundle: v2 }))).toEqual({
      version: 2,
      bundle: v2,
    });
    expect(reasonOf(() => decodePrivateKeyBundle(encodePrivateKeyBundleV1(bundle)))).toBe('malformed-protobuf');
    expect(reasonOf(() => decodePrivateKeyBundle(new Uint8Array(0)))).toBe('unknown-version');
  });

  it('refuses V2 keys whose key bytes are not one well-formed key', () => {
    const good = signedPublicBundleOf(bundle);
    const withKeyBytes = (keyBytes: Uint8Array): string =>
      reasonOf(() =>
        decodeSignedPublicKeyBundle(encodeSignedPublicKeyBundle({ ...good, preKey: { ...good.preKey, keyBytes } })),
      );
    expect(withKeyBytes(good.preKey.keyBytes.slice(0, -1))).toBe('malformed-protobuf');
    expect(withKeyBytes(new Uint8Array(0))).toBe('missing-field');
    expect(withKeyBytes(Uint8Array.of(8, 1))).toBe('missing-field');
    const compressed = UnsignedPublicKey.encode({
      createdNs: 1n,
      secp256k1Uncompressed: { bytes: secp256k1.getPublicKey(seed('a'), true) },
    }).finish();
    expect(withKeyBytes(compressed)).toBe('bad-public-key');
  });
});
