// Laws of grants that hold for any input: bytes survive the trip, no flipped byte gives anything, one origin is one tuple.
import 'fake-indexeddb/auto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capabilities, durations, type Capability } from '../../contract/grants';
import { isScoped, mostUses, type Scope } from '../../contract/scopes';
import { openDatabase } from '../store/database';
import type { Bytes } from '../store/encoding';
import {
  decodeGrant,
  encodeGrant,
  encodeNames,
  isGrantOrigin,
  mostRemembered,
  withNames,
  type StoredGrant,
} from './grant-record';
import { createGrants } from './grants';
import { createTestHost, testStartMs } from '../testkit/memory-host.testkit';
import { createTestSafes } from '../testkit/open-safes.testkit';
import { lawOf } from '../../../scripts/campaign/size';

const alice = 'a1'.repeat(16);
const bob = 'b2'.repeat(16);

const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
const hexId = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''));
const text = fc.string({ unit: 'binary' });
const names = fc.uniqueArray(text, { minLength: 1, maxLength: 4 });
const anyScope: fc.Arbitrary<Scope> = fc.oneof(
  fc.constantFrom<Scope>({ of: 'all' }, { of: 'site' }),
  names.map((peers): Scope => ({ of: 'peers', peers })),
  names.map((topics): Scope => ({ of: 'conversations', topics })),
);
const anyBounds = fc.record({
  scope: anyScope,
  wish: anyScope,
  budget: fc.option(
    fc.record({ uses: fc.integer({ min: 1, max: mostUses }), per: fc.constantFrom('hour' as const, 'all' as const) }),
  ),
  used: fc.option(fc.record({ fromMs: time, count: fc.nat(), last: text })),
});
const scopeFor = <S>(capability: Capability, scope: S) => (isScoped(capability) ? scope : null);
const anyGrant: fc.Arbitrary<StoredGrant> = fc
  .record({
    safeId: hexId,
    origin: text,
    account: text,
    capabilities: fc.subarray([...capabilities], { minLength: 1 }),
    duration: fc.constantFrom(...durations),
    grantedAtMs: time,
    expiresAtMs: fc.option(time),
    lastUsedAtMs: fc.option(time),
    documentKey: text,
    runId: text,
    sessionId: text,
    requestId: text,
    bounds: fc.array(anyBounds, { minLength: capabilities.length, maxLength: capabilities.length }),
    remembered: fc.array(
      fc.record({
        capability: fc.constantFrom('sign' as const, 'messages.read' as const, 'preferences' as const),
        until: fc.oneof(time, fc.constant('until-locked' as const)),
        decidedAtMs: time,
        sessionId: text,
        scope: anyScope,
      }),
      { maxLength: 5 },
    ),
    spent: fc.option(fc.record({ requestId: text, atMs: time })),
    wish: fc.option(fc.constantFrom(...durations)),
    asksToConnect: fc.boolean(),
  })
  .map((grant) => ({
    ...grant,
    bounds: grant.capabilities.map((capability, at) => {
      const { scope, wish, budget, used } = grant.bounds[at]!;
      return { capability, scope: scopeFor(capability, scope), wish: scopeFor(capability, wish), budget, used };
    }),
    remembered: grant.remembered.map((one) => ({ ...one, scope: scopeFor(one.capability, one.scope) })),
  }));

/** The bytes of a grant, with its names as they are instead of sealed. */
const bytesOf = (grant: StoredGrant): Bytes => encodeGrant(grant, encodeNames(grant));
const grantOf = (bytes: Bytes): StoredGrant => {
  const { grant, sealedNames } = decodeGrant(bytes);
  return sealedNames.length === 0 ? grant : withNames(grant, sealedNames);
};

describe('the bytes of a grant', () => {
  it('decoding inverts encoding', () => {
    fc.assert(
      fc.property(anyGrant, (grant) => {
        expect(grantOf(bytesOf(grant))).toEqual(grant);
      }),
      { numRuns: 1000 },
    );
  });

  it('law: what earlier formats wrote opens, and means all conversations and no budget', () => {
    fc.assert(
      fc.property(anyGrant, fc.constantFrom(1 as const, 2 as const), (grant, format) => {
        const one = { ...grant, remembered: grant.remembered.slice(0, 1) };
        const { grant: read, sealedNames } = decodeGrant(encodeGrant(one, undefined, format));
        const everywhere = (capability: Capability) => scopeFor<Scope>(capability, { of: 'all' });
        expect(sealedNames).toHaveLength(0);
        expect(read).toEqual({
          ...one,
          ...(format === 1 && { wish: null, asksToConnect: false }),
          bounds: one.capabilities.map((capability) => ({
            capability,
            scope: everywhere(capability),
            wish: everywhere(capability),
            budget: null,
            used: null,
          })),
          remembered: one.remembered.map((decision) => ({ ...decision, scope: everywhere(decision.capability) })),
        });
      }),
    );
  });

  it('two different grants never have the same bytes', () => {
    fc.assert(
      fc.property(
        anyGrant,
        anyGrant,
        fc.constantFrom('safeId', 'origin', 'account', 'documentKey', 'requestId', 'spent', 'remembered'),
        (a, b, field) => {
          const mixed = { ...a, [field]: b[field as 'origin'] };
          expect(bytesOf(mixed).join() === bytesOf(a).join()).toBe(JSON.stringify(mixed) === JSON.stringify(a));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('no capability, an unknown one, or a second spelling is no grant', () => {
    const [grant] = fc.sample(anyGrant, { numRuns: 1, seed: 7 });
    if (!grant) throw new Error('a grant expected');
    const spelled = (change: object) => bytesOf({ ...grant, ...change } as StoredGrant);
    const remembered = [{ capability: 'sign', until: 'until-locked', decidedAtMs: 1, sessionId: 's', scope: null }];
    expect(grantOf(spelled({ remembered }))).toEqual({ ...grant, remembered });
    expect(() => decodeGrant(spelled({ capabilities: [] }))).toThrow('damaged');
    expect(() => decodeGrant(spelled({ capabilities: ['everything'] }))).toThrow('damaged');
    expect(() => decodeGrant(spelled({ duration: 'for-ever' }))).toThrow('damaged');
    const many = Array.from({ length: mostRemembered + 1 }, () => remembered[0]);
    expect(() => decodeGrant(spelled({ remembered: many }))).toThrow('damaged');
    expect(() => decodeGrant(spelled({ bounds: [] }))).toThrow('damaged');
    expect(() => decodeGrant(encodeGrant(grant!, Uint8Array.of(1)))).toThrow('damaged');
    expect(() => decodeGrant(spelled({ remembered: [{ ...remembered[0], capability: 'sign.digest' }] }))).toThrow(
      'damaged',
    );
    const bytes = spelled({ remembered });
    const at = new TextDecoder('latin1').decode(bytes).indexOf('until-locked');
    bytes[at] = 'U'.charCodeAt(0);
    expect(() => decodeGrant(bytes)).toThrow('damaged');
  });

  it('what is cut off, goes on, or is noise is no grant', () => {
    fc.assert(
      fc.property(anyGrant, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 40 }), (grant, at, noise) => {
        const bytes = bytesOf(grant);
        expect(() => decodeGrant(bytes.slice(0, at % bytes.length) as Bytes)).toThrow('damaged');
        expect(() => decodeGrant(Uint8Array.of(...bytes, ...noise))).toThrow('damaged');
        expect(() => decodeGrant(Uint8Array.from(noise))).toThrow('damaged');
      }),
      { numRuns: 1000 },
    );
  });
});

/** A grant of `identity` with another capability, as somebody would write it. */
const withSign = (grant: StoredGrant): StoredGrant => ({
  ...grant,
  capabilities: ['identity', 'sign'],
  bounds: [...grant.bounds, { capability: 'sign', scope: null, wish: null, budget: null, used: null }],
});

/** A stored grant, and a way to look at the database with other bytes in it through a new worker. */
async function stored() {
  const clock = { nowMs: testStartMs };
  const open = createTestSafes();
  await open.add(alice, '0xA');
  await open.add(bob, '0xB');
  const host = createTestHost({ clock });
  const db = openDatabase(host.databaseName);
  const start = () => createGrants({ db, host, open, onChange: () => undefined });
  const origin = 'https://app.example';
  await start().put({
    origin,
    safeId: alice,
    capabilities: ['identity'],
    duration: '1h',
    documentKey: 'doc',
    requestId: '01'.repeat(16),
  });
  const connection = await db.connect();
  const row = await connection.get('grants', [alice, origin]);
  if (!row) throw new Error('a row expected');
  return { clock, open, start, origin, row, put: (changed: typeof row) => connection.put('grants', changed) };
}

const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: { reason?: string }) => error.reason,
  );

describe('a row that was tampered with', () => {
  it('P2 gives nothing, whichever bits were flipped, and nothing in a list', async () => {
    const { start, open, origin, row, put } = await stored();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(row.bytes.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, mask, isLockedFirst) => {
          const bytes = row.bytes.slice();
          bytes[at] = (bytes[at] as number) ^ mask;
          await put({ ...row, bytes });
          const grants = start();
          if (isLockedFirst) {
            await open.lock(alice);
            for (const found of await grants.find(origin)) expect(found.verified).toBe(false);
            expect(await reasonOf(grants.use(origin, alice, 'identity', 'doc'))).toBe('locked');
            open.unlock(alice);
          }
          expect(await grants.find(origin)).toEqual([]);
          expect(await grants.list()).toEqual([]);
          for (const capability of capabilities)
            expect(await reasonOf(grants.use(origin, alice, capability, 'doc'))).toBe('not-found');
        },
      ),
      { numRuns: 1500 },
    );
    await put(row);
    expect(await start().use(origin, alice, 'identity', 'doc')).toMatchObject({ origin });
  });

  it('P2 gives nothing in another place, or under another identity', async () => {
    const { start, origin, row, put } = await stored();
    await put({ ...row, origin: 'https://evil.example' });
    await put({ ...row, safeId: bob });
    const forged = encodeGrant({
      ...withSign(decodeGrant(row.bytes.slice(0, -32) as Bytes).grant),
      safeId: bob,
    });
    await put({ safeId: bob, origin, bytes: Uint8Array.of(...forged, ...row.bytes.slice(-32)) });
    const grants = start();
    expect(await grants.find('https://evil.example')).toEqual([]);
    expect((await grants.find(origin)).map((grant) => grant.safeId)).toEqual([alice]);
    expect(await reasonOf(grants.use('https://evil.example', alice, 'identity', 'doc'))).toBe('not-found');
    expect(await reasonOf(grants.use(origin, bob, 'identity', 'doc'))).toBe('not-found');
  });
});

describe('R-A2 a grant', () => {
  it('R-A2 is found by its own origin, and by no other port, scheme or host', async () => {
    const { start, origin } = await stored();
    const grants = start();
    expect(await grants.find(origin)).toHaveLength(1);
    for (const other of [
      `${origin}:8443`,
      `${origin}:444`,
      'http://app.example',
      'https://app.example.com',
      'https://sub.app.example',
      'https://example',
    ]) {
      expect([other, await grants.find(other)]).toEqual([other, []]);
      expect(await reasonOf(grants.use(other, alice, 'identity', 'doc'))).toBe('not-found');
    }
  });
});

describe('a row that was widened', () => {
  it('P2 is neither built upon nor found again, locked or unlocked, and a new grant takes its place', async () => {
    const { start, open, origin, row, put } = await stored();
    const { grant } = decodeGrant(row.bytes.slice(0, -32) as Bytes);
    const wider = encodeGrant({ ...withSign(grant), duration: 'once', expiresAtMs: null });
    await put({ ...row, bytes: Uint8Array.of(...wider, ...row.bytes.slice(-32)) });
    const grants = start();
    expect(await reasonOf(grants.remember(origin, alice, 'sign', '1d'))).toBe('not-found');
    expect(await reasonOf(grants.consumeOnce(origin, alice, '0a'.repeat(16)))).toBe('not-found');
    expect(await grants.find(origin)).toEqual([]);
    await open.lock(alice);
    expect(await grants.find(origin)).toEqual([]);
    open.unlock(alice);
    // The same approval carried out again: what stands in its place is not what was approved.
    const { safeId, requestId } = grant;
    await grants.put({ origin, safeId, requestId, capabilities: ['identity'], duration: '1h', documentKey: 'doc' });
    expect(await start().find(origin)).toMatchObject([{ capabilities: ['identity'], duration: '1h' }]);
  });
});

describe('origins', () => {
  const scheme = fc.constantFrom('https', 'http', 'ftp', 'chrome-extension');
  const label = fc.constantFrom('app', 'App', 'xn--bcher-kva', 'a', 'example', 'com', 'localhost', '127');
  const host = fc.oneof(
    fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.')),
    fc.constantFrom('localhost', '127.0.0.1', '[::1]', 'bücher.example', 'app.example.', '0x7f.1'),
  );
  const port = fc.constantFrom('', ':', ':80', ':443', ':0443', ':8443', ':1');
  const rest = fc.constantFrom('', '', '', '/', '?', '#', '/path');
  const spelled = fc.tuple(scheme, host, port, rest).map((parts) => `${parts[0]}://${parts[1]}${parts[2]}${parts[3]}`);
  const tuple = (origin: string) => {
    const url = new URL(origin);
    const defaultPort = url.protocol === 'https:' ? '443' : '80';
    return JSON.stringify([url.protocol, url.hostname, url.port === '' ? defaultPort : url.port]);
  };

  it('R-A2 two origins have the same key exactly when scheme, host and port are the same', () => {
    let kept = 0;
    let all = 0;
    fc.assert(
      fc.property(spelled, spelled, (a, b) => {
        all++;
        if (!URL.canParse(a) || !URL.canParse(b)) return;
        // A page is named by the browser, in its own spelling; any other spelling is not a key.
        const [keyA, keyB] = [new URL(a).origin, new URL(b).origin];
        expect(isGrantOrigin(a)).toBe(isGrantOrigin(keyA) && a === keyA);
        if (!isGrantOrigin(keyA) || !isGrantOrigin(keyB)) return;
        kept++;
        expect(keyA === keyB).toBe(tuple(a) === tuple(b));
      }),
      lawOf('origins', 'pairs'),
    );
    expect(kept).toBeGreaterThan(all / 100);
  });

  it('R-A2 only the browser’s own spelling of a secure origin is a key', () => {
    for (const origin of [
      'https://app.example',
      'https://app.example:8443',
      'https://xn--bcher-kva.example',
      'http://localhost:5173',
      'http://127.0.0.1',
    ])
      expect([origin, isGrantOrigin(origin)]).toEqual([origin, true]);
    const others = [
      '',
      'null',
      'https://',
      'app.example',
      'https://app.example/',
      'https://APP.example',
      'https://app.example:443',
      'https://app.example.',
      'https://bücher.example',
      'http://app.example',
      'http://localhost.',
      'http://localhost.example',
      'http://127.0.0.2',
      'https://u@app.example',
      'file://',
      'data:,x',
      'blob:https://app.example',
      'chrome-extension://abcdefghijklmnop',
      `https://${'a'.repeat(300)}.example`,
      'https://app.example\n',
      ' https://app.example',
    ];
    for (const origin of others) expect([origin, isGrantOrigin(origin)]).toEqual([origin, false]);
  });
});
