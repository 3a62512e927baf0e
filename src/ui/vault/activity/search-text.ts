// What a search in the activity list looks through: everything that a row says in words, and what stands behind it.
// Promises: each line is put into words once. Must not: find what the page does not show.
import { methodWord, noteWords, decisionWords } from './burst-row';
import { kindOf, noteOf } from './activity-words';
import type { LogLine } from './bursts';
import { kindWords } from './filters';
import { t } from '../../text';

/** Gives the text of a line, in small letters. `nameOf`: of an identity. */
export function searchTexts(nameOf: (safeId: string) => string): (line: LogLine) => string {
  const known = new WeakMap<LogLine, string>();
  return (line) => {
    const before = known.get(line);
    if (before !== undefined) return before;
    const { safeId, origin, method, purpose, decision } = line;
    const words = [
      origin ?? t('noSite'),
      nameOf(safeId),
      method,
      methodWord(method),
      noteWords(noteOf(method, purpose)),
      t(kindWords[kindOf(method)]),
      t(decisionWords[decision]),
    ];
    const text = words.join('\n').toLocaleLowerCase();
    known.set(line, text);
    return text;
  };
}
