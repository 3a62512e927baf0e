// Backups in words: when to remind, and what a file is worth.
import { expect, test } from 'vitest';
import { reminderOf, verdictOf } from './backup-model';

test('one is reminded of what is missing, and not when nothing is', () => {
  const state = { lastExportedAtMs: null, lastCheckedAtMs: null, keysChangedSince: true };
  expect(reminderOf(state)).toBe('none');
  expect(reminderOf({ ...state, lastExportedAtMs: 1 })).toBe('unchecked');
  expect(reminderOf({ ...state, lastExportedAtMs: 1, lastCheckedAtMs: 2 })).toBe('changed');
  expect(reminderOf({ ...state, lastCheckedAtMs: 2 })).toBe('changed');
  expect(reminderOf({ lastExportedAtMs: 1, lastCheckedAtMs: 2, keysChangedSince: false })).toBeUndefined();
});

test('a file is good only when it is of this identity and brings all keys back', () => {
  const file = {
    sameIdentity: true,
    createdAtMs: 1,
    missingPrekeys: 0,
    missingInboxKeys: 0,
    missingInboxTexts: 0,
    missingConversations: 0,
    missingNames: 0,
    newNames: 0,
    complete: true,
  };
  expect(verdictOf(file)).toBe('good');
  expect(verdictOf({ ...file, missingConversations: 3 })).toBe('good-older');
  expect(verdictOf({ ...file, missingPrekeys: 1, complete: false })).toBe('incomplete');
  expect(verdictOf({ ...file, missingInboxTexts: 2 })).toBe('good-older');
  expect(verdictOf({ ...file, missingInboxKeys: 1, complete: false })).toBe('incomplete');
  expect(verdictOf({ ...file, missingNames: 1 })).toBe('good-older');
  expect(verdictOf({ ...file, sameIdentity: false })).toBe('other');
});
