// Wallet signatures in all their shapes, addresses, and what signing promises.
import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { bytesToHex, concatBytes } from './bytes';
import {
  addressOf,
  canonicalSignatureSecret,
  eip191Digest,
  normaliseWalletSignature,
  readSignedText,
  readWalletSignature,
  recoverWalletAddress,
} from './ethereum';
import { seed, testWallet } from '../testkit/reference.testkit';
import { reasonOf } from '../testkit/refusal.testkit';
import {
  ecdh65,
  generatePrivateKey,
  getPublicKey,
  isPublicKey,
  recoverPublicKey,
  signDigest,
  toLowS,
} from './secp256k1';

const TEXT = 'Unlock this vault';

/** Every encoding in use of one signature; the wallet's own has v 27/28. */
function encodingsOf(signature: Uint8Array): Record<string, Uint8Array> {
  const parity = (signature[64] as number) - 27;
  const parsed = secp256k1.Signature.fromBytes(signature.slice(0, 64), 'compact');
  const high = new secp256k1.Signature(parsed.r, secp256k1.Point.Fn.neg(parsed.s)).toBytes('compact');
  const low = signature.slice(0, 64);
  const compact = low.slice();
  compact[32] = (compact[32] as number) | (parity << 7);
  const withV = (bytes: Uint8Array, v: number): Uint8Array => concatBytes(bytes, Uint8Array.of(v));
  return {
    'v 27/28': signature,
    'v 0/1': withV(low, parity),
    'v of chain 1': withV(low, 37 + parity),
    'v of chain 109': withV(low, 253 + parity),
    'high s': withV(high, 28 - parity),
    'high s, v 0/1': withV(high, 1 - parity),
    'EIP-2098': compact,
  };
}

const secretOf = (signature: Uint8Array) => canonicalSignatureSecret(readWalletSignature(signature));

describe('wallet signatures', () => {
  it('R-E2 all encodings of one signature give one secret and one account', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.string(), (who, text) => {
        const wallet = testWallet(`zoo ${who}`);
        const encodings = Object.values(encodingsOf(wallet.sign(text)));
        const secrets = new Set(encodings.map((bytes) => bytesToHex(secretOf(bytes))));
        expect(secrets.size).toBe(1);
        expect(new Set(encodings.map((bytes) => recoverWalletAddress(text, bytes)))).toEqual(new Set([wallet.address]));
        expect([...secrets][0]).toBe(bytesToHex(wallet.sign(text).slice(0, 64)));
      }),
      { numRuns: 200 },
    );
  });

  it('R-E2 refuses what is no ECDSA signature of a key: other lengths, other v, scalars out of range', () => {
    const signature = testWallet('refused').sign(TEXT);
    const changed = (at: number, ...values: number[]): Uint8Array => {
      const copy = signature.slice();
      copy.set(values, at);
      return copy;
    };
    const zeros = Array.from({ length: 32 }, () => 0);
    const order = Array.from({ length: 32 }, (_, i) =>
      Number((secp256k1.Point.Fn.ORDER >> BigInt(8 * (31 - i))) & 255n),
    );
    const refused = [
      new Uint8Array(0),
      signature.slice(0, 63),
      concatBytes(signature, Uint8Array.of(0)),
      new Uint8Array(96),
      new Uint8Array(640),
      ...[2, 3, 26, 29, 34].map((v) => changed(64, v)),
      changed(0, ...zeros),
      changed(32, ...zeros),
      changed(0, ...order),
      changed(32, ...order),
      concatBytes(signature.slice(0, 32), Uint8Array.of(0x7f), new Uint8Array(31).fill(0xff)),
    ];
    for (const bytes of refused) {
      expect(reasonOf(() => secretOf(bytes))).toBe('bad-signature');
      expect(reasonOf(() => recoverWalletAddress(TEXT, bytes))).toBe('bad-signature');
    }
  });

  it('a plain 64-byte r || s is read as EIP-2098: right only for parity 0, otherwise another account', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const wallet = testWallet(`plain ${i}`);
      const signature = wallet.sign(TEXT);
      const isRight = recoverWalletAddress(TEXT, signature.slice(0, 64)) === wallet.address;
      expect(isRight).toBe(signature[64] === 27);
      expect(secretOf(signature.slice(0, 64))).toEqual(secretOf(signature));
      seen.add(String(isRight));
    }
    expect(seen.size).toBe(2);
  });

  it('R-E2 what is read of a text has the 65 bytes as written, what they say, and one signer', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.string(), (who, text) => {
        const wallet = testWallet(`read ${who}`);
        const encodings = encodingsOf(wallet.sign(text));
        const lacking = [encodings['EIP-2098'], encodings['v 0/1']?.slice(0, 64), encodings['high s']?.slice(0, 64)];
        for (const bytes of [...Object.values(encodings), ...lacking] as Uint8Array[]) {
          const { written, read, signer } = readSignedText(text, bytes, wallet.address);
          expect(signer).toBe(wallet.address);
          expect(written).toHaveLength(65);
          expect(written).not.toBe(bytes);
          if (bytes.length === 65) expect(written).toEqual(bytes);
          expect(read).toEqual(readWalletSignature(written));
        }
      }),
      { numRuns: 50 },
    );
  });

  it('leaves the bytes of the caller alone, also those of a Buffer, whose slice is no copy', () => {
    const wallet = testWallet('buffer');
    for (const encoding of Object.values(encodingsOf(wallet.sign(TEXT)))) {
      const buffer = Buffer.from(encoding);
      expect(recoverWalletAddress(TEXT, buffer)).toBe(wallet.address);
      const { read, written } = readSignedText(TEXT, buffer, wallet.address);
      read.bytes.fill(0);
      written.fill(0);
      expect(new Uint8Array(buffer)).toEqual(new Uint8Array(encoding));
    }
  });

  it('the form kept in keys is r || s untouched, with the bit from any v, as text or bytes', () => {
    const { 'high s': high, 'v of chain 1': chained } = encodingsOf(testWallet('kept').sign(TEXT)) as Record<
      string,
      Uint8Array
    >;
    for (const signature of [high, chained] as Uint8Array[]) {
      const kept = normaliseWalletSignature(`0x${bytesToHex(signature)}`);
      expect(kept.bytes).toEqual(signature.slice(0, 64));
      expect(kept).toEqual(normaliseWalletSignature(signature));
      expect(kept.recovery).toBe(((signature[64] as number) + 1) % 2);
    }
    expect(reasonOf(() => normaliseWalletSignature((high as Uint8Array).slice(0, 64)))).toBe('bad-signature');
    expect(reasonOf(() => normaliseWalletSignature('0xnothex'))).toBe('bad-encoding');
  });
});

describe('the curve', () => {
  it('takes exactly the scalars from 1 to n - 1 as private keys, and copies them', () => {
    const order = secp256k1.Point.Fn.ORDER;
    const bytesOf = (value: bigint): Uint8Array =>
      Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * (31 - i))) & 255n));
    for (const good of [1n, 2n, order - 1n]) {
      const random = bytesOf(good);
      const key = generatePrivateKey(random);
      expect(key).toEqual(random);
      expect(key.buffer).not.toBe(random.buffer);
    }
    for (const bad of [
      bytesOf(0n),
      bytesOf(order),
      bytesOf(order + 1n),
      new Uint8Array(31).fill(1),
      new Uint8Array(33).fill(1),
    ]) {
      expect(reasonOf(() => generatePrivateKey(bad))).toBe('bad-private-key');
      expect(reasonOf(() => getPublicKey(bad))).toBe('bad-private-key');
      expect(reasonOf(() => signDigest(seed('digest'), bad))).toBe('bad-private-key');
    }
  });

  it('refuses points that are compressed, hybrid, at infinity or off the curve', () => {
    const point = getPublicKey(seed('point'));
    const offCurve = point.slice();
    offCurve[64] = (offCurve[64] as number) ^ 1;
    const hybrid = point.slice();
    hybrid[0] = 6;
    for (const bad of [
      secp256k1.getPublicKey(seed('point'), true),
      hybrid,
      offCurve,
      new Uint8Array(65),
      Uint8Array.of(0),
      point.subarray(0, 64),
    ]) {
      expect(isPublicKey(bad)).toBe(false);
      expect(reasonOf(() => ecdh65(seed('mine'), bad))).toBe('bad-public-key');
    }
    expect(isPublicKey(point)).toBe(true);
  });

  it('R-D5 never releases a signature that does not verify', async () => {
    // A fault while signing can only be had by injection: one bit of what noble returned.
    let faultAt = 0;
    vi.doMock('@noble/curves/secp256k1.js', async (original) => {
      const real = await original<{ secp256k1: typeof secp256k1 }>();
      const sign: typeof secp256k1.sign = (...args) => {
        const signature = real.secp256k1.sign(...args);
        if (faultAt >= 0) signature[faultAt] = (signature[faultAt] as number) ^ 1;
        return signature;
      };
      return { ...real, secp256k1: { ...real.secp256k1, sign } };
    });
    vi.resetModules();
    try {
      const faulty = await import('./secp256k1');
      for (faultAt of [1, 32, 33, 64]) {
        expect(() => faulty.signDigest(seed('digest'), seed('signer'))).toThrow(
          expect.objectContaining({ reason: 'signature-invalid' }),
        );
      }
      faultAt = -1;
      expect(faulty.signDigest(seed('digest'), seed('signer'))).toEqual(signDigest(seed('digest'), seed('signer')));
    } finally {
      vi.doUnmock('@noble/curves/secp256k1.js');
      vi.resetModules();
    }
  });

  it('R-D4 signs the digest as given, not a hash of it, and only 32 bytes', () => {
    const digest = seed('digest');
    const signature = signDigest(digest, seed('signer'));
    expect(recoverPublicKey(signature, digest)).toEqual(getPublicKey(seed('signer')));
    expect(toLowS(signature)).toBe(signature);
    for (const length of [0, 31, 33, 64])
      expect(reasonOf(() => signDigest(new Uint8Array(length), seed('signer')))).toBe('bad-length');
  });

  it('knows the digest and address of a published EIP-191 example', () => {
    // The example of the ethers and web3 documentation: the text "Some data" and its signer.
    expect(bytesToHex(eip191Digest('Some data'))).toBe(
      '1da44b586eb0729ff70a73c326926f6ed5a25f5b056e7f47fbc6e58d86871655',
    );
    expect(
      addressOf(
        getPublicKey(
          Uint8Array.from(Buffer.from('4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318', 'hex')),
        ),
      ),
    ).toBe('0x2c7536E3605D9C16a7a3D7b1898e529396a65c23');
  });
});
