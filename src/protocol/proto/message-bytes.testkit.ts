// Random bytes of every message type, written straight from the table of shapes, and the codecs of the field for each.
// Must not: be imported by anything but tests.
import fc from 'fast-check';
import { concatBytes, utf8ToBytes } from '../base/bytes';
import { referenceProto } from '../testkit/reference.testkit';
import * as conversations from './gen/conversations';
import * as keys from './gen/keys';
import * as keystore from './gen/keystore';
import { SHAPES } from './gen/shapes';
import type { MessageName } from './strict';

export interface Codec {
  encode(message: never): { finish(): Uint8Array };
  decode(bytes: Uint8Array): unknown;
}

/** Our names of keystore messages, and the field's. */
const KEYSTORE_NAMES: Record<string, string> = {
  KeystoreError: 'KeystoreError',
  DecryptV1Item: 'DecryptV1Request_Request',
  DecryptV2Item: 'DecryptV2Request_Request',
  DecryptOutcome: 'DecryptResponse_Response',
  EncryptV1Item: 'EncryptV1Request_Request',
  EncryptV2Item: 'EncryptV2Request_Request',
  EncryptOutcome: 'EncryptResponse_Response',
  SaveInvitesItem: 'SaveInvitesRequest_Request',
  SaveInvitesOutcome: 'SaveInvitesResponse_Response',
  SelfCryptItem: 'SelfEncryptRequest_Request',
  SelfEncryptOutcome: 'SelfEncryptResponse_Response',
  CreateInviteRequest: 'CreateInviteRequest',
  CreateInviteResponse: 'CreateInviteResponse',
  CreateAuthTokenRequest: 'CreateAuthTokenRequest',
  SignDigestRequest: 'SignDigestRequest',
  Conversations: 'GetConversationsResponse',
  GetRefreshJobRequest: 'GetRefreshJobRequest',
  GetRefreshJobResponse: 'GetRefreshJobResponse',
  SetRefreshJobRequest: 'SetRefeshJobRequest',
  TopicIdentifierResponse: 'GetPrivatePreferencesTopicIdentifierResponse',
  HmacKeysRequest: 'GetConversationHmacKeysRequest',
  HmacKeyData: 'GetConversationHmacKeysResponse_HmacKeyData',
  HmacKeysResponse: 'GetConversationHmacKeysResponse',
};

/** Message name to the field's codec for it. */
export const THEIRS: Record<string, Codec> = {
  ...pick(referenceProto.signature, ['ECDSACompact', 'Signature'], { ECDSACompact: 'ECDSACompact' }),
  ...pick(
    referenceProto.publicKey,
    [
      'Secp256k1Uncompressed',
      'UnsignedPublicKey',
      'PublicKey',
      'SignedPublicKey',
      'PublicKeyBundle',
      'SignedPublicKeyBundle',
    ],
    { Secp256k1Uncompressed: 'UnsignedPublicKey_Secp256k1Uncompressed' },
  ),
  ...pick(referenceProto.privateKey, [
    'PrivateKey',
    'SignedPrivateKey',
    'PrivateKeyBundleV1',
    'PrivateKeyBundleV2',
    'PrivateKeyBundle',
    'EncryptedPrivateKeyBundleV1',
    'EncryptedPrivateKeyBundle',
  ]),
  ...pick(referenceProto.ciphertext, ['Ciphertext']),
  ...pick(referenceProto.contact, ['ContactBundleV1', 'ContactBundleV2', 'ContactBundle']),
  ...pick(referenceProto.authn, ['Token', 'AuthData']),
  ...pick(referenceProto.invitation, [
    'InvitationV1',
    'SealedInvitationHeaderV1',
    'SealedInvitationV1',
    'SealedInvitation',
    'ConsentProofPayload',
  ]),
  ...pick(referenceProto.message, ['MessageHeaderV1', 'MessageV1', 'MessageHeaderV2', 'MessageV2', 'Message']),
  ...pick(referenceProto.content, ['SignedContent', 'EncodedContent', 'ContentTypeId']),
  ...pick(referenceProto.conversationReference, ['ConversationReference']),
  ...pick(referenceProto.privatePreferences, ['PrivatePreferencesPayload', 'PrivatePreferencesAction']),
  ...pick(referenceProto.keystore, Object.keys(KEYSTORE_NAMES), KEYSTORE_NAMES),
};
export const OURS = { ...keys, ...conversations, ...keystore } as unknown as Record<string, Codec>;
/** The messages that both have. */
export const COMPARED = Object.keys(THEIRS) as MessageName[];

/** Canonical bytes of random messages of this type: ascending numbers, no defaults, as the encoders write them. */
export function messageBytes(name: MessageName): fc.Arbitrary<Uint8Array> {
  const fields = Object.entries(SHAPES[name] as Record<string, { type: string; repeated?: true; oneof?: number }>);
  // The encoders write compression (5) before content (4).
  if (name === 'EncodedContent') fields.splice(3, 2, fields[4] as (typeof fields)[0], fields[3] as (typeof fields)[0]);
  const written = fields.map(([number, { type, repeated }]) => {
    const one = fieldBytes(Number(number), type);
    return repeated
      ? fc.array(one, { maxLength: type.includes('Entry') ? 1 : 3 }).map((parts) => concatBytes(...parts))
      : one;
  });
  const isInOneof = fields.map(([, { oneof }]) => oneof !== undefined);
  return fc
    .tuple(
      fc.array(fc.boolean(), { minLength: fields.length, maxLength: fields.length }),
      fc.nat(),
      fc.tuple(...written),
    )
    .map(([present, choice, parts]) => {
      const members = isInOneof.flatMap((inside, i) => (inside ? [i] : []));
      const chosen = name === 'Signature' ? choice % 2 : members[choice % Math.max(1, members.length)];
      return concatBytes(
        ...parts.filter((_, i) =>
          isInOneof[i] || name === 'Signature' ? i === chosen : isRepeated(fields[i]) || present[i],
        ),
      );
    });
}

function isRepeated(field: readonly [string, { readonly repeated?: true }] | undefined): boolean {
  return field?.[1].repeated === true;
}

function fieldBytes(number: number, fieldType: string): fc.Arbitrary<Uint8Array> {
  const tagged = (wireType: number, body: Uint8Array): Uint8Array =>
    concatBytes(varint(BigInt(number * 8 + wireType)), body);
  const delimited = (body: Uint8Array): Uint8Array => tagged(2, concatBytes(varint(BigInt(body.length)), body));
  if (fieldType === 'int64')
    return fc
      .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
      .filter((value) => value !== 0n)
      .map((value) => tagged(0, varint(BigInt.asUintN(64, value))));
  if (fieldType === 'int32')
    return fc
      .integer()
      .filter((value) => value !== 0)
      .map((value) => tagged(0, varint(BigInt.asUintN(64, BigInt(value)))));
  if (fieldType === 'uint64')
    return fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map((value) => tagged(0, varint(value)));
  if (fieldType === 'uint32') return fc.nat(2 ** 31 - 2).map((value) => tagged(0, varint(BigInt(value + 1))));
  if (fieldType === 'enum' || fieldType === 'bool') return fc.constant(tagged(0, varint(1n)));
  if (fieldType === 'bytes') return fc.uint8Array({ minLength: 1, maxLength: 70 }).map(delimited);
  if (fieldType === 'string')
    return fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => delimited(utf8ToBytes(text)));
  if (fieldType.endsWith('Entry')) {
    const { type } = (SHAPES[fieldType as MessageName] as Record<number, { type: string }>)[2] as { type: string };
    return fc.tuple(fieldBytes(1, 'string'), fieldBytes(2, type)).map((parts) => delimited(concatBytes(...parts)));
  }
  return messageBytes(fieldType as MessageName).map(delimited);
}

export function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...bytes, Number(rest)]);
}

function pick(space: object, names: readonly string[], renamed: Record<string, string> = {}): Record<string, Codec> {
  return Object.fromEntries(
    names.map((name) => {
      const codec = (space as Record<string, Codec>)[renamed[name] ?? name];
      // The field has two messages of this shape under the signature; either codec will do.
      return [name, codec ?? (space as Record<string, Codec>)[`Signature_${name}`]];
    }),
  ) as Record<string, Codec>;
}
