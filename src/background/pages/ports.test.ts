// Which page of ours may call which row (R-A4): every row, from every page; and what is refused before a row is run.
import { expect, test } from 'vitest';
import { VaultError } from '../../contract/errors';
import { pageMethods, type PageMessage } from '../../contract/pages/methods';
import { pages, type PageName } from '../../contract/pages/pages';
import { createPageCalls, type PageHandlers } from './calls';
import { createPagePorts } from './ports';

/** Calls every row from one page, and gives the names of those that were let through to their schema or their handler. */
async function letThrough(page: PageName): Promise<string[]> {
  const handlers = Object.fromEntries(
    Object.keys(pageMethods).map((name) => [name, async () => null]),
  ) as unknown as PageHandlers;
  const answers = new Map<number, PageMessage>();
  let say: (message: unknown) => void = () => undefined;
  const names = Object.keys(pageMethods);
  const all = new Promise<void>((resolve) => {
    createPagePorts({ calls: createPageCalls({ handlers, ready: Promise.resolve() }) }).accept(
      {
        postMessage(message) {
          const answer = message as PageMessage & { id?: number };
          if (answer.id === undefined) return;
          answers.set(answer.id, answer);
          if (answers.size === names.length) resolve();
        },
        disconnect: () => undefined,
        onMessage: { addListener: (listener) => (say = listener) },
        onDisconnect: { addListener: () => undefined },
      },
      { kind: 'page', page },
    );
  });
  for (const [id, method] of names.entries()) say({ id, method, params: { not: 'what any row takes' } });
  await all;
  return names.filter((_name, id) => (answers.get(id) as { error?: { detail?: string } }).error?.detail !== 'page');
}

test.each(Object.keys(pages) as PageName[])('R-A4 %s reaches exactly the rows that list it', async (page) => {
  const listed = Object.entries(pageMethods).flatMap(([name, row]) =>
    (row.pages as readonly string[]).includes(page) ? [name] : [],
  );
  expect(await letThrough(page)).toEqual(listed);
});

test('R-A4 what makes, opens or gives away keys is asked for by one page each', () => {
  const pagesOf = (prefix: string) =>
    [
      ...new Set(Object.entries(pageMethods).flatMap(([name, row]) => (name.startsWith(prefix) ? [...row.pages] : []))),
    ].toSorted();
  expect(pagesOf('enrol_')).toEqual(['onboarding']);
  expect(pagesOf('unlock_with')).toEqual(['unlock']);
  expect(pagesOf('slots_')).toEqual(['vault']);
  expect(pagesOf('backup_export')).toEqual(['vault']);
  expect(pagesOf('inbox_exportKey')).toEqual(['vault']);
  expect(pagesOf('approvals_decide')).toEqual(['approval']);
  expect(pagesOf('identity_forget')).toEqual(['vault']);
});

test('R-C8 the own phrase is given to the two pages that show it, and changed by one', () => {
  expect(pageMethods.ownPhrase_get.pages).toEqual(['approval', 'unlock']);
  expect(pageMethods.ownPhrase_set.pages).toEqual(['vault']);
  expect(pageMethods.ownPhrase_isSet.pages).toEqual(['vault']);
});

/** What one page is answered, and which rows were run for it. */
async function answerTo(call: { method: unknown; params?: unknown }, run: () => Promise<unknown> = async () => null) {
  const ran: string[] = [];
  const handlers = Object.fromEntries(
    Object.keys(pageMethods).map((name) => [
      name,
      async () => {
        ran.push(name);
        return run();
      },
    ]),
  ) as unknown as PageHandlers;
  let say: (message: unknown) => void = () => undefined;
  const answer = await new Promise<PageMessage>((resolve) => {
    createPagePorts({ calls: createPageCalls({ handlers, ready: Promise.resolve() }) }).accept(
      {
        postMessage: (message) => void ('id' in (message as object) && resolve(message as PageMessage)),
        disconnect: () => undefined,
        onMessage: { addListener: (listener) => (say = listener) },
        onDisconnect: { addListener: () => undefined },
      },
      { kind: 'page', page: 'popup' },
    );
    say({ id: 1, ...call });
  });
  return { answer, ran };
}
const refusedAs = (reason: string) => ({ answer: { id: 1, error: { reason } }, ran: [] });

test('R-A4 a call that no row lists is refused, also by a name that every object has', async () => {
  for (const method of ['keys_export', 'toString', 'constructor', '__proto__', '', 7, undefined])
    expect(await answerTo({ method })).toEqual(refusedAs('invalid-input'));
});

test('R-C1 popup and side panel decide nothing: what decides, unlocks, changes keys or gives a way out takes their word for nothing', () => {
  const mayCall = (page: PageName) =>
    Object.entries(pageMethods).flatMap(([name, row]) =>
      (row.pages as readonly PageName[]).includes(page) ? [name] : [],
    );
  expect(mayCall('panel').sort()).toEqual([
    'approvals_allow',
    'approvals_held',
    'approvals_list',
    'approvals_open',
    'backup_state',
    'face_list',
    'face_set',
    'grants_list',
    'grants_revoke',
    'grants_undo',
    'lock_now',
    'network_dismissNotice',
    'network_state',
    'quiet_list',
    'quiet_set',
    'site_get',
    'state_get',
    'unlock_open',
  ]);
  expect(mayCall('popup').filter((name) => !mayCall('panel').includes(name))).toEqual(['approvals_rejectAll']);
});

test('R-B4 parameters that do not fit their row are refused, and nothing is run', async () => {
  for (const params of [undefined, null, 7, {}, { tabId: 'x' }])
    expect(await answerTo({ method: 'site_get', params })).toEqual(refusedAs('invalid-input'));
  expect((await answerTo({ method: 'site_get', params: { tabId: 1 } })).ran).toEqual(['site_get']);
});

test('an error of the inside reaches a page of ours without its text, and a refusal with its reason', async () => {
  const outcome = async (error: Error) =>
    (
      await answerTo({ method: 'state_get' }, async () => {
        throw error;
      })
    ).answer;
  expect(await outcome(new Error('of the inside'))).toEqual({ id: 1, error: { reason: 'internal' } });
  expect(await outcome(new VaultError('locked'))).toEqual({ id: 1, error: { reason: 'locked' } });
});
