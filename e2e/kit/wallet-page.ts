// The app of wallet-app.ts as a page that can be served, and what a page can see of wallets at all.
// Must not: know the vault.
import path from 'node:path';
import type { Page } from 'playwright';
import { build, type Rolldown } from 'vite';
import type { serveSite } from './journey';

/** The pages of a site with the app at `/`, and one without any script of its own at `/plain`. */
export async function walletSite(): Promise<Parameters<typeof serveSite>[0]> {
  const [bundle] = (await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      lib: { entry: path.join(import.meta.dirname, 'wallet-app.ts'), formats: ['es'] },
      // The viem that is here is older than wagmi's newest actions, which the app does not use.
      rolldownOptions: { shimMissingExports: true, onLog: () => undefined },
    },
  })) as Rolldown.RolldownOutput[];
  return {
    '/': `<!doctype html><title>wallets</title><script type="module" src="/app.js"></script>`,
    '/app.js': { body: bundle!.output[0].code, headers: { 'content-type': 'text/javascript' } },
    // From its first script on it listens to all that wallets say.
    '/plain': `<!doctype html><title>plain</title><script>
      window.said = [];
      for (const type of ['eip6963:announceProvider', 'ethereum#initialized', 'prekeyvault:announceProvider'])
        addEventListener(type, ({ detail }) => said.push([type, detail?.info?.name, detail?.info?.rdns]));
      dispatchEvent(new Event('eip6963:requestProvider'));
      dispatchEvent(new Event('prekeyvault:requestProvider'));
    </script>`,
  };
}

/** All that a page at `/plain` can tell about what is in it: its globals with their shapes, what was said, and the document. */
export async function seenIn(
  page: Page,
): Promise<{ globals: string[]; said: unknown[]; html: string; scripts: number }> {
  return page.evaluate(() => ({
    globals: Reflect.ownKeys(window).map((key) => {
      const { value, get, set, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(window, key)!;
      return [String(key), typeof value, typeof get, typeof set, writable, enumerable, configurable].join();
    }),
    said: (window as unknown as { said: unknown[] }).said,
    html: document.documentElement.outerHTML,
    scripts: document.scripts.length,
  }));
}
