// The messages of the demo without a page: the real vault, a stock peer, a real node.
import { Client } from '@xmtp/xmtp-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testWallet } from '../../src/protocol/testkit/reference.testkit';
import { openVaultPage } from '../../src/sdk/vault-page.testkit';
import { startNode, type TestNode } from '../node/node';
import { openChat, type Chat } from './chat';

let node: TestNode;
beforeAll(async () => {
  node = await startNode();
});
afterAll(() => node.close());

let people = 0;
const stockPeer = () =>
  Client.create(testWallet(`reader ${++people}`).signer as never, { env: 'local', apiUrl: node.url });

async function ready() {
  const page = await openVaultPage();
  await page.setNode(node.url);
  const start = (): Chat =>
    openChat({ provider: page.provider, account: page.account, nodeUrl: node.url, onChange: () => undefined });
  const chat = start();
  await expect.poll(() => chat.state().phase).toBe('ready');
  await expect.poll(() => node.subscriberCount()).toBe(1);
  return { page, chat, start };
}
async function ended(chat: Chat): Promise<void> {
  chat.close();
  await expect.poll(() => node.subscriberCount()).toBe(0);
}
const said = (chat: Chat) => chat.state().lines.map(({ isMine, text }) => `${isMine ? 'me' : 'peer'}: ${text}`);

describe('the messages of the demo', () => {
  it('begin, are sent, come in live, and are there again for the next page', async () => {
    const { page, chat, start } = await ready();
    const bob = await stockPeer();
    expect(await chat.begin(bob.address.toLowerCase(), 'chess')).toBe(true);
    expect(await chat.send('e4')).toBe(true);
    const [theirs] = await bob.conversations.list();
    expect((await theirs!.messages()).map(({ content }) => content as string)).toEqual(['e4']);
    await theirs!.send('e5');
    await expect.poll(() => said(chat)).toEqual(['me: e4', 'peer: e5']);
    expect(chat.state().rows).toMatchObject([
      { peer: bob.address, about: 'chess', version: 'v2', consent: 'allowed', lastText: 'e5', unread: 0 },
    ]);
    expect(chat.state().lines.map(({ isPending }) => isPending)).toEqual([false, false]);
    await ended(chat);

    const next = start();
    await expect.poll(() => next.state().rows[0]?.lastText).toBe('e5');
    await next.open(next.state().rows[0]!.topic);
    expect(said(next)).toEqual(['me: e4', 'peer: e5']);
    await ended(next);
    expect(page.account).toMatch(/^0x/);
  });

  it('of strangers come into the list, unread and undecided, until the person decides', async () => {
    const { page, chat } = await ready();
    const eve = await stockPeer();
    await (await eve.conversations.newConversation(page.account)).send('psst');
    await expect
      .poll(() => chat.state().rows)
      .toMatchObject([{ peer: eve.address, consent: 'unknown', lastText: 'psst', unread: 1 }]);
    const { topic } = chat.state().rows[0]!;
    await chat.open(topic);
    expect(chat.state().rows[0]!.unread).toBe(0);
    await chat.decide(topic, 'denied');
    expect(chat.state().rows[0]!.consent).toBe('denied');
    await ended(chat);
  });

  it('that fail say why, and leave nothing half done', async () => {
    const { page, chat } = await ready();
    expect(await chat.begin(testWallet('nobody').address, '')).toBe(false);
    expect(chat.state()).toMatchObject({ rows: [], isOpening: false, trouble: { code: 'no-contact' } });
    expect(await chat.begin('0x12', '')).toBe(false);
    expect(chat.state().trouble).toMatchObject({ code: 'address' });
    expect(await chat.begin(page.account, '')).toBe(false);
    expect(chat.state().trouble).toMatchObject({ code: 'self' });
    chat.dismissTrouble();
    expect(chat.state().trouble).toBeUndefined();

    const bob = await stockPeer();
    await chat.begin(bob.address, '');
    // The client writes down by itself that Bob is allowed, and waits for nobody: what it has under way must not meet the lock.
    let seen = -1;
    await expect.poll(() => seen === (seen = page.traffic.length), { interval: 500 }).toBe(true);
    await page.vault.lock();
    expect(await chat.send('lost?')).toBe(false);
    expect(chat.state()).toMatchObject({ lines: [], trouble: { code: '4100' } });
    await ended(chat);
  });
});
