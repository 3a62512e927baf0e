// Requests to publish (protocol c.1, c.2, h): the envelopes in a request, and what kind of thing each topic is for.
// Promises to read what any protobuf encoder writes, and a kind only for topics that a page may write to through somebody else's token.
// Must not decide who may publish what; private-store topics have no kind here, so that no caller can allow them by mistake.
import { ProtocolError } from '../base/errors';
import { decodeAsProtobuf } from '../proto/as-protobuf';
import { Envelope as EnvelopeMessage, Envelopes } from '../proto/gen/message_api';

/** One thing to publish. `timestampNs` counts nanoseconds since 1970; 0 when its sender left it out. */
export interface PublishEnvelope {
  readonly contentTopic: string;
  readonly timestampNs: bigint;
  readonly message: Uint8Array;
}

/** Longest topic a node takes, in bytes of UTF-8 (c.3). */
export const topicBytes = 300;
/** Largest message a node takes, in bytes (c.3). */
export const messageBytes = 1_048_214;

/** How many envelopes a request holds, without reading any of them. Throws 'malformed-protobuf'. */
export function countPublishEnvelopes(request: Uint8Array): number {
  return decodeAsProtobuf(Envelopes, 'Envelopes', request).envelopes.length;
}

/** The envelopes of a PublishRequest, in order. Throws 'malformed-protobuf'; 'bad-length' for what nodes do not take. */
export function decodePublishRequest(request: Uint8Array): PublishEnvelope[] {
  return decodeAsProtobuf(Envelopes, 'Envelopes', request).envelopes.map((bytes) => {
    const { contentTopic, timestampNs, message } = decodeAsProtobuf(EnvelopeMessage, 'Envelope', bytes);
    // A topic with a kind is ASCII, so that its units are its bytes; others are refused for having none.
    if (contentTopic.length > topicBytes) throw new ProtocolError('bad-length', 'topic too long');
    if (message.length > messageBytes) throw new ProtocolError('bad-length', 'message too large');
    return { contentTopic, timestampNs, message };
  });
}

/** Wire bytes of a PublishRequest. */
export function encodePublishRequest(envelopes: readonly PublishEnvelope[]): Uint8Array {
  return Envelopes.encode({ envelopes: envelopes.map((one) => EnvelopeMessage.encode(one).finish()) }).finish();
}

/** What a topic is for. `addresses`: the accounts it names, as it writes them. `name`: what follows the first "-". */
export interface PublishTopic {
  readonly kind: 'message' | 'introduction' | 'invitation' | 'contact' | 'preferences';
  readonly name: string;
  readonly addresses: readonly string[];
}

const address = '0x[0-9a-fA-F]{40}';
const kinds: readonly (readonly [RegExp, PublishTopic['kind']])[] = [
  // An opaque id: derived ones are hex, random ones base64 without "/" (c.1).
  [/^\/xmtp\/0\/mE?-([\x21-\x2e\x30-\x7e]+)\/proto$/, 'message'],
  [new RegExp(`^/xmtp/0/dmE?-((${address})-(${address}))/proto$`), 'message'],
  [new RegExp(`^/xmtp/0/intro-((${address}))/proto$`), 'introduction'],
  [new RegExp(`^/xmtp/0/invite-((${address}))/proto$`), 'invitation'],
  [new RegExp(`^/xmtp/0/contact-((${address}))/proto$`), 'contact'],
  [/^\/xmtp\/0\/userpreferences-([\x21-\x2e\x30-\x7e]+)\/proto$/, 'preferences'],
];

/** What a topic is for; undefined for private stores, group invitations, and everything else. */
export function publishTopicOf(contentTopic: string): PublishTopic | undefined {
  for (const [pattern, kind] of kinds) {
    const match = pattern.exec(contentTopic);
    if (match) return { kind, name: match[1] ?? '', addresses: match.slice(2) };
  }
  return undefined;
}
