// Lending the use of keys: a request goes in, a signature or public keys come out (P1).
// Promises: the lock deadline is checked before the bundle is opened and the lock generation after the last await (R-F3, R-F5).
// Must not: be called without a grant or a decision of a person; the gate sees to that (P2).
import { VaultError } from '../contract/errors';
import type { PublicKeyBundleResult, VaultSignature } from '../contract/methods';
import { keyViewsOf, publicBundlesOf, signForOrigin } from './private-keys';
import type { Safes } from './safes';
import type { Sessions } from './session';
import { openKeyRecord } from './unlock';

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

export function createKeys({ safes, sessions }: { safes: Safes; sessions: Sessions }): Keys {
  /** `use` is synchronous: opened bytes exist for one block and are wiped after it. */
  async function withBundleSecret<T>(safeId: string, use: (bundleSecret: Uint8Array, account: string) => T): Promise<T> {
    const copy = safes.copyOf(safeId);
    if (copy.header.state !== 'complete') throw new VaultError('wrong-step');
    const begun = sessions.generation(safeId);
    const rootKey = await sessions.rootKey(safeId);
    const bundleSecret = await openKeyRecord(copy, rootKey);
    try {
      if (sessions.generation(safeId) !== begun) throw new VaultError('locked');
      return use(bundleSecret, copy.header.account);
    } finally {
      bundleSecret.fill(0);
    }
  }

  return {
    publicBundles: (safeId) => withBundleSecret(safeId, publicBundlesOf),
    sign: (safeId, { origin, purpose, payload, issuedAtMs }) =>
      withBundleSecret(safeId, (bundleSecret, account) =>
        signForOrigin(bundleSecret, { origin, account, purpose, issuedAtMs, payload }),
      ),
    views: (safeId) => withBundleSecret(safeId, keyViewsOf),
  };
}
