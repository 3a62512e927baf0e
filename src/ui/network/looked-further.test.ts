// A look that goes on.
import { expect, test } from 'vitest';
import type { NetworkLook } from '../../contract/pages/network';
import { lookedFurther } from './looked-further';

const copy = (copyId: string, from: string | null) => ({ copyId, publishedAtMs: 1, text: copyId, from });
const first: NetworkLook = {
  nodeUrl: 'https://node.example',
  contact: { version: 2, publishedAtMs: 1, identityKeyHex: '04' },
  copies: [copy('a', null)],
  unreadable: 2,
  more: '5.aa',
};

test('what was seen before stays as it was, and is not there twice', () => {
  const next: NetworkLook = {
    ...first,
    contact: null,
    copies: [copy('a', '5.aa'), copy('b', '5.aa')],
    unreadable: 3,
    more: null,
  };
  expect(lookedFurther(first, next)).toEqual({
    ...first,
    copies: [copy('a', null), copy('b', '5.aa')],
    unreadable: 5,
    more: null,
  });
});
