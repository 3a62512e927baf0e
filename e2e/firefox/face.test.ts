// The wallet face in Firefox: its permission is one that may be optional, its script is laid into a site at the usual port, and into no other port of that host.
// Promises: the built package and a real page. The permission is given as the browser itself gives it after its question, which automation cannot press.
// Must not: repeat what the journey in Chromium shows of an app and its cards.
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchFirefox, vaultId, type Firefox } from './browser';
import type { Page } from './page';

const html = `<!doctype html><title>site</title><script>
  window.said = [];
  addEventListener('eip6963:announceProvider', ({ detail }) => said.push(detail.info.rdns));
  dispatchEvent(new Event('eip6963:requestProvider'));
</script>`;
let firefox: Firefox;
let popup: Page;
const servers: Server[] = [];

/** The port that the server got; undefined where this one is not for us. */
const serve = (port: number) =>
  new Promise<number | undefined>((resolve) => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end(html);
    });
    servers.push(server);
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });

beforeAll(async () => {
  firefox = await launchFirefox();
  popup = await firefox.ownPage('popup');
});
afterAll(async () => {
  await firefox?.close();
  for (const server of servers) server.close();
});

const set = (origin: string, face: string) =>
  popup.evaluate(
    (...params) =>
      new Promise<unknown>((resolve) => {
        const port = chrome.runtime.connect();
        port.onMessage.addListener((message: { hello?: unknown; id?: number; result?: unknown; error?: unknown }) => {
          if ('hello' in message)
            port.postMessage({ id: 1, method: 'face_set', params: { origin: params[0], face: params[1] } });
          if (message.id !== 1) return;
          port.disconnect();
          resolve(message.result ?? message.error);
        });
      }),
    origin,
    face,
  );
const laid = () =>
  popup.evaluate(async () =>
    (await chrome.scripting?.getRegisteredContentScripts())?.map(({ js, matches }) => `${js?.[0]} ${matches?.[0]}`),
  );
const seenAt = async (port: number) => {
  const page = await firefox.newPage(`http://127.0.0.1:${port}/`);
  const seen = await page.evaluate(() => [(window as any).said, 'ethereum' in window]);
  await page.close();
  return seen as unknown;
};

test('R-A9 it waits for the browser, is laid then, and is on the usual port of the host alone', async () => {
  const [usual, other] = [await serve(80), (await serve(0))!];
  expect(await set(`http://127.0.0.1:${other}`, 'wallet')).toEqual({ reason: 'invalid-input' });
  expect(await set('http://127.0.0.1', 'stand-in')).toBe('waits');
  expect(await laid()).toBeNull();
  await firefox.asBrowser(
    `const [id] = arguments; const { ExtensionPermissions } = ChromeUtils.importESModule('resource://gre/modules/ExtensionPermissions.sys.mjs');
    const { extension } = WebExtensionPolicy.getByID(id);
    return ExtensionPermissions.add(id, { permissions: ['scripting'], origins: [], data_collection: [] }, extension);`,
    vaultId,
  );
  // The wish is carried out by itself.
  await expect.poll(laid).toEqual(['face-stand-in.js http://127.0.0.1/*']);
  expect(await seenAt(other)).toEqual([[], false]);
  // Not everybody may serve at port 80.
  if (usual !== undefined) expect(await seenAt(usual)).toEqual([['app.prekeyvault.xmtp'], true]);
  expect(await set('http://127.0.0.1', 'off')).toBe('done');
  await expect.poll(laid).toBeNull();
  if (usual !== undefined) expect(await seenAt(usual)).toEqual([[], false]);
});
