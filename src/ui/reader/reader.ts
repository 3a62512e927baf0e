// Reading an archive: conversations, messages, a search, and what attachments there are. In the page of an archive itself, and in ours.
// Promises: the keyboard reaches everything, and says where it is; thousands of messages come in portions. Must not: use anything but the document it is given.
import type { RowDefect } from '../../contract/archive-page';
import { attachmentsIn, search, wordsOf, type Archive, type Conversation, type Found } from './archive-model';
import { createMessageView } from './message-view';
import { createPen, type Child } from './pen';
import type { ReaderWords } from './reader-words';

const itemsAtOnce = 200;

interface ReaderOptions {
  archive: Archive;
  words: ReaderWords;
  /** For dates and numbers. */
  locale: string;
  /** What level its first heading has. */
  level: 1 | 2;
}

/** Shows an archive in `root`, in place of what is there. */
export function showArchive(root: HTMLElement, { archive, words, locale, level }: ReaderOptions): void {
  const pen = createPen({ document: root.ownerDocument, words, locale, level });
  const { el, theirs, say, number, time, heading, button } = pen;
  const { itemOf, attachmentOf } = createMessageView(pen, words);
  const main = el('section', { class: 'archive-main', 'data-testid': 'reader-main' });
  const list = el('ul', { class: 'archive-list', 'data-testid': 'reader-conversations' });

  /** Puts something into the main part, and the focus on its heading where a person asked for it. */
  function show(title: HTMLElement, ...children: Child[]): void {
    main.replaceChildren(title, ...children.filter((child) => child !== undefined));
    title.tabIndex = -1;
    title.focus();
  }

  function mark(chosen: Conversation | undefined): void {
    for (const [at, one] of [...list.querySelectorAll('button')].entries()) {
      if (archive.conversations[at] === chosen) one.setAttribute('aria-current', 'true');
      else one.removeAttribute('aria-current');
    }
  }

  /** Puts them into a list in portions; the button, which is there as long as more are left, brings the next and goes to its first. */
  function inPortions<T>(items: HTMLElement, all: readonly T[], from: number, draw: (one: T) => HTMLElement): Node {
    let shown = from;
    const more = button({ testId: 'reader-more', look: 'button', onPress: () => next()?.focus() }, '');
    function next(): HTMLElement | undefined {
      const fresh = all.slice(shown, shown + itemsAtOnce).map(draw);
      shown += fresh.length;
      items.append(...fresh);
      more.hidden = shown === all.length;
      more.textContent = say('more', number(all.length - shown));
      const [first] = fresh;
      if (first) first.tabIndex = -1;
      return first;
    }
    next();
    return more;
  }

  /** A conversation, from the message that was looked for on. */
  function conversationView(conversation: Conversation, from = 0): void {
    mark(conversation);
    const items = el('ol', { class: 'archive-items' });
    const start = Math.max(0, from - 3);
    const earlier =
      start === 0
        ? undefined
        : button(
            {
              testId: 'reader-earlier',
              look: 'button',
              onPress: () => conversationView(conversation, Math.max(0, start - itemsAtOnce + 3)),
            },
            say('more', number(start)),
          );
    const more = inPortions(items, conversation.items, start, (item) => itemOf(item, conversation));
    const about = conversation.about === '' ? undefined : el('p', { class: 'small soft' }, theirs(conversation.about));
    const versionNote = conversation.version === 1 ? el('p', { class: 'small soft' }, say('v1')) : undefined;
    show(
      heading(1, pen.peer(conversation)),
      el('p', { class: 'small soft' }, theirs(conversation.peer, 'mono archive-url')),
      about,
      versionNote,
      earlier,
      items,
      more,
    );
    const wanted = items.children[from - start];
    if (from > 0 && wanted instanceof HTMLElement) {
      wanted.tabIndex = -1;
      wanted.focus();
    }
  }

  function foundOf({ conversation, item, at }: Found, ...children: Child[]): HTMLLIElement {
    const open = button(
      { testId: 'reader-found', look: 'archive-found', onPress: () => conversationView(conversation, at) },
      pen.peer(conversation),
      ' ',
      time(item.atMs),
    );
    return el('li', { class: 'archive-item' }, open, ...children);
  }

  function searchView(typed: string): void {
    const found = search(archive, typed);
    mark(undefined);
    const count = found.length === 0 ? say('searchNone') : say('searchFound', number(found.length));
    const items = el('ol', {
      class: 'archive-items',
      'data-testid': 'reader-results',
      'data-count': String(found.length),
    });
    const more = inPortions(items, found, 0, (one) =>
      foundOf(one, el('p', { class: 'archive-text', dir: 'auto' }, wordsOf(one.item).slice(0, 300))),
    );
    main.replaceChildren(heading(1, count), items, more);
    searched.textContent = count;
  }

  function attachmentsView(): void {
    mark(undefined);
    const all = attachmentsIn(archive);
    const items = el('ol', {
      class: 'archive-items',
      'data-testid': 'reader-attachments',
      'data-count': String(all.length),
    });
    const more = inPortions(items, all, 0, (one) => {
      const content = 'content' in one.item ? one.item.content : undefined;
      const isOne = content?.kind === 'attachment' || content?.kind === 'remote';
      return foundOf(one, isOne ? attachmentOf(content) : undefined);
    });
    show(
      heading(1, say('attachments', number(all.length))),
      el('p', { class: 'soft' }, say('attachmentsNote')),
      items,
      more,
    );
  }

  const { head, end, conversations } = archive;
  const attachments = attachmentsIn(archive).length;
  const messages = conversations.reduce((sum, { items }) => sum + items.filter((item) => 'content' in item).length, 0);

  function leftOut(): Node | undefined {
    if (!end)
      return el('div', { class: 'notice danger', role: 'alert', 'data-testid': 'reader-cut-short' }, say('cutShort'));
    const defects: readonly RowDefect[] = ['not-a-message', 'no-key', 'does-not-open', 'not-genuine', 'invitation'];
    const counts: [keyof ReaderWords, number][] = [
      ...defects.map((defect): [keyof ReaderWords, number] => [defect, end.unreadable[defect] ?? 0]),
      ['damaged', end.damaged],
      ['badLines', end.badLines],
      ['otherRows', end.otherRows],
      ['attachmentsLeft', end.attachmentsLeft],
      ['repeated', end.repeated],
    ];
    const some = counts.filter(([, count]) => count > 0);
    if (some.length === 0) return undefined;
    return el(
      'details',
      { class: 'archive-left', 'data-testid': 'reader-left' },
      el('summary', {}, say('left')),
      el(
        'dl',
        { class: 'facts' },
        ...some.flatMap(([key, count]) => [el('dt', {}, say(key)), el('dd', { 'data-left': key }, number(count))]),
      ),
    );
  }

  const searchId = 'archive-search';
  const field = el('input', {
    id: searchId,
    class: 'field-input',
    type: 'search',
    autocomplete: 'off',
    spellcheck: 'false',
    'data-testid': 'reader-search',
  });
  /** For who does not see what comes up beside the field. */
  const searched = el('p', { class: 'visually-hidden', role: 'status' });
  field.addEventListener('input', () => {
    if (field.value.trim() !== '') return searchView(field.value);
    searched.textContent = '';
    main.replaceChildren(el('p', { class: 'soft' }, say(conversations.length > 0 ? 'chooseOne' : 'nothing')));
  });
  list.append(
    ...conversations.map((conversation) => {
      const count = conversation.items.length;
      return el(
        'li',
        {},
        button(
          {
            testId: 'reader-conversation',
            look: 'archive-conversation',
            onPress: () => conversationView(conversation),
          },
          el('span', { class: 'archive-peer' }, pen.peer(conversation)),
          el(
            'span',
            { class: 'small soft' },
            ...(Number.isFinite(conversation.lastMs) ? [time(conversation.lastMs), ' · '] : []),
            say('messages', number(count)),
          ),
        ),
      );
    }),
  );
  main.append(el('p', { class: 'soft' }, say(conversations.length > 0 ? 'chooseOne' : 'nothing')));
  root.replaceChildren(
    el(
      'div',
      {
        class: 'archive',
        'data-testid': 'reader',
        'data-messages': String(messages),
        'data-whole': String(end !== null),
      },
      el(
        'div',
        { class: 'archive-head stack tight' },
        heading(0, say('title')),
        el('p', {}, theirs(head.account, 'mono archive-url')),
        el(
          'p',
          { class: 'small soft' },
          say('made', pen.date(head.madeAtMs)),
          ' · ',
          say('messages', number(messages)),
          ' · ',
          say('conversations', number(conversations.length)),
        ),
        leftOut(),
      ),
      el(
        'nav',
        { class: 'archive-side stack', 'aria-label': say('conversations', number(conversations.length)) },
        el(
          'div',
          { class: 'field' },
          el('label', { class: 'field-label', for: searchId }, say('search')),
          field,
          searched,
        ),
        attachments === 0
          ? undefined
          : button(
              { testId: 'reader-show-attachments', look: 'button compact', onPress: attachmentsView },
              say('attachments', number(attachments)),
            ),
        list,
      ),
      main,
    ),
  );
}
