// What a person ends in our pages, seen from the site, the log and the wallet face; and the way back.
import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import { createTestBrowser, createTestWallet, enrol } from '../../vault/testkit/vault.testkit';
import { createSiteHandlers } from './site-handlers';

const [app, other] = ['https://app.example', 'https://other.example'];

async function setUp() {
  const browser = createTestBrowser();
  const vault = browser.startWorker();
  const { safeId } = await enrol(vault, createTestWallet(1));
  const told: string[] = [];
  const on = new Set([app]);
  const handlersOf = (worker: typeof vault) =>
    createSiteHandlers({
      vault: worker,
      router: {
        revoked: async (origin) => {
          // What a site is told, it is told when nothing is left to answer it with.
          expect((await worker.grants.list()).filter((grant) => grant.origin === origin)).toEqual([]);
          told.push(origin);
        },
        quieted: async () => undefined,
      },
      originOfTab: async () => null,
      faces: {
        list: async () => [...on].map((origin) => ({ origin, standsIn: false })),
        set: async (origin) => {
          on.delete(origin);
          return 'done';
        },
      },
      nowMs: browser.host.nowMs,
    });
  let requests = 0;
  const give = (origin: string) =>
    vault.grants.put({
      origin,
      safeId,
      capabilities: ['identity', 'sign'],
      duration: 'until-revoked',
      documentKey: 'D1',
      requestId: (++requests).toString(16).padStart(32, '0'),
    });
  const acts = async () =>
    (await vault.activity.list(safeId, { limit: 20 })).map(({ method, origin }) => [method, origin]);
  return { browser, vault, safeId, told, on, handlersOf, handlers: handlersOf(vault), give, acts };
}

test('R-B7 a site is told at once that it ended; taking it back brings the grant, a line in the log, and no wallet face', async () => {
  const { handlers, vault, safeId, told, on, give, acts } = await setUp();
  await give(app);
  const before = await handlers.grants_list({});
  const undo = await handlers.grants_revoke({ origin: app, safeId });
  expect([told, [...on], await handlers.grants_list({})]).toEqual([[app], [], []]);
  await expect(vault.grants.use(app, safeId, 'sign', 'D1')).rejects.toMatchObject({ reason: 'not-found' });
  expect(await handlers.grants_undo({ id: undo!.id })).toEqual({ restored: 1, faceIsOff: true });
  expect(await handlers.grants_list({})).toEqual(before);
  await vault.grants.use(app, safeId, 'sign', 'D1');
  expect((await acts()).slice(0, 2)).toEqual([
    ['restore', app],
    ['revoke', app],
  ]);
});

test('all at once are one act, taken back at once', async () => {
  const { handlers, told, give, acts } = await setUp();
  await give(app);
  await give(other);
  const undo = await handlers.grants_revokeAll({});
  expect(new Set(told)).toEqual(new Set([app, other]));
  expect(await handlers.grants_list({})).toEqual([]);
  expect((await acts()).filter(([method]) => method === 'revoke')).toHaveLength(2);
  expect(await handlers.grants_undo({ id: undo!.id })).toMatchObject({ restored: 2 });
  expect(await handlers.grants_list({})).toHaveLength(2);
  // There is nothing to end any more after this: and nothing to take back.
  await handlers.grants_revokeAll({});
  expect(await handlers.grants_revokeAll({})).toBeNull();
});

test('P3 a worker that died has ended it for good', async () => {
  const { browser, handlers, handlersOf, give } = await setUp();
  await give(app);
  const undo = await handlers.grants_revoke({ origin: app });
  const next = handlersOf(browser.startWorker());
  await expect(next.grants_undo({ id: undo!.id })).rejects.toMatchObject({ reason: 'stale' });
  expect(await next.grants_list({})).toEqual([]);
});
