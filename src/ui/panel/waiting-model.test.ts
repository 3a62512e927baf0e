// What waits, by site.
import { expect, test } from 'vitest';
import type { ShownCard } from '../../contract/pages/approvals';
import { waitingSites } from './waiting-model';

const card = (origin: string, kind: string, createdAtMs: number, joined = 1) =>
  ({ origin, createdAtMs, joined, shown: { kind } }) as unknown as ShownCard;

test('each site once, the one that waits longest first, with what it wants and how often', () => {
  const cards = [
    card('https://b.test', 'sign', 30),
    card('https://a.test', 'connect', 20),
    card('https://b.test', 'connect', 10),
    card('https://b.test', 'sign', 40, 3),
  ];
  expect(waitingSites(cards, [])).toEqual([
    { origin: 'https://b.test', requests: 5, wishes: ['connect', 'sign'] },
    { origin: 'https://a.test', requests: 1, wishes: ['connect'] },
  ]);
});

test('a site without a window stands in the list that says so, and not here', () => {
  expect(waitingSites([card('https://a.test', 'connect', 1)], [{ origin: 'https://a.test', waiting: 1 }])).toEqual([]);
});
