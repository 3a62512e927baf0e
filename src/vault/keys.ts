// Lending the use of keys: a request goes in, a signature or public keys come out (P1).
// Promises: the lock deadline is checked before the bundle is opened and the lock generation after the last await (R-F3, R-F5).
// Must not: be called without a grant or a decision of a person; the gate sees to that (P2).
import type { PublicKeyBundleResult, VaultSignature } from '../contract/methods';
import type { BundleDoor } from './bundle-door';
import { keyViewsOf, publicBundlesOf, signForOrigin } from './private-keys';

export interface Keys {
  /** Public key bundles of a finished identity. Throws 'locked', 'not-found', 'damaged', 'wrong-step' for a draft. */
  publicBundles(safeId: string): Promise<PublicKeyBundleResult>;
  /** A signature by the current prekey (docs/provider-api.md). Throws as `publicBundles`, and 'invalid-input'. */
  sign(
    safeId: string,
    input: { origin: string; purpose: string; payload: Uint8Array; issuedAtMs: number },
  ): Promise<VaultSignature>;
  /** Public side of all keys. Throws as `publicBundles`. */
  views(safeId: string): Promise<ReturnType<typeof keyViewsOf>>;
}

export function createKeys(withBundleSecret: BundleDoor): Keys {
  return {
    publicBundles: (safeId) => withBundleSecret(safeId, publicBundlesOf),
    sign: (safeId, { origin, purpose, payload, issuedAtMs }) =>
      withBundleSecret(safeId, (bundleSecret, account) =>
        signForOrigin(bundleSecret, { origin, account, purpose, issuedAtMs, payload }),
      ),
    views: (safeId) => withBundleSecret(safeId, keyViewsOf),
  };
}
