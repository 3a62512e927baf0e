// The approval window under pressure: impatient and synthetic presses, floods, duplicates, a moving queue, a closed window.
// Promises: what was approved is exactly the card that was on screen and armed; presses are real input of the browser, and times are
// compared between the page that showed a card and the worker that recorded the decision.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright';
import { testAccounts } from '../demo/wallet/accounts';
import type { ApprovalCard } from '../src/contract/pages/approvals';
import type { ActivityEntry } from '../src/contract/pages/identity';
import type { VaultSignature } from '../src/contract/dapp/methods';
import { note, seedOf, sizeOf } from '../scripts/campaign/size';
import { hangsAfterMs } from '../scripts/limits.mjs';
import { pages } from '../src/contract/pages/pages';
import { extensionId, launchChromium, type Chromium } from './kit/chromium';
import {
  drawsOf,
  expectedOf,
  hostileText,
  look,
  neverDrawn,
  show,
  signable,
  standInForWorker,
} from './kit/display-strings';
import { enrolThrough, internalClient, Refusal, unlockThrough, type Internal } from './kit/internal';
import {
  answerOf,
  approvalWindow,
  approve,
  byId,
  bytes,
  call,
  connect,
  isSettled,
  lastPress,
  pressApprove,
  readToTheEnd,
  reject,
  revived,
  serveSite,
  start,
  until,
  type Site,
} from './kit/journey';

const account = testAccounts()[0]!;
const firstWaitMs = 500;
const changedWaitMs = 1000;

let browser: Chromium;
let site: Site;
let otherSite: Site;
let dapp: Page;
let popup: Internal;
let approvals: Internal;
let unlock: Internal;
let vault: Internal;
let safeId: string;

beforeAll(async () => {
  browser = await launchChromium();
  // When each card was first in the document: not after the person could see it.
  await browser.context.addInitScript(() => {
    if (!location.pathname.includes('/approval/')) return;
    const shownAt: Record<string, number> = ((window as any).shownAt = {});
    const note = (atMs: number) => {
      const id = document.querySelector<HTMLElement>('[data-testid="approval"]')?.dataset['request'];
      if (id !== undefined) shownAt[id] ??= atMs;
    };
    // On a busy machine this may run after the card was drawn; then it was drawn after the page began.
    note(performance.timeOrigin);
    new MutationObserver(() => note(Date.now())).observe(document, {
      subtree: true,
      childList: true,
      attributes: true,
      attributeFilter: ['data-request'],
    });
    // Whether the button was armed when a press began on it: before the page's own code hears of the press.
    for (const type of ['pointerdown', 'keydown'])
      addEventListener(
        type,
        (event) => {
          const button = (event.target as Element).closest<HTMLElement>('[data-testid="approval-approve"]');
          if (button && !(event as KeyboardEvent).repeat)
            (window as any).pressedArmed = button.dataset['armed'] === 'true';
        },
        true,
      );
    // The page is told of a new size a frame after it has it: here, when the test lets it.
    addEventListener('resize', (event) => {
      if ((window as any).deafToResize) event.stopImmediatePropagation();
    });
    // A press that is on its way while the next card comes up would answer that one (its Reject has the focus): the hand is taken away.
    const shownId = () => document.querySelector<HTMLElement>('[data-testid="approval"]')?.dataset['request'];
    for (const type of ['pointerdown', 'pointerup', 'click', 'keydown', 'keyup'])
      addEventListener(
        type,
        (event) => {
          const { pressesOnly } = window as { pressesOnly?: string };
          if (pressesOnly === undefined || pressesOnly === shownId()) return;
          event.preventDefault();
          event.stopImmediatePropagation();
        },
        true,
      );
  });
  site = await serveSite();
  otherSite = await serveSite();
  dapp = await browser.context.newPage();
  await dapp.goto(site.origin);
  popup = await internalClient(browser, 'popup');
  approvals = await internalClient(browser, 'approval');
  unlock = await internalClient(browser, 'unlock');
  vault = await internalClient(browser, 'vault');
  const onboarding = await internalClient(browser, 'onboarding');
  ({ safeId } = await enrolThrough(onboarding, account));
  await connect(browser, dapp);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
  await otherSite?.close();
});
afterEach(async () => {
  await popup.call('approvals_rejectAll', {});
  for (const page of browser.pagesWith('/approval/')) await page.close();
});

const signRequest = (purpose: string) => ({ payload: bytes(purpose), purpose });
/** The page asks by itself, so many milliseconds from now. It is not touched until then: what a test evaluates in a page counts as a click there. */
async function askByItself(purpose: string, delayMs: number): Promise<void> {
  await dapp.evaluate(
    ([name, values, wait]) =>
      void setTimeout(() => {
        const payload = Uint8Array.from(values);
        void (window as any).prekeyVault.request({ method: 'vault_sign', params: { payload, purpose: name } });
      }, wait),
    [purpose, [...Buffer.from(purpose)], delayMs] as const,
  );
  await until(async () => (await cards()).length === 2, 'the page has asked by itself');
}
const cards = () => popup.call<ApprovalCard[]>('approvals_list', {});
const shownId = (window: Page) => byId(window, 'approval').getAttribute('data-request');
async function shownAtMs(window: Page, id: string): Promise<number> {
  let at: number | undefined;
  const look = () => window.evaluate((one) => (window as any).shownAt[one] as number | undefined, id);
  await until(async () => (at = await look()) !== undefined, 'the page has noted when it showed the card');
  return at!;
}
/** From now on only presses on this card reach the page; undefined: all do. */
const pressOnly = (window: Page, id: string | undefined) =>
  window.evaluate((one) => void ((window as any).pressesOnly = one), id).catch(() => undefined);
/** Of the last press on the button; a window that closed by it was armed. */
const pressWasArmed = (window: Page) =>
  window.evaluate(() => (window as any).pressedArmed as boolean).catch(() => true);
const refusalOf = (client: Internal, method: string, params: unknown) =>
  client.call(method, params).then(
    () => 'answered',
    (error: unknown) => (error instanceof Refusal ? error.reason : String(error)),
  );

async function ask(purpose: string, page = dapp): Promise<void> {
  await start(page, purpose, 'vault_sign', signRequest(purpose));
}
async function shown(purpose: string): Promise<Page> {
  const window = await approvalWindow(browser);
  await byId(window, 'approval-purpose').getByText(purpose, { exact: true }).waitFor();
  return window;
}
/** Asks and waits for the card in a window of its own. */
async function askAndShow(purpose: string): Promise<Page> {
  await ask(purpose);
  return shown(purpose);
}
/** When the worker recorded the approval; undefined while there is none. */
async function approvedAtMs(purpose: string, page = dapp): Promise<number | undefined> {
  if (!(await isSettled(page, purpose))) return undefined;
  const { result, error } = await answerOf(page, purpose);
  if (error) throw new Error(`not approved: ${JSON.stringify(error)}`);
  return revived<VaultSignature>(result).signed.issuedAtMs;
}

/** Resolves when the page has the size, before it has been told perhaps. */
async function resize(window: Page, size: { width: number; height: number }): Promise<void> {
  await window.setViewportSize(size);
  await until(
    () => window.evaluate(({ width, height }) => innerWidth === width && innerHeight === height, size),
    'the window has its size',
  );
}
/** Another size than it has. */
const resizeAgain = (window: Page) =>
  resize(window, { width: window.viewportSize()?.width === 410 ? 411 : 410, height: 650 });

interface Pressing {
  name: string;
  /** Once, before the first press. */
  aim(window: Page): Promise<void>;
  press(window: Page): Promise<void>;
}
const centre = async (window: Page) => {
  const box = (await byId(window, 'approval-approve').boundingBox())!;
  return [box.x + box.width / 2, box.y + box.height / 2] as const;
};
let aim: readonly [number, number] = [0, 0];
const pointAt = async (window: Page) => void (aim = await centre(window));
/** After the page has put the focus where it begins, on Reject: else it would take it back. */
const focusApprove = async (window: Page) => {
  await until(
    () => window.evaluate(() => document.activeElement !== null && document.activeElement !== document.body),
    'the focus is where it begins',
  );
  await byId(window, 'approval-approve').focus();
};
const pressings: Pressing[] = [
  { name: 'click', aim: pointAt, press: (window) => window.mouse.click(...aim) },
  { name: 'double click', aim: pointAt, press: (window) => window.mouse.dblclick(...aim) },
  { name: 'Enter', aim: focusApprove, press: (window) => window.keyboard.press('Enter') },
  { name: 'Space', aim: focusApprove, press: (window) => window.keyboard.press('Space') },
];

/** Presses every 100 ms from now on until the request is approved or the time is over. Returns when that began, and how many presses were made. */
async function pressUntilApproved(
  window: Page,
  purpose: string,
  { aim: aimAt, press }: Pressing,
): Promise<{ beganAtMs: number; presses: number }> {
  const id = (await shownId(window))!;
  await pressOnly(window, id);
  await readToTheEnd(window);
  await aimAt(window);
  let presses = 0;
  const beganAtMs = Date.now();
  const end = beganAtMs + hangsAfterMs / 10;
  const isShown = async () => (await shownId(window).catch(() => null)) === id;
  for (let next = Date.now(); Date.now() < end && (await isShown()); next += 100) {
    await press(window).catch(() => undefined);
    presses += 1;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next + 100 - Date.now())));
  }
  await until(() => isSettled(dapp, purpose), `${purpose} has its answer`);
  await pressOnly(window, undefined);
  return { beganAtMs, presses };
}

/** Begins a press right after a change, when nothing counts. On a slow machine it may come late; then another change takes it back, and it is begun anew. */
async function beginTooEarly(
  window: Page,
  { down, up }: { down: () => Promise<void>; up: () => Promise<void> },
): Promise<void> {
  for (;;) {
    await resizeAgain(window);
    await byId(window, 'approval-approve', { 'data-armed': 'false' }).waitFor();
    await down();
    if (!(await pressWasArmed(window))) return;
    await resizeAgain(window);
    await up();
  }
}

describe('R-C2 arming', () => {
  test.each(pressings)('$name every 100 ms from the first moment: no approval before it is armed', async (pressing) => {
    const purpose = `impatient ${pressing.name}`;
    const window = await askAndShow(purpose);
    const id = (await shownId(window))!;
    const at = await shownAtMs(window, id);
    const { beganAtMs, presses } = await pressUntilApproved(window, purpose, pressing);
    // On a slow machine the first press may come when it counts already.
    if (beganAtMs - at < firstWaitMs / 2) expect(presses).toBeGreaterThan(1);
    expect((await approvedAtMs(purpose))! - at).toBeGreaterThanOrEqual(firstWaitMs);
  });

  test.each(pressings)(
    '$name every 100 ms while the window is resized and the next card comes up: each arms anew',
    async (pressing) => {
      const [one, two] = [`resized ${pressing.name}`, `next ${pressing.name}`];
      const window = await askAndShow(one);
      await ask(two);
      await expect.poll(async () => (await cards()).length).toBe(2);
      await readToTheEnd(window);
      await byId(window, 'approval-approve', { 'data-armed': 'true' }).waitFor();
      const resizedAt = Date.now();
      await resize(window, { width: 420, height: 640 });
      await pressUntilApproved(window, one, pressing);
      expect((await approvedAtMs(one))! - resizedAt).toBeGreaterThanOrEqual(changedWaitMs);
      // The second card came up under the same finger.
      const [second] = await cards();
      await until(async () => (await shownId(window)) === second!.id, 'the next card is shown');
      const at = await shownAtMs(window, second!.id);
      await pressUntilApproved(window, two, pressing);
      expect((await approvedAtMs(two))! - at).toBeGreaterThanOrEqual(changedWaitMs);
    },
  );

  test('a press in a window that has another size does not count, though the page was not told of it yet', async () => {
    const window = await askAndShow('unheard');
    await readToTheEnd(window);
    await byId(window, 'approval-approve', { 'data-armed': 'true' }).waitFor();
    await focusApprove(window);
    await window.evaluate(() => void ((window as any).deafToResize = true));
    await resizeAgain(window);
    await lastPress(window.keyboard.press('Enter'));
    expect(await cards()).toHaveLength(1);
    expect(await isSettled(dapp, 'unheard')).toBe(false);
    await approve(window);
    expect((await answerOf(dapp, 'unheard')).result).toBeDefined();
  });

  test('one press at 0, 100 … 1500 ms after the card changed: only those after arming count', async () => {
    const offsets = Array.from({ length: 16 }, (_, step) => step * 100);
    for (const offset of offsets) await ask(`offset ${offset}`);
    const window = await approvalWindow(browser);
    await until(async () => (await cards()).length === offsets.length, 'all wait');
    // The first card of a window arms sooner.
    let approved = 0;
    let early = 0;
    for (const offset of offsets) {
      const purpose = `offset ${offset}`;
      await byId(window, 'approval-purpose').getByText(purpose, { exact: true }).waitFor();
      const id = (await shownId(window))!;
      const at = await shownAtMs(window, id);
      await pressOnly(window, id);
      await readToTheEnd(window);
      await pointAt(window);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, at + offset - Date.now())));
      await lastPress(window.mouse.click(...aim));
      // The button is drawn armed a little after presses count: what became of the request decides, and a press that did not count is followed by Reject.
      if (!(await pressWasArmed(window))) {
        const isStill = async () => !window.isClosed() && (await shownId(window).catch(() => null)) === id;
        if (await isStill()) await lastPress(byId(window, 'approval-reject').click());
        await until(async () => !(await isStill()), `the card of ${purpose} has left`);
      }
      await until(() => isSettled(dapp, purpose), `${purpose} has its answer`);
      await pressOnly(window, undefined);
      const { error } = await answerOf(dapp, purpose);
      if (error) {
        early += 1;
        expect(error.code).toBe(4001);
        continue;
      }
      approved += 1;
      expect((await approvedAtMs(purpose))! - at).toBeGreaterThanOrEqual(offset === 0 ? firstWaitMs : changedWaitMs);
    }
    expect(approved).toBeGreaterThan(2);
    expect(early).toBeGreaterThan(0);
  });

  test('a key held from before, key repeat, a pointer put down before, and synthetic presses approve nothing', async () => {
    const window = await askAndShow('held');
    await readToTheEnd(window);
    const armed = byId(window, 'approval-approve', { 'data-armed': 'true' });
    await focusApprove(window);
    await beginTooEarly(window, { down: () => window.keyboard.down('Enter'), up: () => window.keyboard.up('Enter') });
    await armed.waitFor();
    await window.keyboard.down('Enter');
    await window.keyboard.down('Enter');
    await window.keyboard.up('Enter');
    expect(await isSettled(dapp, 'held')).toBe(false);

    await beginTooEarly(window, {
      async down() {
        await pointAt(window);
        await window.mouse.move(...aim);
        await window.mouse.down();
      },
      up: () => window.mouse.up(),
    });
    await armed.waitFor();
    await window.mouse.up();
    expect(await isSettled(dapp, 'held')).toBe(false);

    await armed.waitFor();
    await byId(window, 'approval-approve').evaluate((button: HTMLElement) => {
      button.click();
      for (const type of ['pointerdown', 'pointerup'])
        button.dispatchEvent(
          new PointerEvent(type, { bubbles: true, pointerId: 1, button: 0, clientX: 1, clientY: 1 }),
        );
      for (const type of ['keydown', 'keyup'])
        button.dispatchEvent(new KeyboardEvent(type, { bubbles: true, key: 'Enter' }));
      button.dispatchEvent(new MouseEvent('click', { bubbles: true, detail: 0 }));
    });
    await window.mouse.move(...aim);
    await window.mouse.down();
    await window.mouse.move(5, 5);
    await window.mouse.up();
    expect((await cards()).map(({ shown: what }) => what.kind)).toEqual(['sign']);
    expect(await isSettled(dapp, 'held')).toBe(false);
    // And the control: the same button, pressed as it should be.
    await approve(window);
    expect((await answerOf(dapp, 'held')).result).toBeDefined();
  });

  test('the focus starts on Reject, so that an Enter meant for the page rejects', async () => {
    const window = await askAndShow('focus');
    await expect
      .poll(() => window.evaluate(() => (document.activeElement as HTMLElement).dataset['testid']))
      .toBe('approval-reject');
    await lastPress(window.keyboard.press('Enter'));
    expect((await answerOf(dapp, 'focus')).error).toMatchObject({ code: 4001, data: { reason: 'rejected' } });
  });
});

describe('R-C2 campaign of clicks', () => {
  /** Changes the approval window as a person does by its frame; resolves to the time at which that began. */
  async function reframe(change: chrome.windows.UpdateInfo): Promise<number> {
    const beganMs = Date.now();
    await popup.page.evaluate(async (wanted) => {
      const all = await chrome.windows.getAll({ populate: true, windowTypes: ['popup'] });
      const ours = all.find(({ tabs = [] }) => tabs.some(({ url = '' }) => url.includes('/approval/')))!;
      const left = wanted.left !== undefined && ours.left === wanted.left ? { left: wanted.left + 20 } : {};
      await chrome.windows.update(ours.id!, { ...wanted, ...left });
    }, change);
    return beganMs;
  }
  /** What happens to the window before the press. Each resolves when it has happened, to the time at which that began. */
  const happenings: Record<string, (window: Page, id: string) => Promise<number>> = {
    opened: shownAtMs,
    async moved(window) {
      const place = () => window.evaluate(() => screenX);
      const before = await place();
      const beganMs = await reframe({ left: 40 });
      await until(async () => (await place()) !== before, 'the window stands elsewhere');
      return beganMs;
    },
    async resized(window) {
      const beganMs = Date.now();
      await resizeAgain(window);
      return beganMs;
    },
    async refocused(window) {
      // A window that is tested believes that it has the focus, whatever is in front; this one is told the truth from here on.
      const cdp = await browser.context.newCDPSession(window);
      for (const enabled of [true, false]) await cdp.send('Emulation.setFocusEmulationEnabled', { enabled });
      const hasFocus = () => window.evaluate(() => document.hasFocus());
      await reframe({ state: 'minimized' });
      await until(async () => !(await hasFocus()), 'the window has lost the focus');
      const beganMs = await reframe({ state: 'normal', focused: true });
      await until(hasFocus, 'the window has the focus again');
      return beganMs;
    },
  };
  const presses: Record<string, (window: Page) => Promise<void>> = {
    'a double click': (window) => window.mouse.dblclick(...aim),
    'a held Enter': async (window) => {
      await window.keyboard.down('Enter');
      for (let repeat = 0; repeat < 4; repeat++) {
        await new Promise((resolve) => setTimeout(resolve, 30));
        await window.keyboard.down('Enter');
      }
      await window.keyboard.up('Enter');
    },
  };
  const moments = sizeOf('clicks', 'moments');
  const everyRun = Object.keys(happenings).flatMap((happening) =>
    Object.keys(presses).flatMap((press) =>
      Array.from({ length: moments }, (_, step) => ({
        happening,
        press,
        offset: Math.round((step * 1_500) / Math.max(moments - 1, 1)),
      })),
    ),
  );
  const runs =
    moments > 1
      ? everyRun
      : ['moved', 'refocused'].map((happening) => ({ happening, press: 'a held Enter', offset: 600 }));

  test('a press while the window opens, or after it was moved, resized or got the focus back: none approves before it is armed', async () => {
    let [approved, early] = [0, 0];
    for (const [at, { happening, press, offset }] of runs.entries()) {
      const purpose = `${press}, ${happening}, ${offset}, ${at}`;
      const window = await askAndShow(purpose);
      const id = (await shownId(window))!;
      await pressOnly(window, id);
      await readToTheEnd(window);
      if (happening !== 'opened') await byId(window, 'approval-approve', { 'data-armed': 'true' }).waitFor();
      if (press === 'a held Enter') await focusApprove(window);
      const beganMs = await happenings[happening]!(window, id);
      if (press === 'a double click') await pointAt(window);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, beganMs + offset - Date.now())));
      await lastPress(presses[press]!(window));
      const isStill = async () => !window.isClosed() && (await shownId(window).catch(() => null)) === id;
      // The button is drawn armed a little after presses count: what became of the request decides.
      if (!(await pressWasArmed(window))) {
        early += 1;
        if (await isStill()) await lastPress(byId(window, 'approval-reject').click());
      }
      await until(() => isSettled(dapp, purpose), `${purpose} has its answer`);
      // A window that is about to close would be taken for that of the next request.
      await until(() => window.isClosed(), 'the window has closed');
      const { error } = await answerOf(dapp, purpose);
      if (error) continue;
      approved += 1;
      const waitMs = happening === 'opened' ? firstWaitMs : changedWaitMs;
      expect([purpose, (await approvedAtMs(purpose))! - beganMs >= waitMs]).toEqual([purpose, true]);
    }
    console.log(`${runs.length} presses: ${approved} approved, ${early} too early`);
    expect(approved + early).toBeGreaterThanOrEqual(runs.length);
    note('clicks', 'moments', runs.length);
    if (runs.length > 100) for (const count of [approved, early]) expect(count).toBeGreaterThan(runs.length / 10);
  });
});

describe('R-C2 what was not on the screen is not granted', () => {
  const longText = 'one line that is signed, as long as the others\n'.repeat(40);
  const sizes = [
    { name: '400 px', width: 400, height: 600 },
    { name: '320 px', width: 320, height: 568 },
    { name: '400 px at 200 %', width: 200, height: 300 },
  ];
  test.each(sizes)(
    '$name: Approve is inside the window, and dead until the end was reached, by keys alone',
    async (size) => {
      const purpose = `to its end ${size.width}`;
      await start(dapp, purpose, 'vault_sign', { payload: bytes(longText), purpose });
      const window = await approvalWindow(browser);
      await window.setViewportSize(size);
      await byId(window, 'approval-read-on').waitFor();
      for (const id of ['approval-reject', 'approval-approve'] as const) {
        const box = (await byId(window, id).boundingBox())!;
        expect(box.x).toBeGreaterThanOrEqual(0);
        expect(box.x + box.width).toBeLessThanOrEqual(size.width);
        expect(box.y + box.height).toBeLessThanOrEqual(size.height);
      }
      await pointAt(window);
      await new Promise((resolve) => setTimeout(resolve, 2 * changedWaitMs));
      await window.mouse.click(...aim);
      expect(await byId(window, 'approval-approve').getAttribute('data-armed')).toBe('false');
      expect(await isSettled(dapp, purpose)).toBe(false);
      await byId(window, 'approval-reject').focus();
      await window.keyboard.press('Shift+Tab');
      const focused = () => window.evaluate(() => (document.activeElement as HTMLElement).dataset['testid']);
      expect(await focused()).toBe('approval-read-on');
      for (let press = 0; press < 60 && (await focused()) === 'approval-read-on'; press++)
        await window.keyboard.press('Enter').then(() => new Promise((resolve) => setTimeout(resolve, 50)));
      // Neither answer has got the focus: the next Enter of somebody who reads on fast answers nothing.
      expect(await focused()).toBeUndefined();
      await window.keyboard.press('Enter');
      expect(await isSettled(dapp, purpose)).toBe(false);
      await approve(window);
      expect((await answerOf(dapp, purpose)).result).toBeDefined();
    },
  );
});

describe('R-C4 the queue', () => {
  test('closing means later: the request stays, the badge counts it, the popup lists it and opens it again', async () => {
    const window = await askAndShow('later');
    expect(await isSettled(dapp, 'later')).toBe(false);
    await window.close();
    expect(await cards()).toHaveLength(1);
    await expect.poll(() => popup.page.evaluate(() => chrome.action.getBadgeText({}))).toBe('1');
    // A second request of the same site waits behind it, without a window: nobody clicked there for longer than the browser takes a click for fresh.
    await askByItself('later too', 6000);
    await expect.poll(() => popup.page.evaluate(() => chrome.action.getBadgeText({}))).toBe('2');
    expect(browser.pagesWith('/approval/')).toEqual([]);
    const screen = await browser.ownPage('popup');
    await byId(screen, 'popup-review').waitFor();
    expect(await byId(screen, 'popup-review').innerText()).toContain('2');
    await byId(screen, 'popup-review').click();
    const again = await shown('later');
    await approve(again);
    expect((await answerOf(dapp, 'later')).result).toBeDefined();
    await byId(again, 'approval-purpose').getByText('later too').waitFor();
    await reject(again);
    await expect.poll(() => popup.page.evaluate(() => chrome.action.getBadgeText({}))).toBe('');
  });

  test('a click in the page brings the closed window back, also for the request that waits already; the page hears how many wait', async () => {
    const counts = () => dapp.evaluate(() => (window as any).counts as number[]);
    await dapp.evaluate(() => {
      (window as any).counts = [];
      (window as any).prekeyVault.on('waitingChanged', (count: number) => (window as any).counts.push(count));
    });
    const first = await askAndShow('same');
    await first.close();
    expect(browser.pagesWith('/approval/')).toEqual([]);
    // Pressed by a hand: the very same request.
    await dapp.evaluate(
      (values) => {
        document.onclick = () => {
          document.onclick = null;
          const payload = Uint8Array.from(values);
          void (window as any).prekeyVault.request({ method: 'vault_sign', params: { payload, purpose: 'same' } });
        };
      },
      [...Buffer.from('same')],
    );
    await dapp.mouse.click(5, 5);
    const again = await shown('same');
    expect(await cards()).toMatchObject([{ joined: 2 }]);
    await expect.poll(counts).toEqual([1]);
    await reject(again);
    await expect.poll(counts).toEqual([1, 0]);
  });

  test('requests that arrive around the click never replace the card under it', async () => {
    const draw = drawsOf(seedOf(20_261_130));
    await ask('card 0');
    for (let round = 0; round < sizeOf('clicks', 'arrivals'); round++) {
      // The window closes when nothing waits for a moment; then the next request brings up its own.
      const window = await approvalWindow(browser);
      await byId(window, 'approval-purpose').getByText(`card ${round}`, { exact: true }).waitFor();
      await readToTheEnd(window);
      await byId(window, 'approval-approve', { 'data-armed': 'true' }).waitFor();
      await pointAt(window);
      const next = (delay: number) =>
        new Promise((resolve) => setTimeout(resolve, delay)).then(() => ask(`card ${round + 1}`));
      await Promise.all([
        next(draw() * 96),
        new Promise((resolve) => setTimeout(resolve, 40)).then(() => lastPress(window.mouse.click(...aim))),
      ]);
      expect(revived<VaultSignature>((await answerOf(dapp, `card ${round}`)).result).signed.purpose).toBe(
        `card ${round}`,
      );
      expect(await isSettled(dapp, `card ${round + 1}`)).toBe(false);
      await until(
        async () =>
          window.isClosed() ||
          (await byId(window, 'approval')
            .getAttribute('data-request')
            .catch(() => null)) === (await cards())[0]?.id,
        'the next card or no window',
      );
    }
  });

  test('two requests in one moment open one window, and both are in it', async () => {
    await Promise.all([ask('twin one'), ask('twin two')]);
    const window = await approvalWindow(browser);
    await byId(window, 'approval-counter').waitFor();
    expect(browser.pagesWith('/approval/')).toHaveLength(1);
    expect(await cards()).toHaveLength(2);
  });
});

describe('R-B6 R-B7 a site that is muted or blocked', () => {
  const codeOf = async (method: string, params?: unknown) => (await call(dapp, method, params)).error?.code;
  const accounts = async () => (await call(dapp, 'vault_accounts')).result;
  const noWindow = () => browser.pagesWith('/approval/').length === 0;

  test('blocked on its card: it is rejected and then gets what a stranger gets; undone there, it has what it had', async () => {
    const window = await askAndShow('to be blocked');
    await byId(window, 'site-block').click();
    expect((await answerOf(dapp, 'to be blocked')).error).toMatchObject({ code: 4001, data: { reason: 'rejected' } });
    await byId(window, 'site-quiet', { 'data-quiet': 'blocked' }).waitFor();
    expect(await accounts()).toEqual([]);
    expect(await codeOf('vault_sign', signRequest('while blocked'))).toBe(4100);
    expect(await codeOf('vault_connect', { capabilities: ['messages.read'] })).toBe(4001);
    expect(await cards()).toEqual([]);
    await byId(window, 'site-quiet-undo').click();
    await expect.poll(accounts).toHaveLength(1);
    await until(noWindow, 'the window has closed by itself');
    await approve(await askAndShow('after it'));
    expect((await answerOf(dapp, 'after it')).result).toBeDefined();
  });

  test('muted on its card: refused at once without a window, also by another worker; undone in the list of sites', async () => {
    const window = await askAndShow('to be muted');
    await byId(window, 'site-mute').click();
    expect((await answerOf(dapp, 'to be muted')).error).toMatchObject({ code: 4001, data: { reason: 'rejected' } });
    await window.close();
    await browser.killWorker();
    expect(await codeOf('vault_sign', signRequest('while muted'))).toBe(4001);
    expect(await accounts()).toHaveLength(1);
    expect(noWindow()).toBe(true);
    const page = await browser.ownPage('vault');
    await byId(page, 'vault-nav-sites').click();
    await byId(page, 'site-quiet-undo').first().click();
    await byId(page, 'site-quiet').first().waitFor({ state: 'detached' });
    await page.close();
    await reject(await askAndShow('heard again'));
  });

  test('Reject all does neither, and can be taken back: its pages were not told', async () => {
    await Promise.all([ask('one of two'), ask('two of two')]);
    const window = await approvalWindow(browser);
    await byId(window, 'approval-reject-all').click();
    await byId(window, 'approval-rejected').waitFor();
    expect(await cards()).toEqual([]);
    expect(await vault.call('quiet_list', {})).toEqual([]);
    await byId(window, 'approval-take-back').click();
    await expect.poll(async () => (await cards()).length).toBe(2);
    for (const purpose of ['one of two', 'two of two']) expect(await isSettled(dapp, purpose)).toBe(false);
    await approve(await shown('one of two'));
    expect((await answerOf(dapp, 'one of two')).result).toBeDefined();
    await reject(await shown('two of two'));
    expect((await answerOf(dapp, 'two of two')).error).toMatchObject({ code: 4001 });
  });
});

describe('one approval that answers several cards', () => {
  test('locked in the middle: the first approval answers both cards and both are told as done, and the next step comes up by itself', async () => {
    await connect(browser, dapp, ['identity', 'sign', 'messages.read']);
    await popup.call('lock_now', {});
    await start(dapp, 'one', 'xmtp_getV1Conversations', { request: bytes('') });
    await start(dapp, 'two', 'xmtp_getV2Conversations', { request: bytes('') });
    await until(async () => (await cards()).length === 2, 'both wait');
    await unlockThrough(unlock, safeId);
    const window = await approvalWindow(browser);
    await until(
      async () => (await cards()).every((card) => card.shown.kind === 'messages'),
      'both are shown as what they are',
    );
    const both = await cards();
    // A list starts as answered for itself alone.
    await byId(window, 'approval-remember').selectOption('until-locked');
    await pressApprove(window);
    for (const slot of ['one', 'two']) expect((await answerOf(dapp, slot)).error).toBeUndefined();
    for (const { id } of both) await expect.poll(() => approvals.call('approvals_fate', { id })).toBe('done');
    await ask('next step');
    await reject(await shown('next step'));
  });
});

describe('R-C3 signatures that are listed on one card', () => {
  const purposes = Array.from({ length: 19 }, (_, at) => `of many ${at}`);
  const others = (window: Page) => byId(window, 'approval-others');

  test('nineteen in one answer, each with its text on the card; the twentieth, which came when the button was armed, waits', async () => {
    for (const purpose of purposes) await ask(purpose);
    const window = await shown(purposes[0]!);
    await expect.poll(() => others(window).getAttribute('data-waiting')).toBe('18');
    await byId(window, 'approval-list-others').click();
    await expect.poll(() => others(window).getAttribute('data-listed')).toBe('18');
    for (const purpose of purposes)
      expect(await byId(window, 'approval-payload').getByText(purpose, { exact: true }).count()).toBe(1);
    expect(await byId(window, 'approval-approve').innerText()).toContain('19');
    await readToTheEnd(window);
    await byId(window, 'approval-approve', { 'data-armed': 'true' }).waitFor();
    await ask('too late');
    await expect.poll(() => others(window).getAttribute('data-waiting')).toBe('1');
    expect(await byId(window, 'approval-approve').getAttribute('data-armed')).toBe('true');
    await approve(window);
    for (const purpose of purposes)
      expect(revived<VaultSignature>((await answerOf(dapp, purpose)).result).signed.purpose).toBe(purpose);
    expect(await isSettled(dapp, 'too late')).toBe(false);
    await reject(await shown('too late'));
  });

  test('without having them listed only the first is answered; rejecting what is listed rejects just that', async () => {
    for (const purpose of ['first alone', 'second', 'third']) await ask(purpose);
    const window = await shown('first alone');
    await approve(window);
    expect((await answerOf(dapp, 'first alone')).result).toBeDefined();
    expect((await cards()).map(({ shown: what }) => what.kind === 'sign' && what.purpose)).toEqual(['second', 'third']);
    await byId(window, 'approval-purpose').getByText('second', { exact: true }).waitFor();
    await byId(window, 'approval-list-others').click();
    await reject(window);
    for (const purpose of ['second', 'third'])
      expect((await answerOf(dapp, purpose)).error).toMatchObject({ code: 4001, data: { reason: 'rejected' } });
  });
});

describe('R-C3 other requests of one kind that are listed on one card', () => {
  const others = (window: Page) => byId(window, 'approval-others');
  const capabilities = ['identity', 'sign', 'messages.read', 'network.token'];
  let second: Page;

  beforeAll(async () => {
    second = await browser.context.newPage();
    await second.goto(site.origin);
    // What the site was let go on with before is not asked about.
    await call(dapp, 'vault_disconnect');
    await start(dapp, 'grant', 'vault_connect', { capabilities });
    await until(async () => (await cards()).length === 1, 'it is asked for');
    const [{ id, digest, nonce }] = (await cards()) as [ApprovalCard];
    const decision = { kind: 'connect', safeId, capabilities, duration: '30d' };
    await approvals.call('approvals_decide', { id, digest, nonce, decision });
    expect((await answerOf(dapp, 'grant')).result).toMatchObject({ capabilities });
  });
  afterAll(() => second?.close());

  /** Asked on two pages of the site, one after the other; the first is on the card, and the others are counted. */
  async function asked(...requests: [page: Page, slot: string, method: string, params: unknown][]): Promise<Page> {
    for (const [at, request] of requests.entries()) {
      await start(...request);
      await until(async () => (await cards()).length === at + 1, `${request[1]} waits`);
    }
    const window = await approvalWindow(browser);
    await byId(others(window), 'approval-list-others').waitFor();
    await expect.poll(() => others(window).getAttribute('data-waiting')).toBe(String(requests.length - 1));
    return window;
  }
  async function list(window: Page, count: number): Promise<void> {
    await byId(window, 'approval-list-others').click();
    await expect.poll(() => others(window).getAttribute('data-listed')).toBe(String(count));
    expect(await byId(window, 'approval-listed').count()).toBe(count);
  }
  const results = (...slots: [Page, string][]) =>
    Promise.all(slots.map(async ([page, slot]) => (await answerOf(page, slot)).result));
  const empty = { request: bytes('') };

  test('messages: the number is live, what was listed gets one answer, and what came later waits', async () => {
    const window = await asked(
      [dapp, 'list one', 'xmtp_getV1Conversations', empty],
      [dapp, 'list two', 'xmtp_getV2Conversations', empty],
    );
    await start(second, 'list three', 'xmtp_getV1Conversations', empty);
    await expect.poll(() => others(window).getAttribute('data-waiting')).toBe('2');
    await list(window, 2);
    await start(second, 'list four', 'xmtp_getV2Conversations', empty);
    await expect.poll(() => others(window).getAttribute('data-waiting')).toBe('1');
    await approve(window);
    const told = await results([dapp, 'list one'], [dapp, 'list two'], [second, 'list three']);
    for (const one of told) expect(one).toBeDefined();
    expect(await isSettled(second, 'list four')).toBe(false);
    await reject(await approvalWindow(browser));
    expect((await answerOf(second, 'list four')).error).toMatchObject({ code: 4001 });
  });

  test('connections: one grant answers the same wish of two pages', async () => {
    const more = { capabilities: [...capabilities, 'notifications'] };
    const window = await asked([dapp, 'more one', 'vault_connect', more], [second, 'more two', 'vault_connect', more]);
    await list(window, 1);
    await approve(window);
    const [one, two] = (await results([dapp, 'more one'], [second, 'more two'])) as { capabilities: string[] }[];
    expect(one!.capabilities).toContain('notifications');
    expect(two!.capabilities).toEqual(one!.capabilities);
    expect(await cards()).toEqual([]);
  });

  test('passes: each is counted before it is wanted, and a pass is given for each', async () => {
    const window = await asked(
      [dapp, 'pass one', 'xmtp_createAuthToken', empty],
      [second, 'pass two', 'xmtp_createAuthToken', empty],
    );
    await list(window, 1);
    expect(await byId(window, 'approval-approve').innerText()).toContain('2');
    await byId(window, 'approval-token-wanted').check();
    await approve(window);
    const passes = await results([dapp, 'pass one'], [second, 'pass two']);
    for (const pass of passes) expect(pass).toBeDefined();
    expect(await cards()).toEqual([]);
  });
});

describe('R-B8 far more than usual', () => {
  /** What is known of how much sites use; a worker reads this once, when it first counts. */
  async function keepHabits(habits: object[]): Promise<void> {
    await browser.killWorker();
    await browser.session({ volume: {} });
    await vault.page.evaluate(async (rows) => {
      const connection = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open('prekey-vault');
        request.onsuccess = () => resolve(request.result);
      });
      const transaction = connection.transaction('settings', 'readwrite');
      transaction.objectStore('settings').put(rows, 'habits');
      await new Promise((resolve) => (transaction.oncomplete = resolve));
      connection.close();
    }, habits);
    // A worker that started meanwhile has read what was there before.
    await browser.killWorker();
  }
  /** As three days on which the site signed twice. */
  async function usuallySigns(items: number): Promise<void> {
    const today = Math.floor(Date.now() / 86_400_000);
    const days = [3, 2, 1].map((ago) => ({ day: today - ago, busiest: [items, items] }));
    await keepHabits([{ safeId, origin: site.origin, capability: 'sign', days }]);
  }
  // Whoever signs next is asked as ever, and not because of what was signed here.
  afterAll(async () => {
    await keepHabits([]);
    await call(dapp, 'vault_disconnect');
    await connect(browser, dapp);
  });
  const signMany = async (name: string, count: number) => {
    await dapp.evaluate(
      ([prefix, many]) => {
        const provider = (window as any).prekeyVault;
        const heard: string[] = ((window as any).heard = []);
        for (let at = 0; at < many; at++) {
          const purpose = `${prefix} ${at}`;
          provider.request({ method: 'vault_sign', params: { payload: Uint8Array.of(at), purpose } }).then(
            (result: any) => heard.push(result.signed.purpose),
            (error: any) => heard.push(String(error.code)),
          );
        }
      },
      [name, count] as const,
    );
  };
  const heard = () => dapp.evaluate(() => (window as any).heard as string[]);

  test('it pauses and is asked about; the worker may die meanwhile, and going on loses nothing; stopping takes back what it may', async () => {
    const first = await askAndShow('without asking again');
    await byId(first, 'approval-remember').selectOption('until-locked');
    await approve(first);
    await usuallySigns(2);
    await signMany('much', 30);
    const window = await approvalWindow(browser);
    await byId(window, 'approval', { 'data-kind': 'volume' }).waitFor();
    // Twenty is never asked about; the others wait, and nothing was refused.
    await expect.poll(async () => (await heard()).length).toBe(20);
    expect((await heard()).every((one) => one.startsWith('much'))).toBe(true);
    const shownText = await byId(window, 'approval-sentence').innerText();
    for (const figure of ['21', '10', '2']) expect(shownText).toContain(figure);
    await browser.killWorker();
    await approve(window);
    await expect.poll(async () => (await heard()).length).toBe(30);
    expect(new Set(await heard())).toEqual(new Set(Array.from({ length: 30 }, (_, at) => `much ${at}`)));
    // As much again went on. Now the site is stopped on the card: what waits is rejected, and what it may is taken back, with a way back.
    await signMany('more', 30);
    const again = await approvalWindow(browser);
    await byId(again, 'approval', { 'data-kind': 'volume' }).waitFor();
    await byId(again, 'approval-stop').click();
    await until(async () => (await heard()).length === 30, 'all have their answer');
    expect((await heard()).some((one) => one === '4001' || one === '4100')).toBe(true);
    expect((await call(dapp, 'vault_accounts')).result).toEqual([]);
    await byId(again, 'revoke-undo').first().click();
    await expect.poll(async () => (await call(dapp, 'vault_accounts')).result).toHaveLength(1);
  });
});

describe('R-C3 what is shown is what runs', () => {
  test('two tabs of the approval page approve at once: one execution, one answer', async () => {
    const window = await askAndShow('both tabs');
    const second = await browser.ownPage('approval');
    const both = [window, second];
    for (const page of both) {
      await page.bringToFront();
      await readToTheEnd(page);
      await byId(page, 'approval-approve', { 'data-armed': 'true' }).waitFor();
    }
    const targets = await Promise.all(both.map(centre));
    await Promise.all(both.map((page, at) => lastPress(page.mouse.click(...targets[at]!))));
    expect((await answerOf(dapp, 'both tabs')).result).toBeDefined();
    expect(await cards()).toEqual([]);
    const done = async () =>
      (await vault.call<ActivityEntry[]>('activity_list', { safeId, limit: 20 })).filter(
        ({ purpose }) => purpose === 'both tabs',
      );
    await expect.poll(done).toHaveLength(1);
  });

  test("a stale digest or nonce, another card's, a second decision, and more than was asked are refused", async () => {
    await ask('mine');
    await ask('other card');
    await expect.poll(async () => (await cards()).length).toBe(2);
    const [mine, other] = (await cards()) as [ApprovalCard, ApprovalCard];
    const { id, digest, nonce } = mine;
    const decision = { kind: 'sign' };
    const wrong = [
      { id, digest: other.digest, nonce, decision },
      { id, digest, nonce: other.nonce, decision },
      { id: other.id, digest, nonce, decision },
      { id: 'f'.repeat(32), digest, nonce, decision },
    ];
    for (const one of wrong) expect(await refusalOf(approvals, 'approvals_decide', one)).toMatch(/^(stale|not-found)$/);
    expect(
      await refusalOf(approvals, 'approvals_decide', {
        id,
        digest,
        nonce,
        decision: { kind: 'connect', safeId, capabilities: ['sign'], duration: '30d' },
      }),
    ).toBe('invalid-input');
    expect(await refusalOf(popup, 'approvals_decide', { id, digest, nonce, decision })).toBe('invalid-input');
    expect(await cards()).toEqual([mine, other]);
    expect(await refusalOf(approvals, 'approvals_decide', { id, digest, nonce, decision })).toBe('answered');
    expect(await refusalOf(approvals, 'approvals_decide', { id, digest, nonce, decision })).toBe('stale');
    expect(revived<VaultSignature>((await answerOf(dapp, 'mine')).result).signed.purpose).toBe('mine');
    expect(await isSettled(dapp, 'other card')).toBe(false);
  });
});

describe('R-C5 what a site says', () => {
  const total = sizeOf('display-strings', 'texts');
  const wholeTotal = 50_000;
  const atOnce = Math.min(50, total / 2);
  /** In a window of 320 px, and in the usual one at 200 %. */
  const sizes = [
    { width: 320, height: 568 },
    { width: 200, height: 300 },
  ];
  // A lock closes every approval page, also one that looks at nothing of the vault: what is locked does not lock.
  beforeAll(() => popup.call('lock_now', {}));
  afterAll(() => unlockThrough(unlock, safeId));

  /** Closed after each test, as every approval page. */
  async function approvalPage(): Promise<Page> {
    const page = await browser.context.newPage();
    await standInForWorker(page);
    await page.goto(`chrome-extension://${extensionId}${pages.approval}`);
    return page;
  }

  test(`R-C5 display strings: ${total} are drawn as the model has them, and hide neither the site's name nor an answer`, async () => {
    const page = await approvalPage();
    const draw = drawsOf(seedOf(20_261_130));
    const shownSigns = new Set<string>();
    for (let from = 0; from < total; from += atOnce) {
      await page.setViewportSize(sizes[Math.floor((from * sizes.length) / total)]!);
      const texts = Array.from({ length: Math.min(atOnce, total - from) }, (_, at) =>
        hostileText(draw, Math.floor(((from + at) * wholeTotal) / total)),
      );
      const requests = texts.map((text, at) => ({ purpose: text, payload: at % 10 === 0 ? signable(text) : 'x' }));
      await show(page, requests);
      const { purposes, payloads, wrong } = await look(page, requests.length);
      const place = `from ${from}`;
      expect(wrong, place).toEqual([]);
      expect(purposes, place).toEqual(texts.map((text) => expectedOf(text)));
      expect(payloads, place).toEqual(requests.map(({ payload }) => expectedOf(payload, { isBlock: true })));
      for (const text of purposes) expect(neverDrawn.exec(text)?.[0], place).toBeUndefined();
      for (const text of texts) for (const sign of text) shownSigns.add(sign);
    }
    expect(shownSigns.size).toBeGreaterThan(100);
    note('display-strings', 'texts', total);
  });

  test('R-C5 a text of many KiB is cut with a count, and whole once it is opened', async () => {
    const bytesOfText = sizeOf('display-strings', 'kib') * 1024;
    const page = await approvalPage();
    const draw = drawsOf(seedOf(7));
    let text = '';
    while (text.length < bytesOfText) text += `${signable(hostileText(draw, 1e6))}\n`;
    for (const size of sizes) {
      await page.setViewportSize(size);
      await show(page, [{ purpose: 'x', payload: text }]);
      const cut = await look(page, 1);
      expect(cut).toMatchObject({ wrong: [], payloads: [expectedOf(text, { isBlock: true })] });
      await byId(page, 'approval-show-all').click();
      await byId(page, 'approval-show-all').waitFor({ state: 'detached' });
      const whole = await look(page, 1);
      expect(whole.wrong).toEqual([]);
      expect(whole.payloads[0] === expectedOf(text, { isBlock: true, isWhole: true })).toBe(true);
    }
  });
});

describe('floods', () => {
  test('R-B8 the 21st request of a site is -32005, other sites go on, and Reject all ends the flood without a ban', async () => {
    const stranger = await browser.context.newPage();
    await stranger.goto(otherSite.origin);
    for (let at = 0; at < 20; at++) await ask(`flood ${at}`);
    await expect.poll(async () => (await cards()).length).toBe(20);
    expect((await call(dapp, 'vault_sign', signRequest('one too many'))).error?.code).toBe(-32005);
    await start(stranger, 'connect', 'vault_connect', { capabilities: ['identity'] });
    await expect.poll(async () => (await cards()).length).toBe(21);
    expect(browser.pagesWith('/approval/')).toHaveLength(1);
    const window = await shown('flood 0');
    await byId(window, 'approval-reject-all').click();
    for (let at = 0; at < 20; at++)
      expect((await answerOf(dapp, `flood ${at}`)).error).toMatchObject({ code: 4001, data: { reason: 'rejected' } });
    await byId(window, 'approval', { 'data-kind': 'connect' }).waitFor();
    await approve(window);
    expect((await answerOf(stranger, 'connect')).result).toMatchObject({ capabilities: ['identity'] });
    await stranger.close();
    await until(() => browser.pagesWith('/approval/').length === 0, 'the window is closed');
    await approve(await askAndShow('after the flood'));
    expect((await answerOf(dapp, 'after the flood')).result).toBeDefined();
  });

  test('R-B8 a stranger that asks anew at each of 30 reloads gets one window; the popup shows what waits, and a person lifts it', async () => {
    const script =
      "prekeyVault.request({ method: 'vault_connect', params: { capabilities: ['identity'] } }).catch(() => undefined)";
    const storm = await serveSite({ '/': `<!doctype html><title>storm</title><script>${script}</script>` });
    const opened: Page[] = [];
    browser.context.on('page', (page) => opened.push(page));
    const windows = () => opened.filter((page) => page.url().includes('/approval/')).length;
    const stranger = await browser.context.newPage();
    await stranger.goto(storm.origin);
    await (await approvalWindow(browser)).close();
    const seen = new Set<string>();
    for (let round = 0; round < 30; round++) {
      await stranger.reload();
      await until(async () => (await cards()).some(({ id }) => !seen.has(id)), 'the new document has asked');
      for (const { id } of await cards()) seen.add(id);
    }
    const screen = await browser.ownPage('popup');
    await byId(screen, 'popup-held', { 'data-origin': storm.origin }).waitFor();
    expect(windows()).toBe(1);
    await byId(screen, 'popup-held-show').click();
    const window = await approvalWindow(browser);
    await window.locator(`[data-origin="${storm.origin}"]`).waitFor();
    await window.close();
    await popup.call('approvals_allow', { origin: storm.origin });
    await stranger.reload();
    await (await approvalWindow(browser)).close();
    expect(windows()).toBe(3);
    await stranger.close();
    await storm.close();
  });

  test('R-C9 a thousand requests while locked: no wallet is asked, one unlock window, no approval window', async () => {
    const before = await browser.walletLog();
    await popup.call('lock_now', {});
    const codes = await dapp.evaluate(async () => {
      const provider = (window as any).prekeyVault;
      const answers: Record<string, number> = {};
      const requests = Array.from({ length: 1000 }, (_, at) =>
        provider
          .request({
            method: 'vault_sign',
            params: { payload: new Uint8Array([at & 255, at >> 8]), purpose: `storm ${at}` },
          })
          .then(
            () => (answers['result'] = (answers['result'] ?? 0) + 1),
            (error: { code: number }) => (answers[error.code] = (answers[error.code] ?? 0) + 1),
          ),
      );
      await Promise.race([
        Promise.all(requests),
        new Promise((resolve) => setInterval(() => (answers[-32005] ?? 0) >= 980 && resolve(undefined), 20)),
      ]);
      return answers;
    });
    expect(codes).toEqual({ '-32005': 980 });
    await browser.nextPage('/unlock/');
    expect(browser.pagesWith('/unlock/')).toHaveLength(1);
    expect(browser.pagesWith('/approval/')).toEqual([]);
    expect(await browser.walletLog()).toEqual(before);
    await popup.call('approvals_rejectAll', {});
    await unlockThrough(unlock, safeId);
  });
});

describe('the window itself', () => {
  test('R-C1 no page can embed or open it, and a request changes nothing in the page that asks', async () => {
    const before = await dapp.evaluate(() => document.documentElement.outerHTML);
    const window = await askAndShow('no trace');
    expect(await dapp.evaluate(() => document.documentElement.outerHTML)).toBe(before);
    await reject(window);
    const url = `chrome-extension://${extensionId}/src/ui/approval/index.html`;
    const host = await browser.context.newPage();
    await host.goto(site.origin);
    await host.evaluate((address) => {
      for (const tag of ['iframe', 'embed', 'object'] as const) {
        const element = document.createElement(tag) as HTMLIFrameElement & HTMLObjectElement;
        if (tag === 'object') element.data = address;
        else element.src = address;
        document.body.append(element);
      }
    }, url);
    const reached = await host
      .evaluate(async (address) => {
        const fetched = await fetch(address).then(
          () => 'fetched',
          () => 'refused',
        );
        const opened = open(address, 'vault');
        return { fetched, handle: opened === null ? null : String(opened.location?.href ?? '') };
      }, url)
      .catch(() => ({ fetched: 'refused', handle: null as string | null }));
    expect(reached.fetched).toBe('refused');
    for (const frame of host.frames().slice(1))
      expect(
        await frame
          .locator('[data-testid]')
          .count()
          .catch(() => 0),
      ).toBe(0);
    for (const page of browser.context.pages())
      if ((await page.opener()) === host) expect(page.url()).not.toContain('/approval/');
    await host.close();
  });

  test('R-C10 it has no opener and no name, holds no links, and text from a page stays text', async () => {
    const hostile = '<a href="https://evil.example">go</a> javascript:alert(1)';
    await start(dapp, 'hostile', 'vault_sign', {
      payload: bytes(`${hostile}\n<img src=x onerror=alert(1)>`),
      purpose: hostile,
    });
    const window = await approvalWindow(browser);
    await byId(window, 'approval-purpose').waitFor();
    expect(
      await window.evaluate(() => ({
        opener: self.opener as unknown,
        name: self.name,
        links: document.querySelectorAll('a, form, iframe, img, [target]').length,
      })),
    ).toEqual({ opener: null, name: '', links: 0 });
    expect(await byId(window, 'approval-purpose').innerText()).toContain('<a href=');
    expect(new URL(window.url()).search + new URL(window.url()).hash).toBe('');
    await reject(window);
  });

  test('R-C10 it closes at lock; what waits goes on waiting', async () => {
    const window = await askAndShow('at lock');
    await popup.call('lock_now', {});
    await expect.poll(() => window.isClosed()).toBe(true);
    expect(await cards()).toHaveLength(1);
    await unlockThrough(unlock, safeId);
    await reject(await shown('at lock'));
  });

  test("R-C10 dragged into the window with the person's tabs it closes at lock all the same, and they stay", async () => {
    const window = await askAndShow('moved');
    await popup.page.evaluate(async () => {
      const windowId = (await chrome.tabs.getCurrent())!.windowId;
      const ours = await chrome.runtime.getContexts({ contextTypes: ['TAB' as chrome.runtime.ContextType] });
      const window = ours.find(({ documentUrl }) =>
        documentUrl?.startsWith(chrome.runtime.getURL('/src/ui/approval/')),
      )!;
      await chrome.tabs.move(window.tabId, { windowId, index: -1 });
    });
    const others = browser.context.pages().filter((page) => page !== window);
    await popup.call('lock_now', {});
    await expect.poll(() => window.isClosed()).toBe(true);
    expect(others.filter((page) => page.isClosed())).toEqual([]);
    await unlockThrough(unlock, safeId);
    await reject(await shown('moved'));
  });
});
