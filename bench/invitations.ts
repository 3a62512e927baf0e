// Saving 1,000 invitations from 1,000 peers: in one batch, and one by one; the vault and xmtp-js in one page, in turns.
// Promises that no side has met a peer before: the worker is started anew for each round, and xmtp-js remembers nobody anyway;
// xmtp-js begins each round with an empty store, the vault with what it has.
// Must not count the making of invitations.
import { launchWith, stopWorker, vaultWorker } from './browser';
import { vaultFolder } from './build-vault';
import type { Group, Measured, MeasureOptions } from './figure';
import { openMessagePage, tell } from './message-page';
import { enrol, grantMessages, onOnboardingPage } from './owner';
import { inTurns } from './turns';

const vault = 'vault';
const inPage = 'xmtp-js';
/** As many agreements as it takes until the curve's code is compiled. */
const warmingPeers = 40;

async function measure({ quick, pageUrl, isWanted }: MeasureOptions): Promise<Measured> {
  const rounds = quick ? 1 : 3;
  const peers = quick ? 100 : 1_000;
  const browser = await launchWith([vaultFolder]);
  const measured: Measured['rounds'] = {};
  try {
    const safeId = await onOnboardingPage(browser.chromium, (page) => enrol(page, 0));
    const page = await openMessagePage(browser, pageUrl);
    await tell(page, 'openVault', vault, await grantMessages(browser.chromium, page, safeId));
    await tell(page, 'openInPage', inPage);
    await tell(page, 'makePeers', warmingPeers + peers);
    const prepare = {
      [vault]: async () => {
        await stopWorker(browser.session, vaultWorker);
        await tell(page, 'invite', [vault], 0, warmingPeers, warmingPeers);
        await tell(page, 'saveInvites', vault);
        await tell(page, 'invite', [vault], warmingPeers, peers, peers);
      },
      [inPage]: async () => {
        await tell(page, 'emptyInPage', inPage);
        await tell(page, 'invite', [inPage], warmingPeers, peers, peers);
      },
    };
    const inOneBatch = async (name: keyof typeof prepare) => {
      await prepare[name]();
      return tell(page, 'saveInvites', name);
    };
    const oneByOne = async (name: keyof typeof prepare) => {
      await prepare[name]();
      return (await tell(page, 'saveInvitesOneByOne', name)).reduce((sum, ms) => sum + ms, 0);
    };
    if (isWanted('invites-batch')) {
      measured['invites-batch'] = await inTurns(rounds, {
        subject: () => inOneBatch(vault),
        reference: () => inOneBatch(inPage),
      });
    }
    if (isWanted('invites-one-by-one')) {
      measured['invites-one-by-one'] = await inTurns(quick ? 1 : 2, {
        subject: () => oneByOne(vault),
        reference: () => oneByOne(inPage),
      });
    }
    return { rounds: measured, notes: [`invitations, ${rounds} rounds of ${peers}`] };
  } finally {
    await browser.close();
  }
}

export const invitations: Group = { names: ['invites-batch', 'invites-one-by-one'], measure };
