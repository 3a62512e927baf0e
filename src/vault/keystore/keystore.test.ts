// The keystore over the real safe: history of every prekey, roles from headers, order, codes and locks.
import { describe, expect, it, vi } from 'vitest';
import { limits } from '../../contract/limits';
import type { KeystoreMethod } from '../../contract/dapp/methods';
import {
  decodePrivateKeyBundle,
  publicBundleOf,
  signedPublicBundleOf,
  type PrivateKeyBundleV1,
} from '../../protocol/keys/bundles';
import { bytesToHex } from '../../protocol/base/bytes';
import { encodeConversationReference } from '../../protocol/messages/conversation';
import { decodeSealedInvitation, openInvitation } from '../../protocol/messages/invitation';
import {
  decodeConversations,
  decodeCreateInviteResponse,
  decodeHmacKeysResponse,
  encodeConversations,
  encodeCreateInviteRequest,
  encodeHmacKeysRequest,
} from '../../protocol/keystore/calls';
import {
  decodeDecryptResponse,
  encodeDecryptV2Request,
  encodeSelfEncryptRequest,
} from '../../protocol/keystore/messages';
import { decodeSignedContent, decryptV2, verifySignedContent } from '../../protocol/messages/message-v2';
import { identityPool } from '../../protocol/testkit/reference.testkit';
import { walletAddressOf } from '../../protocol/keys/keys';
import {
  headerV2,
  invitation,
  invitationWith,
  messageV1,
  random,
  readV1,
  readV2,
  save,
  text,
  timeNs,
  told,
  withOnly,
  writeV2,
} from '../testkit/keystore-requests.testkit';
import { createTestKeystore, type TestKeystore } from '../testkit/keystore.testkit';

const [ada, bob, cem] = (await identityPool(3)).map(({ ours }) => ours) as [
  PrivateKeyBundleV1,
  PrivateKeyBundleV1,
  PrivateKeyBundleV1,
];
const address = (bundle: PrivateKeyBundleV1) => walletAddressOf(bundle.identityKey.publicKey);
const signed = signedPublicBundleOf;
const refusal = (keystoreCode: number) => expect.objectContaining({ name: 'KeystoreRefusal', keystoreCode });
const list = async (keystore: TestKeystore) => decodeConversations(await keystore.run('xmtp_getV2Conversations'));

describe('a bundle with three prekeys', () => {
  it('opens invitations to and from each of them, with the other side as the peer', async () => {
    const keystore = await createTestKeystore(ada);
    const sent = [0, 1, 2].flatMap((at) => [
      invitation(bob, signed(withOnly(ada, at)), at, { conversationId: `to ${at}`, metadata: new Map() }),
      invitation(withOnly(ada, at), signed(cem), 10 + at, {
        conversationId: `from ${at}`,
        metadata: new Map([['a', 'b']]),
      }),
    ]);
    const outcomes = await save(keystore, sent);
    expect(outcomes.map((one) => (told(one) as { peerAddress: string }).peerAddress)).toEqual(
      [0, 1, 2].flatMap(() => [address(bob), address(cem)]),
    );
    const listed = await list(keystore);
    expect(listed.map(({ createdNs }) => createdNs)).toEqual([0, 1, 2, 10, 11, 12].map(timeNs));
    expect(listed.map(({ context }) => context?.conversationId)).toEqual([
      'to 0',
      'to 1',
      'to 2',
      'from 0',
      'from 1',
      'from 2',
    ]);
    expect(listed[3]?.context?.metadata).toEqual(new Map([['a', 'b']]));
  });

  it('opens V1 messages to and from each of them, whatever the caller claims', async () => {
    const keystore = await createTestKeystore(ada);
    const messages = [0, 1, 2].flatMap((at) => [
      messageV1(bob, withOnly(ada, at), text(`to ${at}`), at),
      messageV1(withOnly(ada, at), bob, text(`from ${at}`), at),
    ]);
    for (const isSender of [true, false]) {
      for (const claimed of [publicBundleOf(bob), publicBundleOf(cem), publicBundleOf(ada)]) {
        const items = messages.map(({ headerBytes, payload }) => ({
          headerBytes,
          payload,
          peerKeys: claimed,
          isSender,
        }));
        const wanted = [0, 1, 2].flatMap((at) => [text(`to ${at}`), text(`from ${at}`)]);
        expect((await readV1(keystore, items)).map(told)).toEqual(wanted);
      }
    }
  });

  it('opens messages to itself, and refuses those between others and those to a prekey it never had', async () => {
    const keystore = await createTestKeystore(withOnly(ada, 0));
    const cases = [
      messageV1(withOnly(ada, 0), withOnly(ada, 0), text('note')),
      messageV1(bob, cem, text('theirs')),
      messageV1(bob, withOnly(ada, 1), text('lost')),
    ];
    const items = cases.map(({ headerBytes, payload, sender }) => ({
      headerBytes,
      payload,
      peerKeys: sender,
      isSender: false,
    }));
    expect((await readV1(keystore, items)).map(told)).toEqual([text('note'), 'refused 0', 'refused 2']);
  });

  it('uses the known conversation with a peer again, though the prekey has changed since', async () => {
    const keystore = await createTestKeystore(ada);
    const old = invitation(withOnly(ada, 2), signed(bob), 1, { conversationId: 'x', metadata: new Map([['k', 'v']]) });
    await save(keystore, [old]);
    const ask = async (conversationId: string | undefined) => {
      const context =
        conversationId === undefined ? {} : { context: { conversationId, metadata: new Map<string, string>() } };
      return decodeCreateInviteResponse(
        await keystore.run(
          'xmtp_createInvite',
          encodeCreateInviteRequest({ recipient: signed(bob), createdNs: timeNs(9), ...context }),
        ),
      );
    };
    const again = await ask('x');
    expect(again.conversation).toEqual({
      topic: old.invitation.topic,
      peerAddress: address(bob),
      createdNs: timeNs(1),
      context: old.invitation.context,
    });
    const opened = openInvitation(bob, decodeSealedInvitation(again.payload), timeNs(9));
    expect([opened.invitation.topic, opened.invitation.keyMaterial]).toEqual([
      old.invitation.topic,
      old.invitation.keyMaterial,
    ]);
    const other = await ask(undefined);
    expect(other.conversation.topic).not.toBe(old.invitation.topic);
    // No context and an empty conversation id are one conversation.
    expect((await ask('')).conversation).toEqual(other.conversation);
    expect(await list(keystore)).toHaveLength(2);
  });
});

describe('invitations', () => {
  it('the first for a topic wins; a later one succeeds and changes nothing', async () => {
    const keystore = await createTestKeystore(ada);
    const topic = '/xmtp/0/m-one/proto';
    const [first, second] = [1, 2].map((n) =>
      invitationWith(n === 1 ? bob : cem, signed(ada), n, { topic, keyMaterial: random(32) }),
    );
    if (!first || !second) throw new Error('two expected');
    expect((await save(keystore, [first])).map(told)).toMatchObject([{ peerAddress: address(bob) }]);
    expect((await save(keystore, [second])).map(told)).toMatchObject([{ peerAddress: address(cem), topic }]);
    expect(await list(keystore)).toMatchObject([{ peerAddress: address(bob) }]);
    const headerBytes = headerV2(topic);
    const [written] = await writeV2(keystore, [
      { headerBytes, contentTopic: topic, content: { payload: text('hi'), sender: signed(ada) } },
    ]);
    const { encrypted } = told(written) as { encrypted: never };
    expect(
      decodeSignedContent(decryptV2(first.invitation.keyMaterial, { headerBytes, ciphertext: encrypted })).payload,
    ).toEqual(text('hi'));
  });

  it('of one batch too, and a bad item spoils no other', async () => {
    const keystore = await createTestKeystore(ada);
    const good = invitation(bob, signed(ada), 1);
    const late = { ...good, item: { ...good.item, timestampNs: good.item.timestampNs + 1n } };
    const cut = { ...good, item: { ...good.item, payload: good.item.payload.slice(0, -1) } };
    const flipped = {
      ...good,
      item: {
        ...good.item,
        payload: good.item.payload.map((byte, at) => (at === good.item.payload.length - 1 ? byte ^ 1 : byte)),
      },
    };
    const foreign = invitation(bob, signed(cem), 2);
    const outcomes = await save(keystore, [late, good, cut, flipped, foreign, good]);
    expect(outcomes.map((one) => ('refusal' in one ? one.refusal.code : 'saved'))).toEqual([
      1,
      'saved',
      1,
      1,
      1,
      'saved',
    ]);
    expect(await list(keystore)).toHaveLength(1);
  });

  it('refuses a recipient whose prekey is not signed by its identity key, with code 1', async () => {
    const keystore = await createTestKeystore(ada);
    const recipient = { identityKey: signed(bob).identityKey, preKey: signed(cem).preKey };
    await expect(
      keystore.run('xmtp_createInvite', encodeCreateInviteRequest({ recipient, createdNs: 1n })),
    ).rejects.toEqual(refusal(1));
    expect(await list(keystore)).toEqual([]);
  });

  it('P1 no topic key is in any answer about conversations', async () => {
    const keystore = await createTestKeystore(ada);
    const sent = invitation(bob, signed(ada), 1);
    const answers = [
      await keystore.run(
        'xmtp_createInvite',
        encodeCreateInviteRequest({ recipient: signed(cem), createdNs: timeNs(2) }),
      ),
      encodeConversations((await save(keystore, [sent])).map((one) => told(one) as never)),
      await keystore.run('xmtp_getV2Conversations'),
    ];
    const topics = (await list(keystore)).map(({ topic }) => topic);
    const stored = await keystore.conversations.find(keystore.safeId, topics);
    expect(stored).toHaveLength(2);
    for (const conversation of stored) {
      const secret = bytesToHex(conversation?.topicSecret ?? new Uint8Array());
      expect(secret).toHaveLength(64);
      for (const answer of answers) expect(bytesToHex(answer)).not.toContain(secret);
    }
  });
});

describe('V2 messages', () => {
  it('open in any order, with a code for what is missing, unknown or damaged', async () => {
    const keystore = await createTestKeystore(ada);
    const sent = invitation(bob, signed(ada), 1);
    await save(keystore, [sent]);
    const { topic } = sent.invitation;
    const headerBytes = headerV2(topic);
    const [one] = await writeV2(keystore, [
      { headerBytes, contentTopic: topic, content: { payload: text('a'), sender: signed(ada) } },
    ]);
    const { encrypted: payload } = told(one) as { encrypted: Parameters<typeof readV2>[1][0]['payload'] };
    const damaged = { ...payload, payload: payload.payload.map((byte, at) => (at === 0 ? byte ^ 1 : byte)) };
    const outcomes = await readV2(keystore, [
      { headerBytes, payload: damaged, contentTopic: topic },
      { headerBytes, payload, contentTopic: topic },
      { headerBytes, payload, contentTopic: '/xmtp/0/m-unknown/proto' },
      { headerBytes: headerV2(topic, 1), payload, contentTopic: topic },
      { headerBytes: new Uint8Array(), payload, contentTopic: topic },
    ]);
    const content = decodeSignedContent(told(outcomes[1]) as Uint8Array);
    expect(verifySignedContent(content, headerBytes)).toBe(address(ada));
    expect(outcomes.map(told).filter((_one, at) => at !== 1)).toEqual([
      'refused 0',
      'refused 2',
      'refused 0',
      'refused 1',
    ]);
  });

  it('a batch has at most 1,000 items, and none of more is looked at', async () => {
    const keystore = await createTestKeystore(ada);
    const item = {
      headerBytes: new Uint8Array(1),
      contentTopic: 'x',
      payload: { hkdfSalt: new Uint8Array(32), gcmNonce: new Uint8Array(12), payload: new Uint8Array(16) },
    };
    const full = encodeDecryptV2Request(Array.from({ length: limits.batchItems }, () => item));
    expect(decodeDecryptResponse(await keystore.run('xmtp_decryptV2', full))).toHaveLength(1000);
    const over = encodeDecryptV2Request(Array.from({ length: limits.batchItems + 1 }, () => item));
    await expect(keystore.run('xmtp_decryptV2', over)).rejects.toMatchObject({ reason: 'limit' });
    await expect(keystore.keystore.describe(keystore.safeId, 'xmtp_decryptV2', over)).rejects.toMatchObject({
      reason: 'limit',
    });
  });

  it('R-B2 HMAC keys are given for the topics that were asked for and no others', async () => {
    const keystore = await createTestKeystore(ada);
    const sent = [1, 2, 3].map((n) =>
      invitationWith(bob, signed(ada), n, { topic: `/xmtp/0/m-${n}/proto`, keyMaterial: random(32) }),
    );
    await save(keystore, sent);
    const ask = async (topics: string[]) =>
      decodeHmacKeysResponse(await keystore.run('xmtp_getV2ConversationHmacKeys', encodeHmacKeysRequest(topics)));
    expect([...(await ask([])).keys()]).toEqual([]);
    expect([...(await ask(['/xmtp/0/m-2/proto', '/xmtp/0/m-9/proto'])).keys()]).toEqual(['/xmtp/0/m-2/proto']);
    const periods = (await ask(['/xmtp/0/m-1/proto']))
      .get('/xmtp/0/m-1/proto')
      ?.map((key) => key.thirtyDayPeriodsSinceEpoch);
    const current = Math.floor(keystore.clock.nowMs / 2_592_000_000);
    expect(periods).toEqual([current - 1, current, current + 1]);
  });
});

describe('locks', () => {
  const requests: [KeystoreMethod, Uint8Array][] = [
    ['xmtp_createAuthToken', new Uint8Array()],
    ['xmtp_getV2Conversations', new Uint8Array()],
    ['xmtp_getPrivatePreferencesTopicIdentifier', new Uint8Array()],
    ['xmtp_createInvite', encodeCreateInviteRequest({ recipient: signed(bob), createdNs: timeNs(1) })],
    ['xmtp_selfEncrypt', encodeSelfEncryptRequest([random(3)])],
  ];

  it('P2 a locked safe answers nothing, also with everything in memory', async () => {
    const keystore = await createTestKeystore(ada);
    for (const [method, request] of requests) await keystore.run(method, request);
    await keystore.sessions.lock(keystore.safeId);
    for (const [method, request] of requests)
      await expect(keystore.run(method, request)).rejects.toMatchObject({ reason: 'locked' });
    await expect(
      keystore.keystore.describe(keystore.safeId, 'xmtp_getV2Conversations', new Uint8Array()),
    ).rejects.toMatchObject({ reason: 'locked' });
  });

  it('R-F5 a deadline that has passed locks before any key in memory is used', async () => {
    const keystore = await createTestKeystore(ada);
    for (const [method, request] of requests) await keystore.run(method, request);
    keystore.clock.nowMs += 15 * 60_000 + 1;
    for (const [method, request] of requests)
      await expect(keystore.run(method, request)).rejects.toMatchObject({ reason: 'locked' });
    expect(keystore.memories.sizeOf(keystore.safeId)).toBe(0);
  });

  it('R-F3 memory is empty once a lock has begun, and does not come back with the next session', async () => {
    const keystore = await createTestKeystore(ada);
    const sent = invitation(bob, signed(ada), 1);
    await save(keystore, [sent]);
    const message = messageV1(bob, ada, text('hi'));
    await readV1(keystore, [{ ...message, peerKeys: message.sender, isSender: false }]);
    expect(keystore.memories.sizeOf(keystore.safeId)).toBeGreaterThan(2);
    const held = keystore.memories.of(
      keystore.safeId,
      keystore.open.lockCount(keystore.safeId),
      keystore.safes.copyOf(keystore.safeId).header.counter,
    );
    expect([held.own?.account, held.conversations.size, held.pairs.size]).toEqual([address(ada), 1, 1]);
    const locking = keystore.sessions.lock(keystore.safeId);
    expect(keystore.memories.sizeOf(keystore.safeId)).toBe(0);
    expect([held.own, held.self, held.conversations.size, held.pairs.size, held.addresses.size]).toEqual([
      undefined,
      undefined,
      0,
      0,
      0,
    ]);
    await locking;
    await keystore.unlock();
    expect(await list(keystore)).toHaveLength(1);
    expect(keystore.memories.sizeOf(keystore.safeId)).toBe(0);
  });

  it('R-F3 a lock at any await of any call gives no answer out', async () => {
    for (const [method, request] of requests) {
      for (const name of ['decrypt', 'deriveKey', 'encrypt', 'sign', 'importKey'] as const) {
        const keystore = await createTestKeystore(ada);
        const original = crypto.subtle[name].bind(crypto.subtle) as (...input: unknown[]) => Promise<never>;
        let hits = 0;
        const spy = vi.spyOn(crypto.subtle, name).mockImplementation((async (...input: unknown[]) => {
          const result = await original(...input);
          if (hits++ === 0) await keystore.sessions.lock(keystore.safeId);
          return result;
        }) as never);
        const outcome = await keystore.run(method, request).then(
          () => 'answered',
          (error: unknown) => (error as { reason?: string }).reason,
        );
        spy.mockRestore();
        expect([method, name, outcome]).toEqual([method, name, hits > 0 ? 'locked' : 'answered']);
      }
    }
  });
});

describe('P1 key bytes', () => {
  it('no private key, shared secret or topic key is in any answer of any method', async () => {
    const keystore = await createTestKeystore(ada);
    const answers: Uint8Array[] = [];
    const run = async (...input: Parameters<typeof keystore.run>) => {
      const answer = await keystore.run(...input);
      answers.push(answer);
      return answer;
    };
    await run('xmtp_createAuthToken');
    const invited = decodeCreateInviteResponse(
      await run('xmtp_createInvite', encodeCreateInviteRequest({ recipient: signed(bob), createdNs: timeNs(1) })),
    );
    await run('xmtp_getV2Conversations');
    await run('xmtp_selfEncrypt', encodeSelfEncryptRequest([random(9)]));
    await run('xmtp_getPrivatePreferencesTopicIdentifier');
    const { topic } = invited.conversation;
    const [stored] = await keystore.conversations.find(keystore.safeId, [topic]);
    const secrets = [
      ada.identityKey.privateKey,
      ...ada.preKeys.map((key) => key.privateKey),
      stored?.topicSecret ?? new Uint8Array(),
    ];
    for (const secret of secrets) {
      expect(secret).toHaveLength(32);
      for (const answer of answers) expect(bytesToHex(answer)).not.toContain(bytesToHex(secret));
    }
    expect(() => decodePrivateKeyBundle(answers[0] ?? new Uint8Array())).toThrow();
    expect(encodeConversationReference(invited.conversation)).not.toHaveLength(0);
  });
});
