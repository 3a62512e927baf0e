// One inbox key in a file of its own: the Web3 Secret Storage Definition, version 3, under a passphrase (docs/adr/0017).
// Promises: a file opens only with its passphrase and as the key of the address it names; keys that were derived or opened here are wiped.
// Must not: choose a passphrase, draw a number, or know what the key is for. Callers wipe the key they give or get.
import { ctr } from '@noble/ciphers/aes.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, bytesToUtf8, concatBytes, equalBytes, hexToBytes, utf8ToBytes } from '../base/bytes';
import { ProtocolError } from '../base/errors';
import { addressOf } from '../base/ethereum';
import { passphraseSecret, type ScryptCost } from '../base/passphrase';
import { getPublicKey, PRIVATE_KEY_LENGTH } from '../base/secp256k1';

/** What trying one passphrase costs: as other wallets choose it, 256 MiB of memory and about a second. */
export const keystoreCost: ScryptCost = { log2N: 18, r: 8, p: 1 };

export const keystoreSaltLength = 32;
export const keystoreIvLength = 16;

/** What a file is made with beside the key. Numbers are drawn anew for each file. */
export interface KeystoreSealing {
  /** 32 bytes from the passphrase (`keystoreSecret`). Secret. */
  derivedSecret: Uint8Array;
  cost: ScryptCost;
  salt: Uint8Array;
  iv: Uint8Array;
  /** 16 random bytes, of which the UUID of the file is made. */
  idBytes: Uint8Array;
}

/** 32 bytes from exactly this passphrase: 16 for the cipher, 16 for the code that vouches for it. Secret; the caller wipes them. */
export function keystoreSecret(passphrase: string, salt: Uint8Array, cost: ScryptCost): Promise<Uint8Array> {
  return passphraseSecret(passphrase, salt, cost);
}

/** The file of a private key, as UTF-8. Throws 'bad-length', 'bad-private-key'. */
export function keystoreFileOf(keySecret: Uint8Array, sealing: KeystoreSealing): Uint8Array {
  const { derivedSecret, cost, salt, iv, idBytes } = sealing;
  if (salt.length !== keystoreSaltLength || iv.length !== keystoreIvLength || idBytes.length !== 16)
    throw new ProtocolError('bad-length', 'salt, iv or id of a keystore file');
  const ciphertext = ctr(derivedSecret.subarray(0, 16), iv).encrypt(keySecret);
  const file = {
    version: 3,
    id: uuidV4(idBytes),
    address: plainAddressOf(keySecret),
    crypto: {
      cipher: 'aes-128-ctr',
      cipherparams: { iv: bytesToHex(iv) },
      ciphertext: bytesToHex(ciphertext),
      kdf: 'scrypt',
      kdfparams: { dklen: 32, n: 2 ** cost.log2N, r: cost.r, p: cost.p, salt: bytesToHex(salt) },
      mac: bytesToHex(macOf(derivedSecret, ciphertext)),
    },
  };
  return utf8ToBytes(JSON.stringify(file));
}

/**
 * The private key in a file; undefined when this is not its passphrase, which a changed file can look like. Secret; the caller wipes it. Throws
 * 'bad-encoding' for everything that is not such a file under scrypt, and 'private-public-mismatch' when the key is not that of the address it names.
 */
export async function openKeystoreFile(file: Uint8Array, passphrase: string): Promise<Uint8Array | undefined> {
  const { address, cost, salt, iv, ciphertext, mac } = read(file);
  const derivedSecret = await keystoreSecret(passphrase, salt, cost);
  try {
    if (!equalBytes(macOf(derivedSecret, ciphertext), mac)) return undefined;
    const keySecret = ctr(derivedSecret.subarray(0, 16), iv).decrypt(ciphertext);
    // The code does not cover the iv: only the address tells that it was changed.
    if (address === undefined || isKeyOf(keySecret, address)) return keySecret;
    keySecret.fill(0);
    throw new ProtocolError('private-public-mismatch', 'key and address of a keystore file');
  } finally {
    derivedSecret.fill(0);
  }
}

/** The address of the key in a file, `0x` and 40 lower-case hex digits, once the passphrase has opened it. Otherwise as `openKeystoreFile`. */
export async function addressInKeystoreFile(file: Uint8Array, passphrase: string): Promise<string | undefined> {
  const keySecret = await openKeystoreFile(file, passphrase);
  if (!keySecret) return undefined;
  try {
    return `0x${plainAddressOf(keySecret)}`;
  } finally {
    keySecret.fill(0);
  }
}

/** "UTC--2026-11-21T10-00-00.000Z--f39fd6e5…": how wallets name such files, so that they sort by time. */
export function keystoreFileName(address: string, atMs: number): string {
  return `UTC--${new Date(atMs).toISOString().replaceAll(':', '-')}--${address.toLowerCase().replace(/^0x/, '')}`;
}

function macOf(derivedSecret: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  const macSecret = concatBytes(derivedSecret.subarray(16, 32), ciphertext);
  const mac = keccak_256(macSecret);
  macSecret.fill(0);
  return mac;
}

/** As the format writes it: lower case, without `0x`. */
function plainAddressOf(keySecret: Uint8Array): string {
  return addressOf(getPublicKey(keySecret)).toLowerCase().slice(2);
}

function isKeyOf(keySecret: Uint8Array, address: string): boolean {
  try {
    return plainAddressOf(keySecret) === address;
  } catch {
    return false;
  }
}

function uuidV4(bytes16: Uint8Array): string {
  const bytes = Uint8Array.from(bytes16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytesToHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

interface ReadFile {
  /** Absent where the file names none, as some clients write it. */
  address: string | undefined;
  cost: ScryptCost;
  salt: Uint8Array;
  iv: Uint8Array;
  ciphertext: Uint8Array;
  mac: Uint8Array;
}

function read(file: Uint8Array): ReadFile {
  const whole = membersOf(json(file), ['version', 'id', 'crypto'], ['address']);
  const sealed = membersOf(whole['crypto'], ['cipher', 'cipherparams', 'ciphertext', 'kdf', 'kdfparams', 'mac']);
  const { iv } = membersOf(sealed['cipherparams'], ['iv']);
  const { dklen, n, r, p, salt } = membersOf(sealed['kdfparams'], ['dklen', 'n', 'r', 'p', 'salt']);
  const isOurs = whole['version'] === 3 && sealed['cipher'] === 'aes-128-ctr' && sealed['kdf'] === 'scrypt';
  if (!isOurs || dklen !== 32 || !isText(whole['id'], /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)) throw notAFile();
  const { address } = whole;
  if (address !== undefined && !isText(address, /^[0-9a-f]{40}$/)) throw notAFile();
  return {
    address,
    cost: costOf(n, r, p),
    salt: hexOf(salt),
    iv: hexOf(iv, keystoreIvLength),
    ciphertext: hexOf(sealed['ciphertext'], PRIVATE_KEY_LENGTH),
    mac: hexOf(sealed['mac'], 32),
  };
}

/** No file may keep a worker busy for long, or take more than 1 GiB. */
function costOf(n: unknown, r: unknown, p: unknown): ScryptCost {
  const isWhole = [n, r, p].every((one) => Number.isSafeInteger(one) && (one as number) > 0);
  const [count, block, parallel] = [Number(n), Number(r), Number(p)];
  const log2N = Math.log2(count);
  if (!isWhole || !Number.isInteger(log2N) || log2N < 1 || 128 * count * block > 2 ** 30 || parallel > 16)
    throw notAFile();
  return { log2N, r: block, p: parallel };
}

function json(file: Uint8Array): unknown {
  try {
    return JSON.parse(bytesToUtf8(file));
  } catch {
    throw notAFile();
  }
}

/** The members of an object that has these, perhaps some of the others, and no more. */
function membersOf(value: unknown, names: readonly string[], others: readonly string[] = []): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw notAFile();
  const has = Object.keys(value);
  if (!names.every((name) => has.includes(name)) || !has.every((name) => [...names, ...others].includes(name)))
    throw notAFile();
  return value as Record<string, unknown>;
}

const isText = (value: unknown, form: RegExp): value is string => typeof value === 'string' && form.test(value);

function hexOf(value: unknown, length?: number): Uint8Array {
  if (!isText(value, /^([0-9a-f]{2})+$/) || (length !== undefined && value.length !== 2 * length)) throw notAFile();
  return hexToBytes(value);
}

const notAFile = () => new ProtocolError('bad-encoding', 'not a keystore file of version 3 under scrypt');
