// The HTTP side of the node: paths, CORS, bounds, and calls as gRPC-web carries them.
// Promises: every call ends with a status; a subscription ends with its client. Must not: decide anything about messages; methods.ts does.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readRequestBody } from '../node/request-body';
import { RpcError, toRpcError } from '../node/rpc-error';
import { answer, beginAnswer, isGrpcWeb, listenerOf, messageIn, refuse } from './grpc-web';
import type { Method } from './methods';

/** Sizes that bound what one caller can make the node hold. */
export interface NodeV3Limits {
  /** Longest request. */
  readonly callBytes: number;
  /** What may wait for a subscriber that reads slowly. */
  readonly backlogBytes: number;
}

/** What a test makes go wrong: an error instead of the answer, a cut connection, or undefined for the rules. */
export type FaultV3 = (call: { readonly path: string; readonly body: Uint8Array }) => RpcError | 'hang up' | undefined;

export interface GatewayParts {
  readonly methods: ReadonlyMap<string, Method>;
  readonly limits: NodeV3Limits;
  /** Looked at anew for each call; the first that says something wins. */
  readonly faults: readonly FaultV3[];
  /** Told of each call before it is answered, and whether there is such a method. */
  onCall(path: string, isKnown: boolean): void;
}

/** The request listener of the server. */
export function createGateway(
  parts: GatewayParts,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { methods, limits, faults } = parts;

  const carryOut = (path: string, body: Uint8Array, response: ServerResponse): void => {
    const method = methods.get(path);
    if (!method) throw new RpcError('Unimplemented', `unknown method ${path}`);
    const message = messageIn(body);
    if (method.kind === 'unary') {
      answer(response, method.call(message));
      return;
    }
    // A client that is gone already will not say so again.
    if (response.destroyed) return;
    const listener = listenerOf(response, limits.backlogBytes);
    // Clients wait for the head before they say that they listen.
    beginAnswer(response);
    response.on('close', method.open(message, listener));
  };

  return async (request, response) => {
    setCors(request, response);
    if (request.method === 'OPTIONS') {
      response.writeHead(204).end();
      return;
    }
    const read = await readRequestBody(request, limits.callBytes);
    // The client went away while it was still sending.
    if (!read) return;
    const path = new URL(request.url ?? '/', 'http://node').pathname;
    if (request.method !== 'POST' || !isGrpcWeb(request.headers['content-type'])) {
      response
        .writeHead(415, { 'content-type': 'text/plain' })
        .end('XMTP V3 test node: POST with application/grpc-web+proto.\n');
      return;
    }
    parts.onCall(path, methods.has(path));
    try {
      if (read.isTooLong)
        throw new RpcError('ResourceExhausted', `the request is longer than ${limits.callBytes} bytes`);
      for (const faultOf of faults) {
        const fault = faultOf({ path, body: read.body });
        if (fault === 'hang up') return void response.destroy();
        if (fault) throw fault;
      }
      carryOut(path, read.body, response);
    } catch (error) {
      refuse(response, toRpcError(error));
    }
  };
}

function setCors(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.setHeader('Access-Control-Expose-Headers', 'grpc-status, grpc-message');
  if (request.method !== 'OPTIONS') return;
  response.setHeader('Access-Control-Allow-Methods', 'POST');
  response.setHeader('Access-Control-Allow-Headers', request.headers['access-control-request-headers'] ?? '*');
  response.setHeader('Access-Control-Max-Age', '600');
}
