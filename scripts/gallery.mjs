// Takes pictures of all pages in many states, light and dark, without installing the extension: `node scripts/gallery.mjs [outdir] [part of a name] [language]`.
// Promises: pages are built as for the store and served under the manifest's own content policy; prints what the policy blocked, errors
// of the console, serious findings of axe, and pages that overflow sideways; exits 1 when there was any.
import { takeAll } from './gallery/all-scenes.mjs';
import { scenes } from './gallery/scenes.mjs';
import { openStudio } from './gallery/studio.mjs';

const [folder = 'screenshots', filter = '', locale = 'en'] = process.argv.slice(2);
const studio = await openStudio();
try {
  const chosen = scenes.filter(({ name }) => name.includes(filter));
  const said = await takeAll(studio, { folder, chosen, locale });
  for (const line of said) console.log(line);
  console.log(`${chosen.length} scenes, light and dark, in ${folder}; ${said.length} findings`);
  process.exitCode = said.length === 0 ? 0 : 1;
} finally {
  await studio.close();
}
