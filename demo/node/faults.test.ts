// The hostile node: each fault does what it says, and what is stored stays honest.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as faults from './faults';
import type { TestNode } from './node';
import { startNode } from './node';
import { ask, envelope, post, publish } from './node.testkit';

const CONTACT = '/xmtp/0/contact-0xabc/proto';
let node: TestNode;
beforeEach(async () => {
  node = await startNode({ auth: false });
  await publish(node, envelope(CONTACT, 1, 'oldest'), envelope(CONTACT, 2, 'older'), envelope(CONTACT, 3, 'newest'));
});
afterEach(() => node.close());

const query = (limit = 0): ReturnType<typeof post> =>
  post(node, 'query', { contentTopics: [CONTACT], pagingInfo: { limit } });
const messagesOf = (json: { envelopes: { message: string }[] }): string[] =>
  json.envelopes.map(({ message }) => Buffer.from(message, 'base64').toString());

describe('faults', () => {
  it('see the request, and the honest answer follows when none answers', async () => {
    const seen: unknown[] = [];
    node.faults.push((request) => {
      seen.push([
        request.call,
        request.method,
        request.path,
        request.headers['x-app-version'],
        Buffer.from(request.body).toString(),
      ]);
      return undefined;
    });
    await post(node, 'query', { contentTopics: ['a'] }, { 'x-app-version': 'test/1' });
    await ask(node, '/nowhere');
    await ask(node, '/message/v1/query', { method: 'OPTIONS', headers: { 'access-control-request-method': 'POST' } });
    expect(seen).toEqual([
      ['query', 'POST', '/message/v1/query', 'test/1', '{"contentTopics":["a"]}'],
      [undefined, 'GET', '/nowhere', undefined, ''],
    ]);
  });

  it('are asked in order; the first that answers wins; removing them makes the node honest', async () => {
    node.faults.push(() => undefined, faults.failWith(503, 14, 'first'), faults.failWith(500, 13, 'second'));
    expect([(await query()).status, (await query()).json.message]).toEqual([503, 'first']);
    node.faults.length = 0;
    expect((await query()).status).toBe(200);
  });

  it('onCalls and atMost narrow a fault down', async () => {
    node.faults.push(faults.onCalls(['query'], faults.atMost(2, faults.failWith(500, 13))));
    expect((await post(node, 'batch-query', {})).status).toBe(200);
    expect([(await query()).status, (await query()).status, (await query()).status]).toEqual([500, 500, 200]);
  });

  it('garbage, redirects and headers are sent as they are', async () => {
    node.faults.push(faults.atMost(1, faults.answerGarbage(Uint8Array.of(0xff, 0x00, 0x7b))));
    expect((await query()).json).toBeUndefined();
    node.faults.push(faults.atMost(1, faults.redirectTo('http://127.0.0.1:1/elsewhere')));
    const redirect = await ask(node, '/message/v1/query', { method: 'POST', body: '{}', redirect: 'manual' });
    expect([redirect.status, redirect.headers.get('location')]).toEqual([307, 'http://127.0.0.1:1/elsewhere']);
    node.faults.push(() => ({ headers: { 'access-control-allow-origin': null, 'x-more': '1' }, body: '{}' }));
    const bare = await query();
    expect([bare.headers.get('access-control-allow-origin'), bare.headers.get('x-more'), bare.json]).toEqual([
      null,
      '1',
      {},
    ]);
  });

  it('hangUp and truncateAfter break the connection', async () => {
    node.faults.push(faults.atMost(1, faults.hangUp()));
    await expect(query()).rejects.toThrow();
    node.faults[0] = faults.atMost(1, faults.truncateAfter(10));
    await expect(query()).rejects.toThrow();
    expect((await query()).status).toBe(200);
  });

  it('executeButAnswer and hangUp(true) leave the call done', async () => {
    node.faults.push(
      faults.onCalls(['publish'], faults.atMost(1, faults.executeButAnswer({ status: 503, body: '{}' }))),
    );
    expect((await post(node, 'publish', { envelopes: [envelope('done', 1, 'x')] })).status).toBe(503);
    node.faults[0] = faults.onCalls(['publish'], faults.hangUp(true));
    await expect(post(node, 'publish', { envelopes: [envelope('done', 2, 'x')] })).rejects.toThrow();
    expect(node.stored('done')).toHaveLength(2);
  });

  it('an endless body goes on until the client leaves', async () => {
    let chunks = 0;
    node.faults.push(() => ({
      body: (async function* () {
        for (; ; chunks++) yield 'x'.repeat(10_000);
      })(),
    }));
    const response = await fetch(`${node.url}/message/v1/query`, { method: 'POST', body: '{}' });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    for (let received = 0; received < 2_000_000;) received += (await reader.read()).value?.length ?? 0;
    await reader.cancel();
    node.faults.length = 0;
    expect((await query()).status).toBe(200);
    const atLeave = chunks;
    expect((await query()).status).toBe(200);
    expect(chunks).toBeLessThanOrEqual(atLeave + 1);
    node.faults.push(faults.answerEndlessly('{"envelopes":[', ' '));
    const endless = await fetch(`${node.url}/message/v1/query`, { method: 'POST', body: '{}' });
    const first = (await (endless.body as ReadableStream<Uint8Array>).getReader().read()).value;
    expect(Buffer.from(first ?? []).toString()).toContain('{"envelopes":[');
  });

  it('dripSlowly gives the honest answer in pieces', async () => {
    const honest = (await query()).json;
    node.faults.push(faults.dripSlowly(64, 1));
    expect((await query()).json).toEqual(honest);
  });

  it('rewritten queries: duplicates, future dates, other payloads, batches too', async () => {
    node.faults.push(faults.atMost(1, faults.duplicateEnvelopes()));
    expect(messagesOf((await query()).json)).toEqual(['newest', 'newest', 'older', 'older', 'oldest', 'oldest']);
    node.faults.splice(
      0,
      1,
      faults.futureDate('/xmtp/0/contact-', 100n),
      faults.replacePayloads('/xmtp/0/contact-', Buffer.from('other')),
    );
    expect((await query(1)).json.envelopes[0]?.timestampNs).toBe('103');
    node.faults.shift();
    const { json } = await post(node, 'batch-query', {
      requests: [{ contentTopics: [CONTACT] }, { contentTopics: ['none'] }],
    });
    expect(json.responses.map(messagesOf)).toEqual([['other', 'other', 'other'], []]);
    expect(node.stored(CONTACT).map(({ timestampNs }) => timestampNs)).toEqual([1n, 2n, 3n]);
  });

  it('withholdNewest shows an older copy, also to a query for one row', async () => {
    node.faults.push(faults.withholdNewest('/xmtp/0/contact-'));
    expect(messagesOf((await query(1)).json)).toEqual(['older']);
    await publish(node, envelope('else', 1, 'x'));
    expect((await post(node, 'query', { contentTopics: ['else'] })).json.envelopes).toHaveLength(1);
    node.faults[0] = faults.withholdNewest('/xmtp/0/contact-', 5);
    expect(messagesOf((await query(1)).json)).toEqual([]);
  });

  it('lieAboutCursors claims that another page follows, always', async () => {
    node.faults.push(faults.lieAboutCursors());
    expect((await query()).json.pagingInfo).toMatchObject({ limit: 100, cursor: { index: { senderTimeNs: '1' } } });
    expect((await post(node, 'query', { contentTopics: ['none'] })).json.pagingInfo.cursor).not.toBeNull();
    node.faults[0] = faults.lieAboutCursors({ digest: 'Bw==', senderTimeNs: '7' });
    expect((await query()).json.pagingInfo.cursor).toEqual({ index: { digest: 'Bw==', senderTimeNs: '7' } });
  });
});
