// Backup files of a finished identity: made, looked into, compared with what is here.
// Promises: a file is handed out only after it was opened again and was found to hold what was put in; looking changes nothing.
// Must not: let a plaintext out, or make a file without a person who opened the identity anew (R-I5).
import { VaultError } from '../../contract/errors';
import type { BackupComparison, BackupFile, BackupPreview, BackupState, FileSecret } from '../../contract/pages/backup';
import type { SlotSecret } from '../../contract/schemas';
import type { Backup } from '../../protocol/ours/backup';
import { encodeBackup } from '../../protocol/ours/backup';
import { equalBytes } from '../../protocol/base/bytes';
import type { ConversationReference } from '../../protocol/messages/conversation';
import { decodeConversationReference, encodeConversationReference } from '../../protocol/messages/conversation';
import type { BackupContents } from './contents';
import { largestFile, withBackup } from './contents';
import { openFile, sealFile } from './file';
import { entriesThatFit, framingBytes } from './fit';
import { missingFrom, noInboxes, type InboxParts, type InboxPartViews } from './inbox-part';
import { mayProtect } from './protect';
import type { Person } from '../../contract/pages/people';
import type { BundleAccess } from '../keys/bundle-access';
import type { Conversations } from '../keystore/conversations';
import type { Bytes } from '../store/encoding';
import { concat, createReader, lengthPrefixed, u64 } from '../store/encoding';
import { sha256 } from '../safe/header';
import type { VaultHost } from '../store/host';
import { versionedBundleOf } from '../keys/foreign-bundle';
import { keyViewsOf } from '../keys/bundle';
import type { People } from '../people/people';
import { differentFrom, mergedPeople } from '../people/people-record';
import type { RotationRecord } from '../publication/rotation-record';
import { decodeRotation, hasReached, noRotation, rotationRecordKind } from '../publication/rotation-record';
import type { SafeChanges } from '../safe/safe-change';
import type { Safes } from '../safe/safes';
import type { Sessions } from '../unlock/session';
import type { SettingsStore } from '../store/settings';
import type { Slots } from '../unlock/slot-changes';

/** Every method that names a safe throws 'not-found', 'damaged', 'newer-format', 'wrong-step' for a draft, 'locked' and 'storage-failed'. */
export interface Backups {
  /**
   * A file with everything of an unlocked identity. `proof` opens one of its slots now. A recovery code as `secret` must be the one of this
   * identity, a passphrase a strong passphrase. Takes a few seconds. What would make the file larger than any is left out, never a key. Throws as
   * `Slots.prove`, 'wrong-code', 'weak-passphrase', 'invalid-input' for a file without a secret.
   */
  export(input: { safeId: string; proof: SlotSecret; secret: FileSecret }): Promise<BackupFile>;
  /** What is in a file. Throws as `withBackup`. */
  preview(input: { file: Uint8Array; secret: FileSecret }): Promise<BackupPreview>;
  /** Compares a file with an unlocked identity; that it was complete is remembered. Throws as `withBackup`. */
  check(input: { safeId: string; file: Uint8Array; secret: FileSecret }): Promise<BackupComparison>;
  /** Takes the names in a file of this identity into its address book; how many are new here. Throws as `withBackup`, 'unusable-copy'. */
  takeNames(input: { safeId: string; file: Uint8Array; secret: FileSecret }): Promise<number>;
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
  sessions: Pick<Sessions, 'lockCount' | 'isUnlocked'>;
  bundleAccess: BundleAccess;
  slots: Pick<Slots, 'prove'>;
  conversations: Conversations;
  settings: Pick<SettingsStore, 'current'>;
  changes: SafeChanges;
  people: People;
  inboxParts: InboxParts;
}): Backups {
  const { host, safes, sessions, bundleAccess, slots, conversations, settings, changes, people, inboxParts } = options;

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

  async function viewsOf(safeId: string): Promise<Views> {
    const named = await people.list(safeId);
    return { ...(await bundleAccess(safeId, keyViewsOf)), ...(await inboxParts.views(safeId)), named };
  }

  /** Everything of the identity, as the plaintext of a file; of its lists as much as fits. Secret. */
  async function gather(safeId: string): Promise<{ plainSecret: Bytes; conversations: number }> {
    const { account, name } = safes.copyOf(safeId).header;
    const { chosenDays, pending } = await rotationOf(safeId);
    const unannouncedHex = pending && !hasReached(pending, 'copied') ? pending.prekey : undefined;
    const { autoLockMinutes, theme } = settings.current();
    const v1Peers = [...(await conversations.listPeers(safeId))].map(decodeConversationReference);
    const preferences = await conversations.listPreferences(safeId);
    const withKeys = await conversations.listWithKeys(safeId);
    const names = await people.recordOf(safeId);
    const inboxes = await inboxParts.gather(safeId);
    const bundleSecret = await bundleAccess(safeId, (secret) => versionedBundleOf(secret, unannouncedHex));
    const { keysSecret, archiveSecrets, ledger } = inboxes;
    try {
      const sizes = [
        ...withKeys.map(
          ({ reference, topicSecret }) => encodeConversationReference(reference).length + topicSecret.length,
        ),
        ...v1Peers.map((peer) => encodeConversationReference(peer).length),
        ...preferences.map(({ key, action }) => key.length + action.length),
      ];
      const kept = entriesThatFit(
        sizes.map((size) => size + framingBytes),
        roomForLists - bundleSecret.length - keysSecret.length - archiveSecrets.length - ledger.length - names.length,
      );
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
        inboxes,
        people: names,
        settings: { autoLockMinutes, theme, ...(chosenDays !== null && { rotationDays: chosenDays }) },
      };
      return { plainSecret: encodeBackup(backup), conversations: keptConversations.length + keptPeers.length };
    } finally {
      for (const secret of [bundleSecret, keysSecret, archiveSecrets]) secret.fill(0);
      for (const { topicSecret } of withKeys) topicSecret.fill(0);
    }
  }

  /** The file, after it was opened again and gave the same bytes. */
  async function sealAndProve(plainSecret: Bytes, passphrase: string): Promise<Bytes> {
    const file = await sealFile(plainSecret, passphrase, host.randomBytes, host.fileWorkFactor);
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
      const passphrase = await mayProtect({ safes, slots }, safeId, secret);
      const begun = sessions.lockCount(safeId);
      const { plainSecret, conversations: count } = await gather(safeId);
      const file = await sealAndProve(plainSecret, passphrase).finally(() => plainSecret.fill(0));
      if (sessions.lockCount(safeId) !== begun) throw new VaultError('locked');
      // The file is good without it, and may be wanted because the disk is full.
      await remember(safeId, { exportedAtMs: host.nowMs() }).catch(() => undefined);
      const { account } = safes.copyOf(safeId).header;
      const day = new Date(host.nowMs()).toISOString().slice(0, 10);
      return { fileName: `prekey-vault-${account.slice(0, 10).toLowerCase()}-${day}.age`, file, conversations: count };
    },
    preview: ({ file, secret }) =>
      withBackup(file, secret, async (contents) => {
        const { account, name, createdAtMs, found } = contents;
        const { identityKeyHex, prekeys } = keyViewsOf(contents.bundleSecret);
        const existing = await existingOf(account, identityKeyHex);
        return {
          account,
          identityKeyHex,
          name,
          createdAtMs,
          prekeys: prekeys.length,
          conversations: contents.conversations.length + contents.v1Peers.length,
          inboxKeys: contents.inboxes?.addresses.length ?? null,
          names: contents.people?.length ?? null,
          existing,
          found,
        };
      }),
    async check({ safeId, file, secret }) {
      const views = await viewsOf(safeId);
      const mine = [...(await conversations.list(safeId)), ...(await conversations.listPeers(safeId))].map(
        decodeConversationReference,
      );
      const comparison = await withBackup(file, secret, async (contents) => compare(views, mine, contents));
      if (comparison.complete) await remember(safeId, { checkedAtMs: host.nowMs(), keysDigest: await digestOf(views) });
      return comparison;
    },
    takeNames: ({ safeId, file, secret }) =>
      withBackup(file, secret, async (contents) => {
        const mine = await bundleAccess(safeId, keyViewsOf);
        if (keyViewsOf(contents.bundleSecret).identityKeyHex !== mine.identityKeyHex)
          throw new VaultError('unusable-copy', 'other-account');
        return people.merge(safeId, contents.people ?? []);
      }),
    async state({ safeId }) {
      const views = await viewsOf(safeId);
      const { exportedAtMs, checkedAtMs, keysDigest } = await remembered(safeId);
      const keysChangedSince = !equalBytes(await digestOf(views), keysDigest);
      return { lastExportedAtMs: exportedAtMs || null, lastCheckedAtMs: checkedAtMs || null, keysChangedSince };
    },
  };

  async function existingOf(account: string, identityKeyHex: string): Promise<BackupPreview['existing']> {
    for (const safe of safes.all()) {
      if (safe.kind !== 'readable' || safe.shown.account !== account) continue;
      const { state } = safe.shown;
      if (state !== 'complete') continue;
      const { safeId } = safe;
      const own = (await sessions.isUnlocked(safeId)) ? (await bundleAccess(safeId, keyViewsOf)).identityKeyHex : null;
      return { safeId, sameIdentity: own === null ? null : own === identityKeyHex };
    }
    return null;
  }
}

type Views = ReturnType<typeof keyViewsOf> & InboxPartViews & { named: readonly Person[] };

function compare(views: Views, mine: readonly ConversationReference[], contents: BackupContents): BackupComparison {
  const inFile = keyViewsOf(contents.bundleSecret);
  const sameIdentity = inFile.identityKeyHex === views.identityKeyHex;
  const points = new Set(inFile.prekeys.map(({ publicKeyHex }) => publicKeyHex));
  const { addresses, archivesMadeAtMs, ledger } = contents.inboxes ?? noInboxes;
  const ofInboxes = missingFrom(views.ledger, ledger, contents.createdAtMs);
  const missingInboxKeys =
    views.addresses.filter((address) => !addresses.includes(address)).length +
    views.archivesMadeAtMs.filter((madeAtMs) => !archivesMadeAtMs.includes(madeAtMs)).length;
  const missingPrekeys = views.prekeys.filter(({ publicKeyHex }) => !points.has(publicKeyHex)).length;
  const topics = new Set(
    [...contents.conversations.map(({ reference }) => reference), ...contents.v1Peers].map(({ topic }) => topic),
  );
  const missing = mine.filter(({ topic }) => !topics.has(topic));
  const { createdAtMs } = contents;
  const hasOld = missing.some(({ createdNs }) => createdAtMs === null || createdNs <= BigInt(createdAtMs) * 1_000_000n);
  const inFileNamed = contents.people ?? [];
  const missingNames = differentFrom(inFileNamed, views.named);
  // Names are told and never make a file incomplete: one that was taken over from another file is older than it was here.
  const complete = sameIdentity && missingPrekeys === 0 && missingInboxKeys === 0 && !hasOld && !ofInboxes.hasOld;
  return {
    sameIdentity,
    createdAtMs,
    missingPrekeys,
    missingInboxKeys,
    missingInboxTexts: ofInboxes.count,
    missingConversations: missing.length,
    missingNames: missingNames.length,
    newNames: sameIdentity ? differentFrom(views.named, mergedPeople(views.named, inFileNamed)).length : 0,
    complete,
  };
}

/** SHA-256 over the sorted public points, addresses of inbox keys, and times of archive secrets. */
function digestOf({ identityKeyHex, prekeys, addresses, archivesMadeAtMs }: Views): Promise<Bytes> {
  const points = [identityKeyHex, ...prekeys.map(({ publicKeyHex }) => publicKeyHex)];
  return sha256(lengthPrefixed(...[...points, ...addresses, ...archivesMadeAtMs.map(String)].toSorted()));
}
