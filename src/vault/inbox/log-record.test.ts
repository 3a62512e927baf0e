// The record of what nodes showed: what was written is read back, and what does not fit is damaged.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mostUpdates } from '../../protocol/inbox/log-answer';
import { decodeLogs, encodeLogs, mostLogs, type KnownLog } from './log-record';

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((some) => Buffer.from(some).toString('hex'));
const address = hex(20).map((one) => `0x${one}`);
const member = fc.oneof(address, hex(32));
const log: fc.Arbitrary<KnownLog> = fc
  .record({
    inboxId: hex(32),
    atMs: fc.integer({ min: 1, max: 2 ** 45 }),
    nodeUrl: fc.webUrl(),
    counts: fc.tuple(fc.integer({ min: 1, max: mostUpdates }), fc.integer({ min: 0, max: mostUpdates })),
    end: fc.constantFrom('unverifiable' as const, 'wrong' as const),
    trail: hex(32),
    recovery: address,
    members: fc.array(fc.tuple(member, fc.option(member, { nil: undefined })), { maxLength: 6 }),
  })
  .map(({ counts: [listed, some], end, recovery, members, ...rest }) => {
    const checked = Math.min(listed, some);
    return {
      ...rest,
      listed,
      checked,
      end: checked === listed ? null : end,
      recovery: checked === 0 ? '' : recovery,
      members: new Map(members),
    };
  });
const logs = fc.array(log, { maxLength: 3 });
const damaged = expect.objectContaining({ reason: 'damaged' });

describe('the record of logs', () => {
  it('law: what was written is read back', () => {
    fc.assert(
      fc.property(logs, (some) => {
        expect(decodeLogs(encodeLogs(some))).toEqual(some);
      }),
    );
  });

  it('law: a byte more or less is damaged, never other logs', () => {
    fc.assert(
      fc.property(logs, fc.boolean(), (some, isLonger) => {
        const bytes = encodeLogs(some);
        const changed = isLonger ? Uint8Array.of(...bytes, 0) : bytes.slice(0, -1);
        expect(() => decodeLogs(changed)).toThrow(damaged);
      }),
    );
  });

  it('what contradicts itself is damaged', () => {
    const [one] = fc.sample(log, 1) as [KnownLog];
    const whole: KnownLog = { ...one, listed: 3, checked: 3, end: null, recovery: `0x${'1'.repeat(40)}` };
    expect(decodeLogs(encodeLogs([whole]))).toEqual([whole]);
    const wrong: Partial<KnownLog>[] = [
      { listed: 0, checked: 0 },
      { checked: 4 },
      { checked: 2 },
      { end: 'wrong' },
      { recovery: '' },
      { recovery: 'ab'.repeat(32) },
      { listed: mostUpdates + 1, checked: mostUpdates + 1 },
      { members: new Map([['<b>', undefined]]) },
      { members: new Map([['ab'.repeat(32), 'nobody']]) },
      { members: new Map(Array.from({ length: 513 }, (_, at) => [at.toString(16).padStart(64, '0'), undefined])) },
    ];
    for (const change of wrong)
      expect(() => decodeLogs(encodeLogs([{ ...whole, ...change }])), JSON.stringify(change)).toThrow(damaged);
    expect(() => decodeLogs(encodeLogs(Array.from({ length: mostLogs + 1 }, () => whole)))).toThrow(damaged);
  });
});
