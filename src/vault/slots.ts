// Slots: the root key wrapped under a key from the wallet's unlock signature, the recovery code or the passphrase.
// Promises: a slot opens with its one secret, in its own safe, or says "not this secret"; every secret is wiped by its caller.
// Must not: check who signed (enrolment and unlock do, before any secret comes here), keep or return a wrapping key.
import { VaultError } from '../contract/errors';
import { bytesToHex, equalBytes } from '../protocol/bytes';
import type { Bytes } from './encoding';
import { concat, lengthPrefixed, u32, u64 } from './encoding';
import type { Header, Slot, SlotType } from './header';
import { sha256, slotHeaderBytes } from './header';
import { labels } from './labels';
import type { RandomBytes } from './records';

type SafeOfSlot = Pick<Header, 'safeId' | 'account' | 'epoch' | 'unlockText'>;

/**
 * What opens a slot: 64 canonical signature bytes, the 20 bytes of a recovery code, or for a passphrase (`passphraseFor`) what makes the
 * bytes from the slot's salt and parameters. Bytes made that way are wiped here; others by the caller.
 */
export type UnlockSecret = Bytes | ((slot: Pick<Slot, 'params' | 'salt'>) => Promise<Bytes>);

/** Wraps the root key under `unlockSecret`. */
export async function createSlot(
  safe: SafeOfSlot,
  input: { type: SlotType; params: Bytes; createdAtMs: number; counter: number; unlockSecret: UnlockSecret; rootSecret: Bytes },
  randomBytes: RandomBytes,
): Promise<Slot> {
  const { type, params, createdAtMs } = input;
  // Time and counter go into id and salt: a generator that repeats itself still never makes the same slot twice.
  const turn = [safe.safeId, type, u64(createdAtMs), u64(input.counter)];
  const slotId = bytesToHex(await sha256(lengthPrefixed(labels.slotSalt, 'id', randomBytes(16), ...turn))).slice(0, 32);
  const salt = await sha256(lengthPrefixed(labels.slotSalt, 'salt', randomBytes(32), slotId, ...turn));
  const slotHeader = { slotId, type, createdAtMs, params, salt };
  const additionalData = slotHeaderBytes(safe, slotHeader);
  const material = await importSecret(input.unlockSecret, slotHeader);
  const iv = randomBytes(12);
  const key = await wrappingKey(material, safe, slotHeader, 'encrypt');
  const wrapped = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, input.rootSecret));
  return { ...slotHeader, commit: await commitment(material, salt, additionalData), iv, wrapped };
}

/**
 * The root key of the safe, 32 bytes that the caller wipes; undefined when this is not the slot's secret.
 * Throws VaultError('damaged') when the secret is right but the wrapped key does not open.
 */
export async function openSlot(safe: SafeOfSlot, slot: Slot, unlockSecret: UnlockSecret): Promise<Bytes | undefined> {
  const additionalData = slotHeaderBytes(safe, slot);
  const material = await importSecret(unlockSecret, slot);
  if (!equalBytes(await commitment(material, slot.salt, additionalData), slot.commit)) return undefined;
  const key = await wrappingKey(material, safe, slot, 'decrypt');
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: slot.iv, additionalData }, key, slot.wrapped));
  } catch {
    throw new VaultError('damaged');
  }
}

/** Throws VaultError('damaged') unless the header's slot of this type gives exactly this root key. */
export async function proveSlot(header: Header, type: SlotType, unlockSecret: UnlockSecret, rootSecret: Bytes): Promise<void> {
  const slot = slotOf(header, type);
  const opened = slot && (await openSlot(header, slot, unlockSecret));
  const isSame = opened !== undefined && equalBytes(opened, rootSecret);
  opened?.fill(0);
  if (!isSame) throw new VaultError('damaged');
}

/** The slot of this type, if the safe has one. */
export function slotOf(header: Pick<Header, 'slots'>, type: SlotType): Slot | undefined {
  return header.slots.find((slot) => slot.type === type);
}

async function importSecret(unlockSecret: UnlockSecret, slot: Pick<Slot, 'params' | 'salt'>): Promise<CryptoKey> {
  const isMade = typeof unlockSecret === 'function';
  const secretBytes = isMade ? await unlockSecret(slot) : unlockSecret;
  try {
    return await crypto.subtle.importKey('raw', secretBytes, 'HKDF', false, ['deriveKey']);
  } finally {
    if (isMade) secretBytes.fill(0);
  }
}

const slotLabels = { wallet: labels.walletSlot, 'recovery-code': labels.recoverySlot, passphrase: labels.passphraseSlot } as const;

async function wrappingKey(
  material: CryptoKey,
  safe: SafeOfSlot,
  slot: Pick<Slot, 'type' | 'salt'>,
  use: 'encrypt' | 'decrypt',
): Promise<CryptoKey> {
  const boundText = slot.type === 'wallet' ? await sha256(lengthPrefixed(safe.unlockText)) : new Uint8Array(0);
  const info = lengthPrefixed(slotLabels[slot.type], safe.safeId, safe.account, boundText);
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: slot.salt, info };
  return crypto.subtle.deriveKey(derivation, material, { name: 'AES-GCM', length: 256 }, false, [use]);
}

/** The first 16 bytes of a MAC under a key that only this secret and salt give (AES-GCM alone does not commit to its key). */
async function commitment(material: CryptoKey, salt: Bytes, slotHeader: Bytes): Promise<Bytes> {
  const info = lengthPrefixed(labels.slotCommit);
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt, info };
  const key = await crypto.subtle.deriveKey(derivation, material, { name: 'HMAC', hash: 'SHA-256', length: 256 }, false, ['sign']);
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, concat(u32(slotHeader.length), slotHeader)));
  return mac.slice(0, 16);
}
