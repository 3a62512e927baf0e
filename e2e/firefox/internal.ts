// A client of the internal port in one of our own pages of Firefox, for the flows of kit/flows.ts and kit/internal.ts.
// Promises: each call has a port of its own and carries bytes packed, as Marionette takes JSON only.
import { packBytes, unpackBytes } from '../../src/contract/bytes-codec';
import { Refusal, type Caller } from '../kit/internal';
import type { Page } from './page';

/** Speaks for the page. Throws Refusal. */
export function callerOf(page: Page): Caller {
  return {
    async call<T>(method: string, params?: unknown) {
      const answer = await page.evaluate(
        (name, values) =>
          new Promise<unknown>((resolve) => {
            const port = chrome.runtime.connect();
            port.onMessage.addListener((message: { hello?: unknown; id?: number }) => {
              if ('hello' in message) port.postMessage({ id: 1, method: name, params: values, packed: true });
              if (message.id !== 1) return;
              port.disconnect();
              resolve(message);
            });
          }),
        method,
        packBytes(params) ?? null,
      );
      const { result, error } = unpackBytes(answer) as { result?: T; error?: { reason: string; detail?: string } };
      if (error) throw new Refusal(method, error);
      return result as T;
    },
  };
}

let slots = 0;

/** A request of a page, its bytes packed on both ways. Throws nothing: `error` is the code. Marionette is free while it waits. */
export async function requestIn<T>(
  page: Page,
  method: string,
  params?: unknown,
): Promise<{ result?: T; error?: number }> {
  const slot = `slot ${++slots}`;
  await page.evaluate(
    (key, name, values) => {
      const open = (value: any): any =>
        typeof value === 'object' && value !== null && '$bytes' in value
          ? (window as any).Uint8Array.from(atob(value.$bytes), (one: string) => one.charCodeAt(0))
          : typeof value === 'object' && value !== null && !Array.isArray(value)
            ? Object.fromEntries(Object.entries(value).map(([member, item]) => [member, open(item)]))
            : value;
      const pack = (value: any): any =>
        Object.prototype.toString.call(value) === '[object Uint8Array]'
          ? { $bytes: btoa(String.fromCharCode(...value)) }
          : typeof value === 'object' && value !== null && !Array.isArray(value)
            ? Object.fromEntries(Object.entries(value).map(([member, item]) => [member, pack(item)]))
            : value;
      const answers = ((window as any).answers ??= {});
      (window as any).prekeyVault.request({ method: name, params: open(values) ?? undefined }).then(
        (result: unknown) => (answers[key] = { result: pack(result) }),
        (error: { code: number }) => (answers[key] = { error: error.code }),
      );
    },
    slot,
    method,
    packBytes(params) ?? null,
  );
  const answer = await page.until(
    `an answer to ${method}`,
    (key: string) => (window as any).answers[key] as unknown,
    slot,
  );
  return unpackBytes(answer) as { result?: T; error?: number };
}
