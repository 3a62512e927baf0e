// Files cut into whole lines: nothing is lost, doubled or cut, wherever reading goes on.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { piecesOf, type Piece } from './file-lines';

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (piece: Piece) => new TextDecoder().decode(piece.lines);

async function all(text: string, from = 0, longest?: number): Promise<Piece[]> {
  const pieces: Piece[] = [];
  for await (const piece of piecesOf(new Blob([bytes(text)]), from, longest)) pieces.push(piece);
  return pieces;
}

describe('pieces of a file', () => {
  it('are one for a short file, with the last line as it ends', async () => {
    expect((await all('a\nb')).map((piece) => [piece.at, textOf(piece), piece.isLast])).toEqual([[0, 'a\nb', true]]);
    expect((await all('')).map((piece) => [piece.at, textOf(piece), piece.isLast])).toEqual([[0, '', true]]);
    expect((await all('a\nb\n', 2)).map(textOf)).toEqual(['b\n']);
  });

  it('law: hold every line that is not too long once, in order, and say of each where it stood', async () => {
    const line = fc.string({ unit: fc.constantFrom('x', 'ä', ' '), maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 30 }), fc.boolean(), async (lines, endsOpen) => {
        const text = lines.map((one) => `${one}\n`).join('') + (endsOpen ? 'end' : '');
        const whole = bytes(text);
        const longest = 24;
        const pieces = await all(text, 0, longest);
        for (const { at, lines: held } of pieces) expect(held).toEqual(whole.subarray(at, at + held.length));
        const short = text.match(/[^\n]*\n|[^\n]+$/g)?.filter((one) => bytes(one).length <= longest) ?? [];
        expect(pieces.map(textOf).join('')).toBe(short.join(''));
        const long = (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).length - short.length;
        expect(pieces.reduce((sum, { skipped }) => sum + skipped, 0)).toBe(long);
        expect(pieces.filter(({ isLast }) => isLast)).toHaveLength(1);
        expect(pieces.at(-1)?.isLast).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('leave out a line of megabytes and go on behind it', async () => {
    const long = 'x'.repeat(3_000_000);
    const pieces = await all(`a\n${long}\nb\n`, 0, 2_000_000);
    expect(pieces.map(textOf).join('')).toBe('a\nb\n');
    expect(pieces.reduce((sum, { skipped }) => sum + skipped, 0)).toBe(1);
    expect(pieces.at(-1)).toMatchObject({ isLast: true });
    // Where it goes on is behind the long line.
    const last = pieces.find((piece) => textOf(piece).includes('b'))!;
    expect(last.at).toBe(2 + long.length + 1);
  });
});
