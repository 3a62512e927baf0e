// What a person can read in messages that are to be written, as an approval card shows it (protocol f.1).
// Promises: reads strictly, and takes whatever content it finds: what cannot be read is said to be unreadable, and stops nothing; bounded in all.
// Must not: unpack anything, or show text of a message that its app had packed as if it were not there.
import { bytesToUtf8, utf8ToBytes } from '../base/bytes';
import { ProtocolError } from '../base/errors';
import { decodeContent, textBytesOf, type EncodedContent } from './content';

/** Messages whose content is on a card; the rest is counted. */
const shownAtMost = 20;
/** Text that one card holds of all of them, in UTF-16 code units: as much as a text that is signed. */
const textAtMost = 65_536;
const longestKind = 100;

/** What one message holds. */
export interface Writing {
  /** "xmtp.org/text", at most 100 characters; null for bytes that nobody can read. */
  contentType: string | null;
  /** Of the content, or of the bytes. */
  sizeBytes: number;
  /** What a person reads in it: of text, markdown, and the text of a reply. */
  text?: string;
  /** What apps that do not know the kind show in its place. */
  fallback?: string;
  isCompressed?: true;
  /** Of `text` or `fallback`: bytes that are left out. */
  leftOutBytes?: number;
}

export interface Writings {
  /** Content as it is to be sealed; undefined for an item in which there is none. */
  add(encodedContent: Uint8Array | undefined, itemBytes: number): void;
  /** The first of them, and how many more there are; undefined when nothing is written. */
  shown(): { items: Writing[]; more: number } | undefined;
  /** Kinds of content, each once, in the order they were met. */
  readonly kinds: ReadonlySet<string>;
}

export function createWritings(): Writings {
  const items: Writing[] = [];
  const kinds = new Set<string>();
  let [count, room] = [0, textAtMost];

  /** As much of a text as the card has room for. `wholeBytes`: what all of it takes. */
  function fitting(text: string, wholeBytes: number): { text: string; leftOutBytes: number } {
    const shown = text.slice(0, room).replace(/[\uD800-\uDBFF]$/, '');
    room -= shown.length;
    return { text: shown, leftOutBytes: wholeBytes - utf8ToBytes(shown).length };
  }

  function writingOf(content: EncodedContent, kind: string): Writing {
    const writing: Writing = { contentType: kind, sizeBytes: content.content.length };
    if (content.compression !== undefined) writing.isCompressed = true;
    const { fallback = '' } = content;
    const read = orRefusal(() => {
      const bytes = readableBytes(content);
      // A unit of text takes three bytes at most: more is not looked at, however long a text is.
      return bytes && fitting(bytesToUtf8(headOf(bytes, 3 * room)), bytes.length);
    });
    const isText = read !== undefined && read !== 'refused';
    const shown = isText ? read : fallback === '' ? undefined : fitting(fallback, utf8ToBytes(fallback).length);
    // Said to be text, and no text: there is nothing to read in it.
    if (read === 'refused' && shown === undefined) writing.contentType = null;
    if (shown) writing[isText ? 'text' : 'fallback'] = shown.text;
    if (shown && shown.leftOutBytes > 0) writing.leftOutBytes = shown.leftOutBytes;
    return writing;
  }

  return {
    kinds,
    add(encodedContent, itemBytes) {
      count += 1;
      const content = encodedContent && orRefusal(() => decodeContent(encodedContent));
      const isRead = content !== undefined && content !== 'refused';
      const kind = isRead ? kindOf(content) : '';
      if (isRead) kinds.add(kind);
      if (items.length >= shownAtMost) return;
      const unreadable = { contentType: null, sizeBytes: encodedContent?.length ?? itemBytes };
      items.push(isRead ? writingOf(content, kind) : unreadable);
    },
    shown: () => (count === 0 ? undefined : { items, more: count - items.length }),
  };
}

function orRefusal<T>(read: () => T): T | 'refused' {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProtocolError) return 'refused';
    throw error;
  }
}

function kindOf({ type }: EncodedContent): string {
  return `${type.authorityId}/${type.typeId}`.slice(0, longestKind);
}

/** The bytes of the text that apps show for this content; undefined for content that is no text. Throws what decoding a reply's content throws. */
function readableBytes(content: EncodedContent): Uint8Array | undefined {
  const { type, compression } = content;
  if (compression !== undefined || type.authorityId !== 'xmtp.org') return undefined;
  if (type.typeId === 'markdown') return content.content;
  return textBytesOf(type.typeId === 'reply' ? decodeContent(content.content) : content);
}

/** The first bytes of a text in UTF-8, up to so many, and no letter cut in two. */
function headOf(bytes: Uint8Array, most: number): Uint8Array {
  let end = Math.min(bytes.length, most);
  for (let back = 0; back < 3 && end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80; back++) end -= 1;
  return bytes.subarray(0, end);
}
