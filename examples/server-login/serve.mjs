// A page and its server: GET /challenge?account=0x… gives a text, POST /login takes the signed answer.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createLogins } from './logins.js';

const files = {
  '/': ['index.html', 'text/html'],
  '/main.js': ['main.js', 'text/javascript'],
  '/sdk/index.js': ['node_modules/@prekey-vault/sdk/index.js', 'text/javascript'],
};
let logins;

async function bodyOf(request) {
  let text = '';
  for await (const chunk of request) if ((text += chunk).length > 20_000) throw new Error('too large');
  return text;
}

async function answer(request) {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const route = `${request.method} ${pathname}`;
  if (route === 'GET /challenge') {
    const account = searchParams.get('account') ?? '';
    return /^0x[0-9a-f]{40}$/i.test(account)
      ? [200, 'text/plain', logins.challenge(account)]
      : [400, 'text/plain', 'no account'];
  }
  if (route === 'POST /login') {
    try {
      return [200, 'text/plain', logins.logIn(await bodyOf(request))];
    } catch (error) {
      console.error('refused:', error instanceof Error ? error.message : error);
      return [403, 'text/plain', 'no'];
    }
  }
  const [file, type] = (request.method === 'GET' && Object.hasOwn(files, pathname) && files[pathname]) || [];
  return file ? [200, type, await readFile(new URL(file, import.meta.url))] : [404, 'text/plain', 'not here'];
}

const server = createServer((request, response) =>
  answer(request).then(
    ([status, type, body]) => response.writeHead(status, { 'content-type': `${type}; charset=utf-8` }).end(body),
    () => response.writeHead(500).end(),
  ),
);
server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  logins = createLogins({ origin });
  console.log(`${origin}/`);
});
