// The ports of our own pages: calls of contract/internal in, answers and notices out.
// Promises: a call runs only if its row lists the page it comes from (R-A4) and its parameters fit the schema; errors are reasons, never text.
// Must not: be reachable for anything background/sender did not classify as a page of ours.
import * as v from 'valibot';
import { packBytes, unpackBytes } from '../contract/bytes-codec';
import { VaultError } from '../contract/errors';
import { internalMethods, type InternalMessage, type InternalMethodName } from '../contract/internal';
import type { PortLike } from './dapp-ports';
import type { OwnPage } from './sender';

/** What carries out one row. Parameters have passed the row's schema. */
export type InternalHandlers = {
  [M in InternalMethodName]: (params: v.InferOutput<(typeof internalMethods)[M]['params']>) => Promise<unknown>;
};

export interface PagePorts {
  accept(port: PortLike, page: OwnPage): void;
  /** Tells every open page of ours that something should be read again. */
  notify(changed: Extract<InternalMessage, { changed: string }>['changed']): void;
}

type Failure = Extract<InternalMessage, { error: unknown }>['error'];

function failure(error: unknown): Failure {
  if (error instanceof VaultError) return { reason: error.reason, ...(error.detail === undefined ? {} : { detail: error.detail }) };
  return { reason: 'internal' };
}

export function createPagePorts(options: { handlers: InternalHandlers; ready: Promise<void> }): PagePorts {
  const { handlers, ready } = options;
  const ports = new Set<PortLike>();

  function post(port: PortLike, message: InternalMessage): void {
    try {
      port.postMessage(message);
    } catch {
      // The page was closed meanwhile.
    }
  }

  async function run(page: OwnPage, method: unknown, params: unknown): Promise<unknown> {
    if (typeof method !== 'string' || !Object.hasOwn(internalMethods, method)) throw new VaultError('invalid-input');
    const name = method as InternalMethodName;
    const row = internalMethods[name];
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
      const { id, method, params, packed } = message as { id: number; method: unknown; params?: unknown; packed?: true };
      const answer = (reply: InternalMessage) => post(port, packed ? (packBytes(reply) as InternalMessage) : reply);
      void run(page, method, packed ? unpackBytes(params) : params).then(
        (result) => answer({ id, result: result ?? null }),
        (error: unknown) => answer({ id, error: failure(error) }),
      );
    });
    post(port, { hello: Uint8Array.of(1) });
  }

  function notify(changed: Extract<InternalMessage, { changed: string }>['changed']): void {
    for (const port of ports) post(port, { changed });
  }

  return { accept, notify };
}
