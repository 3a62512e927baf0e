// Whose page is in a tab: asked of the page once, known while it is connected, and none where nobody answers.
import { beforeEach, expect, test, vi } from 'vitest';
import { createTabs, type Tabs } from './tabs';

const sendMessage = vi.hoisted(() => vi.fn());
vi.mock('webextension-polyfill', () => ({ default: { tabs: { sendMessage } } }));

let tabs: Tabs;
beforeEach(() => {
  sendMessage.mockReset();
  tabs = createTabs();
});
const origin = 'https://app.example';

test('R-A1 the origin is that of the port with which the page answers, for all who ask meanwhile', async () => {
  sendMessage.mockImplementationOnce(async () => void setTimeout(() => tabs.connected(7, origin), 5));
  expect(await Promise.all([tabs.originOf(7), tabs.originOf(7)])).toEqual([origin, origin]);
});

test('a page that is connected does not connect again when it is asked, and is known all the same', async () => {
  const left = tabs.connected(7, origin);
  const alsoLeft = tabs.connected(7, 'https://next.example');
  expect([await tabs.originOf(7), sendMessage.mock.calls.length]).toEqual(['https://next.example', 0]);
  alsoLeft();
  expect(await tabs.originOf(7)).toBe(origin);
  left();
  sendMessage.mockRejectedValue(new Error('no receiver'));
  expect([await tabs.originOf(7), sendMessage.mock.calls.length]).toEqual([null, 2]);
});

test('a page that hears of the popup a moment later is asked once more', async () => {
  sendMessage.mockRejectedValueOnce(new Error('no receiver')).mockImplementationOnce(async () => {
    setTimeout(() => tabs.connected(7, origin), 5);
  });
  expect(await tabs.originOf(7)).toBe(origin);
});

test('who does not answer in half a second has no page that we serve', async () => {
  sendMessage.mockResolvedValue(undefined);
  expect(await tabs.originOf(7)).toBeNull();
});
