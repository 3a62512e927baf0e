// A person who has a keyboard and nothing else: Tab, Shift+Tab, Enter, Space, arrows, letters.
// Promises: whatever has the focus is seen to have it, or the journey fails there. Must not: click, or put the focus anywhere by a script.
import type { Page } from 'playwright';
import { expect } from 'vitest';
import type { ControlId } from './controls';
import { byId, decided, lastPress, until } from './journey';

/** What has the focus: the name of a control, or the id of an element of a site. */
export const focused = (page: Page): Promise<string | undefined> =>
  page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset['testid'] ?? document.activeElement?.id);

/** Presses Tab until the control has the focus, or the button of the site, which has an id. */
export async function tabTo(page: Page, id: ControlId | 'connect'): Promise<void> {
  const visited: (string | undefined)[] = [];
  for (let presses = 0; presses < 90; presses++) {
    visited.push(await focused(page));
    if (visited.at(-1) === id) {
      // What has the focus must be seen to have it; of a hidden input that is its label.
      const ring = await page.evaluate(() => {
        const element = document.activeElement!;
        const label = element.closest('label');
        return [element, label, ...(label?.querySelectorAll('.button') ?? [])].some((one) => {
          if (!one) return false;
          const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
          return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
        });
      });
      expect([id, ring]).toEqual([id, true]);
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never reached ${id}: ${visited.join(' ')}`);
}

export async function pressOn(page: Page, id: ControlId, key = 'Enter'): Promise<void> {
  await byId(page, id).first().waitFor();
  await tabTo(page, id);
  await lastPress(page.keyboard.press(key));
}

export async function typeInto(page: Page, id: ControlId, text: string): Promise<void> {
  await byId(page, id).waitFor();
  await tabTo(page, id);
  await page.keyboard.type(text);
}

/** Chooses another of a list: the one `steps` further down, or further up where that is negative. Gives its value. */
export async function chooseFrom(page: Page, id: ControlId, steps: number): Promise<string> {
  await tabTo(page, id);
  for (let at = 0; at < Math.abs(steps); at++) await page.keyboard.press(steps > 0 ? 'ArrowDown' : 'ArrowUp');
  return byId(page, id).inputValue();
}

/** Reads the card to its end and approves it. Resolves when the card has left. */
export async function approveWithKeys(page: Page): Promise<void> {
  await byId(page, 'approval-approve').waitFor();
  await page.bringToFront();
  // The browser tells a moment later what is on the screen: the button that reads on may come, and go again.
  const isSeen = async () => (await byId(page, 'approval-approve').getAttribute('data-seen')) === 'true';
  await until(async () => {
    if (await isSeen()) return true;
    if (!(await byId(page, 'approval-read-on').isVisible())) return false;
    await page.keyboard.press((await focused(page)) === 'approval-read-on' ? 'Enter' : 'Tab');
    return false;
  }, 'the card is read to its end');
  await tabTo(page, 'approval-approve');
  await byId(page, 'approval-approve', { 'data-armed': 'true' }).waitFor();
  await decided(page, () => lastPress(page.keyboard.press('Enter')));
}
