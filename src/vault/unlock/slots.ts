// Slots: the root key wrapped under a key from the wallet's unlock signature, the recovery code, the passphrase or a passkey.
// Promises: a slot opens with its one secret, in its own safe, or says "not this secret"; every secret is wiped by its caller.
// Must not: check who signed (enrolment and unlock do, before any secret comes here), keep or return a wrapping key.
import { VaultError } from '../../contract/errors';
import { bytesToHex, equalBytes } from '../../protocol/base/bytes';
import type { Bytes } from '../store/encoding';
import { concat, lengthPrefixed, u32, u64 } from '../store/encoding';
import type { Header, Slot, SlotType } from '../safe/header';
import { sha256, slotHeaderBytes } from '../safe/header';
import { labels } from '../store/labels';
import type { RandomBytes } from '../store/sealed-record';

type SafeOfSlot = Pick<Header, 'safeId' | 'account' | 'epoch' | 'unlockText'>;

/** What opens a slot: 64 canonical signature bytes, the 20 bytes of a recovery code or the 32 of a passkey, which the caller wipes, or a passphrase. */
export type UnlockSecret = Bytes | TypedSecret;

/** A passphrase (`passphraseFor`). What was typed may stand for more than one text; each is tried, and the first one makes a new slot. */
export interface TypedSecret {
  readonly forms: number;
  /** The bytes of one form (0 to `forms` - 1) with the slot's salt and parameters. They are wiped here. */
  readonly secretOf: (slot: Pick<Slot, 'params' | 'salt'>, form: number) => Promise<Bytes>;
  /** The form that opened a slot last: a slot that takes its place is made with the same. */
  opened?: number;
}

/** Wraps the root key under `unlockSecret`. */
export async function createSlot(
  safe: SafeOfSlot,
  input: {
    type: SlotType;
    params: Bytes;
    createdAtMs: number;
    counter: number;
    unlockSecret: UnlockSecret;
    rootSecret: Bytes;
  },
  randomBytes: RandomBytes,
): Promise<Slot> {
  const { type, params, createdAtMs } = input;
  // Time and counter go into id and salt: a generator that repeats itself still never makes the same slot twice.
  const turn = [safe.safeId, type, u64(createdAtMs), u64(input.counter)];
  const slotId = bytesToHex(await sha256(lengthPrefixed(labels.slotSalt, 'id', randomBytes(16), ...turn))).slice(0, 32);
  const salt = await sha256(lengthPrefixed(labels.slotSalt, 'salt', randomBytes(32), slotId, ...turn));
  const slotHeader = { slotId, type, createdAtMs, params, salt };
  const additionalData = slotHeaderBytes(safe, slotHeader);
  const form = isTyped(input.unlockSecret) ? (input.unlockSecret.opened ?? 0) : 0;
  const material = await importSecret(input.unlockSecret, slotHeader, form);
  const iv = randomBytes(12);
  const key = await wrappingKey(material, safe, slotHeader, 'encrypt');
  const wrapped = new Uint8Array(
    await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, input.rootSecret),
  );
  return { ...slotHeader, commit: await commitment(material, salt, additionalData), iv, wrapped };
}

/**
 * The root key of the safe, 32 bytes that the caller wipes; undefined when this is not the slot's secret.
 * Throws VaultError('damaged') when the secret is right but the wrapped key does not open.
 */
export async function openSlot(safe: SafeOfSlot, slot: Slot, unlockSecret: UnlockSecret): Promise<Bytes | undefined> {
  const additionalData = slotHeaderBytes(safe, slot);
  const material = await materialThatFits(slot, additionalData, unlockSecret);
  if (!material) return undefined;
  const key = await wrappingKey(material, safe, slot, 'decrypt');
  try {
    return new Uint8Array(
      await crypto.subtle.decrypt({ name: 'AES-GCM', iv: slot.iv, additionalData }, key, slot.wrapped),
    );
  } catch {
    throw new VaultError('damaged');
  }
}

async function materialThatFits(
  slot: Slot,
  additionalData: Bytes,
  unlockSecret: UnlockSecret,
): Promise<CryptoKey | undefined> {
  const forms = isTyped(unlockSecret) ? unlockSecret.forms : 1;
  for (let form = 0; form < forms; form++) {
    const material = await importSecret(unlockSecret, slot, form);
    if (!equalBytes(await commitment(material, slot.salt, additionalData), slot.commit)) continue;
    if (isTyped(unlockSecret)) unlockSecret.opened = form;
    return material;
  }
  return undefined;
}

/** Throws VaultError('damaged') unless the header's slot of this type gives exactly this root key. */
export async function proveSlot(
  header: Header,
  type: SlotType,
  unlockSecret: UnlockSecret,
  rootSecret: Bytes,
): Promise<void> {
  const slot = slotOf(header, type);
  const opened = slot && (await openSlot(header, slot, unlockSecret));
  const isSame = opened !== undefined && equalBytes(opened, rootSecret);
  opened?.fill(0);
  if (!isSame) throw new VaultError('damaged');
}

/** The slot of this type, if the safe has it. */
export function slotOf(header: Pick<Header, 'slots'>, type: SlotType): Slot | undefined {
  return header.slots.find((slot) => slot.type === type);
}

function isTyped(unlockSecret: UnlockSecret): unlockSecret is TypedSecret {
  return !(unlockSecret instanceof Uint8Array);
}

async function importSecret(
  unlockSecret: UnlockSecret,
  slot: Pick<Slot, 'params' | 'salt'>,
  form: number,
): Promise<CryptoKey> {
  const secretBytes = isTyped(unlockSecret) ? await unlockSecret.secretOf(slot, form) : unlockSecret;
  try {
    return await crypto.subtle.importKey('raw', secretBytes, 'HKDF', false, ['deriveKey']);
  } finally {
    if (isTyped(unlockSecret)) secretBytes.fill(0);
  }
}

const slotLabels = {
  wallet: labels.walletSlot,
  'recovery-code': labels.recoverySlot,
  passphrase: labels.passphraseSlot,
  passkey: labels.passkeySlot,
} as const;

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
  const key = await crypto.subtle.deriveKey(
    derivation,
    material,
    { name: 'HMAC', hash: 'SHA-256', length: 256 },
    false,
    ['sign'],
  );
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, concat(u32(slotHeader.length), slotHeader)));
  return mac.slice(0, 16);
}
