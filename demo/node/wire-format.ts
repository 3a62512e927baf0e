// Which body a client sends and wants: JSON unless it says application/x-protobuf; and the five calls in either.
// Promises that a call is one row: how its request is read, what it costs, and how long it is in protobuf.
// Must not: insist on a Content-Type. Browsers send text/plain with JSON in it.
import * as json from './json-body';
import type {
  BatchQueryRequest,
  BatchQueryResponse,
  CallName,
  PublishRequest,
  QueryRequest,
  QueryResponse,
  SubscribeRequest,
} from './messages';
import * as protobuf from './protobuf-body';
import type { RpcError } from './rpc-error';
import { errorBody } from './rpc-error';

export type WireFormat = 'json' | 'protobuf';

const PROTOBUF_TYPE = 'application/x-protobuf';

/** The format of a request and of its response. Accept must be the type and nothing else to count. */
export function formatsOf(headers: { 'content-type'?: string | undefined; accept?: string | undefined }): {
  inbound: WireFormat;
  outbound: WireFormat;
} {
  const mediaType = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  const inbound = mediaType === PROTOBUF_TYPE ? 'protobuf' : 'json';
  return { inbound, outbound: headers.accept === PROTOBUF_TYPE ? 'protobuf' : inbound };
}

/** The Content-Type of a response. */
export const CONTENT_TYPES: Readonly<Record<WireFormat, string>> = {
  json: 'application/json',
  protobuf: 'application/octet-stream',
};

/** A request of a call, as a union that its handler takes apart. */
export type CallRequest =
  | { readonly call: 'publish'; readonly request: PublishRequest; readonly cost: number }
  | { readonly call: 'query'; readonly request: QueryRequest; readonly cost: number }
  | { readonly call: 'batch-query'; readonly request: BatchQueryRequest; readonly cost: number }
  | { readonly call: 'subscribe' | 'subscribe-all'; readonly request: SubscribeRequest; readonly cost: number };

/** Reads the body of a call. Throws RpcError InvalidArgument. */
export function readCall(call: CallName, format: WireFormat, body: Uint8Array): CallRequest {
  const isJson = format === 'json';
  switch (call) {
    case 'publish': {
      const request = isJson
        ? json.publishRequestFromJson(json.parseJsonBody(body))
        : protobuf.decodePublishRequest(body);
      return { call, request, cost: request.envelopes.length };
    }
    case 'query': {
      const request = isJson ? json.queryRequestFromJson(json.parseJsonBody(body)) : protobuf.decodeQueryRequest(body);
      return { call, request, cost: 1 };
    }
    case 'batch-query': {
      const request = isJson
        ? json.batchQueryRequestFromJson(json.parseJsonBody(body))
        : protobuf.decodeBatchQueryRequest(body);
      return { call, request, cost: request.requests.length };
    }
    case 'subscribe': {
      const request = isJson
        ? json.subscribeRequestFromJson(json.parseJsonBody(body))
        : protobuf.decodeSubscribeRequest(body);
      return { call, request, cost: 1 };
    }
    case 'subscribe-all': {
      // The request has no fields, but must still be a message.
      if (isJson) json.parseJsonBody(body);
      else protobuf.decodeSubscribeRequest(body);
      return { call, request: { contentTopics: [] }, cost: 1 };
    }
  }
}

/** Length of a request as the gRPC hop would see it. */
export function protobufLength(read: CallRequest): number {
  switch (read.call) {
    case 'publish':
      return protobuf.encodePublishRequest(read.request).length;
    case 'query':
      return protobuf.encodeQueryRequest(read.request).length;
    case 'batch-query':
      return protobuf.encodeBatchQueryRequest(read.request).length;
    default:
      return protobuf.encodeSubscribeRequest(read.request).length;
  }
}

/** A response in both forms; only the one that is called for is made. */
export interface CallResponse {
  json(): object;
  protobuf(): Uint8Array;
}

export const EMPTY_RESPONSE: CallResponse = { json: () => ({}), protobuf: () => new Uint8Array() };

export function queryAnswer(response: QueryResponse): CallResponse {
  return { json: () => json.queryResponseToJson(response), protobuf: () => protobuf.encodeQueryResponse(response) };
}

export function batchQueryAnswer(response: BatchQueryResponse): CallResponse {
  return {
    json: () => ({ responses: response.responses.map((part) => json.queryResponseToJson(part)) }),
    protobuf: () => protobuf.encodeBatchQueryResponse(response),
  };
}

export function errorAnswer(error: RpcError): CallResponse {
  return { json: () => errorBody(error), protobuf: () => protobuf.encodeStatus(error) };
}
