// The real client as oracle for V2 messages, sender HMACs and preferences: 1,000 random cases per operation.
// Promises that the client's own conversation object reads what we write, down to the last byte it checks, and the reverse.
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { signedPublicBundleOf } from '../keys/bundles';
import { bytesToHex } from '../base/bytes';
import { hmacKeyOf, hmacKeysOfTopics, hmacPeriodOf, senderHmac } from '../messages/hmac-keys';
import { createInvitation } from '../messages/invitation';
import { decodeHmacKeysResponse, encodeHmacKeysRequest, encodeHmacKeysResponse } from '../keystore/calls';
import { encodeSaveInvitesRequest } from '../keystore/messages';
import { decodeMessage, encodeMessage, messageId } from '../messages/message';
import {
  contentDigest,
  decodeSignedContent,
  decryptV2,
  encodeMessageHeaderV2,
  encryptV2,
  readMessageV2,
  signContent,
} from '../messages/message-v2';
import type { TestIdentity } from '../testkit/reference.testkit';
import { identityPool, reference, referenceProto, seed } from '../testkit/reference.testkit';
import { letTheReferenceRemember } from '../testkit/remembering.testkit';
import type * as Curve from '../base/secp256k1';
import { privatePreferencesIdentifier, selfDecrypt, selfEncrypt } from '../messages/self-encryption';
import { lawOf } from '../../../scripts/campaign/size';

vi.mock('../base/secp256k1', async (importActual) => {
  const curve = await importActual<typeof Curve>();
  const { remembered } = await import('../testkit/remembering.testkit');
  return {
    ...curve,
    getPublicKey: remembered(curve.getPublicKey),
    recoverPublicKey: remembered(curve.recoverPublicKey),
  };
});

const CASES = lawOf('differential', 'cases');
const MS = 1_000_000n;
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const bytes12 = fc.uint8Array({ minLength: 12, maxLength: 12 });
const payloads = fc.uint8Array({ maxLength: 200 });
const timesMs = fc.bigInt({ min: 1n, max: 4_102_444_800_000n });

/** One conversation between two identities, saved in the real keystore of each, with the client's own object on top. */
interface Conversation {
  readonly topic: string;
  readonly keyMaterial: Uint8Array;
  readonly sides: readonly {
    identity: TestIdentity;
    keystore: Keystore;
    theirs: InstanceType<typeof reference.ConversationV2>;
  }[];
}
type Keystore = Awaited<ReturnType<typeof reference.InMemoryKeystore.create>>;
const conversations: Conversation[] = [];

beforeAll(async () => {
  letTheReferenceRemember(reference);
  const pool = await identityPool(6);
  const keystores = await Promise.all(
    pool.map(({ theirs }) =>
      reference.InMemoryKeystore.create(theirs, reference.InMemoryPersistence.create() as never),
    ),
  );
  for (let i = 0; i < 6; i++) conversations.push(await conversationOf([i, (i + 1) % 6], pool, keystores));
});
afterEach(() => vi.useRealTimers());

async function conversationOf(indexes: number[], pool: TestIdentity[], keystores: Keystore[]): Promise<Conversation> {
  const [one, other] = indexes.map((i) => pool[i] as TestIdentity) as [TestIdentity, TestIdentity];
  const [sender, recipient] = [signedPublicBundleOf(one.ours), signedPublicBundleOf(other.ours)];
  const createdNs = 1_700_000_000_000n * MS;
  const { invitation, sealed } = createInvitation({
    mine: one.ours,
    sender,
    recipient,
    createdNs,
    salt32: seed('salt'),
    nonce12: seed('nonce').slice(0, 12),
  });
  const request = encodeSaveInvitesRequest([{ contentTopic: '', timestampNs: createdNs, payload: sealed }]);
  const sides = [];
  for (const i of indexes) {
    const [identity, keystore] = [pool[i] as TestIdentity, keystores[i] as Keystore];
    await keystore.saveInvites(referenceProto.keystore.SaveInvitesRequest.decode(request));
    // What the conversation object asks of its client; content stays as it is.
    const client = {
      address: identity.seeds.wallet.address,
      keystore,
      signedPublicKeyBundle: reference.SignedPublicKeyBundle.fromLegacyBundle(identity.theirs.getPublicKeyBundle()),
      decodeContent: async (content: Uint8Array) => ({ content, contentType: undefined }),
    };
    const theirs = new reference.ConversationV2(
      client as never,
      invitation.topic,
      '',
      new Date(0),
      undefined,
      undefined,
    );
    sides.push({ identity, keystore, theirs });
  }
  return { topic: invitation.topic, keyMaterial: invitation.keyMaterial, sides };
}

const exchanges = fc.tuple(fc.nat(1000), fc.boolean()).map(([n, isSwapped]) => {
  const conversation = conversations[n % conversations.length] as Conversation;
  const [writer, reader] = isSwapped ? conversation.sides.toReversed() : conversation.sides;
  type Side = Conversation['sides'][number];
  return { ...conversation, writer: writer as Side, reader: reader as Side };
});

describe('the real client agrees', () => {
  it('R-D4 on V2 messages: it verifies and reads ours, we verify and read its; header, signature, HMAC and id are the same', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await fc.assert(
      fc.asyncProperty(
        exchanges,
        payloads,
        timesMs,
        timesMs,
        fc.boolean(),
        bytes32,
        bytes12,
        async ({ topic, keyMaterial, writer, reader }, payload, sentMs, clockMs, shouldPush, salt32, nonce12) => {
          vi.setSystemTime(Number(clockMs));
          const address = writer.identity.seeds.wallet.address;
          const sender = signedPublicBundleOf(writer.identity.ours);
          const preKeyPrivate = writer.identity.ours.preKeys[0]?.privateKey as Uint8Array;
          const headerBytes = encodeMessageHeaderV2({ createdNs: sentMs * MS, topic });
          const signed = signContent({ headerBytes, payload, sender, preKeyPrivate });
          const ciphertext = encryptV2({ keyMaterial, headerBytes, payload: signed, salt32, nonce12 });
          const hmac = senderHmac(hmacKeyOf(keyMaterial, hmacPeriodOf(Number(clockMs)), address), headerBytes);
          const published = encodeMessage({ version: 2, headerBytes, ciphertext, senderHmac: hmac, shouldPush });

          const envelope = { contentTopic: topic, timestampNs: '', message: published };
          const read = await reader.theirs.decodeMessage(envelope);
          expect([read.id, read.senderAddress, BigInt(read.sent.getTime())]).toEqual([
            messageId(published),
            address,
            sentMs,
          ]);
          expect(Uint8Array.from(read.contentBytes)).toEqual(payload);

          const theirs = await writer.theirs.createMessage(payload, shouldPush, new Date(Number(sentMs)));
          const theirBytes = Uint8Array.from(theirs.toBytes());
          const message = decodeMessage(theirBytes);
          if (message.version !== 2) throw new Error('not a V2 message');
          expect(encodeMessage(message)).toEqual(theirBytes);
          expect([messageId(theirBytes), message.shouldPush]).toEqual([theirs.id, shouldPush]);
          expect([bytesToHex(message.headerBytes), bytesToHex(message.senderHmac as Uint8Array)]).toEqual([
            bytesToHex(headerBytes),
            bytesToHex(hmac),
          ]);
          expect(bytesToHex(decryptV2(keyMaterial, message))).toBe(bytesToHex(signed));
          expect(readMessageV2(keyMaterial, theirBytes, topic)).toEqual({
            payload,
            senderAddress: address,
            createdNs: sentMs * MS,
          });
        },
      ),
      CASES,
    );
  });

  it('R-D4 on the signature over content, byte for byte, recovery bit included', async () => {
    await fc.assert(
      fc.asyncProperty(exchanges, payloads, timesMs, async ({ topic, writer }, payload, sentMs) => {
        const { ours } = writer.identity;
        const sender = signedPublicBundleOf(ours);
        const headerBytes = encodeMessageHeaderV2({ createdNs: sentMs * MS, topic });
        const digest = contentDigest(headerBytes, payload);
        const preKeyPrivate = ours.preKeys[0]?.privateKey as Uint8Array;
        const completed = decodeSignedContent(signContent({ headerBytes, payload, sender, preKeyPrivate }));
        const theirs = await writer.keystore.signDigest({ digest, prekeyIndex: 0, identityKey: undefined });
        expect(completed).toEqual({
          payload,
          sender,
          signature: {
            kind: 'ecdsaCompact',
            bytes: Uint8Array.from(theirs.ecdsaCompact?.bytes ?? []),
            recovery: theirs.ecdsaCompact?.recovery,
          },
        });
      }),
      CASES,
    );
  });

  it('R-D4 on HMAC keys of known topics at any time', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await fc.assert(
      fc.asyncProperty(exchanges, timesMs, async ({ topic, keyMaterial, writer }, clockMs) => {
        vi.setSystemTime(Number(clockMs));
        const request = encodeHmacKeysRequest([topic, '/xmtp/0/m-unknown/proto']);
        const answered = await writer.keystore.getV2ConversationHmacKeys(
          referenceProto.keystore.GetConversationHmacKeysRequest.decode(request),
        );
        const theirs = Uint8Array.from(
          referenceProto.keystore.GetConversationHmacKeysResponse.encode(answered).finish(),
        );
        const ours = hmacKeysOfTopics(
          [topic, '/xmtp/0/m-unknown/proto'],
          new Map([[topic, keyMaterial]]),
          writer.identity.seeds.wallet.address,
          Number(clockMs),
        );
        expect(decodeHmacKeysResponse(theirs)).toEqual(ours);
        expect(bytesToHex(encodeHmacKeysResponse(ours))).toBe(bytesToHex(theirs));
      }),
      CASES,
    );
  });

  it('R-D4 on self encryption in both directions, and on the topic identifier', async () => {
    for (const { sides } of conversations) {
      for (const { identity, keystore } of sides) {
        const { identifier } = await keystore.getPrivatePreferencesTopicIdentifier();
        expect(privatePreferencesIdentifier(identity.ours.identityKey.privateKey)).toBe(identifier);
      }
    }
    await fc.assert(
      fc.asyncProperty(
        exchanges,
        fc.array(payloads, { minLength: 1, maxLength: 3 }),
        bytes32,
        bytes12,
        async ({ writer }, plaintexts, salt32, nonce12) => {
          const { privateKey } = writer.identity.ours.identityKey;
          const sealed = plaintexts.map((plain) => selfEncrypt(plain, privateKey, salt32, nonce12));
          const opened = await writer.keystore.selfDecrypt({ requests: sealed.map((payload) => ({ payload })) });
          expect(opened.responses.map(({ result }) => Uint8Array.from(result?.decrypted ?? [255]))).toEqual(plaintexts);
          const theirs = await writer.keystore.selfEncrypt({ requests: plaintexts.map((payload) => ({ payload })) });
          expect(
            theirs.responses.map(({ result }) => selfDecrypt(Uint8Array.from(result?.encrypted ?? []), privateKey)),
          ).toEqual(plaintexts);
        },
      ),
      CASES,
    );
  });
});
