// Why a wallet did not give what it was asked for.
// Promises a closed set of reasons, so that a page can say each one in the person's words.
// Must not carry the wallet's own message: that is a stranger's text, and it can quote what was to be signed.

/**
 * - `absent`: nothing answers under this extension id (not installed, disabled, or not an extension id at all)
 * - `rejected`: the person said no, or closed the wallet's window (EIP-1193 code 4001)
 * - `timeout`: the wallet did not answer in time; its connection was closed
 * - `disconnected`: the wallet went away in the middle; asking again makes a new connection
 * - `unauthorized-account`: the wallet does not let this extension use the account (EIP-1193 code 4100)
 * - `bad-signature`: the wallet's answer is not a signature of 64 or 65 bytes, or what was pasted is a longer one, as contracts make
 * - `not-a-signature`: what was pasted holds no signature
 * - `failed`: the wallet answered with any other error; its number is in `code`
 */
export type WalletErrorReason =
  | 'absent'
  | 'rejected'
  | 'timeout'
  | 'disconnected'
  | 'unauthorized-account'
  | 'bad-signature'
  | 'not-a-signature'
  | 'failed';

/** Every failure of this room, but for an abort, which rejects with the signal's own reason. */
export class WalletError extends Error {
  readonly reason: WalletErrorReason;
  /** The JSON-RPC error number the wallet gave; undefined when the failure was not an answer of the wallet. */
  readonly code: number | undefined;

  constructor(reason: WalletErrorReason, message: string, code?: number) {
    super(message);
    this.name = 'WalletError';
    this.reason = reason;
    this.code = code;
  }
}

/** The WalletError for a JSON-RPC error object, as a provider's `request` rejects with. */
export function fromRpcError(error: unknown): WalletError {
  const code = readCode(error);
  if (code === 4001) return new WalletError('rejected', 'the request was rejected in the wallet', code);
  if (code === 4100) return new WalletError('unauthorized-account', 'the wallet does not allow this account', code);
  if (code === 4900) return new WalletError('disconnected', 'the wallet is disconnected', code);
  return new WalletError('failed', 'the wallet answered with an error', code);
}

function readCode(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'number' ? error.code : undefined;
}
