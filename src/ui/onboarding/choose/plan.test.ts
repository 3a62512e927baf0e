// The ways through onboarding: where a look leads, which signatures are asked for, how far along one is.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NetworkLook } from '../../../contract/pages/network';
import { enrolmentSources } from '../../../contract/choices';
import type { EnrolmentState, EnrolmentStep } from '../../../contract/pages/enrolment';
import {
  afterLook,
  firstPlace,
  foundKind,
  nothingPlanned,
  planOf,
  signaturesGiven,
  signaturesOf,
  stepNumber,
  stepWords,
  type Place,
} from './plan';

const copy = { copyId: 'ab'.repeat(32), publishedAtMs: 1, text: 'XMTP', from: null };
const contact = { version: 2 as const, publishedAtMs: 1, identityKeyHex: '04' };
const draft = (change: Partial<EnrolmentState> = {}): EnrolmentState => ({
  safeId: '1'.repeat(32),
  account: `0x${'1'.repeat(40)}`,
  name: 'Ada',
  wallet: { kind: 'manual' },
  source: 'new',
  first: 'wallet',
  step: 'unlock-1',
  text: null,
  locked: false,
  ...change,
});

test('R-I4 whatever is on the network stands before new keys; only nothing at all leads to them directly', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.nat(3), fc.nat(3), (hasContact, copies, unreadable) => {
      const look: NetworkLook = {
        nodeUrl: 'https://node.example',
        contact: hasContact ? contact : null,
        copies: Array.from({ length: copies }, () => copy),
        unreadable,
        more: null,
      };
      const isEmpty = !hasContact && copies === 0 && unreadable === 0;
      expect(afterLook(nothingPlanned, look).step).toBe(isEmpty ? 'open' : 'found');
      expect(afterLook({ ...nothingPlanned, source: 'network' }, look).step).toBe('found');
      // What was chosen with the account begins the draft only where there is nothing to lose.
      const chosen = afterLook({ ...nothingPlanned, first: 'passphrase' }, look);
      expect(chosen).toEqual(isEmpty ? { step: 'open', decided: 'passphrase' } : { step: 'found' });
      expect(foundKind(look)).toBe(copies > 0 ? 'copies' : isEmpty ? 'nothing' : 'traces');
    }),
  );
});

test('a way through a network begins with its node where none is set', () => {
  expect(firstPlace('new')).toEqual({ step: 'wallet' });
  expect(firstPlace('new', true)).toEqual({ step: 'node' });
  expect(firstPlace('network', true)).toEqual({ step: 'node' });
  expect(firstPlace('backup', true)).toEqual({ step: 'file' });
});

test('each way asks for as many signatures as it says', () => {
  const count = (source: EnrolmentState['source'], first: EnrolmentState['first']) => signaturesOf({ source, first });
  expect(count('new', 'wallet')).toEqual(['unlock-1', 'identity', 'unlock-2']);
  expect(count('network', 'wallet')).toEqual(['unlock-1', 'retrieve', 'unlock-2']);
  expect(count('backup', 'wallet')).toEqual(['unlock-1', 'unlock-2']);
  expect(count('new', 'passphrase')).toEqual(['identity']);
  expect(count('network', 'passphrase')).toEqual(['retrieve']);
  expect(count('backup', 'passphrase')).toEqual([]);
});

test('given signatures are those before the present step, also where a step needs none', () => {
  const given = (change: Partial<EnrolmentState>) => signaturesGiven(draft(change));
  expect([
    given({ step: 'unlock-1' }),
    given({ step: 'identity' }),
    given({ step: 'unlock-2' }),
    given({ step: 'code' }),
  ]).toEqual([0, 1, 2, 3]);
  expect([given({ source: 'backup', step: 'import' }), given({ source: 'backup', step: 'unlock-2' })]).toEqual([1, 1]);
  expect([
    given({ source: 'network', first: 'passphrase', step: 'passphrase' }),
    given({ source: 'network', first: 'passphrase', step: 'retrieve' }),
  ]).toEqual([0, 0]);
});

test('the way on top goes only forwards, and ends behind its last word', () => {
  const enrolling = (source: EnrolmentState['source'], step: EnrolmentStep): Place => ({
    step: 'enrol',
    enrolment: draft({ source, step }),
  });
  for (const source of enrolmentSources) {
    const start: Place[] =
      source === 'backup'
        ? [{ step: 'file' }, { step: 'open' }]
        : [{ step: 'wallet' }, { step: 'account' }, { step: 'look' }, { step: 'found' }, { step: 'open' }];
    const identity = {
      safeId: '1',
      account: null,
      name: '',
      status: 'unlocked' as const,
      createdAtMs: null,
      wallet: null,
      lockAtMs: null,
      setAsideAtMs: null,
    };
    const way = [
      ...start,
      enrolling(source, 'unlock-1'),
      enrolling(source, 'unlock-2'),
      enrolling(source, 'code'),
      { step: 'ready', identity, first: 'wallet' } as Place,
    ];
    const numbers = way.map((place) => stepNumber(place, source) ?? -1);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(numbers[0]).toBe(0);
    expect(numbers.at(-1)).toBe(stepWords(source).length);
  }
});

test('a locked draft at its code is still at its keys', () => {
  expect(stepNumber({ step: 'enrol', enrolment: draft({ step: 'code', locked: true }) }, 'new')).toBe(2);
  expect(stepNumber({ step: 'enrol', enrolment: draft({ step: 'code' }) }, 'new')).toBe(3);
});

test('a plan made from a draft knows what the worker knows', () => {
  const kept = planOf(draft({ source: 'network', first: 'passphrase' }));
  expect(kept).toMatchObject({ source: 'network', account: draft().account, name: 'Ada', wallet: { kind: 'manual' } });
  expect(kept.look).toBeUndefined();
  expect(kept.backup).toBeUndefined();
});
