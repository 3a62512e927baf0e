// What a keystore tells an app about a conversation: topic, peer, time, context and consent proof (protocol 0.1, e.4, g.1).
// Promises the wire form and nothing of a key: key material never is part of a reference.
// Must not decide whether two conversations are the same; apps compare peer and conversation id themselves (e.4).
import { checksumAddress } from '../base/address';
import * as wire from '../proto/gen/conversations';
import { decodeStrictly } from '../proto/strict';
import { directMessageTopic } from './topics';

/** What an app attached to a conversation. No context and an empty one are different things (e.4). */
export interface InvitationContext {
  readonly conversationId: string;
  readonly metadata: ReadonlyMap<string, string>;
}

/** A consent proof as it travels in invitations; see consent-proof.ts for its meaning. */
export interface ConsentProof {
  /** `0x` and hex, as the wallet returned it */
  readonly signature: string;
  readonly timestampMs: bigint;
  /** 1; 0 and others may be read and are kept */
  readonly payloadVersion: number;
}

/** One conversation, V1 or V2. `createdNs` counts nanoseconds since 1970. */
export interface ConversationReference {
  readonly topic: string;
  readonly peerAddress: string;
  readonly createdNs: bigint;
  readonly context?: InvitationContext;
  readonly consentProof?: ConsentProof;
}

/** Wire bytes of a ConversationReference. */
export function encodeConversationReference(conversation: ConversationReference): Uint8Array {
  return wire.ConversationReference.encode(conversationToWire(conversation)).finish();
}

/** Reads a ConversationReference. Throws 'malformed-protobuf'. */
export function decodeConversationReference(bytes: Uint8Array): ConversationReference {
  return conversationFromWire(decodeStrictly(wire.ConversationReference, 'ConversationReference', bytes));
}

/**
 * The V1 conversation an app asks to be kept: its topic follows from the two addresses, whatever the app wrote there;
 * everything else stays as given, also the spelling of the address (g.2). Throws 'bad-address'.
 */
export function v1ConversationOf(given: ConversationReference, myAddress: string): ConversationReference {
  return { ...given, topic: directMessageTopic(checksumAddress(myAddress), given.peerAddress) };
}

/** For the codecs of other messages only. */
export function conversationToWire(conversation: ConversationReference): wire.ConversationReference {
  return {
    topic: conversation.topic,
    peerAddress: conversation.peerAddress,
    createdNs: conversation.createdNs,
    context: conversation.context && contextToWire(conversation.context),
    consentProofPayload: conversation.consentProof && consentProofToWire(conversation.consentProof),
  };
}

/** For the codecs of other messages only. */
export function conversationFromWire(message: wire.ConversationReference): ConversationReference {
  const { topic, peerAddress, createdNs, context, consentProofPayload } = message;
  return {
    topic,
    peerAddress,
    createdNs,
    ...(context && { context: contextFromWire(context) }),
    ...(consentProofPayload && { consentProof: consentProofFromWire(consentProofPayload) }),
  };
}

/** For the codecs of other messages only. */
export function contextToWire(context: InvitationContext): wire.InvitationContext {
  return { conversationId: context.conversationId, metadata: new Map(context.metadata) };
}

/** For the codecs of other messages only. */
export function contextFromWire(message: wire.InvitationContext): InvitationContext {
  return { conversationId: message.conversationId, metadata: message.metadata };
}

/** For the codecs of other messages only. */
export function consentProofToWire(proof: ConsentProof): wire.ConsentProofPayload {
  return { signature: proof.signature, timestamp: proof.timestampMs, payloadVersion: proof.payloadVersion };
}

/** For the codecs of other messages only. */
export function consentProofFromWire(message: wire.ConsentProofPayload): ConsentProof {
  return { signature: message.signature, timestampMs: message.timestamp, payloadVersion: message.payloadVersion };
}
