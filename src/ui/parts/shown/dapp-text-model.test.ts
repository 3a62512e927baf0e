// A dapp's text, made visible: laws over hostile text, and the known tricks one by one.
// Promises: the law about what is drawn uses its own list of invisible characters, not the model's.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lawOf } from '../../../../scripts/campaign/size';
import { dappTextModel, firstBytes, type Piece } from './dapp-text-model';

const invisible = /[\p{C}\p{Zl}\p{Zp}]|\u{2800}|\u{3164}|\u{115F}|\u{034F}/u;

/** How many characters of the (CR LF folded) input a piece answers for. */
function accounted(piece: Piece): number {
  return piece.kind === 'text' ? Array.from(piece.text).length : piece.count;
}

const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '\u202E',
      '\u2066',
      '\u200B',
      '\u200D',
      '\uFEFF',
      '\n',
      '\r',
      '\t',
      ' ',
      '\u00A0',
      '\u0000',
      '\u009F',
      '\uD800',
      '\uDC00',
      '\u0301',
      '\u3164',
      '\u2028',
      '\u{E0041}',
      'a',
      '<b>',
      'ש',
      '❤',
      '\uFE0F',
    ),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 400,
});

const joiners = ['\u200C', '\u200D', '\uFE0F', '\uFE0E', '\u180B', '\u180E', '\u{E0067}', '\u{E007F}'];
/** Joiners among what they may join, and among what they may not. */
const joined = fc.string({
  unit: fc.constantFrom(
    ...joiners,
    'ی',
    'ب',
    'ِ',
    'क',
    '्',
    'ශ',
    '්',
    'ᠠ',
    '👩',
    '❤',
    '🏽',
    '🏴',
    '\u{1FBFD}',
    'a',
    'п',
    '1',
    '\u20E3',
    ' ',
    '\u0301',
  ),
  maxLength: 12,
});

/** The law's own idea of what may stand: said with one pattern, where the model looks at neighbours. */
const of = (script: string) => `(?=[\\p{L}\\p{M}])\\p{scx=${script}}`;
const mayStand = [
  ...['Arabic', 'Devanagari', 'Sinhala', 'Mongolian', 'Bengali', 'Malayalam', 'Kannada'].map(
    (script) => `(?<=${of(script)})[\\u200C\\u200D](?=${of(script)})`,
  ),
  '(?<=[\\u094D\\u0D4D\\u0DCA])\\u200D',
  '(?<=\\p{Extended_Pictographic})[\\uFE0E\\uFE0F]|(?<=[0-9])\\uFE0F(?=\\u20E3)',
  '(?<=\\p{Extended_Pictographic}[\\uFE0F\\p{Emoji_Modifier}]?)\\u200D(?=\\p{Extended_Pictographic})',
  `(?<=${of('Mongolian')})(?:\\u180B|\\u180E(?=${of('Mongolian')}))`,
].map((pattern) => new RegExp(pattern, 'gu'));
const withoutJoined = (text: string) => {
  // Judged where they stand: taking one away must not put another in its place.
  const marked = new Set(mayStand.flatMap((pattern) => [...text.matchAll(pattern)].map(({ index }) => index)));
  return Array.from({ length: text.length }, (_, at) => (marked.has(at) ? '' : text[at])).join('');
};

describe('dapp text', () => {
  test('R-C5 law: no drawn character is a control, format, surrogate, unassigned or other invisible one, but for joiners in their place', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, joined), (text) => {
        for (const piece of dappTextModel(text, Infinity).pieces) {
          if (piece.kind === 'text') expect(withoutJoined(piece.text)).not.toMatch(invisible);
        }
      }),
      lawOf('shown-texts', 'texts'),
    );
  });

  test.each([
    ['Persian', 'می\u200Cخواهم کتاب\u200Cهای خانه\u200Cها'],
    ['Persian with vowels', 'نِ\u200Cمی'],
    ['Hindi', 'क्\u200Dष क्\u200Cष रामायण'],
    ['Marathi', 'र्\u200Dया'],
    ['Bengali', 'র\u200D্য'],
    ['Sinhala', 'ශ්\u200Dරී ලංකා'],
    ['Malayalam, at the end of a word', 'അവന്\u200D വന്നു'],
    ['Kannada', 'ರ\u200D್ಕ'],
    ['Mongolian', 'ᠠ\u180Bᠨ\u180Eᠠ'],
    ['a family', '👨\u200D👩\u200D👧\u200D👦'],
    ['a profession with a skin tone', '👩🏽\u200D🚀'],
    ['hearts and flags', '❤\uFE0F\u200D🔥 🏳\uFE0F\u200D🌈 🏴\u200D☠\uFE0F'],
    ['a kiss', '👩\u200D❤\uFE0F\u200D💋\u200D👨'],
    ['keycaps and text style', '1\uFE0F\u20E3 ✉\uFE0E'],
    ['Scotland', '🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}'],
  ])('R-C5 words and emoji stay whole: %s', (_name, text) => {
    expect(dappTextModel(text).pieces).toEqual([{ kind: 'text', text }]);
  });

  test.each([
    ['between Latin letters', 'pay\u200Cpal', 'U+200C'],
    ['between Latin letters', 'pay\u200Dpal', 'U+200D'],
    ['twice', 'می\u200C\u200Cخواهم', 'U+200C'],
    ['before a space', 'می\u200C خواهم', 'U+200C'],
    ['at the beginning', '\u200Cخواهم', 'U+200C'],
    ['between scripts', 'م\u200Ca', 'U+200C'],
    ['between Cyrillic letters', 'п\u200Dп', 'U+200D'],
    ['between digits', '1\u200D2', 'U+200D'],
    ['after a pictograph, before a letter', '👩\u200Da', 'U+200D'],
    ['another invisible sign that joins nothing', 'می\u200Bخواهم', 'U+200B'],
    ['a mark of direction', 'می\u200Fخواهم', 'U+200F'],
    ['a style of a letter', 'a\uFE0F', 'U+FE0F'],
    ['a style of a digit that is no key', '1\uFE0F2', 'U+FE0F'],
    ['a second style', '❤\uFE0F\uFE0F', 'U+FE0F'],
    ['tags of no flag', '🏴\u{E0061}\u{E007F}', 'U+E0061'],
    ['tags of no flag pole', '🚩\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}', 'U+E0067'],
    ['beside a pictograph that is not there yet', '👩\u200D\u{1FBFD}', 'U+200D'],
  ])('R-C5 what joins nothing is named: %s', (_name, text, code) => {
    expect(dappTextModel(text).pieces).toContainEqual({ kind: 'escape', code, count: expect.any(Number) });
  });

  test('R-C5 law: every character is drawn, named, counted in a run, or counted as more', () => {
    fc.assert(
      fc.property(hostile, fc.oneof(fc.constant(Infinity), fc.integer({ min: 0, max: 500 })), (text, limit) => {
        const model = dappTextModel(text, limit);
        const shown = model.pieces.reduce((sum, piece) => sum + accounted(piece), 0);
        expect(shown + model.moreCharacters).toBe(Array.from(text.replaceAll('\r\n', '\n')).length);
      }),
      lawOf('shown-texts', 'texts'),
    );
  });

  test('R-C5 law: what is drawn before "more" never passes the limit', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 0, max: 500 }), (text, limit) => {
        const { pieces } = dappTextModel(text, limit);
        const drawn = pieces.map((piece) => (piece.kind === 'text' ? piece.text : '')).join('');
        expect(new TextEncoder().encode(drawn).length).toBeLessThanOrEqual(limit);
      }),
    );
  });

  test('R-C5 a right-to-left override is named where it stands', () => {
    expect(dappTextModel('pay \u202Eevil').pieces).toEqual([
      { kind: 'text', text: 'pay ' },
      { kind: 'escape', code: 'U+202E', count: 1 },
      { kind: 'text', text: 'evil' },
    ]);
  });

  test('R-C5 a wall of line breaks becomes one break with its number', () => {
    expect(dappTextModel(`a${'\r\n'.repeat(500)}b`).pieces).toEqual([
      { kind: 'text', text: 'a' },
      { kind: 'newline', count: 500 },
      { kind: 'text', text: 'b' },
    ]);
  });

  test('R-C5 long runs of spaces and stacks of accents cannot push or cover anything', () => {
    expect(dappTextModel(`a${' '.repeat(9)}b`).pieces[1]).toEqual({ kind: 'spaces', count: 9 });
    expect(dappTextModel('a b').pieces).toEqual([{ kind: 'text', text: 'a b' }]);
    expect(dappTextModel(`e${'\u0301'.repeat(40)}`).pieces).toEqual([
      { kind: 'text', text: `e${'\u0301'.repeat(3)}` },
      { kind: 'escape', code: 'U+0301', count: 37 },
    ]);
  });

  test('emoji with a style selector stay emoji; a lone selector is named', () => {
    expect(dappTextModel('❤\uFE0F').pieces).toEqual([{ kind: 'text', text: '❤\uFE0F' }]);
    expect(dappTextModel('a\uFE0F').pieces[1]).toEqual({ kind: 'escape', code: 'U+FE0F', count: 1 });
  });

  test('R-C5 more than 2 KiB is cut with an exact count', () => {
    const model = dappTextModel('é'.repeat(3000));
    expect(model.pieces).toEqual([{ kind: 'text', text: 'é'.repeat(firstBytes / 2) }]);
    expect(model.moreCharacters).toBe(3000 - firstBytes / 2);
  });
});
