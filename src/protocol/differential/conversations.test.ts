// The real client as oracle for invitations and V1 messages: 1,000 random cases per operation.
// Promises the same deterministic conversations, and that each side opens what the other sealed, in either role.
import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { publicBundleOf, signedPublicBundleOf } from '../keys/bundles';
import { bytesToHex } from '../base/bytes';
import { createInvitation, decodeSealedInvitation, encodeInvitation, openInvitation } from '../messages/invitation';
import { decodeCreateInviteResponse, encodeCreateInviteRequest } from '../keystore/calls';
import { decodeSaveInvitesResponse, encodeSaveInvitesRequest } from '../keystore/messages';
import { decodeMessage, encodeMessage, messageId } from '../messages/message';
import { decryptV1, encodeMessageHeaderV1, encryptV1, readMessageV1 } from '../messages/message-v1';
import type { TestIdentity } from '../testkit/reference.testkit';
import { identityPool, reference, referenceProto } from '../testkit/reference.testkit';
import { letTheReferenceRemember } from '../testkit/remembering.testkit';
import type * as Curve from '../base/secp256k1';
import { directMessageTopic } from '../messages/topics';
import { lawOf } from '../../../scripts/campaign/size';

vi.mock('../base/secp256k1', async (importActual) => {
  const curve = await importActual<typeof Curve>();
  const { remembered } = await import('../testkit/remembering.testkit');
  return {
    ...curve,
    ecdh65: remembered(curve.ecdh65),
    verifyDigest: remembered(curve.verifyDigest),
    recoverPublicKey: remembered(curve.recoverPublicKey),
  };
});

const CASES = lawOf('differential', 'cases');
const MS = 1_000_000n;
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const bytes12 = fc.uint8Array({ minLength: 12, maxLength: 12 });
const text = fc.string({ unit: 'grapheme', maxLength: 30 });
/** The real client keeps metadata in an object, where one name sets the prototype and is lost, and numbers come first; ours keeps names and order. */
const metadataKey = text.filter((key) => key !== '__proto__' && !/^[0-9]+$/.test(key));
const timesMs = fc.bigInt({ min: 1n, max: 4_102_444_800_000n });
const contexts = fc.option(
  fc.record({
    conversationId: text,
    metadata: fc
      .uniqueArray(fc.tuple(metadataKey, text), { maxLength: 3, selector: ([key]) => key })
      .map((entries) => new Map(entries)),
  }),
  { nil: undefined },
);
const consentProofs = fc.option(
  fc.record({
    signature: fc.uint8Array({ minLength: 65, maxLength: 65 }).map((bytes) => `0x${bytesToHex(bytes)}`),
    timestampMs: timesMs,
    payloadVersion: fc.constant(1),
  }),
  { nil: undefined },
);

type Keystore = Awaited<ReturnType<typeof reference.InMemoryKeystore.create>>;
type Identity = TestIdentity & { keystore(): Promise<Keystore> };
let pool: Identity[] = [];

beforeAll(async () => {
  letTheReferenceRemember(reference);
  pool = (await identityPool(10)).map(withKeystore);
});

/** The real keystore rewrites all its topics on each new one; a fresh one every so often keeps that short. */
function withKeystore(identity: TestIdentity): Identity {
  let [uses, current] = [0, undefined as Promise<Keystore> | undefined];
  return {
    ...identity,
    keystore: () => {
      if (!current || ++uses % 25 === 0)
        current = reference.InMemoryKeystore.create(identity.theirs, reference.InMemoryPersistence.create() as never);
      return current;
    },
  };
}

const pairs = fc.nat(1_000_000).map((n) => {
  const [one, other] = [pool[n % pool.length], pool[Math.floor(n / pool.length) % pool.length]];
  return [one, other] as [Identity, Identity];
});

const { keystore: codecs } = referenceProto;

describe('the real client agrees', () => {
  it("R-D4 on invitations: topic, key, conversation and header of each; each side opens the other's, as sender and as recipient", async () => {
    const keyMaterials = new Set<string>();
    const drawn = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        pairs,
        contexts,
        consentProofs,
        timesMs,
        fc.bigInt({ min: 0n, max: MS - 1n }),
        bytes32,
        bytes12,
        fc.boolean(),
        async ([one, other], context, consentProof, createdMs, rest, salt32, nonce12, isOpenedBySender) => {
          const createdNs = createdMs * MS + rest;
          const [sender, recipient] = [signedPublicBundleOf(one.ours), signedPublicBundleOf(other.ours)];
          const ours = createInvitation({
            mine: one.ours,
            sender,
            recipient,
            createdNs,
            context,
            consentProof,
            salt32,
            nonce12,
          });

          const request = encodeCreateInviteRequest({
            recipient,
            createdNs,
            ...(context && { context }),
            ...(consentProof && { consentProof }),
          });
          const answered = await (await one.keystore()).createInvite(codecs.CreateInviteRequest.decode(request));
          const theirs = decodeCreateInviteResponse(
            Uint8Array.from(codecs.CreateInviteResponse.encode(answered).finish()),
          );
          expect(ours.conversation).toEqual(theirs.conversation);

          const sealed = decodeSealedInvitation(theirs.payload);
          expect(decodeSealedInvitation(ours.sealed).headerBytes).toEqual(sealed.headerBytes);
          const opener = isOpenedBySender ? one : other;
          const peerAddress = (isOpenedBySender ? other : one).seeds.wallet.address;
          const opened = openInvitation(opener.ours, sealed, createdMs * MS);
          expect(encodeInvitation(opened.invitation)).toEqual(encodeInvitation(ours.invitation));
          expect(opened.conversation).toEqual({ ...ours.conversation, createdNs: createdMs * MS, peerAddress });
          keyMaterials.add(bytesToHex(opened.invitation.keyMaterial));
          drawn.add(
            [one, other]
              .map(({ seeds }) => seeds.wallet.address)
              .toSorted()
              .join(),
          );

          const save = encodeSaveInvitesRequest([
            { contentTopic: '', timestampNs: createdMs * MS, payload: ours.sealed },
          ]);
          const saved = await (await opener.keystore()).saveInvites(codecs.SaveInvitesRequest.decode(save));
          expect(decodeSaveInvitesResponse(Uint8Array.from(codecs.SaveInvitesResponse.encode(saved).finish()))).toEqual(
            [{ result: { ...opened.conversation } }],
          );
        },
      ),
      CASES,
    );
    // One key for all conversations of a pair, whoever invites and with whatever id (e.2).
    expect(keyMaterials.size).toBe(drawn.size);
    expect(drawn.size).toBeGreaterThan(pool.length);
  });

  it('R-D4 on invitations with random topic and key, as older clients made them', async () => {
    await fc.assert(
      fc.asyncProperty(pairs, timesMs, fc.boolean(), async ([one, other], createdMs, isOpenedBySender) => {
        const invitation = reference.InvitationV1.createRandom();
        const recipient = reference.SignedPublicKeyBundle.fromLegacyBundle(other.theirs.getPublicKeyBundle());
        const sender = reference.PrivateKeyBundleV2.fromLegacyBundle(one.theirs);
        const sealed = await reference.SealedInvitation.createV1({
          sender,
          recipient,
          created: new Date(Number(createdMs)),
          invitation,
        });
        const opened = openInvitation(
          (isOpenedBySender ? one : other).ours,
          decodeSealedInvitation(Uint8Array.from(sealed.toBytes())),
          createdMs * MS,
        );
        expect(opened.invitation.topic).toBe(invitation.topic);
        expect(opened.invitation.keyMaterial).toEqual(Uint8Array.from(invitation.aes256GcmHkdfSha256.keyMaterial));
      }),
      CASES,
    );
  });

  it("R-D4 on V1 messages: header, id, and each side opens the other's, as sender and as recipient", async () => {
    await fc.assert(
      fc.asyncProperty(
        pairs,
        fc.uint8Array({ maxLength: 200 }),
        timesMs,
        bytes32,
        bytes12,
        fc.boolean(),
        async ([one, other], payload, timestampMs, salt32, nonce12, isOpenedBySender) => {
          const [sender, recipient] = [publicBundleOf(one.ours), publicBundleOf(other.ours)];
          const headerBytes = encodeMessageHeaderV1({ sender, recipient, timestampMs });
          const ciphertext = encryptV1({ mine: one.ours, headerBytes, payload, salt32, nonce12 });
          const published = encodeMessage({ version: 1, headerBytes, ciphertext });

          const [theirSender, theirRecipient] = [one.theirs.getPublicKeyBundle(), other.theirs.getPublicKeyBundle()];
          const opener = isOpenedBySender ? one : other;
          const read = await reference.MessageV1.fromBytes(published);
          const openerBundle = opener.theirs.getPublicKeyBundle();
          expect(Uint8Array.from(await read.decrypt(await opener.keystore(), openerBundle))).toEqual(payload);
          expect([read.id, BigInt(read.sent.getTime()), read.senderAddress, read.recipientAddress]).toEqual([
            messageId(published),
            timestampMs,
            one.seeds.wallet.address,
            other.seeds.wallet.address,
          ]);

          const theirs = await reference.MessageV1.encode(
            await one.keystore(),
            payload,
            theirSender,
            theirRecipient,
            new Date(Number(timestampMs)),
          );
          const theirBytes = Uint8Array.from(theirs.toBytes());
          const message = decodeMessage(theirBytes);
          expect(message.headerBytes).toEqual(headerBytes);
          expect(messageId(theirBytes)).toBe(theirs.id);
          expect(encodeMessage(message)).toEqual(theirBytes);
          const claim = { isSender: isOpenedBySender, peerKeys: isOpenedBySender ? recipient : sender };
          expect(decryptV1(opener.ours, message, claim)).toEqual(payload);
          const topic = directMessageTopic(one.seeds.wallet.address, other.seeds.wallet.address);
          expect(readMessageV1(opener.ours, theirBytes, topic)).toEqual({
            payload,
            timestampMs,
            senderAddress: one.seeds.wallet.address,
            recipientAddress: other.seeds.wallet.address,
          });
        },
      ),
      CASES,
    );
  });
});
