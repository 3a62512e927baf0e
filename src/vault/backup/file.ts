// The backup file as bytes: the age format under a passphrase, which the standard age tool opens too; what that tool makes opens here, armored too.
// Promises: every changed, missing or added byte is noticed; the worker stays responsive while the passphrase is worked on.
// Must not: know what is inside, or return a plaintext that was not checked to its last byte.
import { Decrypter, Encrypter, Stanza } from 'age-encryption';
import { ageFileOf, armorBegin, armorEnd } from '../../contract/age-file';
import { VaultError } from '../../contract/errors';
import { ageSaltLength, unwrapFileKey, wrapFileKey } from '../../protocol/ours/age-passphrase';
import { base64ToBytes, bytesToBase64 } from '../../protocol/base/bytes';
import { fileForm, fileForms } from '../../protocol/base/passphrase';
import type { Bytes } from '../store/encoding';
import { asBytes } from '../store/encoding';
import type { RandomBytes } from '../store/sealed-record';

/** What trying one passphrase costs: 2 to this power, with blocks of 8. The age tool's own choice; about a second. */
export const fileWorkFactor = 18;
/** A file that wants more than this is refused: a stranger's file must not keep a worker busy. 1 GiB of memory, about four seconds. */
export const highestWorkFactor = 20;
/** A header with one stanza has about 160 bytes. One of megabytes would be read line by line, and stop the worker for half a minute. */
const longestHeader = 1024;
/** As far as a header that is longer than that is looked through for a passphrase, which would be its only stanza. */
const longestForeignHeader = 65_536;
/** Arguments of one call of `String.fromCharCode`. */
const pieceLength = 8192;

/**
 * Encrypts a plaintext for one passphrase, in the form that other systems type it (`fileForm`). `workFactor` is for tests.
 */
export async function sealFile(
  plainSecret: Bytes,
  passphrase: string,
  randomBytes: RandomBytes,
  workFactor = fileWorkFactor,
): Promise<Bytes> {
  const encrypter = new Encrypter();
  encrypter.addRecipient({
    async wrapFileKey(fileKeySecret) {
      const salt = randomBytes(ageSaltLength);
      const body = await wrapFileKey(fileKeySecret, fileForm(passphrase), salt, workFactor);
      return [new Stanza(['scrypt', unpaddedBase64(salt), String(workFactor)], body)];
    },
  });
  return asBytes(await encrypter.encrypt(plainSecret));
}

/**
 * The plaintext of a file, binary or armored. Secret; the caller wipes it. Undefined when the passphrase opens it in none of its forms (`fileForms`,
 * each costs its own time); a changed header can look the same. Throws VaultError('bad-file') (detail: FileDefect) for everything that is not a
 * whole file of the age format under a passphrase; what else goes wrong while the passphrase is tried is thrown as it is, and never called a bad file.
 */
export async function openFile(file: Uint8Array, passphrase: string): Promise<Bytes | undefined> {
  const binary = binaryOf(file);
  if (!hasShortHeader(binary)) throw new VaultError('bad-file', isForKeys(binary) ? 'for-a-key' : 'changed');
  let isRefused = false;
  let failure: unknown;
  const decrypter = new Decrypter();
  decrypter.addIdentity({
    async unwrapFileKey(stanzas) {
      try {
        const fileKeySecret = await fileKeyOf(stanzas, passphrase);
        isRefused = fileKeySecret === undefined;
        return fileKeySecret ?? null;
      } catch (error) {
        failure = error;
        throw error;
      }
    },
  });
  try {
    return asBytes(await decrypter.decrypt(binary));
  } catch {
    if (isRefused) return undefined;
    // Also such as too little memory for the slow function: that says nothing about the file.
    if (failure !== undefined) throw failure;
    throw new VaultError('bad-file', 'changed');
  }
}

/** The key of the file, from the first form of the passphrase that opens it. Throws VaultError('bad-file'). */
async function fileKeyOf(stanzas: readonly Stanza[], passphrase: string): Promise<Uint8Array | undefined> {
  const [stanza, ...others] = stanzas;
  if (!stanza) throw new VaultError('bad-file', 'changed');
  if (!stanzas.some(({ args }) => args[0] === 'scrypt')) throw new VaultError('bad-file', 'for-a-key');
  if (others.length > 0) throw new VaultError('bad-file', 'changed');
  const { salt, workFactor } = readStanza(stanza);
  for (const form of fileForms(passphrase)) {
    const fileKeySecret = await unwrapFileKey(stanza.body, form, salt, workFactor);
    if (fileKeySecret) return fileKeySecret;
  }
  return undefined;
}

/** The binary form of an age file. Throws VaultError('bad-file') for everything else. */
function binaryOf(file: Uint8Array): Uint8Array {
  const found = ageFileOf(file);
  if (!found) throw new VaultError('bad-file', 'not-encrypted');
  const binary = found.kind === 'armored' ? bytesOfArmor(found.bytes) : withOwnLineEnds(found.bytes);
  const version = /^age-encryption\.org\/(v[0-9]+)\n/.exec(headOf(binary, 40))?.[1];
  if (version === undefined) throw new VaultError('bad-file', 'changed');
  if (version !== 'v1') throw new VaultError('bad-file', 'newer-version');
  return binary;
}

/** Lines of any length and with any line ends: mail and editors break and join them, and every byte behind them is authenticated. */
function bytesOfArmor(armored: Uint8Array): Uint8Array {
  const text = headOf(armored, armored.length).trim();
  const base64 = text.slice(armorBegin.length, -armorEnd.length).replaceAll(/[ \t\r\n]+/g, '');
  try {
    if (!text.endsWith(armorEnd)) throw new VaultError('bad-file', 'changed');
    return base64ToBytes(base64);
  } catch {
    throw new VaultError('bad-file', 'changed');
  }
}

/** A file that was carried as text from one system to another has a CR before each of its LF, and is whole without them. */
function withOwnLineEnds(binary: Uint8Array): Uint8Array {
  const [cr, lf] = [0x0d, 0x0a];
  if (binary[binary.indexOf(lf) - 1] !== cr || binary.some((byte, at) => byte === lf && binary[at - 1] !== cr))
    return binary;
  return binary.filter((byte, at) => byte !== cr || binary[at + 1] !== lf);
}

/** Whether the last line of the header begins where that of a file of ours would. */
function hasShortHeader(binary: Uint8Array): boolean {
  return headOf(binary, longestHeader).includes('\n--- ');
}

/** Whether the header names recipients and no passphrase: one for many keys is longer than ours ever is. */
function isForKeys(binary: Uint8Array): boolean {
  const [header = ''] = headOf(binary, longestForeignHeader).split('\n--- ', 1);
  return header.includes('\n-> ') && !header.includes('\n-> scrypt ');
}

/** Up to so many first bytes, a character each. */
function headOf(bytes: Uint8Array, length: number): string {
  const pieces: string[] = [];
  for (let at = 0; at < Math.min(length, bytes.length); at += pieceLength)
    pieces.push(String.fromCharCode(...bytes.subarray(at, Math.min(at + pieceLength, length))));
  return pieces.join('');
}

function readStanza({ args }: Stanza): { salt: Bytes; workFactor: number } {
  const [, saltText = '', factor = '', ...more] = args;
  const salt = saltOf(saltText);
  if (!salt || more.length > 0 || !/^[1-9][0-9]?$/.test(factor)) throw new VaultError('bad-file', 'changed');
  const workFactor = Number(factor);
  if (workFactor > highestWorkFactor) throw new VaultError('bad-file', 'too-much-work');
  return { salt, workFactor };
}

/** 16 bytes in the one way the format writes them. */
function saltOf(text: string): Bytes | undefined {
  try {
    return /^[A-Za-z0-9+/]{22}$/.test(text) ? asBytes(base64ToBytes(`${text}==`)) : undefined;
  } catch {
    return undefined;
  }
}

function unpaddedBase64(bytes: Bytes): string {
  return bytesToBase64(bytes).replaceAll('=', '');
}
