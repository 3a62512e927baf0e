// What a connection asks for against what a site has: laws over any grant and any wish.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capabilities, durations, durationsByLength, timedCapabilities } from '../../contract/grants';
import { isScoped, isWithin, scopedCapabilities, type Scope } from '../../contract/scopes';
import { capabilitiesAfter, isGivenBy, rememberedAfter } from './connection';
import { rememberedFor, type RememberedDecision } from './grant-record';

const some = fc.subarray([...capabilities]);
const duration = fc.constantFrom(...durations);
const scope: fc.Arbitrary<Scope> = fc.constantFrom(
  { of: 'all' },
  { of: 'site' },
  { of: 'peers', peers: ['0xA'] },
  { of: 'peers', peers: ['0xa', '0xB'] },
  { of: 'conversations', topics: ['t'] },
);
const scopes = fc.record(Object.fromEntries(scopedCapabilities.map((one) => [one, scope])), { requiredKeys: [] });
const grant = fc
  .record({
    capabilities: some,
    duration,
    wish: fc.option(duration),
    asksToConnect: fc.boolean(),
    scope,
    scopeWish: scope,
  })
  .map(({ scope: given, scopeWish, ...one }) => ({
    ...one,
    bounds: one.capabilities.map((capability) => ({ capability, scope: given, wish: scopeWish })),
  }));
const length = (one: (typeof durations)[number]) => durationsByLength.indexOf(one);

describe('P2 what a live grant answers', () => {
  it('P2 law: nothing that it does not give, for no longer than was given or asked for, and nothing where the person wants to be asked', () => {
    let given = 0;
    fc.assert(
      fc.property(grant, some, fc.option(duration), scopes, (has, asked, wish, where) => {
        if (!isGivenBy(has, { capabilities: asked, duration: wish, scopes: where })) return;
        given++;
        for (const capability of asked.filter(isScoped)) {
          const { scope: held, wish: wished } = has.bounds.find((one) => one.capability === capability)!;
          expect([held, wished].some((one) => isWithin(where[capability] ?? { of: 'all' }, one))).toBe(true);
        }
        expect(asked.length).toBeGreaterThan(0);
        expect(has.capabilities).toEqual(expect.arrayContaining(asked));
        expect(has.asksToConnect).toBe(false);
        if (wish !== null)
          expect(length(wish)).toBeLessThanOrEqual(Math.max(length(has.duration), length(has.wish ?? 'once')));
      }),
      { numRuns: 5000 },
    );
    expect(given).toBeGreaterThan(100);
  });

  it.each([
    ['the same', { capabilities: ['identity', 'sign'], duration: '1d' }, true],
    ['less', { capabilities: ['sign'] }, true],
    ['in another order', { capabilities: ['sign', 'identity'] }, true],
    ['for a shorter time', { capabilities: ['sign'], duration: '1h' }, true],
    ['for as long as was asked before, when the person gave less', { capabilities: ['sign'], duration: '30d' }, true],
    ['for longer than was ever asked', { capabilities: ['sign'], duration: 'until-revoked' }, false],
    ['one more', { capabilities: ['identity', 'sign', 'preferences'] }, false],
    ['another', { capabilities: ['network.token'] }, false],
    ['nothing', { capabilities: [] }, false],
  ] as const)('P2 %s', (_name, asked, isGiven) => {
    const has = {
      capabilities: ['identity', 'sign'] as const,
      duration: '1d' as const,
      wish: '30d' as const,
      asksToConnect: false,
      bounds: [],
    };
    expect(isGivenBy(has, asked)).toBe(isGiven);
    expect(isGivenBy({ ...has, asksToConnect: true }, asked)).toBe(false);
  });

  it('every duration has its place', () => expect(durationsByLength.toSorted()).toEqual(durations.toSorted()));
});

describe('what stays when a grant is widened', () => {
  it('law: what was not asked about stays, what was asked about is exactly what the person gave', () => {
    fc.assert(
      fc.property(some, some, fc.func(fc.boolean()), (had, asked, gives) => {
        const given = asked.filter((one) => gives(one));
        const after = capabilitiesAfter({ capabilities: had }, asked, given);
        for (const one of capabilities)
          expect([one, after.includes(one)]).toEqual([
            one,
            asked.includes(one) ? given.includes(one) : had.includes(one),
          ]);
        expect(capabilitiesAfter(undefined, asked, given)).toEqual(given);
      }),
    );
  });

  it('law: a decision stays for what is still given, is replaced by a new one, and none appears by itself', () => {
    const decision = (capability: RememberedDecision['capability'], until: number): RememberedDecision => ({
      capability,
      until,
      decidedAtMs: 1,
      sessionId: 's',
      scope: null,
    });
    fc.assert(
      fc.property(
        fc.subarray([...rememberedFor]),
        some,
        fc.func(fc.boolean()),
        duration,
        fc.boolean(),
        (had, after, gives, lasts, decides) => {
          const given = after.filter((one) => gives(one));
          const before = { remembered: had.map((one) => decision(one, 1)) };
          const result = rememberedAfter(
            before,
            { capabilities: after, given, duration: lasts },
            decides ? (one) => decision(one, 2) : undefined,
          );
          for (const one of rememberedFor) {
            const isNew = decides && one !== 'sign' && given.includes(one);
            const isKept = had.includes(one) && after.includes(one) && !(one === 'sign' && lasts === 'once');
            expect([one, result.find(({ capability }) => capability === one)?.until]).toEqual([
              one,
              isNew ? 2 : isKept ? 1 : undefined,
            ]);
          }
          expect(result.length).toBeLessThanOrEqual(timedCapabilities.length + 1);
        },
      ),
    );
  });
});
