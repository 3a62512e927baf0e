// A stopped worker to its first answer: the vault's first granted signature against a trivial worker's first echo.
// Promises that no page of either extension is open and that the worker was seen to be gone before each call.
// Must not count the first round of each: the browser's caches are filled by it.
import { fixtureFolder, workerFile } from './build-fixtures';
import { launchWith, stopWorker, vaultWorker } from './browser';
import { vaultFolder } from './build-vault';
import type { Group, Measured, MeasureOptions } from './figure';
import { closeOwnPages, enrol, grantSigning, onOnboardingPage } from './owner';
import { callTimesMs, type CallPlan } from './page-calls';
import { median } from './statistics';

/** The stop has consequences (relays, processes) that must be over before the clock starts. */
const settleMs = 400;

async function measure({ quick, pageUrl }: MeasureOptions): Promise<Measured> {
  const rounds = quick ? 3 : 15;
  const browser = await launchWith([vaultFolder, fixtureFolder('port-echo')]);
  try {
    const safeId = await onOnboardingPage(browser.chromium, (page) => enrol(page, 0));
    const page = await browser.open(pageUrl);
    await grantSigning(browser.chromium, page, safeId);
    await callTimesMs(page, { path: 'port-echo', operation: 'echo', count: 3 });
    await closeOwnPages(browser.chromium);
    const cold = async (worker: string, plan: CallPlan) => {
      await stopWorker(browser.session, worker);
      await new Promise((resolve) => setTimeout(resolve, settleMs));
      const [timeMs] = await callTimesMs(page, plan);
      return timeMs!;
    };
    const sign: number[] = [];
    const ownEcho: number[] = [];
    const trivial: number[] = [];
    for (let round = -1; round < rounds; round++) {
      const signMs = await cold(vaultWorker, { path: 'vault', operation: 'sign', count: 1 });
      const trivialMs = await cold(workerFile('port-echo'), { path: 'port-echo', operation: 'echo', count: 1 });
      const ownEchoMs = await cold(vaultWorker, { path: 'vault', operation: 'echo', count: 1 });
      if (round < 0) continue;
      sign.push(signMs);
      trivial.push(trivialMs);
      ownEcho.push(ownEchoMs);
    }
    return {
      rounds: { 'cold-start': { subject: sign, reference: trivial } },
      notes: [
        `cold start, ${rounds} rounds: medians in ms`,
        `  vault, first signature ${median(sign).toFixed(1)}`,
        `  vault, first echo      ${median(ownEcho).toFixed(1)}`,
        `  trivial, first echo    ${median(trivial).toFixed(1)}`,
      ],
    };
  } finally {
    await browser.close();
  }
}

export const coldStart: Group = { names: ['cold-start'], measure };
