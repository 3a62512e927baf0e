// One request of a dapp as the gate holds it, and what a page may learn of an error.
// Promises: errors are the fixed list; nothing of storage, crypto or the node gets into a page's error.
// Must not: decide anything.
import {
  errorCode,
  KeystoreRefusal,
  ProviderError,
  rejected,
  VaultError,
  type ErrorShape,
  type NetworkTrouble,
} from '../../contract/errors';
import type { IdentityTextDefect } from '../../contract/choices';
import type { MethodName, MethodParams } from '../../contract/dapp/methods';
import type { Dapp } from '../browser/sender';

/** One request as it stands in memory while its document is connected: without its parameters, which the relay has. */
export interface Attached {
  id: string;
  method: string;
  dapp: Dapp;
  /** What its parameters weigh in memory; the most that they can as long as they have not come. */
  bytes: number;
  /** It came from the page just now, after a click or a key there, as its relay says. Not so any more when it is sent again. */
  isClicked: boolean;
  answer: (outcome: Settled) => void;
  /** Asks the relay for the frame again, which comes as the first one came. Settles when it was routed, or when the request is over. */
  again: () => Promise<void>;
}

/** How a request ends. */
export type Settled = { result: unknown } | { error: ErrorShape };

/** The request stays open: a record waits for a person. */
export const waits = Symbol('waits');
export type Outcome = typeof waits | Answer;

/** What a request is answered with. `mayLeave` is asked last of all: it throws when the grant, as it stands then, does not give it any more. */
export interface Answer {
  result: unknown;
  mayLeave?: () => Promise<void>;
}

/** A request with its parameters, which have passed the schema of its row. They live as long as the work on them, no longer. */
export interface Call<M extends MethodName = MethodName> {
  request: Attached;
  method: M;
  params: MethodParams<M>;
  /** Set when this request was looked up on its way in and has no record: then none has to end with it. */
  hasNoRecord?: boolean;
  /** The person said of this very request that it may go on, however much it is. */
  isLetThrough?: boolean;
  /** When this request came for the first time, if it is known from before: milliseconds since 1970. */
  arrivedAtMs?: number;
  /** SHA-256 of origin, method and these parameters, as 64 hex digits; computed once. What was shown is what runs (R-C3). */
  digest(): Promise<string>;
}

const networkTroubles: Partial<Record<VaultError['reason'], NetworkTrouble>> = {
  'no-network': 'none',
  unreachable: 'unreachable',
  'refused-by-node': 'refused',
  'bad-answer': 'bad-answer',
};

/** What a page may learn of an error: the fixed list, or "internal" without detail. */
export function toShape(error: unknown): ErrorShape {
  if (error instanceof ProviderError) return error.toShape();
  if (error instanceof KeystoreRefusal)
    return new ProviderError(errorCode.invalidParams, { keystoreCode: error.keystoreCode }).toShape();
  if (error instanceof VaultError) {
    if (error.reason === 'bad-identity-text')
      return new ProviderError(errorCode.invalidParams, {
        field: 'text',
        identityText: error.detail as IdentityTextDefect,
      }).toShape();
    if (error.reason === 'limit') return new ProviderError(errorCode.limitExceeded).toShape();
    if (error.reason === 'stopped' && error.detail === 'node')
      return new ProviderError(errorCode.internal, { network: 'changed' }).toShape();
    if (error.reason === 'locked' || error.reason === 'stale' || error.reason === 'stopped')
      return rejected('interrupted').toShape();
    if (error.reason === 'not-found') return new ProviderError(errorCode.unauthorized).toShape();
    const network = networkTroubles[error.reason];
    if (network) return new ProviderError(errorCode.internal, { network }).toShape();
  }
  return new ProviderError(errorCode.internal).toShape();
}
