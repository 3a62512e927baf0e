// A grant as a person steers it, in Chromium, on the built extension: three answers in words when connecting, the sentence whose parts are
// controls, a list that is answered for itself alone, and what is changed afterwards in the sites list.
// Promises: what the page is told is what the controls said.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Page } from 'playwright';
import type { GrantView } from '../src/contract/dapp/methods';
import { launchChromium, type Chromium } from './kit/chromium';
import {
  answerOf,
  approvalWindow,
  approve,
  byId,
  call,
  enrol,
  serveSite,
  start,
  until,
  type Site,
} from './kit/journey';

const messaging = ['identity', 'messages.read', 'messages.write'];
let browser: Chromium;
let site: Site;
let page: Page;

beforeAll(async () => {
  browser = await launchChromium();
  site = await serveSite();
  await enrol(browser);
  page = await browser.context.newPage();
  await page.goto(site.origin);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

const permissions = async () => ((await call(page, 'vault_getPermissions')).result as GrantView[])[0]!;
const closed = () => until(() => browser.pagesWith('/approval/').length === 0, 'the approval window is closed');

test('the keyboard chooses an answer in words, the sentence follows, and the page is told', async () => {
  await start(page, 'connect', 'vault_connect', { capabilities: messaging });
  const window = await approvalWindow(browser);
  expect(await byId(window, 'approval-preset-ask').isChecked()).toBe(true);
  expect(await byId(window, 'approval-remember').inputValue()).toBe('ask');
  await byId(window, 'approval-preset-ask').focus();
  await window.keyboard.press('ArrowDown');
  expect(await byId(window, 'approval-preset-site').isChecked()).toBe(true);
  expect(JSON.parse(await byId(window, 'approval-scope').inputValue())).toEqual({ of: 'site' });
  expect(await byId(window, 'approval-remember').inputValue()).toBe('until-locked');
  await byId(window, 'approval-budget').selectOption('20 hour');
  await approve(window);
  expect((await answerOf(page, 'connect')).result).toMatchObject({
    scopes: { 'messages.read': { of: 'site' }, 'messages.write': { of: 'site' } },
    budgets: { 'messages.read': { uses: 20, per: 'hour', left: 20 } },
  });
  await closed();
});

test('within it nobody is asked, and each use counts', async () => {
  const answer = await page.evaluate(() =>
    (window as any).prekeyVault.request({ method: 'xmtp_getV2Conversations', params: { request: new Uint8Array() } }),
  );
  expect(answer).toBeDefined();
  expect(browser.pagesWith('/approval/')).toEqual([]);
  expect((await permissions()).budgets['messages.read']).toMatchObject({ left: 19 });
});

test('R-B7 the sites list narrows and widens at once, and makes it ask again', async () => {
  const vault = await browser.ownPage('vault');
  await byId(vault, 'vault-nav-sites').click();
  await byId(vault, 'site-edit').click();
  expect(JSON.parse(await byId(vault, 'site-scope').inputValue())).toEqual({ of: 'site' });
  await byId(vault, 'site-scope').selectOption(JSON.stringify({ of: 'all' }));
  await expect.poll(async () => (await permissions()).scopes['messages.read']).toEqual({ of: 'all' });
  await byId(vault, 'site-budget').selectOption('any');
  await expect.poll(async () => (await permissions()).budgets).toEqual({});
  await byId(vault, 'grant-scopes').click();
  await byId(vault, 'grant-scope-messages.write').selectOption(JSON.stringify({ of: 'site' }));
  await expect
    .poll(async () => (await permissions()).scopes)
    .toEqual({
      'messages.read': { of: 'all' },
      'messages.write': { of: 'site' },
    });
  await byId(vault, 'site-duration').selectOption('1h');
  await expect.poll(async () => (await permissions()).duration).toBe('1h');
  await byId(vault, 'site-capability-identity').click();
  await expect.poll(async () => (await permissions()).capabilities).toEqual(['messages.read', 'messages.write']);
  await byId(vault, 'site-asks-again').click();
  await byId(vault, 'site-asks-again').waitFor({ state: 'detached' });
});

test('P2 a list is answered for itself alone, unless the person says more', async () => {
  const ask = (name: string) =>
    page.evaluate((key) => {
      const request = (window as any).prekeyVault.request({
        method: 'xmtp_getV2Conversations',
        params: { request: new Uint8Array() },
      });
      (window as any)[key] = request.then(
        () => 'answered',
        () => 'refused',
      );
    }, name);
  const told = (name: string) => page.evaluate((key) => (window as any)[key], name);
  await ask('first');
  const window = await approvalWindow(browser);
  expect(await byId(window, 'approval-remember').inputValue()).toBe('once');
  expect(await byId(window, 'approval-scope').count()).toBe(0);
  await approve(window);
  expect(await told('first')).toBe('answered');
  await closed();
  await ask('second');
  const again = await approvalWindow(browser);
  await byId(again, 'approval-remember').selectOption('5m');
  expect(await byId(again, 'approval-scope').inputValue()).toBe('granted');
  await approve(again);
  expect(await told('second')).toBe('answered');
  await closed();
  await ask('third');
  expect(await told('third')).toBe('answered');
});
