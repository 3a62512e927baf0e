// The words of the activity list: none is missing, and a note is read only in the worker's own forms.
import { expect, test } from 'vitest';
import { methods } from '../../../contract/dapp/methods';
import { methodWords, noteOf } from './activity-words';

test('every method that needs a grant has words', () => {
  const logged = Object.entries(methods).flatMap(([method, { tier }]) =>
    tier === 'open' || method === 'vault_getPermissions' ? [] : [method],
  );
  expect(logged.length).toBeGreaterThan(20);
  expect(
    [
      ...logged,
      'enrol',
      'unlock',
      'lock',
      'revoke',
      'rename',
      'settings',
      'slots',
      'rotate',
      'backup',
      'publish',
      'retrieve',
      'network',
    ].filter((method) => !methodWords.has(method)),
  ).toEqual([]);
});

test('a note says how much it was', () => {
  expect(noteOf('xmtp_decryptV2', 'messages.read: 1000')).toEqual({
    is: 'count',
    one: 'messagesOne',
    other: 'messagesOther',
    count: 1000,
  });
  expect(noteOf('xmtp_saveInvites', 'messages.read: 1')).toEqual({
    is: 'count',
    one: 'newConversationsOne',
    other: 'newConversationsOther',
    count: 1,
  });
  expect(noteOf('xmtp_createAuthToken', 'messages.write: 1')).toEqual({ is: 'nothing' });
  expect(noteOf('xmtp_decryptV2', '14 calls')).toEqual({
    is: 'count',
    one: 'callsOne',
    other: 'callsOther',
    count: 14,
  });
  expect(noteOf('xmtp_signDigest', 'ab'.repeat(32))).toEqual({ is: 'digest', hex: 'ab'.repeat(32) });
  expect(noteOf('vault_connect', 'identity, messages.read')).toEqual({
    is: 'capabilities',
    names: ['identity', 'messages.read'],
  });
  expect(noteOf('slots', 'remove passphrase')).toEqual({ is: 'words', key: 'noteRemovePassphrase' });
  expect(noteOf('unlock', 'wallet')).toEqual({ is: 'words', key: 'slotWallet' });
  expect(noteOf('unlock', '')).toEqual({ is: 'nothing' });
});

test("a site's purpose that looks like a note stays text", () => {
  for (const purpose of ['14 calls', 'messages.read: 1000', 'ab'.repeat(32), 'identity, sign'])
    expect(noteOf('vault_sign', purpose)).toEqual({ is: 'text', text: purpose });
  expect(noteOf('xmtp_decryptV2', 'constructor: 5')).toEqual({ is: 'text', text: 'constructor: 5' });
});
