// The plaintext of a backup file: everything that brings an identity back (docs/storage.md, "The backup file").
// Promises: what was read is whole and of one account, every part well-formed and bounded; writing and reading back gives the same.
// Must not: look inside the private keys (bundles.ts does), keep them, or encrypt: files are encrypted in the vault.
import type { ConversationReference } from './conversation';
import { decodeConversationReference, encodeConversationReference } from './conversation';
import { ProtocolError } from './errors';
import { checksumAddress } from './ethereum';
import { decodePreferenceAction } from './preference-action';
import * as wire from './proto/gen/backup';
import { decodeStrictly } from './proto/strict';

const version = 1;
const nameLength = 60;
const topicKeyLength = 32;
const settingLength = 40;
/** The latest time that dates know, in milliseconds since 1970. */
const latestMs = 8_640_000_000_000_000n;

/** A V2 conversation with the key of its messages, 32 bytes. */
export interface BackupConversation {
  readonly topicSecret: Uint8Array;
  readonly reference: ConversationReference;
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
  readonly settings?: { readonly autoLockMinutes: number; readonly theme: string; readonly rotationDays?: number };
}

/** The bytes to encrypt. Secret; the caller wipes them. Throws 'bad-address' and 'bad-length' for what could not be read back. */
export function encodeBackup(backup: Backup): Uint8Array<ArrayBuffer> {
  const { createdMs, account, name, bundleSecret, settings } = backup;
  checkShape(backup);
  const encoded = wire.Backup.encode({
    version,
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
  }).finish();
  return encoded as Uint8Array<ArrayBuffer>;
}

/**
 * Reads the plaintext of a file. Byte fields are views of `bytes`: wiping those wipes them all. Throws 'malformed-protobuf',
 * 'unknown-version', 'bad-address', 'bad-length' or 'bad-number'; unknown fields of a later minor change are skipped.
 */
export function decodeBackup(bytes: Uint8Array): Backup {
  const message = decodeStrictly(wire.Backup, 'Backup', bytes);
  if (message.version !== version) throw new ProtocolError('unknown-version', 'unknown version of a backup');
  const { createdMs, account, name, privateKeyBundle, settings } = message;
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
  mustBe('topic key', backup.conversations.every(({ topicSecret }) => topicSecret.length === topicKeyLength));
  mustBe('topic', [...backup.conversations.map(({ reference }) => reference), ...backup.v1Peers].every(({ topic }) => topic !== ''));
  mustBe('time of a preference', backup.preferences.every(({ key }) => /^[0-9]{1,20}$/.test(key)));
  for (const { action } of backup.preferences) decodePreferenceAction(action);
  mustBe('setting', (settings?.theme.length ?? 0) <= settingLength);
  if (createdMs > latestMs) throw new ProtocolError('bad-number', 'time of the backup is out of range');
}

function mustBe(what: string, fits: boolean): void {
  if (!fits) throw new ProtocolError('bad-length', `${what} of a backup has the wrong length`);
}
