// The port that a document names is the one that is used, unless another program has it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { startNode } from './node/node';
import { atPreferredPort } from './preferred-port';

const portOf = (url: string) => Number(new URL(url).port);

async function takenPort(): Promise<{ port: number; release(): Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    release: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

test('a free port is used, a taken one is left to whom it belongs', async () => {
  const { port, release } = await takenPort();
  const beside = await atPreferredPort(port, (at) => startNode({ port: at }));
  expect(portOf(beside.url)).not.toBe(port);
  await beside.close();
  await release();
  const there = await atPreferredPort(port, (at) => startNode({ port: at }));
  expect(portOf(there.url)).toBe(port);
  await there.close();
});

test('another failure is not hidden', async () => {
  await expect(atPreferredPort(1, () => Promise.reject(new Error('not a log of this node')))).rejects.toThrow(
    'not a log',
  );
});
