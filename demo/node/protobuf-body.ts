// Protobuf bodies, for clients that send or ask for application/x-protobuf (package xmtp.message_api.v1).
// Promises the numbers of message_api.proto; the tests hold bytes in which every field appears.
// Must not: judge; a truncated or ill-formed body is an RpcError InvalidArgument and nothing else.
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type {
  BatchQueryRequest,
  BatchQueryResponse,
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

const DIRECTIONS: readonly SortDirection[] = ['unspecified', 'ascending', 'descending'];

type FieldReaders = {
  readonly [fieldNumber: number]: { readonly wireType: WireType; take(reader: BinaryReader): void };
};

export function decodePublishRequest(body: Uint8Array): PublishRequest {
  const envelopes: Envelope[] = [];
  eachField(body, { 1: bytesField((bytes) => envelopes.push(decodeEnvelope(bytes))) });
  return { envelopes };
}

export function decodeQueryRequest(body: Uint8Array): QueryRequest {
  const contentTopics: string[] = [];
  let [startTimeNs, endTimeNs] = [0n, 0n];
  let pagingInfo: PagingInfo | undefined;
  eachField(body, {
    1: stringField((topic) => contentTopics.push(topic)),
    2: uint64Field((time) => (startTimeNs = time)),
    3: uint64Field((time) => (endTimeNs = time)),
    4: bytesField((bytes) => (pagingInfo = decodePagingInfo(bytes))),
  });
  return { contentTopics, startTimeNs, endTimeNs, ...(pagingInfo && { pagingInfo }) };
}

export function decodeBatchQueryRequest(body: Uint8Array): BatchQueryRequest {
  const requests: QueryRequest[] = [];
  eachField(body, { 1: bytesField((bytes) => requests.push(decodeQueryRequest(bytes))) });
  return { requests };
}

export function decodeSubscribeRequest(body: Uint8Array): SubscribeRequest {
  const contentTopics: string[] = [];
  eachField(body, { 1: stringField((topic) => contentTopics.push(topic)) });
  return { contentTopics };
}

export function encodePublishRequest(request: PublishRequest): Uint8Array {
  const writer = new BinaryWriter();
  for (const envelope of request.envelopes) writeBytes(writer, 1, encodeEnvelope(envelope), true);
  return writer.finish();
}

export function encodeQueryRequest(request: QueryRequest): Uint8Array {
  const writer = new BinaryWriter();
  for (const topic of request.contentTopics) writer.uint32(tag(1, WireType.LengthDelimited)).string(topic);
  writeUint64(writer, 2, request.startTimeNs);
  writeUint64(writer, 3, request.endTimeNs);
  if (request.pagingInfo) writeBytes(writer, 4, encodePagingInfo(request.pagingInfo), true);
  return writer.finish();
}

export function encodeBatchQueryRequest(request: BatchQueryRequest): Uint8Array {
  const writer = new BinaryWriter();
  for (const query of request.requests) writeBytes(writer, 1, encodeQueryRequest(query), true);
  return writer.finish();
}

export function encodeSubscribeRequest(request: SubscribeRequest): Uint8Array {
  const writer = new BinaryWriter();
  for (const topic of request.contentTopics) writer.uint32(tag(1, WireType.LengthDelimited)).string(topic);
  return writer.finish();
}

export function encodeQueryResponse(response: QueryResponse): Uint8Array {
  const writer = new BinaryWriter();
  for (const envelope of response.envelopes) writeBytes(writer, 1, encodeEnvelope(envelope), true);
  writeBytes(writer, 2, encodePagingInfo(response.pagingInfo), true);
  return writer.finish();
}

export function encodeBatchQueryResponse(response: BatchQueryResponse): Uint8Array {
  const writer = new BinaryWriter();
  for (const item of response.responses) writeBytes(writer, 1, encodeQueryResponse(item), true);
  return writer.finish();
}

/** google.rpc.Status: what a refusal is in protobuf. */
export function encodeStatus(error: RpcError): Uint8Array {
  const writer = new BinaryWriter().uint32(tag(1, WireType.Varint)).int32(error.code);
  return writer.uint32(tag(2, WireType.LengthDelimited)).string(error.message).finish();
}

function decodeEnvelope(bytes: Uint8Array): Envelope {
  let [contentTopic, timestampNs, message] = ['', 0n, new Uint8Array() as Uint8Array];
  eachField(bytes, {
    1: stringField((topic) => (contentTopic = topic)),
    2: uint64Field((time) => (timestampNs = time)),
    3: bytesField((payload) => (message = payload)),
  });
  return { contentTopic, timestampNs, message };
}

function decodePagingInfo(bytes: Uint8Array): PagingInfo {
  let limit = 0;
  let direction: SortDirection = 'unspecified';
  let cursor: Cursor | undefined;
  eachField(bytes, {
    1: { wireType: WireType.Varint, take: (reader) => (limit = reader.uint32()) },
    2: bytesField((inner) => eachField(inner, { 1: bytesField((index) => (cursor = decodeCursor(index))) })),
    3: { wireType: WireType.Varint, take: (reader) => (direction = DIRECTIONS[reader.int32()] ?? 'unspecified') },
  });
  return { limit, direction, ...(cursor && { cursor }) };
}

function decodeCursor(bytes: Uint8Array): Cursor {
  let digest: Uint8Array = new Uint8Array();
  let senderTimeNs = 0n;
  eachField(bytes, { 1: bytesField((id) => (digest = id)), 2: uint64Field((time) => (senderTimeNs = time)) });
  return { digest, senderTimeNs };
}

function encodeEnvelope(envelope: Envelope): Uint8Array {
  const writer = new BinaryWriter();
  if (envelope.contentTopic !== '') writer.uint32(tag(1, WireType.LengthDelimited)).string(envelope.contentTopic);
  writeUint64(writer, 2, envelope.timestampNs);
  writeBytes(writer, 3, envelope.message);
  return writer.finish();
}

function encodePagingInfo(paging: PagingInfo): Uint8Array {
  const writer = new BinaryWriter();
  if (paging.limit !== 0) writer.uint32(tag(1, WireType.Varint)).uint32(paging.limit);
  if (paging.cursor) {
    const index = new BinaryWriter();
    writeBytes(index, 1, paging.cursor.digest);
    writeUint64(index, 2, paging.cursor.senderTimeNs);
    const cursor = new BinaryWriter();
    writeBytes(cursor, 1, index.finish(), true);
    writeBytes(writer, 2, cursor.finish(), true);
  }
  const direction = DIRECTIONS.indexOf(paging.direction);
  if (direction > 0) writer.uint32(tag(3, WireType.Varint)).int32(direction);
  return writer.finish();
}

function eachField(bytes: Uint8Array, fields: FieldReaders): void {
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [number, wireType] = reader.tag();
      const field = fields[number];
      if (field?.wireType === wireType) field.take(reader);
      else reader.skip(wireType, number);
    }
    if (reader.pos !== reader.len) throw new Error('cut off');
  } catch (error) {
    if (error instanceof RpcError) throw error;
    throw new RpcError('InvalidArgument', 'proto: cannot parse invalid wire-format data');
  }
}

function bytesField(take: (bytes: Uint8Array) => void): FieldReaders[number] {
  return { wireType: WireType.LengthDelimited, take: (reader) => take(reader.bytes().slice()) };
}

function stringField(take: (text: string) => void): FieldReaders[number] {
  return {
    wireType: WireType.LengthDelimited,
    take: (reader) => take(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(reader.bytes())),
  };
}

function uint64Field(take: (value: bigint) => void): FieldReaders[number] {
  return { wireType: WireType.Varint, take: (reader) => take(BigInt(reader.uint64())) };
}

function writeUint64(writer: BinaryWriter, number: number, value: bigint): void {
  if (value !== 0n) writer.uint32(tag(number, WireType.Varint)).uint64(value);
}

/** `isMessage`: a nested message is written even when it is empty, bytes are not. */
function writeBytes(writer: BinaryWriter, number: number, bytes: Uint8Array, isMessage = false): void {
  if (isMessage || bytes.length > 0) writer.uint32(tag(number, WireType.LengthDelimited)).bytes(bytes);
}

function tag(number: number, wireType: WireType): number {
  return (number << 3) | wireType;
}
