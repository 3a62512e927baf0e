// npm start: sets everything up, builds, and runs the main job: Chromium with the extension, the test wallet and the demo dapp.
// Without a display it walks through the whole journey headless, prints each step and saves screenshots.
// npm start -- --fresh begins with a new profile, -- --headless walks also where there is a display.
import path from 'node:path';
import { ensureChromium, ensureDependencies, root } from './setup.mjs';

ensureDependencies();
process.env.CHROMIUM = await ensureChromium();
const { build } = await import('./build.mjs');
console.log('Building the extension and the test wallet …');
await build(['demo'], ['chrome']);
const { runnerImport } = await import('vite');
const { module } = await runnerImport(path.join(root, 'demo', 'start.ts'), {
  configFile: false,
  root,
  logLevel: 'warn',
});
await module.start();
