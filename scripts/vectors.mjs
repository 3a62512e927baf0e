// `npm run vectors -- DIR`: runs every vector file of a folder against src/protocol.
// Prints one line per file and ends with "N passed, M failed"; the exit code is 1 when anything failed.
// An operation it does not know counts as failed. Runs the TypeScript sources through vite's module runner.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const folder = process.argv[2];
if (!folder) {
  console.error('usage: npm run vectors -- DIR');
  process.exit(2);
}

const server = await createServer({
  root,
  configFile: false,
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
});
let failed = 0;
try {
  const { runFolder } = await server.ssrLoadModule('/scripts/vectors/run.ts');
  const reports = await runFolder(path.resolve(folder));
  let passed = 0;
  for (const report of reports) {
    passed += report.passed;
    failed += report.failures.length;
    console.log(`${report.file}: ${report.passed} passed, ${report.failures.length} failed`);
    for (const failure of report.failures) console.log(`  ${failure.id} (${failure.op}): ${failure.reason}`);
  }
  if (reports.length === 0) {
    failed++;
    console.log('no vector files in this folder');
  }
  console.log(`${passed} passed, ${failed} failed`);
} finally {
  await server.close();
}
process.exit(failed === 0 ? 0 : 1);
