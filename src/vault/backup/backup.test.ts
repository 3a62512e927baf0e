// Backup files of an identity: made, looked into, checked, and put into another browser (R-I5).
// Promises: what an export holds is compared with what the safe holds, by way of the reference tool as well as our own reader.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { FileSecret } from '../../contract/pages/backup';
import type { SlotSecret } from '../../contract/schemas';
import type { Backup } from '../../protocol/ours/backup';
import { decodeBackup } from '../../protocol/ours/backup';
import {
  encodePrivateKeyBundle,
  encodePrivateKeyBundleV1,
  encodePrivateKeyBundleV2,
  legacyToV2PrivateKeyBundle,
  signedPublicBundleOf,
} from '../../protocol/keys/bundles';
import { bytesToBase64, bytesToHex } from '../../protocol/base/bytes';
import { createInvitation } from '../../protocol/messages/invitation';
import type { PrivateKey } from '../../protocol/keys/keys';
import { encodePreferenceAction } from '../../protocol/messages/preference-action';
import { openWithAge } from '../testkit/age-tool.testkit';
import type * as File from './file';
import { openFile } from './file';
import {
  backupFileOf,
  backupOf,
  bundleFor,
  conversationsOf,
  filePassphrase,
  testWorkFactor,
} from '../testkit/copies.testkit';
import { asBytes } from '../store/encoding';
import { mostPrekeys } from '../keys/bundle';
import { byPasskey, passkeyOf } from '../testkit/slots.testkit';
import type { TestBrowser } from '../testkit/vault.testkit';
import {
  createTestBrowser,
  createTestWallet,
  drawnSecrets,
  everythingStored,
  holdsSecret,
  signRequest,
} from '../testkit/vault.testkit';
import type { Vault } from '../vault';

vi.mock('@noble/hashes/scrypt.js', () => import('../../protocol/testkit/native-scrypt.testkit'));

/** What happens while a file is being made. */
const sealing = vi.hoisted((): { meanwhile: (() => Promise<unknown>) | undefined } => ({ meanwhile: undefined }));
vi.mock('./file', async (original) => {
  const real = await original<typeof File>();
  const sealFile: typeof File.sealFile = async (...input) => {
    const file = await real.sealFile(...input);
    await sealing.meanwhile?.();
    return file;
  };
  return { ...real, sealFile };
});
beforeEach(() => {
  sealing.meanwhile = undefined;
});

const wallet = createTestWallet();
const mallory = createTestWallet(9);
const bundle = bundleFor(wallet, 'ada', 2);
const underPassphrase: FileSecret = { kind: 'passphrase', passphrase: filePassphrase };
const peersOf = (from: number, to: number) =>
  conversationsOf(to)
    .slice(from)
    .map(({ reference }) => ({ ...reference, topic: `/xmtp/0/dm-${reference.createdNs}/proto` }));
const preferences = ['5', '17'].map((key) => ({
  key,
  action: encodePreferenceAction({ kind: 'allowAddress', values: [`0x${key}`] }),
}));
const full: Partial<Backup> = { conversations: conversationsOf(20), v1Peers: peersOf(0, 4), preferences };

interface Identity {
  browser: TestBrowser;
  vault: Vault;
  safeId: string;
  code: string;
  proof: SlotSecret;
}

/** A finished identity with everything a file can hold, itself made from a file. Its own files are cheap to try, or with null cost the real thing. */
async function identity(
  backup = backupOf(wallet, bundle, full),
  nowMs?: number,
  fileWorkFactor: number | null = testWorkFactor,
): Promise<Identity> {
  const browser = createTestBrowser({ fileWorkFactor: fileWorkFactor ?? undefined });
  browser.clock.nowMs = nowMs ?? browser.clock.nowMs;
  const vault = browser.startWorker();
  const made = await importInto(vault, await backupFileOf(backup), underPassphrase);
  const { text } = await vault.unlock.text({ safeId: made.safeId });
  return { browser, vault, ...made, proof: { kind: 'wallet', signature: asBytes(wallet.sign(text)) } };
}

async function draft(vault: Vault, name = 'Ada', by = wallet): Promise<string> {
  const { safeId, text } = await vault.enrolment.begin({
    account: by.account,
    wallet: { kind: 'manual' },
    name,
    source: 'backup',
  });
  await vault.enrolment.unlockSignature({ safeId, signature: by.sign(text ?? '') });
  return safeId;
}

async function importInto(
  vault: Vault,
  file: Uint8Array,
  secret: FileSecret,
  name = '',
): Promise<{ safeId: string; code: string }> {
  const safeId = await draft(vault, name);
  const { text } = await vault.enrolment.importFile({ safeId, file, secret });
  await vault.enrolment.confirmUnlockSignature({ safeId, signature: wallet.sign(text ?? '') });
  const { code, ask } = await vault.enrolment.createRecoveryCode({ safeId });
  await vault.enrolment.finish({ safeId, code, typed: ask.map((group) => code.split('-')[group] ?? '') });
  return { safeId, code };
}

/** What a file of ours holds, as a person with the standard tool finds it. */
const read = (file: Uint8Array, passphrase = filePassphrase) => decodeBackup(openWithAge(file, passphrase));
const topicsOf = ({ conversations }: Pick<Backup, 'conversations'>) =>
  conversations.map(({ reference }) => reference.topic).toSorted();

describe('R-I5 an export', () => {
  it('holds the whole identity, opens with the standard age tool, and brings it back elsewhere', async () => {
    const { browser, vault, safeId, proof } = await identity(undefined, Date.UTC(2026, 10, 21, 23, 30), null);
    await vault.settings.set({
      autoLockMinutes: 5,
      theme: 'dark',
      language: 'system',
      environment: null,
      inboxNode: null,
      ensNode: null,
    });
    await vault.rotation.setPolicy({ safeId, everyDays: 90 });
    const { fileName, file, conversations } = await vault.backup.export({ safeId, proof, secret: underPassphrase });
    expect(fileName).toBe(`prekey-vault-${wallet.account.slice(0, 10).toLowerCase()}-2026-11-21.age`);
    expect(conversations).toBe(24);
    const inside = read(file);
    const wanted = backupOf(wallet, bundle, {
      ...full,
      createdMs: BigInt(browser.clock.nowMs),
      settings: { autoLockMinutes: 5, theme: 'dark', rotationDays: 90 },
      inboxes: { keysSecret: new Uint8Array(0), archiveSecrets: new Uint8Array(0), ledger: new Uint8Array(0) },
      people: new Uint8Array(0),
    });
    expect(inside).toEqual(wanted);
    expect(await vault.backup.state({ safeId })).toEqual({
      lastExportedAtMs: browser.clock.nowMs,
      lastCheckedAtMs: null,
      keysChangedSince: true,
    });

    const elsewhere = createTestBrowser({ fileWorkFactor: testWorkFactor }).startWorker();
    const there = await importInto(elsewhere, file, underPassphrase);
    expect((await elsewhere.identity.details({ safeId: there.safeId })).prekeys).toEqual(
      (await vault.identity.details({ safeId })).prekeys,
    );
    expect((await elsewhere.state()).identities[0]?.name).toBe('Ada');
    expect(await elsewhere.settings.get()).toEqual({
      autoLockMinutes: 5,
      theme: 'dark',
      language: 'system',
      environment: null,
      inboxNode: null,
      ensNode: null,
    });
    expect((await elsewhere.rotation.state(there.safeId)).everyDays).toBe(90);
    const { text } = await elsewhere.unlock.text({ safeId: there.safeId });
    const again = await elsewhere.backup.export({
      safeId: there.safeId,
      proof: { kind: 'wallet', signature: asBytes(wallet.sign(text)) },
      secret: underPassphrase,
    });
    const second = read(again.file);
    expect({ ...second, createdMs: 0n }).toEqual({ ...inside, createdMs: 0n });
    await expect(elsewhere.keys.sign(there.safeId, signRequest)).resolves.toBeDefined();
  });

  it('has the prekey that others know first, and that of an unfinished rotation behind it', async () => {
    const { vault, safeId, proof } = await identity();
    await vault.rotation.begin(safeId);
    const { file } = await vault.backup.export({ safeId, proof, secret: underPassphrase });
    const there = createTestBrowser().startWorker();
    const made = await importInto(there, file, underPassphrase);
    const found = (await there.identity.details(made)).prekeys.map(({ publicKeyHex }) => publicKeyHex);
    const [current, older] = bundle.preKeys.map(({ publicKey }) => bytesToHex(publicKey.publicKey));
    expect(found).toEqual([current, expect.any(String), older]);
    expect(found.toSorted()).toEqual(
      (await vault.identity.details({ safeId })).prekeys.map(({ publicKeyHex }) => publicKeyHex).toSorted(),
    );
    expect(await vault.backup.check({ safeId, file, secret: underPassphrase })).toMatchObject({ complete: true });
  });

  it('imports again whatever a stranger put into an invitation', async () => {
    const { browser, vault, safeId, proof } = await identity();
    const createdNs = BigInt(browser.clock.nowMs) * 1_000_000n;
    const recipient = signedPublicBundleOf(bundle);
    const theirs = bundleFor(mallory, 'mallory', 1);
    const invitationWith = (conversationId: string, metadata: ReadonlyMap<string, string>) => {
      const [salt32, nonce12] = [new Uint8Array(32).fill(1), new Uint8Array(12).fill(2)];
      return createInvitation({
        mine: theirs,
        sender: signedPublicBundleOf(theirs),
        recipient,
        createdNs,
        context: { conversationId, metadata },
        salt32,
        nonce12,
      }).sealed;
    };
    // Every key is one UTF-16 unit, three bytes of UTF-8, and five bytes or more of framing.
    const wide = new Map(Array.from({ length: 12_000 }, (_, index) => [String.fromCharCode(0x4e00 + index), '']));
    const messages = [invitationWith('wide', wide), invitationWith('small', new Map())];
    const saved = await vault.history.save(
      safeId,
      messages.map((message) => ({
        contentTopic: `/xmtp/0/invite-${wallet.account}/proto`,
        timestampNs: createdNs,
        message,
      })),
    );
    expect(saved).toEqual({ added: 1, failed: 1 });
    const { file, conversations } = await vault.backup.export({ safeId, proof, secret: underPassphrase });
    expect(await vault.backup.preview({ file, secret: underPassphrase })).toMatchObject({ conversations });
  });

  it('under the recovery code opens with the code as it is written', async () => {
    const { vault, safeId, code } = await identity();
    const typed = code.toLowerCase().replaceAll('-', ' ');
    const proof: SlotSecret = { kind: 'recovery-code', code: typed };
    const { file } = await vault.backup.export({ safeId, proof, secret: { kind: 'recovery-code', code: typed } });
    expect(read(file, code).account).toBe(wallet.account);
    const opened = await createTestBrowser()
      .startWorker()
      .backup.preview({ file, secret: { kind: 'recovery-code', code: typed } });
    expect(opened).toMatchObject({ account: wallet.account, conversations: 24, prekeys: 2, existing: null });
  });

  it('is not made without a proof, without a good secret, or while locked', async () => {
    const { vault, safeId, code, proof } = await identity();
    const made = (input: { proof?: SlotSecret; secret: FileSecret }) =>
      expect(vault.backup.export({ safeId, proof, ...input })).rejects;
    const bent = `${code.slice(0, -1)}${code.endsWith('0') ? '2' : '0'}`;
    await made({ proof: { kind: 'recovery-code', code: bent }, secret: underPassphrase }).toMatchObject({
      reason: 'wrong-code',
    });
    await made({
      proof: { kind: 'wallet', signature: asBytes(mallory.sign('x')) },
      secret: underPassphrase,
    }).toMatchObject({ reason: 'wrong-account' });
    await made({ secret: { kind: 'recovery-code', code: bent } }).toMatchObject({ reason: 'wrong-code' });
    await made({ secret: { kind: 'recovery-code', code: 'ABCD' } }).toMatchObject({ reason: 'wrong-code' });
    await made({ secret: { kind: 'passphrase', passphrase: 'password1234' } }).toMatchObject({
      reason: 'weak-passphrase',
    });
    await made({ secret: { kind: 'none' } }).toMatchObject({ reason: 'invalid-input' });
    await vault.lock();
    await made({ secret: underPassphrase }).toMatchObject({ reason: 'locked' });
    const begun = createTestBrowser().startWorker();
    const draftId = await draft(begun);
    await expect(begun.backup.export({ safeId: draftId, proof, secret: underPassphrase })).rejects.toMatchObject({
      reason: 'wrong-step',
    });
  });

  it('is not handed out when the identity was locked meanwhile', async () => {
    const { vault, safeId, proof } = await identity();
    sealing.meanwhile = () => vault.lock();
    const made = vault.backup.export({ safeId, proof, secret: underPassphrase });
    await expect(made).rejects.toMatchObject({ reason: 'locked' });
  });

  it('R-E7 may be asked for with a passkey, and holds nothing of it', async () => {
    const { vault, safeId, proof } = await identity();
    await vault.slots.addPasskey({ safeId, proof, ...passkeyOf() });
    const { file } = await vault.backup.export({ safeId, proof: byPasskey(), secret: underPassphrase });
    const plain = Array.from(openWithAge(file, filePassphrase), (byte) => String.fromCharCode(byte)).join('');
    expect(holdsSecret(plain, bundle.identityKey.privateKey)).toBe(true);
    for (const part of Object.values(passkeyOf())) expect(holdsSecret(plain, part)).toBe(false);
  });

  it('leaves no key readable anywhere', async () => {
    const { browser, vault, safeId, proof } = await identity();
    const { file } = await vault.backup.export({ safeId, proof, secret: underPassphrase });
    const stored =
      (await everythingStored(browser, { session: true })) +
      Array.from(file, (byte) => String.fromCharCode(byte)).join('');
    const secrets = [
      ...[bundle.identityKey, ...bundle.preKeys].map(({ privateKey }) => privateKey),
      ...conversationsOf(20).map(({ topicSecret }) => topicSecret),
    ];
    for (const secret of [...drawnSecrets(browser, stored), ...secrets])
      expect(holdsSecret(stored, secret)).toBe(false);
  });
});

describe('a look into a file', () => {
  const expected = {
    account: wallet.account,
    name: 'Ada',
    identityKeyHex: bytesToHex(bundle.identityKey.publicKey.publicKey),
    prekeys: 2,
    inboxKeys: null,
    names: null,
  };

  it('says what is in it and changes nothing', async () => {
    const browser = createTestBrowser();
    const vault = browser.startWorker();
    await vault.ready();
    const before = await everythingStored(browser, { session: true });
    const file = await backupFileOf(backupOf(wallet, bundle, full));
    expect(await vault.backup.preview({ file, secret: underPassphrase })).toEqual({
      ...expected,
      createdAtMs: 1_700_000_000_000,
      conversations: 24,
      existing: null,
      found: null,
    });
    const stock = encodePrivateKeyBundle({ version: 1, bundle });
    const keysOnly = { ...expected, name: '', createdAtMs: null, conversations: 0, existing: null };
    expect(await vault.backup.preview({ file: stock, secret: { kind: 'none' } })).toEqual({
      ...keysOnly,
      found: { writing: 'bytes', isBare: false },
    });
    const ofAPhone = new TextEncoder().encode(bytesToBase64(encodePrivateKeyBundleV1(bundle)));
    expect(await vault.backup.preview({ file: ofAPhone, secret: { kind: 'none' } })).toEqual({
      ...keysOnly,
      found: { writing: 'base64', isBare: true },
    });
    expect(await everythingStored(browser, { session: true })).toBe(before);
  });

  it('tells whether the identity is here already', async () => {
    const { vault, safeId } = await identity();
    const file = await backupFileOf(backupOf(wallet, bundle));
    const other = await backupFileOf(backupOf(wallet, bundleFor(wallet, 'another')));
    const existing = async (one: Uint8Array) =>
      (await vault.backup.preview({ file: one, secret: underPassphrase })).existing;
    expect(await existing(file)).toEqual({ safeId, sameIdentity: true });
    expect(await existing(other)).toEqual({ safeId, sameIdentity: false });
    expect(await existing(await backupFileOf(backupOf(mallory, bundleFor(mallory, 'mallory'))))).toBeNull();
    await vault.lock();
    expect(await existing(file)).toEqual({ safeId, sameIdentity: null });
  });

  const forged = bundleFor(mallory, 'mallory');
  const v2 = encodePrivateKeyBundleV2(legacyToV2PrivateKeyBundle(bundle));
  it.each<[string, object, () => Promise<Uint8Array>, FileSecret]>([
    [
      'the wrong passphrase',
      { reason: 'wrong-passphrase' },
      () => backupFileOf(backupOf(wallet, bundle)),
      { kind: 'passphrase', passphrase: 'another' },
    ],
    [
      'a code that is none',
      { reason: 'wrong-code' },
      () => backupFileOf(backupOf(wallet, bundle)),
      { kind: 'recovery-code', code: 'nope' },
    ],
    [
      'another code',
      { reason: 'wrong-code' },
      () => backupFileOf(backupOf(wallet, bundle)),
      { kind: 'recovery-code', code: 'ABCD-ABCD-ABCD-ABCD-ABCD-ABCD-ABCD-ABCD' },
    ],
    ['what is no file', { reason: 'bad-file' }, async () => new Uint8Array(100), underPassphrase],
    ['nothing', { reason: 'bad-file' }, async () => new Uint8Array(0), underPassphrase],
    ['something huge', { reason: 'limit' }, async () => new Uint8Array(32 * 1024 * 1024 + 1), underPassphrase],
    [
      'keys that are none',
      { reason: 'bad-file' },
      () => backupFileOf(backupOf(wallet, bundle, { bundleSecret: Uint8Array.of(1, 2, 3) })),
      underPassphrase,
    ],
    [
      'keys of another account',
      { reason: 'unusable-copy', detail: 'other-account' },
      () => backupFileOf({ ...backupOf(wallet, forged), account: wallet.account }),
      underPassphrase,
    ],
    [
      'prekeys of another identity',
      { reason: 'unusable-copy', detail: 'bad-signatures' },
      () => backupFileOf(backupOf(wallet, { ...bundle, preKeys: forged.preKeys })),
      underPassphrase,
    ],
    [
      'no prekey',
      { reason: 'unusable-copy', detail: 'no-prekey' },
      () => backupFileOf(backupOf(wallet, { ...bundle, preKeys: [] })),
      underPassphrase,
    ],
    [
      'a conversation larger than any',
      { reason: 'bad-file' },
      () =>
        backupFileOf(
          backupOf(wallet, bundle, { v1Peers: [{ topic: 't'.repeat(70_000), peerAddress: '', createdNs: 0n }] }),
        ),
      underPassphrase,
    ],
    ['a stock file that is none', { reason: 'bad-file' }, async () => Uint8Array.of(9, 9), { kind: 'none' }],
    [
      'a stock file of V2',
      { reason: 'bad-file' },
      async () => Uint8Array.of(0x12, 0x80 | (v2.length & 0x7f), v2.length >> 7, ...v2),
      { kind: 'none' },
    ],
    [
      'a stock file without prekeys',
      { reason: 'unusable-copy', detail: 'no-prekey' },
      async () => encodePrivateKeyBundle({ version: 1, bundle: { ...bundle, preKeys: [] } }),
      { kind: 'none' },
    ],
    [
      'more prekeys than an identity can have',
      { reason: 'bad-file' },
      async () =>
        encodePrivateKeyBundle({
          version: 1,
          bundle: {
            ...bundle,
            preKeys: Array.from({ length: mostPrekeys + 1 }, () => bundle.preKeys[0] as PrivateKey),
          },
        }),
      { kind: 'none' },
    ],
    ['our file as a stock one', { reason: 'bad-file' }, () => backupFileOf(backupOf(wallet, bundle)), { kind: 'none' }],
  ])('refuses %s', async (_name, refusal, make, secret) => {
    await expect(
      createTestBrowser()
        .startWorker()
        .backup.preview({ file: await make(), secret }),
    ).rejects.toMatchObject(refusal);
  });
});

describe('an import', () => {
  it('of a file of another account, or one that does not check, leaves the draft as it was', async () => {
    const browser = createTestBrowser();
    const vault = browser.startWorker();
    const safeId = await draft(vault);
    const before = await everythingStored(browser, { session: false });
    const refused = async (backup: Backup, refusal: object) =>
      expect(
        vault.enrolment.importFile({ safeId, file: await backupFileOf(backup), secret: underPassphrase }),
      ).rejects.toMatchObject(refusal);
    await refused(backupOf(mallory, bundleFor(mallory, 'mallory'), full), {
      reason: 'unusable-copy',
      detail: 'other-account',
    });
    // By its word a file of this account, and by its keys of another.
    await refused(backupOf(wallet, bundleFor(mallory, 'mallory'), full), {
      reason: 'unusable-copy',
      detail: 'other-account',
    });
    await refused(backupOf(wallet, { ...bundle, preKeys: [] }, full), { reason: 'unusable-copy', detail: 'no-prekey' });
    await refused(
      backupOf(wallet, bundle, {
        ...full,
        preferences: [...preferences, ...preferences],
        bundleSecret: Uint8Array.of(1),
      }),
      { reason: 'bad-file' },
    );
    expect(await everythingStored(browser, { session: false })).toBe(before);
    expect(await vault.enrolment.get({ safeId })).toMatchObject({ step: 'import', locked: false });
  });

  it('keeps a name that the person gave, and settings that were chosen', async () => {
    const vault = createTestBrowser().startWorker();
    await vault.settings.set({
      autoLockMinutes: 60,
      theme: 'system',
      language: 'system',
      environment: null,
      inboxNode: null,
      ensNode: null,
    });
    const file = await backupFileOf(backupOf(wallet, bundle, { settings: { autoLockMinutes: 5, theme: 'dark' } }));
    await importInto(vault, file, underPassphrase, 'Mine');
    expect((await vault.state()).identities[0]?.name).toBe('Mine');
    expect(await vault.settings.get()).toMatchObject({ autoLockMinutes: 60, theme: 'system' });
  });

  it.each([
    ['unknown', { autoLockMinutes: 999, theme: 'neon', rotationDays: 3 }],
    ['absent', undefined],
  ])('with %s settings brings the rest', async (_name, settings) => {
    const vault = createTestBrowser().startWorker();
    const { safeId } = await importInto(
      vault,
      await backupFileOf(backupOf(wallet, bundle, settings && { settings })),
      underPassphrase,
    );
    expect(await vault.settings.get()).toMatchObject({ autoLockMinutes: 15, theme: 'system' });
    expect(await vault.backup.state({ safeId })).toEqual({
      lastExportedAtMs: null,
      lastCheckedAtMs: null,
      keysChangedSince: true,
    });
  });
});

describe('a check', () => {
  it('of a whole file is remembered until the keys change', async () => {
    const { browser, vault, safeId } = await identity();
    const file = await backupFileOf(backupOf(wallet, bundle, full));
    browser.clock.nowMs += 60_000;
    const comparison = {
      sameIdentity: true,
      createdAtMs: 1_700_000_000_000,
      missingPrekeys: 0,
      missingInboxKeys: 0,
      missingInboxTexts: 0,
      missingNames: 0,
      newNames: 0,
      missingConversations: 0,
      complete: true,
    };
    expect(await vault.backup.check({ safeId, file, secret: underPassphrase })).toEqual(comparison);
    const checked = { lastExportedAtMs: null, lastCheckedAtMs: browser.clock.nowMs, keysChangedSince: false };
    expect(await vault.backup.state({ safeId })).toEqual(checked);
    expect(await browser.startWorker().backup.state({ safeId })).toEqual(checked);
    await vault.rotation.begin(safeId);
    expect(await vault.backup.state({ safeId })).toMatchObject({
      lastCheckedAtMs: checked.lastCheckedAtMs,
      keysChangedSince: true,
    });
    const later = await vault.backup.check({ safeId, file, secret: underPassphrase });
    expect(later).toMatchObject({ sameIdentity: true, missingPrekeys: 1, complete: false });
    expect(await vault.backup.state({ safeId })).toMatchObject({
      lastCheckedAtMs: checked.lastCheckedAtMs,
      keysChangedSince: true,
    });
  });

  it.each<[string, Backup, object]>([
    [
      'another identity',
      backupOf(wallet, bundleFor(wallet, 'another', 2), full),
      { sameIdentity: false, missingPrekeys: 2, complete: false },
    ],
    [
      'fewer prekeys',
      backupOf(wallet, bundleFor(wallet, 'ada', 1), full),
      { sameIdentity: true, missingPrekeys: 1, complete: false },
    ],
    [
      'older conversations missing',
      backupOf(wallet, bundle, { ...full, conversations: conversationsOf(18) }),
      { missingConversations: 2, complete: false },
    ],
    [
      'only newer conversations missing',
      backupOf(wallet, bundle, { ...full, conversations: conversationsOf(18), createdMs: 1_600_000_000_000n }),
      { missingConversations: 2, complete: true },
    ],
    [
      'V1 peers missing',
      backupOf(wallet, bundle, { ...full, v1Peers: [] }),
      { missingConversations: 4, complete: false },
    ],
  ])('finds %s', async (_name, backup, found) => {
    const { vault, safeId } = await identity();
    expect(
      await vault.backup.check({ safeId, file: await backupFileOf(backup), secret: underPassphrase }),
    ).toMatchObject(found);
  });

  it('of a stock file counts what it cannot bring back', async () => {
    const { vault, safeId } = await identity();
    const file = encodePrivateKeyBundle({ version: 1, bundle });
    const found = {
      sameIdentity: true,
      createdAtMs: null,
      missingPrekeys: 0,
      missingInboxKeys: 0,
      missingInboxTexts: 0,
      missingNames: 0,
      newNames: 0,
      missingConversations: 24,
      complete: false,
    };
    expect(await vault.backup.check({ safeId, file, secret: { kind: 'none' } })).toEqual(found);
    const bare = await identity(backupOf(wallet, bundle));
    expect(await bare.vault.backup.check({ safeId: bare.safeId, file, secret: { kind: 'none' } })).toMatchObject({
      complete: true,
    });
  });

  it('asks for an unlocked, finished identity', async () => {
    const { vault, safeId } = await identity();
    await vault.lock();
    const file = encodePrivateKeyBundle({ version: 1, bundle });
    await expect(vault.backup.check({ safeId, file, secret: { kind: 'none' } })).rejects.toMatchObject({
      reason: 'locked',
    });
    await expect(vault.backup.state({ safeId })).rejects.toMatchObject({ reason: 'locked' });
  });
});

it('topics survive many batches', async () => {
  const many = backupOf(wallet, bundle, { conversations: conversationsOf(2_500) });
  const { vault, safeId, proof } = await identity(many);
  const { file } = await vault.backup.export({ safeId, proof, secret: underPassphrase });
  const plain = await openFile(file, filePassphrase);
  expect(topicsOf(decodeBackup(plain ?? new Uint8Array(0)))).toEqual(topicsOf(many));
});
