// Opening a safe with one of its slots: who signed is checked before any key is tried, the MAC before anything is believed.
// Promises: a way that the newest replica does not have any more opens nothing (R-H6); "wrong account", "wrong secret" and "damaged" are told apart (R-E6); a damaged copy gives way to the good one.
// Must not: make, change or delete a safe on the grounds of a secret that does not fit.
import { VaultError } from '../../contract/errors';
import type { UnlockRequest } from '../../contract/pages/unlock';
import { equalBytes } from '../../protocol/base/bytes';
import type { Replica } from '../safe/replica';
import type { Bytes } from '../store/encoding';
import { passkeyOf, type Header, type SlotType } from '../safe/header';
import { passkeySecretOf } from './passkey';
import { passphraseFor } from './passphrase';
import { importRootKey } from '../store/sealed-record';
import { readRecoveryCode } from './recovery-code';
import { openKeyRecord } from '../safe/key-record';
import type { Safes } from '../safe/safes';
import type { Sessions } from './session';
import { unlockSecretOf } from './signed-by';
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
  /** Throws 'wrong-passkey', 'invalid-input', 'damaged', 'storage-failed' or as `text`. */
  withPasskey(input: { safeId: string; prfSecret: Uint8Array }): Promise<void>;
}

/** A safe that a secret opened: the genuine copy and its root key. The caller wipes `rootSecret`. */
export interface OpenedSafe {
  copy: Replica;
  rootKey: CryptoKey;
  rootSecret: Bytes;
}

export function createUnlock({ safes, sessions }: { safes: Safes; sessions: Sessions }): Unlock {
  function finished(safeId: string): Header {
    const { header } = safes.copyOf(safeId);
    if (header.state !== 'complete') throw new VaultError('wrong-step');
    return header;
  }

  async function openWith(
    safeId: string,
    type: SlotType,
    unlockSecret: UnlockSecret,
    refusal: 'wrong-secret' | 'wrong-code' | 'wrong-passphrase' | 'wrong-passkey',
  ): Promise<void> {
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
      const header = finished(safeId);
      const { account, wallet, unlockText, slots } = header;
      const passkey = passkeyOf(slotOf(header, 'passkey')?.params ?? new Uint8Array(0)) ?? null;
      return { safeId, account, wallet, text: unlockText, slots: slots.map(({ type }) => type), passkey };
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
    async withPasskey({ safeId, prfSecret }) {
      finished(safeId);
      const passkeySecret = passkeySecretOf(prfSecret);
      await openWith(safeId, 'passkey', passkeySecret, 'wrong-passkey').finally(() => passkeySecret.fill(0));
    },
  };
}

/**
 * Tries a secret on every candidate copy of a safe. Undefined when it is not the secret of any; throws 'damaged', and marks
 * the safe so, when it is but nothing genuine is behind it.
 */
export async function openSafe(
  safes: Safes,
  safeId: string,
  type: SlotType,
  unlockSecret: UnlockSecret,
): Promise<OpenedSafe | undefined> {
  safes.copyOf(safeId);
  const safe = safes.get(safeId);
  const candidates = safe?.kind === 'readable' ? safe.candidates : [];
  let isDamaged = false;
  for (const copy of candidates) {
    const rootSecret = await openCopy(copy, type, unlockSecret);
    if (rootSecret) {
      const rootKey = await importRootKey(rootSecret);
      const best = await newestOf(await safes.genuineOf(safeId, rootKey), rootKey);
      // An older replica may have a slot that was removed since: its secret opens nothing unless it opens the newest replica too.
      const isIts = best !== undefined && (best === copy || (await givesRoot(best, type, unlockSecret, rootSecret)));
      if (best && isIts) return { copy: best, rootKey, rootSecret };
      rootSecret.fill(0);
      if (best) return undefined;
    }
    isDamaged ||= rootSecret !== undefined;
  }
  if (!isDamaged) return undefined;
  safes.markDamaged(safeId);
  throw new VaultError('damaged');
}

/** The root key that the slot of this type gives: null when the slot is damaged, undefined when there is no such slot or the secret is not its own. */
async function openCopy(
  { header }: Replica,
  type: SlotType,
  unlockSecret: UnlockSecret,
): Promise<Bytes | null | undefined> {
  const slot = slotOf(header, type);
  return slot && openSlot(header, slot, unlockSecret).catch(damagedIsNull);
}

async function givesRoot(
  copy: Replica,
  type: SlotType,
  unlockSecret: UnlockSecret,
  rootSecret: Bytes,
): Promise<boolean> {
  const again = await openCopy(copy, type, unlockSecret);
  const isSame = again !== undefined && again !== null && equalBytes(again, rootSecret);
  again?.fill(0);
  return isSame;
}

/** The first of these copies whose keys open. */
async function newestOf(genuine: readonly Replica[], rootKey: CryptoKey): Promise<Replica | undefined> {
  for (const copy of genuine) if (await opens(copy, rootKey)) return copy;
  return undefined;
}

/** A damaged slot is told as null. What is not about the slot (a passphrase that is not valid text) is thrown on. */
function damagedIsNull(error: unknown): null {
  if (error instanceof VaultError && error.reason === 'damaged') return null;
  throw error;
}

async function opens(copy: Replica, rootKey: CryptoKey): Promise<boolean> {
  try {
    (await openKeyRecord(copy, rootKey)).fill(0);
    return true;
  } catch {
    return false;
  }
}
