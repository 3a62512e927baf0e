// What a reader draws with: elements whose words a stranger may have written, in the language of the page.
// Promises: everything a stranger wrote goes in as text of an element of its own, isolated in its direction; nothing is loaded, and no address is a link.
// Must not: use anything but the document it is given.
import type { Conversation } from './archive-model';
import type { ReaderWords } from './reader-words';

export type Child = Node | string | undefined;

interface PenOptions {
  document: Document;
  words: ReaderWords;
  /** For dates and numbers. */
  locale: string;
  /** What level its first heading has. */
  level: 1 | 2;
}

export type Pen = ReturnType<typeof createPen>;

export function createPen({ document, words, locale, level }: PenOptions) {
  const numbers = new Intl.NumberFormat(locale);
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });

  function el<K extends keyof HTMLElementTagNameMap>(
    name: K,
    attributes: Record<string, string>,
    ...children: Child[]
  ): HTMLElementTagNameMap[K] {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children.filter((child) => child !== undefined));
    return element;
  }
  /** A stranger's words, whose direction is their own. */
  const theirs = (text: string, className = '') => el('bdi', className === '' ? {} : { class: className }, text);
  const shortAddress = (account: string) =>
    account.length > 12 ? `${account.slice(0, 6)}…${account.slice(-4)}` : account;

  return {
    el,
    theirs,
    say: (key: keyof ReaderWords, value = '') => words[key].replace('$1', () => value),
    number: (count: number) => numbers.format(count),
    date: (atMs: number) => dates.format(atMs),
    time: (atMs: number) =>
      el('time', { class: 'small soft', datetime: new Date(atMs).toISOString() }, dates.format(atMs)),
    bytes(bytes: number): string {
      const [unit, size] =
        bytes < 1000
          ? ['byte', bytes]
          : bytes < 1_000_000
            ? ['kilobyte', bytes / 1000]
            : ['megabyte', bytes / 1_000_000];
      return new Intl.NumberFormat(locale, {
        style: 'unit',
        unit: unit as string,
        unitDisplay: unit === 'byte' ? 'long' : 'short',
        maximumFractionDigits: 1,
      }).format(size as number);
    },
    /** `below`: how much lower than the first. */
    heading: (below: number, ...children: Child[]) => el(`h${level + below}` as 'h2', {}, ...children),
    peer: ({ name, peer }: Conversation) => (name === '' ? theirs(shortAddress(peer), 'mono') : theirs(name)),
    button(
      { testId, look, onPress }: { testId: string; look: string; onPress: () => void },
      ...children: Child[]
    ): HTMLButtonElement {
      const one = el('button', { type: 'button', class: look, 'data-testid': testId }, ...children);
      one.addEventListener('click', onPress);
      return one;
    },
  };
}
