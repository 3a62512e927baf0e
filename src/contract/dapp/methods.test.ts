// The lock file of the provider: a change of a name, tier or capability must be made here too, on purpose.
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { limits } from '../limits';
import { isMethodName, methods } from './methods';

describe('R-B1 the method table is closed', () => {
  test('R-B1 names, tiers and capabilities are exactly these', () => {
    expect(
      Object.fromEntries(Object.entries(methods).map(([name, row]) => [name, [row.tier, row.capability ?? null]])),
    ).toEqual({
      vault_getCapabilities: ['open', null],
      vault_connect: ['approved', null],
      vault_accounts: ['open', null],
      vault_getPermissions: ['granted', null],
      vault_disconnect: ['granted', null],
      vault_getPublicKeyBundle: ['granted', 'identity'],
      vault_sign: ['approved', 'sign'],
      xmtp_createAuthToken: ['approved', 'network.token'],
      xmtp_createInvite: ['approved', 'messages.write'],
      xmtp_encryptV1: ['approved', 'messages.write'],
      xmtp_encryptV2: ['approved', 'messages.write'],
      xmtp_saveInvites: ['approved', 'messages.read'],
      xmtp_decryptV1: ['approved', 'messages.read'],
      xmtp_decryptV2: ['approved', 'messages.read'],
      xmtp_getV1Conversations: ['approved', 'messages.read'],
      xmtp_saveV1Conversations: ['approved', 'messages.read'],
      xmtp_getV2Conversations: ['approved', 'messages.read'],
      xmtp_getRefreshJob: ['granted', 'messages.read'],
      xmtp_setRefreshJob: ['granted', 'messages.read'],
      xmtp_getV2ConversationHmacKeys: ['approved', 'notifications'],
      xmtp_selfEncrypt: ['approved', 'preferences'],
      xmtp_selfDecrypt: ['approved', 'preferences'],
      xmtp_getPrivatePreferencesTopicIdentifier: ['approved', 'preferences'],
      xmtp_createPrivatePreference: ['approved', 'preferences'],
      xmtp_getPrivatePreferences: ['approved', 'preferences'],
      xmtp_savePrivatePreferences: ['approved', 'preferences'],
      xmtp_publish: ['approved', 'messages.write'],
      xmtp_v3_getIdentifier: ['granted', 'xmtp.v3'],
      xmtp_v3_signIdentityText: ['approved', 'xmtp.v3'],
      xmtp_v3_getArchiveKey: ['approved', 'xmtp.v3.archive'],
    });
  });

  test('R-B1 every name on Object.prototype and every key export is no method', () => {
    const inherited = [
      ...Object.getOwnPropertyNames(Object.prototype),
      ...Object.getOwnPropertyNames(Function.prototype),
    ];
    const wished = [
      'getPrivateKeyBundle',
      'xmtp_getPrivateKeyBundle',
      'initKeystore',
      'getKeystoreStatus',
      'xmtp_signDigest',
      'exportKey',
      'vault_export',
      'then',
      '',
    ];
    for (const name of [...inherited, ...wished]) expect(isMethodName(name), name).toBe(false);
    for (const name of [undefined, null, 0, {}, ['vault_sign'], Symbol('vault_sign')])
      expect(isMethodName(name)).toBe(false);
  });
});

describe('R-B4 schemas', () => {
  const fits = (method: keyof typeof methods, params: unknown) => v.safeParse(methods[method].params, params).success;
  test('R-B4 unknown keys are refused', () => {
    expect(fits('vault_accounts', undefined)).toBe(true);
    expect(fits('vault_accounts', {})).toBe(true);
    expect(fits('vault_accounts', { more: 1 })).toBe(false);
    expect(fits('vault_connect', { capabilities: ['sign'], more: 1 })).toBe(false);
  });
  test('R-B4 capabilities are known, not empty, not repeated', () => {
    expect(fits('vault_connect', { capabilities: ['identity', 'sign'] })).toBe(true);
    for (const list of [[], ['sign', 'sign'], ['everything'], 'sign', [['sign']]])
      expect(fits('vault_connect', { capabilities: list })).toBe(false);
  });
  test('R-B4 an identity text is bounded, an inbox id is 64 lower-case hex digits', () => {
    const text = (value: unknown) => fits('xmtp_v3_signIdentityText', { text: value });
    expect(text('x'.repeat(limits.identityTextLength))).toBe(true);
    for (const value of ['', 'x'.repeat(limits.identityTextLength + 1), new Uint8Array(3), null])
      expect(text(value)).toBe(false);
    const archive = (params: object) => fits('xmtp_v3_getArchiveKey', params);
    const inboxId = 'a1'.repeat(32);
    expect(archive({ inboxId, earlier: limits.archiveKeys - 1 })).toBe(true);
    for (const params of [
      { inboxId: inboxId.toUpperCase() },
      { inboxId: inboxId.slice(1) },
      { inboxId: `0x${inboxId}` },
      {},
      { inboxId, earlier: -1 },
      { inboxId, earlier: 0.5 },
      { inboxId, earlier: limits.archiveKeys },
    ])
      expect(archive(params)).toBe(false);
  });
  test('R-B4 a payload is bytes up to 64 KiB, a purpose is a short well-formed label', () => {
    const sign = (payload: unknown, purpose: unknown) => fits('vault_sign', { payload, purpose });
    expect(sign(new Uint8Array(limits.signPayloadBytes), 'p')).toBe(true);
    expect(sign(new Uint8Array(0), 'p')).toBe(true);
    expect(sign(new Uint8Array(limits.signPayloadBytes + 1), 'p')).toBe(false);
    for (const payload of ['text', [1, 2], { length: 3 }, new Uint16Array(2), null])
      expect(sign(payload, 'p')).toBe(false);
    for (const purpose of ['', 'x'.repeat(limits.purposeLength + 1), 'lone \ud800 surrogate', 7])
      expect(sign(new Uint8Array(1), purpose)).toBe(false);
  });
});
