// axe on a page that is open: everything it finds, and the check that nothing of it is serious, in light and in dark.
// Promises: what is checked is what a person sees once colours and sizes have settled.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright';
import { expect } from 'vitest';

const axe = readFileSync(path.resolve(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8');

export interface Finding {
  id: string;
  impact: string;
  help: string;
  where: string[];
}

export async function findings(page: Page): Promise<Finding[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await (globalThis as any).axe.run(document, { resultTypes: ['violations'] });
    return violations.map((one: any) => ({
      id: one.id,
      impact: one.impact,
      help: one.help,
      where: one.nodes.map((node: any) => node.html.slice(0, 120)),
    }));
  });
}

/** Nothing serious or critical, in light and in dark. */
export async function expectAccessible(page: Page, place: string): Promise<void> {
  // Colours that are still on their way are not the ones a person reads, and a button may arm while axe looks: changes are shown at once.
  await page.evaluate(() => {
    const still = new CSSStyleSheet();
    still.replaceSync('*, *::before, *::after { transition: none !important; animation: none !important; }');
    document.adoptedStyleSheets = [still];
  });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    const grave = (await findings(page)).filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect({ place, colorScheme, grave }).toEqual({ place, colorScheme, grave: [] });
  }
  await page.emulateMedia({ colorScheme: 'light' });
}
