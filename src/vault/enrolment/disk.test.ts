// A full disk while keys and conversations come from outside, and while a backup file is made (R-H1, R-H3).
// Promises: whichever write fails, the draft stays at its step with nothing of the source in use, and the next try succeeds.
import { describe, expect, it, vi } from 'vitest';
import type { EnrolmentState } from '../../contract/pages/enrolment';
import {
  backupFileOf,
  backupOf,
  bundleFor,
  conversationsOf,
  copyOf,
  copyText,
  filePassphrase,
} from '../testkit/copies.testkit';
import { asBytes } from '../store/encoding';
import { createFaultyDisk } from '../testkit/faulty-disk.testkit';
import type { TestBrowser } from '../testkit/vault.testkit';
import { createTestBrowser, createTestWallet, inStore, unlockWithWallet } from '../testkit/vault.testkit';
import type { Vault } from '../vault';

vi.mock('@noble/hashes/scrypt.js', () => import('../../protocol/testkit/cheap-scrypt.testkit'));

const wallet = createTestWallet();
const bundle = bundleFor(wallet, 'ada', 2);
const conversations = conversationsOf(3);
const file = backupFileOf(
  backupOf(wallet, bundle, { conversations, v1Peers: conversations.map(({ reference }) => reference) }),
);
const secret = { kind: 'passphrase', passphrase: filePassphrase } as const;

const steps = [
  {
    source: 'network' as const,
    step: 'retrieve',
    run: (vault: Vault, safeId: string) =>
      vault.enrolment.retrieve({ safeId, envelopes: [copyOf(wallet, bundle)], signature: wallet.sign(copyText()) }),
    entries: 0,
  },
  {
    source: 'backup' as const,
    step: 'import',
    run: async (vault: Vault, safeId: string) => vault.enrolment.importFile({ safeId, file: await file, secret }),
    entries: 6,
  },
];

async function draft(vault: Vault, source: 'network' | 'backup'): Promise<EnrolmentState> {
  const { safeId, text } = await vault.enrolment.begin({
    account: wallet.account,
    wallet: { kind: 'manual' },
    name: '',
    source,
  });
  return vault.enrolment.unlockSignature({ safeId, signature: wallet.sign(text ?? '') });
}

async function finish(vault: Vault, { safeId, text }: EnrolmentState): Promise<void> {
  await vault.enrolment.confirmUnlockSignature({ safeId, signature: wallet.sign(text ?? '') });
  const { code, ask } = await vault.enrolment.createRecoveryCode({ safeId });
  await vault.enrolment.finish({ safeId, code, typed: ask.map((group) => code.split('-')[group] ?? '') });
}

const entriesOf = ({ host }: TestBrowser) => inStore(host.databaseName, 'entries', (store) => store.count());

describe.each(steps)('R-H3 $step', ({ source, step, run, entries }) => {
  it.each(['one write fails', 'every later write fails'])('can be done again after %s, at each write', async (how) => {
    let failures = 0;
    for (let n = 1; ; n++) {
      const browser = createTestBrowser();
      const { disk, over } = createFaultyDisk();
      const vault = browser.startWorker(over(browser));
      const { safeId } = await draft(vault, source);
      disk.writes = 0;
      disk.fails = (write) => (how === 'one write fails' ? write === n : write >= n);
      const error = await run(vault, safeId).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      disk.fails = () => false;
      if (disk.writes < n) break;
      if (error !== undefined) {
        failures++;
        expect(error).toMatchObject({ reason: 'storage-failed' });
        expect([n, (await vault.enrolment.get({ safeId })).step]).toEqual([n, step]);
      }
      const next = browser.startWorker();
      const found = await next.enrolment.get({ safeId });
      // A copy that could not be put back either counts as written: the first whole copy is the commit.
      expect([n, ['unlock-2', step].includes(found.step)]).toEqual([n, true]);
      const state = await run(next, safeId);
      expect(state.step).toBe('unlock-2');
      expect([n, await entriesOf(browser)]).toEqual([n, entries]);
      await finish(next, state);
      expect((await next.identity.details({ safeId })).prekeys).toHaveLength(2);
    }
    expect(failures).toBeGreaterThan(3);
  });
});

describe('R-H3 an export', () => {
  it('is made on a full disk: that is when it is wanted most', async () => {
    const browser = createTestBrowser();
    const { disk, over } = createFaultyDisk();
    const vault = browser.startWorker(over(browser));
    const state = await draft(vault, 'backup');
    const { safeId } = state;
    await finish(vault, await vault.enrolment.importFile({ safeId, file: await file, secret }));
    disk.fails = () => true;
    const { text } = await vault.unlock.text({ safeId });
    const made = await vault.backup.export({
      safeId,
      proof: { kind: 'wallet', signature: asBytes(wallet.sign(text)) },
      secret,
    });
    // Three of each generation.
    expect(made.conversations).toBe(6);
    disk.fails = () => false;
    expect(await vault.backup.state({ safeId })).toMatchObject({ lastExportedAtMs: null });
    expect(await vault.backup.check({ safeId, file: made.file, secret })).toMatchObject({ complete: true });
    await vault.lock();
    await unlockWithWallet(vault, safeId, wallet);
  });
});
