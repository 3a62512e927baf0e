// What an answer on a card of messages starts with: what the card names, never the widest.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timedCapabilities } from '../../contract/grants';
import { scopeOffers } from '../../contract/pages/approvals';
import { isScoped } from '../../contract/scopes';
import { answerChoices, sharedChoices } from './answer-model';

describe('how far an answer goes', () => {
  it('P2 law: what is chosen first is never the widest, and all that may be chosen is offered or was granted', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...timedCapabilities),
        fc.option(fc.subarray([...scopeOffers]), { nil: undefined }),
        fc.boolean(),
        (capability, offers, isWhole) => {
          const whole = isWhole ? { items: 9, parts: 2, digest: '' } : undefined;
          const { scopes, scope, time } = answerChoices(capability, {
            ...(offers && { offers }),
            ...(whole && { whole }),
          });
          expect(scopes).toEqual([...(offers ?? []), 'granted']);
          expect(scopes).toContain(scope);
          if (isScoped(capability) && time !== 'once') expect(scope).not.toBe('granted');
          if (isWhole) expect(time).toBe('once');
        },
      ),
    );
  });

  it('begins with the conversation where the card names one, and with nothing that lasts where it names none', () => {
    expect(answerChoices('messages.read', { offers: ['conversations', 'peers', 'site'] })).toMatchObject({
      scope: 'conversations',
      time: 'until-locked',
    });
    expect(answerChoices('messages.read', {})).toMatchObject({ scope: 'granted', time: 'once' });
    expect(answerChoices('preferences', {})).toMatchObject({ time: 'until-locked' });
  });

  it('P2 law: of several cards only what each of them offers can be chosen, and a choice that is gone begins anew with the narrowest', () => {
    const offers = fc.record({ offers: fc.subarray([...scopeOffers]) });
    fc.assert(
      fc.property(fc.array(offers, { minLength: 1, maxLength: 4 }), fc.nat(), (cards, at) => {
        const first = answerChoices('messages.read', cards[0]!);
        const chosen = { ...first, scope: first.scopes[at % first.scopes.length]!, time: '1d' as const };
        const shared = sharedChoices(chosen, 'messages.read', cards);
        for (const scope of shared.scopes.slice(0, -1)) for (const card of cards) expect(card.offers).toContain(scope);
        expect(shared.scopes).toContain(shared.scope);
        if (shared.scope === chosen.scope) expect(shared.time).toBe('1d');
        else if (shared.scope === 'granted') expect(shared.time).toBe('once');
      }),
    );
  });
});
