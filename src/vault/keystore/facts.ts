// What a request is about, in facts for an approval card: how many, how large, with whom, what kind of content.
// Promises: read from the request's bytes, from headers, and from conversations the safe knows; the key bundle stays closed.
// Must not: open a message, fail a request for content that is strange, or show more than a card can hold.
import type { MessageFacts } from '../../contract/pages/approvals';
import { KeystoreRefusal, VaultError } from '../../contract/errors';
import { limits } from '../../contract/limits';
import type { KeystoreMethod } from '../../contract/dapp/methods';
import { bytesToLatin1 } from '../../protocol/base/bytes';
import { ProtocolError } from '../../protocol/base/errors';
import { checksumAddress, isAddress } from '../../protocol/base/address';
import { decodeSealedInvitation } from '../../protocol/messages/invitation';
import {
  decodeConversations,
  decodeCreateInviteRequest,
  decodeHmacKeysRequest,
  decodePrivatePreferencesEntries,
} from '../../protocol/keystore/calls';
import {
  decodeDecryptV1Request,
  decodeDecryptV2Request,
  decodeEncryptV1Request,
  decodeEncryptV2Request,
  decodeSaveInvitesRequest,
  decodeSelfDecryptRequest,
  decodeSelfEncryptRequest,
} from '../../protocol/keystore/messages';
import type { PublicKey, SignedPublicKey } from '../../protocol/keys/keys';
import { decodeMessageHeaderV1 } from '../../protocol/messages/message-v1';
import { decodeMessageHeaderV2, decodeSignedContent } from '../../protocol/messages/message-v2';
import { latestMs } from '../../protocol/base/dates';
import { decodePreferenceAction } from '../../protocol/messages/preference-action';
import { createWritings, type Writings } from '../../protocol/messages/written';
import { publishTopicOf, type PublishEnvelope } from '../../protocol/keystore/publish';
import { addressOfKey, attempt, readBatch, readRequest, type KeystoreCall } from './call';
import { keystoreLimits } from '../store/limits';
import { conversationsFor, eachKnown, placeOfMessage } from './decrypt';
import { readPublishRequest } from './publish-check';
import { placeOfV1, reaches, reachesAll, type Place } from './reach';
import { offersOf } from './touched';
import { inSlices } from '../work/slices';

/** As many peers and kinds as a card shows. */
const shownAtMost = 5;
/** Of what apps call a conversation, in UTF-16 code units. */
const longestConversationId = 200;

/** Facts while they are gathered. */
interface Gathered {
  items: number;
  /** Accounts, in the order they were met. */
  peers: Set<string>;
  /** Accounts by identity key; undefined for keys without an account, and once enough were recovered: they count, without a name. */
  keys: Map<string, string | undefined>;
  /** Identity keys that count as peers. */
  strangers: Set<string>;
  conversations: Set<string>;
  writings: Writings;
  /** The one topic whose conversation is named: of requests about topics. */
  topics: readonly string[];
  dates: MessageFacts['dates'];
  envelopes: MessageFacts['envelopes'];
}

/** Both sides of a header. */
interface Sides {
  sender: { identityKey: PublicKey | SignedPublicKey };
  recipient: { identityKey: PublicKey | SignedPublicKey };
}

/** Throws VaultError('limit') and KeystoreRefusal(1) as carrying the request out would, for the request as a whole. */
export async function factsOf(
  call: KeystoreCall,
  method: KeystoreMethod | 'xmtp_publish',
  request: Uint8Array,
): Promise<MessageFacts> {
  const gathered: Gathered = {
    items: 1,
    peers: new Set(),
    keys: new Map(),
    strangers: new Set(),
    conversations: new Set(),
    writings: createWritings(),
    topics: [],
    dates: undefined,
    envelopes: undefined,
  };
  await gather(call, gathered, method, request);
  const offers = await offersOf(call, method, request);
  const reach = call.within[0]?.[0]?.of;
  const { items, peers, strangers, conversations, writings, dates, envelopes } = gathered;
  const [conversation, written] = [await conversationOf(call, gathered), writings.shown()];
  return {
    items,
    sizeBytes: request.length,
    peers: [...peers].slice(0, shownAtMost),
    peerCount: peers.size + strangers.size,
    conversationCount: conversations.size,
    contentTypes: [...writings.kinds].slice(0, shownAtMost),
    ...(envelopes && { envelopes }),
    ...(dates && { dates }),
    ...(conversation && { conversation }),
    ...(written && { written }),
    ...(offers.length > 0 && { offers }),
    ...(reach && { reach }),
  };
}

async function gather(
  call: KeystoreCall,
  into: Gathered,
  method: KeystoreMethod | 'xmtp_publish',
  request: Uint8Array,
): Promise<void> {
  if (method === 'xmtp_decryptV1') {
    await inSlices(
      call.take,
      await insideV1(call, into, await batch(call, into, decodeDecryptV1Request, request)),
      (item) => {
        const timestampMs = addV1Header(call, into, item.headerBytes);
        if (timestampMs !== undefined) addDate(into, timestampMs);
      },
    );
  } else if (method === 'xmtp_encryptV1') {
    await inSlices(
      call.take,
      await insideV1(call, into, await batch(call, into, decodeEncryptV1Request, request)),
      (item) => {
        addV1Header(call, into, item.headerBytes);
        into.writings.add(item.payload, item.payload.length);
      },
    );
  } else if (method === 'xmtp_decryptV2') {
    const items = await insideV2(call, into, await batch(call, into, decodeDecryptV2Request, request));
    await addTopics(
      call,
      into,
      items.map((item) => item.contentTopic),
    );
    await inSlices(call.take, items, (item) => {
      const header = attempt(() => decodeMessageHeaderV2(item.headerBytes));
      if (!(header instanceof ProtocolError)) addDate(into, header.createdNs / 1_000_000n);
    });
  } else if (method === 'xmtp_encryptV2') {
    const items = await insideV2(call, into, await batch(call, into, decodeEncryptV2Request, request));
    await addTopics(
      call,
      into,
      items.map((item) => item.contentTopic),
    );
    await inSlices(call.take, items, (item) => {
      const content = attempt(() => decodeSignedContent(item.payload));
      into.writings.add(content instanceof ProtocolError ? undefined : content.payload, item.payload.length);
    });
  } else if (method === 'xmtp_saveInvites') {
    await inSlices(call.take, await batch(call, into, decodeSaveInvitesRequest, request), (item) => {
      const sealed = attempt(() => decodeSealedInvitation(item.payload));
      if (!(sealed instanceof ProtocolError)) addSides(call, into, sealed.header);
    });
    into.conversations = new Set(Array.from({ length: into.items }, (_, index) => String(index)));
  } else if (method === 'xmtp_createInvite') {
    const { recipient } = readRequest(decodeCreateInviteRequest, request);
    addKey(call, into, recipient.identityKey);
    into.conversations.add('');
  } else if (method === 'xmtp_saveV1Conversations') {
    const given = readRequest(decodeConversations, request);
    count(into, given.length);
    for (const { peerAddress } of given) addAddress(into, peerAddress);
    into.conversations = new Set(into.peers);
  } else if (method === 'xmtp_getV2ConversationHmacKeys') {
    const topics = readRequest(decodeHmacKeysRequest, request);
    count(into, topics.length);
    await addTopics(call, into, topics);
  } else if (method === 'xmtp_createPrivatePreference') {
    addAction(into, request);
  } else if (method === 'xmtp_savePrivatePreferences') {
    const entries = readRequest(decodePrivatePreferencesEntries, request);
    count(into, entries.length);
    for (const { action } of entries) addAction(into, action);
  } else if (method === 'xmtp_selfEncrypt') {
    await batch(call, into, decodeSelfEncryptRequest, request);
  } else if (method === 'xmtp_selfDecrypt') {
    await batch(call, into, decodeSelfDecryptRequest, request);
  } else if (method === 'xmtp_publish') {
    await addEnvelopes(call, into, readPublishRequest(request));
  }
}

/** What is published where: peers by the addresses in topics, conversations that the safe knows. */
async function addEnvelopes(call: KeystoreCall, into: Gathered, envelopes: readonly PublishEnvelope[]): Promise<void> {
  const counts: NonNullable<MessageFacts['envelopes']> = {};
  const topics: string[] = [];
  for (const { contentTopic } of envelopes) {
    const topic = publishTopicOf(contentTopic);
    if (!topic) throw new KeystoreRefusal(1);
    counts[topic.kind] = (counts[topic.kind] ?? 0) + 1;
    if (topic.kind === 'message') topics.push(contentTopic);
    for (const address of topic.addresses)
      if (address.toLowerCase() !== call.account.toLowerCase()) addAddress(into, address);
  }
  await addTopics(call, into, topics);
  into.items = envelopes.length;
  into.envelopes = counts;
}

/** The items of a batch that can be read; all of them count. */
async function batch<Item>(
  call: KeystoreCall,
  into: Gathered,
  read: (bytes: Uint8Array) => (Item | ProtocolError)[],
  request: Uint8Array,
): Promise<Item[]> {
  const items = await call.take(() => readBatch(read, request));
  into.items = items.length;
  return items.filter((item): item is Item => !(item instanceof ProtocolError));
}

/** Only what the site was given is told: the rest is refused, whatever the person answers. */
async function inside<Item>(
  call: KeystoreCall,
  into: Gathered,
  items: readonly Item[],
  placesOf: () => Promise<(Place | undefined)[]>,
): Promise<Item[]> {
  if (reachesAll(call)) return [...items];
  const reached = await reaches(call, await placesOf());
  const left = items.filter((_item, index) => reached[index]);
  into.items -= items.length - left.length;
  return left;
}

function insideV2<Item extends { contentTopic: string; headerBytes: Uint8Array }>(
  call: KeystoreCall,
  into: Gathered,
  items: readonly Item[],
): Promise<Item[]> {
  return inside(call, into, items, async () => items.map(placeOfMessage(await conversationsFor(call, items))));
}

function insideV1<Item extends { headerBytes: Uint8Array }>(
  call: KeystoreCall,
  into: Gathered,
  items: readonly Item[],
): Promise<Item[]> {
  const placeOf = ({ headerBytes }: Item): Place | undefined => {
    const header = attempt(() => decodeMessageHeaderV1(headerBytes));
    const peer = header instanceof ProtocolError ? undefined : peerOf(call, into, header);
    return peer === undefined ? undefined : placeOfV1(call, peer);
  };
  return inside(call, into, items, () => inSlices(call.take, items, placeOf));
}

/** The account of the side of a header that is not this one. */
function peerOf(call: KeystoreCall, into: Gathered, { sender, recipient }: Sides): string | undefined {
  const from = accountOf(call, into, sender.identityKey);
  return from === call.account ? accountOf(call, into, recipient.identityKey) : from;
}

function count(into: Gathered, items: number): void {
  if (items > limits.batchItems) throw new VaultError('limit');
  into.items = items;
}

/** Its time as its sender wrote it; undefined for what is no header. */
function addV1Header(call: KeystoreCall, into: Gathered, headerBytes: Uint8Array): bigint | undefined {
  const header = attempt(() => decodeMessageHeaderV1(headerBytes));
  if (header instanceof ProtocolError) return undefined;
  const peer = addSides(call, into, header);
  into.conversations.add(peer);
  return header.timestampMs;
}

/** A time that is one: what no calendar has is left out, and stands in no sentence. */
function addDate(into: Gathered, timeMs: bigint): void {
  if (timeMs <= 0n || timeMs > latestMs) return;
  const { firstMs, lastMs } = into.dates ?? { firstMs: Infinity, lastMs: 0 };
  into.dates = { firstMs: Math.min(firstMs, Number(timeMs)), lastMs: Math.max(lastMs, Number(timeMs)) };
}

/** What the vault knows of the conversation, where a request is about one. */
async function conversationOf(call: KeystoreCall, { topics }: Gathered): Promise<MessageFacts['conversation']> {
  const [topic] = topics;
  if (topic === undefined || topics.length > 1) return undefined;
  let known: MessageFacts['conversation'];
  await eachKnown(call, [topic], ({ reference: { context, createdNs } }) => {
    const createdMs = createdNs / 1_000_000n;
    if (createdMs > latestMs || createdMs < 0n) return;
    known = { id: (context?.conversationId ?? '').slice(0, longestConversationId), createdAtMs: Number(createdMs) };
  });
  return known;
}

/** Adds the side of a header that is not this account; returns what it is counted as. */
function addSides(call: KeystoreCall, into: Gathered, { sender, recipient }: Sides): string {
  const isFromMe = accountOf(call, into, sender.identityKey) === call.account;
  return addKey(call, into, isFromMe ? recipient.identityKey : sender.identityKey);
}

function addKey(call: KeystoreCall, into: Gathered, identityKey: PublicKey | SignedPublicKey): string {
  const address = accountOf(call, into, identityKey);
  if (address === undefined) into.strangers.add(nameOf(identityKey));
  else into.peers.add(address);
  return address ?? nameOf(identityKey);
}

function accountOf(call: KeystoreCall, into: Gathered, identityKey: PublicKey | SignedPublicKey): string | undefined {
  const name = nameOf(identityKey);
  if (into.keys.has(name)) return into.keys.get(name);
  const address =
    into.keys.size < keystoreLimits.describedPeers ? attempt(() => addressOfKey(call, identityKey)) : undefined;
  const known = address instanceof ProtocolError ? undefined : address;
  into.keys.set(name, known);
  return known;
}

function nameOf(identityKey: PublicKey | SignedPublicKey): string {
  return bytesToLatin1(identityKey.publicKey);
}

function addAddress(into: Gathered, text: string): void {
  if (isAddress(text)) into.peers.add(checksumAddress(text));
}

async function addTopics(call: KeystoreCall, into: Gathered, topics: readonly string[]): Promise<void> {
  const different = [...new Set(topics)];
  into.topics = different;
  for (const topic of different) into.conversations.add(topic);
  const unknown: string[] = [];
  for (const topic of different) {
    const known = call.memory.conversations.get(topic);
    if (known) into.peers.add(known.reference.peerAddress);
    else unknown.push(topic);
  }
  await eachKnown(call, unknown, ({ reference }) => void into.peers.add(reference.peerAddress));
}

function addAction(into: Gathered, action: Uint8Array): void {
  const { kind, values } = readRequest(decodePreferenceAction, action);
  if (kind === 'allowAddress' || kind === 'denyAddress') for (const value of values) addAddress(into, value);
}
