// One tab or window of Firefox, driven as a person would: real clicks and keys, found by data-testid.
// Promises: each act goes to this page, whichever window is in front; every wait has an end and says what it waited for.
// Must not: reach into an extension past its pages. That is browser.ts.
import { writeFileSync } from 'node:fs';
import { hangsAfterMs } from '../../scripts/limits.mjs';
import type { ControlId } from '../kit/controls';
import { MarionetteError, type Marionette } from './marionette';

export interface Page {
  readonly handle: string;
  url(): Promise<string>;
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  /** Runs a function in the page and returns its result, which must be JSON. The function sees nothing from outside but `args`. */
  evaluate<Args extends unknown[], Result>(script: (...args: Args) => Result, ...args: Args): Promise<Awaited<Result>>;
  /** Waits until the script returns something true, and returns it. */
  until<Args extends unknown[], Result>(
    what: string,
    script: (...args: Args) => Result,
    ...args: Args
  ): Promise<Awaited<Result>>;
  /** Waits for a control that can be pressed, and clicks it. */
  click(testId: ControlId): Promise<void>;
  /** Empties a field and types into it. */
  type(testId: ControlId, text: string): Promise<void>;
  /** Waits for the element and gives its text as a person sees it. */
  text(testId: ControlId): Promise<string>;
  /** True when there is such an element, visible, now. */
  has(testId: ControlId): Promise<boolean>;
  /** Waits until there is such an element, visible. */
  waitFor(testId: ControlId): Promise<void>;
  isOpen(): Promise<boolean>;
  screenshot(file: string): Promise<void>;
  close(): Promise<void>;
}

/** The longest until what is looked for in Firefox is there, in milliseconds. */
export const waitMs = hangsAfterMs / 4;
const elementKey = 'element-6066-11e4-a52e-4f735466cecf';

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Asks again and again until the answer is neither false nor nothing; throws once it must hang, naming what was waited for. */
export async function waitUntil<Result>(what: string, ask: () => Promise<Result>): Promise<NonNullable<Result>> {
  const end = Date.now() + waitMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer;
      last = answer;
    } catch (error) {
      // A page in the middle of a navigation, or a button in motion, refuses for a moment.
      if (!(error instanceof MarionetteError)) throw error;
      last = error.message;
    }
    if (Date.now() > end) throw new Error(`waited ${waitMs} ms for ${what}; last answer: ${String(last)}`);
    await pause(40);
  }
}

/** What a locator finds in the page: visible elements only, so that a hidden step of a form is not there. */
function visibleElement(testId: ControlId): Element | undefined {
  return [...document.querySelectorAll(`[data-testid="${testId}"]`)].find(
    (element) => element.getClientRects().length > 0,
  );
}

/** The page of a window handle. */
export function pageOf(marionette: Marionette, handle: string): Page {
  /** Only acts bring the window to the front: looking must not, or a window that arms itself on focus would never be armed. */
  const inside = <Result>(work: (command: Marionette['command']) => Promise<Result>, focus = false) =>
    marionette.together(async (command) => {
      await command('WebDriver:SwitchToWindow', { handle, focus });
      return await work(command);
    });
  const run = async <Result>(script: string, args: unknown[]) =>
    await inside((command) => command<Result>('WebDriver:ExecuteScript', { script, args, newSandbox: true }));
  const source = (script: (...args: never[]) => unknown) => `return (${script.toString()})(...arguments)`;

  /** Finds the element and acts on it, again until it works: a button may still be disabled, moving or covered. */
  const act = (what: string, testId: ControlId, work: (command: Marionette['command'], id: string) => Promise<void>) =>
    waitUntil(`${what} ${testId}`, async () => {
      await inside(async (command) => {
        const found = await command<Record<string, string> | null>('WebDriver:ExecuteScript', {
          script: `const find = ${visibleElement.toString()}; return find(...arguments) ?? null`,
          args: [testId],
          newSandbox: true,
        });
        const id = found?.[elementKey];
        if (id === undefined) throw new MarionetteError(what, 'no such element', testId);
        const isOff =
          (await command<string | null>('WebDriver:GetElementAttribute', { id, name: 'aria-disabled' })) === 'true';
        if (isOff || !(await command<boolean>('WebDriver:IsElementEnabled', { id })))
          throw new MarionetteError(what, 'disabled', testId);
        await work(command, id);
      }, true);
      return true;
    });

  const page: Page = {
    handle,
    url: () => inside((command) => command<string>('WebDriver:GetCurrentURL')),
    goto: async (url) => void (await inside((command) => command('WebDriver:Navigate', { url }))),
    reload: async () => void (await inside((command) => command('WebDriver:Refresh'))),
    evaluate: (script, ...args) => run(source(script as (...args: never[]) => unknown), args),
    until: async (what, script, ...args) => await waitUntil(what, () => page.evaluate(script, ...args)),
    click: async (testId) => {
      await act('to click', testId, async (command, id) => {
        try {
          await command('WebDriver:ElementClick', { id });
        } catch (error) {
          // The click closed its own window, as an approval does.
          if (!(error instanceof MarionetteError) || !/no such window|unknown error/.test(error.code)) throw error;
          if ((await command<string[]>('WebDriver:GetWindowHandles')).includes(handle)) throw error;
        }
      });
    },
    type: async (testId, text) => {
      await act('to type into', testId, async (command, id) => {
        await command('WebDriver:ElementClear', { id });
        await command('WebDriver:ElementSendKeys', { id, text });
      });
    },
    text: async (testId) => {
      let text = '';
      await waitUntil(`the text of ${testId}`, async () => {
        const found = await run<{ text: string } | null>(
          `const find = ${visibleElement.toString()}; const element = find(...arguments); return element ? { text: element.innerText } : null`,
          [testId],
        );
        text = found?.text ?? '';
        return found;
      });
      return text;
    },
    has: (testId) =>
      run<boolean>(`const find = ${visibleElement.toString()}; return find(...arguments) !== undefined`, [testId]),
    waitFor: async (testId) => void (await waitUntil(testId, () => page.has(testId))),
    isOpen: async () => (await marionette.command<string[]>('WebDriver:GetWindowHandles')).includes(handle),
    screenshot: async (file) =>
      writeFileSync(
        file,
        Buffer.from(await inside((command) => command<string>('WebDriver:TakeScreenshot', { full: false })), 'base64'),
      ),
    close: async () => void (await inside((command) => command('WebDriver:CloseWindow'))),
  };
  return page;
}
