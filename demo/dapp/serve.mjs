// Serves the built demo dapp on 127.0.0.1. Used by npm start and by the journeys in e2e.
// Promises to answer with the files of one folder, listed when it starts, and with /config.json, and with nothing else: a path is
// looked up, never joined. The page may connect to itself and to the nodes it is given, and run wasm only where it is given one of today's XMTP.
import { readdir, readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));
const defaultOutDir = fileURLToPath(new URL('../../dist/demo-dapp', import.meta.url));

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json; charset=utf-8',
  '.wasm': 'application/wasm',
};

// The wasm of xmtp-js is for keys in the page, and there are none; the client of today's XMTP is wasm.
const headersFor = (origins, hasWasm) => ({
  'content-security-policy': `default-src 'none'; script-src 'self'${hasWasm ? " 'wasm-unsafe-eval'; worker-src 'self'" : ''}; style-src 'self'; img-src 'self' data:; connect-src ${["'self'", ...origins].join(' ')}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
});

/**
 * Builds the dapp when it was not built yet, or when `rebuild` says so, and serves it.
 * `port` 0 takes a free one. `url` ends in a slash. `nodeUrl` is the XMTP node the page talks to, `today` where it finds XMTP V3 (config.ts); without
 * them there are no messages. `app` is the letter of one of two copies. Throws when the port is taken, the build fails, or an address is not valid.
 * @param {{ port?: number, rebuild?: boolean, outDir?: string, nodeUrl?: string, today?: import('./config').TodayConfig, app?: 'A' | 'B' }} [options]
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function serveDapp({ port = 0, rebuild = false, outDir = defaultOutDir, nodeUrl, today, app } = {}) {
  const nodes = [nodeUrl, today?.nodeUrl].filter((url) => url !== undefined);
  const headers = headersFor(
    nodes.map((url) => new URL(url).origin),
    today !== undefined,
  );
  const config = Buffer.from(JSON.stringify({ nodeUrl: nodeUrl ?? null, today: today ?? null, app: app ?? null }));
  const isBuilt = await stat(join(outDir, 'index.html')).then(
    () => true,
    () => false,
  );
  if (rebuild || !isBuilt) {
    await build({ root: here, configFile: join(here, 'vite.config.ts'), logLevel: 'warn', build: { outDir } });
  }
  const files = await filesOf(outDir);
  const server = createServer((request, response) => void answer({ files, headers, config }, request, response));
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

async function filesOf(folder) {
  const files = new Map();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    files.set(`/${relative(folder, file).split(sep).join('/')}`, file);
  }
  files.set('/', join(folder, 'index.html'));
  return files;
}

async function answer({ files, headers, config }, request, response) {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead) return send(response, headers, 405, { allow: 'GET, HEAD' });
  const path = (request.url ?? '').split('?')[0];
  const file = path === '/config.json' ? undefined : files.get(path);
  if (file === undefined && path !== '/config.json') return send(response, headers, 404);
  try {
    const body = file === undefined ? config : await readFile(file);
    const type = types[extname(file ?? path)] ?? 'application/octet-stream';
    send(response, headers, 200, { 'content-type': type }, body, request.method === 'HEAD');
  } catch {
    send(response, headers, 500);
  }
}

function send(response, headers, status, more = {}, body = Buffer.alloc(0), isHead = false) {
  response.writeHead(status, { ...headers, ...more, 'content-length': body.length });
  response.end(isHead ? undefined : body);
}
