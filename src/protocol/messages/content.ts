// EncodedContent: what messages carry inside, and what an approval card can say about it (protocol f.1).
// Promises to read the type and the plain text of content; compressed content is left compressed.
// Must not decompress: clients disagree about the limit, and bombs are easily made.
import { bytesToUtf8, utf8ToBytes } from '../base/bytes';
import { ProtocolError } from '../base/errors';
import * as wire from '../proto/gen/conversations';
import { decodeStrictly } from '../proto/strict';

/** What kind of content it is, e.g. xmtp.org/text 1.0. */
export interface ContentType {
  readonly authorityId: string;
  readonly typeId: string;
  readonly versionMajor: number;
  readonly versionMinor: number;
}

/** Content as its codec wrote it. `fallback` is text for apps that do not know the type. */
export interface EncodedContent {
  readonly type: ContentType;
  readonly parameters: ReadonlyMap<string, string>;
  readonly content: Uint8Array;
  readonly fallback?: string;
  readonly compression?: 'deflate' | 'gzip';
}

/** Wire bytes of EncodedContent. */
export function encodeContent(content: EncodedContent): Uint8Array {
  return wire.EncodedContent.encode({
    type: { ...content.type },
    parameters: new Map(content.parameters),
    fallback: content.fallback,
    compression: content.compression && (content.compression === 'deflate' ? 0 : 1),
    content: content.content,
  }).finish();
}

/** Reads EncodedContent. Throws 'malformed-protobuf', 'missing-field' without a type, 'bad-number' for an unknown compression. */
export function decodeContent(bytes: Uint8Array): EncodedContent {
  const { type, parameters, fallback, compression, content } = decodeStrictly(
    wire.EncodedContent,
    'EncodedContent',
    bytes,
  );
  if (!type) throw new ProtocolError('missing-field', 'content type is missing');
  if (compression !== undefined && compression !== 0 && compression !== 1) {
    throw new ProtocolError('bad-number', 'unknown compression');
  }
  return {
    type,
    parameters,
    content: content.slice(),
    ...(fallback !== undefined && { fallback }),
    ...(compression !== undefined && { compression: compression === 0 ? ('deflate' as const) : ('gzip' as const) }),
  };
}

/** Plain text as content. Throws 'bad-encoding' for text without a UTF-8 form. */
export function textContent(text: string): EncodedContent {
  return {
    type: { authorityId: 'xmtp.org', typeId: 'text', versionMajor: 1, versionMinor: 0 },
    parameters: new Map([['encoding', 'UTF-8']]),
    content: utf8ToBytes(text),
  };
}

/** The text of uncompressed text content, or undefined when it is anything else. Throws 'bad-encoding'. */
export function textOf(content: EncodedContent): string | undefined {
  const bytes = textBytesOf(content);
  return bytes && bytesToUtf8(bytes);
}

/** The same as the bytes that should be its UTF-8: for a reader who does not want all of a long text. */
export function textBytesOf({ type, parameters, content, compression }: EncodedContent): Uint8Array | undefined {
  const isText = type.authorityId === 'xmtp.org' && type.typeId === 'text' && type.versionMajor === 1;
  const encoding = parameters.get('encoding') ?? 'UTF-8';
  return isText && encoding === 'UTF-8' && compression === undefined ? content : undefined;
}
