// The settings: what is stored of a node, what is refused, and settings of before there was a network.
import { describe, expect, it } from 'vitest';
import type { Settings } from '../../contract/pages/settings';
import { createTestBrowser, inStore } from '../testkit/vault.testkit';

const plain: Settings = {
  autoLockMinutes: 15,
  theme: 'system',
  language: 'system',
  environment: null,
  inboxNode: null,
  ensNode: null,
};
const custom = (url: string): Settings => ({ ...plain, environment: { name: 'custom', url } });
const invalid = expect.objectContaining({ reason: 'invalid-input' });

it('takes changes of two pages that knew nothing of each other: the second keeps what the first changed', async () => {
  const vault = createTestBrowser().startWorker();
  await Promise.all([vault.settings.set({ theme: 'dark' }), vault.settings.set({ language: 'de' })]);
  expect(await vault.settings.get()).toEqual({ ...plain, theme: 'dark', language: 'de' });
});

describe('the node', () => {
  it('is none at first, and one that was set is there after a restart', async () => {
    const browser = createTestBrowser();
    const vault = browser.startWorker();
    expect(await vault.settings.get()).toEqual(plain);
    await vault.settings.set({ ...plain, environment: { name: 'local', url: 'http://localhost:5555' } });
    expect((await browser.startWorker().settings.get()).environment).toEqual({
      name: 'local',
      url: 'http://localhost:5555',
    });
  });

  it.each([
    ['https://node.example', 'https://node.example'],
    ['https://Node.Example:443/', 'https://node.example'],
    ['https://node.example:8443', 'https://node.example:8443'],
    ['http://localhost:7777/', 'http://localhost:7777'],
    ['http://127.0.0.1', 'http://127.0.0.1'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
  ])('%s is kept as %s', async (given, kept) => {
    const vault = createTestBrowser().startWorker();
    await vault.settings.set(custom(given));
    expect((await vault.settings.get()).environment).toEqual({ name: 'custom', url: kept });
  });

  it.each([
    'http://node.example',
    'http://localhost.example:5555',
    'http://127.0.0.2',
    'https://node.example/path',
    'https://node.example/?q',
    'https://node.example/#f',
    'https://user@node.example',
    'https://user:word@node.example',
    'ftp://node.example',
    'javascript:alert(1)',
    'data:text/plain,x',
    'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    'node.example',
    '',
    `https://${'a'.repeat(300)}.example`,
  ])('%j is refused, and the one before stays', async (url) => {
    const vault = createTestBrowser().startWorker();
    await vault.settings.set(custom('https://node.example'));
    await expect(vault.settings.set(custom(url))).rejects.toEqual(invalid);
    expect((await vault.settings.get()).environment).toEqual({ name: 'custom', url: 'https://node.example' });
  });

  it('is not called local unless it is the local one', async () => {
    const vault = createTestBrowser().startWorker();
    for (const url of ['http://localhost:5556', 'https://node.example', 'http://127.0.0.1:5555']) {
      await expect(vault.settings.set({ ...plain, environment: { name: 'local', url } })).rejects.toEqual(invalid);
    }
    await expect(
      vault.settings.set({ ...plain, environment: { name: 'dev', url: 'https://node.example' } as never }),
    ).rejects.toEqual(invalid);
  });
});

describe('what is stored', () => {
  it.each([
    [
      { autoLockMinutes: 30, theme: 'dark' },
      { ...plain, autoLockMinutes: 30, theme: 'dark' },
    ],
    [
      { ...plain, ensNode: 'https://rpc.example/v1/a-key?x=1' },
      { ...plain, ensNode: 'https://rpc.example/v1/a-key?x=1' },
    ],
    [{ ...plain, ensNode: 'http://rpc.example/' }, plain],
    [{ ...plain, ensNode: 'https://rpc.example' }, plain],
    [{ ...plain, ensNode: 7 }, plain],
    [
      {
        autoLockMinutes: 30,
        theme: 'dark',
        environment: { name: 'custom', url: 'http://evil.example' },
        inboxNode: null,
      },
      plain,
    ],
    [{ autoLockMinutes: 0, theme: 'dark', language: 'system', environment: null, inboxNode: null }, plain],
    ['text', plain],
  ])('%j is read as %j', async (stored, wanted) => {
    const browser = createTestBrowser();
    await browser.startWorker().ready();
    await inStore(browser.host.databaseName, 'settings', (store) => store.put(stored, 'settings'));
    expect(await browser.startWorker().settings.get()).toEqual(wanted);
  });
});
