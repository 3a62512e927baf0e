// The method table between our own pages and the worker: schema and which pages may call (R-A4).
// Promises: a page that is not on a row's list is refused whatever it sends; page code never sends or receives a private key.
// Must not: be reachable from a content script. background/sender decides who is a page of ours.
import * as v from 'valibot';
import { capabilities, durations, remembered, type Capability, type Duration, type StretchCapability } from './grants';
import type { VaultErrorReason } from './errors';
import { environment, flowMethods, walletChoice } from './flows';

/** Our pages by the path of their HTML file in the package. */
export const pages = {
  popup: '/src/ui/popup/index.html',
  approval: '/src/ui/approval/index.html',
  onboarding: '/src/ui/onboarding/index.html',
  unlock: '/src/ui/unlock/index.html',
  vault: '/src/ui/vault/index.html',
} as const;
export type PageName = keyof typeof pages;

/** Minutes without a person's action after which an identity locks. "Never" is not offered (R-F4). */
export const autoLockMinutes = [5, 15, 30, 60] as const;
export const themes = ['system', 'light', 'dark'] as const;

const safeId = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));
const requestId = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/));
const account = v.pipe(v.string(), v.regex(/^0x[0-9a-fA-F]{40}$/));
const name = v.pipe(v.string(), v.trim(), v.maxLength(60));
/** The wallet's answer to personal_sign, as bytes; 64 or 65 are usable, others get `bad-signature`. */
const signature = v.pipe(v.instance(Uint8Array), v.maxLength(4096));
const secretText = v.pipe(v.string(), v.maxLength(200));
const none = v.optional(v.strictObject({}));
const safe = v.strictObject({ safeId });

export type WalletChoice = v.InferOutput<typeof walletChoice>;

const settings = v.strictObject({
  autoLockMinutes: v.picklist(autoLockMinutes),
  theme: v.picklist(themes),
  /** The node of the network; null for "this browser only". */
  environment: v.nullable(environment),
});
export type Settings = v.InferOutput<typeof settings>;

/** Where the keys of an enrolment come from. */
export const enrolmentSources = ['new', 'network', 'backup'] as const;
export type EnrolmentSource = (typeof enrolmentSources)[number];

const all: readonly PageName[] = ['popup', 'approval', 'onboarding', 'unlock', 'vault'];

/** Every call our pages can make. */
export const internalMethods = {
  /** → VaultState */
  state_get: { params: none, pages: all },

  /** Starts an enrolment (a draft without keys). → EnrolmentState at step `unlock-1`. `already-exists` if enrolled. A draft of the same account is continued. */
  enrol_begin: {
    params: v.strictObject({
      account,
      wallet: walletChoice,
      name,
      /** Where the keys come from; `new` makes them. */
      source: v.optional(v.picklist(enrolmentSources), 'new'),
      /** What opens the draft first, beside the recovery code: the wallet (two signatures) or a passphrase (none). */
      first: v.optional(v.picklist(['wallet', 'passphrase']), 'wallet'),
    }),
    pages: ['onboarding'],
  },
  /** → EnrolmentState. Also after a killed worker or a reload. */
  enrol_get: { params: safe, pages: ['onboarding'] },
  /** First unlock signature: makes the keys and seals them before anything else. Also re-opens a locked draft. → EnrolmentState */
  enrol_unlockSignature: { params: v.strictObject({ safeId, signature }), pages: ['onboarding'] },
  /** "Create Identity" signature. → EnrolmentState */
  enrol_identitySignature: { params: v.strictObject({ safeId, signature }), pages: ['onboarding'] },
  /** Second unlock signature; must open the wallet slot, else `unsteady-wallet` and the draft is gone. → EnrolmentState */
  enrol_confirmUnlockSignature: { params: v.strictObject({ safeId, signature }), pages: ['onboarding'] },
  /** Makes (or replaces) the recovery code of a draft. → RecoveryCode. The code is not kept. */
  enrol_createRecoveryCode: { params: safe, pages: ['onboarding'] },
  /** Opens both slots, checks the typed groups, and turns the draft into an identity in one step. → IdentitySummary */
  enrol_finish: { params: v.strictObject({ safeId, code: secretText, typed: v.pipe(v.array(secretText), v.length(2)) }), pages: ['onboarding'] },
  /** Deletes a draft. Never touches a finished identity. → null */
  enrol_discard: { params: safe, pages: ['onboarding'] },

  /** → UnlockRequest */
  unlock_getText: { params: safe, pages: ['unlock', 'vault'] },
  /** → null, or `wrong-account`, `wrong-secret`, `bad-signature` */
  unlock_withWallet: { params: v.strictObject({ safeId, signature }), pages: ['unlock'] },
  /** → null, or `wrong-code` */
  unlock_withRecoveryCode: { params: v.strictObject({ safeId, code: secretText }), pages: ['unlock'] },
  /** Opens (or focuses) the one unlock page. → null */
  unlock_open: { params: v.strictObject({ safeId: v.optional(safeId) }), pages: ['popup', 'approval', 'vault', 'onboarding'] },
  /** Locks one identity, or all. → null */
  lock_now: { params: v.strictObject({ safeId: v.optional(safeId) }), pages: all },

  /** → IdentityDetails; `locked` while locked */
  identity_details: { params: safe, pages: ['vault'] },
  identity_rename: { params: v.strictObject({ safeId, name }), pages: ['vault'] },
  /** Deletes every record of an identity. `typed` must be its account address, or its last four characters. → null */
  identity_forget: { params: v.strictObject({ safeId, typed: v.pipe(v.string(), v.maxLength(60)) }), pages: ['vault'] },

  /** → ShownCard[], oldest first */
  approvals_list: { params: none, pages: ['popup', 'approval'] },
  /** Opens (or focuses) the one approval window. → null */
  approvals_open: { params: none, pages: ['popup'] },
  /** The approval page has nothing to show and wants to close. False when something waits by now; true: a later request opens another. → boolean */
  approvals_mayClose: { params: none, pages: ['approval'] },
  /** Approves or rejects exactly what was shown: `digest` and `nonce` are the card's. `stale` when anything differs. → null */
  approvals_decide: {
    params: v.strictObject({
      id: requestId,
      digest: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
      nonce: requestId,
      decision: v.variant('kind', [
        v.strictObject({ kind: v.literal('reject') }),
        v.strictObject({
          kind: v.literal('connect'),
          safeId,
          capabilities: v.pipe(v.array(v.picklist(capabilities)), v.minLength(1), v.maxLength(capabilities.length)),
          duration: v.picklist(durations),
          /** Stretch capabilities that need no further card; absent means the first use of each asks. */
          remember: v.optional(v.picklist(remembered)),
        }),
        /** `remember`: answer later vault_sign requests of this origin without asking for that long; absent means ask each time. */
        v.strictObject({ kind: v.literal('sign'), remember: v.optional(v.picklist(['until-locked', '1h', '1d'])) }),
        /** For a card of kind `messages`: this capability is used without asking for that long, this request included. */
        v.strictObject({ kind: v.literal('messages'), remember: v.picklist(remembered) }),
        /** One blind signature, never remembered. */
        v.strictObject({ kind: v.literal('digest') }),
      ]),
    }),
    pages: ['approval'],
  },
  /** Rejects everything that waits, or everything of one origin. It does not block the origin. → null */
  approvals_rejectAll: { params: v.strictObject({ origin: v.optional(v.pipe(v.string(), v.maxLength(300))) }), pages: ['approval', 'popup'] },

  /** → SiteGrant[] */
  grants_list: { params: none, pages: ['popup', 'vault'] },
  /** → null */
  grants_revoke: { params: v.strictObject({ origin: v.pipe(v.string(), v.maxLength(300)), safeId: v.optional(safeId) }), pages: ['popup', 'vault'] },
  /** Grants of the page in one tab. → { origin: string | null, grants: SiteGrant[] } */
  site_get: { params: v.strictObject({ tabId: v.pipe(v.number(), v.integer()) }), pages: ['popup'] },

  /** → ActivityEntry[], newest first; `locked` while locked. `before` is a `sequence`. */
  activity_list: {
    params: v.strictObject({ safeId, before: v.optional(v.number()), limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(200)) }),
    pages: ['vault'],
  },
  settings_set: { params: settings, pages: ['vault', 'onboarding'] },

  ...flowMethods,
} as const satisfies Record<string, { params: v.GenericSchema; pages: readonly PageName[] }>;

export type InternalMethodName = keyof typeof internalMethods;
export type InternalParams<M extends InternalMethodName> = v.InferInput<(typeof internalMethods)[M]['params']>;

/** Status of one identity: derived on every read, never stored. */
export type SafeStatus = 'enrolling' | 'locked' | 'unlocked' | 'damaged';

export interface IdentitySummary {
  safeId: string;
  /** EIP-55 address; null when the header cannot be read. */
  account: string | null;
  name: string;
  status: SafeStatus;
  createdAtMs: number | null;
  wallet: WalletChoice | null;
  /** When it locks by itself (milliseconds since 1970), while unlocked. */
  lockAtMs: number | null;
}

export interface VaultState {
  /** `unlocked` if any identity is; `damaged` only when no identity is usable. */
  status: 'empty' | SafeStatus;
  identities: IdentitySummary[];
  /** Requests waiting for a person. */
  waiting: number;
  settings: Settings;
}

/**
 * `unlock-1` or `passphrase` makes the root key; then `identity` (Create Identity), `retrieve` (Enable Identity) or `import` (a backup
 * file) gives the keys; then `unlock-2` proves the wallet (drafts that began with the wallet); then `code`.
 */
export type EnrolmentStep = 'unlock-1' | 'passphrase' | 'identity' | 'retrieve' | 'import' | 'unlock-2' | 'code';

export interface EnrolmentState {
  safeId: string;
  account: string;
  name: string;
  wallet: WalletChoice;
  source: EnrolmentSource;
  /** What opens the draft: decides whether a locked one asks for a signature or the passphrase. */
  first: 'wallet' | 'passphrase';
  step: EnrolmentStep;
  /** What the wallet has to sign now; null at `passphrase`, `retrieve` (the candidates have their own texts), `import` and `code`. */
  text: string | null;
  /** True when the draft has to be opened again by the unlock text before it can go on (after a browser restart). */
  locked: boolean;
}

/** `code`: eight groups of four characters joined by "-". `ask`: the two groups (0 to 7) the person types back. */
export interface RecoveryCode {
  code: string;
  ask: [number, number];
}

export interface UnlockRequest {
  safeId: string;
  account: string;
  wallet: WalletChoice;
  /** The unlock text; only useful when there is a wallet slot. */
  text: string;
  slots: SlotKind[];
}

export type SlotKind = 'wallet' | 'recovery-code' | 'passphrase';

export interface PreKeyView {
  publicKeyHex: string;
  createdAtMs: number;
  current: boolean;
}

export interface IdentityDetails {
  safeId: string;
  account: string;
  identityKeyHex: string;
  identityCreatedAtMs: number;
  preKeys: PreKeyView[];
  slots: { slotId: string; type: SlotKind; createdAtMs: number }[];
  /** Generation of the root key; grows when a slot is removed or replaced. */
  epoch: number;
}

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

/** A card as the pages get it. `looksLike`: an origin with a grant whose name is easily mistaken for this one's; null when there is none. */
export type ShownCard = ApprovalCard & { looksLike: string | null };

export type ShownRequest =
  | { kind: 'connect'; capabilities: Capability[]; duration: Duration | null }
  | { kind: 'sign'; safeId: string; account: string; purpose: string; payload: Uint8Array }
  /** A stretch capability is used for the first time, or again after its time was over. */
  | { kind: 'messages'; safeId: string; account: string; capability: StretchCapability; method: string; facts: MessageFacts }
  /** A blind signature over 32 bytes. */
  | { kind: 'digest'; safeId: string; account: string; digestHex: string }
  /** A granted origin asks while its identity is locked; after unlocking, the request goes on by itself. */
  | { kind: 'unlock'; safeId: string; account: string; method: string };

/** What a request of a stretch capability is about, read from its bytes before anything is opened. */
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
}

export interface SiteGrant {
  origin: string;
  safeId: string;
  account: string;
  capabilities: Capability[];
  duration: Duration;
  grantedAtMs: number;
  expiresAtMs: number | null;
  lastUsedAtMs: number | null;
  /** Until when vault_sign is answered without asking: milliseconds, 'until-locked', or null for "ask each time". */
  signWithoutAskingUntil: number | 'until-locked' | null;
  /** The same for each stretch capability of the grant. */
  stretches: Partial<Record<StretchCapability, number | 'until-locked' | null>>;
}

export type ActivityOutcome = 'done' | 'rejected' | 'expired' | 'failed';

export interface ActivityEntry {
  sequence: number;
  atMs: number;
  /** null for acts of the person in our own pages. */
  origin: string | null;
  /** Provider method, or one of ours: enrol, unlock, lock, revoke, rename, settings, slots, rotate, backup, publish, network. */
  method: string;
  /** What for: the purpose of a signature, the capabilities of a connection … never a payload. */
  purpose: string;
  outcome: ActivityOutcome;
}

/** Page to worker on the internal port. */
export interface InternalRequest {
  id: number;
  method: string;
  params?: unknown;
  /** Set when the browser does not clone bytes: `params` went through packBytes, and so must the answer. */
  packed?: true;
}
/** Worker to page: a hello first (`hello` arrives as a Uint8Array where the browser clones bytes), then answers, and notices that something changed and should be read again. */
export type InternalMessage =
  | { hello: Uint8Array }
  | { id: number; result: unknown }
  | { id: number; error: { reason: VaultErrorReason | 'internal' | 'refused'; detail?: string } }
  | { changed: 'state' | 'approvals' | 'grants' | 'activity' };
