// Scopes and budgets over the real gate and vault: what a card names is what is granted, and what is released is what the grant gives then.
// Promises: real keys and messages. Each request is answered by the gate as a page would hear it.
import 'fake-indexeddb/auto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorCode, VaultError } from '../../contract/errors';
import type { Capability } from '../../contract/grants';
import { volume } from '../../contract/limits';
import { justOnce, type Scope } from '../../contract/scopes';
import type { ShownRequest } from '../../contract/pages/approvals';
import { decodeSignedPublicKeyBundle, type PrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import { walletAddressOf } from '../../protocol/keys/keys';
import {
  encodeCreateAuthTokenRequest,
  encodeCreateInviteRequest,
  decodeConversations,
} from '../../protocol/keystore/calls';
import {
  decodeDecryptResponse,
  decodeEncryptResponse,
  encodeDecryptV2Request,
  encodeEncryptV2Request,
  encodeSaveInvitesRequest,
} from '../../protocol/keystore/messages';
import { encodeSignedContent } from '../../protocol/messages/message-v2';
import { identityPool } from '../../protocol/testkit/reference.testkit';
import { headerV2, invitation, text, timeNs } from '../../vault/testkit/keystore-requests.testkit';
import { enrolledBrowser, unlockWithWallet } from '../../vault/testkit/vault.testkit';
import type { Vault } from '../../vault/vault';
import { lawOf } from '../../../scripts/campaign/size';
import { createAdmission } from './admission';
import { createRouter } from './router';
import { sendTo, type Outcome } from '../testkit/router.testkit';
import { decideOne } from '../../vault/testkit/decide.testkit';
import type { ApprovalDecision } from '../../vault/consent/approvals/approval-record';

type Decision = ApprovalDecision;
const noNode = () => Promise.reject(new VaultError('no-network'));
const origin = 'https://app.example';
const peers = (await identityPool(3)).map(({ ours }) => ours) as [
  PrivateKeyBundleV1,
  PrivateKeyBundleV1,
  PrivateKeyBundleV1,
];
const address = (bundle: PrivateKeyBundleV1) => walletAddressOf(bundle.identityKey.publicKey);
let ids = 0;

interface Given {
  capabilities?: Capability[];
  scopes?: Partial<Record<Capability, Scope>>;
  remember?: '1d';
  budgets?: Extract<Decision, { kind: 'connect' }>['budgets'];
}

/** A site with a grant, an identity with one conversation with each peer, and a sealed message in each. */
async function connected({
  capabilities = ['identity', 'messages.read', 'messages.write'],
  scopes,
  remember,
  budgets,
}: Given = {}) {
  const browser = await enrolledBrowser();
  const { vault, safeId, host } = browser;
  /** Done while a call of the keystore is under way: before it begins, and when its answer is made but not released. */
  const middle: Record<'before' | 'after', () => Promise<void>> = {
    before: async () => undefined,
    after: async () => undefined,
  };
  const keystore = {
    ...vault.keystore,
    run: async (...given: Parameters<Vault['keystore']['run']>) => {
      await middle.before();
      const result = await vault.keystore.run(...given);
      await middle.after();
      return result;
    },
  };
  const router = createRouter({
    vault: { ...vault, keystore },
    version: '1',
    nowMs: host.nowMs,
    publisher: { describe: noNode, fix: noNode, publish: noNode },
    admission: createAdmission(),
    rotatedAtMs: async () => ({}),
    present: async () => undefined,
  });
  const answers = new Map<string, Promise<Outcome>>();
  const send = (method: string, params: unknown, documentKey = 'D1', id = (++ids).toString(16).padStart(32, '5')) => {
    const answer = sendTo(router, { id, method, dapp: { kind: 'dapp', origin, documentKey, tabId: 1 } }, params);
    answers.set(id, answer);
    return { id, answer };
  };
  const decide = async (decision: Decision) => {
    await expect.poll(() => vault.approvals.waitingCount()).toBeGreaterThan(0);
    const [card] = await vault.approvals.list();
    await router.settle(
      await decideOne(vault.approvals, { id: card!.id, digest: card!.digest, nonce: card!.nonce, decision }),
    );
    // Carried out, and heard by the page.
    await answers.get(card!.id);
    return card!.shown;
  };
  /** The answer, or what the card shows that waits instead. */
  type Told = Outcome & { id: string; card?: ShownRequest | null };
  const ask = (method: string, params: unknown): Promise<Told> => toldOf(send(method, params));
  /** The same under an id that was used before, as a compromised page process could send it. */
  const again = (id: string, method: string, params: unknown) => toldOf(send(method, params, 'D1', id));
  const toldOf = async ({ id, answer }: ReturnType<typeof send>): Promise<Told> => {
    let outcome: Outcome | undefined;
    void answer.then((settled) => (outcome = settled));
    while (outcome === undefined) {
      const record = await vault.approvals.get(id);
      if (record?.state === 'waiting') return { id, card: record.shown };
      await new Promise((resolve) => setTimeout(resolve));
    }
    return { ...outcome, id };
  };
  const answered = send('vault_connect', { capabilities });
  await decide({
    kind: 'connect',
    safeId,
    capabilities,
    duration: 'until-revoked',
    scopes,
    remember,
    budgets,
  } as Decision);
  const own = { documentKey: 'D0', nowMs: host.nowMs() };
  const { signedPublicKeyBundle } = await vault.keys.publicBundles(safeId, 'D1', origin);
  const me = decodeSignedPublicKeyBundle(signedPublicKeyBundle);
  const sent = peers.map((peer, at) =>
    invitation(peer, me, at, at === 2 ? { conversationId: 'app.example/dm', metadata: new Map() } : undefined),
  );
  await vault.keystore.run(safeId, 'xmtp_saveInvites', encodeSaveInvitesRequest(sent.map(({ item }) => item)), own);
  const topics = sent.map((one) => one.invitation.topic);
  const content = encodeSignedContent({ payload: text('hello'), sender: me });
  const seal = async (list: string[]) => {
    const items = list.map((topic) => ({ headerBytes: headerV2(topic), payload: content, contentTopic: topic }));
    const response = await vault.keystore.run(safeId, 'xmtp_encryptV2', encodeEncryptV2Request(items), {
      ...own,
      documentKey: 'D1',
    });
    return decodeEncryptResponse(response).map((one, at) => {
      if ('refusal' in one) throw new Error('not sealed');
      return { headerBytes: items[at]!.headerBytes, payload: one.result.encrypted, contentTopic: list[at]! };
    });
  };
  const sealed = await seal(topics);
  const read = (...which: number[]) => ({ request: encodeDecryptV2Request(which.map((at) => sealed[at]!)) });
  const write = (...which: number[]) => ({
    request: encodeEncryptV2Request(
      which.map((at) => ({ headerBytes: headerV2(topics[at]!), payload: content, contentTopic: topics[at]! })),
    ),
  });
  return {
    ...browser,
    middle,
    router,
    send,
    decide,
    ask,
    again,
    /** What the page hears to the request of a record. Of those sent together any may be listed first. */
    answerOf: ({ id }: { id: string }) => answers.get(id)!,
    grant: (await answered.answer).result,
    topics,
    read,
    write,
  };
}

/** 'opened', or the code of the refusal, item by item. */
const told = ({ result }: Outcome) =>
  decodeDecryptResponse(result as Uint8Array).map((one) => ('refusal' in one ? one.refusal.code : 'opened'));
/** The requests as parts of one list of so many items. */
const wholeOf = async (requests: { request: Uint8Array }[], items: number) => {
  const parts = new Uint8Array(32 * requests.length);
  for (const [at, { request }] of requests.entries())
    parts.set(new Uint8Array(await crypto.subtle.digest('SHA-256', request as Uint8Array<ArrayBuffer>)), 32 * at);
  return requests.map((one) => ({ ...one, whole: { items, parts } }));
};
const peerScope = (...which: number[]): Scope => ({ of: 'peers', peers: which.map((at) => address(peers[at]!)) });

describe('P2 what a card says is what is granted', () => {
  test('P2 a card that names one conversation answers that conversation, and every other asks', async () => {
    const { ask, send, decide, read, vault } = await connected();
    const { card } = await ask('xmtp_decryptV2', read(0));
    expect(card).toMatchObject({
      kind: 'messages',
      facts: { items: 1, peers: [address(peers[0])], offers: ['conversations', 'peers'], reach: 'all' },
    });
    await decide({ kind: 'messages', remember: '1d', scope: 'conversations' });
    expect(told(await ask('xmtp_decryptV2', read(0, 0)))).toEqual(['opened', 'opened']);
    for (const request of [read(1), read(0, 1)]) {
      expect((await ask('xmtp_decryptV2', request)).card).toMatchObject({ kind: 'messages' });
      await vault.approvals.rejectAll();
    }
    const list = send('xmtp_getV2Conversations', { request: new Uint8Array() });
    await decide({ kind: 'messages', remember: 'once', scope: 'granted' });
    expect(decodeConversations((await list.answer).result as Uint8Array)).toHaveLength(3);
    expect((await ask('xmtp_decryptV2', read(2))).card).toMatchObject({ kind: 'messages' });
  });

  test('P2 widening is an act: the people it names, the site’s own, all that was given', async () => {
    for (const [scope, which, others] of [
      ['peers', [2], [0, 1]],
      ['site', [2], [0, 1]],
      ['granted', [0, 1, 2], []],
    ] as const) {
      const { ask, decide, read, vault } = await connected();
      await ask('xmtp_decryptV2', read(2));
      await decide({ kind: 'messages', remember: '1d', scope });
      for (const at of which) expect(told(await ask('xmtp_decryptV2', read(at)))).toEqual(['opened']);
      for (const at of others) {
        expect((await ask('xmtp_decryptV2', read(at))).card).toBeDefined();
        await vault.approvals.rejectAll();
      }
    }
  });

  test('P2 a decision that the card does not offer is refused, and just once is once', async () => {
    const { ask, send, decide, read, vault, router } = await connected();
    const { answer } = send('xmtp_decryptV2', read(0));
    await expect(decide({ kind: 'messages', remember: '1d', scope: 'site' })).rejects.toMatchObject({
      reason: 'invalid-input',
    });
    await decide({ kind: 'messages', remember: 'once', scope: 'granted' });
    expect(told(await answer)).toEqual(['opened']);
    expect((await ask('xmtp_decryptV2', read(0))).card).toMatchObject({ kind: 'messages' });
    await vault.approvals.rejectAll();
    await router.rejectAll();
  });

  test('P2 writing to somebody new with a card of theirs does not open the way to others', async () => {
    const { ask, decide, write } = await connected();
    await ask('xmtp_encryptV2', write(1));
    await decide({ kind: 'messages', remember: '1d', scope: 'peers' });
    expect((await ask('xmtp_encryptV2', write(1))).result).toBeDefined();
    expect((await ask('xmtp_encryptV2', write(0))).card).toMatchObject({ capability: 'messages.write' });
  });
});

describe('P2 a grant that reaches less', () => {
  test('P2 is told to the site as it was given, and enforced item by item without a card', async () => {
    const { ask, read, grant, vault } = await connected({ scopes: { 'messages.read': peerScope(0) }, remember: '1d' });
    expect(grant).toMatchObject({
      scopes: { 'messages.read': peerScope(0), 'messages.write': { of: 'all' } },
      budgets: {},
    });
    expect(told(await ask('xmtp_decryptV2', read(0, 1, 0, 2)))).toEqual(['opened', 3, 'opened', 3]);
    expect(await vault.approvals.waitingCount()).toBe(0);
  });

  test('P2 a request with nothing inside it makes no card; a card speaks of what is inside only', async () => {
    const { ask, read, vault } = await connected({ scopes: { 'messages.read': peerScope(0) } });
    expect(told(await ask('xmtp_decryptV2', read(1, 2)))).toEqual([3, 3]);
    expect(await vault.approvals.waitingCount()).toBe(0);
    expect((await ask('xmtp_decryptV2', read(0, 1))).card).toMatchObject({
      facts: { items: 1, peers: [address(peers[0])], peerCount: 1, conversationCount: 1, reach: 'peers' },
    });
  });

  test('P2 an invitation outside it is refused as a whole, and a token without a card', async () => {
    const capabilities: Capability[] = ['messages.write', 'network.token'];
    const { ask, vault } = await connected({
      capabilities,
      scopes: { 'messages.write': peerScope(0) },
      remember: '1d',
    });
    const { signedPublicBundleOf } = await import('../../protocol/keys/bundles');
    const request = encodeCreateInviteRequest({ recipient: signedPublicBundleOf(peers[1]), createdNs: timeNs(1) });
    expect((await ask('xmtp_createInvite', { request })).error).toMatchObject({
      code: errorCode.invalidParams,
      data: { keystoreCode: 3 },
    });
    const token = await ask('xmtp_createAuthToken', { request: encodeCreateAuthTokenRequest() });
    expect(token.error?.code).toBe(errorCode.unauthorized);
    expect(await vault.approvals.waitingCount()).toBe(0);
  });

  test('R-B7 what the person changes later counts at once, also for what waits', async () => {
    const { ask, decide, read, vault, safeId, send } = await connected({ remember: '1d' });
    expect(told(await ask('xmtp_decryptV2', read(0, 1)))).toEqual(['opened', 'opened']);
    await vault.grants.edit(origin, safeId, { scopes: { 'messages.read': peerScope(1) }, asksAgain: true });
    const { answer } = send('xmtp_decryptV2', read(0, 1));
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
    await vault.grants.edit(origin, safeId, { scopes: { 'messages.read': { of: 'site' } } });
    await decide({ kind: 'messages', remember: 'once', scope: 'granted' });
    expect(told(await answer)).toEqual([3, 3]);
    expect(told(await ask('xmtp_decryptV2', read(0, 1)))).toEqual([3, 3]);
  });
});

describe('P2 in the middle of a request', () => {
  test('P2 law: a narrowing, a widening, a revocation or a lock at any moment: nothing is released outside the grant as it stands then', async () => {
    const world = await connected({ remember: '1d' });
    const { vault, safeId, wallet, send, read, topics, middle } = world;
    const fates = new Set<string>();
    const nothing = async () => undefined;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('none', 'narrow', 'same', 'widen', 'revoke', 'lock'),
        fc.constantFrom('before', 'after', 'meanwhile'),
        fc.array(fc.nat({ max: 2 }), { minLength: 1, maxLength: 6 }),
        async (act, moment, which) => {
          if ((await vault.state()).status === 'locked') await unlockWithWallet(vault, safeId, wallet);
          const narrow = peerScope(0);
          const first: Scope = act === 'widen' ? narrow : { of: 'all' };
          await vault.grants.put({
            origin,
            safeId,
            capabilities: ['messages.read'],
            duration: 'until-revoked',
            documentKey: 'D1',
            requestId: (++ids).toString(16).padStart(32, '0'),
            remember: '1d',
            scopes: { 'messages.read': first },
          });
          let reached: Scope | undefined = first;
          const change = async () => {
            if (act === 'narrow') await vault.grants.edit(origin, safeId, { scopes: { 'messages.read': narrow } });
            if (act === 'same') await vault.grants.edit(origin, safeId, { duration: '30d' });
            if (act === 'widen')
              await vault.grants.edit(origin, safeId, { scopes: { 'messages.read': { of: 'all' } } });
            if (act === 'revoke') await vault.grants.revoke(origin, safeId);
            if (act === 'lock') await vault.lock();
            if (act === 'narrow') reached = narrow;
            if (act === 'revoke' || act === 'lock') reached = undefined;
          };
          middle.before = moment === 'before' ? change : nothing;
          middle.after = moment === 'after' ? change : nothing;
          let atRelease: Scope | undefined;
          const released = send('xmtp_decryptV2', read(...which)).answer.then((outcome) => {
            atRelease = reached;
            return outcome;
          });
          if (moment === 'meanwhile') await change();
          // What waits for an unlock by now is answered nothing.
          const outcome = await Promise.race([released, new Promise<undefined>((resolve) => setTimeout(resolve, 200))]);
          [middle.before, middle.after] = [nothing, nothing];
          await vault.approvals.rejectAll();
          if (outcome === undefined) return;
          const fate = `${act} ${moment} ${outcome.error === undefined ? 'answered' : 'refused'}`;
          fates.add(fate);
          if (outcome.error) return;
          const opened = told(outcome);
          for (const [index, at] of which.entries()) {
            if (opened[index] !== 'opened') continue;
            const isInside = atRelease?.of === 'all' || (atRelease !== undefined && topics[at] === topics[0]);
            expect([fate, at, isInside]).toEqual([fate, at, true]);
          }
        },
      ),
      lawOf('scopes', 'requests'),
    );
    for (const act of ['narrow', 'revoke', 'lock'])
      for (const moment of ['before', 'after']) expect([...fates]).toContain(`${act} ${moment} refused`);
    for (const act of ['none', 'same', 'widen']) expect([...fates]).toContain(`${act} after answered`);
  });
});

describe('P2 a card that waits while its grant changes', () => {
  test('P2 is carried out in what it described, however far the grant reaches by then', async () => {
    const { ask, send, decide, read, vault, safeId } = await connected({ scopes: { 'messages.read': peerScope(0) } });
    const { answer } = send('xmtp_decryptV2', read(0, 1));
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
    await vault.grants.edit(origin, safeId, { scopes: { 'messages.read': { of: 'all' } } });
    await decide({ kind: 'messages', remember: '1d', scope: 'granted' });
    expect(told(await answer)).toEqual(['opened', 3]);
    // And what the person said of it is remembered for that, no more.
    expect(told(await ask('xmtp_decryptV2', read(0)))).toEqual(['opened']);
    expect((await ask('xmtp_decryptV2', read(1))).card).toMatchObject({ facts: { reach: 'all' } });
    await vault.approvals.rejectAll();
  });

  test('P2 and judged as its answer leaves: what was narrowed after it was made does not go out', async () => {
    const { send, decide, read, vault, safeId, middle } = await connected();
    const { answer } = send('xmtp_decryptV2', read(0, 1));
    middle.after = async () => {
      await vault.grants.edit(origin, safeId, { scopes: { 'messages.read': peerScope(0) } });
    };
    await decide({ kind: 'messages', remember: 'once', scope: 'granted' });
    expect((await answer).error).toMatchObject({ code: errorCode.rejected, data: { reason: 'interrupted' } });
  });

  test('P2 so are the other parts of a list that it described', async () => {
    const { ask, send, decide, read, vault, safeId } = await connected({ scopes: { 'messages.read': peerScope(0) } });
    const [first, second] = await wholeOf([read(0, 1), read(1, 0)], 4);
    const { answer } = send('xmtp_decryptV2', first!);
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
    await vault.grants.edit(origin, safeId, { scopes: { 'messages.read': { of: 'all' } } });
    await decide({ kind: 'messages', remember: 'once', scope: 'granted' });
    expect(told(await answer)).toEqual(['opened', 3]);
    expect(told(await ask('xmtp_decryptV2', second!))).toEqual([3, 'opened']);
  });
});

describe('P2 budgets', () => {
  test('P2 the last use that is left reaches no further than the grant', async () => {
    const { ask, read } = await connected({
      remember: '1d',
      scopes: { 'messages.read': peerScope(0) },
      budgets: { 'messages.read': justOnce },
    });
    expect(told(await ask('xmtp_decryptV2', read(0, 1)))).toEqual(['opened', 3]);
  });

  test('P2 the same request under the same id, sent again after its answer, is another use', async () => {
    const { ask, again, read, vault } = await connected({
      remember: '1d',
      budgets: { 'messages.read': { uses: 2, per: 'all' } },
    });
    const left = async () =>
      (await vault.grants.list())[0]!.bounds.find((one) => one.capability === 'messages.read')?.usesLeft;
    const { id } = await ask('xmtp_decryptV2', read(0));
    expect(await left()).toBe(1);
    expect(told(await again(id, 'xmtp_decryptV2', read(0)))).toEqual(['opened']);
    expect(await left()).toBeUndefined();
    expect((await again(id, 'xmtp_decryptV2', read(0))).error?.code).toBe(errorCode.unauthorized);
  });

  test('P2 just once: the second use is refused, and connecting again is a card', async () => {
    const { ask, read, vault } = await connected({ remember: '1d', budgets: { 'messages.read': justOnce } });
    expect(told(await ask('xmtp_decryptV2', read(0, 1, 2)))).toEqual(['opened', 'opened', 'opened']);
    expect((await ask('xmtp_decryptV2', read(0))).error?.code).toBe(errorCode.unauthorized);
    const again = await ask('vault_connect', { capabilities: ['messages.read'] });
    expect(again.card).toMatchObject({ kind: 'connect' });
    expect(await vault.approvals.waitingCount()).toBe(1);
  });

  test('P2 so many in an hour: then -32005, until the hour is over', async () => {
    const { ask, read, clock } = await connected({
      remember: '1d',
      budgets: { 'messages.read': { uses: 2, per: 'hour' } },
    });
    for (const at of [0, 1]) expect(told(await ask('xmtp_decryptV2', read(at)))).toEqual(['opened']);
    expect((await ask('xmtp_decryptV2', read(2))).error?.code).toBe(errorCode.limitExceeded);
    expect((await ask('vault_getPermissions', undefined)).result).toMatchObject([
      { budgets: { 'messages.read': { uses: 2, per: 'hour', left: 0 } } },
    ]);
    clock.nowMs += 600_000;
    expect((await ask('xmtp_decryptV2', read(2))).error?.code).toBe(errorCode.limitExceeded);
  });
});

describe('R-C3 requests of one kind that are listed on one card', () => {
  const cardsOf = (vault: Vault) => vault.approvals.list();

  test('R-C3 are answered together, each in what it names; what came later waits, and nothing else goes on', async () => {
    const { send, ask, answerOf, read, vault, router } = await connected();
    for (const at of [0, 1, 2]) send('xmtp_decryptV2', read(at));
    await expect.poll(() => vault.approvals.waitingCount()).toBe(3);
    const listed = (await cardsOf(vault)).slice(0, 2);
    const decision = { kind: 'messages', remember: '1d', scope: 'conversations' } as const;
    for (const record of await vault.approvals.decideAll(listed, decision)) await router.settle(record);
    for (const record of listed) expect(told(await answerOf(record))).toEqual(['opened']);
    expect(await vault.approvals.waitingCount()).toBe(1);
    expect(told(await ask('xmtp_decryptV2', read(0, 1)))).toEqual(['opened', 'opened']);
    await vault.approvals.rejectAll();
  });

  test('R-C3 just once is once for each', async () => {
    const { send, ask, read, vault, router } = await connected();
    const both = [0, 1].map((at) => send('xmtp_decryptV2', read(at)));
    await expect.poll(() => vault.approvals.waitingCount()).toBe(2);
    const decided = await vault.approvals.decideAll(await cardsOf(vault), {
      kind: 'messages',
      remember: 'once',
      scope: 'granted',
    });
    for (const record of decided) await router.settle(record);
    for (const { answer } of both) expect(told(await answer)).toEqual(['opened']);
    expect((await ask('xmtp_decryptV2', read(0))).card).toMatchObject({ kind: 'messages' });
    await vault.approvals.rejectAll();
  });

  test('P2 the same connection of several documents is one grant, whose budget is counted once', async () => {
    const { vault, safeId, router, answerOf, send, read } = await connected({ capabilities: ['identity'] });
    for (const document of ['D2', 'D3']) send('vault_connect', { capabilities: ['messages.read'] }, document);
    await expect.poll(() => vault.approvals.waitingCount()).toBe(2);
    const budgets = { 'messages.read': { uses: 2, per: 'all' as const } };
    const decided = await vault.approvals.decideAll(await cardsOf(vault), {
      kind: 'connect',
      safeId,
      capabilities: ['messages.read'],
      duration: '1d',
      remember: '1d',
      budgets,
    });
    await router.settle(decided[0]!);
    expect((await answerOf(decided[0]!)).result).toMatchObject({ capabilities: ['identity', 'messages.read'] });
    expect(told(await send('xmtp_decryptV2', read(0), 'D2').answer)).toEqual(['opened']);
    await router.settle(decided[1]!);
    expect((await answerOf(decided[1]!)).result).toMatchObject({ budgets: { 'messages.read': { left: 1 } } });
  });
});

describe('R-B8 far more than a site usually uses', () => {
  /** A site that read little on three days, and what it read today is beyond that. */
  async function unusual() {
    const world = await connected({ remember: '1d' });
    const { vault, safeId, wallet, clock } = world;
    const of = { safeId, origin, capability: 'messages.read' as const };
    for (let day = 0; day < volume.leastDays; day++, clock.nowMs += 86_400_000) await vault.volume.take(of, 40);
    if ((await vault.state()).status === 'locked') await unlockWithWallet(vault, safeId, wallet);
    for (const one of ['messages.read', 'messages.write'] as const)
      await vault.grants.remember(origin, safeId, one, '1d');
    await vault.volume.take(of, 1_000);
    return world;
  }
  const facts = { capability: 'messages.read', items: 1_001, inMs: 10_000, usual: 40 };

  test('R-B8 waits under a card with the figures, and what waits is answered when it may go on', async () => {
    const { vault, send, decide, ask, read } = await unusual();
    const waiting = [0, 1, 2].map((at) => send('xmtp_decryptV2', read(at)));
    await expect.poll(() => vault.approvals.waitingCount()).toBe(3);
    expect(await decide({ kind: 'volume', lasts: 'continue' })).toMatchObject({ kind: 'volume', facts });
    for (const { answer } of waiting) expect(told(await answer)).toEqual(['opened']);
    expect(told(await ask('xmtp_decryptV2', read(0, 1, 2)))).toEqual(['opened', 'opened', 'opened']);
    expect(await vault.approvals.waitingCount()).toBe(0);
  });

  test('R-B8 stopping revokes: what waits ends, and nothing is opened', async () => {
    const { vault, safeId, router, send, read } = await unusual();
    const { answer } = send('xmtp_decryptV2', read(0));
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
    await vault.grants.revoke(origin, safeId);
    await router.revoked(origin);
    expect((await answer).error?.code).toBe(errorCode.unauthorized);
  });

  test('R-B8 another kind goes on, a card that the person answers is not counted, and once is for as much again', async () => {
    const { vault, safeId, decide, ask, read, write } = await unusual();
    expect((await ask('xmtp_encryptV2', write(0))).result).toBeDefined();
    expect((await ask('xmtp_decryptV2', read(0))).card).toMatchObject({ kind: 'volume' });
    await decide({ kind: 'volume', lasts: 'once' });
    expect(told(await ask('xmtp_decryptV2', read(1)))).toEqual(['opened']);
    await vault.volume.take({ safeId, origin, capability: 'messages.read' }, 998);
    expect((await ask('xmtp_decryptV2', read(1))).card).toMatchObject({ kind: 'volume', facts });
    await vault.approvals.rejectAll();
  });
});

describe('P2 a list in parts', () => {
  test('P2 that is the last use of a budget is answered to its last part', async () => {
    for (const budget of [justOnce, { uses: 1, per: 'hour' as const }]) {
      const { ask, read } = await connected({ remember: '1d', budgets: { 'messages.read': budget } });
      const requests = await wholeOf([read(0), read(1), read(2)], 3);
      for (const request of requests) expect(told(await ask('xmtp_decryptV2', request))).toEqual(['opened']);
      expect((await ask('xmtp_decryptV2', requests[1]!)).error?.code).toBe(
        budget === justOnce ? errorCode.unauthorized : errorCode.limitExceeded,
      );
    }
  });

  test('P2 is asked about once, and just once means all of it and nothing beyond', async () => {
    const { ask, send, decide, read, vault } = await connected();
    const [first, second, third] = await wholeOf([read(0, 1), read(1, 2), read(2)], 5);
    const answers = [send('xmtp_decryptV2', first!), send('xmtp_decryptV2', second!)];
    await expect.poll(() => vault.approvals.waitingCount()).toBe(2);
    const shown = await decide({ kind: 'messages', remember: 'once', scope: 'granted' });
    expect(shown).toMatchObject({ facts: { items: 2, whole: { items: 5, parts: 3 } } });
    for (const { answer } of answers) expect(told(await answer)).toEqual(['opened', 'opened']);
    expect(told(await ask('xmtp_decryptV2', third!))).toEqual(['opened']);
    expect(await vault.approvals.waitingCount()).toBe(0);
    for (const beyond of [third!, first!, read(2)]) {
      expect((await ask('xmtp_decryptV2', beyond)).card).toMatchObject({ kind: 'messages' });
      await vault.approvals.rejectAll();
    }
  });

  test('P2 that is not declared is answered only where nobody is asked and no use is counted', async () => {
    const undeclared = (one: { request: Uint8Array }) => ({ ...one, whole: { items: 9, parts: new Uint8Array(0) } });
    const refused = { code: errorCode.invalidParams, data: { field: 'whole' } };
    const free = await connected({ remember: '1d' });
    expect(told(await free.ask('xmtp_decryptV2', undeclared(free.read(0))))).toEqual(['opened']);
    expect((await free.ask('xmtp_getV2Conversations', undeclared({ request: new Uint8Array() }))).error).toMatchObject(
      refused,
    );
    const counted = await connected({ remember: '1d', budgets: { 'messages.read': { uses: 1, per: 'all' } } });
    expect((await counted.ask('xmtp_decryptV2', undeclared(counted.read(0)))).error).toMatchObject(refused);
    expect(told(await counted.ask('xmtp_decryptV2', counted.read(0)))).toEqual(['opened']);
    const { ask, decide, read, vault } = await connected();
    expect((await ask('xmtp_decryptV2', undeclared(read(0)))).error).toMatchObject(refused);
    expect(await vault.approvals.waitingCount()).toBe(0);
    // Also where a part of it would be answered: the card speaks of the whole list.
    expect((await ask('xmtp_decryptV2', read(0))).card).toMatchObject({ kind: 'messages' });
    await decide({ kind: 'messages', remember: '1d', scope: 'conversations' });
    expect((await ask('xmtp_decryptV2', undeclared(read(0)))).error).toMatchObject(refused);
    expect(told(await ask('xmtp_decryptV2', read(0)))).toEqual(['opened']);
  });

  test('P2 of a budget it is one use, and a lock ends it', async () => {
    const { ask, read, vault, safeId, wallet } = await connected({
      remember: '1d',
      budgets: { 'messages.read': { uses: 2, per: 'all' } },
    });
    const [first, second, third] = await wholeOf([read(0), read(1), read(2)], 3);
    const left = async () =>
      (await vault.grants.list())[0]!.bounds.find((one) => one.capability === 'messages.read')?.usesLeft;
    expect(told(await ask('xmtp_decryptV2', first!))).toEqual(['opened']);
    expect(told(await ask('xmtp_decryptV2', second!))).toEqual(['opened']);
    expect(await left()).toBe(1);
    await vault.lock();
    await unlockWithWallet(vault, safeId, wallet);
    expect(told(await ask('xmtp_decryptV2', third!))).toEqual(['opened']);
    expect(await left()).toBeUndefined();
  });
});
