// The pictures that README and docs show: a chosen few of the scenes, in a small form, beside which everything else is only looked at.
// Promises: docs/images holds these and nothing else. Two dots for a pixel, as WebP, about 30 kB each.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** In both themes and in English; those of `rightToLeft` also in Arabic, light. */
const card = { width: 360, height: 760 };
/** Each scene with a window that holds what there is to see. */
export const windows = {
  'approval-connect-messages': { width: 360, height: 860 },
  'approval-messages-send-text': card,
  'approval-inbox-grant': card,
  'popup-unlocked': { width: 360, height: 600 },
  'onboarding-1-welcome': { width: 860, height: 940 },
  'vault-sites': { width: 860, height: 900 },
  'vault-backup-good': { width: 860, height: 520 },
};
const shown = Object.keys(windows);
export const rightToLeft = ['approval-connect-messages', 'vault-sites'];

/** The file of a picture, without the folder. */
export const fileOf = (scene, locale, colorScheme) =>
  locale === 'en' ? `${scene}.${colorScheme}.webp` : `${scene}.${locale}.webp`;

/** All files that the folder has when Arabic is among the languages. */
export const filesFor = (locales) => [
  ...shown.flatMap((scene) => ['light', 'dark'].map((colorScheme) => fileOf(scene, 'en', colorScheme))),
  ...(locales.includes('ar') ? rightToLeft.map((scene) => fileOf(scene, 'ar', 'light')) : []),
];

/** Takes them; resolves to what went wrong, one line for each. */
export async function takeForDocuments({ play }, { folder, scenes, locales }) {
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder)) rmSync(path.join(folder, file));
  const take = (name, locale, colorScheme) =>
    play(
      scenes.find((scene) => scene.name === name),
      { colorScheme, locale, scale: 2, size: windows[name] },
      async (page) => writeFileSync(path.join(folder, fileOf(name, locale, colorScheme)), await webp(page)),
    );
  const said = [];
  for (const name of shown)
    for (const colorScheme of ['light', 'dark']) said.push(...(await take(name, 'en', colorScheme)));
  if (locales.includes('ar')) for (const name of rightToLeft) said.push(...(await take(name, 'ar', 'light')));
  return said;
}

/** What the window shows, as WebP, which playwright does not write. */
async function webp(page) {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 90 });
  return Buffer.from(data, 'base64');
}
