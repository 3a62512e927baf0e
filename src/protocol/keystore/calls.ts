// The single calls of the XMTP keystore API: requests and responses of everything that is not a batch (protocol g.1), and our
// own two messages for stored preferences, which the field has none for (g.3).
// Promises to read what any protobuf encoder writes, in both directions; a request that cannot be read is refused as a whole.
// Must not know the calls that hand out private keys or import them; they have no message here.
import type { SignedPublicKeyBundle } from '../keys/bundles';
import { signedPublicKeyBundleFromWire, signedPublicKeyBundleToWire } from '../keys/bundles';
import type { ConsentProof, ConversationReference, InvitationContext } from '../messages/conversation';
import {
  consentProofFromWire,
  consentProofToWire,
  contextFromWire,
  contextToWire,
  conversationFromWire,
  conversationToWire,
} from '../messages/conversation';
import { ProtocolError } from '../base/errors';
import type { HmacKey } from '../messages/hmac-keys';
import { signatureFromWire, signatureToWire } from '../keys/key-codec';
import type { KeySignature } from '../keys/keys';
import { decodeAsProtobuf } from '../proto/as-protobuf';
import { Signature } from '../proto/gen/keys';
import * as wire from '../proto/gen/keystore';

/** What createInvite asks for. `createdNs` counts nanoseconds since 1970. */
export interface CreateInviteRequest {
  readonly recipient: SignedPublicKeyBundle;
  readonly createdNs: bigint;
  readonly context?: InvitationContext;
  readonly consentProof?: ConsentProof;
}

/** What createInvite answers: the conversation and the bytes to publish on both invite topics. */
export interface CreateInviteResponse {
  readonly conversation: ConversationReference;
  readonly payload: Uint8Array;
}

/** Whose key is to sign a digest. `prekeyIndex` counts from the newest. */
export type DigestSigner = { readonly identityKey: boolean } | { readonly prekeyIndex: number };

/** What signDigest asks for. Nothing is checked here, neither length nor signer (g.2). */
export interface SignDigestRequest {
  readonly digest: Uint8Array;
  readonly signer?: DigestSigner;
}

/** 0 unspecified, 1 V1 conversations, 2 V2 conversations, 3 private preferences. */
export type RefreshJobType = 0 | 1 | 2 | 3;

/** One stored preference: `key` is a time as text, in the unit the client chose; `action` are PrivatePreferencesAction bytes. */
export interface PrivatePreferencesEntry {
  readonly key: string;
  readonly action: Uint8Array;
}

/** Wire bytes of a createInvite request. */
export function encodeCreateInviteRequest(request: CreateInviteRequest): Uint8Array {
  return wire.CreateInviteRequest.encode({
    context: request.context && contextToWire(request.context),
    recipient: signedPublicKeyBundleToWire(request.recipient),
    createdNs: request.createdNs,
    consentProof: request.consentProof && consentProofToWire(request.consentProof),
  }).finish();
}

/** Reads a createInvite request. Throws 'malformed-protobuf', 'missing-field' and as `decodeSignedPublicKeyBundle`. */
export function decodeCreateInviteRequest(bytes: Uint8Array): CreateInviteRequest {
  const { context, recipient, createdNs, consentProof } = decodeAsProtobuf(
    wire.CreateInviteRequest,
    'CreateInviteRequest',
    bytes,
  );
  if (!recipient) throw new ProtocolError('missing-field', 'recipient missing');
  return {
    recipient: signedPublicKeyBundleFromWire(recipient),
    createdNs,
    ...(context && { context: contextFromWire(context) }),
    ...(consentProof && { consentProof: consentProofFromWire(consentProof) }),
  };
}

/** Wire bytes of a createInvite response. */
export function encodeCreateInviteResponse({ conversation, payload }: CreateInviteResponse): Uint8Array {
  return wire.CreateInviteResponse.encode({ conversation: conversationToWire(conversation), payload }).finish();
}

/** Reads a createInvite response. Throws 'malformed-protobuf' or 'missing-field'. */
export function decodeCreateInviteResponse(bytes: Uint8Array): CreateInviteResponse {
  const { conversation, payload } = decodeAsProtobuf(wire.CreateInviteResponse, 'CreateInviteResponse', bytes);
  if (!conversation) throw new ProtocolError('missing-field', 'conversation missing');
  return { conversation: conversationFromWire(conversation), payload: payload.slice() };
}

/** Wire bytes of a createAuthToken request; undefined asks for a token of now. */
export function encodeCreateAuthTokenRequest(timestampNs?: bigint): Uint8Array {
  return wire.CreateAuthTokenRequest.encode({ timestampNs }).finish();
}

/** Reads a createAuthToken request: the time the caller wishes for, to be ignored. Throws 'malformed-protobuf'. */
export function decodeCreateAuthTokenRequest(bytes: Uint8Array): bigint | undefined {
  return decodeAsProtobuf(wire.CreateAuthTokenRequest, 'CreateAuthTokenRequest', bytes).timestampNs;
}

/** Wire bytes of a signDigest request. */
export function encodeSignDigestRequest({ digest, signer }: SignDigestRequest): Uint8Array {
  return wire.SignDigestRequest.encode({ digest, signer: signer && signerToWire(signer) }).finish();
}

/** Reads a signDigest request. Throws 'malformed-protobuf', also when both kinds of signer are given. */
export function decodeSignDigestRequest(bytes: Uint8Array): SignDigestRequest {
  const { digest, signer } = decodeAsProtobuf(wire.SignDigestRequest, 'SignDigestRequest', bytes);
  if (!signer) return { digest: digest.slice() };
  const read = signer.$case === 'identityKey' ? { identityKey: signer.value } : { prekeyIndex: signer.value };
  return { digest: digest.slice(), signer: read };
}

/** Wire bytes of a Signature, the response of signDigest. */
export function encodeSignature(signature: KeySignature): Uint8Array {
  return Signature.encode(signatureToWire(signature)).finish();
}

/** Reads a Signature. Throws 'malformed-protobuf' or 'bad-signature'. */
export function decodeSignature(bytes: Uint8Array): KeySignature {
  return signatureFromWire(decodeAsProtobuf(Signature, 'Signature', bytes));
}

/** Wire bytes of a list of conversations: the request of saveV1Conversations, the response of both get...Conversations. */
export function encodeConversations(conversations: readonly ConversationReference[]): Uint8Array {
  return wire.Conversations.encode({ conversations: conversations.map(conversationToWire) }).finish();
}

/** The same from conversations that are encoded already, in the given order: nothing is decoded to be encoded again. */
export function encodeEncodedConversations(encoded: Iterable<Uint8Array>): Uint8Array {
  return encodeRepeated(encoded);
}

/** Reads a list of conversations. Throws 'malformed-protobuf'. */
export function decodeConversations(bytes: Uint8Array): ConversationReference[] {
  return decodeAsProtobuf(wire.Conversations, 'Conversations', bytes).conversations.map(conversationFromWire);
}

/** Wire bytes of a getRefreshJob request. */
export function encodeGetRefreshJobRequest(jobType: RefreshJobType): Uint8Array {
  return wire.GetRefreshJobRequest.encode({ jobType }).finish();
}

/** Reads a getRefreshJob request. Type 0 is read; it is the keystore that refuses it. Throws 'malformed-protobuf' or 'bad-number'. */
export function decodeGetRefreshJobRequest(bytes: Uint8Array): RefreshJobType {
  return jobTypeOf(decodeAsProtobuf(wire.GetRefreshJobRequest, 'GetRefreshJobRequest', bytes).jobType);
}

/** Wire bytes of a getRefreshJob response: nanoseconds since 1970, 0 for never. */
export function encodeGetRefreshJobResponse(lastRunNs: bigint): Uint8Array {
  return wire.GetRefreshJobResponse.encode({ lastRunNs }).finish();
}

/** Reads a getRefreshJob response. Throws 'malformed-protobuf'. */
export function decodeGetRefreshJobResponse(bytes: Uint8Array): bigint {
  return decodeAsProtobuf(wire.GetRefreshJobResponse, 'GetRefreshJobResponse', bytes).lastRunNs;
}

/** Wire bytes of a setRefreshJob request; the time is an int64. */
export function encodeSetRefreshJobRequest(jobType: RefreshJobType, lastRunNs: bigint): Uint8Array {
  return wire.SetRefreshJobRequest.encode({ jobType, lastRunNs }).finish();
}

/** Reads a setRefreshJob request. Throws 'malformed-protobuf' or 'bad-number'. */
export function decodeSetRefreshJobRequest(bytes: Uint8Array): { jobType: RefreshJobType; lastRunNs: bigint } {
  const { jobType, lastRunNs } = decodeAsProtobuf(wire.SetRefreshJobRequest, 'SetRefreshJobRequest', bytes);
  return { jobType: jobTypeOf(jobType), lastRunNs };
}

/** Wire bytes of the getPrivatePreferencesTopicIdentifier response. */
export function encodeTopicIdentifierResponse(identifier: string): Uint8Array {
  return wire.TopicIdentifierResponse.encode({ identifier }).finish();
}

/** Reads the getPrivatePreferencesTopicIdentifier response. Throws 'malformed-protobuf'. */
export function decodeTopicIdentifierResponse(bytes: Uint8Array): string {
  return decodeAsProtobuf(wire.TopicIdentifierResponse, 'TopicIdentifierResponse', bytes).identifier;
}

/** Wire bytes of a getV2ConversationHmacKeys request. */
export function encodeHmacKeysRequest(topics: readonly string[]): Uint8Array {
  return wire.HmacKeysRequest.encode({ topics: [...topics] }).finish();
}

/** Reads a getV2ConversationHmacKeys request: the topics. Throws 'malformed-protobuf'. */
export function decodeHmacKeysRequest(bytes: Uint8Array): string[] {
  return decodeAsProtobuf(wire.HmacKeysRequest, 'HmacKeysRequest', bytes).topics;
}

/** Wire bytes of a getV2ConversationHmacKeys response, topics in the order of the map. */
export function encodeHmacKeysResponse(keys: ReadonlyMap<string, readonly HmacKey[]>): Uint8Array {
  const hmacKeys = new Map([...keys].map(([topic, values]) => [topic, { values: values.map((key) => ({ ...key })) }]));
  return wire.HmacKeysResponse.encode({ hmacKeys }).finish();
}

/** Reads a getV2ConversationHmacKeys response. Throws 'malformed-protobuf'. */
export function decodeHmacKeysResponse(bytes: Uint8Array): Map<string, HmacKey[]> {
  const { hmacKeys } = decodeAsProtobuf(wire.HmacKeysResponse, 'HmacKeysResponse', bytes);
  return new Map(
    [...hmacKeys].map(([topic, { values }]) => [
      topic,
      values.map((key) => ({ ...key, hmacKey: key.hmacKey.slice() })),
    ]),
  );
}

/** Wire bytes of stored preferences, in the given order: the response of getPrivatePreferences, the request of savePrivatePreferences. */
export function encodePrivatePreferencesEntries(entries: readonly PrivatePreferencesEntry[]): Uint8Array {
  return wire.PrivatePreferencesEntries.encode({ entries: entries.map((entry) => ({ ...entry })) }).finish();
}

/** Wire bytes of one of them, and of a list of such bytes. */
export function encodePrivatePreferencesEntry(entry: PrivatePreferencesEntry): Uint8Array {
  return wire.PrivatePreferencesEntry.encode({ ...entry }).finish();
}
export function encodeEncodedPreferences(encoded: Iterable<Uint8Array>): Uint8Array {
  return encodeRepeated(encoded);
}

/**
 * Messages under number 1, given as their bytes: looked at twice, so that nothing but the result is held. A list of a safe may have a
 * hundred thousand.
 */
function encodeRepeated(encoded: Iterable<Uint8Array>): Uint8Array {
  let total = 0;
  for (const { length } of encoded) total += 1 + varintLength(length) + length;
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const one of encoded) {
    bytes[at++] = 0x0a;
    let rest = one.length;
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes[at++] = (rest % 128) | 128;
    bytes[at++] = rest;
    bytes.set(one, at);
    at += one.length;
  }
  return bytes;
}

function varintLength(value: number): number {
  return value < 128 ? 1 : 1 + varintLength(Math.floor(value / 128));
}

/** Reads stored preferences. Throws 'malformed-protobuf', 'missing-field' without a key, 'bad-number' when a key is given twice. */
export function decodePrivatePreferencesEntries(bytes: Uint8Array): PrivatePreferencesEntry[] {
  const { entries } = decodeAsProtobuf(wire.PrivatePreferencesEntries, 'PrivatePreferencesEntries', bytes);
  if (entries.some(({ key }) => key === '')) throw new ProtocolError('missing-field', 'key missing');
  if (new Set(entries.map(({ key }) => key)).size !== entries.length)
    throw new ProtocolError('bad-number', 'key given twice');
  return entries.map(({ key, action }) => ({ key, action: action.slice() }));
}

/** Checks a request that has no fields. Throws 'malformed-protobuf'. */
export function checkEmptyRequest(bytes: Uint8Array): void {
  decodeAsProtobuf(wire.Nothing, 'Nothing', bytes);
}

function signerToWire(signer: DigestSigner): wire.SignDigestRequest['signer'] {
  return 'identityKey' in signer
    ? { $case: 'identityKey', value: signer.identityKey }
    : { $case: 'prekeyIndex', value: signer.prekeyIndex };
}

function jobTypeOf(value: number): RefreshJobType {
  if (value === 0 || value === 1 || value === 2 || value === 3) return value;
  throw new ProtocolError('bad-number', 'unknown type of refresh job');
}
