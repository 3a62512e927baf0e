// Older versions of xmtp-js on the vault: what a page that is not on 13 yet can count on, and what it is told where it cannot.
// Each test says what both sides see; the other side is a stock client of 13.0.4.
import { createRequire } from 'node:module';
import { Client as StockClient, type DecodedMessage } from '@xmtp/xmtp-js';
import type * as Stock from '@xmtp/xmtp-js';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startNode, type TestNode } from '../../../demo/node/node';
import { testWallet } from '../../protocol/testkit/reference.testkit';
import { openVaultPage } from '../vault-page.testkit';

type Xmtp = typeof Stock;
const require = createRequire(import.meta.url);

let node: TestNode;
beforeAll(async () => {
  node = await startNode();
});
afterAll(() => node.close());
afterEach(() => {
  vi.doUnmock('@xmtp/xmtp-js');
  vi.resetModules();
});

/** The adapter beside another xmtp-js, as in a page that installed that one. */
async function adapterBeside(xmtp: Partial<Xmtp>) {
  vi.resetModules();
  vi.doMock('@xmtp/xmtp-js', () => ({ ...xmtp }));
  return await import('./index');
}

const network = () => ({ env: 'local', apiUrl: node.url }) as const;
let people = 0;
const stockPeer = (options: { publishLegacyContact?: boolean } = {}) =>
  StockClient.create(testWallet(`versions ${++people}`).signer as never, { ...network(), ...options });
const texts = (messages: DecodedMessage[]) =>
  messages.map(({ senderAddress, content }) => [senderAddress, content as string]);

describe.each(['xmtp-js-11', 'xmtp-js-12'])('%s on the vault', (name) => {
  const xmtp = require(name) as Xmtp;
  const onVault = async (more: { publishLegacyContact?: boolean } = {}) => {
    const { vaultClientOptions } = await adapterBeside(xmtp);
    const page = await openVaultPage();
    await page.setNode(node.url);
    const client = await xmtp.Client.create(null, {
      ...vaultClientOptions(page.provider),
      ...network(),
      ...more,
    } as never);
    expect(client.address).toBe(page.account);
    return client;
  };

  it.each(['v1', 'v2'] as const)('%s goes both ways, and is in the list', async (version) => {
    const publishLegacyContact = version === 'v1';
    const [ada, bob] = [await onVault({ publishLegacyContact }), await stockPeer({ publishLegacyContact })];
    const mine = await ada.conversations.newConversation(bob.address);
    expect(mine.conversationVersion).toBe(version);
    await mine.send('hello Bob');
    const [theirs] = await bob.conversations.list();
    await theirs!.send('hello Ada');
    const said = [
      [ada.address, 'hello Bob'],
      [bob.address, 'hello Ada'],
    ];
    expect(texts(await mine.messages())).toEqual(said);
    expect(texts(await theirs!.messages())).toEqual(said);
    const [found] = await ada.conversations.list();
    expect([found!.topic, found!.peerAddress]).toEqual([mine.topic, bob.address]);
  });

  it('hears messages as they come', async () => {
    const [ada, bob] = [await onVault(), await stockPeer()];
    const theirs = await bob.conversations.newConversation(ada.address);
    const stream = await ada.conversations.streamAllMessages();
    await expect.poll(() => node.subscriberCount()).toBeGreaterThan(0);
    await theirs.send('at once');
    const { value } = await (stream as AsyncIterableIterator<DecodedMessage>).next();
    expect(texts([value as DecodedMessage])).toEqual([[bob.address, 'at once']]);
    await stream.return(undefined);
    await expect.poll(() => node.subscriberCount()).toBe(0);
  });

  it('keeps consent', async () => {
    const ada = await onVault();
    const [bob, eve] = [testWallet('bob').address, testWallet('eve').address];
    await ada.contacts.allow([bob]);
    await ada.contacts.deny([eve]);
    await ada.contacts.loadConsentList();
    expect([ada.contacts.isAllowed(bob), ada.contacts.isDenied(eve)]).toEqual([true, true]);
  });
});

describe('a version the adapter does not work with', () => {
  // 10.2.1 exports neither of the two; what else is used it has as 11 does.
  const ten = {
    ...(require('xmtp-js-11') as Xmtp),
    keystoreApiDefs: undefined,
    HttpApiClient: undefined,
  } as unknown as Xmtp;

  it('is refused with one sentence that names those it works with, wherever it is met first', async () => {
    const { vaultClientOptions, vaultApiClientFactory, vaultKeystoreProvider } = await adapterBeside(ten);
    const { provider } = await openVaultPage();
    const refusal = expect.objectContaining({
      name: 'PrekeyVaultError',
      code: 4200,
      message: expect.stringMatching(/11\.4\.1, 11\.6\.3, 12\.1\.0 and 13\.0\.4/),
    });
    expect(() => vaultClientOptions(provider)).toThrow(refusal);
    expect(() => vaultApiClientFactory(provider)).toThrow(refusal);
    await expect(
      ten.Client.create(null, { keystoreProviders: [vaultKeystoreProvider(provider)], ...network() }),
    ).rejects.toEqual(refusal);
  });
});
