// How far a grant goes: where, how often, and what becomes of it when the person changes it.
// Promises: real stores and MACs; what lies on the disk is looked at as bytes.
import 'fake-indexeddb/auto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capabilities, type Capability } from '../../contract/grants';
import { isScoped, isWithin, justOnce, type Scope } from '../../contract/scopes';
import { openDatabase, readStores, writeStrict } from '../store/database';
import type { Bytes } from '../store/encoding';
import { createMemoryArea, createTestHost, testStartMs } from '../testkit/memory-host.testkit';
import { createTestSafes } from '../testkit/open-safes.testkit';
import { createGrants, type NewGrant } from './grants';

const alice = 'a1'.repeat(16);
const origin = 'https://app.example';
const hourMs = 3_600_000;
const bob = '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf';
const cem = '0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF';
const topic = '/xmtp/0/m-secret/proto';
const withBob: Scope = { of: 'peers', peers: [bob] };
let databases = 0;
let requests = 0;

async function setUp() {
  const clock = { nowMs: testStartMs };
  const open = createTestSafes();
  await open.add(alice, '0xA');
  const disk = { session: createMemoryArea(), databaseName: `bounds-${++databases}` };
  const db = openDatabase(disk.databaseName);
  const start = () => createGrants({ db, host: createTestHost({ clock, ...disk }), open, onChange: () => undefined });
  const rows = () => readStores(db, ['grants'], (transaction) => transaction.objectStore('grants').getAll());
  const put = (row: { safeId: string; origin: string; bytes: Bytes }) =>
    writeStrict(db, ['grants'], (transaction) => transaction.objectStore('grants').put(row));
  return { clock, open, start, rows, put, grants: start() };
}

const asked = (change: Partial<NewGrant> = {}): NewGrant => ({
  origin,
  safeId: alice,
  capabilities: ['identity', 'messages.read', 'messages.write'],
  duration: '1d',
  documentKey: 'doc',
  requestId: (++requests).toString(16).padStart(32, '0'),
  ...change,
});
const fault = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: { reason?: string }) => error.reason ?? error,
  );
const scopeOf = (grant: { bounds: { capability: Capability; scope: Scope | null }[] }, capability: Capability) =>
  grant.bounds.find((one) => one.capability === capability)?.scope;

describe('where', () => {
  it('P2 is what the person gave, in this worker and the next; what was not said is where it was asked for', async () => {
    const { grants, start } = await setUp();
    await grants.put(
      asked({
        scopes: { 'messages.read': { of: 'peers', peers: [cem, bob.toLowerCase(), bob] } },
        scopesAsked: { 'messages.write': { of: 'site' } },
      }),
    );
    for (const each of [grants, start()]) {
      const grant = await each.use(origin, alice, 'messages.read', 'doc');
      expect(scopeOf(grant, 'identity')).toBeNull();
      expect(scopeOf(grant, 'messages.read')).toEqual({ of: 'peers', peers: [cem, bob] });
      expect(scopeOf(grant, 'messages.write')).toEqual({ of: 'site' });
    }
  });

  it('P2 is never wider than was asked, and names somebody', async () => {
    const { grants } = await setUp();
    const give = (scope: Scope, wish: Scope) =>
      fault(grants.put(asked({ scopes: { 'messages.read': scope }, scopesAsked: { 'messages.read': wish } })));
    expect(await give({ of: 'all' }, { of: 'site' })).toBe('invalid-input');
    expect(await give(withBob, { of: 'peers', peers: [cem] })).toBe('invalid-input');
    expect(await give({ of: 'peers', peers: [] }, { of: 'all' })).toBe('invalid-input');
    expect(await give({ of: 'peers', peers: ['bob'] }, { of: 'all' })).toBe('invalid-input');
    expect(await give({ of: 'conversations', topics: ['t'.repeat(301)] }, { of: 'all' })).toBe('invalid-input');
    expect(await give(withBob, { of: 'peers', peers: [cem, bob] })).toBeUndefined();
  });

  it('whom a scope names is not told by the disk, nor while locked; and it is no grant when that does not open', async () => {
    const { grants, start, open, rows, put } = await setUp();
    await grants.put(
      asked({ scopes: { 'messages.read': withBob, 'messages.write': { of: 'conversations', topics: [topic] } } }),
    );
    await grants.remember(origin, alice, 'messages.read', '1d', withBob);
    const [row] = await rows();
    const disk = new TextDecoder('latin1').decode(row!.bytes);
    expect(disk).toContain(origin);
    for (const name of [bob.slice(2, 20), topic.slice(5)]) expect(disk.toLowerCase()).not.toContain(name.toLowerCase());
    await open.lock(alice);
    const [locked] = await start().list();
    expect(locked!.bounds.map(({ scope }) => scope)).toEqual([
      null,
      { of: 'peers', peers: [] },
      { of: 'conversations', topics: [] },
    ]);
    open.unlock(alice);
    // The sealed names stand right before the MAC, which covers them.
    const at = row!.bytes.length - 40;
    const bytes = row!.bytes.slice() as Bytes;
    bytes[at]! ^= 1;
    await put({ safeId: alice, origin, bytes });
    expect(await start().find(origin)).toEqual([]);
  });

  it('P2 a token is given only where everything is reached', async () => {
    const { grants } = await setUp();
    const given = asked({ capabilities: ['messages.read', 'messages.write', 'network.token'] });
    await grants.put(given);
    expect(await fault(grants.use(origin, alice, 'network.token', 'doc'))).toBeUndefined();
    await grants.edit(origin, alice, { scopes: { 'messages.write': { of: 'site' } } });
    expect(await fault(grants.use(origin, alice, 'network.token', 'doc'))).toBe('not-found');
    await grants.edit(origin, alice, { scopes: { 'messages.write': { of: 'all' } } });
    expect(await fault(grants.use(origin, alice, 'network.token', 'doc'))).toBeUndefined();
  });
});

describe('without asking', () => {
  it('P2 holds in its own part only; several parts stand beside each other, and everything takes their place', async () => {
    const { grants, start } = await setUp();
    await grants.put(asked());
    const parts = async (each = grants) => each.rememberedScopes((await each.find(origin, 'doc'))[0]!, 'messages.read');
    const remembers = async () => grants.remembers((await grants.find(origin, 'doc'))[0]!, 'messages.read');
    await grants.remember(origin, alice, 'messages.read', '1h', withBob);
    await grants.remember(origin, alice, 'messages.read', '1d', { of: 'conversations', topics: [topic] });
    for (const each of [grants, start()])
      expect(await parts(each)).toEqual([withBob, { of: 'conversations', topics: [topic] }]);
    expect(await remembers()).toBe(false);
    await grants.remember(origin, alice, 'messages.read', '1h');
    expect(await remembers()).toBe(true);
    expect(await parts()).toEqual([{ of: 'all' }]);
  });

  it('P2 ends each by its own time, and a narrower grant is not widened by it', async () => {
    const { grants, clock } = await setUp();
    await grants.put(asked());
    await grants.remember(origin, alice, 'messages.read', '1h', withBob);
    await grants.remember(origin, alice, 'messages.read', '1d', { of: 'site' });
    clock.nowMs += hourMs;
    const [grant] = await grants.find(origin, 'doc');
    expect(grants.rememberedScopes(grant!, 'messages.read')).toEqual([{ of: 'site' }]);
    await grants.remember(origin, alice, 'messages.read', '1d');
    await grants.edit(origin, alice, { scopes: { 'messages.read': withBob } });
    const [narrowed] = await grants.find(origin, 'doc');
    expect(grants.rememberedScopes(narrowed!, 'messages.read')).toEqual([withBob]);
    await grants.edit(origin, alice, { scopes: { 'messages.read': { of: 'all' } }, asksAgain: true });
    const [again] = await grants.find(origin, 'doc');
    expect(grants.rememberedScopes(again!, 'messages.read')).toEqual([]);
  });
});

describe('how often', () => {
  it('P2 once is once, for every capability; the same use again is the same, and the next worker counts on', async () => {
    for (const capability of capabilities) {
      const { grants, start } = await setUp();
      await grants.put(asked({ capabilities: [capability], budgets: { [capability]: justOnce } }));
      const use = (name: string, each = grants) =>
        fault(each.use(origin, alice, capability, 'doc', undefined, () => name));
      expect(await use('one')).toBeUndefined();
      expect(await use('one')).toBeUndefined();
      expect(await use('one', start())).toBeUndefined();
      expect(await use('two')).toBe('not-found');
      expect(await use('two', start())).toBe('not-found');
      // Used up: the site has it no more, so that asking for it is a card.
      expect((await grants.find(origin, 'doc')).flatMap((grant) => grant.capabilities)).not.toContain(capability);
    }
  });

  it('P2 of an hour: refused when used up, and there again when the hour is over', async () => {
    const { grants, clock } = await setUp();
    await grants.put(asked({ budgets: { 'messages.read': { uses: 2, per: 'hour' } } }));
    const use = (name: string) => fault(grants.use(origin, alice, 'messages.read', 'doc', undefined, () => name));
    const left = async () =>
      (await grants.list())[0]!.bounds.find((one) => one.capability === 'messages.read')!.usesLeft;
    expect([await left(), await use('one'), await left(), await use('two'), await left()]).toEqual([
      2,
      undefined,
      1,
      undefined,
      0,
    ]);
    expect(await use('three')).toBe('limit');
    expect(await fault(grants.use(origin, alice, 'messages.read', 'doc'))).toBe('limit');
    expect(await fault(grants.use(origin, alice, 'messages.write', 'doc', undefined, () => 'w'))).toBeUndefined();
    clock.nowMs += hourMs;
    expect([await left(), await use('four')]).toEqual([2, undefined]);
  });

  it('P2 law: however many ask at the same time, no more are let through than were given', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 12 }), async (uses, asking) => {
        const { grants } = await setUp();
        await grants.put(asked({ budgets: { 'messages.read': { uses, per: 'all' } } }));
        const all = await Promise.all(
          Array.from({ length: asking }, (_, n) =>
            fault(grants.use(origin, alice, 'messages.read', 'doc', undefined, () => `use ${n}`)),
          ),
        );
        expect(all.filter((one) => one === undefined)).toHaveLength(Math.min(uses, asking));
      }),
      { numRuns: 25 },
    );
  });

  it('a number of uses that is none is refused', async () => {
    const { grants } = await setUp();
    for (const uses of [0, -1, 1.5, 1_000_001, Number.NaN])
      expect(await fault(grants.put(asked({ budgets: { identity: { uses, per: 'all' } } })))).toBe('invalid-input');
  });
});

describe('changed by the person', () => {
  it('P2 law: what is left reaches what was said, and nothing of it appears by itself', async () => {
    const scope = fc.constantFrom<Scope>({ of: 'all' }, { of: 'site' }, withBob, { of: 'peers', peers: [cem] });
    const { grants } = await setUp();
    await fc.assert(
      fc.asyncProperty(
        scope,
        scope,
        fc.subarray(['identity', 'messages.read', 'messages.write'] as const, { minLength: 1 }),
        async (first, then, kept) => {
          await grants.put(asked({ scopes: { 'messages.read': first } }));
          const edited = await grants.edit(origin, alice, { capabilities: kept, scopes: { 'messages.read': then } });
          expect(edited.capabilities).toEqual(kept);
          const found = scopeOf(edited, 'messages.read');
          expect(found).toEqual(kept.includes('messages.read') ? then : undefined);
          for (const capability of capabilities)
            expect(await fault(grants.use(origin, alice, capability, 'doc'))).toBe(
              kept.some((one) => one === capability) ? undefined : 'not-found',
            );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('P2 without asking is as far as the grant goes after the change, for messages only, and until then', async () => {
    const { grants, clock } = await setUp();
    await grants.put(asked({ capabilities: ['identity', 'sign', 'messages.read', 'network.token'] }));
    const edited = await grants.edit(origin, alice, { remember: '1h', scopes: { 'messages.read': withBob } });
    const untilMs = clock.nowMs + hourMs;
    expect(edited.withoutAskingUntil).toEqual({ sign: null, 'messages.read': untilMs });
    expect(grants.rememberedScopes(edited, 'messages.read')).toEqual([withBob]);
    expect(['sign', 'network.token', 'identity'].filter((one) => grants.remembers(edited, one as Capability))).toEqual(
      [],
    );
    // Wider afterwards is asked about.
    const wider = await grants.edit(origin, alice, { scopes: { 'messages.read': { of: 'all' } } });
    expect(grants.remembers(wider, 'messages.read')).toBe(false);
    expect(grants.rememberedScopes(wider, 'messages.read')).toEqual([withBob]);
    clock.nowMs = untilMs;
    const [later] = await grants.find(origin);
    expect(grants.rememberedScopes(later!, 'messages.read')).toEqual([]);
    await grants.edit(origin, alice, { remember: 'until-locked' });
    const [again] = await grants.find(origin);
    expect(grants.remembers(again!, 'messages.read')).toBe(true);
    expect((await grants.edit(origin, alice, { asksAgain: true })).withoutAskingUntil['messages.read']).toBeNull();
  });

  it('P2 gives no capability that the site did not get, needs the identity unlocked, and a grant that holds', async () => {
    const { grants, open, clock } = await setUp();
    await grants.put(asked());
    expect(await fault(grants.edit(origin, alice, { capabilities: ['identity', 'sign'] }))).toBe('invalid-input');
    expect(await fault(grants.edit(origin, alice, { scopes: { notifications: { of: 'all' } } }))).toBe('invalid-input');
    expect(await fault(grants.edit(origin, alice, { capabilities: [] }))).toBe('invalid-input');
    expect(await fault(grants.edit('https://other.example', alice, {}))).toBe('not-found');
    const { expiresAtMs } = await grants.edit(origin, alice, { duration: '1h' });
    expect(expiresAtMs).toBe(clock.nowMs + hourMs);
    await open.lock(alice);
    expect(await fault(grants.edit(origin, alice, {}))).toBe('locked');
    open.unlock(alice);
    clock.nowMs += 2 * hourMs;
    expect(await fault(grants.edit(origin, alice, {}))).toBe('not-found');
  });
});

describe('comparing', () => {
  const scope = fc.oneof(
    fc.constantFrom<Scope>({ of: 'all' }, { of: 'site' }),
    fc.subarray([bob, cem, bob.toLowerCase()], { minLength: 1 }).map((peers): Scope => ({ of: 'peers', peers })),
    fc.subarray(['t', 'T', 'u'], { minLength: 1 }).map((topics): Scope => ({ of: 'conversations', topics })),
  );

  it('law: within is an order, everything is the widest, and nothing but everything holds another kind', () => {
    fc.assert(
      fc.property(scope, scope, scope, (a, b, c) => {
        expect(isWithin(a, a) && isWithin(a, { of: 'all' })).toBe(true);
        if (isWithin(a, b) && isWithin(b, c)) expect(isWithin(a, c)).toBe(true);
        if (b.of !== 'all' && a.of !== b.of) expect(isWithin(a, b)).toBe(false);
      }),
    );
    expect(isScoped('messages.read') && !isScoped('preferences')).toBe(true);
  });
});
