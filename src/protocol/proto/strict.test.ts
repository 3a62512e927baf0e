// The strict decoder: what it lets through is what the field's codecs say, and nothing else gets through.
// Random messages are written straight from the table of shapes, so that every message type is covered.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '../bytes';
import { decodePrivateKeyBundle, decodePublicKeyBundle, decodeSignedPublicKeyBundle, encodePrivateKeyBundle, encodePublicKeyBundle, encodeSignedPublicKeyBundle, publicBundleOf, signedPublicBundleOf } from '../bundles';
import { decodeContactBundle, encodeContactBundle } from '../contact-bundle';
import { decodeEncryptedPrivateKeyBundle } from '../encrypted-bundle';
import { ProtocolError } from '../errors';
import { identityPool, referenceProto } from '../reference.testkit';
import { decodeInvitation, decodeSealedInvitation } from '../invitation';
import { decodeMessage } from '../message';
import { decodeMessageHeaderV1 } from '../message-v1';
import { decodeSignedContent } from '../message-v2';
import { decodeCiphertext } from '../seal';
import * as conversations from './gen/conversations';
import * as keys from './gen/keys';
import * as keystore from './gen/keystore';
import { SHAPES } from './gen/shapes';
import type { MessageName } from './strict';
import { decodeStrictly, isWellFormed } from './strict';

interface Codec {
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
const THEIRS: Record<string, Codec> = {
  ...pick(referenceProto.signature, ['ECDSACompact', 'Signature'], { ECDSACompact: 'ECDSACompact' }),
  ...pick(referenceProto.publicKey, ['Secp256k1Uncompressed', 'UnsignedPublicKey', 'PublicKey', 'SignedPublicKey', 'PublicKeyBundle', 'SignedPublicKeyBundle'], { Secp256k1Uncompressed: 'UnsignedPublicKey_Secp256k1Uncompressed' }),
  ...pick(referenceProto.privateKey, ['PrivateKey', 'SignedPrivateKey', 'PrivateKeyBundleV1', 'PrivateKeyBundleV2', 'PrivateKeyBundle', 'EncryptedPrivateKeyBundleV1', 'EncryptedPrivateKeyBundle']),
  ...pick(referenceProto.ciphertext, ['Ciphertext']),
  ...pick(referenceProto.contact, ['ContactBundleV1', 'ContactBundleV2', 'ContactBundle']),
  ...pick(referenceProto.authn, ['Token', 'AuthData']),
  ...pick(referenceProto.invitation, ['InvitationV1', 'SealedInvitationHeaderV1', 'SealedInvitationV1', 'SealedInvitation', 'ConsentProofPayload']),
  ...pick(referenceProto.message, ['MessageHeaderV1', 'MessageV1', 'MessageHeaderV2', 'MessageV2', 'Message']),
  ...pick(referenceProto.content, ['SignedContent', 'EncodedContent', 'ContentTypeId']),
  ...pick(referenceProto.conversationReference, ['ConversationReference']),
  ...pick(referenceProto.privatePreferences, ['PrivatePreferencesPayload', 'PrivatePreferencesAction']),
  ...pick(referenceProto.keystore, Object.keys(KEYSTORE_NAMES), KEYSTORE_NAMES),
};
const OURS = { ...keys, ...conversations, ...keystore } as unknown as Record<string, Codec>;
const COMPARED = Object.keys(THEIRS) as MessageName[];

describe('decodeStrictly', () => {
  it('reads and writes every message type byte for byte like the codecs of the field', () => {
    expect(COMPARED.length).toBeGreaterThan(30);
    const cases = COMPARED.map((name) => [name, messageBytes(name)] as const);
    for (const [name, arbitrary] of cases) {
      fc.assert(
        fc.property(arbitrary, (bytes) => {
          const ours = OURS[name] as Codec;
          const theirs = THEIRS[name] as Codec;
          const decoded = decodeStrictly(ours, name, bytes);
          expect(bytesToHex(ours.encode(decoded as never).finish())).toBe(bytesToHex(bytes));
          expect(bytesToHex(Uint8Array.from(theirs.encode(theirs.decode(bytes) as never).finish()))).toBe(bytesToHex(bytes));
        }),
        { numRuns: 100 },
      );
    }
  });

  it('R-B5 answers any bytes with a message or a ProtocolError: truncated, spliced, flipped or random', async () => {
    const [identity] = await identityPool(1);
    const ours = (identity as NonNullable<typeof identity>).ours;
    const decoders = [decodePublicKeyBundle, decodeSignedPublicKeyBundle, decodePrivateKeyBundle, decodeContactBundle, decodeEncryptedPrivateKeyBundle, decodeCiphertext, decodeSealedInvitation, decodeInvitation, decodeMessage, decodeMessageHeaderV1, decodeSignedContent];
    const corpus = [
      encodePublicKeyBundle(publicBundleOf(ours)),
      encodeSignedPublicKeyBundle(signedPublicBundleOf(ours)),
      encodePrivateKeyBundle({ version: 1, bundle: ours }),
      encodeContactBundle({ version: 2, bundle: signedPublicBundleOf(ours) }),
    ];
    const outcomes = { value: 0, refusal: 0 };
    const tryAll = (bytes: Uint8Array): void => {
      for (const decode of decoders) {
        try {
          decode(bytes);
          outcomes.value++;
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
          outcomes.refusal++;
        }
      }
    };
    for (const bytes of corpus) {
      for (let length = 0; length <= bytes.length; length++) tryAll(bytes.subarray(0, length));
    }
    fc.assert(
      fc.property(fc.constantFrom(...corpus), fc.constantFrom(...corpus), fc.nat(800), fc.nat(255), fc.nat(800), (bytes, other, at, value, cut) => {
        const flipped = bytes.slice();
        flipped[at % bytes.length] = value;
        tryAll(flipped);
        tryAll(concatBytes(bytes.subarray(0, at % bytes.length), other.subarray(cut % other.length)));
      }),
      { numRuns: 2000 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), tryAll), { numRuns: 1000 });
    expect(outcomes.value).toBeGreaterThan(100);
    expect(outcomes.refusal).toBeGreaterThan(1000);
  });

  it('refuses a nested message that reaches past its parent, where the codecs of the field read on', () => {
    // PublicKeyBundle { identity_key: 4 bytes, in which the signature claims 6 } followed by bytes that would fit.
    const bytes = hexToBytes('0a041206080112021a00');
    expect(refusalOf('PublicKeyBundle', bytes)).toBe('length reaches past the parent');
    expect(() => referenceProto.publicKey.PublicKeyBundle.decode(bytes)).not.toThrow();
  });

  it.each([
    ['a known field with another wire type', 'PublicKey', '0a0100', 'wrong wire type'],
    ['a number where a message belongs', 'PublicKey', '1001', 'wrong wire type'],
    ['a group', 'PublicKey', '2b2c', 'groups and unknown wire types are not accepted'],
    ['wire type 7', 'PublicKey', '7f', 'groups and unknown wire types are not accepted'],
    ['field number 0', 'PublicKey', '0000', 'tag out of range'],
    ['a tag over 32 bits', 'PublicKey', 'f8ffffff7f01', 'tag out of range'],
    ['a cut-off varint', 'PublicKey', '0880', 'varint cut off'],
    ['a varint of eleven bytes', 'PublicKey', '088080808080808080808000', 'varint over ten bytes'],
    ['a varint over 64 bits', 'PublicKey', '08ffffffffffffffffff02', 'varint over 64 bits'],
    ['a uint32 over 32 bits', 'ECDSACompact', '108080808010', 'number too large for its field'],
    ['a bool that is 2', 'MessageV2', '2002', 'number too large for its field'],
    ['a fixed field cut off', 'PublicKey', '2100000000', 'fixed field cut off'],
    ['an unknown field whose length is too long', 'PublicKey', 'ba0105aa', 'length reaches past the parent'],
    ['a message given twice', 'PublicKeyBundle', '0a000a00', 'field given twice'],
    ['a number given twice', 'PublicKey', '08010802', 'field given twice'],
    ['two members of one oneof', 'ContactBundle', '0a001200', 'field given twice'],
    ['a string that is not UTF-8', 'AuthData', '0a02c328', 'string is not UTF-8'],
  ] as const)('refuses %s', (_, name, hex, message) => {
    expect(refusalOf(name, hexToBytes(hex))).toBe(message);
  });

  it('skips unknown fields of every wire type', () => {
    const unknown = 'f8030a' + 'f90300000000000000ff' + 'fa0302aabb' + 'fd03000000ff';
    expect(decodeStrictly(keys.PublicKey, 'PublicKey', hexToBytes(`0805${unknown}`)).timestamp).toBe(5n);
  });

  it('lets a signature of both kinds through, which counts as ecdsa_compact whichever comes last', () => {
    const both = hexToBytes('12040a02aaaa' + '0a040a02bbbb');
    expect(decodeStrictly(keys.Signature, 'Signature', both).ecdsaCompact?.bytes).toEqual(hexToBytes('bbbb'));
  });

  it('keeps map keys that are names of Object.prototype, and pollutes nothing', () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const context = conversations.InvitationContext.encode({ conversationId: '', metadata: new Map(names.map((name) => [name, 'x'])) }).finish();
    const decoded = decodeStrictly(conversations.InvitationContext, 'InvitationContext', context);
    expect([...decoded.metadata.keys()]).toEqual(names);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('knows no message that contains itself, so that nesting is bounded', () => {
    const depthOf = (name: string, path: readonly string[]): number => {
      expect(path).not.toContain(name);
      const parts = Object.values(SHAPES[name as MessageName] as Record<string, { type: string }>).filter(({ type }) => Object.hasOwn(SHAPES, type));
      return 1 + Math.max(0, ...parts.map(({ type }) => depthOf(type, [...path, name])));
    };
    expect(Math.max(...Object.keys(SHAPES).map((name) => depthOf(name, [])))).toBeLessThan(12);
  });
});

/** Canonical bytes of random messages of this type: ascending numbers, no defaults, as the encoders write them. */
function messageBytes(name: MessageName): fc.Arbitrary<Uint8Array> {
  const fields = Object.entries(SHAPES[name] as Record<string, { type: string; repeated?: true; oneof?: number }>);
  // The encoders write compression (5) before content (4).
  if (name === 'EncodedContent') fields.splice(3, 2, fields[4] as (typeof fields)[0], fields[3] as (typeof fields)[0]);
  const written = fields.map(([number, { type, repeated }]) => {
    const one = fieldBytes(Number(number), type);
    return repeated ? fc.array(one, { maxLength: type.includes('Entry') ? 1 : 3 }).map((parts) => concatBytes(...parts)) : one;
  });
  const isInOneof = fields.map(([, { oneof }]) => oneof !== undefined);
  return fc.tuple(fc.array(fc.boolean(), { minLength: fields.length, maxLength: fields.length }), fc.nat(), fc.tuple(...written)).map(([present, choice, parts]) => {
    const members = isInOneof.flatMap((inside, i) => (inside ? [i] : []));
    const chosen = name === 'Signature' ? choice % 2 : members[choice % Math.max(1, members.length)];
    return concatBytes(
      ...parts.filter((_, i) => (isInOneof[i] || name === 'Signature' ? i === chosen : isRepeated(fields[i]) || present[i])),
    );
  });
}

function isRepeated(field: readonly [string, { readonly repeated?: true }] | undefined): boolean {
  return field?.[1].repeated === true;
}

function fieldBytes(number: number, fieldType: string): fc.Arbitrary<Uint8Array> {
  const tagged = (wireType: number, body: Uint8Array): Uint8Array => concatBytes(varint(BigInt(number * 8 + wireType)), body);
  const delimited = (body: Uint8Array): Uint8Array => tagged(2, concatBytes(varint(BigInt(body.length)), body));
  if (fieldType === 'int64') return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).filter((value) => value !== 0n).map((value) => tagged(0, varint(BigInt.asUintN(64, value))));
  if (fieldType === 'int32') return fc.integer().filter((value) => value !== 0).map((value) => tagged(0, varint(BigInt.asUintN(64, BigInt(value)))));
  if (fieldType === 'uint64') return fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map((value) => tagged(0, varint(value)));
  if (fieldType === 'uint32') return fc.nat(2 ** 31 - 2).map((value) => tagged(0, varint(BigInt(value + 1))));
  if (fieldType === 'enum' || fieldType === 'bool') return fc.constant(tagged(0, varint(1n)));
  if (fieldType === 'bytes') return fc.uint8Array({ minLength: 1, maxLength: 70 }).map(delimited);
  if (fieldType === 'string') return fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => delimited(utf8ToBytes(text)));
  if (fieldType.endsWith('Entry')) {
    const { type } = (SHAPES[fieldType as MessageName] as Record<number, { type: string }>)[2] as { type: string };
    return fc.tuple(fieldBytes(1, 'string'), fieldBytes(2, type)).map((parts) => delimited(concatBytes(...parts)));
  }
  return messageBytes(fieldType as MessageName).map(delimited);
}

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.from([...bytes, Number(rest)]);
}

function refusalOf(name: MessageName, bytes: Uint8Array): string {
  expect(isWellFormed(name, bytes)).toBe(false);
  try {
    decodeStrictly({ decode: () => undefined }, name, bytes);
  } catch (error) {
    if (error instanceof ProtocolError && error.reason === 'malformed-protobuf') return error.message;
    throw error;
  }
  return 'accepted';
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
