// What archives show of what apps wrote: each kind in the form its codec has, and everything else kept as it is.
// Promises: forms are those of the published codecs; hostile content never throws.
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToBase64, utf8ToBytes } from '../../protocol/base/bytes';
import { encodeContent, textContent, type EncodedContent } from '../../protocol/messages/content';
import { shownContent, unpackedBytes } from './contents';

const content = (
  typeId: string,
  parameters: [string, string][],
  bytes: Uint8Array,
  change: Partial<EncodedContent> = {},
) =>
  encodeContent({
    type: { authorityId: 'xmtp.org', typeId, versionMajor: 1, versionMinor: 0 },
    parameters: new Map(parameters),
    content: bytes,
    ...change,
  });

describe('shown content', () => {
  it('is text, also where it was compressed', async () => {
    const words = 'a long text that is worth compressing, '.repeat(9);
    const plain = textContent(words);
    expect(await shownContent(encodeContent(plain))).toEqual({ kind: 'text', text: words });
    for (const [compression, pack] of [
      ['deflate', deflateSync],
      ['gzip', gzipSync],
    ] as const)
      expect(
        await shownContent(encodeContent({ ...plain, compression, content: Uint8Array.from(pack(plain.content)) })),
      ).toEqual({
        kind: 'text',
        text: words,
      });
  });

  it('keeps packed what would become too large, or is not packed at all', async () => {
    const bomb = Uint8Array.from(gzipSync(new Uint8Array(unpackedBytes + 1)));
    for (const packed of [bomb, Uint8Array.of(1, 2, 3), Uint8Array.from(gzipSync(utf8ToBytes('cut'))).slice(0, -4)]) {
      const payload = encodeContent({
        ...textContent(''),
        compression: 'gzip',
        content: packed,
        fallback: 'too large',
      });
      expect(await shownContent(payload)).toEqual({
        kind: 'other',
        type: 'xmtp.org/text:1.0',
        fallback: 'too large',
        raw: bytesToBase64(payload),
      });
    }
  });

  it('is an attachment with its bytes, or the address of a remote one', async () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const near = content(
      'attachment',
      [
        ['filename', '../a.exe'],
        ['mimeType', 'image/png'],
      ],
      bytes,
    );
    expect(await shownContent(near)).toEqual({
      kind: 'attachment',
      name: '../a.exe',
      type: 'image/png',
      bytes: 3,
      data: 'AQID',
    });
    const far = content(
      'remoteStaticAttachment',
      [
        ['filename', 'b.png'],
        ['contentLength', '1e9x'],
        ['secret', 'ff'],
      ],
      utf8ToBytes('https://files.example/b'),
    );
    expect(await shownContent(far)).toMatchObject({
      kind: 'remote',
      name: 'b.png',
      bytes: null,
      url: 'https://files.example/b',
    });
  });

  it('is a reply or a reaction with what it is to, in both forms of reactions', async () => {
    const reply = content('reply', [['reference', 'abc']], encodeContent(textContent('yes')));
    expect(await shownContent(reply)).toMatchObject({ kind: 'reply', to: 'abc', text: 'yes' });
    const json = utf8ToBytes(JSON.stringify({ reference: 'abc', action: 'removed', content: '!', schema: 'unicode' }));
    expect(await shownContent(content('reaction', [], json))).toMatchObject({
      kind: 'reaction',
      to: 'abc',
      text: '− !',
    });
    const first = content(
      'reaction',
      [
        ['reference', 'abc'],
        ['action', 'added'],
      ],
      utf8ToBytes('?'),
    );
    expect(await shownContent(first)).toMatchObject({ kind: 'reaction', to: 'abc', text: '?' });
  });

  it('law: any bytes are shown as something, and what is not text comes back byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 80 }),
          fc
            .record({
              typeId: fc.constantFrom('reply', 'reaction', 'attachment', 'remoteStaticAttachment', 'readReceipt'),
              bytes: fc.uint8Array(),
            })
            .map(({ typeId, bytes }) => content(typeId, [], bytes)),
        ),
        async (payload) => {
          const shown = await shownContent(payload);
          if ('raw' in shown) expect(shown.raw).toBe(bytesToBase64(payload));
        },
      ),
      { numRuns: 300 },
    );
  });
});
