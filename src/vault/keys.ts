// Lending the use of keys: a request goes in, a signature or public keys come out (P1).
// Promises: the lock deadline is checked before the bundle is opened and the lock generation after the last await (R-F3, R-F5).
// Must not: be called without a grant or a decision of a person; the gate sees to that (P2).
import { VaultError } from '../contract/errors';
import type { PreKeyView } from '../contract/internal';
import type { PublicKeyBundleResult, VaultSignature } from '../contract/methods';
import { encodePublicKeyBundle, encodeSignedPublicKeyBundle } from '../protocol/bundles';
import { bytesToHex } from '../protocol/bytes';
import type { VaultSignFields } from '../protocol/vault-signature';
import { encodeVaultSignPayload, vaultSignDigest } from '../protocol/vault-signature';
import type { BundleDoor } from './bundle-door';
import { asBytes } from './encoding';
import type { OpenedIdentity, OpenIdentity } from './open-identity';
import { madeAtMs, prekeyOfSession, signedBundleWith } from './own-keys';
import { signDigests } from './private-messages';
import type { SessionPrekeys } from './session-prekeys';

/** What every method throws besides what it says: 'locked', 'not-found', 'damaged', 'newer-format', 'wrong-step' for a draft. */
export interface Keys {
  /**
   * Public key bundles of a finished identity, with the current prekey. For a document this is where its session begins anew: from now
   * on it works with the prekey in this answer. Throws also 'storage-failed'.
   */
  publicBundles(safeId: string, documentKey?: string): Promise<PublicKeyBundleResult>;
  /** A signature by the prekey of the document, else by the current one (docs/provider-api.md). Throws also 'invalid-input', 'storage-failed'. */
  sign(
    safeId: string,
    input: { origin: string; purpose: string; payload: Uint8Array; issuedAtMs: number; documentKey?: string },
  ): Promise<VaultSignature>;
  /** Public side of all keys, for the vault page. */
  views(safeId: string): Promise<{ identityKeyHex: string; identityCreatedAtMs: number; preKeys: PreKeyView[] }>;
}

export function createKeys(options: { openIdentity: OpenIdentity; door: BundleDoor; pins: SessionPrekeys }): Keys {
  const { openIdentity, door, pins } = options;

  async function whileOpen<T>(safeId: string, use: (identity: OpenedIdentity) => Promise<T>): Promise<T> {
    const identity = await openIdentity(safeId);
    const result = await use(identity);
    identity.mustStillBeOpen();
    return result;
  }

  return {
    publicBundles: (safeId, documentKey) =>
      whileOpen(safeId, async ({ account, ownKeys }) => {
        const own = await ownKeys();
        if (documentKey !== undefined) await pins.pin(safeId, documentKey, own.current.name);
        return {
          account,
          signedPublicKeyBundle: asBytes(encodeSignedPublicKeyBundle(signedBundleWith(own, own.current))),
          publicKeyBundle: asBytes(encodePublicKeyBundle({ identityKey: own.identityKey, preKey: own.current.legacy })),
        };
      }),
    sign: (safeId, { documentKey, origin, purpose, payload, issuedAtMs }) =>
      whileOpen(safeId, async ({ account, ownKeys }) => {
        const fields = { origin, account, purpose, issuedAtMs, payload };
        const digest = digestToSign(fields);
        const own = await ownKeys();
        if (documentKey !== undefined && pins.nameOf(safeId, documentKey) === undefined) await pins.pin(safeId, documentKey, own.current.name);
        const preKey = prekeyOfSession(own, documentKey === undefined ? undefined : pins.nameOf(safeId, documentKey));
        const [signature] = await door(safeId, (bundleSecret) => signDigests(bundleSecret, [{ digest, preKey }]));
        if (!signature) throw new VaultError('damaged');
        return {
          signature: { bytes: asBytes(signature.bytes), recovery: signature.recovery },
          signed: { version: 1, ...fields, payload: asBytes(payload) },
          signedPublicKeyBundle: asBytes(encodeSignedPublicKeyBundle(signedBundleWith(own, preKey))),
        };
      }),
    views: (safeId) =>
      whileOpen(safeId, async ({ ownKeys }) => {
        const { identityKey, preKeys, current } = await ownKeys();
        return {
          identityKeyHex: bytesToHex(identityKey.publicKey),
          identityCreatedAtMs: madeAtMs(identityKey),
          preKeys: preKeys.map((preKey) => ({
            publicKeyHex: preKey.name,
            createdAtMs: madeAtMs(preKey.legacy),
            current: preKey === current,
          })),
        };
      }),
  };
}

function digestToSign(fields: VaultSignFields): Uint8Array {
  try {
    return vaultSignDigest(encodeVaultSignPayload(fields));
  } catch {
    throw new VaultError('invalid-input');
  }
}
