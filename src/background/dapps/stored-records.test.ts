// Grants and approvals as version 0.1.0 stored them, when there was a capability for blind signatures and tokens belonged to writing.
// Promises: the file beside this one was written by that version itself, for the first test wallet; it is never made anew.
import 'fake-indexeddb/auto';
import { describe, expect, test } from 'vitest';
import { errorCode, VaultError } from '../../contract/errors';
import { base64ToBytes } from '../../protocol/base/bytes';
import { encodeCreateAuthTokenRequest } from '../../protocol/keystore/calls';
import type { Vault } from '../../vault/vault';
import { createTestBrowser, createTestWallet, inStore, unlockWithWallet } from '../../vault/testkit/vault.testkit';
import { createAdmission } from './admission';
import stored from './records-with-sign-digest.json';
import { createRouter } from './router';
import { sendTo } from '../testkit/router.testkit';
import { decideOne } from '../../vault/testkit/decide.testkit';
import type { ApprovalDecision } from '../../vault/consent/approvals/approval-record';

const token = encodeCreateAuthTokenRequest(5n);

/** A browser that was updated: its disk and session are those of the earlier version. Locked, as after every update. */
async function updatedBrowser() {
  const browser = createTestBrowser();
  browser.mirrorItems.set(`safe:${stored.safeId}`, stored.mirror);
  for (const [key, value] of Object.entries(stored.session)) browser.sessionItems.set(key, JSON.stringify(value));
  await browser.startWorker().ready();
  for (const { origin, bytes } of stored.grants)
    await inStore(browser.host.databaseName, 'grants', (rows) =>
      rows.put({ safeId: stored.safeId, origin, bytes: base64ToBytes(bytes) }),
    );
  const vault = browser.startWorker();
  const router = createRouter({
    vault,
    version: '1',
    nowMs: browser.host.nowMs,
    publisher: {
      describe: () => Promise.reject(new VaultError('no-network')),
      fix: async () => undefined,
      publish: () => Promise.reject(new VaultError('no-network')),
    },
    admission: createAdmission(),
    rotatedAtMs: async () => ({}),
    present: async () => undefined,
  });
  let ids = 0;
  const send = (origin: string, method: string, params?: unknown, id = (++ids).toString(16).padStart(32, 'f')) => {
    const dapp = { kind: 'dapp', origin, documentKey: 'D1', tabId: 1 } as const;
    return sendTo(router, { id, method, dapp }, params);
  };
  return { ...browser, vault, router, send, unlock: () => unlockWithWallet(vault, stored.safeId, createTestWallet()) };
}

/** The frame of a request as its page's relay still has it. */
function frameOf(name: string) {
  const { origin, method, id, request, capabilities } = stored.requests.find((one) => one.name === name)!;
  return [origin, method, request === undefined ? { capabilities } : { request: base64ToBytes(request) }, id] as const;
}

const cards = async (vault: Vault) => (await vault.approvals.list()).map(({ id }) => id);
const decide = async ({ vault, router }: Awaited<ReturnType<typeof updatedBrowser>>, decision: ApprovalDecision) => {
  await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
  const [card] = await vault.approvals.list();
  await router.settle(
    await decideOne(vault.approvals, { id: card!.id, digest: card!.digest, nonce: card!.nonce, decision }),
  );
  return card!.shown;
};

/** Whatever waits in the file for a person who is not there. */
async function withoutApprovals() {
  const browser = await updatedBrowser();
  for (const key of browser.sessionItems.keys()) if (key.startsWith('approval:')) browser.sessionItems.delete(key);
  await browser.unlock();
  return browser;
}

describe('grants of 0.1.0', () => {
  test('R-B3 still open; blind signatures are dropped from them, and nothing new is in them', async () => {
    const { vault, send } = await withoutApprovals();
    const [both] = await vault.grants.find('https://both.example');
    expect(both).toMatchObject({
      verified: true,
      capabilities: ['identity', 'messages.write'],
      duration: 'until-revoked',
    });
    expect(vault.grants.remembers(both!, 'messages.write')).toBe(true);
    const [plain] = await vault.grants.find('https://plain.example');
    expect(plain).toMatchObject({ verified: true, capabilities: ['identity', 'sign'] });
    expect(vault.grants.remembers(plain!, 'sign')).toBe(true);
    expect((await vault.grants.list()).map(({ origin }) => origin).toSorted()).toEqual([
      'https://both.example',
      'https://plain.example',
      'https://write.example',
    ]);
    // What they meant: all conversations, as often as the site likes, and without asking in all of them.
    expect(both!.bounds).toEqual([
      { capability: 'identity', scope: null, wish: null, budget: null, usesLeft: null },
      { capability: 'messages.write', scope: { of: 'all' }, wish: { of: 'all' }, budget: null, usesLeft: null },
    ]);
    expect(vault.grants.rememberedScopes(both!, 'messages.write')).toEqual([{ of: 'all' }]);
    expect((await send('https://both.example', 'vault_getPublicKeyBundle')).result).toBeDefined();
    expect((await send('https://both.example', 'vault_getPermissions')).result).toMatchObject([
      { capabilities: ['identity', 'messages.write'] },
    ]);
  });

  test('R-B3 a grant of blind signatures alone has ended: found nowhere, locked or unlocked, and its row goes', async () => {
    const browser = await updatedBrowser();
    const { vault, send, unlock } = browser;
    for (const isUnlocked of [false, true]) {
      if (isUnlocked) await unlock();
      expect(await vault.grants.find('https://digest.example')).toEqual([]);
      expect((await send('https://digest.example', 'vault_getPermissions')).error?.code).toBe(errorCode.unauthorized);
      expect((await send('https://digest.example', 'vault_accounts')).result).toEqual([]);
    }
    await vault.grants.sweep();
    const rows = await inStore(
      browser.host.databaseName,
      'grants',
      (store) => store.getAll() as IDBRequest<{ origin: string }[]>,
    );
    expect(rows.map(({ origin }) => origin)).not.toContain('https://digest.example');
    expect(rows).toHaveLength(stored.grants.length - 1);
  });

  test('P2 writing gains no token, not even where the person said not to ask', async () => {
    const { vault, send } = await withoutApprovals();
    for (const origin of ['https://both.example', 'https://write.example'])
      expect((await send(origin, 'xmtp_createAuthToken', { request: token })).error?.code, origin).toBe(
        errorCode.unauthorized,
      );
    expect(await vault.approvals.waitingCount()).toBe(0);
    expect(
      await vault.grants
        .use('https://both.example', stored.safeId, 'network.token', 'D1')
        .catch((error: VaultError) => error.reason),
    ).toBe('not-found');
  });

  test('P2 a use writes the row anew without what was dropped; a genuine row is needed as before', async () => {
    const browser = await withoutApprovals();
    await browser.vault.grants.use('https://both.example', stored.safeId, 'messages.write', 'D1');
    expect(
      (await browser.startWorker().grants.list()).find(({ origin }) => origin === 'https://both.example'),
    ).toMatchObject({ capabilities: ['identity', 'messages.write'] });
    const forged = await updatedBrowser();
    const row = base64ToBytes(stored.grants.find(({ origin }) => origin === 'https://plain.example')!.bytes);
    row[row.length - 1]! ^= 1;
    await inStore(forged.host.databaseName, 'grants', (rows) =>
      rows.put({ safeId: stored.safeId, origin: 'https://plain.example', bytes: row }),
    );
    await forged.unlock();
    expect(await forged.vault.grants.find('https://plain.example')).toEqual([]);
  });
});

describe('approvals of 0.1.0', () => {
  const blind = [
    'a blind signature that waits',
    'a blind signature that was approved',
    'a blind signature that was begun',
    'a blind signature that waits for an unlock',
  ];

  test('R-B3 no card of a method that is gone is shown; what can still be decided is', async () => {
    const { vault, sessionItems } = await updatedBrowser();
    const shown = await cards(vault);
    for (const name of [
      ...blind.slice(0, 3),
      'a connection with blind signatures that waits',
      'a connection with blind signatures that was approved',
    ]) {
      const [, , , id] = frameOf(name);
      expect(shown, name).not.toContain(id);
      expect(sessionItems.has(`approval:${id}`), name).toBe(false);
    }
    expect(shown).toContain(frameOf('a connection that waits')[3]);
    expect(await vault.approvals.waitingCount()).toBe(shown.length);
  });

  test.each(blind)('R-B3 %s: the page is told that there is no such method, and nothing of it stays', async (name) => {
    for (const isUnlocked of [false, true]) {
      const { vault, send, unlock } = await updatedBrowser();
      if (isUnlocked) await unlock();
      expect((await send(...frameOf(name))).error?.code).toBe(errorCode.unsupported);
      await expect.poll(() => vault.approvals.get(frameOf(name)[3])).toBeUndefined();
      expect(await cards(vault)).not.toContain(frameOf(name)[3]);
    }
  });

  test.each(['waits', 'was approved'])(
    'R-B3 a connection with blind signatures that %s: the page is told which field, and no grant is made',
    async (state) => {
      const { vault, send, unlock } = await updatedBrowser();
      await unlock();
      const frame = frameOf(`a connection with blind signatures that ${state}`);
      expect((await send(...frame)).error).toMatchObject({
        code: errorCode.invalidParams,
        data: { field: 'capabilities.1' },
      });
      expect(await vault.approvals.get(frame[3])).toBeUndefined();
      expect(await vault.grants.find(frame[0])).toEqual([]);
    },
  );

  test.each(['waits', 'was approved'])(
    'P2 a token under messages.write that %s is not made, and no decision is remembered',
    async (state) => {
      const { vault, send, unlock } = await updatedBrowser();
      await unlock();
      const frame = frameOf(`a token under messages.write that ${state}`);
      const { error } = await send(...frame);
      expect([errorCode.unauthorized, errorCode.rejected]).toContain(error?.code);
      await expect.poll(() => vault.approvals.get(frame[3])).toBeUndefined();
      const [grant] = await vault.grants.find(frame[0]);
      expect(vault.grants.remembers(grant!, 'messages.write')).toBe(false);
    },
  );

  test('P2 a token that waits for an unlock is refused after it, and its card is gone', async () => {
    const { vault, router, send, unlock } = await updatedBrowser();
    const frame = frameOf('a token that waits for an unlock');
    const answer = send(...frame);
    await unlock();
    await router.unlocked();
    expect((await answer).error?.code).toBe(errorCode.unauthorized);
    expect(await vault.approvals.get(frame[3])).toBeUndefined();
  });

  test('P2 an old card of messages, which did not say how far it reaches, is not shown: no token is made by it either', async () => {
    const browser = await updatedBrowser();
    const { vault, router, unlock } = browser;
    await unlock();
    const [origin, method, params, id] = frameOf('a token under messages.write that waits');
    expect((await vault.approvals.list()).filter(({ shown }) => shown.kind === 'messages')).toEqual([]);
    const dapp = { kind: 'dapp' as const, origin, documentKey: 'D1', tabId: 1 };
    expect((await sendTo(router, { id, method, dapp }, params)).error).toMatchObject({ code: errorCode.unauthorized });
    const [grant] = await vault.grants.find(origin);
    expect(vault.grants.remembers(grant!, 'messages.write')).toBe(false);
  });

  test('what still exists goes on: the connection that waited is decided and given', async () => {
    const browser = await updatedBrowser();
    await browser.unlock();
    await browser.vault.approvals.rejectAll('https://write.example');
    await browser.vault.approvals.rejectAll('https://both.example');
    const answer = browser.send(...frameOf('a connection that waits'));
    const shown = await decide(browser, {
      kind: 'connect',
      safeId: stored.safeId,
      capabilities: ['identity', 'messages.read'],
      duration: '1d',
    });
    expect(shown).toMatchObject({ kind: 'connect', capabilities: ['identity', 'sign', 'messages.read'] });
    expect((await answer).result).toMatchObject({ duration: '1d' });
  });
});
