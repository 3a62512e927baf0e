// Lists in parts: what was declared is answered once and as one use, and nothing else is.
// Promises: digests are made here, by WebCrypto alone; requests are real batches.
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeSelfEncryptRequest } from '../../../protocol/keystore/messages';
import { createWholes, givenBy, partOf, type WholeOf } from './wholes';

const sha256 = async (bytes: Uint8Array) =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
const encoded = (items: Uint8Array[]) => encodeSelfEncryptRequest(items) as Uint8Array<ArrayBuffer>;
const of: WholeOf = {
  origin: 'https://app.example',
  documentKey: 'D1',
  safeId: 's',
  sessionId: 'S1',
  capability: 'preferences',
  method: 'xmtp_selfEncrypt',
  given: 'this grant',
};

/** Requests of so many items each, and what each says of the whole. */
async function cut(counts: readonly number[], items = counts.reduce((sum, one) => sum + one, 0)) {
  const requests = counts.map((count, at) =>
    encoded(Array.from({ length: count }, (_, item) => Uint8Array.of(at, item))),
  );
  const digests = await Promise.all(requests.map(sha256));
  const parts = new Uint8Array(32 * digests.length);
  digests.forEach((digest, at) => parts.set(digest, 32 * at));
  const whole = { items, parts };
  return { whole, requests: requests.map((request) => ({ request, whole })) };
}

const part = async (params: Parameters<typeof partOf>[1]) => (await partOf('xmtp_selfEncrypt', params))!;
const refused = { code: -32602, data: { field: 'whole' } };

describe('a part', () => {
  test('is told apart from what it is no part of', async () => {
    const { requests, whole } = await cut([3, 2]);
    expect(await part(requests[0]!)).toMatchObject({ items: 5, parts: 2, at: 0, count: 3 });
    expect(await part(requests[1]!)).toMatchObject({ at: 1, count: 2 });
    expect((await part(requests[0]!)).digest).toBe((await part(requests[1]!)).digest);
    expect(await partOf('xmtp_selfEncrypt', { request: requests[0]!.request })).toBeUndefined();
    const other = encoded([Uint8Array.of(9)]);
    await expect(part({ request: other, whole })).rejects.toMatchObject(refused);
    await expect(part({ ...requests[0]!, whole: { items: 2, parts: whole.parts } })).rejects.toMatchObject(refused);
    await expect(part({ ...requests[0]!, whole: { items: 5, parts: whole.parts.slice(1) } })).rejects.toMatchObject(
      refused,
    );
    await expect(part({ ...requests[0]!, whole: { items: 5, parts: new Uint8Array(0) } })).rejects.toMatchObject(
      refused,
    );
    await expect(partOf('xmtp_getV2Conversations', requests[0]!)).rejects.toMatchObject(refused);
    // A digest that begins in the middle of two others is none of them.
    const [first] = requests;
    const shifted = new Uint8Array(96);
    shifted.set(await sha256(first!.request), 16);
    await expect(part({ ...first!, whole: { items: 5, parts: shifted } })).rejects.toMatchObject(refused);
  });

  test('P2 a list that was answered under a grant is not answered under another, or under the same after an edit', async () => {
    const grant = {
      grantedAtMs: 1,
      duration: '1d',
      capabilities: ['preferences'],
      bounds: [{ capability: 'preferences', scope: { of: 'all' }, budget: null, wish: null }],
    } as unknown as Parameters<typeof givenBy>[0];
    const edited = { ...grant, bounds: [{ ...grant.bounds[0]!, budget: { uses: 2, per: 'all' } }] } as typeof grant;
    const [mine, ...others] = [grant, edited, { ...grant, grantedAtMs: 2 }].map((one) => givenBy(one));
    const { requests } = await cut([1, 1]);
    const wholes = createWholes({ nowMs: () => 0 });
    wholes.open({ ...of, given: mine! }, await part(requests[0]!), 'R1');
    for (const given of others)
      expect(wholes.take({ ...of, given }, await part(requests[1]!), 'R2') !== undefined).toBe(false);
    expect(wholes.take({ ...of, given: mine! }, await part(requests[1]!), 'R2') !== undefined).toBe(true);
  });

  test('P2 law: each is answered once, only those that were declared, no more items than were told, and to nobody else', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
        fc.nat({ max: 3 }),
        fc.array(fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 3 })), { maxLength: 20 }),
        async (counts, less, tries) => {
          const total = counts.reduce((sum, one) => sum + one, 0);
          const { requests } = await cut(counts, Math.max(counts[0]!, total - less));
          const wholes = createWholes({ nowMs: () => 1 });
          const known = await Promise.all(requests.map((one) => part(one).catch(() => undefined)));
          wholes.open(of, known[0]!, 'first');
          const taken = new Map([[0, 'first']]);
          let items = counts[0]!;
          for (const [pick, request] of tries) {
            const at = pick % counts.length;
            const one = known[at];
            if (!one) continue;
            const by = `request ${request}`;
            const isLeft = taken.has(at) ? taken.get(at) === by : items + counts[at]! <= one.items;
            for (const other of [
              { origin: 'https://other.example' },
              { documentKey: 'D2' },
              { safeId: 't' },
              { sessionId: 'S2' },
              { capability: 'messages.read' as const },
              { method: 'xmtp_selfDecrypt' as const },
            ])
              expect(wholes.take({ ...of, ...other }, one, by) !== undefined).toBe(false);
            expect(wholes.take(of, one, by) !== undefined).toBe(isLeft);
            if (isLeft && !taken.has(at)) {
              taken.set(at, by);
              items += counts[at]!;
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  test('ends with the unlock session, and five minutes after the last one', async () => {
    const clock = { nowMs: 0 };
    const { requests } = await cut([1, 1, 1]);
    const [first, second, third] = await Promise.all(requests.map(part));
    const wholes = createWholes({ nowMs: () => clock.nowMs });
    wholes.open(of, first!, 'a');
    expect(wholes.take({ ...of, sessionId: undefined }, second!, 'b') !== undefined).toBe(false);
    clock.nowMs = 300_000;
    expect(wholes.take(of, second!, 'b') !== undefined).toBe(true);
    clock.nowMs = 600_001;
    expect(wholes.take(of, third!, 'c') !== undefined).toBe(false);
  });

  test('of many wholes the oldest are forgotten', async () => {
    const wholes = createWholes({ nowMs: () => 0 });
    const opened = await Promise.all(Array.from({ length: 40 }, (_, at) => cut([1, at + 1])));
    for (const { requests } of opened) wholes.open(of, await part(requests[0]!), 'a');
    const take = async (at: number) => wholes.take(of, await part(opened[at]!.requests[1]!), 'b') !== undefined;
    expect([await take(0), await take(7), await take(8), await take(39)]).toEqual([false, false, true, true]);
  });
});
