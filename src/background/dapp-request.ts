// One request of a dapp as the gate holds it, and what a page may learn of an error.
// Promises: errors are the fixed list; nothing of storage, crypto or the node gets into a page's error.
// Must not: decide anything.
import { errorCode, KeystoreRefusal, ProviderError, rejected, VaultError, type ErrorShape, type NetworkTrouble } from '../contract/errors';
import type { MethodName, MethodParams } from '../contract/methods';
import type { Dapp } from './sender';

/** One request as it stands in memory while its document is connected. */
export interface Attached {
  id: string;
  method: string;
  params: unknown;
  dapp: Dapp;
  answer: (outcome: Settled) => void;
}

/** How a request ends. */
export type Settled = { result: unknown } | { error: ErrorShape };

/** The request stays open: a record waits for a person. */
export const waits = Symbol('waits');
export type Outcome = typeof waits | { result: unknown };

/** A request whose parameters have passed the schema of its row. */
export interface Call<M extends MethodName> {
  request: Attached;
  params: MethodParams<M>;
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
  if (error instanceof KeystoreRefusal) return new ProviderError(errorCode.invalidParams, { keystoreCode: error.keystoreCode }).toShape();
  if (error instanceof VaultError) {
    if (error.reason === 'limit') return new ProviderError(errorCode.limitExceeded).toShape();
    if (error.reason === 'locked' || error.reason === 'stale') return rejected('interrupted').toShape();
    if (error.reason === 'not-found') return new ProviderError(errorCode.unauthorized).toShape();
    const network = networkTroubles[error.reason];
    if (network) return new ProviderError(errorCode.internal, { network }).toShape();
  }
  return new ProviderError(errorCode.internal).toShape();
}
