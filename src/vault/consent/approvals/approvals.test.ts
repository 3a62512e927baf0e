// Tests of the approvals: what is asked once, decided once, and survives the worker.
import { describe, expect, it } from 'vitest';
import type { VaultError } from '../../../contract/errors';
import { limits, workerLimits } from '../../../contract/limits';
import { createApprovals, type ApprovalRequest, type Approvals } from './approvals';
import type { ApprovalDecision } from './approval-record';
import { createMemoryArea, createTestHost, killAt, Killed, testStartMs } from '../../testkit/memory-host.testkit';
import { decideOne } from '../../testkit/decide.testkit';

const safeId = '5a'.repeat(16);
const account = '0x00000000000000000000000000000000000000aA';

function hex(value: number, length: number): string {
  return value.toString(16).padStart(length, '0');
}

function signRequest(id: number, change: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    id: hex(id, 32),
    origin: 'https://app.example',
    documentKey: 'doc-1',
    method: 'vault_sign',
    digest: hex(id, 64),
    shown: { kind: 'sign', safeId, account, purpose: 'log in', payload: Uint8Array.of(0, 255, 128, 10) },
    firstSeen: false,
    ...change,
  };
}

function connectRequest(id: number, change: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return signRequest(id, {
    method: 'vault_connect',
    shown: { kind: 'connect', capabilities: ['identity'], duration: '1d' },
    firstSeen: true,
    ...change,
  });
}

function unlockRequest(id: number): ApprovalRequest {
  return signRequest(id, { shown: { kind: 'unlock', safeId, account, method: 'vault_sign' } });
}

function setUp() {
  const clock = { nowMs: testStartMs };
  const session = createMemoryArea();
  const notices: string[] = [];
  const start = (checkpoint?: (label: string) => Promise<void>): Approvals =>
    createApprovals({
      host: createTestHost({ clock, session, ...(checkpoint ? { checkpoint } : {}) }),
      onChange: () => notices.push('approvals'),
    });
  return { clock, session, notices, start, approvals: start() };
}

async function decide(approvals: Approvals, id: number, decision: ApprovalDecision) {
  const card = (await approvals.list()).find((one) => one.id === hex(id, 32));
  if (!card) throw new Error('no such card');
  return decideOne(approvals, { id: card.id, digest: card.digest, nonce: card.nonce, decision });
}

const reason = (wanted: string) => expect.objectContaining({ name: 'VaultError', reason: wanted }) as VaultError;
const rejectedWith = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a request that waits', () => {
  it('P3 is a record in the session area: a new worker shows the same card, bytes included', async () => {
    const { approvals, start } = setUp();
    await approvals.submit(signRequest(1));
    const before = await approvals.list();
    expect(await start().list()).toEqual(before);
    expect(before[0]?.shown).toEqual(signRequest(1).shown);
    expect(before[0]?.shown.kind === 'sign' && before[0].shown.payload).toBeInstanceOf(Uint8Array);
  });

  it('P3 is answered after a restart when the person approves then', async () => {
    const { approvals, start } = setUp();
    await approvals.submit(signRequest(1));
    const later = start();
    expect(await later.submit(signRequest(1))).toMatchObject({ state: 'waiting', isNew: false });
    await decide(later, 1, { kind: 'sign' });
    expect(await later.submit(signRequest(1))).toMatchObject({ state: 'approved' });
    expect(await later.begin(hex(1, 32), hex(1, 64))).toMatchObject({ state: 'executing', attempts: 1, safeId });
  });

  it('P3 survives a stop at every step, in the old state or the new one', async () => {
    const labels: string[] = [];
    const all = setUp();
    const recording = all.start(async (label) => void labels.push(label));
    const run = async (approvals: Approvals) => {
      await approvals.submit(signRequest(1));
      await approvals.submit(signRequest(2, { digest: hex(1, 64) }));
      await decide(approvals, 1, { kind: 'sign' });
      await approvals.begin(hex(1, 32), hex(1, 64));
      await approvals.finish(hex(1, 32));
    };
    await run(recording);
    expect(labels).toEqual(
      ['submit', 'join', 'decide', 'begin', 'finish'].flatMap((name) => [
        `approvals.${name}:before`,
        `approvals.${name}:after`,
      ]),
    );
    for (const [at, label] of labels.entries()) {
      const { start } = setUp();
      expect(await rejectedWith(run(start(killAt(label))))).toBeInstanceOf(Killed);
      const record = await start().get(hex(1, 32));
      const done = Math.floor((at + 1) / 2);
      const states = [undefined, 'waiting', 'waiting', 'approved', 'executing', undefined];
      expect([label, record?.state]).toEqual([label, states[done]]);
      expect(record?.requestIds.length ?? 0).toBe(record ? Math.min(done, 2) : 0);
    }
  });

  it('R-G6 never becomes a second record when its frame is sent again', async () => {
    const { approvals, start, session } = setUp();
    expect(await approvals.submit(signRequest(1))).toMatchObject({ state: 'waiting', isNew: true });
    expect(await approvals.submit(signRequest(1))).toMatchObject({ state: 'waiting', isNew: false });
    expect(await start().submit(signRequest(1))).toMatchObject({ state: 'waiting', isNew: false });
    expect(session.items.size).toBe(1);
  });

  it.each([
    ['digest', { digest: hex(9, 64) }],
    ['document', { documentKey: 'doc-2' }],
    ['origin', { origin: 'https://other.example' }],
    ['method', { method: 'vault_connect' }],
  ])('R-G6 is superseded, not changed, by the same id with another %s', async (_name, change) => {
    const { approvals } = setUp();
    await approvals.submit(signRequest(1));
    const before = await approvals.list();
    expect(await approvals.submit(signRequest(1, change))).toEqual({ state: 'gone', isNew: false, record: undefined });
    expect(await approvals.list()).toEqual(before);
  });

  it('R-B8 joins identical requests of one document, and only those', async () => {
    const { approvals } = setUp();
    await approvals.submit(signRequest(1));
    expect(await approvals.submit(signRequest(2, { digest: hex(1, 64) }))).toMatchObject({
      state: 'waiting',
      isNew: false,
      record: { id: hex(1, 32) },
    });
    await approvals.submit(signRequest(3, { digest: hex(1, 64), documentKey: 'doc-2' }));
    await approvals.submit(signRequest(4));
    expect((await approvals.list()).map((card) => [card.id, card.joined])).toEqual([
      [hex(1, 32), 2],
      [hex(3, 32), 1],
      [hex(4, 32), 1],
    ]);
    expect((await approvals.get(hex(2, 32)))?.id).toBe(hex(1, 32));
  });

  it('R-B8 takes no more of the session area than its share, whatever is shown, and can always be decided', async () => {
    const { approvals, session, start } = setUp();
    const large = (id: number, origin: string) =>
      signRequest(id, {
        origin,
        shown: {
          kind: 'sign',
          safeId,
          account,
          purpose: '\u{1F600}'.repeat(50),
          payload: new Uint8Array(limits.signPayloadBytes).fill(id),
        },
      });
    const stored = () =>
      [...session.items].reduce((bytes, [key, text]) => bytes + new TextEncoder().encode(key + text).length, 0);
    const taken: number[] = [];
    for (let site = 0; site < 8; site++) {
      const outcomes = [];
      for (let n = 0; n < limits.waitingPerOrigin; n++)
        outcomes.push(await rejectedWith(approvals.submit(large(1 + site * 100 + n, `https://site-${site}.example`))));
      for (const outcome of outcomes) if (outcome !== undefined) expect(outcome).toEqual(reason('limit'));
      taken.push(outcomes.filter((outcome) => outcome === undefined).length);
      expect(stored()).toBeLessThanOrEqual(workerLimits.approvalRecords);
    }
    // The first has all its places, and after seven sites that took what they could there is one for an honest request of usual size.
    expect(taken[0]).toBe(limits.waitingPerOrigin);
    expect(taken).toEqual(taken.toSorted((a, b) => b - a));
    await approvals.submit(signRequest(9_000, { origin: 'https://honest.example' }));
    // A worker that starts with them counts them too.
    expect(await rejectedWith(start().submit(large(9_001, 'https://site-1.example')))).toEqual(reason('limit'));
    for (const card of await approvals.list())
      await decideOne(approvals, { id: card.id, digest: card.digest, nonce: card.nonce, decision: { kind: 'sign' } });
    for (let site = 0; site < 8; site++)
      expect((await approvals.begin(hex(1 + site * 100, 32), hex(1 + site * 100, 64)))?.state ?? 'none').toBe(
        taken[site]! > 0 ? 'executing' : 'none',
      );
  });

  it('R-B8 a request beyond the limits is refused before anything to show is asked for; one that joins needs nothing', async () => {
    const { approvals } = setUp();
    for (let n = 1; n <= limits.waitingPerOrigin; n++) await approvals.submit(signRequest(n));
    const named = ({ shown: _shown, firstSeen: _firstSeen, ...request }: ApprovalRequest) => request;
    const { digest: _digest, ...beyond } = named(signRequest(50, { method: 'vault_connect' }));
    expect(await rejectedWith(approvals.mustHaveRoom(beyond))).toEqual(reason('limit'));
    expect(await rejectedWith(approvals.mustHaveRoom({ ...beyond, origin: 'https://other.example' }))).toBeUndefined();
    expect(await rejectedWith(approvals.standing(named(signRequest(50))))).toEqual(reason('limit'));
    expect(await approvals.standing(named(signRequest(51, { digest: hex(3, 64) })))).toMatchObject({
      state: 'waiting',
      isNew: false,
      record: { requestIds: [hex(3, 32), hex(51, 32)] },
    });
    expect(await approvals.standing(named(signRequest(3)))).toMatchObject({ state: 'waiting', isNew: false });
    expect(await approvals.standing(named(signRequest(60, { origin: 'https://other.example' })))).toBeUndefined();
  });

  it('R-B8 is refused beyond the limits, and what waits stays', async () => {
    const { approvals } = setUp();
    for (let n = 0; n < limits.waitingInAll; n++) {
      const origin = `https://site-${Math.floor(n / limits.waitingPerOrigin)}.example`;
      await approvals.submit(signRequest(n, { origin }));
    }
    const other = signRequest(5000, { origin: 'https://other.example' });
    expect(await rejectedWith(approvals.submit(other))).toEqual(reason('limit'));
    await approvals.finish(hex(0, 32));
    expect(await rejectedWith(approvals.submit(signRequest(5000, { origin: 'https://site-1.example' })))).toEqual(
      reason('limit'),
    );
    expect(await approvals.submit(other)).toMatchObject({ state: 'waiting' });
    expect(await approvals.waitingCount()).toBe(limits.waitingInAll);
  });

  it('R-B8 shares one card with a bounded number of others', async () => {
    const { approvals } = setUp();
    for (let n = 1; n <= limits.joinedRequests; n++) await approvals.submit(signRequest(n, { digest: hex(7, 64) }));
    expect(await rejectedWith(approvals.submit(signRequest(999, { digest: hex(7, 64) })))).toEqual(reason('limit'));
    expect((await approvals.list())[0]?.joined).toBe(limits.joinedRequests);
  });

  it('R-B4 is refused when its fields do not fit', async () => {
    const { approvals, session } = setUp();
    const payload = new Uint8Array(limits.signPayloadBytes + 1);
    const bad = [
      { id: '__proto__' },
      { id: 'AA'.repeat(16) },
      { digest: '00' },
      { origin: '' },
      { documentKey: '' },
      { shown: { kind: 'sign', safeId, account, purpose: 'x', payload } as const },
    ];
    for (const change of bad)
      expect(await rejectedWith(approvals.submit(signRequest(1, change)))).toEqual(reason('invalid-input'));
    expect(session.items.size).toBe(0);
  });

  it('R-C4 keeps its place in the list, also when several arrive in one millisecond', async () => {
    const { approvals, start } = setUp();
    for (const id of [9, 3, 7, 1]) await approvals.submit(signRequest(id));
    const order = [9, 3, 7, 1].map((id) => hex(id, 32));
    expect((await approvals.list()).map((card) => card.id)).toEqual(order);
    expect((await start().list()).map((card) => card.id)).toEqual(order);
  });

  it('ends after five minutes, answers its re-sent frame for a minute, and is then swept', async () => {
    const { approvals, clock, start, session } = setUp();
    await approvals.submit(signRequest(1));
    clock.nowMs += limits.waitingMs - 1;
    expect(await approvals.expireDue()).toEqual({ expired: [], nextMs: clock.nowMs + 1 });
    clock.nowMs += 1;
    expect(await approvals.list()).toEqual([]);
    expect(await approvals.submit(signRequest(1))).toMatchObject({ state: 'expired' });
    const { expired, nextMs } = await start().expireDue();
    expect(expired).toMatchObject([{ id: hex(1, 32), state: 'expired', shown: { kind: 'sign' } }]);
    expect(nextMs).toBe(clock.nowMs + 60_000);
    expect([...session.items.values()].join()).not.toContain('payload');
    expect(await start().submit(signRequest(1))).toMatchObject({ state: 'expired', record: { shown: null } });
    clock.nowMs += 60_000;
    expect(await start().expireDue()).toEqual({ expired: [], nextMs: undefined });
    expect([...session.items.keys()]).toEqual(['fates']);
  });

  it('asks for more in place once its identity is unlocked, under a new nonce', async () => {
    const { approvals } = setUp();
    await approvals.submit(unlockRequest(1));
    await approvals.submit({ ...unlockRequest(2), digest: hex(1, 64) });
    const [before] = await approvals.list();
    expect((await approvals.waitingForUnlock(safeId)).map((record) => record.requestIds)).toEqual([
      [hex(1, 32), hex(2, 32)],
    ]);
    expect(await approvals.submit(signRequest(2, { digest: hex(1, 64) }))).toMatchObject({
      state: 'waiting',
      isNew: true,
    });
    const [after] = await approvals.list();
    expect(after).toMatchObject({
      id: before?.id,
      joined: 2,
      shown: { kind: 'sign' },
      expiresAtMs: before?.expiresAtMs,
    });
    expect(after?.nonce).not.toBe(before?.nonce);
    expect(await approvals.waitingForUnlock(safeId)).toEqual([]);
    expect(await approvals.submit(unlockRequest(1))).toMatchObject({
      isNew: false,
      record: { shown: { kind: 'sign' } },
    });
  });

  it('ignores records it cannot read', async () => {
    const { session, start } = setUp();
    session.items.set('approval:' + hex(1, 32), JSON.stringify({ format: 2, id: hex(1, 32) }));
    session.items.set('approval:' + hex(2, 32), JSON.stringify(null));
    session.items.set('approval:' + hex(3, 32), JSON.stringify({ format: 1, id: hex(4, 32), state: 'approved' }));
    session.items.set('session:x', JSON.stringify('not ours'));
    const approvals = start();
    expect(await approvals.list()).toEqual([]);
    expect(await approvals.begin(hex(3, 32), hex(3, 64))).toBeUndefined();
  });

  it('hands out bytes that nobody can change from outside', async () => {
    const { approvals } = setUp();
    const request = signRequest(1);
    await approvals.submit(request);
    if (request.shown.kind === 'sign') request.shown.payload.fill(7);
    for (const card of await approvals.list()) if (card.shown.kind === 'sign') card.shown.payload.fill(9);
    expect((await approvals.list())[0]?.shown).toEqual(signRequest(1).shown);
  });
});

describe('several cards in one answer', () => {
  const token = { kind: 'token', safeId, account } as const;
  const listed = async (approvals: Approvals) => approvals.list();

  it('R-C3 passes do when they were listed; identity texts and archive keys are answered one by one', async () => {
    const { approvals } = setUp();
    for (const id of [1, 2]) await approvals.submit(signRequest(id, { method: 'xmtp_createAuthToken', shown: token }));
    expect(await approvals.decideAll(await listed(approvals), { kind: 'token' })).toHaveLength(2);
    const facts = { inbox: 'yours' } as never;
    for (const kind of ['v3', 'archive'] as const) {
      const { approvals: others } = setUp();
      for (const id of [1, 2]) await others.submit(signRequest(id, { shown: { kind, safeId, account, facts } }));
      await expect(others.decideAll(await listed(others), { kind: 'reject' })).rejects.toEqual(reason('invalid-input'));
      expect(await others.waitingCount()).toBe(2);
    }
  });

  it('P2 a connection for several documents is one grant, and none that holds in one document only', async () => {
    const { approvals } = setUp();
    for (const id of [1, 2]) await approvals.submit(connectRequest(id, { documentKey: `doc-${id}` }));
    const connect = { kind: 'connect' as const, safeId, capabilities: ['identity' as const] };
    await expect(approvals.decideAll(await listed(approvals), { ...connect, duration: 'once' })).rejects.toEqual(
      reason('invalid-input'),
    );
    const decided = await approvals.decideAll(await listed(approvals), { ...connect, duration: '1d' });
    expect(decided.map(({ group }) => group)).toEqual([hex(1, 32), hex(1, 32)]);
    const { approvals: single } = setUp();
    await single.submit(connectRequest(1));
    expect((await single.decideAll(await listed(single), { ...connect, duration: 'once' }))[0]).not.toHaveProperty(
      'group',
    );
  });
});

describe('a decision', () => {
  it('R-C3 counts only for exactly the card that was shown', async () => {
    const { approvals } = setUp();
    await approvals.submit(signRequest(1));
    await approvals.submit(signRequest(2));
    const [card, other] = await approvals.list();
    if (!card || !other) throw new Error('two cards expected');
    const right = { id: card.id, digest: card.digest, nonce: card.nonce, decision: { kind: 'sign' } as const };
    for (const wrong of [{ id: hex(77, 32) }, { digest: other.digest }, { nonce: other.nonce }, { id: other.id }])
      expect(await rejectedWith(decideOne(approvals, { ...right, ...wrong }))).toEqual(reason('stale'));
    expect(await approvals.waitingCount()).toBe(2);
    expect(await decideOne(approvals, right)).toMatchObject({ state: 'approved' });
    expect(await rejectedWith(decideOne(approvals, right))).toEqual(reason('stale'));
    expect(await rejectedWith(decideOne(approvals, { ...right, decision: { kind: 'reject' } }))).toEqual(
      reason('stale'),
    );
  });

  it('R-C3 made twice at once is one decision', async () => {
    const { approvals } = setUp();
    await approvals.submit(signRequest(1));
    const outcomes = await Promise.allSettled([
      decide(approvals, 1, { kind: 'sign' }),
      decide(approvals, 1, { kind: 'reject' }),
    ]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected']);
  });

  it('P2 must be of the kind that was asked, and gives no more than was asked', async () => {
    const { approvals } = setUp();
    await approvals.submit(signRequest(1));
    await approvals.submit(connectRequest(2));
    await approvals.submit(unlockRequest(3));
    const connect = (capabilities: string[], duration = '1d', safe = safeId) =>
      ({ kind: 'connect', safeId: safe, capabilities, duration }) as ApprovalDecision;
    const misfits: [number, ApprovalDecision][] = [
      [1, connect(['identity'])],
      [1, { kind: 'sign', remember: '30d' } as unknown as ApprovalDecision],
      [2, { kind: 'sign' }],
      [2, connect(['sign'])],
      [2, connect(['identity', 'sign'])],
      [2, connect([])],
      [2, connect(['identity', 'identity'])],
      [2, connect(['identity'], 'for-ever')],
      [2, connect(['identity'], '1d', 'x')],
      [3, { kind: 'sign' }],
      [3, connect(['identity'])],
      [3, { kind: 'unlock' } as unknown as ApprovalDecision],
    ];
    for (const [id, decision] of misfits)
      expect([id, await rejectedWith(decide(approvals, id, decision))]).toEqual([id, reason('invalid-input')]);
    expect(await approvals.waitingCount()).toBe(3);
    expect(await decide(approvals, 2, connect(['identity'], 'until-revoked'))).toMatchObject({
      state: 'approved',
      safeId,
    });
  });

  it('R-F5 comes too late after five minutes, and when the clock was put back', async () => {
    for (const shift of [limits.waitingMs, -120_001]) {
      const { approvals, clock } = setUp();
      await approvals.submit(signRequest(1));
      const [card] = await approvals.list();
      if (!card) throw new Error('a card expected');
      clock.nowMs += shift;
      const decision = { id: card.id, digest: card.digest, nonce: card.nonce, decision: { kind: 'sign' } as const };
      expect(await rejectedWith(decideOne(approvals, decision))).toEqual(reason('stale'));
      expect(await approvals.begin(card.id, card.digest)).toBeUndefined();
    }
  });

  it('answers a frame that is sent again with the rejection, also after a restart', async () => {
    const { approvals, start } = setUp();
    await approvals.submit(signRequest(1));
    expect(await decide(approvals, 1, { kind: 'reject' })).toMatchObject({
      state: 'rejected',
      shown: { kind: 'sign' },
    });
    expect(await start().submit(signRequest(1))).toMatchObject({ state: 'rejected', record: { shown: null } });
    expect(await approvals.begin(hex(1, 32), hex(1, 64))).toBeUndefined();
  });

  it('is not made when the write fails', async () => {
    const { clock, session } = setUp();
    let isBroken = false;
    const flaky = {
      ...session,
      set: (items: Record<string, unknown>) => (isBroken ? Promise.reject(new Error('full')) : session.set(items)),
    };
    const approvals = createApprovals({ host: createTestHost({ clock, session: flaky }), onChange: () => undefined });
    await approvals.submit(signRequest(1));
    isBroken = true;
    expect(await rejectedWith(decide(approvals, 1, { kind: 'sign' }))).toEqual(reason('storage-failed'));
    isBroken = false;
    expect(await approvals.get(hex(1, 32))).toMatchObject({ state: 'waiting' });
    expect(await decide(approvals, 1, { kind: 'sign' })).toMatchObject({ state: 'approved' });
  });

  it('stands when the write went through but failed to say so', async () => {
    const { clock, session } = setUp();
    let isBroken = false;
    const set = async (items: Record<string, unknown>) => {
      await session.set(items);
      if (isBroken) throw new Error('answer lost');
    };
    const approvals = createApprovals({
      host: createTestHost({ clock, session: { ...session, set } }),
      onChange: () => undefined,
    });
    await approvals.submit(signRequest(1));
    isBroken = true;
    expect(await rejectedWith(decide(approvals, 1, { kind: 'reject' }))).toEqual(reason('storage-failed'));
    expect(await approvals.get(hex(1, 32))).toMatchObject({ state: 'rejected' });
  });

  it('tells whoever listens', async () => {
    const { approvals, notices } = setUp();
    await approvals.submit(signRequest(1));
    await approvals.list();
    expect(notices).toHaveLength(1);
    await decide(approvals, 1, { kind: 'sign' });
    expect(notices).toHaveLength(2);
  });
});

describe('carrying out', () => {
  const id = hex(1, 32);
  const digest = hex(1, 64);

  async function approved() {
    const all = setUp();
    await all.approvals.submit(signRequest(1));
    await decide(all.approvals, 1, { kind: 'sign' });
    return all;
  }

  it('P2 does not begin without a decision', async () => {
    const { approvals, start } = setUp();
    await approvals.submit(signRequest(1));
    expect(await approvals.begin(id, digest)).toBeUndefined();
    expect(await start().begin(id, digest)).toBeUndefined();
    expect(await start().get(id)).toMatchObject({ state: 'waiting', attempts: 0 });
  });

  it('R-C3 does not begin for another request than the one approved', async () => {
    const { approvals } = await approved();
    expect(await approvals.begin(id, hex(2, 64))).toBeUndefined();
    expect(await approvals.begin(id, digest)).toMatchObject({ state: 'executing' });
  });

  it('R-G1 begins once in one worker, once more in the next, and never a third time', async () => {
    const { approvals, start } = await approved();
    expect(await approvals.begin(id, digest)).toMatchObject({ attempts: 1 });
    expect(await approvals.begin(id, digest)).toBeUndefined();
    const second = start();
    expect(await second.submit(signRequest(1))).toMatchObject({ state: 'approved' });
    expect(await second.begin(id, digest)).toMatchObject({ attempts: 2 });
    const third = start();
    expect(await third.begin(id, digest)).toBeUndefined();
    expect(await third.submit(signRequest(1))).toMatchObject({ state: 'interrupted' });
  });

  it('R-G1 begun twice at once is begun once', async () => {
    const { approvals } = await approved();
    const both = await Promise.all([approvals.begin(id, digest), approvals.begin(id, digest)]);
    expect(both.filter((record) => record !== undefined)).toHaveLength(1);
  });

  it('R-G1 is over after finish', async () => {
    const { approvals, start } = await approved();
    await approvals.begin(id, digest);
    expect(await approvals.finish(id)).toMatchObject({ id });
    expect(await approvals.finish(id)).toBeUndefined();
    expect(await start().begin(id, digest)).toBeUndefined();
  });

  it('is interrupted when nobody carried it out in time, or the clock went back', async () => {
    for (const shift of [limits.approvedMs + 1, -120_001]) {
      const { clock, start } = await approved();
      clock.nowMs += shift;
      expect(await start().begin(id, digest)).toBeUndefined();
      expect(await start().submit(signRequest(1))).toMatchObject({ state: 'interrupted' });
      expect((await start().expireDue()).expired).toMatchObject([{ id, state: 'interrupted' }]);
    }
  });

  it('is not interrupted by time while this worker is at it', async () => {
    const { approvals, clock } = await approved();
    await approvals.begin(id, digest);
    clock.nowMs += limits.approvedMs + 1;
    expect(await approvals.expireDue()).toEqual({ expired: [], nextMs: undefined });
  });

  it('R-F3 ends at a lock, for that identity only; what waits goes on waiting', async () => {
    const { approvals, start } = await approved();
    await approvals.submit(signRequest(2));
    expect(await approvals.interruptApproved('00'.repeat(16))).toEqual([]);
    expect(await approvals.interruptApproved(safeId)).toMatchObject([{ id, state: 'interrupted' }]);
    expect(await start().begin(id, digest)).toBeUndefined();
    expect(await start().submit(signRequest(1))).toMatchObject({ state: 'interrupted' });
    expect(await approvals.waitingCount()).toBe(1);
  });

  it('R-F3 ends at a lock also while this worker is at it, and is swept like any other', async () => {
    const { approvals, clock, session } = await approved();
    await approvals.begin(id, digest);
    await approvals.interruptApproved();
    expect(await approvals.expireDue()).toEqual({ expired: [], nextMs: clock.nowMs + 60_000 });
    clock.nowMs += 60_000;
    await approvals.expireDue();
    expect([...session.items.keys()]).toEqual(['fates']);
  });
});

describe('ending many', () => {
  async function several() {
    const all = setUp();
    await all.approvals.submit(signRequest(1));
    await all.approvals.submit(signRequest(2, { documentKey: 'doc-2' }));
    await all.approvals.submit(signRequest(3, { origin: 'https://other.example', documentKey: 'doc-3' }));
    await decide(all.approvals, 2, { kind: 'sign' });
    return all;
  }
  const ids = (records: { id: string }[]) => records.map((record) => Number.parseInt(record.id, 16));

  it('R-A6 a document that is gone takes its requests along, and the new document gets none of them', async () => {
    const { approvals, start } = await several();
    expect(ids(await approvals.cancelDocument('doc-2'))).toEqual([2]);
    expect(await start().get(hex(2, 32))).toBeUndefined();
    expect(await approvals.begin(hex(2, 32), hex(2, 64))).toBeUndefined();
    expect(ids(await approvals.list())).toEqual([1, 3]);
    expect(await approvals.submit(signRequest(1, { documentKey: 'doc-9' }))).toMatchObject({ state: 'gone' });
  });

  it('R-B7 a revoked origin loses what waits and what was approved', async () => {
    const { approvals } = await several();
    expect(ids(await approvals.cancelOrigin('https://app.example'))).toEqual([1, 2]);
    expect(await approvals.begin(hex(2, 32), hex(2, 64))).toBeUndefined();
    expect(ids(await approvals.list())).toEqual([3]);
  });

  it('rejecting everything of an origin, or everything, blocks nobody', async () => {
    const { approvals } = await several();
    expect(ids(await approvals.rejectAll('https://app.example'))).toEqual([1]);
    expect(ids(await approvals.rejectAll())).toEqual([3]);
    expect(
      await approvals.submit(signRequest(3, { origin: 'https://other.example', documentKey: 'doc-3' })),
    ).toMatchObject({ state: 'rejected' });
    expect(await approvals.submit(signRequest(4))).toMatchObject({ state: 'waiting' });
  });
});
