// Documents that are not the top of a page, and what each finds out about itself when it asks for the vault: the spoof matrix of both browsers.
// Promises: a document asks in every way that a page could, at once, and tells what came of it when its top says "report".
// Must not: know a browser.

/** What a document found out about itself. */
export interface Probe {
  kind: string;
  origin: string;
  own: string;
  /** Events of the provider that this document's own window heard after it forged requests. */
  heard: string[];
  /** What reaching for the top gave: a type, or the name of the error. */
  top: string;
  /** The answer to vault_sign through the top's provider, when it can be reached. */
  borrowed: { signature?: unknown; code?: number } | null;
}

/** Runs in the document that is probed. It asks at once, and tells what came of it when the top says "report". */
function probe(kind: string, methods: readonly string[]): void {
  const heard: string[] = [];
  for (const name of ['prekeyvault:answer', 'prekeyvault:announceProvider'])
    for (const target of [window, performance]) target.addEventListener(name, () => heard.push(name));
  const request = { key: 1, method: 'vault_sign', params: { payload: Uint8Array.of(1), purpose: `from ${kind}` } };
  dispatchEvent(new Event('prekeyvault:requestProvider'));
  for (const target of [window, performance]) {
    for (const [at, method] of methods.entries())
      target.dispatchEvent(new CustomEvent('prekeyvault:request', { detail: { ...request, key: at + 1, method } }));
    target.dispatchEvent(new CustomEvent('prekeyvault:request', { detail: { listen: true } }));
  }
  const { top, opener } = window as any;
  const outer = opener ?? top;
  let reach: string;
  let borrowing: Promise<Probe['borrowed']> = Promise.resolve(null);
  try {
    reach = typeof outer.prekeyVault;
    // Over the top's own events, too: same origin or not is the browser's decision, not ours.
    outer.dispatchEvent(new outer.CustomEvent('prekeyvault:probe'));
    borrowing = outer.prekeyVault.request({ method: request.method, params: request.params }).then(
      (signature: unknown) => ({ signature }),
      (error: any) => ({ code: error.code }),
    );
  } catch (error) {
    reach = (error as Error).name;
  }
  const plain = (value: any): any =>
    value instanceof Uint8Array || Object.prototype.toString.call(value) === '[object Uint8Array]'
      ? { $u8: [...value] }
      : value && typeof value === 'object'
        ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
        : value;
  const report = async () => {
    const borrowed = plain(await borrowing) as Probe['borrowed'];
    return {
      kind,
      origin: self.origin,
      own: typeof (window as any).prekeyVault,
      heard,
      top: reach,
      borrowed,
    } satisfies Probe;
  };
  (window as any).report = report;
  addEventListener('message', async ({ data }) => {
    if (data === 'report') (opener ?? top).postMessage(await report(), '*');
    // Frames inside this one are asked too.
    if (data === 'report') for (let at = 0; at < window.length; at++) window[at]!.postMessage('report', '*');
  });
  (opener ?? top).postMessage({ asked: kind }, '*');
}

/** The script element of such a document, which asks for each of the methods. */
export const probePage = (kind: string, methods: readonly string[]): string =>
  `<script>(${probe.toString()})(${JSON.stringify(kind)}, ${JSON.stringify(methods)})</script>`;
export const html = (body: string): string => `<!doctype html><title>frames</title>${body}`;

/** Kinds of documents: without an origin of their own, of another origin, and of the same as the top. */
export const opaque = [
  'sandboxed',
  'sandboxed-srcdoc',
  'sandboxed-data',
  'data',
  'nested-sandboxed',
  'csp-sandboxed-frame',
] as const;
export const foreign = ['cross-origin', 'nested-cross-origin', 'object-cross-origin'] as const;
export const sameOrigin = [
  'same-origin',
  'srcdoc',
  'about-blank',
  'blob',
  'sandboxed-same-origin',
  'popup-about-blank',
  'popup-blob',
] as const;
