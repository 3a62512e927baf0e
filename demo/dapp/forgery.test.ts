// Each forgery on the page breaks the link it is named after, and only a copy is changed.
import { describe, expect, it } from 'vitest';
import { makeAnswer } from '../../src/sdk/answer.testkit';
import { VaultSignatureError, vaultSignatureToJson } from '../../src/sdk/index';
import { verifyVaultSignature } from '../../src/sdk/verify/index';
import { forge, forgeries, type Forgery } from './forgery';

const expected: Record<Forgery, string> = {
  nothing: 'holds',
  text: 'signature-invalid',
  signature: 'signature-invalid',
  prekey: 'prekey-invalid',
  'identity key': 'identity-key-invalid',
};

describe('forge', () => {
  it.each(forgeries)('one bit of %s', (forgery) => {
    for (let seed = 1; seed < 20; seed++) {
      const { answer, account, origin } = makeAnswer({ payload: new Uint8Array(seed % 3) }, seed);
      const before = vaultSignatureToJson(answer);
      let verdict = 'holds';
      try {
        verifyVaultSignature(forge(answer, forgery), { account, origin });
      } catch (thrown) {
        verdict = thrown instanceof VaultSignatureError ? thrown.reason : String(thrown);
      }
      expect(verdict).toBe(expected[forgery]);
      expect(vaultSignatureToJson(answer)).toBe(before);
    }
  });
});
