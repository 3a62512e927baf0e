// One message of an archive, drawn: who wrote it, when, and what it is.
// Promises: what a stranger wrote is text; an attachment is saved as a file and never opened. Must not: know where on the page it stands.
import type { ArchivedContent, ArchivedItem } from '../../contract/archive-page';
import { fileNameOf, wordsOf, type Conversation } from './archive-model';
import type { Child, Pen } from './pen';
import type { ReaderWords } from './reader-words';

export type MessageView = ReturnType<typeof createMessageView>;

export function createMessageView(pen: Pen, words: ReaderWords) {
  function senderOf(item: Extract<ArchivedItem, { by: string }>, conversation: Conversation): Node {
    if (item.by === 'me') return pen.el('span', { class: 'archive-sender' }, pen.say('you'));
    if (item.by === 'peer') return pen.el('span', { class: 'archive-sender' }, pen.peer(conversation));
    return pen.el('span', { class: 'archive-sender' }, pen.say('otherSender'), ' ', pen.theirs(item.by, 'mono'));
  }

  function quoted(conversation: Conversation, to: string): Node | undefined {
    const other = conversation.items.find((item) => 'id' in item && item.id === to);
    const text = other && wordsOf(other).slice(0, 100);
    return text
      ? pen.el('p', { class: 'archive-quote small soft' }, pen.say('replyTo'), ' ', pen.theirs(text))
      : undefined;
  }

  function contentOf(content: ArchivedContent, conversation: Conversation): Child[] {
    switch (content.kind) {
      case 'text':
        return [pen.el('p', { class: 'archive-text', dir: 'auto' }, content.text)];
      case 'reply':
        return [quoted(conversation, content.to), pen.el('p', { class: 'archive-text', dir: 'auto' }, content.text)];
      case 'reaction':
        return [quoted(conversation, content.to), pen.el('p', {}, pen.say('reaction'), ' ', pen.theirs(content.text))];
      case 'attachment':
      case 'remote':
        return [attachmentOf(content)];
      case 'other':
        return [
          pen.el('p', { class: 'soft' }, pen.say('otherContent'), ' ', pen.theirs(content.type, 'mono small')),
          content.fallback === '' ? undefined : pen.el('p', { class: 'archive-text', dir: 'auto' }, content.fallback),
        ];
      default:
        return [pen.el('p', { class: 'soft' }, pen.say('otherContent'))];
    }
  }

  function attachmentOf(content: Extract<ArchivedContent, { kind: 'attachment' | 'remote' }>): Node {
    const size = content.bytes === null ? undefined : pen.el('span', { class: 'small soft' }, pen.bytes(content.bytes));
    const named = pen.theirs(content.name === '' ? '—' : content.name, 'archive-file');
    if (content.kind === 'remote')
      return pen.el(
        'div',
        { class: 'archive-attachment', 'data-testid': 'reader-attachment' },
        named,
        size,
        pen.el('span', { class: 'small soft' }, pen.say('remote'), ' ', pen.theirs(content.url, 'mono archive-url')),
      );
    const { data, name, type } = content;
    const save =
      data === null
        ? pen.el('span', { class: 'small soft' }, pen.say('notInFile'))
        : pen.button(
            { testId: 'reader-save-attachment', look: 'button compact', onPress: () => saveFile(name, data) },
            pen.say('save'),
          );
    return pen.el(
      'div',
      { class: 'archive-attachment', 'data-testid': 'reader-attachment' },
      named,
      type === '' ? undefined : pen.theirs(type, 'small soft'),
      size,
      save,
    );
  }

  /** Only as a file: the browser is told nothing of what it might be. */
  function saveFile(name: string, base64: string): void {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const url = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
    const link = pen.el('a', { href: url, download: fileNameOf(name) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  function itemOf(item: ArchivedItem, conversation: Conversation): HTMLLIElement {
    if ('unreadable' in item) {
      const reason = item.unreadable in words ? pen.say(item.unreadable) : item.unreadable;
      return pen.el(
        'li',
        { class: 'archive-item', 'data-unreadable': item.unreadable },
        pen.time(item.atMs),
        pen.el('p', { class: 'soft' }, pen.say('unreadableHere'), ' ', reason),
      );
    }
    return pen.el(
      'li',
      { class: item.by === 'me' ? 'archive-item archive-mine' : 'archive-item', 'data-testid': 'reader-message' },
      pen.el('div', { class: 'archive-who' }, senderOf(item, conversation), pen.time(item.atMs)),
      ...contentOf(item.content, conversation),
    );
  }

  return { itemOf, attachmentOf };
}
