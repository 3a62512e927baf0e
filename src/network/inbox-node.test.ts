// The client of a node of V3 against the demo node, and against servers that answer whatever they like.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { RpcError } from '../../demo/node/rpc-error';
import { messageByHand, livedIn, type ActionByHand } from '../../demo/node-v3/inbox-log.testkit';
import { encoded, identityMessages, long } from '../../demo/node-v3/messages';
import { startNodeV3, type TestNodeV3 } from '../../demo/node-v3/node';
import { frame, publish } from '../../demo/node-v3/node-v3.testkit';
import { hangsAfterMs } from '../../scripts/limits.mjs';
import { emptyReading, withUpdate } from '../protocol/inbox/inbox-log';
import { createInboxNodeClient, type InboxNodeOptions } from './inbox-node';
import { NetworkError } from './network-error';

const { inboxId, lists } = livedIn('the client of a node');
/** The shapes that the demo node takes. */
const honest = lists.filter((actions) => actions.length === 1 || actions[0]?.kind === 'create');
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function demoNode(): Promise<TestNodeV3> {
  const node = await startNodeV3({ port: 0 });
  closing.push(() => node.close());
  return node;
}

/** A server that answers each question in turn; the last answer for all that follow. */
async function hostile(
  ...answers: ((response: ServerResponse) => void)[]
): Promise<{ url: string; asked: () => number }> {
  let asked = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => answers[Math.min(asked++, answers.length - 1)]?.(response));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked };
}

const clientOf = (url: string, limits: InboxNodeOptions['limits'] = {}) =>
  createInboxNodeClient({ url, limits: { requestMs: hangsAfterMs / 2, ...limits } });

async function failure(act: Promise<unknown>): Promise<string> {
  try {
    await act;
  } catch (error) {
    if (error instanceof NetworkError) return [error.reason, error.code].filter((one) => one !== undefined).join(' ');
    throw error;
  }
  return 'none';
}

const ok = Buffer.from('grpc-status:0\r\n');
const trailers = (text: string | Buffer) => frame(Buffer.from(text), 0x80);
const head = { 'content-type': 'application/grpc-web+proto' };
const body =
  (...parts: Uint8Array[]) =>
  (response: ServerResponse) =>
    response.writeHead(200, head).end(Buffer.concat(parts));
const logged = (...ids: number[]) =>
  ids.map((id) => ({
    sequenceId: long(BigInt(id)),
    serverTimestampNs: long(0n),
    update: messageByHand(inboxId, id, honest[0] as ActionByHand[]),
  }));
const message = (updates: ReturnType<typeof logged>, of = inboxId) =>
  frame(encoded(identityMessages.GetIdentityUpdatesResponse, { responses: [{ inboxId: of, updates }] }));
const page = (...ids: number[]) => body(message(logged(...ids)), trailers(ok));

describe('the log of an inbox', () => {
  it('comes whole from a node, in order, and is read as it was published', async () => {
    const node = await demoNode();
    const life = livedIn('the demo node');
    const taken = life.lists.filter((actions) => actions.length === 1 || actions[0]?.kind === 'create');
    for (const [at, actions] of taken.entries())
      expect(await publish(node, messageByHand(life.inboxId, at, actions))).toBe('taken');
    const updates = await clientOf(node.url).updatesOf(life.inboxId);
    expect(updates).toHaveLength(taken.length);
    const reading = updates.reduce((before, one) => withUpdate(before, life.inboxId, one), emptyReading);
    expect(reading.end).toBeNull();
    expect(reading.textDigests).toHaveLength(taken.length);
    expect(reading.association?.recovery).toBe(life.wallet.id);
    expect(node.calls.get('/xmtp.identity.api.v1.IdentityApi/GetIdentityUpdates')).toBe(2);
    expect([...node.unknownCalls]).toEqual([]);
  });

  it('of an inbox that nobody made is empty, with one question', async () => {
    const node = await demoNode();
    expect(await clientOf(node.url).updatesOf('00'.repeat(32))).toEqual([]);
    expect(node.calls.get('/xmtp.identity.api.v1.IdentityApi/GetIdentityUpdates')).toBe(1);
  });

  it('comes in pages, as long as each goes on', async () => {
    const { url, asked } = await hostile(page(3, 7), page(8), page(9, 12), page());
    expect(await clientOf(url).updatesOf(inboxId)).toHaveLength(5);
    expect(asked()).toBe(4);
  });
});

describe('a node that refuses or is away', () => {
  it.each([
    ['Unavailable', 14],
    ['InvalidArgument', 3],
    ['ResourceExhausted', 8],
  ] as const)('is told by its code: %s', async (name, code) => {
    const node = await demoNode();
    node.faults.push(() => new RpcError(name, 'not today'));
    expect(await failure(clientOf(node.url).updatesOf(inboxId))).toBe(`refused ${code}`);
  });

  it('is told, with a status among the headers, with a gateway’s own answer, or without any', async () => {
    const { url } = await hostile((response) => response.writeHead(200, { ...head, 'grpc-status': '7' }).end());
    expect(await failure(clientOf(url).updatesOf(inboxId))).toBe('refused 7');
    const busy = await hostile((response) => response.writeHead(503).end('<html>'));
    expect(await failure(clientOf(busy.url).updatesOf(inboxId))).toBe('refused 14');
    const cut = await demoNode();
    cut.faults.push(() => 'hang up');
    expect(await failure(clientOf(cut.url).updatesOf(inboxId))).toBe('unreachable');
    expect(await failure(clientOf('http://127.0.0.1:1').updatesOf(inboxId))).toBe('unreachable');
  });

  it('that never answers is left in time, or when the caller wants', async () => {
    const { url } = await hostile(() => undefined);
    expect(await failure(clientOf(url, { requestMs: 50 }).updatesOf(inboxId))).toBe('timed-out');
    const ending = new AbortController();
    const asked = failure(clientOf(url).updatesOf(inboxId, ending.signal));
    ending.abort();
    expect(await asked).toBe('cancelled');
  });
});

describe('R-I6 an answer that is none', () => {
  const one = message(logged(1));
  const cases: [string, (response: ServerResponse) => void][] = [
    ['nothing', body()],
    ['a page of the web', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')],
    ['JSON', (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}')],
    ['text frames', (response) => response.writeHead(200, { 'content-type': 'application/grpc-web-text' }).end('AAAA')],
    ['a redirect', (response) => response.writeHead(302, { location: '/elsewhere' }).end()],
    ['a message without its end', body(one)],
    ['an end without a message', body(trailers(ok))],
    ['two messages', body(one, one, trailers(ok))],
    ['two ends', body(one, trailers(ok), trailers(ok))],
    ['a byte behind the end', body(one, trailers(ok), Uint8Array.of(0))],
    ['a frame that is cut off', body(one.slice(0, -1))],
    ['a frame longer than the answer', body(Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff))],
    ['a compressed frame', body(frame(gzipSync(one.slice(5)), 1), trailers(ok))],
    ['a frame of no kind', body(frame(one.slice(5), 2), trailers(ok))],
    ['an end without a status', body(one, trailers('grpc-message:fine\r\n'))],
    ['an end with two statuses', body(one, trailers('grpc-status:0\r\ngrpc-status:0\r\n'))],
    ['a status that is no number', body(one, trailers('grpc-status:fine\r\n'))],
    ['a status below zero', body(one, trailers('grpc-status:-1\r\n'))],
    ['an end that is too long', body(one, trailers(`grpc-status:0\r\nx:${'y'.repeat(20_000)}\r\n`))],
    ['a message of garbage', body(frame(Uint8Array.of(1, 2, 3)), trailers(ok))],
    ['a log of another inbox', body(message(logged(1), '2f'.repeat(32)), trailers(ok))],
    ['sequence ids that go back', body(message(logged(2, 1)), trailers(ok))],
  ];

  it.each(cases)('%s: nothing of it is used', async (_, answer) => {
    // Whoever took it would have a whole log with the next answer.
    const { url } = await hostile(answer, page());
    expect(await failure(clientOf(url).updatesOf(inboxId))).toBe('bad-answer');
  });

  it('the same page again and again is no log', async () => {
    const { url } = await hostile(page(1, 2));
    expect(await failure(clientOf(url).updatesOf(inboxId))).toBe('bad-answer');
  });

  it('a status of failure after a message is a refusal', async () => {
    const { url } = await hostile(body(one, trailers('grpc-status: 13 \r\ngrpc-message:oh\r\n')), page());
    expect(await failure(clientOf(url).updatesOf(inboxId))).toBe('refused 13');
  });

  it('an answer without end, or larger than its bound, is cut off there', async () => {
    let sent = 0;
    const flood = (response: ServerResponse) => {
      response.writeHead(200, head).write(Uint8Array.of(0, 0x7f, 0xff, 0xff, 0xff));
      const chunk = Buffer.alloc(65_536);
      const more = () => {
        while (!response.destroyed && response.write(chunk)) sent += chunk.length;
      };
      response.on('drain', more);
      more();
    };
    const { url } = await hostile(flood);
    expect(await failure(clientOf(url, { answerBytes: 256 * 1024 }).updatesOf(inboxId))).toBe('too-large');
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  it('pages without end, or with more updates than an inbox has, are left', async () => {
    let id = 0;
    const drip = await hostile((response) => page(++id)(response));
    expect(await failure(clientOf(drip.url).updatesOf(inboxId))).toBe('bad-answer');
    expect(drip.asked()).toBe(16);
    const many = (from: number) => page(...Array.from({ length: 200 }, (_, at) => from + at));
    const full = await hostile(many(1), many(201), page());
    expect(await failure(clientOf(full.url).updatesOf(inboxId))).toBe('bad-answer');
    const wide = await hostile(many(1), page(300), page());
    expect(await failure(clientOf(wide.url, { answerBytes: 50_000 }).updatesOf(inboxId))).toBe('too-large');
  });
});

it('the address of a node is scheme, host and port', () => {
  for (const url of ['https://node.example/path', 'ftp://node.example', 'node', 'https://me@node.example'])
    expect(() => createInboxNodeClient({ url })).toThrow(RangeError);
});
