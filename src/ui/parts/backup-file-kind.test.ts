// The first bytes of backup files.
import { expect, test } from 'vitest';
import { isEncrypted } from './backup-file-kind';

const bytes = (text: string) => new TextEncoder().encode(text);

test('files of the age format are encrypted, in both of their forms', () => {
  expect(isEncrypted(bytes('age-encryption.org/v1\n-> scrypt abc 17\n'))).toBe(true);
  expect(isEncrypted(bytes('-----BEGIN AGE ENCRYPTED FILE-----\nYWdl'))).toBe(true);
});

test('anything else, cut short or of another version, is not', () => {
  for (const text of ['', 'age', 'age-encryption.org/v2\n', ' age-encryption.org/v1\n', '-----BEGIN PGP MESSAGE-----']) expect(isEncrypted(bytes(text)), text).toBe(false);
  expect(isEncrypted(Uint8Array.of(10, 200, 1, 10, 40))).toBe(false);
});
