// The worker dies, or the disk fails, at every step of a change of slots (P3, R-H1, R-H3, R-H6).
// Promises: the steps are collected from a full run; what is found after it is the old safe or the new one, whole, whichever secret asks first.
import { describe, expect, it, vi } from 'vitest';
import { sizeOf } from '../../../scripts/campaign/size';
import type { SlotSecret } from '../../contract/schemas';
import { deathsAt } from '../testkit/deaths.testkit';
import { createFaultyDisk } from '../testkit/faulty-disk.testkit';
import { byCode, byPasskey, byPassphrase, byWallet, passkeyOf, passphrase, replacing } from '../testkit/slots.testkit';
import type { PageMemory, TestBrowser } from '../testkit/vault.testkit';
import {
  createTestBrowser,
  createTestWallet,
  drawnSecrets,
  enrol,
  everythingStored,
  freezeAt,
  holdsSecret,
  inStore,
  signRequest,
  unlockWithWallet,
} from '../testkit/vault.testkit';
import type { Vault } from '../vault';
import type { RecoveryCode } from '../../contract/pages/unlock';

vi.mock('@noble/hashes/scrypt.js', () => import('../../protocol/testkit/cheap-scrypt.testkit'));

const wallet = createTestWallet();

/** What the vault page holds while it is open: it comes back with the same code after a dead worker. */
interface Page {
  safeId: string;
  oldCode: string;
  fresh: RecoveryCode;
  kept: SlotSecret[];
}

interface Flow {
  name: string;
  /** Hashes passphrases, half a second each: its steps are tried once each, where the other flow is tried every way. */
  isSlow: boolean;
  prepare(vault: Vault, page: Omit<Page, 'fresh' | 'kept'>): Promise<unknown>;
  run(vault: Vault, page: Page): Promise<unknown>;
  /** Opens the safe after the flow, and not before it. */
  fresh(page: Page): SlotSecret | undefined;
  /** Opens it before, and not after. */
  gone(page: Page): SlotSecret | undefined;
}

const flows: Flow[] = [
  {
    name: 'replacing the code',
    isSlow: false,
    prepare: async () => undefined,
    run: (vault, { safeId, fresh, kept }) => vault.slots.replaceCode(replacing(safeId, fresh, kept)),
    fresh: ({ fresh }) => byCode(fresh.code),
    gone: ({ oldCode }) => byCode(oldCode),
  },
  {
    name: 'removing the passphrase',
    isSlow: true,
    prepare: (vault, { safeId, oldCode }) => vault.slots.addPassphrase({ safeId, proof: byCode(oldCode), passphrase }),
    async run(vault, { safeId, oldCode, kept }) {
      const slot = (await vault.identity.details({ safeId })).slots.find(({ type }) => type === 'passphrase');
      await vault.slots.remove({ safeId, slotId: slot?.slotId ?? '00'.repeat(16), kept: [...kept, byCode(oldCode)] });
    },
    fresh: () => undefined,
    gone: () => byPassphrase(),
  },
  {
    name: 'adding a passphrase',
    isSlow: true,
    prepare: async () => undefined,
    run: (vault, { safeId, oldCode }) => vault.slots.addPassphrase({ safeId, proof: byCode(oldCode), passphrase }),
    fresh: () => byPassphrase(),
    gone: () => undefined,
  },
  {
    name: 'removing the passkey',
    isSlow: true,
    prepare: (vault, { safeId, oldCode }) => vault.slots.addPasskey({ safeId, proof: byCode(oldCode), ...passkeyOf() }),
    async run(vault, { safeId, oldCode, kept }) {
      const slot = (await vault.identity.details({ safeId })).slots.find(({ type }) => type === 'passkey');
      await vault.slots.remove({ safeId, slotId: slot?.slotId ?? '00'.repeat(16), kept: [...kept, byCode(oldCode)] });
    },
    fresh: () => undefined,
    gone: () => byPasskey(),
  },
];

async function prepared(flow: Flow): Promise<{ browser: TestBrowser; page: Page }> {
  const browser = createTestBrowser();
  const vault = browser.startWorker();
  const memory: PageMemory = {};
  const { safeId } = await enrol(vault, wallet, memory);
  const begun = { safeId, oldCode: memory.code ?? '' };
  await flow.prepare(vault, begun);
  const page = {
    ...begun,
    fresh: await vault.slots.newCode({ safeId }),
    kept: [await byWallet(vault, safeId, wallet)],
  };
  return { browser, page };
}

async function labelsOf(flow: Flow): Promise<string[]> {
  const { browser, page } = await prepared(flow);
  const vault = browser.startWorker();
  await vault.ready();
  browser.labels.length = 0;
  await flow.run(vault, page);
  // The log of the act is not part of it: activity.test.ts kills that.
  return [...new Set(browser.labels)].filter((label) => label.startsWith('slots.'));
}

const everyDeath = [
  'worker',
  'browser',
  'browser, and the secret that goes asks first',
  'browser, and the secret that comes asks first',
];
/** For loops over every write: as long as they take on a busy machine. */
const patienceMs = 240_000;

const opens = (vault: Vault, safeId: string, secret: SlotSecret | undefined): Promise<boolean | undefined> =>
  secret
    ? vault.slots.prove({ safeId, proof: secret }).then(
        () => true,
        () => false,
      )
    : Promise.resolve(undefined);

async function unlock(vault: Vault, safeId: string, secret: SlotSecret): Promise<boolean> {
  const done =
    secret.kind === 'wallet'
      ? vault.unlock.withWallet({ safeId, signature: secret.signature })
      : secret.kind === 'passphrase'
        ? vault.unlock.withPassphrase({ safeId, passphrase: secret.passphrase })
        : secret.kind === 'passkey'
          ? vault.unlock.withPasskey({ safeId, prfSecret: secret.prfSecret })
          : vault.unlock.withRecoveryCode({ safeId, code: secret.code });
  return done.then(
    () => true,
    () => false,
  );
}

/** The safe is wholly before the flow or wholly after it, works, and has nothing readable in it. Returns which. */
async function expectWhole(flow: Flow, browser: TestBrowser, vault: Vault, page: Page): Promise<'before' | 'after'> {
  const { safeId } = page;
  const { identities } = await vault.state();
  expect(identities).toMatchObject([{ safeId, account: wallet.account, name: 'Ada' }]);
  if (identities[0]?.status === 'locked') await unlockWithWallet(vault, safeId, wallet);
  await expect(vault.keys.sign(safeId, signRequest)).resolves.toBeDefined();
  const [fresh, gone] = [await opens(vault, safeId, flow.fresh(page)), await opens(vault, safeId, flow.gone(page))];
  const isAfter = fresh ?? gone === false;
  expect([fresh, gone]).toEqual([flow.fresh(page) ? isAfter : undefined, flow.gone(page) ? !isAfter : undefined]);
  const stored = await everythingStored(browser, { session: true });
  for (const secret of drawnSecrets(browser, stored)) expect(holdsSecret(stored, secret)).toBe(false);
  expect((await vault.activity.list(safeId, { limit: 20 })).every(({ method }) => method !== 'damaged')).toBe(true);
  return isAfter ? 'after' : 'before';
}

async function expectDone(flow: Flow, browser: TestBrowser, vault: Vault, page: Page): Promise<void> {
  await flow.run(vault, page);
  expect(await expectWhole(flow, browser, vault, page)).toBe('after');
}

for (const flow of flows) {
  const labels = await labelsOf(flow);
  describe.each(deathsAt(labels, flow.isSlow ? ['browser'] : everyDeath, sizeOf('kills-in-memory', 'step')))(
    `P3 ${flow.name}, killed at %s`,
    (label, ways) => {
      it.each(ways)('is before or after it, and can be done, after a restart of the %s', async (dies) => {
        const { browser, page } = await prepared(flow);
        const { checkpoint, reached } = freezeAt(label);
        expect(await Promise.race([reached, flow.run(browser.startWorker({ checkpoint }), page)])).toBe('frozen');
        const vault = dies === 'worker' ? browser.startWorker() : await browser.restart();
        const first = dies.includes('goes') ? flow.gone(page) : dies.includes('comes') ? flow.fresh(page) : undefined;
        const isOpen = first && (await unlock(vault, page.safeId, first));
        const found = await expectWhole(flow, browser, vault, page);
        // Who was let in decides what the safe is from then on.
        if (isOpen) expect(found).toBe(dies.includes('goes') ? 'before' : 'after');
        await expectDone(flow, browser, vault, page);
        if (!flow.isSlow) expect(await expectWhole(flow, browser, await browser.restart(), page)).toBe('after');
      });
    },
  );

  it(`P3 ${flow.name} has steps to be killed at`, () => {
    expect(labels.length).toBeGreaterThan(8);
  });

  describe(`R-H3 ${flow.name} on a disk that fails`, () => {
    async function failsAt(fails: (write: number) => boolean) {
      const { browser, page } = await prepared(flow);
      const { disk, over } = createFaultyDisk();
      const vault = browser.startWorker(over(browser));
      await vault.ready();
      disk.writes = 0;
      disk.fails = fails;
      const reason = await flow.run(vault, page).then(
        () => undefined,
        (thrown: { reason: string }) => thrown.reason,
      );
      disk.fails = () => false;
      return { browser, page, vault, reason, writes: disk.writes };
    }

    it(
      'keeps the old state when any one write fails, and can be done then',
      async () => {
        let failures = 0;
        for (let n = 1; ; n++) {
          const { browser, page, vault, reason, writes } = await failsAt((write) => write === n);
          if (writes < n) break;
          if (reason === 'storage-failed') {
            failures++;
            expect([n, await expectWhole(flow, browser, vault, page)]).toEqual([n, 'before']);
          } else {
            // Done, with a log that could not be written, or a session that could not follow.
            expect([undefined, 'locked']).toContain(reason);
            expect([n, await expectWhole(flow, browser, vault, page)]).toEqual([n, 'after']);
          }
          if (flow.isSlow) continue;
          await expectDone(flow, browser, vault, page);
          expect(await expectWhole(flow, browser, browser.startWorker(), page)).toBe('after');
        }
        expect(failures).toBeGreaterThan(2);
      },
      patienceMs,
    );

    if (flow.isSlow) return;
    it(
      'is before or after it when every write from the n-th on fails',
      async () => {
        for (let n = 1; ; n++) {
          const { browser, page, reason, writes } = await failsAt((write) => write >= n);
          if (writes < n) break;
          const found = await expectWhole(flow, browser, browser.startWorker(), page);
          if (reason === undefined) expect([n, found]).toEqual([n, 'after']);
        }
      },
      patienceMs,
    );
  });
}

it('P3 a code that only a half-written copy knows is not taken for one that is in place', async () => {
  const [flow] = flows as [Flow, ...Flow[]];
  const { browser, page } = await prepared(flow);
  const stores = ['headers', 'records', 'sessionKeys', 'activity'];
  const name = browser.host.databaseName;
  const before = await Promise.all(stores.map((store) => inStore(name, store, (rows) => rows.getAll())));
  const session = [...browser.sessionItems];
  await flow.run(browser.startWorker(), page);
  // As version 0.1.0, which wrote the mirror first, left it when it died there: the mirror is new, everything else is old.
  for (const [index, store] of stores.entries()) {
    await inStore(name, store, (rows) => rows.clear());
    for (const row of before[index] ?? []) await inStore(name, store, (rows) => rows.put(row));
  }
  for (const [key, value] of session) browser.sessionItems.set(key, value);
  const { disk, over } = createFaultyDisk();
  disk.fails = () => true;
  const vault = browser.startWorker(over(browser));
  // The session decides for the old copy, but cannot write it over the other one yet.
  await vault.ready();
  disk.fails = () => false;
  await flow.run(vault, page);
  await vault.identity.rename({ safeId: page.safeId, name: 'Ada' });
  expect(await expectWhole(flow, browser, vault, page)).toBe('after');
});
