// The address book in backup files: it comes back in another browser, is merged where there is one, and files of before it still open.
import { describe, expect, it, vi } from 'vitest';
import type { FileSecret } from '../../contract/pages/backup';
import { encodePeople } from '../people/people-record';
import { asBytes } from '../store/encoding';
import { backupFileOf, backupOf, bundleFor, filePassphrase } from '../testkit/copies.testkit';
import { createTestBrowser, createTestWallet, enrolledBrowser } from '../testkit/vault.testkit';

vi.mock('@noble/hashes/scrypt.js', () => import('../../protocol/testkit/cheap-scrypt.testkit'));

const secret: FileSecret = { kind: 'passphrase', passphrase: filePassphrase };
const wallet = createTestWallet();
const [bob, cem] = [
  '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC',
] as const;

async function naming() {
  const browser = await enrolledBrowser();
  const { vault, safeId } = browser;
  const { text } = await vault.unlock.text({ safeId });
  const proof = { kind: 'wallet', signature: asBytes(browser.wallet.sign(text)) } as const;
  return {
    ...browser,
    list: () => vault.people.list({ safeId }),
    name: (account: string, name: string) => vault.people.name({ safeId, account, name }),
    save: async () => (await vault.backup.export({ safeId, proof, secret })).file,
    check: (file: Uint8Array) => vault.backup.check({ safeId, file, secret }),
    take: (file: Uint8Array) => vault.backup.takeNames({ safeId, file, secret }),
  };
}

async function importInto(file: Uint8Array) {
  const browser = createTestBrowser();
  const vault = browser.startWorker();
  const begun = { account: wallet.account, wallet: { kind: 'manual' }, name: 'Ada', source: 'backup' } as const;
  const { safeId, text } = await vault.enrolment.begin(begun);
  await vault.enrolment.unlockSignature({ safeId, signature: wallet.sign(text ?? '') });
  const { text: again } = await vault.enrolment.importFile({ safeId, file, secret });
  await vault.enrolment.confirmUnlockSignature({ safeId, signature: wallet.sign(again ?? '') });
  const { code, ask } = await vault.enrolment.createRecoveryCode({ safeId });
  await vault.enrolment.finish({ safeId, code, typed: ask.map((group) => code.split('-')[group] ?? '') });
  return { vault, safeId };
}

describe('a backup file with names', () => {
  it('brings the address book into another browser', async () => {
    const here = await naming();
    await here.name(bob, 'Bob');
    await here.name(cem, 'جيم \u{1F468}\u200D\u{1F373}');
    const there = await importInto(await here.save());
    expect(await there.vault.people.list(there)).toEqual(await here.list());
  });

  it('says in its preview how many there are; one of before says nothing of them, opens, and misses nothing', async () => {
    const here = await naming();
    const preview = (file: Uint8Array) => here.vault.backup.preview({ file, secret });
    expect((await preview(await here.save())).names).toBe(0);
    await here.name(bob, 'Bob');
    expect((await preview(await here.save())).names).toBe(1);
    const older = await backupFileOf(backupOf(wallet, bundleFor(wallet, 'ada', 1)));
    expect((await preview(older)).names).toBeNull();
    const there = await importInto(older);
    expect(await there.vault.people.list(there)).toEqual([]);
    expect(await there.vault.backup.check({ safeId: there.safeId, file: older, secret })).toMatchObject({
      complete: true,
      missingNames: 0,
      newNames: 0,
    });
  });

  it('is compared with the book, and stays good for the keys when names are missing', async () => {
    const here = await naming();
    await here.name(bob, 'Bob');
    const file = await here.save();
    expect(await here.check(file)).toMatchObject({ complete: true, missingNames: 0, newNames: 0 });
    here.clock.nowMs += 1_000;
    await here.name(bob, 'Bobby');
    await here.name(cem, 'Cem');
    expect(await here.check(file)).toMatchObject({ complete: true, missingNames: 2, newNames: 0 });
    await here.name(bob, '');
    expect(await here.check(file)).toMatchObject({ complete: true, missingNames: 1, newNames: 1 });
  });

  it('is merged into the book when the person says so: of two names for one account the later one stays', async () => {
    const here = await naming();
    await here.name(bob, 'Bob');
    await here.name(cem, 'Cem');
    const file = await here.save();
    here.clock.nowMs += 1_000;
    await here.name(bob, 'Bobby');
    await here.name(cem, '');
    expect(await here.take(file)).toBe(1);
    expect((await here.list()).map(({ name }) => name)).toEqual(['Bobby', 'Cem']);
    expect(await here.take(file)).toBe(0);
    await here.vault.lock();
    await expect(here.take(file)).rejects.toThrow(expect.objectContaining({ reason: 'locked' }));
  });

  it('gives no names to another identity, and none at all when they cannot be read', async () => {
    const here = await naming();
    const people = encodePeople([{ account: bob, name: 'Bob', namedAtMs: 1 }]);
    const other = await backupFileOf(backupOf(wallet, bundleFor(wallet, 'somebody', 1), { people }));
    await expect(here.take(other)).rejects.toThrow(
      expect.objectContaining({ reason: 'unusable-copy', detail: 'other-account' }),
    );
    for (const broken of [people.slice(0, -1), Uint8Array.of(0, 0, 0, 1)]) {
      const file = await backupFileOf(backupOf(wallet, bundleFor(wallet, 'ada', 1), { people: broken }));
      await expect(here.vault.backup.preview({ file, secret })).rejects.toThrow(
        expect.objectContaining({ reason: 'bad-file', detail: 'changed' }),
      );
    }
    expect(await here.list()).toEqual([]);
  });
});
