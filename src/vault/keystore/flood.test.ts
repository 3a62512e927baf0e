// A list of conversations that one peer fills with invitations that we seem to have sent: they are not signed, and the secret is that of both.
import { expect, it, vi } from 'vitest';
import type * as Curve from '../../protocol/base/secp256k1';
import { signedPublicBundleOf, type PrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import {
  decodeConversations,
  decodeCreateInviteResponse,
  encodeCreateInviteRequest,
} from '../../protocol/keystore/calls';
import { sealInvitation } from '../../protocol/messages/invitation';
import { identityPool } from '../../protocol/testkit/reference.testkit';
import { sharedSecret } from '../../protocol/keys/shared-secret';
import { invitation, random, save, timeNs, withOnly, type SentInvitation } from '../testkit/keystore-requests.testkit';
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

const [adaWithMany, mallory, honest, other] = (await identityPool(4)).map(({ ours }) => ours) as [
  PrivateKeyBundleV1,
  PrivateKeyBundleV1,
  PrivateKeyBundleV1,
  PrivateKeyBundleV1,
];
const ada = withOnly(adaWithMany, 0);
const own = signedPublicBundleOf(ada);

/** Made of our public bundle and Mallory's own keys alone. */
function forged(n: number): SentInvitation {
  const recipient = signedPublicBundleOf(mallory);
  const secret = sharedSecret(mallory, own, recipient.preKey, 'recipient');
  const content = { topic: `/xmtp/0/m-forged-${n}/proto`, keyMaterial: random(32) };
  const header = { sender: own, recipient, createdNs: timeNs(n) };
  const payload = sealInvitation({ invitation: content, header, secret, salt32: random(32), nonce12: random(12) });
  return { item: { contentTopic: '', timestampNs: timeNs(n), payload }, invitation: content };
}

const topics = async (keystore: TestKeystore) =>
  decodeConversations(await keystore.run('xmtp_getV2Conversations')).map(({ topic }) => topic);

async function invite(keystore: TestKeystore, peer: PrivateKeyBundleV1, n: number): Promise<string> {
  const request = encodeCreateInviteRequest({ recipient: signedPublicBundleOf(peer), createdNs: timeNs(n) });
  return decodeCreateInviteResponse(await keystore.run('xmtp_createInvite', request)).conversation.topic;
}

it('forged invitations of ours go like those of strangers: honest ones are saved and made, and what was made stays', async () => {
  const keystore = await createTestKeystore(ada);
  const first = invitation(honest, own, 0);
  await save(keystore, [first]);
  // Answered: known, and from now on the person's own.
  const answered = await invite(keystore, honest, 1);
  expect(answered).toBe(first.invitation.topic);
  const flood = Array.from({ length: bound - 1 }, (_, n) => forged(n));
  expect((await save(keystore, flood)).every((outcome) => 'result' in outcome)).toBe(true);
  expect(await topics(keystore)).toHaveLength(bound);

  const genuine = invitation(other, own, 100);
  await save(keystore, [genuine]);
  expect(await topics(keystore)).toContain(genuine.invitation.topic);
  const made = await invite(keystore, other, 101);
  for (let n = 200; n < 300; n += 50)
    await save(
      keystore,
      Array.from({ length: 50 }, (_, index) => forged(n + index)),
    );
  expect(await topics(keystore)).toEqual(expect.arrayContaining([answered, made]));
  expect((await topics(keystore)).length).toBeLessThanOrEqual(bound);
});
