// Opens the page of the messaging figures, with xmtp-js in it, and calls its functions.
// Promises one build for each run, with the product's minifier and target.
// Must not touch a browser's profile that has a person in it.
import path from 'node:path';
import type { Page } from 'playwright';
import { build } from 'vite';
import type { BenchBrowser } from './browser';
import type { MessagePage } from './page/messages';

const root = path.resolve(import.meta.dirname, '..');
const outDir = path.join(root, 'dist', 'bench-page');
let built: Promise<string> | undefined;

async function buildPage(): Promise<string> {
  await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: 'error',
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      target: 'chrome140',
      outDir,
      lib: {
        entry: path.join(root, 'bench', 'page', 'messages.ts'),
        formats: ['iife'],
        name: 'messages',
        fileName: () => 'messages.js',
      },
    },
  });
  return path.join(outDir, 'messages.js');
}

/** A page of the benchmark with its functions loaded. Throws with the build's own words. */
export async function openMessagePage(browser: BenchBrowser, url: string): Promise<Page> {
  const script = await (built ??= buildPage());
  const page = await browser.open(url);
  await page.addScriptTag({ path: script });
  return page;
}

/** Calls one function of the page. */
export function tell<Name extends keyof MessagePage>(
  page: Page,
  name: Name,
  ...args: Parameters<MessagePage[Name]>
): Promise<Awaited<ReturnType<MessagePage[Name]>>> {
  return page.evaluate(
    ([called, values]) => {
      const { benchMessages } = window as unknown as { benchMessages: Record<string, (...all: unknown[]) => unknown> };
      return benchMessages[called]!(...values) as never;
    },
    [name, args] as [string, unknown[]],
  );
}
