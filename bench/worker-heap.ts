// The JS heap of the vault's worker with one and with ten unlocked identities.
// Promises to weigh a worker that was just started, has read every identity and made one signature, after a full collection.
// Must not weigh a worker that has just enrolled: what enrolment left behind is not a cost of having identities.
import { launchWith, stopWorker, vaultWorker, workerHeapBytes, type BenchBrowser } from './browser';
import { vaultFolder } from './build-vault';
import type { Group, Measured, MeasureOptions } from './figure';
import { enrol, expectUnlocked, grantSigning, onOnboardingPage } from './owner';
import { callTimesMs } from './page-calls';
import type { Page } from 'playwright';

const most = 10;
const megabyte = 1_000_000;

async function weigh(browser: BenchBrowser, page: Page, identities: number): Promise<number> {
  await stopWorker(browser.session, vaultWorker);
  await callTimesMs(page, { path: 'vault', operation: 'sign', count: 1 });
  await onOnboardingPage(browser.chromium, (own) => expectUnlocked(own, identities));
  return (await workerHeapBytes(browser.session, vaultWorker)) / megabyte;
}

async function measure({ quick, pageUrl }: MeasureOptions): Promise<Measured> {
  const rounds = quick ? 2 : 5;
  const browser = await launchWith([vaultFolder]);
  try {
    const safeId = await onOnboardingPage(browser.chromium, (own) => enrol(own, 0));
    const page = await browser.open(pageUrl);
    await grantSigning(browser.chromium, page, safeId);
    const one: number[] = [];
    for (let round = 0; round < rounds; round++) one.push(await weigh(browser, page, 1));
    await onOnboardingPage(browser.chromium, async (own) => {
      for (let account = 1; account < most; account++) await enrol(own, account);
    });
    const ten: number[] = [];
    for (let round = 0; round < rounds; round++) ten.push(await weigh(browser, page, most));
    return { rounds: { 'worker-heap-10-identities': { subject: ten, reference: one } }, notes: [] };
  } finally {
    await browser.close();
  }
}

export const workerHeap: Group = { names: ['worker-heap-10-identities'], measure };
