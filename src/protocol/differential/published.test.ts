// The real client as oracle for what is published: encrypted bundles, contacts, topics. 1,000 random cases each.
// Promises that each side opens what the other wrote, through the client's own keystore providers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodePrivateKeyBundle,
  encodePrivateKeyBundleV1,
  encodePublicKeyBundle,
  encodeSignedPublicKeyBundle,
  publicBundleOf,
  signedPublicBundleOf,
  validatePrivateKeyBundle,
} from '../keys/bundles';
import {
  contactTopic,
  directMessageTopic,
  conversationTopic,
  introTopic,
  inviteTopic,
  privateStoreTopic,
} from '../messages/topics';
import { bytesToHex } from '../base/bytes';
import { decodeContactBundle, encodeContactBundle } from '../keys/contact-bundle';
import {
  decodeEncryptedPrivateKeyBundle,
  openEncryptedPrivateKeyBundle,
  sealEncryptedPrivateKeyBundle,
} from '../keys/encrypted-bundle';
import { checksumAddress } from '../base/address';
import * as wire from '../proto/gen/keys';
import type { TestIdentity } from '../testkit/reference.testkit';
import { identityPool, reference, referenceProto, testWallet } from '../testkit/reference.testkit';
import { ciphertextToWire, sealWith } from '../keys/seal';
import { enableIdentityText } from '../keys/wallet-text';
import { lawOf, note } from '../../../scripts/campaign/size';

const CASES = lawOf('differential', 'cases');
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const bytes12 = fc.uint8Array({ minLength: 12, maxLength: 12 });
const OPTIONS = { env: 'local', persistConversations: false } as never;

describe('the real client agrees', () => {
  it('on encrypted bundles it wrote itself, opened with either way of writing v', async () => {
    const wallets = Array.from(
      { length: 10 },
      (_, i) => [testWallet(`store ${i}`, 27), testWallet(`store ${i}`, 0)] as const,
    );
    for (let i = 0; i < CASES.numRuns; i++) {
      const [withV27, withV0] = wallets[i % 10] as (typeof wallets)[number];
      const [writer, reader] = i % 4 < 2 ? [withV27, withV0] : [withV0, withV0];
      const topic = oneTopicNode();
      const keystore = await new reference.KeyGeneratorKeystoreProvider().newKeystore(
        OPTIONS,
        topic.client,
        writer.signer as never,
      );
      const parsed = decodeEncryptedPrivateKeyBundle(topic.stored());
      expect(parsed.isVersioned).toBe(true);
      const opened = openEncryptedPrivateKeyBundle(parsed, reader.sign(enableIdentityText(parsed.walletPreKey)));
      expect(opened.needsUpdate).toBe(false);
      const theirs = await keystore.getPrivateKeyBundle();
      expect(encodePrivateKeyBundleV1(opened.bundle)).toEqual(
        Uint8Array.from(referenceProto.privateKey.PrivateKeyBundleV1.encode(theirs).finish()),
      );
      if (i % 20 === 0) validatePrivateKeyBundle(opened.bundle, { expectedAddress: writer.address });
    }
    note('differential', 'cases', CASES.numRuns);
  });

  it('on encrypted bundles we wrote: its network provider loads the same keys, with either way of writing v', async () => {
    const pool = await identityPool(12);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...pool),
        bytes32,
        bytes32,
        bytes12,
        fc.boolean(),
        async (identity, walletPreKey, salt32, nonce12, isLedger) => {
          const { wallet } = identity.seeds;
          const walletSignature = wallet.sign(enableIdentityText(walletPreKey)).slice();
          if (isLedger) walletSignature[64] = (walletSignature[64] as number) % 27;
          const sealed = sealEncryptedPrivateKeyBundle({
            bundle: identity.ours,
            account: wallet.address,
            walletPreKey,
            walletSignature,
            salt32,
            nonce12,
          });
          const loaded = await theyLoad(sealed, identity, 0);
          expect(loaded).toEqual(encodePrivateKeyBundleV1(identity.ours));
        },
      ),
      CASES,
    );
  });

  it('on un-versioned envelopes and plaintexts, except that it cannot read some bare envelopes (b.4)', async () => {
    const pool = await identityPool(6);
    const stumbled = { bare: 0, versioned: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...pool),
        bytes32,
        bytes32,
        bytes12,
        fc.boolean(),
        fc.boolean(),
        async (identity, walletPreKey, salt32, nonce12, isBareInside, isBareOutside) => {
          const bundle = identity.ours;
          const plain = isBareInside
            ? encodePrivateKeyBundleV1(bundle)
            : encodePrivateKeyBundle({ version: 1, bundle });
          const walletSignature = identity.seeds.wallet.sign(enableIdentityText(walletPreKey));
          const value = {
            walletPreKey,
            ciphertext: ciphertextToWire(sealWith(plain, walletSignature, undefined, salt32, nonce12)),
          };
          const envelope = isBareOutside
            ? wire.EncryptedPrivateKeyBundleV1.encode(value).finish()
            : wire.EncryptedPrivateKeyBundle.encode({ version: { $case: 'v1', value } }).finish();
          const needsUpdate = isBareInside || isBareOutside;
          expect(openEncryptedPrivateKeyBundle(envelope, walletSignature)).toEqual({ bundle, needsUpdate });
          const isRead = await theyLoad(envelope, identity, needsUpdate ? 1 : 0).then(
            () => true,
            () => false,
          );
          if (!isRead) stumbled[isBareOutside ? 'bare' : 'versioned']++;
        },
      ),
      { numRuns: 300 },
    );
    expect(stumbled.versioned).toBe(0);
    expect(stumbled.bare).toBeLessThan(50);
  });

  it('on contacts in all three forms', async () => {
    const pool = await identityPool(20);
    fc.assert(
      fc.property(
        fc.constantFrom(...pool),
        fc.constantFrom(1, 2),
        fc.boolean(),
        ({ ours, theirs }, version, isBare) => {
          const legacy = publicBundleOf(ours);
          const signed = signedPublicBundleOf(ours);
          if (isBare) {
            expect(decodeContactBundle(encodePublicKeyBundle(legacy))).toEqual({ version: 1, bundle: legacy });
            return;
          }
          const written =
            version === 1
              ? encodeContactBundle({ version, bundle: legacy })
              : encodeContactBundle({ version: 2, bundle: signed });
          const expected = version === 1 ? encodePublicKeyBundle(legacy) : encodeSignedPublicKeyBundle(signed);
          expect(bytesToHex(Uint8Array.from(reference.decodeContactBundle(written).toBytes()))).toBe(
            bytesToHex(expected),
          );
          const theirV2 = reference.SignedPublicKeyBundle.fromLegacyBundle(theirs.getPublicKeyBundle());
          const v1 = version === 1 ? { keyBundle: theirs.getPublicKeyBundle() } : undefined;
          const v2 = version === 2 ? { keyBundle: theirV2 } : undefined;
          const theirBytes = Uint8Array.from(referenceProto.contact.ContactBundle.encode({ v1, v2 } as never).finish());
          expect(theirBytes).toEqual(written);
          expect(decodeContactBundle(theirBytes)).toEqual(
            version === 1 ? { version, bundle: legacy } : { version, bundle: signed },
          );
        },
      ),
      CASES,
    );
  });

  it('on topic names of random accounts', () => {
    const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => `0x${bytesToHex(bytes)}`);
    fc.assert(
      fc.property(address, address, bytes32.map(bytesToHex), (one, other, id) => {
        expect(contactTopic(one)).toBe(reference.buildUserContactTopic(one));
        expect(introTopic(one)).toBe(reference.buildUserIntroTopic(one));
        expect(inviteTopic(one)).toBe(reference.buildUserInviteTopic(one));
        expect(privateStoreTopic(one)).toBe(reference.buildUserPrivateStoreTopic(`${checksumAddress(one)}/key_bundle`));
        expect(directMessageTopic(one, other)).toBe(reference.buildDirectMessageTopic(one, other));
        expect(directMessageTopic(other, one)).toBe(directMessageTopic(one, other));
        expect(conversationTopic(id)).toBe(reference.buildDirectMessageTopicV2(id));
      }),
      CASES,
    );
  });
});

/** A node with one topic: what the client's providers publish and query. */
function oneTopicNode(initial?: Uint8Array): { client: never; stored(): Uint8Array; published: number } {
  let message = initial;
  const node = {
    published: 0,
    stored: () => message as Uint8Array,
    client: {
      setAuthenticator: () => undefined,
      publish: async ([envelope]: { message: Uint8Array }[]) => {
        message = Uint8Array.from(envelope?.message ?? []);
        node.published++;
      },
      async *queryIterator() {
        if (message) yield { message };
      },
    } as never,
  };
  return node;
}

/** The bundle the client's network provider loads from this envelope; it must publish a new one as often as stated. */
async function theyLoad(envelope: Uint8Array, identity: TestIdentity, publishes: number): Promise<Uint8Array> {
  const topic = oneTopicNode(envelope);
  const keystore = await new reference.NetworkKeystoreProvider().newKeystore(
    OPTIONS,
    topic.client,
    identity.seeds.wallet.signer as never,
  );
  const theirs = await keystore.getPrivateKeyBundle();
  expect(topic.published).toBe(publishes);
  return Uint8Array.from(referenceProto.privateKey.PrivateKeyBundleV1.encode(theirs).finish());
}
