// `npm test`: the app with a vault that does what the test says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFakeVault } from '@prekey-vault/sdk/test';
import { logIn, signText, wordsFor } from './app.js';

const origin = 'https://app.example';
const thrownBy = (work) =>
  work.then(
    () => assert.fail('it went through'),
    (error) => error,
  );

test('asks to connect once', async () => {
  const { provider, accounts, cards } = createFakeVault({ origin });
  assert.equal(await logIn(provider), accounts[0]);
  assert.equal(await logIn(provider), accounts[0]);
  assert.deepEqual(
    cards.map(({ kind }) => kind),
    ['connect'],
  );
});

test('has a text signed, and knows by whom', async () => {
  const { provider } = createFakeVault({ origin });
  const account = await logIn(provider);
  const signed = await signText(provider, { account, text: 'I was here.', origin });
  assert.equal(signed.account, account);
  assert.equal(new TextDecoder().decode(signed.payload), 'I was here.');
});

test('says in words when the person says no, or nothing', async () => {
  for (const [answer, words] of [
    ['reject', 'You said no.'],
    ['expire', 'Nobody answered. Please try again.'],
  ]) {
    const { provider } = createFakeVault({ origin, person: () => answer });
    assert.equal(wordsFor(await thrownBy(logIn(provider))), words);
  }
});

test('asks to unlock, and goes on, when the vault is locked', async () => {
  const vault = createFakeVault({ origin });
  const account = await logIn(vault.provider);
  vault.lock();
  await signText(vault.provider, { account, text: 'Still me.', origin });
  assert.deepEqual(
    vault.cards.map(({ kind }) => kind),
    ['connect', 'unlock', 'sign'],
  );
});
