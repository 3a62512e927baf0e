// npm run screenshots: pictures of our pages. `-- docs` those of README and docs, `-- store` those of the stores, `-- all` every page in every state; nothing: all three.
// Promises: docs/images and store/images are made anew and are small; every page and state, light and dark, in English and (where we have it) Arabic, goes to
// screenshots, which git ignores; ends with 1 when something is wrong with a page. Must not: be needed by a build or a test.
import path from 'node:path';
import { ensureChromium, ensureDependencies, root } from './setup.mjs';

ensureDependencies();
process.env.CHROMIUM ??= await ensureChromium();
const { takeAll } = await import('./gallery/all-scenes.mjs');
const { takeForDocuments } = await import('./gallery/for-documents.mjs');
const { takeForStores } = await import('./gallery/for-stores.mjs');
const { scenes } = await import('./gallery/scenes.mjs');
const { locales, openStudio } = await import('./gallery/studio.mjs');

const words = process.argv.slice(2);
const wants = (part) => words.length === 0 || words.includes(part);
const studio = await openStudio();
const said = [];
try {
  if (wants('docs')) {
    said.push(...(await takeForDocuments(studio, { folder: path.join(root, 'docs/images'), scenes, locales })));
    console.log('made docs/images');
  }
  if (wants('store')) {
    said.push(...(await takeForStores(studio, { folder: path.join(root, 'store/images'), scenes, locale: 'en' })));
    console.log('made store/images');
  }
  if (wants('all'))
    for (const locale of ['en', 'ar'].filter((one) => locales.includes(one))) {
      const folder = path.join(root, 'screenshots', locale);
      said.push(...(await takeAll(studio, { folder, chosen: scenes, locale })));
      console.log(`made ${path.relative(root, folder)}: ${scenes.length} scenes, light and dark`);
    }
} finally {
  await studio.close();
}
for (const line of said) console.log(line);
console.log(`${said.length} findings`);
process.exitCode = said.length === 0 ? 0 : 1;
