// Large requests that come in parts: the first one declares how many items there are in all and what each part is, and is answered for all of them.
// Promises: a part is answered without another question, or another use, only if it is byte for byte one of those that were declared, comes from the
// same document in the same unlock session, once, and no more items come than were told. Anything beyond is a request of its own.
// Must not: outlive the worker. What is lost with it asks again.
import { errorCode, ProviderError } from '../../../contract/errors';
import type { MethodParams, XmtpMethod } from '../../../contract/dapp/methods';
import type { Capability } from '../../../contract/grants';
import { limits } from '../../../contract/limits';
import type { Scope } from '../../../contract/scopes';
import type { Grant } from '../../../vault/consent/grants';
import { itemsIn } from '../../../vault/work/batches';

/** The methods whose requests are lists that can be cut. */
const inParts: ReadonlySet<XmtpMethod> = new Set([
  'xmtp_decryptV1',
  'xmtp_decryptV2',
  'xmtp_encryptV1',
  'xmtp_encryptV2',
  'xmtp_saveInvites',
  'xmtp_selfEncrypt',
  'xmtp_selfDecrypt',
]);

/** How many items a request has, as far as it has any: 1 at the least. */
export function sizeOf(method: XmtpMethod, request: Uint8Array): number {
  // What cannot be read is refused by whoever reads it.
  return inParts.has(method) || method === 'xmtp_publish' ? Math.max(1, countable(request)) : 1;
}

function countable(request: Uint8Array): number {
  try {
    return itemsIn(request);
  } catch {
    return 1;
  }
}

/** What a request says of the whole that it is a part of. */
export interface Part {
  /** Of the count and all parts, 64 hex digits: the name of the whole. */
  digest: string;
  /** Items of the whole, and how many parts it has. */
  items: number;
  parts: number;
  /** Which of them this one is, from 0, and how many items it has. */
  at: number;
  count: number;
}

/** Who may be answered. */
export interface WholeOf {
  origin: string;
  documentKey: string;
  safeId: string;
  sessionId: string | undefined;
  capability: Capability;
  method: XmtpMethod;
  /** See `givenBy`. */
  given: string;
}

/** What a grant gives, without what was used of it: with another grant, or an edit of this one, a whole that was answered before is a use of its own. */
export function givenBy({ grantedAtMs, duration, bounds }: Grant): string {
  return JSON.stringify([grantedAtMs, duration, bounds.map((one) => [one.capability, one.scope, one.budget])]);
}

export interface Wholes {
  /**
   * From now on the other parts are answered, in `within` only if it is given; this one is, as the request of this id. `isAsked`: a person saw on a card how
   * many items there are.
   */
  open(
    of: WholeOf,
    part: Part,
    requestId: string,
    how?: { within?: readonly Scope[] | undefined; isAsked?: boolean },
  ): void;
  /** Takes a part of a whole that was opened, and says where it is answered. Undefined when it is not one, or was taken by another request. */
  take(
    of: WholeOf,
    part: Part,
    requestId: string,
  ): { within: readonly Scope[] | undefined; isAsked: boolean } | undefined;
}

/** Wholes that are remembered; beyond it the oldest is forgotten. */
const mostOpen = 32;

const digestLength = 32;
const refused = () => new ProviderError(errorCode.invalidParams, { field: 'whole' });
const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const sha256 = async (bytes: Uint8Array) =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));

/**
 * True for a part of a list that names no parts: it is meant for the case that nobody has to be asked and no use is counted, and declared otherwise.
 * Throws -32602 for what has no parts.
 */
export function isUndeclared(method: XmtpMethod, { whole }: Pick<MethodParams<XmtpMethod>, 'whole'>): boolean {
  if (whole === undefined || whole.parts.length > 0) return false;
  if (!inParts.has(method)) throw refused();
  return true;
}

/** How such a part is refused where it has to be declared. */
export const mustBeDeclared = refused;

/** What a request declares; undefined when it declares nothing. Throws -32602 for a whole that it is not a part of. */
export async function partOf(
  method: XmtpMethod,
  { request, whole }: MethodParams<XmtpMethod>,
): Promise<Part | undefined> {
  if (whole === undefined) return undefined;
  const { items, parts } = whole;
  if (!inParts.has(method) || parts.length === 0 || parts.length % digestLength !== 0) throw refused();
  const own = hex(await sha256(request));
  const all = hex(parts);
  const number = parts.length / digestLength;
  const at = Array.from({ length: number }, (_, index) => index).find((index) =>
    all.startsWith(own, index * 2 * digestLength),
  );
  const count = itemsIn(request);
  if (at === undefined || count > items) throw refused();
  const counted = new Uint8Array(4 + parts.length);
  new DataView(counted.buffer).setUint32(0, items);
  counted.set(parts, 4);
  return { digest: hex(await sha256(counted)), items, parts: number, at, count };
}

export function createWholes({ nowMs }: { nowMs: () => number }): Wholes {
  /** By who and what; the one that was used last stands last. */
  const wholes = new Map<
    string,
    {
      usedAtMs: number;
      itemsLeft: number;
      taken: Map<number, string>;
      within: readonly Scope[] | undefined;
      isAsked: boolean;
    }
  >();
  const keyOf = ({ origin, documentKey, safeId, sessionId, capability, method, given }: WholeOf, { digest }: Part) =>
    JSON.stringify([origin, documentKey, safeId, sessionId, capability, method, given, digest]);

  function take(of: WholeOf, part: Part, requestId: string): ReturnType<Wholes['take']> {
    const key = keyOf(of, part);
    const whole = wholes.get(key);
    if (!whole || of.sessionId === undefined) return undefined;
    if (nowMs() - whole.usedAtMs > limits.waitingMs || nowMs() < whole.usedAtMs) {
      wholes.delete(key);
      return undefined;
    }
    const by = whole.taken.get(part.at);
    const answered = { within: whole.within, isAsked: whole.isAsked };
    if (by !== undefined) return by === requestId ? answered : undefined;
    if (part.count > whole.itemsLeft) return undefined;
    whole.taken.set(part.at, requestId);
    whole.itemsLeft -= part.count;
    whole.usedAtMs = nowMs();
    return answered;
  }

  return {
    open(of, part, requestId, { within, isAsked = false } = {}) {
      const key = keyOf(of, part);
      wholes.delete(key);
      wholes.set(key, { usedAtMs: nowMs(), itemsLeft: part.items, taken: new Map(), within, isAsked });
      for (const oldest of wholes.keys()) if (wholes.size > mostOpen) wholes.delete(oldest);
      take(of, part, requestId);
    },
    take,
  };
}
