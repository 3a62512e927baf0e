// Renders public/icons/icon.svg to the PNG sizes the manifest names, with Chromium: `node scripts/icons.mjs`.
// Promises: transparent ground, one drawing for all sizes but the smallest, which has its own lines (icon-16.svg) to stay crisp.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';

const folder = fileURLToPath(new URL('../public/icons/', import.meta.url));
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  const page = await browser.newPage();
  for (const size of [16, 32, 48, 128]) {
    const drawing = readFileSync(`${folder}${size === 16 ? 'icon-16.svg' : 'icon.svg'}`, 'utf8');
    await page.setViewportSize({ width: size, height: size });
    await page.setContent(
      `<style>html,body{margin:0;background:transparent}svg{display:block;width:${size}px;height:${size}px}</style>${drawing}`,
    );
    await page.screenshot({ path: `${folder}${size}.png`, omitBackground: true });
  }
} finally {
  await browser.close();
}
