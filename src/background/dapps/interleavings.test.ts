// Grants, approvals and the gate as they are, over keys that only say what they were let do: random interleavings of requests with what a person does.
// Law: nothing is answered outside the grant as it stands when the answer leaves; no budget gives more than it has, no card more than it showed.
import 'fake-indexeddb/auto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Capability } from '../../contract/grants';
import type { Scope } from '../../contract/scopes';
import type { ApprovalDecision } from '../../vault/consent/approvals/approvals';
import { createConsent, type Consent } from '../../vault/consent/consent';
import { openDatabase } from '../../vault/store/database';
import type { Store } from '../../vault/store/store';
import { createMemoryArea, createTestHost, Killed, testStartMs } from '../../vault/testkit/memory-host.testkit';
import { createTestSafes } from '../../vault/testkit/open-safes.testkit';
import type { Vault } from '../../vault/vault';
import { lawOf } from '../../../scripts/campaign/size';
import { createAdmission } from './admission';
import type { Attached, Settled } from './request';
import { createRouter, type Router } from './router';

const safeId = 'a1'.repeat(16);
const origin = 'https://app.example';
const narrow: Scope = { of: 'conversations', topics: ['t0'] };
const all: Scope = { of: 'all' };
const given: Capability[] = ['identity', 'sign', 'messages.read', 'xmtp.v3', 'xmtp.v3.archive'];
const uses = 2;

/** What can be asked, and the capability that it is a use of. */
const requests = {
  vault_sign: { capability: 'sign', params: { payload: new Uint8Array([1]), purpose: 'p' } },
  vault_getPublicKeyBundle: { capability: 'identity', params: undefined },
  xmtp_decryptV2: { capability: 'messages.read', params: { request: new Uint8Array() } },
  xmtp_getV2Conversations: { capability: 'messages.read', params: { request: new Uint8Array() } },
  xmtp_v3_getIdentifier: { capability: 'xmtp.v3', params: undefined },
  xmtp_v3_signIdentityText: { capability: 'xmtp.v3', params: { text: 'text' } },
  xmtp_v3_getArchiveKey: { capability: 'xmtp.v3.archive', params: { inboxId: 'ab'.repeat(32) } },
} as const satisfies Record<string, { capability: Capability; params: unknown }>;
type Method = keyof typeof requests;

const acts = [
  'narrow',
  'widen',
  'take out',
  'revoke',
  'give',
  'lock',
  'unlock',
  'block',
  'unblock',
  'update',
  'approve',
  'reject',
  'again',
] as const;

interface Drawn {
  isRemembered: boolean;
  isNarrow: boolean;
  isBudget: boolean;
  asked: [Method, wait: number][];
  done: [(typeof acts)[number], wait: number][];
  waits: number[];
}

const waiting = fc.nat({ max: 6 });
const drawn: fc.Arbitrary<Drawn> = fc.record({
  isRemembered: fc.boolean(),
  isNarrow: fc.boolean(),
  isBudget: fc.boolean(),
  asked: fc.array(fc.tuple(fc.constantFrom(...(Object.keys(requests) as Method[])), waiting), {
    minLength: 1,
    maxLength: 4,
  }),
  done: fc.array(fc.tuple(fc.constantFrom(...acts), waiting), { minLength: 1, maxLength: 4 }),
  waits: fc.array(waiting, { minLength: 1, maxLength: 12 }),
});

/** One browser for many draws: what is stored goes on, and each draw begins with a fresh grant. */
async function createWorld() {
  const clock = { nowMs: testStartMs };
  const open = createTestSafes();
  await open.add(safeId, '0xA');
  const disk = { session: createMemoryArea(), databaseName: `interleavings-${Math.random()}` };
  const db = openDatabase(disk.databaseName);
  let waits: readonly number[] = [0];
  let at = 0;
  /** As long as was drawn: in this turn, at the end of it, or some turns of the event loop later. */
  async function pause(): Promise<void> {
    const length = waits[at++ % waits.length] ?? 0;
    await turns(length);
  }
  async function turns(length: number): Promise<void> {
    if (length === 1) await Promise.resolve();
    for (let left = length - 1; left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
  }

  /** What may leave at this moment at the most. An act that takes away counts when it is done, one that gives from its beginning. */
  const may = { capabilities: new Set<Capability>(), read: all as Scope, isOpen: true, isBlocked: false };
  const violations: string[] = [];
  let worker = 0;

  interface Worker {
    consent: Consent;
    router: Router;
  }
  function start(): Worker {
    const own = ++worker;
    const checkpoint = async (label: string) => {
      if (own !== worker) throw new Killed(label);
      await pause();
    };
    const host = createTestHost({ clock, ...disk, checkpoint });
    const consent = createConsent({ store: { host, db, emit: () => undefined } as unknown as Store, open });
    open.onLocked = (locked) => consent.locked(locked);
    const made = async <T>(result: T): Promise<T> => {
      await pause();
      return result;
    };
    const isIn = (topic: string) => (scope: Scope) =>
      scope.of === 'all' || (scope.of === 'conversations' && scope.topics.includes(topic));
    const opened = (within: readonly (readonly Scope[])[]) =>
      ['t0', 't1'].filter((topic) => within.every((scopes) => scopes.some(isIn(topic))));
    const vault = {
      ready: async () => undefined,
      grants: consent.grants,
      approvals: consent.approvals,
      quiet: consent.quiet,
      volume: consent.volume,
      activity: { append: async () => undefined },
      state: async () => ({ identities: [] }),
      documentGone: async () => undefined,
      keys: { sign: () => made('signature'), publicBundles: () => made('bundles') },
      inboxes: {
        identifier: () => made('0xinbox'),
        describe: () => made({ shape: 'create', inboxId: 'i', inbox: 'known', identifier: '0xinbox' }),
        sign: () => made('signed text'),
        describeArchive: () => made({ inboxId: 'i', inbox: 'known', madeAtMs: null }),
        archiveKey: () => made(new Uint8Array(32)),
      },
      keystore: {
        run: (_safe: string, _method: string, _request: Uint8Array, { within }: { within: Scope[][] }) =>
          made({ opened: opened(within) }),
        describe: () =>
          made({ items: 2, sizeBytes: 0, peers: [], peerCount: 0, conversationCount: 0, contentTypes: [] }),
        isCovered: async (_safe: string, _method: string, _request: Uint8Array, _by: unknown, parts: Scope[]) =>
          ['t0', 't1'].every((topic) => parts.some(isIn(topic))),
        named: async () => undefined,
      },
    } as unknown as Vault;
    const noNode = () => Promise.reject(new Error('no node'));
    const router = createRouter({
      vault,
      version: '1',
      nowMs: () => clock.nowMs,
      publisher: { describe: noNode, fix: noNode, publish: noNode },
      admission: createAdmission(),
      rotatedAtMs: async () => ({}),
      present: async () => undefined,
    });
    return { consent, router };
  }

  let now = start();
  let ids = 0;
  const nextId = () => (++ids).toString(16).padStart(32, '0');
  /** What was described on the card that was approved, by request. */
  const shownTo = new Map<string, Scope>();
  let open_: { request: Attached; params: unknown; method: Method }[] = [];
  let answered: { id: string; method: Method; params: unknown }[] = [];
  let counts = new Map<Capability, Set<unknown>>();
  const cardOf = new Map<string, string>();
  let [isBudget, isCovered] = [false, false];

  function judge(method: Method, id: string, outcome: Settled): void {
    if ('error' in outcome) return;
    const { capability } = requests[method];
    const mark = (what: string) => violations.push(`${method}: ${what}`);
    // Identical requests that share a card are one use.
    const used = counts.get(capability) ?? new Set();
    counts.set(capability, used.add(cardOf.get(id) ?? Symbol('a use')));
    cardOf.delete(id);
    if (isBudget && used.size > uses) mark('more often than its budget');
    if (!may.isOpen || may.isBlocked) return void mark(may.isBlocked ? 'while blocked' : 'while locked');
    if (!may.capabilities.has(capability)) return void mark('without the capability');
    const told = outcome.result as { opened?: string[] };
    const isBeyond = (scope: Scope | undefined) => scope && scope.of !== 'all' && told.opened?.includes('t1');
    if (isBeyond(may.read)) mark('beyond its scope');
    // What may be used without asking needs no card, also when one was shown before that was so.
    if (!isCovered && isBeyond(shownTo.get(id))) mark('beyond its card');
  }

  function send(method: Method, id = nextId()): void {
    const { params } = requests[method];
    const own = worker;
    const request: Attached = {
      id,
      method,
      dapp: { kind: 'dapp', origin, documentKey: 'D1', tabId: 1 },
      bytes: 0,
      isClicked: false,
      answer: (outcome) => {
        // The port of a worker that is gone carries nothing.
        if (own !== worker) return;
        open_ = open_.filter((one) => one.request !== request);
        answered.push({ id, method, params });
        judge(method, id, outcome);
      },
      again: () => now.router.handle(request, params),
    };
    open_.push({ request, params, method });
    void now.router.handle(request, params);
  }

  const quietly = (work: Promise<unknown>) => work.catch(() => undefined);

  async function act(name: (typeof acts)[number]): Promise<void> {
    const { consent, router } = now;
    const { grants, approvals, quiet } = consent;
    switch (name) {
      case 'narrow':
        if (await grants.edit(origin, safeId, { scopes: { 'messages.read': narrow } }).catch(() => undefined))
          may.read = narrow;
        return;
      case 'widen':
        may.read = all;
        await quietly(grants.edit(origin, safeId, { scopes: { 'messages.read': all } }));
        return;
      case 'take out': {
        const kept: Capability[] = ['identity'];
        if (await grants.edit(origin, safeId, { capabilities: kept }).catch(() => undefined))
          may.capabilities = new Set(kept);
        return;
      }
      case 'revoke':
        await quietly(grants.revoke(origin, safeId));
        may.capabilities = new Set();
        await quietly(router.revoked(origin));
        return;
      case 'give':
        may.capabilities = new Set(given);
        may.read = all;
        [isBudget, isCovered] = [false, true];
        await quietly(give(consent, { isRemembered: true, isNarrow: false, isBudget: false }));
        return;
      case 'lock':
        await open.lock(safeId);
        may.isOpen = false;
        return;
      case 'unlock':
        may.isOpen = true;
        open.unlock(safeId);
        await quietly(router.unlocked());
        return;
      case 'block': {
        const set = quiet.set(origin, 'blocked');
        await quietly(set);
        may.isBlocked = quiet.of(origin) === 'blocked';
        await quietly(router.quieted(origin));
        return;
      }
      case 'unblock':
        may.isBlocked = false;
        await quietly(quiet.set(origin, undefined));
        return;
      case 'update': {
        now = start();
        await quietly(now.consent.quiet.load());
        may.isBlocked = now.consent.quiet.of(origin) === 'blocked';
        const left = open_;
        open_ = [];
        for (const { request, method } of left) send(method, request.id);
        return;
      }
      case 'approve':
      case 'reject': {
        const [card] = await approvals.list();
        if (!card) return;
        const { id, digest, nonce, shown } = card;
        const decision: ApprovalDecision =
          name === 'reject' || shown.kind === 'unlock'
            ? { kind: 'reject' }
            : shown.kind === 'messages'
              ? { kind: 'messages', remember: 'once', scope: 'granted' }
              : shown.kind === 'v3' || shown.kind === 'archive'
                ? { kind: shown.kind, isTicked: true }
                : { kind: 'sign' };
        if (shown.kind === 'messages' && shown.within) shownTo.set(id, shown.within);
        const [record] = await approvals.decideAll([{ id, digest, nonce }], decision).catch(() => []);
        for (const one of record?.requestIds ?? []) cardOf.set(one, id);
        if (record) await router.settle(record);
        return;
      }
      case 'again': {
        // A compromised page process sends what was answered once more, under the same id.
        const last = answered.at(-1);
        if (last) send(last.method, last.id);
        return;
      }
    }
  }

  const give = (consent: Consent, how: Pick<Drawn, 'isRemembered' | 'isNarrow' | 'isBudget'>) => {
    const budget = { uses, per: 'all' as const };
    return consent.grants
      .put({
        origin,
        safeId,
        capabilities: given,
        duration: 'until-revoked',
        documentKey: 'D1',
        requestId: nextId(),
        scopes: { 'messages.read': how.isNarrow ? narrow : all },
        ...(how.isRemembered && { remember: '1d' }),
        ...(how.isBudget && { budgets: Object.fromEntries(given.map((one) => [one, budget])) }),
      })
      .then(() => (how.isRemembered ? consent.grants.remember(origin, safeId, 'sign', '1d') : undefined));
  };

  return {
    violations,
    answers: () => answered.length,
    async run(draw: Drawn): Promise<void> {
      // As after a restart, with everything undone that the draw before did.
      waits = [0];
      now = start();
      open.unlock(safeId);
      disk.session.items.clear();
      await now.consent.quiet.load();
      await now.consent.quiet.set(origin, undefined);
      await now.consent.grants.revoke(origin);
      await give(now.consent, draw);
      Object.assign(may, {
        capabilities: new Set(given),
        read: draw.isNarrow ? narrow : all,
        isOpen: true,
        isBlocked: false,
      });
      [open_, answered, counts] = [[], [], new Map()];
      [isBudget, isCovered] = [draw.isBudget, draw.isRemembered];
      shownTo.clear();
      cardOf.clear();
      violations.length = 0;
      [waits, at] = [draw.waits, 0];
      const asking = (async () => {
        for (const [method, wait] of draw.asked) {
          send(method);
          await turns(wait);
        }
      })();
      for (const [name, wait] of draw.done) {
        await turns(wait);
        await act(name);
      }
      await asking;
      // What is still under way comes out, or waits for a person.
      for (let left = 12; left > 0 && open_.length > 0; left--) await turns(3);
    },
  };
}

describe('P2 R-B7 lock, revoke, narrow, block and update in the middle of any request', () => {
  test('P2 law: no result outside the grant as it stands when it is released', async () => {
    const world = await createWorld();
    let [answers, all] = [0, 0];
    await fc.assert(
      fc.asyncProperty(drawn, async (draw) => {
        await world.run(draw);
        all += 1;
        answers += world.answers();
        expect(world.violations.join('; ')).toBe('');
      }),
      lawOf('interleavings', 'interleavings'),
    );
    // A law over refusals alone would hold of anything.
    expect(answers).toBeGreaterThan(all * 0.3);
  });
});
