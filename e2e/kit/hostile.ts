// What a hostile page does, as functions that run in the page: poisoning everything it can reach, and random requests.
// Promises: each function stands for itself (it is sent to the page as text); the same seed makes the same requests.
// Must not: need anything of this module when it runs.
import type { ErrorCode } from '../../src/contract/errors';

/** What the poisoned page found out. `touched`: poisoned things that the provider's own code used. `control`: the same for code that does. */
export interface PoisonReport {
  touched: string;
  control: string;
  answers: Record<
    string,
    { result?: unknown; error?: { code: unknown; message: unknown; stack: unknown; isError: boolean } }
  >;
}

/** Inline script of a page: poisons ('before' it asks, or 'between' asking and the answers), asks, and writes a report into #report. */
export function poisonAndAsk(when: 'before' | 'between'): void {
  const { apply, ownKeys } = Reflect;
  const { assign, create, defineProperty, getOwnPropertyDescriptor, setPrototypeOf } = Object;
  const { stringify } = JSON;
  const { then } = Promise.prototype;
  const { includes } = String.prototype;
  const [RealError, RealFunction] = [Error, Function];
  RealError.stackTraceLimit = 50;
  let touched = '';
  let isNoting = false;
  let undo = () => undefined as void;
  const note = (name: string) => {
    if (isNoting) return;
    isNoting = true;
    if (apply(includes, new RealError().stack!, ['inpage.iife.js'])) touched += `${name} `;
    isNoting = false;
  };
  const replace = (owner: object, key: PropertyKey, descriptor: PropertyDescriptor) => {
    const before = getOwnPropertyDescriptor(owner, key);
    if (before && !before.configurable) return;
    const earlier = undo;
    undo = () => {
      if (before) defineProperty(owner, key, assign(create(null) as object, before));
      else delete (owner as Record<PropertyKey, unknown>)[key];
      earlier();
    };
    defineProperty(owner, key, setPrototypeOf({ configurable: true, ...descriptor }, null) as PropertyDescriptor);
  };
  const poison = () => {
    const late: (() => void)[] = [];
    const owners: [string, object][] = [
      ['window', window],
      ['Object', Object],
      ['Reflect', Reflect],
      ['JSON', JSON],
      ['Promise', Promise],
      ['Promise.prototype', Promise.prototype],
      ['Array', Array],
      ['Array.prototype', Array.prototype],
      ['Map.prototype', Map.prototype],
      ['Set.prototype', Set.prototype],
      ['Function.prototype', Function.prototype],
      ['String.prototype', String.prototype],
      ['Symbol.prototype', Symbol.prototype],
      ['Error.prototype', Error.prototype],
      ['Error', Error],
      ['Uint8Array.prototype', Uint8Array.prototype],
      ['EventTarget.prototype', EventTarget.prototype],
      ['Event.prototype', Event.prototype],
      ['CustomEvent.prototype', CustomEvent.prototype],
      ['Crypto.prototype', Crypto.prototype],
    ];
    const globals = new Set<PropertyKey>([
      'structuredClone',
      'Promise',
      'CustomEvent',
      'Event',
      'Error',
      'Reflect',
      'JSON',
      'Map',
      'Set',
      'Array',
      'Uint8Array',
      'dispatchEvent',
      'addEventListener',
      'crypto',
    ]);
    for (const [ownerName, owner] of owners)
      for (const key of ownKeys(owner)) {
        if (
          owner === window ? !globals.has(key) : key === 'constructor' || key === 'prototype' || key === Symbol.species
        )
          continue;
        const name = `${ownerName}.${String(key)}`;
        const { value, get } = getOwnPropertyDescriptor(owner, key)!;
        if (get)
          late.push(() =>
            replace(owner, key, {
              get() {
                note(name);
                return 'poisoned';
              },
            }),
          );
        else if (typeof value === 'function' || owner === window)
          late.push(() =>
            replace(owner, key, {
              writable: true,
              value: function poisoned() {
                note(name);
                return 'poisoned';
              },
            }),
          );
      }
    const inherited = [
      'key',
      'method',
      'params',
      'result',
      'error',
      'event',
      'data',
      'detail',
      'code',
      'message',
      'stack',
      'reason',
      'listen',
      'id',
      'jsonrpc',
      'packed',
      'get',
      'set',
      'value',
      'writable',
      'enumerable',
      'configurable',
      'bubbles',
      'cancelable',
      'composed',
      'resolve',
      'reject',
      'length',
      '0',
      '1',
      'payload',
      'purpose',
      'account',
      'cause',
      'transfer',
    ];
    for (const key of inherited)
      late.push(() =>
        replace(Object.prototype, key, {
          get() {
            note(`Object.prototype.${key}`);
            return undefined;
          },
          set() {
            note(`Object.prototype.${key}=`);
          },
        }),
      );
    // First everything is looked up, then everything is changed: the loops above need what they replace.
    for (let at = 0, count = late.length; at < count; at++) late[at]!();
  };

  const wanted: [string, { method: unknown; params?: unknown }][] = [
    ['accounts', { method: 'vault_accounts' }],
    ['capabilities', { method: 'vault_getCapabilities' }],
    ['sign', { method: 'vault_sign', params: { payload: Uint8Array.of(1, 2, 3), purpose: 'Prove it' } }],
    ['unknown', { method: 'constructor' }],
    ['unfit', { method: 'vault_sign', params: { payload: 'text', purpose: 7 } }],
    ['nonsense', { method: { method: 'vault_sign' } }],
  ];
  const answers = create(null) as PoisonReport['answers'];
  const { prekeyVault } = window as unknown as { prekeyVault: { request(args: unknown): Promise<unknown> } };
  const finish = () => {
    undo();
    const control = touched;
    touched = '';
    const text = stringify({ touched: control, answers, control: '' }, (_key, value: unknown) =>
      value instanceof Uint8Array ? { $u8: [...value] } : value,
    );
    // Code that does use what was poisoned must be noticed, or the empty list above would say nothing.
    poison();
    new RealFunction('Object.keys({}); ({}).key; //# sourceURL=inpage.iife.js')();
    undo();
    const report = JSON.parse(text) as PoisonReport;
    document.getElementById('report')!.textContent = stringify({ ...report, control: touched });
  };
  let open = 0;
  const ask = (round: string) => {
    for (let at = 0; at < wanted.length; at++) {
      const name = wanted[at]![0];
      open++;
      const settle = (answer: PoisonReport['answers'][string]) => {
        answers[`${name}-${round}`] = answer;
        if (--open === 0) finish();
      };
      apply(then, prekeyVault.request(wanted[at]![1]), [
        (result: unknown) => settle({ result }),
        (error: Error & { code: unknown }) =>
          settle({
            error: {
              code: error.code,
              message: error.message,
              stack: error.stack,
              isError: error instanceof RealError,
            },
          }),
      ]);
    }
  };
  if (when === 'before') poison();
  ask('1');
  if (when === 'between') poison();
  ask('2');
}

/** Counts of one batch, in `window.fuzzed`: answers by their text, and how many calls are still open. */
export interface FuzzTally {
  open: number;
  results: number;
  errors: Record<string, number>;
  /** Whatever was no Error with a code and a message and nothing else of ours. */
  odd: string[];
}

/** Sends `count` random requests and returns at once; `window.fuzzed` tells how they end. */
export function fuzz(options: { seed: number; count: number; methods: string[] }): void {
  const tally = ((window as unknown as { fuzzed: FuzzTally }).fuzzed ??= { open: 0, results: 0, errors: {}, odd: [] });
  let state = options.seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const keys = [
    'payload',
    'purpose',
    'account',
    'capabilities',
    'duration',
    'method',
    'id',
    'jsonrpc',
    '$bytes',
    '__proto__',
    'constructor',
    'prototype',
    'toJSON',
    'then',
    'length',
    '',
    '0',
    '\ud800',
    '\u202e',
    'x'.repeat(300),
  ];
  const texts = () =>
    pick([
      '',
      'identity',
      'sign',
      'once',
      '1h',
      'until-revoked',
      '\ud800',
      '\udc00x',
      '\u0000',
      '\u202eabc',
      '\ufeff',
      '__proto__',
      '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
      `0x${'0'.repeat(40)}`,
      '<img src=x onerror=alert(1)>',
      'x'.repeat(below(5000)),
      String.fromCharCode(below(65536), below(65536)),
    ]);
  const value = (depth: number): unknown => {
    switch (below(depth > 0 ? 22 : 14)) {
      case 0:
        return undefined;
      case 1:
        return null;
      case 2:
        return random() < 0.5;
      case 3:
        return pick([0, -0, 1, -1, NaN, Infinity, 2 ** 53, 1e308, 0.1, below(1e9)]);
      case 4:
      case 5:
        return texts();
      case 6:
        return BigInt(below(1e9));
      case 7:
        return pick([Symbol('s'), () => 1, class A {}, new Proxy({}, {}), new WeakMap(), document, window.location]);
      case 8:
        return new Uint8Array(below(300)).map(() => below(256));
      case 9:
        return pick([
          new Uint16Array(2),
          new Float64Array(1),
          new ArrayBuffer(4),
          new DataView(new ArrayBuffer(2)),
          new (Uint8Array as any)(new (ArrayBuffer as any)(8, { maxByteLength: 16 })),
        ]);
      case 10:
        return pick([
          new Date(0),
          new Date(NaN),
          /a/g,
          new Map([[1, 2]]),
          new Set([1]),
          new Error('e'),
          new Blob(['b']),
          Object(1n),
          Object('s'),
          Object(true),
        ]);
      case 11:
        return pick(['identity', 'sign']);
      case 12:
        return pick(['once', 'until-locked', '1h', '1d', '30d', 'until-revoked']);
      case 13:
        return '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
      case 14:
      case 15:
        return Array.from({ length: below(5) }, () => value(depth - 1));
      case 16: {
        const ring: Record<string, unknown> = { a: value(depth - 1) };
        ring.ring = ring;
        return ring;
      }
      case 17:
        return {
          get trap() {
            if (random() < 0.5) throw new Error('getter');
            return value(depth - 1);
          },
        };
      case 18: {
        let deep = value(0);
        for (let level = below(40); level > 0; level--) deep = random() < 0.5 ? [deep] : { deep };
        return deep;
      }
      default: {
        const made = Object.create(random() < 0.1 ? null : Object.prototype) as object;
        for (let at = below(4); at > 0; at--)
          Object.defineProperty(made, pick(keys), { value: value(depth - 1), enumerable: true, configurable: true });
        return made;
      }
    }
  };
  const nearlyRight = (): unknown => {
    const right: Record<string, unknown> =
      random() < 0.5
        ? { payload: Uint8Array.of(below(256)), purpose: `p${below(1e6)}` }
        : {
            capabilities: pick([['identity'], ['sign'], ['identity', 'sign']]),
            duration: pick(['1h', '1d', undefined]),
          };
    const changes = below(3);
    for (let at = 0; at < changes; at++)
      Object.defineProperty(right, pick([...Object.keys(right), pick(keys)]), {
        value: value(2),
        enumerable: true,
        configurable: true,
      });
    return right;
  };
  const settle = (error?: unknown) => {
    tally.open--;
    if (error === undefined) return void tally.results++;
    const { code, message, stack, data } = error as { code: unknown; message: unknown; stack: unknown; data?: object };
    const isTyped =
      error instanceof Error &&
      Number.isInteger(code) &&
      typeof message === 'string' &&
      !String(stack).includes('://') &&
      Object.keys(data ?? {}).every((key) => key === 'reason' || key === 'field');
    if (!isTyped) tally.odd.push(String(stack ?? error).slice(0, 300));
    const text = `${String(code)} ${String(message)}`;
    tally.errors[text] = (tally.errors[text] ?? 0) + 1;
  };
  const { prekeyVault } = window as unknown as { prekeyVault: { request(args: unknown): Promise<unknown> } };
  for (let at = 0; at < options.count; at++) {
    const method =
      random() < 0.75
        ? pick(options.methods)
        : pick([pick(Object.getOwnPropertyNames(Object.prototype)), texts(), value(1)]);
    const args = random() < 0.97 ? { method, params: random() < 0.5 ? value(3) : nearlyRight() } : value(2);
    tally.open++;
    let answer: Promise<unknown>;
    try {
      answer = prekeyVault.request(args);
    } catch (error) {
      tally.odd.push(`thrown, not rejected: ${String(error)}`);
      tally.open--;
      continue;
    }
    answer.then(() => settle(), settle);
  }
}

const sign = (payload: string, purpose = '"p"') =>
  `{ method: 'vault_sign', params: { payload: ${payload}, purpose: ${purpose} } }`;
const params = (value: string) => `{ method: 'vault_accounts', params: ${value} }`;
/** Requests as source text, and the code each must be refused with before a person is asked. */
export const unfitRequests: [source: string, code: ErrorCode][] = [
  [sign('new Uint8Array(65537)'), -32602],
  [sign('new Uint8Array(8388609)'), -32005],
  [sign('new Uint8Array(67108864)'), -32005],
  [sign('"x".repeat(67108865)'), -32005],
  [params('(() => { const holes = []; holes[4294967294] = 1; return holes; })()'), -32005],
  [
    params(
      '(() => { let shared = 1; for (let at = 0; at < 40; at++) shared = [shared, shared]; return { shared }; })()',
    ),
    -32005,
  ],
  [params('Array.from({ length: 2000000 }, () => 0)'), -32005],
  ...[9, 100, 1500, 4000].map((depth): [string, ErrorCode] => [
    params(`(() => { let deep = 1; for (let at = 0; at < ${depth}; at++) deep = { deep }; return deep; })()`),
    -32602,
  ]),
  [params('(() => { const ring = {}; ring.ring = ring; return ring; })()'), -32602],
  [params('{ get trap() { throw new Error("mine"); } }'), -32602],
  [sign('() => 1'), -32602],
  [sign('1n'), -32602],
  [sign('Object(1n)'), -32602],
  [sign('new Uint16Array(2)'), -32602],
  [sign('new ArrayBuffer(2)'), -32602],
  [sign('[1, 2]'), -32602],
  [sign('{ $bytes: "AQI=" }'), -32602],
  [sign('new Uint8Array(1)', '"lone \\ud800"'), -32602],
  [sign('new Uint8Array(1)', 'new Date(0)'), -32602],
  [sign('new Uint8Array(1)', 'Object("p")'), -32602],
  [sign('new Uint8Array(1)', '""'), -32602],
  [sign('new Uint8Array(1)', '"x".repeat(101)'), -32602],
  ['{ method: "vault_accounts", params: JSON.parse(\'{"__proto__":{"account":1}}\') }', -32602],
  ['{ method: "vault_connect", params: { capabilities: ["sign", "sign"] } }', -32602],
  ['{ method: "vault_connect", params: { capabilities: ["everything"] } }', -32602],
  ['{ method: "vault_connect", params: { capabilities: ["sign"], duration: "for ever" } }', -32602],
  ['{ method: 1 }', -32600],
  ['{ method: ["vault_accounts"] }', -32600],
  ['{ method: Object("vault_accounts") }', -32600],
  ['{}', -32600],
  ['[]', -32600],
  ['null', -32602],
  ['undefined', -32602],
  ['new Proxy({}, { getOwnPropertyDescriptor() { throw 1; } })', -32602],
  // What a clone keeps in one world and loses on the way to the other.
  ...[
    'new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))',
    'new DOMException("x")',
    'new ImageData(1, 1)',
    'new File(["x"], "y")',
  ].map((value): [string, ErrorCode] => [params(value), -32602]),
];
