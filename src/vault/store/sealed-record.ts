// Sealed records: AES-256-GCM under a key that is used for one write only (R-D1), and MACs for what stays readable.
// Promises: a record opens only at its own place (safe, account, type, id, schema, epoch, counter); else VaultError('damaged').
// Must not: keep a key, or be given a place whose counter was used before with other content.
import { VaultError } from '../../contract/errors';
import type { Bytes } from './encoding';
import { asBytes, concat, createReader, lengthPrefixed, u32, u64, u8 } from './encoding';
import type { Label } from './labels';
import { labels } from './labels';

/** Where a record belongs. All of it is bound into the ciphertext. */
export interface RecordPlace {
  safeId: string;
  account: string;
  type: string;
  id: string;
  /** Version of the plaintext's encoding. */
  schema: number;
  /** Number of the root key, from 1. */
  epoch: number;
  /** Grows with every write of the safe (or of the log the record belongs to). */
  counter: number;
}

/** What the reader knows of the place. Fields that are left out are taken from the record, which authenticates them. */
export type KnownPlace = Omit<RecordPlace, 'counter'> & { counter?: number };

export type RandomBytes = (length: number) => Bytes;

/** The only environment so far; bound into every record so that a later one can never read it as its own. */
const environment = 'local';
const recordFormat = 1;
const tagLength = 16;

/** A 32-byte root key as a handle that derives but cannot be exported. The caller wipes `rootSecret`. */
export function importRootKey(rootSecret: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', rootSecret, 'HKDF', false, ['deriveKey']);
}

/** Seals `plain` at `place`: format, schema, epoch, counter, salt (32), iv (12), ciphertext and tag. */
export async function sealRecord(
  rootKey: CryptoKey,
  place: RecordPlace,
  plain: Uint8Array,
  randomBytes: RandomBytes,
): Promise<Bytes> {
  const additionalData = placeBytes(place);
  // Place and content go into the salt: a generator that repeats itself still never gives two writes the same key.
  const saltInput = lengthPrefixed(randomBytes(32), additionalData, plain);
  const salt = await macWith(rootKey, labels.recordSalt, saltInput);
  saltInput.fill(0);
  const iv = randomBytes(12);
  const key = await recordKey(rootKey, place, salt, 'encrypt');
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, asBytes(plain));
  return concat(
    u8(recordFormat),
    u32(place.schema),
    u32(place.epoch),
    u64(place.counter),
    salt,
    iv,
    new Uint8Array(sealed),
  );
}

/** Opens what `sealRecord` made. Throws VaultError('damaged') for anything else, anywhere else. The caller wipes a secret result. */
export async function openRecord(rootKey: CryptoKey, known: KnownPlace, sealed: Uint8Array): Promise<Bytes> {
  const reader = createReader(sealed);
  const [format, schema, epoch, counter] = [reader.u8(), reader.u32(), reader.u32(), reader.u64()];
  const [salt, iv] = [reader.take(32), reader.take(12)];
  if (format !== recordFormat || schema !== known.schema || epoch !== known.epoch) throw new VaultError('damaged');
  if (known.counter !== undefined && known.counter !== counter) throw new VaultError('damaged');
  if (reader.left() < tagLength) throw new VaultError('damaged');
  const place: RecordPlace = { ...known, counter };
  const key = await recordKey(rootKey, place, salt, 'decrypt');
  try {
    const algorithm = { name: 'AES-GCM', iv, additionalData: placeBytes(place) };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, reader.rest()));
  } catch {
    throw new VaultError('damaged');
  }
}

/** Schema, epoch and counter a sealed record claims; only `openRecord` proves them. Throws VaultError('damaged'). */
export function claimsOf(sealed: Uint8Array): Pick<RecordPlace, 'schema' | 'epoch' | 'counter'> {
  const reader = createReader(sealed);
  if (reader.u8() !== recordFormat) throw new VaultError('damaged');
  return { schema: reader.u32(), epoch: reader.u32(), counter: reader.u64() };
}

/** Opens a row that may be of any epoch of its safe, by the root key of the epoch it claims. Throws 'damaged', and what `rootKeyOf` throws. */
export async function openRecordOfAnyEpoch(
  rootKeyOf: (epoch: number) => CryptoKey | Promise<CryptoKey>,
  known: Omit<KnownPlace, 'epoch'>,
  sealed: Uint8Array,
): Promise<Bytes> {
  const { epoch } = claimsOf(sealed);
  return openRecord(await rootKeyOf(epoch), { ...known, epoch }, sealed);
}

/** HMAC-SHA-256 of `bytes` under a key derived from the root key for `label` alone; 32 bytes. */
export async function macWith(rootKey: CryptoKey, label: Label, bytes: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign('HMAC', await macKey(rootKey, label), asBytes(bytes)));
}

/** Whether `mac` is the MAC of `bytes`; compared by WebCrypto, so without telling where they differ. */
export async function isMacOf(rootKey: CryptoKey, label: Label, bytes: Uint8Array, mac: Uint8Array): Promise<boolean> {
  return crypto.subtle.verify('HMAC', await macKey(rootKey, label), asBytes(mac), asBytes(bytes));
}

/** The key of `macWith` as a handle, for many MACs at once. */
export function macKey(rootKey: CryptoKey, label: Label): Promise<CryptoKey> {
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(32), info: lengthPrefixed(label) };
  const algorithm = { name: 'HMAC', hash: 'SHA-256', length: 256 };
  return crypto.subtle.deriveKey(derivation, rootKey, algorithm, false, ['sign', 'verify']);
}

function recordKey(
  rootKey: CryptoKey,
  place: RecordPlace,
  salt: Bytes,
  use: 'encrypt' | 'decrypt',
): Promise<CryptoKey> {
  const info = lengthPrefixed(labels.record, place.type, place.id);
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt, info };
  return crypto.subtle.deriveKey(derivation, rootKey, { name: 'AES-GCM', length: 256 }, false, [use]);
}

function placeBytes(place: RecordPlace): Bytes {
  const { safeId, account, type, id } = place;
  return lengthPrefixed(
    safeId,
    account,
    environment,
    type,
    id,
    u32(place.schema),
    u32(place.epoch),
    u64(place.counter),
  );
}
