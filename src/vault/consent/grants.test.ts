// Tests of the grants: what holds, for whom, how long, and what a damaged or forged row is worth.
import 'fake-indexeddb/auto';
import { describe, expect, it, vi } from 'vitest';
import type { Duration } from '../../contract/grants';
import { openDatabase, readStores, type Database } from '../store/database';
import { createGrants, type Grants, type NewGrant } from './grants';
import { createMemoryArea, createTestHost, killAt, Killed, testStartMs } from '../testkit/memory-host.testkit';
import { createTestSafes } from '../testkit/open-safes.testkit';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const alice = 'a1'.repeat(16);
const bob = 'b2'.repeat(16);
const origin = 'https://app.example';
const other = 'https://other.example';
let databases = 0;

function asked(change: Partial<NewGrant> = {}): NewGrant {
  return {
    origin,
    safeId: alice,
    capabilities: ['identity', 'sign'],
    duration: '1d',
    documentKey: 'doc-1',
    requestId: '01'.repeat(16),
    ...change,
  };
}

async function setUp() {
  const clock = { nowMs: testStartMs };
  const open = createTestSafes();
  await open.add(alice, '0xA');
  await open.add(bob, '0xB');
  const disk = { session: createMemoryArea(), databaseName: `grants-${++databases}` };
  const db = openDatabase(disk.databaseName);
  const notices: string[] = [];
  const writes: string[] = [];
  let reads = 0;
  const counted: Database = {
    ...db,
    connect: () => {
      reads++;
      return db.connect();
    },
  };
  const start = (checkpoint?: (label: string) => Promise<void>): Grants => {
    const record = async (label: string) => {
      if (label.endsWith(':before')) writes.push(label.slice(0, -':before'.length));
      await checkpoint?.(label);
    };
    const host = createTestHost({ clock, ...disk, checkpoint: record });
    return createGrants({ db: counted, host, open, onChange: () => notices.push('grants') });
  };
  const rows = () => readStores(db, ['grants'], (transaction) => transaction.objectStore('grants').getAll());
  return { clock, open, disk, db, start, rows, notices, writes, grants: start(), transactions: () => reads };
}

const fault = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: { reason?: string }) => error.reason ?? error,
  );
const origins = async (grants: Promise<{ origin: string }[]>) => (await grants).map((grant) => grant.origin);

describe('giving', () => {
  it.each(['before', 'after'])(
    'R-B7 in the moment of a block (%s its write) leaves what the site had, and gives nothing once the block is undone',
    async (side) => {
      const { db, open, disk, clock } = await setUp();
      let isBlocked = false;
      let isComing = false;
      const checkpoint = async (label: string) => {
        if (isComing && label === `grants.${act}:${side}`) isBlocked = true;
      };
      let act = '';
      const host = createTestHost({ clock, ...disk, checkpoint });
      const grants = createGrants({ db, host, open, isBlocked: () => isBlocked, onChange: () => undefined });
      const blockedIn = async (name: string, give: () => Promise<unknown>) => {
        [act, isComing] = [name, true];
        const refusal = await fault(give());
        [isComing, isBlocked] = [false, false];
        return refusal;
      };
      const next = () => createGrants({ db, host, open, onChange: () => undefined });
      expect(await blockedIn('put', () => grants.put(asked()))).toBe('not-found');
      for (const one of [grants, next()]) expect(await one.find(origin)).toEqual([]);
      const given = await grants.put(asked({ capabilities: ['sign'] }));
      expect(await blockedIn('put', () => grants.put(asked({ requestId: '02'.repeat(16) })))).toBe('not-found');
      expect(await blockedIn('remember', () => grants.remember(origin, alice, 'sign', '1h'))).toBe('not-found');
      for (const one of [grants, next()]) expect(await one.find(origin)).toEqual([given]);
    },
  );

  it('is found again, also by the next worker, with exactly what was given', async () => {
    const { grants, start, clock } = await setUp();
    const given = await grants.put(asked({ capabilities: ['sign'] }));
    expect(given).toEqual({
      origin,
      safeId: alice,
      account: '0xA',
      capabilities: ['sign'],
      duration: '1d',
      grantedAtMs: clock.nowMs,
      expiresAtMs: clock.nowMs + dayMs,
      lastUsedAtMs: null,
      documentKey: 'doc-1',
      wish: null,
      asksToConnect: false,
      bounds: [{ capability: 'sign', scope: null, wish: null, budget: null, usesLeft: null }],
      withoutAskingIn: [],
      sessionId: expect.any(String) as string,
      withoutAskingUntil: { sign: null },
      verified: true,
    });
    expect(await grants.find(origin)).toEqual([given]);
    expect(await start().find(origin)).toEqual([given]);
  });

  it('twice for one approval is once; for another approval it replaces, capabilities and remembered decisions included', async () => {
    const { grants, start, clock } = await setUp();
    const first = await grants.put(asked());
    await grants.remember(origin, alice, 'sign', '1h');
    clock.nowMs += 5;
    expect(await start().put(asked({ capabilities: ['identity'] }))).toMatchObject({
      grantedAtMs: first.grantedAtMs,
      capabilities: ['identity', 'sign'],
    });
    const again = start();
    expect(await again.put(asked({ capabilities: ['identity'], requestId: '02'.repeat(16) }))).toMatchObject({
      grantedAtMs: clock.nowMs,
      capabilities: ['identity'],
      withoutAskingUntil: { sign: null },
    });
    expect(await fault(again.use(origin, alice, 'sign', 'doc-1'))).toBe('not-found');
  });

  it('lists identities of one origin newest first and apart from each other', async () => {
    const { grants, clock } = await setUp();
    await grants.put(asked());
    clock.nowMs++;
    await grants.put(asked({ safeId: bob, capabilities: ['identity'] }));
    expect((await grants.find(origin)).map((grant) => grant.account)).toEqual(['0xB', '0xA']);
    expect(await fault(grants.use(origin, bob, 'sign', 'doc-1'))).toBe('not-found');
  });

  it.each([
    ['no capability', { capabilities: [] }],
    ['an unknown capability', { capabilities: ['identity', 'everything'] as never }],
    ['a capability twice', { capabilities: ['sign', 'sign'] as never }],
    ['an unknown duration', { duration: 'for-ever' as Duration }],
    ['no document', { documentKey: '' }],
    ['a foreign request id', { requestId: 'x' }],
    ['an opaque origin', { origin: 'null' }],
  ])('P2 is refused with %s', async (_name, change) => {
    const { grants, rows } = await setUp();
    expect(await fault(grants.put(asked(change)))).toBe('invalid-input');
    expect(await rows()).toEqual([]);
  });

  it('needs the identity to exist and to be unlocked, and stays unlocked while it is written', async () => {
    const { grants, open, start, rows } = await setUp();
    expect(await fault(grants.put(asked({ safeId: 'ff'.repeat(16) })))).toBe('not-found');
    open.lockWhenAsked = alice;
    expect(await fault(grants.put(asked()))).toBe('locked');
    open.unlock(alice);
    await open.lock(alice);
    expect(await fault(start().put(asked()))).toBe('locked');
    expect(await rows()).toEqual([]);
  });

  it('R-F3 a lock during the sealing leaves nothing behind', async () => {
    const { grants, open, rows } = await setUp();
    const sign = crypto.subtle.sign.bind(crypto.subtle);
    const spy = vi.spyOn(crypto.subtle, 'sign').mockImplementation(async (...parameters) => {
      await open.lock(alice);
      open.unlock(alice);
      return sign(...parameters);
    });
    expect(await fault(grants.put(asked()))).toBe('locked');
    spy.mockRestore();
    expect(await rows()).toEqual([]);
    expect(await grants.put(asked())).toMatchObject({ origin });
  });
});

describe('using', () => {
  it('P2 needs a grant of this origin, identity and capability', async () => {
    const { grants } = await setUp();
    await grants.put(asked({ capabilities: ['identity'] }));
    expect(await grants.use(origin, alice, 'identity', 'doc-7')).toMatchObject({ origin, verified: true });
    expect(await fault(grants.use(origin, alice, 'sign', 'doc-1'))).toBe('not-found');
    expect(await fault(grants.use(origin, bob, 'identity', 'doc-1'))).toBe('not-found');
    expect(await fault(grants.use(other, alice, 'identity', 'doc-1'))).toBe('not-found');
    expect(await fault(grants.use('https://app.example:444', alice, 'identity', 'doc-1'))).toBe('not-found');
    expect(await fault(grants.use('http://app.example', alice, 'identity', 'doc-1'))).toBe('not-found');
  });

  it('P2 needs the identity unlocked; a locked one shows only that there is something to unlock', async () => {
    const { grants, open, start } = await setUp();
    await grants.put(asked());
    await grants.remember(origin, alice, 'sign', '1d');
    await open.lock(alice);
    for (const worker of [grants, start()]) {
      const [found] = await worker.find(origin);
      expect(found).toMatchObject({ verified: false, withoutAskingUntil: { sign: null } });
      expect(found && worker.remembers(found, 'sign')).toBe(false);
      expect(await fault(worker.use(origin, alice, 'sign', 'doc-1'))).toBe('locked');
    }
    open.unlock(alice);
    expect(await grants.use(origin, alice, 'sign', 'doc-1')).toMatchObject({ verified: true });
  });

  it('R-F5 a lock that comes due while it is asked for holds nothing up', async () => {
    const { grants, open } = await setUp();
    open.onLocked = (safeId) => grants.endedByLock(safeId);
    await grants.put(asked({ duration: 'until-locked' }));
    for (const attempt of [
      () => grants.use(origin, alice, 'sign', 'doc-1'),
      () => grants.put(asked({ requestId: '09'.repeat(16) })),
      () => grants.remember(origin, alice, 'sign', '1h'),
    ]) {
      open.unlock(alice);
      open.lockWhenAsked = alice;
      expect(await fault(attempt())).toBe('locked');
    }
    open.unlock(alice);
    open.lockWhenAsked = alice;
    expect(await grants.find(origin)).toEqual([]);
  });

  it('notes the time of use, on disk at most once a minute', async () => {
    const { grants, clock, start, writes } = await setUp();
    await grants.put(asked());
    for (let n = 0; n < 200; n++) {
      clock.nowMs += 1000;
      await grants.use(origin, alice, 'sign', 'doc-1');
    }
    expect(writes.filter((label) => label === 'grants.use').length).toBe(4);
    expect((await grants.list())[0]?.lastUsedAtMs).toBe(clock.nowMs);
    expect(clock.nowMs - ((await start().list())[0]?.lastUsedAtMs ?? 0)).toBeLessThan(60_000);
  });

  it('notes it once when several uses are under way, and does without when the disk is full', async () => {
    const { grants, clock, db, writes } = await setUp();
    await grants.put(asked());
    await Promise.all([1, 2, 3, 4].map(() => grants.use(origin, alice, 'sign', 'doc-1')));
    expect(writes.filter((label) => label === 'grants.use')).toHaveLength(1);
    clock.nowMs += 60_000;
    const connect = vi.spyOn(db, 'connect').mockRejectedValue(new DOMException('full', 'DataError'));
    expect(await grants.use(origin, alice, 'sign', 'doc-1')).toMatchObject({ lastUsedAtMs: clock.nowMs });
    expect(connect).toHaveBeenCalled();
    connect.mockRestore();
    expect(await grants.use(origin, alice, 'sign', 'doc-1')).toMatchObject({ lastUsedAtMs: clock.nowMs });
  });

  it('reads no disk once it is warm', async () => {
    const { grants, transactions } = await setUp();
    await grants.put(asked());
    await grants.use(origin, alice, 'sign', 'doc-1');
    const before = transactions();
    for (let n = 0; n < 50; n++) {
      await grants.find(origin);
      await grants.use(origin, alice, 'sign', 'doc-1');
    }
    expect(transactions()).toBe(before);
  });
});

describe('ending by the clock', () => {
  it.each([
    ['1h', hourMs],
    ['1d', dayMs],
    ['30d', 30 * dayMs],
  ] as const)('%s holds that long and not longer', async (duration, lengthMs) => {
    const { grants, clock, start } = await setUp();
    await grants.put(asked({ duration }));
    clock.nowMs += lengthMs - 1;
    expect(await origins(start().find(origin))).toEqual([origin]);
    expect(await grants.sweep()).toBe(clock.nowMs + 1);
    clock.nowMs += 1;
    expect(await start().find(origin)).toEqual([]);
    expect(await fault(grants.use(origin, alice, 'sign', 'doc-1'))).toBe('not-found');
  });

  it('R-B7 lapses after 30 days without use, whatever the duration', async () => {
    const { grants, clock, rows } = await setUp();
    await grants.put(asked({ duration: 'until-revoked' }));
    clock.nowMs += 29 * dayMs;
    await grants.use(origin, alice, 'identity', 'doc-1');
    clock.nowMs += 30 * dayMs - 1;
    expect(await origins(grants.find(origin))).toEqual([origin]);
    clock.nowMs += 1;
    expect(await grants.list()).toEqual([]);
    expect(await fault(grants.use(origin, alice, 'identity', 'doc-1'))).toBe('not-found');
    expect(await grants.sweep()).toBeUndefined();
    expect(await rows()).toEqual([]);
  });

  it('R-F5 holds nothing while the clock is behind the grant or its last use, and again when it is right', async () => {
    const { grants, clock } = await setUp();
    await grants.put(asked({ duration: 'until-revoked' }));
    clock.nowMs += hourMs;
    await grants.use(origin, alice, 'sign', 'doc-1');
    clock.nowMs -= 120_000;
    expect(await grants.find(origin)).toHaveLength(1);
    clock.nowMs -= 1;
    expect(await grants.find(origin)).toEqual([]);
    expect(await fault(grants.use(origin, alice, 'sign', 'doc-1'))).toBe('not-found');
    await grants.sweep();
    clock.nowMs += 120_001;
    expect(await grants.find(origin)).toHaveLength(1);
  });

  it('R-F5 is not fooled by a clock put back in small steps', async () => {
    const { grants, clock } = await setUp();
    await grants.put(asked({ duration: '1h' }));
    clock.nowMs += hourMs - 1;
    const faults: unknown[] = [];
    for (let n = 0; n < 5; n++) {
      faults.push(await fault(grants.use(origin, alice, 'sign', 'doc-1')));
      clock.nowMs -= 100_000;
    }
    expect(faults).toEqual([undefined, undefined, 'not-found', 'not-found', 'not-found']);
  });
});

describe('until locked', () => {
  it('ends with the lock, also when the worker died before it could remove anything', async () => {
    const { grants, open, start, rows } = await setUp();
    await grants.put(asked({ duration: 'until-locked' }));
    expect(await origins(start().find(origin))).toEqual([origin]);
    await open.lock(alice);
    expect(await start().find(origin)).toEqual([]);
    open.unlock(alice);
    const later = start();
    expect(await later.find(origin)).toEqual([]);
    expect(await fault(later.use(origin, alice, 'sign', 'doc-1'))).toBe('not-found');
    expect(await rows()).toHaveLength(1);
    await later.sweep();
    expect(await rows()).toEqual([]);
  });

  it('is removed at a lock of its identity, and nothing else is', async () => {
    const { grants, rows } = await setUp();
    await grants.put(asked({ duration: 'until-locked' }));
    await grants.put(asked({ duration: 'until-locked', safeId: bob }));
    await grants.put(asked({ duration: '1d', origin: other }));
    await grants.endedByLock(alice);
    expect((await rows()).map((row) => [row.safeId, row.origin])).toEqual([
      [alice, other],
      [bob, origin],
    ]);
  });
});

describe('once', () => {
  const once = asked({ duration: 'once' });

  it('holds in the document that asked only', async () => {
    const { grants, start } = await setUp();
    await grants.put(once);
    for (const worker of [grants, start()]) {
      expect(await worker.find(origin, 'doc-1')).toHaveLength(1);
      expect(await worker.find(origin, 'doc-2')).toEqual([]);
      expect(await fault(worker.use(origin, alice, 'identity', 'doc-2'))).toBe('not-found');
      expect(await worker.use(origin, alice, 'identity', 'doc-1')).toMatchObject({ duration: 'once' });
    }
  });

  it('ends with the first signature, but for the request that made it', async () => {
    const { grants, start, clock } = await setUp();
    await grants.put(once);
    await grants.consumeOnce(origin, alice, '0a'.repeat(16));
    for (const worker of [grants, start()]) {
      expect(await worker.find(origin, 'doc-1')).toEqual([]);
      expect(await worker.list()).toEqual([]);
      expect(await fault(worker.use(origin, alice, 'sign', 'doc-1'))).toBe('not-found');
      expect(await fault(worker.consumeOnce(origin, alice, '0b'.repeat(16)))).toBe('not-found');
      expect(await worker.find(origin, 'doc-1', '0a'.repeat(16))).toHaveLength(1);
      expect(await worker.use(origin, alice, 'sign', 'doc-1', '0a'.repeat(16))).toMatchObject({ duration: 'once' });
      await worker.consumeOnce(origin, alice, '0a'.repeat(16));
    }
    clock.nowMs += 60_000;
    expect(await fault(grants.use(origin, alice, 'sign', 'doc-1', '0a'.repeat(16)))).toBe('not-found');
  });

  it('is spent by one of two signatures that are made at the same time', async () => {
    const { grants } = await setUp();
    await grants.put(once);
    const spending = ['0a', '0b'].map((id) => fault(grants.consumeOnce(origin, alice, id.repeat(16))));
    expect(new Set(await Promise.all(spending))).toEqual(new Set(['not-found', undefined]));
    const { grants: anonymous } = await setUp();
    await anonymous.put(once);
    await anonymous.consumeOnce(origin, alice);
    expect(await fault(anonymous.consumeOnce(origin, alice))).toBe('not-found');
  });

  it('ends with its document, and with the run of the browser', async () => {
    const { grants, disk, start, rows } = await setUp();
    await grants.put(once);
    await grants.documentGone('doc-2');
    expect(await grants.find(origin, 'doc-1')).toHaveLength(1);
    disk.session.items.clear();
    expect(await start().find(origin, 'doc-1')).toEqual([]);
    await grants.documentGone('doc-1');
    expect(await rows()).toEqual([]);
  });

  it('consuming and remembering leave it, and other durations, as they should', async () => {
    const { grants } = await setUp();
    await grants.put(once);
    await grants.remember(origin, alice, 'sign', '1d');
    expect(await grants.find(origin)).toMatchObject([{ withoutAskingUntil: { sign: null } }]);
    await grants.put(asked({ requestId: '05'.repeat(16) }));
    await grants.consumeOnce(origin, alice, '0a'.repeat(16));
    await grants.documentGone('doc-1');
    expect(await grants.use(origin, alice, 'sign', 'doc-1')).toMatchObject({ duration: '1d' });
  });
});

describe('timed capabilities', () => {
  const messaging = ['identity', 'messages.read', 'messages.write', 'network.token'] as const;
  it('P2 each is remembered by itself; a token never', async () => {
    const { grants, start, clock } = await setUp();
    await grants.put(asked({ capabilities: [...messaging] }));
    await grants.remember(origin, alice, 'messages.read', '5m');
    const [found] = await start().find(origin);
    expect(found && messaging.map((one) => grants.remembers(found, one))).toEqual([false, true, false, false]);
    expect(found?.withoutAskingUntil).toEqual({
      sign: null,
      'messages.read': clock.nowMs + 300_000,
      'messages.write': null,
    });
    expect(await fault(grants.remember(origin, alice, 'preferences', '1h'))).toBe('not-found');
    expect(await fault(grants.remember(origin, alice, 'network.token' as 'sign', '1h'))).toBe('not-found');
    clock.nowMs += 300_001;
    const [later] = await start().find(origin);
    expect(later && grants.remembers(later, 'messages.read')).toBe(false);
  });
  it('P2 a connection can carry a decision for all of them, and for no signature', async () => {
    const { grants } = await setUp();
    const given = await grants.put(asked({ capabilities: ['sign', ...messaging], remember: 'until-locked' }));
    expect(['sign', ...messaging].map((one) => grants.remembers(given, one as 'sign'))).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
  });
});

describe('remembered decisions', () => {
  const remembered = async (grants: Grants) =>
    (await grants.find(origin)).map((grant) => grants.remembers(grant, 'sign'));

  it('P2 do not exist unless a person made one', async () => {
    const { grants } = await setUp();
    await grants.put(asked());
    expect(await remembered(grants)).toEqual([false]);
    expect(await fault(grants.remember(other, alice, 'sign', '1h'))).toBe('not-found');
    expect(await fault(grants.remember(origin, alice, 'sign', '30d' as '1d'))).toBe('invalid-input');
  });

  it('end by the clock, and count for nothing when it went back', async () => {
    const { grants, clock, start } = await setUp();
    await grants.put(asked());
    clock.nowMs += hourMs;
    await grants.remember(origin, alice, 'sign', '1h');
    expect(await remembered(start())).toEqual([true]);
    clock.nowMs += hourMs - 1;
    const [found] = await grants.find(origin);
    expect(found && grants.remembers(found, 'sign')).toBe(true);
    clock.nowMs += 1;
    expect(found && grants.remembers(found, 'sign')).toBe(false);
    expect(await remembered(start())).toEqual([false]);
    clock.nowMs -= hourMs + 120_001;
    expect(await remembered(grants)).toEqual([false]);
  });

  it('are told as long as they count, and as nothing to go by afterwards', async () => {
    const { grants, clock } = await setUp();
    await grants.put(asked());
    await grants.remember(origin, alice, 'sign', '1h');
    const told = async () => (await grants.list()).map(({ withoutAskingUntil }) => withoutAskingUntil.sign);
    const untilMs = clock.nowMs + hourMs;
    clock.nowMs += hourMs - 1;
    expect(await told()).toEqual([untilMs]);
    clock.nowMs += 1;
    expect(await told()).toEqual([null]);
  });

  it('until locked end with the session, in this worker and the next', async () => {
    const { grants, open, start } = await setUp();
    await grants.put(asked());
    await grants.remember(origin, alice, 'sign', 'until-locked');
    expect(await start().list()).toMatchObject([{ withoutAskingUntil: { sign: 'until-locked' } }]);
    await open.lock(alice);
    open.unlock(alice);
    expect(await remembered(grants)).toEqual([false]);
    expect(await remembered(start())).toEqual([false]);
  });

  it('say nothing where the grant does not include signing', async () => {
    const { grants } = await setUp();
    await grants.put(asked({ capabilities: ['identity'] }));
    expect(await fault(grants.remember(origin, alice, 'sign', '1h'))).toBe('not-found');
    expect(await remembered(grants)).toEqual([false]);
  });
});

describe('revoking', () => {
  it('R-B7 ends it at once, also while locked, with one identity or all', async () => {
    const { grants, open, start, rows } = await setUp();
    await grants.put(asked());
    await grants.put(asked({ safeId: bob }));
    await grants.put(asked({ origin: other }));
    await open.lock(alice);
    await grants.revoke(origin, alice);
    expect((await start().find(origin)).map((grant) => grant.safeId)).toEqual([bob]);
    await grants.revoke(origin);
    expect(await start().find(origin)).toEqual([]);
    expect((await rows()).map((row) => row.origin)).toEqual([other]);
    open.unlock(alice);
    expect(await fault(grants.use(origin, alice, 'sign', 'doc-1'))).toBe('not-found');
  });

  it('removes rows that cannot be read, too', async () => {
    const { grants, db, rows } = await setUp();
    await (await db.connect()).put('grants', { safeId: alice, origin, bytes: new Uint8Array(5) });
    await grants.revoke(origin);
    expect(await rows()).toEqual([]);
  });

  it('forgetting an identity takes its grants and no other', async () => {
    const { grants, rows } = await setUp();
    await grants.put(asked());
    await grants.put(asked({ safeId: bob }));
    await grants.forget(alice);
    expect((await rows()).map((row) => row.safeId)).toEqual([bob]);
    expect((await grants.find(origin)).map((grant) => grant.safeId)).toEqual([bob]);
  });

  it('tells whoever listens when something changed, and only then', async () => {
    const { grants, notices } = await setUp();
    await grants.put(asked());
    await grants.use(origin, alice, 'sign', 'doc-1');
    await grants.revoke(other);
    await grants.documentGone('doc-1');
    expect(notices).toHaveLength(1);
    await grants.revoke(origin);
    expect(notices).toHaveLength(2);
  });
});

describe('across epochs of the root key', () => {
  it('no grant is lost: one made under an earlier root key is found, used, remembered for, and listed', async () => {
    const { open, start, grants } = await setUp();
    await grants.put(asked({ capabilities: ['identity', 'sign', 'messages.read'] }));
    await open.nextEpoch(alice);
    await grants.put(asked({ origin: other, requestId: '02'.repeat(16) }));
    await open.nextEpoch(alice);
    for (const again of [grants, start()]) {
      expect((await again.find(origin)).map(({ verified }) => verified)).toEqual([true]);
      expect(await again.use(origin, alice, 'sign', 'doc-1')).toMatchObject({ verified: true });
      expect(await again.use(other, alice, 'sign', 'doc-1')).toMatchObject({ verified: true });
      expect((await again.list()).map((one) => one.origin).sort()).toEqual([origin, other]);
    }
    await grants.remember(origin, alice, 'messages.read', '1h');
    expect(await start().find(origin)).toMatchObject([
      { withoutAskingUntil: { 'messages.read': testStartMs + hourMs } },
    ]);
  });

  it('a row under no root key of its identity is no grant', async () => {
    const { open, start, grants, db, rows } = await setUp();
    await grants.put(asked());
    await open.nextEpoch(alice);
    const [row] = await rows();
    if (!row) throw new Error('no row');
    row.bytes[row.bytes.length - 1] = (row.bytes.at(-1) as number) ^ 1;
    await (await db.connect()).put('grants', row);
    const next = start();
    expect(await next.find(origin)).toEqual([]);
    expect(await fault(next.use(origin, alice, 'sign', 'doc-1'))).toBe('not-found');
  });
});

describe('stops', () => {
  const acts: [string, (grants: Grants) => Promise<unknown>][] = [
    ['grants.run', (grants) => grants.put(asked({ requestId: '0c'.repeat(16), capabilities: ['identity'] }))],
    ['grants.put', (grants) => grants.put(asked({ requestId: '0c'.repeat(16), capabilities: ['identity'] }))],
    ['grants.use', (grants) => grants.use(origin, alice, 'sign', 'doc-1')],
    ['grants.consume', (grants) => grants.consumeOnce(origin, alice, '0a'.repeat(16))],
    ['grants.remember', (grants) => grants.remember(origin, alice, 'sign', '1h')],
    ['grants.edit', (grants) => grants.edit(origin, alice, { duration: '1h' })],
    ['grants.count', (grants) => grants.use(origin, alice, 'sign', 'doc-1', undefined, () => 'a use')],
    ['grants.revoke', (grants) => grants.revoke(origin)],
    ['grants.lock', (grants) => grants.endedByLock(alice)],
    ['grants.document', (grants) => grants.documentGone('doc-1')],
    ['grants.sweep', (grants) => grants.sweep()],
    ['grants.forget', (grants) => grants.forget(alice)],
  ];
  const durationFor: Record<string, Duration> = {
    'grants.consume': 'once',
    'grants.document': 'once',
    'grants.lock': 'until-locked',
  };

  it.each(acts)('P3 at %s leaves the old state or the new one', async (label, act) => {
    const outcome = async (end: string | undefined) => {
      const { start, grants, rows, disk, clock } = await setUp();
      const budgets = label === 'grants.count' ? { sign: { uses: 5, per: 'all' } as const } : {};
      await grants.put(asked({ duration: durationFor[label] ?? '1d', budgets }));
      if (label === 'grants.run') disk.session.items.clear();
      if (label === 'grants.sweep') clock.nowMs += 2 * dayMs;
      const before = JSON.stringify(await start().list());
      const worker = start(end === undefined ? undefined : killAt(`${label}:${end}`));
      const result = await act(worker).catch((error: unknown) => error);
      expect(result instanceof Killed).toBe(end !== undefined);
      // What memory says after the stop is what the disk says.
      const seen = JSON.stringify(await start().list());
      return { before, seen, inMemory: JSON.stringify(await worker.list()), rowsLeft: (await rows()).length };
    };
    const stopped = await outcome('before');
    const after = await outcome('after');
    const whole = await outcome(undefined);
    expect(stopped.seen).toBe(stopped.before);
    if (label !== 'grants.run') expect([after.seen, after.rowsLeft]).toEqual([whole.seen, whole.rowsLeft]);
    if (label !== 'grants.sweep' && label !== 'grants.run') expect(whole.seen).not.toBe(whole.before);
    for (const { seen, inMemory } of [stopped, after, whole]) expect(inMemory).toBe(seen);
  });
});

describe('given more', () => {
  const more = (change: Partial<NewGrant> = {}) =>
    asked({
      requestId: '07'.repeat(16),
      capabilities: ['messages.write'],
      asked: ['messages.write'],
      duration: '1d',
      ...change,
    });

  it('keeps what was not asked about, with every decision that was remembered, in this worker and the next', async () => {
    const { grants, start, clock } = await setUp();
    await grants.put(asked({ capabilities: ['identity', 'sign', 'messages.read'], remember: '1d' }));
    await grants.remember(origin, alice, 'sign', '1d');
    const until = clock.nowMs + dayMs;
    clock.nowMs += hourMs;
    expect(await grants.put(more())).toMatchObject({
      capabilities: ['identity', 'sign', 'messages.read', 'messages.write'],
      expiresAtMs: clock.nowMs + dayMs,
    });
    for (const worker of [grants, start()])
      expect(await worker.find(origin)).toMatchObject([
        { withoutAskingUntil: { sign: until, 'messages.read': until, 'messages.write': null } },
      ]);
  });

  it('P2 takes away what was asked about and not given, and its decision with it', async () => {
    const { grants } = await setUp();
    await grants.put(asked({ capabilities: ['identity', 'messages.read'], remember: '1d' }));
    await grants.put(more({ asked: ['messages.read', 'messages.write'] }));
    await grants.put(more({ requestId: '08'.repeat(16), capabilities: ['messages.read'], asked: ['messages.read'] }));
    expect(await grants.find(origin)).toMatchObject([
      {
        capabilities: ['identity', 'messages.read', 'messages.write'],
        withoutAskingUntil: { 'messages.read': null, 'messages.write': null },
      },
    ]);
  });

  it('P2 keeps nothing of a grant that does not hold: ended, of another document, spent, forged, or of an earlier session', async () => {
    const before: [Partial<NewGrant>, (world: Awaited<ReturnType<typeof setUp>>) => unknown][] = [
      [{ duration: '1h' }, ({ clock }) => (clock.nowMs += hourMs)],
      [{ duration: 'once', documentKey: 'doc-2' }, () => undefined],
      [{ duration: 'once' }, ({ grants }) => grants.consumeOnce(origin, alice, '0a'.repeat(16))],
      [{ duration: 'until-locked' }, async ({ open }) => (await open.lock(alice), open.unlock(alice))],
      [
        { duration: '1d' },
        async ({ db, rows }) => {
          const [row] = await rows();
          row!.bytes[row!.bytes.length - 1]! ^= 1;
          await (await db.connect()).put('grants', row!);
        },
      ],
    ];
    for (const [change, end] of before) {
      const world = await setUp();
      await world.grants.put(asked(change));
      await end(world);
      expect([change.duration, (await world.start().put(more())).capabilities]).toEqual([
        change.duration,
        ['messages.write'],
      ]);
    }
  });

  it('P2 refuses to give what the card did not ask about', async () => {
    const { grants } = await setUp();
    expect(await fault(grants.put(more({ capabilities: ['sign', 'messages.write'] })))).toBe('invalid-input');
    expect(await fault(grants.put(more({ wish: 'for-ever' as Duration })))).toBe('invalid-input');
  });

  it('P2 being asked each time is the person’s choice: it needs the identity unlocked, stays when more is given, and ends with the grant', async () => {
    const { grants, open, start } = await setUp();
    await grants.put(asked({ wish: '30d' }));
    expect(await fault(grants.setAsking(other, alice, true))).toBe('not-found');
    await grants.setAsking(origin, alice, true);
    await grants.put(more());
    expect(await start().list()).toMatchObject([
      { asksToConnect: true, capabilities: ['identity', 'sign', 'messages.write'] },
    ]);
    await open.lock(alice);
    expect(await fault(grants.setAsking(origin, alice, false))).toBe('locked');
    open.unlock(alice);
    await grants.setAsking(origin, alice, false);
    expect(await start().find(origin)).toMatchObject([{ asksToConnect: false, wish: null }]);
    await grants.setAsking(origin, alice, true);
    await grants.revoke(origin);
    expect(await grants.put(more())).toMatchObject({ asksToConnect: false });
  });
});
