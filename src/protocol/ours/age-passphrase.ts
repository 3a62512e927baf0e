// The one part of the age format that depends on a passphrase: how the key of a file is wrapped (age-encryption.org/v1, scrypt stanza).
// Promises: the bytes of the specification, and the slow function of passphrase.ts, which lets others in between.
// Must not: read or write a file; the age library does. Callers wipe the file key they get.
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { concatBytes, utf8ToBytes } from '../base/bytes';
import { passphraseSecret } from '../base/passphrase';

/** Bytes of the salt in the stanza. */
export const ageSaltLength = 16;

const label = 'age-encryption.org/v1/scrypt';
const [blockSize, parallel] = [8, 1];
const wrappedLength = 32;

/** The body of the stanza: a file key (16 bytes) under a passphrase. `log2N` is the work factor that the stanza names. */
export async function wrapFileKey(
  fileKeySecret: Uint8Array,
  passphrase: string,
  salt16: Uint8Array,
  log2N: number,
): Promise<Uint8Array> {
  return withCipher(passphrase, salt16, log2N, (cipher) => cipher.encrypt(fileKeySecret));
}

/** The file key in the body of a stanza; undefined when this is not its passphrase, or the body is not valid. */
export async function unwrapFileKey(
  body: Uint8Array,
  passphrase: string,
  salt16: Uint8Array,
  log2N: number,
): Promise<Uint8Array | undefined> {
  if (body.length !== wrappedLength) return undefined;
  return withCipher(passphrase, salt16, log2N, (cipher) => {
    try {
      return cipher.decrypt(body);
    } catch {
      return undefined;
    }
  });
}

async function withCipher<T>(
  passphrase: string,
  salt16: Uint8Array,
  log2N: number,
  use: (cipher: ReturnType<typeof chacha20poly1305>) => T,
): Promise<T> {
  const salt = concatBytes(utf8ToBytes(label), salt16);
  const wrappingSecret = await passphraseSecret(passphrase, salt, { log2N, r: blockSize, p: parallel });
  try {
    // The nonce of the specification is zero: each wrapping key comes from a salt of its own and is used once.
    return use(chacha20poly1305(wrappingSecret, new Uint8Array(12)));
  } finally {
    wrappingSecret.fill(0);
  }
}
