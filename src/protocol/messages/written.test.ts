// What a person can read in messages that are to be written: text as text, other content by kind and size, and what nobody can read as that.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8ToBytes } from '../base/bytes';
import { encodeContent, textContent, type EncodedContent } from './content';
import { createWritings } from './written';

/** Bytes that are no message: they begin with a field of a group, which there is not. */
const random = (length: number) =>
  Uint8Array.from({ length }, (_, at) => (at === 0 ? 0x0b : (at * 37 + length) & 0xff));
const text = (words: string): Uint8Array => encodeContent(textContent(words));
const content = (typeId: string, bytes: Uint8Array, more: Partial<EncodedContent> = {}): Uint8Array =>
  encodeContent({
    type: { authorityId: 'xmtp.org', typeId, versionMajor: 1, versionMinor: 0 },
    parameters: new Map(),
    content: bytes,
    ...more,
  });
/** What a card shows of these contents. */
function written(...contents: (Uint8Array | undefined)[]) {
  const writings = createWritings();
  for (const one of contents) writings.add(one, one?.length ?? 9);
  return writings.shown();
}
const itemOf = (one: Uint8Array | undefined) => written(one)?.items[0];

describe('what is written', () => {
  it('is nothing where nothing is written', () => {
    expect(written()).toBeUndefined();
  });

  it('is shown whole where it is text, markdown, or the text of a reply', () => {
    expect(itemOf(text('Hi \u202Eereht'))).toEqual({
      contentType: 'xmtp.org/text',
      sizeBytes: utf8ToBytes('Hi \u202Eereht').length,
      text: 'Hi \u202Eereht',
    });
    expect(itemOf(content('markdown', utf8ToBytes('# Hi')))).toMatchObject({ text: '# Hi' });
    expect(itemOf(content('reply', encodeContent(textContent('yes'))))).toMatchObject({
      contentType: 'xmtp.org/reply',
      text: 'yes',
    });
    expect(itemOf(text(''))).toMatchObject({ text: '', sizeBytes: 0 });
  });

  it('is told by kind and size where it is something else, with what apps show in its place', () => {
    expect(itemOf(content('attachment', random(3_000)))).toEqual({
      contentType: 'xmtp.org/attachment',
      sizeBytes: 3_000,
    });
    expect(itemOf(content('odd', random(3), { fallback: 'I owe you 7' }))).toEqual({
      contentType: 'xmtp.org/odd',
      sizeBytes: 3,
      fallback: 'I owe you 7',
    });
    expect(itemOf(content('reply', content('attachment', random(3))))).toEqual({
      contentType: 'xmtp.org/reply',
      sizeBytes: expect.any(Number) as number,
    });
    const foreign = { type: { authorityId: 'evil.example', typeId: 'text', versionMajor: 1, versionMinor: 0 } };
    expect(itemOf(content('', utf8ToBytes('not shown as text'), foreign))).not.toHaveProperty('text');
  });

  it('is said to be compressed, which hides no text: it is not unpacked, and not called text', () => {
    const packed = encodeContent({ ...textContent('hidden'), compression: 'gzip' });
    expect(itemOf(packed)).toEqual({ contentType: 'xmtp.org/text', sizeBytes: 6, isCompressed: true });
  });

  it('is said to be unreadable where it is no content, or says that it is text and is none', () => {
    for (const bytes of [random(40), new Uint8Array(), undefined])
      expect(itemOf(bytes)).toEqual({ contentType: null, sizeBytes: bytes?.length ?? 9 });
    expect(itemOf(content('text', Uint8Array.of(0xff, 0xfe)))).toEqual({ contentType: null, sizeBytes: 2 });
    expect(itemOf(content('reply', Uint8Array.of(0xff)))).toEqual({ contentType: null, sizeBytes: 1 });
  });

  it('says how much of a text a card has no room for, and cuts no letter in two', () => {
    const long = `${'x'.repeat(65_535)}\u{1F600}end`;
    const [first, second] = written(text(long), text('next'))?.items ?? [];
    expect([first?.text?.length, first?.leftOutBytes]).toEqual([65_535, 7]);
    // One unit is left, and half a letter is none.
    expect(second).toMatchObject({ text: 'n', leftOutBytes: 3 });
    expect(written(text('x'.repeat(65_536)))?.items[0]).not.toHaveProperty('leftOutBytes');
    // Nothing of a third one fits, and a text that is shown to its first letter is no shorter for it.
    expect(written(text('x'.repeat(65_536)), text('gone'))?.items[1]).toMatchObject({ text: '', leftOutBytes: 4 });
    const han = written(text('\u6F22'.repeat(100_000)))?.items[0];
    expect([han?.text?.length, han?.leftOutBytes]).toEqual([65_536, 3 * (100_000 - 65_536)]);
    const odd = written(text(`x${'\u{1F600}'.repeat(60_000)}`))?.items[0];
    expect([odd?.text?.length, odd?.leftOutBytes]).toEqual([65_535, 1 + 4 * 60_000 - (1 + 4 * 32_767)]);
  });

  it('shows the first twenty and counts the rest, whose kinds are known all the same', () => {
    const writings = createWritings();
    for (let n = 0; n < 25; n++) writings.add(n === 24 ? content('last', random(1)) : text(String(n)), 1);
    expect([writings.shown()?.items.length, writings.shown()?.more]).toEqual([20, 5]);
    expect([...writings.kinds]).toEqual(['xmtp.org/text', 'xmtp.org/last']);
  });

  it('law: takes any bytes as content, alone and inside a reply, and never fails', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(itemOf(bytes)).toBeDefined();
        expect(itemOf(content('reply', bytes))).toMatchObject({ sizeBytes: bytes.length });
        expect(itemOf(content('text', bytes))).toMatchObject({ sizeBytes: bytes.length });
      }),
      { numRuns: 500 },
    );
  });
});
