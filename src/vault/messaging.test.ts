// Messaging in the whole vault: what a dead worker leaves, what forgetting removes, what a lock logs, what memory may grow to.
import { describe, expect, it } from 'vitest';
import {
  decodeSignedPublicKeyBundle,
  signedPublicBundleOf,
  type PrivateKeyBundleV1,
  type SignedPublicKeyBundle,
} from '../protocol/keys/bundles';
import { bytesToHex } from '../protocol/base/bytes';
import {
  decodeConversations,
  decodeCreateInviteResponse,
  decodePrivatePreferencesEntries,
  encodeCreateInviteRequest,
  encodePrivatePreferencesEntries,
} from '../protocol/keystore/calls';
import { decodeDecryptResponse, encodeDecryptV2Request, encodeSaveInvitesRequest } from '../protocol/keystore/messages';
import { encryptV2 } from '../protocol/messages/message-v2';
import { encodePreferenceAction } from '../protocol/messages/preference-action';
import { identityPool } from '../protocol/testkit/reference.testkit';
import { keystoreLimits } from './store/limits';
import {
  headerV2,
  invitation,
  invitationWith,
  random,
  save,
  text,
  timeNs,
  writeV2,
  type SentInvitation,
} from './testkit/keystore-requests.testkit';
import { createTestKeystore } from './testkit/keystore.testkit';
import type { Vault } from './vault';
import {
  createTestWallet,
  enrol,
  enrolledBrowser,
  everythingStored,
  freezeAt,
  holdsSecret,
  inStore,
  unlockWithWallet,
  type TestBrowser,
} from './testkit/vault.testkit';

const [ada, bob, cem] = (await identityPool(3)).map(({ ours }) => ours) as [
  PrivateKeyBundleV1,
  PrivateKeyBundleV1,
  PrivateKeyBundleV1,
];
const context = { documentKey: 'd', nowMs: 1_718_000_000_000 };
const action = encodePreferenceAction({ kind: 'allowAddress', values: ['0x1'] });

async function ownBundle(vault: Vault, safeId: string): Promise<SignedPublicKeyBundle> {
  return decodeSignedPublicKeyBundle((await vault.keys.publicBundles(safeId)).signedPublicKeyBundle);
}

async function topicsOf(vault: Vault, safeId: string): Promise<string[]> {
  return decodeConversations(
    await vault.keystore.run(safeId, 'xmtp_getV2Conversations', new Uint8Array(), context),
  ).map(({ topic }) => topic);
}

async function opens(
  vault: Vault,
  safeId: string,
  { invitation: { topic, keyMaterial } }: SentInvitation,
): Promise<boolean> {
  const headerBytes = headerV2(topic);
  const payload = encryptV2({ keyMaterial, headerBytes, payload: text('hi'), salt32: random(32), nonce12: random(12) });
  const request = encodeDecryptV2Request([{ headerBytes, payload, contentTopic: topic }]);
  const [outcome] = decodeDecryptResponse(await vault.keystore.run(safeId, 'xmtp_decryptV2', request, context));
  return outcome !== undefined && 'result' in outcome;
}

interface Flow {
  name: string;
  request(own: SignedPublicKeyBundle): {
    method: 'xmtp_saveInvites' | 'xmtp_createInvite' | 'xmtp_savePrivatePreferences' | 'xmtp_setRefreshJob';
    request: Uint8Array;
    sent: SentInvitation[];
  };
  count(vault: Vault, safeId: string): Promise<number>;
  whole: number;
}

const flows: Flow[] = [
  {
    name: 'saveInvites',
    request: (own) => {
      const sent = [1, 2, 3].map((n) => invitation(bob, own, n, { conversationId: String(n), metadata: new Map() }));
      return { method: 'xmtp_saveInvites', request: encodeSaveInvitesRequest(sent.map(({ item }) => item)), sent };
    },
    count: async (vault, safeId) => (await topicsOf(vault, safeId)).length,
    whole: 3,
  },
  {
    name: 'createInvite',
    request: () => ({
      method: 'xmtp_createInvite',
      request: encodeCreateInviteRequest({ recipient: signedPublicBundleOf(bob), createdNs: timeNs(1) }),
      sent: [],
    }),
    count: async (vault, safeId) => (await topicsOf(vault, safeId)).length,
    whole: 1,
  },
  {
    name: 'savePreferences',
    request: () => ({
      method: 'xmtp_savePrivatePreferences',
      request: encodePrivatePreferencesEntries([
        { key: '1', action },
        { key: '2', action },
      ]),
      sent: [],
    }),
    count: async (vault, safeId) =>
      decodePrivatePreferencesEntries(
        await vault.keystore.run(safeId, 'xmtp_getPrivatePreferences', new Uint8Array(), context),
      ).length,
    whole: 2,
  },
];

describe.each(flows)('P3 $name, killed at each of its steps', (flow) => {
  it('has all of it on disk or nothing, and done again it is whole', async () => {
    const first = await enrolledBrowser();
    const prepared = flow.request(await ownBundle(first.vault, first.safeId));
    first.labels.length = 0;
    await first.vault.keystore.run(first.safeId, prepared.method, prepared.request, context);
    const labels = [...new Set(first.labels)];
    expect(labels.length).toBeGreaterThan(1);
    for (const label of labels) {
      const browser = await enrolledBrowser();
      const { safeId } = browser;
      const { method, request, sent } = flow.request(await ownBundle(browser.vault, safeId));
      const { checkpoint, reached } = freezeAt(label);
      expect(
        await Promise.race([
          reached,
          browser.startWorker({ checkpoint }).keystore.run(safeId, method, request, context),
        ]),
      ).toBe('frozen');
      const next = browser.startWorker();
      expect([label, await flow.count(next, safeId)]).toEqual([
        label,
        label.endsWith(':after') && label !== 'prekeys.set:after' ? flow.whole : 0,
      ]);
      await next.keystore.run(safeId, method, request, context);
      expect([label, await flow.count(next, safeId)]).toEqual([label, flow.whole]);
      for (const one of sent) expect(await opens(next, safeId, one)).toBe(true);
    }
  });
});

describe('forgetting', () => {
  async function withHistory(): Promise<
    TestBrowser & { vault: Vault; safeId: string; account: string; sent: SentInvitation }
  > {
    const browser = await enrolledBrowser();
    const { vault, safeId } = browser;
    const sent = invitation(bob, await ownBundle(vault, safeId), 1);
    await vault.keystore.run(safeId, 'xmtp_saveInvites', encodeSaveInvitesRequest([sent.item]), context);
    await vault.keystore.run(
      safeId,
      'xmtp_savePrivatePreferences',
      encodePrivatePreferencesEntries([{ key: '1', action }]),
      context,
    );
    await vault.keystore.run(safeId, 'xmtp_setRefreshJob', Uint8Array.of(8, 1, 16, 5), context);
    return { ...browser, vault, safeId, account: browser.wallet.account, sent };
  }

  async function rows(browser: TestBrowser): Promise<number> {
    const counts = await Promise.all(
      ['entries', 'segments', 'jobs', 'activity'].map((name) =>
        inStore(browser.host.databaseName, name, (store) => store.count()),
      ),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  it('leaves no byte of conversations, preferences, jobs and log, also while invitations are being saved', async () => {
    const browser = await withHistory();
    const { vault, safeId, account } = browser;
    expect(await rows(browser)).toBeGreaterThan(3);
    const own = await ownBundle(vault, safeId);
    const late = Array.from({ length: 5 }, (_, n) =>
      vault.keystore
        .run(
          safeId,
          'xmtp_saveInvites',
          encodeSaveInvitesRequest([
            invitationWith(bob, own, n, { topic: `/xmtp/0/m-${n}/proto`, keyMaterial: random(32) }).item,
          ]),
          context,
        )
        .catch(() => undefined),
    );
    await vault.identity.forget({ safeId, typed: account });
    await Promise.all(late);
    expect(await rows(browser)).toBe(0);
    expect(await everythingStored(browser, { session: true })).not.toContain(safeId);
    await expect(
      vault.keystore.run(safeId, 'xmtp_getV2Conversations', new Uint8Array(), context),
    ).rejects.toMatchObject({ reason: 'not-found' });
  });

  it('that was begun is finished at the next start, conversations included', async () => {
    for (const label of [
      'forget.mark-database:after',
      'forget.remove-rows:before',
      'forget.remove-rows:after',
      'forget.remove-database:before',
    ]) {
      const browser = await withHistory();
      const { checkpoint, reached } = freezeAt(label);
      const outcome = await Promise.race([
        reached,
        browser.startWorker({ checkpoint }).identity.forget({ safeId: browser.safeId, typed: browser.account }),
      ]);
      expect(outcome).toBe('frozen');
      expect((await browser.startWorker().state()).status).toBe('empty');
      expect(await rows(browser)).toBe(0);
    }
  });

  it('one identity keeps the conversations of the other', async () => {
    const browser = await withHistory();
    const { vault, safeId, sent } = browser;
    browser.clock.nowMs += 1000;
    const second = createTestWallet(2);
    const other = await enrol(vault, second);
    await vault.identity.forget({ safeId: other.safeId, typed: second.account });
    expect(await topicsOf(vault, safeId)).toEqual([sent.invitation.topic]);
  });
});

describe('at rest', () => {
  it('P4 no topic, peer, topic key or private key of messaging is readable in any store', async () => {
    const browser = await enrolledBrowser();
    const { vault, safeId } = browser;
    const sent = invitation(bob, await ownBundle(vault, safeId), 1, {
      conversationId: 'canary-id',
      metadata: new Map([['canary-key', 'canary-value']]),
    });
    await vault.keystore.run(safeId, 'xmtp_saveInvites', encodeSaveInvitesRequest([sent.item]), context);
    const stored = await everythingStored(browser, { session: true });
    expect(holdsSecret(stored, sent.invitation.keyMaterial)).toBe(false);
    for (const word of [sent.invitation.topic, 'canary', '/xmtp/0/']) expect(stored).not.toContain(word);
    expect(stored).toContain(safeId);
  });

  it('everything is there again after a restart of the browser, and opens', async () => {
    const browser = await enrolledBrowser();
    const { safeId, wallet } = browser;
    const sent = invitation(bob, await ownBundle(browser.vault, safeId), 1);
    await browser.vault.keystore.run(safeId, 'xmtp_saveInvites', encodeSaveInvitesRequest([sent.item]), context);
    const vault = await browser.restart();
    await expect(
      vault.keystore.run(safeId, 'xmtp_getV2Conversations', new Uint8Array(), context),
    ).rejects.toMatchObject({ reason: 'locked' });
    await unlockWithWallet(vault, safeId, wallet);
    expect(await opens(vault, safeId, sent)).toBe(true);
  });
});

describe('locks by a person', () => {
  it('are in the log, one and all, and the key is gone at once all the same', async () => {
    const { vault, safeId, wallet } = await enrolledBrowser();
    const locking = vault.lock(safeId);
    await expect(vault.keystore.run(safeId, 'xmtp_createAuthToken', new Uint8Array(), context)).rejects.toMatchObject({
      reason: 'locked',
    });
    await locking;
    await unlockWithWallet(vault, safeId, wallet);
    await vault.lock();
    await unlockWithWallet(vault, safeId, wallet);
    const acts = (await vault.activity.list(safeId, { limit: 10 })).map(({ method }) => method);
    expect(acts.filter((method) => method === 'lock')).toHaveLength(2);
    expect(acts.slice(0, 2)).toEqual(['unlock', 'lock']);
  });

  it('of a safe that is locked already are no acts', async () => {
    const { vault, safeId, wallet } = await enrolledBrowser();
    await vault.lock();
    await vault.lock();
    await vault.lock(safeId);
    await unlockWithWallet(vault, safeId, wallet);
    expect((await vault.activity.list(safeId, { limit: 10 })).filter(({ method }) => method === 'lock')).toHaveLength(
      1,
    );
  });
});

describe('a list of conversations that is full', () => {
  it('loses the oldest that strangers began, and none that the person began or has written to', async () => {
    const keystore = await createTestKeystore(ada);
    const { safeId, db } = keystore;
    const own = signedPublicBundleOf(ada);
    // As if nearly everything had been stored already: filling a list for real takes minutes. Five of the following have room.
    const filler = {
      safeId,
      list: 'conversations',
      sequence: keystoreLimits.numbersOfList.conversations - 60,
      name: random(32),
      bytes: random(80),
    };
    await (await db.connect()).put('entries', filler);
    await (await db.connect()).put('settings', 0, `room:${safeId}:conversations:freed`);
    const named = (conversationId: string) => ({ conversationId, metadata: new Map() });
    const [unread, answered] = [invitation(bob, own, 1, named('unread')), invitation(bob, own, 2, named('answered'))];
    await save(keystore, [unread, answered]);
    const mine = decodeCreateInviteResponse(
      await keystore.run(
        'xmtp_createInvite',
        encodeCreateInviteRequest({ recipient: signedPublicBundleOf(cem), createdNs: timeNs(3) }),
      ),
    ).conversation.topic;
    const { topic } = answered.invitation;
    const [written] = await writeV2(keystore, [
      { headerBytes: headerV2(topic), contentTopic: topic, content: { payload: text('hello'), sender: own } },
    ]);
    expect(written).toHaveProperty('result');
    const flood = [4, 5, 6, 7].map((n) => invitation(cem, own, n, named(`flood ${n}`)));
    for (const one of flood) expect((await save(keystore, [one]))[0]).toHaveProperty('result');
    const topics = [unread.invitation.topic, topic, mine, ...flood.map((one) => one.invitation.topic)];
    const found = await keystore.conversations.find(safeId, topics);
    expect(found.map((one) => one !== undefined)).toEqual([false, true, true, false, false, true, true]);
  });
});

describe('memory', () => {
  it('holds a bounded number of conversations and still opens all of them', async () => {
    const keystore = await createTestKeystore(ada);
    const total = keystoreLimits.cachedConversations + 200;
    const conversations = Array.from({ length: total }, (_, n) => ({
      reference: { topic: `/xmtp/0/m-${n}/proto`, peerAddress: keystore.account, createdNs: timeNs(n) },
      topicSecret: random(32),
    }));
    const secrets = conversations.map(({ topicSecret }) => bytesToHex(topicSecret));
    await keystore.conversations.add(keystore.safeId, conversations);
    const sealed = { hkdfSalt: random(32), gcmNonce: random(12), payload: random(40) };
    for (let from = 0; from < total; from += 1000) {
      const items = conversations
        .slice(from, from + 1000)
        .map(({ reference: { topic } }) => ({ headerBytes: headerV2(topic), payload: sealed, contentTopic: topic }));
      const answers = decodeDecryptResponse(await keystore.run('xmtp_decryptV2', encodeDecryptV2Request(items)));
      expect(new Set(answers.map((one) => ('refusal' in one ? one.refusal.code : 'opened')))).toEqual(new Set([0]));
    }
    expect(keystore.memories.sizeOf(keystore.safeId)).toBe(keystoreLimits.cachedConversations);
    const [first] = await keystore.conversations.find(keystore.safeId, ['/xmtp/0/m-0/proto']);
    expect(bytesToHex(first?.topicSecret ?? new Uint8Array())).toBe(secrets[0]);
  });

  it('a known peer costs no arithmetic: neither the bundle nor the curve is touched again', async () => {
    const keystore = await createTestKeystore(ada);
    const own = signedPublicBundleOf(ada);
    await save(keystore, [invitation(bob, own, 1)]);
    const opened = { times: 0 };
    const original = keystore.sessions.rootKey;
    keystore.sessions.rootKey = async (id) => {
      opened.times++;
      return original(id);
    };
    await save(keystore, [invitation(bob, own, 2, { conversationId: 'another', metadata: new Map() })]);
    expect(opened.times).toBe(0);
    await save(keystore, [invitation(cem, own, 3)]);
    expect(opened.times).toBe(1);
    keystore.sessions.rootKey = original;
  });
});
