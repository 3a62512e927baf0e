// Epochs of the root key: what they cost, what goes on through them, and who may use a key meanwhile (R-F3, P2).
import { describe, expect, it, onTestFinished } from 'vitest';
import { byWallet, mirrored, replacing } from '../testkit/slots.testkit';
import type { PageMemory, TestBrowser } from '../testkit/vault.testkit';
import {
  createTestBrowser,
  createTestWallet,
  drawnSecrets,
  enrol,
  enrolledBrowser,
  everythingStored,
  freezeAt,
  holdsSecret,
  inStore,
  signRequest,
  unlockWithWallet,
} from '../testkit/vault.testkit';
import type { Vault } from '../vault';

const wallet = createTestWallet();
const origin = 'https://app.example';

/** A new recovery code, as the shortest way to another root key. */
async function nextEpoch(vault: Vault, safeId: string): Promise<string> {
  const fresh = await vault.slots.newCode({ safeId });
  await vault.slots.replaceCode(replacing(safeId, fresh, [await byWallet(vault, safeId, wallet)]));
  return fresh.code;
}

async function give(vault: Vault, safeId: string, duration: 'until-locked' | '30d', from = origin): Promise<void> {
  await vault.grants.put({
    origin: from,
    safeId,
    capabilities: ['identity', 'sign'],
    duration,
    documentKey: 'doc',
    requestId: '01'.repeat(16),
  });
}

/** Counts rows put, by store. */
function countPuts(): Map<string, number> {
  const counts = new Map<string, number>();
  const prototype = IDBObjectStore.prototype;
  const original = prototype.put;
  prototype.put = function (...input) {
    counts.set(this.name, (counts.get(this.name) ?? 0) + 1);
    return original.apply(this, input);
  };
  onTestFinished(() => {
    prototype.put = original;
  });
  return counts;
}

async function addRows(browser: TestBrowser, safeId: string, from: number, to: number): Promise<void> {
  for (let sequence = from; sequence <= to; sequence++) {
    const name = new TextEncoder().encode(`name ${sequence}`);
    await inStore(browser.host.databaseName, 'entries', (store) =>
      store.put({ safeId, list: 'conversations', sequence, name, bytes: new Uint8Array(200).fill(sequence) }),
    );
  }
}

describe('another root key', () => {
  it('costs the same however many conversations there are, and touches none of them', async () => {
    const browser = await enrolledBrowser();
    const { vault, safeId } = browser;
    const rows = () => inStore(browser.host.databaseName, 'entries', (store) => store.getAll());
    const counts = countPuts();
    const costs: unknown[] = [];
    for (const [from, to] of [
      [1, 10],
      [11, 400],
    ] as const) {
      await addRows(browser, safeId, from, to);
      const before = await rows();
      await nextEpoch(vault, safeId);
      counts.clear();
      await nextEpoch(vault, safeId);
      costs.push(Object.fromEntries(counts));
      expect(await rows()).toEqual(before);
    }
    // Of the log: the row that says where it ends, with the line about the change.
    expect(costs[0]).toEqual({ headers: 1, records: 2, sessionKeys: 1, activity: 1 });
    expect(costs[1]).toEqual(costs[0]);
  });

  it('changes nothing that the person or a site sees, five times over', async () => {
    const { vault, safeId, ...browser } = await enrolledBrowser();
    await give(vault, safeId, '30d');
    const bundles = await vault.keys.publicBundles(safeId);
    const before = (await vault.state()).identities;
    const sessionId = JSON.parse(
      [...browser.sessionItems].find(([key]) => key.startsWith('session:'))?.[1] ?? '{}',
    ) as { sessionId: string };
    let code = '';
    for (let epoch = 2; epoch <= 6; epoch++) {
      code = await nextEpoch(vault, safeId);
      expect((await vault.identity.details({ safeId })).epoch).toBe(epoch);
      expect(await vault.keys.publicBundles(safeId)).toEqual(bundles);
      expect((await vault.state()).identities).toEqual(before);
    }
    const now = JSON.parse([...browser.sessionItems].find(([key]) => key.startsWith('session:'))?.[1] ?? '{}') as {
      sessionId: string;
    };
    expect(now.sessionId).toBe(sessionId.sessionId);
    const next = browser.startWorker();
    expect((await next.state()).status).toBe('unlocked');
    expect(await next.grants.use(origin, safeId, 'sign', 'doc')).toMatchObject({ verified: true });
    expect((await next.activity.list(safeId, { limit: 9 })).map(({ method }) => method)).toEqual([
      'slots',
      'slots',
      'slots',
      'slots',
      'slots',
      'enrol',
    ]);
    const restarted = await browser.restart();
    await restarted.unlock.withRecoveryCode({ safeId, code });
    expect(await restarted.keys.publicBundles(safeId)).toEqual(bundles);
    expect(await restarted.grants.use(origin, safeId, 'sign', 'doc')).toMatchObject({ verified: true });
  });

  it('P2 keeps what was given until the lock, and the lock still ends it', async () => {
    const { vault, safeId } = await enrolledBrowser();
    await give(vault, safeId, 'until-locked');
    await nextEpoch(vault, safeId);
    expect(await vault.grants.use(origin, safeId, 'sign', 'doc')).toMatchObject({ verified: true });
    await vault.lock();
    await unlockWithWallet(vault, safeId, wallet);
    expect(await vault.grants.find(origin)).toEqual([]);
  });

  it('moves no deadline: the absolute end stays', async () => {
    const { vault, safeId, clock } = await enrolledBrowser();
    for (let hour = 1; hour <= 12; hour++) {
      clock.nowMs += 3_599_000 / 4;
      await nextEpoch(vault, safeId);
      for (let part = 0; part < 3; part++) {
        clock.nowMs += 3_599_000 / 4;
        await vault.touch(safeId);
      }
    }
    clock.nowMs += 60_000;
    await expect(vault.keys.sign(safeId, signRequest)).rejects.toMatchObject({ reason: 'locked' });
  });

  it('whoever uses the keys at any step of it gets an answer, and nothing is sealed that does not open', async () => {
    const browser = createTestBrowser();
    const { safeId } = await enrol(browser.startWorker(), wallet);
    const acts: Promise<unknown>[] = [];
    const vault: Vault = browser.startWorker({
      // Begun, and not awaited: the change goes on beside them.
      checkpoint: async (label) => {
        if (!label.startsWith('slots.')) return;
        acts.push(
          vault.keys.sign(safeId, signRequest),
          vault.identity.details({ safeId }),
          vault.activity.list(safeId, { limit: 3 }),
        );
        acts.push(give(vault, safeId, '30d', `https://site-${acts.length}.example`));
        acts.push(
          vault.activity.append(safeId, { atMs: 1, origin, method: 'vault_sign', purpose: label, outcome: 'done' }),
        );
      },
    });
    await nextEpoch(vault, safeId);
    await Promise.all(acts);
    expect(acts.length).toBeGreaterThan(50);
    const next = await browser.restart();
    await unlockWithWallet(next, safeId, wallet);
    expect(await next.grants.list()).toHaveLength(acts.length / 5);
    const entries = await next.activity.list(safeId, { limit: 100 });
    expect(entries.filter(({ method }) => method === 'vault_sign')).toHaveLength(acts.length / 5);
    expect(entries.filter(({ method }) => method === 'damaged')).toEqual([]);
  });

  it('P4 leaves no root key of any epoch readable in any store', async () => {
    const browser = await enrolledBrowser();
    for (let epoch = 2; epoch <= 4; epoch++) await nextEpoch(browser.vault, browser.safeId);
    const stored = await everythingStored(browser, { session: true });
    const secrets = drawnSecrets(browser, stored);
    expect(secrets.length).toBeGreaterThan(10);
    for (const secret of secrets) expect(holdsSecret(stored, secret)).toBe(false);
    expect((await mirrored(browser, browser.safeId)).header.records.map(({ type }) => type).sort()).toEqual([
      'bundle',
      'past-roots',
    ]);
  });
});

async function labelsOfChange(): Promise<string[]> {
  const browser = createTestBrowser();
  const vault = browser.startWorker();
  const { safeId } = await enrol(vault, wallet);
  const fresh = await vault.slots.newCode({ safeId });
  const kept = [await byWallet(vault, safeId, wallet)];
  browser.labels.length = 0;
  await vault.slots.replaceCode(replacing(safeId, fresh, kept));
  return [...new Set(browser.labels)].filter((label) => label.startsWith('slots.'));
}

describe('R-F3 locked while the root key changes', () => {
  it('at every step: locked at once, and then the old root key or the new one, whole', async () => {
    const labels = await labelsOfChange();
    expect(labels.length).toBeGreaterThan(10);
    for (const label of labels) {
      const browser = createTestBrowser();
      const memory: PageMemory = {};
      const { safeId } = await enrol(browser.startWorker(), wallet, memory);
      let locking: Promise<void> | undefined;
      const vault: Vault = browser.startWorker({
        checkpoint: async (at) => {
          if (at === label) locking ??= vault.lock(safeId);
        },
      });
      const fresh = await vault.slots.newCode({ safeId });
      const error = await vault.slots
        .replaceCode(replacing(safeId, fresh, [await byWallet(vault, safeId, wallet)]))
        .then(
          () => undefined,
          (thrown: { reason: string }) => thrown.reason,
        );
      await locking;
      expect([label, error]).toEqual([label, 'locked']);
      expect([label, (await vault.state()).status]).toEqual([label, 'locked']);
      expect([...browser.sessionItems.keys()].filter((key) => key.startsWith('session:'))).toEqual([]);
      await unlockWithWallet(vault, safeId, wallet);
      const { epoch } = await vault.identity.details({ safeId });
      const right = epoch === 1 ? memory.code : fresh.code;
      await vault.lock();
      await vault.unlock.withRecoveryCode({ safeId, code: right ?? '' });
      await expect(vault.keys.sign(safeId, signRequest)).resolves.toBeDefined();
    }
  });
});

describe('P3 a worker that dies between the safe and its session', () => {
  it('leaves the new epoch locked, not damaged', async () => {
    const browser = createTestBrowser();
    const { safeId } = await enrol(browser.startWorker(), wallet);
    const { checkpoint, reached } = freezeAt('slots.replace-code.store-key:before');
    const vault = browser.startWorker({ checkpoint });
    const fresh = await vault.slots.newCode({ safeId });
    const change = vault.slots.replaceCode(replacing(safeId, fresh, [await byWallet(vault, safeId, wallet)]));
    expect(await Promise.race([reached, change])).toBe('frozen');
    const next = browser.startWorker();
    expect((await next.state()).status).toBe('locked');
    await next.unlock.withRecoveryCode({ safeId, code: fresh.code });
    expect((await next.identity.details({ safeId })).epoch).toBe(2);
  });
});
