// The real client as oracle for shared secrets and sealed bytes: 1,000 random cases per operation.
// Promises equal secrets in both roles and directions, leading zero bytes included, and sealed bytes each side opens.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { legacyToV2PrivateKeyBundle, publicBundleOf, signedPublicBundleOf } from '../keys/bundles';
import { identityPool, reference, seed, theirKey } from '../testkit/reference.testkit';
import { reasonOf } from '../testkit/refusal.testkit';
import { decodeCiphertext, encodeCiphertext, openSealed, sealWith } from '../keys/seal';
import { ecdh65, getPublicKey } from '../base/secp256k1';
import { sharedSecret } from '../keys/shared-secret';
import { lawOf } from '../../../scripts/campaign/size';

const CASES = lawOf('differential', 'cases');
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const bytes12 = fc.uint8Array({ minLength: 12, maxLength: 12 });
const someBytes = fc.uint8Array({ maxLength: 300 });

// Private keys `seed('leading zero <i>')` whose shared point with `seed('leading zero peer')` has X, or Y, beginning with 00.
const X_LEADING_ZERO = [
  43, 146, 218, 252, 448, 787, 1602, 2143, 2209, 2227, 2538, 3003, 3079, 3315, 3436, 3890, 4197, 4804, 5064, 5764, 6049,
  6420, 6465, 6600,
];
const Y_LEADING_ZERO = [730, 735, 897, 978, 1242, 1387, 2017, 2078];

describe('the real client agrees', () => {
  it('R-D4 on shared secrets of random pairs, as sender and as recipient, with current and older prekeys', async () => {
    const pool = await identityPool(40);
    const pairs = fc.tuple(fc.constantFrom(...pool), fc.constantFrom(...pool), fc.nat(2), fc.boolean(), fc.boolean());
    await fc.assert(
      fc.asyncProperty(pairs, async ([one, other, age, isRecipient, isV2]) => {
        const index = age % one.ours.preKeys.length;
        const [myPreKey, theirPreKey] = [one.ours.preKeys[index], one.theirs.preKeys[index]];
        const expected = await one.theirs.sharedSecret(
          other.theirs.getPublicKeyBundle(),
          theirPreKey?.publicKey as NonNullable<typeof theirPreKey>['publicKey'],
          isRecipient,
        );
        const role = isRecipient ? 'recipient' : 'sender';
        const named = myPreKey?.publicKey as NonNullable<typeof myPreKey>['publicKey'];
        const mine = isV2 ? legacyToV2PrivateKeyBundle(one.ours) : one.ours;
        const peer = isV2 ? signedPublicBundleOf(other.ours) : publicBundleOf(other.ours);
        const secret = sharedSecret(mine, peer, named, role);
        expect(secret.length).toBe(195);
        expect(secret).toEqual(Uint8Array.from(expected));
      }),
      CASES,
    );
  });

  it('R-D4 on what the other side derives: our sender is their recipient', async () => {
    const pool = await identityPool(20);
    for (const [i, one] of pool.entries()) {
      const other = pool[(i + 7) % 20] as (typeof pool)[number];
      const ours = sharedSecret(one.ours, publicBundleOf(other.ours), publicBundleOf(one.ours).preKey, 'sender');
      const theirs = await other.theirs.sharedSecret(
        one.theirs.getPublicKeyBundle(),
        other.theirs.getCurrentPreKey().publicKey,
        true,
      );
      expect(ours).toEqual(Uint8Array.from(theirs));
    }
  });

  it('R-D4 on shared points whose coordinates begin with zero bytes', () => {
    const peer = theirKey(seed('leading zero peer'), 1n);
    const peerPublicKey = getPublicKey(seed('leading zero peer'));
    for (const [at, list] of [
      [1, X_LEADING_ZERO],
      [33, Y_LEADING_ZERO],
    ] as const) {
      for (const i of list) {
        const point = ecdh65(seed(`leading zero ${i}`), peerPublicKey);
        expect(point[at]).toBe(0);
        expect(point).toEqual(Uint8Array.from(theirKey(seed(`leading zero ${i}`), 1n).sharedSecret(peer.publicKey)));
      }
    }
  });

  it('on sealing: what we seal, the real client opens', async () => {
    await fc.assert(
      fc.asyncProperty(someBytes, someBytes, someBytes, bytes32, bytes12, async (plain, secret, aad, salt, nonce) => {
        const sealed = sealWith(plain, secret, aad, salt, nonce);
        const opened = await reference.decrypt(reference.Ciphertext.fromBytes(encodeCiphertext(sealed)), secret, aad);
        expect(Uint8Array.from(opened)).toEqual(plain);
      }),
      CASES,
    );
  });

  it('on opening: what the real client seals, we open, and seal again to the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(someBytes, someBytes, fc.option(someBytes, { nil: undefined }), async (plain, secret, aad) => {
        const theirs = Uint8Array.from((await reference.encrypt(plain, secret, aad)).toBytes());
        const sealed = decodeCiphertext(theirs);
        expect(openSealed(sealed, secret, aad)).toEqual(plain);
        expect(encodeCiphertext(sealWith(plain, secret, aad, sealed.hkdfSalt, sealed.gcmNonce))).toEqual(theirs);
      }),
      CASES,
    );
  });
});

describe('Open', () => {
  const sealed = sealWith(seed('plain'), seed('secret'), seed('aad'), seed('salt'), seed('nonce').subarray(0, 12));

  it('refuses every flipped bit of salt, nonce, payload, secret and aad', () => {
    const parts = {
      hkdfSalt: sealed.hkdfSalt,
      gcmNonce: sealed.gcmNonce,
      payload: sealed.payload,
      secret: seed('secret'),
      aad: seed('aad'),
    };
    for (const [name, part] of Object.entries(parts)) {
      for (let bit = 0; bit < part.length * 8; bit++) {
        const flipped = part.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
        const { secret, aad, ...ciphertext } = { ...parts, [name]: flipped };
        expect(reasonOf(() => openSealed(ciphertext, secret, aad))).toBe('not-opened');
      }
    }
  });

  it('refuses lengths no Seal can have made, before decrypting', () => {
    for (const wrong of [
      { hkdfSalt: new Uint8Array(31) },
      { gcmNonce: new Uint8Array(16) },
      { payload: new Uint8Array(15) },
    ]) {
      expect(reasonOf(() => openSealed({ ...sealed, ...wrong }, seed('secret'), seed('aad')))).toBe('bad-length');
    }
    expect(
      reasonOf(() => sealWith(seed('plain'), seed('secret'), undefined, new Uint8Array(33), new Uint8Array(12))),
    ).toBe('bad-length');
  });
});
