// Today's XMTP on the vault: the demo dapp with the unmodified @xmtp/browser-sdk (libxmtp as wasm) at several origins, the built extension, a stock client.
// Promises: every card and every prompt of the wallet is counted; nothing is mocked and nothing leaves the machine. Must not: look at words of a page
// other than messages, or at a clock.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveDapp } from '../demo/dapp/serve.mjs';
import type { Conversation } from '../demo/node-v3/browser-sdk.testkit';
import { startNodeV3, type TestNodeV3 } from '../demo/node-v3/node';
import { startPeerV3, type PeerV3 } from '../demo/peer-v3';
import type { InboxList, InboxView } from '../src/contract/pages/inbox';
import { stopAt, stopped } from './kit/checkpoints';
import { launchChromium, type Chromium } from './kit/chromium';
import { internalClient, stateThrough, type Internal } from './kit/internal';
import { approvalWindow, approve, byId, enrol, pressApprove, tickCareful, until } from './kit/journey';
import { watchCards, type ShownCard } from './kit/messaging';

type Dapp = Awaited<ReturnType<typeof serveDapp>>;

const outDir = mkdtempSync(path.join(tmpdir(), 'quill-'));
const history = Array.from({ length: 500 }, (_, at) => `number ${at}`);
let browser: Chromium;
let node: TestNodeV3;
let peer: PeerV3;
let vault: Internal;
let safeId: string;
let cards: () => Promise<ShownCard[]>;
const served: Dapp[] = [];

/** The dapp at one more origin, which is one more app. */
async function serve(app: 'A' | 'B', rebuild = false): Promise<string> {
  const { name, address } = peer;
  const dapp = await serveDapp({
    outDir,
    rebuild,
    app,
    today: { nodeUrl: node.url, run: 'test', peer: { name, address } },
  });
  served.push(dapp);
  return dapp.url;
}

beforeAll(async () => {
  [browser, node] = await Promise.all([launchChromium(), startNodeV3({ port: 0 })]);
  peer = await startPeerV3(node.url, { answers: false });
  // By the wallet itself, so that its log is known to tell of what it signs.
  await (await enrol(browser)).page.close();
  vault = await internalClient(browser, 'vault');
  ({ safeId } = (await stateThrough(vault)).identities[0]!);
  cards = await watchCards(browser);
});
afterAll(async () => {
  await browser?.close();
  peer?.close();
  for (const dapp of served) await dapp.close();
  await node?.close();
  rmSync(outDir, { recursive: true, force: true });
});

/** How often the wallet was asked for a signature; enrolment takes three. */
const walletSigned = async () => (await browser.walletLog()).filter(({ method }) => method === 'personal_sign').length;
/** Kinds of the cards that came while something was done. */
async function cardsOf(act: () => Promise<unknown>): Promise<string[]> {
  const before = (await cards()).length;
  await act();
  return (await cards()).slice(before).map(({ kind }) => kind);
}
const inboxes = async (): Promise<InboxView[]> => (await vault.call<InboxList>('inbox_list', { safeId })).inboxes;

/** Opens an app and connects it. The text it asks for next is not answered yet. */
async function openApp(url: string): Promise<Page> {
  const page = await browser.context.newPage();
  await page.goto(url);
  await byId(page, 'tab-today').click();
  await byId(page, 'today-start').click();
  const connecting = await approvalWindow(browser);
  await tickCareful(connecting, ['xmtp.v3.archive']);
  await approve(connecting);
  return page;
}
async function signIn(url: string): Promise<Page> {
  const page = await openApp(url);
  await approve(await textCard());
  await byId(page, 'today').waitFor();
  return page;
}
async function textCard(): Promise<Page> {
  const card = await approvalWindow(browser);
  await byId(card, 'approval', { 'data-kind': 'v3' }).waitFor();
  return card;
}
const inboxOf = (page: Page) => byId(page, 'today').getAttribute('data-inbox');
const countIn = (page: Page) => byId(page, 'chat-messages').getAttribute('data-count').then(Number);
/** All of the open conversation, oldest first. */
async function textsIn(page: Page): Promise<string[]> {
  while ((await byId(page, 'chat-earlier').count()) > 0) await byId(page, 'chat-earlier').click();
  return byId(page, 'chat-message').locator('p').allTextContents();
}
async function write(page: Page, text: string): Promise<void> {
  await byId(page, 'chat-message-input').fill(text);
  await byId(page, 'chat-send').click();
  await byId(page, 'chat-messages').getByText(text, { exact: true }).waitFor();
  await expect.poll(() => byId(page, 'chat-message', { 'data-pending': 'true' }).count()).toBe(0);
}
const heardByPeer = async (): Promise<unknown[]> => {
  await peer.client.conversations.syncAll();
  const [conversation] = await peer.client.conversations.listDms();
  return (await conversation!.messages()).map(({ content }) => content);
};

describe.sequential('vault first', () => {
  let appA: Page;
  let appB: Page;
  let archive: Buffer;
  let theirs: Conversation;

  test('an app makes the inbox with one text card, and loads nothing for it before', async () => {
    const url = await serve('A', true);
    expect(await walletSigned()).toBe(3);
    const loaded: string[] = [];
    browser.context.on('request', (request) => loaded.push(request.url()));
    const curious = await browser.context.newPage();
    await curious.goto(url);
    for (const tab of ['tab-proof', 'tab-messages', 'tab-today'] as const) await byId(curious, tab).click();
    await byId(curious, 'today-start').waitFor();
    await curious.close();
    const heavy = () => loaded.filter((one) => one.startsWith(url) && /\/bindings_wasm.*\.wasm$/.test(one));
    expect(loaded.length).toBeGreaterThan(3);
    expect(heavy()).toEqual([]);
    const asked = await cardsOf(async () => (appA = await signIn(url)));
    expect(heavy()).not.toEqual([]);
    expect(asked).toEqual(['connect', 'v3']);
    expect(await walletSigned()).toBe(3);
    const [inbox] = await inboxes();
    expect(inbox).toMatchObject({ inboxId: await inboxOf(appA), inbox: 'made-here', role: 'recovery' });
    expect(inbox!.texts.map(({ shape }) => shape)).toEqual(['create+grant']);
    expect(node.inboxOf(inbox!.identifier)).toBe(inbox!.inboxId);
  });

  test('messages go both ways with a stock client, live, and nobody is asked', async () => {
    const asked = await cardsOf(async () => {
      await byId(appA, 'chat-suggested').click();
      await write(appA, 'hello from A');
      expect(await heardByPeer()).toContain('hello from A');
      theirs = (await peer.client.conversations.listDms())[0]!;
      await theirs.sendText('hello to A');
      await byId(appA, 'chat-messages').getByText('hello to A', { exact: true }).waitFor();
      for (const text of history) await theirs.sendText(text, { optimistic: true });
      await theirs.publishMessages();
      await expect.poll(() => countIn(appA)).toBe(502);
    });
    expect(asked).toEqual([]);
    expect(await textsIn(appA)).toEqual(['hello from A', 'hello to A', ...history]);
  });

  test('an app of another origin joins with one text card, and begins without history', async () => {
    const url = await serve('B');
    expect(await cardsOf(async () => (appB = await signIn(url)))).toEqual(['connect', 'v3']);
    expect(await inboxOf(appB)).toBe(await inboxOf(appA));
    expect(await byId(appB, 'chat-conversation').count()).toBe(0);
    expect((await inboxes())[0]!.texts.map(({ shape }) => shape)).toEqual(['create+grant', 'grant']);
    expect(await walletSigned()).toBe(3);
  });

  test('an archive of 500 messages saved in the one is opened in the other: one card each, the same count and words', async () => {
    const saving = await cardsOf(async () => {
      const download = appA.waitForEvent('download');
      await byId(appA, 'today-save').click();
      await approve(await approvalWindow(browser));
      const chunks: Buffer[] = [];
      for await (const chunk of await (await download).createReadStream()) chunks.push(chunk as Buffer);
      archive = Buffer.concat(chunks);
    });
    expect(saving).toEqual(['archive']);
    const opening = await cardsOf(async () => {
      await byId(appB, 'today-file').setInputFiles({
        name: 'a.xmtp',
        mimeType: 'application/octet-stream',
        buffer: archive,
      });
      await approve(await approvalWindow(browser));
      await byId(appB, 'today-note', { 'data-done': 'opened' }).waitFor();
    });
    expect(opening).toEqual(['archive']);
    await byId(appB, 'chat-conversation').click();
    await expect.poll(() => countIn(appB)).toBe(502);
    expect(await textsIn(appB)).toEqual(['hello from A', 'hello to A', ...history]);
    expect(await walletSigned()).toBe(3);
  });

  test('what is no archive of this inbox is refused, after the one card', async () => {
    const asked = await cardsOf(async () => {
      await byId(appB, 'today-file').setInputFiles({
        name: 'x',
        mimeType: 'text/plain',
        buffer: Buffer.from('no archive'),
      });
      await approve(await approvalWindow(browser));
      await byId(appB, 'dapp-error').waitFor();
      await byId(appB, 'dapp-error-dismiss').click();
    });
    expect(asked).toEqual(['archive']);
    expect(await countIn(appB)).toBe(502);
  });

  test('the other app goes on in the same conversation, and both apps and the stock client have it', async () => {
    const asked = await cardsOf(async () => {
      await write(appB, 'hello from B');
      await byId(appA, 'chat-messages').getByText('hello from B', { exact: true }).waitFor();
      expect(await heardByPeer()).toContain('hello from B');
      await theirs.sendText('hello to both');
      for (const page of [appA, appB])
        await byId(page, 'chat-messages').getByText('hello to both', { exact: true }).waitFor();
    });
    expect(asked).toEqual([]);
  });

  test('an app that is opened again is let in without a card', async () => {
    await appA.reload();
    const asked = await cardsOf(async () => {
      await byId(appA, 'today-start').click();
      await byId(appA, 'chat-conversation').click();
      await expect.poll(() => countIn(appA)).toBe(504);
    });
    expect(asked).toEqual([]);
    await appA.close();
    await appB.close();
  });
});

describe('P3 the worker is killed while an app joins', () => {
  const linesOf = async (installations: string[]): Promise<string[]> =>
    (await inboxes())[0]!.texts
      .filter(({ values }) => values.some((one) => installations.includes(one)))
      .map(({ shape }) => shape);
  const granted = async () => (await inboxes())[0]!.granted.map(({ installationId }) => installationId);

  /** Kills it as told, then sees that one card led to one line and one installation, and that the client is in. */
  async function joinThrough(kill: (card: Page) => Promise<void>): Promise<void> {
    const before = await granted();
    let page: Page | undefined;
    const asked = await cardsOf(async () => {
      page = await openApp(await serve('B'));
      await kill(await textCard());
      await byId(page, 'today').waitFor();
    });
    expect(asked).toEqual(['connect', 'v3']);
    const joined = (await granted()).filter((one) => !before.includes(one));
    expect(joined).toHaveLength(1);
    expect(await linesOf(joined)).toEqual(['grant']);
    const inboxId = (await inboxes())[0]!.inboxId;
    const [seen] = await peer.client.preferences.fetchInboxStates([inboxId]);
    expect(seen!.installations.map(({ id }) => id)).toContain(joined[0]);
    await until(() => browser.pagesWith('/approval/').length === 0, 'nothing is left to approve');
    await page!.close();
  }

  test('P3 while the card is open: it stays, and one approval is one signature', async () => {
    await joinThrough(async (card) => {
      await browser.killWorker();
      await approve(card);
    });
  });

  test.each(['inbox.ledger.database:before', 'inbox.ledger.database:after'])(
    'P3 after the approval, before the answer, at %s: one line, one signature, nobody is asked again',
    async (label) => {
      await joinThrough(async (card) => {
        await stopAt(browser, label);
        await pressApprove(card);
        expect(await stopped(browser)).toBe(true);
        await browser.killWorker();
      });
    },
  );
});

test('nothing was uncaught, the wallet was asked for nothing, and the clients called nothing that the node has not', async () => {
  expect(browser.console.filter(({ text }) => /uncaught/i.test(text))).toEqual([]);
  expect(await walletSigned()).toBe(3);
  expect([...node.unknownCalls]).toEqual([]);
});
