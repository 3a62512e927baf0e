// The one error of this room: why something on the network did not happen.
// Promises a reason from a closed list and, when the node refused, its gRPC code; the text is ours and holds nothing of what a node wrote.
// Must not: carry a token, a message, or words of a stranger.

/**
 * - `unreachable`: nothing answered, or the connection broke before the answer was whole.
 * - `timed-out`: the answer was not whole in time.
 * - `refused`: the node answered with an error; `code` says which.
 * - `bad-answer`: the answer makes no sense, or does not answer the question: nothing of it was used.
 * - `too-large`: the answer, or what should be sent, is larger than its bound.
 * - `cancelled`: the caller's signal ended it.
 */
export type NetworkErrorReason = 'unreachable' | 'timed-out' | 'refused' | 'bad-answer' | 'too-large' | 'cancelled';

/** Every failure of src/network. Callers branch on `reason` and `code`, never on the text. */
export class NetworkError extends Error {
  readonly reason: NetworkErrorReason;
  /** The gRPC code of the refusal (3 invalid, 7 not permitted, 8 too many, 14 unavailable, 16 not authenticated …); undefined for other reasons. */
  readonly code: number | undefined;

  constructor(reason: NetworkErrorReason, message: string, code?: number) {
    super(message);
    this.name = 'NetworkError';
    this.reason = reason;
    this.code = code;
  }
}
