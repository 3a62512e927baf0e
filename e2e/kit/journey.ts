// The steps of a person, pressed on the real pages: enrol, unlock, approve, reject; and what a dapp's page does.
// Promises: every control is found by its data-testid (controls.ts); every step waits for what a person would see.
import { createServer, type Server } from 'node:http';
import type { Locator, Page } from 'playwright';
import { hangsAfterMs } from '../../scripts/limits.mjs';
import { carefulCapabilities } from '../../src/contract/grants';
import { extensionId, walletId, type Chromium } from './chromium';
import type { ControlId, ControlState } from './controls';

/** A control, or those of them that are in a state: `byId(page, 'onboarding', { 'data-step': 'file' })`. */
export function byId(page: Page | Locator, id: ControlId, state: ControlState = {}): Locator {
  const attributes = Object.entries(state).map(([name, value]) => `[${name}="${value}"]`);
  return attributes.length === 0 ? page.getByTestId(id) : page.locator(`[data-testid="${id}"]${attributes.join('')}`);
}

/** Goes through onboarding with the test wallet. Returns the account, the recovery code and its groups. */
export async function enrol(
  browser: Chromium,
  options: { accountIndex?: number; name?: string; prints?: boolean } = {},
): Promise<{ account: string; code: string; page: Page }> {
  await browser.wallet({ accountIndex: options.accountIndex ?? 0 });
  const page = await startEnrolment(browser, options.name);
  await giveSignatures(page);
  if (options.prints) await byId(page, 'code-print').click();
  const code = await finishWithCode(page);
  const account =
    (await byId(page, 'onboarding-ready')
      .getByText(/^0x/)
      .first()
      .getAttribute('title')
      .catch(() => null)) ?? '';
  return { account, code, page };
}

/** Up to the point where the first signature is asked for. */
export async function startEnrolment(
  browser: Chromium,
  name = 'Ada',
  way: 'way-alone' | 'way-new' = 'way-alone',
): Promise<Page> {
  for (const open of browser.pagesWith('/onboarding/')) await open.close();
  const page = await browser.ownPage('onboarding');
  await byId(page, way).click();
  await byId(page, `wallet-${walletId}`).click();
  await byId(page, 'wallet-continue').click();
  await byId(page, 'account-choice').first().click();
  await byId(page, 'account-name').fill(name);
  await byId(page, 'account-continue').click();
  await byId(page, 'signature-1').waitFor();
  return page;
}

/** Presses "sign" once, for all signatures that are left, until the recovery code is shown. */
export async function giveSignatures(page: Page): Promise<void> {
  await byId(page, 'wallet-sign').click();
  await byId(page, 'code-groups').waitFor();
}

export async function finishWithCode(page: Page): Promise<string> {
  const items = byId(page, 'code-groups').locator('li');
  await items.nth(7).waitFor();
  const groups = await items.allInnerTexts();
  const clean = groups.map((text) => text.replace(/[^0-9A-Z]/gi, '').slice(-4));
  await byId(page, 'code-written').click();
  for (const [at, group] of (await typedGroups(page)).entries())
    await byId(page, at === 0 ? 'code-typed-1' : 'code-typed-2').fill(clean[group]!);
  // Two whole groups are tried without a press.
  await byId(page, 'onboarding-ready').waitFor();
  return clean.join('-');
}

/** Which two groups (0 to 7) the page asks to type back. */
export async function typedGroups(page: Page): Promise<[number, number]> {
  const asked = async (id: ControlId) => {
    const groupOf = async () => /\d+/.exec(await labelOf(byId(page, id)))?.[0];
    await until(async () => (await groupOf()) !== undefined, 'the number of the group').catch(
      async (error: unknown) => {
        // Seen twice in thousands of runs: whoever meets it next wants to see the page, and whether it has any words.
        throw new Error(`${String(error)}; the page: ${await page.content()}`, { cause: error });
      },
    );
    return Number(await groupOf()) - 1;
  };
  return [await asked('code-typed-1'), await asked('code-typed-2')];
}

const labelOf = (field: Locator): Promise<string> =>
  field.evaluate((input: HTMLInputElement) => input.labels?.[0]?.textContent ?? input.getAttribute('aria-label') ?? '');

/** Waits until it holds, also outside of a test (where vitest has no poll). */
export async function until(holds: () => Promise<boolean> | boolean, what: string): Promise<void> {
  const end = Date.now() + hangsAfterMs / 4;
  // Each look costs three processes some work, which is taken from what is waited for.
  for (let pauseMs = 10; !(await holds()); pauseMs = Math.min(pauseMs * 1.5, 60)) {
    if (Date.now() > end) throw new Error(`in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Milliseconds for a try that is made again and again: each has half as much again, so that one is long enough on a slow machine. */
export function growing(firstMs: number): () => number {
  let ms = firstMs / 1.5;
  return () => (ms *= 1.5);
}

/** The approval window, when a request has opened it. */
export const approvalWindow = (browser: Chromium) => browser.nextPage('/approval/');

/** A press that may close the window it is made in, even before it is reported done. */
export async function lastPress(press: Promise<void>): Promise<void> {
  await press.catch((error: unknown) => {
    if (!/has been closed/.test(String(error))) throw error;
  });
}

/** Has all of a card on the screen, as far as it is longer than the window: until then it cannot be approved. */
export async function readToTheEnd(page: Page): Promise<void> {
  const isThere = (locator: Locator) => locator.isVisible().catch(() => false);
  await byId(page, 'approval-approve').waitFor();
  const patience = growing(500);
  await until(async () => {
    if (await isThere(byId(page, 'approval-approve', { 'data-seen': 'true' }))) return true;
    const on = byId(page, 'approval-read-on');
    if (await isThere(on)) await on.click({ timeout: patience() }).catch(() => undefined);
    return page.isClosed();
  }, 'the end of the card is on the screen');
}

/** Presses Approve once it is armed, and leaves it at that. */
export async function pressApprove(page: Page): Promise<void> {
  await page.bringToFront();
  const button = byId(page, 'approval-approve', { 'data-armed': 'true' });
  await readToTheEnd(page);
  await button.waitFor();
  await lastPress(button.click());
}

/** Runs a decision and waits until its card has left: the next one is there, or the window is closed (not merely about to). */
export async function decided(page: Page, press: () => Promise<void>): Promise<void> {
  const shown = (options?: { timeout: number }) =>
    byId(page, 'approval')
      .first()
      .getAttribute('data-request', options)
      .catch(() => null);
  const before = await shown();
  const patience = growing(1000);
  await press();
  await until(
    async () => page.isClosed() || ![before, null].includes(await shown({ timeout: patience() })),
    'the decided card has left',
  );
}

export const approve = (page: Page): Promise<void> => decided(page, () => pressApprove(page));

export const reject = (page: Page): Promise<void> =>
  decided(page, async () => {
    await page.bringToFront();
    await lastPress(byId(page, 'approval-reject').click());
  });

/** A small static site of its own origin; `pages` maps paths to HTML. */
export interface Site {
  origin: string;
  close(): Promise<void>;
}

export async function serveSite(
  pages: Record<string, string | { body: string | Uint8Array; headers: Record<string, string> }> = {},
): Promise<Site> {
  const server: Server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const page = pages[path] ?? (path === '/' ? '<!doctype html><title>site</title><h1>site</h1>' : undefined);
    if (page === undefined) {
      response.writeHead(404).end();
      return;
    }
    const { body, headers } = typeof page === 'string' ? { body: page, headers: {} } : page;
    response
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', ...headers })
      .end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface Answer {
  result?: unknown;
  error?: { code: unknown; message: unknown; data?: unknown; stack?: boolean };
}

/** What the page gets from `prekeyVault.request`, as plain data: bytes become arrays of numbers. */
export async function call(page: Page, method: string, params?: unknown): Promise<Answer> {
  return await page.evaluate(
    async ([name, values]) => {
      const revive = (value: any): any =>
        value && typeof value === 'object' && '$u8' in value
          ? Uint8Array.from(value.$u8)
          : value && typeof value === 'object' && !Array.isArray(value)
            ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revive(item)]))
            : value;
      const plain = (value: any): any =>
        value instanceof Uint8Array
          ? { $u8: [...value] }
          : Array.isArray(value)
            ? value.map(plain)
            : value && typeof value === 'object'
              ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
              : value;
      try {
        return { result: plain(await (window as any).prekeyVault.request({ method: name, params: revive(values) })) };
      } catch (error: any) {
        return { error: { code: error.code, message: error.message, data: error.data } };
      }
    },
    [method, params] as [string, any],
  );
}

/** Starts a request and leaves it; the answer is read later with `answerOf`. */
export async function start(page: Page, slot: string, method: string, params?: unknown): Promise<void> {
  await page.evaluate(
    ([key, name, values]) => {
      const box = ((window as any).slots ??= {});
      const revive = (value: any): any =>
        value && typeof value === 'object' && '$u8' in value
          ? Uint8Array.from(value.$u8)
          : value && typeof value === 'object' && !Array.isArray(value)
            ? Object.fromEntries(Object.entries(value).map(([k, item]) => [k, revive(item)]))
            : value;
      box[key] = (window as any).prekeyVault.request({ method: name, params: revive(values) }).then(
        (result: unknown) => ({ result }),
        (error: any) => ({ error: { code: error.code, message: error.message, data: error.data } }),
      );
    },
    [slot, method, params] as [string, string, any],
  );
}

export async function answerOf(page: Page, slot: string): Promise<Answer> {
  return await page.evaluate(async (key) => {
    const plain = (value: any): any =>
      value instanceof Uint8Array
        ? { $u8: [...value] }
        : Array.isArray(value)
          ? value.map(plain)
          : value && typeof value === 'object'
            ? Object.fromEntries(Object.entries(value).map(([k, item]) => [k, plain(item)]))
            : value;
    return plain(await (window as any).slots[key]) as Answer;
  }, slot);
}

/** Whether the request in a slot has its answer. */
export async function isSettled(page: Page, slot: string): Promise<boolean> {
  return await page.evaluate(
    (key) =>
      Promise.race([
        (window as any).slots[key].then(() => true),
        new Promise<boolean>((resolve) => setTimeout(resolve, 0, false)),
      ]),
    slot,
  );
}

/** Uint8Array in the form that `call` and `answerOf` carry. */
export const bytes = (value: Uint8Array | string) => ({
  $u8: [...(typeof value === 'string' ? new TextEncoder().encode(value) : value)],
});

/** Turns `{ $u8 }` back into Uint8Array, at any depth. */
export function revived<T>(value: unknown): T {
  if (Array.isArray(value)) return value.map((item) => revived(item)) as T;
  if (value && typeof value === 'object') {
    if ('$u8' in value) return Uint8Array.from((value as { $u8: number[] }).$u8) as T;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revived(item)])) as T;
  }
  return value as T;
}

/** Connects a page through the approval window. */
export async function connect(
  browser: Chromium,
  page: Page,
  capabilities = ['identity', 'sign'],
  duration?: string,
): Promise<Answer> {
  await start(page, 'connect', 'vault_connect', { capabilities, ...(duration ? { duration } : {}) });
  const window = await approvalWindow(browser);
  await tickCareful(window, capabilities);
  await approve(window);
  return await answerOf(page, 'connect');
}

/** Ticks those of the capabilities that are never given by not looking. */
export async function tickCareful(connecting: Page, asked: readonly string[]): Promise<void> {
  for (const careful of carefulCapabilities)
    if (asked.includes(careful)) await byId(connecting, `approval-capability-${careful}`).check();
}

/** A call on the internal port of one of our pages, as its own code makes it. Throws the reason. */
export async function ownCall<T>(page: Page, method: string, params?: unknown): Promise<T> {
  const answer = await page.evaluate(
    ([name, values]) =>
      new Promise<{ result?: unknown; error?: { reason: string } }>((resolve) => {
        const port = chrome.runtime.connect();
        port.onMessage.addListener(
          (message: { hello?: unknown; id?: number; result?: unknown; error?: { reason: string } }) => {
            if ('hello' in message) port.postMessage({ id: 1, method: name, params: values, packed: true });
            if (message.id !== 1) return;
            port.disconnect();
            resolve(message);
          },
        );
      }),
    [method, params] as const,
  );
  if (answer.error) throw new Error(answer.error.reason);
  return answer.result as T;
}

/** The approval records that there are now, oldest first: what waits for a person, and what was decided a moment ago. */
export async function approvalRecords(
  browser: Chromium,
): Promise<{ id: string; origin: string; state: string; requestIds: string[] }[]> {
  const stored = Object.entries(await browser.session()) as [
    string,
    { id: string; origin: string; state: string; order: number; requestIds: string[] },
  ][];
  return stored
    .flatMap(([key, record]) => (key.startsWith('approval:') ? [record] : []))
    .sort((a, b) => a.order - b.order);
}

export { extensionId };
