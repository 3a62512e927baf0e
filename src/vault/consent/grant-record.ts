// What one origin may do with one identity: the stored fields and their bytes. When they hold: grant-time.ts.
// Promises: pure; one byte string per grant; what does not parse to the last byte is not a grant; a missing value never means "everything".
// Must not: be believed before its MAC was checked under the root key of its identity. Whoever puts back an older disk puts back older grants.
import { isSafeOrigin } from '../../contract/origins';
import { VaultError } from '../../contract/errors';
import {
  capabilities,
  durations,
  retiredCapabilities,
  timedCapabilities,
  type Capability,
  type Duration,
  type TimedCapability,
} from '../../contract/grants';
import { originLength } from '../../contract/limits';
import { createReader, lengthPrefixed, u64, u8, type Bytes, type Reader } from '../store/encoding';

/** What a decision can be remembered for: labelled signatures, and the timed capabilities. */
export type RememberedFor = 'sign' | TimedCapability;
/** The same as a list, in the order of the contract. `network.token` is not among them. */
export const rememberedFor: readonly RememberedFor[] = ['sign', ...timedCapabilities];

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
  /** At least one capability, in the order of the contract; none when all that was given has been retired since: then it has ended. */
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
  /** How long the site had asked for when the person gave it; null when it named no time. */
  readonly wish: Duration | null;
  /** The person wants a card for each connection, also when it asks for nothing new. */
  readonly asksToConnect: boolean;
}

/** Format 1 has neither `wish` nor `asksToConnect`. */
const formats = [1, 2] as const;
type Format = (typeof formats)[number];
/**
 * True when `origin` can be the key of a grant: exactly a serialised origin, https, or http on localhost and 127.0.0.1, without a
 * trailing dot. Equal text is then the same as equal scheme, host and port.
 */
export function isGrantOrigin(origin: string): boolean {
  return origin.length <= originLength && isSafeOrigin(origin) && !new URL(origin).hostname.endsWith('.');
}

function optional<T>(value: T | null, encode: (value: T) => Bytes): Bytes {
  return value === null ? new Uint8Array(0) : encode(value);
}

/** A grant as its bytes have it: capabilities that were retired since may be among them. */
type WrittenGrant = Omit<StoredGrant, 'capabilities'> & { readonly capabilities: readonly WrittenCapability[] };
type WrittenCapability = Capability | (typeof retiredCapabilities)[number];
const writtenCapabilities: readonly WrittenCapability[] = [...capabilities, ...retiredCapabilities];

/** The bytes the MAC is made over: every field, each behind its length. */
export function encodeGrant(grant: WrittenGrant, format: Format = 2): Bytes {
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
    ...(format === 1 ? [] : [grant.wish ?? '', u8(grant.asksToConnect ? 1 : 0)]),
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

function readCapabilities(reader: Reader): WrittenCapability[] {
  const list: WrittenCapability[] = [];
  while (reader.left() > 0) list.push(oneOf(writtenCapabilities, reader.text()));
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

/** The grant of its bytes, without what was retired since. Throws VaultError('damaged') for anything that encodeGrant does not make. */
export function decodeGrant(bytes: Bytes): StoredGrant {
  const [grant, format] = inner(bytes, (reader): [WrittenGrant, Format] => {
    const written = inner(reader.prefixed(), (field) => field.u8());
    const known = formats.find((one) => one === written);
    if (known === undefined) throw new VaultError('damaged');
    const read = {
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
    if (known === 1) return [{ ...read, wish: null, asksToConnect: false }, known];
    const wish = reader.text();
    const asksToConnect = inner(reader.prefixed(), (field) => field.u8()) === 1;
    return [{ ...read, wish: wish === '' ? null : oneOf(durations, wish), asksToConnect }, known];
  });
  // Refuses any second spelling of the same fields.
  const again = encodeGrant(grant, format);
  if (again.length !== bytes.length || again.some((byte, at) => byte !== bytes[at])) throw new VaultError('damaged');
  return { ...grant, capabilities: capabilities.filter((capability) => grant.capabilities.includes(capability)) };
}

/** The remembered decisions with one more; it replaces an earlier one for the same capability. */
export function withRemembered(
  list: readonly RememberedDecision[],
  decision: RememberedDecision,
): RememberedDecision[] {
  return rememberedFor.flatMap((capability) =>
    capability === decision.capability ? [decision] : list.filter((one) => one.capability === capability),
  );
}
