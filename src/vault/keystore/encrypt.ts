// Sealing messages: encryptV1 and encryptV2 of the keystore API (protocol f.2, f.3, g.2).
// Promises: V2 content leaves signed by one of our prekeys over exactly the header and payload that are sealed, or not at all.
// Must not: have anything signed that was not looked at here, or let content through that names another sender.
import { VaultError } from '../../contract/errors';
import { equalBytes } from '../../protocol/base/bytes';
import { ProtocolError } from '../../protocol/base/errors';
import { hmacPeriodOf } from '../../protocol/messages/hmac-keys';
import type {
  EncryptedMessage,
  EncryptV1Item,
  EncryptV2Item,
  ItemOutcome,
  RequestItem,
} from '../../protocol/keystore/messages';
import {
  decodeEncryptV1Request,
  decodeEncryptV2Request,
  encodeEncryptResponse,
} from '../../protocol/keystore/messages';
import { isSameKey, type KeySignature } from '../../protocol/keys/keys';
import { partiesOfV1 } from '../../protocol/messages/message-v1';
import type { SignedContent } from '../../protocol/messages/message-v2';
import {
  checkHeaderTopic,
  contentDigest,
  decodeSignedContent,
  encodeSignedContent,
} from '../../protocol/messages/message-v2';
import { encodePublicKeyBundle } from '../../protocol/keys/bundles';
import { placeholderDigest } from '../../protocol/keys/placeholder-signature';
import { verifyDigest } from '../../protocol/base/secp256k1';
import { directMessageTopic } from '../../protocol/messages/topics';
import { inGroups } from '../work/batches';
import type { KeystoreCall, KeystoreHandler } from './call';
import { addressOfKey, attempt, ownKeys, readBatch, refused, refusedFor } from './call';
import { keystoreLimits } from '../store/limits';
import type { OpenConversation } from '../keys/identity-memory';
import { conversationsFor, placeIn } from './decrypt';
import { pairsFor } from './peer-keys';
import { onlyReached, placeOfKey } from './reach';
import { sealMessage, senderHmac } from './message-crypto';
import type { OwnKeys } from '../keys/own-keys';
import { ownSigningPreKey } from '../keys/own-keys';
import { signContents, type Agreement, type ContentToSign } from '../keys/message-keys';
import { inSlices } from '../work/slices';

/** Seals V1 messages for the recipient and with the prekey that the header names. */
export const encryptV1: KeystoreHandler = async (call, request) => {
  const items = await call.take(() => readBatch(decodeEncryptV1Request, request));
  const own = await ownKeys(call);
  const readable = await inSlices(call.take, items, (item) => checkV1(own, item));
  const checked = await onlyReached(call, readable, ({ agreement }) => placeOfKey(call, agreement.peer.identityKey));
  const pairs = await pairsFor(call, checked);
  await keepWrittenPeers(
    call,
    checked.flatMap((one, index) =>
      one instanceof ProtocolError || pairs[index] instanceof ProtocolError ? [] : [one.agreement.peer],
    ),
  );
  const outcomes = await inGroups(
    checked,
    async (one, index): Promise<ItemOutcome<EncryptedMessage>> => {
      const pair = pairs[index];
      if (one instanceof ProtocolError) return refusedFor('encryptV1', one);
      if (pair === undefined || pair instanceof ProtocolError) return refused(0);
      return {
        result: { encrypted: await sealMessage(pair.sender, one.item.payload, one.item.headerBytes, call.randomBytes) },
      };
    },
    call,
  );
  return encodeEncryptResponse(outcomes);
};

/** Signs and seals V2 messages for conversations this safe knows. */
export const encryptV2: KeystoreHandler = async (call, request) => {
  const items = await call.take(() => readBatch(decodeEncryptV2Request, request));
  const own = await ownKeys(call);
  const conversations = await conversationsFor(call, items);
  const reached = await onlyReached(call, items, placeIn(conversations));
  const checked = await inSlices(call.take, reached, (item) => checkV2(own, conversations, item));
  const signatures = await signaturesFor(
    call,
    checked.flatMap((one) => ('refusal' in one ? [] : [one])),
  );
  await keepWritten(
    call,
    checked.flatMap((one) => ('refusal' in one ? [] : [one.conversation])),
  );
  const period = hmacPeriodOf(call.nowMs);
  const outcomes = await inGroups(
    checked,
    async (one): Promise<ItemOutcome<EncryptedMessage>> => {
      if ('refusal' in one) return one;
      const { conversation, headerBytes, content } = one;
      const signature = signatures.get(one) ?? content.signature;
      if (!signature) return refused(0);
      const plain = encodeSignedContent({ ...content, signature });
      const encrypted = await sealMessage(conversation.key, plain, headerBytes, call.randomBytes);
      return {
        result: { encrypted, senderHmac: await senderHmac(conversation.key, period, call.account, headerBytes) },
      };
    },
    call,
  );
  return encodeEncryptResponse(outcomes);
};

/** What the person writes to does not count as a stranger's any more. A message does not fail by it: the next one says it again. */
async function keepWritten(call: KeystoreCall, written: readonly OpenConversation[]): Promise<void> {
  const fresh = [...new Set(written)].filter(({ isKept }) => !isKept);
  if (fresh.length === 0) return;
  try {
    await call.conversations.keep(
      call.safeId,
      fresh.map(({ reference }) => reference.topic),
      call,
    );
    for (const conversation of fresh) conversation.isKept = true;
  } catch (error) {
    if (error instanceof VaultError && error.reason === 'locked') throw error;
  }
}

/** The same for V1, where a peer may be written to before it is saved: then memory knows it when it is. */
async function keepWrittenPeers(call: KeystoreCall, peers: readonly Agreement['peer'][]): Promise<void> {
  const topics = await inSlices(call.take, peers, ({ identityKey }) =>
    attempt(() => directMessageTopic(call.account, addressOfKey(call, identityKey))),
  );
  const fresh = [...new Set(topics)]
    .filter((topic) => typeof topic === 'string')
    .filter((topic) => !call.memory.writtenPeers.get(topic));
  if (fresh.length === 0) return;
  try {
    await call.conversations.keepPeers(call.safeId, fresh, call);
    for (const topic of fresh) call.memory.writtenPeers.set(topic, true, call.origin);
  } catch (error) {
    if (error instanceof VaultError && error.reason === 'locked') throw error;
  }
}

function checkV1(
  own: OwnKeys,
  item: RequestItem<EncryptV1Item>,
): { item: EncryptV1Item; agreement: Agreement } | ProtocolError {
  if (item instanceof ProtocolError) return item;
  return attempt(() => {
    const { headerBytes, recipient } = item;
    const { role, myPreKey, peer } = partiesOfV1(headerBytes, own.identityKey.publicKey);
    // What is sealed for one peer and addressed to another is readable by neither.
    const isForRecipient =
      role === 'sender' && equalBytes(encodePublicKeyBundle(peer), encodePublicKeyBundle(recipient));
    if (!isForRecipient) throw new ProtocolError('contradicts-header', 'the header names another sender or recipient');
    const preKey = ownSigningPreKey(own, myPreKey);
    if (!preKey) throw new ProtocolError('no-matching-prekey', 'none of our prekeys is the one named');
    return { item, agreement: { peer, preKey } };
  });
}

/** Content that may be sealed; `preKey` signs it unless it carries a real signature. */
interface ContentToSeal extends ContentToSign {
  conversation: OpenConversation;
  content: SignedContent;
  isSigned: boolean;
}

function checkV2(
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

function ownContent(
  own: OwnKeys,
  { headerBytes, payload, contentTopic }: EncryptV2Item,
): Pick<ContentToSeal, 'content' | 'preKey' | 'isSigned'> {
  checkHeaderTopic(headerBytes, contentTopic);
  const content = decodeSignedContent(payload);
  const { sender, signature } = content;
  // The identity's account signature is part of what a key is (protocol a.6): it is what a reader recovers our address from.
  const preKey = isSameKey(sender.identityKey, own.signedIdentityKey)
    ? ownSigningPreKey(own, sender.preKey)
    : undefined;
  if (!preKey) throw new ProtocolError('not-a-party', 'the content names another sender');
  if (!signature) return { content, preKey, isSigned: false };
  const digest = contentDigest(headerBytes, content.payload);
  const announced = placeholderDigest(signature);
  if (announced) {
    if (!equalBytes(announced, digest))
      throw new ProtocolError('contradicts-header', 'the placeholder stands for other content');
    return { content, preKey, isSigned: false };
  }
  const isOurs = signature.kind === 'ecdsaCompact' && verifyDigest(signature, digest, preKey.legacy.publicKey);
  if (!isOurs) throw new ProtocolError('signature-invalid', 'the content is signed, but not by the prekey it names');
  return { content, preKey, isSigned: true };
}

/** Signatures for content that waits to be signed, made in short blocks. */
async function signaturesFor(
  call: KeystoreCall,
  contents: readonly ContentToSeal[],
): Promise<Map<unknown, KeySignature>> {
  const signatures = new Map<unknown, KeySignature>();
  const waiting = contents.filter(({ isSigned }) => !isSigned);
  for (let start = 0; start < waiting.length; start += keystoreLimits.signaturesOfBlock) {
    const block = waiting.slice(start, start + keystoreLimits.signaturesOfBlock);
    const made = await call.take(() => call.withBundleSecret((bundleSecret) => signContents(bundleSecret, block)));
    block.forEach((content, index) => signatures.set(content, made[index] as KeySignature));
  }
  return signatures;
}
