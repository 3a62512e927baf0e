// The requests that are connected now, by id: who is answered, once, and whose frame is asked for again.
// Promises: P3: nothing here outlives the worker; what waits is a record. Only what is connected now is answered, and only once; a site that is
// blocked by then gets what a stranger gets.
// Must not: know parameters. They come again from the relay.
import { errorCode, ProviderError } from '../../contract/errors';
import { isMethodName, methods } from '../../contract/dapp/methods';
import type { ApprovalCard } from '../../contract/pages/approvals';
import type { Approvals } from '../../vault/consent/approvals/approvals';
import type { QuietSites } from '../../vault/store/quiet';
import type { Attached, Settled } from './request';

export interface OpenRequests {
  attach(request: Attached): void;
  isAttached(request: Attached): boolean;
  has(id: string): boolean;
  /** Those of these requests that are connected. */
  connected(ids: readonly string[]): Attached[];
  finish(request: Attached, outcome: Settled): void;
  answerAll(ids: readonly string[], error: ProviderError): void;
  /** Forgets the requests of a document that is gone. */
  dropDocument(documentKey: string): void;
  /** Has the connected requests of some waiting cards sent and routed again. */
  reroute(isMeant: (card: ApprovalCard) => boolean): Promise<void>;
  /** An origin lost its grants: what waits for it, and what is under way with them, ends. */
  revoked(origin: string, except?: string): Promise<void>;
}

/** What a stranger would have got for a result, whatever was under way when the site was blocked (R-B6). */
function asToStranger(method: string, outcome: Settled): Settled {
  if ('error' in outcome || method === 'vault_getCapabilities') return outcome;
  return method === 'vault_accounts' ? { result: [] } : { error: new ProviderError(errorCode.unauthorized).toShape() };
}

export function createOpenRequests(approvals: Approvals, quietOf: QuietSites['of']): OpenRequests {
  const attached = new Map<string, Attached>();
  const isAttached = ({ id, answer }: Attached): boolean => attached.get(id)?.answer === answer;
  const connected = (ids: readonly string[]) => ids.flatMap((id) => attached.get(id) ?? []);

  function finish(request: Attached, outcome: Settled): void {
    if (!isAttached(request)) return;
    attached.delete(request.id);
    request.answer(quietOf(request.dapp.origin) === 'blocked' ? asToStranger(request.method, outcome) : outcome);
  }

  function answerAll(ids: readonly string[], error: ProviderError): void {
    for (const request of connected(ids)) finish(request, { error: error.toShape() });
  }

  return {
    attach: (request) => void attached.set(request.id, request),
    isAttached,
    has: (id) => attached.has(id),
    connected,
    finish,
    answerAll,
    dropDocument(documentKey) {
      for (const request of attached.values())
        if (request.dapp.documentKey === documentKey) attached.delete(request.id);
    },
    async reroute(isMeant) {
      // All ids first: answering one request may remove the record that several share.
      const ids = (await approvals.list()).filter(isMeant).map((card) => card.id);
      const records = await Promise.all(ids.map((id) => approvals.get(id)));
      await Promise.all(
        connected(records.flatMap((record) => record?.requestIds ?? [])).map((request) => request.again()),
      );
    },
    async revoked(origin, except) {
      const unauthorized = new ProviderError(errorCode.unauthorized);
      for (const { requestIds } of await approvals.cancelOrigin(origin)) answerAll(requestIds, unauthorized);
      for (const request of attached.values())
        if (
          request.dapp.origin === origin &&
          request.id !== except &&
          isMethodName(request.method) &&
          methods[request.method].capability !== undefined
        )
          finish(request, { error: unauthorized.toShape() });
    },
  };
}
