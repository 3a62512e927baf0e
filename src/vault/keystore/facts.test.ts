// What an approval card is told: numbers, peers and kinds, from the request alone; the bundle stays closed.
import { describe, expect, it, vi } from 'vitest';
import type { KeystoreMethod } from '../../contract/dapp/methods';
import { publicBundleOf, signedPublicBundleOf, type PrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import { encodeContent } from '../../protocol/messages/content';
import {
  encodeConversations,
  encodeCreateInviteRequest,
  encodeHmacKeysRequest,
  encodePrivatePreferencesEntries,
} from '../../protocol/keystore/calls';
import {
  encodeDecryptV1Request,
  encodeDecryptV2Request,
  encodeEncryptV1Request,
  encodeEncryptV2Request,
  encodeSaveInvitesRequest,
  encodeSelfEncryptRequest,
} from '../../protocol/keystore/messages';
import { walletAddressOf } from '../../protocol/keys/keys';
import { encodeSignedContent } from '../../protocol/messages/message-v2';
import { encodePreferenceAction } from '../../protocol/messages/preference-action';
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

const pool = (await identityPool(8)).map(({ ours }) => ours);
const [ada, bob, cem] = pool as [PrivateKeyBundleV1, PrivateKeyBundleV1, PrivateKeyBundleV1];
const address = (bundle: PrivateKeyBundleV1) => walletAddressOf(bundle.identityKey.publicKey);
const sealed = { hkdfSalt: new Uint8Array(32), gcmNonce: new Uint8Array(12), payload: new Uint8Array(16) };
const nothing = { items: 1, peers: [], peerCount: 0, conversationCount: 0, contentTypes: [] };
const keystore = await createTestKeystore(ada);
const describeRequest = (method: KeystoreMethod, request: Uint8Array) =>
  keystore.keystore.describe(keystore.safeId, method, request);

describe('facts for a card', () => {
  it('V1 messages name the other side of their headers, in both directions', async () => {
    const messages = [messageV1(bob, ada, text('a')), messageV1(ada, bob, text('b')), messageV1(ada, cem, text('c'))];
    const request = encodeDecryptV1Request(messages.map((one) => ({ ...one, peerKeys: one.sender, isSender: false })));
    expect(await describeRequest('xmtp_decryptV1', request)).toEqual({
      items: 3,
      sizeBytes: request.length,
      peers: [address(bob), address(cem)],
      peerCount: 2,
      conversationCount: 2,
      offers: ['conversations', 'peers'],
      contentTypes: [],
      dates: { firstMs: Number(timeMs(0)), lastMs: Number(timeMs(0)) },
    });
  });

  it('five peers are named, all are counted', async () => {
    const messages = pool.slice(1).map((peer) => messageV1(ada, peer, text('a')));
    const facts = await describeRequest(
      'xmtp_decryptV1',
      encodeDecryptV1Request(messages.map((one) => ({ ...one, peerKeys: one.sender, isSender: false }))),
    );
    expect([facts.peers, facts.peerCount]).toEqual([pool.slice(1, 6).map(address), 7]);
  });

  it('what is written shows its kinds', async () => {
    const custom = encodeContent({
      type: { authorityId: 'x.org', typeId: 'y'.repeat(500), versionMajor: 1, versionMinor: 0 },
      parameters: new Map(),
      content: random(3),
    });
    const { headerBytes } = messageV1(ada, bob, text('a'));
    const v1 = encodeEncryptV1Request(
      [text('hi'), custom, random(30)].map((payload) => ({ recipient: publicBundleOf(bob), payload, headerBytes })),
    );
    expect(await describeRequest('xmtp_encryptV1', v1)).toMatchObject({
      items: 3,
      peers: [address(bob)],
      contentTypes: ['xmtp.org/text', `x.org/${'y'.repeat(94)}`],
    });
    const sent = invitation(bob, signedPublicBundleOf(ada), 1);
    await save(keystore, [sent]);
    const payload = encodeSignedContent({ payload: text('hi'), sender: signedPublicBundleOf(ada) });
    const { topic } = sent.invitation;
    const v2 = encodeEncryptV2Request(
      [topic, topic, 'unknown'].map((contentTopic) => ({ headerBytes: headerV2(topic), contentTopic, payload })),
    );
    expect(await describeRequest('xmtp_encryptV2', v2)).toMatchObject({
      items: 3,
      peers: [address(bob)],
      peerCount: 1,
      conversationCount: 2,
      contentTypes: ['xmtp.org/text'],
    });
  });

  it('V2 messages name peers of conversations that are known', async () => {
    const sent = invitation(cem, signedPublicBundleOf(ada), 2);
    await save(keystore, [sent]);
    const { topic } = sent.invitation;
    const request = encodeDecryptV2Request(
      [topic, topic, 'unknown'].map((contentTopic) => ({
        headerBytes: headerV2(topic),
        contentTopic,
        payload: sealed,
      })),
    );
    expect(await describeRequest('xmtp_decryptV2', request)).toMatchObject({
      items: 3,
      peers: [address(cem)],
      conversationCount: 2,
    });
    expect(await describeRequest('xmtp_getV2ConversationHmacKeys', encodeHmacKeysRequest([topic]))).toMatchObject({
      items: 1,
      peers: [address(cem)],
      conversationCount: 1,
    });
  });

  it('invitations, peers and preferences name whom they are about', async () => {
    const invites = encodeSaveInvitesRequest([
      invitation(bob, signedPublicBundleOf(ada), 3).item,
      invitation(ada, signedPublicBundleOf(cem), 4).item,
    ]);
    expect(await describeRequest('xmtp_saveInvites', invites)).toMatchObject({
      items: 2,
      peers: [address(bob), address(cem)],
      conversationCount: 2,
    });
    const create = encodeCreateInviteRequest({ recipient: signedPublicBundleOf(bob), createdNs: timeNs(1) });
    expect(await describeRequest('xmtp_createInvite', create)).toMatchObject({
      items: 1,
      peers: [address(bob)],
      conversationCount: 1,
    });
    const peers = encodeConversations([
      { topic: '', peerAddress: address(bob).toLowerCase(), createdNs: 1n },
      { topic: '', peerAddress: 'no', createdNs: 1n },
    ]);
    expect(await describeRequest('xmtp_saveV1Conversations', peers)).toMatchObject({
      items: 2,
      peers: [address(bob)],
      peerCount: 1,
    });
    const action = encodePreferenceAction({ kind: 'denyAddress', values: [address(bob), 'no address', address(cem)] });
    expect(await describeRequest('xmtp_createPrivatePreference', action)).toMatchObject({
      items: 1,
      peers: [address(bob), address(cem)],
    });
    const entries = encodePrivatePreferencesEntries([
      { key: '1', action },
      { key: '2', action },
    ]);
    expect(await describeRequest('xmtp_savePrivatePreferences', entries)).toMatchObject({ items: 2, peerCount: 2 });
  });

  it('methods without peers say how many items and how large', async () => {
    const request = encodeSelfEncryptRequest([text('a'), text('b')]);
    expect(await describeRequest('xmtp_selfEncrypt', request)).toEqual({
      ...nothing,
      items: 2,
      sizeBytes: request.length,
    });
    expect(await describeRequest('xmtp_createAuthToken', new Uint8Array())).toEqual({ ...nothing, sizeBytes: 0 });
  });

  it('P2 the key bundle is never opened for a card', async () => {
    const other = await createTestKeystore(ada);
    const decrypt = vi.spyOn(crypto.subtle, 'decrypt');
    const message = messageV1(bob, ada, text('a'));
    await other.keystore.describe(
      other.safeId,
      'xmtp_decryptV1',
      encodeDecryptV1Request([{ ...message, peerKeys: message.sender, isSender: false }]),
    );
    await other.keystore.describe(
      other.safeId,
      'xmtp_saveInvites',
      encodeSaveInvitesRequest([invitation(bob, signedPublicBundleOf(ada), 1).item]),
    );
    await other.keystore.describe(
      other.safeId,
      'xmtp_decryptV2',
      encodeDecryptV2Request([{ headerBytes: headerV2('x'), contentTopic: 'x', payload: sealed }]),
    );
    expect(decrypt).not.toHaveBeenCalled();
    decrypt.mockRestore();
  });

  it('hostile batches are described in bounded work: at most 64 accounts are recovered', async () => {
    const message = messageV1(bob, ada, text('a'));
    const header = message.headerBytes;
    const at = header.findIndex(
      (_byte, index) => header.slice(index, index + 65).join() === publicBundleOf(bob).identityKey.publicKey.join(),
    );
    const strangers = Array.from({ length: 200 }, (_, n) => {
      const headerBytes = header.slice();
      headerBytes[at + 1] = n;
      return { ...message, headerBytes, peerKeys: message.sender, isSender: false };
    });
    const before = keystore.memories.sizeOf(keystore.safeId);
    const facts = await describeRequest('xmtp_decryptV1', encodeDecryptV1Request(strangers));
    expect(keystore.memories.sizeOf(keystore.safeId) - before).toBeLessThanOrEqual(64);
    expect(facts).toMatchObject({ items: 200, peerCount: 200 });
    expect(facts.peers).toHaveLength(5);
  });
});
