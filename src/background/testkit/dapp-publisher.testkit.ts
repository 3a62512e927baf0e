// A page that publishes, for tests: the real gate and vault, the demo node, and a person who answers cards.
// Must not: be imported by anything but tests.
import 'fake-indexeddb/auto';
import { expect, onTestFinished } from 'vitest';
import { startNode, type TestNode } from '../../../demo/node/node';
import { encodePublishRequest, type PublishEnvelope } from '../../protocol/keystore/publish';
import { conversationTopic } from '../../protocol/messages/topics';
import { testStartMs } from '../../vault/testkit/memory-host.testkit';
import { createAdmission } from '../dapps/admission';
import { createDappPublisher } from '../network/dapp-publisher';
import { flowBrowser, freshWallet, type FlowBrowser } from './flows.testkit';
import { createRouter, type Router } from '../dapps/router';
import { sendTo, type Outcome } from './router.testkit';
import type { Dapp } from '../browser/sender';
import { decideOne } from '../../vault/testkit/decide.testkit';
import type { ApprovalDecision } from '../../vault/consent/approvals/approvals';

export const dapp: Dapp = { kind: 'dapp', origin: 'https://app.example', documentKey: 'D1', tabId: 1 };
let ids = 0;

export interface Setup {
  net: TestNode;
  browser: FlowBrowser;
  router: Router;
  /** The gate of a worker after this one, over the same stores; of a vault that was started anew when it is given. */
  nextRouter(started?: FlowBrowser): Router;
  send(method: string, params: unknown): Promise<Outcome>;
  /** Answers the card at this place, which has to be the last. */
  decide(decision: ApprovalDecision, at?: number): Promise<void>;
}

/** A page whose `messages.write` was granted; with `remembered`, also for some time. `auth`: whether the node wants tokens. */
export async function setup(remembered = true, { wallet = freshWallet(), auth = true } = {}): Promise<Setup> {
  const net = await startNode({ nowMs: () => testStartMs, auth });
  onTestFinished(() => net.close());
  const browser = await flowBrowser(net, wallet);
  const { vault, safeId, host } = browser;
  const nextRouter = ({ vault, flows } = browser) => {
    const publisher = createDappPublisher({
      vault,
      node: flows.node,
      queues: flows.queues,
      session: host.session,
      nowMs: host.nowMs,
    });
    return createRouter({
      vault,
      version: '1',
      nowMs: host.nowMs,
      present: async () => undefined,
      publisher,
      admission: createAdmission(),
      rotatedAtMs: flows.bundleChanges.all,
    });
  };
  const router = nextRouter();
  const send: Setup['send'] = (method, params) =>
    sendTo(router, { id: (++ids).toString(16).padStart(32, '0'), method, dapp }, params);
  const decide: Setup['decide'] = async (decision, at = 0) => {
    await expect.poll(() => vault.approvals.waitingCount()).toBe(at + 1);
    const card = (await vault.approvals.list())[at];
    await router.settle(
      await decideOne(vault.approvals, { id: card!.id, digest: card!.digest, nonce: card!.nonce, decision }),
    );
  };
  const asked = send('vault_connect', { capabilities: ['identity', 'messages.write'] });
  await decide({
    kind: 'connect',
    safeId,
    capabilities: ['identity', 'messages.write'],
    duration: '1d',
    ...(remembered && { remember: '1h' as const }),
  });
  await asked;
  return { net, browser, router, nextRouter, send, decide };
}

export const message = (contentTopic: string): PublishEnvelope => ({
  contentTopic,
  timestampNs: BigInt(testStartMs) * 1_000_000n,
  message: Uint8Array.of(1, 2, 3),
});
export const params = (...envelopes: PublishEnvelope[]) => ({ request: encodePublishRequest(envelopes) });
export const topic = conversationTopic('a1');
