// npm run bench: sets everything up, builds what is older than its sources, and measures (docs/performance.md).
// Promises: `--json FILE` writes the figures; a slow machine is not an error, everything else is.
// Must not: need anything but node to start.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ensureChromium, ensureDependencies, root } from './setup.mjs';

try {
  ensureDependencies();
  process.env.CHROMIUM = await ensureChromium();
  if (!existsSync(path.join(root, 'dist', 'wallet-chrome', 'manifest.json'))) {
    const { buildTestWallet } = await import('../demo/wallet/build.mjs');
    await buildTestWallet({ browser: 'chrome', outDir: path.join(root, 'dist', 'wallet-chrome') });
  }
  const { runnerImport } = await import('vite');
  const { module } = await runnerImport(path.join(root, 'bench', 'run.ts'), {
    configFile: false,
    root,
    logLevel: 'warn',
  });
  await module.run(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
process.exit(0);
