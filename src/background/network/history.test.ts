// Reading the account's invitations from the demo node, page by page, into the safe.
import 'fake-indexeddb/auto';
import { expect, onTestFinished, test } from 'vitest';
import { startNode } from '../../../demo/node/node';
import { publish } from '../../../demo/node/node.testkit';
import type { HistoryPage } from '../../contract/pages/network';
import { decodeSignedPublicKeyBundle } from '../../protocol/keys/bundles';
import { inviteTopic } from '../../protocol/messages/topics';
import { bundleFor } from '../../vault/testkit/copies.testkit';
import { invitation } from '../../vault/testkit/keystore-requests.testkit';
import { testStartMs } from '../../vault/testkit/memory-host.testkit';
import { createTestWallet } from '../../vault/testkit/vault.testkit';
import { flowBrowser, nextWorker, type FlowBrowser } from '../testkit/flows.testkit';

test('reads page after page to the end, says how many were new, and can be repeated by a later worker', async () => {
  const net = await startNode({ nowMs: () => testStartMs, auth: false });
  onTestFinished(() => net.close());
  const browser = await flowBrowser(net);
  const { safeId, wallet, vault } = browser;
  const mine = decodeSignedPublicKeyBundle((await vault.keys.publicBundles(safeId)).signedPublicKeyBundle);
  const topic = inviteTopic(wallet.account);
  const peer = bundleFor(createTestWallet(200), 'peer');
  for (let n = 0; n < 120; n++) {
    const { item } = invitation(peer, mine, n, { conversationId: `c${n}`, metadata: new Map() });
    await publish(net, {
      contentTopic: topic,
      timestampNs: String(item.timestampNs),
      message: Buffer.from(item.payload).toString('base64'),
    });
  }
  // Not an invitation at all, and one for somebody else.
  await publish(net, {
    contentTopic: topic,
    timestampNs: '1700000000000000001',
    message: Buffer.from('nonsense').toString('base64'),
  });

  const readAll = async ({ flows }: FlowBrowser): Promise<HistoryPage[]> => {
    const pages: HistoryPage[] = [];
    for (let cursor: string | null = null; pages.length === 0 || cursor !== null;) {
      const page = (await flows.handlers.network_readHistory({ safeId, cursor })) as HistoryPage;
      pages.push(page);
      cursor = page.cursor;
    }
    return pages;
  };
  const pages = await readAll(browser);
  expect(pages.map(({ seen }) => seen)).toEqual([100, 21]);
  expect(pages.reduce((sum, { added }) => sum + added, 0)).toBe(120);
  expect((await readAll(nextWorker(browser))).every(({ added }) => added === 0)).toBe(true);
  await expect(browser.flows.handlers.network_readHistory({ safeId, cursor: 'nonsense' })).rejects.toMatchObject({
    reason: 'invalid-input',
  });
  await vault.lock();
  await expect(browser.flows.handlers.network_readHistory({ safeId, cursor: null })).rejects.toMatchObject({
    reason: 'locked',
  });
});
