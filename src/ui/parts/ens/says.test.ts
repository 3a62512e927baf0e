// What a page makes of what ENS says: which names are shown, and about whom nobody is asked.
import { describe, expect, it } from 'vitest';
import { isNormal } from './normal';
import { askedOf, saysOf } from './says';

const bob = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const ada = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';

describe('a name of ENS', () => {
  it.each(['bob.eth', 'a-b.bob.eth', '_dns.bob.eth', 'réunion.eth', '鲍勃.eth', 'بوب.eth', '👩‍💻.eth', 'bob.example'])(
    'is shown in its one spelling: %s',
    (name) => {
      expect(saysOf({ account: bob, is: 'named', name }, isNormal)).toEqual({ is: 'named', name });
    },
  );

  it.each([
    ['capitals', 'Bob.eth'],
    ['a sign that nobody sees', 'bo\u200bb.eth'],
    ['a joiner between letters', 'bo\u200db.eth'],
    ['a turn of direction', 'bob\u202e.eth'],
    ['letters of two scripts', 'b\u043eb.eth'],
    ['a letter of another script throughout', '\u0430\u0440\u0440\u04cf\u0435.eth'],
    ['an accent apart from its letter', 're\u0301union.eth'],
    ['wide letters', 'ｂob.eth'],
    ['a space', 'bob the builder.eth'],
    ['an emoji in another spelling', '\u2764\ufe0f.eth'],
    ['markup', '<b>bob</b>.eth'],
    ['an underscore within', 'bo_b.eth'],
    ['a name that looks encoded', 'xn--bb-fka.eth'],
    ['a line break', 'bob.eth\nApprove'],
    ['nothing', ''],
    ['an empty label', 'bob..eth'],
  ])('R-C11 is not shown with %s', (_what, name) => {
    expect(saysOf({ account: bob, is: 'named', name }, isNormal)).toEqual({ is: 'odd' });
  });

  it('R-C11 is never told where there is none, or where that is not known', () => {
    expect(saysOf({ account: bob, is: 'none' }, isNormal)).toEqual({ is: 'none' });
    expect(saysOf({ account: bob, is: 'unknown' }, isNormal)).toEqual({ is: 'unknown' });
  });

  it('is asked for once for each account of others, and never for an own one or for what is no account', () => {
    const whoIs = (account: string) => (account === ada ? { name: '', isYou: true } : undefined);
    expect(askedOf([bob, ada, bob.toLowerCase(), 'bob.eth'], whoIs)).toEqual([bob.toLowerCase()]);
  });
});
