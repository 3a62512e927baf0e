// axe on a page that is open: everything it finds, and the check that nothing of it is serious, in both themes, with forced colours, and in other languages.
// Promises: what is checked is what a person sees once colours and sizes have settled.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright';
import { expect } from 'vitest';
import type { LanguageChoice } from '../../src/contract/choices';

const axe = readFileSync(path.resolve(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8');

export interface Finding {
  id: string;
  impact: string;
  help: string;
  where: string[];
}

/** Which rules: all, those that look at colours, or all but those. */
export type Rules = 'all' | 'colours' | 'others';

export async function findings(page: Page, rules: Rules = 'all'): Promise<Finding[]> {
  // Reading the script costs more than what it then does.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe);
  return page.evaluate(async (wanted) => {
    const { axe: reader } = globalThis as any;
    // `run` without a choice takes all rules that are on by themselves; so does this, of one half of them.
    const isOfColours = ({ tags }: { tags: string[] }) => tags.includes('cat.color');
    const left = reader
      .getRules()
      .filter((rule: any) => wanted !== 'all' && isOfColours(rule) !== (wanted === 'colours'));
    const off = Object.fromEntries(left.map(({ ruleId }: any) => [ruleId, { enabled: false }]));
    const { violations } = await reader.run(document, { resultTypes: ['violations'], rules: off });
    return violations.map((one: any) => ({
      id: one.id,
      impact: one.impact,
      help: one.help,
      where: one.nodes.map((node: any) => node.html.slice(0, 120)),
    }));
  }, rules);
}

/** What is chosen or comes first, and what stands beside it and is not: in the system's own colours they differ by these alone. */
const told = [
  ['.button.primary:not([aria-disabled="true"], :disabled)', '.button.plain:not([aria-disabled="true"], :disabled)'],
  ['.vault-nav [aria-current]', '.vault-nav button:not([aria-current])'],
  ['.topics [aria-current]', '.topics button:not([aria-current])'],
  ['.tabs [aria-pressed="true"]', '.tabs [aria-pressed="false"]'],
  ['.segments label:has(:checked)', '.segments label:not(:has(:checked))'],
] as const;

/** The pairs that look the same. */
function untold(page: Page): Promise<string[]> {
  return page.evaluate((pairs) => {
    const look = (element: Element) => {
      const { backgroundColor, color } = getComputedStyle(element);
      return `${backgroundColor} ${color}`;
    };
    return pairs
      .filter(([chosen, other]) => {
        const [one, two] = [document.querySelector(chosen), document.querySelector(other)];
        return one && two && look(one) === look(two);
      })
      .map(([chosen]) => chosen);
  }, told);
}

/** By how many pixels the document is wider than what is seen of it. */
export const overhang = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

async function settled(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

/** Other languages that a place is looked at in, and how the pages are made to speak one. */
export interface Tongues {
  looks: readonly { language: LanguageChoice; colorScheme: 'light' | 'dark' }[];
  speak(language: LanguageChoice): Promise<void>;
  /** The words of another language have the colours of these ones. */
  rules: Rules;
}

const grave = async (page: Page, rules: Rules) =>
  (await findings(page, rules)).filter(({ impact }) => impact === 'serious' || impact === 'critical');

/** At 320 px: by how much the document is too wide. */
async function narrowOverhang(page: Page): Promise<number> {
  const before = page.viewportSize() ?? (await page.evaluate(() => ({ width: innerWidth, height: innerHeight })));
  await page.setViewportSize({ width: 320, height: 600 });
  await settled(page);
  const wide = await overhang(page);
  await page.setViewportSize(before);
  return wide;
}

/** The page says which language it is in, and nothing is serious or sticks out. */
async function expectSpoken(page: Page, place: string, { looks, speak, rules }: Tongues): Promise<void> {
  const wrong: unknown[] = [];
  for (const { language, colorScheme } of looks) {
    const wanted = { lang: language.replace('_', '-'), dir: language === 'ar' ? 'rtl' : 'ltr' };
    await speak(language);
    await page.locator(`html[lang="${wanted.lang}"][dir="${wanted.dir}"]`).waitFor({ state: 'attached' });
    await page.emulateMedia({ colorScheme, forcedColors: 'none' });
    await settled(page);
    const found = { grave: await grave(page, rules), overhang: await narrowOverhang(page) };
    if (found.grave.length > 0 || found.overhang > 0) wrong.push({ language, colorScheme, ...found });
  }
  // Judged in the end, so that the pages speak as before whatever was found.
  await speak('system');
  await page.locator('html[lang="en"][dir="ltr"]').waitFor({ state: 'attached' });
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' });
  expect({ place, wrong }).toEqual({ place, wrong: [] });
}

/** Nothing serious or critical in light, in dark and with forced colours, where what is chosen can be told; one h1; nothing sideways at 320 px. */
export async function expectAccessible(page: Page, place: string, tongues?: Tongues): Promise<void> {
  // Colours that are still on their way are not the ones a person reads, and a button may arm while axe looks: changes are shown at once.
  await page.evaluate(() => {
    const still = new CSSStyleSheet();
    still.replaceSync('*, *::before, *::after { transition: none !important; animation: none !important; }');
    document.adoptedStyleSheets = [still];
  });
  // What is not a matter of colour is the same in each of them.
  const looks = [
    { colorScheme: 'light', forcedColors: 'none', rules: 'all' },
    { colorScheme: 'dark', forcedColors: 'none', rules: 'colours' },
    { colorScheme: 'dark', forcedColors: 'active', rules: 'colours' },
  ] as const;
  for (const { rules, ...look } of looks) {
    await page.emulateMedia(look);
    await settled(page);
    const alike = look.forcedColors === 'active' ? await untold(page) : [];
    expect({ place, look, grave: await grave(page, rules), alike }).toEqual({ place, look, grave: [], alike: [] });
  }
  await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' });
  const headings = await page.locator('h1:visible').count();
  const { lang, dir } = await page.evaluate(() => {
    const { lang: language, dir: direction } = document.documentElement;
    return { lang: language, dir: direction };
  });
  expect({ place, headings, lang, dir }).toEqual({ place, headings: 1, lang: 'en', dir: 'ltr' });
  expect({ place, overhang: await narrowOverhang(page) }).toEqual({ place, overhang: 0 });
  if (tongues) await expectSpoken(page, place, tongues);
}
