// The address of a place on the vault page: every place has one, and nothing else leads anywhere.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressOf, helpTopics, placeOf, sectionNames, topics, type Place } from './place';

const safeId = fc
  .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 32, maxLength: 32 })
  .map((digits) => digits.join(''));
const place: fc.Arbitrary<Place> = fc.oneof(
  fc.constantFrom(...sectionNames).map((section) => ({ section })),
  fc.constantFrom(...helpTopics).map((help) => ({ section: 'help' as const, help })),
  fc.record({ section: fc.constant('identities' as const), safeId, topic: fc.constantFrom(...topics) }),
);

test('law: a place survives its address', () => {
  fc.assert(
    fc.property(place, (one) => {
      expect(placeOf(`#${addressOf(one)}`)).toEqual(one);
    }),
  );
});

test('what is no address leads to the identities', () => {
  for (const hash of [
    '',
    '#',
    '#nowhere',
    '#help',
    '#help/toString',
    '#constructor',
    '#identities/short/keys',
    `#identities/${'a'.repeat(32)}/toString`,
    `#sites/${'a'.repeat(32)}/keys/more`,
  ]) {
    expect(placeOf(hash)).toEqual({ section: hash.startsWith('#sites') ? 'sites' : 'identities' });
  }
});
