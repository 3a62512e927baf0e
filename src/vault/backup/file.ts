// The backup file as bytes: the age format under a passphrase, which the standard age tool opens too; what that tool makes opens here, armored too.
// Promises: every changed, missing or added byte is noticed; the worker stays responsive while the passphrase is worked on.
// Files that are too long to be in memory go through piece by piece: each piece was checked, and that nothing is missing is known at the last.
// Must not: know what is inside, or return a plaintext that was not checked to its last byte as a whole one.
import { Decrypter, Encrypter, Stanza } from 'age-encryption';
import { ageFileOf, armorBegin, armorEnd } from '../../contract/age-file';
import { VaultError } from '../../contract/errors';
import { ageSaltLength, unwrapFileKey, wrapFileKey } from '../../protocol/ours/age-passphrase';
import { base64ToBytes, bytesToBase64 } from '../../protocol/base/bytes';
import { fileForm, fileForms } from '../../protocol/base/passphrase';
import type { Bytes } from '../store/encoding';
import { asBytes, concat } from '../store/encoding';
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
  return asBytes(await encrypterFor(passphrase, randomBytes, workFactor).encrypt(plainSecret));
}

function encrypterFor(passphrase: string, randomBytes: RandomBytes, workFactor: number): Encrypter {
  const encrypter = new Encrypter();
  encrypter.addRecipient({
    async wrapFileKey(fileKeySecret) {
      const salt = randomBytes(ageSaltLength);
      const body = await wrapFileKey(fileKeySecret, fileForm(passphrase), salt, workFactor);
      return [new Stanza(['scrypt', unpaddedBase64(salt), String(workFactor)], body)];
    },
  });
  return encrypter;
}

/** A file that is made or opened while it is handed over: what goes in, and what has come out by then. */
export interface FilePieces {
  /** Bytes that are ready after these, perhaps none. Throws as the file's function does. */
  push(bytes: Bytes): Promise<Bytes>;
  /** The rest. */
  end(): Promise<Bytes>;
}

/** As `sealFile`, for a plaintext in pieces. */
export function sealPieces(
  passphrase: string,
  randomBytes: RandomBytes,
  workFactor = fileWorkFactor,
): Promise<FilePieces> {
  const encrypter = encrypterFor(passphrase, randomBytes, workFactor);
  return throughPieces((stream) => encrypter.encrypt(stream));
}

/**
 * As `openFile`, for a binary file in pieces; `first` are its first bytes, a header at least, and not pushed again. Pieces that come out were checked;
 * that the file is whole, only `end` says.
 */
export async function openPieces(
  first: Bytes,
  passphrase: string,
): Promise<{ pieces: FilePieces; out: Bytes } | undefined> {
  const binary = binaryOf(first);
  mustBeForPassphrase(binary);
  const { decrypter, outcome } = decrypterFor(passphrase);
  try {
    // The header is all in the first piece, so that the passphrase is tried before anything else is asked for.
    const pieces = await throughPieces((stream) => decrypter.decrypt(stream), asBytes(binary));
    const changed = (error: unknown) => {
      throw error instanceof VaultError ? error : new VaultError('bad-file', 'changed');
    };
    const checked = {
      push: (bytes: Bytes) => pieces.push(bytes).catch(changed),
      end: () => pieces.end().catch(changed),
    };
    return { pieces: checked, out: await checked.push(new Uint8Array(0)) };
  } catch (error) {
    return outcome(error);
  }
}

/** A transformation of streams, fed by hand. `first` goes in before it is begun. */
async function throughPieces(
  transform: (stream: ReadableStream<Uint8Array>) => Promise<ReadableStream<Uint8Array>>,
  first?: Bytes,
): Promise<FilePieces> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  // Whoever waits for the end hears of a failure; nothing else has to.
  writer.closed.catch(() => undefined);
  const written = first && writer.write(first);
  written?.catch(() => undefined);
  const reader = (await transform(readable)).getReader();
  let out: Uint8Array[] = [];
  let failure: unknown;
  const pumping = (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      out.push(value);
    }
  })().catch((error: unknown) => {
    failure = error ?? new VaultError('damaged');
  });
  const taken = (): Bytes => {
    if (failure !== undefined) throw failure as Error;
    const whole = concat(...out);
    for (const piece of out) piece.fill(0);
    out = [];
    return whole;
  };
  return {
    async push(bytes) {
      if (bytes.length > 0) await writer.write(bytes).catch((error: unknown) => (failure ??= error));
      return taken();
    },
    async end() {
      await writer.close().catch((error: unknown) => (failure ??= error));
      await pumping;
      return taken();
    },
  };
}

/**
 * The plaintext of a file, binary or armored. Secret; the caller wipes it. Undefined when the passphrase opens it in none of its forms (`fileForms`,
 * each costs its own time); a changed header can look the same. Throws VaultError('bad-file') (detail: FileDefect) for everything that is not a
 * whole file of the age format under a passphrase; what else goes wrong while the passphrase is tried is thrown as it is, and never called a bad file.
 */
export async function openFile(file: Uint8Array, passphrase: string): Promise<Bytes | undefined> {
  const binary = binaryOf(file);
  mustBeForPassphrase(binary);
  const { decrypter, outcome } = decrypterFor(passphrase);
  try {
    return asBytes(await decrypter.decrypt(binary));
  } catch (error) {
    return outcome(error);
  }
}

/** `outcome`: what a failure of the decrypter means: undefined for a passphrase that opens nothing, else it throws. */
function decrypterFor(passphrase: string): { decrypter: Decrypter; outcome: (error: unknown) => undefined } {
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
  return {
    decrypter,
    outcome() {
      if (isRefused) return undefined;
      // Also such as too little memory for the slow function: that says nothing about the file.
      if (failure !== undefined) throw failure as Error;
      throw new VaultError('bad-file', 'changed');
    },
  };
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

/** Throws VaultError('bad-file') for a header that cannot be of one passphrase. */
function mustBeForPassphrase(binary: Uint8Array): void {
  if (!hasShortHeader(binary)) throw new VaultError('bad-file', isForKeys(binary) ? 'for-a-key' : 'changed');
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
