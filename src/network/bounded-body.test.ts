// Bodies and lines of a peer that says what it likes about their length: what is held is bounded, and the connection is let go.
import { describe, expect, it } from 'vitest';
import { readLines, readWhole } from './bounded-body';

/** A body of these chunks; `left` is true once the reader let go of it. */
function bodyOf(...chunks: string[]): { response: Response; left: () => boolean } {
  let isLeft = false;
  const waiting = [...chunks];
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = waiting.shift();
        if (next === undefined) controller.close();
        else controller.enqueue(new TextEncoder().encode(next));
      },
      cancel() {
        isLeft = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { response: new Response(stream), left: () => isLeft };
}

async function linesOf(maxBytes: number, ...chunks: string[]): Promise<string[]> {
  const lines: string[] = [];
  try {
    for await (const line of readLines(bodyOf(...chunks).response, maxBytes))
      lines.push(new TextDecoder().decode(line));
  } catch (error) {
    lines.push((error as { reason: string }).reason);
  }
  return lines;
}

describe('a body', () => {
  it('R-B4 is read to its bound, and a byte more is refused, in one chunk or in many', async () => {
    expect(await readWhole(bodyOf('abc', 'de').response, 5)).toHaveLength(5);
    for (const chunks of [['abcdef'], ['abc', 'def'], [...'abcdef']])
      await expect(readWhole(bodyOf(...chunks).response, 5)).rejects.toMatchObject({ reason: 'too-large' });
  });

  it('is let go as soon as it is too large', async () => {
    const body = bodyOf('abcdef', 'never read');
    await expect(readWhole(body.response, 5)).rejects.toMatchObject({ reason: 'too-large' });
    expect(body.left()).toBe(true);
  });
});

describe('lines', () => {
  it('come whole, however they are cut into chunks, and empty ones are left out', async () => {
    expect(await linesOf(5, 'ab\n\ncd', 'e\nf', '', 'g')).toEqual(['ab', 'cde', 'fg']);
  });

  it('R-B4 that end are bounded each by itself, whether they end in one chunk or in the next', async () => {
    expect(await linesOf(5, 'abcde\nabcde\n')).toEqual(['abcde', 'abcde']);
    expect(await linesOf(5, 'ab\nabcdef\n')).toEqual(['ab', 'too-large']);
    expect(await linesOf(5, 'abc', 'def\n')).toEqual(['too-large']);
  });

  it('R-B4 that do not end are refused at their bound', async () => {
    expect(await linesOf(5, 'ab\nabc', 'def', 'ghi')).toEqual(['ab', 'too-large']);
  });
});
