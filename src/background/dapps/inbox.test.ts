// The rows of XMTP V3 at the gate: who may ask, in which order it is refused, what each card needs, and that one approval is one signature.
import 'fake-indexeddb/auto';
import { describe, expect, test } from 'vitest';
import { VaultError } from '../../contract/errors';
import type { Capability } from '../../contract/grants';
import { recoverWalletAddress } from '../../protocol/base/ethereum';
import { buildIdentityText, type IdentityText } from '../../protocol/inbox/identity-text';
import { inboxIdOf } from '../../protocol/inbox/inbox-id';
import { enrolledBrowser, unlockWithWallet } from '../../vault/testkit/vault.testkit';
import type { Dapp } from '../browser/sender';
import { sendTo } from '../testkit/router.testkit';
import { createAdmission } from './admission';
import { createRouter } from './router';
import { decideOne } from '../../vault/testkit/decide.testkit';
import type { ApprovalDecision } from '../../vault/consent/approvals/approval-record';

type Decision = ApprovalDecision;

const noNode = {
  describe: () => Promise.reject(new VaultError('no-network')),
  fix: () => Promise.reject(new VaultError('no-network')),
  publish: () => Promise.reject(new VaultError('no-network')),
};
const dapp: Dapp = { kind: 'dapp', origin: 'https://chat.example', documentKey: 'D1', tabId: 1 };
const strange = 'b'.repeat(64);
const installationId = '1'.repeat(64);
let ids = 0;

async function connected(
  capabilities: Capability[] = ['xmtp.v3'],
  duration: 'until-revoked' | 'once' = 'until-revoked',
) {
  const browser = await enrolledBrowser();
  const { vault, safeId, clock } = browser;
  const router = createRouter({
    vault,
    version: '1',
    nowMs: browser.host.nowMs,
    publisher: noNode,
    rotatedAtMs: async () => ({}),
    present: async () => undefined,
    admission: createAdmission(),
  });
  const send = (method: string, params: unknown) =>
    sendTo(router, { id: (++ids).toString(16).padStart(32, '0'), method, dapp }, params);
  const card = async () => {
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
    return (await vault.approvals.list())[0]!;
  };
  const decide = async (decision: Decision) => {
    const { id, digest, nonce } = await card();
    await router.settle(await decideOne(vault.approvals, { id, digest, nonce, decision }));
  };
  const first = send('vault_connect', { capabilities });
  await decide({ kind: 'connect', safeId, capabilities, duration });
  await first;
  const textOf = (fields: Record<string, unknown>) =>
    buildIdentityText({ timeMs: Math.floor(clock.nowMs / 1000) * 1000, ...fields } as IdentityText);
  const identifier = async (): Promise<string> =>
    ((await send('xmtp_v3_getIdentifier', {})).result as { identifier: string }).identifier;
  const signText = (text: string) => send('xmtp_v3_signIdentityText', { text });
  return { ...browser, router, send, card, decide, textOf, identifier, signText };
}

const approve = { kind: 'v3', isTicked: false } as const;

describe('P2 without a grant, or with another capability', () => {
  test('P2 every row of XMTP V3 is refused without a card', async () => {
    const { send, vault } = await connected(['identity', 'sign', 'network.token']);
    const asked = [
      ['xmtp_v3_getIdentifier', {}],
      ['xmtp_v3_signIdentityText', { text: 'anything' }],
      ['xmtp_v3_getArchiveKey', { inboxId: strange }],
    ] as const;
    for (const [method, params] of asked) expect((await send(method, params)).error?.code).toBe(4100);
    expect(await vault.approvals.waitingCount()).toBe(0);
  });

  test('P2 the inbox key does not give archive keys, nor archive keys the inbox key', async () => {
    const inbox = await connected(['xmtp.v3']);
    expect((await inbox.send('xmtp_v3_getArchiveKey', { inboxId: strange })).error?.code).toBe(4100);
    const archive = await connected(['xmtp.v3.archive']);
    expect((await archive.send('xmtp_v3_getIdentifier', {})).error?.code).toBe(4100);
  });
});

describe('the identifier', () => {
  test('is told without a card, as a signer of V3 names itself', async () => {
    const { send, vault } = await connected();
    const { result } = await send('xmtp_v3_getIdentifier', {});
    expect(result).toEqual({ identifier: expect.stringMatching(/^0x[0-9a-f]{40}$/), identifierKind: 0 });
    expect((await send('xmtp_v3_getIdentifier', undefined)).result).toEqual(result);
    expect(await vault.approvals.waitingCount()).toBe(0);
  });

  test('waits for an unlock like the others', async () => {
    const { send, vault, safeId, wallet, router, card } = await connected();
    await vault.lock();
    const asked = send('xmtp_v3_getIdentifier', {});
    expect((await card()).shown.kind).toBe('unlock');
    await unlockWithWallet(vault, safeId, wallet);
    await router.unlocked();
    expect((await asked).result).toMatchObject({ identifierKind: 0 });
  });
});

describe('an identity text', () => {
  test('that cannot be signed is refused at once, without a card, and says why', async () => {
    const { identifier, signText, textOf, vault, clock } = await connected();
    const owner = await identifier();
    const grant = { shape: 'grant', inboxId: strange, installationId };
    const old = textOf({ ...grant, timeMs: Math.floor(clock.nowMs / 1000) * 1000 - 301_000 });
    const refused = [
      ['no text of V3', 'unreadable'],
      [old, 'date'],
      [textOf({ shape: 'link', inboxId: strange, address: `0x${'7'.repeat(40)}` }), 'not-this-key'],
      [textOf({ shape: 'recovery', inboxId: strange, address: owner }), 'not-recovery'],
    ];
    for (const [text, identityText] of refused)
      expect((await signText(text!)).error).toMatchObject({ code: -32602, data: { field: 'text', identityText } });
    expect(await vault.approvals.waitingCount()).toBe(0);
  });

  test('is shown with every field, approved once for itself, and signed as shown', async () => {
    const { identifier, signText, textOf, decide, card, vault, safeId } = await connected();
    const owner = await identifier();
    const inboxId = inboxIdOf(owner, 1);
    const text = textOf({ shape: 'create+grant', inboxId, owner, installationId });
    const asked = signText(text);
    const shown = (await card()).shown;
    expect(shown).toMatchObject({
      kind: 'v3',
      facts: { text, shape: 'create+grant', inboxId, identifier: owner, values: [installationId], inbox: 'new' },
    });
    await decide(approve);
    const signature = (await asked).result as Uint8Array;
    expect(recoverWalletAddress(text, signature).toLowerCase()).toBe(owner);
    const next = signText(textOf({ shape: 'grant', inboxId, installationId: '2'.repeat(64) }));
    expect((await card()).shown).toMatchObject({ facts: { inbox: 'made-here', ofThisOrigin: 1 } });
    await decide({ kind: 'reject' });
    expect((await next).error).toMatchObject({ code: 4001, data: { reason: 'rejected' } });
    const logged = async () =>
      (await vault.activity.list(safeId, { limit: 10 })).map(({ purpose, outcome }) => `${purpose} ${outcome}`);
    await expect.poll(logged).toContain(`create+grant ${inboxId} done`);
    await expect.poll(logged).toContain(`grant ${inboxId} rejected`);
    expect((await vault.inboxes.list({ safeId })).inboxes[0]?.texts).toHaveLength(1);
  });

  test('R-C3 of an inbox that is not known needs the tick, and what takes something away needs the typed end of the id', async () => {
    const { identifier, signText, textOf, decide, card } = await connected();
    const owner = await identifier();
    const linking = signText(textOf({ shape: 'link', inboxId: strange, address: owner }));
    expect((await card()).shown).toMatchObject({ facts: { inbox: 'unknown' } });
    await expect(decide(approve)).rejects.toThrow(expect.objectContaining({ reason: 'invalid-input' }));
    await decide({ kind: 'v3', isTicked: true });
    expect((await linking).result).toHaveLength(65);
    const inboxId = inboxIdOf(owner, 1);
    const making = signText(textOf({ shape: 'create+grant', inboxId, owner, installationId }));
    await decide(approve);
    await making;
    const revoking = signText(textOf({ shape: 'revoke', inboxId, installationIds: [installationId] }));
    await card();
    for (const typed of [undefined, '', inboxId.slice(0, 4), `${inboxId.slice(-4)}0`])
      await expect(decide({ kind: 'v3', isTicked: true, ...(typed !== undefined && { typed }) })).rejects.toThrow(
        expect.objectContaining({ reason: 'invalid-input' }),
      );
    await decide({ kind: 'v3', isTicked: false, typed: ` ${inboxId.slice(-4).toUpperCase()} ` });
    expect((await revoking).result).toHaveLength(65);
  });

  test('is no older for an unlock that the person took minutes for', async () => {
    const { identifier, signText, textOf, decide, card, vault, safeId, wallet, router, clock } = await connected();
    const owner = await identifier();
    const text = textOf({ shape: 'create+grant', inboxId: inboxIdOf(owner, 1), owner, installationId });
    clock.nowMs += 240_000;
    await vault.lock();
    const asked = signText(text);
    expect((await card()).shown.kind).toBe('unlock');
    clock.nowMs += 240_000;
    await unlockWithWallet(vault, safeId, wallet);
    await router.unlocked();
    await expect.poll(async () => (await card()).shown.kind).toBe('v3');
    await decide(approve);
    expect((await asked).result).toHaveLength(65);
  });

  test('ends a grant for one signature', async () => {
    const { identifier, signText, textOf, decide } = await connected(['xmtp.v3'], 'once');
    const owner = await identifier();
    const inboxId = inboxIdOf(owner, 1);
    const asked = signText(textOf({ shape: 'create+grant', inboxId, owner, installationId }));
    await decide(approve);
    expect((await asked).result).toHaveLength(65);
    const next = await signText(textOf({ shape: 'grant', inboxId, installationId }));
    expect(next.error?.code).toBe(4100);
  });

  test('R-C3 that waits says what another approval has changed, and an answer to its old words does not count', async () => {
    const { identifier, signText, textOf, router, vault } = await connected();
    const owner = await identifier();
    const inboxId = inboxIdOf(owner, 1);
    const make = signText(textOf({ shape: 'create+grant', inboxId, owner, installationId }));
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
    const grant = signText(textOf({ shape: 'grant', inboxId, installationId: '2'.repeat(64) }));
    await expect.poll(() => vault.approvals.waitingCount()).toBe(2);
    const [first, second] = await vault.approvals.list();
    expect(second?.shown).toMatchObject({ facts: { inbox: 'unknown', ofThisOrigin: 0 } });
    const { id, digest, nonce } = first!;
    await router.settle(await decideOne(vault.approvals, { id, digest, nonce, decision: approve }));
    expect((await make).result).toHaveLength(65);
    await expect
      .poll(async () => (await vault.approvals.list())[0]?.shown)
      .toMatchObject({ facts: { inbox: 'made-here', role: 'recovery', ofThisOrigin: 1 } });
    const old = { id: second!.id, digest: second!.digest, nonce: second!.nonce };
    await expect(decideOne(vault.approvals, { ...old, decision: { kind: 'v3', isTicked: true } })).rejects.toThrow(
      expect.objectContaining({ reason: 'stale' }),
    );
    const [now] = await vault.approvals.list();
    await router.settle(await decideOne(vault.approvals, { ...old, nonce: now!.nonce, decision: approve }));
    expect((await grant).result).toHaveLength(65);
  });

  test('P2 whose permission ended between card and answer is not signed', async () => {
    const { identifier, signText, textOf, card, router, vault, safeId } = await connected();
    const owner = await identifier();
    const inboxId = inboxIdOf(owner, 1);
    const asked = signText(textOf({ shape: 'create+grant', inboxId, owner, installationId }));
    const { id, digest, nonce } = await card();
    const record = await decideOne(vault.approvals, { id, digest, nonce, decision: approve });
    await vault.grants.revoke(dapp.origin, safeId);
    await router.settle(record);
    expect((await asked).error?.code).toBe(4100);
    expect((await vault.inboxes.list({ safeId })).inboxes).toEqual([]);
  });

  test('is never covered by an answer to another card', async () => {
    const { identifier, signText, textOf, router, vault } = await connected();
    const owner = await identifier();
    const inboxId = inboxIdOf(owner, 1);
    const one = signText(textOf({ shape: 'create+grant', inboxId, owner, installationId }));
    await expect.poll(() => vault.approvals.waitingCount()).toBe(1);
    const two = signText(textOf({ shape: 'grant', inboxId, installationId: '2'.repeat(64) }));
    await expect.poll(() => vault.approvals.waitingCount()).toBe(2);
    const [first] = await vault.approvals.list();
    const { id, digest, nonce } = first!;
    await router.settle(await decideOne(vault.approvals, { id, digest, nonce, decision: approve }));
    expect((await one).result).toHaveLength(65);
    expect(await vault.approvals.waitingCount()).toBe(1);
    await router.rejectAll();
    expect((await two).error?.code).toBe(4001);
  });
});

describe('an archive key', () => {
  test('is asked for each time, needs the tick for an inbox that is not known, and is given as 32 bytes', async () => {
    const { send, decide, card, vault } = await connected(['xmtp.v3.archive']);
    const asked = send('xmtp_v3_getArchiveKey', { inboxId: strange });
    expect((await card()).shown).toMatchObject({
      kind: 'archive',
      facts: { inboxId: strange, inbox: 'unknown', earlier: 0 },
    });
    await expect(decide({ kind: 'archive', isTicked: false })).rejects.toThrow(
      expect.objectContaining({ reason: 'invalid-input' }),
    );
    await decide({ kind: 'archive', isTicked: true });
    const key = (await asked).result as Uint8Array;
    expect(key).toHaveLength(32);
    const again = send('xmtp_v3_getArchiveKey', { inboxId: strange });
    await card();
    await decide({ kind: 'archive', isTicked: true });
    expect((await again).result).toEqual(key);
    expect(await vault.approvals.waitingCount()).toBe(0);
  });

  test('that there never was is refused at once', async () => {
    const { send, vault } = await connected(['xmtp.v3.archive']);
    expect((await send('xmtp_v3_getArchiveKey', { inboxId: strange, earlier: 1 })).error).toMatchObject({
      code: -32602,
      data: { field: 'earlier' },
    });
    expect(await vault.approvals.waitingCount()).toBe(0);
  });
});
