// How a grant is summed up: each capability once, under how it is answered now.
// Promises: times are given by the test.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { capabilities, timedCapabilities, isTimed } from '../contract/grants';
import { askingNowOf, budgetsOf, capabilityGroups, grantGroups, sameBudget } from './grant-model';

const minute = 60_000;
const now = 1_000_000 * minute;
const all = [...capabilities];

describe('grants in groups', () => {
  test('every capability belongs to one group', () => {
    expect(capabilityGroups.flat().sort()).toEqual([...capabilities].sort());
    expect(capabilityGroups.at(-1)).toEqual(['network.token', 'xmtp.v3.archive']);
  });

  test('what ends in the same minute is one group, and what asks comes last', () => {
    const withoutAskingUntil = {
      sign: null,
      'messages.read': now + 50 * minute + 1,
      'messages.write': now + 50 * minute + 30_000,
      preferences: 'until-locked',
      notifications: null,
    } as const;
    expect(grantGroups({ capabilities: all, withoutAskingUntil }, now)).toEqual([
      { answered: 'always', capabilities: ['identity'] },
      { answered: 'until-locked', capabilities: ['preferences'] },
      { answered: now + 50 * minute, capabilities: ['messages.read', 'messages.write'] },
      { answered: 'first-use', capabilities: ['notifications'] },
      { answered: 'each-time', capabilities: ['sign', 'xmtp.v3', 'network.token', 'xmtp.v3.archive'] },
    ]);
  });

  test('a time that is over asks again', () => {
    const over = { capabilities: all, withoutAskingUntil: { sign: now - 1, 'messages.read': now } };
    expect(grantGroups(over, now).map(({ answered }) => answered)).toEqual(['always', 'first-use', 'each-time']);
  });

  test('law: each capability of the grant once, and a token or a key of archives asks each time whatever is stored', () => {
    const until = fc.oneof(
      fc.constant(null),
      fc.constant('until-locked' as const),
      fc.integer({ min: now - 5 * minute, max: now + 5 * minute }),
    );
    const timed = fc.record(Object.fromEntries(timedCapabilities.map((one) => [one, until])), { requiredKeys: [] });
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...capabilities)), until, timed, (given, sign, remembered) => {
        const groups = grantGroups({ capabilities: given, withoutAskingUntil: { sign, ...remembered } }, now);
        expect(groups.flatMap((group) => group.capabilities).sort()).toEqual([...given].sort());
        expect(new Set(groups.map(({ answered }) => answered)).size).toBe(groups.length);
        for (const group of groups)
          if (group.capabilities.some((one) => !['identity', 'sign'].includes(one) && !isTimed(one)))
            expect(group.answered).toBe('each-time');
      }),
    );
  });
});

describe('whether it asks, and how often, as one part of a sentence', () => {
  const grant = (withoutAskingUntil: object, parts = 0) => ({
    capabilities: all,
    withoutAskingUntil: { sign: null, ...withoutAskingUntil },
    withoutAskingIn: Array.from({ length: parts }, () => ({
      capability: 'messages.read' as const,
      scope: { of: 'site' as const },
      until: 'until-locked' as const,
    })),
  });
  const each = (until: unknown) => Object.fromEntries(timedCapabilities.map((one) => [one, until]));

  test('it is said only where it is so for all that a decision can be remembered of', () => {
    expect(askingNowOf(grant(each(null)), now)).toBe('ask');
    expect(askingNowOf(grant(each('until-locked')), now)).toBe('until-locked');
    expect(askingNowOf(grant(each(now + minute)), now)).toBe(now + minute);
    expect(askingNowOf(grant(each(now - 1)), now)).toBe('ask');
    expect(askingNowOf(grant({ ...each(null), preferences: 'until-locked' }), now)).toBe('mixed');
    expect(askingNowOf(grant(each(null), 1), now)).toBe('mixed');
    expect(askingNowOf({ ...grant({}), capabilities: ['identity', 'sign'] }, now)).toBeUndefined();
  });

  test('a budget is said where all have it, and what has none is left out of what is sent', () => {
    const hour = { uses: 20, per: 'hour' } as const;
    expect(sameBudget([])).toBeNull();
    expect(sameBudget([hour, { ...hour }])).toEqual(hour);
    expect(sameBudget([hour, null])).toBeUndefined();
    expect(budgetsOf(['sign', 'identity'], (one) => (one === 'sign' ? hour : null))).toEqual({ sign: hour });
  });
});
