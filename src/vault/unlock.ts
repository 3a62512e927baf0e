// Opening a safe with one of its slots: who signed is checked before any key is tried, the MAC before anything is believed.
// Promises: "wrong account", "wrong secret" and "damaged" are told apart (R-E6); a damaged copy gives way to the good one.
// Must not: make, change or delete a safe on the grounds of a secret that does not fit.
import { VaultError } from '../contract/errors';
import type { UnlockRequest } from '../contract/internal';
import { canonicalSignatureSecret, recoverWalletAddress } from '../protocol/ethereum';
import type { SafeCopy } from './copies';
import type { Bytes } from './encoding';
import { asBytes } from './encoding';
import type { Header, SlotType } from './header';
import { passphraseFor } from './passphrase';
import { awaitedKeysRecord, bundleRecord, draftKeysRecord } from './private-keys';
import { importRootKey, openRecord } from './records';
import { readRecoveryCode } from './recovery-code';
import type { Safes } from './safes';
import type { Sessions } from './session';
import type { UnlockSecret } from './slots';
import { openSlot, slotOf } from './slots';

export interface Unlock {
  /** The text to sign, and with which wallet. Throws 'not-found', 'damaged', 'newer-format', or 'wrong-step' for a draft. */
  text(input: { safeId: string }): Promise<UnlockRequest>;
  /** Throws 'wrong-account' (detail: who signed), 'bad-signature', 'wrong-secret', 'damaged', 'storage-failed' or as `text`. */
  withWallet(input: { safeId: string; signature: Uint8Array }): Promise<void>;
  /** Throws 'wrong-code', 'damaged', 'storage-failed' or as `text`. */
  withRecoveryCode(input: { safeId: string; code: string }): Promise<void>;
  /** Takes about half a second. Throws 'wrong-passphrase', 'invalid-input', 'damaged', 'storage-failed' or as `text`. */
  withPassphrase(input: { safeId: string; passphrase: string }): Promise<void>;
}

/** A safe that a secret opened: the genuine copy and its root key. The caller wipes `rootSecret`. */
export interface OpenedSafe {
  copy: SafeCopy;
  rootKey: CryptoKey;
  rootSecret: Bytes;
}

export function createUnlock({ safes, sessions }: { safes: Safes; sessions: Sessions }): Unlock {
  function finished(safeId: string): Header {
    const { header } = safes.copyOf(safeId);
    if (header.state !== 'complete') throw new VaultError('wrong-step');
    return header;
  }

  async function openWith(safeId: string, type: SlotType, unlockSecret: UnlockSecret, refusal: 'wrong-secret' | 'wrong-code' | 'wrong-passphrase'): Promise<void> {
    const opened = await openSafe(safes, safeId, type, unlockSecret);
    if (!opened) throw new VaultError(refusal);
    try {
      // An open session is kept: what lasts until the next lock must not end because the person proved themselves again.
      const isOpen = (await sessions.isUnlocked(safeId)) && sessions.epochInMemory(safeId) === opened.copy.header.epoch;
      if (isOpen) await sessions.touch(safeId).catch(() => undefined);
      else await sessions.open('unlock', safeId, opened.rootSecret, opened.copy.header.epoch);
      await safes.settle(safeId, opened.copy, opened.rootKey);
    } finally {
      opened.rootSecret.fill(0);
    }
  }

  return {
    async text({ safeId }) {
      const { account, wallet, unlockText, slots } = finished(safeId);
      return { safeId, account, wallet, text: unlockText, slots: slots.map(({ type }) => type) };
    },
    async withWallet({ safeId, signature }) {
      const { account, unlockText } = finished(safeId);
      const unlockSecret = unlockSecretOf(unlockText, signature, account);
      await openWith(safeId, 'wallet', unlockSecret, 'wrong-secret').finally(() => unlockSecret.fill(0));
    },
    async withRecoveryCode({ safeId, code }) {
      finished(safeId);
      const codeSecret = readRecoveryCode(code);
      if (!codeSecret) throw new VaultError('wrong-code');
      await openWith(safeId, 'recovery-code', codeSecret, 'wrong-code').finally(() => codeSecret.fill(0));
    },
    async withPassphrase({ safeId, passphrase }) {
      finished(safeId);
      await openWith(safeId, 'passphrase', passphraseFor(passphrase), 'wrong-passphrase');
    },
  };
}

/**
 * Throws 'wrong-account' (detail: the account that signed) unless `account` signed `text`, and 'bad-signature' for blobs from
 * which no signer can be told (R-E2).
 */
export function checkSigner(text: string, signature: Uint8Array, account: string): void {
  let signer: string;
  try {
    signer = recoverWalletAddress(text, signature);
  } catch {
    throw new VaultError('bad-signature');
  }
  if (signer !== account) throw new VaultError('wrong-account', signer);
}

/** The secret in a wallet's unlock signature: r and low s, 64 bytes, after `checkSigner`. The caller wipes it. */
export function unlockSecretOf(unlockText: string, signature: Uint8Array, account: string): Bytes {
  checkSigner(unlockText, signature, account);
  return asBytes(canonicalSignatureSecret(signature));
}

/**
 * Tries a secret on every candidate copy of a safe. Undefined when it is not the secret of any; throws 'damaged', and marks
 * the safe so, when it is but nothing genuine is behind it.
 */
export async function openSafe(safes: Safes, safeId: string, type: SlotType, unlockSecret: UnlockSecret): Promise<OpenedSafe | undefined> {
  safes.copyOf(safeId);
  const safe = safes.get(safeId);
  const candidates = safe?.kind === 'readable' ? safe.candidates : [];
  let isDamaged = false;
  for (const copy of candidates) {
    const slot = slotOf(copy.header, type);
    if (!slot) continue;
    const rootSecret = await openSlot(copy.header, slot, unlockSecret).catch(damagedIsNull);
    if (rootSecret) {
      const rootKey = await importRootKey(rootSecret);
      if ((await safes.isGenuine(copy, rootKey)) && (await opens(copy, rootKey))) return { copy, rootKey, rootSecret };
      rootSecret.fill(0);
    }
    isDamaged ||= rootSecret !== undefined;
  }
  if (!isDamaged) return undefined;
  safes.markDamaged(safeId);
  throw new VaultError('damaged');
}

/** A slot that its own secret does not open is null. What is not about the slot (a passphrase that is no text) is thrown on. */
function damagedIsNull(error: unknown): null {
  if (error instanceof VaultError && error.reason === 'damaged') return null;
  throw error;
}

/** The key record of a copy: the whole bundle, the bare keys of a draft, or what keeps their place. Throws 'damaged' when there is none. */
export function keyRecordOf(copy: SafeCopy): { place: { type: string; id: string; schema: number }; bytes: Bytes } {
  for (const place of [bundleRecord, draftKeysRecord, awaitedKeysRecord]) {
    const record = copy.records.find((one) => one.type === place.type && one.id === place.id);
    if (record) return { place, bytes: record.bytes };
  }
  throw new VaultError('damaged');
}

/** The plaintext of a copy's key record. Throws 'damaged'. The caller wipes it. */
export function openKeyRecord(copy: SafeCopy, rootKey: CryptoKey): Promise<Bytes> {
  const { safeId, account, epoch } = copy.header;
  const { place, bytes } = keyRecordOf(copy);
  return openRecord(rootKey, { safeId, account, epoch, ...place }, bytes);
}

async function opens(copy: SafeCopy, rootKey: CryptoKey): Promise<boolean> {
  try {
    (await openKeyRecord(copy, rootKey)).fill(0);
    return true;
  } catch {
    return false;
  }
}
