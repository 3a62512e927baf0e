// Calls about backup files.
// Must not: carry a private key: files are encrypted before they leave the vault.
import * as v from 'valibot';
import { backupFileBytes } from '../choices';
import { glancePages, row, type Row } from './pages';
import { safe, safeId, secretText, slotSecret } from '../schemas';

export const file = v.pipe(v.instance(Uint8Array), v.maxLength(backupFileBytes));

/** What opens a backup file. A recovery code is the passphrase of the file as it is written: groups joined by "-". */
export const fileSecret = v.variant('kind', [
  v.strictObject({ kind: v.literal('recovery-code'), code: secretText }),
  v.strictObject({ kind: v.literal('passphrase'), passphrase: secretText }),
  /** A file of another client: its keys, not encrypted, in any of the ways clients wrote them. */
  v.strictObject({ kind: v.literal('none') }),
]);

export type FileSecret = v.InferOutput<typeof fileSecret>;

/** How a file without encryption was written: as bytes, or as a text that stands for them. */
export type KeyWriting = 'bytes' | 'base64' | 'hex' | 'binary-text' | 'numbers';

/** `isBare`: a PrivateKeyBundleV1 without the versioned message around it, as clients on phones kept it. */
export interface FoundKeys {
  writing: KeyWriting;
  isBare: boolean;
}

export interface BackupFile {
  /** "prekey-vault-0x1234-2026-11-21.age" */
  fileName: string;
  file: Uint8Array;
  conversations: number;
}

export interface BackupPreview {
  account: string;
  identityKeyHex: string;
  name: string;
  /** Milliseconds since 1970; null for keys of another client. */
  createdAtMs: number | null;
  prekeys: number;
  conversations: number;
  /** Keys for inboxes of XMTP V3; null for a file that could not hold any: of a version before, or of another client. */
  inboxKeys: number | null;
  /** Names that the person gave to others; null for a file that could not hold any. */
  names: number | null;
  /** How keys without a seal were written; null for a backup file of ours. */
  found: FoundKeys | null;
  /** An identity of this account is in this browser already; `sameIdentity` tells whether it is this one, null while it is locked. */
  existing: { safeId: string; sameIdentity: boolean | null } | null;
}

export interface BackupComparison {
  sameIdentity: boolean;
  createdAtMs: number | null;
  /** Private prekeys, and conversations, that the identity has and the file has not. */
  missingPrekeys: number;
  /** Inbox keys and archive keys that the identity has and the file has not. */
  missingInboxKeys: number;
  /** Texts that were signed for inboxes, and marks of the person, that the file has not. */
  missingInboxTexts: number;
  missingConversations: number;
  /** Names of the address book that the file has not, or has otherwise. */
  missingNames: number;
  /** Names in the file that the address book has not, or older ones: `backup_takeNames` would bring them. */
  newNames: number;
  /** True when the file alone brings everything back but newer conversations and texts, and names. */
  complete: boolean;
}

export interface BackupState {
  lastExportedAtMs: number | null;
  lastCheckedAtMs: number | null;
  /** Keys changed since the last file that was checked; true as long as none was. */
  keysChangedSince: boolean;
}

export const backupMethods = {
  /** Encrypts everything into one file, after unlocking anew with `proof`. */
  backup_export: row<BackupFile>()({
    params: v.strictObject({ safeId, proof: slotSecret, secret: fileSecret }),
    pages: ['vault'],
  }),
  /** Opens a file and says what is in it. Changes nothing. `bad-file`, `wrong-passphrase` or `wrong-code`, `unusable-copy`. */
  backup_preview: row<BackupPreview>()({
    params: v.strictObject({ file, secret: fileSecret }),
    pages: ['onboarding', 'vault'],
  }),
  /** Opens a file and compares it with the identity. A complete one is remembered as checked. */
  backup_check: row<BackupComparison>()({
    params: v.strictObject({ safeId, file, secret: fileSecret }),
    pages: ['vault'],
  }),
  /** Takes the names in a file of this identity into its address book. How many are new, or others than before. */
  backup_takeNames: row<number>()({
    params: v.strictObject({ safeId, file, secret: fileSecret }),
    pages: ['vault'],
  }),
  /** Two dates and whether keys changed since; the onboarding page shows whether its last step is done. */
  backup_state: row<BackupState>()({ params: safe, pages: ['vault', ...glancePages, 'onboarding'] }),
} as const satisfies Record<string, Row>;
