// Addresses of nodes: what a person may type, and what never becomes one.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostPattern, nodeOf } from './node-address';

test('an origin comes out of what a person types', () => {
  expect(nodeOf(' https://node.example ')).toEqual({ name: 'custom', url: 'https://node.example' });
  expect(nodeOf('node.example:8443/')).toEqual({ name: 'custom', url: 'https://node.example:8443' });
  expect(nodeOf('localhost:5555')).toEqual({ name: 'local', url: 'http://localhost:5555' });
  expect(nodeOf('HTTP://127.0.0.1:6000')).toEqual({ name: 'custom', url: 'http://127.0.0.1:6000' });
});

test('what is no node is told apart from what everybody could read', () => {
  for (const text of ['', ' ', 'https://', 'ftp://node.example', 'https://node.example/path', 'https://node.example?a', 'https://a:b@node.example', 'javascript://x', 'a b', 'x'.repeat(301)]) expect(nodeOf(text), text).toBe('form');
  expect(nodeOf('http://node.example')).toBe('open');
  expect(nodeOf('http://localhost.evil.example')).toBe('open');
});

test('law: whatever is typed, http leads to this computer only, and the address taken again is the same', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.domain().map((name) => `http://${name}`)), (text) => {
      const node = nodeOf(text);
      if (typeof node === 'string') return;
      expect(nodeOf(node.url)).toEqual(node);
      expect(node.url).toMatch(/^https:\/\/|^http:\/\/(?:localhost|127\.0\.0\.1)(?::\d+)?$/);
    }),
  );
});

test('the permission names the host, not the port', () => {
  expect(hostPattern('http://localhost:5555')).toBe('http://localhost/*');
  expect(hostPattern('https://node.example')).toBe('https://node.example/*');
});
