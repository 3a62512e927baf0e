// The static server: what it gives, and that nothing outside its folder can be had.
import { request } from 'node:http';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serveDapp } from './serve.mjs';

let folder: string;
let dapp: Awaited<ReturnType<typeof serveDapp>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quill-'));
  const outDir = join(folder, 'site');
  await mkdir(join(outDir, 'assets'), { recursive: true });
  await writeFile(join(folder, 'outside.txt'), 'not for you');
  await writeFile(join(outDir, 'index.html'), '<p>Quill</p>');
  await writeFile(join(outDir, 'assets/a.js'), 'export {};');
  await writeFile(join(outDir, 'assets/a.css'), 'p {}');
  dapp = await serveDapp({ outDir });
});
afterAll(async () => {
  await dapp.close();
  await rm(folder, { recursive: true, force: true });
});

/** A raw request: fetch would tidy the path first. */
function ask(
  path: string,
  method = 'GET',
): Promise<{ status: number; type: string | undefined; body: string; csp: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(dapp.url);
    const asked = request({ hostname, port, path, method }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'],
          body,
          csp: String(response.headers['content-security-policy']),
        }),
      );
    });
    asked.on('error', reject).end();
  });
}

describe('serveDapp', () => {
  it('listens on the loopback address only, at an origin the extension accepts', () => {
    expect(dapp.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  });

  it.each([
    ['/', 'text/html; charset=utf-8', '<p>Quill</p>'],
    ['/?from=start', 'text/html; charset=utf-8', '<p>Quill</p>'],
    ['/index.html', 'text/html; charset=utf-8', '<p>Quill</p>'],
    ['/assets/a.js', 'text/javascript; charset=utf-8', 'export {};'],
    ['/assets/a.css', 'text/css; charset=utf-8', 'p {}'],
  ])('gives %s', async (path, type, body) => {
    expect(await ask(path)).toMatchObject({ status: 200, type, body });
    expect(await ask(path, 'HEAD')).toMatchObject({ status: 200, type, body: '' });
  });

  it.each([
    '/../outside.txt',
    '/assets/../../outside.txt',
    '/%2e%2e/outside.txt',
    '/..%2foutside.txt',
    '/..\\outside.txt',
    '//outside.txt',
    '/assets',
    '/assets/',
    '/constructor',
    '/__proto__',
    '/index.html/',
    '/index.html%00.js',
  ])('does not give %s', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404, body: '' });
  });

  it('refuses to be written to, and forbids inline scripts', async () => {
    expect((await ask('/', 'POST')).status).toBe(405);
    const { csp } = await ask('/');
    expect(csp).toContain("script-src 'self'");
    expect(csp).not.toContain('unsafe');
  });

  it('gives the page no node, or the one it was given: in its config and in what it may connect to', async () => {
    expect(await ask('/config.json')).toMatchObject({
      status: 200,
      type: 'application/json; charset=utf-8',
      body: '{"nodeUrl":null,"today":null,"app":null}',
    });
    expect((await ask('/')).csp).toContain("connect-src 'self';");
    const withNode = await serveDapp({ outDir: join(folder, 'site'), nodeUrl: 'http://127.0.0.1:5555/with/path' });
    const answer = await fetch(`${withNode.url}config.json`);
    await withNode.close();
    expect(await answer.json()).toEqual({ nodeUrl: 'http://127.0.0.1:5555/with/path', today: null, app: null });
    expect(answer.headers.get('content-security-policy')).toContain("connect-src 'self' http://127.0.0.1:5555;");
    await expect(serveDapp({ outDir: join(folder, 'site'), nodeUrl: 'nowhere' })).rejects.toThrow(TypeError);
  });

  it('lets the page run wasm, and its worker, only with a node of today’s XMTP', async () => {
    const today = { nodeUrl: 'http://127.0.0.1:5557', run: '1', peer: { name: 'Grace', address: '0x1' } };
    const withNode = await serveDapp({ outDir: join(folder, 'site'), today, app: 'B' });
    const answer = await fetch(`${withNode.url}config.json`);
    await withNode.close();
    expect(await answer.json()).toEqual({ nodeUrl: null, today, app: 'B' });
    const csp = answer.headers.get('content-security-policy');
    expect(csp).toContain("script-src 'self' 'wasm-unsafe-eval'; worker-src 'self';");
    expect(csp).toContain("connect-src 'self' http://127.0.0.1:5557;");
    expect(csp).not.toMatch(/'unsafe|\*/);
  });

  it('says so when the port is taken', async () => {
    const port = Number(new URL(dapp.url).port);
    await expect(serveDapp({ port, outDir: join(folder, 'site') })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
