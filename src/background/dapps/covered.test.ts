// One decision that answers several cards: what becomes of the others, and what is told of each card that went away.
import 'fake-indexeddb/auto';
import { describe, expect, test } from 'vitest';
import { VaultError } from '../../contract/errors';
import { limits } from '../../contract/limits';
import type { Vault } from '../../vault/vault';
import { enrolledBrowser, unlockWithWallet } from '../../vault/testkit/vault.testkit';
import { createAdmission } from './admission';
import { createRouter } from './router';
import { sendTo } from '../testkit/router.testkit';
import type { Dapp } from '../browser/sender';
import { decideOne } from '../../vault/testkit/decide.testkit';
import type { ApprovalDecision } from '../../vault/consent/approvals/approval-record';

type Decision = ApprovalDecision;

const noNode = {
  describe: () => Promise.reject(new VaultError('no-network')),
  fix: () => Promise.reject(new VaultError('no-network')),
  publish: () => Promise.reject(new VaultError('no-network')),
};
const dapp: Dapp = { kind: 'dapp', origin: 'https://app.example', documentKey: 'D1', tabId: 1 };
let ids = 0;

async function connected(capabilities: ('sign' | 'messages.read')[] = ['sign']) {
  const browser = await enrolledBrowser();
  const { vault, safeId } = browser;
  const router = createRouter({
    vault,
    version: '1',
    nowMs: browser.host.nowMs,
    publisher: noNode,
    rotatedAtMs: async () => ({}),
    present: async () => undefined,
    admission: createAdmission(),
  });
  const send = (method: string, params: unknown) => {
    const id = (++ids).toString(16).padStart(32, '0');
    let answered = false;
    const answer = sendTo(router, { id, method, dapp }, params).finally(() => (answered = true));
    return { id, answer, isAnswered: () => answered };
  };
  const cards = (count: number) => expect.poll(() => vault.approvals.waitingCount()).toBe(count);
  const decide = async (id: string, decision: Decision) => {
    const card = (await vault.approvals.list()).find((one) => one.id === id)!;
    await router.settle(await decideOne(vault.approvals, { id, digest: card.digest, nonce: card.nonce, decision }));
  };
  const first = send('vault_connect', { capabilities });
  await cards(1);
  await decide(first.id, { kind: 'connect', safeId, capabilities, duration: 'until-revoked' });
  await first.answer;
  return { ...browser, router, send, cards, decide, first };
}

const sign = (purpose: string) => ({ payload: Uint8Array.of(1), purpose });

describe('what one decision answers', () => {
  test('a card that the first decision answers is told as done, and so is the first', async () => {
    const { vault, safeId, wallet, router, send, cards, decide } = await connected();
    await vault.lock();
    const one = send('vault_sign', sign('one'));
    const two = send('vault_sign', sign('two'));
    await cards(2);
    await unlockWithWallet(vault, safeId, wallet);
    await router.unlocked();
    expect((await vault.approvals.list()).map(({ shown }) => shown.kind)).toEqual(['sign', 'sign']);
    await decide(one.id, { kind: 'sign', remember: '1h' });
    expect((await one.answer).result).toBeDefined();
    expect((await two.answer).result).toBeDefined();
    await cards(0);
    expect(await vault.approvals.fateOf(one.id)).toBe('done');
    expect(await vault.approvals.fateOf(two.id)).toBe('done');
  });

  test('a decision that is not remembered answers its own card only', async () => {
    const { vault, send, cards, decide } = await connected();
    const one = send('vault_sign', sign('one'));
    const two = send('vault_sign', sign('two'));
    await cards(2);
    await decide(one.id, { kind: 'sign' });
    await one.answer;
    await cards(1);
    expect(two.isAnswered()).toBe(false);
    expect(await vault.approvals.fateOf(two.id)).toBe('waiting');
  });

  test('a capability that is used without asking from now on answers what waits for it', async () => {
    const { vault, send, cards, decide } = await connected(['messages.read']);
    const one = send('xmtp_getV1Conversations', { request: new Uint8Array() });
    const two = send('xmtp_getV2Conversations', { request: new Uint8Array() });
    await cards(2);
    await decide(one.id, { kind: 'messages', remember: 'until-locked', scope: 'granted' });
    expect((await one.answer).error).toBeUndefined();
    expect((await two.answer).error).toBeUndefined();
    await cards(0);
    expect(await vault.approvals.fateOf(two.id)).toBe('done');
  });
});

describe('what became of a card', () => {
  test('rejected, expired, interrupted, withdrawn, never there: each by its name, also long after and by the next worker', async () => {
    const browser = await connected();
    const { vault, router, clock, send, cards, decide } = browser;
    const rejected = send('vault_sign', sign('rejected'));
    await cards(1);
    await decide(rejected.id, { kind: 'reject' });
    const expired = send('vault_sign', sign('expired'));
    await cards(1);
    clock.nowMs += limits.waitingMs;
    await router.expireDue();
    const interrupted = send('vault_sign', sign('interrupted'));
    await cards(1);
    await router.revoked(dapp.origin);
    const withdrawn = send('vault_sign', sign('withdrawn'));
    await cards(1);
    await router.documentGone(dapp.documentKey);
    const all = {
      rejected: rejected.id,
      expired: expired.id,
      interrupted: interrupted.id,
      withdrawn: withdrawn.id,
      unknown: 'f'.repeat(32),
    };
    const told = async (from: Vault) =>
      Object.fromEntries(
        await Promise.all(Object.entries(all).map(async ([name, id]) => [name, await from.approvals.fateOf(id)])),
      );
    const each = Object.fromEntries(Object.keys(all).map((name) => [name, name]));
    expect(await told(vault)).toEqual(each);
    clock.nowMs += 3_600_000;
    await router.expireDue();
    expect(await told(vault)).toEqual(each);
    expect(await told(browser.startWorker())).toEqual(each);
  });

  test('a fate that cannot be written down fails no request', async () => {
    const browser = await connected();
    const { host, send, cards, decide, vault } = browser;
    const { set } = host.session;
    host.session.set = (items) => ('fates' in items ? Promise.reject(new Error('full')) : set(items));
    const one = send('vault_sign', sign('one'));
    await cards(1);
    await decide(one.id, { kind: 'sign' });
    expect((await one.answer).result).toBeDefined();
    await cards(0);
    expect(await vault.approvals.fateOf(one.id)).toBe('unknown');
  });
});
