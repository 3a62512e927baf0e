// Every scene in a theme and language: its picture, what is wrong with it, and a sheet of each page's pictures for a first look.
// Promises: serious findings of axe and pages that overflow sideways are told once for each language, in the light theme.
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../setup.mjs';
import { isWholePage } from './studio.mjs';

const axe = readFileSync(path.join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');

async function findings(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
  );
  return [
    ...serious.map(
      ({ id, nodes }) =>
        `axe ${id}: ${nodes.map(({ target, failureSummary }) => `${target} (${failureSummary?.split('\n')[1]?.trim()})`).join(', ')}`,
    ),
    ...(overflow ? ['overflows sideways'] : []),
  ];
}

/** All pictures of one page side by side. */
async function sheet(browser, folder, name, chosen, colorScheme) {
  const page = await browser.newPage({ viewport: { width: 1560, height: 400 } });
  const figures = chosen.map(({ name: scene, size }) => {
    const data = readFileSync(path.join(folder, `${scene}.${colorScheme}.png`)).toString('base64');
    return `<figure><figcaption>${scene}</figcaption><img width="${Math.min(size.width, 500)}" src="data:image/png;base64,${data}"></figure>`;
  });
  await page.setContent(
    `<style>body{margin:8px;background:#777;display:flex;flex-wrap:wrap;gap:12px;font:12px sans-serif;color:#fff;align-items:flex-start}figure{margin:0}img{display:block}</style>${figures.join('')}`,
  );
  await page.screenshot({ path: path.join(folder, `sheet-${name}.${colorScheme}.png`), fullPage: true });
  await page.close();
}

/** Takes all pictures of `chosen` into `folder`, light and dark; resolves to what is wrong, one line for each. */
export async function takeAll({ play, browser }, { folder, chosen, locale }) {
  mkdirSync(folder, { recursive: true });
  const said = [];
  for (const colorScheme of ['light', 'dark']) {
    for (const scene of chosen)
      said.push(
        ...(await play(scene, { colorScheme, locale }, async (page, wrong) => {
          await page.screenshot({
            path: path.join(folder, `${scene.name}.${colorScheme}.png`),
            fullPage: isWholePage(scene),
          });
          if (colorScheme === 'light' || scene.name.includes('connect')) wrong.push(...(await findings(page)));
        })),
      );
    for (const page of new Set(chosen.map((scene) => scene.page)))
      await sheet(
        browser,
        folder,
        page,
        chosen.filter((scene) => scene.page === page),
        colorScheme,
      );
  }
  return said;
}
