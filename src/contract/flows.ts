// The second half of the table between our own pages and the worker: network, retrieval, publication, rotation, slots, backup.
// Promises: every row can be repeated after a dead worker; long work is cut into calls, so that a page shows progress and can stop.
// Must not: carry a private key. Files are encrypted before they leave the vault; codes and signatures go in, never out again.
import * as v from 'valibot';

/** Backup files larger than this are refused: 32 MiB. */
export const backupFileBytes = 32 * 1024 * 1024;
/** Days between two rotations; 0 is never. */
export const rotationDays = [0, 7, 30, 90] as const;
export type RotationDays = (typeof rotationDays)[number];

/** Where the network is: a name and the address of a node, without a path. `local` is always http://localhost:5555. */
export const environment = v.strictObject({
  name: v.picklist(['local', 'custom']),
  url: v.pipe(v.string(), v.maxLength(300)),
});
export type Environment = v.InferOutput<typeof environment>;
export const localNodeUrl = 'http://localhost:5555';

const safeId = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));
const account = v.pipe(v.string(), v.regex(/^0x[0-9a-fA-F]{40}$/));
const signature = v.pipe(v.instance(Uint8Array), v.maxLength(4096));
const secretText = v.pipe(v.string(), v.maxLength(200));
const file = v.pipe(v.instance(Uint8Array), v.maxLength(backupFileBytes));
const typed = v.pipe(v.string(), v.maxLength(60));
const safe = v.strictObject({ safeId });
const signed = v.strictObject({ safeId, signature });

/** How the person's wallet is reached: MetaMask (or a compatible extension) by id, or texts carried by hand. */
export const walletChoice = v.variant('kind', [
  v.strictObject({ kind: v.literal('extension'), extensionId: v.pipe(v.string(), v.maxLength(200)) }),
  v.strictObject({ kind: v.literal('manual') }),
]);

/** What a person has to open one slot: the wallet's signature of the unlock text, the recovery code, or the passphrase. */
export const slotSecret = v.variant('kind', [
  v.strictObject({ kind: v.literal('wallet'), signature }),
  v.strictObject({ kind: v.literal('recovery-code'), code: secretText }),
  v.strictObject({ kind: v.literal('passphrase'), passphrase: secretText }),
]);
export type SlotSecret = v.InferOutput<typeof slotSecret>;

/** What opens a backup file. A recovery code is the passphrase of the file as it is written: groups joined by "-". */
const fileSecret = v.variant('kind', [
  v.strictObject({ kind: v.literal('recovery-code'), code: secretText }),
  v.strictObject({ kind: v.literal('passphrase'), passphrase: secretText }),
  /** A file of the stock client: a bare PrivateKeyBundle, not encrypted. */
  v.strictObject({ kind: v.literal('none') }),
]);
export type FileSecret = v.InferOutput<typeof fileSecret>;

export const flowMethods = {
  /** Makes the root key of a draft that begins with a passphrase, or re-opens a locked one. `weak-passphrase` (detail: why), `wrong-passphrase`. → EnrolmentState */
  enrol_passphrase: { params: v.strictObject({ safeId, passphrase: secretText }), pages: ['onboarding'] },
  /** "Enable Identity" signature for one candidate of `network_look`. `unusable-copy` (detail: CopyDefect), `wrong-account`, network reasons. → EnrolmentState */
  enrol_retrieve: { params: v.strictObject({ safeId, copyId: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)), signature }), pages: ['onboarding'] },
  /** Puts the keys (and conversations) of a backup file into a draft with source `backup`. `bad-file`, `wrong-passphrase` or `wrong-code` (by the kind of secret), `unusable-copy`. → EnrolmentState */
  enrol_import: { params: v.strictObject({ safeId, file, secret: fileSecret }), pages: ['onboarding'] },

  /** → null, or `wrong-passphrase` */
  unlock_withPassphrase: { params: v.strictObject({ safeId, passphrase: secretText }), pages: ['unlock'] },

  /** Asks the node whether it answers, without changing anything. → null, or a network reason */
  network_check: { params: environment, pages: ['onboarding', 'vault'] },
  /** Looks for the account's keys on the network. → NetworkLook, `no-network` or a network reason */
  network_look: { params: v.strictObject({ account }), pages: ['onboarding', 'vault'] },
  /** → NetworkState. Asks no node. */
  network_state: { params: safe, pages: ['vault', 'onboarding', 'popup'] },
  /** Publishes the public bundles (V1, then V2). `typed` (the account's last four characters) replaces another identity's contact; without it that is `needs-confirmation`. → NetworkState */
  network_publishContact: { params: v.strictObject({ safeId, typed: v.optional(typed) }), pages: ['onboarding', 'vault'] },
  /** The person has read the consent text: makes the text to sign. → { text: string } */
  network_copyText: { params: safe, pages: ['onboarding', 'vault'] },
  /** First "Enable Identity" signature: seals, publishes, fetches and opens. `typed` as above when the node holds a copy that is not ours. → NetworkState at copy `published` */
  network_publishCopy: { params: v.strictObject({ safeId, signature, typed: v.optional(typed) }), pages: ['onboarding', 'vault'] },
  /** Second signature of the same text must open what the node gives back. `unsteady-wallet` when it does not. → NetworkState at copy `saved` */
  network_confirmCopy: { params: signed, pages: ['onboarding', 'vault'] },
  /** The person has seen the notice that another client published an older contact. → null */
  network_dismissNotice: { params: safe, pages: ['vault', 'popup'] },
  /** Reads one page of the account's invitations and saves what is new. Call again with `cursor` until it is null. → HistoryPage */
  network_readHistory: { params: v.strictObject({ safeId, cursor: v.nullable(v.pipe(v.string(), v.maxLength(400))) }), pages: ['onboarding', 'vault'] },

  /** → RotationState */
  rotation_get: { params: safe, pages: ['vault'] },
  /** → RotationState */
  rotation_setPolicy: { params: v.strictObject({ safeId, everyDays: v.picklist(rotationDays) }), pages: ['vault'] },
  /** Begins a rotation or goes on with one, as far as it goes. → RotationState; when a step fails the rotation stays pending and the reason is thrown */
  rotation_run: { params: safe, pages: ['vault'] },
  /** Takes a rotation back of which nothing was published. `wrong-step` otherwise. → RotationState */
  rotation_cancel: { params: safe, pages: ['vault'] },

  /** Opens one slot and tells which. Changes nothing. `wrong-secret`, `wrong-code`, `wrong-passphrase`, `wrong-account`. → { slotId } */
  slots_check: { params: v.strictObject({ safeId, secret: slotSecret }), pages: ['vault'] },
  /** Adds a passphrase. `proof` opens any slot of the safe. → IdentityDetails */
  slots_addPassphrase: { params: v.strictObject({ safeId, proof: slotSecret, passphrase: secretText }), pages: ['vault'] },
  /** Adds the wallet: two signatures of the unlock text. `unsteady-wallet` when they differ. `wallet`: how it is reached from now on. → IdentityDetails */
  slots_addWallet: { params: v.strictObject({ safeId, proof: slotSecret, first: signature, second: signature, wallet: v.optional(walletChoice) }), pages: ['vault'] },
  /** A fresh recovery code to be written down; nothing is stored yet. → RecoveryCode */
  slots_newCode: { params: safe, pages: ['vault'] },
  /** Puts the new code in place of the old one, in a new epoch. `kept` opens every other slot; `typed` are the two asked groups. → IdentityDetails */
  slots_replaceCode: { params: v.strictObject({ safeId, code: secretText, ask: v.tuple([v.number(), v.number()]), typed: v.pipe(v.array(secretText), v.length(2)), kept: v.pipe(v.array(slotSecret), v.maxLength(4)) }), pages: ['vault'] },
  /** Removes a slot in a new epoch. `kept` opens every slot that stays. `last-slots` below two. → IdentityDetails */
  slots_remove: { params: v.strictObject({ safeId, slotId: safeId, kept: v.pipe(v.array(slotSecret), v.maxLength(4)) }), pages: ['vault'] },

  /** Encrypts everything into one file, after unlocking anew with `proof`. → BackupFile */
  backup_export: { params: v.strictObject({ safeId, proof: slotSecret, secret: fileSecret }), pages: ['vault'] },
  /** Opens a file and says what is in it. Changes nothing. `bad-file`, `wrong-passphrase` or `wrong-code`, `unusable-copy`. → BackupPreview */
  backup_preview: { params: v.strictObject({ file, secret: fileSecret }), pages: ['onboarding', 'vault'] },
  /** Opens a file and compares it with the identity. A complete one is remembered as checked. → BackupComparison */
  backup_check: { params: v.strictObject({ safeId, file, secret: fileSecret }), pages: ['vault'] },
  /** → BackupState */
  backup_state: { params: safe, pages: ['vault', 'popup'] },
} as const satisfies Record<string, { params: v.GenericSchema; pages: readonly ('popup' | 'approval' | 'onboarding' | 'unlock' | 'vault')[] }>;

/** Why a copy of the private keys (from the network or a file) cannot be used. The local state is unchanged in every case. */
export const copyDefects = ['does-not-open', 'not-a-bundle', 'other-account', 'bad-signatures', 'keys-do-not-match', 'no-prekey'] as const;
export type CopyDefect = (typeof copyDefects)[number];

/** One candidate for retrieval: everything on the node that one signature opens. */
export interface NetworkCopy {
  /** The walletPreKey in hex. */
  copyId: string;
  /** When the newest envelope of this candidate was published, milliseconds since 1970, as its sender says. */
  publishedAtMs: number;
  /** "Enable Identity" text to sign. */
  text: string;
}

export interface NetworkLook {
  /** The contact that counts for the account, if any; `identityKeyHex` tells identities apart. */
  contact: { version: 1 | 2; publishedAtMs: number; identityKeyHex: string } | null;
  /** Candidates, newest first. */
  copies: NetworkCopy[];
  /** Envelopes on the account's key topic that are not an encrypted bundle at all. */
  unreadable: number;
}

/** `dated-ahead`: what is newest on the node carries a date in the future, so ours had to be dated after it. */
export type NetworkNotice = 'older-prekey-republished' | 'other-identity-published' | 'dated-ahead';

export interface NetworkState {
  environment: Environment | null;
  /** When our contact was last published or seen on the node as ours; null when never. */
  contactPublishedAtMs: number | null;
  /** `published`: on the node, but not yet opened with a second signature. */
  copy: { state: 'none' } | { state: 'published' | 'saved'; atMs: number };
  notice: NetworkNotice | null;
  /** Whether the keys have their origin on the network (then stock clients of the account may be in use). */
  keysFrom: 'here' | 'network' | 'backup';
}

export interface HistoryPage {
  /** Envelopes looked at, and conversations that were new, on this page. */
  seen: number;
  added: number;
  /** Null at the end. */
  cursor: string | null;
}

export type RotationStage = 'sealed' | 'copied' | 'announced';

export interface RotationState {
  everyDays: RotationDays;
  /** When the next one is due; null for never. */
  nextAtMs: number | null;
  lastAtMs: number | null;
  /** A rotation that has begun and is not finished. `reason`: why it stopped last, if it did. `canCancel`: nothing of it was sent anywhere yet. */
  pending: { stage: RotationStage; startedAtMs: number; reason: string | null; canCancel: boolean } | null;
  /** A rotation will publish to the node. */
  publishes: boolean;
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
  /** Milliseconds since 1970; null for a file of the stock client. */
  createdAtMs: number | null;
  preKeys: number;
  conversations: number;
  /** An identity of this account is in this browser already; `sameIdentity` tells whether it is this one, null while it is locked. */
  existing: { safeId: string; sameIdentity: boolean | null } | null;
}

export interface BackupComparison {
  sameIdentity: boolean;
  createdAtMs: number | null;
  /** Private prekeys, conversations that the identity has and the file has not. */
  missingPreKeys: number;
  missingConversations: number;
  /** True when the file alone brings everything back but newer conversations. */
  complete: boolean;
}

export interface BackupState {
  lastExportedAtMs: number | null;
  lastCheckedAtMs: number | null;
  /** Keys changed since the last file that was checked; true as long as none was. */
  keysChangedSince: boolean;
}
