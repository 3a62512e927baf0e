// The two keystores that are compared, behind the one interface of xmtp-js: its own in this page, and the vault's adapter.
// Promises that the keystore in the page is stored as a client stores it: conversations encrypted, in local storage.
// Must not help either of them: what a client would call is called.
import {
  BrowserStoragePersistence,
  type KeystoreInterface,
  type PrivateKeyBundleV1,
  PublicKeyBundle,
  SignedPublicKeyBundle,
  StaticKeystoreProvider,
} from '@xmtp/xmtp-js';
import type { PrekeyVaultProvider } from '../../src/sdk/types';
import { createVaultKeystore } from '../../src/sdk/xmtp/keystore';
import type { Audience } from './peers';

/** One side of a comparison. */
export interface Reader extends Audience {
  keystore: KeystoreInterface;
}

/** The provider, as the extension puts it into the page. */
export const provider = (window as unknown as { prekeyVault: PrekeyVaultProvider }).prekeyVault;

/** The vault's keystore for one of the accounts this page was given. */
export async function vaultReader(account: string): Promise<Reader> {
  const keystore = await createVaultKeystore(provider, { account });
  const { publicKeyBundle, signedPublicKeyBundle } = (await provider.request({
    method: 'vault_getPublicKeyBundle',
    params: { account },
  })) as Record<'publicKeyBundle' | 'signedPublicKeyBundle', Uint8Array>;
  return {
    name: account,
    keystore,
    legacy: PublicKeyBundle.fromBytes(publicKeyBundle),
    signed: SignedPublicKeyBundle.fromBytes(signedPublicKeyBundle),
  };
}

/** xmtp-js in this page, with what it has stored for these keys so far. */
export async function inPageReader(keys: PrivateKeyBundleV1): Promise<Reader> {
  const keystore = await inPageKeystore(keys.encode());
  const legacy = keys.getPublicKeyBundle();
  return {
    name: legacy.walletSignatureAddress(),
    keystore,
    legacy,
    signed: SignedPublicKeyBundle.fromLegacyBundle(legacy),
  };
}

/** Opens the keystore of these encoded keys, which reads everything that is stored for them. */
export function inPageKeystore(encodedKeys: Uint8Array): Promise<KeystoreInterface> {
  const options = {
    env: 'local' as const,
    privateKeyOverride: encodedKeys,
    persistConversations: true,
    disablePersistenceEncryption: false,
    basePersistence: BrowserStoragePersistence.create(),
  };
  return new StaticKeystoreProvider().newKeystore(options as Parameters<StaticKeystoreProvider['newKeystore']>[0]);
}
