// A backup file of an identity to which strangers have sent more than a file can hold: anybody can send invitations.
// Promises: it is made, has every key, is no larger than files may be, and opens again.
import { expect, it, vi } from 'vitest';
import type * as Curve from '../../protocol/base/secp256k1';
import { decodeSignedPublicKeyBundle, signedPublicBundleOf } from '../../protocol/keys/bundles';
import { createInvitation } from '../../protocol/messages/invitation';
import { largestFile } from './contents';
import { bundleFor, filePassphrase } from '../testkit/copies.testkit';
import { byWallet } from '../testkit/slots.testkit';
import { createTestWallet, enrolledBrowser } from '../testkit/vault.testkit';
import type { FileSecret } from '../../contract/pages/backup';

vi.mock('@noble/hashes/scrypt.js', () => import('../../protocol/testkit/cheap-scrypt.testkit'));

vi.mock('../../protocol/base/secp256k1', async (importActual) => {
  const curve = await importActual<typeof Curve>();
  const { remembered } = await import('../../protocol/testkit/remembering.testkit');
  return { ...curve, ecdh65: remembered(curve.ecdh65), verifyDigest: remembered(curve.verifyDigest) };
});

// The three lists together may hold more than a file; here one does, so that it takes no minutes.
vi.mock('../store/limits', async (original) => ({
  keystoreLimits: {
    ...(await original<{ keystoreLimits: object }>()).keystoreLimits,
    numbersOfList: { conversations: 4_194_304, peers: 4_194_304, preferences: 4_194_304 },
  },
}));

const secret: FileSecret = { kind: 'passphrase', passphrase: filePassphrase };

it('R-I5 can be made however much strangers send', async () => {
  const { clock, vault, wallet, safeId } = await enrolledBrowser();
  const theirs = bundleFor(createTestWallet(9), 'mallory');
  const sender = signedPublicBundleOf(theirs);
  const recipient = decodeSignedPublicKeyBundle((await vault.keys.publicBundles(safeId)).signedPublicKeyBundle);
  const createdNs = BigInt(clock.nowMs) * 1_000_000n;
  const metadata = new Map([['', 'w'.repeat(65_000)]]);
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  const invitation = (conversationId: string) =>
    createInvitation({
      mine: theirs,
      sender,
      recipient,
      createdNs,
      context: { conversationId, metadata },
      salt32: random(32),
      nonce12: random(12),
    }).sealed;
  const sent = Math.ceil(largestFile / 65_000) + 10;
  for (let at = 0; at < sent; at += 50) {
    const messages = Array.from({ length: Math.min(50, sent - at) }, (_, index) => invitation(String(at + index)));
    await vault.history.save(
      safeId,
      messages.map((message) => ({
        contentTopic: `/xmtp/0/invite-${wallet.account}/proto`,
        timestampNs: createdNs,
        message,
      })),
    );
  }
  const { file, conversations } = await vault.backup.export({
    safeId,
    proof: await byWallet(vault, safeId, wallet),
    secret,
  });
  expect(file.length).toBeLessThanOrEqual(largestFile);
  expect(conversations).toBeGreaterThan(sent - 30);
  expect(conversations).toBeLessThan(sent);
  expect(await vault.backup.preview({ file, secret })).toMatchObject({ conversations, prekeys: 1 });
  expect(await vault.backup.check({ safeId, file, secret })).toMatchObject({
    missingPrekeys: 0,
    missingConversations: sent - conversations,
  });
});
