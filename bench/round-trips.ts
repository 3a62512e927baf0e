// Warm round trips from page call to page result, on four paths in one page, taken in turns.
// Promises that the order of paths rotates from round to round, and that the first round, which warms everything, is dropped.
// Must not time a call that failed: page-calls throws, and the run ends.
import { fixtureFolder } from './build-fixtures';
import { launchWith } from './browser';
import { vaultFolder } from './build-vault';
import type { Group, Measured, MeasureOptions } from './figure';
import { enrol, grantSigning, onOnboardingPage } from './owner';
import { callTimesMs, type CallPlan } from './page-calls';
import { median, quantile } from './statistics';

const paths = {
  'vault sign': { path: 'vault', operation: 'sign' },
  'vault echo': { path: 'vault', operation: 'echo' },
  'message signer sign': { path: 'message-signer', operation: 'sign' },
  'message signer echo': { path: 'message-signer', operation: 'echo' },
  'port echo fixture': { path: 'port-echo', operation: 'echo' },
} as const satisfies Record<string, Omit<CallPlan, 'count'>>;
type PathName = keyof typeof paths;

async function measure({ quick, pageUrl }: MeasureOptions): Promise<Measured> {
  const rounds = quick ? 3 : 9;
  const count = quick ? 40 : 400;
  const browser = await launchWith([vaultFolder, fixtureFolder('message-signer'), fixtureFolder('port-echo')]);
  try {
    const safeId = await onOnboardingPage(browser.chromium, (page) => enrol(page, 0));
    const page = await browser.open(pageUrl);
    await grantSigning(browser.chromium, page, safeId);
    const names = Object.keys(paths) as PathName[];
    const p50 = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<PathName, number[]>;
    const p95 = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<PathName, number[]>;
    for (let round = -1; round < rounds; round++) {
      for (let at = 0; at < names.length; at++) {
        const name = names[(at + round + 1) % names.length]!;
        const timesMs = await callTimesMs(page, { ...paths[name], count });
        if (round < 0) continue;
        p50[name].push(median(timesMs));
        p95[name].push(quantile(timesMs, 0.95));
      }
    }
    const subject = p50['vault sign'];
    return {
      rounds: {
        'granted-sign-vs-echo': { subject, reference: p50['vault echo'] },
        'granted-sign-vs-nos2x-style': { subject, reference: p50['message signer sign'] },
        'granted-sign-vs-nos2x-style-echo': { subject, reference: p50['message signer echo'] },
      },
      notes: [
        `round trips, ${rounds} rounds of ${count} calls: p50 (p95) in ms, medians of the rounds`,
        ...names.map(
          (name) => `  ${name.padEnd(20)} ${median(p50[name]).toFixed(3)} (${median(p95[name]).toFixed(3)})`,
        ),
      ],
    };
  } finally {
    await browser.close();
  }
}

export const roundTrips: Group = {
  names: ['granted-sign-vs-echo', 'granted-sign-vs-nos2x-style', 'granted-sign-vs-nos2x-style-echo'],
  measure,
};
