// The few fields of MLS (RFC 9420) that a node reads: whose key package it is, which group a message is for, and whether it is a commit.
// Promises: every length is held against the bytes that are there. Must not: check a signature or decrypt; a node of XMTP cannot either.
import { RpcError } from '../node/rpc-error';

const MLS_1_0 = 1;
const WIRE_FORMATS = { public: 1, private: 2 };
/** How many bytes name the sender, behind the byte that says of which kind it is: member, external, and two for who is none yet. */
const SENDER_BYTES: Readonly<Record<number, number>> = { 1: 4, 2: 4, 3: 0, 4: 0 };
const COMMIT = 3;
const INSTALLATION_KEY_BYTES = 32;

/** What a group message says of itself without being opened. */
export interface GroupMessageHead {
  readonly groupId: Uint8Array;
  readonly isCommit: boolean;
}

/** The signature key of a key package's leaf: the installation that it belongs to. Throws INVALID_ARGUMENT. */
export function installationOfKeyPackage(keyPackage: Uint8Array): Uint8Array {
  const reader = readerOf(keyPackage, 'key package');
  reader.expect(MLS_1_0);
  reader.skip(2); // cipher suite
  reader.vector(); // init key
  reader.vector(); // the leaf's encryption key
  const key = reader.vector();
  if (key.length !== INSTALLATION_KEY_BYTES) throw reader.refusal();
  return key;
}

/** Throws INVALID_ARGUMENT for everything but a message to a group. */
export function headOfGroupMessage(message: Uint8Array): GroupMessageHead {
  const reader = readerOf(message, 'group message');
  reader.expect(MLS_1_0);
  const format = reader.number(2);
  if (format !== WIRE_FORMATS.public && format !== WIRE_FORMATS.private) throw reader.refusal();
  const groupId = reader.vector();
  if (groupId.length === 0) throw reader.refusal();
  reader.skip(8); // epoch
  if (format === WIRE_FORMATS.public) {
    const sender = SENDER_BYTES[reader.number(1)];
    if (sender === undefined) throw reader.refusal();
    reader.skip(sender);
    reader.vector(); // authenticated data
  }
  return { groupId, isCommit: reader.number(1) === COMMIT };
}

function readerOf(bytes: Uint8Array, what: string) {
  let at = 0;
  const refusal = () => new RpcError('InvalidArgument', `not a ${what} of MLS`);
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw refusal();
    at += length;
    return bytes.slice(at - length, at);
  };
  const number = (length: number): number => take(length).reduce((value, byte) => value * 256 + byte, 0);
  const vector = (): Uint8Array => {
    // The first two bits say of how many bytes the length is.
    const [first = 0] = take(1);
    const more = [0, 1, 3][first >> 6];
    if (more === undefined) throw refusal();
    return take((first & 0x3f) * 256 ** more + number(more));
  };
  return {
    refusal,
    number,
    vector,
    skip: (length: number) => void take(length),
    expect(version: number) {
      if (number(2) !== version) throw refusal();
    },
  };
}
