// The relay and the provider as a page and a worker find them: what is bounded, what is asked again, and what a page cannot put in between.
import { afterEach, expect, test } from 'vitest';
import { answer, ask, extension, settle, usePage } from './page.testkit';

const page = usePage(async () => {
  await import('./inpage.iife');
  await import('./relay.iife');
});
const planted = ['restarted', 'error', 'params', 'event'];
afterEach(() => {
  for (const name of planted) Reflect.deleteProperty(Object.prototype, name);
});
/** What a script of the page, or a library of it, leaves on every object. */
const plant = (name: string, value: unknown) =>
  Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });

test('R-B8 a page that asks without end does not fill the memory of the relay: what is too much ends with -32005', async () => {
  const one = extension();
  await page.layInto(one);
  const calls = Array.from({ length: 1101 }, () => ask(page));
  await settle(100);
  expect(calls.filter(({ outcome }) => outcome === 'waits')).toHaveLength(1100);
  expect(calls.at(-1)?.outcome).toBe(-32005);
  answer(one);
  await settle(0);
  const next = ask(page);
  await settle(100);
  answer(one);
  await settle(0);
  expect(next.outcome).toEqual([]);
});

test('P3 a worker that stopped is connected to again, told what waits, and given it when it asks', async () => {
  const one = extension();
  await page.layInto(one);
  const waiting = ask(page, { of: 'mine' });
  await settle(100);
  const [first] = one.sent.splice(0) as { id: string }[];
  one.stop();
  await settle(100);
  expect([one.connections(), waiting.outcome]).toEqual([2, 'waits']);
  expect(one.sent.splice(0)).toEqual([expect.objectContaining({ id: first?.id, held: true })]);
  one.say({ jsonrpc: '2.0', method: 'again', params: { id: first?.id ?? '' } });
  expect(one.sent).toEqual([first]);
  answer(one);
  await settle(0);
  expect(waiting.outcome).toEqual([]);
});

test('a worker that never says hello is asked a few times, and then what waits ends with 4900', async () => {
  const one = extension({ isMute: true });
  await page.layInto(one);
  const waiting = ask(page);
  await settle(60_000);
  expect([one.connections(), waiting.outcome]).toEqual([9, 4900]);
});

test('R-B4 what the page put on every object is no answer, no error and no end', async () => {
  const one = extension();
  await page.layInto(one);
  const waiting = ask(page);
  await settle(100);
  plant('restarted', true);
  plant('error', { code: 1, message: 'planted' });
  plant('event', 'disconnect');
  // As the relay says it, whose world has an Object.prototype of its own.
  page.meeting.dispatchEvent(new CustomEvent('prekeyvault:answer', { detail: { key: 1, result: [] } }));
  await settle(0);
  expect(waiting.outcome).toEqual([]);
});

test('R-B4 parameters that a library left on every object are not sent', async () => {
  const one = extension();
  await page.layInto(one);
  plant('params', { of: 'a library' });
  ask(page);
  await settle(100);
  expect(one.sent).toEqual([expect.objectContaining({ method: 'vault_accounts' })]);
  expect(Object.getOwnPropertyDescriptor(one.sent[0], 'params')?.value).toBeUndefined();
});

test('an answer to nothing that was asked settles nothing', async () => {
  const one = extension();
  await page.layInto(one);
  const waiting = ask(page);
  await settle(100);
  one.say({ jsonrpc: '2.0', id: 'f'.repeat(32), result: ['0xforged'] });
  await settle(0);
  expect(waiting.outcome).toBe('waits');
});

test('a request says that the person clicked in the page only when the browser says so, whatever the page says', async () => {
  const one = extension();
  await page.layInto(one);
  page.meeting.dispatchEvent(
    new CustomEvent('prekeyvault:request', {
      cancelable: true,
      detail: { key: 9, method: 'vault_connect', params: undefined, clicked: true },
    }),
  );
  await settle(100);
  page.activation.isActive = true;
  ask(page);
  await settle(100);
  expect(one.sent.map((frame) => ('clicked' in frame ? frame.clicked : false))).toEqual([false, true]);
});

test('a page that listens hears how many of its requests wait, and only when that changes', async () => {
  const one = extension();
  await page.layInto(one);
  const heard: unknown[] = [];
  page.provider.on('waitingChanged', (count) => void heard.push(count));
  await settle(100);
  for (const waiting of [0, 1, 1, 2, 0]) {
    one.say({ jsonrpc: '2.0', method: 'state', params: { accounts: [], permissions: [], rotatedAtMs: {}, waiting } });
    await settle(0);
  }
  expect(heard).toEqual([1, 2, 0]);
});

test('a page that asks nothing costs no API of the extension and no word of the relay, until the popup takes the focus from it', async () => {
  const one = extension();
  Object.assign(page.document, { readyState: 'loading', head: null });
  let words = 0;
  page.meeting.addEventListener('prekeyvault:answer', () => words++);
  await page.layInto(one);
  await settle(10_000);
  expect([one.touched(), words, one.poke({ prekeyVault: 'poke', answer: true })]).toEqual([0, 0, false]);
  page.window.dispatchEvent(new Event('blur'));
  expect([one.poke({ prekeyVault: 'poke' }), one.connections()]).toEqual([true, 0]);
  one.poke({ prekeyVault: 'poke', answer: true });
  expect(one.connections()).toBe(1);
});

test('a page that listens is heard by news, also when nothing ever took the focus from it', async () => {
  const one = extension();
  await page.layInto(one);
  page.provider.on('accountsChanged', () => undefined);
  await settle(100);
  one.stop();
  await settle(100);
  const before = one.connections();
  expect([one.poke({ prekeyVault: 'poke' }), one.connections() - before]).toEqual([true, 1]);
});
