// Which invitation of a topic counts: the order of calls under any interleaving and kill, and the proof that beats it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeSignedPublicKeyBundle,
  signedPublicBundleOf,
  type PrivateKeyBundleV1,
  type SignedPublicKeyBundle,
} from '../../protocol/keys/bundles';
import type { ConversationReference } from '../../protocol/messages/conversation';
import {
  decodeConversations,
  decodeCreateInviteResponse,
  encodeCreateInviteRequest,
} from '../../protocol/keystore/calls';
import { encodeSaveInvitesRequest } from '../../protocol/keystore/messages';
import { walletAddressOf } from '../../protocol/keys/keys';
import { decodeSignedContent, decryptV2 } from '../../protocol/messages/message-v2';
import { identityPool } from '../../protocol/testkit/reference.testkit';
import {
  headerV2,
  invitation,
  invitationWith,
  random,
  save,
  text,
  timeNs,
  told,
  withOnly,
  writeV2,
  type SentInvitation,
} from '../testkit/keystore-requests.testkit';
import { createTestKeystore, type TestKeystore } from '../testkit/keystore.testkit';
import { enrolledBrowser, freezeAt } from '../testkit/vault.testkit';

const [adaWithMany, bob, cem] = (await identityPool(3)).map(({ ours }) => ours) as [
  PrivateKeyBundleV1,
  PrivateKeyBundleV1,
  PrivateKeyBundleV1,
];
const ada = withOnly(adaWithMany, 0);
const own = signedPublicBundleOf(ada);
const address = (bundle: PrivateKeyBundleV1) => walletAddressOf(bundle.identityKey.publicKey);
const topicOf = (name: string) => `/xmtp/0/m-${name}/proto`;
const request = (sent: readonly SentInvitation[]) => encodeSaveInvitesRequest(sent.map(({ item }) => item));
const list = async (keystore: TestKeystore) => decodeConversations(await keystore.run('xmtp_getV2Conversations'));
/** An invitation to a topic that its sender has only read about, with a key of the sender's own. */
const naming = (from: PrivateKeyBundleV1, topic: string, n: number) =>
  invitationWith(from, own, n, { topic, keyMaterial: random(32) });

/** Whether what is written to the topic now can be read with this key. */
async function isReadableWith(keystore: TestKeystore, topic: string, keyMaterial: Uint8Array): Promise<boolean> {
  const headerBytes = headerV2(topic);
  const [written] = await writeV2(keystore, [
    { headerBytes, contentTopic: topic, content: { payload: text('for my peer alone'), sender: own } },
  ]);
  const { encrypted } = told(written) as { encrypted: never };
  try {
    return decodeSignedContent(decryptV2(keyMaterial, { headerBytes, ciphertext: encrypted })).payload.length > 0;
  } catch {
    return false;
  }
}

describe('the order of calls is the order of their effect', () => {
  it('a call that came later does not overtake one that takes longer', async () => {
    const keystore = await createTestKeystore(ada);
    const topic = topicOf('contested');
    const [first, second] = [naming(bob, topic, 1), naming(cem, topic, 2)];
    // The second names a peer that is known, so that it costs no arithmetic; the first opens the bundle again and again.
    await save(keystore, [naming(cem, topicOf('known'), 0)]);
    const { item } = first;
    const slow = Array.from({ length: 30 }, (_, n) => ({
      ...first,
      item: { ...item, timestampNs: item.timestampNs + BigInt(n) },
    }));
    await Promise.all([save(keystore, [...slow.slice(1), first]), save(keystore, [second])]);
    expect((await list(keystore)).find((one) => one.topic === topic)?.peerAddress).toBe(address(bob));
  });

  it('law: of all calls made at once the first invitation for a topic counts, under any interleaving', async () => {
    const pool = [bob, cem].map((from) => [0, 1, 2].map((topic) => naming(from, topicOf(`${topic}`), topic)));
    const calls = fc.array(fc.array(fc.record({ topic: fc.nat(2), from: fc.nat(1) }), { minLength: 1, maxLength: 3 }), {
      minLength: 2,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), calls, async (scheduler, made) => {
        const keystore = await createTestKeystore(ada);
        const { rootKey } = keystore.sessions;
        // Each opening of the bundle ends when the scheduler likes.
        keystore.sessions.rootKey = async (...input) => {
          await scheduler.schedule(Promise.resolve());
          return rootKey(...input);
        };
        const requests = made.map((items) =>
          request(items.map(({ topic, from }) => pool[from]?.[topic] as SentInvitation)),
        );
        await scheduler.waitFor(
          Promise.all(
            requests.map((bytes, n) => keystore.run('xmtp_saveInvites', bytes, undefined, `document ${n % 2}`)),
          ),
        );
        keystore.sessions.rootKey = rootKey;
        const listed = await list(keystore);
        for (const topic of [0, 1, 2]) {
          const counts = made.flat().find((one) => one.topic === topic);
          expect(listed.find((one) => one.topic === topicOf(`${topic}`))?.peerAddress).toBe(
            counts && address([bob, cem][counts.from] as PrivateKeyBundleV1),
          );
        }
      }),
      { numRuns: 15 },
    );
  });

  it('P3 a worker killed in the first of two calls has not carried out the second, and asked again both take effect in their order', async () => {
    for (const label of ['conversations.add:before', 'conversations.add:after']) {
      const browser = await enrolledBrowser();
      const { safeId, vault } = browser;
      const mine: SignedPublicKeyBundle = decodeSignedPublicKeyBundle(
        (await vault.keys.publicBundles(safeId)).signedPublicKeyBundle,
      );
      const topic = topicOf('contested');
      const requests = [bob, cem].map((from, n) =>
        request([invitationWith(from, mine, n, { topic, keyMaterial: random(32) })]),
      );
      const context = { documentKey: 'd', origin: 'https://a.example', nowMs: 1_718_000_000_000 };
      const peers = async (worker: typeof vault) =>
        decodeConversations(
          await worker.keystore.run(safeId, 'xmtp_getV2Conversations', new Uint8Array(), context),
        ).map(({ peerAddress }) => peerAddress);
      const { checkpoint, reached } = freezeAt(label);
      const dying = browser.startWorker({ checkpoint });
      const calls = requests.map((bytes) => dying.keystore.run(safeId, 'xmtp_saveInvites', bytes, context));
      expect(await Promise.race([reached, ...calls])).toBe('frozen');
      const next = browser.startWorker();
      expect(await peers(next)).toEqual(label.endsWith(':after') ? [address(bob)] : []);
      await Promise.all(requests.map((bytes) => next.keystore.run(safeId, 'xmtp_saveInvites', bytes, context)));
      expect(await peers(next)).toEqual([address(bob)]);
    }
  });

  it('a call that waited over a lock is over, also when the identity was opened again meanwhile', async () => {
    const keystore = await createTestKeystore(ada);
    const [first, second] = [naming(bob, topicOf('1'), 1), naming(bob, topicOf('2'), 2)];
    const calls = [first, second].map((sent) =>
      save(keystore, [sent]).catch((error: { reason?: string }) => error.reason),
    );
    await keystore.sessions.lock(keystore.safeId);
    await keystore.unlock();
    expect(await Promise.all(calls)).toEqual(['locked', 'locked']);
    expect(await list(keystore)).toEqual([]);
  });
});

describe('an invitation that proves its topic', () => {
  it('takes it back from a stranger who named it first, on disk, in memory and in lists', async () => {
    const keystore = await createTestKeystore(ada);
    const genuine = invitation(bob, own, 5);
    const { topic, keyMaterial } = genuine.invitation;
    const stolen = naming(cem, topic, 1);
    await save(keystore, [stolen]);
    expect(await isReadableWith(keystore, topic, stolen.invitation.keyMaterial)).toBe(true);
    await save(keystore, [genuine]);
    expect(await isReadableWith(keystore, topic, stolen.invitation.keyMaterial)).toBe(false);
    expect(await isReadableWith(keystore, topic, keyMaterial)).toBe(true);
    keystore.memories.drop(keystore.safeId);
    expect(await isReadableWith(keystore, topic, keyMaterial)).toBe(true);
    expect(await list(keystore)).toMatchObject([{ topic, peerAddress: address(bob), createdNs: timeNs(5) }]);
    // Found under its new peer, and no longer under the old one.
    const known = await Promise.all(
      [bob, cem].map((peer) => keystore.conversations.findOfPeer(keystore.safeId, address(peer), '')),
    );
    expect(known.map((one) => one?.reference.topic)).toEqual([topic, undefined]);
  });

  it('is what memory holds, also when somebody was just reading the one before', async () => {
    const keystore = await createTestKeystore(ada);
    const genuine = invitation(bob, own, 5);
    const { topic, keyMaterial } = genuine.invitation;
    const stolen = naming(cem, topic, 1);
    await save(keystore, [stolen]);
    keystore.memories.drop(keystore.safeId);
    const { find } = keystore.conversations;
    let goOn = () => undefined as void;
    const gate = new Promise<void>((resolve) => (goOn = resolve));
    keystore.conversations.find = async (...input) => {
      const found = await find(...input);
      await gate;
      return found;
    };
    const writing = isReadableWith(keystore, topic, stolen.invitation.keyMaterial);
    await expect.poll(() => keystore.memories.holds(keystore.safeId)).toBe(true);
    await save(keystore, [genuine]);
    goOn();
    expect(await writing).toBe(true);
    expect(await isReadableWith(keystore, topic, keyMaterial)).toBe(true);
  });

  it('is not displaced by an earlier date, nor by the own derived key under a foreign topic', async () => {
    const keystore = await createTestKeystore(ada);
    const genuine = invitation(bob, own, 5);
    const { topic, keyMaterial } = genuine.invitation;
    await save(keystore, [genuine]);
    const { keyMaterial: derivedByCem } = invitation(cem, own, 0).invitation;
    await save(keystore, [
      naming(cem, topic, 0),
      invitationWith(cem, own, 0, { topic, keyMaterial: derivedByCem }),
      naming(bob, topic, 0),
    ]);
    expect(await list(keystore)).toMatchObject([{ peerAddress: address(bob), createdNs: timeNs(5) }]);
    expect(await isReadableWith(keystore, topic, keyMaterial)).toBe(true);
  });

  it('tells the earliest beginning, whichever of the two parties invited again and in which order they come', async () => {
    const sent = [3, 1, 2].map((n) =>
      n === 2 ? invitation(ada, signedPublicBundleOf(bob), n) : invitation(bob, own, n),
    );
    for (const order of [
      [0, 1, 2],
      [1, 0, 2],
      [2, 0, 1],
    ]) {
      const keystore = await createTestKeystore(ada);
      for (const at of order) await save(keystore, [sent[at] as SentInvitation]);
      expect(await list(keystore)).toMatchObject([{ peerAddress: address(bob), createdNs: timeNs(1) }]);
    }
  });

  it('law: whatever strangers name, in whatever order, batches and dates, the topic belongs to its two parties at the end', async () => {
    const pool = [0, 1, 2, 3].map((n) => invitation(bob, own, n));
    const { topic, keyMaterial } = (pool[0] as SentInvitation).invitation;
    const strangers = [0, 1, 2, 3].map((n) => naming(cem, topic, n));
    const step = fc.record({ genuine: fc.boolean(), n: fc.nat(3) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 }),
        async (batches) => {
          const keystore = await createTestKeystore(ada);
          for (const batch of batches)
            await save(
              keystore,
              batch.map((one) => (one.genuine ? pool : strangers)[one.n] as SentInvitation),
            );
          const genuine = batches.flat().filter((one) => one.genuine);
          const [listed] = (await list(keystore)) as [ConversationReference];
          if (genuine.length === 0)
            expect([listed.peerAddress, listed.createdNs]).toEqual([address(cem), timeNs(batches[0]?.[0]?.n ?? -1)]);
          else {
            expect([listed.peerAddress, listed.createdNs]).toEqual([
              address(bob),
              timeNs(Math.min(...genuine.map(({ n }) => n))),
            ]);
            expect(await isReadableWith(keystore, topic, keyMaterial)).toBe(true);
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  it('is what createInvite makes: a topic that a stranger holds is ours again, and what we write is for our peer', async () => {
    const keystore = await createTestKeystore(ada);
    const derived = invitation(ada, signedPublicBundleOf(bob), 9).invitation;
    await save(keystore, [naming(cem, derived.topic, 1)]);
    const made = decodeCreateInviteResponse(
      await keystore.run(
        'xmtp_createInvite',
        encodeCreateInviteRequest({ recipient: signedPublicBundleOf(bob), createdNs: timeNs(9) }),
      ),
    );
    expect(made.conversation).toMatchObject({ topic: derived.topic, peerAddress: address(bob) });
    expect(await isReadableWith(keystore, derived.topic, derived.keyMaterial)).toBe(true);
  });

  it('P3 replaces in one step: a worker killed before or after has the old one or the new one', async () => {
    for (const label of ['conversations.add:before', 'conversations.add:after']) {
      const browser = await enrolledBrowser();
      const { safeId, vault } = browser;
      const mine = decodeSignedPublicKeyBundle((await vault.keys.publicBundles(safeId)).signedPublicKeyBundle);
      const genuine = invitation(bob, mine, 2);
      const stolen = invitationWith(cem, mine, 1, { topic: genuine.invitation.topic, keyMaterial: random(32) });
      const context = { documentKey: 'd', nowMs: 1_718_000_000_000 };
      await vault.keystore.run(safeId, 'xmtp_saveInvites', request([stolen]), context);
      const { checkpoint, reached } = freezeAt(label);
      expect(
        await Promise.race([
          reached,
          browser.startWorker({ checkpoint }).keystore.run(safeId, 'xmtp_saveInvites', request([genuine]), context),
        ]),
      ).toBe('frozen');
      const listed = decodeConversations(
        await browser.startWorker().keystore.run(safeId, 'xmtp_getV2Conversations', new Uint8Array(), context),
      );
      expect(listed.map(({ peerAddress }) => peerAddress)).toEqual([address(label.endsWith(':after') ? bob : cem)]);
    }
  });
});

describe('an invitation that proves nothing, as clients made them before topics were derived', () => {
  it('the first that comes counts: neither an earlier date nor the same peer displaces it', async () => {
    const keystore = await createTestKeystore(ada);
    const topic = topicOf('random');
    const first = naming(bob, topic, 5);
    const sameKey = invitationWith(bob, own, 1, { topic, keyMaterial: first.invitation.keyMaterial.slice() });
    await save(keystore, [first, naming(cem, topic, 1), naming(bob, topic, 1), sameKey]);
    await save(keystore, [naming(cem, topic, 2)]);
    expect(await list(keystore)).toMatchObject([{ peerAddress: address(bob), createdNs: timeNs(5) }]);
    expect(await isReadableWith(keystore, topic, first.invitation.keyMaterial)).toBe(true);
  });

  it('cannot be given a date by the page: the time of the envelope must be that of the sealed header', async () => {
    const keystore = await createTestKeystore(ada);
    const sent = naming(bob, topicOf('dated'), 5);
    expect((await save(keystore, [{ ...sent, item: { ...sent.item, timestampNs: timeNs(1) } }])).map(told)).toEqual([
      'refused 1',
    ]);
  });
});
