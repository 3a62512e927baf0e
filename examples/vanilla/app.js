// What this app does with the vault, without a page around it, so that app.test.js can run it with a fake vault.
import { accounts, connect, isRejected, sign } from '@prekey-vault/sdk';
import { verifyVaultSignature } from '@prekey-vault/sdk/verify';

/** The account that this site was given; asks the person the first time. Call it when somebody presses a button. */
export async function logIn(vault) {
  const [known] = await accounts(vault);
  return known ?? (await connect(vault, { capabilities: ['sign'], duration: '1d' })).account;
}

/** Has a text signed, and checks the answer: who signed, for which site, and what. */
export async function signText(vault, { account, text, origin }) {
  const answer = await sign(vault, { payload: text, purpose: 'Sign a note', account });
  return verifyVaultSignature(answer, { account, origin, payload: text });
}

/** What to tell a person about an error. */
export function wordsFor(error) {
  if (isRejected(error)) return error.reason === 'rejected' ? 'You said no.' : 'Nobody answered. Please try again.';
  return error instanceof Error ? error.message : 'Something went wrong.';
}
