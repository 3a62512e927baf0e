// A disk whose writes fail when told to: IndexedDB and both key-value areas.
// Promises: every write is counted, whichever store it goes to; the error is as unhelpful as a real one.
// Must not: be imported by anything but tests.
import { onTestFinished } from 'vitest';
import type { KeyValueArea, VaultHost } from '../store/host';
import type { TestBrowser } from './vault.testkit';

/** Counts writes to every store and makes some of them fail, as a full disk does: with an error of an unhelpful name. */
export function createFaultyDisk() {
  const disk = { writes: 0, fails: (_write: number): boolean => false };
  const onWrite = () => {
    disk.writes++;
    if (disk.fails(disk.writes)) throw new DOMException('Failed to write blobs.', 'DataError');
  };
  const area = (inner: KeyValueArea): KeyValueArea => ({
    get: (keys) => inner.get(keys),
    async set(items) {
      onWrite();
      return inner.set(items);
    },
    async remove(keys) {
      onWrite();
      return inner.remove(keys);
    },
  });
  const prototype = IDBObjectStore.prototype as unknown as Record<string, (...input: unknown[]) => unknown>;
  for (const name of ['put', 'add', 'delete', 'clear'] as const) {
    const original = prototype[name] as (...input: unknown[]) => unknown;
    prototype[name] = function (this: unknown, ...input) {
      onWrite();
      return original.apply(this, input);
    };
    onTestFinished(() => {
      prototype[name] = original;
    });
  }
  const over = (browser: TestBrowser): Partial<VaultHost> => ({
    session: area(browser.host.session),
    mirror: area(browser.host.mirror),
  });
  return { disk, over };
}
