// The page: two buttons and what came of them.
import { findPrekeyVault } from '@prekey-vault/sdk';
import { logIn, signText, wordsFor } from './app.js';

const at = (id) => document.getElementById(id);
const show = (text) => (at('status').textContent = text);
let account;

const vault = await findPrekeyVault();
if (!vault) show('Prekey Vault is not installed in this browser.');
else {
  show('Prekey Vault is here.');
  at('connect').disabled = false;
}

at('connect').addEventListener('click', async () => {
  try {
    account = await logIn(vault);
    at('sign').disabled = false;
    show(`Connected as ${account}.`);
  } catch (error) {
    show(wordsFor(error));
  }
});

at('sign').addEventListener('click', async () => {
  try {
    const { account: by, purpose } = await signText(vault, {
      account,
      text: at('text').value,
      origin: location.origin,
    });
    show(`Signed by ${by}, for "${purpose}".`);
  } catch (error) {
    show(wordsFor(error));
  }
});
