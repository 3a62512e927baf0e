// Verification: a genuine answer passes and gives its chain; everything else is refused with its reason.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addPreKey, encodeSignedPublicKeyBundle, signedPublicBundleOf } from '../../protocol/keys/bundles';
import { bytesToHex, concatBytes } from '../../protocol/base/bytes';
import { eip191Digest } from '../../protocol/base/ethereum';
import { createIdentityKey, createIdentityTextOf, createPreKey, signIdentityKey } from '../../protocol/keys/keys';
import { getPublicKey, signDigest } from '../../protocol/base/secp256k1';
import { encodeVaultSignPayload, vaultSignDigest } from '../../protocol/ours/vault-signature';
import { makeAnswer, wellKnownPrivateKey } from '../answer.testkit';
import { VaultSignatureError, type VaultSignatureRefusal } from '../signature-error';
import { vaultSignatureFromJson, vaultSignatureToJson } from '../signature-json';
import type { VaultSignature } from '../types';
import { verifyVaultSignature, type ExpectedVaultSignature } from './verify';

const { answer, account, origin } = makeAnswer();
const stranger = makeAnswer({}, 2);
const expected = { account, origin };

function refusal(result: unknown, options: ExpectedVaultSignature = expected): VaultSignatureRefusal | 'accepted' {
  try {
    verifyVaultSignature(result as VaultSignature, options);
    return 'accepted';
  } catch (thrown) {
    if (thrown instanceof VaultSignatureError) return thrown.reason;
    throw thrown;
  }
}

const withSigned = (change: Partial<VaultSignature['signed']>): VaultSignature => ({
  ...answer,
  signed: { ...answer.signed, ...change },
});

function flipped(bytes: Uint8Array, at: number, bits: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = copy[at]! ^ bits;
  return copy;
}

describe('a genuine answer', () => {
  it('passes and gives the chain as data', () => {
    const chain = verifyVaultSignature(answer, expected);
    expect(chain).toEqual({
      account,
      identityKey: { publicKey: getPublicKey(wellKnownPrivateKey(101)), createdAtMs: 1_700_000_000_000 },
      prekey: { publicKey: getPublicKey(wellKnownPrivateKey(151)), createdAtMs: 1_700_000_100_000 },
      signature: answer.signature.bytes,
      digest: vaultSignDigest(encodeVaultSignPayload(answer.signed)),
      origin,
      purpose: 'Log in',
      issuedAtMs: 1_750_000_000_000,
      payload: new Uint8Array([1, 2, 3, 250]),
    });
  });

  it('passes with every expectation given, and an account in lower case', () => {
    const nowMs = answer.signed.issuedAtMs + 1000;
    const all = {
      account: account.toLowerCase(),
      origin,
      payload: answer.signed.payload,
      purpose: 'Log in',
      maxAgeMs: 1000,
      nowMs,
    };
    expect(verifyVaultSignature(answer, all).account).toBe(account);
  });

  it('does not share memory with the answer', () => {
    const { answer: mine } = makeAnswer();
    const chain = verifyVaultSignature(mine, expected);
    mine.signed.payload.fill(0);
    mine.signature.bytes.fill(0);
    expect(chain.payload).toEqual(new Uint8Array([1, 2, 3, 250]));
    expect(chain.signature).toEqual(answer.signature.bytes);
  });

  it('law: whatever is signed verifies, also after a journey as JSON, and for no other person', () => {
    fc.assert(
      fc.property(
        fc.record({
          origin: fc.webUrl({ validSchemes: ['https'] }).map((url) => new URL(url).origin),
          purpose: fc.string({ minLength: 1, maxLength: 100, unit: 'grapheme' }),
          payload: fc.uint8Array({ maxLength: 300 }),
          issuedAtMs: fc.maxSafeNat(),
        }),
        fc.integer({ min: 1, max: 90 }),
        (fields, seed) => {
          const made = makeAnswer(fields, seed);
          const travelled = vaultSignatureFromJson(vaultSignatureToJson(made.answer));
          expect(travelled).toEqual(made.answer);
          const chain = verifyVaultSignature(travelled, {
            account: made.account,
            origin: made.origin,
            payload: fields.payload,
          });
          expect({ ...fields, account: made.account }).toMatchObject({
            purpose: chain.purpose,
            issuedAtMs: chain.issuedAtMs,
          });
          expect(refusal(travelled, { account: makeAnswer({}, seed + 1).account, origin: made.origin })).toBe(
            'wrong-account',
          );
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('a changed answer is refused', () => {
  it('law: any changed byte of the signature', () => {
    for (let at = 0; at < 64; at++) {
      for (const bits of [0x01, 0x80]) {
        const bytes = flipped(answer.signature.bytes, at, bits);
        expect(refusal({ ...answer, signature: { ...answer.signature, bytes } }), `byte ${at}`).not.toBe('accepted');
      }
    }
  });

  it('law: any changed byte of the key bundle', () => {
    const bundle = answer.signedPublicKeyBundle;
    for (let at = 0; at < bundle.length; at++) {
      const changed = { ...answer, signedPublicKeyBundle: flipped(bundle, at, 1 + (at % 255)) };
      expect(refusal(changed), `byte ${at}`).not.toBe('accepted');
    }
  });

  it('law: random damage to any byte string, in any place', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('signature', 'bundle', 'payload'),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (which, place, bits) => {
          const hit = (bytes: Uint8Array) => flipped(bytes, place % bytes.length, bits);
          const changed: VaultSignature = {
            signature: {
              ...answer.signature,
              bytes: which === 'signature' ? hit(answer.signature.bytes) : answer.signature.bytes,
            },
            signed: {
              ...answer.signed,
              payload: which === 'payload' ? hit(answer.signed.payload) : answer.signed.payload,
            },
            signedPublicKeyBundle:
              which === 'bundle' ? hit(answer.signedPublicKeyBundle) : answer.signedPublicKeyBundle,
          };
          expect(refusal(changed)).not.toBe('accepted');
        },
      ),
      { numRuns: 200 },
    );
  });

  it('law: cut off or lengthened byte strings', () => {
    const bundle = answer.signedPublicKeyBundle;
    const { bytes } = answer.signature;
    for (const other of [
      bundle.slice(0, -1),
      new Uint8Array(),
      concatBytes(bundle, new Uint8Array([0])),
      concatBytes(bundle, bundle),
    ]) {
      expect(refusal({ ...answer, signedPublicKeyBundle: other })).toBe('malformed');
    }
    // Field 15, one byte: a part that a protobuf reader skips as unknown.
    expect(refusal({ ...answer, signedPublicKeyBundle: concatBytes(bundle, new Uint8Array([0x78, 1])) })).toBe(
      'malformed',
    );
    for (const other of [bytes.slice(0, 63), new Uint8Array(), concatBytes(bytes, new Uint8Array([27]))]) {
      expect(refusal({ ...answer, signature: { ...answer.signature, bytes: other } })).toBe('malformed');
    }
  });

  it.each([
    [
      'recovery bit',
      { ...answer, signature: { ...answer.signature, recovery: answer.signature.recovery === 0 ? 1 : 0 } },
      'signature-invalid',
    ],
    ['purpose', withSigned({ purpose: 'Log out' }), 'signature-invalid'],
    ['time', withSigned({ issuedAtMs: answer.signed.issuedAtMs + 1 }), 'signature-invalid'],
    ['payload', withSigned({ payload: new Uint8Array([1, 2, 3]) }), 'signature-invalid'],
    ['origin', withSigned({ origin: 'https://evil.example' }), 'wrong-origin'],
    ['account', withSigned({ account: stranger.account }), 'wrong-account'],
    ['account in lower case', withSigned({ account: account.toLowerCase() }), 'wrong-account'],
    ['version', withSigned({ version: 2 as 1 }), 'malformed'],
    [
      'keys of a stranger',
      { ...answer, signedPublicKeyBundle: stranger.answer.signedPublicKeyBundle },
      'identity-key-invalid',
    ],
    ['signature of a stranger', { ...answer, signature: stranger.answer.signature }, 'signature-invalid'],
  ] as [string, VaultSignature, VaultSignatureRefusal][])('another %s', (_name, changed, reason) => {
    expect(refusal(changed)).toBe(reason);
  });

  it('for another site or another account than expected', () => {
    expect(refusal(answer, { account, origin: 'https://evil.example' })).toBe('wrong-origin');
    expect(refusal(answer, { account, origin: `${origin}/` })).toBe('wrong-origin');
    expect(refusal(answer, { account: stranger.account, origin })).toBe('wrong-account');
  });

  it('when a field boundary moves: text cannot wander from one field to the next', () => {
    const moved = withSigned({ purpose: 'Log in\u0001', payload: new Uint8Array([2, 3, 250]) });
    expect(refusal(moved)).toBe('signature-invalid');
  });

  it('when the chain is forged in the middle: a prekey that another identity key signed', () => {
    const walletPrivateKey = wellKnownPrivateKey(1);
    const identityPrivateKey = wellKnownPrivateKey(101);
    const strangersPrivateKey = wellKnownPrivateKey(7);
    const unsigned = createIdentityKey({ privateKey: identityPrivateKey, createdMs: 1n });
    const identityKey = signIdentityKey(
      unsigned,
      signDigest(eip191Digest(createIdentityTextOf(unsigned)), walletPrivateKey),
    );
    const forgedPreKey = createPreKey({
      privateKey: strangersPrivateKey,
      createdMs: 1n,
      identityPrivateKey: strangersPrivateKey,
    });
    expect(() => addPreKey({ identityKey, preKeys: [] }, forgedPreKey)).toThrow();
    const bundle = signedPublicBundleOf({ identityKey, preKeys: [forgedPreKey] });
    const forged: VaultSignature = {
      ...answer,
      signature: signDigest(vaultSignDigest(encodeVaultSignPayload(answer.signed)), strangersPrivateKey),
      signedPublicKeyBundle: encodeSignedPublicKeyBundle(bundle),
    };
    expect(refusal(forged)).toBe('prekey-invalid');
  });

  it('when the bundle carries the recovery bit of the prekey signature the other way round', () => {
    const walletPrivateKey = wellKnownPrivateKey(1);
    const identityPrivateKey = wellKnownPrivateKey(101);
    const unsigned = createIdentityKey({ privateKey: identityPrivateKey, createdMs: 1n });
    const identityKey = signIdentityKey(
      unsigned,
      signDigest(eip191Digest(createIdentityTextOf(unsigned)), walletPrivateKey),
    );
    const preKey = createPreKey({ privateKey: wellKnownPrivateKey(151), createdMs: 1n, identityPrivateKey });
    const { identityKey: signedIdentityKey, preKey: signedPreKey } = signedPublicBundleOf({
      identityKey,
      preKeys: [preKey],
    });
    const bundleWith = (recovery: 0 | 1) =>
      encodeSignedPublicKeyBundle({
        identityKey: signedIdentityKey,
        preKey: { ...signedPreKey, signature: { ...signedPreKey.signature, recovery } },
      });
    const right = signedPreKey.signature.recovery;
    expect(refusal({ ...answer, signedPublicKeyBundle: bundleWith(right) })).toBe('accepted');
    expect(refusal({ ...answer, signedPublicKeyBundle: bundleWith(right === 0 ? 1 : 0) })).toBe('prekey-invalid');
  });
});

describe('expectations', () => {
  it('payload and purpose', () => {
    expect(refusal(answer, { ...expected, payload: new Uint8Array([1, 2, 3, 251]) })).toBe('wrong-payload');
    expect(refusal(answer, { ...expected, payload: new Uint8Array([1, 2, 3]) })).toBe('wrong-payload');
    expect(refusal(answer, { ...expected, purpose: 'Log out' })).toBe('wrong-purpose');
    const text = makeAnswer({ payload: new TextEncoder().encode('nonce ✓') }).answer;
    expect(refusal(text, { ...expected, payload: 'nonce ✓' })).toBe('accepted');
    expect(refusal(text, { ...expected, payload: 'nonce' })).toBe('wrong-payload');
  });

  it('age: the limit itself still passes, a minute of clock difference too', () => {
    const at = answer.signed.issuedAtMs;
    expect(refusal(answer, { ...expected, maxAgeMs: 5000, nowMs: at + 5000 })).toBe('accepted');
    expect(refusal(answer, { ...expected, maxAgeMs: 5000, nowMs: at + 5001 })).toBe('too-old');
    expect(refusal(answer, { ...expected, maxAgeMs: 5000, nowMs: at - 60_000 })).toBe('accepted');
    expect(refusal(answer, { ...expected, maxAgeMs: 5000, nowMs: at - 60_001 })).toBe('from-the-future');
    expect(refusal(answer, { ...expected, nowMs: at + 1e12 })).toBe('accepted');
  });

  it('age against the clock when no time is given', () => {
    const fresh = makeAnswer({ issuedAtMs: Date.now() }).answer;
    expect(refusal(fresh, { ...expected, maxAgeMs: 600_000 })).toBe('accepted');
    expect(refusal(makeAnswer({ issuedAtMs: Date.now() - 700_000 }).answer, { ...expected, maxAgeMs: 600_000 })).toBe(
      'too-old',
    );
  });

  it('the account in every spelling, because only its digits are compared; a mistyped digit is another account', () => {
    for (const spelling of [account.toLowerCase(), account.toUpperCase(), account.replace('7E5F', '7e5F')])
      expect(refusal(answer, { ...expected, account: spelling })).toBe('accepted');
    expect(refusal(answer, { ...expected, account: account.replace('7E5F', '7E5A') })).toBe('wrong-account');
  });

  it.each([
    ['no account', { origin }],
    ['an account that is none', { account: '0x12', origin }],
    ['no origin', { account }],
    ['an undefined payload', { ...expected, payload: undefined }],
    ['a payload of another type', { ...expected, payload: [1, 2, 3, 250] }],
    ['a payload text without UTF-8 form', { ...expected, payload: '\udc00' }],
    ['an undefined purpose', { ...expected, purpose: undefined }],
    ['an age that is no number', { ...expected, maxAgeMs: Number.NaN }],
    ['a negative age', { ...expected, maxAgeMs: -1 }],
    ['a time that is no number', { ...expected, maxAgeMs: 1, nowMs: Number.NaN }],
  ])('an unusable option is a TypeError, not a pass: %s', (_name, options) => {
    expect(() => verifyVaultSignature(answer, options as ExpectedVaultSignature)).toThrow(TypeError);
  });
});

describe('shape', () => {
  it('law: whatever is not an answer is refused as malformed, and nothing else is thrown', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withTypedArray: true }), (value) => {
        expect(refusal(value)).toBe('malformed');
      }),
    );
  });

  it.each([
    ['payload as an ordinary array', withSigned({ payload: [1, 2, 3, 250] as unknown as Uint8Array })],
    ['time as text', withSigned({ issuedAtMs: '1750000000000' as unknown as number })],
    ['time with a fraction', withSigned({ issuedAtMs: 1.5 })],
    ['purpose without UTF-8 form', withSigned({ purpose: '\ud800' })],
    ['recovery 2', { ...answer, signature: { ...answer.signature, recovery: 2 } }],
    ['no bundle', { signature: answer.signature, signed: answer.signed }],
  ])('%s', (_name, value) => {
    expect(refusal(value)).toBe('malformed');
  });

  it('a node Buffer is as good as any byte array', () => {
    const buffers = { ...answer, signedPublicKeyBundle: Buffer.from(answer.signedPublicKeyBundle) };
    expect(refusal(buffers)).toBe('accepted');
  });

  it('JSON that is none, or holds no canonical base64, is malformed', () => {
    const json = vaultSignatureToJson(answer);
    expect(bytesToHex(vaultSignatureFromJson(json).signature.bytes)).toBe(bytesToHex(answer.signature.bytes));
    for (const bad of [
      '',
      'null',
      '[]',
      '{}',
      json.slice(1),
      json.replace('AQID+g==', 'AQID+h=='),
      json.replace('AQID+g==', 'AQID+g'),
    ]) {
      expect(() => vaultSignatureFromJson(bad), bad).toThrow(VaultSignatureError);
    }
  });
});
