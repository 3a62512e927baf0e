// The real client as oracle for what an account does for itself: auth tokens, self encryption, HMAC keys.
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { authorizationOf, createAuthToken, TOKEN_LIFETIME_NS, verifyAuthToken } from '../keys/auth-token';
import { hmacKeyInfo, hmacKeyOf, hmacKeysAround, senderHmac, verifySenderHmac } from '../messages/hmac-keys';
import type { PreferenceAction } from '../messages/preference-action';
import { decodePreferenceAction, encodePreferenceAction } from '../messages/preference-action';
import { Token } from '../proto/gen/keys';
import type { TestIdentity } from '../testkit/reference.testkit';
import { identityPool, reference } from '../testkit/reference.testkit';
import { reasonOf } from '../testkit/refusal.testkit';
import { selfDecrypt, selfEncrypt } from '../messages/self-encryption';
import { utf8ToBytes } from '../base/bytes';
import { lawOf } from '../../../scripts/campaign/size';

const CASES = lawOf('differential', 'cases');
const NS_PER_MS = 1_000_000n;
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const bytes12 = fc.uint8Array({ minLength: 12, maxLength: 12 });

let pool: TestIdentity[];
beforeAll(async () => {
  pool = await identityPool(12);
});

describe('the real client agrees', () => {
  it('on every byte of auth tokens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(11), fc.integer({ min: 1, max: 4_000_000_000_000 }), async (i, ms) => {
        const { ours, theirs, seeds } = pool[i] as TestIdentity;
        const token = createAuthToken(ours.identityKey, BigInt(ms) * NS_PER_MS);
        const expected = await new reference.LocalAuthenticator(theirs.identityKey).createToken(new Date(ms));
        expect(token).toEqual(Uint8Array.from(expected.toBytes()));
        expect(authorizationOf(token)).toBe(`Bearer ${expected.toBase64()}`);
        if (ms % 10 === 0) expect(verifyAuthToken(token, BigInt(ms) * NS_PER_MS)).toBe(seeds.wallet.address);
      }),
      { numRuns: 300 },
    );
  });

  it('on HMAC keys and the sender_hmac of a header', async () => {
    await fc.assert(
      fc.asyncProperty(
        bytes32,
        fc.nat(11),
        fc.nat(2000),
        fc.uint8Array({ minLength: 1, maxLength: 150 }),
        async (keyMaterial, i, period, header) => {
          const { address } = (pool[i] as TestIdentity).seeds.wallet;
          const info = utf8ToBytes(hmacKeyInfo(period, address));
          const expected = await reference.exportHmacKey(await reference.hkdfHmacKey(keyMaterial, info));
          const key = hmacKeyOf(keyMaterial, period, address);
          expect(key).toEqual(Uint8Array.from(expected));
          expect(senderHmac(key, header)).toEqual(await reference.generateHmacSignature(keyMaterial, info, header));
          expect(hmacKeysAround(keyMaterial, address, period * 2_592_000_000)[1]).toEqual({
            thirtyDayPeriodsSinceEpoch: period,
            hmacKey: key,
          });
          expect(verifySenderHmac(key, header, senderHmac(keyMaterial, header))).toBe(false);
        },
      ),
      CASES,
    );
  });

  it('on self encryption in both directions, through its keystore', async () => {
    const keystores = await Promise.all(
      pool.map(({ theirs }) => reference.InMemoryKeystore.create(theirs, reference.InMemoryPersistence.create())),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.nat(11),
        fc.uint8Array({ maxLength: 200 }),
        bytes32,
        bytes12,
        async (i, plain, salt, nonce) => {
          const { ours } = pool[i] as TestIdentity;
          const keystore = keystores[i] as (typeof keystores)[number];
          const opened = await keystore.selfDecrypt({
            requests: [{ payload: selfEncrypt(plain, ours.identityKey.privateKey, salt, nonce) }],
          });
          expect(Uint8Array.from(opened.responses[0]?.result?.decrypted ?? [255])).toEqual(plain);
          const sealed = await keystore.selfEncrypt({ requests: [{ payload: plain }] });
          expect(
            selfDecrypt(Uint8Array.from(sealed.responses[0]?.result?.encrypted ?? []), ours.identityKey.privateKey),
          ).toEqual(plain);
        },
      ),
      CASES,
    );
  });
});

describe('auth tokens', () => {
  it('are refused when any part is not what the identity key signed, or when older than an hour', () => {
    const { ours } = pool[0] as TestIdentity;
    const createdNs = 1_718_000_000_000n * NS_PER_MS;
    const token = createAuthToken(ours.identityKey, createdNs);
    const message = Token.decode(token);
    const verdict = (changes: Partial<Token>, nowNs = createdNs): string =>
      reasonOf(() => verifyAuthToken(Token.encode({ ...message, ...changes }).finish(), nowNs));
    const other = Token.decode(createAuthToken((pool[1] as TestIdentity).ours.identityKey, createdNs));
    expect(verdict({})).toBe('accepted');
    expect(verdict({}, createdNs + TOKEN_LIFETIME_NS)).toBe('accepted');
    expect(verdict({}, createdNs + TOKEN_LIFETIME_NS + 1n)).toBe('bad-number');
    expect(verdict({ authDataBytes: other.authDataBytes })).toBe('signature-invalid');
    expect(verdict({ identityKey: other.identityKey })).toBe('signature-invalid');
    expect(verdict({ authDataSignature: undefined })).toBe('missing-field');
    expect(verdict({ identityKey: undefined })).toBe('not-signed');
    expect(
      verdict({
        authDataSignature: { ecdsaCompact: undefined, walletEcdsaCompact: message.authDataSignature?.ecdsaCompact },
      }),
    ).toBe('signature-invalid');
  });

  it('are refused when they name another account than that of the key that signed them', () => {
    const [{ ours }, { seeds }] = pool as [TestIdentity, TestIdentity];
    const createdNs = 1_718_000_000_000n * NS_PER_MS;
    const named = createAuthToken(ours.identityKey, createdNs, seeds.wallet.address);
    expect(reasonOf(() => verifyAuthToken(named, createdNs))).toBe('wrong-account');
  });
});

describe('preference actions', () => {
  it('decode to what was encoded', () => {
    const kind = fc.constantFrom<PreferenceAction['kind']>(
      'allowAddress',
      'denyAddress',
      'allowGroup',
      'denyGroup',
      'allowInboxId',
      'denyInboxId',
    );
    fc.assert(
      fc.property(kind, fc.array(fc.string()), (kindOf, values) => {
        const action = { kind: kindOf, values };
        expect(decodePreferenceAction(encodePreferenceAction(action))).toEqual(action);
      }),
    );
    expect(reasonOf(() => decodePreferenceAction(new Uint8Array(0)))).toBe('unknown-version');
  });
});
