// Enrolment step by step, and the wallet zoo (R-E1, R-E2, R-E3, R-E6, P4).
// Promises: a wallet that cannot open the safe again is found out before the identity is finished, and leaves nothing behind.
import { describe, expect, it } from 'vitest';
import type { Personality, TestBrowser, TestWallet } from '../testkit/vault.testkit';
import {
  createTestBrowser,
  createTestWallet,
  drawnSecrets,
  enrol,
  enrolledBrowser,
  everythingStored,
  freezeAt,
  holdsSecret,
  inStore,
  signRequest,
  unlockWithWallet,
} from '../testkit/vault.testkit';
import type { Vault } from '../vault';
import { unlockTextOf } from '../safe/unlock-text';

const manual = { kind: 'manual' } as const;

async function begin(vault: Vault, wallet: TestWallet) {
  const state = await vault.enrolment.begin({ account: wallet.account, wallet: manual, name: 'Ada' });
  return { safeId: state.safeId, unlockText: state.text ?? '' };
}

/** A draft after the first two signatures, at step `unlock-2`. */
async function atSecondUnlock(wallet = createTestWallet(), as?: Personality) {
  const browser = createTestBrowser();
  const vault = browser.startWorker();
  const { safeId, unlockText } = await begin(vault, wallet);
  const identity = await vault.enrolment.unlockSignature({ safeId, signature: wallet.sign(unlockText, as) });
  const second = await vault.enrolment.identitySignature({ safeId, signature: wallet.sign(identity.text ?? '', as) });
  return { browser, vault, wallet, safeId, unlockText, identity, second };
}

/** A draft at step `code`. */
async function atCode() {
  const draft = await atSecondUnlock();
  const state = await draft.vault.enrolment.confirmUnlockSignature({
    safeId: draft.safeId,
    signature: draft.wallet.sign(draft.unlockText),
  });
  return { ...draft, state };
}

async function expectNothingLeft(browser: TestBrowser, safeId: string): Promise<void> {
  const stored = await everythingStored(browser, { session: true });
  expect(stored).not.toContain(safeId);
  expect((await browser.startWorker().state()).status).toBe('empty');
}

describe('the steps', () => {
  it('say what to sign, in order', async () => {
    const { vault, wallet, safeId, unlockText, identity, second } = await atSecondUnlock();
    expect(identity).toMatchObject({ step: 'identity', locked: false, account: wallet.account, name: 'Ada' });
    expect(identity.text).toMatch(
      /^XMTP : Create Identity\n[0-9a-f]+\n\nFor more info: https:\/\/xmtp.org\/signatures\/$/,
    );
    expect(second).toMatchObject({ step: 'unlock-2', text: unlockText, locked: false });
    const code = await vault.enrolment.confirmUnlockSignature({ safeId, signature: wallet.sign(unlockText) });
    expect(code).toMatchObject({ step: 'code', text: null, locked: false });
    expect((await vault.state()).status).toBe('enrolling');
  });

  it('refuse to be taken out of order', async () => {
    const browser = createTestBrowser();
    const vault = browser.startWorker();
    const wallet = createTestWallet();
    const { safeId, unlockText } = await begin(vault, wallet);
    const signature = wallet.sign(unlockText);
    const wrong = { reason: 'wrong-step' };
    await expect(vault.enrolment.identitySignature({ safeId, signature })).rejects.toMatchObject(wrong);
    await expect(vault.enrolment.confirmUnlockSignature({ safeId, signature })).rejects.toMatchObject(wrong);
    await expect(vault.enrolment.createRecoveryCode({ safeId })).rejects.toMatchObject(wrong);
    await expect(vault.enrolment.finish({ safeId, code: '', typed: ['', ''] })).rejects.toMatchObject(wrong);
    await vault.enrolment.unlockSignature({ safeId, signature });
    await expect(vault.enrolment.confirmUnlockSignature({ safeId, signature })).rejects.toMatchObject(wrong);
    await expect(vault.unlock.text({ safeId })).rejects.toMatchObject(wrong);
  });

  it('may each be repeated, as a page does after a killed worker', async () => {
    const { vault, wallet, safeId, unlockText, identity } = await atCode();
    const createText = identity.text ?? '';
    expect(await begin(vault, wallet)).toMatchObject({ safeId });
    expect(await vault.enrolment.unlockSignature({ safeId, signature: wallet.sign(unlockText) })).toMatchObject({
      step: 'code',
    });
    expect(await vault.enrolment.identitySignature({ safeId, signature: wallet.sign(createText) })).toMatchObject({
      step: 'code',
    });
    expect(await vault.enrolment.confirmUnlockSignature({ safeId, signature: wallet.sign(unlockText) })).toMatchObject({
      step: 'code',
    });
    const { code, ask } = await vault.enrolment.createRecoveryCode({ safeId });
    const done = { safeId, code, typed: ask.map((group) => code.split('-')[group] ?? '') };
    await vault.enrolment.finish(done);
    expect(await vault.enrolment.finish(done)).toMatchObject({ safeId, status: 'unlocked' });
    await expect(vault.enrolment.get({ safeId })).rejects.toMatchObject({ reason: 'wrong-step' });
    await expect(vault.enrolment.discard({ safeId })).rejects.toMatchObject({ reason: 'wrong-step' });
  });

  it('go on after the browser was closed, once the draft is opened again', async () => {
    const { browser, wallet, safeId, unlockText } = await atSecondUnlock();
    const vault = await browser.restart();
    expect(await vault.enrolment.get({ safeId })).toMatchObject({ step: 'unlock-2', locked: true, text: unlockText });
    await expect(vault.enrolment.createRecoveryCode({ safeId })).rejects.toMatchObject({ reason: 'wrong-step' });
    expect(await vault.enrolment.unlockSignature({ safeId, signature: wallet.sign(unlockText) })).toMatchObject({
      step: 'unlock-2',
      locked: false,
    });
    await enrol(vault, wallet);
    await expect(vault.keys.sign(safeId, signRequest)).resolves.toBeDefined();
  });

  it('take another name or wallet when begun again', async () => {
    const browser = createTestBrowser();
    const vault = browser.startWorker();
    const wallet = createTestWallet();
    const { safeId } = await begin(vault, wallet);
    const extension = { kind: 'extension', extensionId: 'nkbihfbeogaeaoehlefnkodbefgpgknn' } as const;
    expect(await vault.enrolment.begin({ account: wallet.account, wallet: extension, name: 'Bea' })).toMatchObject({
      safeId,
      name: 'Bea',
      wallet: extension,
    });
    expect(await browser.startWorker().enrolment.get({ safeId })).toMatchObject({ name: 'Bea', wallet: extension });
  });

  it('refuse arguments that could not be stored', async () => {
    const { enrolment } = createTestBrowser().startWorker();
    const { account } = createTestWallet();
    const bad = { reason: 'invalid-input' };
    await expect(enrolment.begin({ account: '0x12', wallet: manual, name: '' })).rejects.toMatchObject(bad);
    await expect(enrolment.begin({ account, wallet: manual, name: 'x'.repeat(61) })).rejects.toMatchObject(bad);
    await expect(
      enrolment.begin({ account, wallet: { kind: 'extension', extensionId: '\udc00' }, name: '' }),
    ).rejects.toMatchObject(bad);
    await expect(enrolment.get({ safeId: '0'.repeat(32) })).rejects.toMatchObject({ reason: 'not-found' });
    await expect(enrolment.discard({ safeId: '0'.repeat(32) })).resolves.toBeUndefined();
  });

  it('can be discarded, and leave nothing', async () => {
    const { browser, vault, safeId } = await atCode();
    await vault.enrolment.discard({ safeId });
    await expectNothingLeft(browser, safeId);
  });
});

describe('P4 keys at rest', () => {
  it('are sealed whenever the worker dies: no store ever holds one in clear', async () => {
    const labels = (await labelsOfEnrolment()).filter((label) => /^enrol\.(seal|store)/.test(label));
    expect(labels.length).toBeGreaterThan(20);
    for (const label of labels) {
      const browser = createTestBrowser();
      const { checkpoint, reached } = freezeAt(label);
      await Promise.race([reached, enrol(browser.startWorker({ checkpoint }), createTestWallet())]);
      const stored = await everythingStored(browser, { session: true });
      for (const secret of drawnSecrets(browser, stored))
        expect([label, holdsSecret(stored, secret)]).toEqual([label, false]);
    }
  });

  it('the scan finds a planted key', async () => {
    const browser = await enrolledBrowser();
    const secret = browser.drawn.find((bytes) => bytes.length === 32) ?? new Uint8Array(32);
    await inStore(browser.host.databaseName, 'records', (store) =>
      store.put({ safeId: browser.safeId, type: 'planted', id: 'x', bytes: secret }),
    );
    expect(holdsSecret(await everythingStored(browser, { session: true }), secret)).toBe(true);
  });

  it('the draft record is gone once the bundle is sealed', async () => {
    const { browser } = await atSecondUnlock();
    const records = (await inStore(browser.host.databaseName, 'records', (store) => store.getAll())) as {
      type: string;
    }[];
    expect(records.map((record) => record.type)).toEqual(['bundle']);
  });

  async function labelsOfEnrolment(): Promise<string[]> {
    const browser = createTestBrowser();
    await enrol(browser.startWorker(), createTestWallet());
    return [...new Set(browser.labels)];
  }
});

describe('R-E1 an unsteady wallet', () => {
  it('is refused at the second unlock signature, and nothing half-made remains', async () => {
    const { browser, vault, wallet, safeId, unlockText } = await atSecondUnlock(createTestWallet(), 'random-k');
    const confirm = vault.enrolment.confirmUnlockSignature({ safeId, signature: wallet.sign(unlockText, 'random-k') });
    await expect(confirm).rejects.toMatchObject({ reason: 'unsteady-wallet' });
    await expect(vault.enrolment.get({ safeId })).rejects.toMatchObject({ reason: 'not-found' });
    await expectNothingLeft(browser, safeId);
    await expect(enrol(vault, wallet)).resolves.toBeDefined();
  });

  it('is refused when it opens the draft again after a restart', async () => {
    const { browser, wallet, safeId, unlockText } = await atSecondUnlock();
    const vault = await browser.restart();
    const reopen = vault.enrolment.unlockSignature({ safeId, signature: wallet.sign(unlockText, 'random-k') });
    await expect(reopen).rejects.toMatchObject({ reason: 'unsteady-wallet' });
    await expectNothingLeft(browser, safeId);
  });

  it('that turns unsteady later is told so, and the recovery code still opens the safe', async () => {
    const { vault, wallet, safeId, code } = await enrolledBrowser();
    await vault.lock();
    await expect(unlockWithWallet(vault, safeId, wallet, 'random-k')).rejects.toMatchObject({ reason: 'wrong-secret' });
    expect((await vault.state()).status).toBe('locked');
    await vault.unlock.withRecoveryCode({ safeId, code });
    await expect(vault.keys.sign(safeId, signRequest)).resolves.toBeDefined();
  });

  it('an enrolment cannot be finished before the wallet has opened its slot', async () => {
    const { vault, safeId } = await atSecondUnlock();
    await expect(vault.enrolment.createRecoveryCode({ safeId })).rejects.toMatchObject({ reason: 'wrong-step' });
  });
});

describe('R-E2 every way to write one signature', () => {
  const forms: Personality[] = ['v27', 'v0', 'high-s', 'eip-2098', 'no-v'];
  it.each(forms)('enrols as %s and opens as any other', async (form) => {
    const browser = createTestBrowser();
    const vault = browser.startWorker();
    const wallet = createTestWallet(3, form);
    const { safeId } = await enrol(vault, wallet);
    for (const other of forms) {
      await vault.lock();
      await unlockWithWallet(vault, safeId, wallet, other);
      await expect(vault.keys.sign(safeId, signRequest)).resolves.toBeDefined();
    }
  });

  it.each([
    ['a contract wallet', 'contract' as const],
    ['nothing', new Uint8Array(0)],
    ['63 bytes', new Uint8Array(63).fill(1)],
    ['66 bytes', new Uint8Array(66).fill(1)],
    ['zeros', new Uint8Array(65)],
    ['all ones', new Uint8Array(65).fill(0xff)],
  ])('refuses %s as bad-signature at every step, and changes nothing', async (_name, blob) => {
    const { vault, wallet, safeId, unlockText } = await atSecondUnlock();
    const signature = typeof blob === 'string' ? wallet.sign(unlockText, blob) : blob;
    await expect(vault.enrolment.unlockSignature({ safeId, signature })).rejects.toMatchObject({
      reason: 'bad-signature',
    });
    await expect(vault.enrolment.confirmUnlockSignature({ safeId, signature })).rejects.toMatchObject({
      reason: 'bad-signature',
    });
    await enrol(vault, wallet);
    await vault.lock();
    await expect(vault.unlock.withWallet({ safeId, signature })).rejects.toMatchObject({ reason: 'bad-signature' });
  });
});

describe('R-E6 the wrong account', () => {
  it('is named at every step, before any key is tried, and the draft stays', async () => {
    const { vault, wallet, safeId, unlockText, identity } = await atSecondUnlock();
    const stranger = createTestWallet(101).account;
    const refusal = { reason: 'wrong-account', detail: stranger };
    const signature = wallet.sign(unlockText, 'other-account');
    await expect(vault.enrolment.unlockSignature({ safeId, signature })).rejects.toMatchObject(refusal);
    await expect(vault.enrolment.confirmUnlockSignature({ safeId, signature })).rejects.toMatchObject(refusal);
    const fresh = createTestBrowser().startWorker();
    const draft = await begin(fresh, wallet);
    await expect(
      fresh.enrolment.unlockSignature({
        safeId: draft.safeId,
        signature: wallet.sign(draft.unlockText, 'other-account'),
      }),
    ).rejects.toMatchObject(refusal);
    const next = await fresh.enrolment.unlockSignature({
      safeId: draft.safeId,
      signature: wallet.sign(draft.unlockText),
    });
    await expect(
      fresh.enrolment.identitySignature({
        safeId: draft.safeId,
        signature: wallet.sign(next.text ?? '', 'other-account'),
      }),
    ).rejects.toMatchObject(refusal);
    expect(identity.text).not.toBe(next.text);
    await enrol(vault, wallet);
    await vault.lock();
    await expect(unlockWithWallet(vault, safeId, wallet, 'other-account')).rejects.toMatchObject(refusal);
  });

  it('a stale signature of the other message is not taken for this one', async () => {
    const { vault, wallet, safeId, identity } = await atSecondUnlock();
    const stale = wallet.sign(identity.text ?? '');
    await expect(vault.enrolment.confirmUnlockSignature({ safeId, signature: stale })).rejects.toMatchObject({
      reason: 'wrong-account',
    });
    await expect(vault.enrolment.get({ safeId })).resolves.toMatchObject({ step: 'unlock-2' });
  });
});

describe('R-E3 the unlock text', () => {
  it('is the fixed EIP-4361 text, to the letter', () => {
    const text = unlockTextOf({
      account: '0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1',
      extensionOrigin: 'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
      nonce: new Uint8Array(32).fill(0xab),
      issuedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
    });
    expect(text).toBe(`abcdefghijklmnopabcdefghijklmnop wants you to sign in with your Ethereum account:
0x1a642f0E3c3aF545E7AcBD38b07251B3990914F1

Unlock my Prekey Vault in this browser. Sign this only in a window opened by the Prekey Vault extension. A site that gets this signature can help open a stolen copy of this vault.

URI: chrome-extension://abcdefghijklmnopabcdefghijklmnop
Version: 1
Chain ID: 1
Nonce: ${'ab'.repeat(32)}
Issued At: 2026-01-02T03:04:05.006Z
Request ID: vault-unlock-v1
Resources:
- urn:prekey-vault:local-unlock:v1`);
  });

  it('stays the same for one safe and never repeats its nonce in another', async () => {
    const nonces = new Set<string>();
    const browser = createTestBrowser();
    const vault = browser.startWorker();
    for (let index = 1; index <= 8; index++) {
      const wallet = createTestWallet(index);
      const { safeId, unlockText } = await begin(vault, wallet);
      browser.clock.nowMs += 86_400_000;
      expect((await vault.enrolment.get({ safeId })).text).toBe(unlockText);
      nonces.add(/^Nonce: ([0-9a-f]{64})$/m.exec(unlockText)?.[1] ?? '');
    }
    expect(nonces.size).toBe(8);
  });
});

describe('the recovery code', () => {
  it('is made anew on demand; the one before stops working', async () => {
    const { vault, safeId } = await atCode();
    const first = await vault.enrolment.createRecoveryCode({ safeId });
    const second = await vault.enrolment.createRecoveryCode({ safeId });
    expect(second.code).not.toBe(first.code);
    const typedOf = ({ code, ask }: typeof first) => ask.map((group) => code.split('-')[group] ?? '');
    await expect(vault.enrolment.finish({ safeId, code: first.code, typed: typedOf(first) })).rejects.toMatchObject({
      reason: 'wrong-code',
    });
    await expect(vault.enrolment.finish({ safeId, code: second.code, typed: ['AAAA', 'BBBB'] })).rejects.toMatchObject({
      reason: 'not-confirmed',
    });
    await expect(vault.enrolment.finish({ safeId, code: second.code, typed: [] })).rejects.toMatchObject({
      reason: 'not-confirmed',
    });
    await expect(
      vault.enrolment.finish({ safeId, code: second.code, typed: typedOf(second).toReversed() }),
    ).rejects.toMatchObject({ reason: 'not-confirmed' });
    const forgiving = typedOf(second).map(
      (group) => ` ${group.toLowerCase().replaceAll('0', 'O').replaceAll('1', 'i')}-`,
    );
    await expect(
      vault.enrolment.finish({ safeId, code: second.code.toLowerCase(), typed: forgiving }),
    ).resolves.toMatchObject({ status: 'unlocked' });
  });

  it('asks for two different groups, and every group is asked for', async () => {
    const { vault, safeId } = await atCode();
    const asked = new Set<number>();
    for (let turn = 0; turn < 200 && asked.size < 8; turn++) {
      const { ask } = await vault.enrolment.createRecoveryCode({ safeId });
      expect(ask[0]).not.toBe(ask[1]);
      ask.forEach((group) => asked.add(group));
    }
    expect(asked).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7]));
  });
});
