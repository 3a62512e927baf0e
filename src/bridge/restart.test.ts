// The provider and its relay in one page, as a browser lays them into it: what happens when a relay is laid beside one whose extension is gone.
// Promises: the scripts are the real ones; window, ports and the extension's API are stand-ins. e2e/firefox has the real browser.
import { expect, test } from 'vitest';
import { answer, ask, extension, settle, usePage } from './page.testkit';

const page = usePage(async () => {
  await import('./inpage.iife');
  await import('./relay.iife');
});

test('an extension that is reloaded beneath an open page: what waited ends with 4900 within a second, and the page is heard again', async () => {
  const before = extension();
  await page.layInto(before);
  const heard: unknown[] = [];
  page.provider.on('disconnect', (data) => heard.push((data as { code: number }).code));
  const waiting = ask(page);
  await settle(100);
  expect(before.sent.map(({ method }) => method)).toEqual(['listen', 'vault_accounts']);
  // The browser empties the API of the old script, and lays the new ones into the page before the provider looks again.
  before.runtime.id = undefined;
  const after = extension();
  await page.layInto(after);
  await settle(1000);
  expect([waiting.outcome, heard]).toEqual([4900, [4900]]);
  expect(after.sent).toEqual([{ jsonrpc: '2.0', method: 'listen', params: { on: true } }]);
  const next = ask(page);
  await settle(100);
  answer(after);
  await settle(0);
  expect(next.outcome).toEqual([]);
  await settle(5000);
  expect(heard).toEqual([4900]);
});

test('a page that had heard of the end already hears nothing twice, and listens again', async () => {
  const before = extension();
  await page.layInto(before);
  const heard: unknown[] = [];
  page.provider.on('disconnect', () => heard.push('disconnect'));
  before.runtime.id = undefined;
  await settle(1000);
  expect(heard).toEqual(['disconnect']);
  const after = extension();
  await page.layInto(after);
  await settle(1000);
  expect(heard).toEqual(['disconnect']);
  expect(after.sent.map(({ method }) => method)).toEqual(['listen']);
});

test('an ordinary start tells nobody anything, and a page that makes the word up harms itself alone', async () => {
  const one = extension();
  await page.layInto(one);
  await settle(1000);
  expect(one.sent).toEqual([]);
  const waiting = ask(page);
  await settle(100);
  page.meeting.dispatchEvent(new CustomEvent('prekeyvault:answer', { detail: { restarted: true } }));
  await settle(0);
  expect(waiting.outcome).toBe(4900);
  // Late, for a call that has ended.
  answer(one);
  const next = ask(page);
  await settle(100);
  answer(one);
  await settle(0);
  expect(next.outcome).toEqual([]);
});
