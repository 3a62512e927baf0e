// The door for protobuf bytes that clients of this identity wrote, also older ones: requests, responses, own bundles, preferences.
// Promises: fields that are given more than once are read as protobuf says: of numbers, texts and bytes the last counts, of the members of a
// oneof too, and messages are merged. Everything else is held to the strict rules.
// Must not: be used for what strangers sign or seal: there, two ways to read are two meanings.
import { BinaryReader } from '@bufbuild/protobuf/wire';
import { ProtocolError } from '../base/errors';
import {
  checkButForRepetition,
  decodeStrictly,
  isWellFormed,
  isWellFormedWithin,
  MESSAGES,
  readTag,
  skipUnknown,
  type Cursor,
  type MessageName,
} from './strict';

/**
 * Decodes `bytes` with a generated codec. Copies of the bytes that are made on the way are added to `copies`, for callers whose
 * bytes are secret: they wipe them. Throws 'malformed-protobuf'.
 */
export function decodeAsProtobuf<Message>(
  codec: { decode(bytes: Uint8Array): Message },
  name: MessageName,
  bytes: Uint8Array,
  copies: Uint8Array[] = [],
): Message {
  // Nearly always: nothing is given twice, and nothing is copied.
  if (isWellFormed(name, bytes)) return codec.decode(bytes);
  checkButForRepetition(name, bytes);
  return decodeStrictly(codec, name, merged(bytes, name, copies));
}

/** Decodes parts of `bytes`, each a message from `start` to `end`, as views of them. What is made for reading is made once for all. */
export function partsAsProtobuf(bytes: Uint8Array) {
  const reader = new BinaryReader(bytes);
  return <Message>(
    codec: { decode(input: BinaryReader | Uint8Array, length?: number): Message },
    name: MessageName,
    start: number,
    end: number,
  ): Message => {
    if (!isWellFormedWithin(name, bytes, start, end)) return decodeAsProtobuf(codec, name, bytes.subarray(start, end));
    reader.pos = start;
    return codec.decode(reader, end - start);
  };
}

/**
 * Calls `use` with each value of a message's one field, which is repeated and holds bytes: where it begins and ends in `bytes`, in their order. Fields of
 * other numbers are passed over when they are well-formed. Throws 'malformed-protobuf'.
 */
export function eachRepeated(bytes: Uint8Array, field: number, use: (start: number, end: number) => void): void {
  const cursor: Cursor = { bytes, at: 0 };
  while (cursor.at < bytes.length) {
    const { number, wireType } = readTag(cursor, bytes.length);
    if (number === field && wireType !== 2) throw new ProtocolError('malformed-protobuf', 'wrong wire type');
    const valueAt = cursor.at;
    skipUnknown(cursor, bytes.length, wireType);
    if (number === field) use(bodyAt(bytes, valueAt), cursor.at);
  }
}

/** More than any message has whose fields are given twice: the room that merging takes is the room of a request, not a multiple of it. */
const mostFields = 65_536;

interface KeptField {
  number: number;
  /** Tag and value as they were written; of a message, its body. */
  parts: Uint8Array[];
  type: string;
}

/** The same message with every field that is not repeated given once, at its last place. Unknown fields are left out. */
function merged(bytes: Uint8Array, name: string, copies: Uint8Array[]): Uint8Array {
  const fields = MESSAGES.get(name);
  if (!fields) throw new Error(`no shape for message ${name}`);
  const cursor: Cursor = { bytes, at: 0 };
  /** By slot: a field, a oneof, or a place of its own for each of a repeated field. */
  const kept = new Map<string, KeptField>();
  while (cursor.at < bytes.length) {
    const start = cursor.at;
    const { number, wireType } = readTag(cursor, bytes.length);
    const valueAt = cursor.at;
    skipUnknown(cursor, bytes.length, wireType);
    const field = fields.get(number);
    if (!field) continue;
    const { type, repeated, oneof } = field;
    const isMessage = MESSAGES.has(type);
    const part = isMessage ? bodyOf(bytes.subarray(valueAt, cursor.at)) : bytes.subarray(start, cursor.at);
    const slot = repeated ? `at ${start}` : oneof === undefined ? `field ${number}` : `oneof ${oneof}`;
    const before = kept.get(slot);
    // Two of one message are one message with the fields of both; of everything else the last counts.
    if (isMessage && before?.number === number) before.parts.push(part);
    else {
      kept.delete(slot);
      kept.set(slot, { number, parts: [part], type });
    }
    if (kept.size > mostFields) throw new ProtocolError('malformed-protobuf', 'more fields than are merged');
  }
  const written = [...kept.values()].flatMap(({ number, parts, type }) => {
    if (!MESSAGES.has(type)) return parts;
    const body = merged(copied(copies, parts), type, copies);
    return [varint(number * 8 + 2), varint(body.length), body];
  });
  return copied(copies, written);
}

/** The parts behind each other. There may be more than a call takes arguments. */
function copied(copies: Uint8Array[], parts: readonly Uint8Array[]): Uint8Array {
  const copy = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    copy.set(part, at);
    at += part.length;
  }
  copies.push(copy);
  return copy;
}

/** What follows the length of a length-delimited value. */
function bodyOf(value: Uint8Array): Uint8Array {
  return value.subarray(bodyAt(value, 0));
}

function bodyAt(bytes: Uint8Array, valueAt: number): number {
  let at = valueAt;
  while ((bytes[at] as number) >= 0x80) at++;
  return at + 1;
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}
