// Whose keys a look at the network found.
import { expect, test } from 'vitest';
import { foundBy } from './look-model';

test('the keys are ours only when the identity key is', () => {
  const contact = { version: 2, publishedAtMs: 1, identityKeyHex: '04AB' } as const;
  expect(foundBy({ contact: null }, '04ab')).toBe('nobody');
  expect(foundBy({ contact }, '04ab')).toBe('ours');
  expect(foundBy({ contact }, '04ac')).toBe('other');
  expect(foundBy({ contact }, '')).toBe('other');
});
