// The core of the curve in Chromium: it answers as noble does, and whether the time of a step depends on the scalar.
// Promises a clock with steps of 5 µs (the page is cross-origin isolated), calls with one scalar and with others in random order, and Welch's t of both.
// What it shows and what not is in adr/0021. The campaign `curve-timing` runs it whole and prints the table.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright';
import { build, type Rolldown } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isWhole, note, sizeOf } from '../scripts/campaign/size';
import { readCore } from '../scripts/curve-core.mjs';
import type { Timing, TimingWish } from './kit/curve-page';

let server: Server;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  const built = (await build({
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'chrome140',
      lib: {
        entry: path.join(import.meta.dirname, 'kit', 'curve-page.ts'),
        formats: ['es'],
        fileName: () => 'page.js',
      },
    },
  })) as Rolldown.RolldownOutput[];
  const files: Record<string, [type: string, body: string | Buffer]> = {
    '/': ['text/html', '<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>'],
    '/page.js': ['text/javascript', built[0]!.output[0].code],
    '/secp256k1.wasm': ['application/wasm', readCore()],
  };
  server = createServer(({ url }, response) => {
    const [type, body] = files[url ?? ''] ?? ['text/plain', ''];
    response.writeHead(200, {
      'content-type': type,
      // The clock, and the policy of our own pages.
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'content-security-policy': "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'",
    });
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium' });
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction(() => 'curveTiming' in window);
});
afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

interface InPage {
  curveTiming: { time(wish: TimingWish): Promise<Timing>; agree(cases: number): Promise<number> };
}

test('R-D4 the core answers as noble does, under the policy of our own pages', async () => {
  const cases = sizeOf('curve-timing', 'agreements');
  expect(await page.evaluate((count) => (window as unknown as InPage).curveTiming.agree(count), cases)).toBe(cases);
  note('curve-timing', 'agreements', cases);
});

test('the time of a step with one scalar and with others', async () => {
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  const isAll = isWhole('curve-timing');
  const calls = sizeOf('curve-timing', 'calls');
  const few = isAll ? calls / 10 : calls;
  const wishes: TimingWish[] = [
    { by: 'core', step: 'sign', fixed: 'drawn', calls },
    { by: 'core', step: 'multiply', fixed: 'drawn', calls },
    { by: 'core', step: 'sign', fixed: 'one', calls: few },
    { by: 'core', step: 'multiply', fixed: 'one', calls: few },
    { by: 'noble', step: 'sign', fixed: 'drawn', calls: few },
    { by: 'noble', step: 'multiply', fixed: 'drawn', calls: few },
    { by: 'noble', step: 'sign', fixed: 'one', calls: few },
    { by: 'noble', step: 'multiply', fixed: 'one', calls: few },
    { by: 'bare', step: 'multiply', fixed: 'drawn', calls: few },
    { by: 'bare', step: 'multiply', fixed: 'one', calls: few },
  ];
  const found = new Map<string, number>();
  for (const wish of isAll ? wishes : [...wishes.slice(0, 2), ...wishes.slice(-1)]) {
    const { t, medianUs } = await page.evaluate((one) => (window as unknown as InPage).curveTiming.time(one), wish);
    const name = `${wish.by} ${wish.step} ${wish.fixed}`;
    const shown = Object.entries(t).map(([share, value]) => `${share}: ${value.toFixed(1)}`);
    if (isAll) console.log(`${name.padEnd(22)} ${wish.calls} calls, ${medianUs.toFixed(0)} µs, t ${shown.join('  ')}`);
    found.set(name, Math.max(...Object.values(t).filter(Number.isFinite).map(Math.abs)));
  }
  // The test can see a difference: a multiplication by 1 in variable time is a short one.
  expect(found.get('bare multiply one')).toBeGreaterThan(10);
});
