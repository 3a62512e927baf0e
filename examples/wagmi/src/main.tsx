import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { http, createConfig } from 'wagmi';
import { mainnet } from 'wagmi/chains';
import { injected } from 'wagmi/connectors';
import { App } from './app';

// Wallets announce themselves (EIP-6963), and wagmi lists them. The vault is none of them: it announces itself elsewhere.
const config = createConfig({ chains: [mainnet], connectors: [injected()], transports: { [mainnet.id]: http() } });

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App config={config} />
  </StrictMode>,
);
