// node demo/node-v3/serve.mjs [--port 5557]: the V3 test node on its own, until Ctrl-C.
// Must not: take more options than that; tests start the node in their own process.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';

const root = path.resolve(import.meta.dirname, '..', '..');
const { values } = parseArgs({ options: { port: { type: 'string', default: '5557' } } });
const { module } = await runnerImport(path.join(import.meta.dirname, 'node.ts'), {
  configFile: false,
  root,
  logLevel: 'warn',
});
const node = await module.startNodeV3({ port: Number(values.port) });
console.log(module.startMessage(node));
process.once('SIGINT', () => void node.close());
process.once('SIGTERM', () => void node.close());
