// The examples of README and docs/provider-api.md, as printed: in a strict TypeScript and Vite app with the packed sdk, in Chromium, on the vault.
// Promises: not a character of an example is changed; where one goes on from another it stands below it. Must not: help an example with anything a
// stranger would not have.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { build } from 'vite';
import { atPreferredPort } from '../demo/preferred-port';
import { startNode, type TestNode } from '../demo/node/node';
import { testAccounts } from '../demo/wallet/accounts';
import { buildSdk } from '../scripts/build-sdk.mjs';
import { launchChromium, type Chromium } from './kit/chromium';
import { enrolBy, personOf, setNode } from './kit/flows';
import { internalClient } from './kit/internal';
import { approve, byId, serveSite, until, type Site } from './kit/journey';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '..');
const { resolve } = createRequire(import.meta.url);

interface Example {
  name: string;
  language: string;
  code: string;
}

function examplesOf(file: string): Example[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  return [...text.matchAll(/^```(ts|js)\n([\s\S]*?)^```$/gm)].map(([, language = '', code = ''], at) => ({
    name: `${file} ${at + 1}`,
    language,
    code,
  }));
}
const readme = examplesOf('README.md');
const api = examplesOf('docs/provider-api.md');
/** An example that imports nothing goes on from the one above it. */
const whole = [...readme, ...api].filter(({ code }) => code.includes("from 'prekey-vault/sdk"));

let app: string;
let browser: Chromium;
let node: TestNode;
let site: Site;

/** A stranger's app: the packed sdk unpacked as npm does it, xmtp-js and buffer from the registry. */
beforeAll(async () => {
  app = mkdtempSync(path.join(tmpdir(), 'prekey-vault-app-'));
  await buildSdk({ outDir: path.join(app, 'built') });
  await run('npm', ['pack', './built'], { cwd: app, shell: process.platform === 'win32' });
  const installed = path.join(app, 'node_modules', 'prekey-vault');
  mkdirSync(path.join(app, 'node_modules', '@xmtp'), { recursive: true });
  mkdirSync(installed);
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
  await run('tar', ['-xzf', `prekey-vault-${version}.tgz`, '-C', installed, '--strip-components=1'], { cwd: app });
  for (const name of ['@xmtp/xmtp-js', 'buffer'])
    symlinkSync(path.join(root, 'node_modules', name), path.join(app, 'node_modules', name), 'dir');
  writeFileSync(path.join(app, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }));
  // README names this address; another program may have it, and then the example cannot run as printed.
  [browser, node] = await Promise.all([launchChromium(), atPreferredPort(5555, (port) => startNode({ port }))]);
  await setNode(await internalClient(browser, 'vault'), node.url);
  await enrolBy(await internalClient(browser, 'onboarding'), personOf(testAccounts()[0]!));
});
afterAll(async () => {
  await browser?.close();
  await node?.close();
  await site?.close();
  if (app) rmSync(app, { recursive: true, force: true });
});

test('there are examples, and every other one goes on from one of them', () => {
  expect(whole.length).toBeGreaterThanOrEqual(4);
  expect(readme.every(({ code }) => code.includes("from 'prekey-vault/sdk"))).toBe(true);
});

test('those in TypeScript compile in a strict app', async () => {
  const typed = whole.filter(({ language }) => language === 'ts');
  const files = typed.map(({ code }, at) => {
    writeFileSync(path.join(app, `typed-${at}.ts`), code);
    return `typed-${at}.ts`;
  });
  // xmtp-js' own declarations do not pass every strict check; that is skipLibCheck's use.
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'es2022',
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['es2022', 'dom'],
    types: [],
    skipLibCheck: true,
    preserveSymlinks: false,
  };
  writeFileSync(path.join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const tsc = path.join(path.dirname(resolve('typescript/package.json')), 'bin', 'tsc');
  const said = await run(process.execPath, [tsc, '-p', app]).then(
    () => '',
    (error: { stdout: string }) => error.stdout,
  );
  expect(said).toBe('');
});

test.each(whole)('$name runs as printed', async ({ code, language }) => {
  writeFileSync(path.join(app, `example.${language}`), code);
  writeFileSync(
    path.join(app, 'main.ts'),
    `import('./example.${language}').then(() => 'done', (error) => String(error?.stack ?? error)).then((end) => Object.assign(window, { end }));\n`,
  );
  writeFileSync(
    path.join(app, 'index.html'),
    '<!doctype html><title>app</title><script type="module" src="./main.ts"></script>',
  );
  await build({
    configFile: false,
    root: app,
    logLevel: 'error',
    build: {
      target: 'es2022',
      outDir: path.join(app, 'site'),
      emptyOutDir: true,
      modulePreload: false,
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const html = readFileSync(path.join(app, 'site', 'index.html'), 'utf8');
  const script = /assets\/[\w.-]+\.js/.exec(html)![0];
  site = await serveSite({
    '/': html,
    [`/${script}`]: {
      body: readFileSync(path.join(app, 'site', script), 'utf8'),
      headers: { 'content-type': 'text/javascript; charset=utf-8' },
    },
  });
  const page = await browser.context.newPage();
  await page.goto(site.origin);
  const end = () => page.evaluate(() => (window as { end?: string }).end);
  await until(async () => {
    const window = browser.pagesWith('/approval/')[0];
    if (
      window &&
      (await byId(window, 'approval-approve')
        .count()
        .catch(() => 0)) > 0
    )
      await approve(window).catch(() => undefined);
    return (await end()) !== undefined;
  }, 'the example has ended');
  expect(await end()).toBe('done');
  await page.close();
  await site.close();
});
