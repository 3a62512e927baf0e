// An app that knows wallets and nothing of Prekey Vault: bare @wagmi/core, with the wallets that announce themselves and with window.ethereum.
// Promises: wagmi as it is on npm; what it lacks of the viem that is here is left out of the bundle, and none of that is used.
// Must not: be imported; `walletApp` bundles it, and it runs in the page.
import {
  connect,
  createConfig,
  disconnect,
  getAccount,
  http,
  injected,
  reconnect,
  sendTransaction,
  signMessage,
  signTypedData,
  watchAccount,
} from '@wagmi/core';
import { mainnet } from 'viem/chains';

// As apps do: at once when the script runs, so that a wallet that announces itself later than the page's start would be missed.
const config = createConfig({
  chains: [mainnet],
  connectors: [injected()],
  transports: { [mainnet.id]: http('http://127.0.0.1:9') },
});
const heard: (string | undefined)[] = [];
watchAccount(config, { onChange: ({ address }) => void heard.push(address) });

const connectorOf = (name: string) => {
  const connector = config.connectors.find((one) => one.name === name);
  if (!connector) throw new Error(`no wallet is called ${name}`);
  return connector;
};
/** The code that the wallet gave, under whatever the libraries wrapped it in. */
const codeOf = (error: unknown): unknown => {
  for (let at = error as { code?: unknown; cause?: unknown } | undefined; at; at = at.cause as typeof at)
    if (typeof at.code === 'number') return at.code;
  return String(error);
};
const outcome = (work: Promise<unknown>) =>
  work.then(
    (result) => ({ result }),
    (error: unknown) => ({ error: codeOf(error) }),
  );
const to = '0x0000000000000000000000000000000000000001';

export const app = {
  heard,
  wallets: () => config.connectors.map(({ name }) => name),
  account: () => getAccount(config).address?.toLowerCase(),
  connect: (name: string) =>
    outcome(
      connect(config, { connector: connectorOf(name) }).then(({ accounts }) =>
        accounts.map((one) => one.toLowerCase()),
      ),
    ),
  reconnect: () => outcome(reconnect(config).then(() => getAccount(config).address?.toLowerCase())),
  disconnect: () => outcome(disconnect(config)),
  sign: (message: string) => outcome(signMessage(config, { message })),
  pay: () => outcome(sendTransaction(config, { to, value: 1n, gas: 21_000n })),
  signTyped: () =>
    outcome(
      signTypedData(config, {
        domain: { name: 'Coin', chainId: 1 },
        types: { Permit: [{ name: 'owner', type: 'address' }] },
        primaryType: 'Permit',
        message: { owner: to },
      }),
    ),
};
(window as unknown as { app: typeof app }).app = app;
