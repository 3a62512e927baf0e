// What one origin may do with one identity: the stored fields, their bytes, and whether they hold at a moment.
// Promises: pure; one byte string per grant; what does not parse to the last byte is no grant; a missing value never means "everything".
// Must not: be believed before its MAC was checked under the root key of its identity. Whoever puts back an older disk puts back older grants.
import { VaultError } from '../contract/errors';
import { capabilities, durations, stretchCapabilities, type Capability, type Duration, type StretchCapability } from '../contract/grants';
import { clockToleranceMs } from './clock';
import { createReader, lengthPrefixed, u64, u8, type Bytes, type Reader } from './encoding';

/** What a decision can be remembered for: labelled signatures, and the capabilities that are used in stretches. */
export type RememberedFor = 'sign' | StretchCapability;
/** The same as a list, in the order of the contract. `sign.digest` is not among them. */
export const rememberedFor: readonly RememberedFor[] = ['sign', ...stretchCapabilities];

/** How long a capability may be used without asking: decided by a person on a card. */
export interface RememberedDecision {
  readonly capability: RememberedFor;
  /** Milliseconds since 1970, or 'until-locked'. */
  readonly until: number | 'until-locked';
  readonly decidedAtMs: number;
  /** The unlock session of the decision. */
  readonly sessionId: string;
}

/** Use of a 'once' grant: it goes on holding for this request for a moment, so that a restart can finish it. */
export interface Spent {
  readonly requestId: string;
  readonly atMs: number;
}

/** A grant as it is stored. Never changed in place. */
export interface StoredGrant {
  readonly safeId: string;
  /** Scheme, host and port as the browser reports them; the key of the grant (R-A2). */
  readonly origin: string;
  readonly account: string;
  /** At least one, in the order of the contract. */
  readonly capabilities: readonly Capability[];
  readonly duration: Duration;
  readonly grantedAtMs: number;
  readonly expiresAtMs: number | null;
  readonly lastUsedAtMs: number | null;
  /** The document that asked. A 'once' grant holds in no other. */
  readonly documentKey: string;
  /** The run of the browser in which it was given. A 'once' grant holds in no other. */
  readonly runId: string;
  /** The unlock session in which it was given. An 'until-locked' grant holds in no other. */
  readonly sessionId: string;
  /** The approval it came from. */
  readonly requestId: string;
  /** At most one for each capability, in the order of the contract. */
  readonly remembered: readonly RememberedDecision[];
  readonly spent: Spent | null;
}

/** What is known of the moment at which a grant is judged. `sessionId` is undefined while the identity is locked. */
export interface Moment {
  nowMs: number;
  sessionId: string | undefined;
  runId: string | undefined;
}

const format = 1;
/** A grant that nobody used for so long lapses, in milliseconds. */
export const lapseMs = 30 * 24 * 3_600_000;
/** How long a spent grant still holds for the request that spent it, in milliseconds. */
export const spentKeptMs = 60_000;

/**
 * True when `origin` can be the key of a grant: exactly a serialised origin, https, or http on localhost and 127.0.0.1, without a
 * trailing dot. Equal text is then the same as equal scheme, host and port.
 */
export function isGrantOrigin(origin: string): boolean {
  if (origin.length > 300 || !URL.canParse(origin)) return false;
  const { origin: serialised, protocol, hostname } = new URL(origin);
  if (serialised !== origin || hostname === '' || hostname.endsWith('.')) return false;
  return protocol === 'https:' || (protocol === 'http:' && (hostname === 'localhost' || hostname === '127.0.0.1'));
}

function optional<T>(value: T | null, encode: (value: T) => Bytes): Bytes {
  return value === null ? new Uint8Array(0) : encode(value);
}

/** The bytes the MAC is made over: every field, each behind its length. */
export function encodeGrant(grant: StoredGrant): Bytes {
  return lengthPrefixed(
    u8(format),
    grant.safeId,
    grant.origin,
    grant.account,
    lengthPrefixed(...grant.capabilities),
    grant.duration,
    u64(grant.grantedAtMs),
    optional(grant.expiresAtMs, u64),
    optional(grant.lastUsedAtMs, u64),
    grant.documentKey,
    grant.runId,
    grant.sessionId,
    grant.requestId,
    lengthPrefixed(
      ...grant.remembered.map(({ capability, until, decidedAtMs, sessionId }) =>
        lengthPrefixed(capability, until === 'until-locked' ? until : u64(until), u64(decidedAtMs), sessionId),
      ),
    ),
    optional(grant.spent, ({ requestId, atMs }) => lengthPrefixed(requestId, u64(atMs))),
  );
}

function inner<T>(bytes: Bytes, read: (reader: Reader) => T): T {
  const reader = createReader(bytes);
  const value = read(reader);
  reader.end();
  return value;
}

function optionally<T>(bytes: Bytes, read: (reader: Reader) => T): T | null {
  return bytes.length === 0 ? null : inner(bytes, read);
}

function number(reader: Reader): number {
  return inner(reader.prefixed(), (field) => field.u64());
}

function oneOf<T extends string>(list: readonly T[], text: string): T {
  const found = list.find((item) => item === text);
  if (found === undefined) throw new VaultError('damaged');
  return found;
}

function readCapabilities(reader: Reader): Capability[] {
  const list: Capability[] = [];
  while (reader.left() > 0) list.push(oneOf(capabilities, reader.text()));
  if (list.length === 0) throw new VaultError('damaged');
  return list;
}

function readRemembered(reader: Reader): RememberedDecision[] {
  const list: RememberedDecision[] = [];
  while (reader.left() > 0)
    list.push(
      inner(reader.prefixed(), (field) => ({
        capability: oneOf(rememberedFor, field.text()),
        until: readUntil(field.prefixed()),
        decidedAtMs: number(field),
        sessionId: field.text(),
      })),
    );
  if (new Set(list.map(({ capability }) => capability)).size !== list.length) throw new VaultError('damaged');
  return list;
}

function readUntil(bytes: Bytes): number | 'until-locked' {
  return bytes.length === 8 ? inner(bytes, (field) => field.u64()) : 'until-locked';
}

/** The grant of its bytes. Throws VaultError('damaged') for anything that encodeGrant does not make. */
export function decodeGrant(bytes: Bytes): StoredGrant {
  const grant = inner(bytes, (reader): StoredGrant => {
    if (inner(reader.prefixed(), (field) => field.u8()) !== format) throw new VaultError('damaged');
    return {
      safeId: reader.text(),
      origin: reader.text(),
      account: reader.text(),
      capabilities: inner(reader.prefixed(), readCapabilities),
      duration: oneOf(durations, reader.text()),
      grantedAtMs: number(reader),
      expiresAtMs: optionally(reader.prefixed(), (field) => field.u64()),
      lastUsedAtMs: optionally(reader.prefixed(), (field) => field.u64()),
      documentKey: reader.text(),
      runId: reader.text(),
      sessionId: reader.text(),
      requestId: reader.text(),
      remembered: inner(reader.prefixed(), readRemembered),
      spent: optionally(reader.prefixed(), (field) => ({ requestId: field.text(), atMs: number(field) })),
    };
  });
  // Refuses any second spelling of the same fields.
  const again = encodeGrant(grant);
  if (again.length !== bytes.length || again.some((byte, at) => byte !== bytes[at])) throw new VaultError('damaged');
  return grant;
}

/** When it was last known to be in use, in milliseconds since 1970. */
function lastSignMs(grant: StoredGrant): number {
  return Math.max(grant.grantedAtMs, grant.lastUsedAtMs ?? 0);
}

/** When the clock will end it, in milliseconds since 1970. */
export function endMs(grant: StoredGrant): number {
  const lapsesAtMs = lastSignMs(grant) + lapseMs;
  if (grant.spent) return grant.spent.atMs + spentKeptMs;
  return grant.expiresAtMs === null ? lapsesAtMs : Math.min(grant.expiresAtMs, lapsesAtMs);
}

/** True when it has ended for good: by the clock, by a lock, or with the run of the browser. */
export function hasEnded(grant: StoredGrant, moment: Moment): boolean {
  if (moment.nowMs >= endMs(grant)) return true;
  if (grant.duration === 'until-locked') return grant.sessionId !== moment.sessionId;
  return grant.duration === 'once' && grant.runId !== moment.runId;
}

/** True when it holds now. A clock that went back ends nothing for good, but nothing holds until it is right again (R-F5). */
export function holds(grant: StoredGrant, moment: Moment): boolean {
  return !hasEnded(grant, moment) && moment.nowMs >= lastSignMs(grant) - clockToleranceMs;
}

/** The remembered decisions with one more; it replaces an earlier one for the same capability. */
export function withRemembered(list: readonly RememberedDecision[], decision: RememberedDecision): RememberedDecision[] {
  return rememberedFor.flatMap((capability) =>
    capability === decision.capability ? [decision] : list.filter((one) => one.capability === capability),
  );
}

/** Until when a capability is used without asking, as of this moment; null means "ask". */
export function withoutAskingUntil(grant: StoredGrant, capability: RememberedFor, moment: Moment): number | 'until-locked' | null {
  const decision = grant.remembered.find((one) => one.capability === capability);
  if (!decision || !grant.capabilities.includes(capability) || moment.nowMs < decision.decidedAtMs - clockToleranceMs) return null;
  if (decision.until === 'until-locked') return decision.sessionId === moment.sessionId ? 'until-locked' : null;
  return moment.nowMs < decision.until ? decision.until : null;
}
