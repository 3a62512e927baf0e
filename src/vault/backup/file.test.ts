// The backup file as bytes: the age format, both ways with the reference tool, and refused when a single bit is off (R-I5).
// Promises: what is opened here was made by the tool itself, not by an imitation of it.
import { Decrypter, Encrypter, armor, generateIdentity, identityToRecipient } from 'age-encryption';
import fc from 'fast-check';
import type * as Scrypt from '@noble/hashes/scrypt.js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ageFileOf, armorBegin } from '../../contract/age-file';
import type { FileDefect } from '../../contract/choices';
import { openWithAge, sealWithAge } from '../testkit/age-tool.testkit';
import { fileWorkFactor, openFile, openPieces, sealFile, sealPieces } from './file';
import { equalBytes } from '../../protocol/base/bytes';
import { asBytes, concat } from '../store/encoding';

// What costs the real thing is computed by OpenSSL; what is cheap, by the function that computes in the worker.
vi.mock('@noble/hashes/scrypt.js', async (importActual) => {
  const real = await importActual<typeof Scrypt>();
  const { scryptAsync } = await import('../../protocol/testkit/native-scrypt.testkit');
  const quick: typeof Scrypt.scryptAsync = (password, salt, options) =>
    (options.N >= 2 ** 17 ? scryptAsync : real.scryptAsync)(password, salt, options);
  return { ...real, scryptAsync: quick };
});

const randomBytes = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const passphrase = 'quartz lantern vow 71 mistral';
const plain = new TextEncoder().encode('what only the owner may read');
const cheap = (bytes: Uint8Array, secret = passphrase) => sealFile(asBytes(bytes), secret, randomBytes, 4);
/** Passphrases of which tools write more than one form, or that look trimmed when they are not. */
const unusual: [string, string][] = [
  ['in NFD', 'Zwo\u0308lf scho\u0308ne Boote'],
  ['in full width', 'ｓｅｖｅｎ ｂｏａｔｓ'],
  ['with signs that NFKC rewrites', '½ ﬁne ² boats'],
  ['with a wide space', 'seven\u3000boats'],
  ['with blanks around it', ' seven boats\u00a0 '],
];
/** Swaps one piece of a file's text for another of any length. */
function edited(file: Uint8Array, change: (text: string) => string): Uint8Array {
  const text = Array.from(file, (byte) => String.fromCharCode(byte)).join('');
  return Uint8Array.from(change(text), (character) => character.charCodeAt(0));
}

describe('a file', () => {
  it('opens to what was put in, whatever it is and however long', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 1000 }),
        fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).filter((text) => text.trim() !== ''),
        async (bytes, secret) => {
          expect(await openFile(await cheap(bytes, secret), secret)).toEqual(bytes);
        },
      ),
      { numRuns: 40 },
    );
    for (const length of [65_535, 65_536, 65_537, 200_000]) {
      const long = new Uint8Array(length).fill(7);
      const back = await openFile(await cheap(long), passphrase);
      expect(back !== undefined && equalBytes(back, long)).toBe(true);
    }
  });

  it.each(unusual)('opens with a passphrase %s, here and in other tools, both ways', async (_kind, typed) => {
    const file = await cheap(plain, typed);
    const decrypter = new Decrypter();
    decrypter.addPassphrase(typed.normalize('NFC'));
    expect(await decrypter.decrypt(file)).toEqual(plain);
    for (const form of ['NFC', 'NFD'] as const) expect(await openFile(file, typed.normalize(form))).toEqual(plain);
    for (const form of ['NFC', 'NFD', 'NFKC'] as const) {
      const encrypter = new Encrypter();
      encrypter.setPassphrase(typed.normalize(form));
      encrypter.setScryptWorkFactor(4);
      expect(await openFile(await encrypter.encrypt(plain), typed)).toEqual(plain);
    }
    expect(await openFile(file, `${typed}.`)).toBeUndefined();
    expect(await openFile(file, '')).toBeUndefined();
  });

  it('keeps a blank at the end, and opens without it only what has none', async () => {
    const file = await cheap(plain, 'é fine passphrase ');
    expect(await openFile(file, 'e\u0301 fine passphrase ')).toEqual(plain);
    expect(await openFile(file, 'é fine passphrase')).toBeUndefined();
    expect(await openFile(file, 'é fine Passphrase ')).toBeUndefined();
    // Files of versions before 0.2: NFKC, without blanks around it.
    const encrypter = new Encrypter();
    encrypter.setPassphrase('é fine passphrase');
    encrypter.setScryptWorkFactor(4);
    expect(await openFile(await encrypter.encrypt(plain), ' e\u0301 ﬁne passphrase\u3000')).toEqual(plain);
  });

  it('is never made twice the same', async () => {
    const files = await Promise.all([cheap(plain), cheap(plain), cheap(plain)]);
    expect(new Set(files.map((file) => file.join())).size).toBe(3);
  });

  it('R-I5 is refused with any bit flipped', async () => {
    const file = await cheap(plain);
    const seen = new Set<string>();
    const wrong: number[] = [];
    for (let bit = 0; bit < file.length * 8; bit++) {
      const flipped = file.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      const outcome = await openFile(flipped, passphrase).catch((error: { reason: string }) => error.reason);
      seen.add(String(outcome));
      if (outcome !== undefined && outcome !== 'bad-file') wrong.push(bit);
    }
    expect(wrong).toEqual([]);
    expect(seen).toEqual(new Set(['undefined', 'bad-file']));
  });

  it('R-I5 is refused cut off anywhere, or with something behind it', async () => {
    const file = await cheap(plain);
    const bad = { reason: 'bad-file' };
    for (let length = 0; length < file.length; length++)
      await expect(openFile(file.slice(0, length), passphrase)).rejects.toMatchObject(bad);
    await expect(openFile(Uint8Array.of(...file, 0), passphrase)).rejects.toMatchObject(bad);
    await expect(openFile(Uint8Array.of(...file, ...file), passphrase)).rejects.toMatchObject(bad);
    const long = await cheap(new Uint8Array(150_000));
    for (const length of [70_000, 65_536, long.length - 1])
      await expect(openFile(long.slice(0, length), passphrase)).rejects.toMatchObject(bad);
  });

  it.each<[string, FileDefect, (text: string) => string]>([
    ['of no age format', 'not-encrypted', () => 'not an age file'],
    ['of another version', 'newer-version', (text) => text.replace('v1', 'v2')],
    ['that would take more memory than a browser gives', 'too-much-work', (text) => text.replace(/ 4\n/, ' 21\n')],
    ['with the next work factor', 'too-much-work', (text) => text.replace(/ 4\n/, ' 22\n')],
    ['with a work factor of three digits', 'changed', (text) => text.replace(/ 4\n/, ' 100\n')],
    ['with a leading zero', 'changed', (text) => text.replace(/ 4\n/, ' 04\n')],
    ['without a work factor', 'changed', (text) => text.replace(/ 4\n/, '\n')],
    ['with one argument more', 'changed', (text) => text.replace(/ 4\n/, ' 4 4\n')],
    ['with a short salt', 'changed', (text) => text.replace(/scrypt ..../, 'scrypt ')],
    ['with a salt in another spelling', 'changed', (text) => text.replace(/(scrypt .{21})./, '$1/')],
    ['with two stanzas', 'changed', (text) => text.replace(/(-> scrypt .*\n.*\n)/, '$1$1')],
  ])('%s is refused: %s', async (_name, detail, change) => {
    await expect(openFile(edited(await cheap(plain), change), passphrase)).rejects.toMatchObject({
      reason: 'bad-file',
      detail,
    });
  });

  it('armored, or with what mail and editors put in front or between, is the same file', async () => {
    const file = await cheap(plain);
    const armored = armor.encode(file);
    const narrow = armored.replaceAll(/(?<=\n)([^-\n]{30})/g, '$1\n');
    const texts = [armored, armored.trim(), `\n\n ${armored}\n\n`, armored.replaceAll('\n', '\r\n'), narrow];
    const marked = texts.flatMap((text) => [
      Buffer.from(text),
      Buffer.from(`\ufeff${text}`),
      Buffer.from(`\ufeff${text}`, 'utf16le'),
    ]);
    const binaries = [Uint8Array.of(0x0d, 0x0a, ...file), Uint8Array.of(0xef, 0xbb, 0xbf, ...file)];
    for (const one of [...marked, ...binaries]) {
      expect(ageFileOf(one)).toBeDefined();
      expect(await openFile(one, passphrase)).toEqual(plain);
    }
    const asText = edited(file, (text) => text.replaceAll('\n', '\r\n'));
    expect(await openFile(asText, passphrase)).toEqual(plain);
    for (const broken of [
      armored.slice(0, -20),
      armored.replace(/[A-Za-z0-9+/](?=[A-Za-z0-9+/]{9}\n)/, '!'),
      armored.replace('BEGIN AGE', 'BEGIN PGP'),
      `${armored}more`,
    ]) {
      await expect(openFile(Buffer.from(broken), passphrase)).rejects.toMatchObject({ reason: 'bad-file' });
    }
  });

  it('law: what one recogniser calls encrypted the other one opens or calls by its defect, never unencrypted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('', '\ufeff', '\r\n', ' \t', 'x'),
        fc.constantFrom('age-encryption.org/v1\n', 'age-encryption.org/v9\n', armorBegin, 'age'),
        fc.string(),
        async (before, start, rest) => {
          const file = Buffer.from(`${before}${start}${rest}`);
          const outcome = await openFile(file, passphrase).catch(
            ({ reason, detail }: { reason: string; detail: string }) => `${reason} ${detail}`,
          );
          expect(outcome === 'bad-file not-encrypted').toBe(ageFileOf(file) === undefined);
        },
      ),
    );
  });

  it('for a key instead of a passphrase is refused', async () => {
    const encrypter = new Encrypter();
    encrypter.addRecipient(await identityToRecipient(await generateIdentity()));
    await expect(openFile(await encrypter.encrypt(plain), passphrase)).rejects.toMatchObject({
      reason: 'bad-file',
      detail: 'for-a-key',
    });
  });

  it.each([1, 2, 5, 12, 100, 3000])(
    'for %s keys instead of a passphrase is refused for that, also with a header longer than ours ever is',
    async (count) => {
      const read = vi.spyOn(Decrypter.prototype, 'decrypt');
      onTestFinished(() => read.mockRestore());
      const encrypter = new Encrypter();
      encrypter.addRecipient(await identityToRecipient(await generateIdentity()));
      const file = edited(await encrypter.encrypt(plain), (text) =>
        text.replace(/-> X25519 .*\n.*\n/, (stanza) => stanza.repeat(count)),
      );
      await expect(openFile(file, passphrase)).rejects.toMatchObject({ reason: 'bad-file', detail: 'for-a-key' });
      expect(read).toHaveBeenCalledTimes(count > 5 ? 0 : 1);
    },
  );

  it('with a long header that a passphrase is part of is called changed', async () => {
    const file = edited(await cheap(plain), (text) => text.replace('\n', `\n${'-> X25519 b\n\n'.repeat(150)}`));
    await expect(openFile(file, passphrase)).rejects.toMatchObject({ reason: 'bad-file', detail: 'changed' });
  });

  it('is not called damaged when its passphrase could not be tried at all', async () => {
    const file = await cheap(plain);
    const allocate = vi.spyOn(globalThis, 'Uint32Array').mockImplementation(function () {
      throw new RangeError('Array buffer allocation failed');
    } as never);
    onTestFinished(() => allocate.mockRestore());
    const outcome = await openFile(file, passphrase).catch((error: unknown) => error);
    allocate.mockRestore();
    expect(outcome).toBeInstanceOf(RangeError);
    expect(await openFile(file, passphrase)).toEqual(plain);
    await expect(openFile(file, '\ud800')).rejects.toMatchObject({ reason: 'bad-encoding' });
  });

  it('with a long header is refused before the header is read: the library reads all of it in one go', async () => {
    const read = vi.spyOn(Decrypter.prototype, 'decrypt');
    onTestFinished(() => read.mockRestore());
    const file = await cheap(plain);
    const padded = [
      edited(file, (text) => text.replace('\n', `\n${'-> a b\n\n'.repeat(150)}`)),
      edited(file, (text) => text.replace('\n--- ', `\n-> ${'a'.repeat(1100)} b\n\n--- `)),
    ];
    for (const one of [...padded, new Uint8Array(5000).fill(0x61)])
      await expect(openFile(one, passphrase)).rejects.toMatchObject({ reason: 'bad-file' });
    expect(read).not.toHaveBeenCalled();
    expect(await openFile(file, passphrase)).toEqual(plain);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('lets others in between while it is made and opened', async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    const file = await sealFile(asBytes(plain), passphrase, randomBytes, 16);
    const whileSealing = turns;
    await openFile(file, passphrase);
    clearInterval(timer);
    expect(whileSealing).toBeGreaterThan(3);
    expect(turns).toBeGreaterThan(whileSealing + 3);
  });
});

describe('the standard age tool', () => {
  it('opens a file of ours', async () => {
    const file = await sealFile(asBytes(plain), passphrase, randomBytes);
    expect(file.length).toBeGreaterThan(0);
    expect(new TextDecoder('latin1').decode(file)).toMatch(
      new RegExp(`^age-encryption.org/v1\\n-> scrypt [A-Za-z0-9+/]{22} ${fileWorkFactor}\\n`),
    );
    expect(openWithAge(file, passphrase)).toEqual(plain);
  });

  it('does not open it with another passphrase', async () => {
    const file = await cheap(plain);
    expect(() => openWithAge(file, 'another one altogether')).toThrow();
  });

  it('makes files that open here', async () => {
    const file = sealWithAge(plain, passphrase);
    expect(await openFile(file, passphrase)).toEqual(plain);
    expect(await openFile(file, `${passphrase}.`)).toBeUndefined();
  });

  it('agrees about a passphrase that others would rewrite or trim, both ways, also armored', async () => {
    const typed = 'ﬁne ½ ² ｆｕｌｌ\u3000wide Zwo\u0308lf ';
    expect(openWithAge(await cheap(plain, typed), typed.normalize('NFC'))).toEqual(plain);
    const armored = sealWithAge(plain, typed, '-a');
    expect(new TextDecoder().decode(armored)).toMatch(/^-----BEGIN AGE/);
    expect(await openFile(armored, typed)).toEqual(plain);
  });

  it('agrees with the library of the same name, both ways', async () => {
    const decrypter = new Decrypter();
    decrypter.addPassphrase(passphrase);
    expect(await decrypter.decrypt(await cheap(plain))).toEqual(plain);
    const encrypter = new Encrypter();
    encrypter.setPassphrase(passphrase);
    encrypter.setScryptWorkFactor(10);
    expect(await openFile(await encrypter.encrypt(plain), passphrase)).toEqual(plain);
  });
});

describe('a file in pieces', () => {
  /** Any bytes, cut anywhere. */
  const cut = (bytes: Uint8Array, size: number) =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => asBytes(bytes.slice(at * size, (at + 1) * size)));

  async function sealed(bytes: Uint8Array, size: number): Promise<Uint8Array> {
    const pieces = await sealPieces(passphrase, randomBytes, 4);
    const out: Uint8Array[] = [];
    for (const piece of cut(bytes, size)) out.push(await pieces.push(piece));
    return concat(...out, await pieces.end());
  }

  async function opened(file: Uint8Array, size: number, secret = passphrase): Promise<Uint8Array | undefined> {
    const [first = asBytes(new Uint8Array(0)), ...rest] = cut(file, size);
    const begun = await openPieces(first, secret);
    if (!begun) return undefined;
    const out: Uint8Array[] = [begun.out];
    for (const piece of rest) out.push(await begun.pieces.push(piece));
    return concat(...out, await begun.pieces.end());
  }

  it('law: is the file that one piece makes, and opens in pieces of any size', async () => {
    const sizes = fc.constantFrom(700, 4_096, 65_536, 65_552, 100_000);
    await fc.assert(
      fc.asyncProperty(fc.nat(200_000), sizes, sizes, async (length, one, other) => {
        const bytes = randomBytes(Math.min(length, 65_536));
        const long = new Uint8Array(length).map((_, at) => bytes[at % Math.max(1, bytes.length)] ?? 0);
        const file = await sealed(long, one);
        for (const back of [await openFile(file, passphrase), await opened(file, other)])
          expect(back !== undefined && equalBytes(back, long)).toBe(true);
      }),
      { numRuns: 12 },
    );
  });

  it('opens in the standard tool', async () => {
    expect(openWithAge(await sealed(plain, 9), passphrase)).toEqual(plain);
  });

  it('is refused with another passphrase, changed, cut short, or longer than it was', async () => {
    const file = await sealed(new Uint8Array(150_000).fill(5), 50_000);
    expect(await opened(file, 1_000, 'another')).toBeUndefined();
    const changed = file.slice();
    changed[100_000]! ^= 1;
    for (const wrong of [changed, file.slice(0, -1), file.slice(0, 70_000), Uint8Array.from([...file, 0])])
      await expect(opened(wrong, 30_000)).rejects.toMatchObject({ reason: 'bad-file', detail: 'changed' });
    await expect(opened(plain, 1_000)).rejects.toMatchObject({ reason: 'bad-file', detail: 'not-encrypted' });
  });
});
