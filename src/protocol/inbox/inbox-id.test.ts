// Inbox ids: those that clients of the field made, and one spelling of everything (protocol l.1).
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex } from '../base/bytes';
import { reasonOf } from '../testkit/refusal.testkit';
import { inboxIdBytes, inboxIdOf, isId, isInboxMadeBy, isLowerCaseAddress } from './inbox-id';

/** Seen of browser-sdk 7.1.0: the owner, and the inbox it made when nobody named a nonce. */
const made: [string, string][] = [
  ['0xcac936c01363e5a211447a66f65941c697f2c492', '00ba8cab6e06e6f831535cd7bc13f47f09ae84b52084c32d106e5707efbd35f4'],
  ['0x7cdc1ed1a507327db0cf11a3527bef75f6b02cdc', '87ff872552ba935704194e59e9cfa17071d0c3a07e990e800aed1657e37d079d'],
];
const address = `0x${'ab'.repeat(20)}`;

describe('inbox ids', () => {
  it.each(made)('%s with nonce 1 makes the inbox that clients make', (owner, inboxId) => {
    expect(inboxIdOf(owner, 1)).toBe(inboxId);
    expect(isInboxMadeBy(inboxId, owner)).toBe(true);
  });

  it('law: are the SHA-256 of the address and the decimal nonce', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), fc.maxSafeNat(), (bytes, nonce) => {
        const owner = `0x${bytesToHex(bytes)}`;
        const expected = createHash('sha256').update(`${owner}${nonce}`).digest('hex');
        expect(inboxIdOf(owner, nonce)).toBe(expected);
        expect(isId(expected)).toBe(true);
        expect(isInboxMadeBy(expected, owner)).toBe(nonce < 2);
        expect(bytesToHex(inboxIdBytes(expected))).toBe(expected);
      }),
    );
  });

  it('are made by an address with nonce 0 or 1, and by no other', () => {
    expect([0, 1, 2, 10].map((nonce) => isInboxMadeBy(inboxIdOf(address, nonce), address))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(isInboxMadeBy(inboxIdOf(address, 1), `0x${'ac'.repeat(20)}`)).toBe(false);
    expect(isInboxMadeBy(inboxIdOf(address, 1).toUpperCase(), address)).toBe(false);
  });

  it('of another spelling are refused, and so is what makes none', () => {
    for (const text of [
      '',
      '1f'.repeat(31),
      '1f'.repeat(33),
      '1F'.repeat(32),
      `0x${'1f'.repeat(32)}`,
      `${'1f'.repeat(32)}\n`,
    ]) {
      expect(isId(text)).toBe(false);
      expect(reasonOf(() => inboxIdBytes(text))).toBe('bad-encoding');
    }
    for (const text of [
      '',
      address.slice(2),
      address.toUpperCase(),
      `0x${'AB'.repeat(20)}`,
      `${address}0`,
      `${address}\n`,
    ]) {
      expect(isLowerCaseAddress(text)).toBe(false);
      expect(reasonOf(() => inboxIdOf(text, 1))).toBe('bad-address');
      expect(reasonOf(() => isInboxMadeBy('1f'.repeat(32), text))).toBe('bad-address');
    }
    for (const nonce of [-1, 0.5, Number.NaN, 2 ** 53, Infinity])
      expect(reasonOf(() => inboxIdOf(address, nonce))).toBe('bad-number');
  });
});
