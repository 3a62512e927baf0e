// How many endings are kept, and of which requests.
import { expect, test } from 'vitest';
import { createFates } from './fates';
import { createMemoryArea } from '../../testkit/memory-host.testkit';

const idOf = (at: number) => at.toString(16).padStart(32, '0');

test('of a flood the endings of the latest hundred are kept, and each id once', async () => {
  const session = createMemoryArea();
  const fates = createFates({ session });
  for (let at = 0; at < 250; at++) await fates.note([idOf(at), idOf(at + 1)], at % 2 === 0 ? 'withdrawn' : 'done');
  expect(JSON.parse(session.items.get('fates')!)).toHaveLength(100);
  expect(await fates.of(idOf(250))).toBe('done');
  expect(await fates.of(idOf(151))).toBe('done');
  expect(await fates.of(idOf(150))).toBeUndefined();
  // The worst that 100 of them take of storage.session.
  expect(session.items.get('fates')!.length).toBeLessThan(8 * 1024);
});
