// Which conversations a request names, before anything of it is done: whether an earlier answer covers it, and what a card may offer.
// Promises: read from the request's bytes, from headers and from what the safe knows; the key bundle stays closed. What cannot be told counts as
// something that nobody was asked about.
// Must not: be what lets an item through. reach.ts does, when the request is carried out.
import { KeystoreRefusal } from '../../contract/errors';
import type { KeystoreMethod } from '../../contract/dapp/methods';
import type { ScopeOffer } from '../../contract/pages/approvals';
import { isWithin, mostNames, type Scope } from '../../contract/scopes';
import { limits } from '../../contract/limits';
import { bytesToLatin1 } from '../../protocol/base/bytes';
import { ProtocolError } from '../../protocol/base/errors';
import { decodeConversations, decodeCreateInviteRequest, decodeHmacKeysRequest } from '../../protocol/keystore/calls';
import {
  decodeDecryptV1Request,
  decodeDecryptV2Request,
  decodeEncryptV1Request,
  decodeEncryptV2Request,
  decodeSaveInvitesRequest,
  type RequestItem,
} from '../../protocol/keystore/messages';
import { decodeSealedInvitation } from '../../protocol/messages/invitation';
import { decodeMessageHeaderV1 } from '../../protocol/messages/message-v1';
import type { PublicKey, SignedPublicKey } from '../../protocol/keys/keys';
import { inSlices } from '../work/slices';
import { addressOfKey, attempt, readBatch, readRequest, type KeystoreCall } from './call';
import { conversationsFor, conversationsOf, placeIn, placeOfMessage } from './decrypt';
import { placesOfEnvelopes, readPublishRequest } from './publish-check';
import { idHostOf, placeOfUnknown, placeOfV1, reaches, type Place } from './reach';

type Method = KeystoreMethod | 'xmtp_publish';

/** What a request touches. */
interface Touched {
  places: Place[];
  /** More than conversations that it names: a list of all, our own topics, something sealed of which nothing can be told. */
  isWide: boolean;
}

/** A header's two sides. */
interface Sides {
  sender: { identityKey: PublicKey | SignedPublicKey };
  recipient: { identityKey: PublicKey | SignedPublicKey };
}

const nowhere: Place = { idHost: '' };

/** The accounts of the other sides, `most` of them at the most: recovering one is arithmetic. Undefined beyond, and for a key without an account. */
function peersOf(call: KeystoreCall, most: number): (sides: Sides) => string | undefined {
  const known = new Map<string, string | undefined>();
  const accountOf = (key: PublicKey | SignedPublicKey) => {
    const name = bytesToLatin1(key.publicKey);
    if (!known.has(name)) {
      const account = known.size > most ? undefined : attempt(() => addressOfKey(call, key));
      known.set(name, account instanceof ProtocolError ? undefined : account);
    }
    return known.get(name);
  };
  return ({ sender, recipient }) =>
    accountOf(sender.identityKey) === call.account ? accountOf(recipient.identityKey) : accountOf(sender.identityKey);
}

async function placesOf<Item>(
  call: KeystoreCall,
  read: (bytes: Uint8Array) => RequestItem<Item>[],
  request: Uint8Array,
  placeOf: (item: Item) => Place,
): Promise<Touched> {
  const items = await call.take(() => readBatch(read, request));
  return { places: await inSlices(call.take, readable(items), placeOf), isWide: false };
}

/** An item that cannot be read is refused whoever asks. */
const readable = <Item>(items: readonly RequestItem<Item>[]): Item[] =>
  items.filter((item): item is Item => !(item instanceof ProtocolError));

async function placesOfMessages<Item extends { contentTopic: string; headerBytes: Uint8Array }>(
  call: KeystoreCall,
  read: (bytes: Uint8Array) => RequestItem<Item>[],
  request: Uint8Array,
): Promise<Touched> {
  const items = await call.take(() => readBatch(read, request));
  const placeOf = placeOfMessage(await conversationsFor(call, items));
  return { places: await inSlices(call.take, readable(items), (item) => placeOf(item) ?? nowhere), isWide: false };
}

async function placesOfTopics(call: KeystoreCall, topics: readonly string[]): Promise<Touched> {
  const conversations = await conversationsOf(call, topics);
  return { places: topics.map((contentTopic) => placeIn(conversations)({ contentTopic })), isWide: false };
}

async function touchedBy(call: KeystoreCall, method: Method, request: Uint8Array, most: number): Promise<Touched> {
  const peerOf = peersOf(call, most);
  const v1Place = ({ headerBytes }: { headerBytes: Uint8Array }) => {
    const header = attempt(() => decodeMessageHeaderV1(headerBytes));
    const peer = header instanceof ProtocolError ? undefined : peerOf(header);
    return peer === undefined ? nowhere : placeOfV1(call, peer);
  };
  switch (method) {
    case 'xmtp_decryptV1':
      return placesOf(call, decodeDecryptV1Request, request, v1Place);
    case 'xmtp_encryptV1':
      return placesOf(call, decodeEncryptV1Request, request, v1Place);
    case 'xmtp_decryptV2':
      return placesOfMessages(call, decodeDecryptV2Request, request);
    case 'xmtp_encryptV2':
      return placesOfMessages(call, decodeEncryptV2Request, request);
    case 'xmtp_getV2ConversationHmacKeys':
      return placesOfTopics(call, readRequest(decodeHmacKeysRequest, request).slice(0, limits.batchItems));
    case 'xmtp_saveInvites':
      return placesOf(call, decodeSaveInvitesRequest, request, ({ payload }) => {
        const sealed = attempt(() => decodeSealedInvitation(payload));
        return sealed instanceof ProtocolError ? nowhere : { peerAddress: peerOf(sealed.header), idHost: '' };
      });
    case 'xmtp_createInvite':
      return { places: [await placeOfNew(call, request)], isWide: false };
    case 'xmtp_saveV1Conversations': {
      const given = readRequest(decodeConversations, request).slice(0, limits.batchItems);
      const places = given.map(({ peerAddress }) => {
        const place = attempt(() => placeOfV1(call, peerAddress));
        return place instanceof ProtocolError ? nowhere : place;
      });
      return { places, isWide: false };
    }
    case 'xmtp_publish': {
      const { places, ownKinds } = await placesOfEnvelopes(call, readPublishRequest(request));
      const isWide = ownKinds.has('contact') || ownKinds.has('preferences') || places.length === 0;
      return { places, isWide };
    }
    default:
      return { places: [], isWide: true };
  }
}

async function placeOfNew(call: KeystoreCall, request: Uint8Array): Promise<Place> {
  const { recipient, context } = readRequest(decodeCreateInviteRequest, request);
  const peerAddress = readRequest(() => addressOfKey(call, recipient.identityKey), request);
  const known = await call.conversations.findOfPeer(call.safeId, peerAddress, context?.conversationId ?? '');
  known?.topicSecret.fill(0);
  if (!known) return placeOfUnknown(peerAddress, context?.conversationId);
  return { topic: known.reference.topic, peerAddress, idHost: idHostOf(context?.conversationId) };
}

/** Whether a place may be in what was given: of a sealed invitation only the peer is known, so that nothing but the peers tells. */
async function mayBeInside(call: KeystoreCall, method: Method, places: readonly Place[]): Promise<Place[]> {
  const peersOnly = call.within.filter((group) => group.every(({ of }) => of === 'peers' || of === 'all'));
  const inside = await reaches(call, places, method === 'xmtp_saveInvites' ? peersOnly : call.within);
  return places.filter((_place, index) => inside[index]);
}

/** See `Keystore.isCovered`. */
export async function isCovered(
  call: KeystoreCall,
  method: Method,
  request: Uint8Array,
  scopes: readonly Scope[],
): Promise<boolean> {
  const { places, isWide } = await touchedBy(call, method, request, limits.batchItems);
  if (isWide) return call.within.some((group) => group.every((given) => scopes.some((one) => isWithin(given, one))));
  const inside = await mayBeInside(call, method, places);
  return inside.length === 0 || !(await reaches(call, inside, [scopes])).includes(false);
}

/** Where a decision about a request can hold: in no more than the conversations that the card can speak of. */
export async function offersOf(call: KeystoreCall, method: Method, request: Uint8Array): Promise<ScopeOffer[]> {
  const { places, isWide } = await touchedBy(call, method, request, mostNames);
  if (isWide) return [];
  const inside = await mayBeInside(call, method, places);
  if (inside.length === 0) return [];
  const offers: ScopeOffer[] = [];
  if (namesOf(inside, ({ topic }) => topic)) offers.push('conversations');
  if (namesOf(inside, ({ peerAddress }) => peerAddress)) offers.push('peers');
  if (!(await reaches(call, inside, [[{ of: 'site' }]])).includes(false)) offers.push('site');
  return offers;
}

/** The names of all of these places; undefined when one has none, or there are too many. */
function namesOf(places: readonly Place[], nameOf: (place: Place) => string | undefined): string[] | undefined {
  const names = new Set(places.map(nameOf));
  return names.size > mostNames || names.has(undefined) ? undefined : ([...names] as string[]);
}

/** See `Keystore.named`. */
export async function namedIn(
  call: KeystoreCall,
  method: Method,
  request: Uint8Array,
  offer: 'conversations' | 'peers',
): Promise<Scope> {
  const { places, isWide } = await touchedBy(call, method, request, mostNames);
  const inside = isWide ? [] : await mayBeInside(call, method, places);
  const names = namesOf(inside, (place) => (offer === 'peers' ? place.peerAddress : place.topic));
  if (!names || names.length === 0) throw new KeystoreRefusal(3);
  return offer === 'peers' ? { of: 'peers', peers: names } : { of: 'conversations', topics: names };
}
