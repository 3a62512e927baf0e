// The vault as a whole: enrol, unlock, sign, rename, forget, several identities side by side.
import { describe, expect, it } from 'vitest';
import { VaultError } from '../contract/errors';
import {
  decodePublicKeyBundle,
  decodeSignedPublicKeyBundle,
  validateSignedPublicKeyBundle,
} from '../protocol/keys/bundles';
import { verifyVaultSignature } from '../protocol/ours/vault-signature';
import {
  createTestBrowser,
  createTestWallet,
  drawnSecrets,
  enrol,
  enrolledBrowser,
  everythingStored,
  holdsSecret,
  signRequest,
  unlockWithWallet,
} from './testkit/vault.testkit';

const reason = (name: string) => expect.objectContaining({ reason: name });

describe('a finished identity', () => {
  it('signs so that anyone can verify it back to the account', async () => {
    const { vault, safeId, wallet } = await enrolledBrowser();
    const result = await vault.keys.sign(safeId, signRequest);
    const proven = verifyVaultSignature(result, { account: wallet.account, origin: signRequest.origin });
    expect(proven.account).toBe(wallet.account);
    expect(result.signed).toEqual({ version: 1, account: wallet.account, ...signRequest });
  });

  it('gives its public bundles in both forms', async () => {
    const { vault, safeId, wallet } = await enrolledBrowser();
    const { account, signedPublicKeyBundle, publicKeyBundle } = await vault.keys.publicBundles(safeId);
    expect(account).toBe(wallet.account);
    const signed = decodeSignedPublicKeyBundle(signedPublicKeyBundle);
    expect(validateSignedPublicKeyBundle(signed, { expectedAddress: wallet.account })).toBe(wallet.account);
    expect(decodePublicKeyBundle(publicKeyBundle).preKey.publicKey).toEqual(signed.preKey.publicKey);
  });

  it('is unlocked after enrolment, and opens with wallet and with recovery code after a lock', async () => {
    const { vault, safeId, wallet, code } = await enrolledBrowser();
    expect((await vault.state()).status).toBe('unlocked');
    await vault.lock(safeId);
    expect((await vault.state()).status).toBe('locked');
    await expect(vault.keys.sign(safeId, signRequest)).rejects.toEqual(reason('locked'));
    await unlockWithWallet(vault, safeId, wallet);
    expect((await vault.state()).status).toBe('unlocked');
    await vault.lock();
    await vault.unlock.withRecoveryCode({
      safeId,
      code: ` ${code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')} `,
    });
    await expect(vault.keys.sign(safeId, signRequest)).resolves.toBeDefined();
  });

  it('shows the public side of its keys and slots while unlocked only', async () => {
    const { vault, safeId, wallet } = await enrolledBrowser();
    const details = await vault.identity.details({ safeId });
    expect(details).toMatchObject({
      safeId,
      account: wallet.account,
      slots: [{ type: 'wallet' }, { type: 'recovery-code' }],
    });
    expect(details.prekeys).toEqual([
      { publicKeyHex: expect.stringMatching(/^04[0-9a-f]{128}$/), createdAtMs: signRequest.issuedAtMs, current: true },
    ]);
    await vault.lock(safeId);
    await expect(vault.identity.details({ safeId })).rejects.toEqual(reason('locked'));
  });

  it('is renamed only while unlocked, and keeps the name', async () => {
    const browser = await enrolledBrowser();
    const { vault, safeId } = browser;
    await vault.identity.rename({ safeId, name: '  Work ' });
    await expect(vault.identity.rename({ safeId, name: '\ud800' })).rejects.toEqual(reason('invalid-input'));
    await vault.lock(safeId);
    await expect(vault.identity.rename({ safeId, name: 'No' })).rejects.toEqual(reason('locked'));
    expect((await browser.startWorker().state()).identities[0]?.name).toBe('Work');
  });

  it('finds what a first request looks at read, once the worker has started', async () => {
    const { safeId, host, startWorker } = await enrolledBrowser();
    let reads = 0;
    const get: typeof host.session.get = (keys) => {
      reads++;
      return host.session.get(keys);
    };
    const vault = startWorker({ session: { ...host.session, get } });
    await vault.ready();
    const before = reads;
    expect(await vault.approvals.get('0'.repeat(32))).toBeUndefined();
    expect(await vault.volume.take({ safeId, origin: signRequest.origin, capability: 'sign' }, 1)).toBeNull();
    expect(reads).toBe(before);
  });

  it('refuses another code, and text that is no code, with wrong-code', async () => {
    const { vault, safeId, code } = await enrolledBrowser();
    await vault.lock(safeId);
    const swapped = (code.startsWith('A') ? 'B' : 'A') + code.slice(1);
    for (const wrong of [swapped, code.slice(1), `${code}A`, '', 'not a code', code.replace(/.$/, 'U')]) {
      await expect(vault.unlock.withRecoveryCode({ safeId, code: wrong })).rejects.toEqual(reason('wrong-code'));
    }
    expect((await vault.state()).status).toBe('locked');
  });
});

describe('promises', () => {
  it('P1 no private key, root key or code is in any answer of the vault', async () => {
    const browser = createTestBrowser();
    const vault = browser.startWorker();
    const wallet = createTestWallet();
    const { safeId, code } = await enrol(vault, wallet);
    const answers = [
      await vault.state(),
      await vault.identity.details({ safeId }),
      await vault.keys.sign(safeId, signRequest),
      await vault.keys.publicBundles(safeId),
      await vault.unlock.text({ safeId }),
      await vault.activity.list(safeId, { limit: 10 }),
    ];
    const told = answers
      .map((answer) =>
        JSON.stringify(answer, (_key, value: unknown) =>
          value instanceof Uint8Array ? latin1(value) + hex(value) : value,
        ),
      )
      .join('\n');
    const stored = await everythingStored(browser, { session: false });
    const secrets = drawnSecrets(browser, stored);
    expect(secrets.length).toBeGreaterThan(4);
    for (const secret of secrets) expect(holdsSecret(told, secret)).toBe(false);
    expect(told).not.toContain(code);
    expect(Object.values(vault.keys)).toHaveLength(2);
  });

  it('P2 a draft has no usable key, and a locked safe gives none', async () => {
    const browser = createTestBrowser();
    const vault = browser.startWorker();
    const wallet = createTestWallet();
    const { safeId, text } = await vault.enrolment.begin({
      account: wallet.account,
      wallet: { kind: 'manual' },
      name: '',
    });
    await expect(vault.keys.sign(safeId, signRequest)).rejects.toEqual(reason('wrong-step'));
    await vault.enrolment.unlockSignature({ safeId, signature: wallet.sign(text ?? '') });
    await expect(vault.keys.sign(safeId, signRequest)).rejects.toEqual(reason('wrong-step'));
    await expect(vault.keys.publicBundles(safeId)).rejects.toEqual(reason('wrong-step'));
    await enrol(vault, wallet);
    await vault.lock();
    await expect(vault.keys.sign(safeId, signRequest)).rejects.toEqual(reason('locked'));
    await expect(vault.keys.publicBundles(safeId)).rejects.toEqual(reason('locked'));
  });
});

describe('several identities', () => {
  it('live side by side, each under its own root key', async () => {
    const browser = createTestBrowser();
    const vault = browser.startWorker();
    const [ada, bob] = [createTestWallet(1), createTestWallet(2)];
    const first = await enrol(vault, ada);
    browser.clock.nowMs += 1000;
    const second = await enrol(vault, bob);
    expect((await vault.state()).identities.map((one) => [one.account, one.status])).toEqual([
      [ada.account, 'unlocked'],
      [bob.account, 'unlocked'],
    ]);
    await vault.lock(first.safeId);
    expect((await vault.state()).identities.map((one) => one.status)).toEqual(['locked', 'unlocked']);
    await expect(vault.unlock.withRecoveryCode({ safeId: first.safeId, code: second.code })).rejects.toEqual(
      reason('wrong-code'),
    );
    await expect(unlockWithWallet(vault, first.safeId, bob)).rejects.toEqual(
      new VaultError('wrong-account', bob.account),
    );
  });

  it('one account has one', async () => {
    const { vault, wallet } = await enrolledBrowser();
    const again = { account: wallet.account.toLowerCase(), wallet: { kind: 'manual' } as const, name: '' };
    await expect(vault.enrolment.begin(again)).rejects.toEqual(reason('already-exists'));
  });
});

describe('forgetting', () => {
  it('wants the address or its last four characters, and leaves no byte behind', async () => {
    const browser = await enrolledBrowser();
    const { vault, safeId, wallet } = browser;
    await vault.grants.put({
      origin: 'https://app.example',
      safeId,
      capabilities: ['sign'],
      duration: 'until-revoked',
      documentKey: 'd',
      requestId: 'f'.repeat(32),
    });
    for (const typed of ['', 'abcd', wallet.account.slice(0, 6), wallet.account.slice(-5), safeId]) {
      await expect(vault.identity.forget({ safeId, typed })).rejects.toEqual(reason('not-confirmed'));
    }
    await vault.identity.forget({ safeId, typed: ` ${wallet.account.slice(-4).toUpperCase()} ` });
    const stored = await everythingStored(browser, { session: true });
    expect(stored).not.toContain(safeId);
    expect(stored).not.toContain(wallet.account);
    expect(await vault.grants.list()).toEqual([]);
    expect((await vault.state()).status).toBe('empty');
    expect((await browser.startWorker().state()).status).toBe('empty');
  });

  it('works while locked, and lets the account enrol anew with other keys', async () => {
    const { vault, safeId, wallet } = await enrolledBrowser();
    const before = await vault.identity.details({ safeId });
    await vault.lock();
    // Anybody at the computer may press here: four characters that stand on the screen are not enough.
    for (const typed of [wallet.account.slice(-4), wallet.account.slice(0, -1), wallet.account.slice(2), safeId]) {
      await expect(vault.identity.forget({ safeId, typed })).rejects.toEqual(reason('not-confirmed'));
    }
    await vault.identity.forget({ safeId, typed: ` ${wallet.account.toLowerCase()} ` });
    const again = await enrol(vault, wallet);
    expect((await vault.identity.details({ safeId: again.safeId })).identityKeyHex).not.toBe(before.identityKeyHex);
  });
});

const latin1 = (bytes: Uint8Array) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
