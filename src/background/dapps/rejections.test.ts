// Reject all and its way back, over the approvals as they are: when pages are told, what waits again, and what a worker that dies leaves.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { limits, undoMs } from '../../contract/limits';
import type { ShownRequest } from '../../contract/pages/approvals';
import { createApprovals, type ApprovalRecord } from '../../vault/consent/approvals/approvals';
import { createMemoryArea, createTestHost, testStartMs } from '../../vault/testkit/memory-host.testkit';
import { decideOne } from '../../vault/testkit/decide.testkit';
import type { Vault } from '../../vault/vault';
import { createOpenRequests } from './open-requests';
import { createRejections } from './rejections';
import type { Settled } from './request';

const origin = 'https://app.example';
const shown: ShownRequest = { kind: 'sign', safeId: 'a1', account: '0x', purpose: 'p', payload: Uint8Array.of(1, 2) };
const hex = (id: number, length = 32) => id.toString(16).padStart(length, '0');

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function setUp() {
  const clock = { nowMs: testStartMs };
  const session = createMemoryArea();
  const quiet = new Set<string>();
  const logged: string[] = [];
  const quietOf = (site: string) => (quiet.has(site) ? ('muted' as const) : undefined);
  const start = () => {
    const approvals = createApprovals({ host: createTestHost({ clock, session }), quietOf, onChange: () => undefined });
    const open = createOpenRequests(approvals, quietOf);
    const log = async (records: readonly ApprovalRecord[], isTakenBack = false) =>
      void logged.push(...records.map(({ id }) => `${isTakenBack ? 'back' : 'rejected'} ${Number(`0x${id}`)}`));
    const rejections = createRejections({ vault: { approvals } as Vault, open, nowMs: () => clock.nowMs, log });
    return { approvals, open, rejections };
  };
  const worker = start();
  const told = new Map<number, Settled>();
  const ask = async (id: number) => {
    worker.open.attach({
      id: hex(id),
      method: 'vault_sign',
      dapp: { kind: 'dapp', origin, documentKey: 'D1', tabId: 1 },
      bytes: 0,
      isClicked: false,
      answer: (outcome) => told.set(id, outcome),
      again: async () => undefined,
    });
    const named = { id: hex(id), origin, documentKey: 'D1', method: 'vault_sign', digest: hex(id, 64) };
    await worker.approvals.submit({ ...named, shown, firstSeen: false });
  };
  const pass = async (ms: number) => {
    clock.nowMs += ms;
    await vi.advanceTimersByTimeAsync(ms);
  };
  const waiting = async () => (await worker.approvals.list()).map(({ id }) => Number(`0x${id}`));
  return { ...worker, clock, start, told, ask, pass, waiting, quiet, logged };
}

const refusal = { error: expect.objectContaining({ code: 4001, data: { reason: 'rejected' } }) as unknown };

describe('R-B7 reject all', () => {
  it('ends what waits at once, and tells its pages when it can no longer be taken back', async () => {
    const { ask, rejections, told, pass, waiting, logged } = await setUp();
    for (const id of [1, 2]) await ask(id);
    const undo = await rejections.rejectAll(origin);
    expect(undo).toEqual({ id: hex(1), untilMs: testStartMs + undoMs, count: 2 });
    expect(await waiting()).toEqual([]);
    expect(logged).toEqual(['rejected 1', 'rejected 2']);
    await pass(undoMs - 1);
    expect(told.size).toBe(0);
    await pass(1);
    expect([...told]).toEqual([
      [1, refusal],
      [2, refusal],
    ]);
    await expect(rejections.takeBack(undo!.id)).rejects.toMatchObject({ reason: 'stale' });
    expect(await rejections.rejectAll(origin)).toBeNull();
  });

  it('taken back, they wait as they did, are not told, and an answer to the card of before does not count', async () => {
    const { ask, rejections, told, pass, waiting, approvals, logged } = await setUp();
    for (const id of [1, 2]) await ask(id);
    const before = await approvals.list();
    const undo = await rejections.rejectAll(origin);
    expect(await rejections.takeBack(undo!.id)).toEqual([hex(1), hex(2)]);
    await pass(undoMs);
    expect([told.size, await waiting()]).toEqual([0, [1, 2]]);
    expect(logged.slice(2)).toEqual(['back 1', 'back 2']);
    const now = await approvals.list();
    expect(now.map(({ nonce: _nonce, ...card }) => card)).toEqual(before.map(({ nonce: _nonce, ...card }) => card));
    const decide = (card: (typeof now)[number]) => decideOne(approvals, { ...card, decision: { kind: 'sign' } });
    await expect(decide(before[0]!)).rejects.toMatchObject({ reason: 'stale' });
    expect(await decide(now[0]!)).toMatchObject({ state: 'approved' });
    await expect(rejections.takeBack(undo!.id)).rejects.toMatchObject({ reason: 'stale' });
  });

  it('what has gone meanwhile, or was muted, stays rejected, and never are there more than may wait', async () => {
    const { ask, rejections, told, waiting, approvals, open, quiet } = await setUp();
    await ask(1);
    const gone = await rejections.rejectAll(origin);
    open.dropDocument('D1');
    await approvals.cancelDocument('D1');
    expect(await rejections.takeBack(gone!.id)).toEqual([]);
    await ask(2);
    const muted = await rejections.rejectAll(origin);
    quiet.add(origin);
    expect(await rejections.takeBack(muted!.id)).toEqual([]);
    expect([...told.keys()]).toEqual([2]);
    quiet.clear();
    for (let id = 10; id < 10 + limits.waitingPerOrigin; id++) await ask(id);
    const many = await rejections.rejectAll(origin);
    await ask(99);
    expect(await rejections.takeBack(many!.id)).toHaveLength(limits.waitingPerOrigin - 1);
    expect(await waiting()).toHaveLength(limits.waitingPerOrigin);
    expect(told.get(10 + limits.waitingPerOrigin - 1)).toEqual(refusal);
  });

  it('R-G6 a worker that dies in the middle has rejected: what is sent again is told so, and nothing comes back', async () => {
    const { ask, rejections, start } = await setUp();
    await ask(1);
    const undo = await rejections.rejectAll(origin);
    const next = start();
    const named = { id: hex(1), origin, documentKey: 'D1', method: 'vault_sign', digest: hex(1, 64) };
    expect(await next.approvals.submit({ ...named, shown, firstSeen: false })).toMatchObject({ state: 'rejected' });
    await expect(next.rejections.takeBack(undo!.id)).rejects.toMatchObject({ reason: 'stale' });
  });
});
