// An archive as it is read: conversations with their messages in the order of time, and what the file could not have. Pure.
// Promises: a file that was cut short, or whose blocks are not those of an archive, says so; searching looks at everything that is shown.
// Must not: believe that blocks have the shape they should; a file may come from anybody.
import type {
  ArchivedConversation,
  ArchivedItem,
  ArchiveEnd,
  ArchiveHead,
  ArchivePart,
} from '../../contract/archive-page';

export interface Conversation extends Omit<ArchivedConversation, 'number'> {
  items: ArchivedItem[];
  lastMs: number;
}

export interface Archive {
  head: ArchiveHead;
  /** Newest first. */
  conversations: Conversation[];
  /** Rows that are of no conversation that is known. */
  loose: number;
  /** Null for a file that was cut short. */
  end: ArchiveEnd | null;
}

export type Found = { conversation: Conversation; item: ArchivedItem; at: number };

interface Block {
  name: string;
  value: unknown;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Undefined for blocks that are not of an archive of this format. */
export function archiveOf(blocks: readonly Block[]): Archive | undefined {
  const head = blocks.find(({ name }) => name === 'head')?.value;
  if (!isObject(head) || head['format'] !== 1 || typeof head['account'] !== 'string' || !isTime(head['madeAtMs']))
    return undefined;
  const conversations = new Map<number, Conversation>();
  let loose = 0;
  for (const { name, value } of blocks) {
    if (name !== 'part') continue;
    if (!isPart(value)) return undefined;
    for (const { number, ...known } of value.conversations)
      conversations.set(number, { ...known, items: [], lastMs: Number.NEGATIVE_INFINITY });
    for (const item of value.items) {
      const conversation = item.in === null ? undefined : conversations.get(item.in);
      if (!conversation) {
        loose++;
        continue;
      }
      conversation.items.push(item);
      conversation.lastMs = Math.max(conversation.lastMs, item.atMs);
    }
  }
  const all = [...conversations.values()];
  for (const { items } of all) items.sort((a, b) => a.atMs - b.atMs);
  all.sort((a, b) => b.lastMs - a.lastMs);
  const last = blocks.at(-1);
  const end = last?.name === 'end' && isEnd(last.value) ? last.value : null;
  return { head: head as unknown as ArchiveHead, conversations: all, loose, end };
}

function isPart(value: unknown): value is ArchivePart {
  if (!isObject(value) || !Array.isArray(value['conversations']) || !Array.isArray(value['items'])) return false;
  const texts = ['topic', 'peer', 'name', 'about'];
  return (
    value['conversations'].every(
      (one: unknown) =>
        isObject(one) && typeof one['number'] === 'number' && texts.every((name) => typeof one[name] === 'string'),
    ) && value['items'].every(isItem)
  );
}

function isItem(value: unknown): boolean {
  if (!isObject(value) || !isTime(value['atMs'])) return false;
  if (typeof value['unreadable'] === 'string') return true;
  const content = value['content'];
  if (typeof value['by'] !== 'string' || !isObject(content)) return false;
  const texts = textsOf.get(content['kind']);
  if (!texts?.every((name) => typeof content[name] === 'string')) return false;
  const { bytes = null, data = null } = content;
  return (bytes === null || Number.isSafeInteger(bytes)) && (data === null || typeof data === 'string');
}

/** Which of its fields are text, by kind. */
const textsOf = new Map<unknown, readonly string[]>([
  ['text', ['text']],
  ['reply', ['text', 'to']],
  ['reaction', ['text', 'to']],
  ['attachment', ['name', 'type']],
  ['remote', ['name', 'url']],
  ['other', ['type', 'fallback']],
]);

const latestMs = 8_640_000_000_000_000;
const isTime = (value: unknown): boolean => typeof value === 'number' && Math.abs(value) <= latestMs;

const counts = ['messages', 'conversations', 'repeated', 'attachmentsLeft', 'damaged', 'badLines', 'otherRows'];

function isEnd(value: unknown): value is ArchiveEnd {
  if (!isObject(value) || !isObject(value['unreadable'])) return false;
  const numbers = [...counts.map((name) => value[name]), ...Object.values(value['unreadable'])];
  return numbers.every((count) => Number.isSafeInteger(count));
}

/** The words of a message that a person can look for. */
export function wordsOf(item: ArchivedItem): string {
  if ('unreadable' in item) return '';
  const { content } = item;
  switch (content.kind) {
    case 'attachment':
    case 'remote':
      return content.name;
    case 'other':
      return content.fallback;
    default:
      return content.text;
  }
}

/** Messages that hold these words, newest conversation first. */
export function search({ conversations }: Archive, words: string): Found[] {
  const wanted = words.trim().toLowerCase();
  if (wanted === '') return [];
  return conversations.flatMap((conversation) =>
    conversation.items.flatMap((item, at) =>
      wordsOf(item).toLowerCase().includes(wanted) ? [{ conversation, item, at }] : [],
    ),
  );
}

/** Every attachment, newest conversation first. */
export function attachmentsIn({ conversations }: Archive): Found[] {
  return conversations.flatMap((conversation) =>
    conversation.items.flatMap((item, at) => {
      const isOne = 'content' in item && (item.content.kind === 'attachment' || item.content.kind === 'remote');
      return isOne ? [{ conversation, item, at }] : [];
    }),
  );
}

/** A name that a file can be saved under: of what a stranger wrote only what cannot lead elsewhere or look like something else. */
export function fileNameOf(name: string): string {
  const plain = name
    .normalize('NFC')
    .replaceAll(/[\p{C}\p{Z}]+/gu, ' ')
    .replaceAll(/[/\\:*?"<>|]/g, '_')
    .trim()
    .replace(/^\.+/, '');
  return plain === '' ? 'attachment' : plain.slice(-100);
}
