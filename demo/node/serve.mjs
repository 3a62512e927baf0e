// node demo/node/serve.mjs [--port 5555] [--file envelopes.log] [--no-auth]: the test node on its own, until Ctrl-C.
// Must not: take more options than that; tests start the node in their own process.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';

const root = path.resolve(import.meta.dirname, '..', '..');
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '5555' },
    file: { type: 'string' },
    'no-auth': { type: 'boolean', default: false },
  },
});
const { module } = await runnerImport(path.join(import.meta.dirname, 'node.ts'), {
  configFile: false,
  root,
  logLevel: 'warn',
});
const node = await module.startNode({ port: Number(values.port), file: values.file, auth: !values['no-auth'] });
console.log(module.startMessage(node, values.file));
process.once('SIGINT', () => void node.close());
process.once('SIGTERM', () => void node.close());
