// The labelled steps of the worker, as a test uses them: which ones a flow passes, and stopping at one (src/background/browser/checkpoint.ts).
// Promises: `stopped` resolves only when the worker stands still at the label. Needs the test build.
import { hangsAfterMs } from '../../scripts/limits.mjs';
import type { Chromium } from './chromium';

/** Runs `flow` once, whole, and gives every label it passed, each once, in order. */
export async function labelsOf(browser: Chromium, flow: () => Promise<unknown>): Promise<string[]> {
  await browser.session({ 'test:labels': [], 'test:record': true });
  await flow();
  const { 'test:labels': labels } = await browser.session({ 'test:record': false });
  return labels as string[];
}

/** From now on the worker stops where it next passes `label`. */
export async function stopAt(browser: Chromium, label: string): Promise<void> {
  await browser.session({ 'test:stopAt': label, 'test:stoppedAt': '' });
}

/** Lets the worker go on that stands still at `label`. */
export async function goOn(browser: Chromium, label: string): Promise<void> {
  await browser.session({ 'test:goOn': label });
}

/** Whether the worker stands still at the label it was told to stop at. */
export async function hasStopped(browser: Chromium): Promise<boolean> {
  return Boolean((await browser.session())['test:stoppedAt']);
}

/** Resolves to true when the worker stands still; to false when `done` settled first. */
export async function stopped(
  browser: Chromium,
  done: Promise<unknown> = new Promise(() => undefined),
): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const isTooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the worker neither stopped nor finished')), hangsAfterMs / 4);
  });
  const isDone = done.catch(() => undefined).then(() => hasStopped(browser));
  const isSeen = browser.sessionHas('test:stoppedAt').then(() => true);
  // Whichever is not waited for any more may fail with the browser.
  void isDone.catch(() => undefined);
  void isSeen.catch(() => undefined);
  return await Promise.race([isSeen, isDone, isTooLate]).finally(() => clearTimeout(timer));
}
