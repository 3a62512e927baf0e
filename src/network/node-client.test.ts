// The client against the demo node: honest, and with each way to misbehave that the node has.
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as faults from '../../demo/node/faults';
import type { TestNode } from '../../demo/node/node';
import { startNode } from '../../demo/node/node';
import { envelope, publish, testAccount } from '../../demo/node/node.testkit';
import { hangsAfterMs } from '../../scripts/limits.mjs';
import { createAuthToken } from '../protocol/keys/auth-token';
import { contactTopic } from '../protocol/messages/topics';
import type { Envelope, Query } from './envelope';
import { NetworkError } from './network-error';
import type { NodeClient, NodeClientOptions } from './node-client';
import { createNodeClient } from './node-client';
import { nodeAddress } from './node-request';

const ada = testAccount('ada');
let node: TestNode;
let pauses: number[];
beforeEach(async () => {
  node = await startNode({ auth: false });
  pauses = [];
});
afterEach(() => node.close());

/** A client that does not really pause between attempts. */
function clientOf(limits: NodeClientOptions['limits'] = {}, more: Partial<NodeClientOptions> = {}): NodeClient {
  const sleep = async (ms: number): Promise<void> => void pauses.push(ms);
  return createNodeClient({ url: node.url, sleep, ...more, limits: { requestMs: hangsAfterMs / 2, ...limits } });
}

async function failure(act: Promise<unknown>): Promise<{ reason: string; code: number | undefined }> {
  try {
    await act;
  } catch (error) {
    if (error instanceof NetworkError) return { reason: error.reason, code: error.code };
    throw error;
  }
  return { reason: 'none', code: undefined };
}

async function all(client: NodeClient, query: Query, bounds = { rows: 10_000, bytes: 1e9 }): Promise<Envelope[]> {
  const rows: Envelope[] = [];
  for await (const row of client.queryAll(query, bounds)) rows.push(row);
  return rows;
}

const store = (count: number, topic = 't'): Promise<void> =>
  publish(node, ...Array.from({ length: count }, (_, at) => envelope(topic, at + 1, `message ${at + 1}`)));

describe('query', () => {
  it('reads page after page in both directions, each row once', async () => {
    await store(250);
    for (const direction of ['ascending', 'descending'] as const) {
      const times = (await all(clientOf(), { topics: ['t'], direction, limit: 25 })).map(({ timestampNs }) =>
        Number(timestampNs),
      );
      const expected = Array.from({ length: 250 }, (_, at) => at + 1);
      expect(times).toEqual(direction === 'ascending' ? expected : expected.reverse());
    }
  });

  it('pages through rows of one time, and through several topics', async () => {
    await publish(node, ...Array.from({ length: 30 }, (_, at) => envelope(at % 2 ? 't' : 'u', 5, String(at))));
    const read = await all(clientOf(), { topics: ['t', 'u'], limit: 4 });
    expect(new Set(read.map(({ message }) => Buffer.from(message).toString())).size).toBe(30);
  });

  it('stops at its bounds of rows and of bytes', async () => {
    await store(30);
    expect(await all(clientOf(), { topics: ['t'], limit: 10 }, { rows: 20, bytes: 1e9 })).toHaveLength(20);
    expect(await all(clientOf(), { topics: ['t'], limit: 10 }, { rows: 100, bytes: 50 })).toHaveLength(5);
  });

  it('never asks for rows at time 0, over which a node cannot page', async () => {
    await publish(
      node,
      ...Array.from({ length: 12 }, (_, at) => envelope('t', 0, String(at))),
      envelope('t', 7, 'x'),
      envelope('t', 8, 'y'),
    );
    expect(
      (await all(clientOf(), { topics: ['t'], direction: 'ascending', limit: 2 })).map(
        ({ timestampNs }) => timestampNs,
      ),
    ).toEqual([7n, 8n]);
  });

  it('takes fewer rows at a time when others fill a topic with rows of the largest size', async () => {
    for (let at = 1; at <= 9; at++) await publish(node, envelope('t', at, new Uint8Array(1_048_214).fill(at)));
    await publish(node, envelope('t', 10, 'small'));
    expect((await all(clientOf(), { topics: ['t'] })).map(({ timestampNs }) => Number(timestampNs))).toEqual([
      10, 9, 8, 7, 6, 5, 4, 3, 2, 1,
    ]);
  });

  it('batches are split by 50 and come back in order', async () => {
    await publish(node, ...Array.from({ length: 120 }, (_, at) => envelope(`t${at}`, at + 1, 'x')));
    const calls: string[] = [];
    node.faults.push((request) => void calls.push(request.call ?? ''));
    const pages = await clientOf().batchQuery(Array.from({ length: 120 }, (_, at) => ({ topics: [`t${at}`] })));
    expect(pages.map((page) => Number(page.envelopes[0]?.timestampNs))).toEqual(
      Array.from({ length: 120 }, (_, at) => at + 1),
    );
    expect(calls).toEqual(['batch-query', 'batch-query', 'batch-query']);
  });

  it('a query that no node takes is refused before it is sent', async () => {
    await expect(clientOf().query({ topics: [] })).rejects.toThrow(RangeError);
    await expect(clientOf().query({ topics: ['t'], limit: 101 })).rejects.toThrow(RangeError);
    expect(() => createNodeClient({ url: 'http://node.example/path' })).toThrow(RangeError);
  });
});

describe('requests', () => {
  it('carry no cookie and no referrer, and a token only to publish', async () => {
    const seen: [string | undefined, string | undefined, boolean][] = [];
    node.faults.push(
      (request) =>
        void seen.push([
          request.call,
          request.headers.authorization,
          Boolean(request.headers.cookie ?? request.headers.referer),
        ]),
    );
    await clientOf().query({ topics: ['t'] });
    await clientOf().publish(
      [{ contentTopic: 't', timestampNs: 1n, message: Uint8Array.of(1) }],
      Uint8Array.of(1, 2, 3, 255),
    );
    expect(seen).toEqual([
      ['query', undefined, false],
      ['publish', 'Bearer AQID/w==', false],
    ]);
  });

  it('publishing with a token of the account is accepted by a node that asks for one', async () => {
    const strict = await startNode();
    const token = createAuthToken(ada.identityKey, BigInt(Date.now()) * 1_000_000n);
    const message = { contentTopic: contactTopic(ada.address), timestampNs: 5n, message: Uint8Array.of(9) };
    await createNodeClient({ url: strict.url }).publish([message], token);
    expect(strict.stored(message.contentTopic)).toEqual([expect.objectContaining(message)]);
    const foreign = { ...message, contentTopic: contactTopic(testAccount('ben').address) };
    expect(await failure(createNodeClient({ url: strict.url }).publish([foreign], token))).toEqual({
      reason: 'refused',
      code: 7,
    });
    expect(await failure(createNodeClient({ url: strict.url }).publish([message], Uint8Array.of(1)))).toEqual({
      reason: 'refused',
      code: 16,
    });
    await strict.close();
  });

  it('what no node takes is not sent', async () => {
    const sendable = { contentTopic: 't', timestampNs: 1n, message: new Uint8Array(1_048_214) };
    await clientOf().publish([sendable], Uint8Array.of());
    expect(
      await failure(clientOf().publish([{ ...sendable, message: new Uint8Array(1_048_215) }], Uint8Array.of())),
    ).toMatchObject({ reason: 'too-large' });
    expect(
      await failure(clientOf().publish([{ ...sendable, contentTopic: 'ä'.repeat(151) }], Uint8Array.of())),
    ).toMatchObject({ reason: 'too-large' });
    await expect(clientOf().publish([{ ...sendable, timestampNs: 2n ** 63n }], Uint8Array.of())).rejects.toThrow(
      RangeError,
    );
    expect(node.publishCount()).toBe(1);
  });

  it('the address of a node is scheme, host and port, and nothing else', () => {
    expect(['http://localhost:5555', 'http://LOCALHOST:5555/', 'https://node.example'].map(nodeAddress)).toEqual([
      'http://localhost:5555',
      'http://localhost:5555',
      'https://node.example',
    ]);
    for (const url of [
      '',
      'localhost:5555',
      'ftp://node.example',
      'file:///etc',
      'javascript:1',
      'http://node.example/x',
      'http://node.example?x',
      'http://node.example#x',
      'http://me@node.example',
      'http://:pw@node.example',
      'http://',
    ]) {
      expect([url, nodeAddress(url)]).toEqual([url, undefined]);
    }
  });
});

describe('R-I3 a node that misbehaves', () => {
  const hostile: [string, () => faults.Fault, string, number?][] = [
    ['answers garbage', () => faults.answerGarbage(Uint8Array.of(0xff, 0, 0x7b)), 'bad-answer'],
    ['answers a page of HTML', () => faults.answerGarbage('<!doctype html>'), 'bad-answer'],
    ['answers nothing', () => faults.answerGarbage(''), 'bad-answer'],
    ['answers another success', () => faults.answerGarbage('{"envelopes":[]}', 202), 'bad-answer'],
    ['sends elsewhere', () => faults.redirectTo(`${node.url}/other`), 'bad-answer'],
    ['sends elsewhere by GET', () => faults.redirectTo(`${node.url}/other`, 303), 'bad-answer'],
    [
      'never ends its body',
      () => faults.answerEndlessly('{"envelopes":[', '"xxxxxxxxxxxxxxx",'.repeat(1000)),
      'too-large',
    ],
    ['never ends an error', () => () => ({ status: 400, body: endless() }), 'refused', 3],
    ['drips', () => faults.dripSlowly(1, 50), 'timed-out'],
    ['never answers', () => () => new Promise(() => undefined), 'timed-out'],
    ['hangs up', () => faults.hangUp(), 'unreachable'],
    ['cuts its answer', () => faults.truncateAfter(30), 'unreachable'],
    ['refuses', () => faults.failWith(403, 7), 'refused', 7],
    ['refuses in no form', () => faults.answerGarbage('no', 401), 'refused', 16],
    ['claims another page', () => faults.lieAboutCursors(), 'bad-answer'],
    [
      'repeats a cursor',
      () => faults.lieAboutCursors({ digest: Buffer.alloc(32).toString('base64'), senderTimeNs: '3' }),
      'bad-answer',
    ],
    [
      'answers for another topic',
      () => faults.rewriteQueries((response) => response.envelopes.forEach((row) => (row.contentTopic = 'u'))),
      'bad-answer',
    ],
    ['mixes the order up', () => faults.rewriteQueries((response) => void response.envelopes.reverse()), 'bad-answer'],
    [
      'sends more than was asked',
      () =>
        faults.rewriteQueries(
          (response) =>
            (response.envelopes = Array.from({ length: 101 }, () => response.envelopes[0] as faults.EnvelopeJson)),
        ),
      'bad-answer',
    ],
  ];
  it.each(hostile)('%s: a typed error, and nothing is read', async (_, fault, reason, code) => {
    await store(3);
    node.faults.push(fault());
    // A short time only where it is to run out: on a slow machine every answer is late.
    const client = clientOf({ answerBytes: 100_000, ...(reason === 'timed-out' && { requestMs: 400 }) });
    expect(await failure(client.query({ topics: ['t'] }))).toEqual({ reason, code });
    expect(await failure(client.batchQuery([{ topics: ['t'] }]))).toEqual({ reason, code });
    node.faults.length = 0;
    expect((await clientOf().query({ topics: ['t'] })).envelopes).toHaveLength(3);
  });

  it('a node that repeats its page is not followed', async () => {
    await store(6);
    const first = await clientOf().query({ topics: ['t'], limit: 2 });
    node.faults.push((request) => ({
      body: JSON.stringify({
        envelopes: first.envelopes.map((row) => envelope('t', row.timestampNs, row.message)),
        pagingInfo: {
          cursor: {
            index: {
              digest: Buffer.from(first.cursor?.digest ?? []).toString('base64'),
              senderTimeNs: String(first.cursor?.timestampNs),
            },
          },
        },
      }),
      status: request.call ? 200 : 500,
    }));
    const read: Envelope[] = [];
    const reading = async (): Promise<void> => {
      for await (const row of clientOf().queryAll({ topics: ['t'], limit: 2 }, { rows: 100, bytes: 1e6 }))
        read.push(row);
    };
    expect(await failure(reading())).toMatchObject({ reason: 'bad-answer' });
    expect(read).toHaveLength(2);
  });

  it('rows sent twice are read once', async () => {
    await store(3);
    node.faults.push(faults.duplicateEnvelopes());
    expect((await clientOf().query({ topics: ['t'] })).envelopes).toHaveLength(3);
  });

  it('a compressed body counts by what it unpacks to', async () => {
    node.faults.push(() => ({
      headers: { 'content-encoding': 'gzip' },
      body: gzipSync(Buffer.alloc(20_000_000, 0x20)),
    }));
    expect(await failure(clientOf({ answerBytes: 1_000_000 }).query({ topics: ['t'] }))).toMatchObject({
      reason: 'too-large',
    });
  });
});

describe('attempts', () => {
  const count = async (
    fault: faults.Fault,
    act: (client: NodeClient) => Promise<unknown>,
    limits = {},
  ): Promise<[string, number]> => {
    let calls = 0;
    node.faults.push((request) => {
      calls++;
      return fault(request);
    });
    const { reason } = await failure(act(clientOf(limits)));
    node.faults.length = 0;
    return [reason, calls];
  };
  const query = (client: NodeClient): Promise<unknown> => client.query({ topics: ['t'] });
  const send = (client: NodeClient): Promise<unknown> =>
    client.publish([{ contentTopic: 't', timestampNs: 1n, message: Uint8Array.of(1) }], Uint8Array.of(1));

  it('a read is asked again when the node is away, late or busy, with growing pauses', async () => {
    expect(await count(faults.hangUp(), query)).toEqual(['unreachable', 3]);
    expect(await count(() => new Promise(() => undefined), query, { requestMs: 100 })).toEqual(['timed-out', 3]);
    pauses = [];
    expect(await count(faults.failWith(503, 14), query)).toEqual(['refused', 3]);
    expect(pauses.map((ms) => ms >= 300 && ms < 1200)).toEqual([true, true]);
    expect(pauses[1]).toBeGreaterThanOrEqual(600);
    expect(await count(faults.atMost(2, faults.failWith(429, 8)), query)).toEqual(['none', 3]);
  });

  it('a read is not asked again when the answer would be the same', async () => {
    for (const [status, code] of [
      [400, 3],
      [401, 16],
      [403, 7],
      [404, 5],
      [500, 13],
      [501, 12],
    ] as const) {
      expect(await count(faults.failWith(status, code), query)).toEqual(['refused', 1]);
    }
    expect(await count(faults.answerGarbage('x'), query)).toEqual(['bad-answer', 1]);
    expect(await count(faults.redirectTo('http://127.0.0.1:1/'), query)).toEqual(['bad-answer', 1]);
  });

  it('no attempt begins after the time for attempts', async () => {
    const times = [0, 25_000];
    expect(await count(faults.hangUp(), () => query(clientOf({}, { nowMs: () => times.shift() ?? 25_000 })))).toEqual([
      'unreachable',
      1,
    ]);
  });

  it('publishing is sent once, whatever happens', async () => {
    for (const fault of [
      faults.hangUp(),
      faults.failWith(503, 14),
      faults.failWith(429, 8),
      faults.answerGarbage('[]'),
    ])
      expect((await count(fault, send))[1]).toBe(1);
    expect(await count(() => new Promise(() => undefined), send, { requestMs: 100 })).toEqual(['timed-out', 1]);
  });

  it('a node that is not there is unreachable', async () => {
    const url = node.url;
    await node.close();
    expect(await failure(createNodeClient({ url, sleep: async () => undefined }).query({ topics: ['t'] }))).toEqual({
      reason: 'unreachable',
      code: undefined,
    });
    node = await startNode({ auth: false });
  });
});

describe('stopping', () => {
  it('ends a request, a pause and a stopped beginning with "cancelled"', async () => {
    node.faults.push(() => new Promise(() => undefined));
    const stop = new AbortController();
    const pending = failure(clientOf().query({ topics: ['t'] }, stop.signal));
    stop.abort();
    expect(await pending).toMatchObject({ reason: 'cancelled' });
    expect(await failure(clientOf().query({ topics: ['t'] }, AbortSignal.abort()))).toMatchObject({
      reason: 'cancelled',
    });
    node.faults.splice(0, 1, faults.failWith(503, 14));
    const during = new AbortController();
    const client = createNodeClient({ url: node.url, limits: { pauseMs: 60_000 } });
    const waiting = failure(client.query({ topics: ['t'] }, during.signal));
    setTimeout(() => during.abort(), 50);
    expect(await waiting).toMatchObject({ reason: 'cancelled' });
  });
});

async function* endless(): AsyncGenerator<string> {
  for (;;) yield 'x'.repeat(1000);
}
