// The ports of our own pages: calls of contract/pages in, answers and notices out.
// Promises: a call runs only if its row lists the page it comes from (R-A4) and its parameters fit the schema; errors are reasons, never text.
// Must not: be reachable for anything background/browser/sender did not classify as a page of ours.
import * as v from 'valibot';
import { packBytes, unpackBytes } from '../../contract/bytes-codec';
import { VaultError } from '../../contract/errors';
import { pageMethods, type PageMessage, type PageMethodName, type PageResult } from '../../contract/pages/methods';
import type { PortLike } from '../dapps/ports';
import type { OwnPage } from '../browser/sender';

/** What carries out one row, with the row's result. Parameters have passed the row's schema. */
export type PageHandlers = {
  [M in PageMethodName]: (
    params: v.InferOutput<(typeof pageMethods)[M]['params']>,
  ) => Promise<[PageResult<M>] extends [null] ? void : PageResult<M>>;
};

export interface PagePorts {
  accept(port: PortLike, page: OwnPage): void;
  /** Tells every open page of ours that something should be read again. */
  notify(changed: Extract<PageMessage, { changed: string }>['changed']): void;
}

type Failure = Extract<PageMessage, { error: unknown }>['error'];

function failure(error: unknown): Failure {
  if (error instanceof VaultError)
    return { reason: error.reason, ...(error.detail === undefined ? {} : { detail: error.detail }) };
  return { reason: 'internal' };
}

export function createPagePorts(options: { handlers: PageHandlers; ready: Promise<void> }): PagePorts {
  const { handlers, ready } = options;
  const ports = new Set<PortLike>();

  function post(port: PortLike, message: PageMessage): void {
    try {
      port.postMessage(message);
    } catch {
      // The page was closed meanwhile.
    }
  }

  async function run(page: OwnPage, method: unknown, params: unknown): Promise<unknown> {
    if (typeof method !== 'string' || !Object.hasOwn(pageMethods, method)) throw new VaultError('invalid-input');
    const name = method as PageMethodName;
    const row = pageMethods[name];
    if (!(row.pages as readonly string[]).includes(page.page)) throw new VaultError('invalid-input', 'page');
    const parsed = v.safeParse(row.params as v.GenericSchema, params, { abortEarly: true });
    if (!parsed.success) throw new VaultError('invalid-input');
    await ready;
    return await (handlers[name] as (params: unknown) => Promise<unknown>)(parsed.output);
  }

  function accept(port: PortLike, page: OwnPage): void {
    ports.add(port);
    port.onDisconnect.addListener(() => ports.delete(port));
    port.onMessage.addListener((message) => {
      const { id, method, params, packed } = message as {
        id: number;
        method: unknown;
        params?: unknown;
        packed?: true;
      };
      const answer = (reply: PageMessage) => post(port, packed ? (packBytes(reply) as PageMessage) : reply);
      void run(page, method, packed ? unpackBytes(params) : params).then(
        (result) => answer({ id, result: result ?? null }),
        (error: unknown) => answer({ id, error: failure(error) }),
      );
    });
    post(port, { hello: Uint8Array.of(1) });
  }

  function notify(changed: Extract<PageMessage, { changed: string }>['changed']): void {
    for (const port of ports) post(port, { changed });
  }

  return { accept, notify };
}
