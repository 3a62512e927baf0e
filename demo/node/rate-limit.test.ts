// Rate limits and the version gate, line by line of the description of the real node; both are off unless asked for.
import { afterEach, describe, expect, it } from 'vitest';
import type { NodeOptions, TestNode } from './node';
import { startNode } from './node';
import { envelope, post, testAccount } from './node.testkit';
import { createRateLimiter, type Spending } from './rate-limit';

const START_MS = 1_800_000_000_000;
const MINUTE_MS = 60_000;
const alice = testAccount('alice');
let nowMs = START_MS;
let node: TestNode;

async function start(options: NodeOptions): Promise<void> {
  nowMs = START_MS;
  node = await startNode({ nowMs: () => nowMs, ...options });
}
afterEach(() => node?.close());

const query = (clientAddress: string, cost = 1): Spending => ({
  call: 'query',
  cost,
  clientAddress,
  isPriority: false,
});
const publishing = (clientAddress: string, cost: number, isPriority = false): Spending => ({
  call: 'publish',
  cost,
  clientAddress,
  isPriority,
});

describe('Rate limits', () => {
  it('Rate limits: off by default, and without auth', async () => {
    await start({ auth: false, rateLimits: true });
    for (let i = 0; i < 3; i++)
      expect(
        (await post(node, 'batch-query', { requests: Array.from({ length: 50 }, () => ({ contentTopics: ['a'] })) }))
          .status,
      ).toBe(200);
    expect(
      (await post(node, 'publish', { envelopes: Array.from({ length: 1001 }, (_, i) => envelope('a', i, 'x')) }))
        .status,
    ).toBe(200);
  });

  it('Rate limits: publish has 1000 at once and 200 a minute, at the cost of its envelopes', () => {
    nowMs = START_MS;
    const spend = createRateLimiter(() => nowMs);
    spend(publishing('1.2.3.4', 1000));
    expect(() => spend(publishing('1.2.3.4', 1))).toThrow('1 exceeds rate limit R1.2.3.4PUB');
    nowMs += MINUTE_MS;
    spend(publishing('1.2.3.4', 200));
    expect(() => spend(publishing('1.2.3.4', 1))).toThrow('PUB');
    spend(publishing('5.6.7.8', 1000));
  });

  it('Rate limits: all other calls share 10,000 at once and 2,000 a minute', () => {
    nowMs = START_MS;
    const spend = createRateLimiter(() => nowMs);
    for (const call of ['query', 'batch-query', 'subscribe', 'subscribe-all'] as const)
      spend({ ...query('a', 2500), call });
    expect(() => spend(query('a'))).toThrow('1 exceeds rate limit RaDEF');
    nowMs += MINUTE_MS;
    spend(query('a', 2000));
    expect(() => spend(query('a'))).toThrow('DEF');
    spend(publishing('a', 1));
  });

  it('Rate limits: any use starts the minute anew, so a busy client never refills', () => {
    nowMs = START_MS;
    const spend = createRateLimiter(() => nowMs);
    spend(query('busy', 10_000));
    for (let i = 0; i < 10; i++) {
      nowMs += MINUTE_MS - 1;
      expect(() => spend(query('busy'))).toThrow();
    }
    nowMs += MINUTE_MS;
    spend(query('busy', 2000));
  });

  it('Rate limits: never more than the burst, and costs are cut to 16 bits', () => {
    nowMs = START_MS;
    const spend = createRateLimiter(() => nowMs);
    spend(publishing('a', 1000));
    nowMs += 100 * MINUTE_MS;
    expect(() => spend(publishing('a', 1001))).toThrow();
    spend(publishing('a', 65_536 + 1000));
    expect(() => spend(publishing('a', 1))).toThrow();
  });

  it('Rate limits: priority wallets have 25 times the publishes and 5 times the rest, in buckets of their own', () => {
    nowMs = START_MS;
    const spend = createRateLimiter(() => nowMs);
    spend(publishing('a', 1000));
    spend(publishing('a', 25_000, true));
    expect(() => spend(publishing('a', 1, true))).toThrow('1 exceeds rate limit PaPUB');
    spend({ ...query('a', 50_000), isPriority: true });
    expect(() => spend({ ...query('a'), isPriority: true })).toThrow('PaDEF');
  });

  it('Rate limits: over is 429, code 8, before auth, without Retry-After, by the first forwarded address', async () => {
    await start({ rateLimits: true });
    const envelopes = Array.from({ length: 1001 }, (_, i) => envelope('a', i, 'x'));
    const heard = await post(node, 'publish', { envelopes }, { 'x-forwarded-for': '9.9.9.9, 1.1.1.1' });
    expect([heard.status, heard.json]).toEqual([
      429,
      { code: 8, message: '1001 exceeds rate limit R9.9.9.9PUB', details: [] },
    ]);
    expect(heard.headers.get('retry-after')).toBeNull();
    expect((await post(node, 'publish', { envelopes })).json.message).toBe('1001 exceeds rate limit R127.0.0.1PUB');
  });

  it('Rate limits: a batch costs its queries; a token on the allow list makes any call a priority one', async () => {
    await start({ rateLimits: true, lists: { allowed: [alice.address], denied: [] } });
    const batch = { requests: Array.from({ length: 50 }, () => ({ contentTopics: ['a'] })) };
    for (let i = 0; i < 200; i++) await post(node, 'batch-query', batch);
    expect((await post(node, 'batch-query', batch)).json).toEqual({
      code: 8,
      message: '50 exceeds rate limit R127.0.0.1DEF',
      details: [],
    });
    expect((await post(node, 'query', { contentTopics: ['a'] }, { authorization: 'Bearer nonsense' })).status).toBe(
      429,
    );
    expect(
      (await post(node, 'query', { contentTopics: ['a'] }, { authorization: alice.authorization(START_MS) })).status,
    ).toBe(200);
  });
});

describe('Version gate', () => {
  const statusWith = async (version: string | undefined): Promise<number> =>
    (await post(node, 'query', { contentTopics: ['a'] }, version === undefined ? {} : { 'x-libxmtp-version': version }))
      .status;

  it('Version gate: in production libxmtp below 1.1.5 is 501, code 12; absent or unparsable is accepted', async () => {
    await start({ production: true });
    for (const version of ['1.1.4', '0.9.9', '1.0.10', '1.1.5-rc1'])
      expect([version, await statusWith(version)]).toEqual([version, 501]);
    for (const version of [undefined, '1.1.5', '1.1.6', '1.2.0', '2.0.0', 'v1.1.5', 'xmtp', '1.1'])
      expect([version, await statusWith(version)]).toEqual([version, 200]);
    expect((await post(node, 'publish', {}, { 'x-libxmtp-version': '1.0.0' })).json.code).toBe(12);
  });

  it('Version gate: nowhere else', async () => {
    await start({});
    expect(await statusWith('0.0.1')).toBe(200);
  });
});
