// The order of pages: what an honest node can answer passes, and no other sequence gets a reader to go in circles.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Envelope, Page, Query } from './envelope';
import { NetworkError } from './network-error';
import type { WrittenPage } from './node-json';
import { checkPage, compare, placeOf } from './page-order';

const rows = fc.array(
  fc.record({
    contentTopic: fc.constantFrom('a', 'b'),
    timestampNs: fc.bigInt({ min: 1n, max: 6n }),
    message: fc.uint8Array({ maxLength: 2 }),
  }),
  { maxLength: 12 },
);
const queries = fc.record({
  topics: fc.constant(['a', 'b']),
  direction: fc.constantFrom('ascending' as const, 'descending' as const),
  limit: fc.integer({ min: 1, max: 5 }),
});

/** What an honest node answers, from the description of its order. */
async function honest(stored: readonly Envelope[], query: Query): Promise<WrittenPage> {
  const sign = query.direction === 'ascending' ? 1 : -1;
  const placed = await Promise.all(stored.map(async (envelope) => ({ envelope, place: await placeOf(envelope) })));
  const ordered = placed
    .sort((one, other) => sign * compare(one.place, other.place))
    .filter(({ place }, at, all) => at === 0 || compare(place, (all[at - 1] as (typeof all)[0]).place) !== 0);
  const page = ordered
    .filter(({ place }) => !query.cursor || sign * compare(place, query.cursor) > 0)
    .slice(0, query.limit);
  return {
    envelopes: page.map(({ envelope }) => envelope),
    cursor: page.length === query.limit ? page.at(-1)?.place : undefined,
  };
}

async function outcomeOf(checked: Promise<Page>): Promise<Page | string> {
  try {
    return await checked;
  } catch (error) {
    if (error instanceof NetworkError) return error.reason;
    throw error;
  }
}

describe('pages', () => {
  it('of an honest node pass, and give every row once, in order', async () => {
    await fc.assert(
      fc.asyncProperty(rows, queries, async (stored, query) => {
        const read: Envelope[] = [];
        let next: Query | undefined = query;
        while (next) {
          const { envelopes, cursor }: Page = await checkPage(next, await honest(stored, next));
          read.push(...envelopes);
          next = cursor && { ...query, cursor };
        }
        expect(read).toEqual((await honest(stored, { ...query, limit: 100 })).envelopes);
      }),
    );
  });

  it('R-I3 that pass go strictly forward, whatever the node wrote', async () => {
    await fc.assert(
      fc.asyncProperty(rows, rows, queries, fc.boolean(), async (sent, other, query, isLying) => {
        const before = other[0] && (await placeOf(other[0]));
        const asked = { ...query, ...(before && { cursor: before }) };
        const lastRow = (isLying ? other : sent).at(-1);
        const page = await outcomeOf(
          checkPage(asked, { envelopes: sent, cursor: lastRow && (await placeOf(lastRow)) }),
        );
        if (typeof page === 'string') return void expect(page).toBe('bad-answer');
        const sign = query.direction === 'ascending' ? 1 : -1;
        const places = [...(before ? [before] : []), ...(await Promise.all(page.envelopes.map(placeOf)))];
        places
          .slice(1)
          .forEach((place, at) => expect(sign * compare(place, places[at] as typeof place)).toBeGreaterThan(0));
        if (page.cursor) expect(page.cursor).toEqual(places.at(-1));
        if (page.cursor) expect(page.envelopes.length).toBeGreaterThan(0);
        return undefined;
      }),
      { numRuns: 500 },
    );
  });

  it('with a single lie are refused, and a row sent twice is dropped', async () => {
    const [one, two, three] = [1n, 2n, 3n].map((timestampNs) => ({
      contentTopic: 'a',
      timestampNs,
      message: Uint8Array.of(1),
    })) as [Envelope, Envelope, Envelope];
    const query: Query = { topics: ['a'], startTimeNs: 2n, endTimeNs: 3n };
    const lies: WrittenPage[] = [
      { envelopes: [{ ...three, contentTopic: 'b' }], cursor: undefined },
      { envelopes: [two, one], cursor: undefined },
      { envelopes: [{ ...three, timestampNs: 4n }], cursor: undefined },
      { envelopes: [two, three], cursor: undefined },
      { envelopes: [three, two], cursor: await placeOf(three) },
      { envelopes: [three, two], cursor: await placeOf(one) },
      { envelopes: [], cursor: await placeOf(two) },
    ];
    for (const lie of lies) expect(await outcomeOf(checkPage(query, lie))).toBe('bad-answer');
    expect(await checkPage(query, { envelopes: [three, three, two, two], cursor: await placeOf(two) })).toEqual({
      envelopes: [three, two],
      cursor: await placeOf(two),
    });
    const repeated = { envelopes: [three, two], cursor: await placeOf(two) };
    expect(await outcomeOf(checkPage({ ...query, cursor: await placeOf(two) }, repeated))).toBe('bad-answer');
  });
});
