// What goes to a node besides the words of a request: nothing of the browser's.
import { expect, it } from 'vitest';
import { createInboxNodeClient } from './inbox-node';
import { ask, send } from './node-request';

/** The options of every request that a call makes. */
async function sent(call: (fetcher: typeof fetch) => Promise<unknown>): Promise<RequestInit[]> {
  const options: RequestInit[] = [];
  const fetcher: typeof fetch = async (_address, init) => {
    options.push(init ?? {});
    return new Response('{}', { status: 200 });
  };
  await call(fetcher);
  return options;
}

it('R-J2 a request carries no credentials, no referrer and no cache of the browser, and follows no redirect', async () => {
  const { signal } = new AbortController();
  const query = { call: 'query', body: {} } as const;
  const all = await sent(async (fetcher) => {
    await ask(fetcher, 'https://node.example', query, { requestMs: 60_000, answerBytes: 1000 });
    await send(fetcher, 'https://node.example', { call: 'subscribe', body: {} }, signal);
    await send(fetcher, 'https://node.example', { call: 'publish', body: {}, token: Uint8Array.of(1, 2, 3) }, signal);
    const inboxNode = createInboxNodeClient({ url: 'https://node.example', fetch: fetcher });
    await inboxNode.updatesOf('1f'.repeat(32)).catch(() => undefined);
  });
  expect(all).toHaveLength(4);
  for (const options of all)
    expect(options).toMatchObject({
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
      redirect: 'manual',
    });
  expect(all.map(({ headers }) => Object.keys(headers as Record<string, string>).toSorted())).toEqual([
    ['content-type'],
    ['content-type'],
    ['authorization', 'content-type'],
    ['accept', 'content-type', 'x-grpc-web'],
  ]);
});
