// Queries, line by line of the description of the real node: bounds, order, cursors, pages, batches.
// A plain filter-and-sort over all rows is the oracle of the store, which searches in sorted lists.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEnvelopeStore } from './envelope-store';
import type { Envelope, QueryRequest } from './messages';
import type { TestNode } from './node';
import { startNode } from './node';
import { envelope, post, publish } from './node.testkit';

let node: TestNode;
beforeAll(async () => {
  node = await startNode({ auth: false });
});
afterAll(() => node.close());

interface EnvelopeJson {
  timestampNs: string;
  message: string;
}
const timesOf = (json: { envelopes: EnvelopeJson[] }): number[] => json.envelopes.map((one) => Number(one.timestampNs));
const idOf = (topic: string, message: string | Uint8Array): string =>
  createHash('sha256').update(topic).update(message).digest('base64');
const refused = (message: string): object => ({ code: 3, message, details: [] });

describe('Query', () => {
  beforeAll(async () => {
    await publish(node, ...Array.from({ length: 250 }, (_, i) => envelope('many', i + 1, `message ${i + 1}`)));
    await publish(node, ...Array.from({ length: 10 }, (_, i) => envelope('few', 10 * (i + 1), 'x')));
  });

  it('Query: no topics is 400', async () => {
    for (const body of [{}, { contentTopics: [] }]) {
      const heard = await post(node, 'query', body);
      expect([heard.status, heard.json]).toEqual([400, refused('content topics required')]);
    }
  });

  it('Query: a limit above 100 is 400, but 500 for one userpreferences topic', async () => {
    const preferences = '/xmtp/0/userpreferences-abc/proto';
    const statusOf = async (contentTopics: string[], limit: number): Promise<unknown> => {
      const heard = await post(node, 'query', { contentTopics, pagingInfo: { limit } });
      return heard.status === 200 ? 200 : heard.json;
    };
    const tooMany = refused('cannot exceed 100 rows per query');
    expect(await statusOf(['many'], 100)).toBe(200);
    expect(await statusOf(['many'], 101)).toEqual(tooMany);
    expect(await statusOf([preferences], 500)).toBe(200);
    expect(await statusOf([preferences], 501)).toEqual(tooMany);
    expect(await statusOf([preferences, 'many'], 101)).toEqual(tooMany);
    expect(await statusOf(['userpreferences-abc'], 101)).toEqual(tooMany);
  });

  it('Query: limit 0 or absent is 100', async () => {
    for (const body of [
      { contentTopics: ['many'] },
      { contentTopics: ['many'], pagingInfo: { limit: 0 } },
      { contentTopics: ['many'], pagingInfo: {} },
    ]) {
      expect(timesOf((await post(node, 'query', body)).json)).toHaveLength(100);
    }
  });

  it('Query: start and end are inclusive, 0 is no bound', async () => {
    const ask = async (startTimeNs: number, endTimeNs: number): Promise<number[]> =>
      timesOf(
        (await post(node, 'query', { contentTopics: ['few'], startTimeNs, endTimeNs, pagingInfo: { direction: 1 } }))
          .json,
      );
    expect(await ask(30, 50)).toEqual([30, 40, 50]);
    expect(await ask(31, 49)).toEqual([40]);
    expect(await ask(90, 0)).toEqual([90, 100]);
    expect(await ask(0, 20)).toEqual([10, 20]);
    expect(await ask(50, 30)).toEqual([]);
  });

  it('Query: several topics are one list in one order', async () => {
    await publish(
      node,
      envelope('one', 1, 'a'),
      envelope('two', 2, 'b'),
      envelope('one', 3, 'c'),
      envelope('two', 4, 'd'),
    );
    const heard = await post(node, 'query', { contentTopics: ['two', 'one', 'two', 'none'], pagingInfo: { limit: 3 } });
    expect(timesOf(heard.json)).toEqual([4, 3, 2]);
  });

  it('Query: descending unless told; the direction is echoed, resolved', async () => {
    for (const direction of [undefined, 'SORT_DIRECTION_UNSPECIFIED', 'SORT_DIRECTION_DESCENDING']) {
      const { json } = await post(node, 'query', { contentTopics: ['few'], pagingInfo: { limit: 2, direction } });
      expect([timesOf(json), json.pagingInfo.direction]).toEqual([[100, 90], 'SORT_DIRECTION_DESCENDING']);
    }
    const { json } = await post(node, 'query', {
      contentTopics: ['few'],
      pagingInfo: { limit: 2, direction: 'SORT_DIRECTION_ASCENDING' },
    });
    expect([timesOf(json), json.pagingInfo.direction]).toEqual([[10, 20], 'SORT_DIRECTION_ASCENDING']);
  });

  it('Query: rows of one time are ordered by the bytes of their ids, either way', async () => {
    const messages = Array.from({ length: 20 }, (_, i) => `tie ${i}`);
    await publish(node, ...messages.map((message) => envelope('tie', 5, message)));
    const ids = messages.map((message) => Buffer.from(idOf('tie', message), 'base64').toString('hex')).sort();
    for (const direction of [1, 2]) {
      const { json } = await post(node, 'query', { contentTopics: ['tie'], pagingInfo: { direction } });
      const got = json.envelopes.map((one: EnvelopeJson) =>
        Buffer.from(idOf('tie', Buffer.from(one.message, 'base64')), 'base64').toString('hex'),
      );
      expect(got).toEqual(direction === 1 ? ids : [...ids].reverse());
    }
  });

  it('Query: a short page has limit 0 and no cursor; a full one its size and the last row', async () => {
    const short = await post(node, 'query', { contentTopics: ['few'], pagingInfo: { limit: 11 } });
    expect(short.json.pagingInfo).toEqual({ limit: 0, cursor: null, direction: 'SORT_DIRECTION_DESCENDING' });
    const full = await post(node, 'query', { contentTopics: ['few'], pagingInfo: { limit: 4 } });
    expect(full.json.pagingInfo).toEqual({
      limit: 4,
      cursor: { index: { digest: idOf('few', 'x'), senderTimeNs: '70' } },
      direction: 'SORT_DIRECTION_DESCENDING',
    });
  });

  it('Query: the limit told is 100 at most, also for a page of 200', async () => {
    const topic = '/xmtp/0/userpreferences-many/proto';
    await publish(node, ...Array.from({ length: 200 }, (_, i) => envelope(topic, i + 1, 'x')));
    const { json } = await post(node, 'query', { contentTopics: [topic], pagingInfo: { limit: 200 } });
    expect([json.envelopes.length, json.pagingInfo.limit]).toEqual([200, 100]);
  });

  it('Query: pages follow the exclusive cursor to the end; an exact multiple costs an empty page', async () => {
    for (const [direction, limit, pages] of [
      [1, 100, [100, 100, 50]],
      [2, 100, [100, 100, 50]],
      [1, 50, [50, 50, 50, 50, 50, 0]],
    ] as const) {
      const seen: number[] = [];
      const sizes: number[] = [];
      let cursor: object | null = null;
      do {
        const { json }: { json: any } = await post(node, 'query', {
          contentTopics: ['many'],
          pagingInfo: { limit, direction, cursor },
        });
        seen.push(...timesOf(json));
        sizes.push(json.envelopes.length);
        cursor = json.pagingInfo.cursor;
      } while (cursor);
      const all = Array.from({ length: 250 }, (_, i) => i + 1);
      expect([seen, sizes]).toEqual([direction === 1 ? all : all.reverse(), pages]);
    }
  });

  it('Query: a cursor that is no row continues from where it would be', async () => {
    const ask = async (direction: number, index: object): Promise<number[]> =>
      timesOf(
        (await post(node, 'query', { contentTopics: ['few'], pagingInfo: { limit: 2, direction, cursor: { index } } }))
          .json,
      );
    expect(await ask(1, { senderTimeNs: 45, digest: 'AA==' })).toEqual([50, 60]);
    expect(await ask(2, { senderTimeNs: 45, digest: 'AA==' })).toEqual([40, 30]);
    expect(await ask(1, { senderTimeNs: 50, digest: 'AA==' })).toEqual([50, 60]);
    expect(await ask(2, { senderTimeNs: 50, digest: 'AA==' })).toEqual([40, 30]);
  });

  it('Query: a cursor without digest is ignored, one without time compares ids only', async () => {
    const ask = async (direction: number, cursor: object): Promise<string[]> => {
      const { json } = await post(node, 'query', { contentTopics: ['tie'], pagingInfo: { direction, cursor } });
      return json.envelopes.map((one: EnvelopeJson) => idOf('tie', Buffer.from(one.message, 'base64')));
    };
    const all = await ask(1, {});
    expect(all).toHaveLength(20);
    expect(await ask(1, { index: { senderTimeNs: 5 } })).toEqual(all);
    expect(await ask(1, { index: {} })).toEqual(all);
    expect(await ask(1, { index: { digest: all[4] } })).toEqual(all.slice(5));
    expect(await ask(2, { index: { digest: all[4] } })).toEqual(all.slice(0, 4).reverse());
  });

  it('Query: the store agrees with a plain filter and sort on every request', () => {
    const topics = ['a', 'b', 'c'];
    const time = fc.bigInt({ min: 0n, max: 6n });
    const row = fc.record({
      contentTopic: fc.constantFrom(...topics),
      timestampNs: time,
      message: fc.uint8Array({ minLength: 1, maxLength: 1 }),
    });
    const cursor = fc.record({
      senderTimeNs: time,
      digest: fc.oneof(
        fc.uint8Array({ maxLength: 2 }),
        row.map((one) => digestOf(one)),
      ),
    });
    const request = fc.record({
      contentTopics: fc.array(fc.constantFrom(...topics), { minLength: 1, maxLength: 4 }),
      startTimeNs: time,
      endTimeNs: time,
      pagingInfo: fc.record(
        {
          limit: fc.nat(7),
          direction: fc.constantFrom('ascending' as const, 'descending' as const, 'unspecified' as const),
          cursor,
        },
        { requiredKeys: ['limit', 'direction'] },
      ),
    });
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 30 }),
        fc.array(request as fc.Arbitrary<QueryRequest>, { maxLength: 5 }),
        (rows, requests) => {
          const store = createEnvelopeStore();
          for (const one of rows) store.insert(one);
          for (const one of requests) expect(bare(store.query(one).envelopes)).toEqual(bare(plainQuery(rows, one)));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('Batch query', () => {
  it('Batch query: answers in the order of the requests, each with its own page', async () => {
    const requests = ['few', 'nothing', 'many'].map((topic) => ({ contentTopics: [topic], pagingInfo: { limit: 1 } }));
    const { json } = await post(node, 'batch-query', { requests });
    expect(json.responses.map(timesOf)).toEqual([[100], [], [250]]);
    expect(json.responses[1]?.pagingInfo).toEqual({ limit: 0, cursor: null, direction: 'SORT_DIRECTION_DESCENDING' });
  });

  it('Batch query: an empty list has an empty answer, 50 are allowed, 51 are 400', async () => {
    expect((await post(node, 'batch-query', {})).json).toEqual({ responses: [] });
    const requests = (count: number): object => ({
      requests: Array.from({ length: count }, () => ({ contentTopics: ['few'] })),
    });
    expect((await post(node, 'batch-query', requests(50))).json.responses).toHaveLength(50);
    const heard = await post(node, 'batch-query', requests(51));
    expect([heard.status, heard.json]).toEqual([400, refused('cannot exceed 50 requests in single batch')]);
  });

  it('Batch query: an error in one query fails all with 500, code 13, the error wrapped', async () => {
    const wrapped = (text: string): unknown[] => [
      500,
      { code: 13, message: `rpc error: code = InvalidArgument desc = ${text}`, details: [] },
    ];
    const none = await post(node, 'batch-query', { requests: [{ contentTopics: ['few'] }, {}] });
    expect([none.status, none.json]).toEqual(wrapped('content topics required'));
    const tooMany = await post(node, 'batch-query', {
      requests: [{ contentTopics: ['few'], pagingInfo: { limit: 101 } }],
    });
    expect([tooMany.status, tooMany.json]).toEqual(wrapped('cannot exceed 100 rows per query'));
  });
});

function digestOf(one: Envelope): Uint8Array {
  return new Uint8Array(createHash('sha256').update(one.contentTopic).update(one.message).digest());
}

function bare(envelopes: readonly Envelope[]): unknown[] {
  return envelopes.map(({ contentTopic, timestampNs, message }) => [contentTopic, timestampNs, [...message]]);
}

function plainQuery(rows: readonly Envelope[], request: QueryRequest): Envelope[] {
  const { startTimeNs, endTimeNs, pagingInfo } = request;
  const sign = pagingInfo?.direction === 'ascending' ? 1 : -1;
  const keyed = rows
    .filter(
      (row, index) =>
        rows.findIndex(
          (other) => other.timestampNs === row.timestampNs && Buffer.compare(digestOf(other), digestOf(row)) === 0,
        ) === index,
    )
    .map((row) => ({ row, id: digestOf(row) }));
  const order = (time: bigint, id: Uint8Array, otherTime: bigint, otherId: Uint8Array): number =>
    time === otherTime ? Buffer.compare(id, otherId) : time < otherTime ? -1 : 1;
  const isBeyond = ({ row, id }: { row: Envelope; id: Uint8Array }): boolean => {
    const cursor = pagingInfo?.cursor;
    if (!cursor || cursor.digest.length === 0) return true;
    if (cursor.senderTimeNs === 0n) return sign * Buffer.compare(id, cursor.digest) > 0;
    return sign * order(row.timestampNs, id, cursor.senderTimeNs, cursor.digest) > 0;
  };
  return keyed
    .filter(({ row }) => request.contentTopics.includes(row.contentTopic))
    .filter(
      ({ row }) =>
        (startTimeNs === 0n || row.timestampNs >= startTimeNs) && (endTimeNs === 0n || row.timestampNs <= endTimeNs),
    )
    .filter(isBeyond)
    .sort((one, other) => sign * order(one.row.timestampNs, one.id, other.row.timestampNs, other.id))
    .slice(0, pagingInfo?.limit || 100)
    .map(({ row }) => row);
}
