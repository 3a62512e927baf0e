// What one origin may do with one identity: the stored fields and their bytes. When they hold: grant-time.ts.
// Promises: pure; one byte string per grant; what does not parse to the last byte is not a grant; a missing value never means "everything":
// what an earlier version gave without bounds is read as bounds that say so. Whom a scope names is not in clear.
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
import {
  budgetPeriods,
  isScoped,
  isWithin,
  mostNames,
  mostUses,
  scopeKinds,
  type Budget,
  type Scope,
} from '../../contract/scopes';
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
  /** Where it holds, within what the grant gives; null for what has no scope. */
  readonly scope: Scope | null;
}

/** How often a budget was used. */
export interface Used {
  /** When the first use was that counts. */
  readonly fromMs: number;
  readonly count: number;
  /** The last use: the same once more is not another one. */
  readonly last: string;
}

/** How far one capability goes. */
export interface Bounds {
  readonly capability: Capability;
  /** Null for what has no scope. */
  readonly scope: Scope | null;
  /** What the site had asked for when the person gave it; null for what has no scope. */
  readonly wish: Scope | null;
  /** Null: as often as it likes. */
  readonly budget: Budget | null;
  readonly used: Used | null;
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
  /** One for each capability, in their order. */
  readonly bounds: readonly Bounds[];
  /** In the order of the contract; of one capability in the order in which they were decided, each with a scope of its own. */
  readonly remembered: readonly RememberedDecision[];
  readonly spent: Spent | null;
  /** How long the site had asked for when the person gave it; null when it named no time. */
  readonly wish: Duration | null;
  /** The person wants a card for each connection, also when it asks for nothing new. */
  readonly asksToConnect: boolean;
}

/** Format 1 has neither `wish` nor `asksToConnect`, format 2 no scopes and no budgets. */
const formats = [1, 2, 3] as const;
type Format = (typeof formats)[number];

/** Remembered decisions of one capability; beyond it the oldest goes. */
export const mostRemembered = 20;

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
/** The bounds that a capability of an earlier version had: all conversations, and as often as it liked. */
const unbounded = (capability: Capability): Bounds => {
  const scope = scopeOfOld(capability);
  return { capability, scope, wish: scope, budget: null, used: null };
};
const scopeOfOld = (capability: Capability): Scope | null => (isScoped(capability) ? { of: 'all' } : null);
type WrittenCapability = Capability | (typeof retiredCapabilities)[number];
const writtenCapabilities: readonly WrittenCapability[] = [...capabilities, ...retiredCapabilities];

/** The scopes of a grant that name somebody, in the order in which its bytes have them. */
function named(grant: Pick<StoredGrant, 'bounds' | 'remembered'>): Scope[] {
  const scopes = [
    ...grant.bounds.flatMap(({ scope, wish }) => [scope, wish]),
    ...grant.remembered.map(({ scope }) => scope),
  ];
  return scopes.filter((scope) => scope !== null).filter(({ of }) => of === 'peers' || of === 'conversations');
}

const namesIn = (scope: Scope) =>
  scope.of === 'peers' ? scope.peers : scope.of === 'conversations' ? scope.topics : [];

/** Whom the scopes of a grant name, as bytes to be sealed; undefined when they name nobody. */
export function encodeNames(grant: Pick<StoredGrant, 'bounds' | 'remembered'>): Bytes | undefined {
  const scopes = named(grant);
  return scopes.length === 0 ? undefined : lengthPrefixed(...scopes.map((scope) => lengthPrefixed(...namesIn(scope))));
}

/** The grant with the names that `encodeNames` made bytes of. Throws VaultError('damaged'). */
export function withNames(grant: StoredGrant, plain: Bytes): StoredGrant {
  const lists = inner(plain, (reader) => named(grant).map(() => inner(reader.prefixed(), readNames)));
  const take = <S extends Scope | null>(scope: S): S => {
    if (scope?.of === 'peers') return { ...scope, peers: lists.shift() ?? [] };
    return scope?.of === 'conversations' ? { ...scope, topics: lists.shift() ?? [] } : scope;
  };
  const bounds = grant.bounds.map((one) => ({ ...one, scope: take(one.scope), wish: take(one.wish) }));
  return { ...grant, bounds, remembered: grant.remembered.map((one) => ({ ...one, scope: take(one.scope) })) };
}

function readNames(reader: Reader): string[] {
  const list: string[] = [];
  while (reader.left() > 0) list.push(reader.text());
  if (list.length === 0 || list.length > mostNames || new Set(list).size !== list.length)
    throw new VaultError('damaged');
  return list;
}

const kindOf = (scope: Scope | null) => scope?.of ?? '';

const encodeBounds = ({ capability, scope, wish, budget, used }: Bounds) =>
  lengthPrefixed(
    capability,
    kindOf(scope),
    kindOf(wish),
    optional(budget, ({ uses, per }) => lengthPrefixed(u64(uses), per)),
    optional(used, ({ fromMs, count, last }) => lengthPrefixed(u64(fromMs), u64(count), last)),
  );

const encodeRemembered = ({ capability, until, decidedAtMs, sessionId, scope }: RememberedDecision, format: Format) =>
  lengthPrefixed(
    capability,
    until === 'until-locked' ? until : u64(until),
    u64(decidedAtMs),
    sessionId,
    ...(format < 3 ? [] : [kindOf(scope)]),
  );

/**
 * The bytes the MAC is made over: every field, each behind its length. `sealedNames`: what `encodeNames` made, sealed; empty when the grant
 * names nobody.
 */
export function encodeGrant(grant: WrittenGrant, sealedNames: Bytes = new Uint8Array(0), format: Format = 3): Bytes {
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
    lengthPrefixed(...grant.remembered.map((one) => encodeRemembered(one, format))),
    optional(grant.spent, ({ requestId, atMs }) => lengthPrefixed(requestId, u64(atMs))),
    ...(format === 1 ? [] : [grant.wish ?? '', u8(grant.asksToConnect ? 1 : 0)]),
    ...(format < 3 ? [] : [lengthPrefixed(...grant.bounds.map(encodeBounds)), sealedNames]),
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

function readRemembered(reader: Reader, format: Format): RememberedDecision[] {
  const list: RememberedDecision[] = [];
  while (reader.left() > 0)
    list.push(
      inner(reader.prefixed(), (field) => {
        const capability = oneOf(rememberedFor, field.text());
        const decision = {
          capability,
          until: readUntil(field.prefixed()),
          decidedAtMs: number(field),
          sessionId: field.text(),
        };
        return { ...decision, scope: format < 3 ? scopeOfOld(capability) : readScope(field, capability) };
      }),
    );
  const most = format < 3 ? 1 : mostRemembered;
  if (rememberedFor.some((capability) => list.filter((one) => one.capability === capability).length > most))
    throw new VaultError('damaged');
  return list;
}

/** Without names: they are sealed, and until they were opened such a scope reaches nothing. */
function readScope(reader: Reader, capability: Capability): Scope | null {
  const kind = reader.text();
  if (isScoped(capability) === (kind === '')) throw new VaultError('damaged');
  if (kind === '') return null;
  const of = oneOf(scopeKinds, kind);
  if (of === 'peers') return { of, peers: [] };
  return of === 'conversations' ? { of, topics: [] } : { of };
}

function readBounds(reader: Reader, given: readonly WrittenCapability[]): Bounds[] {
  const bounds = given.map((expected) =>
    inner(reader.prefixed(), (field): Bounds => {
      const capability = oneOf(capabilities, field.text());
      if (capability !== expected) throw new VaultError('damaged');
      return {
        capability,
        scope: readScope(field, capability),
        wish: readScope(field, capability),
        budget: optionally(field.prefixed(), (one) => ({ uses: number(one), per: oneOf(budgetPeriods, one.text()) })),
        used: optionally(field.prefixed(), (one) => ({ fromMs: number(one), count: number(one), last: one.text() })),
      };
    }),
  );
  if (bounds.some(({ budget }) => budget && (budget.uses < 1 || budget.uses > mostUses)))
    throw new VaultError('damaged');
  return bounds;
}

function readUntil(bytes: Bytes): number | 'until-locked' {
  return bytes.length === 8 ? inner(bytes, (field) => field.u64()) : 'until-locked';
}

/** The grant of its bytes, without what was retired since, and the sealed names, without which its scopes name nobody. Throws VaultError('damaged') for anything that encodeGrant does not make. */
export function decodeGrant(bytes: Bytes): { grant: StoredGrant; sealedNames: Bytes } {
  const { grant, sealedNames, format } = inner(bytes, readGrant);
  // Refuses any second spelling of the same fields.
  const again = encodeGrant(grant, sealedNames, format);
  if (again.length !== bytes.length || again.some((byte, at) => byte !== bytes[at])) throw new VaultError('damaged');
  if (sealedNames.length > 0 !== named(grant).length > 0) throw new VaultError('damaged');
  const held = capabilities.filter((capability) => grant.capabilities.includes(capability));
  return { grant: { ...grant, capabilities: held }, sealedNames };
}

function readGrant(reader: Reader): { grant: WrittenGrant; sealedNames: Bytes; format: Format } {
  const written = inner(reader.prefixed(), (field) => field.u8());
  const format = formats.find((one) => one === written);
  if (format === undefined) throw new VaultError('damaged');
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
    remembered: inner(reader.prefixed(), (field) => readRemembered(field, format)),
    spent: optionally(reader.prefixed(), (field) => ({ requestId: field.text(), atMs: number(field) })),
  };
  const wish = format === 1 ? '' : reader.text();
  const asksToConnect = format === 1 ? false : inner(reader.prefixed(), (field) => field.u8()) === 1;
  const wished = { wish: wish === '' ? null : oneOf(durations, wish), asksToConnect };
  const held = capabilities.filter((capability) => read.capabilities.includes(capability));
  const bounds =
    format < 3 ? held.map(unbounded) : inner(reader.prefixed(), (field) => readBounds(field, read.capabilities));
  const sealedNames = format < 3 ? new Uint8Array(0) : reader.prefixed();
  return { grant: { ...read, ...wished, bounds }, sealedNames, format };
}

/** How far a capability of this grant goes; undefined when it does not have it. */
export function boundsOf(grant: Pick<StoredGrant, 'bounds'>, capability: Capability): Bounds | undefined {
  return grant.bounds.find((one) => one.capability === capability);
}

/**
 * The remembered decisions with one more. It replaces those for the same capability in the same scope, and all of them where it holds wherever
 * they do; of too many the oldest goes.
 */
export function withRemembered(
  list: readonly RememberedDecision[],
  decision: RememberedDecision,
): RememberedDecision[] {
  const { capability, scope } = decision;
  const isReplaced = (one: RememberedDecision) =>
    one.scope === null ||
    scope === null ||
    (isWithin(one.scope, scope) && (scope.of === 'all' || isWithin(scope, one.scope)));
  const others = list.filter((one) => one.capability === capability && !isReplaced(one));
  return rememberedFor.flatMap((each) =>
    each === capability ? [...others, decision].slice(-mostRemembered) : list.filter((one) => one.capability === each),
  );
}
