// The fake vault against the real one: the same requests of a page, the same answers of a person, the same lock at the same moment.
// Promises that the real side is the real gate over the real vault; only what is drawn (keys, dates of keys) may differ.
import 'fake-indexeddb/auto';
import * as fc from 'fast-check';
import * as v from 'valibot';
import { beforeAll, describe, expect, it } from 'vitest';
import { lawOf } from '../../../scripts/campaign/size';
import { methods, type MethodName } from '../../contract/dapp/methods';
import { capabilities, durations, type Capability } from '../../contract/grants';
import type { ShownRequest } from '../../contract/pages/approvals';
import { createAdmission } from '../../background/dapps/admission';
import { createRouter } from '../../background/dapps/router';
import { sendTo } from '../../background/testkit/router.testkit';
import { VaultError } from '../../contract/errors';
import { bytesToHex } from '../../protocol/base/bytes';
import type { ApprovalDecision } from '../../vault/consent/approvals/approval-record';
import { decideOne } from '../../vault/testkit/decide.testkit';
import { enrolledBrowser, unlockWithWallet } from '../../vault/testkit/vault.testkit';
import type { VaultSignature } from '../types';
import { verifyVaultSignature } from '../verify/verify';
import type { FakeAnswer, FakeCard } from './cards';
import { createFakeVault } from './vault';

/** One side: a site, its person, and what is seen of both. */
interface Side {
  request(method: string, params: unknown): Promise<unknown>;
  lock(): Promise<void>;
  unlock(): Promise<void>;
  revoke(): Promise<void>;
  rotate(): Promise<void>;
  /** What the page is told of its accounts and grants. */
  state(): Promise<{ accounts: unknown; permissions: unknown }>;
  /** The cards so far. */
  cards: { kind: string; of: unknown }[];
  account: string;
  /** Prekeys and inbox addresses by when they were first seen. */
  seen: string[];
}

let browser: Awaited<ReturnType<typeof enrolledBrowser>>;
let answer: FakeAnswer = 'approve';
let sites = 0;
let ids = 0;
beforeAll(async () => {
  browser = await enrolledBrowser();
  await browser.vault.settings.set({ ...(await browser.vault.settings.get()), autoLockMinutes: 60 });
});

function realSide(origin: string): Side {
  const { vault, clock, safeId, wallet } = browser;
  const cards: Side['cards'] = [];
  const none = () => Promise.reject(new VaultError('no-network'));
  const router = createRouter({
    vault,
    version: '0.0.0-fake',
    nowMs: () => clock.nowMs,
    publisher: { describe: none, fix: none, publish: none },
    admission: createAdmission(),
    rotatedAtMs: async () => ({}),
    present: async (record) => void setTimeout(() => void decide(record.id)),
  });
  async function unlock(): Promise<void> {
    if ((await vault.state()).identities[0]?.status === 'unlocked') return;
    await unlockWithWallet(vault, safeId, wallet);
    await router.unlocked();
  }
  async function decide(id: string): Promise<void> {
    const card = (await vault.approvals.list()).find((one) => one.id === id);
    if (!card) return;
    const { shown } = card;
    cards.push({ kind: shown.kind, of: ofCard(shown) });
    if (shown.kind === 'unlock' && answer !== 'reject' && answer !== 'expire') {
      return await unlock();
    }
    // Nobody can give what is locked: the card asks for that first.
    if (shown.kind === 'connect' && answer !== 'reject') await unlock();
    const record = await decideOne(vault.approvals, {
      id,
      digest: card.digest,
      nonce: card.nonce,
      decision: decisionOf(shown),
    });
    await router.settle(record);
  }
  function decisionOf(shown: ShownRequest): ApprovalDecision {
    if (answer === 'reject') return { kind: 'reject' };
    if (shown.kind === 'connect') {
      const { account: _account, ...given } = typeof answer === 'object' ? answer.connect : {};
      const whole = {
        capabilities: shown.capabilities,
        duration: shown.duration ?? 'until-locked',
        scopes: shown.scopes,
      };
      return { kind: 'connect', safeId, ...whole, ...given } as ApprovalDecision;
    }
    if (shown.kind === 'messages')
      return { kind: 'messages', remember: answer === 'once' ? 'once' : 'until-locked', scope: 'granted' };
    if (shown.kind === 'v3') return { kind: 'v3', isTicked: true, typed: shown.facts.inboxId };
    if (shown.kind === 'archive') return { kind: 'archive', isTicked: true };
    return answer === 'until-locked' ? { kind: 'sign', remember: 'until-locked' } : { kind: 'sign' };
  }
  const dapp = { kind: 'dapp' as const, origin, documentKey: `D${sites}`, tabId: 1 };
  return {
    cards,
    seen: [],
    account: wallet.account,
    async request(method, params) {
      const outcome = await sendTo(
        router,
        { id: (++ids).toString(16).padStart(32, '0'), method, dapp },
        structuredClone(params),
      );
      if (outcome.error) throw Object.assign(new Error(outcome.error.message), outcome.error);
      return outcome.result;
    },
    lock: () => vault.lock(),
    unlock,
    async revoke() {
      await vault.grants.revoke(origin);
      await router.revoked(origin);
    },
    async rotate() {
      await vault.rotation.begin(safeId);
      for (const step of ['copied', 'announced'] as const) await vault.rotation.mark(safeId, step);
      await vault.rotation.complete(safeId);
    },
    state: async () => await router.stateOf(dapp),
  };
}

function fakeSide(origin: string): Side {
  const vault = createFakeVault({
    origin,
    nowMs: () => browser.clock.nowMs,
    person: () => answer,
    keystore: () => new Uint8Array(),
  });
  const [account = ''] = vault.accounts;
  const told = { accounts: [] as unknown, permissions: [] as unknown };
  vault.provider.on('accountsChanged', (list) => void (told.accounts = list));
  vault.provider.on('permissionsChanged', (list) => void (told.permissions = list));
  return {
    seen: [],
    account,
    get cards() {
      return vault.cards.map((card) => ({ kind: card.kind, of: ofCard(card) }));
    },
    request: (method, params) => vault.provider.request({ method, params }),
    lock: async () => vault.lock(),
    unlock: () => vault.unlock(),
    revoke: async () => vault.revoke(),
    rotate: async () => vault.rotate(),
    async state() {
      await Promise.resolve();
      return told;
    },
  };
}

/** What both say of a card. */
function ofCard(card: ShownRequest | FakeCard): unknown {
  if (card.kind === 'connect') return { capabilities: card.capabilities, duration: card.duration, scopes: card.scopes };
  if (card.kind === 'sign') return { purpose: card.purpose, payload: bytesToHex(card.payload) };
  if (card.kind === 'messages') return { capability: card.capability, method: card.method };
  return card.kind === 'unlock' ? card.method : undefined;
}

/** What is the same on both sides: accounts by their place, keys by when they were first seen. */
function comparable({ account, seen }: Side, value: unknown): unknown {
  const named = (text: string) => {
    if (!seen.includes(text)) seen.push(text);
    return `<${seen.indexOf(text)}>`;
  };
  const visit = (item: unknown, key: string): unknown => {
    if (item instanceof Uint8Array)
      return key === 'payload' ? bytesToHex(item) : `${key} of ${item.length > 100 ? 'many' : item.length}`;
    if (typeof item === 'string') {
      if (item.toLowerCase() === account.toLowerCase()) return '<account>';
      return key === 'identifier' ? named(item) : item;
    }
    if (Array.isArray(item)) return item.map((one) => visit(one, key));
    if (typeof item !== 'object' || item === null) return item;
    const { signedPublicKeyBundle, publicKeyBundle, signature, ...rest } = item as Record<string, unknown>;
    const fields = Object.entries(rest).map(([name, one]) => [name, visit(one, name)] as const);
    const keys =
      signedPublicKeyBundle === undefined
        ? []
        : [['prekey', named(bytesToHex(signedPublicKeyBundle as Uint8Array))] as const];
    const older =
      publicKeyBundle === undefined ? [] : [['older', (publicKeyBundle as Uint8Array).length > 100] as const];
    return Object.fromEntries([
      ...fields,
      ...keys,
      ...older,
      ...(signature === undefined ? [] : [['signature', 'genuine']]),
    ]);
  };
  return visit(value, '');
}

type Step =
  { act: 'lock' | 'unlock' | 'revoke' | 'rotate' } | { method: string; params?: unknown; answer?: FakeAnswer };

async function outcomeOf(side: Side, step: Step): Promise<unknown> {
  if ('act' in step) return await side[step.act]();
  try {
    const result = await side.request(step.method, step.params);
    v.parse(methods[step.method as MethodName].result, result);
    if (step.method === 'vault_sign') {
      const { signed } = result as VaultSignature;
      verifyVaultSignature(result as VaultSignature, {
        account: side.account,
        origin: signed.origin,
        payload: signed.payload,
      });
    }
    return { result: comparable(side, result) };
  } catch (thrown) {
    const { code, message, data } = thrown as { code?: unknown; message: string; data?: unknown };
    if (code === undefined) throw thrown;
    return { code, message, data };
  }
}

/** Takes the steps on both sides, and says what came out, after comparing each. */
async function both(steps: readonly Step[]): Promise<unknown[]> {
  const origin = `https://site-${++sites}.example`;
  await browser.vault.lock();
  const [real, fake] = [realSide(origin), fakeSide(origin)];
  await real.unlock();
  const outcomes: unknown[] = [];
  for (const step of steps) {
    browser.clock.nowMs += 1_000;
    answer = ('answer' in step && step.answer) || 'approve';
    const [one, other] = [await outcomeOf(real, step), await outcomeOf(fake, step)];
    const label = JSON.stringify([step, outcomes.length]);
    expect(other, label).toEqual(one);
    expect(fake.cards, label).toEqual(real.cards);
    const { accounts, permissions } = await real.state();
    const told = await fake.state();
    expect(comparable(fake, [told.accounts, told.permissions]), label).toEqual(
      comparable(real, [accounts, permissions]),
    );
    outcomes.push(one);
  }
  return outcomes;
}

const payload = new Uint8Array([1, 2, 3]);
const connect = (asked: Capability[], more: object = {}, given?: FakeAnswer): Step => ({
  method: 'vault_connect',
  params: { capabilities: asked, ...more },
  ...(given && { answer: given }),
});
const sign = (given?: FakeAnswer): Step => ({
  method: 'vault_sign',
  params: { payload, purpose: 'Log in' },
  ...(given && { answer: given }),
});
const see: Step[] = [{ method: 'vault_accounts' }, { method: 'vault_getPermissions' }];

describe('the fake vault answers as the real one', () => {
  it.each<[string, Step[]]>([
    [
      'a stranger',
      [
        ...see,
        { method: 'vault_getCapabilities' },
        sign(),
        { method: 'vault_disconnect' },
        { method: 'vault_getPublicKeyBundle' },
      ],
    ],
    [
      'connecting, signing, going',
      [
        connect(['identity', 'sign'], { duration: '1d' }),
        ...see,
        sign(),
        sign('reject'),
        { method: 'vault_getPublicKeyBundle' },
        { method: 'vault_disconnect' },
        ...see,
        sign(),
      ],
    ],
    [
      'what is given already is no card, and more is one',
      [
        connect(['sign'], { duration: '30d' }),
        connect(['sign']),
        connect(['sign'], { duration: 'until-revoked' }, 'reject'),
        connect(['identity', 'sign']),
        ...see,
      ],
    ],
    [
      'less than was asked for',
      [
        connect(['identity', 'sign', 'messages.read'], {}, { connect: { capabilities: ['sign'], duration: '1h' } }),
        ...see,
        { method: 'vault_getPublicKeyBundle' },
      ],
    ],
    ['a signature for once', [connect(['sign'], { duration: 'once' }), sign(), sign(), ...see]],
    [
      'not asked again for signatures',
      [connect(['sign']), sign('until-locked'), sign('reject'), { act: 'lock' }, { act: 'unlock' }, sign('reject')],
    ],
    [
      'a budget in all',
      [
        connect(['sign', 'identity'], {}, { connect: { budgets: { sign: { uses: 2, per: 'all' } } } }),
        ...see,
        sign(),
        ...see,
        sign(),
        ...see,
        sign(),
      ],
    ],
    [
      'a budget of an hour',
      [connect(['sign'], {}, { connect: { budgets: { sign: { uses: 1, per: 'hour' } } } }), sign(), sign(), ...see],
    ],
    [
      'scopes',
      [
        connect(['messages.read'], { scopes: { 'messages.read': { of: 'site' } } }),
        connect(['messages.read'], { scopes: { 'messages.read': { of: 'site' } } }),
        connect(['messages.read'], {}, 'reject'),
        ...see,
      ],
    ],
    [
      'locked',
      [
        connect(['identity', 'sign'], { duration: '30d' }),
        { act: 'lock' },
        ...see,
        sign('reject'),
        sign(),
        { act: 'lock' },
        connect(['sign']),
        ...see,
      ],
    ],
    [
      'until it is locked',
      [connect(['sign'], { duration: 'until-locked' }), { act: 'lock' }, ...see, { act: 'unlock' }, ...see, sign()],
    ],
    [
      'a new prekey in the middle',
      [
        connect(['identity', 'sign']),
        { method: 'vault_getPublicKeyBundle' },
        { act: 'rotate' },
        sign(),
        { method: 'vault_getPublicKeyBundle' },
        sign(),
      ],
    ],
    ['taken back', [connect(['identity', 'sign']), { act: 'revoke' }, ...see, sign()]],
    [
      'messages',
      [
        connect(['messages.read']),
        { method: 'xmtp_getV2Conversations', params: { request: new Uint8Array() }, answer: 'once' },
        { method: 'xmtp_getV2Conversations', params: { request: new Uint8Array() } },
        { method: 'xmtp_getV1Conversations', params: { request: new Uint8Array() }, answer: 'reject' },
        { method: 'xmtp_getV2Conversations', params: { request: new Uint8Array() }, answer: 'reject' },
        { method: 'xmtp_createInvite', params: { request: new Uint8Array() } },
        { method: 'xmtp_createAuthToken', params: { request: new Uint8Array() } },
      ],
    ],
    [
      'XMTP V3',
      [
        { method: 'xmtp_v3_getIdentifier' },
        connect(['xmtp.v3', 'xmtp.v3.archive']),
        { method: 'xmtp_v3_signIdentityText', params: { text: 'Hello' } },
        { method: 'xmtp_v3_getIdentifier' },
        { method: 'xmtp_v3_getArchiveKey', params: { inboxId: 'ab'.repeat(32) } },
        { method: 'xmtp_v3_getArchiveKey', params: { inboxId: 'ab'.repeat(32), earlier: 1 } },
        { method: 'xmtp_v3_getArchiveKey', params: { inboxId: 'ab'.repeat(32) }, answer: 'reject' },
        { method: 'xmtp_v3_getIdentifier' },
      ],
    ],
    [
      'what does not fit',
      [
        connect([]),
        connect(['sign', 'sign']),
        connect(['everything' as Capability]),
        connect(['sign'], { since: 1 }),
        connect(['sign']),
        { method: 'vault_sign', params: { payload, purpose: '' } },
        { method: 'vault_sign', params: { payload: new Uint8Array(65_537), purpose: 'x' } },
        { method: 'vault_sign', params: { payload: 'text', purpose: 'x' } },
        { method: 'vault_sign', params: { payload, purpose: 'x', account: '0x0' } },
        { method: 'vault_sign', params: { payload, purpose: 'x', account: `0x${'1'.repeat(40)}` } },
        { method: 'vault_sign', params: { payload, purpose: '\ud800' } },
        { method: 'vault_sign', params: new Map() },
        { method: 'vault_sign' },
        { method: 'eth_accounts' },
        { method: 'constructor' },
      ],
    ],
  ])('%s', async (_name, steps) => {
    expect(await both(steps)).toHaveLength(steps.length);
  });

  it('law: whatever a site asks for, in whatever order, and whatever its person does', async () => {
    const capability = fc.constantFrom(...capabilities.filter((one) => one !== 'network.token'));
    const some = fc.uniqueArray(capability, { minLength: 1, maxLength: 4 });
    const duration = fc.constantFrom(...durations);
    const narrowed = fc.record({ uses: fc.integer({ min: 1, max: 2 }), per: fc.constant('all' as const) });
    const connecting = fc
      .record({
        asked: some,
        wish: fc.option(duration, { nil: undefined }),
        keep: fc.integer({ min: 1, max: 4 }),
        for: duration,
        budget: fc.option(narrowed, { nil: undefined }),
        no: fc.boolean(),
      })
      .map(({ asked, wish, keep, for: lasts, budget, no }): Step => {
        const given = asked.slice(0, keep);
        const budgets = budget && { budgets: Object.fromEntries(given.map((one) => [one, budget])) };
        return connect(
          asked,
          wish ? { duration: wish } : {},
          no ? 'reject' : { connect: { capabilities: given, duration: lasts, ...budgets } },
        );
      });
    const step = fc.oneof(
      { weight: 3, arbitrary: connecting },
      {
        weight: 3,
        arbitrary: fc.constantFrom(...['approve', 'reject', 'until-locked'].map((one) => sign(one as FakeAnswer))),
      },
      {
        weight: 3,
        arbitrary: fc.constantFrom<Step>(
          ...see,
          { method: 'vault_getPublicKeyBundle' },
          { method: 'vault_disconnect' },
          { method: 'xmtp_v3_getIdentifier' },
          { method: 'xmtp_getV2Conversations', params: { request: new Uint8Array() } },
        ),
      },
      { weight: 2, arbitrary: fc.constantFrom<Step>({ act: 'lock' }, { act: 'unlock' }, { act: 'revoke' }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
        await both(steps);
      }),
      lawOf('fake-vault', 'sequences'),
    );
  });
});
