// Refusals of the node: gRPC codes, the HTTP statuses a gateway makes of them, and the body they travel in.
// Promises that every refusal of a rule is an RpcError; any other error is a defect of the node and becomes code 13.
// Must not: carry stacks or anything of the machine in a message.

/** gRPC status codes the node uses, by their canonical names. */
export const RPC_CODES = {
  Canceled: 1,
  Unknown: 2,
  InvalidArgument: 3,
  DeadlineExceeded: 4,
  NotFound: 5,
  PermissionDenied: 7,
  ResourceExhausted: 8,
  Unimplemented: 12,
  Internal: 13,
  Unavailable: 14,
  Unauthenticated: 16,
} as const;

/** A code by its name, as it also appears in wrapped messages. */
export type RpcCodeName = keyof typeof RPC_CODES;

const HTTP_STATUSES: Readonly<Record<RpcCodeName, number>> = {
  Canceled: 499,
  Unknown: 500,
  InvalidArgument: 400,
  DeadlineExceeded: 504,
  NotFound: 404,
  PermissionDenied: 403,
  ResourceExhausted: 429,
  Unimplemented: 501,
  Internal: 500,
  Unavailable: 503,
  Unauthenticated: 401,
};

/** A refusal. `message` is the text of the body. */
export class RpcError extends Error {
  readonly codeName: RpcCodeName;

  constructor(codeName: RpcCodeName, message: string) {
    super(message);
    this.name = 'RpcError';
    this.codeName = codeName;
  }

  /** The number in the body. */
  get code(): number {
    return RPC_CODES[this.codeName];
  }

  /** The status of the HTTP response. */
  get httpStatus(): number {
    return HTTP_STATUSES[this.codeName];
  }

  /** How an error reads when another one wraps it: `rpc error: code = … desc = …`. */
  get wrapped(): string {
    return `rpc error: code = ${this.codeName} desc = ${this.message}`;
  }
}

/** The JSON body of a refusal. */
export function errorBody(error: RpcError): { code: number; message: string; details: [] } {
  return { code: error.code, message: error.message, details: [] };
}

/** The refusal an unexpected error becomes. */
export function toRpcError(error: unknown): RpcError {
  return error instanceof RpcError ? error : new RpcError('Internal', 'the test node failed');
}
