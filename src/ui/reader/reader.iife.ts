// The script of an archive's page: reads the blocks beside it and shows them. A file of the package, which our page puts into each archive as it is.
// Promises: needs nothing but its document. Must not: import anything with a state, or ask any server.
import { archiveOf } from './archive-model';
import { showArchive } from './reader';
import type { ReaderWords } from './reader-words';

const blocks = [...document.querySelectorAll<HTMLScriptElement>('script[data-archive]')].map((block) => ({
  name: block.dataset['archive'] ?? '',
  value: valueOf(block.textContent),
}));
const root = document.getElementById('archive');
const words = blocks.find(({ name }) => name === 'words')?.value as ReaderWords;
const archive = archiveOf(blocks);
if (root && archive) showArchive(root, { archive, words, locale: document.documentElement.lang, level: 1 });
else if (root) root.textContent = words.cutShort;

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
