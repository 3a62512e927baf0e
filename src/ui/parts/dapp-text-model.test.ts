// A dapp's text, made visible: laws over hostile text, and the known tricks one by one.
// Promises: the law about what is drawn uses its own list of invisible characters, not the model's.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dappTextModel, firstBytes, type Piece } from './dapp-text-model';

const invisible = /[\p{C}\p{Zl}\p{Zp}]|\u{2800}|\u{3164}|\u{115F}|\u{034F}/u;

/** How many characters of the (CR LF folded) input a piece answers for. */
function accounted(piece: Piece): number {
  return piece.kind === 'text' ? Array.from(piece.text).length : piece.count;
}

const hostile = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\u202E', '\u2066', '\u200B', '\u200D', '\uFEFF', '\n', '\r', '\t', ' ', '\u00A0', '\u0000', '\u009F', '\uD800', '\uDC00', '\u0301', '\u3164', '\u2028', '\u{E0041}', 'a', '<b>', 'ש', '❤', '\uFE0F'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 400,
});

describe('dapp text', () => {
  test('R-C5 law: no drawn character is a control, format, surrogate, unassigned or other invisible one', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        for (const piece of dappTextModel(text, Infinity).pieces) {
          if (piece.kind === 'text') expect(piece.text).not.toMatch(invisible);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('R-C5 law: every character is drawn, named, counted in a run, or counted as more', () => {
    fc.assert(
      fc.property(hostile, fc.oneof(fc.constant(Infinity), fc.integer({ min: 0, max: 500 })), (text, limit) => {
        const model = dappTextModel(text, limit);
        const shown = model.pieces.reduce((sum, piece) => sum + accounted(piece), 0);
        expect(shown + model.moreCharacters).toBe(Array.from(text.replaceAll('\r\n', '\n')).length);
      }),
      { numRuns: 1000 },
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
