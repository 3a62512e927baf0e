// What one site may write for good into lists that all share, and which V1 peers go when strangers fill theirs.
import { expect, it, vi } from 'vitest';
import { KeystoreRefusal } from '../../contract/errors';
import type * as Curve from '../../protocol/base/secp256k1';
import { signedPublicBundleOf, type PrivateKeyBundleV1, publicBundleOf } from '../../protocol/keys/bundles';
import {
  decodeConversations,
  decodePrivatePreferencesEntries,
  encodeConversations,
  encodeCreateInviteRequest,
  encodePrivatePreferencesEntries,
} from '../../protocol/keystore/calls';
import { decodeEncryptResponse, encodeEncryptV1Request } from '../../protocol/keystore/messages';
import { walletAddressOf } from '../../protocol/keys/keys';
import { encodeMessageHeaderV1 } from '../../protocol/messages/message-v1';
import { encodePreferenceAction } from '../../protocol/messages/preference-action';
import { identityPool } from '../../protocol/testkit/reference.testkit';
import { keystoreLimits } from '../store/limits';
import {
  headerV2,
  invitation,
  random,
  save,
  timeMs,
  timeNs,
  withOnly,
  writeV2,
} from '../testkit/keystore-requests.testkit';
import { createTestKeystore, type TestKeystore } from '../testkit/keystore.testkit';

const bound = vi.hoisted(() => 64);
vi.mock('../../protocol/base/secp256k1', async (importActual) => {
  const curve = await importActual<typeof Curve>();
  const { remembered } = await import('../../protocol/testkit/remembering.testkit');
  return { ...curve, ecdh65: remembered(curve.ecdh65), verifyDigest: remembered(curve.verifyDigest) };
});

vi.mock('../store/limits', async (original) => ({
  keystoreLimits: {
    ...(await original<{ keystoreLimits: object }>()).keystoreLimits,
    bytesOfNumber: 1_024,
    numbersOfList: { conversations: bound, peers: bound, preferences: bound },
  },
}));

const [adaWithMany, bob, cem] = (await identityPool(3)).map(({ ours }) => ours) as [
  PrivateKeyBundleV1,
  PrivateKeyBundleV1,
  PrivateKeyBundleV1,
];
const ada = withOnly(adaWithMany, 0);
const own = signedPublicBundleOf(ada);
const [greedy, greedyToo, modest] = ['https://greedy.example', 'https://greedy-too.example', 'https://modest.example'];
const limit = { reason: 'limit' };
const action = encodePreferenceAction({ kind: 'allowAddress', values: ['0x'.padEnd(42, 'a')] });

const as =
  (keystore: TestKeystore, origin: string) => (method: Parameters<TestKeystore['run']>[0], request: Uint8Array) =>
    keystore.run(method, request, undefined, `document of ${origin}`, origin);

/** How often `act` succeeds until it is refused; then it stays refused. */
async function untilRefused(act: (n: number) => Promise<unknown>): Promise<number> {
  for (let n = 0; n < 4 * bound; n++) {
    const refusal = await act(n).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (refusal === undefined) continue;
    expect(refusal).toMatchObject(limit);
    await expect(act(n)).rejects.toMatchObject(limit);
    return n;
  }
  return Infinity;
}

it('R-B8 a site that writes preferences until it may not has a share of the list, and the next sites theirs', async () => {
  const keystore = await createTestKeystore(ada);
  const put = (origin: string, from: number) => (n: number) =>
    as(keystore, origin)(
      'xmtp_savePrivatePreferences',
      encodePrivatePreferencesEntries([{ key: String(from + n), action }]),
    );
  expect(await untilRefused(put(greedy, 0))).toBe(bound / 2);
  expect(await untilRefused(put(greedyToo, 1_000))).toBe(bound / 4);
  await put(modest, 2_000)(0);
  // What is there already takes nothing, whoever writes it.
  await put(greedy, 1_000)(0);
  // The extension itself, with a backup file, has what is left.
  await keystore.conversations.addPreferences(keystore.safeId, [{ key: '5000', action }]);
  expect(decodePrivatePreferencesEntries(await keystore.run('xmtp_getPrivatePreferences'))).toHaveLength(
    bound / 2 + bound / 4 + 2,
  );
});

it('R-B8 the share of a site is counted on the disk: another worker and another unlock change nothing', async () => {
  const keystore = await createTestKeystore(ada);
  const put = (n: number) =>
    as(keystore, greedy)('xmtp_savePrivatePreferences', encodePrivatePreferencesEntries([{ key: String(n), action }]));
  await untilRefused(put);
  await keystore.sessions.lock(keystore.safeId);
  await keystore.unlock();
  await expect(put(1_000)).rejects.toMatchObject(limit);
  const stored = (await (await keystore.db.connect()).getAllKeys('settings')).map(String).join(' ');
  expect(stored).toContain(`room:${keystore.safeId}:preferences:share:`);
  expect(stored).not.toContain('greedy');
});

it('R-B8 a preference has some hundred addresses, no more, whether it is stored or sealed', async () => {
  const keystore = await createTestKeystore(ada);
  const of = (count: number) =>
    encodePreferenceAction({
      kind: 'allowAddress',
      values: Array.from({ length: count }, (_, n) => `0x${n.toString(16).padStart(40, '0')}`),
    });
  const put = (bytes: Uint8Array) =>
    keystore.run('xmtp_savePrivatePreferences', encodePrivatePreferencesEntries([{ key: '1', action: bytes }]));
  expect(of(360).length).toBeLessThan(keystoreLimits.preferenceBytes);
  await put(of(360));
  await expect(put(of(400))).rejects.toEqual(new KeystoreRefusal(1));
  await expect(keystore.run('xmtp_createPrivatePreference', of(400))).rejects.toEqual(new KeystoreRefusal(1));
});

it('R-B8 a site that begins conversations until it may not leaves room for those of others, and strangers’ go for them', async () => {
  const keystore = await createTestKeystore(ada);
  const metadata = new Map([['', 'w'.repeat(500)]]);
  // A stranger has filled it before.
  await save(
    keystore,
    Array.from({ length: bound }, (_, n) => invitation(cem, own, n, { conversationId: `stranger ${n}`, metadata })),
  );
  const begin = (origin: string) => (n: number) =>
    as(keystore, origin)(
      'xmtp_createInvite',
      encodeCreateInviteRequest({
        recipient: signedPublicBundleOf(bob),
        createdNs: timeNs(n),
        context: { conversationId: `${origin} ${n}`, metadata },
      }),
    );
  expect(await untilRefused(begin(greedy))).toBe(bound / 2);
  await begin(modest)(0);
  expect((await save(keystore, [invitation(cem, own, 500, { conversationId: 'late', metadata })]))[0]).toHaveProperty(
    'result',
  );
});

it('R-B8 what a site writes to counts as well: beyond its share the message goes out, and the conversation may go', async () => {
  const keystore = await createTestKeystore(ada);
  const sent = Array.from({ length: bound }, (_, n) =>
    invitation(cem, own, n, { conversationId: String(n), metadata: new Map() }),
  );
  await save(keystore, sent);
  for (const {
    invitation: { topic },
  } of sent.slice(0, 40)) {
    const [written] = await writeV2(keystore, [
      { headerBytes: headerV2(topic), contentTopic: topic, content: { payload: random(3), sender: own } },
    ]);
    expect(written).toHaveProperty('result');
  }
  expect(
    (await save(keystore, [invitation(cem, own, 500, { conversationId: 'late', metadata: new Map() })]))[0],
  ).toHaveProperty('result');
  const left = await keystore.conversations.find(
    keystore.safeId,
    sent.map(({ invitation: { topic } }) => topic),
  );
  expect(left.slice(0, bound / 2).every((one) => one !== undefined)).toBe(true);
  expect(left[bound / 2]).toBeUndefined();
});

it('V1 peers that were written to stay when strangers fill the list, whether they were saved before or after', async () => {
  const keystore = await createTestKeystore(ada);
  const putAll = (peers: string[]) =>
    keystore.run(
      'xmtp_saveV1Conversations',
      encodeConversations(peers.map((peerAddress, n) => ({ topic: '', peerAddress, createdNs: timeNs(n) }))),
    );
  const write = async (peer: PrivateKeyBundleV1) => {
    const recipient = publicBundleOf(peer);
    const headerBytes = encodeMessageHeaderV1({ sender: publicBundleOf(ada), recipient, timestampMs: timeMs(1) });
    const [outcome] = decodeEncryptResponse(
      await keystore.run('xmtp_encryptV1', encodeEncryptV1Request([{ recipient, headerBytes, payload: random(5) }])),
    );
    expect(outcome).toHaveProperty('result');
  };
  const [first, second] = [walletAddressOf(bob.identityKey.publicKey), walletAddressOf(cem.identityKey.publicKey)];
  const stranger = (n: number) => `0x${(n + 1).toString(16).padStart(40, '0')}`;
  await putAll([first]);
  await write(bob);
  await write(cem);
  await putAll([second]);
  for (let n = 0; n < 3 * bound; n += 16) await putAll(Array.from({ length: 16 }, (_, at) => stranger(n + at)));
  const peers = decodeConversations(await keystore.run('xmtp_getV1Conversations')).map(({ peerAddress }) =>
    peerAddress.toLowerCase(),
  );
  expect(peers.length).toBeLessThanOrEqual(bound);
  expect(peers).toEqual(expect.arrayContaining([first.toLowerCase(), second.toLowerCase()]));
  expect(peers).not.toContain(stranger(0));
});
