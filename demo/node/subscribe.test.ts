// Streams, line by line of the description of the real node: what arrives, in which order, and how they begin and end.
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestNode } from './node';
import { startNode } from './node';
import { envelope, post, publish, subscribe, until } from './node.testkit';

let node: TestNode;
beforeAll(async () => {
  node = await startNode({ auth: false, limits: { backlogEnvelopes: 8 } });
});
afterAll(() => node.close());

/** Whether the promise is still pending after everything under way had its turn. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const marker = {};
  await post(node, 'query', { contentTopics: ['turn'] });
  return (await Promise.race([promise, Promise.resolve(marker)])) === marker;
}

describe('Subscribe', () => {
  it('Subscribe: 200, JSON, one object per line, with the header Grpc-Metadata-Subscribed', async () => {
    const { opened } = await subscribe(node, 'subscribe', { contentTopics: ['lines', 'more'] });
    await publish(node, envelope('lines', 2, 'a'), envelope('other', 1, 'no'), envelope('more', 1, 'b'));
    const stream = await opened;
    expect([stream.response.status, stream.response.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(stream.response.headers.get('grpc-metadata-subscribed')).toBe('true');
    expect(stream.response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await stream.next()).toEqual({ result: envelope('lines', 2, 'a') });
    expect(await stream.next()).toEqual({ result: envelope('more', 1, 'b') });
    await stream.cancel();
    await until(() => node.subscriberCount('lines') === 0);
  });

  it('Subscribe: not even the status line is sent before the first envelope', async () => {
    const { opened } = await subscribe(node, 'subscribe', { contentTopics: ['silent'] });
    await publish(node, envelope('loud', 1, 'x'));
    expect(await isPending(opened)).toBe(true);
    await publish(node, envelope('silent', 1, 'x'));
    await (await opened).cancel();
  });

  it('Subscribe: nothing is replayed', async () => {
    await publish(node, envelope('past', 1, 'before'));
    const { opened } = await subscribe(node, 'subscribe', { contentTopics: ['past'] });
    await publish(node, envelope('past', 2, 'after'));
    const stream = await opened;
    expect((await stream.next()).result.timestampNs).toBe('2');
    await stream.cancel();
  });

  it('Subscribe: live order is the order of publishing, whatever the times say', async () => {
    const { opened } = await subscribe(node, 'subscribe', { contentTopics: ['order'] });
    for (const time of [5, 1, 4, 0]) await publish(node, envelope('order', time, 'x'));
    const stream = await opened;
    const times = [];
    for (let i = 0; i < 4; i++) times.push((await stream.next()).result.timestampNs);
    expect(times).toEqual(['5', '1', '4', '0']);
    await stream.cancel();
  });

  it('Subscribe: an envelope that was stored before is sent again', async () => {
    const { opened } = await subscribe(node, 'subscribe', { contentTopics: ['twice'] });
    await publish(node, envelope('twice', 1, 'x'));
    await publish(node, envelope('twice', 1, 'x'));
    const stream = await opened;
    expect([await stream.next(), await stream.next()]).toEqual([
      { result: envelope('twice', 1, 'x') },
      { result: envelope('twice', 1, 'x') },
    ]);
    expect((await post(node, 'query', { contentTopics: ['twice'] })).json.envelopes).toHaveLength(1);
    await stream.cancel();
  });

  it('Subscribe: ephemeral envelopes are delivered', async () => {
    const { opened } = await subscribe(node, 'subscribe', { contentTopics: ['/xmtp/0/mE-1/proto'] });
    await publish(node, envelope('/xmtp/0/mE-1/proto', 1, 'typing'));
    const stream = await opened;
    expect((await stream.next()).result.message).toBe(Buffer.from('typing').toString('base64'));
    await stream.cancel();
  });

  it('Subscribe: an empty topic list is a silent stream', async () => {
    const other = await startNode({ auth: false });
    const { opened } = await subscribe(other, 'subscribe', {});
    await publish(other, envelope('/xmtp/0/m-1/proto', 1, 'x'), envelope('', 1, 'x'));
    expect(await isPending(opened)).toBe(true);
    await other.close();
    expect(await (await opened).rest()).toEqual([]);
  });

  it('Subscribe: subscribe-all, and the topic *, deliver /xmtp/0/ and MLS topics only', async () => {
    const all = await subscribe(node, 'subscribe-all', {});
    const star = await subscribe(node, 'subscribe', { contentTopics: ['*'] });
    await publish(
      node,
      envelope('plain', 1, 'x'),
      envelope('/xmtp/1/x', 1, 'x'),
      envelope('/xmtp/0/m-1/proto', 1, 'x'),
      envelope('*', 1, 'x'),
      envelope('/xmtp/mls/1/g-1/proto', 1, 'x'),
    );
    for (const { opened } of [all, star]) {
      const stream = await opened;
      expect([(await stream.next()).result.contentTopic, (await stream.next()).result.contentTopic]).toEqual([
        '/xmtp/0/m-1/proto',
        '/xmtp/mls/1/g-1/proto',
      ]);
      await stream.cancel();
    }
  });

  it('Subscribe: an error after the first envelope is one line', async () => {
    const { opened } = await subscribe(node, 'subscribe', { contentTopics: ['deadline'] }, { 'grpc-timeout': '300m' });
    await publish(node, envelope('deadline', 1, 'x'));
    expect((await (await opened).rest()).slice(1)).toEqual([
      { error: { code: 4, message: 'context deadline exceeded', details: [] } },
    ]);
  });

  it('Subscribe: in protobuf the stream fails with 500 at the first envelope, as the gateway cannot wrap it', async () => {
    const opened = fetch(`${node.url}/message/v1/subscribe`, {
      method: 'POST',
      body: '{"contentTopics":["wrapped"]}',
      headers: { accept: 'application/x-protobuf' },
    });
    await until(() => node.subscriberCount('wrapped') === 1);
    await publish(node, envelope('wrapped', 1, 'x'), envelope('wrapped', 2, 'x'));
    expect((await opened).status).toBe(500);
  });

  it('Subscribe: a reader that falls behind gets what was held back, and then a clean end', async () => {
    // A socket that does not read: the node's writes block once the buffers between are full.
    const { socket, received } = await openUnread('/message/v1/subscribe', { contentTopics: ['flood'] });
    const sent = 60;
    for (let i = 0; i < sent; i++) await publish(node, envelope('flood', i, Buffer.alloc(400_000)));
    await until(() => node.subscriberCount('flood') === 0);
    socket.resume();
    const text = await received;
    const lines = text
      .slice(text.indexOf('\r\n\r\n'))
      .split('\n')
      .filter((line) => line.startsWith('{"result"'));
    expect(lines.length).toBeLessThan(sent);
    const times = lines.map((line) =>
      Number((JSON.parse(line) as { result: { timestampNs: string } }).result.timestampNs),
    );
    expect(times).toEqual(times.map((_, i) => i));
    // The last chunk of a chunked body: the end is clean.
    expect(text.endsWith('0\r\n\r\n')).toBe(true);
  });

  it('Subscribe: shutdown ends streams cleanly, silent ones too', async () => {
    const other = await startNode({ auth: false });
    const { opened } = await subscribe(other, 'subscribe', { contentTopics: ['a'] });
    const silent = await subscribe(other, 'subscribe', { contentTopics: ['b'] });
    await publish(other, envelope('a', 1, 'x'));
    const stream = await opened;
    await other.close();
    expect(await stream.rest()).toEqual([{ result: envelope('a', 1, 'x') }]);
    expect(await (await silent.opened).rest()).toEqual([]);
  });

  async function openUnread(path: string, body: object): Promise<{ socket: Socket; received: Promise<string> }> {
    const socket = connect(Number(new URL(node.url).port), '127.0.0.1');
    const text = JSON.stringify(body);
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
    );
    const received = new Promise<string>((resolve, reject) => {
      const chunks: Buffer[] = [];
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.on('end', () => resolve(unchunk(Buffer.concat(chunks).toString('latin1'))));
      socket.on('error', reject);
    });
    socket.pause();
    await until(() => node.subscriberCount('flood') === 1);
    return { socket, received };
  }

  /** Each line of the node is one chunk: dropping the size lines leaves the lines. The last size line is kept. */
  function unchunk(text: string): string {
    return text.replaceAll(/\r\n[0-9a-f]+\r\n(?=\{)/g, '\r\n');
  }
});
