// The topics of an account against the demo node: what is newest, what becomes newest, and reading every invitation in pages.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as faults from '../../demo/node/faults';
import type { TestNode } from '../../demo/node/node';
import { startNode } from '../../demo/node/node';
import { envelope, publish, testAccount } from '../../demo/node/node.testkit';
import { createAuthToken } from '../protocol/keys/auth-token';
import { contactTopic, inviteTopic, privateStoreTopic } from '../protocol/messages/topics';
import {
  canBeOutdated,
  isDatedAhead,
  lookBounds,
  lookThrough,
  publishNewer,
  readInvitePage,
  readPlaced,
  type Placed,
} from './account-topics';
import type { Envelope } from './envelope';
import type { NodeClient } from './node-client';
import { createNodeClient } from './node-client';
import { placeOf } from './page-order';

const ada = testAccount('ada');
const nowNs = 1_760_000_000_000n * 1_000_000n;
const token = createAuthToken(ada.identityKey, nowNs);
const nowMs = Number(nowNs / 1_000_000n);
let open: TestNode;
let strict: TestNode;
let client: NodeClient;
beforeEach(async () => {
  open = await startNode({ auth: false });
  strict = await startNode({ nowMs: () => nowMs });
  client = createNodeClient({ url: open.url });
});
afterEach(async () => {
  await open.close();
  await strict.close();
});

const place = (to: NodeClient, message: string, afterNs?: bigint): Promise<Placed> =>
  publishNewer(to, {
    topic: contactTopic(ada.address),
    message: Buffer.from(message),
    token,
    nowNs,
    ...(afterNs !== undefined && { afterNs }),
  });
const send = async (to: NodeClient, message: string): Promise<bigint> => (await place(to, message)).timestampNs;

/** Every row of one look, and where it stopped. */
async function looked(
  topic: string,
  from: string | null = null,
  bounds?: { rows: number; bytes: number },
): Promise<{ rows: Envelope[]; more: string | null }> {
  const rows: Envelope[] = [];
  const more = await lookThrough(client, { topic, from }, async (page) => void rows.push(...page), bounds);
  return { rows, more };
}

describe('a node that answers slowly', () => {
  it('R-I3 with one row at a time holds nobody up for longer than a minute', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const topic = contactTopic(ada.address);
      let timestampNs = 2n ** 62n;
      // Each answer alone is in time and in order: a full page never comes, and the cursor always goes on.
      const drip = async (_: unknown, { signal }: { signal: AbortSignal }): Promise<Response> => {
        await vi.advanceTimersByTimeAsync(10_000);
        signal.throwIfAborted();
        const row = { contentTopic: topic, timestampNs: --timestampNs, message: new Uint8Array(1) };
        const { digest } = await placeOf(row);
        const cursor = { index: { digest: Buffer.from(digest).toString('base64'), senderTimeNs: String(timestampNs) } };
        return Response.json({
          envelopes: [{ contentTopic: topic, timestampNs: String(timestampNs), message: 'AA==' }],
          pagingInfo: { limit: 100, cursor },
        });
      };
      const looking = lookThrough(
        createNodeClient({ url: open.url, fetch: drip as typeof fetch }),
        { topic, from: null },
        async () => undefined,
      );
      await expect(looking).rejects.toMatchObject({ reason: 'timed-out' });
      expect(2n ** 62n - timestampNs <= 6n).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('publishing what must become the newest', () => {
  it('dates it now on an empty topic, and each further one later, so that the last is the newest', async () => {
    const to = createNodeClient({ url: strict.url });
    const times = [await send(to, 'v1'), await send(to, 'v2'), await send(to, 'v1')];
    expect(times).toEqual([nowNs, nowNs + 1_000_000n, nowNs + 2_000_000n]);
    expect(strict.stored(contactTopic(ada.address)).map(({ message }) => Buffer.from(message).toString())).toEqual([
      'v1',
      'v2',
      'v1',
    ]);
  });

  it('goes beyond a row from the future, and its time tells', async () => {
    const future = nowNs + 86_400_000_000_000n + 17n;
    await publish(open, envelope(contactTopic(ada.address), future, 'future'));
    const timestampNs = await send(client, 'mine');
    expect(timestampNs > future && timestampNs <= future + 1_000_000n && timestampNs % 1_000_000n === 0n).toBe(true);
    expect(isDatedAhead(timestampNs, nowNs)).toBe(true);
    expect(isDatedAhead(nowNs + 600_000_000_000n, nowNs)).toBe(false);
  });

  it('R-I3 is always strictly newer, in whole milliseconds, and storable; or nothing is sent, when what a node says of its rows does not fit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
          fc.bigInt({ min: 2n ** 63n - 3_000_000n, max: 2n ** 63n }),
        ),
        async (newestNs) => {
          const topic = contactTopic(ada.address);
          open.faults.splice(
            0,
            1,
            faults.onCalls(['query'], () => ({
              body: JSON.stringify({ envelopes: [envelope(topic, newestNs, 'newest')] }),
            })),
          );
          const before = open.stored(topic).length;
          const [timestampNs] = await Promise.allSettled([send(client, 'x')]);
          const isSent =
            open.stored(topic).length > before ||
            open.stored(topic).some((row) => row.timestampNs === (timestampNs as { value?: bigint }).value);
          if (timestampNs.status === 'rejected') {
            expect(timestampNs.reason).toMatchObject({ reason: 'bad-answer' });
            expect(newestNs > 2n ** 63n - 2_000_000n).toBe(true);
            expect(isSent).toBe(false);
          } else {
            expect(isSent).toBe(true);
            expect(
              timestampNs.value > newestNs &&
                timestampNs.value >= nowNs &&
                timestampNs.value < 2n ** 63n &&
                timestampNs.value % 1_000_000n === 0n,
            ).toBe(true);
          }
        },
      ),
    );
  });

  it('R-I3 stands below a row that nothing can be dated after, and above all others, and says so', async () => {
    const topic = contactTopic(ada.address);
    const end = 2n ** 63n - 1n;
    const latest = (end / 1_000_000n) * 1_000_000n;
    const year2200 = 7_258_118_400_000_000_000n;
    await publish(
      open,
      envelope(topic, year2200, 'ahead'),
      envelope(topic, end, 'at the end'),
      envelope(topic, latest, 'just before'),
    );
    expect([canBeOutdated(end), canBeOutdated(latest), canBeOutdated(latest - 1n), canBeOutdated(year2200)]).toEqual([
      false,
      false,
      true,
      true,
    ]);
    const v1 = await place(client, 'v1');
    expect(v1).toEqual({ timestampNs: year2200 + 1_000_000n, isNewest: false });
    expect(await place(client, 'v2', v1.timestampNs)).toEqual({ timestampNs: year2200 + 2_000_000n, isNewest: false });
    const { newest, sameTime } = await readPlaced(client, topic, v1.timestampNs);
    expect([newest?.timestampNs, sameTime.map(({ message }) => Buffer.from(message).toString())]).toEqual([
      end,
      ['v1'],
    ]);
  });

  it('publishes nothing when the newest row cannot be read', async () => {
    open.faults.push(faults.onCalls(['query'], faults.answerGarbage('x')));
    await expect(send(client, 'x')).rejects.toMatchObject({ reason: 'bad-answer' });
    expect(open.publishCount()).toBe(0);
  });
});

describe('reading the topics of an account', () => {
  it('gives the newest first, and stops at its bound of rows, to go on from there', async () => {
    const topic = privateStoreTopic(ada.address);
    await publish(open, ...Array.from({ length: 260 }, (_, at) => envelope(topic, at + 1, String(at + 1))));
    const first = await looked(topic, null, { rows: 200, bytes: lookBounds.bytes });
    expect([first.rows.length, first.rows[0]?.timestampNs, first.rows.at(-1)?.timestampNs]).toEqual([200, 260n, 61n]);
    const second = await looked(topic, first.more, { rows: 200, bytes: lookBounds.bytes });
    expect([second.rows.length, second.rows[0]?.timestampNs, second.more]).toEqual([60, 60n, null]);
    expect(await looked(contactTopic(ada.address))).toEqual({ rows: [], more: null });
  });

  it('stops at its bound of bytes, and does not fail on more', async () => {
    for (let at = 1; at <= 12; at++)
      await publish(open, envelope(contactTopic(ada.address), at, new Uint8Array(1_000_000)));
    const { rows, more } = await looked(contactTopic(ada.address), null, { rows: 1000, bytes: 4_000_000 });
    expect([rows.map(({ timestampNs }) => timestampNs), more === null]).toEqual([[12n, 11n, 10n, 9n, 8n], false]);
  });

  it('law: looks that stop anywhere, each going on where the one before stopped, give every row once', async () => {
    const topic = privateStoreTopic(ada.address);
    await publish(open, ...Array.from({ length: 230 }, (_, at) => envelope(topic, 1 + (at % 50), String(at))));
    const all = open
      .stored(topic)
      .map(({ message }) => Buffer.from(message).toString())
      .toReversed();
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat(120)), async (sizes) => {
        const seen: string[] = [];
        let more: string | null = null;
        do {
          const size = 1 + (sizes.next().value as number);
          let left = size;
          more = await lookThrough(client, { topic, from: more }, async (page) => {
            const taken = page.slice(0, left);
            seen.push(...taken.map(({ message }) => Buffer.from(message).toString()));
            left -= taken.length;
            return left === 0 ? taken.length : undefined;
          });
        } while (more !== null);
        expect(seen).toEqual(all);
      }),
      { numRuns: 10 },
    );
  });

  it('reads every invitation once, in pages, oldest first, those that come meanwhile too', async () => {
    const topic = inviteTopic(ada.address);
    await publish(open, ...Array.from({ length: 250 }, (_, at) => envelope(topic, (at + 1) * 10, String(at))));
    const times: number[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof readInvitePage>> = await readInvitePage(client, ada.address, cursor);
      times.push(...page.envelopes.map(({ timestampNs }) => Number(timestampNs)));
      if (cursor === null) await publish(open, envelope(topic, 5000, 'late'));
      if (page.cursor !== null) expect(page.cursor.length).toBeLessThanOrEqual(100);
      cursor = page.cursor;
    } while (cursor !== null);
    expect(times).toEqual([...Array.from({ length: 250 }, (_, at) => (at + 1) * 10), 5000]);
  });

  it('goes on where others filled the topic with rows of the largest size', async () => {
    for (let at = 1; at <= 8; at++)
      await publish(open, envelope(inviteTopic(ada.address), at, new Uint8Array(1_048_214).fill(at)));
    const first = await readInvitePage(client, ada.address, null);
    const second = await readInvitePage(client, ada.address, first.cursor);
    expect([first.envelopes.length, second.envelopes.length, second.cursor]).toEqual([5, 3, null]);
  });

  it('refuses text that is no cursor before asking', async () => {
    for (const text of ['', '1', '1.zz', `-1.${'0'.repeat(64)}`, `1.${'0'.repeat(63)}`, `1.${'0'.repeat(64)} `])
      await expect(readInvitePage(client, ada.address, text)).rejects.toThrow(RangeError);
  });
});
