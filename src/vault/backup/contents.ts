// A backup file, opened: everything in it was decrypted, decoded and checked before anybody sees any of it.
// Promises: keys that do not check, parts that are too large and accounts that do not agree are refused as a whole.
// Must not: write anything, or keep what was opened: it is lent to one task and wiped after it.
import { VaultError } from '../../contract/errors';
import type { FileSecret, FoundKeys } from '../../contract/pages/backup';
import type { Person } from '../../contract/pages/people';
import { typedSecretLength } from '../../contract/limits';
import type { Backup } from '../../protocol/ours/backup';
import { decodeBackup } from '../../protocol/ours/backup';
import { encodeConversationReference } from '../../protocol/messages/conversation';
import { ProtocolError } from '../../protocol/base/errors';
import { openFile } from './file';
import { readInboxPart, type InboxPart } from './inbox-part';
import { decodePeople } from '../people/people-record';
import type { Bytes } from '../store/encoding';
import { mustBeText } from '../safe/inputs';
import { keystoreLimits } from '../store/limits';
import { bundleOfBackup, bundleOfKeyFile } from '../keys/foreign-bundle';
import { readRecoveryCode, recoveryCodeText } from '../unlock/recovery-code';

/** Files are at most this long, as in the contract: 32 MiB. */
export const largestFile = 32 * 1024 * 1024;

/** What a file holds. Byte fields are views that are wiped with it. */
export interface BackupContents extends Pick<
  Backup,
  'account' | 'name' | 'conversations' | 'v1Peers' | 'preferences' | 'settings'
> {
  /** Null for a file without the part. */
  inboxes: InboxPart | null;
  /** Null for a file that could not hold any names. */
  people: Person[] | null;
  /** Null for keys without a seal. */
  createdAtMs: number | null;
  /** PrivateKeyBundleV1, as the bundle record holds it. */
  bundleSecret: Bytes;
  /** How keys without a seal were written; null for a backup file of ours. */
  found: FoundKeys | null;
}

/**
 * Opens a file and lends what is in it to `use`. Throws 'bad-file' (detail: FileDefect), 'wrong-passphrase' or 'wrong-code' (by the kind of `secret`),
 * 'unusable-copy' (detail: CopyDefect), 'limit', 'invalid-input', and what `use` throws.
 */
export async function withBackup<T>(
  file: Uint8Array,
  secret: FileSecret,
  use: (contents: BackupContents) => Promise<T>,
): Promise<T> {
  if (file.length > largestFile) throw new VaultError('limit');
  if (secret.kind === 'none') {
    const { bundleSecret, account, found } = bundleOfKeyFile(file);
    const nothing = {
      name: '',
      conversations: [],
      v1Peers: [],
      preferences: [],
      inboxes: null,
      people: null,
      createdAtMs: null,
    };
    return use({ ...nothing, account, bundleSecret, found }).finally(() => bundleSecret.fill(0));
  }
  const plainSecret = await openFile(file, filePassphraseOf(secret));
  if (!plainSecret) throw new VaultError(secret.kind === 'passphrase' ? 'wrong-passphrase' : 'wrong-code');
  try {
    const backup = decodeOrRefuse(plainSecret);
    const inboxes = backup.inboxes ? readInboxPart(backup.inboxes) : null;
    const people = backup.people ? readPeople(backup.people) : null;
    const { bundleSecret, account } = bundleOfBackup(backup.bundleSecret);
    try {
      if (account !== backup.account) throw new VaultError('unusable-copy', 'other-account');
      return await use({
        ...backup,
        inboxes,
        people,
        createdAtMs: Number(backup.createdMs),
        bundleSecret,
        found: null,
      });
    } finally {
      bundleSecret.fill(0);
    }
  } finally {
    plainSecret.fill(0);
  }
}

/** Throws 'bad-file' (`changed`) for names that cannot be read. */
function readPeople(record: Uint8Array): Person[] {
  try {
    return record.length === 0 ? [] : decodePeople(record);
  } catch (error) {
    if (error instanceof VaultError && error.reason === 'damaged') throw new VaultError('bad-file', 'changed');
    throw error;
  }
}

/** The passphrase of the file itself: a recovery code as it is shown to the person. Throws 'wrong-code' for what is not a valid code. */
export function filePassphraseOf(secret: Exclude<FileSecret, { kind: 'none' }>): string {
  if (secret.kind === 'passphrase') return mustBeText(secret.passphrase, typedSecretLength);
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
    const sizes = [
      ...references.map((one) => encodeConversationReference(one).length),
      ...backup.preferences.map(({ action }) => action.length),
    ];
    if (sizes.some((size) => size > keystoreLimits.entryBytes)) throw new VaultError('bad-file', 'changed');
    return backup;
  } catch (error) {
    if (error instanceof ProtocolError)
      throw new VaultError('bad-file', error.reason === 'unknown-version' ? 'newer-version' : 'not-keys');
    throw error;
  }
}
