// The code that runs in the page: makes calls one after the other and times each.
// Promises a fresh payload of 32 bytes for each call and that an answer that is not a valid result throws, so that no error is ever timed.
// Must not use anything from outside `timeCalls`: it travels to the page as text.
import type { Page } from 'playwright';

/** Who is called, and for what. */
export interface CallPlan {
  path: 'vault' | 'message-signer' | 'port-echo';
  operation: 'sign' | 'echo';
  count: number;
}

/** Milliseconds of each call, from the page's call to the page's result. */
export function callTimesMs(page: Page, plan: CallPlan): Promise<number[]> {
  return page.evaluate(timeCalls, plan);
}

async function timeCalls({ path, operation, count }: CallPlan): Promise<number[]> {
  type Provider = { request(args: { method: string; params: unknown }): Promise<unknown> };
  const { prekeyVault } = window as unknown as { prekeyVault: Provider };
  const hexOf = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

  async function callVault(payload: Uint8Array): Promise<void> {
    const method = operation === 'sign' ? 'vault_sign' : 'test_echo';
    const result = (await prekeyVault.request({ method, params: { payload, purpose: 'benchmark' } })) as {
      signature?: { bytes: Uint8Array };
      payload?: Uint8Array;
    };
    if ((operation === 'sign' ? result.signature?.bytes.length : result.payload && result.payload.length * 2) !== 64)
      throw new Error('no answer');
  }

  function callSigner(payload: Uint8Array, key: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const listener = ({ data }: MessageEvent<{ benchAnswer?: number; result?: string }>) => {
        if (data.benchAnswer !== key) return;
        removeEventListener('message', listener);
        if (data.result?.length === (operation === 'sign' ? 130 : 64)) resolve();
        else reject(new Error('no answer'));
      };
      addEventListener('message', listener);
      postMessage({ benchRequest: key, operation, payloadHex: hexOf(payload) }, location.origin);
    });
  }

  function callEcho(payload: Uint8Array, key: number): Promise<void> {
    return new Promise((resolve) => {
      const listener = (event: Event) => {
        if ((event as CustomEvent<{ key: number }>).detail.key !== key) return;
        removeEventListener('bench-echo:answer', listener);
        resolve();
      };
      addEventListener('bench-echo:answer', listener);
      dispatchEvent(new CustomEvent('bench-echo:request', { detail: { key, payloadHex: hexOf(payload) } }));
    });
  }

  const call = { vault: callVault, 'message-signer': callSigner, 'port-echo': callEcho }[path];
  const timesMs: number[] = [];
  for (let at = 0; at < count; at++) {
    const payload = crypto.getRandomValues(new Uint8Array(32));
    const key = Math.floor(Math.random() * 2 ** 40);
    const started = performance.now();
    await call(payload, key);
    timesMs.push(performance.now() - started);
  }
  return timesMs;
}
