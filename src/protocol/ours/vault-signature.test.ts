// vault_sign: the signed bytes, their one form, and that only a genuine answer for the right account and origin verifies.
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  currentPreKey,
  encodePublicKeyBundle,
  encodeSignedPublicKeyBundle,
  publicBundleOf,
  signedPublicBundleOf,
} from '../keys/bundles';
import { bytesToHex, concatBytes, utf8ToBytes } from '../base/bytes';
import { signedBytesOf } from '../keys/keys';
import { SHAPES } from '../proto/gen/shapes';
import type { MessageName } from '../proto/strict';
import { isWellFormed } from '../proto/strict';
import type { TestIdentity } from '../testkit/reference.testkit';
import { identityPool, referenceProto, seed } from '../testkit/reference.testkit';
import { reasonOf } from '../testkit/refusal.testkit';
import { signDigest } from '../base/secp256k1';
import type { VaultSignature, VaultSignFields } from './vault-signature';
import {
  decodeVaultSignPayload,
  encodeVaultSignPayload,
  VAULT_SIGN_FIRST_BYTE,
  vaultSignDigest,
  verifyVaultSignature,
} from './vault-signature';
import { createIdentityText, enableIdentityText } from '../keys/wallet-text';

let identity: TestIdentity;
let other: TestIdentity;
beforeAll(async () => {
  [identity, other] = (await identityPool(2)) as [TestIdentity, TestIdentity];
});

const ORIGIN = 'https://app.example';
const fieldsOf = (account: string): VaultSignFields => ({
  origin: ORIGIN,
  account,
  purpose: 'Sign in',
  issuedAtMs: 1_700_000_000_000,
  payload: utf8ToBytes('hello'),
});

/** What the vault does. */
function sign(who: TestIdentity, fields: VaultSignFields): VaultSignature {
  const signature = signDigest(vaultSignDigest(encodeVaultSignPayload(fields)), currentPreKey(who.ours).privateKey);
  return {
    signature,
    signed: { ...fields, version: 1 },
    signedPublicKeyBundle: encodeSignedPublicKeyBundle(signedPublicBundleOf(who.ours)),
  };
}

describe('the signed bytes', () => {
  it('are FF 01 and six length-prefixed fields', () => {
    const account = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
    const expected =
      'ff01' +
      `00000017${bytesToHex(utf8ToBytes('prekey-vault/vault_sign'))}` +
      `00000013${bytesToHex(utf8ToBytes(ORIGIN))}` +
      `0000002a${bytesToHex(utf8ToBytes(account))}` +
      `00000007${bytesToHex(utf8ToBytes('Sign in'))}` +
      '000000080000018bcfe56800' +
      '0000000568656c6c6f';
    expect(bytesToHex(encodeVaultSignPayload(fieldsOf(account)))).toBe(expected);
  });

  it('decode to what was encoded, and different fields never give the same bytes', () => {
    const fields = fc.record({
      origin: fc.string({ unit: 'grapheme' }),
      account: fc.constantFrom(identity.seeds.wallet.address, other.seeds.wallet.address),
      purpose: fc.string({ unit: 'grapheme' }),
      issuedAtMs: fc.maxSafeNat(),
      payload: fc.uint8Array({ maxLength: 60 }),
    });
    fc.assert(
      fc.property(fields, fields, (one, two) => {
        const bytes = encodeVaultSignPayload(one);
        expect(decodeVaultSignPayload(bytes)).toEqual(one);
        const isEqual = bytesToHex(bytes) === bytesToHex(encodeVaultSignPayload(two));
        expect(isEqual).toBe(
          JSON.stringify({ ...one, payload: [...one.payload] }) ===
            JSON.stringify({ ...two, payload: [...two.payload] }),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('have one form: every truncation, extension and changed structure is refused or means other fields', () => {
    const bytes = encodeVaultSignPayload(fieldsOf(identity.seeds.wallet.address));
    for (let length = 0; length < bytes.length; length++)
      expect(reasonOf(() => decodeVaultSignPayload(bytes.subarray(0, length)))).not.toBe('accepted');
    expect(reasonOf(() => decodeVaultSignPayload(concatBytes(bytes, Uint8Array.of(0))))).not.toBe('accepted');
    for (let i = 0; i < bytes.length; i++) {
      const changed = bytes.slice();
      changed[i] = (changed[i] as number) ^ 0x81;
      const reason = reasonOf(() => expect(encodeVaultSignPayload(decodeVaultSignPayload(changed))).toEqual(changed));
      if (i < 29) expect(reason).not.toBe('accepted');
    }
    expect(reasonOf(() => encodeVaultSignPayload({ ...fieldsOf(identity.seeds.wallet.address.toLowerCase()) }))).toBe(
      'bad-address',
    );
    for (const issuedAtMs of [-1, 0.5, Number.NaN, 2 ** 53]) {
      expect(reasonOf(() => encodeVaultSignPayload({ ...fieldsOf(identity.seeds.wallet.address), issuedAtMs }))).toBe(
        'bad-number',
      );
    }
  });

  it('are called too short wherever they are cut off behind their version', () => {
    const bytes = encodeVaultSignPayload(fieldsOf(identity.seeds.wallet.address));
    for (let length = 2; length < bytes.length; length++)
      expect([length, reasonOf(() => decodeVaultSignPayload(bytes.subarray(0, length)))]).toEqual([
        length,
        'bad-length',
      ]);
  });

  it('R-B3 can never pass for an XMTP structure, signed key or wallet text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.uint8Array(), (origin, purpose, payload) => {
        const bytes = encodeVaultSignPayload({ ...fieldsOf(identity.seeds.wallet.address), origin, purpose, payload });
        expect(bytes[0]).toBe(VAULT_SIGN_FIRST_BYTE);
        for (const name of Object.keys(SHAPES)) expect(isWellFormed(name as MessageName, bytes)).toBe(false);
      }),
      { numRuns: 100 },
    );
    // The lenient decoders of the field fail as well, also on a header made of any part of the bytes.
    const bytes = encodeVaultSignPayload(fieldsOf(identity.seeds.wallet.address));
    for (let length = 1; length <= bytes.length; length++) {
      expect(() => referenceProto.message.MessageHeaderV2.decode(bytes.subarray(0, length))).toThrow();
    }
    const { identityKey, preKeys } = identity.ours;
    const signedByKeys = [identityKey, ...preKeys].map((key) => signedBytesOf(key.publicKey));
    const walletTexts = [createIdentityText(seed('k')), enableIdentityText(seed('k'))].map(utf8ToBytes);
    for (const start of [...signedByKeys, ...walletTexts, utf8ToBytes('\x19Ethereum Signed Message:\n')]) {
      expect(start[0]).not.toBe(VAULT_SIGN_FIRST_BYTE);
    }
  });
});

describe('verifyVaultSignature', () => {
  it('accepts a genuine answer and names account, identity key and prekey', () => {
    const account = identity.seeds.wallet.address;
    const verified = verifyVaultSignature(sign(identity, fieldsOf(account)), {
      account: account.toLowerCase(),
      origin: ORIGIN,
    });
    expect(verified).toEqual({
      account,
      identityKey: identity.ours.identityKey.publicKey.publicKey,
      preKey: currentPreKey(identity.ours).publicKey.publicKey,
    });
  });

  const defects: Record<string, [string, (good: VaultSignature) => VaultSignature]> = {
    'another payload': [
      'signature-invalid',
      (good) => ({ ...good, signed: { ...good.signed, payload: utf8ToBytes('hullo') } }),
    ],
    'another purpose': ['signature-invalid', (good) => ({ ...good, signed: { ...good.signed, purpose: 'Sign out' } })],
    'another time': [
      'signature-invalid',
      (good) => ({ ...good, signed: { ...good.signed, issuedAtMs: good.signed.issuedAtMs + 1 } }),
    ],
    'another origin': [
      'wrong-origin',
      (good) => ({ ...good, signed: { ...good.signed, origin: 'https://evil.example' } }),
    ],
    'another account': [
      'wrong-account',
      (good) => ({ ...good, signed: { ...good.signed, account: other.seeds.wallet.address } }),
    ],
    'the bundle of another account': [
      'wrong-account',
      (good) => ({ ...good, signedPublicKeyBundle: encodeSignedPublicKeyBundle(signedPublicBundleOf(other.ours)) }),
    ],
    'a legacy bundle': [
      'malformed-protobuf',
      (good) => ({ ...good, signedPublicKeyBundle: encodePublicKeyBundle(publicBundleOf(identity.ours)) }),
    ],
    'an empty bundle': ['missing-field', (good) => ({ ...good, signedPublicKeyBundle: new Uint8Array(0) })],
    'a short signature': [
      'bad-signature',
      (good) => ({ ...good, signature: { ...good.signature, bytes: good.signature.bytes.slice(1) } }),
    ],
    'another version': ['unknown-version', (good) => ({ ...good, signed: { ...good.signed, version: 2 } })],
    'the signature of another prekey': [
      'signature-invalid',
      (good) => ({ ...good, signature: sign(other, good.signed).signature }),
    ],
    'a prekey that the identity key did not sign': [
      'prekey-signature-invalid',
      (good) => {
        const mixed = { ...signedPublicBundleOf(identity.ours), preKey: signedPublicBundleOf(other.ours).preKey };
        return {
          ...good,
          signature: sign(other, good.signed).signature,
          signedPublicKeyBundle: encodeSignedPublicKeyBundle(mixed),
        };
      },
    ],
    'a signature over the bare payload': [
      'signature-invalid',
      (good) => ({
        ...good,
        signature: signDigest(sha256(good.signed.payload), currentPreKey(identity.ours).privateKey),
      }),
    ],
    'a signature by the identity key': [
      'signature-invalid',
      (good) => ({
        ...good,
        signature: signDigest(
          vaultSignDigest(encodeVaultSignPayload(good.signed)),
          identity.ours.identityKey.privateKey,
        ),
      }),
    ],
  };

  it.each(Object.keys(defects))('refuses an answer with %s', (name) => {
    const [reason, spoil] = defects[name] as (typeof defects)[string];
    const account = identity.seeds.wallet.address;
    expect(
      reasonOf(() => verifyVaultSignature(spoil(sign(identity, fieldsOf(account))), { account, origin: ORIGIN })),
    ).toBe(reason);
  });

  it('refuses a genuine answer when another account or origin was expected', () => {
    const answer = sign(identity, fieldsOf(identity.seeds.wallet.address));
    expect(reasonOf(() => verifyVaultSignature(answer, { account: other.seeds.wallet.address, origin: ORIGIN }))).toBe(
      'wrong-account',
    );
    expect(
      reasonOf(() =>
        verifyVaultSignature(answer, { account: identity.seeds.wallet.address, origin: `${ORIGIN}:8443` }),
      ),
    ).toBe('wrong-origin');
  });
});
