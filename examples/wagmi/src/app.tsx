// A wallet and a vault side by side: the wallet, by wagmi, is for what costs something; the vault signs in, and the wallet is not asked for it.
import { useGrant, useVault, useVaultSigner } from '@prekey-vault/sdk/react';
import { verifyVaultSignature } from '@prekey-vault/sdk/verify';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { useConnect, useConnection, useConnectors, useDisconnect, WagmiProvider, type Config } from 'wagmi';

const queries = new QueryClient();

export function App({ config }: { config: Config }) {
  return (
    <WagmiProvider config={config}>
      <QueryClientProvider client={queries}>
        <h1>A wallet, and a vault beside it</h1>
        <Wallet />
        <Vault />
      </QueryClientProvider>
    </WagmiProvider>
  );
}

function Wallet() {
  const { address, isConnected } = useConnection();
  const connect = useConnect();
  const connectors = useConnectors();
  const disconnect = useDisconnect();
  return (
    <section>
      <h2>Wallet</h2>
      {isConnected ? (
        <p>
          <span id="wallet-status" role="status">
            Wallet {address}
          </span>{' '}
          <button id="wallet-disconnect" onClick={() => disconnect.mutate()}>
            Disconnect
          </button>
        </p>
      ) : (
        connectors.map((connector) => (
          <p key={connector.uid}>
            <button className="wallet-connect" data-name={connector.name} onClick={() => connect.mutate({ connector })}>
              {connector.name}
            </button>
          </p>
        ))
      )}
    </section>
  );
}

function Vault() {
  const { address } = useConnection();
  const { status, vault } = useVault();
  const { grants, connect, ...connecting } = useGrant(vault);
  // With a wallet connected, the identity of that very account, if this site was given it; else the newest.
  const grant = grants.find(({ account }) => account === address) ?? grants[0];
  const { sign, ...signing } = useVaultSigner(vault, grant?.account);
  const [login, setLogin] = useState<string>();
  const error = signing.error ?? connecting.error;

  async function logIn(account: string) {
    // A challenge of your server, in an app: see the example server-login.
    const payload = crypto.randomUUID();
    const answer = await sign({ payload, purpose: 'Log in' });
    if (!answer) return;
    verifyVaultSignature(answer, { account, origin: location.origin, payload });
    setLogin(account === address ? 'Logged in as the account of your wallet.' : `Logged in as ${account}.`);
  }

  if (status !== 'found') return <p id="vault-status">No Prekey Vault here: {status}.</p>;
  return (
    <section>
      <h2>Vault</h2>
      {grant ? (
        <button id="vault-login" disabled={signing.isAsking} onClick={() => void logIn(grant.account)}>
          Log in
        </button>
      ) : (
        <button
          id="vault-connect"
          disabled={connecting.isAsking}
          onClick={() => void connect({ capabilities: ['sign'], duration: '1d' })}
        >
          Connect the vault
        </button>
      )}
      <p id="vault-status" role="status">
        {error?.message ?? login ?? (grant ? `Connected as ${grant.account}.` : 'Not connected.')}
      </p>
    </section>
  );
}
