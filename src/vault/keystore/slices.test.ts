// A slice is work for the processor: while one runs, nobody waits for a disk. Looked at from below, whatever the handlers do.
import { expect, it, onTestFinished, vi } from 'vitest';
import { signedPublicBundleOf, type PrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import { encodeHmacKeysRequest } from '../../protocol/keystore/calls';
import {
  encodeDecryptV1Request,
  encodeDecryptV2Request,
  encodeEncryptV2Request,
} from '../../protocol/keystore/messages';
import { encodeSignedContent } from '../../protocol/messages/message-v2';
import { identityPool } from '../../protocol/testkit/reference.testkit';
import type { peerDefect } from '../../protocol/keys/shared-secret';
import { headerV2, invitation, messageV1, random, save, withOnly } from '../testkit/keystore-requests.testkit';
import { createTestKeystore } from '../testkit/keystore.testkit';
import type { createSlices, TakeSlice } from '../work/slices';

const slices = vi.hoisted(() => ({ inside: 0, taken: 0, judgedOutside: 0, judged: 0 }));
vi.mock('../work/slices', async (original) => {
  const real = await original<{ createSlices: typeof createSlices }>();
  const of =
    (take: TakeSlice): TakeSlice =>
    (slice) =>
      take(async () => {
        slices.inside++;
        slices.taken++;
        try {
          return await slice();
        } finally {
          slices.inside--;
        }
      });
  return {
    ...real,
    createSlices: () => {
      const made = real.createSlices();
      return { of: (origin: string | undefined) => of(made.of(origin)) };
    },
  };
});

vi.mock('../../protocol/keys/shared-secret', async (original) => {
  const real = await original<{ peerDefect: typeof peerDefect }>();
  const judged: typeof peerDefect = (peer) => {
    slices.judged++;
    if (slices.inside === 0) slices.judgedOutside++;
    return real.peerDefect(peer);
  };
  return { ...real, peerDefect: judged };
});

const [adaWithMany, bob] = (await identityPool(2)).map(({ ours }) => ours) as [PrivateKeyBundleV1, PrivateKeyBundleV1];
const ada = withOnly(adaWithMany, 0);
const own = signedPublicBundleOf(ada);

it('R-B8 no call of the keystore reads or writes the disk inside a slice', async () => {
  const keystore = await createTestKeystore(ada);
  let wrong = 0;
  const original = IDBDatabase.prototype.transaction;
  onTestFinished(() => void (IDBDatabase.prototype.transaction = original));
  IDBDatabase.prototype.transaction = function (...input) {
    if (slices.inside > 0) wrong++;
    return original.apply(this, input);
  };
  const sent = Array.from({ length: 100 }, (_, n) =>
    invitation(bob, own, n, { conversationId: String(n), metadata: new Map() }),
  );
  await save(keystore, sent);
  const topics = sent.map(({ invitation: { topic } }) => topic);
  const sealed = { hkdfSalt: random(32), gcmNonce: random(12), payload: random(40) };
  const read = encodeDecryptV2Request(
    topics.map((topic) => ({ headerBytes: headerV2(topic), payload: sealed, contentTopic: topic })),
  );
  const written = encodeEncryptV2Request(
    topics.map((topic) => ({
      headerBytes: headerV2(topic),
      contentTopic: topic,
      payload: encodeSignedContent({ payload: random(3), sender: own }),
    })),
  );
  const acts = [
    () => keystore.keystore.describe(keystore.safeId, 'xmtp_decryptV2', read),
    () => keystore.run('xmtp_decryptV2', read),
    () => keystore.run('xmtp_encryptV2', written),
    () => keystore.run('xmtp_getV2ConversationHmacKeys', encodeHmacKeysRequest(topics)),
    () => keystore.run('xmtp_getV2Conversations'),
  ];
  for (const act of acts) {
    // Nothing in memory: everything comes from the disk.
    await keystore.sessions.lock(keystore.safeId);
    await keystore.unlock();
    await act();
  }
  expect(slices.taken).toBeGreaterThan(20);
  expect(wrong).toBe(0);
});

it('R-B8 whether a stranger’s keys can be any is found out in slices', async () => {
  const keystore = await createTestKeystore(ada);
  const { headerBytes, payload, sender } = messageV1(bob, ada, random(5));
  [slices.judged, slices.judgedOutside] = [0, 0];
  await keystore.run(
    'xmtp_decryptV1',
    encodeDecryptV1Request([{ headerBytes, payload, peerKeys: sender, isSender: false }]),
  );
  expect([slices.judged, slices.judgedOutside]).toEqual([1, 0]);
});
