// Subscriptions against the demo node: what arrives, what happens when the connection goes, and how they end.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as faults from '../../demo/node/faults';
import type { TestNode } from '../../demo/node/node';
import { startNode } from '../../demo/node/node';
import { envelope, publish, until } from '../../demo/node/node.testkit';
import type { Envelope } from './envelope';
import type { NetworkError } from './network-error';
import type { NodeClient } from './node-client';
import { createNodeClient } from './node-client';

let node: TestNode;
let client: NodeClient;
let pauses: number[];
let stop: AbortController;
let seen: string[];
let losses: (string | undefined)[];
beforeEach(async () => {
  node = await startNode({ auth: false });
  [pauses, seen, losses, stop] = [[], [], [], new AbortController()];
  client = createNodeClient({ url: node.url, sleep: async (ms) => void pauses.push(ms) });
});
afterEach(async () => {
  stop.abort();
  await node.close();
});

const handlers = {
  onEnvelope: (one: Envelope): void => void seen.push(Buffer.from(one.message).toString()),
  onLost: (reason: NetworkError | undefined): void => void losses.push(reason?.reason),
};
const subscribe = (topics = ['t']): Promise<void> => client.subscribe(topics, handlers, stop.signal);

describe('subscriptions', () => {
  it('deliver in the order of publishing until they are stopped', async () => {
    const ended = subscribe(['t', 'u']);
    await until(() => node.subscriberCount('t') === 1);
    await publish(node, envelope('t', 2, 'a'), envelope('x', 1, 'no'), envelope('u', 1, 'b'), envelope('t', 3, ''));
    await until(() => seen.length === 3);
    expect(seen).toEqual(['a', 'b', '']);
    stop.abort();
    await ended;
    await until(() => node.subscriberCount('t') === 0);
    expect(losses).toEqual([]);
  });

  it('deliver an envelope of the largest size', async () => {
    void subscribe();
    await until(() => node.subscriberCount('t') === 1);
    await publish(node, envelope('t', 1, new Uint8Array(1_048_214).fill(65)));
    await until(() => seen.length === 1);
    expect(seen[0]).toHaveLength(1_048_214);
  });

  it('come back after a clean end and after a cut, and say so', async () => {
    node.faults.push(faults.atMost(1, faults.answerGarbage('')), faults.atMost(1, faults.hangUp()));
    void subscribe();
    await until(() => node.subscriberCount('t') === 1);
    expect(losses).toEqual([undefined, 'unreachable']);
    await publish(node, envelope('t', 1, 'a'));
    await until(() => seen.length === 1);
  });

  it('R-I3 end a connection that sends garbage, foreign topics, errors or a line without end, and pause longer each time', async () => {
    const line = (value: unknown): string => `${JSON.stringify(value)}\n`;
    const lies: [faults.Fault, string | undefined][] = [
      [faults.answerGarbage('garbage\n'), 'bad-answer'],
      [faults.answerGarbage(line({ result: envelope('other', 1, 'x') })), 'bad-answer'],
      [faults.answerGarbage(line({ error: { code: 14, message: '' } })), 'refused'],
      [faults.answerEndlessly('{"result":', ' '.repeat(65_536)), 'too-large'],
      [faults.redirectTo('http://127.0.0.1:1/'), 'bad-answer'],
      [faults.failWith(503, 14), 'refused'],
      [faults.answerGarbage(line({ result: envelope('t', 1, 'good') }) + line({})), 'bad-answer'],
    ];
    for (const [fault] of lies) node.faults.push(faults.atMost(1, fault));
    void subscribe();
    await until(() => node.subscriberCount('t') === 1);
    expect(losses).toEqual(lies.map(([, reason]) => reason));
    expect(seen).toEqual(['good']);
    const doubled = [1, 2, 4, 8, 16, 32];
    doubled.forEach((factor, at) => {
      expect(pauses[at]).toBeGreaterThanOrEqual(1000 * factor);
      expect(pauses[at]).toBeLessThan(1500 * factor);
    });
    // A connection that delivered something was a good one.
    expect(pauses[6]).toBeLessThan(1500);
  });

  it('end with the refusal when the node does not take them', async () => {
    node.faults.push(faults.failWith(400, 3));
    await expect(subscribe()).rejects.toMatchObject({ reason: 'refused', code: 3 });
    expect(pauses).toEqual([]);
  });

  it('end with what a handler throws', async () => {
    const ended = client.subscribe(
      ['t'],
      { onEnvelope: () => Promise.reject(new Error('of the handler')) },
      stop.signal,
    );
    const failed = expect(ended).rejects.toThrow('of the handler');
    await until(() => node.subscriberCount('t') === 1);
    await publish(node, envelope('t', 1, 'a'));
    await failed;
    await until(() => node.subscriberCount('t') === 0);
  });

  it('end when they are stopped in a pause', async () => {
    node.faults.push(faults.hangUp());
    const real = createNodeClient({ url: node.url });
    const ended = real.subscribe(['t'], handlers, stop.signal);
    await until(() => losses.length === 1);
    stop.abort();
    await ended;
  });
});
