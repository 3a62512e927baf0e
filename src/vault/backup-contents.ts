// A backup file, opened: everything in it was decrypted, decoded and checked before anybody sees any of it.
// Promises: keys that do not check, parts that are too large and accounts that do not agree are refused as a whole.
// Must not: write anything, or keep what was opened: it is lent to one task and wiped after it.
import { VaultError } from '../contract/errors';
import type { FileSecret } from '../contract/flows';
import type { Backup } from '../protocol/backup';
import { decodeBackup } from '../protocol/backup';
import { encodeConversationReference } from '../protocol/conversation';
import { ProtocolError } from '../protocol/errors';
import { openFile } from './backup-file';
import type { Bytes } from './encoding';
import { mustBeText } from './inputs';
import { keystoreLimits } from './keystore-limits';
import { bundleOfFile } from './private-copies';
import { readRecoveryCode, recoveryCodeText } from './recovery-code';

/** Files are at most this long, as in the contract: 32 MiB. */
export const largestFile = 32 * 1024 * 1024;

/** What a file holds. Byte fields are views that are wiped with it. */
export interface BackupContents extends Pick<Backup, 'account' | 'name' | 'conversations' | 'v1Peers' | 'preferences' | 'settings'> {
  /** Null for a file of the stock client. */
  createdAtMs: number | null;
  /** PrivateKeyBundleV1, as the bundle record holds it. */
  bundleSecret: Bytes;
}

/**
 * Opens a file and lends what is in it to `use`. Throws 'bad-file', 'wrong-passphrase' or 'wrong-code' (by the kind of `secret`),
 * 'unusable-copy' (detail: CopyDefect), 'limit', 'invalid-input', and what `use` throws.
 */
export async function withBackup<T>(file: Uint8Array, secret: FileSecret, use: (contents: BackupContents) => Promise<T>): Promise<T> {
  if (file.length > largestFile) throw new VaultError('limit');
  if (secret.kind === 'none') {
    const { bundleSecret, account } = bundleOfFile(file);
    const nothing = { name: '', conversations: [], v1Peers: [], preferences: [], createdAtMs: null };
    return use({ ...nothing, account, bundleSecret }).finally(() => bundleSecret.fill(0));
  }
  const plainSecret = await openFile(file, filePassphraseOf(secret));
  if (!plainSecret) throw new VaultError(secret.kind === 'passphrase' ? 'wrong-passphrase' : 'wrong-code');
  try {
    const backup = decodeOrRefuse(plainSecret);
    const { bundleSecret, account } = bundleOfFile(backup.bundleSecret);
    try {
      if (account !== backup.account) throw new VaultError('unusable-copy', 'other-account');
      return await use({ ...backup, createdAtMs: Number(backup.createdMs), bundleSecret });
    } finally {
      bundleSecret.fill(0);
    }
  } finally {
    plainSecret.fill(0);
  }
}

/** The passphrase of the file itself: a recovery code as it is shown to the person. Throws 'wrong-code' for what is no code. */
export function filePassphraseOf(secret: Exclude<FileSecret, { kind: 'none' }>): string {
  if (secret.kind === 'passphrase') return mustBeText(secret.passphrase, 200);
  const codeSecret = readRecoveryCode(secret.code);
  if (!codeSecret) throw new VaultError('wrong-code');
  const text = recoveryCodeText(codeSecret);
  codeSecret.fill(0);
  return text;
}

function decodeOrRefuse(plainSecret: Bytes): Backup {
  try {
    const backup = decodeBackup(plainSecret);
    const references = [...backup.conversations.map(({ reference }) => reference), ...backup.v1Peers];
    const sizes = [...references.map((one) => encodeConversationReference(one).length), ...backup.preferences.map(({ action }) => action.length)];
    if (sizes.some((size) => size > keystoreLimits.entryBytes)) throw new VaultError('bad-file');
    return backup;
  } catch (error) {
    if (error instanceof ProtocolError) throw new VaultError('bad-file');
    throw error;
  }
}
