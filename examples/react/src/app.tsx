// A note, signed: the vault found, connected and asked by hooks. Nobody is asked before a button is pressed.
import { isRejected, type PrekeyVaultError } from '@prekey-vault/sdk';
import { useGrant, useVault, useVaultSigner } from '@prekey-vault/sdk/react';
import { verifyVaultSignature } from '@prekey-vault/sdk/verify';
import { useState } from 'react';

export function App() {
  const { status, vault } = useVault();
  const { grant, connect, disconnect, ...connecting } = useGrant(vault);
  const { sign, ...signing } = useVaultSigner(vault, grant?.account);
  const [text, setText] = useState('I was here.');
  const [signed, setSigned] = useState<string>();
  const isAsking = connecting.isAsking || signing.isAsking;
  const error = signing.error ?? connecting.error;

  async function signText(account: string) {
    const answer = await sign({ payload: text, purpose: 'Sign a note' });
    if (!answer) return; // `error` says why
    const { purpose } = verifyVaultSignature(answer, { account, origin: location.origin, payload: text });
    setSigned(`Signed by ${account}, for "${purpose}".`);
  }

  if (status === 'looking') return <p role="status">Looking for Prekey Vault…</p>;
  if (status === 'absent') return <p role="status">Prekey Vault is not installed in this browser.</p>;
  if (status === 'gone') return <p role="status">Prekey Vault was updated or turned off. Reload the page.</p>;
  return (
    <main>
      <h1>A note, signed</h1>
      <p>
        <label>
          Text <input id="text" value={text} onChange={(event) => setText(event.target.value)} />
        </label>
      </p>
      {grant ? (
        <p>
          <button id="sign" disabled={isAsking} onClick={() => void signText(grant.account)}>
            Sign
          </button>{' '}
          <button id="disconnect" disabled={isAsking} onClick={() => void disconnect()}>
            Disconnect
          </button>
        </p>
      ) : (
        <p>
          <button
            id="connect"
            disabled={isAsking}
            onClick={() => void connect({ capabilities: ['sign'], duration: '1d' })}
          >
            Connect
          </button>
        </p>
      )}
      <p id="status" role="status">
        {isAsking
          ? 'Prekey Vault is asking you.'
          : error
            ? wordsFor(error)
            : (signed ?? (grant ? `Connected as ${grant.account}.` : 'Prekey Vault is here.'))}
      </p>
    </main>
  );
}

function wordsFor(error: PrekeyVaultError): string {
  if (isRejected(error)) return error.reason === 'rejected' ? 'You said no.' : 'Nobody answered. Please try again.';
  return error.message;
}
