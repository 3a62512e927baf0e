// What a messaging page of a test has on its window: an unmodified xmtp-js and the SDK, for `page.evaluate` to work with.
// Promises the real packages in a real page, and nothing between them and the test. Must not: hold state of the vault, or be imported
// for anything but its types: it is built and loaded as a script (kit/messaging.ts).
import '../../demo/dapp/node-globals';
import { Client, keystoreApiDefs, type Conversation, type KeystoreInterface } from '@xmtp/xmtp-js';
import type { PrekeyVaultProvider } from '../../src/sdk/index';
import {
  vaultClientOptions,
  xmtpCapabilities,
  type VaultClientOptions,
  type VaultKeystoreOptions,
} from '../../src/sdk/xmtp/index';
import { createVaultKeystore } from '../../src/sdk/xmtp/keystore';

type ClientOptions = NonNullable<Parameters<typeof Client.create>[1]>;

const vaultOf = () => (window as unknown as { prekeyVault: PrekeyVaultProvider }).prekeyVault;

const messaging = {
  keystoreApiDefs,
  xmtpCapabilities,
  /** A client on the vault of this browser; no wallet. */
  onVault: (apiUrl: string, more: Partial<ClientOptions> = {}, options: VaultClientOptions = {}) =>
    Client.create(null, { ...vaultClientOptions(vaultOf(), options), env: 'local', apiUrl, ...more }),
  /** The keystore alone. `pauseMs` holds back each request, as a page does that is busy with other things. */
  keystore(options: VaultKeystoreOptions = {}, pauseMs = 0): Promise<KeystoreInterface> {
    const vault = vaultOf();
    const request: typeof vault.request = (args) =>
      new Promise((resolve) => setTimeout(resolve, pauseMs)).then(() => vault.request(args));
    return createVaultKeystore({ ...vault, request }, options);
  },
  /** A conversation by its topic or its peer. One of V1 is listed only after its first message. */
  async find(where: string): Promise<Conversation> {
    const { ada, begun } = messaging.kept;
    const isMeant = ({ topic, peerAddress }: Conversation) => topic === where || peerAddress === where;
    const found = (await ada.conversations.list()).find(isMeant) ?? begun.find(isMeant);
    if (!found) throw new Error(`no conversation ${where}`);
    return found;
  },
  /** Clients and streams that the next `evaluate` needs again. */
  kept: { begun: [] } as unknown as { ada: Client; begun: Conversation[]; heard: Promise<unknown> },
};

declare global {
  interface Window {
    messaging: typeof messaging;
  }
}
window.messaging = messaging;
