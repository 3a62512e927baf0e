// gRPC-web over HTTP/1.1: frames of messages, and the last frame, which says how the call ended.
// Promises: a whole call is one message in, and frames out that end with a status. Must not: know a method.
import type { ServerResponse } from 'node:http';
import { RpcError } from '../node/rpc-error';
import type { Listener } from './subscriptions';

const HEAD_BYTES = 5;
const [MESSAGE, TRAILERS] = [0x00, 0x80];
const types = ['application/grpc-web', 'application/grpc-web+proto'];

/** Whether the content type is one of gRPC-web with binary frames. */
export function isGrpcWeb(contentType: string | undefined): boolean {
  return types.includes((contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '');
}

/** The one message of a request. Throws INVALID_ARGUMENT for anything but one whole frame. */
export function messageIn(body: Uint8Array): Uint8Array {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  if (body.length < HEAD_BYTES || view.getUint8(0) !== MESSAGE || view.getUint32(1) !== body.length - HEAD_BYTES)
    throw new RpcError('InvalidArgument', 'the body is not one frame of gRPC-web');
  return body.subarray(HEAD_BYTES);
}

/** How an answer begins, whatever it says. The answer of a stream begins before there is anything to say. */
export function beginAnswer(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/grpc-web+proto' });
  response.flushHeaders();
}

/** A whole answer. */
export function answer(response: ServerResponse, message: Uint8Array): void {
  beginAnswer(response);
  response.end(Buffer.concat([frame(MESSAGE, message), trailers()]));
}

/** A refusal, whether or not the answer has begun. */
export function refuse(response: ServerResponse, error: RpcError): void {
  if (!response.headersSent) beginAnswer(response);
  response.end(trailers(error));
}

/** A listener that writes what it gets to this answer; it is cut off when more than `backlogBytes` wait to be read. */
export function listenerOf(response: ServerResponse, backlogBytes: number): Listener {
  return {
    send(message) {
      if (response.writableLength > backlogBytes) response.destroy();
      else if (!response.writableEnded && !response.destroyed) response.write(frame(MESSAGE, message));
    },
    end: () => void response.end(trailers()),
  };
}

function frame(kind: number, content: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(kind, 0);
  head.writeUInt32BE(content.length, 1);
  return Buffer.concat([head, content]);
}

function trailers(error?: RpcError): Buffer {
  const lines = [
    `grpc-status:${error ? error.code : 0}`,
    ...(error ? [`grpc-message:${encodeURIComponent(error.message)}`] : []),
  ];
  return frame(TRAILERS, Buffer.from(lines.map((line) => `${line}\r\n`).join('')));
}
