// JSON bodies as protobuf's JSON mapping has them: lower camel names (snake case read too), base64, 64-bit numbers as strings.
// Promises that what is read is a complete request, and that unset fields are written: [], null, 0, "".
// Must not: mind unknown fields, and must not lose digits of 64-bit numbers that come as JSON numbers.
import type {
  BatchQueryRequest,
  Cursor,
  Envelope,
  PagingInfo,
  PublishRequest,
  QueryRequest,
  QueryResponse,
  SortDirection,
  SubscribeRequest,
} from './messages';
import { RpcError } from './rpc-error';

type JsonObject = { readonly [name: string]: unknown };

// JSON.parse rounds numbers of more than 15 digits; they are set aside as objects with this one name.
const EXACT = '\u0000exact';
const MAY_HOLD_LONG_NUMBER = /[:[,]\s*-?\d{16}/;
const STRING_OR_LONG_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d{16,}(?![\d.eE])/g;

/** The request object in a body. An empty body is an empty request. Throws RpcError InvalidArgument for anything that is not a JSON object. */
export function parseJsonBody(body: Uint8Array): JsonObject {
  let value: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    if (text.trim() === '') return {};
    value = JSON.parse(text);
    if (MAY_HOLD_LONG_NUMBER.test(text)) {
      value = JSON.parse(
        text.replaceAll(STRING_OR_LONG_NUMBER, (token) =>
          token.startsWith('"') ? token : `{${JSON.stringify(EXACT)}:"${token}"}`,
        ),
      );
    }
  } catch (error) {
    throw new RpcError('InvalidArgument', `proto: syntax error: ${(error as Error).message}`);
  }
  return asObject(value, 'request');
}

export function publishRequestFromJson(json: JsonObject): PublishRequest {
  return { envelopes: readList(json, 'envelopes').map((item) => envelopeFromJson(asObject(item, 'envelopes'))) };
}

export function queryRequestFromJson(json: JsonObject): QueryRequest {
  const paging = read(json, 'pagingInfo');
  const request = {
    contentTopics: readStrings(json, 'contentTopics'),
    startTimeNs: readUint(json, 'startTimeNs', 64n),
    endTimeNs: readUint(json, 'endTimeNs', 64n),
  };
  return paging === undefined
    ? request
    : { ...request, pagingInfo: pagingInfoFromJson(asObject(paging, 'pagingInfo')) };
}

export function batchQueryRequestFromJson(json: JsonObject): BatchQueryRequest {
  return { requests: readList(json, 'requests').map((item) => queryRequestFromJson(asObject(item, 'requests'))) };
}

export function subscribeRequestFromJson(json: JsonObject): SubscribeRequest {
  return { contentTopics: readStrings(json, 'contentTopics') };
}

/** What JSON.stringify takes for a query response; 64-bit numbers and bytes are text already. */
export function queryResponseToJson(response: QueryResponse): object {
  return { envelopes: response.envelopes.map(envelopeToJson), pagingInfo: pagingInfoToJson(response.pagingInfo) };
}

export function envelopeToJson(envelope: Envelope): { contentTopic: string; timestampNs: string; message: string } {
  return {
    contentTopic: envelope.contentTopic,
    timestampNs: envelope.timestampNs.toString(),
    message: Buffer.from(envelope.message).toString('base64'),
  };
}

/** Bytes of base64 as protobuf's JSON takes it: one of the two alphabets, padded or not. undefined when it is not valid. */
export function lenientBase64(text: string): Uint8Array | undefined {
  const digits = text.replaceAll(/[\r\n]/g, '');
  if (!/^(?:[A-Za-z0-9+/]*|[A-Za-z0-9_-]*)={0,2}$/.test(digits)) return undefined;
  const bare = digits.replace(/=+$/, '');
  if (bare.length % 4 === 1 || (bare.length !== digits.length && digits.length % 4 !== 0)) return undefined;
  return new Uint8Array(Buffer.from(bare, 'base64'));
}

const DIRECTION_NAMES: Readonly<Record<SortDirection, string>> = {
  unspecified: 'SORT_DIRECTION_UNSPECIFIED',
  ascending: 'SORT_DIRECTION_ASCENDING',
  descending: 'SORT_DIRECTION_DESCENDING',
};

function pagingInfoToJson(paging: PagingInfo): object {
  const { cursor } = paging;
  return {
    limit: paging.limit,
    cursor: cursor
      ? {
          index: {
            digest: Buffer.from(cursor.digest).toString('base64'),
            senderTimeNs: cursor.senderTimeNs.toString(),
          },
        }
      : null,
    direction: DIRECTION_NAMES[paging.direction],
  };
}

function envelopeFromJson(json: JsonObject): Envelope {
  return {
    contentTopic: readString(json, 'contentTopic'),
    timestampNs: readUint(json, 'timestampNs', 64n),
    message: readBytes(json, 'message'),
  };
}

function pagingInfoFromJson(json: JsonObject): PagingInfo {
  const paging = { limit: Number(readUint(json, 'limit', 32n)), direction: readDirection(json) };
  const cursor = read(json, 'cursor');
  const index = cursor === undefined ? undefined : read(asObject(cursor, 'cursor'), 'index');
  return index === undefined ? paging : { ...paging, cursor: cursorFromJson(asObject(index, 'index')) };
}

function cursorFromJson(json: JsonObject): Cursor {
  return { digest: readBytes(json, 'digest'), senderTimeNs: readUint(json, 'senderTimeNs', 64n) };
}

function readDirection(json: JsonObject): SortDirection {
  const value = read(json, 'direction');
  if (value === undefined) return 'unspecified';
  if (typeof value === 'number' && Number.isInteger(value))
    return value === 1 ? 'ascending' : value === 2 ? 'descending' : 'unspecified';
  for (const [direction, name] of Object.entries(DIRECTION_NAMES))
    if (value === name) return direction as SortDirection;
  return refuse('direction', 'enum');
}

function read(json: JsonObject, name: string): unknown {
  const snakeName = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const hasCamel = Object.hasOwn(json, name);
  if (hasCamel && snakeName !== name && Object.hasOwn(json, snakeName))
    throw new RpcError('InvalidArgument', `proto: duplicate field ${JSON.stringify(name)}`);
  const value = hasCamel ? json[name] : Object.hasOwn(json, snakeName) ? json[snakeName] : undefined;
  return value === null ? undefined : value;
}

function readList(json: JsonObject, name: string): readonly unknown[] {
  const value = read(json, name) ?? [];
  return Array.isArray(value) ? value : refuse(name, 'list');
}

function readStrings(json: JsonObject, name: string): string[] {
  return readList(json, name).map((item) => asString(item, name));
}

function readString(json: JsonObject, name: string): string {
  return asString(read(json, name) ?? '', name);
}

function asString(value: unknown, name: string): string {
  // A lone surrogate has no UTF-8 form and so no place in a protobuf string.
  if (typeof value !== 'string' || /\p{Surrogate}/u.test(value)) return refuse(name, 'string');
  return value;
}

function readBytes(json: JsonObject, name: string): Uint8Array {
  const value = read(json, name) ?? '';
  const bytes = typeof value === 'string' ? lenientBase64(value) : undefined;
  return bytes ?? refuse(name, 'bytes');
}

function readUint(json: JsonObject, name: string, bits: bigint): bigint {
  const value = read(json, name) ?? 0;
  const isExact = typeof value === 'object' && Object.hasOwn(value, EXACT);
  const text = isExact ? String((value as JsonObject)[EXACT]) : value;
  const number =
    typeof text === 'string' && /^(0|[1-9]\d{0,19})$/.test(text)
      ? BigInt(text)
      : typeof text === 'number' && Number.isInteger(text)
        ? BigInt(text)
        : -1n;
  return number >= 0n && number < 2n ** bits ? number : refuse(name, `uint${bits}`);
}

function asObject(value: unknown, name: string): JsonObject {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value) && !Object.hasOwn(value, EXACT);
  return isObject ? (value as JsonObject) : refuse(name, 'message');
}

function refuse(name: string, type: string): never {
  throw new RpcError('InvalidArgument', `proto: invalid value for ${type} field ${name}`);
}
