// Publish requests: exact bytes, bounds, and topics that must never have a kind.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  countPublishEnvelopes,
  decodePublishRequest,
  encodePublishRequest,
  messageBytes,
  publishTopicOf,
  topicBytes,
} from './publish';
import {
  contactTopic,
  conversationTopic,
  directMessageTopic,
  ephemeralConversationTopic,
  ephemeralDirectMessageTopic,
  introTopic,
  inviteTopic,
  privatePreferencesTopic,
  privateStoreTopic,
} from '../messages/topics';

const [ada, bob] = ['0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf', '0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF'];
const envelope = fc.record({
  contentTopic: fc.string({ maxLength: 40 }),
  timestampNs: fc.bigInt(0n, 2n ** 64n - 1n),
  message: fc.uint8Array({ maxLength: 80 }),
});
const malformed = expect.objectContaining({ reason: 'malformed-protobuf' });
const tooLong = expect.objectContaining({ reason: 'bad-length' });

describe('publish requests', () => {
  it('R-B5 decode(encode(x)) is x', () => {
    fc.assert(
      fc.property(fc.array(envelope, { maxLength: 8 }), (envelopes) => {
        const bytes = encodePublishRequest(envelopes);
        expect(decodePublishRequest(bytes)).toEqual(envelopes);
        expect(countPublishEnvelopes(bytes)).toBe(envelopes.length);
      }),
    );
  });

  it('has the field numbers of message_api.v1', () => {
    const bytes = encodePublishRequest([{ contentTopic: 'ab', timestampNs: 300n, message: Uint8Array.of(7) }]);
    expect([...bytes]).toEqual([0x0a, 10, 0x0a, 2, 0x61, 0x62, 0x10, 0xac, 0x02, 0x1a, 1, 7]);
  });

  it('R-B5 refuses bytes that are no request, wherever they were cut or changed, and never throws anything else', () => {
    const whole = encodePublishRequest([
      { contentTopic: inviteTopic(ada), timestampNs: 5n, message: new Uint8Array(30) },
    ]);
    expect(() => decodePublishRequest(whole.subarray(0, 20))).toThrow(malformed);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodePublishRequest(bytes);
        } catch (error) {
          expect(error).toMatchObject({ name: 'ProtocolError' });
        }
      }),
    );
  });

  it('refuses what no node takes', () => {
    const one = (contentTopic: string, message: Uint8Array) =>
      encodePublishRequest([{ contentTopic, timestampNs: 1n, message }]);
    expect(decodePublishRequest(one('x'.repeat(topicBytes), new Uint8Array(messageBytes)))).toHaveLength(1);
    expect(() => decodePublishRequest(one('x'.repeat(topicBytes + 1), new Uint8Array()))).toThrow(tooLong);
    expect(() => decodePublishRequest(one('x', new Uint8Array(messageBytes + 1)))).toThrow(tooLong);
  });
});

describe('kinds of topics', () => {
  it.each([
    [conversationTopic('ab+c='), 'message', []],
    [ephemeralConversationTopic('ab'), 'message', []],
    [directMessageTopic(ada, bob), 'message', [bob, ada]],
    [ephemeralDirectMessageTopic(ada, bob), 'message', [bob, ada]],
    [introTopic(ada), 'introduction', [ada]],
    [inviteTopic(ada), 'invitation', [ada]],
    [contactTopic(ada), 'contact', [ada]],
    [privatePreferencesTopic('abc'), 'preferences', []],
  ])('%s is for a %s', (topic, kind, addresses) => {
    expect(publishTopicOf(topic)).toMatchObject({ kind, addresses });
  });

  it.each([
    privateStoreTopic(ada),
    privateStoreTopic(ada, 'other'),
    `/xmtp/0/groupInvite-${ada}/proto`,
    `/xmtp/0/contact-${ada}/key_bundle/proto`,
    `/xmtp/0/m-/proto`,
    `/xmtp/0/m-a/../privatestore-${ada}/key_bundle/proto`,
    `/xmtp/0/m-a/proto\n`,
    ` /xmtp/0/m-a/proto`,
    `/xmtp/0/M-a/proto`,
    `/xmtp/1/m-a/proto`,
    `/xmtp/mls/1/g-a/proto`,
    `/xmtp/0/m-é/proto`,
    '',
  ])('%j has no kind', (topic) => {
    expect(publishTopicOf(topic)).toBeUndefined();
  });

  it('no text with "privatestore" behind the prefix has a kind', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        expect(publishTopicOf(`/xmtp/0/privatestore-${before}/${after}/proto`)).toBeUndefined();
      }),
    );
  });
});
