// Serves the page and the sdk's modules on this computer, and nothing else.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const pages = [
  '/index.html',
  '/main.js',
  '/app.js',
  ...['index', 'verify'].map((name) => `/node_modules/@prekey-vault/sdk/${name}.js`),
];
const typeOf = (path) => (path.endsWith('.js') ? 'text/javascript' : 'text/html');

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const path = pathname === '/' ? '/index.html' : pathname;
  if (!pages.includes(path)) return response.writeHead(404).end();
  const body = await readFile(new URL(`.${path}`, import.meta.url));
  response.writeHead(200, { 'content-type': `${typeOf(path)}; charset=utf-8` }).end(body);
});
server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${server.address().port}/`),
);
