// What an import puts into the lists of a draft: nothing there may keep the keys out.
import { expect, it } from 'vitest';
import { VaultError } from '../../contract/errors';
import { createBackupImport } from './import';
import type { InvitedConversation } from '../keystore/conversations';
import { backupFileOf, backupOf, bundleFor, conversationsOf, filePassphrase } from '../testkit/copies.testkit';
import { defaultSettings } from '../store/settings';
import { createTestWallet } from '../testkit/vault.testkit';

type Options = Parameters<typeof createBackupImport>[0];

async function restoreWith(reason: 'limit' | 'storage-failed') {
  const wallet = createTestWallet(1);
  const file = await backupFileOf(backupOf(wallet, bundleFor(wallet, 'ada'), { conversations: conversationsOf(3) }));
  const [given, committed]: [InvitedConversation[], string[]] = [[], []];
  const conversations = {
    add: async (_safeId: string, all: readonly InvitedConversation[]) => {
      given.push(...all);
      throw new VaultError(reason);
    },
  };
  const importer = createBackupImport({
    conversations,
    lists: { emptied: async () => undefined },
    safes: { copyOf: () => ({ header: { state: 'draft' } }), all: () => [] },
    settings: { current: () => defaultSettings },
  } as unknown as Options);
  const secret = { kind: 'passphrase', passphrase: filePassphrase } as const;
  const restored = importer.restore(
    { safeId: 'ab', account: wallet.account, file, secret },
    async ({ name }) => void committed.push(name),
  );
  return { restored, given, committed };
}

it('commits the keys where a list has no room, and restores conversations as ones that may go', async () => {
  const { restored, given, committed } = await restoreWith('limit');
  await restored;
  expect(committed).toEqual(['Ada']);
  expect(given.map(({ isStrange }) => isStrange)).toEqual([true, true, true]);
});

it('commits nothing where the disk failed', async () => {
  const { restored, committed } = await restoreWith('storage-failed');
  await expect(restored).rejects.toMatchObject({ reason: 'storage-failed' });
  expect(committed).toEqual([]);
});
