// The part of the walk on today's XMTP: two apps, one inbox, and an archive that goes from the one to the other.
// Promises: the real client and the built extension; the cards that came are counted, and the wallet is asked for nothing. Throws when one differs.
import path from 'node:path';
import type { Page } from 'playwright';
import type { Chromium } from '../e2e/kit/chromium';
import { approvalWindow, approve, byId, readToTheEnd } from '../e2e/kit/journey';

export interface WalkToday {
  browser: Chromium;
  /** The same dapp at two addresses. */
  dappUrl: string;
  appBUrl: string;
  /** Folder for screenshots and the archive. */
  pictures: string;
}

type Step = (words: string, page?: Page) => Promise<void>;

export async function walkToday(walk: WalkToday, step: Step): Promise<void> {
  const { browser, dappUrl, appBUrl, pictures } = walk;
  const before = await signaturesOf(browser);
  const appA = await openToday(browser, dappUrl);
  await step('Today’s XMTP: what app A asks for', appA);
  await signIn(browser, appA, 'create+grant', step);
  await step('App A is in a new inbox that the vault’s key made', appA);
  await byId(today(appA), 'chat-suggested').click();
  await say(appA, 'Hello Grace. This inbox has its key in my vault.');
  await lines(appA).getByText('a stock client of today').waitFor();
  await say(appA, 'What I write here I will read in another app.');
  await lines(appA).getByText('I read: What I write here').waitFor();
  await step('Two stock clients talk, live', appA);

  const download = appA.waitForEvent('download');
  await byId(appA, 'today-save').click();
  await decide(browser, 'archive', 'An archive needs a key, and the card says what the key opens', step);
  const file = path.join(pictures, (await download).suggestedFilename());
  await (await download).saveAs(file);
  await byId(appA, 'today-note', { 'data-done': 'saved' }).waitFor();
  await step(`App A saved an archive: ${path.basename(file)}`, appA);

  const appB = await openToday(browser, appBUrl);
  await signIn(browser, appB, 'grant', step);
  await step('App B, another site, joined the same inbox with one card', appB);
  if ((await inboxOf(appA)) !== (await inboxOf(appB))) throw new Error('App B is in another inbox');
  await byId(appB, 'today-file').setInputFiles(file);
  await decide(browser, 'archive', 'App B asks for the key of the archive', step);
  await byId(appB, 'today-note', { 'data-done': 'opened' }).waitFor();
  await byId(today(appB), 'chat-conversation').first().click();
  await byId(today(appB), 'chat-message').nth(3).waitFor();
  const [inA, inB] = [await textsOf(appA), await textsOf(appB)];
  if (inA.join('\n') !== inB.join('\n')) throw new Error(`App B shows another history: ${inB.join(' | ')}`);
  await step('The archive was opened: app B has the same history', appB);
  await say(appB, 'And I go on from here.');
  await lines(appB).getByText('I read: And I go on').waitFor();
  await step('App B goes on in the same conversation', appB);
  if ((await signaturesOf(browser)) !== before) throw new Error('the wallet was asked to sign');
  await appB.close();
  await appA.close();
}

const today = (page: Page) => byId(page, 'today');
const lines = (page: Page) => byId(today(page), 'chat-messages');
const inboxOf = (page: Page) => byId(page, 'today-inbox').textContent();
const textsOf = (page: Page) => byId(today(page), 'chat-message').locator('p').allTextContents();
const signaturesOf = async (browser: Chromium) =>
  (await browser.walletLog()).filter(({ method }) => method === 'personal_sign').length;

async function openToday(browser: Chromium, url: string): Promise<Page> {
  const page = await browser.context.newPage();
  await page.setViewportSize({ width: 1080, height: 840 });
  await page.goto(url);
  await byId(page, 'tab-today').click();
  await byId(page, 'today-start').waitFor();
  return page;
}

async function signIn(browser: Chromium, page: Page, shape: string, step: Step): Promise<void> {
  await byId(page, 'today-start').click();
  const connecting = await approvalWindow(browser);
  // Keys of archives are never ticked beforehand.
  await byId(connecting, 'approval-capability-xmtp.v3.archive').check();
  await decide(browser, 'connect', 'The app may ask for texts and archive keys, each on a card', step);
  await decide(
    browser,
    'v3',
    shape === 'grant' ? 'One text lets app B in' : 'One text makes the inbox and lets app A in',
    step,
  );
  await today(page).waitFor();
}

/** Approves the one card that comes, and sees that no other waits behind it. */
async function decide(browser: Chromium, kind: string, words: string, step: Step): Promise<void> {
  const card = await approvalWindow(browser);
  await byId(card, 'approval', { 'data-kind': kind }).waitFor();
  await readToTheEnd(card);
  await byId(card, 'approval-approve', { 'data-armed': 'true' }).waitFor();
  await step(words, card);
  if ((await byId(card, 'approval-counter').count()) > 0) throw new Error('more than one card waits');
  await approve(card);
}

async function say(page: Page, text: string): Promise<void> {
  await byId(today(page), 'chat-message-input').fill(text);
  await byId(today(page), 'chat-send').click();
  await lines(page).getByText(text, { exact: true }).waitFor();
}
