// Sealing messages: encryptV1 and encryptV2 of the keystore API (protocol f.2, f.3, g.2).
// Promises: V2 content leaves signed by one of our prekeys over exactly the header and payload that are sealed, or not at all.
// Must not: sign a digest that was not computed here from bytes that were looked at, or let content through that names another sender.
import { equalBytes } from '../protocol/bytes';
import { ProtocolError } from '../protocol/errors';
import { hmacPeriodOf } from '../protocol/hmac-keys';
import type { EncryptedMessage, EncryptV1Item, EncryptV2Item, ItemOutcome, RequestItem } from '../protocol/keystore-messages';
import { decodeEncryptV1Request, decodeEncryptV2Request, encodeEncryptResponse } from '../protocol/keystore-messages';
import { isSameKey, type KeySignature } from '../protocol/keys';
import { partiesOfV1 } from '../protocol/message-v1';
import type { SignedContent } from '../protocol/message-v2';
import { checkHeaderTopic, contentDigest, decodeSignedContent, encodeSignedContent } from '../protocol/message-v2';
import { encodePublicKeyBundle } from '../protocol/bundles';
import { placeholderDigest } from '../protocol/placeholder-signature';
import { verifyDigest } from '../protocol/secp256k1';
import { inGroups } from './groups';
import type { KeystoreCall, KeystoreHandler } from './keystore-call';
import { attempt, ownKeys, readBatch, refused, refusedFor } from './keystore-call';
import { keystoreLimits } from './keystore-limits';
import type { OpenConversation } from './keystore-memory';
import { conversationsFor } from './keystore-reading';
import { pairsFor } from './keystore-secrets';
import { sealMessage, senderHmac } from './message-crypto';
import type { OwnKeys, OwnPreKey } from './own-keys';
import { ownSigningPreKey } from './own-keys';
import { signDigests, type Agreement } from './private-messages';

/** Seals V1 messages for the recipient and with the prekey that the header names. */
export const encryptV1: KeystoreHandler = async (call, request) => {
  const items = readBatch(decodeEncryptV1Request, request);
  const own = await ownKeys(call);
  const judged = items.map((item) => judgeV1(own, item));
  const pairs = await pairsFor(call, judged);
  const outcomes = await inGroups(judged, async (one, index): Promise<ItemOutcome<EncryptedMessage>> => {
    const pair = pairs[index];
    if (one instanceof ProtocolError) return refusedFor('encryptV1', one);
    if (pair === undefined || pair instanceof ProtocolError) return refused(0);
    return { result: { encrypted: await sealMessage(pair.sender, one.item.payload, one.item.headerBytes, call.randomBytes) } };
  });
  return encodeEncryptResponse(outcomes);
};

/** Signs and seals V2 messages for conversations this safe knows. */
export const encryptV2: KeystoreHandler = async (call, request) => {
  const items = readBatch(decodeEncryptV2Request, request);
  const own = await ownKeys(call);
  const conversations = await conversationsFor(call, items);
  const judged = items.map((item) => judgeV2(own, conversations, item));
  const signatures = await signaturesFor(call, judged.flatMap((one) => ('refusal' in one ? [] : [one])));
  const period = hmacPeriodOf(call.nowMs);
  const outcomes = await inGroups(judged, async (one): Promise<ItemOutcome<EncryptedMessage>> => {
    if ('refusal' in one) return one;
    const { conversation, headerBytes, content } = one;
    const signature = signatures.get(one) ?? content.signature;
    if (!signature) return refused(0);
    const plain = encodeSignedContent({ ...content, signature });
    const encrypted = await sealMessage(conversation.key, plain, headerBytes, call.randomBytes);
    return { result: { encrypted, senderHmac: await senderHmac(conversation.key, period, call.account, headerBytes) } };
  });
  return encodeEncryptResponse(outcomes);
};

function judgeV1(own: OwnKeys, item: RequestItem<EncryptV1Item>): { item: EncryptV1Item; agreement: Agreement } | ProtocolError {
  if (item instanceof ProtocolError) return item;
  return attempt(() => {
    const { headerBytes, recipient } = item;
    const { role, myPreKey, peer } = partiesOfV1(headerBytes, own.identityKey.publicKey);
    // What is sealed for one and addressed to another is readable by neither.
    const isForRecipient = role === 'sender' && equalBytes(encodePublicKeyBundle(peer), encodePublicKeyBundle(recipient));
    if (!isForRecipient) throw new ProtocolError('contradicts-header', 'the header names another sender or recipient');
    const preKey = ownSigningPreKey(own, myPreKey);
    if (!preKey) throw new ProtocolError('no-matching-prekey', 'none of our prekeys is the one named');
    return { item, agreement: { peer, preKey } };
  });
}

/** Content that may be sealed. `digest` is what its signature covers; `preKey` signs it unless it carries a real signature. */
interface ContentToSeal {
  conversation: OpenConversation;
  headerBytes: Uint8Array;
  content: SignedContent;
  digest: Uint8Array;
  preKey: OwnPreKey;
  isSigned: boolean;
}

function judgeV2(
  own: OwnKeys,
  conversations: ReadonlyMap<string, OpenConversation>,
  item: RequestItem<EncryptV2Item>,
): ContentToSeal | ReturnType<typeof refused> {
  if (item instanceof ProtocolError) return refusedFor('encryptV2', item);
  const conversation = conversations.get(item.contentTopic);
  if (!conversation) return refused(2);
  const content = attempt(() => ownContent(own, item));
  // Whatever is wrong with content, it is the caller's input: no key has been used yet.
  return content instanceof ProtocolError ? refused(1) : { conversation, headerBytes: item.headerBytes, ...content };
}

function ownContent(own: OwnKeys, { headerBytes, payload, contentTopic }: EncryptV2Item): Pick<ContentToSeal, 'content' | 'digest' | 'preKey' | 'isSigned'> {
  checkHeaderTopic(headerBytes, contentTopic);
  const content = decodeSignedContent(payload);
  const { sender, signature } = content;
  // The identity's account signature is part of what a key is (protocol a.6): it is what a reader recovers our address from.
  const preKey = isSameKey(sender.identityKey, own.signedIdentityKey) ? ownSigningPreKey(own, sender.preKey) : undefined;
  if (!preKey) throw new ProtocolError('not-a-party', 'the content names another sender');
  const digest = contentDigest(headerBytes, content.payload);
  if (!signature) return { content, digest, preKey, isSigned: false };
  const announced = placeholderDigest(signature);
  if (announced) {
    if (!equalBytes(announced, digest)) throw new ProtocolError('contradicts-header', 'the placeholder stands for other content');
    return { content, digest, preKey, isSigned: false };
  }
  const isOurs = signature.kind === 'ecdsaCompact' && verifyDigest(signature, digest, preKey.legacy.publicKey);
  if (!isOurs) throw new ProtocolError('signature-invalid', 'the content is signed, but not by the prekey it names');
  return { content, digest, preKey, isSigned: true };
}

/** Signatures for content that waits for one, made in short blocks. */
async function signaturesFor(call: KeystoreCall, contents: readonly ContentToSeal[]): Promise<Map<unknown, KeySignature>> {
  const signatures = new Map<unknown, KeySignature>();
  const waiting = contents.filter(({ isSigned }) => !isSigned);
  for (let start = 0; start < waiting.length; start += keystoreLimits.signaturesOfBlock) {
    const block = waiting.slice(start, start + keystoreLimits.signaturesOfBlock);
    const made = await call.withBundleSecret((bundleSecret) => signDigests(bundleSecret, block));
    block.forEach((content, index) => signatures.set(content, made[index] as KeySignature));
  }
  return signatures;
}
