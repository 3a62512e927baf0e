// Builds the extension that is measured, into dist/bench-chrome: the bench flavour: an echo, and no checkpoints.
// Promises what the store build runs: there a checkpoint is nothing, while a test's one reads storage at every step.
// Must not be installed for anything else: it has the echo and knows the test wallet.
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { build } from 'vite';

const root = path.resolve(import.meta.dirname, '..');

/** The unpacked extension. */
export const vaultFolder = path.join(root, 'dist', 'bench-chrome');

function newestMs(place: string): number {
  const here = statSync(place);
  if (!here.isDirectory()) return here.mtimeMs;
  const files = readdirSync(place, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !/\.(test|testkit)\.tsx?$/.test(entry.name),
  );
  return Math.max(0, ...files.map((entry) => statSync(path.join(entry.parentPath, entry.name)).mtimeMs));
}

function isFresh(): boolean {
  const built = statSync(path.join(vaultFolder, 'manifest.json'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = ['src', 'public', 'manifest.json', 'vite.config.ts', 'package-lock.json', 'bench/build-vault.ts'];
  return sources.every((name) => newestMs(path.join(root, name)) < built);
}

/** Builds it unless it is newer than its sources. Throws with the build's own words. */
export async function buildVault(): Promise<void> {
  if (isFresh()) return;
  process.env.PREKEY_VAULT_FLAVOUR = 'bench';
  await build({
    root,
    configFile: path.join(root, 'vite.config.ts'),
    mode: 'chrome',
    logLevel: 'error',
    build: { outDir: vaultFolder },
  });
}
