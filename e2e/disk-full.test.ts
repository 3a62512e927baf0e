// The disk runs full at each write of an enrolment, a rotation and an import, in Chromium with its profile on a small disk (R-H3).
// Promises: the steps come from recorded runs; at each of them the disk is really full. What fails says so with one reason, what was
// there before is there and opens, that which is stored only once too, and once there is space the same act succeeds.
// Takes root, to mount the disk; says so when it cannot.
import { afterAll, describe, expect, test } from 'vitest';
import { testAccounts } from '../demo/wallet/accounts';
import type { RotationState } from '../src/contract/pages/rotation';
import type { ActivityEntry } from '../src/contract/pages/identity';
import { sealFile } from '../src/vault/backup/file';
import { note, sizeOf, someOf } from '../scripts/campaign/size';
import { openWithAge } from './kit/age-tool';
import { goOn, labelsOf, stopAt, stopped } from './kit/checkpoints';
import { launchChromium } from './kit/chromium';
import { detailsOf, enrolBy, exportBackup, goodPassphrase, personOf, rotate } from './kit/flows';
import { internalClient, Refusal, stateThrough, unlockThrough } from './kit/internal';
import { makeSmallDisk } from './kit/small-disk';

const disk = makeSmallDisk(160);
let browser = await launchChromium({ profile: disk.folder });
const [onboarding, vault] = [await internalClient(browser, 'onboarding'), await internalClient(browser, 'vault')];
/** Asks while the others wait. */
let looker = await internalClient(browser, 'vault');
let unlock = await internalClient(browser, 'unlock');
const [ada, bea] = [personOf(testAccounts()[0]!), personOf(testAccounts()[1]!)];
afterAll(async () => {
  disk.free();
  await browser.close();
  disk.remove();
});

/** An identity that is there all the time and must never be harmed. */
const { safeId } = await enrolBy(onboarding, ada);
const exported = await exportBackup(vault, ada, safeId, { kind: 'passphrase', passphrase: goodPassphrase });
const plain = new Uint8Array(await openWithAge(exported.file, goodPassphrase));
await looker.call('identity_forget', { safeId, typed: ada.account.address });
const light = await sealFile(plain, goodPassphrase, (length) => crypto.getRandomValues(new Uint8Array(length)), 4);
const importPlan = {
  source: 'backup',
  file: light,
  secret: { kind: 'passphrase', passphrase: goodPassphrase },
} as const;

interface Flow {
  /** One run of the act that must succeed with space. */
  run(): Promise<unknown>;
  /** Puts things back, so that the next cycle can begin. */
  clear(): Promise<void>;
}
const forget = async (address: string) => {
  for (const one of (await stateThrough(looker)).identities)
    if (one.account === address) await looker.call('identity_forget', { safeId: one.safeId, typed: address });
};
const kept = await enrolBy(onboarding, bea, { name: 'Bea' });
const flows: Record<string, Flow> = {
  enrolment: { run: () => enrolBy(onboarding, ada), clear: () => forget(ada.account.address) },
  import: { run: () => enrolBy(onboarding, ada, importPlan), clear: () => forget(ada.account.address) },
  rotation: { run: () => rotate(vault, kept.safeId), clear: async () => undefined },
};

const labels: Record<string, string[]> = {};
for (const [name, flow] of Object.entries(flows)) {
  // Reading back writes nothing.
  labels[name] = (await labelsOf(browser, flow.run)).filter(
    (label) => label.endsWith(':before') && !label.includes('-back:'),
  );
  await flow.clear();
}
const outcomes: string[] = [];

async function outcomeOf(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => 'answered',
    (error: unknown) => (error instanceof Refusal ? error.reason : String(error)),
  );
}

/** What lies in IndexedDB alone: the log of acts and the settings. */
const newestAct = async () =>
  (await looker.call<ActivityEntry[]>('activity_list', { safeId: kept.safeId, limit: 1 }))[0]!.sequence;
await looker.call('settings_set', { autoLockMinutes: 60 });

/** Every finished identity opens with its wallet and has exactly one current prekey. */
async function expectUnharmed(): Promise<void> {
  const { status, identities, settings: now } = await stateThrough(looker);
  expect(status).not.toBe('damaged');
  expect(now.autoLockMinutes).toBe(60);
  const finished = identities.filter((one) => one.status !== 'enrolling');
  expect(finished.map((one) => one.safeId)).toContain(kept.safeId);
  for (const one of finished) {
    expect(one.status).not.toBe('damaged');
    if (one.status === 'locked') await unlockThrough(unlock, one.safeId);
    expect((await detailsOf(looker, one.safeId)).prekeys.filter(({ current }) => current)).toHaveLength(1);
  }
}

describe.each(Object.keys(flows))('R-H3 a full disk during %s', (name) => {
  const flow = flows[name]!;
  const writes = someOf('disk-full', 'step', labels[name]!);
  test.each(Array.from({ length: sizeOf('disk-full', 'rounds') }, () => writes).flat())('%s', async (label) => {
    await flow.clear();
    const known = (await detailsOf(looker, kept.safeId)).prekeys.map(({ publicKeyHex }) => publicKeyHex);
    const act = await newestAct();
    await stopAt(browser, label);
    const run = outcomeOf(flow.run());
    expect(await stopped(browser, run)).toBe(true);
    disk.fill();
    await goOn(browser, label);
    const outcome = await run;
    // While it is full, what cannot be read is called unreadable, never missing.
    const full = await stateThrough(looker);
    disk.free();
    outcomes.push(outcome);
    // A last write may still fit into a block that the stores had.
    expect(['storage-failed', 'answered']).toContain(outcome);
    expect(full.status).not.toBe('empty');
    await expectUnharmed();
    expect(await newestAct()).toBeGreaterThanOrEqual(act);
    if (name === 'rotation') {
      const { pending } = await looker.call<RotationState>('rotation_get', { safeId: kept.safeId });
      const prekeys = (await detailsOf(looker, kept.safeId)).prekeys.map(({ publicKeyHex }) => publicKeyHex);
      expect(prekeys.slice(-known.length)).toEqual(known);
      if (outcome !== 'answered' || pending) await flow.run();
    } else if (outcome !== 'answered') await flow.run();
    await expectUnharmed();
  });
});

test('R-H3 after all of this the browser starts again on the same profile, and everything is there', async () => {
  const [act, { prekeys }] = [await newestAct(), await detailsOf(looker, kept.safeId)];
  await browser.close();
  browser = await launchChromium({ profile: disk.folder });
  looker = await internalClient(browser, 'vault');
  unlock = await internalClient(browser, 'unlock');
  await expectUnharmed();
  expect((await detailsOf(looker, kept.safeId)).prekeys).toEqual(prekeys);
  expect(await newestAct()).toBeGreaterThanOrEqual(act);
});

test('as often as there are writes, and most of the time one was really refused', () => {
  note('disk-full', 'rounds', outcomes.length);
  // Fifty in a round that takes every write, and a part of them in a shorter one: labels that went missing would try nothing.
  const everyWrite = 50 * sizeOf('disk-full', 'rounds');
  expect(outcomes.length).toBeGreaterThanOrEqual(everyWrite / sizeOf('disk-full', 'step'));
  expect(outcomes.filter((one) => one === 'storage-failed').length).toBeGreaterThan(outcomes.length / 2);
});
