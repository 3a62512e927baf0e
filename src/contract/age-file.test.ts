// The first bytes of files, with what other systems put in front of them.
import { expect, test } from 'vitest';
import { ageFileOf, armorBegin } from './age-file';

const bytes = (text: string, encoding: BufferEncoding = 'utf8') => new Uint8Array(Buffer.from(text, encoding));
const binary = 'age-encryption.org/v1\n-> scrypt abc 17\n';

test('files of the age format are encrypted, in both of their forms and every version', () => {
  expect(ageFileOf(bytes(binary))).toEqual({ kind: 'binary', bytes: bytes(binary) });
  expect(ageFileOf(bytes('age-encryption.org/v2\n'))?.kind).toBe('binary');
  expect(ageFileOf(bytes(`${armorBegin}\nYWdl`))?.kind).toBe('armored');
});

test.each<[string, Uint8Array]>([
  ['a byte order mark', bytes(`\ufeff${armorBegin}\n`)],
  ['CR and LF', bytes(`\r\n\r\n${armorBegin}\r\n`)],
  ['blanks', bytes(` \t${armorBegin}\n`)],
  ['UTF-16', bytes(`\ufeff${armorBegin}\n`, 'utf16le')],
  ['UTF-16 of the other order', bytes(`\ufeff${armorBegin}\n`, 'utf16le').map((_byte, at, all) => all[at ^ 1] ?? 0)],
])('%s in front changes nothing', (_name, file) => {
  const found = ageFileOf(file);
  expect(found?.kind).toBe('armored');
  expect(new TextDecoder().decode(found?.bytes)).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\r?\n$/);
});

test('anything else is not an age file, and nothing is read past the end', () => {
  for (const text of ['', 'age', 'xage-encryption.org/v1\n', '-----BEGIN PGP MESSAGE-----', '\ufeff', '\r\n'])
    expect(ageFileOf(bytes(text)), text).toBeUndefined();
  for (const file of [
    [10, 200, 1, 10, 40],
    [0xff, 0xfe],
    [0xff, 0xfe, 0x61],
    [0xfe, 0xff, 0x4e, 0x00],
    [0xef, 0xbb],
  ])
    expect(ageFileOf(Uint8Array.from(file))).toBeUndefined();
});
