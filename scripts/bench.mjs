// npm run bench: sets everything up, builds what is older than its sources, and measures (docs/performance.md).
// Promises: `--json FILE` writes the figures; a slow machine is no error, everything else is.
// Must not: need anything but node to start.
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { ensureChromium, ensureDependencies, root } from './setup.mjs';

/** Time of the last change to what the test builds are made of. Tests are no part of them. */
function sourcesChangedMs() {
  const folders = ['src', 'public', 'demo/wallet'].map((name) => path.join(root, name)).filter((folder) => existsSync(folder));
  const inFolders = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.(test|testkit)\.tsx?$/.test(entry.name))
      .map((entry) => path.join(entry.parentPath, entry.name)),
  );
  const files = [...inFolders, ...['manifest.json', 'vite.config.ts', 'package-lock.json'].map((name) => path.join(root, name))];
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}

function isFresh(name) {
  const manifest = path.join(root, 'dist', name, 'manifest.json');
  return existsSync(manifest) && statSync(manifest).mtimeMs >= sourcesChangedMs();
}

try {
  ensureDependencies();
  process.env.CHROMIUM = await ensureChromium();
  if (!isFresh('test-chrome') || !isFresh('wallet-chrome')) {
    const { build } = await import('./build.mjs');
    await build(['test'], ['chrome']);
  }
  const { runnerImport } = await import('vite');
  const { module } = await runnerImport(path.join(root, 'bench', 'run.ts'), { configFile: false, root, logLevel: 'warn' });
  await module.run(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
process.exit(0);
