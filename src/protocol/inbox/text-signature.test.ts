// What an inbox key signs: the text of the fields and nothing else, in the one form that V3 takes (protocol l.3).
import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf, recoverWalletAddress } from '../base/ethereum';
import { getPublicKey } from '../base/secp256k1';
import { identityTexts, writtenByHand } from '../testkit/identity-texts.testkit';
import { seed, testWallet } from '../testkit/reference.testkit';
import { reasonOf } from '../testkit/refusal.testkit';
import { parseIdentityText, type IdentityText } from './identity-text';
import { signIdentityText } from './text-signature';

const key = seed('inbox key');
const address = addressOf(getPublicKey(key));
const link: IdentityText = { shape: 'link', inboxId: '1f'.repeat(32), timeMs: 0, address: `0x${'2e'.repeat(20)}` };

describe('signatures of identity texts', () => {
  it('law: are 65 bytes, low s, v 27 or 28, the same for the same text, and recover to the key over exactly that text', () => {
    const seen = new Set<number>();
    fc.assert(
      fc.property(identityTexts, (fields) => {
        const text = writtenByHand(fields);
        const signature = signIdentityText(parseIdentityText(text), key);
        expect(signature).toHaveLength(65);
        expect(secp256k1.Signature.fromBytes(signature.slice(0, 64), 'compact').hasHighS()).toBe(false);
        expect([27, 28]).toContain(signature[64]);
        expect(recoverWalletAddress(text, signature)).toBe(address);
        expect(signIdentityText(fields, key)).toEqual(signature);
        seen.add(signature[64] as number);
      }),
      { numRuns: 200 },
    );
    expect(seen).toEqual(new Set([27, 28]));
  });

  it('are what a wallet gives for the same text', () => {
    // The wallet's key is made of its name, as the testkit says.
    const wallet = testWallet('ada');
    expect(signIdentityText(link, seed('wallet ada'))).toEqual(wallet.sign(writtenByHand(link)));
  });

  it('R-B3 are not given for fields that make no identity text, nor for text or bytes', () => {
    const attempts: unknown[] = [
      { ...link, address: `0x${'2e'.repeat(20)})\n- Create inbox` },
      { ...link, shape: 'other' },
      { ...link, timeMs: 1 },
      { shape: 'link', inboxId: '', timeMs: 0, address: '' },
      writtenByHand(link),
      new Uint8Array(32),
    ];
    for (const attempt of attempts)
      expect(reasonOf(() => signIdentityText(attempt as IdentityText, key))).toBe('bad-identity-text');
  });

  it('are not given by what is no private key', () => {
    for (const other of [new Uint8Array(32), new Uint8Array(31).fill(1), new Uint8Array(32).fill(255)])
      expect(reasonOf(() => signIdentityText(link, other))).toBe('bad-private-key');
  });
});
