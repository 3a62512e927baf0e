// The door for protobuf bytes of strangers: a walk over the whole structure before any generated decoder sees it. Bytes of the
// clients of this identity come through as-protobuf.ts, which ends here too.
// Promises that what passes is one well-formed message of the named type, whose parts never reach past their parent, with
// the wire types the .proto file says; everything else is a ProtocolError 'malformed-protobuf', never another error.
// Must stay in front of every decode: generated decoders skip wrong wire types and read past nested messages.
import { bytesToUtf8 } from '../base/bytes';
import { ProtocolError } from '../base/errors';
import { SHAPES } from './gen/shapes';

/** The messages this room can read. */
export type MessageName = keyof typeof SHAPES;

/** What may stand under one field number. `oneof`: fields with the same number there exclude each other. */
export interface FieldShape {
  readonly type: string;
  readonly repeated?: true;
  readonly oneof?: number;
}

/** A place in bytes that are being read. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

const VARINT_TYPES: ReadonlyMap<string, bigint> = new Map([
  ['uint64', 2n ** 64n],
  ['int64', 2n ** 64n],
  ['int32', 2n ** 64n],
  ['enum', 2n ** 64n],
  ['uint32', 2n ** 32n],
  ['bool', 2n],
]);

/** Every message by name: its fields by number. */
export const MESSAGES: ReadonlyMap<string, ReadonlyMap<number, FieldShape>> = new Map(
  Object.entries(SHAPES).map(([name, fields]) => [
    name,
    new Map(Object.entries(fields).map(([number, shape]) => [Number(number), shape])),
  ]),
);

/** A field as the walk needs it. */
interface Rule {
  /** Of what stands there just once: its bit among those of its message; the members of a oneof have one together. 0 for a repeated field. */
  readonly slot: number;
  /** Varints below this; undefined for what has a length. */
  readonly limit: bigint | undefined;
  readonly isText: boolean;
  /** Of a field that is a message. */
  readonly rules: Rules | undefined;
}

/** The fields of a message at their numbers. */
type Rules = (Rule | undefined)[];

/** Of every message by name, made before the first walk, so that the walk itself makes nothing. */
const RULES: ReadonlyMap<string, Rules> = new Map(Object.keys(SHAPES).map((name) => [name, []]));
for (const [name, fields] of MESSAGES) {
  const slots = new Map<number | string, number>();
  for (const [number, { type, repeated, oneof }] of fields) {
    if (!VARINT_TYPES.has(type) && !RULES.has(type) && type !== 'string' && type !== 'bytes')
      throw new Error(`no shape for message ${type}`);
    const place = oneof === undefined ? number : `oneof ${oneof}`;
    if (!repeated && !slots.has(place)) slots.set(place, 2 ** slots.size);
    (RULES.get(name) as Rules)[number] = {
      slot: repeated ? 0 : (slots.get(place) as number),
      limit: VARINT_TYPES.get(type),
      isText: type === 'string',
      rules: RULES.get(type),
    };
  }
  if (slots.size > 31) throw new Error(`more fields than there are bits: ${name}`);
}

/**
 * Decodes `bytes` with a generated codec after the strict check. What the check adds to protobuf's own rules:
 * - a known field with another wire type, a group, field number 0, a number too large for its field: refused;
 * - a nested length beyond the end of its parent, a cut-off or over-long varint: refused;
 * - a field that is not `repeated` given twice, or two members of one oneof: refused. Decoders disagree whether the last
 *   wins or both merge, so such bytes would mean different keys to different readers;
 * - strings that are not UTF-8: refused;
 * - unknown fields: skipped, but must be well-formed themselves.
 * Nesting is bounded by the message types, none of which contains itself. Throws 'malformed-protobuf'.
 */
export function decodeStrictly<Message>(
  codec: { decode(bytes: Uint8Array): Message },
  name: MessageName,
  bytes: Uint8Array,
): Message {
  checkMessage({ bytes, at: 0 }, bytes.length, rulesOf(name), false);
  return codec.decode(bytes);
}

/** Whether `decodeStrictly` would accept the bytes as this message. */
export function isWellFormed(name: MessageName, bytes: Uint8Array): boolean {
  return isWellFormedWithin(name, bytes, 0, bytes.length);
}

/** All of the strict rules but one: fields may be given more than once, as protobuf allows. Throws 'malformed-protobuf'. */
export function checkButForRepetition(name: MessageName, bytes: Uint8Array): void {
  checkMessage({ bytes, at: 0 }, bytes.length, rulesOf(name), true);
}

/** The same of a part of `bytes`. */
export function isWellFormedWithin(name: MessageName, bytes: Uint8Array, at: number, end: number): boolean {
  try {
    checkMessage({ bytes, at }, end, rulesOf(name), false);
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

function rulesOf(name: string): Rules {
  const rules = RULES.get(name);
  if (!rules) throw new Error(`no shape for message ${name}`);
  return rules;
}

function checkMessage(cursor: Cursor, end: number, rules: Rules, mayRepeat: boolean): void {
  let seen = 0;
  while (cursor.at < end) {
    const tag = readTagNumber(cursor, end);
    const rule = rules[Math.floor(tag / 8)];
    if (!rule) {
      skipUnknown(cursor, end, tag % 8);
      continue;
    }
    if (!mayRepeat) {
      if (seen & rule.slot) refuse('field given twice');
      seen |= rule.slot;
    }
    checkField(cursor, end, tag % 8, rule, mayRepeat);
  }
}

function checkField(cursor: Cursor, end: number, wireType: number, { limit, isText, rules }: Rule, mayRepeat: boolean) {
  if (wireType !== (limit === undefined ? 2 : 0)) refuse('wrong wire type');
  if (limit !== undefined) {
    if (readVarint(cursor, end) >= limit) refuse('number too large for its field');
    return;
  }
  const fieldEnd = readLength(cursor, end);
  if (isText) checkUtf8(cursor.bytes, cursor.at, fieldEnd);
  else if (rules) checkMessage(cursor, fieldEnd, rules, mayRepeat);
  cursor.at = fieldEnd;
}

/** Reads a tag. Throws 'malformed-protobuf'. */
export function readTag(cursor: Cursor, end: number): { number: number; wireType: number } {
  const tag = readTagNumber(cursor, end);
  return { number: Math.floor(tag / 8), wireType: tag % 8 };
}

/** A tag as the number that it is: eight times the field's, and the wire type. */
function readTagNumber(cursor: Cursor, end: number): number {
  const tag = Number(readVarint(cursor, end));
  if (tag >= 2 ** 32 || tag < 8) refuse('tag out of range');
  return tag;
}

/** Moves behind the value of a field, whatever it is. Throws 'malformed-protobuf', also for groups. */
export function skipUnknown(cursor: Cursor, end: number, wireType: number): void {
  if (wireType === 0) {
    readVarint(cursor, end);
  } else if (wireType === 2) {
    cursor.at = readLength(cursor, end);
  } else if (wireType === 1 || wireType === 5) {
    cursor.at += wireType === 1 ? 8 : 4;
    if (cursor.at > end) refuse('fixed field cut off');
  } else {
    refuse('groups and unknown wire types are not accepted');
  }
}

/** The end of a length-delimited field, with the cursor moved to its first byte. */
function readLength(cursor: Cursor, end: number): number {
  const length = readVarint(cursor, end);
  if (length > end - cursor.at) refuse('length reaches past the parent');
  return cursor.at + Number(length);
}

/** Four bytes hold nearly every tag, length and code; counting those in plain numbers makes the walk several times faster. */
function readVarint(cursor: Cursor, end: number): number | bigint {
  let low = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    if (cursor.at >= end) refuse('varint cut off');
    const byte = cursor.bytes[cursor.at++] as number;
    low |= (byte & 0x7f) << shift;
    if (byte < 0x80) return low;
  }
  let value = BigInt(low);
  for (let shift = 28n; shift < 70n; shift += 7n) {
    if (cursor.at >= end) refuse('varint cut off');
    const byte = cursor.bytes[cursor.at++] as number;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) {
      if (value >= 2n ** 64n) refuse('varint over 64 bits');
      return value;
    }
  }
  return refuse('varint over ten bytes');
}

function checkUtf8(bytes: Uint8Array, start: number, end: number): void {
  let at = start;
  // Nearly every text here is ASCII.
  while (at < end && (bytes[at] as number) < 0x80) at++;
  if (at === end) return;
  try {
    bytesToUtf8(bytes.subarray(at, end));
  } catch {
    refuse('string is not UTF-8');
  }
}

function refuse(what: string): never {
  throw new ProtocolError('malformed-protobuf', what);
}
