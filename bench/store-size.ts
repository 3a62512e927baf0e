// What many conversations cost: adding one more, opening a safe that has them, listing them.
// Promises safes that were filled through saveInvites as any site fills them, and the same number in the store of xmtp-js.
// Must not weigh key agreement here: the peers of what is added are known, so that what is left is the store.
import { launchWith } from './browser';
import { vaultFolder } from './build-vault';
import type { Group, Measured, MeasureOptions } from './figure';
import { openMessagePage, tell } from './message-page';
import { askAtNextConnection, enrol, grantMessages, lockAndUnlock, onOnboardingPage } from './owner';
import { median } from './statistics';
import { inTurns } from './turns';

const inPage = 'xmtp-js';
const knownPeers = 20;

async function measure({ quick, pageUrl, isWanted }: MeasureOptions): Promise<Measured> {
  const rounds = quick ? 2 : 5;
  const adds = quick ? 5 : 20;
  const sizes = quick ? { few: 100, many: 1_000, most: 5_000 } : { few: 100, many: 10_000, most: 100_000 };
  type Size = keyof typeof sizes;
  const needsMost = isWanted('open-100k') || isWanted('list-100k');
  const needed = (Object.keys(sizes) as Size[]).filter((size) => size !== 'most' || needsMost);
  const browser = await launchWith([vaultFolder]);
  const measured: Measured['rounds'] = {};
  const notes = [`conversations, ${rounds} rounds: ${sizes.few}, ${sizes.many} and ${sizes.most} of them`];
  try {
    const page = await openMessagePage(browser, pageUrl);
    await tell(page, 'makePeers', knownPeers);
    const safeIds: Partial<Record<Size, string>> = {};
    for (const [account, size] of needed.entries()) {
      const safeId = await onOnboardingPage(browser.chromium, (own) => enrol(own, account));
      safeIds[size] = safeId;
      await tell(page, 'openVault', size, await grantMessages(browser.chromium, page, safeId));
      await askAtNextConnection(browser.chromium, page, safeId);
      const started = performance.now();
      await tell(page, 'converse', [size], sizes[size], knownPeers, 1);
      notes.push(`  made and saved ${sizes[size]} in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    }
    const isXmtpNeeded = (['add-one-vs-xmtp-js', 'open-10k', 'list-10k'] as const).some(isWanted);
    if (isXmtpNeeded) {
      await tell(page, 'openInPage', inPage);
      await tell(page, 'converse', [inPage], sizes.many, knownPeers, 1);
    }
    const addOne = async (name: string, count: number) => {
      await tell(page, 'invite', [name], 0, knownPeers, count);
      return median(await tell(page, 'saveInvitesOneByOne', name));
    };
    if (isWanted('add-one-10k-vs-100')) {
      measured['add-one-10k-vs-100'] = await inTurns(rounds, {
        subject: () => addOne('many', adds),
        reference: () => addOne('few', adds),
      });
    }
    if (isWanted('add-one-vs-xmtp-js')) {
      measured['add-one-vs-xmtp-js'] = await inTurns(rounds, {
        subject: () => addOne('many', adds),
        reference: () => addOne(inPage, quick ? 2 : 5),
      });
    }
    const reopen = async (size: Size) =>
      (await lockAndUnlock(browser.chromium, safeIds[size]!)) + (await tell(page, 'readOneV2', size));
    if (isWanted('open-10k')) {
      measured['open-10k'] = await inTurns(rounds, {
        subject: () => reopen('many'),
        reference: () => tell(page, 'reopenInPage', inPage),
      });
    }
    if (isWanted('open-100k'))
      measured['open-100k'] = await inTurns(rounds, { subject: () => reopen('most'), reference: () => reopen('many') });
    if (isWanted('list-10k')) {
      measured['list-10k'] = await inTurns(rounds, {
        subject: () => tell(page, 'listV2', 'many', sizes.many),
        reference: () => tell(page, 'listV2', inPage, sizes.many),
      });
    }
    if (isWanted('list-100k')) {
      measured['list-100k'] = await inTurns(rounds, {
        subject: () => tell(page, 'listV2', 'most', sizes.most),
        reference: () => tell(page, 'listV2', 'many', sizes.many),
      });
    }
    return { rounds: measured, notes };
  } finally {
    await browser.close();
  }
}

export const storeSize: Group = {
  names: ['add-one-10k-vs-100', 'add-one-vs-xmtp-js', 'open-10k', 'open-100k', 'list-10k', 'list-100k'],
  measure,
};
