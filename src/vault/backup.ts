// Backup files of a finished identity: made, looked into, compared with what is here.
// Promises: a file is handed out only after it was opened again and was found to hold what was put in; looking changes nothing.
// Must not: let a plaintext out, or make a file without a person who opened the identity anew (R-I5).
import { VaultError } from '../contract/errors';
import type { BackupComparison, BackupFile, BackupPreview, BackupState, FileSecret, SlotSecret } from '../contract/flows';
import type { Backup } from '../protocol/backup';
import { encodeBackup } from '../protocol/backup';
import { equalBytes } from '../protocol/bytes';
import type { ConversationReference } from '../protocol/conversation';
import { decodeConversationReference, encodeConversationReference } from '../protocol/conversation';
import type { BackupContents } from './backup-contents';
import { filePassphraseOf, largestFile, withBackup } from './backup-contents';
import { fileWorkFactor, openFile, sealFile } from './backup-file';
import { entriesThatFit, framingBytes } from './backup-room';
import type { BundleDoor } from './bundle-door';
import type { Conversations } from './conversations';
import type { Bytes } from './encoding';
import { concat, createReader, lengthPrefixed, u64 } from './encoding';
import { sha256 } from './header';
import type { VaultHost } from './host';
import { mustBeStrong } from './passphrase';
import { versionedBundleOf } from './private-copies';
import { keyViewsOf } from './private-keys';
import type { RotationRecord } from './rotation-record';
import { decodeRotation, hasReached, noRotation, rotationRecordKind } from './rotation-record';
import type { SafeChanges } from './safe-change';
import type { Safes } from './safes';
import type { Sessions } from './session';
import type { SettingsStore } from './settings';
import type { Slots } from './slot-changes';

/** Every method that names a safe throws 'not-found', 'damaged', 'newer-format', 'wrong-step' for a draft, 'locked' and 'storage-failed'. */
export interface Backups {
  /**
   * A file with everything of an unlocked identity. `proof` opens one of its slots now. A recovery code as `secret` must be the one of this
   * identity, a passphrase a strong one. Takes a few seconds. What would make the file larger than any is left out, never a key. Throws as
   * `Slots.prove`, 'wrong-code', 'weak-passphrase', 'invalid-input' for a file without a secret.
   */
  export(input: { safeId: string; proof: SlotSecret; secret: FileSecret }): Promise<BackupFile>;
  /** What is in a file. Throws as `withBackup`. */
  preview(input: { file: Uint8Array; secret: FileSecret }): Promise<BackupPreview>;
  /** Compares a file with an unlocked identity; that it was complete is remembered. Throws as `withBackup`. */
  check(input: { safeId: string; file: Uint8Array; secret: FileSecret }): Promise<BackupComparison>;
  /** What is remembered of files, and whether the keys are those of the last complete one. */
  state(input: { safeId: string }): Promise<BackupState>;
}

/** Record of a safe: last export and last complete check in ms (8 each, 0 for never), digest of the keys at that check (32). */
export const backupRecord = { type: 'backup', id: 'state', schema: 1 } as const;

/** What a file has for conversations and preferences besides the keys: its own header, settings, and 16 bytes for each 64 KiB are less than the rest. */
const roomForLists = largestFile - 65_536;

interface Remembered {
  exportedAtMs: number;
  checkedAtMs: number;
  keysDigest: Bytes;
}

export function createBackups(options: {
  host: VaultHost;
  safes: Safes;
  sessions: Pick<Sessions, 'generation' | 'isUnlocked'>;
  door: BundleDoor;
  slots: Pick<Slots, 'prove'>;
  conversations: Conversations;
  settings: Pick<SettingsStore, 'current'>;
  changes: SafeChanges;
  /** For tests: what trying one passphrase of a file costs. */
  workFactor?: number;
}): Backups {
  const { host, safes, sessions, door, slots, conversations, settings, changes, workFactor = fileWorkFactor } = options;

  async function remembered(safeId: string): Promise<Remembered> {
    const plain = await changes.read(safeId, backupRecord);
    if (!plain) return { exportedAtMs: 0, checkedAtMs: 0, keysDigest: new Uint8Array(32) };
    const reader = createReader(plain);
    const record = { exportedAtMs: reader.u64(), checkedAtMs: reader.u64(), keysDigest: reader.take(32) };
    reader.end();
    return record;
  }

  async function remember(safeId: string, change: Partial<Remembered>): Promise<void> {
    const { exportedAtMs, checkedAtMs, keysDigest } = { ...(await remembered(safeId)), ...change };
    const plain = concat(u64(exportedAtMs), u64(checkedAtMs), keysDigest);
    await changes.change({ stage: 'backup.remember', safeId, put: [{ kind: backupRecord, plain }] });
  }

  async function rotationOf(safeId: string): Promise<RotationRecord> {
    const plain = await changes.read(safeId, rotationRecordKind);
    return plain ? decodeRotation(plain) : noRotation;
  }

  /** Everything of the identity, as the plaintext of a file; of its lists as much as fits. Secret. */
  async function gather(safeId: string): Promise<{ plainSecret: Bytes; conversations: number }> {
    const { account, name } = safes.copyOf(safeId).header;
    const { chosenDays, pending } = await rotationOf(safeId);
    const unannouncedHex = pending && !hasReached(pending, 'copied') ? pending.prekey : undefined;
    const { autoLockMinutes, theme } = settings.current();
    const v1Peers = (await conversations.listPeers(safeId)).map(decodeConversationReference);
    const preferences = await conversations.listPreferences(safeId);
    const withKeys = await conversations.listWithKeys(safeId);
    const bundleSecret = await door(safeId, (secret) => versionedBundleOf(secret, unannouncedHex));
    try {
      const sizes = [
        ...withKeys.map(({ reference, topicSecret }) => encodeConversationReference(reference).length + topicSecret.length),
        ...v1Peers.map((peer) => encodeConversationReference(peer).length),
        ...preferences.map(({ key, action }) => key.length + action.length),
      ];
      const kept = entriesThatFit(sizes.map((size) => size + framingBytes), roomForLists - bundleSecret.length);
      const keptFrom = <T>(list: readonly T[], at: number) => list.filter((_entry, index) => kept[at + index]);
      const keptConversations = keptFrom(withKeys, 0);
      const keptPeers = keptFrom(v1Peers, withKeys.length);
      const backup: Backup = {
        createdMs: BigInt(host.nowMs()),
        account,
        name,
        bundleSecret,
        conversations: keptConversations,
        v1Peers: keptPeers,
        preferences: keptFrom(preferences, withKeys.length + v1Peers.length),
        settings: { autoLockMinutes, theme, ...(chosenDays !== null && { rotationDays: chosenDays }) },
      };
      return { plainSecret: encodeBackup(backup), conversations: keptConversations.length + keptPeers.length };
    } finally {
      bundleSecret.fill(0);
      for (const { topicSecret } of withKeys) topicSecret.fill(0);
    }
  }

  async function mayProtect(safeId: string, secret: FileSecret): Promise<string> {
    if (secret.kind === 'none') throw new VaultError('invalid-input');
    // A mistyped code would make a file that nobody can open, found out when it is too late.
    if (secret.kind === 'recovery-code') await slots.prove({ safeId, proof: secret });
    else mustBeStrong(secret.passphrase, safes.copyOf(safeId).header.account);
    return filePassphraseOf(secret);
  }

  /** The file, after it was opened again and gave the same bytes. */
  async function sealAndProve(plainSecret: Bytes, passphrase: string): Promise<Bytes> {
    const file = await sealFile(plainSecret, passphrase, host.randomBytes, workFactor);
    const back = await openFile(file, passphrase);
    const isSame = back !== undefined && equalBytes(back, plainSecret);
    back?.fill(0);
    if (!isSame) throw new VaultError('damaged');
    if (file.length > largestFile) throw new VaultError('limit');
    return file;
  }

  return {
    async export({ safeId, proof, secret }) {
      await slots.prove({ safeId, proof });
      const passphrase = await mayProtect(safeId, secret);
      const begun = sessions.generation(safeId);
      const { plainSecret, conversations: count } = await gather(safeId);
      const file = await sealAndProve(plainSecret, passphrase).finally(() => plainSecret.fill(0));
      if (sessions.generation(safeId) !== begun) throw new VaultError('locked');
      // The file is good without it, and may be wanted because the disk is full.
      await remember(safeId, { exportedAtMs: host.nowMs() }).catch(() => undefined);
      const { account } = safes.copyOf(safeId).header;
      const day = new Date(host.nowMs()).toISOString().slice(0, 10);
      return { fileName: `prekey-vault-${account.slice(0, 10).toLowerCase()}-${day}.age`, file, conversations: count };
    },
    preview: ({ file, secret }) =>
      withBackup(file, secret, async (contents) => {
        const { account, name, createdAtMs } = contents;
        const { identityKeyHex, preKeys } = keyViewsOf(contents.bundleSecret);
        const existing = await existingOf(account, identityKeyHex);
        return { account, identityKeyHex, name, createdAtMs, preKeys: preKeys.length, conversations: contents.conversations.length + contents.v1Peers.length, existing };
      }),
    async check({ safeId, file, secret }) {
      const views = await door(safeId, keyViewsOf);
      const mine = [...(await conversations.list(safeId)), ...(await conversations.listPeers(safeId))].map(decodeConversationReference);
      const comparison = await withBackup(file, secret, async (contents) => compare(views, mine, contents));
      if (comparison.complete) await remember(safeId, { checkedAtMs: host.nowMs(), keysDigest: await digestOf(views) });
      return comparison;
    },
    async state({ safeId }) {
      const views = await door(safeId, keyViewsOf);
      const { exportedAtMs, checkedAtMs, keysDigest } = await remembered(safeId);
      const keysChangedSince = !equalBytes(await digestOf(views), keysDigest);
      return { lastExportedAtMs: exportedAtMs || null, lastCheckedAtMs: checkedAtMs || null, keysChangedSince };
    },
  };

  async function existingOf(account: string, identityKeyHex: string): Promise<BackupPreview['existing']> {
    for (const safe of safes.all()) {
      if (safe.kind !== 'readable' || safe.candidates[0].header.account !== account) continue;
      const { state } = safe.candidates[0].header;
      if (state !== 'complete') continue;
      const { safeId } = safe;
      const own = (await sessions.isUnlocked(safeId)) ? (await door(safeId, keyViewsOf)).identityKeyHex : null;
      return { safeId, sameIdentity: own === null ? null : own === identityKeyHex };
    }
    return null;
  }
}

type Views = ReturnType<typeof keyViewsOf>;

function compare(views: Views, mine: readonly ConversationReference[], contents: BackupContents): BackupComparison {
  const inFile = keyViewsOf(contents.bundleSecret);
  const sameIdentity = inFile.identityKeyHex === views.identityKeyHex;
  const points = new Set(inFile.preKeys.map(({ publicKeyHex }) => publicKeyHex));
  const missingPreKeys = views.preKeys.filter(({ publicKeyHex }) => !points.has(publicKeyHex)).length;
  const topics = new Set([...contents.conversations.map(({ reference }) => reference), ...contents.v1Peers].map(({ topic }) => topic));
  const missing = mine.filter(({ topic }) => !topics.has(topic));
  const { createdAtMs } = contents;
  const hasOld = missing.some(({ createdNs }) => createdAtMs === null || createdNs <= BigInt(createdAtMs) * 1_000_000n);
  const complete = sameIdentity && missingPreKeys === 0 && !hasOld;
  return { sameIdentity, createdAtMs, missingPreKeys, missingConversations: missing.length, complete };
}

/** SHA-256 over the sorted public points. */
function digestOf({ identityKeyHex, preKeys }: Views): Promise<Bytes> {
  return sha256(lengthPrefixed(...[identityKeyHex, ...preKeys.map(({ publicKeyHex }) => publicKeyHex)].toSorted()));
}
