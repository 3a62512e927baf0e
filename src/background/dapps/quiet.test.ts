// Muted and blocked sites at the gate (R-B6, P2): what they get is what a stranger gets, and what they had comes back unchanged.
import 'fake-indexeddb/auto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { VaultError } from '../../contract/errors';
import { muteMs } from '../../contract/limits';
import type { Vault } from '../../vault/vault';
import { enrolledBrowser } from '../../vault/testkit/vault.testkit';
import { createAdmission } from './admission';
import { createRouter } from './router';
import type { Attached, Settled } from './request';
import { decideOne } from '../../vault/testkit/decide.testkit';

const noNode = () => Promise.reject(new VaultError('no-network'));
const [origin, stranger] = ['https://app.example', 'https://stranger.example'];
const sign = (purpose: string) => ({ payload: new TextEncoder().encode(purpose), purpose });
const rejectedShape = { code: 4001, data: { reason: 'rejected' } };
let ids = 0;

function gateOf(vault: Vault, nowMs: () => number) {
  let shown = 0;
  const router = createRouter({
    vault,
    version: '1',
    nowMs,
    publisher: { describe: noNode, fix: noNode, publish: noNode },
    admission: createAdmission(),
    rotatedAtMs: async () => ({}),
    present: async () => void shown++,
  });
  /** `heard` runs at the moment the page is answered. */
  const ask = (method: string, params: unknown, from = origin, heard?: (outcome: Settled) => void): Promise<Settled> =>
    new Promise((resolve) => {
      const request: Attached = {
        id: (++ids).toString(16).padStart(32, 'a'),
        method,
        dapp: { kind: 'dapp', origin: from, documentKey: `document of ${from}`, tabId: 1 },
        bytes: 0,
        isClicked: false,
        answer: (outcome) => {
          heard?.(outcome);
          resolve(outcome);
        },
        again: () => router.handle(request, params),
      };
      void router.handle(request, params);
    });
  async function approve(remember?: '1d'): Promise<void> {
    const [card] = await vault.approvals.list();
    if (!card) return;
    const { id, digest, nonce, shown: what } = card;
    const decision =
      what.kind === 'connect'
        ? {
            kind: 'connect' as const,
            safeId: (await vault.state()).identities[0]!.safeId,
            capabilities: what.capabilities,
            duration: '1d' as const,
          }
        : { kind: 'sign' as const, ...(remember ? { remember } : {}) };
    await router.settle(await decideOne(vault.approvals, { id, digest, nonce, decision }));
  }
  async function quiet(what: 'muted' | 'blocked' | undefined): Promise<void> {
    await vault.quiet.set(origin, what);
    if (what !== undefined) await router.quieted(origin);
  }
  const waits = (count: number) => expect.poll(() => vault.approvals.waitingCount()).toBe(count);
  return { router, ask, approve, quiet, waits, shown: () => shown };
}

/** A site with `identity` and `sign`; with `remember`, one that signs without asking. */
async function connected(remember?: '1d') {
  const browser = await enrolledBrowser();
  const gate = gateOf(browser.vault, browser.host.nowMs);
  const given = gate.ask('vault_connect', { capabilities: ['identity', 'sign'] });
  await gate.waits(1);
  await gate.approve();
  await given;
  if (remember) {
    const signed = gate.ask('vault_sign', sign('first'));
    await gate.waits(1);
    await gate.approve(remember);
    await signed;
  }
  return { ...browser, ...gate };
}

const everyCall: [string, unknown][] = [
  ['vault_accounts', undefined],
  ['vault_getPermissions', undefined],
  ['vault_getPublicKeyBundle', undefined],
  ['vault_sign', sign('hello')],
  ['vault_disconnect', undefined],
  ['xmtp_getV2Conversations', { request: new Uint8Array() }],
  ['xmtp_v3_getIdentifier', undefined],
];

describe('R-B6 R-B7 a site that is blocked', () => {
  test('R-B6 gets from every method what a stranger gets, its connections are rejected at once, and no window comes', async () => {
    const { ask, quiet, vault, router, shown } = await connected('1d');
    await quiet('blocked');
    const before = shown();
    for (const [method, params] of everyCall)
      expect(await ask(method, params), method).toEqual(await ask(method, params, stranger));
    expect(await ask('vault_connect', { capabilities: ['sign'] })).toMatchObject({ error: rejectedShape });
    const dapp = { kind: 'dapp' as const, origin, documentKey: `document of ${origin}`, tabId: 1 };
    expect(await router.stateOf(dapp)).toEqual(await router.stateOf({ ...dapp, origin: stranger }));
    expect(await vault.approvals.list()).toEqual([]);
    expect(shown()).toBe(before);
  });

  test('P2 R-B7 what waits is rejected, and what it had is back unchanged when it is undone', async () => {
    const { ask, quiet, vault, waits } = await connected('1d');
    const before = await vault.grants.list();
    const waiting = ask('vault_connect', { capabilities: ['messages.read'] });
    await waits(1);
    await quiet('blocked');
    expect(await waiting).toMatchObject({ error: rejectedShape });
    await quiet(undefined);
    expect(await vault.grants.list()).toEqual(before);
    expect(await ask('vault_sign', sign('again'))).toHaveProperty('result.signature');
  });

  test('P3 a worker that died right after the block was written shows and answers nothing of it either', async () => {
    const { ask, vault, waits, startWorker, host } = await connected();
    void ask('vault_sign', sign('waits'));
    await waits(1);
    await vault.quiet.set(origin, 'blocked');
    const next = startWorker();
    await next.ready();
    expect(await next.approvals.list()).toEqual([]);
    expect(await next.approvals.waitingCount()).toBe(0);
    const gate = gateOf(next, host.nowMs);
    expect(await gate.ask('vault_sign', sign('waits'))).toMatchObject({ error: { code: 4100 } });
  });

  test('P2 a signature that is under way when the person blocks the site never leaves, however far it was', async () => {
    const { ask, quiet, vault } = await connected('1d');
    const left = { signed: 0, held: 0 };
    for (let turns = 0; left.signed < 3 && turns < 2_000; turns++) {
      let isBlocked = false;
      const answer = ask(
        'vault_sign',
        sign(`at ${turns}`),
        origin,
        () => (isBlocked = vault.quiet.of(origin) === 'blocked'),
      );
      // Finer than the tasks of the event loop: between two steps of one as well.
      for (let turn = 0; turn < turns; turn++) await (turn % 20 === 19 ? new Promise((go) => setImmediate(go)) : 0);
      // Nothing but the block itself: what ends the requests under way comes a moment later.
      const blocked = vault.quiet.set(origin, 'blocked');
      const outcome = await answer;
      if (isBlocked) expect(outcome).not.toHaveProperty('result');
      left[isBlocked ? 'held' : 'signed']++;
      await blocked;
      await quiet(undefined);
    }
    expect(left.held).toBeGreaterThan(10);
    expect(left.signed).toBe(3);
  });

  test('P2 law: whatever the order of block, undo, asking and approving, nothing of a grant is answered while it is blocked', async () => {
    const act = fc.oneof(
      { weight: 2, arbitrary: fc.constant('block') },
      { weight: 2, arbitrary: fc.constant('undo') },
      { weight: 3, arbitrary: fc.constant('approve') },
      {
        weight: 6,
        arbitrary: fc.constantFrom('vault_accounts', 'vault_sign', 'vault_connect', 'vault_getPublicKeyBundle'),
      },
      { weight: 5, arbitrary: fc.integer({ min: 0, max: 12 }) },
    );
    const runs = { answered: 0, blocked: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 8, maxLength: 30 }), fc.boolean(), async (acts, isRemembered) => {
        const { ask, approve, quiet, vault } = await connected(isRemembered ? '1d' : undefined);
        const under: Promise<unknown>[] = [];
        const broken: unknown[] = [];
        const heard = (method: string) => (outcome: Settled) => {
          const isBlocked = vault.quiet.of(origin) === 'blocked';
          const isNothing =
            'error' in outcome ? [4001, 4100].includes(outcome.error.code) : JSON.stringify(outcome.result) === '[]';
          if (isBlocked && !isNothing) broken.push([method, outcome]);
          runs[isBlocked ? 'blocked' : 'answered']++;
        };
        const params: Record<string, unknown> = { vault_connect: { capabilities: ['identity', 'messages.read'] } };
        for (const one of acts) {
          if (typeof one === 'number')
            for (let tick = 0; tick < one; tick++) await (tick % 4 === 3 ? new Promise((go) => setTimeout(go)) : 0);
          else if (one === 'approve') under.push(approve().catch(() => undefined));
          else if (one === 'block' || one === 'undo') under.push(quiet(one === 'block' ? 'blocked' : undefined));
          else under.push(ask(one, one === 'vault_sign' ? sign(`${ids}`) : params[one], origin, heard(one)));
        }
        await quiet('blocked');
        // Everything has ended: what asked has been answered, and nothing is left to decide.
        await Promise.all(under);
        expect(await vault.approvals.list()).toEqual([]);
        expect(broken).toEqual([]);
        await quiet(undefined);
        expect((await vault.grants.list()).map((grant) => grant.origin)).toEqual([origin]);
      }),
      { numRuns: 50 },
    );
    expect(runs.answered).toBeGreaterThan(20);
    expect(runs.blocked).toBeGreaterThan(20);
  });
});

describe('a site that is muted', () => {
  test('what needs a person is refused at once as if rejected, what was granted goes on, and after ten minutes it may ask again', async () => {
    const { ask, quiet, vault, clock, shown, waits } = await connected('1d');
    const waiting = ask('vault_connect', { capabilities: ['messages.read'] });
    await waits(1);
    await quiet('muted');
    expect(await waiting).toMatchObject({ error: rejectedShape });
    const before = shown();
    expect(await ask('vault_connect', { capabilities: ['messages.read'] })).toMatchObject({ error: rejectedShape });
    expect(await ask('vault_sign', sign('goes on'))).toHaveProperty('result.signature');
    await vault.lock();
    expect(await ask('vault_sign', sign('locked'))).toMatchObject({ error: rejectedShape });
    expect([shown(), await vault.approvals.list()]).toEqual([before, []]);
    clock.nowMs += muteMs;
    void ask('vault_connect', { capabilities: ['messages.read'] });
    await waits(1);
  });
});
