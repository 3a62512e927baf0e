// `npm test`: wagmi's own mock of a wallet, and a vault that does what the test says, in a page without a browser.
import { createFakeVault } from '@prekey-vault/sdk/test';
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { http, createConfig } from 'wagmi';
import { mainnet } from 'wagmi/chains';
import { mock } from 'wagmi/connectors';
import { App } from './app';

let root: Root | undefined;
let remove = () => {};
beforeEach(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  document.body.innerHTML = '<div id="root"></div>';
});
afterEach(async () => {
  await act(async () => root?.unmount());
  remove();
});

const settle = () => act(() => new Promise<void>((resolve) => setTimeout(resolve, 30)));
const at = (selector: string) => document.querySelector<HTMLElement>(selector);
async function press(selector: string): Promise<void> {
  await act(async () => at(selector)!.click());
  await settle();
}

test('the wallet connects, the vault logs in, and the wallet is asked for nothing', async () => {
  const vault = createFakeVault();
  const account = vault.accounts[0] as `0x${string}`;
  remove = vault.install();
  const asked: string[] = [];
  const config = createConfig({
    chains: [mainnet],
    connectors: [mock({ accounts: [account] })],
    transports: { [mainnet.id]: http() },
    multiInjectedProviderDiscovery: false,
  });
  root = createRoot(document.getElementById('root')!);
  await act(async () => root?.render(<App config={config} />));
  await settle();
  await press('.wallet-connect');
  expect(at('#wallet-status')!.textContent).toBe(`Wallet ${account}`);

  const provider = (await config.connectors[0]!.getProvider()) as {
    request(args: { method: string }): Promise<unknown>;
  };
  const request = provider.request.bind(provider);
  provider.request = (args) => {
    asked.push(args.method);
    return request(args);
  };
  await press('#vault-connect');
  await press('#vault-login');
  expect(at('#vault-status')!.textContent).toBe('Logged in as the account of your wallet.');
  expect(vault.cards.map(({ kind }) => kind)).toEqual(['connect', 'sign']);
  expect(asked).toEqual([]);
});
