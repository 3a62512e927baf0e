// The page of an archive: messages that were read, in one HTML file that needs nothing else (docs/storage.md, "Archive pages").
// Promises: what strangers wrote stands in blocks of JSON in which no character begins a tag, so that no markup of theirs is ever one; the policy in the
// page lets its one script and its one style be used, by their hashes, and nothing be loaded. Both rooms that write or read one do it here.
// Must not: know where messages come from, or draw anything.

/** Who it is of, and when it was made. */
export interface ArchiveHead {
  format: 1;
  account: string;
  madeAtMs: number;
}

export interface ArchivedConversation {
  /** By which messages name it. */
  number: number;
  version: 1 | 2;
  topic: string;
  peer: string;
  /** What the person calls the peer; empty for nothing. */
  name: string;
  /** The conversation id that an app gave it; empty for none. */
  about: string;
}

/** Why a row is no message that can be shown. */
export const rowDefects = [
  /** Its bytes are not a message. */
  'not-a-message',
  /** No key of this identity opens it: no invitation to its conversation, or a prekey that is not here. */
  'no-key',
  /** It does not open with the key it should. */
  'does-not-open',
  /** It opens, and is not signed by whom it names, or it names another conversation. */
  'not-genuine',
  /** An invitation that does not open: its conversation has no key. */
  'invitation',
] as const;
export type RowDefect = (typeof rowDefects)[number];

/** `raw`: the content as its app wrote it, in base64, of everything that is not plain text. */
export type ArchivedContent =
  | { kind: 'text'; text: string }
  | { kind: 'reply'; to: string; text: string; raw: string }
  | { kind: 'reaction'; to: string; text: string; raw: string }
  /** `data`: its bytes in base64; null when there was no more room for them in the file. */
  | { kind: 'attachment'; name: string; type: string; bytes: number; data: string | null }
  /** It lies on a server; the address is shown and never asked. */
  | { kind: 'remote'; name: string; bytes: number | null; url: string; raw: string }
  | { kind: 'other'; type: string; fallback: string; raw: string };

export type ArchivedItem =
  /** `by`: `me`, `peer`, or the account of somebody else who had the key of the conversation. */
  | { in: number; atMs: number; id: string; by: string; content: ArchivedContent }
  /** `in` null where no conversation is known. */
  | { in: number | null; atMs: number; unreadable: RowDefect };

/** What follows on what came before: conversations that are new, then messages. */
export interface ArchivePart {
  conversations: ArchivedConversation[];
  items: ArchivedItem[];
}

/** The last block: what the file has, and what it could not have. Without it the file was cut short. */
export interface ArchiveEnd {
  messages: number;
  conversations: number;
  /** The same message again, under another topic or of another node. */
  repeated: number;
  unreadable: Partial<Record<RowDefect, number>>;
  /** Attachments whose bytes are not in the file, for want of room. */
  attachmentsLeft: number;
  /** Rows that were gathered and that the disk does not give back. */
  damaged: number;
  /** Lines of files that are no rows, and rows of topics that hold no messages. */
  badLines: number;
  otherRows: number;
}

export type BlockName = 'words' | 'head' | 'part' | 'end';

const before = (name: string) => `<script type="application/json" data-archive="${name}">`;
const after = '</script>\n';

/**
 * A value as a block. Of its text nothing can begin a tag, a comment or a reference, and no line ends inside a string, so that neither a reader of HTML nor
 * one of JavaScript takes it for anything but data.
 */
export function blockOf(name: BlockName, value: unknown): string {
  const text = JSON.stringify(value).replace(
    /[<>&\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return before(name) + text + after;
}

/** Every block of a page, in order. Undefined when what stands between the marks is not JSON. */
export function blocksIn(page: string): { name: string; value: unknown }[] | undefined {
  const blocks: { name: string; value: unknown }[] = [];
  const mark = '<script type="application/json" data-archive="';
  for (let at = page.indexOf(mark); at >= 0; at = page.indexOf(mark, at)) {
    const open = page.indexOf('">', at);
    const end = page.indexOf('</script>', open);
    if (open < 0 || end < 0) return undefined;
    try {
      blocks.push({
        name: page.slice(at + mark.length, open),
        value: JSON.parse(page.slice(open + 2, end)) as unknown,
      });
    } catch {
      return undefined;
    }
    at = end;
  }
  return blocks;
}

/** What makes a page of blocks. The hashes are SHA-256 in base64, as a policy writes them. */
export interface PageParts {
  language: string;
  direction: 'ltr' | 'rtl';
  title: string;
  /** Shown where scripts are off. */
  withoutScript: string;
  /** What the script says, by name. */
  words: Readonly<Record<string, string>>;
  style: string;
  styleHash: string;
  script: string;
  scriptHash: string;
}

/**
 * What stands before the blocks, and what after them. Throws RangeError for a script or style that would end too early, a language that is not one, and
 * hashes that are not hashes: all of them come from our own package.
 */
export function pageAround(parts: PageParts): { head: string; tail: string } {
  const { language, direction, title, withoutScript, words, style, styleHash, script, scriptHash } = parts;
  if (/<\/script|<!--|<script/i.test(script) || /<\/style|<!--/i.test(style))
    throw new RangeError('it would end too early');
  if (!/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/.test(language)) throw new RangeError('not a language');
  if (![styleHash, scriptHash].every((hash) => /^[A-Za-z0-9+/]{43}=$/.test(hash))) throw new RangeError('not a hash');
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${scriptHash}'`,
    `style-src 'sha256-${styleHash}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  const head = `<!doctype html>
<html lang="${language}" dir="${direction}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${asText(title)}</title>
<style>${style}</style>
</head>
<body>
<noscript>${asText(withoutScript)}</noscript>
<main id="archive"></main>
${blockOf('words', words)}`;
  return { head, tail: `<script>${script}</script>\n</body>\n</html>\n` };
}

/** Words of ours as text of HTML. */
function asText(words: string): string {
  return words.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
