// The pictures of the stores: five of 1280 x 800 with a sentence over real pages, the two tiles, and the icon with its padding.
// Promises: every page in them is one of the scenes; the sentences are those of store/listing; PNG without transparency, but for the icon.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../setup.mjs';

/** Which scenes each of the five shows, in the order of the sentences in store/listing. */
export const boards = [
  ['approval-connect-messages', 'approval-connect-messages-end'],
  ['approval-messages-send-text', 'approval-sign'],
  ['vault-sites'],
  ['vault-access-four', 'unlock-wallet'],
  ['onboarding-1-welcome', 'popup-unlocked'],
];
export const tiles = { 'tile-440x280': [440, 280], 'tile-1400x560': [1400, 560] };

const mark = readFileSync(path.join(root, 'public/icons/icon.svg'), 'utf8');

/** Name, summary, description and the sentences of the pictures, in one language. */
export function listingOf(locale) {
  const text = readFileSync(path.join(root, 'store/listing', `${locale}.md`), 'utf8');
  const [, name = ''] = /^# (.+)$/m.exec(text) ?? [];
  const parts = text.split(/^## .+$/m).map((part) => part.trim());
  const [, summary = '', description = '', pictures = ''] = parts;
  return { name, summary, description, sentences: pictures.split('\n').map((line) => line.replace(/^\d+\. /, '')) };
}

const style = `
  * { box-sizing: border-box; margin: 0; }
  body { font-family: system-ui, sans-serif; color: #24211d; background: #f6f4f0; overflow: hidden; display: flex; }
  .board { width: 1280px; height: 800px; flex-direction: column; padding: 40px 56px 0; gap: 36px; }
  .board header { display: flex; align-items: center; gap: 22px; }
  .board h1 { font-size: 34px; line-height: 42px; font-weight: 600; letter-spacing: -0.01em; text-wrap: balance; }
  .board header svg { width: 52px; height: 52px; flex: none; }
  .board .pages { display: flex; justify-content: center; gap: 48px; flex: 1; min-height: 0; }
  .pages img { border-radius: 10px; border: 1px solid #e0dbd2; box-shadow: 0 18px 48px rgb(36 33 29 / 16%); align-self: flex-start; }
  .tile { background: #0d5c63; color: #fefdfb; align-items: center; }
  .tile svg rect { fill: none; }
  .tile .words { display: flex; flex-direction: column; }`;
const bodyOf = (name, inside, { locale, words = '' }) =>
  `<!doctype html><html lang="${locale.replace('_', '-')}" dir="${locale === 'ar' ? 'rtl' : 'ltr'}"><style>${style}${words}</style><body class="${name}">${inside}</body></html>`;
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const cardSize = { width: 400, height: 640 };
/** Windows that hold what there is to see; others are as their scene has them. What is higher than 640 runs out of the picture. */
const sizes = {
  'approval-connect-messages': cardSize,
  'approval-connect-messages-end': cardSize,
  'approval-messages-send-text': cardSize,
  'approval-sign': cardSize,
  'vault-sites': { width: 1000, height: 700 },
  'vault-access-four': { width: 720, height: 640 },
  'unlock-wallet': { width: 400, height: 440 },
  'onboarding-1-welcome': { width: 620, height: 700 },
};
/** A card can be approved a moment after it has come to rest; before that a picture would show an answer that nobody can give. */
const cardComesToLifeMs = 1_200;
const image = ({ data, width }) => `<img width="${width}" src="data:image/png;base64,${data}">`;

/** Takes them all into `folder`, in one language; resolves to what went wrong, one line for each. */
export async function takeForStores({ browser, play }, { folder, scenes, locale }) {
  mkdirSync(folder, { recursive: true });
  const said = [];
  const listing = listingOf(locale);

  /** A scene as it is in its window, drawn with two dots for a pixel. */
  async function pageOf(name, size) {
    const scene = scenes.find((one) => one.name === name);
    let data = '';
    const width = size?.width ?? scene.size.width;
    said.push(
      ...(await play(scene, { colorScheme: 'light', locale, scale: 2, ...(size && { size }) }, async (page) => {
        if (scene.page === 'approval') await page.waitForTimeout(cardComesToLifeMs);
        data = (await page.screenshot()).toString('base64');
      })),
    );
    return { data, width };
  }
  async function draw(file, [width, height], html) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme: 'light' });
    await page.setContent(html);
    await page.screenshot({ path: path.join(folder, `${file}.png`) });
    await page.close();
  }

  for (const [at, names] of boards.entries()) {
    const pages = [];
    for (const name of names) pages.push(await pageOf(name, sizes[name]));
    const inside = `<header>${mark}<h1>${escaped(listing.sentences[at])}</h1></header><div class="pages">${pages.map(image).join('')}</div>`;
    await draw(`screenshot-${at + 1}`, [1280, 800], bodyOf('board', inside, { locale }));
  }
  const small = `body{width:440px;height:280px;flex-direction:column;justify-content:center;text-align:center;gap:14px;padding:24px}.tile svg{width:88px;height:88px}.words{gap:6px}b{font-size:30px;line-height:36px}span{font-size:16px;line-height:22px;max-width:350px;text-wrap:balance}`;
  const words = `<div class="words"><b>${escaped(listing.name)}</b><span>${escaped(listing.summary)}</span></div>`;
  await draw('tile-440x280', tiles['tile-440x280'], bodyOf('tile', `${mark}${words}`, { locale, words: small }));
  const large = `body{width:1400px;height:560px;gap:72px;padding:0 88px;justify-content:space-between}.left{display:flex;flex-direction:column;gap:28px;max-width:640px}.tile svg{width:112px;height:112px;margin-inline-start:-15px}.words{gap:16px}b{font-size:60px;line-height:68px;letter-spacing:-0.01em}span{font-size:26px;line-height:36px}.pages img{border:0;margin-top:64px;align-self:auto}.pages{height:560px}`;
  const card = image(await pageOf(boards[0][0], { width: 360, height: 600 }));
  await draw(
    'tile-1400x560',
    tiles['tile-1400x560'],
    bodyOf('tile', `<div class="left">${mark}${words}</div><div class="pages">${card}</div>`, { locale, words: large }),
  );
  // The icon of 96 px within 128, as the store asks for it.
  const page = await browser.newPage({ viewport: { width: 128, height: 128 } });
  await page.setContent(
    `<style>html,body{margin:0;background:transparent}svg{display:block;width:96px;height:96px;margin:16px}</style>${mark}`,
  );
  const icon = await page.screenshot({ omitBackground: true });
  writeFileSync(path.join(folder, 'icon-128.png'), icon);
  await page.close();
  return said;
}
