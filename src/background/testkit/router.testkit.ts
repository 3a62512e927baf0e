// A relay for tests of the gate: it keeps the parameters of a request and sends them again whenever they are asked for.
// Must not: be imported by anything but tests.
import type { Attached, Settled } from '../dapps/request';
import type { Router } from '../dapps/router';
import type { Dapp } from '../browser/sender';

export type Outcome = { result?: unknown; error?: { code: number; message: string; data?: unknown } };

/** Sends one request, and settles with its answer. */
export function sendTo(
  router: Pick<Router, 'handle'>,
  { id, method, dapp }: { id: string; method: string; dapp: Dapp },
  params: unknown,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const answer = (outcome: Settled) => resolve(outcome as Outcome);
    const again = () => router.handle(request, params);
    const request: Attached = { id, method, dapp, bytes: 0, isClicked: false, answer, again };
    void router.handle(request, params);
  });
}
