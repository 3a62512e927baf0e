// Anything at all as a frame of a page, at the gate over a real vault: built from the schemas and changed, or the text of a packed frame with bytes
// flipped, cut and doubled; and the calls of our own pages, spoken by a page.
// Law: every request is answered, waits for a person or closes its port; nothing is answered that no grant gives, and the identity is what it was.
import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type * as v from 'valibot';
import { eachCase, lawOf, seedOf, sizeOf } from '../../../scripts/campaign/size';
import { packBytes } from '../../contract/bytes-codec';
import { errorCode, VaultError } from '../../contract/errors';
import { capabilities, type Capability } from '../../contract/grants';
import { limits } from '../../contract/limits';
import { isMethodName, methods, type MethodName } from '../../contract/dapp/methods';
import { pageMethods } from '../../contract/pages/methods';
import { oraclesOf, type Oracles, type Told } from '../../vault/testkit/oracles.testkit';
import { enrolledBrowser } from '../../vault/testkit/vault.testkit';
import type { Vault } from '../../vault/vault';
import type { Dapp } from '../browser/sender';
import { createAdmission } from './admission';
import { createDappPorts, type DappPorts, type PortLike } from './ports';
import { createRouter } from './router';

const names = Object.keys(methods) as MethodName[];
const stranger = 'https://stranger.example';
const friend = 'https://friend.example';
const asks: Capability = 'sign';
const answered: readonly Capability[] = ['messages.read', 'messages.write', 'preferences', 'notifications'];

/** A port as the browser would give it: what is posted crosses as JSON does, bytes kept. */
function portOf() {
  const sent: Record<string, unknown>[] = [];
  let [say, gone]: [(message: unknown) => void, () => void] = [() => undefined, () => undefined];
  const port: PortLike = {
    postMessage: (message) => void sent.push(message as Record<string, unknown>),
    disconnect: () => void (end.isClosed = true),
    onMessage: { addListener: (listener) => void (say = listener) },
    onDisconnect: { addListener: (listener) => void (gone = listener) },
  };
  const end = { port, sent, isClosed: false, say: (message: unknown) => say(message), gone: () => gone() };
  return end;
}

let vault: Vault;
let ports: DappPorts;
let oracles: Oracles;
beforeAll(async () => {
  const world = await enrolledBrowser();
  vault = world.vault;
  oracles = oraclesOf(world, [world]);
  const noNode = () => Promise.reject(new VaultError('no-network'));
  const admission = createAdmission();
  const router = createRouter({
    vault,
    version: '1',
    nowMs: world.host.nowMs,
    publisher: { describe: noNode, fix: noNode, publish: noNode },
    admission,
    rotatedAtMs: async () => ({}),
    present: async () => undefined,
  });
  ports = createDappPorts({ router, admission, ready: Promise.resolve() });
  await vault.grants.put({
    origin: friend,
    safeId: world.safeId,
    capabilities: [...capabilities],
    duration: 'until-revoked',
    documentKey: 'D0',
    requestId: '0'.repeat(32),
    scopes: {},
    remember: '1d',
  });
});

let documents = 0;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Whether a result may leave: what is open to all, and of what was granted only what is answered without asking. */
function isGiven(origin: string, method: string): boolean {
  if (!isMethodName(method)) return false;
  const { tier, capability } = methods[method];
  if (tier === 'open') return true;
  if (origin !== friend) return false;
  // It has everything, so that it can ask for nothing that it has not: that is answered from its grant.
  if (method === 'vault_connect') return true;
  return tier === 'granted' || (capability !== asks && answered.includes(capability as Capability));
}

/** Says frames on the port of a new document, gives every request what it waits for but a person, and judges what came of it. */
async function frameHolds(origin: string, frames: readonly unknown[]): Promise<void> {
  const dapp: Dapp = { kind: 'dapp', origin, documentKey: `D${++documents}`, tabId: 1 };
  const end = portOf();
  ports.accept(end.port, dapp);
  const asked = new Map<string, { method: string; frame: unknown }>();
  for (const frame of frames) {
    if (end.isClosed) break;
    const { id, method } = (typeof frame === 'object' && frame !== null ? frame : {}) as Record<string, unknown>;
    if (typeof id === 'string' && typeof method === 'string' && !asked.has(id)) asked.set(id, { method, frame });
    end.say(frame);
  }
  const told: Told[] = [];
  let read = 0;
  await oracles.nothingStuck(
    () => `a frame: ${fc.stringify(frames)}`,
    (async () => {
      const open = new Set(asked.keys());
      while (open.size > 0 && !end.isClosed) {
        for (; read < end.sent.length; read++) {
          const answer = end.sent[read]!;
          if (answer['method'] === 'again') {
            const { frame } = asked.get((answer['params'] as { id: string }).id) ?? {};
            end.say({ ...(frame as object), held: undefined });
          } else if ('id' in answer) {
            const { id } = answer as { id: string };
            told.push({
              what: String(asked.get(id)?.method),
              isResult: 'result' in answer,
              isGiven: isGiven(origin, String(asked.get(id)?.method)),
            });
            open.delete(id);
            if ('error' in answer) expectTyped(answer['error']);
          }
        }
        if (open.size === 0) break;
        for (const id of open) if ((await vault.approvals.get(id))?.state === 'waiting') open.delete(id);
        await turn();
      }
    })(),
  );
  end.gone();
  await oracles.nothingStuck(
    'its end',
    (async () => {
      while ((await vault.approvals.waitingCount()) > 0) await turn();
    })(),
  );
  oracles.nothingUnapproved(told);
  await oracles.nothingLost(vault);
  await oracles.nothingNew(vault);
  await oracles.nothingLeaked(end.sent.map((one) => packBytes(one)));
}

const codes = new Set<unknown>(Object.values(errorCode));
function expectTyped(error: unknown): void {
  const { code, message, data = {} } = error as { code: unknown; message: unknown; data?: object };
  expect([codes.has(code), typeof message]).toEqual([true, 'string']);
  expect(
    Object.keys(data).filter((key) => !['reason', 'field', 'keystoreCode', 'identityText', 'network'].includes(key)),
  ).toEqual([]);
}

const texts = fc.oneof(
  fc.constantFrom(
    '',
    '__proto__',
    'constructor',
    '\ud800',
    '\u202eabc',
    '\0',
    'once',
    '1h',
    `0x${'1'.repeat(40)}`,
    'x'.repeat(301),
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const edges = [limits.signPayloadBytes - 1, limits.signPayloadBytes, limits.signPayloadBytes + 1];
const someBytes = fc.oneof(
  { weight: 40, arbitrary: fc.uint8Array({ maxLength: 120 }) },
  { weight: 1, arbitrary: fc.constantFrom(...edges).map((length) => new Uint8Array(length)) },
);
const ring: Record<string, unknown> = {};
ring['ring'] = ring;
const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    true,
    NaN,
    -0,
    Infinity,
    2 ** 53,
    7n,
    ring,
    new Date(0),
    new Map(),
    new Uint16Array(2),
    new ArrayBuffer(4),
    [],
  ),
  texts,
  fc.integer(),
  someBytes,
  fc.array(texts, { maxLength: 3 }),
  fc.dictionary(texts, fc.integer(), { maxKeys: 3 }),
  fc.nat({ max: 60 }).map((depth) => Array.from({ length: depth }).reduce<unknown>((inner) => ({ inner }), 1)),
  fc.constant({ $bytes: 'AQI=' }),
  fc.constant(JSON.parse('{"__proto__":{"account":1}}') as unknown),
);

/** What fits a schema, or nearly: the patterns that texts must match are not drawn. */
function fitting(schema: v.GenericSchema): fc.Arbitrary<unknown> {
  const one = schema as unknown as {
    type: string;
    wrapped?: v.GenericSchema;
    item?: v.GenericSchema;
    value?: v.GenericSchema;
    key?: v.GenericSchema;
    literal?: unknown;
    entries?: Record<string, v.GenericSchema>;
    options?: readonly unknown[];
  };
  switch (one.type) {
    case 'optional':
      return fc.option(fitting(one.wrapped!), { nil: undefined });
    case 'nullable':
      return fc.option(fitting(one.wrapped!), { nil: null });
    case 'array':
      return fc.array(fitting(one.item!), { maxLength: 4 });
    case 'strict_object':
      return fc.record(Object.fromEntries(Object.entries(one.entries!).map(([key, inner]) => [key, fitting(inner)])));
    case 'record':
      return fc.dictionary(texts, fitting(one.value!), { maxKeys: 3 });
    case 'picklist':
      return fc.constantFrom(...one.options!);
    case 'variant':
    case 'union':
      return fc.oneof(...one.options!.map((inner) => fitting(inner as v.GenericSchema)));
    case 'literal':
      return fc.constant(one.literal);
    case 'instance':
      return someBytes;
    case 'number':
      return fc.oneof(fc.nat(), fc.integer(), fc.double());
    case 'boolean':
      return fc.boolean();
    case 'string':
      return fc.oneof(texts, fc.constantFrom('ab'.repeat(32), 'ab'.repeat(16), 'a purpose'));
    default:
      throw new Error(`no values are drawn for ${one.type}`);
  }
}

/** The value with some of its members replaced, added or taken away. */
const changed = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc
    .tuple(value, fc.array(fc.tuple(fc.nat(), texts, odd, fc.constantFrom('set', 'add', 'drop')), { maxLength: 2 }))
    .map(([whole, changes]) =>
      changes.reduce<unknown>((now, [at, key, put, how]) => {
        if (typeof now !== 'object' || now === null || now instanceof Uint8Array) return put;
        const keys = Object.keys(now);
        const mine = how === 'add' || keys.length === 0 ? key : keys[at % keys.length]!;
        const copy: Record<string, unknown> = { ...now };
        if (how === 'drop') delete copy[mine];
        else Object.defineProperty(copy, mine, { value: put, enumerable: true, configurable: true, writable: true });
        return copy;
      }, whole),
    );

let ids = 0;
const freshId = () => (++ids).toString(16).padStart(32, '0');
const params = Object.fromEntries(names.map((name) => [name, fitting(methods[name].params)])) as Record<
  MethodName,
  fc.Arbitrary<unknown>
>;
const frame: fc.Arbitrary<unknown> = fc.constantFrom(...names).chain((method) =>
  changed(
    fc.record(
      {
        jsonrpc: fc.constant('2.0'),
        id: fc.constant('fresh'),
        method: fc.constant(method),
        params: changed(params[method]),
        held: fc.constant(true),
        size: fc.oneof(fc.nat(), odd),
        clicked: fc.boolean(),
      },
      { requiredKeys: ['jsonrpc', 'id', 'method', 'params'] },
    ),
  ),
);
const named = (drawn: unknown): unknown =>
  typeof drawn === 'object' && drawn !== null && (drawn as { id?: unknown }).id === 'fresh'
    ? { ...drawn, id: freshId() }
    : drawn;
const origins = fc.constantFrom(stranger, friend);

/** The text of a packed frame, with changes; what no longer is JSON arrives as the text it is. */
const mangled = fc
  .tuple(
    fc.constantFrom(...names).chain((method) => fc.tuple(fc.constant(method), params[method])),
    fc.array(
      fc.record({
        kind: fc.constantFrom('flip', 'cut', 'double', 'put'),
        at: fc.nat(),
        length: fc.nat(30),
        byte: fc.nat(255),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([[method, values], changes]) => {
    let text: Buffer;
    try {
      text = Buffer.from(
        JSON.stringify(packBytes({ jsonrpc: '2.0', id: freshId(), method, params: values, packed: true })),
      );
    } catch {
      return null;
    }
    for (const { kind, at, length, byte } of changes) {
      const from = at % (text.length + 1);
      const [head, piece, tail] = [
        text.subarray(0, from),
        text.subarray(from, from + length),
        text.subarray(from + length),
      ];
      if (kind === 'flip')
        text = Buffer.concat([head, Buffer.from(piece.map((one, n) => (n === 0 ? one ^ (byte || 1) : one))), tail]);
      else if (kind === 'cut') text = Buffer.concat([head, tail]);
      else if (kind === 'double') text = Buffer.concat([head, piece, piece, tail]);
      else text = Buffer.concat([head, Buffer.from([byte]), piece, tail]);
    }
    try {
      return JSON.parse(text.toString()) as unknown;
    } catch {
      return text.toString();
    }
  });

describe('R-B4 whatever a page says', () => {
  test('law: frames built from the schemas and changed', async () => {
    await fc.assert(
      fc.asyncProperty(origins, fc.array(frame, { minLength: 1, maxLength: 2 }), (origin, frames) =>
        frameHolds(origin, frames.map(named)),
      ),
      lawOf('frames', 'structured', 'frameHolds'),
    );
  });

  test('law: packed frames with changed bytes', async () => {
    await fc.assert(
      fc.asyncProperty(origins, mangled, (origin, one) => frameHolds(origin, [one])),
      lawOf('frames', 'bytes', 'frameHolds'),
    );
  });

  test('R-A4 the calls of our own pages are nothing at the port of a page', async () => {
    const own = Object.keys(pageMethods);
    const calls = fc.sample(fc.tuple(fc.constantFrom(...own), odd, fc.boolean(), fc.boolean()), {
      seed: seedOf(5),
      numRuns: sizeOf('frames', 'ownPages'),
    });
    await eachCase('frames', 'ownPages', calls, async function ownCallHolds([method, values, isFrame, isFriend]) {
      const id = isFrame ? freshId() : 1;
      await frameHolds(isFriend ? friend : stranger, [
        { jsonrpc: '2.0', id, method, params: values, page: 'approval', name: 'page' },
      ]);
    });
  });
});
