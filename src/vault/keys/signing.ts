// Lending the use of keys: a request goes in, a signature or public keys come out (P1).
// Promises: the lock deadline is checked before the bundle is opened and the lock count after the last await (R-F3, R-F5).
// Must not: be called without a grant or a decision of a person; the gate sees to that (P2).
import { VaultError } from '../../contract/errors';
import type { PrekeyView } from '../../contract/pages/identity';
import type { PublicKeyBundleResult, VaultSignature } from '../../contract/dapp/methods';
import { encodePublicKeyBundle, encodeSignedPublicKeyBundle } from '../../protocol/keys/bundles';
import { bytesToHex } from '../../protocol/base/bytes';
import type { VaultSignFields } from '../../protocol/ours/vault-signature';
import type { BundleAccess } from './bundle-access';
import { asBytes, type Bytes } from '../store/encoding';
import type { OpenedIdentity, UnlockedIdentity } from './unlocked-identity';
import { madeAtMs, prekeyOfDocument, signedBundleWith, type OwnKeys, type OwnPrekey } from './own-keys';
import { digestOfFields, signFields } from './bundle';
import type { DocumentPrekeys } from './document-prekeys';

/** What every method throws besides what it says: 'locked', 'not-found', 'damaged', 'newer-format', 'wrong-step' for a draft. */
export interface Keys {
  /**
   * Public key bundles of a finished identity, with the current prekey. For a document this is where its session begins anew: from now
   * on it works with the prekey in this answer. Throws also 'storage-failed'.
   */
  publicBundles(safeId: string, documentKey?: string, origin?: string): Promise<PublicKeyBundleResult>;
  /** A signature by the prekey of the document, else by the current one (docs/provider-api.md). Throws also 'invalid-input', 'storage-failed'. */
  sign(
    safeId: string,
    input: { origin: string; purpose: string; payload: Uint8Array; issuedAtMs: number; documentKey?: string },
  ): Promise<VaultSignature>;
  /** Public side of all keys, for the vault page. */
  views(safeId: string): Promise<{ identityKeyHex: string; identityCreatedAtMs: number; prekeys: PrekeyView[] }>;
}

export function createKeys(options: {
  unlockedIdentity: UnlockedIdentity;
  bundleAccess: BundleAccess;
  documentPrekeys: DocumentPrekeys;
}): Keys {
  const { unlockedIdentity, bundleAccess, documentPrekeys } = options;

  async function whileOpen<T>(safeId: string, use: (identity: OpenedIdentity) => Promise<T>): Promise<T> {
    const identity = await unlockedIdentity(safeId);
    const result = await use(identity);
    identity.mustStillBeOpen();
    return result;
  }

  return {
    publicBundles: (safeId, documentKey, origin) =>
      whileOpen(safeId, async ({ account, ownKeys }) => {
        const own = await ownKeys();
        if (documentKey !== undefined) await documentPrekeys.bind(safeId, documentKey, own.current.name, origin);
        return {
          account,
          signedPublicKeyBundle: signedBundleBytes(own, own.current),
          publicKeyBundle: asBytes(encodePublicKeyBundle({ identityKey: own.identityKey, preKey: own.current.legacy })),
        };
      }),
    sign: (safeId, { documentKey, origin, purpose, payload, issuedAtMs }) =>
      whileOpen(safeId, async ({ account, ownKeys }) => {
        const fields = { origin, account, purpose, issuedAtMs, payload };
        mustBeSignable(fields);
        const own = await ownKeys();
        if (documentKey !== undefined && documentPrekeys.nameOf(safeId, documentKey) === undefined)
          await documentPrekeys.bind(safeId, documentKey, own.current.name, origin);
        const preKey = prekeyOfDocument(
          own,
          documentKey === undefined ? undefined : documentPrekeys.nameOf(safeId, documentKey),
        );
        const signature = await bundleAccess(safeId, (bundleSecret) => signFields(bundleSecret, fields, preKey));
        return {
          signature: { bytes: asBytes(signature.bytes), recovery: signature.recovery },
          signed: { version: 1, ...fields, payload: asBytes(payload) },
          signedPublicKeyBundle: signedBundleBytes(own, preKey),
        };
      }),
    views: (safeId) =>
      whileOpen(safeId, async ({ ownKeys }) => {
        const { identityKey, prekeys, current } = await ownKeys();
        return {
          identityKeyHex: bytesToHex(identityKey.publicKey),
          identityCreatedAtMs: madeAtMs(identityKey),
          prekeys: prekeys.map((prekey) => ({
            publicKeyHex: prekey.name,
            createdAtMs: madeAtMs(prekey.legacy),
            current: prekey === current,
          })),
        };
      }),
  };
}

/** Each stands beside many signatures. A prekey is of one identity, and read anew with it. */
const signedBundles = new WeakMap<OwnPrekey, Bytes>();

function signedBundleBytes(own: OwnKeys, preKey: OwnPrekey): Bytes {
  const bytes = signedBundles.get(preKey) ?? asBytes(encodeSignedPublicKeyBundle(signedBundleWith(own, preKey)));
  signedBundles.set(preKey, bytes);
  return bytes.slice();
}

/** Before the bundle is opened. */
function mustBeSignable(fields: VaultSignFields): void {
  try {
    digestOfFields(fields);
  } catch {
    throw new VaultError('invalid-input');
  }
}
