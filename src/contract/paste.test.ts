// What pasting leaves: gone where it means nothing, kept where it does.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isConfirmedBy, isTypedInFull, pastedCode, pastedLine, pastedName, pastedSigns } from './paste';

const account = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';

describe('a pasted line', () => {
  it.each([
    ['blanks and lines', ` \t${account}\r\n`],
    ['zero-width signs', `\u200b${account.slice(0, 9)}\u200d${account.slice(9)}\ufeff`],
    ['a soft hyphen', `${account.slice(0, 20)}\u00ad${account.slice(20)}`],
    ['marks of direction', `\u2068${account}\u2069`],
    ['quotes', `“${account}”`],
    ['other quotes', `‚${account}‘`],
    ['brackets of a link', `<${account}>`],
    ['full width', account.replace('0x', '０ｘ')],
    ['a wide blank', `\u3000${account}\u00a0`],
  ])('loses %s', (_name, pasted) => {
    expect(pastedLine(pasted)).toBe(account);
  });

  it('keeps blanks and signs within, and signs that group are dropped from a code only', () => {
    expect(pastedLine(' a - b ')).toBe('a - b');
    expect(pastedSigns(' a – b − c-d\u2011e "f" ')).toBe('abcdef');
    expect(pastedCode('ilo u')).toBe('110U');
  });

  it('law: what was read once reads the same again', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0xaB9zé -–−"“´\u200b\u00ad\u00a0\u3000\r\n０') }), (text) => {
        for (const read of [pastedLine, pastedSigns, pastedName, pastedCode]) expect(read(read(text))).toBe(read(text));
      }),
    );
  });
});

it('a name keeps joiners, selectors and tags of its pictures and words', () => {
  const names = ['👩🏽‍🚀 Ada', 'می‌خواهم', '❤️', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'Ada  L.'];
  for (const name of names)
    expect([pastedName(name), pastedName(`\u200b ${name}\u00a0\ufeff\n`)]).toEqual([name, name]);
});

it('R-I4 only the last four characters or the whole account confirm, however they were pasted', () => {
  for (const typed of [
    '2266',
    ' 2266 ',
    '“2266”',
    '2266\u200b',
    '２２６６',
    account,
    account.toUpperCase(),
    `<${account}>`,
  ])
    expect(isConfirmedBy(account, typed), typed).toBe(true);
  for (const typed of ['', '266', '02266', account.slice(2), '22 66', '2267'])
    expect(isConfirmedBy(account, typed), typed).toBe(false);
  fc.assert(
    fc.property(
      fc.string({ maxLength: 50 }),
      (typed) =>
        isConfirmedBy(account, typed) === ['2266', account.toLowerCase()].includes(pastedLine(typed).toLowerCase()),
    ),
  );
});

it('and where the whole account is asked for, nothing less, however it was pasted', () => {
  for (const typed of [account, ` ${account}\n`, account.toLowerCase(), `“${account}”`])
    expect(isTypedInFull(account, typed), typed).toBe(true);
  const part = fc.tuple(fc.nat({ max: account.length }), fc.nat({ max: account.length }));
  fc.assert(
    fc.property(part, ([from, to]) => isTypedInFull(account, account.slice(from, to)) === to - from >= account.length),
  );
});
