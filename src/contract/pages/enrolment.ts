// Calls of the onboarding page: from an account and a wallet to an identity.
// Promises: every row can be repeated after a dead worker. Must not: carry a private key; signatures and codes go in, never out again.
import * as v from 'valibot';
import { accountText } from '../address';
import { enrolmentSources, type EnrolmentSource } from '../choices';
import { file, fileSecret } from './backup';
import type { IdentitySummary } from './identity';
import { from, node } from './network';
import { row, type Row } from './pages';
import { name, safe, safeId, secretText, signature, walletChoice, type WalletChoice } from '../schemas';
import type { RecoveryCode } from './unlock';

/**
 * `unlock-1` or `passphrase` makes the root key; then `identity` (Create Identity), `retrieve` (Enable Identity) or `import` (a backup
 * file) gives the keys; then `unlock-2` proves the wallet (drafts that began with the wallet); then `code`.
 */
export type EnrolmentStep = 'unlock-1' | 'passphrase' | 'identity' | 'retrieve' | 'import' | 'unlock-2' | 'code';

export interface EnrolmentState {
  safeId: string;
  account: string;
  name: string;
  wallet: WalletChoice;
  source: EnrolmentSource;
  /** What opens the draft: decides whether a locked one asks for a signature or the passphrase. */
  first: 'wallet' | 'passphrase';
  step: EnrolmentStep;
  /** What the wallet has to sign now; null at `passphrase`, `retrieve` (the candidates have their own texts), `import` and `code`. */
  text: string | null;
  /** True when the draft has to be opened again by the unlock text before it can go on (after a browser restart). */
  locked: boolean;
}

export const enrolmentMethods = {
  /** Starts an enrolment (a draft without keys); a draft of the same account is continued. Throws `already-exists` if it is enrolled. */
  enrol_begin: row<EnrolmentState>()({
    params: v.strictObject({
      account: accountText,
      wallet: walletChoice,
      name,
      /** Where the keys come from; `new` makes them. */
      source: v.optional(v.picklist(enrolmentSources), 'new'),
      /** What opens the draft first, beside the recovery code: the wallet (two signatures) or a passphrase (none). */
      first: v.optional(v.picklist(['wallet', 'passphrase']), 'wallet'),
    }),
    pages: ['onboarding'],
  }),
  /** Also after a killed worker or a reload. */
  enrol_get: row<EnrolmentState>()({ params: safe, pages: ['onboarding'] }),
  /** First unlock signature: makes the keys and seals them before anything else. Also re-opens a locked draft. */
  enrol_unlockSignature: row<EnrolmentState>()({
    params: v.strictObject({ safeId, signature }),
    pages: ['onboarding'],
  }),
  /** "Create Identity" signature. */
  enrol_identitySignature: row<EnrolmentState>()({
    params: v.strictObject({ safeId, signature }),
    pages: ['onboarding'],
  }),
  /** Second unlock signature; must open the wallet slot, else `unsteady-wallet` and the draft is gone. */
  enrol_confirmUnlockSignature: row<EnrolmentState>()({
    params: v.strictObject({ safeId, signature }),
    pages: ['onboarding'],
  }),
  /** Makes (or replaces) the recovery code of a draft. The code is not kept. */
  enrol_createRecoveryCode: row<RecoveryCode>()({ params: safe, pages: ['onboarding'] }),
  /** Opens both slots, checks the typed groups, and turns the draft into an identity in one step. */
  enrol_finish: row<IdentitySummary>()({
    params: v.strictObject({ safeId, code: secretText, typed: v.pipe(v.array(secretText), v.length(2)) }),
    pages: ['onboarding'],
  }),
  /** Deletes a draft. Never touches a finished identity. */
  enrol_discard: row<null>()({ params: safe, pages: ['onboarding'] }),
  /** Makes the root key of a draft that begins with a passphrase, or re-opens a locked draft. `weak-passphrase` (detail: why), `wrong-passphrase`. */
  enrol_passphrase: row<EnrolmentState>()({
    params: v.strictObject({ safeId, passphrase: secretText }),
    pages: ['onboarding'],
  }),
  /** "Enable Identity" signature for one candidate of `network_look`. `unusable-copy` (detail: CopyDefect), `wrong-account`, network reasons. */
  enrol_retrieve: row<EnrolmentState>()({
    params: v.strictObject({ safeId, node, from, copyId: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)), signature }),
    pages: ['onboarding'],
  }),
  /** Puts the keys (and conversations) of a backup file into a draft with source `backup`. `bad-file`, `wrong-passphrase` or `wrong-code` (by the kind of secret), `unusable-copy`. */
  enrol_import: row<EnrolmentState>()({
    params: v.strictObject({ safeId, file, secret: fileSecret }),
    pages: ['onboarding'],
  }),
} as const satisfies Record<string, Row>;
