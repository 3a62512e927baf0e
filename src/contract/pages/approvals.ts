// Calls of the approval window and the popup about requests that wait for a person.
// Promises: a decision names exactly what was shown (R-C1).
import * as v from 'valibot';
import { capabilities, durations, remembered, type Capability, type Duration, type TimedCapability } from '../grants';
import { limits } from '../limits';
import { glancePages, row, type Row } from './pages';
import type { Person } from './people';
import type { SiteGrant } from './sites';
import { budget, none, origin, requestId, safeId, scopes, typed } from '../schemas';
import type { Scope, ScopeKind, Scopes } from '../scopes';
import type { ArchiveKeyFacts, IdentityTextFacts } from './inbox';

/** One waiting request as the approval window shows it. */
export interface ApprovalCard {
  id: string;
  /** SHA-256 of the canonical request, hex. Sent back with the decision. */
  digest: string;
  nonce: string;
  /** As the browser reported it: scheme, punycode host, port. */
  origin: string;
  createdAtMs: number;
  expiresAtMs: number;
  /** How many identical requests this card answers. */
  joined: number;
  /** First request ever from this origin. */
  firstSeen: boolean;
  shown: ShownRequest;
}

/**
 * A card as the pages get it. `looksLike`: an origin with a grant whose name is easily mistaken for this one's; null when there is none.
 * `given`: for a connection, what this document was given already by identities that are unlocked. `names`: what the person calls the peers that the
 * card names, from the address book of its identity, while that is unlocked.
 */
export type ShownCard = ApprovalCard & {
  looksLike: string | null;
  given: readonly SiteGrant[];
  names: readonly Person[];
};

/**
 * What became of a request. `done`: a person's approval answers it, for itself or for a request that covers it. `withdrawn`: its page is gone.
 * `interrupted`: a lock, a revocation, or a restart ended it. `unknown`: not told any more.
 */
export type RequestFate = 'waiting' | 'done' | 'rejected' | 'expired' | 'interrupted' | 'withdrawn' | 'unknown';

/** A rejection of everything, which can be taken back until then (milliseconds since 1970), by this id: so many cards. */
export interface RejectUndo {
  id: string;
  untilMs: number;
  count: number;
}

/** A site that has no grant and asked so often that its requests get no window: `waiting` of them wait. */
export interface HeldBack {
  origin: string;
  waiting: number;
}

export type ShownRequest =
  /** `scopes`: where the site wants to use each; what is left out it asks for everywhere. */
  | { kind: 'connect'; capabilities: Capability[]; duration: Duration | null; scopes?: Scopes | undefined }
  | { kind: 'sign'; safeId: string; account: string; purpose: string; payload: Uint8Array }
  /** A timed capability is used for the first time, or again after its time was over. */
  | {
      kind: 'messages';
      safeId: string;
      account: string;
      capability: TimedCapability;
      method: string;
      facts: MessageFacts;
      /** How far the grant reached when this was described, of what has a scope: it is carried out within that, whatever the grant reaches by then. */
      within: Scope | null;
    }
  /** A token with which the site publishes by itself, on every topic of the account. */
  | { kind: 'token'; safeId: string; account: string }
  /** The inbox key signs an identity text of XMTP V3. */
  | { kind: 'v3'; safeId: string; account: string; facts: IdentityTextFacts }
  /** A site is given a key of an inbox's archives. */
  | { kind: 'archive'; safeId: string; account: string; facts: ArchiveKeyFacts }
  /** A site uses far more than it usually does of what it need not ask for: it waits until the person says whether it may go on. */
  | { kind: 'volume'; safeId: string; account: string; facts: VolumeFacts }
  /** A granted origin asks while its identity is locked; after unlocking, the request goes on by itself. */
  | { kind: 'unlock'; safeId: string; account: string; method: string };

/** So many `items` of a capability were asked for within `inMs`; the middle of the busiest such stretch of each of the last days is `usual`. */
export interface VolumeFacts {
  capability: TimedCapability | 'sign';
  items: number;
  inMs: number;
  usual: number;
}

/** What a request of a timed capability is about, read from its bytes before anything is opened. */
export interface MessageFacts {
  /** Items of the batch; 1 for methods without a batch. */
  items: number;
  /** Bytes of the request. */
  sizeBytes: number;
  /** Peers by account, as far as the vault knows them: at most five. */
  peers: string[];
  /** How many different peers and conversations there are. */
  peerCount: number;
  conversationCount: number;
  /** Kinds of content that are written ("xmtp.org/text"), at most five; empty when nothing is written or it cannot be told. */
  contentTypes: string[];
  /** For xmtp_publish only: how many envelopes there are of each kind, by their topics. Kinds without any are left out. */
  envelopes?: Partial<Record<'message' | 'introduction' | 'invitation' | 'contact' | 'preferences', number>>;
  /** For xmtp_publish only: the address of the node it goes to. */
  nodeUrl?: string;
  /** Of messages to be read: the earliest and the latest time in their headers, which their senders wrote, in milliseconds since 1970. */
  dates?: { firstMs: number; lastMs: number };
  /** Of one conversation that the vault knows: what apps call it, at most 200 characters, empty for nothing, and when it began. */
  conversation?: { id: string; createdAtMs: number };
  /** Of messages to be written: what stands in the first of them, and how many more there are. */
  written?: { items: WrittenItem[]; more: number };
  /** Where a decision about it can hold besides everywhere that the grant reaches. Absent: nowhere. */
  offers?: ScopeOffer[];
  /** The list that this is the first part of: its items and parts, and its name. The answer can be for all of it. */
  whole?: { items: number; parts: number; digest: string };
  /** How far the grant reaches, of what has a scope. */
  reach?: ScopeKind;
}

/** What one message that is to be written holds, as far as it can be read. */
export interface WrittenItem {
  /** "xmtp.org/text", at most 100 characters; null for bytes that nobody can read. */
  contentType: string | null;
  /** Of the content, or of the bytes. */
  sizeBytes: number;
  /** What a person reads in it: of text, markdown, and the text of a reply. */
  text?: string;
  /** What apps that do not know the kind show in its place. */
  fallback?: string;
  /** Packed by the site; it is not unpacked here. */
  isCompressed?: true;
  /** Of `text` or `fallback`: bytes that are left out, because a card holds only so much. */
  leftOutBytes?: number;
}

/**
 * Where a decision can hold: in the conversations that a card names, in those with the people it names, or in those that the site began. Only what
 * the request itself stays within is offered.
 */
export const scopeOffers = ['conversations', 'peers', 'site'] as const;
export type ScopeOffer = (typeof scopeOffers)[number];

const listed = { id: requestId, digest: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)), nonce: requestId };

export const approvalMethods = {
  /** Oldest first. */
  approvals_list: row<ShownCard[]>()({ params: none, pages: [...glancePages, 'approval'] }),
  /** Opens (or focuses) the one approval window, with the requests of `origin` first. */
  approvals_open: row<null>()({
    params: v.optional(v.strictObject({ origin: v.optional(origin) })),
    pages: glancePages,
  }),
  /** Sites whose requests wait without a window, because they asked too often. */
  approvals_held: row<HeldBack[]>()({ params: none, pages: glancePages }),
  /** Lets a site open windows again. */
  approvals_allow: row<null>()({ params: v.strictObject({ origin }), pages: glancePages }),
  /** The approval page has nothing to show and wants to close. False when something waits by now; true: a later request opens another. */
  approvals_mayClose: row<boolean>()({ params: none, pages: ['approval'] }),
  /**
   * Approves or rejects exactly what was shown: `digest` and `nonce` are the card's. `others`: requests that join it (cards/joining.ts) and were listed on
   * that card, for the same answer; what does not wait as it was listed is left out. The ids that were decided; `stale` when there are none.
   */
  approvals_decide: row<string[]>()({
    params: v.strictObject({
      ...listed,
      others: v.optional(v.pipe(v.array(v.strictObject(listed)), v.maxLength(limits.waitingPerOrigin))),
      decision: v.variant('kind', [
        v.strictObject({ kind: v.literal('reject') }),
        v.strictObject({
          kind: v.literal('connect'),
          safeId,
          capabilities: v.pipe(v.array(v.picklist(capabilities)), v.minLength(1), v.maxLength(capabilities.length)),
          duration: v.picklist(durations),
          /** Timed capabilities that need no further card; absent means the first use of each asks. */
          remember: v.optional(v.picklist(remembered)),
          /** Where each may be used, never wider than was asked; absent: where it was asked for. */
          scopes: v.optional(scopes),
          /** How often each may be used; absent: as often as it likes. */
          budgets: v.optional(v.record(v.picklist(capabilities), budget)),
        }),
        /** `remember`: answer later vault_sign requests of this origin without asking for that long; absent means ask each time. */
        v.strictObject({ kind: v.literal('sign'), remember: v.optional(v.picklist(['until-locked', '1h', '1d'])) }),
        /**
         * For a card of kind `messages`: this request, and with a time this capability is used without asking for that long, within `scope`: one that
         * the card offers, or all that was granted.
         */
        v.strictObject({
          kind: v.literal('messages'),
          remember: v.picklist(['once', ...remembered]),
          scope: v.picklist([...scopeOffers, 'granted']),
        }),
        /** One token, never remembered. */
        v.strictObject({ kind: v.literal('token') }),
        /**
         * One text, never remembered. `isTicked`: the person ticked that the inbox is theirs, asked of an inbox that is not known. `typed`: the last digits
         * of the inbox id, asked of what takes something away from people.
         */
        v.strictObject({ kind: v.literal('v3'), isTicked: v.boolean(), typed: v.optional(typed) }),
        /** More than usual: for as much again, or for a day. */
        v.strictObject({ kind: v.literal('volume'), lasts: v.picklist(['once', 'continue']) }),
        /** One key, never remembered. `isTicked` as above. */
        v.strictObject({ kind: v.literal('archive'), isTicked: v.boolean() }),
      ]),
    }),
    pages: ['approval'],
  }),
  /** What became of a card that is no longer listed. */
  approvals_fate: row<RequestFate>()({ params: v.strictObject({ id: requestId }), pages: ['approval'] }),
  /**
   * Rejects everything that waits, or everything of one origin. It blocks nobody. `undoable`: its pages are told when that can no longer be taken back.
   * Null: nothing waited, or it cannot be taken back.
   */
  approvals_rejectAll: row<RejectUndo | null>()({
    params: v.strictObject({ origin: v.optional(origin), undoable: v.optional(v.boolean()) }),
    pages: ['approval', 'popup'],
  }),
  /** Takes that back: the cards that wait again. Throws `stale` when its time is over, or the worker has started anew since. */
  approvals_takeBack: row<string[]>()({ params: v.strictObject({ id: requestId }), pages: ['approval'] }),
} as const satisfies Record<string, Row>;
