// What if someone changed a part of the answer? One damaged copy for each part, so that the page can show what breaks.
// Promises copies: the genuine answer is never touched.
import type { VaultSignature } from '../../src/sdk/index';

export const forgeries = ['nothing', 'text', 'signature', 'prekey', 'identity key'] as const;
export type Forgery = (typeof forgeries)[number];

/** A copy of `answer` with one bit changed in the part that `forgery` names. */
export function forge(answer: VaultSignature, forgery: Forgery): VaultSignature {
  const { signature, signed, signedPublicKeyBundle } = answer;
  switch (forgery) {
    case 'nothing':
      return answer;
    case 'text':
      return { ...answer, signed: { ...signed, payload: flipOrAdd(signed.payload) } };
    case 'signature':
      return { ...answer, signature: { ...signature, bytes: flip(signature.bytes, 40) } };
    case 'prekey':
      // The end of the bundle: what the identity key wrote under the prekey.
      return { ...answer, signedPublicKeyBundle: flip(signedPublicKeyBundle, signedPublicKeyBundle.length - 10) };
    case 'identity key':
      // The end of the bundle's first field: what the account wrote under the identity key.
      return {
        ...answer,
        signedPublicKeyBundle: flip(signedPublicKeyBundle, endOfFirstField(signedPublicKeyBundle) - 10),
      };
  }
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

function flipOrAdd(bytes: Uint8Array): Uint8Array {
  return bytes.length === 0 ? Uint8Array.of(0x21) : flip(bytes, bytes.length - 1);
}

/** Where the first length-delimited field of protobuf bytes ends: a tag byte, a varint length, the field. */
function endOfFirstField(bytes: Uint8Array): number {
  let length = 0;
  let at = 1;
  for (let shift = 0; at < bytes.length; shift += 7) {
    const byte = bytes[at++]!;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return at + length;
}
