// Reading an account's 10,000 invitations back from a node, as after a retrieval: the calls that onboarding and vault page make.
// Promises an identity that has none of them yet, 1,000 peers, and a note how long a single call took: between two calls the page
// shows how far it is, and can be stopped. With --before, an earlier build does the same in turns with this one.
// Must not count the making of invitations, which happens in this process.
import type { Page } from 'playwright';
import { startNode } from '../demo/node/node';
import type { HistoryPage } from '../src/contract/pages/network';
import type { VaultState } from '../src/contract/pages/identity';
import type { PublicKeyBundleResult } from '../src/contract/dapp/methods';
import { decodeSignedPublicKeyBundle } from '../src/protocol/keys/bundles';
import { useCurve } from '../src/protocol/base/secp256k1';
import { inviteTopic } from '../src/protocol/messages/topics';
import { loadCore } from '../src/protocol/testkit/curves.testkit';
import { bundleFor } from '../src/vault/testkit/copies.testkit';
import { invitation } from '../src/vault/testkit/keystore-requests.testkit';
import { createTestWallet } from '../src/vault/testkit/vault.testkit';
import { launchWith } from './browser';
import { vaultFolder } from './build-vault';
import type { Group, Measured, MeasureOptions } from './figure';
import { askAtNextConnection, callWorker, enrol, grantMessages, onOnboardingPage, timedCall } from './owner';
import { median } from './statistics';
import { inTurns } from './turns';

interface Sizes {
  count: number;
  peers: number;
}

/** A build that reads the history of an identity again and again: each time of one that was just made. */
async function reader(folder: string, pageUrl: string, { count, peers }: Sizes) {
  const browser = await launchWith([folder]);
  const node = await startNode({ auth: false });
  let account = 0;

  async function prepare(): Promise<{ own: Page; safeId: string }> {
    const safeId = await onOnboardingPage(browser.chromium, (page) => enrol(page, account++));
    const dapp = await browser.open(pageUrl);
    const address = await grantMessages(browser.chromium, dapp, safeId);
    await askAtNextConnection(browser.chromium, dapp, safeId);
    const mine = decodeSignedPublicKeyBundle(
      Uint8Array.from(
        await dapp.evaluate(async (mineToo) => {
          const { prekeyVault } = window as unknown as {
            prekeyVault: { request(args: object): Promise<PublicKeyBundleResult> };
          };
          const params = { account: mineToo };
          return [...(await prekeyVault.request({ method: 'vault_getPublicKeyBundle', params })).signedPublicKeyBundle];
        }, address),
      ),
    );
    await dapp.close();
    const topic = inviteTopic(address);
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
    return { own, safeId };
  }

  async function readAll({ own, safeId }: { own: Page; safeId: string }, isNew: boolean) {
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
    if (added !== (isNew ? count : 0)) throw new Error(`${added} of ${count} were saved`);
    return { tookMs: performance.now() - startedMs, calls };
  }

  return {
    prepare,
    readAll,
    async close() {
      await node.close();
      await browser.close();
    },
  };
}

async function measure({ quick, pageUrl, isWanted, before }: MeasureOptions): Promise<Measured> {
  // Thousands of invitations are made in this process, with the arithmetic of a peer each: with noble that takes minutes.
  useCurve(await loadCore());
  const sizes = quick ? { count: 300, peers: 30 } : { count: 10_000, peers: 1_000 };
  const now = await reader(vaultFolder, pageUrl, sizes);
  const measured: Measured = { rounds: {}, notes: [] };
  try {
    if (isWanted('history-10k')) {
      const place = await now.prepare();
      const first = await now.readAll(place, true);
      const again = await now.readAll(place, false);
      await place.own.close();
      measured.rounds['history-10k'] = { subject: [first.tookMs], reference: [again.tookMs] };
      measured.notes.push(
        `history of ${sizes.count} invitations of ${sizes.peers} peers: ${first.calls.length} calls, p50 ${median(first.calls).toFixed(0)} ms, longest ${Math.max(...first.calls).toFixed(0)} ms`,
        `  the same again, nothing new: ${(again.tookMs / 1000).toFixed(1)} s`,
      );
    }
    if (!isWanted('history-10k-vs-before') || before === undefined) return measured;
    const then = await reader(before, pageUrl, sizes);
    try {
      const timeOf = async (one: typeof now) => {
        const place = await one.prepare();
        const { tookMs } = await one.readAll(place, true);
        await place.own.close();
        return tookMs;
      };
      measured.rounds['history-10k-vs-before'] = await inTurns(quick ? 1 : 3, {
        subject: () => timeOf(now),
        reference: () => timeOf(then),
      });
    } finally {
      await then.close();
    }
    return measured;
  } finally {
    await now.close();
  }
}

export const history: Group = { names: ['history-10k', 'history-10k-vs-before'], measure };
