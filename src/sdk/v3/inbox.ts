// XMTP V3 on the vault: a signer for clients that want an Ethereum account, and archives that follow a person from app to app (docs/v3.md).
// Promises: the private key of the signer never leaves the vault. An archive key does, once for each card, and is wiped after its use.
// Must not: depend on a package of XMTP; a client is used by the shape it has.
import { errorCode } from '../../contract/errors';
import { PrekeyVaultError } from '../errors';
import { unknownOption } from '../options';
import { call, forAccount } from '../request';
import type { AccountOptions, PrekeyVaultProvider } from '../types';

/** A signer as clients of XMTP V3 take it (`Signer` of @xmtp/browser-sdk). */
export interface VaultXmtpSigner {
  type: 'EOA';
  /** The address of the inbox key; `identifierKind` 0 is "Ethereum". */
  getIdentifier(): { identifier: string; identifierKind: 0 };
  /** EIP-191 over an identity text, 65 bytes; the person is asked for each. Throws as `xmtp_v3_signIdentityText`. */
  signMessage(text: string): Promise<Uint8Array>;
}

/**
 * A signer of XMTP V3 whose key lies in the vault. Asks for its address once, so that a grant for one signature is enough to make a client. Throws 4100
 * without the capability `xmtp.v3`.
 */
export async function vaultXmtpSigner(
  provider: PrekeyVaultProvider,
  options: AccountOptions = {},
): Promise<VaultXmtpSigner> {
  const account = forAccount('vaultXmtpSigner', options);
  const named = await call(provider, 'xmtp_v3_getIdentifier', account);
  return {
    type: 'EOA',
    getIdentifier: () => ({ ...named }),
    signMessage: (text) => call(provider, 'xmtp_v3_signIdentityText', { text, ...account }),
  };
}

/** What `vaultArchive` needs of a client; `Client` of @xmtp/browser-sdk has it. */
export interface ArchivingClient {
  readonly inboxId?: string | undefined;
  createArchive(key: Uint8Array): Promise<Uint8Array>;
  importArchive(data: Uint8Array, key: Uint8Array): Promise<unknown>;
  archiveMetadata(data: Uint8Array, key: Uint8Array): Promise<unknown>;
}

/** Archives of one client's inbox. Each call asks the person for a key, and throws as `xmtp_v3_getArchiveKey`, or what the client throws. */
export interface VaultArchive {
  /** An archive of what the client has, to be kept by the person or the app. */
  save(): Promise<Uint8Array>;
  /**
   * Brings an archive of this inbox in, with today's key. Throws -32602 (`archive`) when that does not open it: ask the person, then try `earlier: 1` for
   * the key before it, and so on, until -32602 (`earlier`) says that there was none. Each key is a card, and stays with this page for good.
   */
  open(archive: Uint8Array, options?: { earlier?: number }): Promise<void>;
}

/** Archives of the inbox of `client`, under keys that the vault makes anew for whoever the person allows. */
export function vaultArchive(
  provider: PrekeyVaultProvider,
  client: ArchivingClient,
  options: AccountOptions = {},
): VaultArchive {
  const name = unknownOption(options, { account: true });
  if (name !== undefined) throw new TypeError(`vaultArchive: there is no option "${name.slice(0, 60)}"`);
  const { account } = options;

  /** Lends a key to `use`, and wipes it. */
  async function withKey<T>(earlier: number, use: (key: Uint8Array) => Promise<T>): Promise<T> {
    const { inboxId } = client;
    if (inboxId === undefined)
      throw new PrekeyVaultError(errorCode.invalidParams, 'The client has no inbox yet.', { field: 'inboxId' });
    const params = { inboxId, ...(earlier > 0 && { earlier }), ...(account !== undefined && { account }) };
    const key = await call(provider, 'xmtp_v3_getArchiveKey', params);
    try {
      return await use(key);
    } finally {
      key.fill(0);
    }
  }

  return {
    save: () => withKey(0, (key) => client.createArchive(key)),
    open: (archive, { earlier = 0 } = {}) =>
      withKey(earlier, async (key) => {
        try {
          await client.archiveMetadata(archive, key);
        } catch (cause) {
          const words =
            'This key does not open the archive: it was made with an earlier one, for another inbox, or is damaged.';
          throw new PrekeyVaultError(errorCode.invalidParams, words, { field: 'archive', cause });
        }
        await client.importArchive(archive, key);
      }),
  };
}
