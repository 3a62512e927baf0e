// The errors that may cross a boundary: codes for dapps (EIP-1193 and JSON-RPC) and reasons for our own pages.
// Promises: a fixed list, no stacks, no causes, nothing of a secret in a message.
// Must not: carry free text from storage, crypto or a page.

import type { IdentityTextDefect } from './choices';

/** Error codes a dapp can see: EIP-1193 section "Provider Errors", EIP-1474 and JSON-RPC 2.0 section 5.1. */
export const errorCode = {
  rejected: 4001,
  unauthorized: 4100,
  unsupported: 4200,
  disconnected: 4900,
  invalidRequest: -32600,
  invalidParams: -32602,
  internal: -32603,
  alreadyPending: -32002,
  limitExceeded: -32005,
} as const;

export type ErrorCode = (typeof errorCode)[keyof typeof errorCode];

/** Why a request ended without a result, when the code is 4001. */
export type RejectedReason = 'rejected' | 'expired' | 'superseded' | 'interrupted';

/** What crosses to the page. `message` is one of a fixed set of sentences. */
export interface ErrorShape {
  code: ErrorCode;
  message: string;
  /** `network`: with -32603 when the node could not be used. `keystoreCode`: the XMTP keystore's own code (1 invalid input, 2 no matching prekey) when a whole xmtp_* call is refused. `identityText`: why a text is not signed. */
  data?:
    | { reason: RejectedReason }
    | { field: string; identityText?: IdentityTextDefect }
    | { keystoreCode: 0 | 1 | 2 | 3 }
    | { network: NetworkTrouble };
}

const sentences: Record<ErrorCode, string> = {
  [errorCode.rejected]: 'The request was not approved.',
  [errorCode.unauthorized]: 'This site has no permission for that. Ask with vault_connect first.',
  [errorCode.unsupported]: 'Prekey Vault has no such method.',
  [errorCode.disconnected]: 'Prekey Vault is not reachable. Reload the page.',
  [errorCode.invalidRequest]: 'The request is not a valid request object.',
  [errorCode.invalidParams]: 'The parameters do not fit this method.',
  [errorCode.internal]: 'Prekey Vault could not do this. Nothing was changed.',
  [errorCode.alreadyPending]: 'The same request is already waiting.',
  [errorCode.limitExceeded]: 'Too many requests are waiting, or the request is too large.',
};

/** An error meant for a dapp. Everything else that is thrown in the worker becomes -32603 without detail. */
export class ProviderError extends Error {
  readonly code: ErrorCode;
  readonly data: ErrorShape['data'];
  constructor(code: ErrorCode, data?: ErrorShape['data']) {
    super(sentences[code]);
    this.name = 'ProviderError';
    this.code = code;
    this.data = data;
  }
  /** The plain object that is put into a frame. */
  toShape(): ErrorShape {
    return { code: this.code, message: this.message, ...(this.data ? { data: this.data } : {}) };
  }
}

/** 4001 with its reason. */
export function rejected(reason: RejectedReason): ProviderError {
  return new ProviderError(errorCode.rejected, { reason });
}

/**
 * Reasons the vault gives our own pages, which turn them into sentences (`_locales`).
 * - `not-found`: no such identity, request or record.
 * - `locked`: the safe is locked; unlock and try again.
 * - `damaged`: what is stored cannot be read; nothing was changed.
 * - `newer-format`: written by a newer version; nothing was touched.
 * - `wrong-account`: the signature is genuine but from another account.
 * - `bad-signature`: not a signature this slot can use (length, contract wallet, EIP-6492 …); detail `garbled` when it has the length of an ordinary signature.
 * - `unsteady-wallet`: the wallet signed the same text differently; it cannot open a safe.
 * - `wrong-code`: the recovery code does not open this safe, or the part typed back differs.
 * - `wrong-passkey`: what the passkey gave does not open the slot.
 * - `wrong-secret`: genuine and from the right account, but it does not open the slot.
 * - `already-exists`: this account already has an identity in this browser.
 * - `wrong-step`: the enrolment is at another step; read its state again.
 * - `storage-failed`: a write did not succeed; the old state is intact.
 * - `stale`: the request changed, ended or was decided elsewhere.
 * - `not-confirmed`: the typed confirmation does not match.
 * - `limit`: too many, or too large.
 * - `invalid-input`: the arguments do not fit.
 * - `weak-passphrase`: the new passphrase is too easy to guess; detail: `short`, `common`, `repeated` or `account`.
 * - `wrong-passphrase`: it opens neither the slot nor the file.
 * - `last-slots`: an identity keeps at least two ways to open it, and a passkey is none of the two.
 * - `bad-file`: not a backup of ours, and not keys of another client; or damaged. Detail: one of `fileDefects`.
 * - `unusable-copy`: keys were found and do not check; detail: one of `copyDefects`. Nothing was changed.
 * - `needs-confirmation`: something of another identity would be replaced; type the confirmation.
 * - `bad-identity-text`: an identity text that is not signed; detail: an `IdentityTextDefect`.
 * - `no-network`: no node is set.
 * - `unreachable`: the node does not answer, or not in time.
 * - `refused-by-node`: the node refuses; detail: its code as a number.
 * - `bad-answer`: what the node says makes no sense; nothing was changed. Of the log of an inbox, detail: `no-inbox` when the node has none,
 *   `older-log` when it shows less than was read before.
 * - `stopped`: ended before it was done: another node was set (detail `node` when nothing was sent to it), it was taken back, or the identity was locked. Nothing more is sent.
 */
export type VaultErrorReason =
  | 'not-found'
  | 'locked'
  | 'damaged'
  | 'newer-format'
  | 'wrong-account'
  | 'bad-signature'
  | 'unsteady-wallet'
  | 'wrong-code'
  | 'wrong-secret'
  | 'already-exists'
  | 'wrong-step'
  | 'storage-failed'
  | 'stale'
  | 'not-confirmed'
  | 'limit'
  | 'invalid-input'
  | 'weak-passphrase'
  | 'wrong-passphrase'
  | 'wrong-passkey'
  | 'last-slots'
  | 'bad-file'
  | 'unusable-copy'
  | 'needs-confirmation'
  | 'bad-identity-text'
  | 'no-network'
  | 'unreachable'
  | 'refused-by-node'
  | 'bad-answer'
  | 'stopped';

/** Why something on the network did not happen, for a dapp that published through the vault. `changed`: another node was set since it asked. */
export type NetworkTrouble = 'none' | 'unreachable' | 'refused' | 'bad-answer' | 'changed';

/** A keystore call that is refused as a whole, with the keystore's code (protocol g: 0 unspecified, 1 invalid input, 2 no matching prekey; 3 is ours: out of scope). */
export class KeystoreRefusal extends Error {
  readonly keystoreCode: 0 | 1 | 2 | 3;
  constructor(keystoreCode: 0 | 1 | 2 | 3) {
    super('keystore');
    this.name = 'KeystoreRefusal';
    this.keystoreCode = keystoreCode;
  }
}

/** What `vault` throws. The message is the reason itself: no bytes, no text from outside. `detail` is an account, a fixed word or a number. */
export class VaultError extends Error {
  readonly reason: VaultErrorReason;
  /** For `wrong-account` the account that signed; for others what the list of reasons says. */
  readonly detail: string | undefined;
  constructor(reason: VaultErrorReason, detail?: string) {
    super(reason);
    this.name = 'VaultError';
    this.reason = reason;
    this.detail = detail;
  }
}
