// Calls about identities as a whole: what there is, details, names, forgetting, and what was done with them.
import * as v from 'valibot';
import { allPages, row, type Row } from './pages';
import type { Settings } from './settings';
import { name, none, safe, safeId, type WalletChoice } from '../schemas';
import { keptDays, type KeptDays, type SlotKind } from '../choices';

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
  /** When its second copy was last found to hold what the vault had not written, since the browser started (milliseconds since 1970). */
  setAsideAtMs: number | null;
}

export interface VaultState {
  /** `unlocked` if any identity is; `damaged` only when no identity is usable. */
  status: 'empty' | SafeStatus;
  identities: IdentitySummary[];
  /** Requests waiting for a person. */
  waiting: number;
  settings: Settings;
}

export interface PrekeyView {
  publicKeyHex: string;
  createdAtMs: number;
  current: boolean;
}

export interface IdentityDetails {
  safeId: string;
  account: string;
  identityKeyHex: string;
  identityCreatedAtMs: number;
  prekeys: PrekeyView[];
  slots: { slotId: string; type: SlotKind; createdAtMs: number }[];
  /** Number of the root key; grows when a slot is removed or replaced. */
  epoch: number;
}

/** `done`: by the person, or after a person said yes. `covered`: by a site, without asking, as its grant allows. `expired`: nobody answered. */
export type ActivityOutcome = 'done' | 'covered' | 'rejected' | 'expired' | 'failed';

/** What is wrong with the log between two of its lines: how many are missing; 0 when the two are not of one chain, though none is missing between. */
export interface ActivityGap {
  missing: number;
}

export interface ActivityEntry {
  sequence: number;
  /** How many acts it stands for: alike, of one moment. */
  count: number;
  /** What is wrong between it and the next older line that is there; null for nothing. */
  gap: ActivityGap | null;
  atMs: number;
  /** null for acts of the person in our own pages. */
  origin: string | null;
  /** Provider method, or one of ours: enrol, unlock, lock, revoke, restore, rename, settings, slots, rotate, backup, archive, publish, network. */
  method: string;
  /** What for: the purpose of a signature, the capabilities of a connection … never a payload. */
  purpose: string;
  outcome: ActivityOutcome;
}

/** What is known of a log as a whole. */
export interface ActivityChain {
  /** Lines that are there. */
  lines: number;
  /**
   * From which line on, and since when, the log is a chain in which a missing line shows. Null: nothing was written yet by a version that
   * makes one. 'lost': there was one, and where it begins and ends is gone or damaged.
   */
  since: { sequence: number; atMs: number } | null | 'lost';
  /** There was a chain before this one whose beginning and end were gone. */
  isRestart: boolean;
  /** What is missing behind the newest line that is there. */
  gapAtEnd: ActivityGap | null;
  /** Lines that went because they were too old, and the time of the latest of them (milliseconds since 1970). */
  aged: { lines: number; untilMs: number } | null;
  /** Lines that went to make room and are not too old by now. */
  removed: number;
  /** How long lines are kept. */
  days: KeptDays;
}

export const identityMethods = {
  state_get: row<VaultState>()({ params: none, pages: allPages }),
  /** Throws `locked`. */
  identity_details: row<IdentityDetails>()({ params: safe, pages: ['vault'] }),
  identity_rename: row<null>()({ params: v.strictObject({ safeId, name }), pages: ['vault'] }),
  /** Deletes every record of an identity. `typed` must be its account address; while it is unlocked its last four characters do. */
  identity_forget: row<null>()({
    params: v.strictObject({ safeId, typed: v.pipe(v.string(), v.maxLength(60)) }),
    pages: ['vault'],
  }),
  /** Newest first. `before` is a `sequence`. Throws `locked`. */
  activity_list: row<ActivityEntry[]>()({
    params: v.strictObject({
      safeId,
      before: v.optional(v.number()),
      limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(200)),
    }),
    pages: ['vault'],
  }),
  /** Throws `locked`. */
  activity_chain: row<ActivityChain>()({ params: safe, pages: ['vault'] }),
  /** How long lines are kept from now on; what is older goes. Throws `locked`. */
  activity_keep: row<null>()({ params: v.strictObject({ safeId, days: v.picklist(keptDays) }), pages: ['vault'] }),
} as const satisfies Record<string, Row>;
