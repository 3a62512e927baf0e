// The name of a browser, from what browsers really tell.
import { expect, test } from 'vitest';
import { browserParts } from './browser-name';

const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36';
const brands = (...names: string[]) => names.map((brand) => ({ brand }));

test('Chromium and its relatives are told by their brand, in any order, past the brand that means nothing', () => {
  const of = (platform: string, ...names: string[]) =>
    browserParts({ userAgent: chrome, userAgentData: { brands: brands(...names), platform } });
  expect(of('Windows', 'Not/A)Brand', 'Chromium', 'Microsoft Edge')).toEqual({
    browser: 'Microsoft Edge',
    system: 'Windows',
  });
  expect(of('macOS', 'Google Chrome', 'Not/A)Brand', 'Chromium')).toEqual({
    browser: 'Google Chrome',
    system: 'macOS',
  });
  expect(of('Linux', 'Chromium')).toEqual({ browser: 'Chromium', system: 'Linux' });
  expect(of('', 'Brave', 'Chromium')).toEqual({ browser: 'Brave', system: 'Linux' });
});

test('Firefox is told by its user agent', () => {
  const of = (system: string) =>
    browserParts({ userAgent: `Mozilla/5.0 (${system}; rv:153.0) Gecko/20100101 Firefox/153.0` });
  expect(of('Windows NT 10.0; Win64; x64')).toEqual({ browser: 'Firefox', system: 'Windows' });
  expect(of('Macintosh; Intel Mac OS X 10.15')).toEqual({ browser: 'Firefox', system: 'macOS' });
  expect(of('X11; Linux x86_64')).toEqual({ browser: 'Firefox', system: 'Linux' });
  expect(of('Android 15; Mobile')).toEqual({ browser: 'Firefox', system: 'Android' });
});

test('what is not told is left out', () => {
  expect(browserParts({ userAgent: 'something else' })).toEqual({});
});
