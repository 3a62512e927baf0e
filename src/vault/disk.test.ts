// Stores that fail: at the n-th write for every n, from the n-th on, or that cannot be opened at all (R-H1, R-H3, R-H4).
// Promises: the error is named by its outcome, and what was there before is there after.
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFaultyDisk } from './testkit/faulty-disk.testkit';
import type { TestBrowser } from './testkit/vault.testkit';
import {
  createTestBrowser,
  createTestWallet,
  enrol,
  inStore,
  signRequest,
  unlockWithWallet,
} from './testkit/vault.testkit';
import { base64ToBytes, bytesToHex } from '../protocol/base/bytes';
import { createReader } from './store/encoding';
import type { KeyValueArea, VaultHost } from './store/host';
import type { Vault } from './vault';

const wallet = createTestWallet();

interface Flow {
  name: string;
  prepare(browser: TestBrowser): Promise<string>;
  run(vault: Vault, safeId: string): Promise<unknown>;
  /** What of the state the flow changes. */
  look(vault: Vault): Promise<unknown>;
}

const flows: Flow[] = [
  {
    name: 'rename',
    prepare: async (browser) => (await enrol(browser.startWorker(), wallet)).safeId,
    run: (vault, safeId) => vault.identity.rename({ safeId, name: 'Bea' }),
    look: async (vault) => (await vault.state()).identities.map((one) => one.name),
  },
  {
    name: 'unlock',
    async prepare(browser) {
      const vault = browser.startWorker();
      const { safeId } = await enrol(vault, wallet);
      await vault.lock();
      return safeId;
    },
    run: (vault, safeId) => unlockWithWallet(vault, safeId, wallet),
    look: async (vault) => (await vault.state()).identities.map((one) => one.status),
  },
  {
    name: 'forget',
    prepare: async (browser) => (await enrol(browser.startWorker(), wallet)).safeId,
    run: (vault, safeId) => vault.identity.forget({ safeId, typed: wallet.account }),
    look: async (vault) => (await vault.state()).identities.map((one) => one.account),
  },
  {
    name: 'begin',
    prepare: async () => '',
    run: (vault) => vault.enrolment.begin({ account: wallet.account, wallet: { kind: 'manual' }, name: '' }),
    look: async (vault) => (await vault.state()).status,
  },
];

async function failsAt(flow: Flow, fails: (write: number) => boolean) {
  const browser = createTestBrowser();
  const { disk, over } = createFaultyDisk();
  const safeId = await flow.prepare(browser);
  const vault = browser.startWorker(over(browser));
  const before = await flow.look(vault);
  disk.writes = 0;
  disk.fails = fails;
  const error = await flow.run(vault, safeId).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  disk.fails = () => false;
  return { browser, vault, safeId, before, error, writes: disk.writes };
}

describe.each(flows)('R-H3 $name', (flow) => {
  it('keeps the old state when any one write fails, and says storage-failed', async () => {
    let failures = 0;
    for (let n = 1; ; n++) {
      const { browser, vault, safeId, before, error, writes } = await failsAt(flow, (write) => write === n);
      if (writes < n) break;
      if (error !== undefined) {
        failures++;
        expect(error).toMatchObject({ reason: 'storage-failed' });
        expect([n, await flow.look(vault)]).toEqual([n, before]);
        expect([n, await flow.look(browser.startWorker())]).toEqual([n, before]);
        await flow.run(vault, safeId);
      }
      expect([n, await flow.look(vault)]).not.toEqual([n, before]);
      expect([n, await flow.look(browser.startWorker())]).not.toEqual([n, before]);
    }
    expect(failures).toBeGreaterThan(1);
  });

  it('is in the old state or the new one when every write from the n-th on fails', async () => {
    for (let n = 1; ; n++) {
      const { browser, error, writes } = await failsAt(flow, (write) => write >= n);
      if (writes < n) break;
      if (error !== undefined) expect(error).toMatchObject({ reason: 'storage-failed' });
      const next = browser.startWorker();
      const { status, identities } = await next.state();
      expect([n, status]).not.toEqual([n, 'damaged']);
      for (const { safeId, status: one } of identities) {
        if (one === 'locked') await unlockWithWallet(next, safeId, wallet);
        if (one !== 'enrolling') await expect(next.keys.sign(safeId, signRequest)).resolves.toBeDefined();
      }
    }
  });
});

describe('R-H3 enrolment', () => {
  it('can be finished after any one write of it has failed', async () => {
    for (let n = 1; ; n++) {
      const browser = createTestBrowser();
      const { disk, over } = createFaultyDisk();
      const vault = browser.startWorker(over(browser));
      await vault.ready();
      disk.writes = 0;
      disk.fails = (write) => write === n;
      const error = await enrol(vault, wallet).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (disk.writes < n) break;
      if (error !== undefined) {
        expect(error).toMatchObject({ reason: 'storage-failed' });
        expect([n, (await vault.state()).status]).not.toEqual([n, 'damaged']);
        await enrol(vault, wallet);
      }
      const [identity] = (await vault.state()).identities;
      expect([n, identity?.status]).toEqual([n, 'unlocked']);
      await expect(vault.keys.sign(identity?.safeId ?? '', signRequest)).resolves.toBeDefined();
    }
  });
});

describe('R-H1 read back', () => {
  it('a counter that was once handed to a store is never used for other bytes, also after failed writes', async () => {
    const browser = createTestBrowser();
    const { disk, over } = createFaultyDisk();
    const faulty = over(browser);
    const written = new Map<number, Set<string>>();
    const note = (header: Uint8Array) => {
      const counter = counterOf(header);
      written.set(counter, (written.get(counter) ?? new Set()).add(bytesToHex(header)));
    };
    const mirror: KeyValueArea = {
      ...browser.host.mirror,
      set(items) {
        for (const text of Object.values(items)) note(createReader(base64ToBytes(String(text))).prefixed());
        return (faulty.mirror ?? browser.host.mirror).set(items);
      },
    };
    const prototype = IDBObjectStore.prototype;
    const put = prototype.put;
    prototype.put = function (this: IDBObjectStore, value: { bytes: Uint8Array }, ...more) {
      if (this.name === 'headers') note(value.bytes);
      return put.call(this, value, ...more);
    };
    onTestFinished(() => {
      prototype.put = put;
    });
    const vault = browser.startWorker({ mirror });
    const { safeId } = await enrol(vault, wallet);
    // Header in the database, mirror, the old header put back, and all of them.
    for (const [name, first, last] of [
      ['Bea', 3, 3],
      ['Cleo', 4, 4],
      ['Dora', 4, 7],
      ['Eve', 3, 9],
    ] as const) {
      disk.writes = 0;
      disk.fails = (write) => write >= first && write <= last;
      await vault.identity.rename({ safeId, name }).catch(() => undefined);
      disk.fails = () => false;
      await vault.identity.rename({ safeId, name: `${name} again` });
    }
    expect(written.size).toBeGreaterThan(10);
    for (const [counter, texts] of written) expect([counter, texts.size]).toEqual([counter, 1]);
  });

  it('a write that reports success and stores something else is a failed write', async () => {
    const browser = createTestBrowser();
    const { safeId } = await enrol(browser.startWorker(), wallet);
    const { mirror } = browser.host;
    const lossy: KeyValueArea = {
      ...mirror,
      set: (items) =>
        mirror.set(
          Object.fromEntries(
            Object.entries(items).map(([key, value]) => [key, String(value).replace(/.{8}$/, 'AAAAAAA=')]),
          ),
        ),
    };
    const vault = browser.startWorker({ mirror: lossy });
    await expect(vault.identity.rename({ safeId, name: 'Bea' })).rejects.toMatchObject({ reason: 'storage-failed' });
    expect((await browser.startWorker().state()).identities).toMatchObject([{ name: 'Ada', status: 'unlocked' }]);
  });

  it('a database that drops a write without an error is a failed write', async () => {
    const browser = createTestBrowser();
    const vault = browser.startWorker();
    const { safeId } = await enrol(vault, wallet);
    const prototype = IDBObjectStore.prototype;
    const original = prototype.put;
    onTestFinished(() => {
      prototype.put = original;
    });
    prototype.put = function (this: IDBObjectStore, value: { safeId: string }) {
      return this.name === 'headers' ? (this.get(value.safeId) as IDBRequest<IDBValidKey>) : original.call(this, value);
    };
    await expect(vault.identity.rename({ safeId, name: 'Bea' })).rejects.toMatchObject({ reason: 'storage-failed' });
    prototype.put = original;
    expect((await vault.state()).identities).toMatchObject([{ name: 'Ada' }]);
    expect((await browser.startWorker().state()).identities).toMatchObject([{ name: 'Ada' }]);
  });
});

/** Counter of a header, at its fixed place: prefix (63), body length (4), then fields behind their lengths. */
function counterOf(bytes: Uint8Array): number {
  const header = createReader(bytes);
  header.take(63);
  const body = createReader(header.prefixed());
  for (let field = 0; field < 8; field++) body.prefixed();
  return createReader(body.prefixed()).u64();
}

describe('R-H4 a store that cannot be read', () => {
  const cases: [string, (browser: TestBrowser) => Partial<VaultHost>][] = [
    [
      'the mirror',
      (browser) => ({
        mirror: { ...browser.host.mirror, get: async () => Promise.reject(new Error('An unexpected error occurred')) },
      }),
    ],
    [
      'the session area',
      (browser) => ({ session: { ...browser.host.session, get: async () => Promise.reject(new Error('no')) } }),
    ],
  ];
  it.each(cases)('is damage, never emptiness: %s', async (_name, change) => {
    const browser = createTestBrowser();
    const { safeId } = await enrol(browser.startWorker(), wallet);
    await expectUnreadable(browser.startWorker(change(browser)), safeId);
    expect((await browser.startWorker().state()).status).toBe('unlocked');
  });

  it('is damage, never emptiness: the database; and the next call tries again', async () => {
    const browser = createTestBrowser();
    const { safeId } = await enrol(browser.startWorker(), wallet);
    const original = indexedDB.open.bind(indexedDB);
    onTestFinished(() => {
      indexedDB.open = original;
    });
    indexedDB.open = () => {
      throw new DOMException('The user denied permission to access the database.', 'UnknownError');
    };
    const vault = browser.startWorker();
    await expectUnreadable(vault, safeId);
    indexedDB.open = original;
    expect((await vault.state()).status).toBe('unlocked');
    await expect(vault.keys.sign(safeId, signRequest)).resolves.toBeDefined();
  });

  async function expectUnreadable(vault: Vault, safeId: string): Promise<void> {
    expect(await vault.state()).toMatchObject({ status: 'damaged', identities: [] });
    const refusal = { reason: 'storage-failed' };
    await expect(
      vault.enrolment.begin({ account: createTestWallet(9).account, wallet: { kind: 'manual' }, name: '' }),
    ).rejects.toMatchObject(refusal);
    await expect(vault.keys.sign(safeId, signRequest)).rejects.toMatchObject(refusal);
    await expect(vault.unlock.text({ safeId })).rejects.toMatchObject(refusal);
    await expect(
      vault.settings.set({
        autoLockMinutes: 5,
        theme: 'dark',
        language: 'system',
        environment: null,
        inboxNode: null,
        ensNode: null,
      }),
    ).rejects.toMatchObject(refusal);
  }

  it('settings that cannot be understood are the defaults', async () => {
    const browser = createTestBrowser();
    const vault = browser.startWorker();
    await vault.settings.set({
      autoLockMinutes: 5,
      theme: 'dark',
      language: 'system',
      environment: null,
      inboxNode: null,
      ensNode: null,
    });
    expect(await browser.startWorker().settings.get()).toEqual({
      autoLockMinutes: 5,
      theme: 'dark',
      language: 'system',
      environment: null,
      inboxNode: null,
      ensNode: null,
    });
    await inStore(browser.host.databaseName, 'settings', (store) =>
      store.put(
        { autoLockMinutes: 9999, theme: 'dark', language: 'system', environment: null, inboxNode: null, ensNode: null },
        'settings',
      ),
    );
    expect(await browser.startWorker().settings.get()).toEqual({
      autoLockMinutes: 15,
      theme: 'system',
      language: 'system',
      environment: null,
      inboxNode: null,
      ensNode: null,
    });
    await expect(
      vault.settings.set({
        autoLockMinutes: 0 as 5,
        theme: 'dark',
        language: 'system',
        environment: null,
        inboxNode: null,
        ensNode: null,
      }),
    ).rejects.toMatchObject({ reason: 'invalid-input' });
  });
});
