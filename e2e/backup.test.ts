// Backup files in Chromium: made in one profile, opened by the reference age tool, brought into another one, also while the worker dies.
// Promises: the file is opened by Debian's `age`, not by a library of ours; importing is all or nothing. Must not: look at words of a page.
import type { Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startNode, type TestNode } from '../demo/node/node';
import { testAccounts } from '../demo/wallet/accounts';
import { someOf } from '../scripts/campaign/size';
import type {
  BackupComparison,
  BackupFile,
  BackupPreview,
  BackupState,
  FileSecret,
} from '../src/contract/pages/backup';
import type { EnrolmentState } from '../src/contract/pages/enrolment';
import { decodeBackup } from '../src/protocol/ours/backup';
import { bytesToHex } from '../src/protocol/base/bytes';
import { sealFile } from '../src/vault/backup/file';
import { openWithAge } from './kit/age-tool';
import { labelsOf, stopAt, stopped } from './kit/checkpoints';
import { launchChromium, type Chromium } from './kit/chromium';
import {
  detailsOf,
  enrolBy,
  exportBackup,
  finishCode,
  goodPassphrase,
  personOf,
  rotate,
  setNode,
  type Person,
} from './kit/flows';
import { internalClient, Refusal, stateThrough, testWallet, type Internal } from './kit/internal';
import type { Site } from './kit/journey';
import { connectMessaging, openSafe, serveMessaging, stock, stockPeer } from './kit/messaging';
import { talkerIn } from './kit/talk';

const ada = personOf(testAccounts()[0]!);
const passphraseSecret: FileSecret = { kind: 'passphrase', passphrase: goodPassphrase };
let node: TestNode;
let site: Site;
let home: Chromium;
let vault: Internal;
let safeId: string;
let code: string;
let file: BackupFile;
let plain: Buffer;
/** The same contents, cheap to open: for what is not about the work of the passphrase. */
let light: Uint8Array;

async function reasonOf(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => 'answered',
    (error: unknown) =>
      error instanceof Refusal ? [error.reason, ...(error.detail ? [error.detail] : [])].join(' ') : String(error),
  );
}
async function talk(browser: Chromium, isReader = false): Promise<{ page: Page; talker: ReturnType<typeof talkerIn> }> {
  const page = await browser.context.newPage();
  await page.goto(site.origin);
  await connectMessaging(
    browser,
    page,
    await page.evaluate(() => [...window.messaging.xmtpCapabilities]),
    'until-locked',
  );
  const talker = talkerIn(page, node.url);
  await talker.begin({ skipContactPublishing: isReader });
  return { page, talker };
}

beforeAll(async () => {
  [home, node, site] = await Promise.all([launchChromium(), startNode(), serveMessaging()]);
  vault = await internalClient(home, 'vault');
  await setNode(vault, node.url);
  ({ safeId, code } = await enrolBy(await internalClient(home, 'onboarding'), ada));
});
afterAll(async () => {
  await home?.close();
  await site?.close();
  await node?.close();
});

describe.sequential('a file', () => {
  test('is made of an identity with conversations, after opening it anew', async () => {
    const [bob, cem] = [
      await stockPeer('Bob', node.url),
      await stockPeer('Cem of old', node.url, { publishLegacyContact: true }),
    ];
    const { page, talker } = await talk(home);
    await talker.send((await talker.converse(bob.address)).topic, 'kept');
    await talker.converse(cem.address);
    await talker.send(cem.address, 'kept too');
    await talker.list();
    await page.close();
    const stranger = { kind: 'wallet', signature: new Uint8Array(65).fill(27) };
    expect(await reasonOf(vault.call('backup_export', { safeId, proof: stranger, secret: passphraseSecret }))).not.toBe(
      'answered',
    );
    file = await exportBackup(vault, ada, safeId, passphraseSecret);
    expect(file.fileName).toMatch(/^prekey-vault-0x[0-9a-fA-F]{8}-\d{4}-\d\d-\d\d\.age$/);
    expect(file.conversations).toBe(2);
  });

  test('opens with the reference age tool, and holds the keys, the conversations and the settings', async () => {
    plain = await openWithAge(file.file, goodPassphrase);
    const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
    light = await sealFile(new Uint8Array(plain), goodPassphrase, random, 4);
    const { bundle } = await openSafe(home, ada.account);
    const backup = decodeBackup(new Uint8Array(plain));
    expect(backup.account).toBe(ada.account.address);
    expect([backup.conversations.length, backup.v1Peers.length]).toEqual([1, 1]);
    const client = await stock.Client.create(null, {
      env: 'local',
      apiUrl: node.url,
      privateKeyOverride: backup.bundleSecret,
      persistConversations: false,
    });
    expect(client.address).toBe(ada.account.address);
    expect(bytesToHex(client.publicKeyBundle.preKey.secp256k1Uncompressed.bytes)).toBe(
      bytesToHex(bundle.preKeys[0]!.publicKey.publicKey),
    );
    expect((await client.conversations.list()).length).toBe(2);
  });

  test('is refused by the age tool with another passphrase', async () => {
    await expect(openWithAge(file.file, `${goodPassphrase}.`)).rejects.toThrow(/incorrect passphrase/);
  });

  test('under the recovery code opens with the code as it is written down', async () => {
    const other = await exportBackup(vault, ada, safeId, { kind: 'recovery-code', code });
    expect(decodeBackup(new Uint8Array(await openWithAge(other.file, code))).account).toBe(ada.account.address);
  });

  test('is looked into without changing anything, compared, and remembered as checked; a rotation is reminded of', async () => {
    const before = await stateThrough(vault);
    const preview = await vault.call<BackupPreview>('backup_preview', { file: file.file, secret: passphraseSecret });
    const details = await detailsOf(vault, safeId);
    expect(preview).toMatchObject({
      account: ada.account.address,
      identityKeyHex: details.identityKeyHex,
      prekeys: 1,
      conversations: 2,
      existing: { safeId, sameIdentity: true },
    });
    expect(await stateThrough(vault)).toEqual({
      ...before,
      identities: before.identities.map((one) => ({ ...one, lockAtMs: expect.anything() as number })),
    });
    const state = () => vault.call<BackupState>('backup_state', { safeId });
    expect(await state()).toMatchObject({ lastCheckedAtMs: null, keysChangedSince: true });
    expect(
      await reasonOf(
        vault.call('backup_check', {
          safeId,
          file: light,
          secret: { kind: 'passphrase', passphrase: 'something else entirely' },
        }),
      ),
    ).toBe('wrong-passphrase');
    const compared = await vault.call<BackupComparison>('backup_check', {
      safeId,
      file: light,
      secret: passphraseSecret,
    });
    expect(compared).toMatchObject({ sameIdentity: true, missingPrekeys: 0, missingConversations: 0, complete: true });
    expect(await state()).toMatchObject({ keysChangedSince: false });
    await rotate(vault, safeId);
    expect(await state()).toMatchObject({ keysChangedSince: true });
    expect(
      await vault.call<BackupComparison>('backup_check', { safeId, file: light, secret: passphraseSecret }),
    ).toMatchObject({ sameIdentity: true, missingPrekeys: 1, complete: false });
  });

  test('that is none, or of nobody, is refused in words', async () => {
    const none: FileSecret = { kind: 'none' };
    for (const bytes of [new Uint8Array(0), new Uint8Array(500).fill(7), file.file.slice(0, 60)]) {
      expect(await reasonOf(vault.call('backup_preview', { file: bytes, secret: passphraseSecret }))).toMatch(
        /^bad-file/,
      );
      expect(await reasonOf(vault.call('backup_preview', { file: bytes, secret: none }))).toMatch(
        /^(bad-file|unusable-copy)/,
      );
    }
  });
});

describe.sequential('in another profile', () => {
  let away: Chromium;
  let onboarding: Internal;
  let looker: Internal;

  beforeAll(async () => {
    away = await launchChromium();
    onboarding = await internalClient(away, 'onboarding');
    looker = await internalClient(away, 'vault');
  });
  afterAll(() => away?.close());

  const forgetAll = async () => {
    for (const { safeId: old } of (await stateThrough(looker)).identities)
      await looker.call('identity_forget', { safeId: old, typed: ada.account.address });
  };
  const keysIn = async (at: string) => {
    const { identityKeyHex, prekeys } = await detailsOf(looker, at);
    return { identityKeyHex, preKeys: prekeys.map(({ publicKeyHex }) => publicKeyHex) };
  };

  test('brings the identity back without a wallet signature; what was written before is readable', async () => {
    const person = personOf(ada.account);
    const made = await enrolBy(onboarding, person, {
      source: 'backup',
      passphrase: goodPassphrase,
      file: file.file,
      secret: passphraseSecret,
    });
    expect(person.walletSignatures).toEqual([]);
    const backup = decodeBackup(new Uint8Array(plain));
    expect((await keysIn(made.safeId)).preKeys).toHaveLength(1);
    expect(backup.account).toBe((await detailsOf(looker, made.safeId)).account);
    // The file is older than the last rotation: this client would put the contact of then back.
    const { page, talker } = await talk(away, true);
    const list = await talker.list();
    expect(list.map(({ version }) => version).toSorted()).toEqual(['v1', 'v2']);
    for (const { topic, peer, version } of list)
      expect((await talker.read(version === 'v1' ? peer : topic)).map(([, text]) => text)).toEqual([
        version === 'v1' ? 'kept too' : 'kept',
      ]);
    await page.close();
    await forgetAll();
  });

  test('takes a file of the stock client: its bare keys, which are not encrypted', async () => {
    const person: Person = personOf(testAccounts()[1]!);
    const signer = {
      getAddress: async () => person.account.address,
      signMessage: async (text: string) => `0x${Buffer.from(person.sign(text)).toString('hex')}`,
    };
    const keys = await stock.Client.getKeys(signer, { env: 'local', apiUrl: node.url, persistConversations: false });
    const preview = await onboarding.call<BackupPreview>('backup_preview', { file: keys, secret: { kind: 'none' } });
    expect(preview).toMatchObject({ account: person.account.address, createdAtMs: null, prekeys: 1, existing: null });
    const before = person.walletSignatures.length;
    const made = await enrolBy(onboarding, person, {
      source: 'backup',
      passphrase: goodPassphrase,
      file: keys,
      secret: { kind: 'none' },
    });
    expect(person.walletSignatures.length).toBe(before);
    expect((await keysIn(made.safeId)).identityKeyHex).toBe(preview.identityKeyHex);
    await looker.call('identity_forget', { safeId: made.safeId, typed: person.account.address });
    // The file of another account does not become this account's identity.
    const state = await onboarding.call<EnrolmentState>('enrol_begin', {
      account: ada.account.address,
      wallet: testWallet,
      name: '',
      source: 'backup',
      first: 'wallet',
    });
    await onboarding.call('enrol_unlockSignature', { safeId: state.safeId, signature: ada.sign(state.text!) });
    expect(
      await reasonOf(onboarding.call('enrol_import', { safeId: state.safeId, file: keys, secret: { kind: 'none' } })),
    ).toBe('unusable-copy other-account');
    expect(await onboarding.call<EnrolmentState>('enrol_get', { safeId: state.safeId })).toMatchObject({
      step: 'import',
    });
    await onboarding.call('enrol_discard', { safeId: state.safeId });
  });

  test('P3 P4 killed at each step of the import: nothing, or all of it', async () => {
    const draft = async () => {
      await forgetAll();
      const state = await onboarding.call<EnrolmentState>('enrol_begin', {
        account: ada.account.address,
        wallet: testWallet,
        name: '',
        source: 'backup',
        first: 'wallet',
      });
      return onboarding.call<EnrolmentState>('enrol_unlockSignature', {
        safeId: state.safeId,
        signature: ada.sign(state.text!),
      });
    };
    const importInto = (at: string) =>
      onboarding.call<EnrolmentState>('enrol_import', { safeId: at, file: light, secret: passphraseSecret });
    let at = (await draft()).safeId;
    const labels = await labelsOf(away, () => importInto(at));
    expect(labels.length).toBeGreaterThanOrEqual(8);
    await onboarding.call('enrol_discard', { safeId: at });
    for (const label of someOf('kills', 'stepOfOthers', labels)) {
      at = (await draft()).safeId;
      await stopAt(away, label);
      const run = importInto(at).catch((error: unknown) => error);
      expect(await stopped(away, run), label).toBe(true);
      await onboarding.hold();
      await away.killWorker();
      // Half-made: no identity, and none but the draft.
      expect(
        (await stateThrough(looker)).identities.map(({ safeId: one, status }) => [one, status]),
        label,
      ).toEqual([[at, 'enrolling']]);
      await onboarding.release();
      await run;
      let state = await onboarding.call<EnrolmentState>('enrol_get', { safeId: at });
      if (state.step === 'import') state = await importInto(at);
      expect(state.step, label).toBe('unlock-2');
      await onboarding.call('enrol_confirmUnlockSignature', { safeId: at, signature: ada.sign(state.text!) });
      await finishCode(onboarding, at);
      expect((await keysIn(at)).preKeys, label).toHaveLength(1);
      await looker.call('identity_forget', { safeId: at, typed: ada.account.address });
    }
  });

  test('nothing was uncaught', () => {
    for (const browser of [home, away])
      expect(browser.console.filter(({ text }) => /uncaught/i.test(text))).toEqual([]);
  });
});
