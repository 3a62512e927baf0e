// xmtp-js 13.0.4, unmodified, on the vault in a real page, talking to stock clients over the embedded node.
// Promises: each test says what both sides see; a stock client with the vault's own identity, taken from the opened safe, is the judge.
// Every card a person was shown is counted. Must not: look at words of a page, or at a clock.
import type { Client } from '@xmtp/xmtp-js';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveDapp } from '../demo/dapp/serve.mjs';
import { startNode, type TestNode } from '../demo/node/node';
import { testAccounts } from '../demo/wallet/accounts';
import { launchChromium, type Chromium } from './kit/chromium';
import { setNode } from './kit/flows';
import { internalClient } from './kit/internal';
import { approvalWindow, approve, byId, enrol, until, type Site } from './kit/journey';
import {
  connectMessaging,
  openSafe,
  serveMessaging,
  stockPeer,
  stockTwin,
  watchCards,
  type ShownCard,
} from './kit/messaging';

const account = testAccounts()[0]!;
let browser: Chromium;
let node: TestNode;
let site: Site;
let page: Page;
let cards: () => Promise<ShownCard[]>;
/** A stock client with the vault's identity. */
let twin: Client;

beforeAll(async () => {
  [browser, node, site] = await Promise.all([launchChromium(), startNode(), serveMessaging()]);
  // By the wallet itself, so that its log is known to tell of what it signs.
  await (await enrol(browser)).page.close();
  // The vault publishes: the page holds no token.
  await setNode(await internalClient(browser, 'vault'), node.url);
  page = await browser.context.newPage();
  await page.goto(site.origin);
  cards = await watchCards(browser);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
  await node?.close();
});

/** Makes the page's client anew, as after opening the page. */
async function openClient(more: { publishLegacyContact?: boolean } = {}): Promise<void> {
  await page.goto(site.origin);
  await page.evaluate(
    async ([url, options]) => void (window.messaging.kept.ada = await window.messaging.onVault(url, options)),
    [node.url, more] as const,
  );
}
const ada = {
  begin: (peer: string, context?: { conversationId: string; metadata: Record<string, string> }) =>
    page.evaluate(
      async ([to, about]) => {
        const { ada: client, begun } = window.messaging.kept;
        const conversation = await client.conversations.newConversation(to, about);
        begun.push(conversation);
        const { topic, conversationVersion } = conversation;
        return { topic, version: conversationVersion };
      },
      [peer, context] as const,
    ),
  send: (topic: string, text: string, ephemeral = false) =>
    page.evaluate(
      async ([where, words, isEphemeral]) => {
        const found = await window.messaging.find(where);
        await found.send(words, isEphemeral ? { ephemeral: true } : {});
      },
      [topic, text, ephemeral] as const,
    ),
  /** Sender and words of what is in a conversation. */
  read: (topic: string) =>
    page.evaluate(async (where) => {
      const found = await window.messaging.find(where);
      return (await found.messages()).map(({ senderAddress, content }) => [senderAddress, content as string]);
    }, topic),
  list: () =>
    page.evaluate(async () =>
      (await window.messaging.kept.ada.conversations.list()).map(
        ({ topic, peerAddress, conversationVersion, context }) => ({
          topic,
          peer: peerAddress,
          version: conversationVersion,
          context,
        }),
      ),
    ),
};
const said = async (conversation: { messages(): Promise<{ senderAddress: string; content: unknown }[]> }) =>
  (await conversation.messages()).map(({ senderAddress, content }) => [senderAddress, content as string]);
const walletSigned = async () => (await browser.walletLog()).filter(({ method }) => method === 'personal_sign').length;

/** All there is to see for a client: conversations and messages, in an order of their own. */
const everything = async (client: Client): Promise<string[]> => {
  const rows: string[] = [];
  for (const conversation of await client.conversations.list()) {
    const messages = (await conversation.messages()).map(({ id, senderAddress, content, sent }) => [
      id,
      senderAddress,
      content as string,
      sent.getTime(),
    ]);
    const { topic, peerAddress, conversationVersion, createdAt, context } = conversation;
    rows.push(
      JSON.stringify([topic, peerAddress, conversationVersion, createdAt.getTime(), context ?? null, messages]),
    );
  }
  return rows.toSorted();
};
const everythingInPage = () =>
  page.evaluate(async () => {
    const rows: string[] = [];
    for (const conversation of await window.messaging.kept.ada.conversations.list()) {
      const messages = (await conversation.messages()).map(({ id, senderAddress, content, sent }) => [
        id,
        senderAddress,
        content as string,
        sent.getTime(),
      ]);
      const { topic, peerAddress, conversationVersion, createdAt, context } = conversation;
      rows.push(
        JSON.stringify([topic, peerAddress, conversationVersion, createdAt.getTime(), context ?? null, messages]),
      );
    }
    return rows.toSorted();
  });

/** Starts a stream in the page; `heard` resolves with sender and words of its first `wanted` items. */
async function listenInPage(
  kind: 'all' | 'ephemeral' | 'conversations',
  wanted: number,
  topic = '',
): Promise<{ heard(): Promise<unknown> }> {
  const before = node.subscriberCount();
  await page.evaluate(
    async ([what, count, where]) => {
      const { ada: client } = window.messaging.kept;
      const stream =
        what === 'all'
          ? await client.conversations.streamAllMessages()
          : what === 'conversations'
            ? await client.conversations.stream()
            : (await (await window.messaging.find(where)).streamEphemeral())!;
      window.messaging.kept.heard = (async () => {
        const heard: unknown[] = [];
        for await (const one of stream as AsyncIterable<{
          senderAddress?: string;
          content?: unknown;
          peerAddress?: string;
        }>)
          if (heard.push(what === 'conversations' ? one.peerAddress : [one.senderAddress, one.content]) === count)
            break;
        await (stream as { return(value?: unknown): Promise<unknown> }).return(undefined);
        return heard;
      })();
    },
    [kind, wanted, topic] as const,
  );
  await until(() => node.subscriberCount() > before, 'the stream is open');
  return {
    async heard() {
      const heard = await page.evaluate(() => window.messaging.kept.heard);
      await until(() => node.subscriberCount() === before, 'the stream is closed');
      return heard;
    },
  };
}
/** The next `wanted` items of a stream of a client in this process, once `act` was done. */
async function listenHere<T>(open: () => Promise<unknown>, wanted: number, act: () => Promise<unknown>): Promise<T[]> {
  const before = node.subscriberCount();
  const stream = (await open()) as AsyncIterable<T> & { return(value?: unknown): Promise<unknown> };
  await until(() => node.subscriberCount() > before, 'the stream is open');
  await act();
  const heard: T[] = [];
  for await (const one of stream) if (heard.push(one) === wanted) break;
  await stream.return(undefined);
  await until(() => node.subscriberCount() === before, 'the stream is closed');
  return heard;
}

describe.sequential('an unmodified client on the vault', () => {
  test('R-C9 is connected by one card and made without another: no window, no wallet', async () => {
    expect(await walletSigned()).toBe(3);
    const capabilities = await page.evaluate(() => [...window.messaging.xmtpCapabilities]);
    expect(capabilities).toEqual(['identity', 'messages.read', 'messages.write', 'preferences']);
    const { result } = await connectMessaging(browser, page, capabilities, 'until-locked');
    expect(result).toMatchObject({ account: account.address, capabilities });
    expect(await cards()).toEqual([{ kind: 'connect', method: 'vault_connect' }]);
    await openClient({ publishLegacyContact: true });
    expect(await page.evaluate(() => window.messaging.kept.ada.address)).toBe(account.address);
    expect(await cards()).toHaveLength(1);
    expect(browser.pagesWith('/approval/')).toEqual([]);
    expect(await walletSigned()).toBe(3);
    // The auditor's twin has the same keys, so the tests below compare with the real thing.
    twin = await stockTwin((await openSafe(browser, account)).bundle, node.url, { publishLegacyContact: true });
    expect(twin.address).toBe(account.address);
  });

  test('V1: both ways, whoever begins', async () => {
    const [bob, eve] = [
      await stockPeer('Bob of old', node.url, { publishLegacyContact: true }),
      await stockPeer('Eve', node.url),
    ];
    expect((await ada.begin(bob.address)).version).toBe('v1');
    await ada.send(bob.address, 'old but good');
    const [theirs] = await bob.conversations.list();
    await theirs!.send('indeed');
    const both = [
      [account.address, 'old but good'],
      [bob.address, 'indeed'],
    ];
    expect(await ada.read(bob.address)).toEqual(both);
    expect(await said(theirs!)).toEqual(both);

    const fromEve = await eve.conversations.newConversation(account.address);
    expect(fromEve.conversationVersion).toBe('v1');
    await fromEve.send('me too');
    await openClient({ publishLegacyContact: true });
    await ada.send(eve.address, 'welcome');
    expect(await said(fromEve)).toEqual([
      [eve.address, 'me too'],
      [account.address, 'welcome'],
    ]);
    expect(await ada.read(eve.address)).toEqual(await said(fromEve));
  });

  test('V2: both ways, whoever begins, without and with context', async () => {
    await openClient();
    const [cem, dora] = [await stockPeer('Cem', node.url), await stockPeer('Dora', node.url)];
    const plain = await ada.begin(cem.address);
    expect(plain.version).toBe('v2');
    await ada.send(plain.topic, 'hello Cem');
    const [theirs] = await cem.conversations.list();
    expect([theirs!.topic, theirs!.peerAddress]).toEqual([plain.topic, account.address]);
    await theirs!.send('hello Ada');
    const both = [
      [account.address, 'hello Cem'],
      [cem.address, 'hello Ada'],
    ];
    expect(await ada.read(plain.topic)).toEqual(both);
    expect(await said(theirs!)).toEqual(both);

    const chess = { conversationId: 'chess', metadata: { title: 'A game', empty: '' } };
    const game = await ada.begin(cem.address, chess);
    expect(game.topic).not.toBe(plain.topic);
    await ada.send(game.topic, 'e4');
    const found = (await cem.conversations.list()).find(({ topic }) => topic === game.topic);
    expect(found?.context).toEqual(chess);
    await found!.send('e5');
    expect(await ada.read(game.topic)).toEqual([
      [account.address, 'e4'],
      [cem.address, 'e5'],
    ]);

    const tea = { conversationId: 'tea', metadata: { when: 'five' } };
    const fromDora = await dora.conversations.newConversation(account.address, tea);
    await fromDora.send('five?');
    expect((await ada.list()).find(({ topic }) => topic === fromDora.topic)).toEqual({
      topic: fromDora.topic,
      peer: dora.address,
      version: 'v2',
      context: tea,
    });
    // Known by its context: no second conversation.
    expect((await ada.begin(dora.address, tea)).topic).toBe(fromDora.topic);
    await ada.send(fromDora.topic, 'at six');
    expect(await said(fromDora)).toEqual([
      [dora.address, 'five?'],
      [account.address, 'at six'],
    ]);
  });

  test('streams: messages of old and new conversations, and conversations, are heard in the page; its own are heard by the others', async () => {
    const [cem, finn, gil] = [
      await stockPeer('Cem', node.url),
      await stockPeer('Finn', node.url),
      await stockPeer('Gil', node.url),
    ];
    const all = await listenInPage('all', 2);
    const old = (await cem.conversations.list()).find(({ context }) => context === undefined)!;
    await old.send('still there?');
    await (await finn.conversations.newConversation(account.address)).send('new here');
    expect(new Set((await all.heard()) as unknown[])).toEqual(
      new Set([
        [cem.address, 'still there?'],
        [finn.address, 'new here'],
      ]),
    );

    const begun = await listenInPage('conversations', 1);
    await gil.conversations.newConversation(account.address);
    expect(await begun.heard()).toEqual([gil.address]);
    const [theirs] = await gil.conversations.list();
    const [heard] = await listenHere<{ content: unknown; senderAddress: string }>(
      () => theirs!.streamMessages(),
      1,
      () => ada.send(theirs!.topic, 'at once'),
    );
    expect([heard!.senderAddress, heard!.content]).toEqual([account.address, 'at once']);
  });

  test.each(['v1', 'v2'])(
    'ephemeral messages reach the other side, in both directions, and are kept nowhere: %s',
    async (version) => {
      const peer =
        version === 'v1'
          ? await stockPeer('Bob of old', node.url, { publishLegacyContact: true })
          : await stockPeer('Finn', node.url);
      const theirs = (await peer.conversations.list()).find(
        ({ conversationVersion, peerAddress }) => conversationVersion === version && peerAddress === account.address,
      )!;
      const where = version === 'v1' ? peer.address : theirs.topic;
      const before = await ada.read(where);
      const [toPeer] = await listenHere<{ content: unknown }>(
        () => theirs.streamEphemeral() as Promise<unknown>,
        1,
        () => ada.send(where, 'typing', true),
      );
      expect(toPeer!.content).toBe('typing');
      const mine = await listenInPage('ephemeral', 1, where);
      await theirs.send('reading', { ephemeral: true });
      expect(await mine.heard()).toEqual([[peer.address, 'reading']]);
      expect(await ada.read(where)).toEqual(before);
      expect(before.length).toBeGreaterThan(0);
    },
  );

  test('consent: one list for the page and for a stock client with the same identity', async () => {
    const [liked, disliked] = ['Hana', 'Ivo'].map((name) => `0x${Buffer.from(name.padEnd(20, '.')).toString('hex')}`);
    const decided = await page.evaluate(
      async ([yes, no]) => {
        await window.messaging.kept.ada.contacts.allow([yes!]);
        await window.messaging.kept.ada.contacts.deny([no!]);
        return [
          window.messaging.kept.ada.contacts.consentState(yes!),
          window.messaging.kept.ada.contacts.consentState(no!),
        ];
      },
      [liked, disliked],
    );
    expect(decided).toEqual(['allowed', 'denied']);
    await twin.contacts.loadConsentList();
    expect([twin.contacts.consentState(liked!), twin.contacts.consentState(disliked!)]).toEqual(['allowed', 'denied']);
    await twin.contacts.deny([liked!]);
    await openClient();
    const states = await page.evaluate(
      async ([yes, no]) => {
        const { contacts } = window.messaging.kept.ada;
        await contacts.loadConsentList();
        return [contacts.consentState(yes!), contacts.consentState(no!)];
      },
      [liked, disliked],
    );
    expect(states).toEqual(['denied', 'denied']);
  });

  test('history: 1,000 messages are read by a fresh page in chunks, complete and in order, with no card', async () => {
    const kim = await stockPeer('Kim', node.url);
    const conversation = await kim.conversations.newConversation(account.address);
    const theirs = conversation as never as {
      createMessage(payload: Uint8Array, push: boolean, at: Date): Promise<{ sent: Date; toBytes(): Uint8Array }>;
    };
    const from = Date.now() - 1_000_000;
    const envelopes = [];
    for (let at = 0; at < 1000; at++) {
      const { payload } = await kim.encodeContent(`message ${at}`);
      const message = await theirs.createMessage(payload, true, new Date(from + at));
      envelopes.push({ contentTopic: conversation.topic, message: message.toBytes(), timestamp: message.sent });
    }
    await kim.publishEnvelopes(envelopes);
    const before = (await cards()).length;
    await page.goto(site.origin);
    const { words, senders, progress } = await page.evaluate(
      async ([url, topic]) => {
        const steps: number[] = [];
        const client = await window.messaging.onVault(
          url!,
          {},
          { chunkItems: 150, onProgress: ({ done, total }) => total === 1000 && void steps.push(done) },
        );
        const found = (await client.conversations.list()).find((one) => one.topic === topic);
        const messages = await found!.messages();
        return {
          words: messages.map(({ content }) => content as string),
          senders: [...new Set(messages.map(({ senderAddress }) => senderAddress))],
          progress: steps,
        };
      },
      [node.url, conversation.topic],
    );
    expect(words).toEqual(Array.from({ length: 1000 }, (_, at) => `message ${at}`));
    expect(senders).toEqual([kim.address]);
    expect([progress[0], progress.at(-1), progress.length]).toEqual([0, 1000, 8]);
    expect((await cards()).length).toBe(before);
  });

  test('a stock client with the same identity reads the same conversations, and all of this took one card and no wallet', async () => {
    await openClient();
    const mine = await everythingInPage();
    expect(mine).toEqual(await everything(twin));
    expect(mine.length).toBeGreaterThanOrEqual(8);
    expect(mine.filter((row) => row.includes('"v1"')).length).toBe(2);
    expect(await cards()).toHaveLength(1);
    expect(await walletSigned()).toBe(3);
  });

  test('a bulk read of a site that is asked each time is one approval, not a thousand', async () => {
    const other = await serveMessaging();
    const reader = await browser.context.newPage();
    await reader.goto(other.origin);
    await connectMessaging(browser, reader, ['identity', 'messages.read'], 'ask');
    const before = (await cards()).length;
    const reading = reader.evaluate(async (url) => {
      const client = await window.messaging.onVault(url, { skipContactPublishing: true } as never, { chunkItems: 100 });
      let count = 0;
      for (const conversation of await client.conversations.list()) count += (await conversation.messages()).length;
      return count;
    }, node.url);
    // The first is a list of all, which is answered for itself alone unless the person says more.
    const asking = await approvalWindow(browser);
    expect(await byId(asking, 'approval-remember').inputValue()).toBe('once');
    await byId(asking, 'approval-remember').selectOption('until-locked');
    await approve(asking);
    expect(await reading).toBeGreaterThan(1000);
    const asked = (await cards()).slice(before);
    expect(asked.every(({ kind }) => kind === 'messages')).toBe(true);
    // Requests that were under way at the same time share the answer; a person pressed once.
    expect(asked.length).toBeLessThanOrEqual(2);
    await until(() => browser.pagesWith('/approval/').length === 0, 'the window has nothing more to show');
    await reader.close();
    await other.close();
  });
});

test('two people talk in the demo dapp; the second has a stock client', async () => {
  const dapp = await serveDapp({ rebuild: true, nodeUrl: node.url });
  const lena = await stockPeer('Lena', node.url);
  const quill = await browser.context.newPage();
  await quill.goto(dapp.url);
  await byId(quill, 'tab-messages').click();
  await byId(quill, 'chat-start').click();
  const window = await approvalWindow(browser);
  await byId(window, 'approval-remember').selectOption('until-locked');
  await approve(window);
  await byId(quill, 'chat').waitFor();
  await byId(quill, 'chat-new').click();
  await byId(quill, 'chat-peer').fill(lena.address);
  await byId(quill, 'chat-about').fill('lunch');
  await byId(quill, 'chat-open').click();
  const write = async (text: string) => {
    await byId(quill, 'chat-message-input').fill(text);
    await byId(quill, 'chat-send').click();
    await byId(quill, 'chat-messages').getByText(text).waitFor();
    await expect.poll(() => byId(quill, 'chat-message').and(quill.locator('[data-pending="true"]')).count()).toBe(0);
  };
  await write('Soup or salad?');
  const theirs = (await lena.conversations.list()).find(({ context }) => context?.conversationId === 'lunch')!;
  expect(await said(theirs)).toEqual([[account.address, 'Soup or salad?']]);
  // Live, both ways.
  const [heard] = await listenHere<{ content: unknown }>(
    () => theirs.streamMessages(),
    1,
    async () => {
      await theirs.send('Soup.');
    },
  );
  expect(heard!.content).toBe('Soup.');
  await byId(quill, 'chat-messages').getByText('Soup.', { exact: true }).waitFor();
  await write('See you at noon.');
  expect(await said(theirs)).toEqual([
    [account.address, 'Soup or salad?'],
    [lena.address, 'Soup.'],
    [account.address, 'See you at noon.'],
  ]);
  // After the page was opened anew the history is there, and nothing is asked again.
  const before = (await cards()).length;
  await quill.reload();
  await byId(quill, 'tab-messages').click();
  await byId(quill, 'chat-start').click();
  await byId(quill, 'chat-conversation')
    .and(quill.locator(`[data-topic="${theirs.topic}"]`))
    .click();
  await expect
    .poll(() =>
      byId(quill, 'chat-message')
        .allTextContents()
        .then((all) =>
          all.map((text) => ['Soup or salad?', 'Soup.', 'See you at noon.'].findIndex((words) => text.includes(words))),
        ),
    )
    .toEqual([0, 1, 2]);
  expect(
    await byId(quill, 'chat-message').evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset['mine'])),
  ).toEqual(['true', 'false', 'true']);
  expect((await cards()).length).toBe(before);
  await quill.close();
  await dapp.close();
});

test('nothing was uncaught', () => {
  expect(browser.console.filter(({ text }) => /uncaught/i.test(text))).toEqual([]);
});
