// The words of the activity list: none is missing, and a note is read only in the worker's own forms.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { methods } from '../../../contract/dapp/methods';
import type { ActivityEntry } from '../../../contract/pages/identity';
import { actsOf, decisionOf, kindOf, methodWords, noteOf } from './activity-words';

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
      'restore',
      'unreject',
      'inbox',
      'damaged',
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

test('every note that a call of the vault writes down has words', () => {
  const source = readFileSync(path.join(import.meta.dirname, '../../../vault/vault-calls.ts'), 'utf8');
  const written = [...source.matchAll(/log\([\w.]+, '(\w+)', '([a-z -]+)'\)/g)].map(([, method, note]) => [
    method!,
    note!,
  ]);
  expect(written.length).toBeGreaterThan(6);
  expect(written.filter(([method, note]) => noteOf(method!, note!).is !== 'words')).toEqual([]);
});

test('a note says how much it was', () => {
  expect(noteOf('xmtp_decryptV2', 'messages.read: 1000')).toEqual({
    is: 'count',
    of: 'messages',
    count: 1000,
  });
  expect(noteOf('xmtp_saveInvites', 'messages.read: 1')).toEqual({
    is: 'count',
    of: 'newConversations',
    count: 1,
  });
  expect(noteOf('xmtp_createAuthToken', 'messages.write: 1')).toEqual({ is: 'nothing' });
  expect(noteOf('xmtp_decryptV2', '14 calls')).toEqual({
    is: 'count',
    of: 'calls',
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

const entry = (method: string, change: Partial<ActivityEntry> = {}): ActivityEntry => ({
  sequence: 1,
  count: 1,
  gap: null,
  atMs: 1,
  origin: 'https://app.example',
  method,
  purpose: '',
  outcome: 'done',
  ...change,
});

test('who decided is said of every line, and never guessed', () => {
  expect(decisionOf(entry('vault_connect'), true)).toBe('approved');
  expect(decisionOf(entry('vault_sign', { outcome: 'covered' }), true)).toBe('covered');
  expect(decisionOf(entry('vault_sign', { outcome: 'rejected' }), true)).toBe('rejected');
  expect(decisionOf(entry('vault_disconnect'), true)).toBe('site');
  expect(decisionOf(entry('revoke'), true)).toBe('you');
  expect(decisionOf(entry('unlock', { origin: null }), true)).toBe('you');
  // A prekey may be renewed by the clock.
  expect(decisionOf(entry('rotate', { origin: null }), true)).toBe('vault');
  expect(decisionOf(entry('damaged', { origin: null, outcome: 'failed' }), true)).toBe('failed');
});

test('lines of before say of a signature only that it was made, and of messages what their note says', () => {
  expect(decisionOf(entry('vault_sign', { purpose: 'log in' }), false)).toBe('done');
  expect(decisionOf(entry('xmtp_decryptV2', { purpose: '14 calls' }), false)).toBe('covered');
  expect(decisionOf(entry('xmtp_decryptV2'), false)).toBe('covered');
  expect(decisionOf(entry('xmtp_decryptV2', { purpose: 'messages.read: 3' }), false)).toBe('approved');
  expect(decisionOf(entry('xmtp_createAuthToken'), false)).toBe('approved');
  expect(decisionOf(entry('vault_connect', { purpose: 'identity' }), false)).toBe('approved');
});

test('a line counts for as many acts as it stands for', () => {
  expect(actsOf(entry('xmtp_decryptV2', { purpose: '14 calls' }))).toBe(14);
  expect(actsOf(entry('xmtp_decryptV2', { purpose: 'messages.read: 1000' }))).toBe(1);
  expect(actsOf(entry('vault_sign', { purpose: '14 calls', count: 3 }))).toBe(3);
});

test('every method is of a kind', () => {
  expect(['vault_sign', 'vault_connect', 'xmtp_encryptV2', 'unlock', 'publish', 'rename'].map(kindOf)).toEqual([
    'signatures',
    'connections',
    'messages',
    'keys',
    'network',
    'settings',
  ]);
});
