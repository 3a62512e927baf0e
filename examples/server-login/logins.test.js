// `npm test`: the server with answers of a vault that does what the test says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, sign, vaultSignatureToJson } from '@prekey-vault/sdk';
import { createFakeVault } from '@prekey-vault/sdk/test';
import { readChallenge } from './challenge.js';
import { createLogins, purpose } from './logins.js';

const origin = 'https://app.example';

/** A person at this server, or at the page of another site. */
async function person({ at = origin, nowMs = Date.now } = {}) {
  const { provider } = createFakeVault({ origin: at, nowMs });
  const { account } = await connect(provider, { capabilities: ['sign'], duration: '1d' });
  return {
    account,
    answer: async (text, as = purpose) => vaultSignatureToJson(await sign(provider, { payload: text, purpose: as })),
  };
}

test('who signs the challenge is logged in, once', async () => {
  const logins = createLogins({ origin });
  const { account, answer } = await person();
  const json = await answer(logins.challenge(account));
  assert.equal(logins.logIn(json), account);
  assert.throws(() => logins.logIn(json), /nonce/);
});

test('the challenge has the fields of CAIP-122', () => {
  const logins = createLogins({ origin, nowMs: () => 1_750_000_000_000 });
  const fields = readChallenge(logins.challenge('0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf'));
  assert.deepEqual(
    { ...fields, nonce: fields.nonce.length, statement: typeof fields.statement },
    {
      domain: 'app.example',
      address: '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf',
      statement: 'string',
      uri: origin,
      chainId: 1,
      nonce: 32,
      issuedAt: '2025-06-15T15:06:40.000Z',
      expirationTime: '2025-06-15T15:11:40.000Z',
    },
  );
  assert.equal(readChallenge('anything else'), undefined);
});

test('what was signed for another site, another purpose, another account, or too late, is not taken', async () => {
  let nowMs = Date.now();
  const logins = createLogins({ origin, nowMs: () => nowMs });
  const ada = await person();
  const phished = await person({ at: 'https://app.examp1e' });
  await assert.rejects(
    async () => logins.logIn(await phished.answer(logins.challenge(phished.account))),
    /wrong-origin/,
  );
  await assert.rejects(
    async () => logins.logIn(await ada.answer(logins.challenge(ada.account), 'Buy a boat')),
    /wrong-purpose/,
  );
  const another = '0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF';
  await assert.rejects(async () => logins.logIn(await ada.answer(logins.challenge(another))), /wrong-account/);
  const late = await ada.answer(logins.challenge(ada.account));
  nowMs += 5 * 60_000;
  assert.throws(() => logins.logIn(late), /out of time/);
});

test('a text that the server did not make is not taken', async () => {
  const logins = createLogins({ origin });
  const { account, answer } = await person();
  const text = logins.challenge(account);
  for (const other of [
    'hello',
    text.replace('Chain ID: 1', 'Chain ID: 5'),
    text.replace('Version: 1', 'Version: 2'),
    text.replace('app.example', 'example.app'),
    `${text}\n`,
  ])
    await assert.rejects(async () => logins.logIn(await answer(other)));
  assert.throws(() => logins.logIn('{}'), /malformed/);
  assert.equal(logins.logIn(await answer(text)), account);
});
