// Calls about the inboxes of XMTP V3 that an identity belongs to, and what the approval window shows of their texts and keys (docs/v3.md).
// Promises: what is told is what this browser knows of; what a node was read for says so, with its time. Must not: carry a key that is not encrypted.
import * as v from 'valibot';
import type { IdentityTextShape } from '../choices';
import { inboxBounds } from '../choices';
import { inboxId, name, nodeUrl, safe, safeId, secretText, slotSecret, typed } from '../schemas';
import { node } from './network';
import { row, type Row } from './pages';

/**
 * What the vault knows of an inbox: `new`: a text would make it. `made-here`, `linked-here`: a text for that was signed here. `named-here`: the person
 * said so. `unknown`: nothing; it may be anybody's.
 */
export type InboxStanding = 'new' | 'made-here' | 'linked-here' | 'named-here' | 'unknown';

/** `recovery`: it may revoke, unlink and hand over. `member`: it was linked, or recovery was handed over. `unknown`: nobody said. */
export type InboxRole = 'recovery' | 'member' | 'unknown';

/** How many installations and updates an inbox has, counted here. */
export interface InboxMeters {
  installations: number;
  updates: number;
  /** Counted on from what the person read in an app. */
  isSaid: boolean;
  /** Counted on from what a node showed, every update of it verified. At most one of the two. */
  isRead: boolean;
}

/** Why updates of a log do not count: of a kind that is not verified here; or malformed, forged or against the rules. */
export type UnreadReason = 'unverifiable' | 'wrong';

/** An installation in an inbox that was not let in from here, or whose removal was signed here. */
export interface StrangeInstallation {
  installationId: string;
  /** The address that let it in, and whether it is one of this identity. */
  addedBy: string;
  isByUs: boolean;
  isRevokedHere: boolean;
}

/** What a node showed of an inbox. It can leave updates out, and show them in another order; it cannot invent any. */
export interface InboxRead {
  atMs: number;
  nodeUrl: string;
  /** Updates that it showed, and how many of them were verified, from the first on. */
  listed: number;
  checked: number;
  /** Why the next one was not; null when all were. */
  unread: UnreadReason | null;
  /** After the verified updates; empty when there is none. */
  recovery: string;
  isRecoveryOurs: boolean;
  /** Whether that is what this vault took itself for; true as well when the log cannot tell. */
  isRecoveryAsKnown: boolean;
  /** Addresses in the inbox, after the verified updates. */
  addresses: string[];
  /** Installations of then that this vault did not expect, without those that were revoked from here since. */
  strangers: StrangeInstallation[];
  /** Installations that were let in from here before, and were not in it. */
  gone: string[];
}

/** Everything an identity text says, and what the vault knows of its inbox. */
export interface IdentityTextFacts extends InboxMeters {
  /** The text itself, which is what is signed. */
  text: string;
  shape: IdentityTextShape;
  inboxId: string;
  /** The time in the text, milliseconds since 1970. */
  timeMs: number;
  /** Address of the inbox key that signs: `0x` and 40 lower-case hex digits. */
  identifier: string;
  /** What the shape is about, in the order of the text: installations, or an address. For `create+grant` the installation; the owner is `identifier`. */
  values: string[];
  inbox: InboxStanding;
  /** As in `InboxView`. */
  role: InboxRole;
  /** It takes away from this identity, or hands over to another key of it. */
  isAboutUs: boolean;
  /** What the person calls the inbox; empty when nothing was said. */
  name: string;
  /** Other installations in this inbox that this site was given here. */
  ofThisOrigin: number;
  /** An installation of the text is in the inbox already. */
  isThereAlready: boolean;
}

/** What the card of an archive key shows. */
export interface ArchiveKeyFacts {
  inboxId: string;
  inbox: InboxStanding;
  name: string;
  /** 0 for today's key, 1 for the one before it, and so on. */
  earlier: number;
  /** When this key was made; null for the first one, which is made when it is approved. */
  madeAtMs: number | null;
}

/** One inbox on the page of inboxes. */
export interface InboxView extends InboxMeters {
  inboxId: string;
  name: string;
  inbox: InboxStanding;
  /** The key that belongs to it. */
  identifier: string;
  role: InboxRole;
  /** The person said that this identity is its recovery. */
  isMarked: boolean;
  /** What was granted here and not revoked here, oldest first. */
  granted: { installationId: string; origin: string; atMs: number }[];
  /** Texts that were signed for it, oldest first. */
  texts: { shape: IdentityTextShape; values: string[]; origin: string; atMs: number }[];
  /** What a node showed when it was last asked; null when none was. */
  read: InboxRead | null;
}

export interface InboxList {
  /** Oldest first; apps are given the last one. Empty as long as no app has asked. */
  keys: { address: string; createdAtMs: number }[];
  inboxes: InboxView[];
  /** When each archive key was made, oldest first; empty as long as no app has asked. */
  archiveKeysMadeAtMs: number[];
}

/** An inbox key as a keystore file, encrypted under a passphrase of its own. */
export interface ExportedKey {
  /** "UTC--2026-11-21T10-00-00.000Z--f39fd6e5…" */
  fileName: string;
  file: Uint8Array;
}

/** As `InboxList.keys` names a key. */
const keyAddress = v.pipe(v.string(), v.regex(/^0x[0-9a-f]{40}$/));

const counted = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(most));

export const inboxMethods = {
  inbox_list: row<InboxList>()({ params: safe, pages: ['vault'] }),
  /** An empty name takes it away. */
  inbox_name: row<InboxList>()({ params: v.strictObject({ safeId, inboxId, name }), pages: ['vault'] }),
  /** Only the person can know it: nobody asks a new recovery for a signature. */
  inbox_markRecovery: row<InboxList>()({
    params: v.strictObject({ safeId, inboxId, isRecovery: v.boolean() }),
    pages: ['vault'],
  }),
  /** What an app shows of the inbox now; counting goes on from there. */
  inbox_correct: row<InboxList>()({
    params: v.strictObject({
      safeId,
      inboxId,
      installations: counted(inboxBounds.installations * 10),
      updates: counted(inboxBounds.updates),
    }),
    pages: ['vault'],
  }),
  /**
   * Asks the node of V3 that is set for the log of an inbox of the list, and keeps what of it could be verified. Throws `no-network`, a network reason,
   * and `bad-answer` with detail `no-inbox` when the node knows none, `older-log` when it shows less than was read before.
   */
  inbox_readState: row<InboxList>()({ params: v.strictObject({ safeId, inboxId, node }), pages: ['vault'] }),
  /** Forgets what was read of an inbox. */
  inbox_forgetState: row<InboxList>()({ params: v.strictObject({ safeId, inboxId }), pages: ['vault'] }),
  /** Asks a node of V3 whether it answers, without changing anything. Throws a network reason. */
  inbox_checkNode: row<null>()({ params: v.strictObject({ url: nodeUrl }), pages: ['vault'] }),
  /** Makes another inbox key, which apps are given from now on. */
  inbox_newKey: row<InboxList>()({ params: safe, pages: ['vault'] }),
  /** Makes another archive key for every inbox. Archives of before open with the earlier ones. */
  inbox_newArchiveKey: row<InboxList>()({ params: safe, pages: ['vault'] }),
  /**
   * A keystore file of one inbox key, after unlocking anew with `proof`. `typed`: the end of its address. The one row by which a key of the vault leaves
   * it (docs/adr/0017). `not-confirmed`, `not-found`, `weak-passphrase`, and what a proof throws.
   */
  inbox_exportKey: row<ExportedKey>()({
    params: v.strictObject({ safeId, address: keyAddress, typed, proof: slotSecret, passphrase: secretText }),
    pages: ['vault'],
  }),
} as const satisfies Record<string, Row>;
