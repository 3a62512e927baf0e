// What a message says, as an archive shows it: text, replies, reactions, attachments, and whatever else an app wrote.
// Promises: nothing is dropped: what is not text keeps its bytes, and what cannot be read is kept as it is; unpacking is bounded.
// Must not: believe a size, a name or an address that a sender wrote to be more than words.
import type { ArchivedContent } from '../../contract/archive-page';
import { bytesToBase64, bytesToUtf8 } from '../../protocol/base/bytes';
import { decodeContent, textOf, type EncodedContent } from '../../protocol/messages/content';
import { asBytes } from '../store/encoding';

/** What compressed content may become. Larger stays packed. */
export const unpackedBytes = 4 * 1024 * 1024;

/** The content of `payload`. Never throws: bytes that are no content are content that nobody knows. */
export async function shownContent(payload: Uint8Array): Promise<ArchivedContent> {
  const content = orUndefined(() => decodeContent(payload));
  if (!content) return { kind: 'other', type: '', fallback: '', raw: bytesToBase64(payload) };
  const plain = await unpacked(content);
  const raw = () => bytesToBase64(payload);
  const text = orUndefined(() => textOf(plain));
  if (text !== undefined) return { kind: 'text', text };
  const { type, parameters, fallback = '' } = plain;
  const name = `${type.authorityId}/${type.typeId}:${type.versionMajor}.${type.versionMinor}`;
  const other: ArchivedContent = { kind: 'other', type: name, fallback, raw: raw() };
  if (type.authorityId !== 'xmtp.org' || type.versionMajor !== 1 || plain.compression !== undefined) return other;
  switch (type.typeId) {
    case 'attachment':
      return {
        kind: 'attachment',
        name: parameters.get('filename') ?? '',
        type: parameters.get('mimeType') ?? '',
        bytes: plain.content.length,
        data: bytesToBase64(plain.content),
      };
    case 'remoteStaticAttachment': {
      const size = Number(parameters.get('contentLength') ?? Number.NaN);
      const bytes = Number.isSafeInteger(size) && size >= 0 ? size : null;
      const url = orUndefined(() => bytesToUtf8(plain.content));
      return url === undefined
        ? other
        : { kind: 'remote', name: parameters.get('filename') ?? '', bytes, url, raw: raw() };
    }
    case 'reply': {
      const inner = orUndefined(() => decodeContent(plain.content));
      const said = inner && orUndefined(() => textOf(inner));
      return {
        kind: 'reply',
        to: parameters.get('reference') ?? '',
        text: said ?? inner?.fallback ?? fallback,
        raw: raw(),
      };
    }
    case 'reaction':
      return reactionOf(plain, raw()) ?? other;
    default:
      return other;
  }
}

/** Today's form is JSON; the first one had its fields among the parameters. */
function reactionOf({ parameters, content }: EncodedContent, raw: string): ArchivedContent | undefined {
  const text = orUndefined(() => bytesToUtf8(content));
  const value =
    text === undefined ? undefined : (orUndefined(() => JSON.parse(text) as unknown) as Record<string, unknown>);
  const fields = typeof value === 'object' && value !== null ? value : Object.fromEntries(parameters);
  const said = typeof value === 'object' && value !== null ? fields['content'] : text;
  const [to, action] = [fields['reference'], fields['action']];
  if (typeof to !== 'string' || typeof said !== 'string') return undefined;
  return { kind: 'reaction', to, text: action === 'removed' ? `− ${said}` : said, raw };
}

/** The content without its compression; as it is where that cannot be undone, or would give too much. */
async function unpacked(content: EncodedContent): Promise<EncodedContent> {
  const { compression, ...rest } = content;
  if (compression === undefined) return content;
  const bytes = await inflated(content.content, compression);
  return bytes ? { ...rest, content: bytes } : content;
}

async function inflated(packed: Uint8Array, compression: 'deflate' | 'gzip'): Promise<Uint8Array | undefined> {
  const stream = new Blob([asBytes(packed)]).stream().pipeThrough(new DecompressionStream(compression));
  const reader = stream.getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > unpackedBytes) {
        await reader.cancel().catch(() => undefined);
        return undefined;
      }
      pieces.push(value);
    }
  } catch {
    return undefined;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** What `read` gives; a stranger's bytes make it throw in many ways. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
