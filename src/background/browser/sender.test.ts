// A list of senders with one defect each, and the law of grantable origins.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classifySender, grantableOrigin, type Sender } from './sender';

const self = { id: 'vaultid', origin: 'chrome-extension://vaultid' };
const dapp: Sender = {
  id: 'vaultid',
  origin: 'https://app.example',
  url: 'https://app.example/page',
  frameId: 0,
  documentId: 'D1',
  documentLifecycle: 'active',
  tab: { id: 7 },
};
const page: Sender = {
  id: 'vaultid',
  origin: 'chrome-extension://vaultid',
  url: 'chrome-extension://vaultid/src/ui/popup/index.html',
  frameId: 0,
  tab: { id: 8 },
};
const classify = (sender: Sender | undefined) => classifySender(sender, self, () => 'fresh');

describe('R-A1 a dapp is named by sender.origin alone', () => {
  test('R-A1 the good one', () => {
    expect(classify(dapp)).toEqual({ kind: 'dapp', origin: 'https://app.example', documentKey: 'D1', tabId: 7 });
  });
  test('R-A1 url, title and port name never name the principal', () => {
    expect(classify({ ...dapp, url: 'https://other.example/' })).toMatchObject({ origin: 'https://app.example' });
  });
  test.each<[string, Partial<Record<keyof Sender, unknown>>]>([
    ['no origin', { origin: undefined }],
    ['opaque origin', { origin: 'null' }],
    ['http', { origin: 'http://app.example' }],
    ['file', { origin: 'file://' }],
    ['data', { origin: 'data:' }],
    ['another extension', { origin: 'chrome-extension://other' }],
    ['trailing dot', { origin: 'https://app.example.' }],
    ['an address, not an origin', { origin: 'https://app.example/' }],
    ['default port written out', { origin: 'https://app.example:443' }],
    ['upper case', { origin: 'https://App.example' }],
    ['user in front', { origin: 'https://user@app.example' }],
    ['another extension id', { id: 'other' }],
    ['no id', { id: undefined }],
    ['no tab', { tab: undefined }],
  ])('R-A1 refused: %s', (_name, defect) => {
    expect(classify({ ...dapp, ...defect } as Sender)).toBeUndefined();
  });
  test('R-A2 frames are refused', () => {
    for (const frameId of [3, undefined]) expect(classify({ ...dapp, frameId })).toBeUndefined();
  });
  test('R-A7 a prerendered document is refused', () =>
    expect(classify({ ...dapp, documentLifecycle: 'prerender' })).toBeUndefined());
  test('R-A6 a document in the back-forward cache is refused', () =>
    expect(classify({ ...dapp, documentLifecycle: 'cached' })).toBeUndefined());
  test('R-A1 no sender at all', () => expect(classify(undefined)).toBeUndefined());
  test('R-A6 without documentId each port is a document of its own', () => {
    expect(classify({ ...dapp, documentId: undefined })).toMatchObject({ documentKey: 'fresh' });
  });
  test('R-A1 localhost over http is accepted, with its port', () => {
    for (const origin of ['http://localhost', 'http://localhost:5173', 'http://127.0.0.1:8080'])
      expect(classify({ ...dapp, origin })).toMatchObject({ origin });
    for (const origin of ['http://localhost.evil.example', 'http://127.0.0.2', 'http://[::1]'])
      expect(classify({ ...dapp, origin })).toBeUndefined();
  });
});

describe('R-A2 an origin is scheme, host and port', () => {
  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
  const origins = fc
    .tuple(
      fc.array(label, { minLength: 1, maxLength: 3 }),
      fc.option(fc.integer({ min: 1, max: 65535 }), { nil: undefined }),
    )
    .map(([labels, port]) => `https://${labels.join('.')}${port === undefined ? '' : `:${port}`}`)
    .filter((text) => URL.canParse(text));
  test('R-A2 law: equal keys exactly for equal tuples', () => {
    fc.assert(
      fc.property(origins, origins, (left, right) => {
        const key = (text: string) => grantableOrigin(new URL(text).origin);
        const tuple = (text: string) => {
          const url = new URL(text);
          return JSON.stringify([url.protocol, url.hostname, url.port]);
        };
        expect(key(left) === key(right)).toBe(tuple(left) === tuple(right));
      }),
      { numRuns: 20_000 },
    );
  });
});

describe('R-A4 a page of ours is named by origin and path', () => {
  test('R-A4 the good one', () => expect(classify(page)).toEqual({ kind: 'page', page: 'popup' }));
  test('R-A4 query and hash change nothing', () =>
    expect(classify({ ...page, url: `${page.url}?a#b` })).toEqual({ kind: 'page', page: 'popup' }));
  test.each<[string, Partial<Record<keyof Sender, unknown>>]>([
    ['another file of ours', { url: 'chrome-extension://vaultid/src/ui/popup/other.html' }],
    ['look-alike host', { url: 'chrome-extension://vaultid.evil/src/ui/popup/index.html' }],
    [
      'our path on the web',
      { origin: 'https://app.example', url: 'https://app.example/src/ui/popup/index.html', tab: undefined },
    ],
    ['another extension', { id: 'other' }],
    ['no url', { url: undefined }],
    ['bad url', { url: '::' }],
  ])('R-A4 refused: %s', (_name, defect) => {
    expect(classify({ ...page, ...defect } as Sender)).toBeUndefined();
  });
  test('R-A4 a content script that names our page in its url stays a dapp', () => {
    expect(classify({ ...dapp, url: page.url })).toMatchObject({ kind: 'dapp' });
  });
});
