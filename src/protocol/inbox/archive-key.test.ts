// Archive keys: HKDF as node has it, one key for each secret and inbox, and the values that must never change (protocol l.4).
import { hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToHex, hexToBytes } from '../base/bytes';
import { reasonOf } from '../testkit/refusal.testkit';
import { archiveKeyOf } from './archive-key';

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const inboxId = '1f'.repeat(32);

describe('archive keys', () => {
  it('are the ones of the first release', () => {
    expect(bytesToHex(archiveKeyOf(hexToBytes('07'.repeat(32)), inboxId))).toBe(
      'f882919a1414dd78e1b94f31f76095b5750c4a6058c9cb05bd2fabee3184fc99',
    );
  });

  it('law: are HKDF-SHA-256 of the secret, with the bytes of the inbox id as salt', () => {
    fc.assert(
      fc.property(bytes32, bytes32, (secret, inbox) => {
        const expected = hkdfSync('sha256', secret, inbox, 'prekey-vault/xmtp.v3.archive/v1', 32);
        expect(archiveKeyOf(secret, bytesToHex(inbox))).toEqual(new Uint8Array(expected));
      }),
    );
  });

  it('law: of another inbox or another secret are other keys', () => {
    fc.assert(
      fc.property(bytes32, bytes32, fc.nat(255), (secret, inbox, bit) => {
        const flipped = (bytes: Uint8Array) =>
          bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        const key = archiveKeyOf(secret, bytesToHex(inbox));
        expect(archiveKeyOf(secret, bytesToHex(flipped(inbox)))).not.toEqual(key);
        expect(archiveKeyOf(flipped(secret), bytesToHex(inbox))).not.toEqual(key);
      }),
    );
  });

  it('leave the secret as it is, and refuse others than 32 bytes and one spelling of the inbox', () => {
    const secret = new Uint8Array(32).fill(7);
    archiveKeyOf(secret, inboxId);
    expect(secret).toEqual(new Uint8Array(32).fill(7));
    for (const length of [0, 16, 31, 33, 64])
      expect(reasonOf(() => archiveKeyOf(new Uint8Array(length), inboxId))).toBe('bad-length');
    for (const other of ['', inboxId.toUpperCase(), `0x${inboxId}`, inboxId.slice(2)])
      expect(reasonOf(() => archiveKeyOf(secret, other))).toBe('bad-encoding');
  });
});
