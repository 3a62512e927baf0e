// Stores that fail in the middle of a rotation: at the n-th write for every n (R-H3).
// Promises: each step is done or not begun, says storage-failed, and can be done again.
import { describe, expect, it } from 'vitest';
import { createFaultyDisk } from '../testkit/faulty-disk.testkit';
import { createTestBrowser, createTestWallet, enrol, signRequest } from '../testkit/vault.testkit';
import type { Vault } from '../vault';

const wallet = createTestWallet();

const steps: {
  name: string;
  before: ('begin' | 'copied')[];
  run: (vault: Vault, safeId: string) => Promise<unknown>;
}[] = [
  { name: 'begin', before: [], run: (vault, safeId) => vault.rotation.begin(safeId) },
  { name: 'mark', before: ['begin'], run: (vault, safeId) => vault.rotation.mark(safeId, 'copied') },
  { name: 'complete', before: ['begin', 'copied'], run: (vault, safeId) => vault.rotation.complete(safeId) },
  { name: 'cancel', before: ['begin'], run: (vault, safeId) => vault.rotation.cancel(safeId) },
  { name: 'setPolicy', before: [], run: (vault, safeId) => vault.rotation.setPolicy({ safeId, everyDays: 7 }) },
];

/** What a rotation changes, as the person and the pages see it. */
async function look(vault: Vault, safeId: string): Promise<unknown> {
  const { prekeys: preKeys } = await vault.identity.details({ safeId });
  const { everyDays, pending } = await vault.rotation.state(safeId);
  return { preKeys, everyDays, stage: pending?.stage, canCancel: pending?.canCancel };
}

describe.each(steps)('R-H3 $name of a rotation', ({ before, run }) => {
  it('leaves the old state when any one write fails, and is done when it is done again', async () => {
    let failures = 0;
    for (let n = 1; ; n++) {
      const browser = createTestBrowser();
      const { disk, over } = createFaultyDisk();
      const { safeId } = await enrol(browser.startWorker(), wallet);
      const vault = browser.startWorker(over(browser));
      if (before.includes('begin')) await vault.rotation.begin(safeId);
      if (before.includes('copied')) await vault.rotation.mark(safeId, 'copied');
      const old = await look(vault, safeId);
      disk.writes = 0;
      disk.fails = (write) => write === n;
      const error: unknown = await run(vault, safeId).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      disk.fails = () => false;
      if (disk.writes < n) break;
      if (error !== undefined) {
        failures++;
        expect(error).toMatchObject({ reason: 'storage-failed' });
        expect([n, await look(vault, safeId)]).toEqual([n, old]);
        expect([n, await look(browser.startWorker(), safeId)]).toEqual([n, old]);
        await run(vault, safeId);
      }
      expect([n, await look(vault, safeId)]).not.toEqual([n, old]);
      expect([n, await look(browser.startWorker(), safeId)]).toEqual([n, await look(vault, safeId)]);
      await vault.keys.sign(safeId, signRequest);
    }
    expect(failures).toBeGreaterThan(1);
  });
});
