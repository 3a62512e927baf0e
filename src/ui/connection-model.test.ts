// What a connection card says about what a site has already.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capabilities, durations, durationsByLength } from '../contract/grants';
import { connectionNews, isTickedFirst } from './connection-model';

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
