// The ports of our own pages: calls of contract/pages in, answers and notices out.
// Promises: who calls is what the browser said of the port; errors are reasons, never text.
// Must not: be reachable for anything background/browser/sender did not classify as a page of ours.
import { packBytes, unpackBytes } from '../../contract/bytes-codec';
import { VaultError } from '../../contract/errors';
import type { PageMessage } from '../../contract/pages/methods';
import type { PortLike } from '../dapps/ports';
import type { OwnPage } from '../browser/sender';
import type { PageCalls } from './calls';

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

export function createPagePorts({ calls }: { calls: PageCalls }): PagePorts {
  const ports = new Set<PortLike>();

  function post(port: PortLike, message: PageMessage): void {
    try {
      port.postMessage(message);
    } catch {
      // The page was closed meanwhile.
    }
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
      void calls.run(page, method, packed ? unpackBytes(params) : params).then(
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
