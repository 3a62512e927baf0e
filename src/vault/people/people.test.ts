// The address book against the whole vault: named, renamed, taken out; sealed, locked, and there after a restart and another root key.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { nameLength } from '../../contract/limits';
import { hexToBytes } from '../../protocol/base/bytes';
import { enrolledBrowser, everythingStored, holdsSecret, unlockWithWallet } from '../testkit/vault.testkit';

vi.mock('@noble/hashes/scrypt.js', () => import('../../protocol/testkit/cheap-scrypt.testkit'));

const bob = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const cem = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC';
let setting: Awaited<ReturnType<typeof enrolledBrowser>>;
beforeEach(async () => {
  setting = await enrolledBrowser();
});
const list = () => setting.vault.people.list({ safeId: setting.safeId });
const name = (account: string, word: string) =>
  setting.vault.people.name({ safeId: setting.safeId, account, name: word });

describe('the address book', () => {
  it('takes an account in every spelling, and keeps one name for it', async () => {
    expect(await list()).toEqual([]);
    await name(bob.toLowerCase(), 'Bob');
    await name(`0X${bob.slice(2).toUpperCase()}`, ' Bob of the band\u200b ');
    const namedAtMs = setting.clock.nowMs;
    expect(await list()).toEqual([{ account: bob, name: 'Bob of the band', namedAtMs }]);
    expect(await setting.vault.people.named(setting.safeId, [bob.toLowerCase(), cem])).toEqual(await list());
    await name(bob, '');
    expect(await list()).toEqual([]);
  });

  it('refuses what is no account and what is no name, and stays as it was', async () => {
    await name(bob, 'Bob');
    const before = await list();
    for (const [account, word] of [
      ['0x1234', 'Bob'],
      [`${bob}0`, 'Bob'],
      [cem, 'n'.repeat(nameLength + 1)],
      [cem, '\uD800'],
    ] as const)
      await expect(name(account, word)).rejects.toThrow(expect.objectContaining({ reason: 'invalid-input' }));
    expect(await list()).toEqual(before);
  });

  it('is closed while the safe is locked, and there after a restart', async () => {
    await name(bob, 'Bob');
    await setting.vault.lock();
    await expect(list()).rejects.toThrow(expect.objectContaining({ reason: 'locked' }));
    await expect(name(bob, 'Eve')).rejects.toThrow(expect.objectContaining({ reason: 'locked' }));
    const next = await setting.restart();
    await unlockWithWallet(next, setting.safeId, setting.wallet);
    expect(await next.people.list(setting)).toMatchObject([{ account: bob, name: 'Bob' }]);
  });

  it('R-D1 lies sealed in both stores: neither name nor account stands in any of them', async () => {
    const word = 'a name that stands nowhere else';
    await name(bob, word);
    const stored = await everythingStored(setting, { session: true });
    expect(stored).not.toContain(word);
    expect(holdsSecret(stored, hexToBytes(bob.slice(2)))).toBe(false);
    // The search finds what is readable: the account of the identity itself stands in its header.
    expect(stored).toContain(setting.wallet.account);
  });
});
