// What a card says of messages from inside: what is written, which conversation, and from when to when.
import { describe, expect, it } from 'vitest';
import { publicBundleOf, signedPublicBundleOf, type PrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import {
  encodeDecryptV1Request,
  encodeDecryptV2Request,
  encodeEncryptV1Request,
  encodeEncryptV2Request,
} from '../../protocol/keystore/messages';
import { encodeMessageHeaderV2, encodeSignedContent } from '../../protocol/messages/message-v2';
import { identityPool } from '../../protocol/testkit/reference.testkit';
import {
  headerV2,
  invitation,
  messageV1,
  random,
  save,
  text,
  timeMs,
  timeNs,
} from '../testkit/keystore-requests.testkit';
import { createTestKeystore } from '../testkit/keystore.testkit';

const [ada, bob] = (await identityPool(2)).map(({ ours }) => ours) as [PrivateKeyBundleV1, PrivateKeyBundleV1];
const keystore = await createTestKeystore(ada);

describe('a card of messages', () => {
  const sent = invitation(bob, signedPublicBundleOf(ada), 7, {
    conversationId: `chat.example/${'c'.repeat(300)}`,
    metadata: new Map(),
  });

  it('shows what is written in both versions, strange items among the others', async () => {
    await save(keystore, [sent]);
    const { topic } = sent.invitation;
    const payload = encodeSignedContent({ payload: text('hi'), sender: signedPublicBundleOf(ada) });
    const v2 = encodeEncryptV2Request(
      [payload, random(12)].map((one) => ({ headerBytes: headerV2(topic), contentTopic: topic, payload: one })),
    );
    const facts = await keystore.keystore.describe(keystore.safeId, 'xmtp_encryptV2', v2);
    expect(facts.written).toEqual({
      items: [
        { contentType: 'xmtp.org/text', sizeBytes: 2, text: 'hi' },
        { contentType: null, sizeBytes: 12 },
      ],
      more: 0,
    });
    const { headerBytes } = messageV1(ada, bob, text('a'));
    const v1 = encodeEncryptV1Request([{ recipient: publicBundleOf(bob), payload: text('ho'), headerBytes }]);
    expect((await keystore.keystore.describe(keystore.safeId, 'xmtp_encryptV1', v1)).written).toMatchObject({
      items: [{ text: 'ho' }],
    });
  });

  it('names the one conversation that is known, with no more of its name than a card holds', async () => {
    await save(keystore, [sent]);
    const of = (...topics: string[]) => {
      const items = topics.map((contentTopic) => ({
        headerBytes: headerV2(contentTopic, 3),
        contentTopic,
        payload: { hkdfSalt: new Uint8Array(32), gcmNonce: new Uint8Array(12), payload: new Uint8Array(16) },
      }));
      return keystore.keystore.describe(keystore.safeId, 'xmtp_decryptV2', encodeDecryptV2Request(items));
    };
    const { topic } = sent.invitation;
    expect((await of(topic)).conversation).toEqual({
      id: `chat.example/${'c'.repeat(187)}`,
      createdAtMs: Number(timeMs(7)),
    });
    expect(await of(topic, 'another')).not.toHaveProperty('conversation');
    expect(await of('unknown')).not.toHaveProperty('conversation');
  });

  it('says from when to when messages are dated, by their headers, and leaves out what is no date', async () => {
    const messages = [5, 2, 9].map((n) => messageV1(bob, ada, text('a'), n));
    const v1 = encodeDecryptV1Request(messages.map((one) => ({ ...one, peerKeys: one.sender, isSender: false })));
    const { dates } = await keystore.keystore.describe(keystore.safeId, 'xmtp_decryptV1', v1);
    expect(dates).toEqual({ firstMs: Number(timeMs(2)), lastMs: Number(timeMs(9)) });
    const sealed = { hkdfSalt: new Uint8Array(32), gcmNonce: new Uint8Array(12), payload: new Uint8Array(16) };
    const v2 = (...headers: Uint8Array[]) =>
      keystore.keystore.describe(
        keystore.safeId,
        'xmtp_decryptV2',
        encodeDecryptV2Request(headers.map((headerBytes) => ({ headerBytes, contentTopic: 'x', payload: sealed }))),
      );
    const at = (createdNs: bigint) => encodeMessageHeaderV2({ createdNs, topic: 'x' });
    expect((await v2(at(timeNs(4)), at(0n), random(9), at(timeNs(6)))).dates).toEqual({
      firstMs: Number(timeMs(4)),
      lastMs: Number(timeMs(6)),
    });
    expect(await v2(at(0n))).not.toHaveProperty('dates');
    // A time that no calendar has.
    const never = messageV1(bob, ada, text('a'), 1e16);
    const request = encodeDecryptV1Request([{ ...never, peerKeys: never.sender, isSender: false }]);
    expect(await keystore.keystore.describe(keystore.safeId, 'xmtp_decryptV1', request)).not.toHaveProperty('dates');
  });
});
