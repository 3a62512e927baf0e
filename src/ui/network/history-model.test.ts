// Reading page by page: what is counted, and where it ends.
import { expect, test } from 'vitest';
import { afterPage, nothingRead } from './history-model';

test('pages are added up until there is no cursor', () => {
  const first = afterPage(nothingRead, { seen: 100, added: 40, cursor: 'a' });
  expect(first).toEqual({ seen: 100, added: 40, cursor: 'a', isAtEnd: false });
  expect(afterPage(first, { seen: 3, added: 0, cursor: null })).toEqual({
    seen: 103,
    added: 40,
    cursor: null,
    isAtEnd: true,
  });
});

test('an empty page that points at itself is the end', () => {
  const first = afterPage(nothingRead, { seen: 5, added: 5, cursor: 'a' });
  expect(afterPage(first, { seen: 0, added: 0, cursor: 'a' }).isAtEnd).toBe(true);
  expect(afterPage(first, { seen: 0, added: 0, cursor: 'b' }).isAtEnd).toBe(false);
});
