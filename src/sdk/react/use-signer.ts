// Having something signed, for a component: payloads of its own, and the texts of a client of XMTP V3.
// Promises that nobody is asked before a function is called.
import { useCallback } from 'react';
import { sign, type SignOptions } from '../calls';
import type { PrekeyVaultProvider, VaultSignature } from '../types';
import { vaultXmtpSigner, type VaultXmtpSigner } from '../v3/inbox';
import { found, useAsking, type Asking } from './use-asking';

export interface UseVaultSigner extends Asking {
  /** `vault_sign`. Resolves to the answer, or to undefined: then `error` says why. */
  sign(request: Omit<SignOptions, 'account'>): Promise<VaultSignature | undefined>;
  /** A signer for `Client.create` of @xmtp/browser-sdk, whose key stays in the vault; undefined: then `error` says why. */
  xmtpSigner(): Promise<VaultXmtpSigner | undefined>;
}

/** Signatures by one account, or by that of the newest grant. `vault` may be undefined as long as nothing is asked. */
export function useVaultSigner(vault: PrekeyVaultProvider | undefined, account?: string): UseVaultSigner {
  const [asking, ask] = useAsking();
  const by = account === undefined ? {} : { account };
  return {
    ...asking,
    sign: useCallback((request) => ask(() => sign(found(vault), { ...request, ...by })), [vault, account, ask]),
    xmtpSigner: useCallback(() => ask(() => vaultXmtpSigner(found(vault), by)), [vault, account, ask]),
  };
}
