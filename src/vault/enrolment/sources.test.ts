// Where the keys of an identity come from, and what opens its draft first: every way through an enrolment (R-E1, R-I3, P4).
// Promises: each way asks the wallet for exactly what it says; what does not check changes nothing.
import { describe, expect, it, vi } from 'vitest';
import type { EnrolmentSource } from '../../contract/choices';
import type { EnrolmentState } from '../../contract/pages/enrolment';
import { encodePrivateKeyBundle } from '../../protocol/keys/bundles';
import { bytesToHex } from '../../protocol/base/bytes';
import {
  backupFileOf,
  backupOf,
  bundleFor,
  conversationsOf,
  copyOf,
  copyText,
  filePassphrase,
} from '../testkit/copies.testkit';
import type { TestBrowser, TestWallet } from '../testkit/vault.testkit';
import {
  createTestBrowser,
  createTestWallet,
  drawnSecrets,
  everythingStored,
  holdsSecret,
  inStore,
  signRequest,
  unlockWithWallet,
} from '../testkit/vault.testkit';
import type { Vault } from '../vault';

vi.mock('@noble/hashes/scrypt.js', () => import('../../protocol/testkit/cheap-scrypt.testkit'));

const manual = { kind: 'manual' } as const;
const passphrase = 'violet harbour 1938 sextant';

interface Way {
  source: EnrolmentSource;
  first: 'wallet' | 'passphrase';
}

/** A wallet that says what it was asked to sign. */
function countingWallet(index = 1): TestWallet & { asked: string[] } {
  const wallet = createTestWallet(index);
  const asked: string[] = [];
  return {
    account: wallet.account,
    asked,
    sign(text, as) {
      asked.push(text.split('\n')[0] ?? '');
      return wallet.sign(text, as);
    },
  };
}

const quiet = createTestWallet();
const bundle = bundleFor(quiet, 'ada', 3);
const backup = backupOf(quiet, bundle, {
  conversations: conversationsOf(5),
  v1Peers: conversationsOf(7)
    .slice(5)
    .map(({ reference }) => reference),
});

const begin = (vault: Vault, way: Partial<Way>, name = 'Ada') =>
  vault.enrolment.begin({ account: quiet.account, wallet: manual, name, ...way });

/** Does what the page does at one step. */
async function take(vault: Vault, state: EnrolmentState, wallet: TestWallet): Promise<EnrolmentState> {
  const { safeId, step, text, locked } = state;
  if (step === 'passphrase' || (locked && state.first === 'passphrase'))
    return vault.enrolment.passphrase({ safeId, passphrase });
  if (step === 'retrieve' && !locked) {
    return vault.enrolment.retrieve({ safeId, envelopes: [copyOf(quiet, bundle)], signature: wallet.sign(copyText()) });
  }
  if (step === 'import' && !locked) {
    return vault.enrolment.importFile({
      safeId,
      file: await backupFileOf(backup),
      secret: { kind: 'passphrase', passphrase: filePassphrase },
    });
  }
  const signature = wallet.sign(text ?? '');
  if (locked || step === 'unlock-1') return vault.enrolment.unlockSignature({ safeId, signature });
  if (step === 'identity') return vault.enrolment.identitySignature({ safeId, signature });
  return vault.enrolment.confirmUnlockSignature({ safeId, signature });
}

async function finish(vault: Vault, safeId: string): Promise<string> {
  const { code, ask } = await vault.enrolment.createRecoveryCode({ safeId });
  await vault.enrolment.finish({ safeId, code, typed: ask.map((group) => code.split('-')[group] ?? '') });
  return code;
}

async function throughAll(
  vault: Vault,
  way: Way,
  wallet: TestWallet,
): Promise<{ safeId: string; code: string; steps: string[] }> {
  let state = await begin(vault, way);
  const steps = [state.step];
  while (state.step !== 'code') {
    state = await take(vault, state, wallet);
    steps.push(state.step);
  }
  return { safeId: state.safeId, code: await finish(vault, state.safeId), steps };
}

const recordTypes = async ({ host }: TestBrowser) =>
  ((await inStore(host.databaseName, 'records', (store) => store.getAll())) as { type: string }[])
    .map(({ type }) => type)
    .toSorted();

const unlock = 'abcdefghijklmnopabcdefghijklmnop wants you to sign in with your Ethereum account:';
const [create, enable] = ['XMTP : Create Identity', 'XMTP : Enable Identity'];

describe('every way through an enrolment', () => {
  it.each<[Way, string[], string[]]>([
    [{ source: 'new', first: 'wallet' }, ['unlock-1', 'identity', 'unlock-2', 'code'], [unlock, create, unlock]],
    [{ source: 'network', first: 'wallet' }, ['unlock-1', 'retrieve', 'unlock-2', 'code'], [unlock, enable, unlock]],
    [{ source: 'backup', first: 'wallet' }, ['unlock-1', 'import', 'unlock-2', 'code'], [unlock, unlock]],
    [{ source: 'new', first: 'passphrase' }, ['passphrase', 'identity', 'code'], [create]],
    [{ source: 'network', first: 'passphrase' }, ['passphrase', 'retrieve', 'code'], [enable]],
    [{ source: 'backup', first: 'passphrase' }, ['passphrase', 'import', 'code'], []],
  ])('%o takes these steps and no other signature', async (way, steps, signatures) => {
    const browser = createTestBrowser();
    const vault = browser.startWorker();
    const wallet = countingWallet();
    const made = await throughAll(vault, way, wallet);
    expect(made.steps).toEqual(steps);
    expect(wallet.asked).toEqual(signatures);
    const { slots, identityKeyHex, prekeys: preKeys } = await vault.identity.details({ safeId: made.safeId });
    expect(slots.map(({ type }) => type)).toEqual([way.first, 'recovery-code']);
    if (way.source !== 'new') {
      expect(identityKeyHex).toBe(bytesToHex(bundle.identityKey.publicKey.publicKey));
      expect(preKeys.map(({ publicKeyHex }) => publicKeyHex)).toEqual(
        bundle.preKeys.map(({ publicKey }) => bytesToHex(publicKey.publicKey)),
      );
    }
    const recorded = { new: ['bundle'], network: ['bundle', 'network', 'origin'], backup: ['bundle', 'origin'] }[
      way.source
    ];
    expect(await recordTypes(browser)).toEqual(recorded);
    await vault.lock();
    if (way.first === 'wallet') await unlockWithWallet(vault, made.safeId, quiet);
    else await vault.unlock.withPassphrase({ safeId: made.safeId, passphrase });
    await vault.lock();
    await vault.unlock.withRecoveryCode({ safeId: made.safeId, code: made.code });
    await expect(vault.keys.sign(made.safeId, signRequest)).resolves.toBeDefined();
    const stored = await everythingStored(browser, { session: true });
    const secrets = [
      ...drawnSecrets(browser, stored),
      ...[bundle.identityKey, ...bundle.preKeys].map(({ privateKey }) => privateKey),
    ];
    for (const secret of secrets) expect(holdsSecret(stored, secret)).toBe(false);
  });

  it.each<Way>([
    { source: 'new', first: 'passphrase' },
    { source: 'network', first: 'passphrase' },
    { source: 'backup', first: 'wallet' },
  ])('%o is known by every new worker and browser, at every step', async (way) => {
    const browser = createTestBrowser();
    let vault = browser.startWorker();
    let state = await begin(vault, way);
    while (state.step !== 'code') {
      vault = browser.startWorker();
      expect(await vault.enrolment.get({ safeId: state.safeId })).toEqual(state);
      expect(state).toMatchObject(way);
      state = await take(vault, state, quiet);
      vault = await browser.restart();
      const closed = await vault.enrolment.get({ safeId: state.safeId });
      expect(closed).toMatchObject({ ...way, step: state.step, locked: true });
      expect(closed.text === null).toBe(way.first === 'passphrase');
      expect(await take(vault, closed, quiet)).toEqual(state);
    }
    await finish(vault, state.safeId);
  });
});

describe('a passphrase at the beginning', () => {
  it.each([
    ['short', 'short', 'tooshort'],
    ['repeated', 'repeated', 'abcabcabcabcabc'],
    ['common', 'common', 'password1234!'],
    ['of the account', 'account', `x${quiet.account.slice(2, 14)}`],
  ])('that is %s is refused, and the draft stays', async (_name, detail, weak) => {
    const vault = createTestBrowser().startWorker();
    const { safeId } = await begin(vault, { first: 'passphrase' });
    await expect(vault.enrolment.passphrase({ safeId, passphrase: weak })).rejects.toMatchObject({
      reason: 'weak-passphrase',
      detail,
    });
    expect(await vault.enrolment.get({ safeId })).toMatchObject({ step: 'passphrase', locked: false });
  });

  it('that is wrong later opens nothing and costs nothing', async () => {
    const browser = createTestBrowser();
    const { safeId } = await begin(browser.startWorker(), { first: 'passphrase' });
    await browser.startWorker().enrolment.passphrase({ safeId, passphrase });
    const vault = await browser.restart();
    await expect(vault.enrolment.passphrase({ safeId, passphrase: `${passphrase}!` })).rejects.toMatchObject({
      reason: 'wrong-passphrase',
    });
    expect(await vault.enrolment.get({ safeId })).toMatchObject({ step: 'identity', locked: true });
    expect(await vault.enrolment.passphrase({ safeId, passphrase })).toMatchObject({ step: 'identity', locked: false });
  });

  it('and the wallet are never taken for each other', async () => {
    const wrong = { reason: 'wrong-step' };
    const vault = createTestBrowser().startWorker();
    const { safeId } = await begin(vault, { first: 'passphrase' });
    await expect(vault.enrolment.unlockSignature({ safeId, signature: new Uint8Array(65) })).rejects.toMatchObject(
      wrong,
    );
    await expect(
      vault.enrolment.confirmUnlockSignature({ safeId, signature: new Uint8Array(65) }),
    ).rejects.toMatchObject(wrong);
    const other = createTestBrowser().startWorker();
    const begun = await begin(other, {});
    await expect(other.enrolment.passphrase({ safeId: begun.safeId, passphrase })).rejects.toMatchObject(wrong);
  });
});

describe('a step of another source', () => {
  it.each<[EnrolmentSource, string[]]>([
    ['new', ['retrieve', 'importFile']],
    ['network', ['identitySignature', 'importFile']],
    ['backup', ['identitySignature', 'retrieve']],
  ])('is refused in a draft for %s', async (source, calls) => {
    const vault = createTestBrowser().startWorker();
    const { safeId, text } = await begin(vault, { source });
    await vault.enrolment.unlockSignature({ safeId, signature: quiet.sign(text ?? '') });
    const run: Record<string, () => Promise<unknown>> = {
      identitySignature: () => vault.enrolment.identitySignature({ safeId, signature: quiet.sign('x') }),
      retrieve: () =>
        vault.enrolment.retrieve({ safeId, envelopes: [copyOf(quiet, bundle)], signature: quiet.sign(copyText()) }),
      importFile: async () =>
        vault.enrolment.importFile({
          safeId,
          file: await backupFileOf(backup),
          secret: { kind: 'passphrase', passphrase: filePassphrase },
        }),
    };
    for (const call of calls) await expect(run[call]?.()).rejects.toMatchObject({ reason: 'wrong-step' });
    await expect(vault.enrolment.createRecoveryCode({ safeId })).rejects.toMatchObject({ reason: 'wrong-step' });
  });
});

describe('begun again for something else', () => {
  const ways: Way[] = (['new', 'network', 'backup'] as const).flatMap((source) => [
    { source, first: 'wallet' as const },
    { source, first: 'passphrase' as const },
  ]);

  it('a draft without keys follows', async () => {
    const vault = createTestBrowser().startWorker();
    const { safeId } = await begin(vault, {});
    for (const way of ways)
      expect(await begin(vault, way)).toMatchObject({
        ...way,
        safeId,
        step: way.first === 'wallet' ? 'unlock-1' : 'passphrase',
      });
  });

  it('an open draft without a bundle changes its source and keeps its slot', async () => {
    const browser = createTestBrowser();
    const vault = browser.startWorker();
    const { safeId, text } = await begin(vault, { source: 'network' });
    const signature = quiet.sign(text ?? '');
    await vault.enrolment.unlockSignature({ safeId, signature });
    const steps = { new: 'identity', network: 'retrieve', backup: 'import' };
    for (const source of ['backup', 'new', 'network', 'new', 'backup', 'network'] as const) {
      expect(await begin(vault, { source })).toMatchObject({ safeId, source, step: steps[source], locked: false });
      expect(await recordTypes(browser)).toEqual([source === 'new' ? 'draft-keys' : 'draft-awaiting']);
    }
    const fresh = await begin(vault, { source: 'new' });
    expect(await vault.enrolment.identitySignature({ safeId, signature: quiet.sign(fresh.text ?? '') })).toMatchObject({
      step: 'unlock-2',
    });
  });

  it('a draft that is locked, or has another first slot, is begun anew', async () => {
    const browser = createTestBrowser();
    let vault = browser.startWorker();
    const { safeId, text } = await begin(vault, { source: 'network' });
    await vault.enrolment.unlockSignature({ safeId, signature: quiet.sign(text ?? '') });
    const other = await begin(vault, { source: 'network', first: 'passphrase' });
    expect(other).toMatchObject({ step: 'passphrase', locked: false });
    expect(other.safeId).not.toBe(safeId);
    await expect(vault.enrolment.get({ safeId })).rejects.toMatchObject({ reason: 'not-found' });
    await vault.enrolment.passphrase({ safeId: other.safeId, passphrase });
    vault = await browser.restart();
    expect(await begin(vault, { source: 'network', first: 'passphrase' })).toMatchObject({
      safeId: other.safeId,
      locked: true,
    });
    expect((await begin(vault, { source: 'new', first: 'passphrase' })).safeId).not.toBe(other.safeId);
    expect((await vault.state()).identities).toHaveLength(1);
  });

  it('a draft that holds its bundle keeps it, and its plan', async () => {
    const browser = createTestBrowser();
    const vault = browser.startWorker();
    let state = await begin(vault, { source: 'network' });
    while (state.step !== 'unlock-2') state = await take(vault, state, quiet);
    for (const way of ways)
      expect(await begin(vault, way, 'Bea')).toMatchObject({
        safeId: state.safeId,
        source: 'network',
        first: 'wallet',
        step: 'unlock-2',
        name: 'Bea',
      });
    const closed = await browser.restart();
    for (const way of ways)
      expect(await begin(closed, way)).toMatchObject({
        safeId: state.safeId,
        source: 'network',
        first: 'wallet',
        locked: true,
      });
  });

  it('what an import had already put there is gone', async () => {
    const browser = createTestBrowser();
    const { safeId, text } = await begin(browser.startWorker(), { source: 'backup' });
    const vault = browser.startWorker({
      checkpoint: (label) =>
        label === 'enrol.seal-bundle.mirror:before' ? Promise.reject(new Error('no')) : Promise.resolve(),
    });
    await vault.enrolment.unlockSignature({ safeId, signature: quiet.sign(text ?? '') });
    await expect(
      vault.enrolment.importFile({
        safeId,
        file: await backupFileOf(backup),
        secret: { kind: 'passphrase', passphrase: filePassphrase },
      }),
    ).rejects.toMatchObject({ reason: 'storage-failed' });
    const entries = () => inStore(browser.host.databaseName, 'entries', (store) => store.count());
    expect(await entries()).toBe(7);
    await begin(vault, { source: 'new' });
    expect(await entries()).toBe(0);
  });
});

describe('a stock file', () => {
  it('brings the keys without any passphrase', async () => {
    const vault = createTestBrowser().startWorker();
    let state = await begin(vault, { source: 'backup' }, '');
    state = await take(vault, state, quiet);
    const file = encodePrivateKeyBundle({ version: 1, bundle });
    expect(await vault.enrolment.importFile({ safeId: state.safeId, file, secret: { kind: 'none' } })).toMatchObject({
      step: 'unlock-2',
      name: '',
    });
  });
});
