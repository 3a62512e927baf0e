// JSON of the message API v1, written exactly and read with suspicion (protocol h).
// Promises that what comes out of a read has the announced shape and is within the bounds of a node; everything else is NetworkError 'bad-answer'.
// Must not: replace, skip or repair anything. Fields it does not know are ignored, as protobuf JSON asks.
import { base64ToBytes, bytesToBase64 } from '../protocol/base/bytes';
import type { Cursor, Envelope, Query } from './envelope';
import { nodeBounds } from './envelope';
import { NetworkError } from './network-error';

/** A page as the node wrote it: the shape is checked, the order is not. */
export interface WrittenPage {
  readonly envelopes: Envelope[];
  readonly cursor: Cursor | undefined;
}

const DIRECTIONS = { ascending: 'SORT_DIRECTION_ASCENDING', descending: 'SORT_DIRECTION_DESCENDING' } as const;
const MAX_UINT64 = 2n ** 64n - 1n;
const DIGEST_BYTES = 32;

/** The JSON value in UTF-8 bytes. Throws NetworkError 'bad-answer'. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw badAnswer('the answer is not JSON');
  }
}

/** A query as the node reads it. */
export function writeQuery(query: Query): unknown {
  const {
    topics,
    startTimeNs = 1n,
    endTimeNs = 0n,
    direction = 'descending',
    limit = nodeBounds.pageRows,
    cursor,
  } = query;
  return {
    contentTopics: topics,
    startTimeNs: String(startTimeNs),
    endTimeNs: String(endTimeNs),
    pagingInfo: {
      limit,
      direction: DIRECTIONS[direction],
      ...(cursor && {
        cursor: { index: { digest: bytesToBase64(cursor.digest), senderTimeNs: String(cursor.timestampNs) } },
      }),
    },
  };
}

/** An envelope as the node reads it. */
export function writeEnvelope(envelope: Envelope): unknown {
  return {
    contentTopic: envelope.contentTopic,
    timestampNs: String(envelope.timestampNs),
    message: bytesToBase64(envelope.message),
  };
}

/** The answer to one query of at most `maxRows` rows. Throws NetworkError 'bad-answer'. */
export function readPage(value: unknown, maxRows: number): WrittenPage {
  const response = objectOf(value);
  const rows = response['envelopes'];
  if (!Array.isArray(rows)) throw badAnswer('the answer has no list of envelopes');
  if (rows.length > maxRows) throw badAnswer('the answer has more rows than were asked for');
  return { envelopes: rows.map(readEnvelope), cursor: readCursor(response['pagingInfo']) };
}

/** The answers to a batch of `count` queries, unread. Throws NetworkError 'bad-answer'. */
export function readBatch(value: unknown, count: number): unknown[] {
  const responses = objectOf(value)['responses'];
  if (!Array.isArray(responses) || responses.length !== count)
    throw badAnswer('the answer has not one response for each query');
  return responses;
}

/** An envelope. Throws NetworkError 'bad-answer'. */
export function readEnvelope(value: unknown): Envelope {
  const { contentTopic, timestampNs, message } = objectOf(value);
  // A character is at most three bytes of UTF-8, so that this never refuses what a node may hold.
  if (typeof contentTopic !== 'string' || contentTopic.length > nodeBounds.topicBytes)
    throw badAnswer('an envelope has no topic');
  return { contentTopic, timestampNs: readUint64(timestampNs), message: readBytes(message, nodeBounds.messageBytes) };
}

/** One line of a stream. Throws NetworkError: 'refused' with the code of an error line, else 'bad-answer'. */
export function readStreamLine(bytes: Uint8Array): Envelope {
  const line = objectOf(parseJson(bytes));
  if (line['error'] !== undefined)
    throw new NetworkError('refused', 'the node ended the stream with an error', readErrorCode(line['error']));
  return readEnvelope(line['result']);
}

/** The gRPC code in an error body; undefined when there is none. Never throws: an error stays an error whatever its body says. */
export function readErrorCode(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { code } = value as Record<string, unknown>;
  return typeof code === 'number' && Number.isInteger(code) && code >= 1 && code <= 16 ? code : undefined;
}

/** A 64-bit number: decimal text without sign or leading zeros, in range. Throws NetworkError 'bad-answer'. */
export function readUint64(value: unknown): bigint {
  if (typeof value !== 'string' || !/^(?:0|[1-9]\d{0,19})$/.test(value))
    throw badAnswer('a time is not a decimal number');
  const number = BigInt(value);
  if (number > MAX_UINT64) throw badAnswer('a time is out of range');
  return number;
}

/** Canonical padded base64 of at most `maxBytes` bytes: every byte string has one accepted text. Throws NetworkError 'bad-answer'. */
export function readBytes(value: unknown, maxBytes: number): Uint8Array {
  if (typeof value !== 'string' || value.length > Math.ceil(maxBytes / 3) * 4)
    throw badAnswer('bytes are not base64 of a possible length');
  let bytes: Uint8Array;
  try {
    bytes = base64ToBytes(value);
  } catch {
    throw badAnswer('bytes are not canonical base64');
  }
  if (bytes.length > maxBytes) throw badAnswer('bytes are not base64 of a possible length');
  return bytes;
}

function readCursor(pagingInfo: unknown): Cursor | undefined {
  if (pagingInfo === null || pagingInfo === undefined) return undefined;
  const { cursor } = objectOf(pagingInfo);
  if (cursor === null || cursor === undefined) return undefined;
  const index = objectOf(objectOf(cursor)['index']);
  const digest = readBytes(index['digest'], DIGEST_BYTES);
  if (digest.length !== DIGEST_BYTES) throw badAnswer('a cursor names no row');
  return { timestampNs: readUint64(index['senderTimeNs']), digest };
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badAnswer('the answer has not the shape of an answer');
  return value as Record<string, unknown>;
}

function badAnswer(message: string): NetworkError {
  return new NetworkError('bad-answer', message);
}
