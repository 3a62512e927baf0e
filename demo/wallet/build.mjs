// Builds the test wallet extension for Chromium or Firefox.
// Promises a fixed identity in both (identity.json; of the RSA key pair only the public half was ever kept).
// Must not be part of a store build: scripts call it for the demo and the tests.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const here = path.dirname(fileURLToPath(import.meta.url));
const readJson = (name) => JSON.parse(readFileSync(path.join(here, name), 'utf8'));

/** Ids of the built extension: `id` in Chromium, `geckoId` in Firefox; `key` is what fixes the former. */
export const testWalletIdentity = readJson('identity.json');

/** Writes the unpacked extension into `outDir`, which is emptied first. */
export async function buildTestWallet({ browser, outDir }) {
  await build({
    root: here,
    configFile: false,
    base: './',
    publicDir: false,
    logLevel: 'warn',
    build: {
      target: browser === 'firefox' ? 'firefox142' : 'chrome140',
      outDir,
      emptyOutDir: true,
      modulePreload: false,
      rolldownOptions: {
        input: Object.fromEntries(
          ['background.ts', 'approval.html', 'settings.html'].map((file) => [
            path.parse(file).name,
            path.join(here, file),
          ]),
        ),
        output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js', assetFileNames: '[name][extname]' },
      },
    },
  });
  writeFileSync(path.join(outDir, 'manifest.json'), `${JSON.stringify(manifestFor(browser), null, 2)}\n`);
}

function manifestFor(browser) {
  const manifest = readJson('manifest.json');
  if (browser !== 'firefox') return { ...manifest, minimum_chrome_version: '140', key: testWalletIdentity.key };
  // Firefox has no such key: there every extension may connect.
  const { externally_connectable: _chromeOnly, ...rest } = manifest;
  return {
    ...rest,
    background: { scripts: [manifest.background.service_worker], type: 'module' },
    browser_specific_settings: {
      gecko: {
        id: testWalletIdentity.geckoId,
        strict_min_version: '142.0',
        data_collection_permissions: { required: ['none'] },
      },
    },
  };
}
