// What follows a lock and an unlock, over a real vault.
import { expect, test } from 'vitest';
import { enrolledBrowser, unlockWithWallet } from '../../vault/testkit/vault.testkit';
import { createUnlockWatch } from './unlock-watch';

async function watched() {
  const browser = await enrolledBrowser();
  const acts: string[] = [];
  const watch = createUnlockWatch({
    vault: browser.vault,
    queues: { stop: (safeId) => void acts.push(`stop ${safeId}`) },
    windows: { closeApproval: async () => void acts.push('close') },
    router: { unlocked: async () => void acts.push('routed again') },
    prompts: { present: async () => void acts.push('present') },
    onUnlocked: (safeId) => void acts.push(`unlocked ${safeId}`),
  });
  const since = async () => {
    await watch.stateChanged();
    return acts.splice(0);
  };
  return { ...browser, watch, since };
}

test('R-C10 the approval window closes at a lock, and what is under way for the identity ends', async () => {
  const { vault, safeId, watch, since } = await watched();
  expect([...(await watch.takeUp())]).toEqual([safeId]);
  await vault.lock();
  expect(await since()).toEqual([`stop ${safeId}`, 'close']);
  expect(await since()).toEqual([]);
});

test('what waited for an unlock comes up, and work for the identity begins, once', async () => {
  const { vault, safeId, wallet, since } = await watched();
  expect(await since()).toEqual(['routed again', 'present', `unlocked ${safeId}`]);
  expect(await since()).toEqual([]);
  await vault.lock();
  await since();
  await unlockWithWallet(vault, safeId, wallet);
  expect(await since()).toEqual(['routed again', 'present', `unlocked ${safeId}`]);
});

test('R-C10 a look that began before a lock and ends after it brings no window up again', async () => {
  const { vault, safeId } = await enrolledBrowser();
  const acts: string[] = [];
  const held: (() => void)[] = [];
  let isSlow = false;
  const watch = createUnlockWatch({
    vault: {
      async state() {
        const state = await vault.state();
        if (isSlow) await new Promise<void>((resolve) => void held.push(resolve));
        return state;
      },
    },
    queues: { stop: () => void acts.push('stop') },
    windows: { closeApproval: async () => void acts.push('close') },
    router: { unlocked: async () => void acts.push('routed again') },
    prompts: { present: async () => void acts.push('present') },
    onUnlocked: () => void acts.push('unlocked'),
  });
  expect([...(await watch.takeUp())]).toEqual([safeId]);
  isSlow = true;
  const early = watch.stateChanged();
  await expect.poll(() => held.length).toBe(1);
  isSlow = false;
  await vault.lock();
  await watch.stateChanged();
  expect(acts.splice(0)).toEqual(['stop', 'close']);
  held[0]!();
  await early;
  expect(acts).toEqual([]);
});
