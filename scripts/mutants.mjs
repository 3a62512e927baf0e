// `npm run mutants [-- PART]`: seeds each listed one-line defect (scripts/mutants) in a copy of the tree and runs the test that must catch it.
// PART narrows the list to defects whose name contains it. Prints one line for each and ends with "N passed, M failed"; the exit code is 1 when any was missed.
// Must not: touch the tree itself.
import path from 'node:path';
import { ensureDependencies, root } from './setup.mjs';

ensureDependencies();
const { runnerImport } = await import('vite');
const { module } = await runnerImport(path.join(root, 'scripts', 'mutants', 'run.ts'), {
  configFile: false,
  root,
  logLevel: 'warn',
});
process.exit((await module.runMutants(root, process.argv[2] ?? '')) ? 0 : 1);
