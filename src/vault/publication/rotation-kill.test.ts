// The worker dies at every step of a rotation, and of one that is taken back (P3).
// Promises: the labels are collected from a full run; one identity goes through all of it, so that what a kill leaves behind would show.
import { describe, expect, it } from 'vitest';
import { sizeOf } from '../../../scripts/campaign/size';
import { decodeContactBundle } from '../../protocol/keys/contact-bundle';
import { bytesToHex } from '../../protocol/base/bytes';
import { deathsAt } from '../testkit/deaths.testkit';
import {
  drawnSecrets,
  enrolledBrowser,
  everythingStored,
  freezeAt,
  holdsSecret,
  signRequest,
  unlockWithWallet,
} from '../testkit/vault.testkit';
import type { Vault } from '../vault';

type Browser = Awaited<ReturnType<typeof enrolledBrowser>>;

/** What the network would have: everything that was handed out to be sent. */
interface Sent {
  copies: Uint8Array[];
  contacts: string[];
}

/** The steps as the post does them, from wherever a rotation stands. */
async function goOn(vault: Vault, safeId: string, sent: Sent): Promise<void> {
  const stage = await vault.rotation.begin(safeId);
  if (stage === 'sealed') {
    const envelope = await vault.publication.resealCopy(safeId);
    if (!envelope) throw new Error('no copy');
    sent.copies.push(envelope);
    expect(await vault.publication.opensCopy(safeId, envelope)).toBe('same');
    await vault.rotation.mark(safeId, 'copied');
  }
  if (stage !== 'announced') {
    const { v2 } = await vault.publication.contactMessages(safeId);
    sent.contacts.push(bytesToHex(decodeContactBundle(v2).bundle.preKey.publicKey));
    await vault.rotation.mark(safeId, 'announced');
  }
  await vault.rotation.complete(safeId);
}

async function takeBack(vault: Vault, safeId: string): Promise<void> {
  await vault.rotation.begin(safeId);
  await vault.rotation.cancel(safeId);
}

async function withCopy(): Promise<Browser> {
  const browser = await enrolledBrowser();
  const { vault, safeId, wallet } = browser;
  await vault.publication.sealCopy({ safeId, signature: wallet.sign(await vault.publication.copyText(safeId)) });
  await vault.publication.copyPublished(safeId);
  return browser;
}

async function labelsOf(run: (vault: Vault, safeId: string) => Promise<unknown>): Promise<string[]> {
  const browser = await withCopy();
  browser.labels.length = 0;
  await run(browser.startWorker(), browser.safeId);
  return [...new Set(browser.labels)].filter((label) => !label.startsWith('prekeys.'));
}

async function viewsOf(vault: Vault, safeId: string): Promise<{ all: string[]; current: string }> {
  const { prekeys: preKeys } = await vault.identity.details({ safeId });
  const current = preKeys.filter((preKey) => preKey.current).map(({ publicKeyHex }) => publicKeyHex);
  expect(current).toHaveLength(1);
  return { all: preKeys.map(({ publicKeyHex }) => publicKeyHex), current: current[0] ?? '' };
}

async function nextWorker(browser: Browser, dies: 'worker' | 'browser'): Promise<Vault> {
  if (dies === 'worker') return browser.startWorker();
  const vault = await browser.restart();
  await unlockWithWallet(vault, browser.safeId, browser.wallet);
  return vault;
}

describe.each(['worker', 'browser'] as const)('P3 a rotation, when the %s dies at each of its steps', (dies) => {
  it('is whole, goes on to its end, and keeps what was sent', async () => {
    const labels = await labelsOf((vault, safeId) => goOn(vault, safeId, { copies: [], contacts: [] }));
    expect(labels.length).toBeGreaterThan(40);
    const browser = await withCopy();
    const { safeId } = browser;
    for (const [label, ways] of deathsAt(labels, ['worker', 'browser'], sizeOf('kills-in-memory', 'step'))) {
      if (!ways.includes(dies)) continue;
      const before = await viewsOf(browser.startWorker(), safeId);
      const { checkpoint, reached } = freezeAt(label);
      const sent: Sent = { copies: [], contacts: [] };
      const dying = browser.startWorker({ checkpoint });
      expect(await Promise.race([reached, goOn(dying, safeId, sent).then(() => label)])).toBe('frozen');
      const vault = await nextWorker(browser, dies);
      expect([label, (await vault.state()).status]).toEqual([label, 'unlocked']);
      const found = await viewsOf(vault, safeId);
      const { pending } = await vault.rotation.state(safeId);
      const added = found.all.filter((one) => !before.all.includes(one));
      expect([label, before.all.every((one) => found.all.includes(one))]).toEqual([label, true]);
      const isComplete = found.current !== before.current;
      // Nothing, or a pending prekey, or a current one: never half of it.
      expect([label, added.length]).toEqual([label, pending || isComplete ? 1 : 0]);
      expect([label, isComplete && pending !== null]).toEqual([label, false]);
      if (isComplete) expect(added).toEqual([found.current]);
      const wasSent = sent.copies.length > 0;
      if (wasSent) expect([label, pending?.canCancel ?? false]).toEqual([label, false]);
      if (pending && !pending.canCancel)
        await expect(vault.rotation.cancel(safeId)).rejects.toMatchObject({ reason: 'wrong-step' });
      if (!isComplete) await goOn(vault, safeId, sent);
      const after = await viewsOf(vault, safeId);
      expect([label, after.all.length]).toEqual([label, before.all.length + 1]);
      expect([label, after.current]).toEqual([label, after.all[0]]);
      // Whatever was announced, once or again, was this one prekey; the last copy holds everything.
      expect([label, new Set(sent.contacts)]).toEqual([label, new Set([after.current])]);
      expect(await vault.publication.opensCopy(safeId, sent.copies.at(-1) ?? new Uint8Array())).toBe('same');
      await vault.keys.sign(safeId, signRequest);
    }
    const stored = await everythingStored(browser, { session: true });
    for (const secret of drawnSecrets(browser, stored)) expect(holdsSecret(stored, secret)).toBe(false);
  });
});

describe('P3 a rotation that is taken back, when the worker dies at each of its steps', () => {
  it('is pending or gone, never half, and the prekeys of before are all there', async () => {
    const labels = await labelsOf(takeBack);
    expect(labels.length).toBeGreaterThan(15);
    const browser = await withCopy();
    const { safeId } = browser;
    const before = await viewsOf(browser.vault, safeId);
    for (const label of labels) {
      const { checkpoint, reached } = freezeAt(label);
      expect(
        await Promise.race([reached, takeBack(browser.startWorker({ checkpoint }), safeId).then(() => label)]),
      ).toBe('frozen');
      const vault = browser.startWorker();
      const found = await viewsOf(vault, safeId);
      const { pending } = await vault.rotation.state(safeId);
      expect([label, found.current]).toEqual([label, before.current]);
      expect([label, found.all.length]).toEqual([label, before.all.length + (pending ? 1 : 0)]);
      if (pending) await vault.rotation.cancel(safeId);
      expect(await viewsOf(vault, safeId)).toEqual(before);
    }
  });
});
