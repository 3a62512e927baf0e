// Opening messages: decryptV1 and decryptV2 of the keystore API (protocol f.2, f.3, g.2, j).
// Promises: role, peer and prekey come from the header; all prekeys we ever had are tried by name; order is kept, item by item.
// Must not: believe isSender or peerKeys, or say more than a code about an item that does not open.
import { ProtocolError } from '../../protocol/base/errors';
import type { DecryptV1Item, DecryptV2Item, ItemOutcome, RequestItem } from '../../protocol/keystore/messages';
import {
  decodeDecryptV1Request,
  decodeDecryptV2Request,
  encodeDecryptResponse,
} from '../../protocol/keystore/messages';
import { createBundlesReader } from '../../protocol/messages/message-v1';
import { checkHeaderTopic } from '../../protocol/messages/message-v2';
import { partiesOf } from '../../protocol/messages/sender-and-peer';
import type { Role } from '../../protocol/keys/shared-secret';
import type { Conversation } from './conversations';
import { inGroups } from '../work/batches';
import type { KeystoreCall, KeystoreHandler } from './call';
import { attempt, openedOutcome, ownKeys, readBatch, refused, refusedFor } from './call';
import { keystoreLimits } from '../store/limits';
import type { OpenConversation } from '../keys/identity-memory';
import { pairsFor } from './peer-keys';
import { idHostOf, onlyReached, placeOfKey, type Place } from './reach';
import { importMessageKey, openMessage } from './message-crypto';
import type { OwnKeys } from '../keys/own-keys';
import { ownPreKey } from '../keys/own-keys';
import type { Agreement } from '../keys/message-keys';
import { inSlices } from '../work/slices';

/** Opens V1 messages. */
export const decryptV1: KeystoreHandler = async (call, request) => {
  const items = await call.take(() => readBatch(decodeDecryptV1Request, request));
  const own = await ownKeys(call);
  const check = checkerOfV1(own);
  const readable = await inSlices(call.take, items, check);
  const checked = await onlyReached(call, readable, ({ agreement }) => placeOfKey(call, agreement.peer.identityKey));
  const pairs = await pairsFor(call, checked);
  const outcomes = await inGroups(
    checked,
    async (one, index): Promise<ItemOutcome<Uint8Array>> => {
      const pair = pairs[index];
      if (one instanceof ProtocolError) return refusedFor('decryptV1', one);
      if (pair === undefined || pair instanceof ProtocolError) return refused(0);
      return openedOutcome(await openMessage(pair[one.role], one.item.payload, one.item.headerBytes));
    },
    call,
  );
  return encodeDecryptResponse(outcomes);
};

/** Opens V2 messages of conversations this safe knows. */
export const decryptV2: KeystoreHandler = async (call, request) => {
  const items = await call.take(() => readBatch(decodeDecryptV2Request, request));
  const conversations = await conversationsFor(call, items);
  const reached = await onlyReached(call, items, placeOfMessage(conversations));
  const outcomes = await inGroups(
    reached,
    (item): ItemOutcome<Uint8Array> | Promise<ItemOutcome<Uint8Array>> => {
      if (item instanceof ProtocolError) return refusedFor('decryptV2', item);
      const conversation = conversations.get(item.contentTopic);
      if (!conversation) return refused(2);
      return openMessage(conversation.key, item.payload, item.headerBytes).then(openedOutcome);
    },
    call,
  );
  return encodeDecryptResponse(outcomes);
};

/** Where an item of a known conversation belongs. One that is not known is where its topic says, and in nobody's. */
export function placeIn(conversations: ReadonlyMap<string, OpenConversation>) {
  return ({ contentTopic }: { contentTopic: string }): Place =>
    placeOfConversation(conversations.get(contentTopic)) ?? { topic: contentTopic, idHost: '' };
}

/**
 * The same for a message with its header, which is sealed to what is opened. Undefined when the header names another topic: all conversations of two
 * bundles have one key, so that any of them would open under the name of any other.
 */
export function placeOfMessage(conversations: ReadonlyMap<string, OpenConversation>) {
  return ({ contentTopic, headerBytes }: Pick<DecryptV2Item, 'contentTopic' | 'headerBytes'>): Place | undefined => {
    const header = attempt(() => checkHeaderTopic(headerBytes, contentTopic));
    return header instanceof ProtocolError ? undefined : placeIn(conversations)({ contentTopic });
  };
}

export function placeOfConversation(conversation: OpenConversation | undefined): Place | undefined {
  return conversation && { ...conversation.reference, idHost: conversation.idHost };
}

/** The conversations that the items of a batch name; unknown topics are missing from the map. */
export function conversationsFor(
  call: KeystoreCall,
  items: readonly RequestItem<Pick<DecryptV2Item, 'contentTopic'>>[],
): Promise<Map<string, OpenConversation>> {
  return conversationsOf(
    call,
    items.flatMap((item) => (item instanceof ProtocolError ? [] : [item.contentTopic])),
  );
}

/** `use` what the safe knows of these topics, a page of them at a time: read first, then used in slices. Wipes the topic keys. */
export async function eachKnown(
  { take, conversations, safeId }: KeystoreCall,
  topics: readonly string[],
  use: (conversation: Conversation) => void | Promise<void>,
): Promise<void> {
  for (let start = 0; start < topics.length; start += keystoreLimits.rowsOfPage) {
    const found = await conversations.find(safeId, topics.slice(start, start + keystoreLimits.rowsOfPage), { take });
    await inGroups(
      found,
      async (conversation) => {
        if (!conversation) return;
        await use(conversation);
        conversation.topicSecret.fill(0);
      },
      { take },
    );
  }
}

/** The conversations of these topics; unknown ones are missing from the map. Those that memory does not hold are read together. */
export async function conversationsOf(
  call: KeystoreCall,
  topics: readonly string[],
): Promise<Map<string, OpenConversation>> {
  const found = new Map<string, OpenConversation>();
  const missing: string[] = [];
  for (const topic of new Set(topics)) {
    const known = call.memory.conversations.get(topic);
    if (known) found.set(topic, known);
    else missing.push(topic);
  }
  if (missing.length === 0) return found;
  const storedBefore = call.memory.stored;
  await eachKnown(call, missing, async ({ reference: { topic, peerAddress, context }, topicSecret }) => {
    const idHost = idHostOf(context?.conversationId);
    const open = { reference: { topic, peerAddress }, idHost, key: await importMessageKey(topicSecret) };
    if (call.memory.stored === storedBefore) call.memory.conversations.set(topic, open, call.origin);
    found.set(topic, open);
  });
  return found;
}

interface CheckedV1 {
  agreement: Agreement;
  role: Role;
}

/** Messages of one peer have one agreement, and the same object for it: their bundles are read once. */
function checkerOfV1(own: OwnKeys) {
  const bundlesOf = createBundlesReader();
  const known = new Map<object, CheckedV1>();
  return (item: RequestItem<DecryptV1Item>): (CheckedV1 & { item: DecryptV1Item }) | ProtocolError => {
    if (item instanceof ProtocolError) return item;
    return attempt(() => {
      // The claims of the caller are not passed on: the header is what both parties sealed the message to.
      const bundles = bundlesOf(item.headerBytes);
      let checked = known.get(bundles);
      if (!checked) {
        const { role, myPreKey, peer } = partiesOf(bundles, own.identityKey.publicKey);
        const preKey = ownPreKey(own, myPreKey);
        if (!preKey) throw new ProtocolError('no-matching-prekey', 'none of our prekeys is the one named');
        checked = { agreement: { peer, preKey }, role };
        known.set(bundles, checked);
      }
      return { item, ...checked };
    });
  };
}
