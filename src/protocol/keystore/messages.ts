// The batch calls of the XMTP keystore API: requests and responses of decrypt, encrypt, saveInvites and self encryption
// (protocol g.1), in both directions, because the vault reads what the SDK writes and the other way round.
// Promises that items are read one by one: a malformed item is a ProtocolError in its place and spoils no other.
// Must not judge meaning: whether a key fits or a signature verifies is found out where the item is carried out.
import { BinaryWriter, type BinaryReader } from '@bufbuild/protobuf/wire';
import type { PublicKeyBundle } from '../keys/bundles';
import { publicKeyBundleFromWire, publicKeyBundleToWire } from '../keys/bundles';
import type { ConversationReference } from '../messages/conversation';
import { conversationFromWire, conversationToWire } from '../messages/conversation';
import { ProtocolError } from '../base/errors';
import { eachItem, itemField, itemsOf } from './batch';
import type { KeystoreCode } from './codes';
import { decodeAsProtobuf, partsAsProtobuf } from '../proto/as-protobuf';
import * as wire from '../proto/gen/keystore';
import type { MessageName } from '../proto/strict';
import type { Ciphertext } from '../keys/seal';
import { ciphertextFromWire, ciphertextInWire, ciphertextToWire } from '../keys/seal';

/** One item of a request as read: the item, a view of the request's bytes, or why it is not a valid item. The code to answer is `keystoreCodeOf(method, reason)`. */
export type RequestItem<Item> = Item | ProtocolError;

/** One item of a response: what was asked for, or a refusal. The message is informative, callers compare the code. */
export type ItemOutcome<Result> = { readonly result: Result } | { readonly refusal: ItemRefusal };

/** Why one item was refused. */
export interface ItemRefusal {
  readonly code: KeystoreCode;
  readonly message: string;
}

/** One V1 message to open. `peerKeys` and `isSender` are the caller's claims; the header decides (j). */
export interface DecryptV1Item {
  readonly payload: Ciphertext;
  readonly peerKeys: PublicKeyBundle;
  readonly headerBytes: Uint8Array;
  readonly isSender: boolean;
}

/** One V2 message to open. */
export interface DecryptV2Item {
  readonly payload: Ciphertext;
  readonly headerBytes: Uint8Array;
  readonly contentTopic: string;
}

/** One V1 message to seal. The payload may be empty. */
export interface EncryptV1Item {
  readonly recipient: PublicKeyBundle;
  readonly payload: Uint8Array;
  readonly headerBytes: Uint8Array;
}

/** One V2 message to seal; the payload is SignedContent and may be empty. */
export interface EncryptV2Item {
  readonly payload: Uint8Array;
  readonly headerBytes: Uint8Array;
  readonly contentTopic: string;
}

/** A sealed message. V2 carries a sender_hmac, V1 does not. */
export interface EncryptedMessage {
  readonly encrypted: Ciphertext;
  readonly senderHmac?: Uint8Array;
}

/** One invitation as it came from the network. `contentTopic` is not used by anybody (e.3). */
export interface SaveInvitesItem {
  readonly contentTopic: string;
  readonly timestampNs: bigint;
  readonly payload: Uint8Array;
}

// ---- requests -------------------------------------------------------------------------------------------------------

/** Reads a decryptV1 request. Throws 'malformed-protobuf' for the batch as a whole only. */
export function decodeDecryptV1Request(bytes: Uint8Array): RequestItem<DecryptV1Item>[] {
  return decodeItems(bytes, wire.DecryptV1Item, 'DecryptV1Item', ({ payload, peerKeys, headerBytes, isSender }) => ({
    payload: ciphertextInWire(payload),
    peerKeys: publicKeyBundleFromWire(present(peerKeys, 'peer keys')),
    headerBytes: filled(headerBytes, 'header bytes'),
    isSender,
  }));
}

/** Wire bytes of a decryptV1 request. */
export function encodeDecryptV1Request(items: readonly DecryptV1Item[]): Uint8Array {
  return encodeItems(items, wire.DecryptV1Item, ({ payload, peerKeys, headerBytes, isSender }) => ({
    payload: ciphertextToWire(payload),
    peerKeys: publicKeyBundleToWire(peerKeys),
    headerBytes,
    isSender,
  }));
}

/** Reads a decryptV2 request. Throws 'malformed-protobuf' for the batch as a whole only. */
export function decodeDecryptV2Request(bytes: Uint8Array): RequestItem<DecryptV2Item>[] {
  return decodeItems(bytes, wire.DecryptV2Item, 'DecryptV2Item', ({ payload, headerBytes, contentTopic }) => ({
    payload: ciphertextInWire(payload),
    headerBytes: filled(headerBytes, 'header bytes'),
    contentTopic,
  }));
}

/** Wire bytes of a decryptV2 request. */
export function encodeDecryptV2Request(items: readonly DecryptV2Item[]): Uint8Array {
  return encodeItems(items, wire.DecryptV2Item, (item) => ({ ...item, payload: ciphertextToWire(item.payload) }));
}

/** Reads an encryptV1 request. Throws 'malformed-protobuf' for the batch as a whole only. */
export function decodeEncryptV1Request(bytes: Uint8Array): RequestItem<EncryptV1Item>[] {
  return decodeItems(bytes, wire.EncryptV1Item, 'EncryptV1Item', ({ recipient, payload, headerBytes }) => ({
    recipient: publicKeyBundleFromWire(present(recipient, 'recipient')),
    payload,
    headerBytes: filled(headerBytes, 'header bytes'),
  }));
}

/** Wire bytes of an encryptV1 request. */
export function encodeEncryptV1Request(items: readonly EncryptV1Item[]): Uint8Array {
  return encodeItems(items, wire.EncryptV1Item, (item) => ({
    ...item,
    recipient: publicKeyBundleToWire(item.recipient),
  }));
}

/** Reads an encryptV2 request. Throws 'malformed-protobuf' for the batch as a whole only. */
export function decodeEncryptV2Request(bytes: Uint8Array): RequestItem<EncryptV2Item>[] {
  return decodeItems(bytes, wire.EncryptV2Item, 'EncryptV2Item', ({ payload, headerBytes, contentTopic }) => ({
    payload,
    headerBytes: filled(headerBytes, 'header bytes'),
    contentTopic,
  }));
}

/** Wire bytes of an encryptV2 request. */
export function encodeEncryptV2Request(items: readonly EncryptV2Item[]): Uint8Array {
  return encodeItems(items, wire.EncryptV2Item, (item) => ({ ...item }));
}

/** Reads a saveInvites request. Throws 'malformed-protobuf' for the batch as a whole only. */
export function decodeSaveInvitesRequest(bytes: Uint8Array): RequestItem<SaveInvitesItem>[] {
  return decodeItems(bytes, wire.SaveInvitesItem, 'SaveInvitesItem', ({ contentTopic, timestampNs, payload }) => ({
    contentTopic,
    timestampNs,
    payload,
  }));
}

/** Wire bytes of a saveInvites request. */
export function encodeSaveInvitesRequest(items: readonly SaveInvitesItem[]): Uint8Array {
  return encodeItems(items, wire.SaveInvitesItem, (item) => ({ ...item }));
}

/** Reads a selfEncrypt request: the plaintexts. Throws 'malformed-protobuf' for the batch as a whole only. */
export function decodeSelfEncryptRequest(bytes: Uint8Array): RequestItem<Uint8Array>[] {
  return decodeItems(bytes, wire.SelfCryptItem, 'SelfCryptItem', ({ payload }) => payload);
}

/** Wire bytes of a selfEncrypt request. */
export function encodeSelfEncryptRequest(plaintexts: readonly Uint8Array[]): Uint8Array {
  return encodeItems(plaintexts, wire.SelfCryptItem, (payload) => ({ payload }));
}

/** Reads a selfDecrypt request: PrivatePreferencesPayload bytes. Throws 'malformed-protobuf' for the batch as a whole only. */
export function decodeSelfDecryptRequest(bytes: Uint8Array): RequestItem<Uint8Array>[] {
  return decodeSelfEncryptRequest(bytes);
}

/** Wire bytes of a selfDecrypt request. */
export function encodeSelfDecryptRequest(payloads: readonly Uint8Array[]): Uint8Array {
  return encodeSelfEncryptRequest(payloads);
}

// ---- responses ------------------------------------------------------------------------------------------------------

/**
 * Wire bytes of the response of decryptV1, decryptV2 and selfDecrypt: plaintexts. Their lengths are known, so that they are copied once: there are
 * thousands of them.
 */
export function encodeDecryptResponse(outcomes: readonly ItemOutcome<Uint8Array>[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const outcome of outcomes) {
    if ('refusal' in outcome) {
      const refusal = outcomeToWire(outcome, (decrypted: Uint8Array) => ({ decrypted }));
      wire.DecryptOutcome.encode(refusal, writer.uint32(itemTag).fork()).join();
      continue;
    }
    const { result } = outcome;
    const inner = result.length === 0 ? 0 : withHead(result.length);
    writer.uint32(itemTag).uint32(withHead(inner)).uint32(bytesTag).uint32(inner);
    if (inner > 0) writer.uint32(bytesTag).bytes(result);
  }
  return writer.finish();
}

/** Reads the response of decryptV1, decryptV2 and selfDecrypt. Throws 'malformed-protobuf' or 'missing-field'. */
export function decodeDecryptResponse(bytes: Uint8Array): ItemOutcome<Uint8Array>[] {
  return decodeOutcomes(bytes, wire.DecryptOutcome, 'DecryptOutcome', ({ decrypted }) => decrypted.slice());
}

/** Wire bytes of the response of encryptV1 and encryptV2. */
export function encodeEncryptResponse(outcomes: readonly ItemOutcome<EncryptedMessage>[]): Uint8Array {
  return encodeItems(outcomes, wire.EncryptOutcome, (outcome) =>
    outcomeToWire(outcome, ({ encrypted, senderHmac }) => ({
      encrypted: ciphertextToWire(encrypted),
      senderHmac: senderHmac ?? new Uint8Array(0),
    })),
  );
}

/** Reads the response of encryptV1 and encryptV2. Throws 'malformed-protobuf', 'missing-field' or 'bad-length'. */
export function decodeEncryptResponse(bytes: Uint8Array): ItemOutcome<EncryptedMessage>[] {
  return decodeOutcomes(bytes, wire.EncryptOutcome, 'EncryptOutcome', ({ encrypted, senderHmac }) => ({
    encrypted: ciphertextFromWire(encrypted),
    ...(senderHmac.length > 0 && { senderHmac: senderHmac.slice() }),
  }));
}

/** Wire bytes of the response of saveInvites. */
export function encodeSaveInvitesResponse(outcomes: readonly ItemOutcome<ConversationReference>[]): Uint8Array {
  return encodeItems(outcomes, wire.SaveInvitesOutcome, (outcome) =>
    outcomeToWire(outcome, (conversation) => ({ conversation: conversationToWire(conversation) })),
  );
}

/** Reads the response of saveInvites. Throws 'malformed-protobuf' or 'missing-field'. */
export function decodeSaveInvitesResponse(bytes: Uint8Array): ItemOutcome<ConversationReference>[] {
  return decodeOutcomes(bytes, wire.SaveInvitesOutcome, 'SaveInvitesOutcome', ({ conversation }) =>
    conversationFromWire(present(conversation, 'conversation')),
  );
}

/** Wire bytes of the response of selfEncrypt: PrivatePreferencesPayload bytes. */
export function encodeSelfEncryptResponse(outcomes: readonly ItemOutcome<Uint8Array>[]): Uint8Array {
  return encodeItems(outcomes, wire.SelfEncryptOutcome, (outcome) =>
    outcomeToWire(outcome, (encrypted) => ({ encrypted })),
  );
}

/** Reads the response of selfEncrypt. Throws 'malformed-protobuf' or 'missing-field'. */
export function decodeSelfEncryptResponse(bytes: Uint8Array): ItemOutcome<Uint8Array>[] {
  return decodeOutcomes(bytes, wire.SelfEncryptOutcome, 'SelfEncryptOutcome', ({ encrypted }) => encrypted.slice());
}

// ---- shared ---------------------------------------------------------------------------------------------------------

/** Length-delimited. */
const itemTag = itemField * 8 + 2;
/** The same of field 1: of an outcome its result, of a result its plaintext. */
const bytesTag = 8 + 2;

/** What so many bytes take behind a tag of one byte and their length. */
function withHead(length: number): number {
  let head = 2;
  for (let rest = length; rest > 0x7f; rest = Math.floor(rest / 0x80)) head++;
  return head + length;
}

interface Codec<Message> {
  encode(message: Message, writer: BinaryWriter): BinaryWriter;
  decode(input: BinaryReader | Uint8Array, length?: number): Message;
}

interface OutcomeMessage<Result> {
  response: { $case: 'result'; value: Result } | { $case: 'error'; value: wire.KeystoreError } | undefined;
}

function decodeItems<Message, Item>(
  bytes: Uint8Array,
  codec: Codec<Message>,
  name: MessageName,
  read: (message: Message) => Item,
): RequestItem<Item>[] {
  const items: RequestItem<Item>[] = [];
  const decode = partsAsProtobuf(bytes);
  const readItem = (start: number, end: number) => {
    try {
      return read(decode(codec, name, start, end));
    } catch (error) {
      if (error instanceof ProtocolError) return error;
      throw error;
    }
  };
  eachItem(bytes, (start, end) => items.push(readItem(start, end)));
  return items;
}

function encodeItems<Message, Item>(
  items: readonly Item[],
  codec: Codec<Message>,
  write: (item: Item) => Message,
): Uint8Array {
  const writer = new BinaryWriter();
  // On the wire a message is its bytes with their length before them: each is written in place instead of copied twice.
  for (const item of items) codec.encode(write(item), writer.uint32(itemTag).fork()).join();
  return writer.finish();
}

function outcomeToWire<Result, Message>(
  outcome: ItemOutcome<Result>,
  write: (result: Result) => Message,
): OutcomeMessage<Message> {
  if ('refusal' in outcome) {
    const { code, message } = outcome.refusal;
    // The field's enumeration is open: 3 is ours, and clients hand on whatever number there is.
    return { response: { $case: 'error', value: { code: code as wire.ErrorCode, message } } };
  }
  return { response: { $case: 'result', value: write(outcome.result) } };
}

function decodeOutcomes<Message, Result>(
  bytes: Uint8Array,
  codec: Codec<OutcomeMessage<Message>>,
  name: MessageName,
  read: (message: Message) => Result,
): ItemOutcome<Result>[] {
  return itemsOf(bytes).map((item) => {
    const response = present(decodeAsProtobuf(codec, name, item).response, 'response');
    if (response.$case === 'result') return { result: read(response.value) };
    const { message, code } = response.value;
    const known = ([1, 2, 3] as const).find((one) => one === (code as number));
    return { refusal: { code: known ?? 0, message } };
  });
}

function present<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new ProtocolError('missing-field', `${what} missing`);
  return value;
}

function filled(bytes: Uint8Array, what: string): Uint8Array {
  if (bytes.length === 0) throw new ProtocolError('missing-field', `${what} missing`);
  return bytes;
}
