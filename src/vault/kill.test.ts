// The worker dies at every step of every flow, before and after each awaited change (P3).
// Promises: the labels are collected from a full run, so a new step is tested without anyone remembering it.
import { describe, expect, it } from 'vitest';
import { sizeOf } from '../../scripts/campaign/size';
import { verifyVaultSignature } from '../protocol/ours/vault-signature';
import { deathsAt } from './testkit/deaths.testkit';
import type { PageMemory, TestBrowser, TestWallet } from './testkit/vault.testkit';
import {
  createTestBrowser,
  createTestWallet,
  drawnSecrets,
  enrol,
  everythingStored,
  freezeAt,
  holdsSecret,
  signRequest,
  unlockWithWallet,
} from './testkit/vault.testkit';
import type { Vault } from './vault';

const wallet = createTestWallet();

/** One flow as a page drives it, and how to bring a browser to where it begins. */
interface Flow {
  name: string;
  prepare(browser: TestBrowser): Promise<string | undefined>;
  run(vault: Vault, safeId: string | undefined, memory: PageMemory): Promise<unknown>;
}

async function enrolledAndLocked(browser: TestBrowser): Promise<string> {
  const vault = browser.startWorker();
  const { safeId } = await enrol(vault, wallet);
  await vault.lock(safeId);
  return safeId;
}

const flows: Flow[] = [
  { name: 'enrol', prepare: async () => undefined, run: (vault, _safeId, memory) => enrol(vault, wallet, memory) },
  { name: 'unlock', prepare: enrolledAndLocked, run: (vault, safeId) => unlockWithWallet(vault, safeId ?? '', wallet) },
  {
    name: 'rename',
    prepare: async (browser) => (await enrol(browser.startWorker(), wallet)).safeId,
    run: (vault, safeId) => vault.identity.rename({ safeId: safeId ?? '', name: 'Bea' }),
  },
  {
    name: 'lock',
    prepare: async (browser) => (await enrol(browser.startWorker(), wallet)).safeId,
    // After the start: a worker that has not taken up its sessions yet has no key to log the act with.
    run: async (vault, safeId) => {
      await vault.ready();
      await vault.lock(safeId);
    },
  },
];

async function labelsOf(flow: Flow): Promise<string[]> {
  const browser = createTestBrowser();
  const safeId = await flow.prepare(browser);
  const vault = browser.startWorker();
  await vault.ready();
  browser.labels.length = 0;
  await flow.run(vault, safeId, {});
  return [...new Set(browser.labels)];
}

/** Runs a flow until its worker is frozen at `label`. Returns the browser as the next worker finds it. */
async function killed(
  flow: Flow,
  label: string,
): Promise<{ browser: TestBrowser; safeId: string | undefined; memory: PageMemory }> {
  const browser = createTestBrowser();
  const safeId = await flow.prepare(browser);
  const memory: PageMemory = {};
  const { checkpoint, reached } = freezeAt(label);
  const outcome = await Promise.race([reached, flow.run(browser.startWorker({ checkpoint }), safeId, memory)]);
  expect(outcome).toBe('frozen');
  return { browser, safeId, memory };
}

async function expectWhole(browser: TestBrowser, vault: Vault, account: TestWallet): Promise<void> {
  const { status, identities } = await vault.state();
  expect(identities.length).toBeLessThanOrEqual(1);
  expect(status).not.toBe('damaged');
  if (status === 'enrolling')
    await expect(vault.keys.sign(identities[0]?.safeId ?? '', signRequest)).rejects.toMatchObject({
      reason: 'wrong-step',
    });
  const stored = await everythingStored(browser, { session: true });
  for (const secret of drawnSecrets(browser, stored)) expect(holdsSecret(stored, secret)).toBe(false);
  if (identities[0]?.safeId) expect(identities[0].account).toBe(account.account);
  if (status === 'unlocked') await expectWholeLog(vault, identities[0]?.safeId ?? '');
}

/** R-K1: a worker that died leaves no gap, wherever it was. */
async function expectWholeLog(vault: Vault, safeId: string): Promise<void> {
  const lines = await vault.activity.list(safeId, { limit: 100 });
  expect(lines.flatMap(({ gap }) => gap ?? [])).toEqual([]);
  expect(await vault.activity.chain(safeId)).toMatchObject({ gapAtEnd: null, isRestart: false });
}

async function expectSigns(vault: Vault, safeId: string): Promise<void> {
  const result = await vault.keys.sign(safeId, signRequest);
  expect(verifyVaultSignature(result, { account: wallet.account, origin: signRequest.origin }).account).toBe(
    wallet.account,
  );
}

for (const flow of flows) {
  describe.each(deathsAt(await labelsOf(flow), ['worker', 'browser'], sizeOf('kills-in-memory', 'step')))(
    `P3 ${flow.name}, killed at %s`,
    (label, ways) => {
      it.each(ways)('ends in the old state or the new one after a restart of the %s, and can go on', async (dies) => {
        const { browser, safeId, memory } = await killed(flow, label);
        const vault = dies === 'worker' ? browser.startWorker() : await browser.restart();
        await expectWhole(browser, vault, wallet);
        if (dies === 'browser') expect((await vault.state()).status).not.toBe('unlocked');
        if (flow.name === 'enrol') await goOnEnrolling(vault, memory);
        else await goOnWith(flow, vault, safeId ?? '');
        await expectWhole(browser, vault, wallet);
      });
    },
  );
}

/** The page comes back: it finishes the draft, or finds that it was finished; both ways the identity works. */
async function goOnEnrolling(vault: Vault, memory: PageMemory): Promise<void> {
  const [found] = (await vault.state()).identities;
  const isFinished = found && found.status !== 'enrolling';
  const safeId = isFinished ? found.safeId : (await enrol(vault, wallet, memory)).safeId;
  await vault.lock();
  await unlockWithWallet(vault, safeId, wallet);
  await expectSigns(vault, safeId);
  await vault.lock();
  await vault.unlock.withRecoveryCode({ safeId, code: memory.code ?? '' });
  await expectSigns(vault, safeId);
}

async function goOnWith(flow: Flow, vault: Vault, safeId: string): Promise<void> {
  const [found] = (await vault.state()).identities;
  expect(['Ada', 'Bea']).toContain(found?.name);
  if (found?.status === 'locked') await unlockWithWallet(vault, safeId, wallet);
  await expectSigns(vault, safeId);
  await flow.run(vault, safeId, {});
  const [after] = (await vault.state()).identities;
  expect(after?.status).toBe(flow.name === 'lock' ? 'locked' : 'unlocked');
  if (flow.name === 'rename') expect(after?.name).toBe('Bea');
}

describe('P3 the first whole copy is the commit', () => {
  it.each([
    ['enrol.finish.database:before', 'enrolling'],
    ['enrol.finish.database:after', 'locked'],
    ['enrol.finish.mirror:before', 'locked'],
    ['enrol.finish.mirror-back:after', 'locked'],
  ])('a finish killed at %s is found %s', async (label, status) => {
    const { browser } = await killed(flows[0] as Flow, label);
    expect((await (await browser.restart()).state()).status).toBe(status);
  });
});

describe('P3 deletions', () => {
  const forget = {
    name: 'forget',
    prepare: enrolledAndLocked,
    run: (vault: Vault, safeId?: string) => vault.identity.forget({ safeId: safeId ?? '', typed: wallet.account }),
  };
  it('a forget that was begun is finished at the next start, wherever it was killed', async () => {
    for (const label of await labelsOf(forget)) {
      const { browser, safeId } = await killed(forget, label);
      const vault = browser.startWorker();
      const { status } = await vault.state();
      if (status === 'locked') {
        // Killed before the first mark: the old state, whole.
        expect(label).toBe('forget.mark-database:before');
        await unlockWithWallet(vault, safeId ?? '', wallet);
        await expectSigns(vault, safeId ?? '');
        continue;
      }
      expect([label, status]).toEqual([label, 'empty']);
      expect(await everythingStored(browser, { session: true })).not.toContain(safeId);
    }
  });

  it('a draft of an unsteady wallet is gone, wherever its deletion was killed', async () => {
    const refuse = async (vault: Vault) => {
      const begun = await vault.enrolment.begin({ account: wallet.account, wallet: { kind: 'manual' }, name: '' });
      const { safeId } = begun;
      const text = begun.text ?? '';
      const next = await vault.enrolment.unlockSignature({ safeId, signature: wallet.sign(text) });
      await vault.enrolment.identitySignature({ safeId, signature: wallet.sign(next.text ?? '') });
      await vault.enrolment
        .confirmUnlockSignature({ safeId, signature: wallet.sign(text, 'random-k') })
        .catch(() => undefined);
    };
    const unsteady: Flow = { name: 'unsteady', prepare: async () => undefined, run: refuse };
    const labels = (await labelsOf(unsteady)).filter((label) => label.startsWith('enrol.unsteady'));
    expect(labels.length).toBeGreaterThan(4);
    for (const label of labels) {
      const { browser } = await killed(unsteady, label);
      const vault = browser.startWorker();
      const { status } = await vault.state();
      expect([label, status]).toEqual([label, label === 'enrol.unsteady.mark-database:before' ? 'enrolling' : 'empty']);
      await expectSigns(vault, (await enrol(vault, wallet)).safeId);
    }
  });
});
