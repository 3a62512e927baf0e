// Reading and writing the JSON of a node: what is accepted has one form, and everything else is refused with the same reason.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToBase64 } from '../protocol/base/bytes';
import { NetworkError } from './network-error';
import {
  parseJson,
  readBatch,
  readBytes,
  readEnvelope,
  readErrorCode,
  readPage,
  readStreamLine,
  readUint64,
  writeEnvelope,
  writeQuery,
} from './node-json';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const row = { contentTopic: 't', timestampNs: '1', message: 'AQ==' };

function reasonOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof NetworkError) return error.reason;
    throw error;
  }
  return 'accepted';
}

describe('bytes', () => {
  it('written and read back are the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20_000 }), (bytes) => {
        expect(readBytes(bytesToBase64(bytes), 20_000)).toEqual(bytes);
      }),
    );
  });

  it('are accepted exactly when the platform would write them so', () => {
    const alphabet = fc.constantFrom(...'AB9+/Zaw=-_ \n');
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 12 }), (text) => {
        const expected = canonical(text);
        if (expected) expect(readBytes(text, 12)).toEqual(expected);
        else expect(reasonOf(() => readBytes(text, 12))).toBe('bad-answer');
      }),
      { numRuns: 2000 },
    );
  });

  it('longer than the bound are refused, at the bound accepted', () => {
    for (const bound of [30, 31, 32]) {
      expect(readBytes(bytesToBase64(new Uint8Array(bound)), bound)).toHaveLength(bound);
      expect(reasonOf(() => readBytes(bytesToBase64(new Uint8Array(bound + 1)), bound))).toBe('bad-answer');
    }
  });
});

describe('64-bit numbers', () => {
  it('are read from the one decimal text they have', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
        (number) => void expect(readUint64(String(number))).toBe(number),
      ),
    );
  });

  it('are refused in every other form', () => {
    for (const value of [
      '',
      '-1',
      '+1',
      '01',
      '1.0',
      '1e3',
      ' 1',
      '0x1',
      String(2n ** 64n),
      '9'.repeat(40),
      1,
      null,
      undefined,
      ['1'],
    ]) {
      expect([value, reasonOf(() => readUint64(value))]).toEqual([value, 'bad-answer']);
    }
  });
});

describe('answers', () => {
  it('R-I3 any JSON value is a page, or is refused as a bad answer, and nothing else happens', () => {
    const guess = fc.record(
      {
        envelopes: fc.oneof(
          fc.jsonValue(),
          fc.array(
            fc.oneof(
              fc.constant(row),
              fc.jsonValue(),
              fc.record({ contentTopic: fc.jsonValue(), timestampNs: fc.jsonValue(), message: fc.jsonValue() }),
            ),
            { maxLength: 6 },
          ),
        ),
        pagingInfo: fc.oneof(
          fc.jsonValue(),
          fc.record({ cursor: fc.oneof(fc.jsonValue(), fc.record({ index: fc.jsonValue() })) }),
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(guess, fc.jsonValue()), (value) => {
        for (const read of [() => readPage(value, 5), () => readBatch(value, 2), () => readEnvelope(value)])
          expect(['accepted', 'bad-answer']).toContain(reasonOf(read));
        expect(['accepted', 'bad-answer', 'refused']).toContain(
          reasonOf(() => readStreamLine(utf8(JSON.stringify(value)))),
        );
        readErrorCode(value);
      }),
      { numRuns: 2000 },
    );
  });

  it('R-I3 any bytes are JSON, or are refused as a bad answer', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        (bytes) => void expect(['accepted', 'bad-answer']).toContain(reasonOf(() => parseJson(bytes))),
      ),
    );
    expect(reasonOf(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22)))).toBe('bad-answer');
    expect(reasonOf(() => parseJson(utf8(`${'['.repeat(500_000)}`)))).toBe('bad-answer');
  });

  it('a page as the real node writes it is read', () => {
    const digest = bytesToBase64(new Uint8Array(32).fill(7));
    const page = {
      envelopes: [row],
      pagingInfo: {
        limit: 1,
        cursor: { index: { digest, senderTimeNs: '1' } },
        direction: 'SORT_DIRECTION_DESCENDING',
      },
      later: 'field',
    };
    expect(readPage(page, 1)).toEqual({
      envelopes: [{ contentTopic: 't', timestampNs: 1n, message: Uint8Array.of(1) }],
      cursor: { timestampNs: 1n, digest: new Uint8Array(32).fill(7) },
    });
    expect(
      readPage({ envelopes: [], pagingInfo: { limit: 0, cursor: null, direction: 'SORT_DIRECTION_DESCENDING' } }, 1),
    ).toEqual({ envelopes: [], cursor: undefined });
  });

  it('each single defect is refused', () => {
    const cursor = (index: unknown): unknown => ({ envelopes: [row], pagingInfo: { cursor: { index } } });
    const digest = bytesToBase64(new Uint8Array(32));
    const defects = [
      null,
      [],
      'x',
      {},
      { envelopes: {} },
      { envelopes: [null] },
      { envelopes: [[]] },
      { envelopes: [row, row, row] },
      { envelopes: [{ ...row, contentTopic: 1 }] },
      { envelopes: [{ ...row, contentTopic: 'x'.repeat(301) }] },
      { envelopes: [{ ...row, timestampNs: 1 }] },
      { envelopes: [{ ...row, message: 'AQ' }] },
      { envelopes: [{ ...row, message: 'AR==' }] },
      { envelopes: [{ ...row, message: 'A'.repeat(1_400_000) }] },
      { envelopes: [], pagingInfo: 'x' },
      cursor(null),
      cursor({ digest }),
      cursor({ digest: 'AAAA', senderTimeNs: '1' }),
      cursor({ digest, senderTimeNs: '-1' }),
    ];
    for (const defect of defects)
      expect([JSON.stringify(defect)?.slice(0, 80), reasonOf(() => readPage(defect, 2))]).toEqual([
        JSON.stringify(defect)?.slice(0, 80),
        'bad-answer',
      ]);
    expect(reasonOf(() => readBatch({ responses: [{}] }, 2))).toBe('bad-answer');
  });

  it('an error line of a stream carries its code', () => {
    expect(() => readStreamLine(utf8('{"error":{"code":14,"message":"x","details":[]}}'))).toThrow(
      expect.objectContaining({ reason: 'refused', code: 14 }),
    );
    for (const code of [0, 17, 1.5, '3', null]) expect(readErrorCode({ code })).toBeUndefined();
  });

  it('queries and envelopes are written in the JSON of protobuf', () => {
    expect(writeEnvelope({ contentTopic: 't', timestampNs: 2n ** 63n - 1n, message: Uint8Array.of(255) })).toEqual({
      contentTopic: 't',
      timestampNs: '9223372036854775807',
      message: '/w==',
    });
    expect(
      writeQuery({
        topics: ['t'],
        direction: 'ascending',
        limit: 5,
        cursor: { timestampNs: 3n, digest: Uint8Array.of(1) },
      }),
    ).toEqual({
      contentTopics: ['t'],
      startTimeNs: '1',
      endTimeNs: '0',
      pagingInfo: {
        limit: 5,
        direction: 'SORT_DIRECTION_ASCENDING',
        cursor: { index: { digest: 'AQ==', senderTimeNs: '3' } },
      },
    });
  });
});

/** The bytes of a text that node would write for them, undefined for any other text. */
function canonical(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? new Uint8Array(bytes) : undefined;
}
