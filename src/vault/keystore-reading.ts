// Opening messages: decryptV1 and decryptV2 of the keystore API (protocol f.2, f.3, g.2, j).
// Promises: role, peer and prekey come from the header; all prekeys we ever had are tried by name; order is kept, item by item.
// Must not: believe isSender or peerKeys, or say more than a code about an item that does not open.
import { ProtocolError } from '../protocol/errors';
import type { DecryptV1Item, DecryptV2Item, ItemOutcome, RequestItem } from '../protocol/keystore-messages';
import { decodeDecryptV1Request, decodeDecryptV2Request, encodeDecryptResponse } from '../protocol/keystore-messages';
import { partiesOfV1 } from '../protocol/message-v1';
import type { Role } from '../protocol/shared-secret';
import { inGroups } from './groups';
import type { KeystoreCall, KeystoreHandler } from './keystore-call';
import { attempt, openedOutcome, ownKeys, readBatch, refused, refusedFor } from './keystore-call';
import type { OpenConversation } from './keystore-memory';
import { pairsFor } from './keystore-secrets';
import { importMessageKey, openMessage } from './message-crypto';
import type { OwnKeys } from './own-keys';
import { ownPreKey } from './own-keys';
import type { Agreement } from './private-messages';

/** Opens V1 messages. */
export const decryptV1: KeystoreHandler = async (call, request) => {
  const items = readBatch(decodeDecryptV1Request, request);
  const own = await ownKeys(call);
  const judged = items.map((item) => judgeV1(own, item));
  const pairs = await pairsFor(call, judged);
  const outcomes = await inGroups(judged, async (one, index): Promise<ItemOutcome<Uint8Array>> => {
    const pair = pairs[index];
    if (one instanceof ProtocolError) return refusedFor('decryptV1', one);
    if (pair === undefined || pair instanceof ProtocolError) return refused(0);
    return openedOutcome(await openMessage(pair[one.role], one.item.payload, one.item.headerBytes));
  });
  return encodeDecryptResponse(outcomes);
};

/** Opens V2 messages of conversations this safe knows. */
export const decryptV2: KeystoreHandler = async (call, request) => {
  const items = readBatch(decodeDecryptV2Request, request);
  const conversations = await conversationsFor(call, items);
  const outcomes = await inGroups(items, (item): ItemOutcome<Uint8Array> | Promise<ItemOutcome<Uint8Array>> => {
    if (item instanceof ProtocolError) return refusedFor('decryptV2', item);
    const conversation = conversations.get(item.contentTopic);
    if (!conversation) return refused(2);
    return openMessage(conversation.key, item.payload, item.headerBytes).then(openedOutcome);
  });
  return encodeDecryptResponse(outcomes);
};

/** The conversations that the items of a batch name; unknown topics are missing from the map. */
export function conversationsFor(
  call: KeystoreCall,
  items: readonly RequestItem<Pick<DecryptV2Item, 'contentTopic'>>[],
): Promise<Map<string, OpenConversation>> {
  return conversationsOf(call, items.flatMap((item) => (item instanceof ProtocolError ? [] : [item.contentTopic])));
}

/** The conversations of these topics; unknown ones are missing from the map. Those that memory does not hold are read together. */
export async function conversationsOf(call: KeystoreCall, topics: readonly string[]): Promise<Map<string, OpenConversation>> {
  const found = new Map<string, OpenConversation>();
  const missing: string[] = [];
  for (const topic of new Set(topics)) {
    const known = call.memory.conversations.get(topic);
    if (known) found.set(topic, known);
    else missing.push(topic);
  }
  if (missing.length === 0) return found;
  const stored = await call.conversations.find(call.safeId, missing);
  await inGroups(stored, async (conversation) => {
    if (!conversation) return;
    const { reference, topicSecret } = conversation;
    const open = { reference, key: await importMessageKey(topicSecret) };
    topicSecret.fill(0);
    call.memory.conversations.set(reference.topic, open);
    found.set(reference.topic, open);
  });
  return found;
}

function judgeV1(own: OwnKeys, item: RequestItem<DecryptV1Item>): { item: DecryptV1Item; agreement: Agreement; role: Role } | ProtocolError {
  if (item instanceof ProtocolError) return item;
  return attempt(() => {
    // The claims of the caller are not passed on: the header is what both parties sealed the message to.
    const { role, myPreKey, peer } = partiesOfV1(item.headerBytes, own.identityKey.publicKey);
    const preKey = ownPreKey(own, myPreKey);
    if (!preKey) throw new ProtocolError('no-matching-prekey', 'none of our prekeys is the one named');
    return { item, agreement: { peer, preKey }, role };
  });
}
