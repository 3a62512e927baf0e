// What a page may publish with the vault's token: topic by topic, and on the contact topic nothing but the vault's own bytes.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { publicBundleOf, signedPublicBundleOf, type PrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import { decodeContactBundle, encodeContactBundle } from '../../protocol/keys/contact-bundle';
import { encodePublishRequest, type PublishEnvelope } from '../../protocol/keystore/publish';
import { identityPool } from '../../protocol/testkit/reference.testkit';
import { privatePreferencesIdentifier } from '../../protocol/messages/self-encryption';
import * as topics from '../../protocol/messages/topics';
import { walletAddressOf } from '../../protocol/keys/keys';
import { invitation, save, withOnly } from '../testkit/keystore-requests.testkit';
import { createTestKeystore, type TestKeystore } from '../testkit/keystore.testkit';
import { testStartMs } from '../testkit/memory-host.testkit';
import { publishedAtOnce } from './publish-check';

const [ada, bob] = (await identityPool(2)).map(({ ours }) => ours) as [PrivateKeyBundleV1, PrivateKeyBundleV1];
const [me, peer] = [walletAddressOf(ada.identityKey.publicKey), walletAddressOf(bob.identityKey.publicKey)];
const refusal = expect.objectContaining({ name: 'KeystoreRefusal', keystoreCode: 1 });
const nowNs = BigInt(testStartMs) * 1_000_000n;
const bytes: Uint8Array = new Uint8Array([1, 2, 3]);
const envelope = (contentTopic: string, message = bytes, timestampNs = nowNs): PublishEnvelope => ({
  contentTopic,
  message,
  timestampNs,
});
const check = (keystore: TestKeystore, envelopes: PublishEnvelope[], documentKey = 'document') =>
  keystore.keystore.checkPublish(keystore.safeId, documentKey, encodePublishRequest(envelopes));
const v1 = (bundle: PrivateKeyBundleV1) => encodeContactBundle({ version: 1, bundle: publicBundleOf(bundle) });
const v2 = (bundle: PrivateKeyBundleV1) => encodeContactBundle({ version: 2, bundle: signedPublicBundleOf(bundle) });

describe('what a page may publish', () => {
  const identifier = privatePreferencesIdentifier(ada.identityKey.privateKey);
  const allowed = [
    topics.conversationTopic('a1'),
    topics.ephemeralConversationTopic('a1'),
    topics.directMessageTopic(me, peer),
    topics.ephemeralDirectMessageTopic(me, peer),
    topics.introTopic(me),
    topics.introTopic(peer),
    topics.inviteTopic(me),
    topics.inviteTopic(peer),
    topics.privatePreferencesTopic(identifier),
  ];
  const forbidden = [
    topics.privateStoreTopic(me),
    topics.privateStoreTopic(peer),
    topics.privateStoreTopic(me.toLowerCase()).toLowerCase(),
    topics.contactTopic(peer),
    topics.contactTopic(me).replace(me, me.toLowerCase()),
    topics.privatePreferencesTopic(privatePreferencesIdentifier(bob.identityKey.privateKey)),
    topics.privatePreferencesTopic(''),
    topics.topicOf(`groupInvite-${me}`),
    topics.topicOf('anything'),
    'free',
    '',
  ];

  it('is what messages, invitations and its own preferences are made of, as it is', async () => {
    const keystore = await createTestKeystore(ada);
    const envelopes = allowed.map((topic) => envelope(topic));
    expect(await check(keystore, envelopes)).toEqual(envelopes);
    expect(await check(keystore, [])).toEqual([]);
  });

  it.each(forbidden)('is never %j, and one of it refuses the whole request', async (topic) => {
    const keystore = await createTestKeystore(ada);
    await expect(check(keystore, [envelope(topic)])).rejects.toEqual(refusal);
    await expect(
      check(keystore, [envelope(allowed[0] ?? ''), envelope(topic, v2(ada)), envelope(allowed[0] ?? '')]),
    ).rejects.toEqual(refusal);
  });

  it('R-B3 no topic that a page can write down goes to a private store or to another contact', async () => {
    const keystore = await createTestKeystore(ada);
    const name = fc.oneof(
      fc.string(),
      fc.constantFrom(`privatestore-${me}/key_bundle`, `contact-${peer}`, `contact-${me}`),
    );
    const topic = fc.oneof(
      fc
        .tuple(
          fc.constantFrom('/xmtp/0/', '/xmtp/0/m-', '/xmtp/0/dm-', '', '/xmtp/0//', '/xmtp/0/m-/'),
          name,
          fc.constantFrom('/proto', '', '\n', '/proto/proto'),
        )
        .map((parts) => parts.join('')),
      name,
    );
    await fc.assert(
      fc.asyncProperty(topic, async (one) => {
        const checked = await check(keystore, [envelope(one)]).catch((error: unknown) => error);
        if (!Array.isArray(checked)) expect(checked).toEqual(refusal);
        // What a node judges by: the third segment, up to its first "-" (protocol c.3).
        else expect(['privatestore', 'contact']).not.toContain(one.split('/')[3]?.split('-')[0]);
      }),
      { numRuns: 200 },
    );
  });

  it('is dated by the page, at most ten minutes ahead, or not at all', async () => {
    const keystore = await createTestKeystore(ada);
    const at = async (timestampNs: bigint) =>
      (await check(keystore, [envelope(topics.conversationTopic('a'), bytes, timestampNs)]))[0]?.timestampNs;
    const latest = nowNs + 600_000_000_000n;
    expect([await at(1n), await at(latest), await at(0n)]).toEqual([1n, latest, 0n]);
    await expect(at(latest + 1n)).rejects.toEqual(refusal);
    await expect(at(2n ** 64n - 1n)).rejects.toEqual(refusal);
  });

  it('R-B4 is bounded, and bytes that are no request are refused', async () => {
    const keystore = await createTestKeystore(ada);
    const many = (count: number) => Array.from({ length: count }, () => envelope(topics.conversationTopic('a')));
    expect(await check(keystore, many(publishedAtOnce))).toHaveLength(publishedAtOnce);
    await expect(check(keystore, many(publishedAtOnce + 1))).rejects.toMatchObject({ reason: 'limit' });
    await expect(keystore.keystore.checkPublish(keystore.safeId, 'd', new Uint8Array([10, 5, 1]))).rejects.toEqual(
      refusal,
    );
    await expect(check(keystore, [envelope(topics.conversationTopic('a'.repeat(300)))])).rejects.toEqual(refusal);
  });

  it('R-F3 is nothing while the identity is locked', async () => {
    const keystore = await createTestKeystore(ada);
    await keystore.sessions.lock(keystore.safeId);
    await expect(check(keystore, [envelope(topics.conversationTopic('a'))])).rejects.toMatchObject({
      reason: 'locked',
    });
  });
});

describe('the contact', () => {
  const mine = topics.contactTopic(me);
  const fresh = withOnly(ada, 0);

  it('is ours in either form, and what goes out are the vault’s own bytes', async () => {
    const keystore = await createTestKeystore(fresh);
    expect(await check(keystore, [envelope(mine, v1(fresh)), envelope(mine, v2(fresh))])).toEqual([
      envelope(mine, v1(fresh)),
      envelope(mine, v2(fresh)),
    ]);
    const padded = Uint8Array.from([...v2(fresh), 0x7a, 2, 1, 1]);
    expect(await check(keystore, [envelope(mine, padded)])).toEqual([envelope(mine, v2(fresh))]);
  });

  it('is nobody else’s, not garbage, and not one of our older prekeys', async () => {
    const keystore = await createTestKeystore(ada);
    const resigned = { ...signedPublicBundleOf(ada) };
    const otherSignature = {
      ...resigned,
      preKey: { ...resigned.preKey, signature: signedPublicBundleOf(withOnly(ada, 1)).preKey.signature },
    };
    const strange = [
      v1(bob),
      v2(bob),
      v2(withOnly(ada, 1)),
      v1(withOnly(ada, 2)),
      encodeContactBundle({ version: 2, bundle: otherSignature }),
      bytes,
      new Uint8Array(),
    ];
    for (const message of strange) await expect(check(keystore, [envelope(mine, message)])).rejects.toEqual(refusal);
  });

  it('of a page from before a rotation becomes that of now, so that it puts nothing back', async () => {
    const keystore = await createTestKeystore(fresh);
    const { safeId, rotation } = keystore;
    await check(keystore, [], 'early');
    await rotation.begin(safeId);
    const whole = await keystore.bundle();
    const sent = async (message: Uint8Array, documentKey: string) =>
      (await check(keystore, [envelope(mine, message)], documentKey))[0]?.message;
    expect(await sent(v2(fresh), 'early')).toEqual(v2(fresh));
    await expect(sent(v2(whole), 'early')).rejects.toEqual(refusal);
    await rotation.mark(safeId, 'copied');
    expect([await sent(v1(fresh), 'early'), await sent(v2(fresh), 'late')]).toEqual([v1(whole), v2(whole)]);
    await rotation.complete(safeId);
    expect([await sent(v2(fresh), 'early'), await sent(v2(whole), 'new')]).toEqual([v2(whole), v2(whole)]);
    await expect(sent(v2(fresh), 'new')).rejects.toEqual(refusal);
    expect(decodeContactBundle((await sent(v2(whole), 'early')) ?? bytes).version).toBe(2);
  });
});

describe('R-C2 what a card says of it', () => {
  const facts = (keystore: TestKeystore, envelopes: PublishEnvelope[]) =>
    keystore.keystore.describe(keystore.safeId, 'xmtp_publish', encodePublishRequest(envelopes));

  it('counts what goes where, and knows peers by topics and by conversations', async () => {
    const keystore = await createTestKeystore(ada);
    const invited = invitation(bob, signedPublicBundleOf(ada), 1);
    await save(keystore, [invited]);
    const envelopes = [
      envelope(invited.invitation.topic),
      envelope(topics.directMessageTopic(me, peer)),
      envelope(topics.inviteTopic(me)),
      envelope(topics.inviteTopic(peer)),
      envelope(topics.contactTopic(me), v2(ada)),
    ];
    expect(await facts(keystore, envelopes)).toEqual({
      items: 5,
      sizeBytes: encodePublishRequest(envelopes).length,
      peers: [peer],
      peerCount: 1,
      conversationCount: 2,
      contentTypes: [],
      envelopes: { message: 2, invitation: 2, contact: 1 },
    });
  });

  it('refuses what publishing would refuse by its topic', async () => {
    const keystore = await createTestKeystore(ada);
    await expect(facts(keystore, [envelope(topics.privateStoreTopic(me))])).rejects.toEqual(refusal);
    await expect(
      facts(
        keystore,
        Array.from({ length: 101 }, () => envelope(topics.conversationTopic('a'))),
      ),
    ).rejects.toMatchObject({ reason: 'limit' });
  });
});
