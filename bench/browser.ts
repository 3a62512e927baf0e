// The browsers of the benchmark: any set of extensions side by side, workers that can be stopped and weighed.
// Promises headless Chromium by the journeys' own kit, always with the test wallet, so that all runs differ by the extensions alone.
// Must not leave a debugger attached: it keeps a worker alive and slows it down.
import path from 'node:path';
import type { CDPSession, Page } from 'playwright';
import { extensionId, launchChromium, type Chromium } from '../e2e/kit/chromium';

const root = path.resolve(import.meta.dirname, '..');

/** Part of the address by which the vault's worker is found. */
export const vaultWorker = `${extensionId}/`;

export interface BenchBrowser {
  chromium: Chromium;
  /** CDP session of the browser itself. */
  session: CDPSession;
  /** Opens a page, and waits until it is loaded. */
  open(url: string): Promise<Page>;
  close(): Promise<void>;
}

/** Starts a Chromium with these unpacked extensions and the test wallet. */
export async function launchWith(extensions: readonly string[]): Promise<BenchBrowser> {
  const list = [...extensions, path.join(root, 'dist', 'wallet-chrome')].join(',');
  // The kit names its own two; of a switch given twice the last one counts.
  const switches = [`--disable-extensions-except=${list}`, `--load-extension=${list}`];
  const chromium = await launchChromium({ switches });
  const session = await chromium.context.browser()!.newBrowserCDPSession();
  return {
    chromium,
    session,
    async open(url) {
      const page = await chromium.context.newPage();
      await page.goto(url);
      return page;
    },
    close: () => chromium.close(),
  };
}

async function workerTarget(session: CDPSession, addressPart: string) {
  const { targetInfos } = await session.send('Target.getTargets');
  return targetInfos.find((target) => target.type === 'service_worker' && target.url.includes(addressPart));
}

/** Waits until `isDone`; throws after 10 s with `what`. */
export async function until(what: string, isDone: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end;) {
    if (await isDone()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited in vain: ${what}`);
}

/** Stops the worker whose address contains the text, as the browser does after 30 s of silence, and waits until it is gone. */
export async function stopWorker(session: CDPSession, addressPart: string): Promise<void> {
  const target = await workerTarget(session, addressPart);
  if (!target) return;
  await session.send('Target.closeTarget', { targetId: target.targetId });
  await until('the worker is stopped', async () => (await workerTarget(session, addressPart)) === undefined);
}

/** Bytes on the JS heap of the running worker after a full garbage collection. Throws when it does not run. */
export async function workerHeapBytes(session: CDPSession, addressPart: string): Promise<number> {
  return (await workerMemory(session, addressPart)).usedSize!;
}

/** The same with the bytes behind its buffers, which lie outside of the heap. */
export async function workerHeldBytes(session: CDPSession, addressPart: string): Promise<number> {
  const { usedSize, backingStorageSize } = await workerMemory(session, addressPart);
  if (backingStorageSize === undefined) throw new Error('this browser does not tell the size of buffers');
  return usedSize! + backingStorageSize;
}

async function workerMemory(session: CDPSession, addressPart: string): Promise<Record<string, number>> {
  const target = await workerTarget(session, addressPart);
  if (!target) throw new Error('the worker does not run');
  const { sessionId } = await session.send('Target.attachToTarget', { targetId: target.targetId, flatten: false });
  let lastId = 0;
  const send = (method: string) =>
    new Promise<Record<string, number>>((resolve, reject) => {
      const id = ++lastId;
      const listener = (event: { sessionId: string; message: string }) => {
        const answer = JSON.parse(event.message) as {
          id?: number;
          result?: Record<string, number>;
          error?: { message: string };
        };
        if (event.sessionId !== sessionId || answer.id !== id) return;
        session.off('Target.receivedMessageFromTarget', listener);
        if (answer.result) resolve(answer.result);
        else reject(new Error(answer.error?.message));
      };
      session.on('Target.receivedMessageFromTarget', listener);
      session.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method }) }).catch(reject);
    });
  try {
    await send('HeapProfiler.enable');
    // The second collection takes what the first one's finalizers let go.
    await send('HeapProfiler.collectGarbage');
    await send('HeapProfiler.collectGarbage');
    return await send('Runtime.getHeapUsage');
  } finally {
    await session.send('Target.detachFromTarget', { sessionId });
  }
}
