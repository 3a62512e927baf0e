// An inbox key as a keystore file: what it takes, what is in it, and that the key is nowhere else.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SlotSecret } from '../../contract/schemas';
import { bytesToHex, bytesToUtf8, hexToBytes } from '../../protocol/base/bytes';
import { addressOf } from '../../protocol/base/ethereum';
import { getPublicKey } from '../../protocol/base/secp256k1';
import { keystoreCost, keystoreSecret, openKeystoreFile } from '../../protocol/ours/keystore-file';
import { holding, watchBytes } from '../../protocol/testkit/copies-of.testkit';
import { byCode, byWallet } from '../testkit/slots.testkit';
import { enrolledBrowser, everythingStored, holdsSecret, unlockWithWallet } from '../testkit/vault.testkit';

// At a lower cost than the file says, which its reader here shares; what the file says is compared, and OpenSSL opens one in keystore-file.test.ts.
vi.mock('@noble/hashes/scrypt.js', async () => {
  const { computed } = await import('../../protocol/testkit/native-scrypt.testkit');
  const cheap: typeof computed = (password, salt, options) =>
    computed(password, salt, { ...options, N: Math.min(options.N, 2 ** 7) });
  return { scryptAsync: cheap };
});

const passphrase = 'eleven copper kettles under snow';
let setting: Awaited<ReturnType<typeof enrolledBrowser>>;
let address: string;
let proof: SlotSecret;
beforeEach(async () => {
  setting = await enrolledBrowser();
  address = await setting.vault.inboxes.identifier(setting.safeId);
  proof = byCode(setting.code);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const exported = (change: Partial<Parameters<typeof setting.vault.inboxes.exportKey>[0]> = {}) =>
  setting.vault.inboxes.exportKey({
    safeId: setting.safeId,
    address,
    typed: address.slice(-4),
    proof,
    passphrase,
    ...change,
  });
const refusal = (reason: string) => expect.objectContaining({ reason });
const ofInboxes = async () =>
  (await setting.vault.activity.list(setting.safeId, { limit: 50 }))
    .filter(({ method }) => method === 'inbox')
    .map(({ purpose }) => purpose);

describe('R-B9 the export of an inbox key', () => {
  it('is a file that opens with its passphrase as the key of that address, and is logged', async () => {
    const { fileName, file } = await exported();
    expect(fileName).toMatch(/^UTC--\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z--[0-9a-f]{40}$/);
    expect(fileName.endsWith(address.slice(2))).toBe(true);
    const secret = (await openKeystoreFile(file, passphrase))!;
    expect(addressOf(getPublicKey(secret)).toLowerCase()).toBe(address);
    expect(await openKeystoreFile(file, `${passphrase}.`)).toBeUndefined();
    const { version, crypto } = JSON.parse(bytesToUtf8(file));
    expect([version, crypto.kdfparams.n, crypto.kdfparams.r, crypto.kdfparams.p]).toEqual([3, 262_144, 8, 1]);
    expect(await ofInboxes()).toEqual(['export key']);
  });

  it('is possible for an earlier key too, by any way to open, and never twice with the same numbers', async () => {
    await setting.vault.inboxes.newKey({ safeId: setting.safeId });
    const wallet = await byWallet(setting.vault, setting.safeId, setting.wallet);
    const files = [await exported(), await exported({ typed: address, proof: wallet })].map(({ file }) =>
      JSON.parse(bytesToUtf8(file)),
    );
    expect(files.map((one) => `0x${one.address}`)).toEqual([address, address]);
    for (const drawn of ['id', 'salt', 'iv'].map((name) =>
      files.map(({ id, crypto }) => ({ id, ...crypto.kdfparams, ...crypto.cipherparams })[name]),
    ))
      expect(new Set(drawn).size).toBe(2);
  });

  it('is refused without the end of its address, a proof, a strong passphrase, or for a key that is not here', async () => {
    await expect(exported({ typed: '' })).rejects.toThrow(refusal('not-confirmed'));
    await expect(exported({ typed: setting.wallet.account.slice(-4) })).rejects.toThrow(refusal('not-confirmed'));
    await expect(exported({ proof: byCode('AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG-HHHH') })).rejects.toThrow(
      refusal('wrong-code'),
    );
    await expect(exported({ passphrase: 'short' })).rejects.toThrow(refusal('weak-passphrase'));
    for (const known of [address, setting.wallet.account])
      await expect(exported({ passphrase: `my ${known.slice(2, 20)} key` })).rejects.toThrow(
        refusal('weak-passphrase'),
      );
    const strange = `0x${'12'.repeat(20)}`;
    await expect(exported({ address: strange, typed: '1212' })).rejects.toThrow(refusal('not-found'));
    expect(await ofInboxes()).toEqual([]);
  });

  it('is refused while the identity is locked, though the proof would open it', async () => {
    await setting.vault.lock();
    await expect(exported()).rejects.toThrow(refusal('locked'));
    await unlockWithWallet(setting.vault, setting.safeId, setting.wallet);
    expect((await exported()).file.length).toBeGreaterThan(300);
  });

  it('leaves the key nowhere but in the file, and there not in clear', async () => {
    const { file } = await exported();
    const secret = (await openKeystoreFile(file, passphrase))!;
    const keyHex = bytesToHex(secret);
    const made = watchBytes();
    const again = await exported();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
    expect(made.length).toBeGreaterThan(20);
    expect(holding(made, hexToBytes(keyHex))).toEqual([]);
    const { salt } = JSON.parse(bytesToUtf8(again.file)).crypto.kdfparams;
    const derived = await keystoreSecret(passphrase, hexToBytes(salt), keystoreCost);
    expect(holding(made, derived.subarray(0, 16))).toEqual([]);
    const stored = await everythingStored(setting, { session: true });
    for (const text of [stored, bytesToUtf8(file), bytesToUtf8(again.file)]) {
      expect(holdsSecret(text, secret)).toBe(false);
      expect(text.includes(passphrase)).toBe(false);
    }
  });
});
