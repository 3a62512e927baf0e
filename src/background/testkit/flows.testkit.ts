// The worker's flows over the real vault and the real demo node, as main.ts puts them together; a "worker" is one such set.
// Promises: workers of one browser share its stores and its node, and nothing else.
// Must not: be imported by anything but tests.
import { onCalls } from '../../../demo/node/faults';
import type { TestNode } from '../../../demo/node/node';
import type { Environment } from '../../contract/schemas';
import { createNodeClient, type NodeClientLimits } from '../../network/node-client';
import {
  enrol,
  createTestBrowser,
  createTestWallet,
  type Personality,
  type TestBrowser,
  type TestWallet,
} from '../../vault/testkit/vault.testkit';
import type { Vault } from '../../vault/vault';
import { createBundleChanges } from '../network/bundle-changes';
import { createContactWatch } from '../network/contact-watch';
import { createFlowHandlers } from '../pages/network-handlers';
import { createNodeAccess } from '../network/node-access';
import { createPublishing } from '../network/publishing';
import { createRotationFlow } from '../network/rotate';
import { createSafeQueues } from '../network/identity-queues';

export function flowsOf(
  browser: TestBrowser,
  vault: Vault,
  options: { mayReach?: boolean; fetch?: typeof fetch; limits?: Partial<NodeClientLimits> } = {},
) {
  const { nowMs, session } = browser.host;
  const node = createNodeAccess({
    environment: async () => (await vault.settings.get()).environment,
    mayReach: async () => options.mayReach ?? true,
    createClient: (url) =>
      createNodeClient({
        url,
        nowMs,
        sleep: async () => undefined,
        ...(options.fetch && { fetch: options.fetch }),
        ...(options.limits && { limits: options.limits }),
      }),
  });
  const queues = createSafeQueues();
  const bundleChanges = createBundleChanges({ session, nowMs });
  const rotation = createRotationFlow({
    vault,
    node,
    session,
    queues,
    nowMs,
    onRotated: bundleChanges.note,
    onEnd: () => undefined,
  });
  const watch = createContactWatch({ vault, node, session, queues, nowMs });
  const publishing = createPublishing({ vault, node, nowMs });
  const handlers = createFlowHandlers({
    vault,
    node,
    publishing,
    rotation,
    queues,
    nowMs,
    onSchedule: () => undefined,
  });
  return { node, queues, bundleChanges, rotation, watch, handlers };
}

export type Flows = ReturnType<typeof flowsOf>;

export interface FlowBrowser extends TestBrowser {
  vault: Vault;
  flows: Flows;
  wallet: FlowWallet;
  safeId: string;
}

export async function setEnvironment(vault: Vault, environment: Environment | null): Promise<void> {
  await vault.settings.set({ ...(await vault.settings.get()), environment });
}

/** What the settings page does: another node is set, and what is under way with the one before ends. */
export async function swapNode(
  { vault, flows }: { vault: Vault; flows: Pick<Flows, 'node'> },
  url: string | null,
): Promise<void> {
  const environment: Environment | null = url === null ? null : { name: 'custom', url };
  await setEnvironment(vault, environment);
  flows.node.leftFor(environment);
}

/** The node takes requests and says nothing from now on; resolves when the first has come. */
export function neverAnswers(
  net: TestNode,
  calls: Parameters<typeof onCalls>[0] = ['query', 'publish'],
): Promise<void> {
  return new Promise((tell) => {
    net.faults.push(onCalls(calls, () => (tell(), new Promise(() => undefined))));
  });
}

export interface FlowWallet extends TestWallet {
  sign(text: string, as?: Personality): Uint8Array<ArrayBuffer>;
}

let wallets = 10;

/** A wallet of an account that other tests of the same file do not use. */
export function freshWallet(): FlowWallet {
  const wallet = createTestWallet(++wallets);
  return { ...wallet, sign: (text, as) => Uint8Array.from(wallet.sign(text, as)) };
}

/** A browser with one finished, unlocked identity, whose environment is `node`. */
export async function flowBrowser(node: TestNode, wallet = freshWallet()): Promise<FlowBrowser> {
  const browser = createTestBrowser();
  const vault = browser.startWorker();
  const { safeId } = await enrol(vault, wallet);
  await setEnvironment(vault, { name: 'custom', url: node.url });
  return { ...browser, vault, wallet, safeId, flows: flowsOf(browser, vault) };
}

/** Publishes contact and copy, to where the person has nothing left to do. */
export async function publishAll({ flows, safeId, wallet }: FlowBrowser): Promise<void> {
  await flows.handlers.network_publishContact({ safeId });
  const { text } = (await flows.handlers.network_copyText({ safeId })) as { text: string };
  await flows.handlers.network_publishCopy({ safeId, signature: wallet.sign(text) });
  await flows.handlers.network_confirmCopy({ safeId, signature: wallet.sign(text) });
}

/** A worker after this one, unlocked as it left it. */
export function nextWorker(browser: FlowBrowser, options: Parameters<typeof flowsOf>[2] = {}): FlowBrowser {
  const vault = browser.startWorker();
  return { ...browser, vault, flows: flowsOf(browser, vault, options) };
}
