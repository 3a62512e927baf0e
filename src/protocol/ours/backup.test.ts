// The plaintext of a backup file: written and read back the same, bounded, and whole or not at all.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Backup } from './backup';
import { decodeBackup, encodeBackup } from './backup';
import { concatBytes } from '../base/bytes';
import { encodeConversationReference } from '../messages/conversation';
import * as wire from '../proto/gen/backup';
import { reasonOf } from '../testkit/refusal.testkit';

const account = '0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1';
const text = (maxLength: number, minLength = 0) =>
  fc
    .string({ minLength, maxLength, unit: 'grapheme' })
    .filter((one) => one.length <= maxLength && one.length >= minLength);
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const reference = fc.record(
  {
    topic: text(90, 1),
    peerAddress: text(42),
    createdNs: u64,
    context: fc.record({
      conversationId: text(20),
      metadata: fc.dictionary(text(8), text(8)).map((one) => new Map(Object.entries(one))),
    }),
    consentProof: fc.record({ signature: text(20), timestampMs: u64, payloadVersion: fc.constantFrom(0, 1) }),
  },
  { requiredKeys: ['topic', 'peerAddress', 'createdNs'] },
);
const bytes = fc.uint8Array({ maxLength: 100 });
const backups: fc.Arbitrary<Backup> = fc.record(
  {
    createdMs: fc.bigInt({ min: 0n, max: 8_640_000_000_000_000n }),
    account: fc.constant(account),
    name: text(60),
    bundleSecret: fc.uint8Array({ minLength: 1, maxLength: 300 }),
    conversations: fc.array(fc.record({ topicSecret: fc.uint8Array({ minLength: 32, maxLength: 32 }), reference }), {
      maxLength: 5,
    }),
    v1Peers: fc.array(reference, { maxLength: 5 }),
    preferences: fc.array(
      fc.record({ key: fc.stringMatching(/^[0-9]{1,20}$/), action: fc.constant(Uint8Array.of(0x0a, 0)) }),
      { maxLength: 5 },
    ),
    settings: fc.record(
      { autoLockMinutes: fc.nat(100), theme: text(10), rotationDays: fc.nat(100) },
      { requiredKeys: ['autoLockMinutes', 'theme'] },
    ),
    people: bytes,
    inboxes: fc.record({ keysSecret: bytes, archiveSecrets: bytes, ledger: bytes }),
  },
  { requiredKeys: ['createdMs', 'account', 'name', 'bundleSecret', 'conversations', 'v1Peers', 'preferences'] },
);
const nothing: wire.Backup = {
  version: 1,
  createdMs: 1n,
  account,
  name: '',
  privateKeyBundle: Uint8Array.of(1),
  conversations: [],
  v1Peers: [],
  preferences: [],
  settings: undefined,
  inboxes: undefined,
  people: undefined,
};
const small: Backup = {
  createdMs: 1n,
  account,
  name: 'Ada',
  bundleSecret: Uint8Array.of(1),
  conversations: [],
  v1Peers: [],
  preferences: [],
};

describe('a backup', () => {
  it('round trip: what was written is read back', () => {
    fc.assert(
      fc.property(backups, (backup) => {
        expect(decodeBackup(encodeBackup(backup))).toEqual(backup);
      }),
    );
  });

  it('lends views: wiping the bytes wipes the keys', () => {
    const bytes = encodeBackup({
      ...small,
      conversations: [
        { topicSecret: new Uint8Array(32).fill(7), reference: { topic: 't', peerAddress: '', createdNs: 0n } },
      ],
    });
    const { conversations, bundleSecret } = decodeBackup(bytes);
    bytes.fill(0);
    expect(conversations[0]?.topicSecret).toEqual(new Uint8Array(32));
    expect(bundleSecret).toEqual(new Uint8Array(1));
  });

  it('is of the second version with inboxes, of the first without, and of no other mixture', () => {
    const inboxes = { keysSecret: Uint8Array.of(1), archiveSecrets: new Uint8Array(0), ledger: new Uint8Array(0) };
    const [first, second] = [encodeBackup(small), encodeBackup({ ...small, inboxes })];
    expect(wire.Backup.decode(first).version).toBe(1);
    expect(wire.Backup.decode(second).version).toBe(2);
    for (const [bytes, version] of [
      [first, 2],
      [second, 1],
      [second, 3],
    ] as const) {
      const changed = wire.Backup.encode({ ...wire.Backup.decode(bytes), version }).finish();
      expect(reasonOf(() => decodeBackup(changed))).toBe('unknown-version');
    }
  });

  it('keeps fields of a later change out of the way', () => {
    expect(decodeBackup(concatBytes(encodeBackup(small), Uint8Array.of(0xa2, 0x06, 1, 9)))).toEqual(small);
  });

  const conversation = { topicSecret: new Uint8Array(32), reference: { topic: 't', peerAddress: '', createdNs: 0n } };
  it.each<[string, string, Partial<Backup>]>([
    ['an account that is none', 'bad-address', { account: '0x12' }],
    ['an account in another spelling', 'bad-address', { account: account.toLowerCase() }],
    ['a long name', 'bad-length', { name: 'x'.repeat(61) }],
    ['no keys', 'bad-length', { bundleSecret: new Uint8Array(0) }],
    ['a short topic key', 'bad-length', { conversations: [{ ...conversation, topicSecret: new Uint8Array(31) }] }],
    [
      'a conversation without a topic',
      'bad-length',
      { conversations: [{ ...conversation, reference: { ...conversation.reference, topic: '' } }] },
    ],
    ['a peer without a topic', 'bad-length', { v1Peers: [{ ...conversation.reference, topic: '' }] }],
    ['a preference without a time', 'bad-length', { preferences: [{ key: 'soon', action: Uint8Array.of(0x0a, 0) }] }],
    ['a preference of no kind', 'unknown-version', { preferences: [{ key: '1', action: new Uint8Array(0) }] }],
    ['a preference that is none', 'malformed-protobuf', { preferences: [{ key: '1', action: Uint8Array.of(1) }] }],
    ['a long theme', 'bad-length', { settings: { autoLockMinutes: 5, theme: 'x'.repeat(41) } }],
    ['a time out of range', 'bad-number', { createdMs: 8_640_000_000_000_001n }],
  ])('with %s is neither written nor read', (_name, reason, change) => {
    expect(reasonOf(() => encodeBackup({ ...small, ...change }))).toBe(reason);
    const { bundleSecret, conversations, v1Peers, settings, inboxes: _none, ...rest } = { ...small, ...change };
    const bytes = wire.Backup.encode({
      ...nothing,
      ...rest,
      preferences: [...rest.preferences],
      privateKeyBundle: bundleSecret,
      conversations: conversations.map((one) => ({
        topicKey: one.topicSecret,
        reference: encodeConversationReference(one.reference),
      })),
      v1Peers: v1Peers.map(encodeConversationReference),
      settings: settings && { ...settings },
    }).finish();
    expect(reasonOf(() => decodeBackup(bytes))).toBe(reason);
  });

  it.each([0, 2])('of version %s is refused', (version) => {
    expect(reasonOf(() => decodeBackup(wire.Backup.encode({ ...nothing, version }).finish()))).toBe('unknown-version');
  });

  it('of any bytes is refused by its own error or read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const reason = reasonOf(() => decodeBackup(bytes));
        expect(reason).toMatch(/^(malformed-protobuf|unknown-version|bad-address|bad-length|bad-number)$/);
      }),
    );
  });
});
