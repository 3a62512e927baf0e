// The five things that must be true after every case of a campaign in the browser: nothing lost, leaked, unapproved, stuck or new.
// Promises: asks the worker through the ports of our own pages, and looks at what the page and every console were told. What lies on the disk and in
// memory is looked at by canary.test.ts. Must not: press anything.
import { expect } from 'vitest';
import { testAccounts } from '../../demo/wallet/accounts';
import { hangsAfterMs } from '../../scripts/limits.mjs';
import type { IdentityDetails } from '../../src/contract/pages/identity';
import { canonicalSignatureSecret, readWalletSignature } from '../../src/protocol/base/ethereum';
import { readRecoveryCode } from '../../src/vault/unlock/recovery-code';
import { findSecrets, formsOf } from './canary';
import type { Chromium } from './chromium';
import { internalClient, signatureOf, stateThrough, unlockThrough, type Internal } from './internal';

/** The window, and the page that speaks for it. */
const mostWindows = 2;

export interface Watched {
  browser: Chromium;
  vault: Internal;
  unlock: Internal;
  safeId: string;
  code: string;
  account: string;
}

export interface BrowserOracles {
  /** It opens by its code and by its wallet, with the keys that it had, and those that were made since. Leaves it unlocked. */
  nothingLost(): Promise<void>;
  /** Neither the code nor the unlock signature is in what was said: answers to a page, and all consoles. */
  nothingLeaked(said: readonly unknown[]): void;
  /** No more results than were given: by a person, or by a grant that answers without asking. */
  nothingUnapproved(counts: { results: number; given: number }): void;
  /** The work comes to an end, and one window of requests is open at most. */
  nothingStuck(what: string, work: Promise<unknown>): Promise<void>;
  nothingNew(): Promise<void>;
  /** What can be asked where nothing is under way: none of it is lost, leaked, stuck or new. */
  atRest(said?: readonly unknown[]): Promise<void>;
}

/** Of the wallet's first account, through pages that are opened for it. */
export async function watchEnrolled(
  browser: Chromium,
  made: { safeId: string; code: string },
): Promise<BrowserOracles> {
  const [vault, unlock] = [await internalClient(browser, 'vault'), await internalClient(browser, 'unlock')];
  return await watch({ browser, vault, unlock, ...made, account: testAccounts()[0]!.address });
}

export async function watch({ browser, vault, unlock, safeId, code, account }: Watched): Promise<BrowserOracles> {
  const { text } = await unlock.call<{ text: string }>('unlock_getText', { safeId });
  const signature = canonicalSignatureSecret(readWalletSignature(signatureOf(account, text)));
  const forms = formsOf([
    { name: 'unlock signature', bytes: signature },
    { name: 'recovery code', bytes: readRecoveryCode(code)!, texts: [code] },
  ]);
  const details = () => vault.call<IdentityDetails>('identity_details', { safeId });
  const keysOf = (one: IdentityDetails) => one.prekeys.map(({ publicKeyHex }) => publicKeyHex).toSorted();
  let had: string[] = keysOf(await details());
  let heard = 0;
  const oracles: BrowserOracles = {
    async nothingLost() {
      await vault.call('lock_now', {});
      await unlock.call('unlock_withRecoveryCode', { safeId, code });
      await vault.call('lock_now', {});
      await unlockThrough(unlock, safeId);
      const now = keysOf(await details());
      expect(now).toEqual(expect.arrayContaining(had));
      had = now;
    },
    nothingLeaked(said) {
      const lines = browser.console.slice(heard).map((line): [string, string] => [line.source, line.text]);
      heard = browser.console.length;
      expect(findSecrets(forms, [...lines, ['a page', JSON.stringify(said)]])).toEqual([]);
      expect(lines.filter(([source, line]) => source.includes('chrome-extension') && /uncaught/i.test(line))).toEqual(
        [],
      );
    },
    nothingUnapproved({ results, given }) {
      expect(results).toBeLessThanOrEqual(given);
    },
    async nothingStuck(what, work) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error(`${what} never ended`)), hangsAfterMs / 4);
      });
      await Promise.race([work, late]).finally(() => clearTimeout(timer));
      expect(browser.pagesWith('/approval/').length).toBeLessThanOrEqual(mostWindows);
    },
    async nothingNew() {
      expect((await stateThrough(vault)).identities.map((one) => one.safeId)).toEqual([safeId]);
    },
    async atRest(said = []) {
      await oracles.nothingStuck('to open it', oracles.nothingLost());
      await oracles.nothingNew();
      oracles.nothingLeaked(said);
    },
  };
  return oracles;
}
