// Calls about identities as a whole: what there is, details, names, forgetting, and what was done with them.
import * as v from 'valibot';
import { allPages, row, type Row } from './pages';
import type { Settings } from './settings';
import { name, none, safe, safeId, type WalletChoice } from '../schemas';
import type { SlotKind } from '../choices';

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
} as const satisfies Record<string, Row>;
