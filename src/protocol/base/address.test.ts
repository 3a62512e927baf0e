// Addresses: every spelling is taken by every door, one form is kept, and what the capitals say is told.
import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { accountText, isAccount } from '../../contract/address';
import { pageMethods } from '../../contract/pages/methods';
import { methods } from '../../contract/dapp/methods';
import { mustBeAccount } from '../../vault/safe/inputs';
import { checksumAddress, isAddress, readAddress } from './address';

/** From EIP-55, and the same account as chain 30 spells it (EIP-1191). */
const known = [
  '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
  '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
  '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
];
const onChain30 = '0x5aaEB6053f3e94c9b9a09f33669435E7ef1bEAeD';

describe('an address', () => {
  it('has one form, and its capitals fit, say nothing, or differ', () => {
    for (const account of known) {
      expect(readAddress(account)).toEqual({ account, checksum: 'fits' });
      for (const spelling of [account.toLowerCase(), `0x${account.slice(2).toUpperCase()}`, account.toUpperCase()])
        expect(readAddress(spelling)).toEqual({ account, checksum: 'none' });
    }
    expect(readAddress(onChain30)).toEqual({ account: known[0], checksum: 'differs' });
    expect(readAddress(`0x${'12'.repeat(20)}`)).toEqual({ account: `0x${'12'.repeat(20)}`, checksum: 'none' });
  });

  it.each([
    '',
    '0x',
    known[0]!.slice(2),
    known[0]!.slice(0, -1),
    `${known[0]} `,
    `${known[0]}0`,
    known[0]!.replace('5', 'g'),
  ])('is not %j', (text) => {
    expect([readAddress(text), isAddress(text), isAccount(text)]).toEqual([undefined, false, false]);
    expect(() => checksumAddress(text)).toThrow(expect.objectContaining({ reason: 'bad-address' }));
  });

  const spellings = fc
    .tuple(fc.uint8Array({ minLength: 20, maxLength: 20 }), fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }))
    .map(([bytes, capitals]) => {
      const digits = Array.from(Buffer.from(bytes).toString('hex'));
      return `0x${digits.map((digit, at) => (capitals[at] ? digit.toUpperCase() : digit)).join('')}`;
    });

  it('law: a spelling that one door takes every door takes, and all mean one account', () => {
    const doors: ((text: string) => boolean)[] = [
      isAccount,
      isAddress,
      (text) => v.safeParse(accountText, text).success,
      (text) =>
        v.safeParse(pageMethods.enrol_begin.params, { account: text, wallet: { kind: 'manual' }, name: '' }).success,
      (text) => v.safeParse(pageMethods.network_look.params, { account: text }).success,
      (text) => v.safeParse(methods.vault_disconnect.params, { account: text }).success,
      (text) => mustBeAccount(text) === checksumAddress(text.toLowerCase()),
    ];
    fc.assert(
      fc.property(spellings, (text) => {
        expect(doors.map((takes) => takes(text))).toEqual(doors.map(() => true));
        expect(readAddress(text)?.account).toBe(readAddress(text.toLowerCase())?.account);
        expect(checksumAddress(checksumAddress(text))).toBe(checksumAddress(text));
      }),
    );
  });
});
