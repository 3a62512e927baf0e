// The errors a dapp catches: what the provider refused, with its code and reason in typed form.
// Promises that everything the wrappers throw is a PrekeyVaultError, whatever the provider threw.
// Must not invent a refusal: what is not recognised becomes -32603, with the original as cause.
import type { IdentityTextDefect } from '../contract/choices';
import { errorCode, type NetworkTrouble, type RejectedReason } from '../contract/errors';

/** Codes of EIP-1193, EIP-1474 and JSON-RPC 2.0 that the provider uses. */
export type PrekeyVaultErrorCode = 4001 | 4100 | 4200 | 4900 | -32600 | -32602 | -32603 | -32002 | -32005;

/** Why a request ended without a result, when the code is 4001. */
export type PrekeyVaultRejectedReason = 'rejected' | 'expired' | 'superseded' | 'interrupted';

const codes: ReadonlySet<unknown> = new Set<PrekeyVaultErrorCode>(Object.values(errorCode));
// A record and not a list, so that a reason added to the contract does not compile until it is added here.
const reasons: Readonly<Record<RejectedReason, PrekeyVaultRejectedReason>> = {
  rejected: 'rejected',
  expired: 'expired',
  superseded: 'superseded',
  interrupted: 'interrupted',
};

/** Why an identity text is not signed, when the code is -32602 and the field is `text`. */
export type PrekeyVaultIdentityTextDefect = 'unreadable' | 'date' | 'not-this-key' | 'not-recovery';

const textWords: Readonly<Record<IdentityTextDefect, string>> = {
  unreadable:
    'Prekey Vault signs identity texts of XMTP V3 and nothing else, and this is none in a form that it knows.',
  date: 'The text is not dated now. Look at the clock of this computer, and ask anew.',
  'not-this-key': 'The text names another key, or an inbox that this key cannot make.',
  'not-recovery': 'Only the recovery of this inbox could sign that, and this vault is not known to be it.',
} satisfies Record<PrekeyVaultIdentityTextDefect, string>;

/** What was wrong with the network, when the code is -32603. */
export type PrekeyVaultNetworkTrouble = 'none' | 'unreachable' | 'refused' | 'bad-answer' | 'changed';

const networkWords: Readonly<Record<NetworkTrouble, string>> = {
  none: "No XMTP node is set in Prekey Vault, so it cannot publish. Its owner sets one in the vault's settings.",
  unreachable: 'The XMTP node that is set in Prekey Vault does not answer. Send the same envelopes again later.',
  refused:
    'The XMTP node that is set in Prekey Vault refused to publish. Look at topics and sizes, or send less at once.',
  'bad-answer':
    'What the XMTP node that is set in Prekey Vault answered makes no sense. Its owner should look at the address of the node.',
  changed:
    'Another XMTP node was set in Prekey Vault since this was asked, and nothing was sent to it. Ask again to publish there.',
} satisfies Record<PrekeyVaultNetworkTrouble, string>;

/** A request that ended without a result. */
export class PrekeyVaultError extends Error {
  readonly code: PrekeyVaultErrorCode;
  /** Set when the code is 4001 and the vault said why. */
  readonly reason: PrekeyVaultRejectedReason | undefined;
  /** Set when the code is -32602 and the vault named the parameter. */
  readonly field: string | undefined;
  /** Set when a whole `xmtp_*` call was refused: the XMTP keystore's own code (0 unspecified, 1 invalid input, 2 no matching prekey). */
  readonly keystoreCode: 0 | 1 | 2 | 3 | undefined;
  /**
   * Set when something was to be published and the node could not be used: `none` is set in the vault, it is `unreachable`, it
   * `refused`, or gave a `bad-answer`.
   */
  readonly network: PrekeyVaultNetworkTrouble | undefined;
  /** Set when an identity text was refused. */
  readonly identityText: PrekeyVaultIdentityTextDefect | undefined;

  constructor(
    code: PrekeyVaultErrorCode,
    message: string,
    details: {
      reason?: PrekeyVaultRejectedReason | undefined;
      field?: string | undefined;
      keystoreCode?: 0 | 1 | 2 | 3 | undefined;
      network?: PrekeyVaultNetworkTrouble | undefined;
      identityText?: PrekeyVaultIdentityTextDefect | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.name = 'PrekeyVaultError';
    this.code = code;
    this.reason = details.reason;
    this.field = details.field;
    this.keystoreCode = details.keystoreCode;
    this.network = details.network;
    this.identityText = details.identityText;
  }
}

/**
 * The typed form of whatever a provider threw. A PrekeyVaultError is returned as it is. A value without one of our codes
 * becomes `fallback` (-32603 unless told otherwise). The original is kept as `cause`. Never throws.
 */
export function toPrekeyVaultError(
  thrown: unknown,
  fallback: PrekeyVaultErrorCode = errorCode.internal,
): PrekeyVaultError {
  if (thrown instanceof PrekeyVaultError) return thrown;
  const code = read(thrown, 'code');
  const message = read(thrown, 'message');
  const data = read(thrown, 'data');
  const reason = read(data, 'reason');
  const field = read(data, 'field');
  const keystoreCode = read(data, 'keystoreCode');
  const isKnown = codes.has(code);
  const trouble = read(data, 'network');
  const defect = read(data, 'identityText');
  const identityText = code === errorCode.invalidParams && isTextDefect(defect) ? defect : undefined;
  const network = code === errorCode.internal && isNetworkTrouble(trouble) ? trouble : undefined;
  return new PrekeyVaultError(
    isKnown ? (code as PrekeyVaultErrorCode) : fallback,
    network !== undefined
      ? networkWords[network]
      : identityText !== undefined
        ? textWords[identityText]
        : isKnown && typeof message === 'string'
          ? message
          : 'Prekey Vault answered with an error that is not in its list.',
    {
      reason: code === errorCode.rejected && isReason(reason) ? reason : undefined,
      field: code === errorCode.invalidParams && typeof field === 'string' ? field : undefined,
      keystoreCode:
        code === errorCode.invalidParams &&
        (keystoreCode === 0 || keystoreCode === 1 || keystoreCode === 2 || keystoreCode === 3)
          ? keystoreCode
          : undefined,
      network,
      identityText,
      cause: thrown,
    },
  );
}

/** 4001: the person said no, the request ran out of time, or another one took its place. See `reason`. */
export function isRejected(thrown: unknown): boolean {
  return read(thrown, 'code') === errorCode.rejected;
}

/** 4100: this site has no grant for it (any more). Call `connect`. */
export function isUnauthorized(thrown: unknown): boolean {
  return read(thrown, 'code') === errorCode.unauthorized;
}

/** 4200: the installed vault has no such method. */
export function isUnsupported(thrown: unknown): boolean {
  return read(thrown, 'code') === errorCode.unsupported;
}

/** 4900: the extension was removed, disabled or updated. Reload the page. */
export function isDisconnected(thrown: unknown): boolean {
  return read(thrown, 'code') === errorCode.disconnected;
}

/** -32602: the parameters do not fit the method; `field` of a PrekeyVaultError may name which. */
export function isInvalidParams(thrown: unknown): boolean {
  return read(thrown, 'code') === errorCode.invalidParams;
}

/** -32002: the same request is already waiting for the person. */
export function isAlreadyPending(thrown: unknown): boolean {
  return read(thrown, 'code') === errorCode.alreadyPending;
}

/** -32005: too many requests are waiting, or this one is too large. */
export function isLimitExceeded(thrown: unknown): boolean {
  return read(thrown, 'code') === errorCode.limitExceeded;
}

function isReason(value: unknown): value is PrekeyVaultRejectedReason {
  return typeof value === 'string' && Object.hasOwn(reasons, value);
}

function isNetworkTrouble(value: unknown): value is PrekeyVaultNetworkTrouble {
  return typeof value === 'string' && Object.hasOwn(networkWords, value);
}

function isTextDefect(value: unknown): value is PrekeyVaultIdentityTextDefect {
  return typeof value === 'string' && Object.hasOwn(textWords, value);
}

// A foreign value may have getters that throw, or be null.
function read(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}
