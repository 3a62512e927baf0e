// The page: asks the vault who, the server for a challenge, the vault for a signature, and sends it to the server.
import { accounts, connect, findPrekeyVault, sign, vaultSignatureToJson } from '@prekey-vault/sdk';

const show = (text) => (document.getElementById('status').textContent = text);
const button = document.getElementById('login');
const vault = await findPrekeyVault();
button.disabled = !vault;
show(vault ? 'You are not logged in.' : 'Prekey Vault is not installed in this browser.');

button.addEventListener('click', async () => {
  try {
    const [known] = await accounts(vault);
    const account = known ?? (await connect(vault, { capabilities: ['sign'], duration: '1d' })).account;
    const challenge = await (await fetch(`/challenge?account=${account}`)).text();
    const answer = await sign(vault, { payload: challenge, purpose: 'Log in', account });
    const response = await fetch('/login', { method: 'POST', body: vaultSignatureToJson(answer) });
    show(response.ok ? `Logged in as ${await response.text()}.` : 'The server did not take it.');
  } catch (error) {
    show(error instanceof Error ? error.message : 'Something went wrong.');
  }
});
