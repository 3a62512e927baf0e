// A page over the real vault, in node: the provider of a dapp whose owner has an identity and answers every card at once.
// Promises the real gate, grants, approvals and keystore, and copies at the boundary as between a page and a worker.
// Must not be imported by anything but tests.
import { ProviderError } from '../contract/errors';
import type { ShownRequest } from '../contract/pages/approvals';
import { createAdmission } from '../background/dapps/admission';
import { createDappPublisher } from '../background/network/dapp-publisher';
import { createNodeAccess } from '../background/network/node-access';
import { createRouter } from '../background/dapps/router';
import type { Dapp } from '../background/browser/sender';
import { sendTo } from '../background/testkit/router.testkit';
import { createSafeQueues } from '../background/network/identity-queues';
import type { Vault } from '../vault/vault';
import { createTestBrowser, createTestWallet, enrol, type TestBrowser } from '../vault/testkit/vault.testkit';
import { connect } from './calls';
import type { Capability, PrekeyVaultProvider } from './types';
import { xmtpCapabilities } from './xmtp/client';
import { decideOne } from '../vault/testkit/decide.testkit';
import type { ApprovalDecision } from '../vault/consent/approvals/approval-record';

export interface VaultPage {
  account: string;
  safeId: string;
  browser: TestBrowser;
  vault: Vault;
  provider: PrekeyVaultProvider;
  /** The provider of another site in the same browser, connected with the same capabilities. */
  visit(origin: string): Promise<PrekeyVaultProvider>;
  /** From now on the person approves messages for one request only. */
  answersOnce(): void;
  /** What the person was shown so far, oldest first. */
  cards: ShownRequest[];
  /** What the provider was asked and what came back, oldest first. */
  traffic: { method: string; params: unknown; result: unknown }[];
  /** From now on the person says no. */
  refuseAll(): void;
  /** The owner sets a node; null for none. */
  setNode(url: string | null): Promise<void>;
  /** The owner makes a new prekey, and publishes nothing. */
  rotate(): Promise<void>;
}

let requests = 0;
let wallets = 0;

/** A browser with an identity of its own account, and a page that is connected with `capabilities`. */
export async function openVaultPage(options: { capabilities?: readonly Capability[] } = {}): Promise<VaultPage> {
  const { capabilities = xmtpCapabilities } = options;
  const wallet = ++wallets;
  // The node judges tokens by its own clock, so the vault has to live in the same time.
  const browser = createTestBrowser({ nowMs: () => Date.now() });
  const vault = browser.startWorker();
  const { safeId } = await enrol(vault, createTestWallet(wallet));
  const cards: ShownRequest[] = [];
  const traffic: VaultPage['traffic'] = [];
  let refuses = false;
  let remember: 'once' | 'until-locked' = 'until-locked';
  const nowMs = () => Date.now();
  const node = createNodeAccess({
    environment: async () => (await vault.settings.get()).environment,
    mayReach: async () => true,
  });
  const router = createRouter({
    vault,
    version: '1',
    nowMs,
    present: async (record) => void setTimeout(() => void decide(record.id)),
    publisher: createDappPublisher({ vault, node, queues: createSafeQueues(), session: browser.host.session, nowMs }),
    admission: createAdmission(),
    rotatedAtMs: async () => ({}),
  });

  async function decide(id: string): Promise<void> {
    const card = (await vault.approvals.list()).find((one) => one.id === id);
    // Another card's decision may have answered this one.
    if (!card) return;
    cards.push(card.shown);
    const decision = refuses ? ({ kind: 'reject' } as const) : approvalOf(card.shown);
    await router.settle(await decideOne(vault.approvals, { id, digest: card.digest, nonce: card.nonce, decision }));
  }

  function approvalOf(shown: ShownRequest): ApprovalDecision {
    switch (shown.kind) {
      case 'connect':
        return { kind: 'connect', safeId, capabilities: [...shown.capabilities], duration: 'until-locked' };
      case 'messages':
        return { kind: 'messages', remember, scope: 'granted' };
      case 'token':
        return { kind: 'token' };
      case 'v3':
        return { kind: 'v3', isTicked: true, typed: shown.facts.inboxId };
      case 'archive':
        return { kind: 'archive', isTicked: true };
      default:
        return { kind: 'sign' };
    }
  }

  let documents = 0;
  /** The provider of a page of its own at that origin. */
  const providerAt = (origin: string): PrekeyVaultProvider => {
    const document = ++documents;
    const dapp: Dapp = { kind: 'dapp', origin, documentKey: `D${wallet}.${document}`, tabId: document };
    return {
      request: (args) =>
        new Promise((resolve, reject) => {
          const { method, params } = structuredClone({ method: args.method, params: args.params });
          void sendTo(router, { id: (++requests).toString(16).padStart(32, '0'), method, dapp }, params).then(
            (outcome) => {
              const { error, result } = structuredClone(outcome);
              if (error) return reject(Object.assign(new Error(error.message), error));
              traffic.push({ method, params, result });
              resolve(result);
            },
          );
        }),
      on: () => undefined,
      removeListener: () => undefined,
    };
  };
  const provider = providerAt('https://quill.example');
  const { account } = await connect(provider, { capabilities });
  return {
    account,
    safeId,
    browser,
    vault,
    provider,
    async visit(origin) {
      const other = providerAt(origin);
      await connect(other, { capabilities });
      return other;
    },
    answersOnce: () => void (remember = 'once'),
    cards,
    traffic,
    refuseAll: () => (refuses = true),
    setNode: async (url) =>
      vault.settings.set({
        ...(await vault.settings.get()),
        environment: url === null ? null : { name: 'custom', url },
      }),
    async rotate() {
      await vault.rotation.begin(safeId);
      await vault.rotation.mark(safeId, 'copied');
      await vault.rotation.mark(safeId, 'announced');
      await vault.rotation.complete(safeId);
    },
  };
}

/** A provider that fails with `code` for the first `times` requests that `isMeant`. */
export function failing(
  provider: PrekeyVaultProvider,
  code: 4900 | 4001,
  times: number,
  isMeant: (method: string) => boolean = () => true,
): PrekeyVaultProvider {
  let left = times;
  return {
    ...provider,
    request: (args) =>
      isMeant(args.method) && left-- > 0 ? Promise.reject(new ProviderError(code)) : provider.request(args),
  };
}
