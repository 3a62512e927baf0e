// Lines of files that hold envelopes: every form a node writes them in, and whatever else may stand between.
// Promises: what is bad is counted and spoils nothing beside it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLines } from './envelope-lines';
import { writeEnvelope } from './node-json';

const bytes = (text: string) => new TextEncoder().encode(text);
const one = { contentTopic: '/xmtp/0/m-a/proto', timestampNs: 5n, message: Uint8Array.of(1, 2) };
const other = { contentTopic: '/xmtp/0/m-b/proto', timestampNs: 6n, message: Uint8Array.of(3) };
const written = (...envelopes: (typeof one)[]) => envelopes.map(writeEnvelope);

describe('lines of envelopes', () => {
  it('are envelopes, answers of query and batch-query, or what a stream delivers', () => {
    const lines = [
      JSON.stringify(written(one)[0]),
      JSON.stringify({ envelopes: written(one, other), pagingInfo: { limit: 0, cursor: null, direction: 'x' } }),
      JSON.stringify({ responses: [{ envelopes: written(other) }, { envelopes: [] }] }),
      JSON.stringify({ result: written(other)[0] }),
    ];
    expect(readLines(bytes(lines.join('\n')))).toEqual({ envelopes: [one, one, other, other, other], bad: 0 });
  });

  it('may have a mark in front, blanks, empty lines and the line ends of another system', () => {
    const line = JSON.stringify(written(one)[0]);
    expect(readLines(bytes(`\ufeff  ${line}\r\n\r\n\t\n ${line} \r\n`))).toEqual({ envelopes: [one, one], bad: 0 });
  });

  it('are counted when they are bad, each once, and leave the others', () => {
    const line = JSON.stringify(written(one)[0]);
    const lines = [
      '{',
      '"text"',
      '7',
      '{}',
      line.replace('"5"', '5'),
      line.replace('AQI=', 'AQJ='),
      JSON.stringify({ envelopes: [...written(one), { contentTopic: 'x' }, null] }),
      JSON.stringify({ responses: [{}, null] }),
      `${line}${line}`,
    ];
    expect(readLines(bytes(lines.join('\n')))).toEqual({ envelopes: [one], bad: 11 });
    expect(readLines(Uint8Array.from([...bytes(line.slice(0, -3)), 0xff, 0xfe, 0x0a, ...bytes(line)]))).toEqual({
      envelopes: [one],
      bad: 1,
    });
  });

  it('law: any bytes give a count and never an error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.json().map(bytes)), (any) => {
        const { envelopes, bad } = readLines(any);
        expect(bad + envelopes.length).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });
});
