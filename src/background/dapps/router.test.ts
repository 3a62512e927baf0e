// The gate over the real vault, in node: who gets what, and what a restart in the middle changes (nothing).
import 'fake-indexeddb/auto';
import { describe, expect, test } from 'vitest';
import * as v from 'valibot';
import { errorCode, VaultError } from '../../contract/errors';
import { limits } from '../../contract/limits';
import { methods, type VaultSignature } from '../../contract/dapp/methods';
import {
  createTestBrowser,
  enrol,
  enrolledBrowser,
  createTestWallet,
  unlockWithWallet,
} from '../../vault/testkit/vault.testkit';
import type { Vault } from '../../vault/vault';
import { createAdmission } from './admission';
import { createRouter, type Router } from './router';
import { sendTo, type Outcome } from '../testkit/router.testkit';
import type { Dapp } from '../browser/sender';
import { decideOne } from '../../vault/testkit/decide.testkit';
import type { ApprovalDecision } from '../../vault/consent/approvals/approval-record';

/** Tests of publishing are in dapp-publisher.test.ts. */
const noNode = {
  describe: () => Promise.reject(new VaultError('no-network')),
  fix: () => Promise.reject(new VaultError('no-network')),
  publish: () => Promise.reject(new VaultError('no-network')),
};

let ids = 0;
const freshId = () => (++ids).toString(16).padStart(32, '0');

interface Worker {
  vault: Vault;
  router: Router;
  presented: () => number;
  /** Sends a request; `answer` settles when it is answered. */
  send(
    dapp: Dapp,
    method: string,
    params?: unknown,
    id?: string,
  ): { id: string; answer: Promise<Outcome>; isAnswered: () => boolean };
  /** Sends, and decides the card that comes up. */
  decide(decision: ApprovalDecision): Promise<void>;
}

function worker(vault: Vault, nowMs: () => number): Worker {
  let presented = 0;
  const router = createRouter({
    vault,
    version: '1',
    nowMs,
    publisher: noNode,
    admission: createAdmission(),
    rotatedAtMs: async () => ({}),
    present: async () => {
      presented++;
    },
  });
  return {
    vault,
    router,
    presented: () => presented,
    send(dapp, method, params, id = freshId()) {
      let answered = false;
      const answer = sendTo(router, { id, method, dapp }, params).finally(() => (answered = true));
      return { id, answer, isAnswered: () => answered };
    },
    async decide(decision) {
      await expect.poll(() => vault.approvals.waitingCount()).toBeGreaterThan(0);
      const [card] = await vault.approvals.list();
      await router.settle(
        await decideOne(vault.approvals, { id: card!.id, digest: card!.digest, nonce: card!.nonce, decision }),
      );
    },
  };
}

const dapp = (origin = 'https://app.example', documentKey = 'D1'): Dapp => ({
  kind: 'dapp',
  origin,
  documentKey,
  tabId: 1,
});
const signParams = { payload: Uint8Array.of(1, 2, 3), purpose: 'test' };

async function connected(duration = 'until-revoked' as const) {
  const browser = await enrolledBrowser();
  const one = worker(browser.vault, browser.host.nowMs);
  const { answer } = one.send(dapp(), 'vault_connect', { capabilities: ['identity', 'sign'] });
  await one.decide({ kind: 'connect', safeId: browser.safeId, capabilities: ['identity', 'sign'], duration });
  const outcome = await answer;
  return { ...browser, ...one, outcome };
}

describe('P2 no key is used before a person, or a grant that person gave, says so', () => {
  test('P2 without a grant: 4100, no record, nobody is asked', async () => {
    const browser = await enrolledBrowser();
    const { send, vault, presented } = worker(browser.vault, browser.host.nowMs);
    for (const [method, params] of [
      ['vault_sign', signParams],
      ['vault_getPublicKeyBundle', undefined],
      ['vault_getPermissions', undefined],
      ['vault_disconnect', undefined],
    ] as const)
      expect((await send(dapp(), method, params).answer).error?.code, method).toBe(errorCode.unauthorized);
    expect(await vault.approvals.waitingCount()).toBe(0);
    expect(presented()).toBe(0);
  });

  test('P2 a granted signature waits for a decision, and is made by it', async () => {
    const { send, decide, vault, outcome } = await connected();
    expect(v.safeParse(methods.vault_connect.result, outcome.result).success).toBe(true);
    const request = send(dapp(), 'vault_sign', signParams);
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
    expect(request.isAnswered()).toBe(false);
    await decide({ kind: 'sign' });
    const { result } = await request.answer;
    expect(v.safeParse(methods.vault_sign.result, result).success).toBe(true);
    expect((result as VaultSignature).signed).toMatchObject({ origin: 'https://app.example', purpose: 'test' });
  });

  test('P2 a remembered decision answers without asking; only for this origin', async () => {
    const { send, decide, vault } = await connected();
    const request = send(dapp(), 'vault_sign', signParams);
    await decide({ kind: 'sign', remember: '1h' });
    await request.answer;
    expect((await send(dapp(), 'vault_sign', signParams).answer).result).toBeDefined();
    expect((await send(dapp('https://other.example'), 'vault_sign', signParams).answer).error?.code).toBe(4100);
    expect(await vault.approvals.waitingCount()).toBe(0);
  });

  test('P2 a capability that was not given is not there', async () => {
    const browser = await enrolledBrowser();
    const { send, decide } = worker(browser.vault, browser.host.nowMs);
    const asked = send(dapp(), 'vault_connect', { capabilities: ['identity', 'sign'] });
    await decide({ kind: 'connect', safeId: browser.safeId, capabilities: ['identity'], duration: '1d' });
    expect((await asked.answer).result).toMatchObject({ capabilities: ['identity'] });
    expect((await send(dapp(), 'vault_sign', signParams).answer).error?.code).toBe(4100);
    expect((await send(dapp(), 'vault_getPublicKeyBundle').answer).result).toBeDefined();
  });

  test('P2 a grant "once" ends with its first signature, and holds in its document only', async () => {
    const browser = await enrolledBrowser();
    const { send, decide } = worker(browser.vault, browser.host.nowMs);
    const asked = send(dapp(), 'vault_connect', { capabilities: ['sign'] });
    await decide({ kind: 'connect', safeId: browser.safeId, capabilities: ['sign'], duration: 'once' });
    await asked.answer;
    expect((await send(dapp('https://app.example', 'D2'), 'vault_sign', signParams).answer).error?.code).toBe(4100);
    const request = send(dapp(), 'vault_sign', signParams);
    await decide({ kind: 'sign' });
    expect((await request.answer).result).toBeDefined();
    expect((await send(dapp(), 'vault_sign', signParams).answer).error?.code).toBe(4100);
  });

  test('R-B7 revoking while a signature waits answers it with 4100', async () => {
    const { send, vault, router } = await connected();
    const request = send(dapp(), 'vault_sign', signParams);
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
    await vault.grants.revoke('https://app.example');
    await router.revoked('https://app.example');
    expect((await request.answer).error?.code).toBe(4100);
    expect(await vault.approvals.waitingCount()).toBe(0);
  });
});

describe('P3 nothing waits in worker memory', () => {
  test('P3 a request that waited is answered by the next worker when the person approves, with one prompt', async () => {
    const { send, host, startWorker, presented } = await connected();
    const { id } = send(dapp(), 'vault_sign', signParams);
    await expect.poll(presented).toBe(2);
    const next = worker(startWorker(), host.nowMs);
    const again = next.send(dapp(), 'vault_sign', signParams, id);
    await next.decide({ kind: 'sign' });
    expect((await again.answer).result).toBeDefined();
    expect(next.presented()).toBe(0);
  });

  test('P3 approved before the worker died: the frame that comes back is carried out once, with the time of the decision', async () => {
    const { send, host, startWorker, vault, clock } = await connected();
    const { id } = send(dapp(), 'vault_sign', signParams);
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
    const [card] = await vault.approvals.list();
    const decided = await decideOne(vault.approvals, {
      id: card!.id,
      digest: card!.digest,
      nonce: card!.nonce,
      decision: { kind: 'sign' },
    });
    clock.nowMs += 5000;
    const next = worker(startWorker(), host.nowMs);
    const outcome = await next.send(dapp(), 'vault_sign', signParams, id).answer;
    expect((outcome.result as VaultSignature).signed.issuedAtMs).toBe(decided.decidedAtMs);
    await expect.poll(() => next.vault.approvals.get(id)).toBeUndefined();
  });

  test('R-G1 approved too long ago: interrupted, never a silent later use', async () => {
    const { send, host, startWorker, vault, clock } = await connected();
    const { id } = send(dapp(), 'vault_sign', signParams);
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
    const [card] = await vault.approvals.list();
    await decideOne(vault.approvals, {
      id: card!.id,
      digest: card!.digest,
      nonce: card!.nonce,
      decision: { kind: 'sign' },
    });
    clock.nowMs += limits.approvedMs + 1;
    const next = worker(startWorker(), host.nowMs);
    expect((await next.send(dapp(), 'vault_sign', signParams, id).answer).error).toMatchObject({
      code: 4001,
      data: { reason: 'interrupted' },
    });
  });

  test('R-C3 a frame with the approved id and other parameters is superseded, not signed', async () => {
    const { send, host, startWorker, vault } = await connected();
    const { id } = send(dapp(), 'vault_sign', signParams);
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
    const [card] = await vault.approvals.list();
    await decideOne(vault.approvals, {
      id: card!.id,
      digest: card!.digest,
      nonce: card!.nonce,
      decision: { kind: 'sign' },
    });
    const next = worker(startWorker(), host.nowMs);
    const other = next.send(dapp(), 'vault_sign', { ...signParams, payload: Uint8Array.of(9) }, id);
    expect((await other.answer).error).toMatchObject({ code: 4001, data: { reason: 'superseded' } });
  });

  test('R-A6 the same id from another document is not answered with it', async () => {
    const { send, host, startWorker, vault } = await connected();
    const { id } = send(dapp(), 'vault_sign', signParams);
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
    const [card] = await vault.approvals.list();
    await decideOne(vault.approvals, {
      id: card!.id,
      digest: card!.digest,
      nonce: card!.nonce,
      decision: { kind: 'sign' },
    });
    const next = worker(startWorker(), host.nowMs);
    expect((await next.send(dapp('https://app.example', 'D2'), 'vault_sign', signParams, id).answer).error?.code).toBe(
      4001,
    );
    expect((await next.send(dapp('https://evil.example', 'D1'), 'vault_sign', signParams, id).answer).error?.code).toBe(
      4100,
    );
  });

  test('R-A6 a document that is gone is not answered, and its card goes', async () => {
    const { send, vault, router } = await connected();
    const request = send(dapp(), 'vault_sign', signParams);
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
    await router.documentGone('D1');
    expect(await vault.approvals.waitingCount()).toBe(0);
    expect(request.isAnswered()).toBe(false);
  });

  test('after a restart, what waits for documents that did not come back ends', async () => {
    const { send, vault, host, startWorker } = await connected();
    send(dapp(), 'vault_sign', signParams);
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
    const next = worker(startWorker(), host.nowMs);
    await next.router.reap();
    expect(await next.vault.approvals.waitingCount()).toBe(0);
  });
});

describe('locked', () => {
  test('a granted request waits for the unlock and then goes on by itself to the question', async () => {
    const { send, decide, vault, router, safeId, wallet } = await connected();
    await vault.lock();
    const request = send(dapp(), 'vault_sign', signParams);
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
    expect((await vault.approvals.list())[0]?.shown.kind).toBe('unlock');
    await unlockWithWallet(vault, safeId, wallet);
    await router.unlocked();
    const [card] = await vault.approvals.list();
    expect(card?.shown.kind).toBe('sign');
    await decide({ kind: 'sign' });
    expect((await request.answer).result).toBeDefined();
  });

  test('an unlock card cannot be approved', async () => {
    const { send, vault } = await connected();
    await vault.lock();
    send(dapp(), 'vault_sign', signParams);
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
    const [card] = await vault.approvals.list();
    await expect(
      decideOne(vault.approvals, {
        id: card!.id,
        digest: card!.digest,
        nonce: card!.nonce,
        decision: { kind: 'sign' },
      }),
    ).rejects.toMatchObject({ reason: 'invalid-input' });
  });

  test('R-B6 a stranger cannot tell empty, locked and not connected apart', async () => {
    const empty = createTestBrowser();
    const emptyWorker = worker(empty.startWorker(), empty.host.nowMs);
    const full = await enrolledBrowser();
    const fullWorker = worker(full.vault, full.host.nowMs);
    const ask = async ({ send }: Worker) =>
      JSON.stringify(
        await Promise.all(
          [
            ['vault_accounts'],
            ['vault_sign', signParams],
            ['vault_getPublicKeyBundle'],
            ['vault_getPermissions'],
            ['vault_disconnect'],
            ['vault_getCapabilities'],
            ['nope'],
          ].map(([method, params]) => send(dapp(), method as string, params).answer),
        ),
      );
    const whenEmpty = await ask(emptyWorker);
    const whenUnlocked = await ask(fullWorker);
    await full.vault.lock();
    const whenLocked = await ask(fullWorker);
    expect(whenUnlocked).toBe(whenEmpty);
    expect(whenLocked).toBe(whenEmpty);
  });

  test('R-F3 approved, then locked before it is carried out: interrupted', async () => {
    const { send, vault, router } = await connected();
    const request = send(dapp(), 'vault_sign', signParams);
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
    const [card] = await vault.approvals.list();
    const decided = await decideOne(vault.approvals, {
      id: card!.id,
      digest: card!.digest,
      nonce: card!.nonce,
      decision: { kind: 'sign' },
    });
    await vault.lock();
    await router.settle(decided);
    const ended = await Promise.race([
      request.answer,
      router
        .handle(
          {
            id: request.id,
            method: 'vault_sign',
            dapp: dapp(),
            bytes: 0,
            isClicked: false,
            answer: () => undefined,
            again: async () => {},
          },
          signParams,
        )
        .then(() => 'asked again'),
    ]);
    expect(ended === 'asked again' || (ended as Outcome).error?.code === 4001).toBe(true);
    expect(await vault.approvals.waitingCount()).toBe(0);
  });
});

describe('joined requests', () => {
  test('two that share one unlock card and need no person are both answered', async () => {
    const { send, vault, router, safeId, wallet } = await connected();
    await vault.lock();
    const all = [send(dapp(), 'vault_getPublicKeyBundle'), send(dapp(), 'vault_getPublicKeyBundle')];
    await expect.poll(async () => (await vault.approvals.list())[0]?.joined).toBe(2);
    await unlockWithWallet(vault, safeId, wallet);
    await router.unlocked();
    for (const { answer } of all) expect((await answer).result).toBeDefined();
    expect(await vault.approvals.waitingCount()).toBe(0);
  });

  test('P3 two that share one approved card are both answered after a restart, under a grant "once"', async () => {
    const browser = await enrolledBrowser();
    const before = worker(browser.vault, browser.host.nowMs);
    const asked = before.send(dapp(), 'vault_connect', { capabilities: ['sign'] });
    await before.decide({ kind: 'connect', safeId: browser.safeId, capabilities: ['sign'], duration: 'once' });
    await asked.answer;
    const ids = [before.send(dapp(), 'vault_sign', signParams).id, before.send(dapp(), 'vault_sign', signParams).id];
    await expect.poll(async () => (await browser.vault.approvals.list())[0]?.joined).toBe(2);
    const [card] = await browser.vault.approvals.list();
    await decideOne(browser.vault.approvals, {
      id: card!.id,
      digest: card!.digest,
      nonce: card!.nonce,
      decision: { kind: 'sign' },
    });
    const next = worker(browser.startWorker(), browser.host.nowMs);
    // The joined one comes back first.
    const all = ids.toReversed().map((id) => next.send(dapp(), 'vault_sign', signParams, id));
    for (const { answer } of all) expect((await answer).result).toBeDefined();
  });
});

describe('R-B8 floods', () => {
  test('R-B8 identical requests share one card; the answer goes to all', async () => {
    const { send, decide, vault } = await connected();
    const all = Array.from({ length: 10 }, () => send(dapp(), 'vault_sign', signParams));
    await expect.poll(async () => (await vault.approvals.list())[0]?.joined).toBe(10);
    expect(await vault.approvals.waitingCount()).toBe(1);
    await decide({ kind: 'sign' });
    for (const { answer } of all) expect((await answer).result).toBeDefined();
  });

  test('R-B8 the twenty-first waiting request of an origin gets -32005; others are not affected', async () => {
    const { send, vault } = await connected();
    const all = Array.from({ length: limits.waitingPerOrigin + 5 }, (_, at) =>
      send(dapp(), 'vault_sign', { ...signParams, purpose: `p${at}` }),
    );
    await expect.poll(() => all.filter((one) => one.isAnswered()).length).toBe(5);
    for (const one of all.filter((request) => request.isAnswered()))
      expect((await one.answer).error?.code).toBe(errorCode.limitExceeded);
    expect(await vault.approvals.waitingCount()).toBe(limits.waitingPerOrigin);
    send(dapp('https://other.example', 'D9'), 'vault_connect', { capabilities: ['sign'] });
    await expect.poll(() => vault.approvals.waitingCount()).toBe(limits.waitingPerOrigin + 1);
  });

  test('reject all ends everything of one origin and blocks nobody', async () => {
    const { send, vault, router } = await connected();
    const one = send(dapp(), 'vault_sign', signParams);
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
    await router.rejectAll('https://app.example');
    expect((await one.answer).error).toMatchObject({ code: 4001, data: { reason: 'rejected' } });
    send(dapp(), 'vault_sign', signParams);
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
  });

  test('what waits for five minutes expires, with its reason', async () => {
    const { send, vault, router, clock } = await connected();
    const one = send(dapp(), 'vault_sign', signParams);
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
    clock.nowMs += limits.waitingMs + 1;
    await router.expireDue();
    expect((await one.answer).error).toMatchObject({ code: 4001, data: { reason: 'expired' } });
  });
});

describe('R-B1 R-B4 what is not a row or does not fit', () => {
  test('R-B1 unknown and inherited names are 4200, bad parameters -32602, large ones -32005', async () => {
    const browser = createTestBrowser();
    const { send } = worker(browser.startWorker(), browser.host.nowMs);
    for (const name of ['__proto__', 'constructor', 'toString', 'vault_export', 'vault_sign ', 'test_Echo', ''])
      expect((await send(dapp(), name).answer).error?.code, name).toBe(errorCode.unsupported);
    expect((await send(dapp(), 'vault_sign', { payload: 'text', purpose: 'p' }).answer).error).toMatchObject({
      code: errorCode.invalidParams,
      data: { field: 'payload' },
    });
    expect((await send(dapp(), 'vault_sign', new Uint8Array(limits.requestBytes + 1)).answer).error?.code).toBe(
      errorCode.limitExceeded,
    );
    expect(
      (await send(dapp(), 'vault_connect', JSON.parse('{"capabilities":["sign"],"__proto__":{"x":1}}')).answer).error
        ?.code,
    ).toBe(errorCode.invalidParams);
  });
});

describe('several identities', () => {
  test('an account can be asked for; the newest grant is the default', async () => {
    const browser = await enrolledBrowser();
    const other = createTestWallet(2);
    const second = await enrol(browser.vault, other);
    const { send, decide } = worker(browser.vault, browser.host.nowMs);
    for (const safeId of [browser.safeId, second.safeId]) {
      browser.clock.nowMs += 1000;
      // The first gives what is asked for: the person wants to be asked all the same, and names the other.
      if (safeId === second.safeId) await browser.vault.grants.setAsking('https://app.example', browser.safeId, true);
      const asked = send(dapp(), 'vault_connect', { capabilities: ['identity'] });
      await decide({ kind: 'connect', safeId, capabilities: ['identity'], duration: '1d' });
      await asked.answer;
    }
    expect((await send(dapp(), 'vault_accounts').answer).result).toEqual([other.account, browser.wallet.account]);
    expect(
      (await send(dapp(), 'vault_getPublicKeyBundle', { account: browser.wallet.account.toLowerCase() }).answer).result,
    ).toMatchObject({ account: browser.wallet.account });
    expect((await send(dapp(), 'vault_getPublicKeyBundle').answer).result).toMatchObject({ account: other.account });
    expect((await send(dapp(), 'vault_disconnect', { account: other.account }).answer).result).toBeNull();
    expect((await send(dapp(), 'vault_accounts').answer).result).toEqual([browser.wallet.account]);
  });
});

describe('what a seeded defect would break', () => {
  test('R-B6 an error of the inside reaches a page without its text', async () => {
    const { vault, host, outcome } = await connected();
    expect(outcome.error).toBeUndefined();
    const broken: Vault = {
      ...vault,
      grants: { ...vault.grants, find: () => Promise.reject(new Error('the text of an inside error')) },
    };
    const { error } = await worker(broken, host.nowMs).send(dapp(), 'vault_sign', signParams).answer;
    expect(error?.code).toBe(errorCode.internal);
    expect(JSON.stringify(error)).not.toContain('inside error');
  });

  test('R-A6 a document that is gone hears nothing of what is ended later; another one of the same site does', async () => {
    const { send, vault, router } = await connected();
    const [gone, there] = [
      send(dapp(), 'vault_sign', signParams),
      send(dapp('https://app.example', 'D2'), 'vault_sign', signParams),
    ];
    await expect.poll(() => vault.approvals.waitingCount()).toBe(2);
    await router.documentGone('D1');
    await router.revoked('https://app.example');
    expect((await there.answer).error?.code).toBe(errorCode.unauthorized);
    expect(gone.isAnswered()).toBe(false);
  });

  test('R-F3 a lock ends what was approved and not yet begun, and the next unlock does not bring it back', async () => {
    const { send, vault, safeId, wallet } = await connected();
    const request = send(dapp(), 'vault_sign', signParams);
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
    const [card] = await vault.approvals.list();
    await decideOne(vault.approvals, {
      id: card!.id,
      digest: card!.digest,
      nonce: card!.nonce,
      decision: { kind: 'sign' },
    });
    await vault.lock();
    await unlockWithWallet(vault, safeId, wallet);
    const again = send(dapp(), 'vault_sign', signParams, request.id);
    expect((await again.answer).error).toMatchObject({ code: 4001, data: { reason: 'interrupted' } });
  });

  test('R-B6 an identity that is locked is in no list of accounts or permissions, for its own sites too', async () => {
    const { send, vault, wallet } = await connected();
    expect((await send(dapp(), 'vault_accounts').answer).result).toEqual([wallet.account]);
    await vault.lock();
    expect((await send(dapp(), 'vault_accounts').answer).result).toEqual([]);
    expect((await send(dapp(), 'vault_getPermissions').answer).result).toEqual([]);
  });

  test('R-F3 a lock between the decision and the frame answers everybody who shares the card', async () => {
    const { send, vault, router } = await connected();
    const all = [send(dapp(), 'vault_sign', signParams), send(dapp(), 'vault_sign', signParams)];
    await expect.poll(async () => (await vault.approvals.list())[0]?.joined).toBe(2);
    const [card] = await vault.approvals.list();
    const decided = await decideOne(vault.approvals, {
      id: card!.id,
      digest: card!.digest,
      nonce: card!.nonce,
      decision: { kind: 'sign' },
    });
    await vault.lock();
    await router.settle(decided);
    for (const { answer } of all)
      expect((await answer).error).toMatchObject({ code: 4001, data: { reason: 'interrupted' } });
  });
});
