// Which conversations a call may touch: what the person gave to the site, asked for every item.
// Promises: nothing is let through that is not in each of the scopes of the call; a batch costs one look-up for what memory does not know,
// and a call that reaches everything none at all.
// Must not: decide what a site was given. The gate says so in `within`.
import type { Scope } from '../../contract/scopes';
import { ProtocolError } from '../../protocol/base/errors';
import type { ConversationReference } from '../../protocol/messages/conversation';
import { directMessageTopic } from '../../protocol/messages/topics';
import type { PublicKey, SignedPublicKey } from '../../protocol/keys/keys';
import { addressOfKey, attempt, type KeystoreCall } from './call';
import { begunKey } from './conversations';

/** Each of these groups must let a conversation through, by one of its scopes. None: everything is reached. */
export type Within = readonly (readonly Scope[])[];

/** A conversation as far as it is known before anything is opened. */
export interface Place {
  /** Undefined for one whose topic is not known: a new one, or one in a sealed invitation. */
  topic?: string | undefined;
  /** Undefined for one that the safe does not know. */
  peerAddress?: string | undefined;
  /** The host its conversation id begins with; empty for none. */
  idHost: string;
  /** The call makes it: it is the site's own. */
  isNew?: boolean;
}

const longestHost = 300;

/** The host that a conversation id begins with: what stands before its first slash. */
export function idHostOf(conversationId: string | undefined): string {
  return (conversationId ?? '').slice(0, longestHost + 1).split('/')[0] ?? '';
}

/** The place of a conversation that the safe does not know. An id that names a host is that site's, whoever asks: it may be there for others to find. */
export function placeOfUnknown(peerAddress: string, conversationId: string | undefined): Place {
  return { peerAddress, idHost: idHostOf(conversationId), isNew: !(conversationId ?? '').includes('/') };
}

/** The place of a V1 conversation. Throws ProtocolError('bad-address'). */
export function placeOfV1({ account }: Pick<KeystoreCall, 'account'>, peerAddress: string): Place {
  return { topic: directMessageTopic(account, peerAddress), peerAddress, idHost: '' };
}

/** The place of a V1 conversation by the peer's key; undefined for a key without an account, which no scope but `all` reaches. */
export function placeOfKey(call: KeystoreCall, identityKey: PublicKey | SignedPublicKey): Place | undefined {
  const place = attempt(() => placeOfV1(call, addressOfKey(call, identityKey)));
  return place instanceof ProtocolError ? undefined : place;
}

export const outOfScope = () => new ProtocolError('out-of-scope', 'a conversation that was not given');

/** True when nothing has to be looked at. */
export function reachesAll({ within }: Pick<KeystoreCall, 'within'>): boolean {
  return within.every((group) => group.some(({ of }) => of === 'all'));
}

type Test = (place: Place) => boolean;

function testOf(scope: Scope, host: string | undefined, isBegun: Test): Test {
  if (scope.of === 'all') return () => true;
  if (scope.of === 'peers') {
    const peers = new Set(scope.peers.map((peer) => peer.toLowerCase()));
    return ({ peerAddress }) => peerAddress !== undefined && peers.has(peerAddress.toLowerCase());
  }
  if (scope.of === 'conversations') {
    const topics = new Set(scope.topics);
    return ({ topic }) => topic !== undefined && topics.has(topic);
  }
  return (place) => place.isNew === true || (host !== undefined && place.idHost === host) || isBegun(place);
}

/** Whether a place is in a scope of every group. */
function testAll(within: Within, origin: string | undefined, isBegun: Test): Test {
  const host = origin === undefined ? undefined : new URL(origin).host;
  const groups = within.map((group) => group.map((scope) => testOf(scope, host, isBegun)));
  return (place) => groups.every((tests) => tests.some((isReached) => isReached(place)));
}

/** Whether each of these places may be touched, in their order. */
export async function reaches(
  call: KeystoreCall,
  places: readonly (Place | undefined)[],
  within: Within = call.within,
): Promise<boolean[]> {
  if (reachesAll({ within })) return places.map(() => true);
  const usesSite = within.some((group) => group.some(({ of }) => of === 'site'));
  const begun = usesSite ? await begunAmong(call, places) : new Set<string>();
  const isReached = testAll(within, call.origin, ({ topic }) => topic !== undefined && begun.has(topic));
  return places.map((place) => place !== undefined && isReached(place));
}

/** Those of these topics that the site began, from memory, and the rest from the disk together. */
async function begunAmong(call: KeystoreCall, places: readonly (Place | undefined)[]): Promise<Set<string>> {
  const { origin, memory } = call;
  const begun = new Set<string>();
  if (origin === undefined) return begun;
  const missing = new Set<string>();
  for (const place of places) {
    if (place?.topic === undefined) continue;
    const known = memory.begun.get(begunKey(origin, place.topic));
    if (known) begun.add(place.topic);
    else if (known === undefined) missing.add(place.topic);
  }
  const topics = [...missing];
  const found = topics.length === 0 ? [] : await call.conversations.areBegun(call.safeId, topics, { ...call, origin });
  topics.forEach((topic, index) => {
    const isBegun = found[index] === true;
    if (isBegun) begun.add(topic);
    memory.begun.set(begunKey(origin, topic), isBegun, origin);
  });
  return begun;
}

/** The items that may be touched, the others as the refusal that they get. `placeOf`: undefined for what has no place to be reached. */
export async function onlyReached<Item>(
  call: KeystoreCall,
  items: readonly (Item | ProtocolError)[],
  placeOf: (item: Item) => Place | undefined,
): Promise<(Item | ProtocolError)[]> {
  if (reachesAll(call)) return [...items];
  const places = await call.take(() =>
    items.map((item) => (item instanceof ProtocolError ? undefined : placeOf(item))),
  );
  const reached = await reaches(call, places);
  return items.map((item, index) => (item instanceof ProtocolError || reached[index] ? item : outOfScope()));
}

/** Which conversations of a list may be told; undefined for all of them. V1: nobody began one. */
export async function listFilter(
  call: KeystoreCall,
  version: 1 | 2,
): Promise<((reference: ConversationReference) => boolean) | undefined> {
  if (reachesAll(call)) return undefined;
  const { within, origin, safeId } = call;
  const usesSite = within.some((group) => group.some(({ of }) => of === 'site'));
  const begun =
    version === 2 && usesSite && origin !== undefined ? await call.conversations.begunBy(safeId, origin) : undefined;
  const isReached = testAll(within, origin, ({ topic }) => topic !== undefined && begun?.has(topic) === true);
  return ({ topic, peerAddress, context }) =>
    isReached({ topic, peerAddress, idHost: idHostOf(context?.conversationId) });
}
