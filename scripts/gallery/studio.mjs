// Where pictures of our pages are taken: the pages built as for the store, served under the manifest's own content policy, in a browser of its own.
// Promises: a scene looks the same in every language and theme but for its words and colours; what the console says is told. Must not: know a scene by name.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright';
import { build } from 'vite';
import { hangsAfterMs } from '../limits.mjs';
import { root } from '../setup.mjs';
import { installStage } from './stage.mjs';

const json = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
const policy = json('manifest.json').content_security_policy.extension_pages;
const wordsOf = (locale) => json(`public/_locales/${locale}/messages.json`);

/** The languages of the pages, as the folders of _locales are called. */
export const locales = readdirSync(path.join(root, 'public/_locales')).sort();

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
          ['popup', 'panel', 'approval', 'onboarding', 'unlock', 'vault'].map((page) => [
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

/** What a scene tells the page that stands in for the browser. */
const staged = ({ answers, accounts, allows, mayReach, given, signs, walletAbsent, passkey, camera }) => ({
  answers,
  accounts: accounts ?? null,
  allows,
  mayReach,
  given: given ?? [],
  signs,
  walletAbsent,
  passkey,
  camera,
});

/** Builds the pages and starts the browser; `close` ends both. `browser` is there for pictures that are no scene. */
export async function openStudio() {
  const built = mkdtempSync(path.join(tmpdir(), 'gallery-'));
  await buildPages(built);
  // Built by itself for the packages; no scene looks into it.
  writeFileSync(path.join(built, 'archive-reader.js'), '');
  const server = await serve(built);
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  const origin = `http://127.0.0.1:${server.address().port}`;

  /**
   * Puts a scene on, hands its page to `look`, and resolves to what went wrong, in words. When a press of the scene fails, `look` still sees the page.
   * `scale` is how many dots of the picture a pixel has.
   */
  async function play(scene, { colorScheme, locale = 'en', scale = 1, size = scene.size }, look) {
    const language = locale.replace('_', '-');
    const context = await browser.newContext({
      viewport: size,
      colorScheme,
      reducedMotion: 'reduce',
      deviceScaleFactor: scale,
      locale: language === 'en' ? 'en-GB' : language,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(hangsAfterMs / 10);
    const said = [];
    page.on('console', (message) =>
      message.type() === 'error' && !scene.expects?.test(message.text()) ? said.push(message.text()) : undefined,
    );
    page.on('pageerror', (error) => said.push(String(error)));
    try {
      // As a browser does: what a language does not say is said in the default one.
      const messages = { ...wordsOf('en'), ...wordsOf(locale) };
      await page.addInitScript(installStage, { messages, language, scene: staged(scene) });
      await page.goto(`${origin}/src/ui/${scene.page}/index.html${scene.hash ? `#${scene.hash}` : ''}`);
      await page.locator('#page > *').first().waitFor();
      try {
        await scene.act?.(page);
        await page.waitForTimeout(60);
      } catch (error) {
        said.push(String(error));
      }
      await look(page, said);
    } catch (error) {
      said.push(String(error));
    } finally {
      await context.close();
    }
    return said.map((line) => `${scene.name} (${locale}, ${colorScheme}): ${line}`);
  }

  async function close() {
    await browser.close();
    server.close();
    rmSync(built, { recursive: true, force: true });
  }
  return { browser, play, close };
}

/** Pages of a window are as high as the window; pages of a tab as high as what is on them. */
export const isWholePage = ({ page }) => page === 'onboarding' || page === 'vault';
