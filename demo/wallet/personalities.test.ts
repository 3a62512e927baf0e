// The accounts and the signing of the test wallet, against addresses that other tools print for the same mnemonic.
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { describe, expect, test } from 'vitest';
import { addressOfPublicKey, findAccount, testAccounts } from './accounts';
import type { Personality } from './personalities';
import { personalDigest, signPersonalMessage } from './personalities';

const message = utf8ToBytes('a text of several words, grüß');
const account = testAccounts()[0];
const next = testAccounts()[1];
if (account === undefined || next === undefined) throw new Error('no accounts');

/** The address behind a signature; whatever v means by it, r and s are used as they are. */
function recoverAddress(signature: Uint8Array): string {
  const v = signature[64] ?? 0;
  const withRecovery = concatBytes(Uint8Array.of(v >= 27 ? v - 27 : v), signature.subarray(0, 64));
  const point = secp256k1.Signature.fromBytes(withRecovery, 'recovered').recoverPublicKey(personalDigest(message));
  return addressOfPublicKey(point.toBytes(false));
}

const sign = (personality: Personality) => signPersonalMessage(message, account, personality);
const isHighS = (signature: Uint8Array) =>
  secp256k1.Signature.fromBytes(signature.subarray(0, 64), 'compact').hasHighS();

describe('the accounts', () => {
  test('are those of the well-known mnemonic', () => {
    expect(testAccounts().map(({ address }) => address)).toEqual([
      '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
      '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
      '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC',
      '0x90F79bf6EB2c4f870365E785982E1f101E93b906',
      '0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65',
      '0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc',
      '0x976EA74026E726554dB657fA54763abd0C3a0aa9',
      '0x14dC79964da2C08b23698B3D3cc7Ca32193d9955',
      '0x23618e81E3f5cdF7f54C3d65f7FBc0aBf5B21E8f',
      '0xa0Ee7A142d267C1f36714E4a8F75612F20a79720',
    ]);
  });

  test('are found in any case', () => {
    expect(findAccount(account.address.toLowerCase())).toBe(account);
    expect(findAccount('0x0000000000000000000000000000000000000000')).toBeUndefined();
  });
});

describe('the signing personalities', () => {
  test.each(['deterministic-v27', 'deterministic-v0', 'high-s', 'random-k', 'disconnecting'] as const)(
    '%s signs for the account',
    (personality) => {
      expect(sign(personality)).toHaveLength(65);
      expect(recoverAddress(sign(personality))).toBe(account.address);
    },
  );

  test('wrong-account signs for the next one', () => {
    expect(recoverAddress(sign('wrong-account'))).toBe(next.address);
  });

  test('three of them agree on r, and give the same bytes twice', () => {
    for (const personality of ['deterministic-v27', 'deterministic-v0', 'high-s'] as const) {
      expect(sign(personality)).toEqual(sign(personality));
      expect(sign(personality).subarray(0, 32)).toEqual(sign('deterministic-v27').subarray(0, 32));
    }
  });

  test('only high-s has a high s', () => {
    expect(isHighS(sign('high-s'))).toBe(true);
    expect(isHighS(sign('deterministic-v27'))).toBe(false);
    expect(isHighS(sign('random-k'))).toBe(false);
  });

  test('v is 27 or 28, but for deterministic-v0', () => {
    expect([27, 28]).toContain(sign('deterministic-v27')[64]);
    expect([27, 28]).toContain(sign('high-s')[64]);
    expect(sign('deterministic-v0')[64]).toBe((sign('deterministic-v27')[64] ?? 0) - 27);
  });

  test('random-k never repeats itself', () => {
    const signatures = Array.from({ length: 8 }, () => sign('random-k').join());
    expect(new Set(signatures).size).toBe(8);
  });
});
