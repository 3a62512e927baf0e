// Takes pictures of all pages in many states, light and dark, without installing the extension: `node scripts/gallery.mjs [outdir] [part of a name] [language]`.
// Promises: pages are built as for the store and served under the manifest's own content policy; prints what the policy blocked, errors
// of the console, serious findings of axe, and pages that overflow sideways; exits 1 when there was any.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { build } from 'vite';
import { scenes } from './gallery/scenes.mjs';
import { installStage } from './gallery/stage.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const [outDir = 'screenshots', filter = '', language = 'en'] = process.argv.slice(2);
const json = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
const messages = json(`public/_locales/${language}/messages.json`);
const policy = json('manifest.json').content_security_policy.extension_pages;
const axe = readFileSync(path.join(root, 'node_modules/axe-core/axe.min.js'), 'utf8');

async function buildPages(into) {
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    define: {
      __TEST_HOOKS__: 'false',
      __TEST_WALLET_ID__: '""',
      __BROWSER__: '"chrome"',
      __VERSION__: JSON.stringify(json('package.json').version),
    },
    build: {
      outDir: into,
      target: 'chrome140',
      modulePreload: { polyfill: false },
      rolldownOptions: {
        input: Object.fromEntries(
          ['popup', 'approval', 'onboarding', 'unlock', 'vault'].map((page) => [
            page,
            path.join(root, `src/ui/${page}/index.html`),
          ]),
        ),
      },
    },
  });
}

function serve(folder) {
  const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css' };
  const server = createServer((request, response) => {
    const file = path.join(folder, path.normalize(new URL(request.url ?? '/', 'http://localhost').pathname));
    try {
      const body = readFileSync(file);
      response
        .writeHead(200, {
          'content-type': types[path.extname(file)] ?? 'application/octet-stream',
          'content-security-policy': policy,
        })
        .end(body);
    } catch {
      response.writeHead(request.url === '/favicon.ico' ? 204 : 404).end();
    }
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function findings(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
  );
  return [
    ...serious.map(
      ({ id, nodes }) =>
        `axe ${id}: ${nodes.map(({ target, failureSummary }) => `${target} (${failureSummary?.split('\n')[1]?.trim()})`).join(', ')}`,
    ),
    ...(overflow ? ['overflows sideways'] : []),
  ];
}

async function picture(browser, origin, scene, colorScheme) {
  const context = await browser.newContext({
    viewport: scene.size,
    colorScheme,
    reducedMotion: 'reduce',
    deviceScaleFactor: 1,
    locale: language === 'en' ? 'en-GB' : language.replace('_', '-'),
  });
  const page = await context.newPage();
  page.setDefaultTimeout(8_000);
  const said = [];
  page.on('console', (message) =>
    message.type() === 'error' && !scene.expects?.test(message.text()) ? said.push(message.text()) : undefined,
  );
  page.on('pageerror', (error) => said.push(String(error)));
  try {
    await page.addInitScript(installStage, {
      messages,
      scene: {
        answers: scene.answers,
        accounts: scene.accounts ?? null,
        allows: scene.allows,
        signs: scene.signs,
        walletAbsent: scene.walletAbsent,
      },
    });
    await page.goto(`${origin}/src/ui/${scene.page}/index.html${scene.hash ? `#${scene.hash}` : ''}`);
    await page.locator('#page > *').first().waitFor();
    await scene.act?.(page);
    await page.waitForTimeout(60);
    await page.screenshot({
      path: path.join(outDir, `${scene.name}.${colorScheme}.png`),
      fullPage: scene.page === 'onboarding' || scene.page === 'vault',
    });
    if (colorScheme === 'light' || scene.name.includes('connect')) said.push(...(await findings(page)));
  } catch (error) {
    said.push(String(error));
    await page.screenshot({ path: path.join(outDir, `${scene.name}.${colorScheme}.png`) });
  } finally {
    await context.close();
  }
  return said.map((line) => `${scene.name} (${colorScheme}): ${line}`);
}

/** All pictures of one page side by side, for a first look. */
async function sheet(browser, name, chosen, colorScheme) {
  const page = await browser.newPage({ viewport: { width: 1560, height: 400 } });
  const figures = chosen.map(({ name: scene, size }) => {
    const data = readFileSync(path.join(outDir, `${scene}.${colorScheme}.png`)).toString('base64');
    return `<figure><figcaption>${scene}</figcaption><img width="${Math.min(size.width, 500)}" src="data:image/png;base64,${data}"></figure>`;
  });
  await page.setContent(
    `<style>body{margin:8px;background:#777;display:flex;flex-wrap:wrap;gap:12px;font:12px sans-serif;color:#fff;align-items:flex-start}figure{margin:0}img{display:block}</style>${figures.join('')}`,
  );
  await page.screenshot({ path: path.join(outDir, `sheet-${name}.${colorScheme}.png`), fullPage: true });
  await page.close();
}

const built = mkdtempSync(path.join(tmpdir(), 'gallery-'));
mkdirSync(outDir, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
let server;
try {
  await buildPages(built);
  server = await serve(built);
  const origin = `http://127.0.0.1:${server.address().port}`;
  const chosen = scenes.filter(({ name }) => name.includes(filter));
  const said = [];
  for (const colorScheme of ['light', 'dark']) {
    for (const scene of chosen) said.push(...(await picture(browser, origin, scene, colorScheme)));
    for (const page of new Set(chosen.map((scene) => scene.page)))
      await sheet(
        browser,
        page,
        chosen.filter((scene) => scene.page === page),
        colorScheme,
      );
  }
  for (const line of said) console.log(line);
  console.log(`${chosen.length} scenes, light and dark, in ${outDir}; ${said.length} findings`);
  process.exitCode = said.length === 0 ? 0 : 1;
} finally {
  await browser.close();
  server?.close();
  rmSync(built, { recursive: true, force: true });
}
