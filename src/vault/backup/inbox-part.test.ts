// Inboxes of XMTP V3 in backup files: keys, ledger and archive keys come back in another browser, older files say that they have none.
import { describe, expect, it, vi } from 'vitest';
import type { FileSecret } from '../../contract/pages/backup';
import { recoverWalletAddress } from '../../protocol/base/ethereum';
import { buildIdentityText } from '../../protocol/inbox/identity-text';
import { inboxIdOf } from '../../protocol/inbox/inbox-id';
import type { BackupInboxes } from '../../protocol/ours/backup';
import { backupFileOf, backupOf, bundleFor, filePassphrase } from '../testkit/copies.testkit';
import { encodeLedger } from '../inbox/ledger-record';
import { asBytes } from '../store/encoding';
import { createTestBrowser, createTestWallet, enrolledBrowser, type TestBrowser } from '../testkit/vault.testkit';

vi.mock('@noble/hashes/scrypt.js', () => import('../../protocol/testkit/cheap-scrypt.testkit'));

const secret: FileSecret = { kind: 'passphrase', passphrase: filePassphrase };
const origin = 'https://chat.example';
const wallet = createTestWallet();
const nothing = new Uint8Array(0);
/** Signed with a key that is in no file. */
const foreign = {
  atMs: 1,
  origin,
  identifier: `0x${'5'.repeat(40)}`,
  inboxId: 'a'.repeat(64),
  shape: 'grant' as const,
  values: ['1'.repeat(64)],
  textDigest: '2'.repeat(64),
};

function grantText({ clock }: Pick<TestBrowser, 'clock'>, inboxId: string, digit: string): string {
  const timeMs = Math.floor(clock.nowMs / 1000) * 1000;
  return buildIdentityText({ shape: 'grant', inboxId, timeMs, installationId: digit.repeat(64) });
}

/** An identity with an inbox that it made, a second key, a note and two archive keys. */
async function belonging() {
  const browser = await enrolledBrowser();
  const { vault, safeId, clock } = browser;
  const owner = await vault.inboxes.identifier(safeId);
  const inboxId = inboxIdOf(owner, 1);
  const timeMs = Math.floor(clock.nowMs / 1000) * 1000;
  const create = { shape: 'create+grant', inboxId, timeMs, owner, installationId: '1'.repeat(64) } as const;
  await vault.inboxes.sign(safeId, { text: buildIdentityText(create), identifier: owner, origin, atMs: clock.nowMs });
  await vault.inboxes.newKey({ safeId });
  await vault.inboxes.name({ safeId, inboxId, name: 'Mine' });
  await vault.inboxes.correct({ safeId, inboxId, installations: 4, updates: 30 });
  await vault.inboxes.newArchiveKey({ safeId });
  await vault.inboxes.newArchiveKey({ safeId });
  const { text } = await vault.unlock.text({ safeId });
  const proof = { kind: 'wallet', signature: asBytes(browser.wallet.sign(text)) } as const;
  const save = async () => (await vault.backup.export({ safeId, proof, secret })).file;
  return { ...browser, owner, inboxId, save };
}

async function importInto(file: Uint8Array) {
  const browser = createTestBrowser();
  const vault = browser.startWorker();
  const { safeId, text } = await vault.enrolment.begin({
    account: wallet.account,
    wallet: { kind: 'manual' },
    name: 'Ada',
    source: 'backup',
  });
  await vault.enrolment.unlockSignature({ safeId, signature: wallet.sign(text ?? '') });
  const { text: again } = await vault.enrolment.importFile({ safeId, file, secret });
  await vault.enrolment.confirmUnlockSignature({ safeId, signature: wallet.sign(again ?? '') });
  const { code, ask } = await vault.enrolment.createRecoveryCode({ safeId });
  await vault.enrolment.finish({ safeId, code, typed: ask.map((group) => code.split('-')[group] ?? '') });
  return { ...browser, vault, safeId };
}

describe('a backup file with inboxes', () => {
  it('brings keys, ledger, notes and archive keys into another browser', async () => {
    const here = await belonging();
    const there = await importInto(await here.save());
    expect(await there.vault.inboxes.list(there)).toEqual(await here.vault.inboxes.list(here));
    expect(await there.vault.inboxes.identifier(there.safeId)).toBe(await here.vault.inboxes.identifier(here.safeId));
    for (const earlier of [0, 1]) {
      const request = { inboxId: here.inboxId, earlier, madeAtMs: null };
      expect(await there.vault.inboxes.archiveKey(there.safeId, request)).toEqual(
        await here.vault.inboxes.archiveKey(here.safeId, request),
      );
    }
    const text = grantText(there, here.inboxId, '2');
    const approved = { text, identifier: here.owner, origin, atMs: there.clock.nowMs };
    const signature = await there.vault.inboxes.sign(there.safeId, approved);
    expect(recoverWalletAddress(text, signature).toLowerCase()).toBe(here.owner);
  });

  it('says in its preview how many keys it has; one of before says that it can have none', async () => {
    const here = await belonging();
    const preview = (file: Uint8Array) => here.vault.backup.preview({ file, secret });
    expect((await preview(await here.save())).inboxKeys).toBe(2);
    const older = await backupFileOf(backupOf(wallet, bundleFor(wallet, 'ada', 1)));
    expect((await preview(older)).inboxKeys).toBeNull();
    const empty = { keysSecret: nothing, archiveSecrets: nothing, ledger: nothing };
    const without = await backupFileOf(backupOf(wallet, bundleFor(wallet, 'ada', 1), { inboxes: empty }));
    expect((await preview(without)).inboxKeys).toBe(0);
    const { vault, safeId } = await importInto(without);
    expect(await vault.inboxes.list({ safeId })).toEqual({ keys: [], inboxes: [], archiveKeysMadeAtMs: [] });
  });

  it('is no longer whole once another key was made, and the identity says so', async () => {
    const here = await belonging();
    const { vault, safeId } = here;
    const file = await here.save();
    const check = () => vault.backup.check({ safeId, file, secret });
    expect(await check()).toMatchObject({ complete: true, missingInboxKeys: 0 });
    expect(await vault.backup.state({ safeId })).toMatchObject({ keysChangedSince: false });
    await vault.inboxes.newKey({ safeId });
    expect(await vault.backup.state({ safeId })).toMatchObject({ keysChangedSince: true });
    expect(await check()).toMatchObject({ complete: false, missingInboxKeys: 1 });
    here.clock.nowMs += 1;
    await vault.inboxes.newArchiveKey({ safeId });
    expect(await check()).toMatchObject({ complete: false, missingInboxKeys: 2 });
  });

  it('counts texts and marks that it has not, and is whole without them only if they came later', async () => {
    const here = await belonging();
    const { vault, safeId, clock, inboxId, owner } = here;
    const file = await here.save();
    const check = () => vault.backup.check({ safeId, file, secret });
    clock.nowMs += 2_000;
    const text = grantText(here, inboxId, '3');
    await vault.inboxes.sign(safeId, { text, identifier: owner, origin, atMs: clock.nowMs });
    await vault.inboxes.markRecovery({ safeId, inboxId: 'c'.repeat(64), isRecovery: true });
    expect(await check()).toMatchObject({ complete: true, missingInboxTexts: 2 });
    const old = { text: grantText(here, inboxId, '4'), identifier: owner, origin, atMs: clock.nowMs - 60_000 };
    await vault.inboxes.sign(safeId, old);
    expect(await check()).toMatchObject({ complete: false, missingInboxTexts: 3 });
  });

  it('is refused whole when a part of it cannot be read', async () => {
    const { vault } = await belonging();
    const parts: Partial<BackupInboxes>[] = [
      { keysSecret: Uint8Array.of(0, 0, 0, 1) },
      { keysSecret: new Uint8Array(44) },
      { archiveSecrets: Uint8Array.of(0, 0, 0, 9, 1) },
      { ledger: Uint8Array.of(1) },
      { ledger: encodeLedger({ entries: [foreign], notes: [] }) },
    ];
    for (const part of parts) {
      const inboxes = { keysSecret: nothing, archiveSecrets: nothing, ledger: nothing, ...part };
      const file = await backupFileOf(backupOf(wallet, bundleFor(wallet, 'ada', 1), { inboxes }));
      await expect(vault.backup.preview({ file, secret })).rejects.toThrow(
        expect.objectContaining({ reason: 'bad-file', detail: 'changed' }),
      );
    }
  });
});
