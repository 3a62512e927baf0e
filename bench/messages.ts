// Reading messages and single calls, page call to page result: the vault's adapter and xmtp-js in one page, in turns.
// Promises the same messages to both; who begins changes from round to round, and the first round, which warms everything, is dropped.
// Must not compare a known peer with a new one: the worker is started anew before messages of new peers.
import { launchWith, stopWorker, vaultWorker } from './browser';
import { vaultFolder } from './build-vault';
import type { FigureName, Group, Measured, MeasureOptions } from './figure';
import { openMessagePage, tell } from './message-page';
import { enrol, grantMessages, onOnboardingPage } from './owner';
import type { SingleCall } from './page/messages';
import { median, type Rounds } from './statistics';
import { inTurns } from './turns';

const vault = 'vault';
const inPage = 'xmtp-js';
/** As many agreements as it takes until the curve's code is compiled. */
const warmingPeers = 40;
const singleCalls = {
  'decrypt-one-vs-echo': 'xmtp_decryptV2',
  'encrypt-one-vs-echo': 'xmtp_encryptV2',
} as const satisfies Partial<Record<FigureName, SingleCall>>;
const names = [
  'read-10k',
  'read-10k-stall',
  'read-v1-known-peer',
  'read-v1-new-peer',
  ...(Object.keys(singleCalls) as (keyof typeof singleCalls)[]),
] as const;

async function measure({ quick, pageUrl, isWanted }: MeasureOptions): Promise<Measured> {
  const rounds = quick ? 2 : 7;
  const letters = quick ? 2_000 : 10_000;
  const singles = quick ? 40 : 200;
  const newPeers = quick ? 5 : 20;
  const browser = await launchWith([vaultFolder]);
  const measured: Measured['rounds'] = {};
  const notes: string[] = [];
  try {
    const safeId = await onOnboardingPage(browser.chromium, (page) => enrol(page, 0));
    const page = await openMessagePage(browser, pageUrl);
    const account = await grantMessages(browser.chromium, page, safeId);
    const both = [vault, inPage];
    await tell(page, 'openVault', vault, account);
    await tell(page, 'openInPage', inPage);
    await tell(page, 'makePeers', 10);
    await tell(page, 'converse', both, 100, 10, letters);

    if (isWanted('read-10k')) {
      const echo: number[] = [];
      measured['read-10k'] = await inTurns(rounds, {
        subject: () => tell(page, 'readV2', vault),
        reference: () => tell(page, 'readV2', inPage),
        besides: async (counts) => {
          const ms = await tell(page, 'echoOfReadV2', vault, 500, 2);
          if (counts) echo.push(ms);
        },
      });
      notes.push(
        `reading, ${rounds} rounds of ${letters} messages: medians in ms`,
        `  echo of the same requests ${median(echo).toFixed(1)}`,
      );
    }
    if (isWanted('read-10k-stall')) {
      // Apart from the times: a page that keeps looking at its clock is a busy page.
      measured['read-10k-stall'] = await inTurns(rounds, {
        subject: () => tell(page, 'stallOfReadV2', vault),
        reference: () => tell(page, 'stallOfReadV2', inPage),
      });
    }
    if (isWanted('read-v1-known-peer')) {
      await tell(page, 'writeV1', both, 0, 1, quick ? 50 : 500);
      measured['read-v1-known-peer'] = await inTurns(rounds, {
        subject: () => tell(page, 'readV1', vault),
        reference: () => tell(page, 'readV1', inPage),
      });
    }
    if (isWanted('read-v1-new-peer')) {
      await tell(page, 'makePeers', warmingPeers - 10 + newPeers);
      const oneByOne = async (name: string, firstPeer: number, count: number) => {
        await tell(page, 'writeV1', [name], firstPeer, count, 1);
        return median(await tell(page, 'readV1OneByOne', name));
      };
      measured['read-v1-new-peer'] = await inTurns(rounds, {
        subject: async () => {
          await stopWorker(browser.session, vaultWorker);
          // Code and tables are warm again, the peers that count are not known.
          await oneByOne(vault, 0, warmingPeers);
          return oneByOne(vault, warmingPeers, newPeers);
        },
        reference: () => oneByOne(inPage, warmingPeers, newPeers),
      });
    }
    await tell(page, 'prepareSingleCalls', vault);
    for (const [name, call] of Object.entries(singleCalls) as [keyof typeof singleCalls, SingleCall][]) {
      if (!isWanted(name)) continue;
      measured[name] = await inTurns(rounds, {
        subject: async () => median(await tell(page, 'callSingly', call, false, singles)),
        reference: async () => median(await tell(page, 'callSingly', call, true, singles)),
      });
    }
    return { rounds: measured as Record<FigureName, Rounds>, notes: notes.length > 0 ? notes : ['messages'] };
  } finally {
    await browser.close();
  }
}

export const messages: Group = { names, measure };
