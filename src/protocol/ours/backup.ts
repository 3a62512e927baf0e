// The plaintext of a backup file: everything that brings an identity back (docs/storage.md, "The backup file").
// Promises: what was read is whole and of one account, every part well-formed and bounded; writing and reading back gives the same.
// Must not: look inside the private keys (bundles.ts does), keep them, or encrypt: files are encrypted in the vault.
import type { ConversationReference } from '../messages/conversation';
import { decodeConversationReference, encodeConversationReference } from '../messages/conversation';
import { ProtocolError } from '../base/errors';
import { checksumAddress } from '../base/address';
import { latestMs } from '../base/dates';
import { decodePreferenceAction } from '../messages/preference-action';
import * as wire from '../proto/gen/backup';
import { decodeStrictly } from '../proto/strict';

/** The first version had nothing of inboxes. */
const [firstVersion, version] = [1, 2];
const nameLength = 60;
const topicKeyLength = 32;
const settingLength = 40;

/** A V2 conversation with the key of its messages, 32 bytes. */
export interface BackupConversation {
  readonly topicSecret: Uint8Array;
  readonly reference: ConversationReference;
}

/** The records of a safe about inboxes of XMTP V3 (docs/storage.md); empty for none. Their lengths were not looked at. */
export interface BackupInboxes {
  readonly keysSecret: Uint8Array;
  readonly archiveSecrets: Uint8Array;
  readonly ledger: Uint8Array;
}

export interface Backup {
  /** Milliseconds since 1970. */
  readonly createdMs: bigint;
  /** EIP-55. */
  readonly account: string;
  readonly name: string;
  /** A versioned PrivateKeyBundle. Only its length was looked at. */
  readonly bundleSecret: Uint8Array;
  readonly conversations: readonly BackupConversation[];
  readonly v1Peers: readonly ConversationReference[];
  /** When each was published (decimal digits, as the app wrote them), and a PrivatePreferencesAction. */
  readonly preferences: readonly { readonly key: string; readonly action: Uint8Array }[];
  /** Absent in files of version 1, which know nothing of them. */
  readonly inboxes?: BackupInboxes;
  /** Names that the person gave to accounts: the record of a safe, empty for none. Absent in files of before there were any. */
  readonly people?: Uint8Array;
  readonly settings?: { readonly autoLockMinutes: number; readonly theme: string; readonly rotationDays?: number };
}

/** The bytes to encrypt. Secret; the caller wipes them. Throws 'bad-address' and 'bad-length' for what could not be read back. */
export function encodeBackup(backup: Backup): Uint8Array<ArrayBuffer> {
  const { createdMs, account, name, bundleSecret, settings, inboxes, people } = backup;
  checkShape(backup);
  const encoded = wire.Backup.encode({
    version: inboxes ? version : firstVersion,
    createdMs,
    account,
    name,
    privateKeyBundle: bundleSecret,
    conversations: backup.conversations.map(({ topicSecret, reference }) => ({
      topicKey: topicSecret,
      reference: encodeConversationReference(reference),
    })),
    v1Peers: backup.v1Peers.map(encodeConversationReference),
    preferences: backup.preferences.map(({ key, action }) => ({ key, action })),
    settings: settings && { ...settings },
    inboxes: inboxes && {
      inboxKeys: inboxes.keysSecret,
      archiveSecrets: inboxes.archiveSecrets,
      inboxLedger: inboxes.ledger,
    },
    people,
  }).finish();
  return encoded as Uint8Array<ArrayBuffer>;
}

/**
 * Reads the plaintext of a file. Byte fields are views of `bytes`: wiping those wipes them all. Throws 'malformed-protobuf',
 * 'unknown-version', 'bad-address', 'bad-length' or 'bad-number'; unknown fields of a later minor change are skipped.
 */
export function decodeBackup(bytes: Uint8Array): Backup {
  const message = decodeStrictly(wire.Backup, 'Backup', bytes);
  // A file of the second version without inboxes, or of the first with them, was made by nobody.
  if (message.version !== (message.inboxes ? version : firstVersion))
    throw new ProtocolError('unknown-version', 'unknown version of a backup');
  const { createdMs, account, name, privateKeyBundle, settings, inboxes, people } = message;
  const backup: Backup = {
    createdMs,
    account,
    name,
    bundleSecret: privateKeyBundle,
    conversations: message.conversations.map(({ topicKey, reference }) => ({
      topicSecret: topicKey,
      reference: decodeConversationReference(reference),
    })),
    v1Peers: message.v1Peers.map(decodeConversationReference),
    preferences: message.preferences,
    ...(settings && { settings: settingsOf(settings) }),
    ...(inboxes && {
      inboxes: {
        keysSecret: inboxes.inboxKeys,
        archiveSecrets: inboxes.archiveSecrets,
        ledger: inboxes.inboxLedger,
      },
    }),
    ...(people !== undefined && { people }),
  };
  checkShape(backup);
  return backup;
}

function settingsOf({ autoLockMinutes, theme, rotationDays }: wire.BackupSettings): NonNullable<Backup['settings']> {
  return { autoLockMinutes, theme, ...(rotationDays !== undefined && { rotationDays }) };
}

function checkShape(backup: Backup): void {
  const { account, name, createdMs, settings } = backup;
  if (checksumAddress(account) !== account) throw new ProtocolError('bad-address', 'account is not in EIP-55 form');
  mustBe('name', name.length <= nameLength);
  mustBe('private key bundle', backup.bundleSecret.length > 0);
  mustBe(
    'topic key',
    backup.conversations.every(({ topicSecret }) => topicSecret.length === topicKeyLength),
  );
  mustBe(
    'topic',
    [...backup.conversations.map(({ reference }) => reference), ...backup.v1Peers].every(({ topic }) => topic !== ''),
  );
  mustBe(
    'time of a preference',
    backup.preferences.every(({ key }) => /^[0-9]{1,20}$/.test(key)),
  );
  for (const { action } of backup.preferences) decodePreferenceAction(action);
  mustBe('setting', (settings?.theme.length ?? 0) <= settingLength);
  if (createdMs > latestMs) throw new ProtocolError('bad-number', 'time of the backup is out of range');
}

function mustBe(what: string, fits: boolean): void {
  if (!fits) throw new ProtocolError('bad-length', `${what} of a backup has the wrong length`);
}
