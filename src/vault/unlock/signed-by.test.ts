// Who signed: every shape of one account's signature, a missing byte found, and each refusal by its own name.
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { holding, watchBytes } from '../../protocol/testkit/copies-of.testkit';
import type * as Secp256k1 from '../../protocol/base/secp256k1';
import { signedBy, unlockSecretOf } from './signed-by';
import type { Personality } from '../testkit/vault.testkit';
import { createTestWallet } from '../testkit/vault.testkit';

const recovered = vi.hoisted(() => vi.fn());
vi.mock('../../protocol/base/secp256k1', async (original) => {
  const real = await original<typeof Secp256k1>();
  recovered.mockImplementation(real.recoverPublicKey);
  return { ...real, recoverPublicKey: recovered };
});

const wallet = createTestWallet();
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const shapes: Personality[] = ['v27', 'v0', 'high-s', 'eip-2098', 'no-v', 'high-s-no-v'];

describe('R-E2 a signature', () => {
  it("law: in every shape it is the account's, has 65 bytes then, and gives one secret", () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 1, max: 200 }), (text, index) => {
        const signer = createTestWallet(index);
        const secret = unlockSecretOf(text, signer.sign(text, 'v27'), signer.account);
        for (const as of shapes) {
          const signature = signer.sign(text, as);
          const complete = signedBy(signer.account, text, signature);
          expect(complete).toHaveLength(65);
          if (signature.length === 65) expect(complete).toEqual(Uint8Array.from(signature));
          expect(unlockSecretOf(text, signature, signer.account)).toEqual(secret);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('of 65 bytes is read once: one point is recovered, whatever is made of it', () => {
    const signature = wallet.sign('text');
    for (const use of [
      () => signedBy(wallet.account, 'text', signature),
      () => unlockSecretOf('text', signature, wallet.account),
    ]) {
      recovered.mockClear();
      use();
      expect(recovered).toHaveBeenCalledTimes(1);
    }
  });

  it('R-E6 of another account is called that, in every shape', () => {
    for (const as of shapes) {
      const signature = createTestWallet(9).sign('text', as);
      expect(() => signedBy(wallet.account, 'text', signature), as).toThrow(
        expect.objectContaining({ reason: expect.stringMatching(/^(wrong-account|bad-signature)$/) }),
      );
      if (as !== 'high-s-no-v')
        expect(() => signedBy(wallet.account, 'text', signature), as).toThrow(
          expect.objectContaining({ reason: 'wrong-account' }),
        );
    }
  });

  it('of a contract and a garbled one are told apart', () => {
    const blobs: [Uint8Array, string | undefined][] = [
      [wallet.sign('text', 'contract'), undefined],
      [new Uint8Array(0), undefined],
      [new Uint8Array(65).fill(255), 'garbled'],
      [new Uint8Array(64), 'garbled'],
      [Uint8Array.from(wallet.sign('text')).fill(7, 64), 'garbled'],
    ];
    for (const [blob, detail] of blobs)
      expect(() => signedBy(wallet.account, 'text', blob)).toThrow(
        expect.objectContaining({ reason: 'bad-signature', detail }),
      );
  });

  it.each(shapes)('leaves no copy in memory but the one that is given, written as %s', (as) => {
    const others: [string, string][] = [
      ['text', wallet.account],
      ['another text', wallet.account],
      ['text', createTestWallet(9).account],
    ];
    for (const [text, account] of others) {
      const signature = wallet.sign('text', as);
      const r = signature.slice(0, 32);
      const made = watchBytes();
      const given = [
        signedBy,
        (...[who, what, bytes]: Parameters<typeof signedBy>) => unlockSecretOf(what, bytes, who),
      ].flatMap((use) => {
        try {
          return [use(account, text, signature)];
        } catch {
          return [];
        }
      });
      vi.unstubAllGlobals();
      vi.restoreAllMocks();
      expect(given).toHaveLength(text === 'text' && account === wallet.account ? 2 : 0);
      expect(made.length).toBeGreaterThan(3);
      // The library of the curve leaves r behind, which is the half that is no secret without s.
      expect(
        holding(made, r).filter((one) => one.length >= 64 && !given.includes(one as (typeof given)[number])),
      ).toEqual([]);
    }
  });

  it("is copied: what is wiped afterwards is not the caller's", () => {
    const signature = wallet.sign('text');
    signedBy(wallet.account, 'text', signature).fill(0);
    expect(signature.some((byte) => byte !== 0)).toBe(true);
  });
});
