// Unlocked and locked: where the key is, when it goes, and that nothing outlives a lock (R-F1, R-F3, R-F4, R-F5).
// Promises: time is the test's own; a lock is tried at every await of an operation.
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lawOf } from '../../../scripts/campaign/size';
import { clockToleranceMs } from '../work/clock';
import { absoluteLockMs } from './session';
import { oraclesOf } from '../testkit/oracles.testkit';
import type { Enrolled, TestBrowser, TestWallet } from '../testkit/vault.testkit';
import {
  createTestBrowser,
  createTestWallet,
  drawnSecrets,
  enrol,
  enrolledBrowser,
  everythingStored,
  holdsSecret,
  inStore,
  signRequest,
  unlockWithWallet,
} from '../testkit/vault.testkit';
import type { Vault } from '../vault';

const minute = 60_000;
const locked = { reason: 'locked' };

async function sessionKeys(browser: TestBrowser): Promise<{ key: CryptoKey }[]> {
  return (await inStore(browser.host.databaseName, 'sessionKeys', (store) => store.getAll())) as { key: CryptoKey }[];
}

const sessionBlobs = (browser: TestBrowser) =>
  [...browser.sessionItems.keys()].filter((key) => key.startsWith('session:'));

async function expectLocked(browser: TestBrowser, vault: Vault, safeId: string): Promise<void> {
  expect((await vault.state()).identities.find((one) => one.safeId === safeId)).toMatchObject({
    status: 'locked',
    lockAtMs: null,
  });
  await expect(vault.keys.sign(safeId, signRequest)).rejects.toMatchObject(locked);
  await vault.lockDue();
  expect(sessionBlobs(browser)).toEqual([]);
  expect(await sessionKeys(browser)).toEqual([]);
}

describe('R-F1 an open session', () => {
  it('has no key in clear in any store, and a key in IndexedDB that cannot be exported', async () => {
    const browser = await enrolledBrowser();
    const stored = await everythingStored(browser, { session: true });
    for (const secret of drawnSecrets(browser, stored)) expect(holdsSecret(stored, secret)).toBe(false);
    const [row] = await sessionKeys(browser);
    expect(row?.key.extractable).toBe(false);
    await expect(crypto.subtle.exportKey('raw', row?.key as CryptoKey)).rejects.toThrow();
    expect(sessionBlobs(browser)).toHaveLength(1);
  });

  it('R-F5 lends its key when the time it was last seen is written, so that the next worker knows it whenever this one dies', async () => {
    const browser = await enrolledBrowser();
    const { safeId, host, clock } = browser;
    let isAsked = () => {};
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    const set = async (items: Record<string, unknown>) => {
      if (!(`session:${safeId}` in items)) return host.session.set(items);
      isAsked();
      await new Promise<never>(() => undefined);
    };
    const vault = browser.startWorker({ session: { ...host.session, set } });
    await vault.ready();
    clock.nowMs += minute;
    const signed = vault.keys.sign(safeId, signRequest).then(() => 'signed');
    await asked;
    expect(await Promise.race([signed, new Promise((resolve) => setTimeout(() => resolve('waits'), 100))])).toBe(
      'waits',
    );
  });

  it('R-F3 that the next worker reads while it is locked stays locked', async () => {
    const browser = await enrolledBrowser();
    const read = browser.host.session.get;
    let lock: Promise<void> | undefined;
    const next = browser.startWorker({
      session: {
        ...browser.host.session,
        async get(keys) {
          const items = await read(keys);
          // What was read is on its way; the person does not wait for it.
          if (keys === null) lock ??= next.lock();
          return items;
        },
      },
    });
    await next.state();
    await lock;
    await expectLocked(browser, next, browser.safeId);
  });

  it('outlives the worker and not the browser', async () => {
    const browser = await enrolledBrowser();
    const next = browser.startWorker();
    expect((await next.state()).status).toBe('unlocked');
    await expect(next.keys.sign(browser.safeId, signRequest)).resolves.toBeDefined();
    await expectLocked(browser, await browser.restart(), browser.safeId);
  });

  it('of a draft whose half in IndexedDB is gone says that it is locked, and can be opened again', async () => {
    const browser = createTestBrowser();
    const wallet = createTestWallet();
    const vault = browser.startWorker();
    const draft = await vault.enrolment.begin({
      account: wallet.account,
      wallet: { kind: 'manual' },
      name: '',
      source: 'new',
      first: 'wallet',
    });
    const { safeId } = draft;
    const sealed = await vault.enrolment.unlockSignature({ safeId, signature: wallet.sign(draft.text!) });
    await vault.enrolment.identitySignature({ safeId, signature: wallet.sign(sealed.text!) });
    await vault.enrolment.confirmUnlockSignature({ safeId, signature: wallet.sign(draft.text!) });
    await inStore(browser.host.databaseName, 'sessionKeys', (store) => store.clear());
    await expect(vault.enrolment.createRecoveryCode({ safeId })).rejects.toMatchObject(locked);
    const after = await vault.enrolment.get({ safeId });
    expect(after).toMatchObject({ step: 'code', locked: true });
    await vault.enrolment.unlockSignature({ safeId, signature: wallet.sign(after.text ?? draft.text!) });
    await expect(vault.enrolment.createRecoveryCode({ safeId })).resolves.toBeDefined();
  });

  it('ends at the start of the browser even when a crash has kept both halves', async () => {
    const browser = await enrolledBrowser();
    const vault = browser.startWorker();
    await vault.browserStarted();
    await expectLocked(browser, vault, browser.safeId);
  });

  it.each(['blob', 'key'] as const)('is no session without its %s, and the other half is removed', async (half) => {
    const browser = await enrolledBrowser();
    if (half === 'blob') browser.sessionItems.clear();
    else await inStore(browser.host.databaseName, 'sessionKeys', (store) => store.clear());
    const vault = browser.startWorker();
    await vault.ready();
    expect(sessionBlobs(browser)).toEqual([]);
    expect(await sessionKeys(browser)).toEqual([]);
    await expectLocked(browser, vault, browser.safeId);
  });

  it('opens for its own safe and its own hour only', async () => {
    const browser = await enrolledBrowser();
    const { safeId } = browser;
    const key = `session:${safeId}`;
    const tamperings: ((blob: Record<string, unknown>) => unknown)[] = [
      (blob) => ({ ...blob, openedAtMs: (blob['openedAtMs'] as number) + 1000 }),
      (blob) => ({ ...blob, sessionId: '0'.repeat(32) }),
      (blob) => ({
        ...blob,
        sealed: `${String(blob['sealed']).startsWith('A') ? 'B' : 'A'}${String(blob['sealed']).slice(1)}`,
      }),
      (blob) => ({ ...blob, lastActMs: '0' }),
      () => 'text',
      () => null,
    ];
    for (const tamper of tamperings) {
      const blob = JSON.parse(browser.sessionItems.get(key) ?? '{}') as Record<string, unknown>;
      expect((await browser.startWorker().state()).status).toBe('unlocked');
      browser.sessionItems.set(key, JSON.stringify(tamper(blob)));
      const vault = browser.startWorker();
      expect((await vault.state()).status).toBe('locked');
      await unlockWithWallet(vault, safeId, browser.wallet);
    }
  });
});

/** Calls `act` at the n-th call of WebCrypto, before or after it. Returns how many calls there were. */
function atCryptoCall(n: number, when: 'before' | 'after', act: () => void): { calls: () => number; undo: () => void } {
  let calls = 0;
  const prototype = Object.getPrototypeOf(crypto.subtle) as Record<string, (...input: unknown[]) => Promise<unknown>>;
  const originals = ['decrypt', 'encrypt', 'deriveKey', 'sign', 'verify', 'digest', 'importKey'].map(
    (name) => [name, prototype[name]] as const,
  );
  for (const [name, original] of originals) {
    prototype[name] = async function (this: unknown, ...input) {
      calls++;
      const isIt = calls === n;
      if (isIt && when === 'before') act();
      const result = await original?.apply(this, input);
      if (isIt && when === 'after') act();
      return result;
    };
  }
  const undo = () => originals.forEach(([name, original]) => original && (prototype[name] = original));
  onTestFinished(undo);
  return { calls: () => calls, undo };
}

describe('R-F3 a lock', () => {
  it('at any moment of a signature leaves it without a result', async () => {
    let tried = 0;
    for (const when of ['before', 'after'] as const) {
      for (let n = 1; ; n++) {
        const { vault, safeId } = await enrolledBrowser();
        let locking: Promise<void> | undefined;
        const spy = atCryptoCall(n, when, () => {
          locking = vault.lock(safeId);
        });
        const signing = vault.keys.sign(safeId, signRequest).then(
          () => 'signed',
          (error: { reason: string }) => error.reason,
        );
        const outcome = await signing;
        spy.undo();
        if (spy.calls() < n) break;
        await locking;
        expect([when, n, outcome]).toEqual([when, n, 'locked']);
        tried++;
      }
    }
    expect(tried).toBeGreaterThanOrEqual(4);
  });

  it('at any step of an unlock wins, and leaves no half of a session', async () => {
    const labels = await labelsOfUnlock();
    expect(labels.length).toBeGreaterThanOrEqual(4);
    for (const label of labels) {
      const browser = createTestBrowser();
      const wallet = createTestWallet();
      const first = browser.startWorker();
      const { safeId } = await enrol(first, wallet);
      await first.lock();
      let locking: Promise<void> | undefined;
      const vault: Vault = browser.startWorker({
        checkpoint: async (reached) => {
          if (reached === label) locking ??= vault.lock(safeId);
        },
      });
      await unlockWithWallet(vault, safeId, wallet).catch(() => undefined);
      await locking;
      expect([label, (await vault.state()).status]).toEqual([label, 'locked']);
      await expectLocked(browser, vault, safeId);
      expect((await browser.startWorker().state()).status).toBe('locked');
    }
  });

  it('is idempotent, needs no start, and locks one or all', async () => {
    const browser = createTestBrowser();
    const vault = browser.startWorker();
    const first = await enrol(vault, createTestWallet(1));
    const second = await enrol(vault, createTestWallet(2));
    const next = browser.startWorker();
    await Promise.all([next.lock(first.safeId), next.lock(first.safeId), next.ready()]);
    expect((await next.state()).identities.map((one) => one.status).toSorted()).toEqual(['locked', 'unlocked']);
    await expect(next.keys.sign(first.safeId, signRequest)).rejects.toMatchObject(locked);
    await expect(next.keys.sign(second.safeId, signRequest)).resolves.toBeDefined();
    const last = browser.startWorker();
    await Promise.all([last.ready(), last.lock()]);
    expect((await last.state()).status).toBe('locked');
    await last.lock();
    await expectLocked(browser, last, second.safeId);
  });

  it('ends what was given until then, and interrupts what was approved', async () => {
    const { vault, safeId } = await enrolledBrowser();
    const origin = 'https://app.example';
    await vault.grants.put({
      origin,
      safeId,
      capabilities: ['sign'],
      duration: 'until-locked',
      documentKey: 'd',
      requestId: 'f'.repeat(32),
    });
    expect(await vault.grants.find(origin)).toHaveLength(1);
    const topics: string[] = [];
    const stop = vault.onChange((topic) => topics.push(topic));
    await vault.lock(safeId);
    expect(topics).toContain('state');
    stop();
    expect(await vault.grants.find(origin)).toEqual([]);
  });

  async function labelsOfUnlock(): Promise<string[]> {
    const browser = createTestBrowser();
    const wallet = createTestWallet();
    const vault = browser.startWorker();
    const { safeId } = await enrol(vault, wallet);
    await vault.lock();
    browser.labels.length = 0;
    await unlockWithWallet(vault, safeId, wallet);
    return [...new Set(browser.labels)].filter((label) => label.startsWith('unlock.'));
  }
});

describe('R-F4 the deadline', () => {
  it.each([5, 15, 30, 60] as const)('comes %i minutes after the last act of a person', async (autoLockMinutes) => {
    const browser = await enrolledBrowser();
    const { vault, safeId, clock } = browser;
    await vault.settings.set({
      autoLockMinutes,
      theme: 'system',
      language: 'system',
      environment: null,
      inboxNode: null,
      ensNode: null,
    });
    clock.nowMs += autoLockMinutes * minute - 1;
    // Using the key is not an act of a person.
    await expect(vault.keys.sign(safeId, signRequest)).resolves.toBeDefined();
    expect(await vault.lockDue()).toBe(clock.nowMs + 1);
    clock.nowMs += 2;
    await expectLocked(browser, vault, safeId);
  });

  it('is 15 minutes unless chosen otherwise, moves with an act, and "never" cannot be chosen', async () => {
    const browser = await enrolledBrowser();
    const { vault, safeId, clock } = browser;
    clock.nowMs += 10 * minute;
    await vault.touch(safeId);
    clock.nowMs += 14 * minute;
    await expect(vault.keys.sign(safeId, signRequest)).resolves.toBeDefined();
    expect((await vault.state()).identities[0]?.lockAtMs).toBe(clock.nowMs + minute);
    for (const autoLockMinutes of [0, Infinity, NaN, 90, -5, null]) {
      await expect(
        vault.settings.set({
          autoLockMinutes: autoLockMinutes as 5,
          theme: 'system',
          language: 'system',
          environment: null,
          inboxNode: null,
          ensNode: null,
        }),
      ).rejects.toMatchObject({ reason: 'invalid-input' });
    }
    clock.nowMs += minute + 1;
    await expectLocked(browser, vault, safeId);
  });

  it('comes 12 hours after the unlock whatever the person does', async () => {
    const browser = await enrolledBrowser();
    const { vault, safeId, clock } = browser;
    const end = clock.nowMs + absoluteLockMs;
    while (clock.nowMs < end) {
      await vault.touch();
      expect((await vault.state()).status).toBe('unlocked');
      clock.nowMs = Math.min(clock.nowMs + 10 * minute, end);
    }
    await vault.touch();
    clock.nowMs = end + 1;
    await vault.touch();
    await expectLocked(browser, vault, safeId);
  });

  it('is kept by a new worker, acts included', async () => {
    const browser = await enrolledBrowser();
    const { safeId, clock } = browser;
    clock.nowMs += 10 * minute;
    await browser.vault.touch(safeId);
    clock.nowMs += 15 * minute;
    expect((await browser.startWorker().state()).status).toBe('unlocked');
    clock.nowMs += 1;
    const vault = browser.startWorker();
    await expectLocked(browser, vault, safeId);
  });

  it('of a shorter setting holds at once', async () => {
    const browser = await enrolledBrowser();
    browser.clock.nowMs += 10 * minute;
    await browser.vault.settings.set({
      autoLockMinutes: 5,
      theme: 'system',
      language: 'system',
      environment: null,
      inboxNode: null,
      ensNode: null,
    });
    await expectLocked(browser, browser.vault, browser.safeId);
  });
});

describe('R-F5 the clock', () => {
  it.each(['same worker', 'new worker'] as const)('set back by more than two minutes locks: %s', async (which) => {
    const browser = await enrolledBrowser();
    const { clock, safeId } = browser;
    clock.nowMs += 10 * minute;
    await browser.vault.keys.sign(safeId, signRequest);
    clock.nowMs -= clockToleranceMs;
    const vault = which === 'same worker' ? browser.vault : browser.startWorker();
    expect((await vault.state()).status).toBe('unlocked');
    clock.nowMs -= 1;
    await expectLocked(browser, which === 'same worker' ? vault : browser.startWorker(), safeId);
  });

  it('in small steps back cannot stretch a session', async () => {
    const browser = await enrolledBrowser();
    const { clock, vault, safeId } = browser;
    for (let step = 0; step < 3; step++) {
      clock.nowMs -= 50_000;
      await vault.state();
    }
    await expectLocked(browser, vault, safeId);
  });

  it('in any order of jumps, restarts and acts never leaves a safe open past its deadline', async () => {
    const world = await enrolledBrowser();
    const oracles = oraclesOf(world, [world]);
    const jump = fc.record({
      kind: fc.constant('jump' as const),
      ms: fc.oneof(fc.integer({ min: -5 * minute, max: 20 * minute }), fc.integer({ min: -1e12, max: 1e12 })),
    });
    const other = fc.constantFrom({ kind: 'touch' as const }, { kind: 'look' as const }, { kind: 'restart' as const });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(jump, other), { maxLength: 25 }), async (acts) => {
        await expectModel(world, acts);
        await oracles.nothingLost(world.startWorker());
        await oracles.nothingNew(world.startWorker());
        await oracles.nothingLeaked([]);
      }),
      lawOf('clock', 'lives'),
    );
  });
});

type Act = { kind: 'jump'; ms: number } | { kind: 'touch' | 'look' | 'restart' };

/** Plays the acts beside a model: when the safe must be locked, and when nothing allows the vault to have locked it. */
async function expectModel(world: TestBrowser & Enrolled & { wallet: TestWallet }, acts: Act[]): Promise<void> {
  world.clock.nowMs = signRequest.issuedAtMs;
  let vault = world.startWorker();
  await vault.lock();
  await unlockWithWallet(vault, world.safeId, world.wallet);
  const model = { openedMs: world.clock.nowMs, actMs: world.clock.nowMs, seenMs: world.clock.nowMs, isOpen: true };
  const check = () => {
    const nowMs = world.clock.nowMs;
    if (nowMs > model.actMs + 15 * minute || nowMs > model.openedMs + absoluteLockMs) model.isOpen = false;
    // The start of the session is always a moment that was seen.
    if (nowMs < model.openedMs - clockToleranceMs) model.isOpen = false;
  };
  for (const act of acts) {
    if (act.kind === 'jump') {
      world.clock.nowMs = Math.max(0, world.clock.nowMs + act.ms);
      continue;
    }
    check();
    if (act.kind === 'restart') vault = world.startWorker();
    if (act.kind === 'touch') await vault.touch();
    if (act.kind === 'touch' && model.isOpen) model.actMs = world.clock.nowMs;
    const isUnlocked = (await vault.state()).status === 'unlocked';
    const mayBeLocked = !model.isOpen || world.clock.nowMs < model.seenMs - clockToleranceMs;
    if (!model.isOpen || !mayBeLocked) expect(isUnlocked).toBe(model.isOpen);
    model.seenMs = Math.max(model.seenMs, world.clock.nowMs);
    if (!isUnlocked) model.isOpen = false;
  }
}
