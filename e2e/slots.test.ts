// The ways to open an identity, changed and tried in Chromium: passphrase, wallet, recovery code (R-H6).
// Promises: each change is proved by locking and opening with each way, old and new; two ways always stay; a kill at each step of a
// change of the root key leaves a safe that opens. Must not: look at words of a page.
import { afterAll, describe, expect, test } from 'vitest';
import { testAccounts } from '../demo/wallet/accounts';
import { someOf } from '../scripts/campaign/size';
import type { SlotSecret } from '../src/contract/schemas';
import { labelsOf, stopAt, stopped } from './kit/checkpoints';
import { launchChromium } from './kit/chromium';
import { detailsOf, enrolBy, goodPassphrase, personOf, walletProof } from './kit/flows';
import { internalClient, Refusal, signatureOf, stateThrough, unlockThrough } from './kit/internal';
import type { RecoveryCode } from '../src/contract/pages/unlock';
import type { lastingKinds } from '../src/contract/choices';

// Launched while the tests are collected: the labels decide which tests there are.
const browser = await launchChromium();
const [onboarding, vault, looker, unlock] = [
  await internalClient(browser, 'onboarding'),
  await internalClient(browser, 'vault'),
  await internalClient(browser, 'vault'),
  await internalClient(browser, 'unlock'),
];
/** The passkey is asked by a page, with an authenticator: e2e/vault-pages.test.ts. */
type Kind = (typeof lastingKinds)[number];
const ada = personOf(testAccounts()[0]!);
const made = await enrolBy(onboarding, ada);
const { safeId } = made;
/** The recovery code that counts now. */
let { code } = made;

afterAll(() => browser.close());

async function reasonOf(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => 'answered',
    (error: unknown) => (error instanceof Refusal ? error.reason : String(error)),
  );
}
const lock = () => looker.call('lock_now', {});
const isOpen = async () =>
  (await stateThrough(looker)).identities.find((one) => one.safeId === safeId)?.status === 'unlocked';
const withCode = (text = code) => unlock.call('unlock_withRecoveryCode', { safeId, code: text });
const withPassphrase = (passphrase = goodPassphrase) => unlock.call('unlock_withPassphrase', { safeId, passphrase });
const ways: Record<Kind, () => Promise<unknown>> = {
  wallet: () => unlockThrough(unlock, safeId),
  'recovery-code': () => withCode(),
  passphrase: () => withPassphrase(),
};
const slotsNow = async () => (await detailsOf(vault, safeId)).slots;
const kindsNow = async () => (await slotsNow()).map(({ type }) => type as Kind).toSorted();
const slotOfKind = async (kind: Kind) => (await slotsNow()).find(({ type }) => type === kind)!.slotId;
const codeSecret = (): SlotSecret => ({ kind: 'recovery-code', code });
const passphraseSecret: SlotSecret = { kind: 'passphrase', passphrase: goodPassphrase };

/** Locked and opened by each of these ways, and the keys are the ones of before. */
async function expectOpensBy(...kinds: Kind[]): Promise<void> {
  for (const kind of kinds) {
    await lock();
    expect([kind, await isOpen()]).toEqual([kind, false]);
    await ways[kind]();
    expect([kind, await isOpen()]).toEqual([kind, true]);
  }
  const details = await detailsOf(vault, safeId);
  expect([details.identityKeyHex, details.prekeys]).toEqual(keys);
}
const first = await detailsOf(vault, safeId);
const keys = [first.identityKeyHex, first.prekeys];

async function replaceCode(): Promise<string> {
  const { code: next, ask } = await vault.call<RecoveryCode>('slots_newCode', { safeId });
  const groups = next.split('-');
  const kept = await keptBeside('recovery-code');
  await vault.call('slots_replaceCode', { safeId, code: next, ask, typed: ask.map((at) => groups[at]!), kept });
  return next;
}
/** One secret for every slot but this one. */
async function keptBeside(kind: Kind): Promise<SlotSecret[]> {
  const secrets: Record<Kind, () => Promise<SlotSecret>> = {
    wallet: () => walletProof(vault, ada, safeId),
    'recovery-code': async () => codeSecret(),
    passphrase: async () => passphraseSecret,
  };
  return Promise.all((await kindsNow()).filter((one) => one !== kind).map((one) => secrets[one]()));
}

describe.sequential('a passphrase', () => {
  test('is refused when it is weak, and when nothing proves that it is the owner who adds it', async () => {
    const proof = await walletProof(vault, ada, safeId);
    expect(await reasonOf(vault.call('slots_addPassphrase', { safeId, proof, passphrase: 'kite' }))).toBe(
      'weak-passphrase',
    );
    const stranger: SlotSecret = { kind: 'recovery-code', code: code.slice(0, -1) + (code.endsWith('0') ? '1' : '0') };
    expect(
      await reasonOf(vault.call('slots_addPassphrase', { safeId, proof: stranger, passphrase: goodPassphrase })),
    ).toBe('wrong-code');
    expect(await kindsNow()).toEqual(['recovery-code', 'wallet']);
  });

  test('is added, opens the identity beside the others, and a wrong one does not', async () => {
    await vault.call('slots_addPassphrase', {
      safeId,
      proof: await walletProof(vault, ada, safeId),
      passphrase: goodPassphrase,
    });
    expect(await kindsNow()).toEqual(['passphrase', 'recovery-code', 'wallet']);
    await expectOpensBy('wallet', 'recovery-code', 'passphrase');
    await lock();
    expect(await reasonOf(withPassphrase(`${goodPassphrase}!`))).toBe('wrong-passphrase');
    expect(await isOpen()).toBe(false);
    await withPassphrase();
  });

  test('each way can be checked without changing anything', async () => {
    const before = await detailsOf(vault, safeId);
    const secrets: [Kind, SlotSecret][] = [
      ['wallet', await walletProof(vault, ada, safeId)],
      ['recovery-code', codeSecret()],
      ['passphrase', passphraseSecret],
    ];
    for (const [kind, secret] of secrets)
      expect(await vault.call('slots_check', { safeId, secret })).toEqual({ slotId: await slotOfKind(kind) });
    expect(
      await reasonOf(
        vault.call('slots_check', { safeId, secret: { kind: 'passphrase', passphrase: 'another of some length' } }),
      ),
    ).toBe('wrong-passphrase');
    expect(await detailsOf(vault, safeId)).toEqual(before);
  });

  test('is removed in a new epoch: it opens nothing any more, the others do', async () => {
    const { epoch } = await detailsOf(vault, safeId);
    await vault.call('slots_remove', {
      safeId,
      slotId: await slotOfKind('passphrase'),
      kept: await keptBeside('passphrase'),
    });
    expect((await detailsOf(vault, safeId)).epoch).toBe(epoch + 1);
    expect(await kindsNow()).toEqual(['recovery-code', 'wallet']);
    await lock();
    expect(await reasonOf(withPassphrase())).not.toBe('answered');
    expect(await isOpen()).toBe(false);
    await expectOpensBy('wallet', 'recovery-code');
  });
});

describe.sequential('two ways stay', () => {
  test.each(['wallet', 'recovery-code'] as const)('the %s cannot be removed when only two are left', async (kind) => {
    const before = await detailsOf(vault, safeId);
    expect(
      await reasonOf(
        vault.call('slots_remove', { safeId, slotId: await slotOfKind(kind), kept: await keptBeside(kind) }),
      ),
    ).toBe('last-slots');
    expect(await detailsOf(vault, safeId)).toEqual(before);
  });

  test('the wallet goes and comes back, once it signs the same twice', async () => {
    await vault.call('slots_addPassphrase', { safeId, proof: codeSecret(), passphrase: goodPassphrase });
    await vault.call('slots_remove', { safeId, slotId: await slotOfKind('wallet'), kept: await keptBeside('wallet') });
    expect(await kindsNow()).toEqual(['passphrase', 'recovery-code']);
    await expectOpensBy('passphrase', 'recovery-code');
    const { text } = await vault.call<{ text: string }>('unlock_getText', { safeId });
    const unsteady = () => signatureOf(ada.account.address, text, 'random-k');
    expect(
      await reasonOf(
        vault.call('slots_addWallet', { safeId, proof: codeSecret(), first: unsteady(), second: unsteady() }),
      ),
    ).toBe('unsteady-wallet');
    expect(await kindsNow()).toEqual(['passphrase', 'recovery-code']);
    await vault.call('slots_addWallet', { safeId, proof: codeSecret(), first: ada.sign(text), second: ada.sign(text) });
    await vault.call('slots_remove', {
      safeId,
      slotId: await slotOfKind('passphrase'),
      kept: await keptBeside('passphrase'),
    });
    await expectOpensBy('wallet', 'recovery-code');
  });
});

describe('a new recovery code', () => {
  test('takes the place of the old one, which opens nothing any more', async () => {
    const old = code;
    code = await replaceCode();
    expect(code).not.toBe(old);
    expect(await kindsNow()).toEqual(['recovery-code', 'wallet']);
    await lock();
    expect(await reasonOf(withCode(old))).toBe('wrong-code');
    expect(await isOpen()).toBe(false);
    await expectOpensBy('recovery-code', 'wallet');
  });

  test('is not taken when its groups were not typed back', async () => {
    const { code: next, ask } = await vault.call<RecoveryCode>('slots_newCode', { safeId });
    const kept = await keptBeside('recovery-code');
    expect(
      await reasonOf(vault.call('slots_replaceCode', { safeId, code: next, ask, typed: ['0000', '0000'], kept })),
    ).not.toBe('answered');
    await expectOpensBy('recovery-code');
  });

  test('P3 killed at each step: the safe opens by the old code or by the new one, never by both, and by the wallet', async () => {
    const labels = await labelsOf(browser, async () => (code = await replaceCode()));
    expect(labels.length).toBeGreaterThanOrEqual(8);
    for (const label of someOf('kills', 'stepOfOthers', labels)) {
      const { code: next, ask } = await vault.call<RecoveryCode>('slots_newCode', { safeId });
      const groups = next.split('-');
      const params = {
        safeId,
        code: next,
        ask,
        typed: ask.map((at) => groups[at]!),
        kept: await keptBeside('recovery-code'),
      };
      await stopAt(browser, label);
      const run = reasonOf(vault.call('slots_replaceCode', params));
      expect(await stopped(browser, run), label).toBe(true);
      await vault.hold();
      await browser.killWorker();
      await lock();
      const opened = [];
      for (const text of [code, next]) if ((await reasonOf(withCode(text))) === 'answered') opened.push(text);
      expect(opened, label).toHaveLength(1);
      await vault.release();
      // Sent again: done now, or done already.
      expect(await run, label).toBe('answered');
      code = next;
      await expectOpensBy('wallet');
    }
    await expectOpensBy('recovery-code', 'wallet');
  });
});

test('nothing was uncaught', () => {
  expect(browser.console.filter(({ text }) => /uncaught/i.test(text))).toEqual([]);
});
