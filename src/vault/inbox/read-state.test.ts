// What a log says beside the ledger, in the one case that a vault alone cannot make: its key was used elsewhere.
import { expect, it } from 'vitest';
import { emptyLedger } from './ledger-record';
import type { KnownLog } from './log-record';
import { readOf } from './read-state';

const [ours, theirs] = [`0x${'1'.repeat(40)}`, `0x${'2'.repeat(40)}`];
const [byUs, byThem] = ['a'.repeat(64), 'b'.repeat(64)];

it('an app that came in with a key of this vault, and without a line of its ledger, is told apart', () => {
  const log: KnownLog = {
    inboxId: 'c'.repeat(64),
    atMs: 1,
    nodeUrl: 'https://node.example',
    listed: 2,
    checked: 2,
    end: null,
    trail: 'd'.repeat(64),
    recovery: ours,
    members: new Map([
      [ours, undefined],
      [theirs, ours],
      [byUs, ours],
      [byThem, theirs],
    ]),
  };
  expect(readOf(emptyLedger, log, [ours]).strangers).toEqual([
    { installationId: byUs, addedBy: ours, isByUs: true, isRevokedHere: false },
    { installationId: byThem, addedBy: theirs, isByUs: false, isRevokedHere: false },
  ]);
});
