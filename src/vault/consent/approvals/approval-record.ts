// The record of one request that waits for a person: its shape, its stored form, and what time does to it.
// Promises: pure; a record is never changed in place; what is read back from storage.session equals what was put in.
// Must not: decide anything by itself. An unknown or damaged record counts as absent.
import {
  capabilities,
  durations,
  remembered,
  timedCapabilities,
  type Capability,
  type Duration,
} from '../../../contract/grants';
import type { ApprovalCard, ShownRequest } from '../../../contract/pages/approvals';
import type { PageParams } from '../../../contract/pages/methods';
import type { IdentityTextFacts, InboxStanding } from '../../../contract/pages/inbox';
import { isConfirmedBy } from '../../../contract/paste';
import { joins } from '../../../contract/pages/cards/joining';
import { recoveryShapes } from '../../../contract/choices';
import { limits } from '../../../contract/limits';
import { isScoped, isWithin, scopedCapabilities, type Scopes } from '../../../contract/scopes';
import { base64ToBytes, bytesToBase64, utf8ToBytes } from '../../../protocol/base/bytes';
import { clockToleranceMs } from '../../work/clock';
import { rememberedFor } from '../grant-record';

/** What a person can decide, as `approvals_decide` carries it. */
export type ApprovalDecision = PageParams<'approvals_decide'>['decision'];

/** `waiting` → `approved` → `executing` → gone, or ended: `rejected`, `expired`, `interrupted`. No state follows an ended one. */
export type ApprovalState = 'waiting' | 'approved' | 'executing' | 'rejected' | 'expired' | 'interrupted';

/** One record in storage.session. Readers get it whole and must not change it. */
export interface ApprovalRecord {
  /** Of the first request; also the card's id. 32 hex digits. */
  readonly id: string;
  /** Every request this record answers, `id` included: identical requests of the same document. */
  readonly requestIds: readonly string[];
  readonly origin: string;
  readonly documentKey: string;
  readonly method: string;
  /** SHA-256 of the canonical request, 64 hex digits. */
  readonly digest: string;
  /** What the person is shown. Not kept once the record has ended: null when an ended record is read again. */
  readonly shown: ShownRequest | null;
  readonly state: ApprovalState;
  /** Order of arrival, also within one millisecond. */
  readonly order: number;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** Binds a decision to this showing of the request. 32 hex digits. */
  readonly nonce: string;
  readonly decision: ApprovalDecision | null;
  readonly decidedAtMs: number | null;
  /** When it ended; null while it can still lead to something. */
  readonly endedAtMs: number | null;
  /** How many times carrying it out was begun. */
  readonly attempts: number;
  /** The identity it concerns: the one shown, or for `connect` the one the person chose. */
  readonly safeId: string | null;
  readonly firstSeen: boolean;
  /** The first of those that were decided together; absent for one that was decided by itself. What is given to all of them is given once. */
  readonly group?: string;
}

/** How long an ended record still answers a frame that is sent again, in milliseconds. */
export const endedKeptMs = 60_000;
/** How often carrying out one approval may be begun: once, and once more after a worker died in the middle. */
export const maxAttempts = 2;

const keyPrefix = 'approval:';

/** Key of a record in storage.session. */
export function recordKey(id: string): string {
  return keyPrefix + id;
}

/** True for keys that recordKey makes. */
export function isRecordKey(key: string): boolean {
  return key.startsWith(keyPrefix);
}

/** What is kept of a record: all of it while it is open, all but what was shown once it has ended. */
export function keptOf(record: ApprovalRecord): ApprovalRecord {
  return record.endedAtMs === null ? record : { ...record, shown: null };
}

/** The form put into storage.session, which keeps JSON only: bytes as base64. */
export function toStored(record: ApprovalRecord): Record<string, unknown> {
  const { shown } = keptOf(record);
  return {
    format: 1,
    ...record,
    shown: shown?.kind === 'sign' ? { ...shown, payload: bytesToBase64(shown.payload) } : shown,
  };
}

const measured = new WeakMap<ApprovalRecord, number>();

/** What the record takes of storage.session, in bytes of its JSON. Counted once for each record: a record never changes. */
export function storedBytes(record: ApprovalRecord): number {
  const known = measured.get(record);
  if (known !== undefined) return known;
  const bytes = utf8ToBytes(recordKey(record.id) + JSON.stringify(toStored(record))).length;
  measured.set(record, bytes);
  return bytes;
}

/** Whether this version can show it: an update may find what an earlier one recorded and nobody can be asked any more. */
function canBeShown(shown: ShownRequest): boolean {
  switch (shown.kind) {
    case 'connect':
      return shown.capabilities.every((capability) => capabilities.includes(capability));
    case 'messages':
      return timedCapabilities.includes(shown.capability) && isScoped(shown.capability) === Boolean(shown.within);
    case 'volume':
      return rememberedFor.includes(shown.facts.capability);
    case 'sign':
    case 'token':
    case 'v3':
    case 'archive':
    case 'unlock':
      return true;
    default:
      return false;
  }
}

/** The record of a stored form; undefined when it is not a record, or not of this version. */
export function fromStored(key: string, value: unknown): ApprovalRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { format, ...stored } = value as { format?: unknown } & ApprovalRecord;
  if (format !== 1 || recordKey(stored.id) !== key) return undefined;
  if (stored.shown !== null && !canBeShown(stored.shown)) return undefined;
  if (stored.shown?.kind !== 'sign') return stored;
  try {
    return { ...stored, shown: { ...stored.shown, payload: base64ToBytes(stored.shown.payload as unknown as string) } };
  } catch {
    return undefined;
  }
}

/** The record in an ended state. It still says what was shown, for the one who ends it. */
export function ended(
  record: ApprovalRecord,
  state: 'rejected' | 'expired' | 'interrupted',
  nowMs: number,
): ApprovalRecord {
  return { ...record, state, endedAtMs: nowMs };
}

/**
 * The record as it stands at `nowMs`: a wait past its end is `expired`, an approval that was not carried out in time is
 * `interrupted`, and so is either when the clock went back. `isRunning` says that this worker is carrying it out now.
 */
export function atTime(record: ApprovalRecord, nowMs: number, isRunning: boolean): ApprovalRecord {
  if (record.state === 'waiting') {
    const isDue = nowMs >= record.expiresAtMs || nowMs < record.createdAtMs - clockToleranceMs;
    return isDue ? ended(record, 'expired', nowMs) : record;
  }
  if (record.state !== 'approved' && record.state !== 'executing') return record;
  if (record.state === 'executing' && isRunning) return record;
  const decidedAtMs = record.decidedAtMs ?? -Infinity;
  const isLate = nowMs > decidedAtMs + limits.approvedMs || nowMs < decidedAtMs - clockToleranceMs;
  return isLate ? ended(record, 'interrupted', nowMs) : record;
}

/** When time will next change the record, in milliseconds since 1970. */
export function nextChangeMs(record: ApprovalRecord): number {
  if (record.endedAtMs !== null) return record.endedAtMs + endedKeptMs;
  return record.decidedAtMs === null ? record.expiresAtMs : record.decidedAtMs + limits.approvedMs + 1;
}

/** True when an ended record has answered long enough and can be dropped. */
export function isSpent(record: ApprovalRecord, nowMs: number): boolean {
  if (record.endedAtMs === null) return false;
  return nowMs >= record.endedAtMs + endedKeptMs || nowMs < record.endedAtMs - clockToleranceMs;
}

/** What the approval window gets. Only for a waiting record. Bytes are a copy. */
export function toCard(record: ApprovalRecord, shown: ShownRequest): ApprovalCard {
  return {
    id: record.id,
    digest: record.digest,
    nonce: record.nonce,
    origin: record.origin,
    createdAtMs: record.createdAtMs,
    expiresAtMs: record.expiresAtMs,
    joined: record.requestIds.length,
    firstSeen: record.firstSeen,
    shown: copyOfShown(shown),
  };
}

/** Whether one more request of an origin may wait beside these. */
export function hasRoom(open: readonly ApprovalRecord[], origin: string): boolean {
  const ofOrigin = open.filter((record) => record.origin === origin);
  return ofOrigin.length < limits.waitingPerOrigin && open.length < limits.waitingInAll;
}

/** The same with bytes of its own. */
export function copyOfShown(shown: ShownRequest): ShownRequest {
  return shown.kind === 'sign' ? { ...shown, payload: shown.payload.slice() } : structuredClone(shown);
}

/** The identity a request names; null when the person is still to choose one. */
export function safeOf(shown: ShownRequest): string | null {
  return shown.kind === 'connect' ? null : shown.safeId;
}

function isNarrowerOrEqual(given: readonly Capability[], asked: readonly Capability[]): boolean {
  const isSet = new Set(given).size === given.length;
  return (
    isSet &&
    given.length > 0 &&
    given.every((capability) => capabilities.includes(capability) && asked.includes(capability))
  );
}

/** No scope is wider than the one that was asked for, and none is of what is not given. */
function areWithin(
  { capabilities: given, scopes = {}, budgets = {} }: Extract<ApprovalDecision, { kind: 'connect' }>,
  asked: Scopes,
): boolean {
  const isGiven = (name: string) => given.some((one) => one === name);
  return (
    [scopes, budgets].flatMap(Object.keys).every(isGiven) &&
    scopedCapabilities.every((one) => !scopes[one] || isWithin(scopes[one], asked[one] ?? { of: 'all' }))
  );
}

function isDuration(value: string): value is Duration {
  return (durations as readonly string[]).includes(value);
}

/**
 * True when the decision answers what was shown: of the same kind, and for `connect` never more than was asked. A request that
 * waits for an unlock can only be rejected; unlocking and approving are separate acts (R-C9).
 */
export function decisionFits(shown: ShownRequest, decision: ApprovalDecision): boolean {
  switch (decision.kind) {
    case 'reject':
      return true;
    case 'connect':
      if (shown.kind !== 'connect' || !/^[0-9a-f]{32}$/.test(decision.safeId)) return false;
      if (decision.remember !== undefined && !remembered.includes(decision.remember)) return false;
      return (
        isNarrowerOrEqual(decision.capabilities, shown.capabilities) &&
        isDuration(decision.duration) &&
        areWithin(decision, shown.scopes ?? {})
      );
    case 'sign':
      return (
        shown.kind === 'sign' &&
        (decision.remember === undefined || ['until-locked', '1h', '1d'].includes(decision.remember))
      );
    case 'messages':
      return (
        shown.kind === 'messages' &&
        (decision.remember === 'once' || remembered.includes(decision.remember)) &&
        (decision.scope === 'granted' || shown.facts.offers?.includes(decision.scope) === true)
      );
    case 'token':
      return shown.kind === 'token';
    case 'volume':
      return shown.kind === 'volume';
    case 'v3':
      return shown.kind === 'v3' && isSureOf(shown.facts, decision.isTicked) && isTypedFor(shown.facts, decision.typed);
    case 'archive':
      return shown.kind === 'archive' && isSureOf(shown.facts, decision.isTicked);
    default:
      return false;
  }
}

/** Of an inbox that the vault does not know the person has to say that it is theirs. */
const isSureOf = ({ inbox }: { inbox: InboxStanding }, isTicked: boolean): boolean => inbox !== 'unknown' || isTicked;

/** What takes something away from people is typed for, digit by digit. */
function isTypedFor({ shape, inboxId }: IdentityTextFacts, typed: string | undefined): boolean {
  const isAsked = recoveryShapes.some((one) => one === shape);
  return !isAsked || (typed !== undefined && isConfirmedBy(inboxId, typed));
}

/**
 * Whether one decision may be given to all of these. A grant for one document only is for one of them: a connection is then decided by itself.
 */
export function canShare(
  records: readonly (Pick<ApprovalRecord, 'origin' | 'documentKey'> & { shown: ShownRequest })[],
  decision: ApprovalDecision,
): boolean {
  const [first, ...others] = records;
  if (!first || !others.every((one) => joins(first, one))) return false;
  const isForOne = decision.kind === 'connect' && decision.duration === 'once';
  return !isForOne || others.every(({ documentKey }) => documentKey === first.documentKey);
}
