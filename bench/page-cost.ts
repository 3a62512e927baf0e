// What the two page scripts cost a page: CPU time of its main thread for one load, in three browsers in turns.
// Promises that the browsers differ by one extension alone: the vault, empty scripts in both worlds, or none.
// Must not report a difference of loads that were not made next to each other.
import type { CDPSession, Page } from 'playwright';
import { fixtureFolder } from './build-fixtures';
import { launchWith, type BenchBrowser } from './browser';
import { vaultFolder } from './build-vault';
import type { Group, Measured, MeasureOptions } from './figure';
import { closeOwnPages } from './owner';
import { median } from './statistics';

interface Load {
  taskMs: number;
  scriptMs: number;
}

async function load(browser: BenchBrowser, url: string): Promise<Load> {
  const page: Page = await browser.chromium.context.newPage();
  try {
    const session: CDPSession = await browser.chromium.context.newCDPSession(page);
    // Thread time, so that another program on the same core is not counted.
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.goto(url);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { metrics } = await session.send('Performance.getMetrics');
    const ms = (name: string) => 1000 * (metrics.find((one) => one.name === name)?.value ?? NaN);
    return { taskMs: ms('TaskDuration'), scriptMs: ms('ScriptDuration') };
  } finally {
    await page.close();
  }
}

async function measure({ quick, pageUrl }: MeasureOptions): Promise<Measured> {
  const rounds = quick ? 3 : 12;
  const loads = quick ? 3 : 8;
  const subjects = { vault: [vaultFolder], empty: [fixtureFolder('empty-scripts')], none: [] as string[] };
  type Subject = keyof typeof subjects;
  const names = Object.keys(subjects) as Subject[];
  const browsers: [Subject, BenchBrowser][] = [];
  try {
    for (const name of names) browsers.push([name, await launchWith(subjects[name])]);
    // The vault opens its first page by itself when it is installed.
    for (const [, { chromium }] of browsers) await closeOwnPages(chromium);
    const task: Record<Subject, number[]> = { vault: [], empty: [], none: [] };
    const script: Record<Subject, number[]> = { vault: [], empty: [], none: [] };
    for (let round = -1; round < rounds; round++) {
      const here: Record<Subject, Load[]> = { vault: [], empty: [], none: [] };
      for (let at = 0; at < loads; at++)
        for (let turn = 0; turn < browsers.length; turn++) {
          const [name, browser] = browsers[(at + turn) % browsers.length]!;
          here[name].push(await load(browser, pageUrl));
        }
      if (round < 0) continue;
      for (const name of names) {
        task[name].push(median(here[name].map((one) => one.taskMs)));
        script[name].push(median(here[name].map((one) => one.scriptMs)));
      }
    }
    const line = (name: Subject) =>
      `  ${name.padEnd(6)} tasks ${median(task[name]).toFixed(2)}, script ${median(script[name]).toFixed(2)}`;
    return {
      rounds: { 'page-cost': { subject: task.vault, reference: task.empty, baseline: task.none } },
      notes: [
        `page cost, ${rounds} rounds of ${loads} loads: main thread CPU of a whole load, medians in ms`,
        ...names.map(line),
      ],
    };
  } finally {
    for (const [, browser] of browsers) await browser.close();
  }
}

export const pageCost: Group = { names: ['page-cost'], measure };
