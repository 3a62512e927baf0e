// The backup file as bytes: the age format under a passphrase, which the standard age tool opens too.
// Promises: every changed, missing or added byte is noticed; the worker stays responsive while the passphrase is worked on.
// Must not: know what is inside, or return a plaintext that was not checked to its last byte.
import { Decrypter, Encrypter, Stanza } from 'age-encryption';
import { VaultError } from '../contract/errors';
import { ageSaltLength, unwrapFileKey, wrapFileKey } from '../protocol/age-passphrase';
import { base64ToBytes, bytesToBase64 } from '../protocol/bytes';
import type { Bytes } from './encoding';
import { asBytes } from './encoding';
import type { RandomBytes } from './records';

/** What trying one passphrase costs: 2 to this power, with blocks of 8. The age tool's own choice; about a second. */
export const fileWorkFactor = 18;
/** A file that wants more than this is refused: a stranger's file must not keep a worker busy. 1 GiB of memory, about four seconds. */
export const highestWorkFactor = 20;
/** A header with one stanza has about 160 bytes. One of megabytes would be read line by line, and stop the worker for half a minute. */
const longestHeader = 1024;

/** Encrypts a plaintext for one passphrase. `workFactor` is for tests. */
export async function sealFile(plainSecret: Bytes, passphrase: string, randomBytes: RandomBytes, workFactor = fileWorkFactor): Promise<Bytes> {
  const encrypter = new Encrypter();
  encrypter.addRecipient({
    async wrapFileKey(fileKeySecret) {
      const salt = randomBytes(ageSaltLength);
      const body = await wrapFileKey(fileKeySecret, passphrase, salt, workFactor);
      return [new Stanza(['scrypt', unpaddedBase64(salt), String(workFactor)], body)];
    },
  });
  return asBytes(await encrypter.encrypt(plainSecret));
}

/**
 * The plaintext of a file. Secret; the caller wipes it. Undefined when the passphrase does not open it; a changed header can look the
 * same. Throws VaultError('bad-file') for everything that is not a whole file of the age format under a passphrase; what else goes wrong
 * while the passphrase is tried is thrown as it is, and never called a bad file.
 */
export async function openFile(file: Uint8Array, passphrase: string): Promise<Bytes | undefined> {
  if (!hasShortHeader(file)) throw new VaultError('bad-file');
  let isRefused = false;
  let failure: unknown;
  const decrypter = new Decrypter();
  decrypter.addIdentity({
    async unwrapFileKey(stanzas) {
      const [stanza, ...others] = stanzas;
      const wanted = stanza && others.length === 0 ? readStanza(stanza) : undefined;
      if (!stanza || !wanted) throw new VaultError('bad-file');
      const fileKeySecret = await unwrapFileKey(stanza.body, passphrase, wanted.salt, wanted.workFactor).catch((error: unknown) => {
        failure = error;
        throw error;
      });
      isRefused = fileKeySecret === undefined;
      return fileKeySecret ?? null;
    },
  });
  try {
    return asBytes(await decrypter.decrypt(file));
  } catch {
    if (isRefused) return undefined;
    // Such as too little memory for the slow function: that says nothing about the file.
    if (failure !== undefined) throw failure;
    throw new VaultError('bad-file');
  }
}

/** Whether the last line of the header begins where that of a file of ours would. */
function hasShortHeader(file: Uint8Array): boolean {
  return String.fromCharCode(...file.subarray(0, longestHeader)).includes('\n--- ');
}

function readStanza({ args }: Stanza): { salt: Bytes; workFactor: number } | undefined {
  const [kind, saltText = '', factor = '', ...more] = args;
  const workFactor = /^[1-9][0-9]?$/.test(factor) ? Number(factor) : Infinity;
  if (kind !== 'scrypt' || more.length > 0 || workFactor > highestWorkFactor) return undefined;
  const salt = saltOf(saltText);
  return salt && { salt, workFactor };
}

/** 16 bytes in the one way the format writes them. */
function saltOf(text: string): Bytes | undefined {
  if (!/^[A-Za-z0-9+/]{22}$/.test(text)) return undefined;
  const salt = asBytes(base64ToBytes(`${text}==`));
  return unpaddedBase64(salt) === text ? salt : undefined;
}

function unpaddedBase64(bytes: Bytes): string {
  return bytesToBase64(bytes).replaceAll('=', '');
}
