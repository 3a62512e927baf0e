// Writes down everything that reaches a page and its relay: events and messages in the page's world, frames on the relay's port.
// Promises the page's ear hears before any other listener, and the relay's port is tapped both ways. Bytes are lists of numbers.
// Must not: change anything that is sent. `tap` has to come before the page's first request, when the relay connects.
import type { Page } from 'playwright';
import { relayWorld } from './relay-world';

export const hearEverything = {
  /** Markup that has to stand first in the page. */
  markup: `<script>window.heard = [];
    { const seen = new WeakSet();
      const text = (value) => value instanceof Uint8Array || value instanceof ArrayBuffer ? [...new Uint8Array(value.buffer ?? value)].join(',') : JSON.stringify(value, (key, item) => item instanceof Uint8Array ? [...item] : typeof item === 'bigint' ? String(item) : item);
      const note = (event) => { if (seen.has(event)) return; seen.add(event); heard.push(event.type + ' ' + text(event.detail ?? event.data ?? null)); };
      for (const type of ['request', 'answer', 'announceProvider', 'requestProvider']) for (const target of [window, performance]) target.addEventListener('prekeyvault:' + type, note, true);
      for (const type of ['message', 'messageerror', 'storage', 'hashchange', 'popstate', 'error', 'unhandledrejection']) addEventListener(type, note, true); }
  </script>`,
  /** Taps the relay's port of a page that has asked nothing yet. */
  async tap(page: Page): Promise<void> {
    await (
      await relayWorld(page)
    ).evaluate(`{
      globalThis.tapped = [];
      const note = (way, message) => tapped.push(way + ' ' + JSON.stringify(message, (key, item) => item instanceof Uint8Array ? [...item] : item));
      const { connect } = chrome.runtime;
      chrome.runtime.connect = (...args) => {
        const port = connect.apply(chrome.runtime, args);
        port.onMessage.addListener((message) => note('in', message));
        const { postMessage } = port;
        port.postMessage = (message) => { note('out', message); return postMessage.call(port, message); };
        return port;
      };
      chrome.runtime.onMessage.addListener((message) => note('told', message));
    }`);
  },
};

/** What was heard so far, by place, each a list of lines. */
export async function heardBy(page: Page): Promise<Record<'events of the page' | 'port of the relay', string[]>> {
  return {
    'events of the page': await page.evaluate(() => (window as unknown as { heard: string[] }).heard),
    'port of the relay': await (await relayWorld(page)).evaluate<string[]>('tapped'),
  };
}
