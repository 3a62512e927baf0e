// Reading what older and newer encoders write: by protobuf's own rules for what clients of this identity wrote, and not at all for strangers.
import { create, createFileRegistry, fromBinary, toBinary, type DescMessage } from '@bufbuild/protobuf';
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
} from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodePrivateKeyBundle,
  decodePrivateKeyBundleV1,
  encodePrivateKeyBundle,
  encodePrivateKeyBundleV1,
  publicBundleOf,
  signedPublicBundleOf,
  type PrivateKeyBundleV1,
} from '../keys/bundles';
import { createAuthToken } from '../keys/auth-token';
import { bytesToHex, concatBytes, hexToBytes } from '../base/bytes';
import { decodeContactBundle, encodeContactBundle } from '../keys/contact-bundle';
import { decodeContent, encodeContent, textContent } from '../messages/content';
import { decodeEncryptedPrivateKeyBundle, encodeEncryptedPrivateKeyBundle } from '../keys/encrypted-bundle';
import {
  createInvitation,
  decodeInvitation,
  decodeInvitationHeader,
  decodeSealedInvitation,
  encodeInvitation,
  encodeInvitationHeader,
} from '../messages/invitation';
import { signedBytesOf, walletAddressOf } from '../keys/keys';
import { decodeSignedPublicKey, encodeSignedPublicKey } from '../keys/key-codec';
import * as calls from '../keystore/calls';
import * as messages from '../keystore/messages';
import { decodeMessage, encodeMessage } from '../messages/message';
import { decodeMessageHeaderV1, encodeMessageHeaderV1 } from '../messages/message-v1';
import { decodeMessageHeaderV2, decodeSignedContent, encodeMessageHeaderV2, signContent } from '../messages/message-v2';
import { decodePreferenceAction, encodePreferenceAction } from '../messages/preference-action';
import { decodePublishRequest, encodePublishRequest } from '../keystore/publish';
import { reasonOf } from '../testkit/refusal.testkit';
import { identityPool } from '../testkit/reference.testkit';
import { decodeSelfEncrypted, encodeSelfEncrypted } from '../messages/self-encryption';
import { decodeAsProtobuf } from './as-protobuf';
import { Batch } from './gen/keystore';
import { SHAPES } from './gen/shapes';
import { COMPARED, messageBytes, OURS, THEIRS, varint, type Codec } from './message-bytes.testkit';
import { decodeStrictly, type MessageName } from './strict';

const [ada, bob] = (await identityPool(2)).map(({ ours }) => ours) as [PrivateKeyBundleV1, PrivateKeyBundleV1];
type Shape = Record<string, { type: string; repeated?: true; oneof?: number }>;
const shapeOf = (name: string) => Object.entries(SHAPES[name as MessageName] as Shape);

/** Another implementation of protobuf, with our messages: every field has a presence of its own, so that it writes back exactly what it has merged. */
function reference(): (name: MessageName) => DescMessage {
  const plain = (name: string) => name.replaceAll(/[^A-Za-z0-9]/g, '_');
  const scalars: Record<string, FieldDescriptorProto_Type> = {
    string: FieldDescriptorProto_Type.STRING,
    bytes: FieldDescriptorProto_Type.BYTES,
    uint64: FieldDescriptorProto_Type.UINT64,
    int64: FieldDescriptorProto_Type.INT64,
    uint32: FieldDescriptorProto_Type.UINT32,
    int32: FieldDescriptorProto_Type.INT32,
    enum: FieldDescriptorProto_Type.INT32,
    bool: FieldDescriptorProto_Type.BOOL,
  };
  const messageType = Object.keys(SHAPES).map((name) => {
    const oneofs = Math.max(-1, ...shapeOf(name).map(([, { oneof }]) => oneof ?? -1)) + 1;
    return {
      name: plain(name),
      oneofDecl: Array.from({ length: oneofs }, (_, n) => ({ name: `oneof_${n}` })),
      field: shapeOf(name).map(([number, { type, repeated, oneof }]) => ({
        name: `f${number}`,
        number: Number(number),
        label: repeated ? FieldDescriptorProto_Label.REPEATED : FieldDescriptorProto_Label.OPTIONAL,
        type: scalars[type] ?? FieldDescriptorProto_Type.MESSAGE,
        ...(scalars[type] === undefined && { typeName: `.${plain(type)}` }),
        ...(oneof !== undefined && { oneofIndex: oneof }),
      })),
    };
  });
  const registry = createFileRegistry(
    create(FileDescriptorProtoSchema, { name: 'all.proto', syntax: 'proto2', messageType }),
    () => undefined,
  );
  return (name) => registry.getMessage(plain(name)) as DescMessage;
}
const descriptorOf = reference();
/** What protobuf says the bytes mean, with everything given once. */
const mergedByReference = (name: MessageName, bytes: Uint8Array) =>
  toBinary(descriptorOf(name), fromBinary(descriptorOf(name), bytes));

/** Every field of the message that is not a message itself and does not stand in a oneof, with the default value written out. */
function writtenDefaults(name: string, isMeant: (number: string) => boolean = () => true): Uint8Array {
  const wireTypes: Record<string, number> = { string: 2, bytes: 2 };
  const meant = shapeOf(name).filter(
    ([number, { type, repeated, oneof }]) =>
      !repeated && oneof === undefined && !Object.hasOwn(SHAPES, type) && isMeant(number),
  );
  return concatBytes(
    ...meant.map(([number, { type }]) =>
      concatBytes(varint(BigInt(Number(number) * 8 + (wireTypes[type] ?? 0))), Uint8Array.of(0)),
    ),
  );
}
const unknown = hexToBytes('f8030a' + 'f90300000000000000ff' + 'fa0302aabb' + 'fd03000000ff');
const reencoded = (name: MessageName, message: unknown) =>
  bytesToHex(Uint8Array.from((OURS[name] as Codec).encode(message as never).finish()));
const read = (name: MessageName, bytes: Uint8Array) =>
  reencoded(name, decodeAsProtobuf(OURS[name] as Codec, name, bytes));

describe('decodeAsProtobuf', () => {
  it('law: for every message type, whatever is given how often, it reads what another implementation of protobuf reads', () => {
    let mergedOnes = 0;
    for (const name of COMPARED) {
      // Two different messages behind each other are one message with everything given twice, at every depth.
      const parts = fc.array(fc.oneof(messageBytes(name), fc.constant(writtenDefaults(name)), fc.constant(unknown)), {
        minLength: 1,
        maxLength: 4,
      });
      fc.assert(
        fc.property(parts, (written) => {
          const bytes = concatBytes(...written);
          const once = mergedByReference(name, bytes);
          if (once.length !== bytes.length) mergedOnes++;
          expect(read(name, bytes)).toBe(reencoded(name, decodeStrictly(OURS[name] as Codec, name, once)));
        }),
        { numRuns: 12 },
      );
    }
    expect(mergedOnes).toBeGreaterThan(100);
  });

  it('law: defaults that are written out and fields that nobody knows are read as the codecs of the field read them', () => {
    for (const name of COMPARED) {
      fc.assert(
        fc.property(messageBytes(name), (bytes) => {
          const theirs = THEIRS[name] as Codec;
          const present = new Set(Object.keys(decodePresence(name, bytes)));
          // Before and behind, as encoders with another order would write them.
          for (const written of [
            concatBytes(
              writtenDefaults(name, (number) => !present.has(number)),
              unknown,
              bytes,
            ),
            concatBytes(bytes, unknown),
          ]) {
            const read = reencoded(name, decodeAsProtobuf(OURS[name] as Codec, name, written));
            expect(read).toBe(bytesToHex(Uint8Array.from(theirs.encode(theirs.decode(written) as never).finish())));
          }
        }),
        { numRuns: 12 },
      );
    }
  });

  it.each([
    ['both signers, the index last', 'SignDigestRequest', '10001800', '1800'],
    ['both signers, the identity key last', 'SignDigestRequest', '18001001', '1001'],
    ['a number twice', 'SetRefreshJobRequest', '0801080210051006', '08021006'],
    ['a text that was cleared', 'DecryptV2Item', '1a0161' + '1a00', ''],
    ['two kinds of preference', 'PrivatePreferencesAction', '0a030a0161' + '12030a0162', '12030a0162'],
    [
      'one kind twice: its lists follow each other',
      'PrivatePreferencesAction',
      '0a030a0161' + '0a030a0162',
      '0a060a01610a0162',
    ],
    [
      'one kind, another, and the first again: what was before the other is gone',
      'PrivatePreferencesAction',
      '0a030a0161' + '12030a0162' + '0a030a0163',
      '0a030a0163',
    ],
  ] as const)('reads %s', (_what, name, hex, wanted) => {
    expect(read(name, hexToBytes(hex))).toBe(wanted);
    expect(bytesToHex(mergedByReference(name, hexToBytes(hex)))).toContain(wanted);
  });

  it.each([
    ['a wrong wire type, also where a right one follows', 'DecryptV2Item', '1801' + '1a0161', 'malformed-protobuf'],
    ['a bool that is 2, also where another follows', 'DecryptV1Item', '2002' + '2001', 'malformed-protobuf'],
    [
      'a text that is not UTF-8, also where another follows',
      'DecryptV2Item',
      '1a02c328' + '1a0161',
      'malformed-protobuf',
    ],
    ['a length past its parent', 'CreateInviteRequest', '18011801' + '0aff01', 'malformed-protobuf'],
    ['a group', 'DecryptV2Item', '1a00' + '1a00' + '2b2c', 'malformed-protobuf'],
  ] as const)('refuses %s', (_what, name, hex, reason) => {
    expect(reasonOf(() => read(name, hexToBytes(hex)))).toBe(reason);
  });

  it('refuses to merge more than a request can mean, in time that grows with its size', () => {
    const many = (hex: string, count: number) => hexToBytes(hex.repeat(count));
    // One message half a million times is one message; so many of a list are refused.
    expect(read('CreateInviteRequest', many('0a00', 500_000))).toBe('0a00');
    expect(read('DecryptV2Item', many('1a00', 500_000))).toBe('');
    const list = concatBytes(hexToBytes('0a00'), many('1200', 70_000), hexToBytes('0a00'));
    expect(reasonOf(() => read('PrivateKeyBundleV1', list))).toBe('malformed-protobuf');
  });

  it('tells which copies it made, so that a private bundle can be wiped', () => {
    const bytes = encodePrivateKeyBundleV1(ada);
    const copies: Uint8Array[] = [];
    decodeAsProtobuf(OURS['PrivateKeyBundleV1'] as Codec, 'PrivateKeyBundleV1', concatBytes(bytes, bytes), copies);
    expect(copies.length).toBeGreaterThan(3);
    const secret = bytesToHex(ada.identityKey.privateKey);
    expect(copies.some((copy) => bytesToHex(copy).includes(secret))).toBe(true);
    const read: Uint8Array[] = [];
    const { fill } = Uint8Array.prototype;
    Uint8Array.prototype.fill = function (...input) {
      if (input[0] === 0) read.push(this);
      return fill.apply(this, input);
    };
    const bundle = decodePrivateKeyBundleV1(concatBytes(bytes, bytes));
    Uint8Array.prototype.fill = fill;
    expect(bundle.identityKey).toEqual(ada.identityKey);
    expect(read.length).toBe(copies.length);
    expect(read.every((copy) => !bytesToHex(copy).includes(secret))).toBe(true);
  });
});

/** One valid message of each kind, by who wrote it. */
const header = {
  sender: signedPublicBundleOf(bob),
  recipient: signedPublicBundleOf(ada),
  createdNs: 1_700_000_000_000_000_000n,
};
const salt32 = new Uint8Array(32).fill(1);
const nonce12 = new Uint8Array(12).fill(2);
const sealed = { hkdfSalt: salt32, gcmNonce: nonce12, payload: new Uint8Array(40) };
const invited = createInvitation({
  mine: bob,
  sender: header.sender,
  recipient: header.recipient,
  createdNs: header.createdNs,
  salt32,
  nonce12,
});
const headerV1 = encodeMessageHeaderV1({
  sender: publicBundleOf(bob),
  recipient: publicBundleOf(ada),
  timestampMs: 5n,
});
const headerV2 = encodeMessageHeaderV2({ createdNs: 5n, topic: invited.invitation.topic });
const conversation = { ...invited.conversation, context: { conversationId: 'x', metadata: new Map([['a', 'b']]) } };
const preKeyPrivate = bob.preKeys[0]?.privateKey ?? new Uint8Array();

describe('what strangers sign or seal keeps the strict rules: everything given once', () => {
  it.each([
    ['SealedInvitation', invited.sealed, decodeSealedInvitation],
    ['SealedInvitationHeaderV1', encodeInvitationHeader(header), decodeInvitationHeader],
    ['InvitationV1', encodeInvitation(invited.invitation), decodeInvitation],
    ['MessageHeaderV1', headerV1, decodeMessageHeaderV1],
    ['MessageHeaderV2', headerV2, decodeMessageHeaderV2],
    ['Message', encodeMessage({ version: 2, headerBytes: headerV2, ciphertext: sealed }), decodeMessage],
    [
      'SignedContent',
      signContent({ headerBytes: headerV2, payload: new Uint8Array(3), sender: header.sender, preKeyPrivate }),
      decodeSignedContent,
    ],
    ['EncodedContent', encodeContent(textContent('hi')), decodeContent],
    ['ContactBundle', encodeContactBundle({ version: 2, bundle: header.sender }), decodeContactBundle],
    ['SignedPublicKey', encodeSignedPublicKey(header.sender.preKey), decodeSignedPublicKey],
    [
      'UnsignedPublicKey inside',
      encodeSignedPublicKey({
        ...header.sender.preKey,
        keyBytes: concatBytes(signedBytesOf(header.sender.preKey), signedBytesOf(header.sender.preKey)),
      }),
      undefined,
    ],
  ] as const)('%s', (_name, bytes, decode) => {
    if (!decode) return expect(reasonOf(() => decodeSignedPublicKey(bytes))).toBe('malformed-protobuf');
    expect(() => decode(bytes)).not.toThrow();
    expect(reasonOf(() => decode(concatBytes(bytes, bytes)))).toBe('malformed-protobuf');
  });

  it('a request that is read leniently does not loosen the signed bytes inside it', () => {
    const { preKey, identityKey } = header.recipient;
    const doubled = { identityKey, preKey: { ...preKey, keyBytes: concatBytes(preKey.keyBytes, preKey.keyBytes) } };
    const request = calls.encodeCreateInviteRequest({ recipient: doubled, createdNs: 1n });
    expect(reasonOf(() => calls.decodeCreateInviteRequest(concatBytes(request, Uint8Array.of(24, 1))))).toBe(
      'malformed-protobuf',
    );
  });
});

describe('what clients of this identity write is read with everything given twice', () => {
  const peerKeys = publicBundleOf(bob);
  const token = createAuthToken(ada.identityKey, 5n, walletAddressOf(ada.identityKey.publicKey));
  const whole: [string, Uint8Array, (bytes: Uint8Array) => unknown][] = [
    [
      'createInvite',
      calls.encodeCreateInviteRequest({
        recipient: header.recipient,
        createdNs: 5n,
        context: { conversationId: 'x', metadata: new Map() },
      }),
      calls.decodeCreateInviteRequest,
    ],
    [
      'createInvite, answer',
      calls.encodeCreateInviteResponse({ conversation: invited.conversation, payload: token }),
      calls.decodeCreateInviteResponse,
    ],
    ['createAuthToken', calls.encodeCreateAuthTokenRequest(5n), calls.decodeCreateAuthTokenRequest],
    ['getRefreshJob', calls.encodeGetRefreshJobRequest(2), calls.decodeGetRefreshJobRequest],
    ['getRefreshJob, answer', calls.encodeGetRefreshJobResponse(5n), calls.decodeGetRefreshJobResponse],
    ['setRefreshJob', calls.encodeSetRefreshJobRequest(2, 5n), calls.decodeSetRefreshJobRequest],
    ['topic identifier, answer', calls.encodeTopicIdentifierResponse('x'), calls.decodeTopicIdentifierResponse],
    ['a preference', encodePreferenceAction({ kind: 'allowAddress', values: [] }), decodePreferenceAction],
    ['a sealed preference', encodeSelfEncrypted(sealed), decodeSelfEncrypted],
    [
      'network copy',
      encodeEncryptedPrivateKeyBundle({ walletPreKey: salt32, ciphertext: sealed }),
      decodeEncryptedPrivateKeyBundle,
    ],
  ];
  it.each(whole)('%s', (_name, bytes, decode) => {
    expect(decode(concatBytes(bytes, unknown, bytes))).toEqual(decode(bytes));
  });

  const items: [string, Uint8Array, (bytes: Uint8Array) => unknown][] = [
    [
      'decryptV1',
      messages.encodeDecryptV1Request([{ payload: sealed, peerKeys, headerBytes: headerV1, isSender: true }]),
      messages.decodeDecryptV1Request,
    ],
    [
      'decryptV2',
      messages.encodeDecryptV2Request([{ payload: sealed, headerBytes: headerV2, contentTopic: 'x' }]),
      messages.decodeDecryptV2Request,
    ],
    [
      'encryptV1',
      messages.encodeEncryptV1Request([{ recipient: peerKeys, payload: token, headerBytes: headerV1 }]),
      messages.decodeEncryptV1Request,
    ],
    [
      'encryptV2',
      messages.encodeEncryptV2Request([{ payload: token, headerBytes: headerV2, contentTopic: 'x' }]),
      messages.decodeEncryptV2Request,
    ],
    [
      'saveInvites',
      messages.encodeSaveInvitesRequest([{ contentTopic: 'x', timestampNs: 5n, payload: invited.sealed }]),
      messages.decodeSaveInvitesRequest,
    ],
    ['selfEncrypt', messages.encodeSelfEncryptRequest([token]), messages.decodeSelfEncryptRequest],
    ['decrypt, answer', messages.encodeDecryptResponse([{ result: token }]), messages.decodeDecryptResponse],
    [
      'encrypt, answer',
      messages.encodeEncryptResponse([{ result: { encrypted: sealed, senderHmac: salt32 } }]),
      messages.decodeEncryptResponse,
    ],
    [
      'a refusal',
      messages.encodeDecryptResponse([{ refusal: { code: 2, message: 'x' } }]),
      messages.decodeDecryptResponse,
    ],
    ['saveV1Conversations', calls.encodeConversations([invited.conversation]), calls.decodeConversations],
    [
      'preferences, stored',
      calls.encodePrivatePreferencesEntries([{ key: '5', action: token }]),
      calls.decodePrivatePreferencesEntries,
    ],
    ['publish', encodePublishRequest([{ contentTopic: 'x', timestampNs: 5n, message: token }]), decodePublishRequest],
  ];
  it.each(items)('%s, each item', (_name, bytes, decode) => {
    const [item = new Uint8Array()] = Batch.decode(bytes).items;
    const doubled = Batch.encode({ items: [concatBytes(item, unknown, item)] }).finish();
    expect(decode(doubled)).toEqual(decode(bytes));
  });

  it('a conversation with its context, whose names stay apart as lists do', () => {
    const [item = new Uint8Array()] = Batch.decode(calls.encodeConversations([conversation])).items;
    const [twice] = calls.decodeConversations(Batch.encode({ items: [concatBytes(item, item)] }).finish());
    expect(twice).toEqual(conversation);
  });

  it('private key bundles: the keys are merged, lists follow each other', () => {
    for (const [bytes, decode] of [
      [encodePrivateKeyBundle({ version: 1, bundle: ada }), (one: Uint8Array) => decodePrivateKeyBundle(one).bundle],
      [encodePrivateKeyBundleV1(ada), decodePrivateKeyBundleV1],
    ] as const) {
      const twice = decode(concatBytes(bytes, bytes));
      expect([twice.identityKey, twice.preKeys]).toEqual([ada.identityKey, [...ada.preKeys, ...ada.preKeys]]);
    }
  });
});

/** The fields that are there, by number; for messages whose fields are given at most once. */
function decodePresence(name: MessageName, bytes: Uint8Array): Record<string, true> {
  const { fields } = descriptorOf(name);
  const message = fromBinary(descriptorOf(name), bytes) as unknown as Record<string, unknown>;
  const present = fields.filter(({ localName, oneof }) =>
    oneof ? (message[oneof.localName] as { case?: string }).case === localName : Object.hasOwn(message, localName),
  );
  return Object.fromEntries(present.map(({ number }) => [String(number), true]));
}
