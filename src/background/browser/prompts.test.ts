// What brings up which window: display that fails, and sites that were given nothing.
import 'fake-indexeddb/auto';
import { describe, expect, test } from 'vitest';
import { createTestBrowser, enrolledBrowser, unlockWithWallet } from '../../vault/testkit/vault.testkit';
import { createPrompts } from './prompts';
import { createWindows } from './windows';
import { createFakeBrowser } from '../testkit/windows.testkit';

type Enrolled = Awaited<ReturnType<typeof enrolledBrowser>>;
type Shown = Parameters<Enrolled['vault']['approvals']['submit']>[0]['shown'];

const documentKey = 'D1';
let requests = 0;
const nextId = () => (++requests).toString(16).padStart(32, '0');

/** An enrolled, unlocked vault and a browser of windows; `start` is the next worker over both. */
async function setUp(options: Parameters<typeof createFakeBrowser>[0] & { onRecord?: () => Promise<void> } = {}) {
  const browser = await enrolledBrowser();
  const screen = createFakeBrowser(options);
  const { clock } = browser;
  const told: string[] = [];
  const start = (vault = browser.vault) => {
    const windows = createWindows({ api: screen.api, session: browser.host.session, nowMs: () => clock.nowMs });
    const prompts = createPrompts({
      vault,
      windows,
      session: browser.host.session,
      nowMs: Date.now,
      onRecord: options.onRecord ?? (async () => undefined),
      onWaits: (origin) => void told.push(origin),
    });
    const ask = async (origin: string, shown: Shown, id = nextId(), digest = id.repeat(2), isClicked = false) => {
      const submitted = await vault.approvals.submit({
        id,
        origin,
        documentKey,
        method: 'vault_connect',
        digest,
        shown,
        firstSeen: true,
      });
      await prompts.presentRecord(submitted.record!, submitted.isNew, isClicked);
      return id;
    };
    const give = (origin: string) =>
      vault.grants.put({
        origin,
        safeId: browser.safeId,
        capabilities: ['sign'],
        duration: '1d',
        documentKey,
        requestId: nextId(),
        remember: undefined,
      });
    return { vault, windows, prompts, ask, give };
  };
  return { ...browser, screen, start, told };
}

const connect: Shown = { kind: 'connect', capabilities: ['sign'], duration: null };

describe('a display that fails is not a request that fails', () => {
  test('P3 where no window and no tab can be opened the request goes on waiting, and is shown when it can be', async () => {
    const { screen, start } = await setUp({ windows: 'refused', tabs: 'refused' });
    const { vault, prompts, ask } = start();
    await ask('https://app.example', connect);
    await prompts.present();
    await prompts.resume();
    expect(await vault.approvals.waitingCount()).toBe(1);
    screen.state.tabs = 'open';
    await prompts.present();
    expect(screen.ours()).toEqual([screen.addressOf('approval')]);
  });

  test('P3 an alarm that cannot be set keeps no request from its window', async () => {
    const { screen, start } = await setUp({ onRecord: () => Promise.reject(new Error('no alarms')) });
    await start().ask('https://app.example', connect);
    expect(screen.ours()).toEqual([screen.addressOf('approval')]);
  });

  test('P3 a request that one worker could not show is shown by the next', async () => {
    const { screen, start } = await setUp({ windows: 'refused', tabs: 'refused' });
    const first = start();
    const id = await first.ask('https://app.example', connect);
    await expect(first.prompts.showWaiting()).rejects.toThrow();
    Object.assign(screen.state, { windows: 'window', tabs: 'open' });
    await start().ask('https://app.example', connect, id);
    expect(screen.ours()).toEqual([screen.addressOf('approval')]);
  });
});

describe('what waited for an unlock', () => {
  test('P3 two requests that change in one moment bring up the window, once, also in the next worker', async () => {
    const { vault, screen, start, safeId, wallet } = await setUp();
    const { ask, give, prompts } = start();
    const origin = 'https://app.example';
    const { account } = wallet;
    await give(origin);
    await vault.lock();
    const ids = [
      await ask(origin, { kind: 'unlock', safeId, account: wallet.account, method: 'vault_sign' }),
      await ask(origin, { kind: 'unlock', safeId, account: wallet.account, method: 'vault_sign' }),
    ];
    expect(screen.ours()).toEqual([`${screen.addressOf('unlock')}#${safeId}`]);
    await unlockWithWallet(vault, safeId, wallet);
    screen.closeOurs();
    screen.shown.length = 0;
    const changed = [];
    for (const id of ids) {
      const shown: Shown = { kind: 'sign', safeId, account, purpose: id, payload: Uint8Array.of(1) };
      changed.push(
        await vault.approvals.submit({
          id,
          origin,
          documentKey,
          method: 'vault_connect',
          digest: id.repeat(2),
          shown,
          firstSeen: false,
        }),
      );
    }
    await Promise.all(changed.map(({ record, isNew }) => prompts.presentRecord(record!, isNew, false)));
    await start().prompts.presentRecord(changed[0]!.record!, false, false);
    expect(screen.shown).toEqual([screen.addressOf('approval')]);
  });
});

describe('a window that was closed for now', () => {
  const app = 'https://app.example';
  const again = 'ab'.repeat(32);

  test.each(['site with a grant', 'stranger'])(
    'comes back with the next request of a %s that follows a click, not with one that does not',
    async (who) => {
      const { screen, start } = await setUp();
      const { ask, give } = start();
      if (who !== 'stranger') await give(app);
      await ask(app, connect);
      screen.closeOurs();
      await ask(app, connect);
      expect(screen.ours()).toEqual([]);
      const id = nextId();
      await start().ask(app, connect, id, id.repeat(2), true);
      expect(screen.ours()).toEqual([screen.addressOf('approval')]);
    },
  );

  test('comes back when the same button of the page is pressed again: the same request, which joins the one that waits', async () => {
    const { vault, screen, start } = await setUp();
    const { ask } = start();
    await ask(app, connect, nextId(), again, true);
    screen.closeOurs();
    await ask(app, connect, nextId(), again);
    expect(screen.ours()).toEqual([]);
    await ask(app, connect, nextId(), again, true);
    expect(screen.ours()).toEqual([screen.addressOf('approval')]);
    expect(await vault.approvals.waitingCount()).toBe(1);
  });

  test('a click lifts what is held back', async () => {
    const { screen, start } = await setUp();
    const { ask, prompts } = start();
    for (const name of 'abc') await ask(`https://${name}.example`, connect);
    await ask(app, connect, nextId(), again);
    expect(await prompts.heldBack()).toHaveLength(1);
    screen.closeOurs();
    await ask(app, connect, nextId(), again, true);
    expect(await prompts.heldBack()).toEqual([]);
    expect(screen.ours()).toEqual([screen.addressOf('approval')]);
  });

  test('a locked identity: a click brings the unlock window back', async () => {
    const { vault, safeId, wallet, screen, start } = await setUp();
    const { ask, give } = start();
    await give(app);
    await vault.lock();
    const locked: Shown = { kind: 'unlock', safeId, account: wallet.account, method: 'vault_sign' };
    await ask(app, locked);
    screen.closeOurs();
    const id = nextId();
    await ask(app, locked, id, id.repeat(2), true);
    expect(screen.ours().map((url) => url.split('#')[0])).toEqual([screen.addressOf('unlock')]);
  });
});

describe('R-B8 sites that were given nothing', () => {
  const app = 'https://app.example';
  const reload = (vault: Enrolled['vault']) => vault.approvals.cancelDocument(documentKey);

  test('R-B8 200 reloads that ask each time open one window and raise none; the badge counts what waits', async () => {
    const { screen, start } = await setUp();
    for (let round = 0; round < 200; round++) {
      // A new worker each time: the count is not kept in memory.
      const { vault, ask } = start();
      await reload(vault);
      screen.closeOurs();
      await ask(app, connect);
    }
    expect(screen.shown).toHaveLength(1);
    expect(await start().vault.approvals.waitingCount()).toBe(1);
  });

  test('R-B8 raising a window that is open counts as opening it', async () => {
    const { screen, start } = await setUp();
    const { vault, ask } = start();
    await ask(app, connect);
    for (let round = 0; round < 20; round++) {
      await reload(vault);
      await ask(app, connect);
    }
    expect(screen.shown).toHaveLength(1);
  });

  test('R-B8 a hundred sub-domains open three windows in a minute, and no more are told of', async () => {
    const { screen, start, told } = await setUp();
    const { ask } = start();
    for (let name = 0; name < 100; name++) {
      screen.closeOurs();
      await ask(`https://a${name}.evil.example`, connect);
    }
    expect(screen.shown).toHaveLength(3);
    expect(told).toHaveLength(3);
  });

  test('R-B8 a site with a grant gets its window while strangers get none', async () => {
    const { vault, screen, start } = await setUp();
    const { ask, give } = start();
    await give(app);
    for (let name = 0; name < 10; name++) await ask(`https://a${name}.evil.example`, connect);
    for (let round = 0; round < 5; round++) {
      screen.closeOurs();
      screen.shown.length = 0;
      await reload(vault);
      await ask(app, connect);
      expect(screen.shown).toEqual([screen.addressOf('approval')]);
    }
  });

  test('R-B8 the popup names what is held back; a person sees it, with that site first, and nothing is held back any more', async () => {
    const { vault, screen, start } = await setUp();
    const { ask, prompts } = start();
    for (const name of 'abc') await ask(`https://${name}.example`, connect);
    await ask(app, connect);
    await ask(app, connect);
    expect(await prompts.heldBack()).toEqual([{ origin: app, waiting: 2 }]);
    expect((await prompts.inOrder(await vault.approvals.list()))[0]?.origin).toBe('https://a.example');
    screen.closeOurs();
    await prompts.showWaiting(app);
    expect(screen.ours()).toEqual([screen.addressOf('approval')]);
    expect((await prompts.inOrder(await vault.approvals.list())).map(({ origin }) => origin.slice(8, 9))).toEqual([
      'a',
      'a',
      'a',
      'b',
      'c',
    ]);
    expect((await prompts.inOrder(await vault.approvals.list()))[0]?.origin).toBe(app);
    expect(await prompts.heldBack()).toEqual([]);
  });

  test('R-B8 a person lets a site open windows again, and its next request does', async () => {
    const { vault, screen, start } = await setUp();
    const { ask, prompts } = start();
    await ask(app, connect);
    await reload(vault);
    screen.closeOurs();
    await ask(app, connect);
    expect(screen.ours()).toEqual([]);
    await prompts.allow(app);
    expect(await prompts.heldBack()).toEqual([]);
    expect(screen.ours()).toEqual([]);
    await ask(app, connect);
    expect(screen.ours()).toEqual([screen.addressOf('approval')]);
  });

  test('R-B8 sites that a person connected do not pay for what they opened before, nor do others', async () => {
    const { vault, screen, start, safeId } = await setUp();
    const { ask, give, prompts } = start();
    for (let round = 0; round < 5; round++) {
      await ask(app, connect);
      expect(screen.ours()).toHaveLength(1);
      screen.closeOurs();
      await reload(vault);
      await give(app);
      // By the worker that wrote it down, or by the next.
      await (round % 2 === 0 ? prompts.grantsChanged() : start().prompts.resume());
      await vault.grants.revoke(app, safeId);
    }
  });

  test('R-B8 an unlock, and a worker that starts after one, bring up nothing that is held back', async () => {
    const { vault, screen, start } = await setUp();
    const first = start();
    await first.windows.show('unlock');
    await first.ask(app, connect);
    screen.closeOurs();
    await reload(vault);
    await first.ask(app, connect);
    screen.shown.length = 0;
    await first.windows.show('unlock');
    await first.prompts.present();
    await start().prompts.resume();
    expect(screen.shown).toEqual([screen.addressOf('unlock')]);
  });

  test('R-B6 a stranger brings up no unlock window, also beside a site that waits for one', async () => {
    const { vault, screen, start, safeId, wallet } = await setUp();
    const { ask, give } = start();
    await give('https://known.example');
    await vault.lock();
    await ask('https://evil.example', connect);
    expect(screen.shown).toEqual([screen.addressOf('approval')]);
    await ask('https://known.example', { kind: 'unlock', safeId, account: wallet.account, method: 'vault_sign' });
    expect(screen.shown).toEqual([screen.addressOf('approval'), `${screen.addressOf('unlock')}#${safeId}`]);
    await ask('https://other.evil.example', connect);
    expect(screen.shown.slice(2)).toEqual([screen.addressOf('approval')]);
  });

  test('R-B6 a stranger brings up the same window whether the vault is empty, locked or unlocked', async () => {
    const { vault, screen, start } = await setUp();
    await start().ask(app, connect);
    await reload(vault);
    await vault.lock();
    await start().ask('https://b.example', connect);
    const empty = createTestBrowser();
    await start(empty.startWorker()).ask('https://c.example', connect);
    expect(new Set(screen.shown)).toEqual(new Set([screen.addressOf('approval')]));
    expect(screen.shown).toHaveLength(3);
  });
});
