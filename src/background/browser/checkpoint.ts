// Test builds only: lets a test stop the worker at a labelled step, there to be killed or let go on.
// Promises: the store build contains nothing of it (the flag is a constant, so the code is dropped).
// Must not: be used for anything but stopping and going on.
import type browser from 'webextension-polyfill';

/** storage.session keys: `test:record` = true collects labels in `test:labels`; `test:stopAt` names the label to stop at; `test:stoppedAt` tells it happened; `test:goOn` with the same label lets it go on. */
export function testCheckpoint(session: browser.Storage.StorageArea): (label: string) => Promise<void> {
  // One after the other: two steps at once must not overwrite each other's label.
  let recorded: Promise<unknown> = Promise.resolve();
  const record = async (label: string) => {
    const { 'test:labels': labels = [] } = (await session.get(['test:labels'])) as { 'test:labels'?: string[] };
    if (!labels.includes(label)) await session.set({ 'test:labels': [...labels, label] });
  };
  return async (label) => {
    const wanted = await session.get(['test:record', 'test:stopAt']);
    if (wanted['test:record'] === true) await (recorded = recorded.then(() => record(label)));
    if (wanted['test:stopAt'] !== label) return;
    await session.set({ 'test:stoppedAt': label });
    await session.remove('test:stopAt');
    while ((await session.get(['test:goOn']))['test:goOn'] !== label)
      await new Promise((resolve) => setTimeout(resolve, 5));
    await session.remove('test:goOn');
  };
}
