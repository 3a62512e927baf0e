// What a connection card says about what a site has already.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capabilities, durations, durationsByLength } from '../contract/grants';
import { isWithin, type Scope } from '../contract/scopes';
import { connectionNews, isTickedFirst, narrowed, presetsOf } from './connection-model';
import { scopeChoices } from './grant-model';

const before = {
  capabilities: ['sign', 'messages.read'] as const,
  duration: '1d' as const,
  withoutAskingUntil: { sign: null, 'messages.read': 'until-locked' as const },
};
const had = { ...before, capabilities: [...before.capabilities] };

describe('the news of a connection', () => {
  it('names what is new and what stays, and never proposes less time than there was', () => {
    expect(connectionNews({ capabilities: ['messages.read', 'messages.write'], duration: '1h' }, had)).toEqual({
      about: 'more',
      added: ['messages.write'],
      stays: ['sign'],
      duration: '1d',
      isRemembered: true,
    });
    expect(connectionNews({ capabilities: ['sign'], duration: '30d' }, had)).toMatchObject({
      about: 'longer',
      added: [],
      duration: '30d',
    });
    expect(
      connectionNews({ capabilities: ['sign'], duration: null }, { ...had, withoutAskingUntil: { sign: null } }),
    ).toMatchObject({ about: 'again', stays: ['messages.read'], isRemembered: false });
    expect(connectionNews({ capabilities: ['sign'], duration: null }, undefined)).toMatchObject({
      about: 'first',
      added: ['sign'],
      stays: [],
      duration: '30d',
    });
  });

  it('law: every capability of either side is new, stays, or was asked about and given already', () => {
    const some = fc.subarray([...capabilities]);
    fc.assert(
      fc.property(
        some,
        some,
        fc.option(fc.constantFrom(...durations)),
        fc.constantFrom(...durations),
        (asked, given, wish, duration) => {
          const news = connectionNews(
            { capabilities: asked, duration: wish },
            { capabilities: given, duration, withoutAskingUntil: { sign: null } },
          );
          expect(news.added).toEqual(asked.filter((one) => !given.includes(one)));
          expect(news.stays).toEqual(given.filter((one) => !asked.includes(one)));
          expect(durationsByLength.indexOf(news.duration)).toBe(
            Math.max(durationsByLength.indexOf(duration), durationsByLength.indexOf(wish ?? 'once')),
          );
        },
      ),
    );
  });

  it('P2 tokens and archive keys are ticked beforehand only where the person had given them', () => {
    for (const capability of capabilities) {
      expect(isTickedFirst(capability, undefined)).toBe(!['network.token', 'xmtp.v3.archive'].includes(capability));
      expect(isTickedFirst(capability, had)).toBe(!['network.token', 'xmtp.v3.archive'].includes(capability));
      expect(isTickedFirst(capability, { ...had, capabilities: [...capabilities] })).toBe(true);
    }
  });
});

describe('answers in words', () => {
  const wish = fc.constantFrom<Scope>({ of: 'all' }, { of: 'site' }, { of: 'peers', peers: ['0xA'] });

  it('P2 law: no preset and no choice is wider than what was asked for', () => {
    fc.assert(
      fc.property(fc.array(wish, { minLength: 1, maxLength: 3 }), (wishes) => {
        const { offered } = presetsOf(wishes, wishes[0]!, 'ask');
        const isGiven = (scope: Scope) => wishes.every((one) => isWithin(scope, one));
        expect(offered.includes('site')).toBe(isGiven({ of: 'site' }));
        expect(offered.includes('full')).toBe(isGiven({ of: 'all' }));
        for (const one of wishes) {
          for (const choice of scopeChoices(one)) expect(isWithin(choice, one)).toBe(true);
          for (const chosen of scopeChoices(...wishes)) expect(isWithin(narrowed(chosen, one), one)).toBe(true);
        }
      }),
    );
  });

  it('follow the choices below them, and are none of them for choices of one’s own', () => {
    const all: Scope = { of: 'all' };
    expect(presetsOf([all], all, 'ask').chosen).toBe('ask');
    expect(presetsOf([all], all, '1h').chosen).toBe('full');
    expect(presetsOf([all], { of: 'site' }, 'until-locked').chosen).toBe('site');
    expect(presetsOf([all], { of: 'site' }, 'ask').chosen).toBeUndefined();
    expect(presetsOf([{ of: 'peers', peers: ['0xA'] }], { of: 'peers', peers: ['0xA'] }, '1d').chosen).toBeUndefined();
  });
});
