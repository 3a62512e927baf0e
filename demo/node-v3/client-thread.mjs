// What a thread of node needs to be a web worker for the worker of @xmtp/browser-sdk; it then loads that worker as it is.
// Promises: the worker's own code and libxmtp's own wasm, in a realm of their own for each client. Must not: stand in for anything of XMTP.
import { parentPort, workerData } from 'node:worker_threads';

const { workerUrl, wasm } = workerData;
const scope = globalThis;
const fetchOverNetwork = scope.fetch;
// libxmtp knows by these that it is in a worker.
scope.self = scope;
scope.WorkerGlobalScope = Object;
scope.postMessage = (message) => parentPort.postMessage(message);
// Node's fetch opens no files. The wasm is compiled once, by who started this thread.
scope.fetch = (input, init) =>
  String(input).startsWith('file:')
    ? Promise.resolve(new Response(null, { headers: { 'content-type': 'application/wasm' } }))
    : fetchOverNetwork(input, init);
WebAssembly.instantiateStreaming = async (_response, imports) => ({
  module: wasm,
  instance: await WebAssembly.instantiate(wasm, imports),
});
await import(workerUrl);
// Not before: what comes earlier waits in the port, as it does for a web worker.
parentPort.on('message', (data) => scope.onmessage({ data }));
