// Reading an account's 10,000 invitations back from a node, as after a retrieval: the calls that onboarding and vault page make.
// Promises an identity that has none of them yet, 1,000 peers, and a note how long a single call took: between two calls the page
// shows how far it is, and can be stopped.
// Must not count the making of invitations, which happens in this process.
import { startNode } from '../demo/node/node';
import type { HistoryPage } from '../src/contract/pages/network';
import type { VaultState } from '../src/contract/pages/identity';
import type { PublicKeyBundleResult } from '../src/contract/dapp/methods';
import { decodeSignedPublicKeyBundle } from '../src/protocol/keys/bundles';
import { inviteTopic } from '../src/protocol/messages/topics';
import { bundleFor } from '../src/vault/testkit/copies.testkit';
import { invitation } from '../src/vault/testkit/keystore-requests.testkit';
import { createTestWallet } from '../src/vault/testkit/vault.testkit';
import { launchWith } from './browser';
import { vaultFolder } from './build-vault';
import type { Group, Measured, MeasureOptions } from './figure';
import { callWorker, enrol, grantMessages, onOnboardingPage, timedCall } from './owner';
import { median } from './statistics';

async function measure({ quick, pageUrl }: MeasureOptions): Promise<Measured> {
  const [count, peers] = quick ? [300, 30] : [10_000, 1_000];
  const browser = await launchWith([vaultFolder]);
  const node = await startNode({ auth: false });
  try {
    const safeId = await onOnboardingPage(browser.chromium, (page) => enrol(page, 0));
    const dapp = await browser.open(pageUrl);
    const account = await grantMessages(browser.chromium, dapp, safeId);
    const mine = decodeSignedPublicKeyBundle(
      Uint8Array.from(
        await dapp.evaluate(async () => {
          const { prekeyVault } = window as unknown as {
            prekeyVault: { request(args: object): Promise<PublicKeyBundleResult> };
          };
          return [
            ...(await prekeyVault.request({ method: 'vault_getPublicKeyBundle', params: {} })).signedPublicKeyBundle,
          ];
        }),
      ),
    );
    const topic = inviteTopic(account);
    const known = Array.from({ length: peers }, (_, at) => bundleFor(createTestWallet(1 + (at % 250)), `peer ${at}`));
    const envelopes = Array.from({ length: count }, (_, at) => {
      const { item } = invitation(known[at % peers]!, mine, at, { conversationId: `c${at}`, metadata: new Map() });
      return {
        contentTopic: topic,
        timestampNs: String(item.timestampNs),
        message: Buffer.from(item.payload).toString('base64'),
      };
    });
    for (let at = 0; at < count; at += 500) {
      const answer = await fetch(`${node.url}/message/v1/publish`, {
        method: 'POST',
        body: JSON.stringify({ envelopes: envelopes.slice(at, at + 500) }),
      });
      if (!answer.ok) throw new Error(`the node answers ${answer.status}`);
    }
    const own = await browser.chromium.ownPage('vault');
    const { settings } = (await callWorker(own, 'state_get', undefined)) as VaultState;
    await callWorker(own, 'settings_set', { ...settings, environment: { name: 'custom', url: node.url } });

    const readAll = async () => {
      const calls: number[] = [];
      let added = 0;
      const startedMs = performance.now();
      for (let cursor: string | null = null; calls.length === 0 || cursor !== null;) {
        const { result, tookMs } = await timedCall(own, 'network_readHistory', { safeId, cursor });
        const page = result as HistoryPage;
        calls.push(tookMs);
        added += page.added;
        cursor = page.cursor;
      }
      return { tookMs: performance.now() - startedMs, calls, added };
    };
    const first = await readAll();
    if (first.added !== count) throw new Error(`${first.added} of ${count} were saved`);
    const again = await readAll();
    if (again.added !== 0) throw new Error('some were saved twice');
    const notes = [
      `history of ${count} invitations of ${peers} peers: ${first.calls.length} calls, p50 ${median(first.calls).toFixed(0)} ms, longest ${Math.max(...first.calls).toFixed(0)} ms`,
      `  the same again, nothing new: ${(again.tookMs / 1000).toFixed(1)} s`,
    ];
    return { rounds: { 'history-10k': { subject: [first.tookMs], reference: [again.tookMs] } }, notes };
  } finally {
    await node.close();
    await browser.close();
  }
}

export const history: Group = { names: ['history-10k'], measure };
