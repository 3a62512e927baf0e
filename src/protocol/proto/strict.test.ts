// The strict decoder: what it lets through is what the field's codecs say, and nothing else gets through.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex, concatBytes, hexToBytes } from '../base/bytes';
import {
  decodePrivateKeyBundle,
  decodePublicKeyBundle,
  decodeSignedPublicKeyBundle,
  encodePrivateKeyBundle,
  encodePublicKeyBundle,
  encodeSignedPublicKeyBundle,
  publicBundleOf,
  signedPublicBundleOf,
} from '../keys/bundles';
import { decodeContactBundle, encodeContactBundle } from '../keys/contact-bundle';
import { decodeEncryptedPrivateKeyBundle } from '../keys/encrypted-bundle';
import { ProtocolError } from '../base/errors';
import { identityPool, referenceProto } from '../testkit/reference.testkit';
import { decodeInvitation, decodeSealedInvitation } from '../messages/invitation';
import { decodeMessage } from '../messages/message';
import { decodeMessageHeaderV1 } from '../messages/message-v1';
import { decodeSignedContent } from '../messages/message-v2';
import { decodeCiphertext } from '../keys/seal';
import * as conversations from './gen/conversations';
import * as keys from './gen/keys';
import { SHAPES } from './gen/shapes';
import { COMPARED, messageBytes, OURS, THEIRS, type Codec } from './message-bytes.testkit';
import type { MessageName } from './strict';
import { decodeStrictly, isWellFormed } from './strict';

const prototypeName = bytesToHex(new TextEncoder().encode('__proto__'));

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
          // The codecs of the field lose an entry of a map whose key is the name of an object's prototype.
          if (bytesToHex(bytes).includes(prototypeName)) return;
          expect(bytesToHex(Uint8Array.from(theirs.encode(theirs.decode(bytes) as never).finish()))).toBe(
            bytesToHex(bytes),
          );
        }),
        { numRuns: 100 },
      );
    }
  });

  it('R-B5 answers any bytes with a message or a ProtocolError: truncated, spliced, flipped or random', async () => {
    const [identity] = await identityPool(1);
    const ours = (identity as NonNullable<typeof identity>).ours;
    const decoders = [
      decodePublicKeyBundle,
      decodeSignedPublicKeyBundle,
      decodePrivateKeyBundle,
      decodeContactBundle,
      decodeEncryptedPrivateKeyBundle,
      decodeCiphertext,
      decodeSealedInvitation,
      decodeInvitation,
      decodeMessage,
      decodeMessageHeaderV1,
      decodeSignedContent,
    ];
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
      fc.property(
        fc.constantFrom(...corpus),
        fc.constantFrom(...corpus),
        fc.nat(800),
        fc.nat(255),
        fc.nat(800),
        (bytes, other, at, value, cut) => {
          const flipped = bytes.slice();
          flipped[at % bytes.length] = value;
          tryAll(flipped);
          tryAll(concatBytes(bytes.subarray(0, at % bytes.length), other.subarray(cut % other.length)));
        },
      ),
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
    const context = conversations.InvitationContext.encode({
      conversationId: '',
      metadata: new Map(names.map((name) => [name, 'x'])),
    }).finish();
    const decoded = decodeStrictly(conversations.InvitationContext, 'InvitationContext', context);
    expect([...decoded.metadata.keys()]).toEqual(names);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('knows no message that contains itself, so that nesting is bounded', () => {
    const depthOf = (name: string, path: readonly string[]): number => {
      expect(path).not.toContain(name);
      const parts = Object.values(SHAPES[name as MessageName] as Record<string, { type: string }>).filter(({ type }) =>
        Object.hasOwn(SHAPES, type),
      );
      return 1 + Math.max(0, ...parts.map(({ type }) => depthOf(type, [...path, name])));
    };
    expect(Math.max(...Object.keys(SHAPES).map((name) => depthOf(name, [])))).toBeLessThan(12);
  });
});

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
