// The examples of README and the documents, as printed: in a strict TypeScript and Vite app with the packed sdk, in Chromium, on the vault. And the apps of
// `examples`: their own tests, and their buttons, with the sdk that was packed here.
// Promises: not a character of an example is changed; where one goes on from another it stands below it. Must not: help an example with anything a
// stranger would not have.
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { build, type InlineConfig } from 'vite';
import { atPreferredPort } from '../demo/preferred-port';
import { startNode, type TestNode } from '../demo/node/node';
import { startNodeV3, type TestNodeV3 } from '../demo/node-v3/node';
import { startPeerV3, type PeerV3 } from '../demo/peer-v3';
import { testAccounts } from '../demo/wallet/accounts';
import { buildSdk } from '../scripts/build-sdk.mjs';
import { isWhole } from '../scripts/campaign/size';
import { installSdk, packSdk, type PackedSdk } from '../scripts/pack-sdk.mjs';
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
  return [...text.matchAll(/^```(ts|tsx|js|mjs)\n([\s\S]*?)^```$/gm)].map(([, language = '', code = ''], at) => ({
    name: `${file} ${at + 1}`,
    language,
    code,
  }));
}
const readme = examplesOf('README.md');
const all = [
  ...readme,
  ...examplesOf('docs/provider-api.md'),
  ...examplesOf('docs/adopt.md'),
  ...examplesOf('src/sdk/README.md'),
];
/** An example that imports nothing goes on from the one above it, or is the setting of a tool. */
const whole = all.filter(({ code }) => code.includes("from '@prekey-vault/sdk"));
const inPages = whole.filter(({ language }) => language !== 'mjs');
const inNode = whole.filter(({ language }) => language === 'mjs');
/** The setting of Vite that the document gives. */
const viteConfig = all.find(({ code }) => code.startsWith('// vite.config.js\n'))!.code;

let app: string;
let packed: PackedSdk;
let browser: Chromium;
let node: TestNode;
let nodeV3: TestNodeV3;
let grace: PeerV3;
let site: Site;

/** A stranger's app: the packed sdk unpacked as npm does it, all else from the registry. */
beforeAll(async () => {
  app = mkdtempSync(path.join(tmpdir(), 'prekey-vault-app-'));
  const { outDir } = await buildSdk({ outDir: path.join(app, 'built') });
  packed = await packSdk(outDir, app);
  await installSdk(packed, app);
  for (const folder of ['@xmtp', '@types']) mkdirSync(path.join(app, 'node_modules', folder), { recursive: true });
  for (const name of [
    '@xmtp/xmtp-js',
    '@xmtp/browser-sdk',
    '@xmtp/wasm-bindings',
    'buffer',
    'react',
    'react-dom',
    '@types/react',
    '@types/react-dom',
  ])
    symlinkSync(path.join(root, 'node_modules', name), path.join(app, 'node_modules', name), 'dir');
  writeFileSync(path.join(app, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }));
  writeFileSync(path.join(app, 'vite.config.js'), viteConfig);
  // The documents name these addresses; another program may have one, and then an example cannot run as printed.
  [browser, node, nodeV3] = await Promise.all([
    launchChromium(),
    atPreferredPort(5555, (port) => startNode({ port })),
    atPreferredPort(5557, (port) => startNodeV3({ port })),
  ]);
  grace = await startPeerV3(nodeV3.url, { answers: false });
  await setNode(await internalClient(browser, 'vault'), node.url);
  await enrolBy(await internalClient(browser, 'onboarding'), personOf(testAccounts()[0]!));
});
afterAll(async () => {
  await browser?.close();
  grace?.close();
  await node?.close();
  await nodeV3?.close();
  await site?.close();
  if (app) rmSync(app, { recursive: true, force: true });
});

/** What a page comes to, while a person approves every card. */
async function approvingUntil(isOver: () => Promise<boolean>, what: string): Promise<void> {
  await until(async () => {
    const window = browser.pagesWith('/approval/')[0];
    const isShown =
      window &&
      (await byId(window, 'approval-approve')
        .count()
        .catch(() => 0)) > 0;
    if (isShown) await approve(window).catch(() => undefined);
    return await isOver();
  }, what);
}

test('there are examples, and every other one goes on from one of them', () => {
  expect([inPages.length, inNode.length]).toEqual([8, 2]);
  expect(readme.every((one) => whole.includes(one))).toBe(true);
});

test('those in TypeScript compile in a strict app', async () => {
  const typed = whole.filter(({ language }) => language.startsWith('ts'));
  const files = typed.map(({ code, language }, at) => {
    writeFileSync(path.join(app, `typed-${at}.${language}`), code);
    return `typed-${at}.${language}`;
  });
  // xmtp-js' own declarations do not pass every strict check; that is skipLibCheck's use.
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: 'es2022',
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['es2022', 'dom'],
    jsx: 'react-jsx',
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

test.each(inPages)('$name runs as printed', async ({ code, language }) => {
  writeFileSync(path.join(app, `example.${language}`), code);
  writeFileSync(
    path.join(app, 'main.ts'),
    `import('./example.${language}').then(() => 'done', (error) => String(error?.stack ?? error)).then((end) => Object.assign(window, { end }));\n`,
  );
  writeFileSync(
    path.join(app, 'index.html'),
    '<!doctype html><title>app</title><script type="module" src="./main.ts"></script>',
  );
  const { default: printed } = (await import(pathToFileURL(path.join(app, 'vite.config.js')).href)) as {
    default: InlineConfig;
  };
  await build({
    ...printed,
    configFile: false,
    root: app,
    logLevel: 'error',
    build: {
      ...printed.build,
      outDir: path.join(app, 'site'),
      emptyOutDir: true,
      modulePreload: false,
      chunkSizeWarningLimit: 10_000,
    },
  });
  site = await serveSite(filesOf(path.join(app, 'site')));
  const page = await browser.context.newPage();
  await page.goto(site.origin);
  const end = () => page.evaluate(() => (window as { end?: string }).end);
  await approvingUntil(async () => (await end()) !== undefined, 'the example has ended');
  expect(await end()).toBe('done');
  await page.close();
  await site.close();
});

const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };

/** What a folder holds, by its paths on a site. */
function filesOf(folder: string): Parameters<typeof serveSite>[0] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => path.extname(name) !== '');
  return Object.fromEntries(
    names.map((name) => [
      name === 'index.html' ? '/' : `/${name.replaceAll(path.sep, '/')}`,
      {
        body: readFileSync(path.join(folder, name)),
        headers: { 'content-type': types[path.extname(name)] ?? 'text/plain' },
      },
    ]),
  );
}

test('the first message has reached who it is for', async () => {
  await grace.client.conversations.syncAll();
  const [conversation] = await grace.client.conversations.list();
  await until(async () => {
    await conversation!.sync();
    return (await conversation!.messages()).some(({ content }) => content === 'Hello from my app');
  }, 'the message is there');
});

test.each(inNode)('$name runs as printed in node', async ({ code }) => {
  writeFileSync(path.join(app, 'example.test.mjs'), code);
  await run(process.execPath, ['--test', 'example.test.mjs'], { cwd: app });
});

/** What is done with each app of `examples`, by its page. */
const pressed: Record<string, (page: Page) => Promise<void>> = {
  vanilla: async (page) => {
    await page.locator('#connect:enabled').click();
    await saysIn(page, '#status', /^Connected as 0x/);
    await page.locator('#sign').click();
    await saysIn(page, '#status', /^Signed by 0x/);
  },
  'server-login': async (page) => {
    await page.locator('#login:enabled').click();
    await saysIn(page, '#status', /^Logged in as 0x/);
  },
  react: async (page) => {
    await page.locator('#connect').click();
    await saysIn(page, '#status', /^Connected as 0x/);
    await page.locator('#sign').click();
    await saysIn(page, '#status', /^Signed by 0x/);
  },
  wagmi: async (page) => {
    await page.locator('.wallet-connect[data-name="A test wallet"]').click();
    await page.locator('#wallet-status').waitFor();
    await page.locator('#vault-connect').click();
    await saysIn(page, '#vault-status', /^Connected as 0x/);
    await page.locator('#vault-login').click();
    await saysIn(page, '#vault-status', /^Logged in as the account of your wallet/);
    expect(await page.evaluate(() => (window as unknown as { asked: string[] }).asked)).not.toContain('personal_sign');
  },
};
/** Those that need nothing but the sdk, and all of them where `npm i` may take its time. */
const apps = isWhole('examples') ? Object.keys(pressed) : ['vanilla', 'server-login'];

async function saysIn(page: Page, selector: string, words: RegExp): Promise<void> {
  await approvingUntil(async () => words.test((await page.locator(selector).textContent()) ?? ''), String(words));
}

/** A wallet that announces itself, with the account of the identity, which it tells once it was let; `asked` is what it was asked. */
function testWallet(address: string): void {
  const asked: string[] = [];
  let told: string[] = [];
  const provider = {
    request: async ({ method }: { method: string }) => {
      asked.push(method);
      if (method === 'eth_requestAccounts') told = [address];
      if (method === 'eth_requestAccounts' || method === 'eth_accounts') return told;
      if (method === 'eth_chainId') return '0x1';
      throw Object.assign(new Error('no such method'), { code: 4200 });
    },
    on: () => undefined,
    removeListener: () => undefined,
  };
  const info = {
    uuid: crypto.randomUUID(),
    name: 'A test wallet',
    icon: 'data:image/svg+xml,<svg/>',
    rdns: 'example.wallet',
  };
  const announce = () =>
    window.dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail: Object.freeze({ info, provider }) }));
  Object.assign(window, { asked });
  window.addEventListener('eip6963:requestProvider', announce);
  announce();
}

test.each(apps)('the app %s passes its own tests, and works in the built extension', async (name) => {
  const folder = path.join(app, 'examples', name);
  cpSync(path.join(root, 'examples', name), folder, {
    recursive: true,
    filter: (file) => !file.includes('node_modules'),
  });
  const npm = (...words: string[]) => run('npm', words, { cwd: folder, shell: process.platform === 'win32' });
  if (apps.length === 4) {
    // Where its package.json looks for it.
    mkdirSync(path.join(app, 'dist'), { recursive: true });
    cpSync(packed.tarball, path.join(app, 'dist', 'prekey-vault-sdk.tgz'));
    await npm('install', '--no-audit', '--no-fund');
  } else await installSdk(packed, folder);
  await npm('test');
  const page = await browser.context.newPage();
  const server = name === 'react' || name === 'wagmi' ? await builtSite(folder, npm) : await ownServer(folder);
  try {
    if (name === 'wagmi') await page.addInitScript(testWallet, testAccounts()[0]!.address);
    await page.goto(server.origin);
    await pressed[name]!(page);
  } finally {
    await page.close();
    await server.close();
  }
});

async function builtSite(folder: string, npm: (...words: string[]) => Promise<unknown>): Promise<Site> {
  await npm('run', 'build');
  return await serveSite(filesOf(path.join(folder, 'dist')));
}

/** The app's own server, at a free port. */
async function ownServer(folder: string): Promise<Site> {
  const child = spawn(process.execPath, ['serve.mjs'], { cwd: folder, env: { ...process.env, PORT: '0' } });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await until(() => said.includes('\n'), 'the server says where it is');
  return { origin: said.trim(), close: async () => void child.kill() };
}
