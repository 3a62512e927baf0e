// How often one signature with a card asks the records and computes digests: a bound, so that a change that asks twice is seen.
import 'fake-indexeddb/auto';
import { expect, test, vi } from 'vitest';
import { VaultError } from '../../contract/errors';
import type { Vault } from '../../vault/vault';
import { createTestBrowser, createTestWallet, enrol } from '../../vault/testkit/vault.testkit';
import { sendTo } from '../testkit/router.testkit';
import type { Dapp } from '../browser/sender';
import { createAdmission } from './admission';
import type * as Digest from './digest';
import { createRouter } from './router';
import { decideOne } from '../../vault/testkit/decide.testkit';
import type { ApprovalDecision } from '../../vault/consent/approvals/approval-record';

const digests = vi.hoisted(() => ({ count: 0 }));
vi.mock('./digest', async (original) => {
  const { requestDigest } = await original<typeof Digest>();
  return { requestDigest: (...input: Parameters<typeof requestDigest>) => (digests.count++, requestDigest(...input)) };
});

test('a vault_sign with a card asks approvals six times and computes a digest for each frame; without a card it asks once', async () => {
  const browser = createTestBrowser();
  const vault = browser.startWorker();
  const { safeId } = await enrol(vault, createTestWallet(1));
  const noNode = () => Promise.reject(new VaultError('no-network'));
  const router = createRouter({
    vault,
    version: '1',
    nowMs: browser.host.nowMs,
    publisher: { describe: noNode, fix: noNode, publish: noNode },
    admission: createAdmission(),
    present: async () => undefined,
    rotatedAtMs: async () => ({}),
  });
  const dapp: Dapp = { kind: 'dapp', origin: 'https://app.example', documentKey: 'D1', tabId: 1 };
  let ids = 0;
  async function decided(method: string, params: unknown, decision: ApprovalDecision) {
    const answer = sendTo(router, { id: (++ids).toString(16).padStart(32, '0'), method, dapp }, params);
    const [card] = await vi.waitUntil(async () => ((await list()).length > 0 ? list() : undefined), {
      timeout: 60_000,
    });
    await router.settle(
      await decideOne(vault.approvals, { id: card!.id, digest: card!.digest, nonce: card!.nonce, decision }),
    );
    return await answer;
  }
  const { list } = vault.approvals;
  await decided(
    'vault_connect',
    { capabilities: ['sign'] },
    { kind: 'connect', safeId, capabilities: ['sign'], duration: '1d' },
  );
  const asked: string[] = [];
  for (const [name, call] of Object.entries(vault.approvals) as [
    keyof Vault['approvals'],
    (...input: unknown[]) => unknown,
  ][])
    Reflect.set(vault.approvals, name, (...input: unknown[]) => (asked.push(name), call(...input)));
  digests.count = 0;
  expect(
    (await decided('vault_sign', { payload: Uint8Array.of(1), purpose: 'test' }, { kind: 'sign' })).result,
  ).toBeDefined();
  await vi.waitUntil(() => asked.includes('finish'), { timeout: 60_000 });
  expect(asked).toEqual(['get', 'ask', 'decideAll', 'get', 'begin', 'finish']);
  // The frame comes when the page asks, and again when it is carried out.
  expect(digests.count).toBe(2);

  await decided('vault_sign', { payload: Uint8Array.of(1), purpose: 'test' }, { kind: 'sign', remember: '1h' });
  asked.length = digests.count = 0;
  const again = { id: (++ids).toString(16).padStart(32, '0'), method: 'vault_sign', dapp };
  expect((await sendTo(router, again, { payload: Uint8Array.of(2), purpose: 'test' })).result).toBeDefined();
  expect({ asked, digests: digests.count }).toEqual({ asked: ['get'], digests: 0 });
});
