// What a call may touch: laws over random grants and random requests, with a model that knows whose each conversation is.
// Promises: real keys, messages and stores; what a test expects is told by how the conversations were made, never by the code under test.
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Scope } from '../../contract/scopes';
import { publicBundleOf, signedPublicBundleOf, type PrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import { walletAddressOf } from '../../protocol/keys/keys';
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
  decodeEncryptResponse,
  decodeSaveInvitesResponse,
  encodeDecryptV1Request,
  encodeDecryptV2Request,
  encodeEncryptV1Request,
  encodeEncryptV2Request,
  encodeSaveInvitesRequest,
} from '../../protocol/keystore/messages';
import { encodePublishRequest } from '../../protocol/keystore/publish';
import { encodeMessageHeaderV1 } from '../../protocol/messages/message-v1';
import { encodeSignedContent } from '../../protocol/messages/message-v2';
import { contactTopic, directMessageTopic, introTopic, inviteTopic } from '../../protocol/messages/topics';
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
  told,
} from '../testkit/keystore-requests.testkit';
import { createTestKeystore, type TestKeystore } from '../testkit/keystore.testkit';
import { lawOf } from '../../../scripts/campaign/size';

const [ada, ...others] = (await identityPool(4)).map(({ ours }) => ours) as [
  PrivateKeyBundleV1,
  ...PrivateKeyBundleV1[],
];
const address = (bundle: PrivateKeyBundleV1) => walletAddressOf(bundle.identityKey.publicKey);
const signed = signedPublicBundleOf;
const origin = 'https://app.example';
const elsewhere = 'https://other.example';
type Within = (readonly Scope[])[];

/** A conversation as it was made. */
interface Made {
  version: 1 | 2;
  topic: string;
  peer: string;
  /** Whether the site began it, or its id begins with the site's host. */
  isOfSite: boolean;
}

interface World {
  keystore: TestKeystore;
  made: Made[];
  invites: { item: { contentTopic: string; timestampNs: bigint; payload: Uint8Array }; of: Made }[];
}

/** Ids, and whether they are of the site: only its own host, at the very beginning and to its end. */
const ids: readonly (readonly [id: string | undefined, isOfSite: boolean])[] = [
  ['app.example/dm', true],
  ['app.example', true],
  ['app.example.evil/dm', false],
  ['other.example/app.example/dm', false],
  ['app.exampl/dm', false],
  ['', false],
  [undefined, false],
];

const call = (
  keystore: TestKeystore,
  within: Within,
  method: Parameters<TestKeystore['run']>[0],
  request: Uint8Array,
) =>
  keystore.keystore.run(keystore.safeId, method, request, {
    documentKey: 'D1',
    origin,
    nowMs: keystore.clock.nowMs,
    within,
  });

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done' as const,
    (error: { keystoreCode?: number }) => error.keystoreCode,
  );

async function makeWorld(): Promise<World> {
  const keystore = await createTestKeystore(ada);
  const made: Made[] = [];
  const sent = others.flatMap((peer, p) =>
    ids.map(([id, isOfSite], at) => {
      const context = id === undefined ? undefined : { conversationId: id, metadata: new Map<string, string>() };
      const one = invitation(peer, signed(ada), 10 * p + at, context);
      const of: Made = { version: 2, topic: one.invitation.topic, peer: address(peer), isOfSite };
      return { ...one, of };
    }),
  );
  // An empty id and none are one conversation: the topic is the same.
  await save(keystore, sent);
  for (const { of } of sent) if (!made.some(({ topic }) => topic === of.topic)) made.push(of);
  // Begun by the site, with ids that say nothing of it, and by another site.
  for (const [from, isOfSite] of [
    [origin, true],
    [elsewhere, false],
  ] as const) {
    const context = { conversationId: `made by ${new URL(from).host}`, metadata: new Map<string, string>() };
    const request = encodeCreateInviteRequest({ recipient: signed(others[0]!), createdNs: timeNs(500), context });
    const response = decodeCreateInviteResponse(
      await keystore.keystore.run(keystore.safeId, 'xmtp_createInvite', request, {
        documentKey: from,
        origin: from,
        nowMs: keystore.clock.nowMs,
        within: [],
      }),
    );
    made.push({ version: 2, topic: response.conversation.topic, peer: address(others[0]!), isOfSite });
  }
  for (const peer of others) {
    const topic = directMessageTopic(address(ada), address(peer));
    made.push({ version: 1, topic, peer: address(peer), isOfSite: false });
  }
  const peers = others.map((peer) => ({ topic: '', peerAddress: address(peer), createdNs: 1n }));
  await keystore.run('xmtp_saveV1Conversations', encodeConversations(peers));
  return { keystore, made, invites: sent };
}

let world: World;
beforeAll(async () => {
  world = await makeWorld();
});

/** The model: whether a conversation is in a scope. */
const isIn = (one: Made, scope: Scope): boolean => {
  switch (scope.of) {
    case 'all':
      return true;
    case 'site':
      return one.isOfSite;
    case 'peers':
      return scope.peers.includes(one.peer);
    case 'conversations':
      return scope.topics.includes(one.topic);
  }
};
const isReached = (one: Made, within: Within) => within.every((group) => group.some((scope) => isIn(one, scope)));

const anyPart = fc.oneof(
  fc.constantFrom<Scope>({ of: 'all' }, { of: 'site' }),
  fc.subarray(others.map(address), { minLength: 1 }).map((peers): Scope => ({ of: 'peers', peers })),
  fc.uniqueArray(fc.nat({ max: 40 }), { minLength: 1, maxLength: 6 }).map((picks): Scope => ({
    of: 'conversations',
    topics: picks.map((at) => world.made[at % world.made.length]!.topic),
  })),
);
const anyWithin: fc.Arbitrary<Within> = fc.array(fc.array(anyPart, { minLength: 1, maxLength: 2 }), {
  minLength: 1,
  maxLength: 2,
});
const picks = fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 12 });
const pick = (list: readonly Made[], numbers: readonly number[]) => numbers.map((at) => list[at % list.length]!);
const runs = lawOf('scopes', 'grants');

describe('P2 nothing outside the grant is ever answered', () => {
  const ofV = (version: 1 | 2) => world.made.filter((one) => one.version === version);
  const bundleOf = (peer: string) => others.find((one) => address(one) === peer)!;

  it('P2 law: messages of V2 are opened and sealed exactly where the grant reaches, item by item', async () => {
    const seal = encodeSignedContent({ payload: text('hello'), sender: signed(ada) });
    await fc.assert(
      fc.asyncProperty(anyWithin, picks, async (within, numbers) => {
        const chosen = pick(ofV(2), numbers);
        const items = chosen.map(({ topic }) => ({ headerBytes: headerV2(topic), payload: seal, contentTopic: topic }));
        const sealed = decodeEncryptResponse(
          await call(world.keystore, within, 'xmtp_encryptV2', encodeEncryptV2Request(items)),
        );
        expect(sealed.map((one) => ('refusal' in one ? one.refusal.code : 'sealed'))).toEqual(
          chosen.map((one) => (isReached(one, within) ? 'sealed' : 3)),
        );
        const whole = decodeEncryptResponse(
          await call(world.keystore, [], 'xmtp_encryptV2', encodeEncryptV2Request(items)),
        );
        const toOpen = whole.map((one, at) => {
          if ('refusal' in one) throw new Error('refused by nothing');
          return {
            headerBytes: items[at]!.headerBytes,
            payload: one.result.encrypted,
            contentTopic: chosen[at]!.topic,
          };
        });
        const opened = decodeDecryptResponse(
          await call(world.keystore, within, 'xmtp_decryptV2', encodeDecryptV2Request(toOpen)),
        );
        expect(opened.map((one) => ('refusal' in one ? one.refusal.code : 'opened'))).toEqual(
          chosen.map((one) => (isReached(one, within) ? 'opened' : 3)),
        );
      }),
      runs,
    );
  });

  it('P2 law: a message under the header of another conversation is opened nowhere that the grant is bounded, though both have one key', async () => {
    const seal = encodeSignedContent({ payload: text('hello'), sender: signed(ada) });
    await fc.assert(
      fc.asyncProperty(anyWithin, picks, fc.nat(), async (within, numbers, shift) => {
        const named = pick(ofV(2), numbers);
        const really = named.map(({ peer }, at) => {
          const same = ofV(2).filter((one) => one.peer === peer);
          return same[(at + shift) % same.length]!;
        });
        const items = really.map(({ topic }) => ({ headerBytes: headerV2(topic), payload: seal, contentTopic: topic }));
        const sealed = decodeEncryptResponse(
          await call(world.keystore, [], 'xmtp_encryptV2', encodeEncryptV2Request(items)),
        );
        const toOpen = sealed.map((one, at) => {
          if ('refusal' in one) throw new Error('refused by nothing');
          const { headerBytes } = items[at]!;
          return { headerBytes, payload: one.result.encrypted, contentTopic: named[at]!.topic };
        });
        const request = encodeDecryptV2Request(toOpen);
        const opened = decodeDecryptResponse(await call(world.keystore, within, 'xmtp_decryptV2', request));
        const isBounded = !within.every((group) => group.some(({ of }) => of === 'all'));
        opened.forEach((one, at) => {
          if (isBounded && named[at] !== really[at]) expect(one).toMatchObject({ refusal: { code: 3 } });
        });
      }),
      runs,
    );
  });

  it('P2 law: the same of V1, whatever the caller claims', async () => {
    await fc.assert(
      fc.asyncProperty(anyWithin, picks, fc.boolean(), async (within, numbers, isSent) => {
        const chosen = pick(ofV(1), numbers);
        const items = chosen.map(({ peer }) => {
          const them = bundleOf(peer);
          const { headerBytes, payload } = isSent ? messageV1(ada, them, text('a')) : messageV1(them, ada, text('b'));
          return { headerBytes, payload, peerKeys: publicBundleOf(others[0]!), isSender: !isSent };
        });
        const opened = decodeDecryptResponse(
          await call(world.keystore, within, 'xmtp_decryptV1', encodeDecryptV1Request(items)),
        );
        expect(opened.map((one) => ('refusal' in one ? one.refusal.code : 'opened'))).toEqual(
          chosen.map((one) => (isReached(one, within) ? 'opened' : 3)),
        );
        const toSeal = chosen.map(({ peer }) => {
          const recipient = publicBundleOf(bundleOf(peer));
          const headerBytes = encodeMessageHeaderV1({ sender: publicBundleOf(ada), recipient, timestampMs: timeMs(0) });
          return { recipient, payload: text('x'), headerBytes };
        });
        const sealed = decodeEncryptResponse(
          await call(world.keystore, within, 'xmtp_encryptV1', encodeEncryptV1Request(toSeal)),
        );
        expect(sealed.map((one) => ('refusal' in one ? one.refusal.code : 'sealed'))).toEqual(
          chosen.map((one) => (isReached(one, within) ? 'sealed' : 3)),
        );
      }),
      runs,
    );
  });

  it('P2 law: lists, HMAC keys and invitations tell what the grant reaches, all of it and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(anyWithin, picks, async (within, numbers) => {
        const reached = (version: 1 | 2) =>
          ofV(version)
            .filter((one) => isReached(one, within))
            .map(({ topic }) => topic)
            .toSorted();
        const told2 = decodeConversations(
          await call(world.keystore, within, 'xmtp_getV2Conversations', new Uint8Array()),
        );
        expect(told2.map(({ topic }) => topic).toSorted()).toEqual(reached(2));
        const told1 = decodeConversations(
          await call(world.keystore, within, 'xmtp_getV1Conversations', new Uint8Array()),
        );
        expect(told1.map(({ topic }) => topic).toSorted()).toEqual(reached(1));
        const chosen = pick(ofV(2), numbers);
        const keys = decodeHmacKeysResponse(
          await call(
            world.keystore,
            within,
            'xmtp_getV2ConversationHmacKeys',
            encodeHmacKeysRequest(chosen.map(({ topic }) => topic)),
          ),
        );
        expect(new Set(keys.keys())).toEqual(
          new Set(chosen.filter((one) => isReached(one, within)).map(({ topic }) => topic)),
        );
        const invites = numbers.map((at) => world.invites[at % world.invites.length]!);
        const saved = decodeSaveInvitesResponse(
          await call(
            world.keystore,
            within,
            'xmtp_saveInvites',
            encodeSaveInvitesRequest(invites.map(({ item }) => item)),
          ),
        );
        expect(saved.map((one) => ('refusal' in one ? one.refusal.code : one.result.topic))).toEqual(
          invites.map(({ of }) => (isReached(of, within) ? of.topic : 3)),
        );
      }),
      runs,
    );
  });

  it('P2 law: envelopes go to conversations of the grant only, the whole request or nothing', async () => {
    const publish = (within: Within, topics: string[]) =>
      codeOf(
        world.keystore.keystore.checkPublish(
          world.keystore.safeId,
          'D1',
          encodePublishRequest(topics.map((contentTopic) => ({ contentTopic, timestampNs: 0n, message: random(8) }))),
          { origin, within },
        ),
      );
    await fc.assert(
      fc.asyncProperty(anyWithin, picks, fc.boolean(), async (within, numbers, isEphemeral) => {
        const chosen = pick(world.made, numbers);
        const topics = chosen.map(({ topic }) => (isEphemeral ? topic.replace(/\/(d?m)-/, '/$1E-') : topic));
        const isAll = chosen.every((one) => isReached(one, within));
        expect(await publish(within, topics)).toBe(isAll ? 'done' : 3);
        const first = ofV(1).find(({ peer }) => peer === chosen[0]!.peer)!;
        expect(await publish(within, [introTopic(first.peer)])).toBe(isReached(first, within) ? 'done' : 3);
        expect(await publish(within, [inviteTopic(address(ada)), introTopic(address(ada))])).toBe('done');
      }),
      runs,
    );
    const unknown = '/xmtp/0/m-nobody/proto';
    expect(await publish([[{ of: 'all' }]], [unknown])).toBe('done');
    expect(await publish([[{ of: 'site' }]], [unknown])).toBe(3);
    expect(await publish([[{ of: 'site' }]], [inviteTopic(address(others[1]!))])).toBe('done');
    expect(await publish([[{ of: 'conversations', topics: [unknown] }]], [inviteTopic(address(others[1]!))])).toBe(3);
    expect(await publish([[{ of: 'site' }]], [contactTopic(address(ada))])).toBe(1);
  });
});

describe('P2 what a site begins', () => {
  const create = (keystore: TestKeystore, within: Within, to: PrivateKeyBundleV1, id?: string) =>
    call(
      keystore,
      within,
      'xmtp_createInvite',
      encodeCreateInviteRequest({
        recipient: signed(to),
        createdNs: timeNs(9),
        ...(id !== undefined && { context: { conversationId: id, metadata: new Map() } }),
      }),
    );

  it('P2 is the site’s own, in this worker and the next, and no other site’s; what others began it is not given', async () => {
    const keystore = await createTestKeystore(ada);
    const site: Within = [[{ of: 'site' }]];
    const { conversation } = decodeCreateInviteResponse(await create(keystore, site, others[0]!));
    await save(keystore, [invitation(others[1]!, signed(ada), 3)]);
    expect(await codeOf(create(keystore, site, others[1]!))).toBe(3);
    expect(await codeOf(create(keystore, site, others[0]!))).toBe('done');
    for (const isCold of [false, true]) {
      if (isCold) keystore.memories.dropAll();
      const listed = decodeConversations(await call(keystore, site, 'xmtp_getV2Conversations', new Uint8Array()));
      expect(listed.map(({ topic }) => topic)).toEqual([conversation.topic]);
      const asked = encodeHmacKeysRequest([conversation.topic]);
      const keys = await call(keystore, site, 'xmtp_getV2ConversationHmacKeys', asked);
      expect([...decodeHmacKeysResponse(keys).keys()]).toEqual([conversation.topic]);
      const foreign = await keystore.keystore.run(keystore.safeId, 'xmtp_getV2ConversationHmacKeys', asked, {
        documentKey: 'D2',
        origin: elsewhere,
        nowMs: keystore.clock.nowMs,
        within: site,
      });
      expect(decodeHmacKeysResponse(foreign).size).toBe(0);
    }
  });

  it('P2 is not what names another site, though this vault does not know it yet: others may find it there', async () => {
    const keystore = await createTestKeystore(ada);
    const site: Within = [[{ of: 'site' }]];
    const { host } = new URL(elsewhere);
    expect(await codeOf(create(keystore, site, others[0]!, `${host}/room`))).toBe(3);
    expect(await codeOf(create(keystore, site, others[0]!, `${new URL(origin).host}/room`))).toBe('done');
    // Made under a grant of all: it is not the site's own when that is narrowed.
    await create(keystore, [], others[1]!, `${host}/room`);
    const listed = decodeConversations(await call(keystore, site, 'xmtp_getV2Conversations', new Uint8Array()));
    expect(listed.map(({ context }) => context?.conversationId)).toEqual([`${new URL(origin).host}/room`]);
  });

  it('P2 with people or in conversations that were not chosen, nothing is begun and nothing saved', async () => {
    const keystore = await createTestKeystore(ada);
    const peers: Within = [[{ of: 'peers', peers: [address(others[0]!)] }]];
    expect(await codeOf(create(keystore, peers, others[1]!))).toBe(3);
    expect(await codeOf(create(keystore, peers, others[0]!))).toBe('done');
    expect(await codeOf(create(keystore, [[{ of: 'conversations', topics: ['t'] }]], others[1]!))).toBe(3);
    const v1 = encodeConversations(others.map((one) => ({ topic: '', peerAddress: address(one), createdNs: 1n })));
    await call(keystore, peers, 'xmtp_saveV1Conversations', v1);
    const [saved] = await save(keystore, []);
    expect(saved).toBeUndefined();
    const all: Within = [[{ of: 'all' }]];
    expect(decodeConversations(await call(keystore, all, 'xmtp_getV2Conversations', new Uint8Array()))).toHaveLength(1);
    expect(
      decodeConversations(await call(keystore, all, 'xmtp_getV1Conversations', new Uint8Array())).map(
        ({ peerAddress }) => peerAddress,
      ),
    ).toEqual([address(others[0]!)]);
    const outside = invitation(others[2]!, signed(ada), 4).item;
    const [refusal] = decodeSaveInvitesResponse(
      await call(keystore, peers, 'xmtp_saveInvites', encodeSaveInvitesRequest([outside])),
    );
    expect(told(refusal)).toBe('refused 3');
    expect(decodeConversations(await call(keystore, all, 'xmtp_getV2Conversations', new Uint8Array()))).toHaveLength(1);
  });
});

describe('what it costs', () => {
  it('a batch in one conversation looks at no disk once it is known, however many items it has', async () => {
    const keystore = await createTestKeystore(ada);
    const sent = invitation(others[0]!, signed(ada), 1);
    await save(keystore, [sent]);
    const { topic } = sent.invitation;
    const content = encodeSignedContent({ payload: text('a'), sender: signed(ada) });
    const items = Array.from({ length: 200 }, () => ({
      headerBytes: headerV2(topic),
      payload: content,
      contentTopic: topic,
    }));
    const find = vi.spyOn(keystore.lists, 'find');
    for (const within of [[[{ of: 'site' }]], [[{ of: 'peers', peers: [address(others[0]!)] }]]] as Within[]) {
      await call(keystore, within, 'xmtp_encryptV2', encodeEncryptV2Request(items.slice(0, 1)));
      const before = find.mock.calls.length;
      await call(keystore, within, 'xmtp_encryptV2', encodeEncryptV2Request(items));
      expect(find.mock.calls.length - before).toBe(0);
    }
  });
});
