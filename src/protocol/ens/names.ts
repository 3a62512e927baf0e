// Names of ENS as its contracts know them: the node of a name, what a contract is asked, and what it answers.
// Promises: an answer is read whole and in its one spelling, or is 'bad-encoding'. Must not: say whether a name may be shown; src/ui/parts/ens does.
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, bytesToUtf8, concatBytes, hexToBytes, utf8ToBytes } from '../base/bytes';
import { checksumAddress } from '../base/address';
import { ProtocolError } from '../base/errors';

/** The registry of ENS on Ethereum (EIP-137), under the same address since 2020. */
export const ensRegistry = '0x00000000000C2E074eC69A0dFb2997BA6C7d2e1e';
/** In UTF-8 bytes. Longer names exist and are not read. */
export const longestEnsName = 255;

/** The three questions, each about one node: EIP-137 has `resolver` and `addr`, EIP-181 has `name`. */
const signatures = { resolver: 'resolver(bytes32)', name: 'name(bytes32)', addr: 'addr(bytes32)' } as const;
export type EnsQuestion = keyof typeof signatures;

const word = 32;

/** The node of a name (EIP-137, "namehash"), which is taken as it is. Throws 'bad-encoding' for an empty label. */
export function nodeOf(name: string): Uint8Array {
  let node: Uint8Array = new Uint8Array(word);
  if (name === '') return node;
  for (const label of name.split('.').toReversed()) {
    if (label === '') throw unreadable('a label is empty');
    node = keccak_256(concatBytes(node, keccak_256(utf8ToBytes(label))));
  }
  return node;
}

/** Where an account says what it is called (EIP-181): the node of its 40 digits below addr.reverse. */
export function reverseNodeOf(account: string): Uint8Array {
  return nodeOf(`${checksumAddress(account).slice(2).toLowerCase()}.addr.reverse`);
}

/** The bytes that a contract is called with. */
export function encodeQuestion(question: EnsQuestion, node: Uint8Array): Uint8Array {
  return concatBytes(keccak_256(utf8ToBytes(signatures[question])).subarray(0, 4), node);
}

/** The address in an answer; undefined for the one of zeros, which is that of nothing. Throws 'bad-encoding'. */
export function decodeAddress(answer: Uint8Array): string | undefined {
  if (answer.length !== word || answer.subarray(0, 12).some((byte) => byte !== 0))
    throw unreadable('the answer is not an address');
  const digits = bytesToHex(answer.subarray(12));
  return /^0+$/.test(digits) ? undefined : checksumAddress(`0x${digits}`);
}

/** The text in an answer, empty or not. Throws 'bad-encoding', also for one that is longer than `longestEnsName`. */
export function decodeText(answer: Uint8Array): string {
  if (answer.length < 2 * word || numberAt(answer, 0) !== word) throw unreadable('the answer is not a text');
  const length = numberAt(answer, word);
  const padded = Math.ceil(length / word) * word;
  if (length > longestEnsName || answer.length !== 2 * word + padded) throw unreadable('the text has another length');
  if (answer.subarray(2 * word + length).some((byte) => byte !== 0)) throw unreadable('more than the text is there');
  return bytesToUtf8(answer.subarray(2 * word, 2 * word + length));
}

/** A number of a word that is within what lengths are; anything larger is larger than all of them. */
function numberAt(bytes: Uint8Array, at: number): number {
  return Number(BigInt(`0x${bytesToHex(bytes.subarray(at, at + word))}`));
}

/** The bytes of `0x…` as JSON-RPC writes them. Throws 'bad-encoding'. */
export function bytesOfData(data: string): Uint8Array {
  if (!/^0x(?:[0-9a-fA-F]{2})*$/.test(data)) throw unreadable('not bytes in hex');
  return hexToBytes(data.slice(2));
}

const unreadable = (message: string) => new ProtocolError('bad-encoding', message);
