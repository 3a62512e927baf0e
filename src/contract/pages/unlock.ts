// Calls that open and lock an identity, and that change what opens it.
// Must not: carry a secret out; the one exception is a recovery code that was just made.
import * as v from 'valibot';
import type { IdentityDetails } from './identity';
import { allPages, glancePages, row, type Row } from './pages';
import {
  credentialId,
  prfBytes,
  safe,
  safeId,
  secretText,
  signature,
  slotSecret,
  walletChoice,
  type WalletChoice,
} from '../schemas';
import type { SlotKind } from '../choices';

export interface UnlockRequest {
  safeId: string;
  account: string;
  wallet: WalletChoice;
  /** The unlock text; only useful when there is a wallet slot. */
  text: string;
  slots: SlotKind[];
  /** What the passkey is asked with; null where there is no slot of one. */
  passkey: PasskeyRequest | null;
}

/** A credential of this extension, and the input of its PRF (32 bytes). Neither is secret. */
export interface PasskeyRequest {
  credentialId: Uint8Array;
  prfInput: Uint8Array;
}

export const unlockMethods = {
  unlock_getText: row<UnlockRequest>()({ params: safe, pages: ['unlock', 'vault'] }),
  /** Throws `wrong-account`, `wrong-secret`, `bad-signature`. */
  unlock_withWallet: row<null>()({ params: v.strictObject({ safeId, signature }), pages: ['unlock'] }),
  /** Throws `wrong-code`. */
  unlock_withRecoveryCode: row<null>()({ params: v.strictObject({ safeId, code: secretText }), pages: ['unlock'] }),
  /** Opens (or focuses) the one unlock page. */
  unlock_open: row<null>()({
    params: v.strictObject({ safeId: v.optional(safeId) }),
    pages: [...glancePages, 'approval', 'vault', 'onboarding'],
  }),
  /** Locks one identity, or all. */
  lock_now: row<null>()({ params: v.strictObject({ safeId: v.optional(safeId) }), pages: allPages }),
  /** Throws `wrong-passphrase`. */
  unlock_withPassphrase: row<null>()({ params: v.strictObject({ safeId, passphrase: secretText }), pages: ['unlock'] }),
  /** Throws `wrong-passkey`. */
  unlock_withPasskey: row<null>()({ params: v.strictObject({ safeId, prfSecret: prfBytes }), pages: ['unlock'] }),
  /** Opens one slot and tells which. Changes nothing. `wrong-secret`, `wrong-code`, `wrong-passphrase`, `wrong-passkey`, `wrong-account`. */
  slots_check: row<{ slotId: string }>()({ params: v.strictObject({ safeId, secret: slotSecret }), pages: ['vault'] }),
  /** Adds a passphrase. `proof` opens any slot of the safe. */
  slots_addPassphrase: row<IdentityDetails>()({
    params: v.strictObject({ safeId, proof: slotSecret, passphrase: secretText }),
    pages: ['vault'],
  }),
  /** Adds a passkey, as it is asked from now on and what it gave for that. `proof` opens any slot of the safe. */
  slots_addPasskey: row<IdentityDetails>()({
    params: v.strictObject({ safeId, proof: slotSecret, credentialId, prfInput: prfBytes, prfSecret: prfBytes }),
    pages: ['vault'],
  }),
  /** Adds the wallet: two signatures of the unlock text. `unsteady-wallet` when they differ. `wallet`: how it is reached from now on. */
  slots_addWallet: row<IdentityDetails>()({
    params: v.strictObject({
      safeId,
      proof: slotSecret,
      first: signature,
      second: signature,
      wallet: v.optional(walletChoice),
    }),
    pages: ['vault'],
  }),
  /** A fresh recovery code to be written down; nothing is stored yet. */
  slots_newCode: row<RecoveryCode>()({ params: safe, pages: ['vault'] }),
  /** Puts the new code in place of the old one, in a new epoch. `kept` opens every other slot; `typed` are the two asked groups. */
  slots_replaceCode: row<IdentityDetails>()({
    params: v.strictObject({
      safeId,
      code: secretText,
      ask: v.tuple([v.number(), v.number()]),
      typed: v.pipe(v.array(secretText), v.length(2)),
      kept: v.pipe(v.array(slotSecret), v.maxLength(4)),
    }),
    pages: ['vault'],
  }),
  /** Removes a slot in a new epoch. `kept` opens every slot that stays. `last-slots` below two. */
  slots_remove: row<IdentityDetails>()({
    params: v.strictObject({ safeId, slotId: safeId, kept: v.pipe(v.array(slotSecret), v.maxLength(4)) }),
    pages: ['vault'],
  }),
} as const satisfies Record<string, Row>;

/** `code`: eight groups of four characters joined by "-". `ask`: the two groups (0 to 7) the person types back. */
export interface RecoveryCode {
  code: string;
  ask: [number, number];
}
