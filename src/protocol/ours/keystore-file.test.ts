// Keystore files against the definition's own example, against node's OpenSSL, and against every changed byte.
import { createCipheriv, createDecipheriv, scryptSync } from 'node:crypto';
import type * as Scrypt from '@noble/hashes/scrypt.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { bytesToHex, hexToBytes, utf8ToBytes } from '../base/bytes';
import { addressOf } from '../base/ethereum';
import { getPublicKey } from '../base/secp256k1';
import {
  addressInKeystoreFile,
  keystoreCost,
  keystoreFileName,
  keystoreFileOf,
  keystoreSecret,
  openKeystoreFile,
} from './keystore-file';

// The published example is asked for more than once, at its whole cost.
vi.mock('@noble/hashes/scrypt.js', async (importActual) => {
  const real = await importActual<typeof Scrypt>();
  const { remembered } = await import('../testkit/remembering.testkit');
  return { ...real, scryptAsync: remembered(real.scryptAsync) };
});

/** "Test Vectors, Scrypt" of the Web3 Secret Storage Definition. It names no address, and OpenSSL refuses this cost: N is too large for r. */
const published = {
  passphrase: 'testpassword',
  keyHex: '7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d',
  file: {
    crypto: {
      cipher: 'aes-128-ctr',
      cipherparams: { iv: '83dbcc02d8ccb40e466191a123791e0e' },
      ciphertext: 'd172bf743a674da9cdad04534d56926ef8358534d458fffccd4e6ad2fbde479c',
      kdf: 'scrypt',
      kdfparams: {
        dklen: 32,
        n: 262144,
        r: 1,
        p: 8,
        salt: 'ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19',
      },
      mac: '2103ac29920d71da29f15d75b4a16dbe95cfd7ff8faea1056c33131d846e3097',
    },
    id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
    version: 3,
  },
};

const key = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .filter((bytes) => bytes.some((byte) => byte !== 0) && bytes[0] !== 255);
const drawn = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const quick = { log2N: 2, r: 1, p: 1 };

async function fileOf(
  keySecret: Uint8Array,
  passphrase: string,
  salt: Uint8Array,
  iv: Uint8Array,
  idBytes: Uint8Array,
  cost = quick,
) {
  const derivedSecret = await keystoreSecret(passphrase, salt, cost);
  return keystoreFileOf(keySecret, { derivedSecret, cost, salt, iv, idBytes });
}
const opened = (file: Uint8Array, passphrase: string) =>
  openKeystoreFile(file, passphrase).then(
    (secret) => secret && bytesToHex(secret),
    (error: { reason: string }) => error.reason,
  );

/** The definition, carried out by OpenSSL. */
function openedByNode(file: Uint8Array, passphrase: string): string {
  const { crypto } = JSON.parse(new TextDecoder().decode(file));
  const { n, r, p, dklen, salt } = crypto.kdfparams;
  const derived = scryptSync(passphrase, Buffer.from(salt, 'hex'), dklen, { N: n, r, p, maxmem: 2 ** 30 });
  const ciphertext = Buffer.from(crypto.ciphertext, 'hex');
  const mac = keccak_256(Buffer.concat([derived.subarray(16, 32), ciphertext]));
  if (bytesToHex(mac) !== crypto.mac) throw new Error('mac');
  const cipher = createDecipheriv('aes-128-ctr', derived.subarray(0, 16), Buffer.from(crypto.cipherparams.iv, 'hex'));
  return Buffer.concat([cipher.update(ciphertext), cipher.final()]).toString('hex');
}

describe('a keystore file', () => {
  test('of the definition opens, with its passphrase only', async () => {
    const file = utf8ToBytes(JSON.stringify(published.file));
    expect(await opened(file, published.passphrase)).toBe(published.keyHex);
    expect(await opened(file, 'testpasswore')).toBeUndefined();
  });

  test('is written as the definition writes it', async () => {
    const { cipherparams, kdfparams, ciphertext, mac } = published.file.crypto;
    const cost = { log2N: 18, r: kdfparams.r, p: kdfparams.p };
    const salt = hexToBytes(kdfparams.salt);
    const file = await fileOf(
      hexToBytes(published.keyHex),
      published.passphrase,
      salt,
      hexToBytes(cipherparams.iv),
      new Uint8Array(16).fill(0xff),
      cost,
    );
    const written = JSON.parse(new TextDecoder().decode(file));
    expect(written.crypto).toEqual({ ...published.file.crypto, ciphertext, mac });
    expect(written).toMatchObject({ version: 3, id: 'ffffffff-ffff-4fff-bfff-ffffffffffff' });
    expect(written.address).toBe('008aeeda4d805471df9b2a5b0f38a0c3bcba786b');
  });

  test('law: it opens as the key that went in, here and by OpenSSL, and names its address', async () => {
    await fc.assert(
      fc.asyncProperty(
        key,
        fc.string({ unit: 'grapheme', minLength: 1 }),
        drawn(32),
        drawn(16),
        drawn(16),
        async (secret, passphrase, salt, iv, id) => {
          const file = await fileOf(secret, passphrase, salt, iv, id);
          expect(await opened(file, passphrase)).toBe(bytesToHex(secret));
          expect(await opened(file, `${passphrase}.`)).toBeUndefined();
          expect(openedByNode(file, passphrase)).toBe(bytesToHex(secret));
          expect(await addressInKeystoreFile(file, passphrase)).toBe(addressOf(getPublicKey(secret)).toLowerCase());
          const { id: uuid } = JSON.parse(new TextDecoder().decode(file));
          expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('law: with any byte changed but those of its id, it opens as no other key and is refused', async () => {
    const secret = hexToBytes(published.keyHex);
    const file = await fileOf(
      secret,
      'pass',
      new Uint8Array(32).fill(7),
      new Uint8Array(16).fill(9),
      new Uint8Array(16),
    );
    const text = new TextDecoder().decode(file);
    const idAt = text.indexOf('"id":"') + 6;
    for (let at = 0; at < file.length; at++) {
      if (at >= idAt && at < idAt + 36) continue;
      for (const change of [1, 0x20, 0x80]) {
        const changed = Uint8Array.from(file);
        changed[at] = (changed[at] ?? 0) ^ change;
        expect([at, change, await opened(changed, 'pass')].join()).toMatch(
          /^\d+,\d+,(bad-encoding|private-public-mismatch|)$/,
        );
      }
    }
  });

  test('that another client wrote with node opens', async () => {
    const secret = hexToBytes(published.keyHex);
    const [salt, iv] = [Buffer.alloc(32, 3), Buffer.alloc(16, 5)];
    const derived = scryptSync('pass', salt, 32, { N: 4, r: 8, p: 1 });
    const cipher = createCipheriv('aes-128-ctr', derived.subarray(0, 16), iv);
    const ciphertext = Buffer.concat([cipher.update(secret), cipher.final()]);
    const file = {
      ...published.file,
      address: addressOf(getPublicKey(secret)).slice(2).toLowerCase(),
      crypto: {
        ...published.file.crypto,
        cipherparams: { iv: iv.toString('hex') },
        ciphertext: ciphertext.toString('hex'),
        kdfparams: { dklen: 32, n: 4, r: 8, p: 1, salt: salt.toString('hex') },
        mac: bytesToHex(keccak_256(Buffer.concat([derived.subarray(16), ciphertext]))),
      },
    };
    expect(await opened(utf8ToBytes(JSON.stringify(file)), 'pass')).toBe(published.keyHex);
  });

  test.each([
    ['nothing', ''],
    ['another text', '{"version":3}'],
    ['a list', '[3]'],
    ['another version', JSON.stringify({ ...published.file, version: 1 })],
    ['a member more', JSON.stringify({ ...published.file, 'x-note': 1 })],
    ['another address form', JSON.stringify({ ...published.file, address: '0x12' })],
    ['no power of two', JSON.stringify(withCost({ n: 262143 }))],
    ['too much work', JSON.stringify(withCost({ n: 2 ** 24 }))],
    ['too many in parallel', JSON.stringify(withCost({ p: 17 }))],
    ['a shorter key', JSON.stringify(withCost({ dklen: 16 }))],
    ['PBKDF2', JSON.stringify({ ...published.file, crypto: { ...published.file.crypto, kdf: 'pbkdf2' } })],
  ])('is refused when it is %s', async (_, text) => {
    expect(await opened(utf8ToBytes(text), 'pass')).toBe('bad-encoding');
  });

  test('has the cost and the name that wallets give it', () => {
    expect(keystoreCost).toEqual({ log2N: 18, r: 8, p: 1 });
    expect(keystoreFileName(`0x${'Ab'.repeat(20)}`, Date.UTC(2026, 10, 21, 10, 0, 0, 5))).toBe(
      `UTC--2026-11-21T10-00-00.005Z--${'ab'.repeat(20)}`,
    );
  });
});

function withCost(change: Record<string, number>) {
  const { crypto } = published.file;
  return { ...published.file, crypto: { ...crypto, kdfparams: { ...crypto.kdfparams, ...change } } };
}
