// The mirror as a stranger may write it: in Firefox a compromised page process can put anything into storage.local, at any time.
// Promises: every forgery is one of the generated ones, any state × any counter × any MAC, beside a genuine safe in the database.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesToBase64, bytesToHex } from '../../protocol/base/bytes';
import type { Bytes } from '../store/encoding';
import { lengthPrefixed } from '../store/encoding';
import type { Header, HeaderState, Slot } from './header';
import { encodeHeader, parseHeader } from './header';
import { importRootKey } from '../store/sealed-record';
import { mostWithoutDatabase } from './safes';
import { byWallet, replacing } from '../testkit/slots.testkit';
import { unlockTextOf } from './unlock-text';
import type { TestBrowser, TestWallet } from '../testkit/vault.testkit';
import {
  createTestBrowser,
  createTestWallet,
  enrol,
  enrolledBrowser,
  everythingStored,
  freezeAt,
  inStore,
  signRequest,
  unlockWithWallet,
} from '../testkit/vault.testkit';
import type { Vault } from '../vault';

type Row = { safeId: string; bytes: Bytes };
type RecordRow = Row & { type: string; id: string };
/** Rows and item of one safe, as they are stored. */
interface Stored {
  headers: Row[];
  records: RecordRow[];
  item: string | undefined;
}

const stranger = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';

async function storedOf({ host, mirrorItems }: TestBrowser, safeId: string): Promise<Stored> {
  const rows = (name: string) => inStore(host.databaseName, name, (store) => store.getAll());
  return {
    headers: (await rows('headers')) as Row[],
    records: (await rows('records')) as RecordRow[],
    item: mirrorItems.get(`safe:${safeId}`),
  };
}

async function putDatabase({ host }: TestBrowser, { headers, records }: Omit<Stored, 'item'>): Promise<void> {
  for (const [name, rows] of [
    ['headers', headers],
    ['records', records],
  ] as const) {
    await inStore(host.databaseName, name, (store) => store.clear());
    for (const row of rows) await inStore(host.databaseName, name, (store) => store.put(row));
  }
}

function putMirror({ mirrorItems }: TestBrowser, safeId: string, item: string | undefined): void {
  if (item === undefined) mirrorItems.delete(`safe:${safeId}`);
  else mirrorItems.set(`safe:${safeId}`, item);
}

const itemOf = (header: Bytes, records: Pick<RecordRow, 'type' | 'id' | 'bytes'>[]): string =>
  JSON.stringify(bytesToBase64(lengthPrefixed(header, ...records.flatMap(({ type, id, bytes }) => [type, id, bytes]))));

/** A header somebody makes who can read the mirror and has no root key. */
interface Forgery {
  state: HeaderState;
  counter: number;
  epoch: number;
  slots: 'none' | 'copied' | 'reversed' | 'own';
  account: 'same' | 'other';
  text: 'same' | 'other';
  name: string;
  walletId: string;
  createdAtMs: number | 'same';
  isOfLaterFormat: boolean;
  spoils: 'nothing' | 'the header' | 'a record' | 'everything';
}

const anyForgery = (slots: Forgery['slots'][] = ['none', 'copied', 'reversed', 'own']): fc.Arbitrary<Forgery> =>
  fc.record({
    state: fc.constantFrom<HeaderState>('draft', 'confirmed', 'complete', 'forgetting'),
    counter: fc.oneof(
      fc.nat({ max: 20 }),
      fc.constantFrom(0, 2 ** 32, Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER),
    ),
    epoch: fc.constantFrom(1, 1, 1, 2, 0xffff_ffff),
    slots: fc.constantFrom(...slots),
    account: fc.constantFrom('same', 'same', 'other'),
    text: fc.constantFrom('same', 'same', 'other'),
    name: fc.constantFrom('Ada', 'Mallory', ''),
    walletId: fc.constantFrom('', 'mallory'),
    createdAtMs: fc.oneof(fc.constant<'same'>('same'), fc.nat()),
    isOfLaterFormat: fc.boolean().map((isLater) => isLater && slots.length > 1),
    spoils: fc.constantFrom('nothing', 'nothing', 'nothing', 'the header', 'a record', 'everything'),
  });

async function forge(genuine: Stored, forgery: Forgery): Promise<{ header: Bytes; item: string; isReadable: boolean }> {
  const { header } = await parseHeader(genuine.headers[0]?.bytes as Bytes);
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  const own = header.slots.map((slot): Slot => ({
    ...slot,
    salt: random(32),
    commit: random(16),
    wrapped: random(48),
  }));
  const slots = { none: [], copied: header.slots, reversed: header.slots.toReversed(), own }[forgery.slots];
  const { createdAtMs, walletId } = forgery;
  const forged: Header = {
    ...header,
    ...forgery,
    slots,
    records: slots.length === 0 ? [] : header.records,
    createdAtMs: createdAtMs === 'same' ? header.createdAtMs : createdAtMs,
    account: forgery.account === 'same' ? header.account : stranger,
    unlockText: forgery.text === 'same' ? header.unlockText : 'evil.example wants you to sign in',
    wallet: walletId === '' ? { kind: 'manual' } : { kind: 'extension', extensionId: walletId },
  };
  const rootKey = slots.length === 0 ? undefined : await importRootKey(random(32));
  let bytes = await encodeHeader(forged, rootKey);
  if (forgery.isOfLaterFormat) {
    bytes[4] = 9;
    bytes.set(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes.slice(0, -32))), bytes.length - 32);
  }
  if (forgery.spoils === 'the header') bytes = bytes.slice(0, -1);
  const records =
    forgery.spoils === 'a record'
      ? genuine.records.map((row) => ({ ...row, bytes: row.bytes.slice(1) }))
      : genuine.records;
  const item = forgery.spoils === 'everything' ? '"not even base64"' : itemOf(bytes, records);
  const isReadable = await parseHeader(bytes).then(
    () => true,
    () => false,
  );
  return { header: bytes, item, isReadable };
}

async function expectGenuine(vault: Vault, safeId: string, wallet: TestWallet, text: string): Promise<void> {
  const { identities } = await vault.state();
  expect(identities).toMatchObject([{ safeId, account: wallet.account, name: 'Ada', wallet: { kind: 'manual' } }]);
  expect(await vault.unlock.text({ safeId })).toMatchObject({
    account: wallet.account,
    wallet: { kind: 'manual' },
    text,
  });
}

async function expectSigns(vault: Vault, safeId: string, identityKeyHex: string): Promise<void> {
  expect((await vault.identity.details({ safeId })).identityKeyHex).toBe(identityKeyHex);
  await expect(vault.keys.sign(safeId, signRequest)).resolves.toBeDefined();
}

/** A finished identity, locked or not, with everything needed to compare it later. */
async function genuineSafe() {
  const browser = await enrolledBrowser();
  const { vault, safeId, wallet, code } = browser;
  const { identityKeyHex } = await vault.identity.details({ safeId });
  const { text } = await vault.unlock.text({ safeId });
  const stored = await storedOf(browser, safeId);
  const restore = async () => {
    await putDatabase(browser, stored);
    putMirror(browser, safeId, stored.item);
  };
  return { browser, safeId, wallet, code, identityKeyHex, text, stored, restore };
}

const runs = { numRuns: 40 };

describe('R-D2 a forged mirror beside a genuine safe', () => {
  it('changes nothing that is shown or sent to a wallet, opens nothing, and is gone after the unlock', async () => {
    const { browser, safeId, wallet, identityKeyHex, text, stored, restore } = await genuineSafe();
    await fc.assert(
      fc.asyncProperty(anyForgery(), async (forgery) => {
        await restore();
        putMirror(browser, safeId, (await forge(stored, forgery)).item);
        const vault = await browser.restart();
        await expectGenuine(vault, safeId, wallet, text);
        await unlockWithWallet(vault, safeId, wallet);
        await expectSigns(vault, safeId, identityKeyHex);
        const after = await storedOf(browser, safeId);
        expect(after).toEqual(stored);
        await vault.identity.rename({ safeId, name: 'Bea' });
        expect((await browser.startWorker().state()).identities).toMatchObject([{ name: 'Bea', status: 'unlocked' }]);
      }),
      runs,
    );
  });

  it('met while the identity is open: it stays open, and the forgery is gone at the next start', async () => {
    const { browser, safeId, wallet, identityKeyHex, text, stored, restore } = await genuineSafe();
    await fc.assert(
      fc.asyncProperty(anyForgery(), async (forgery) => {
        await restore();
        const session = new Map(browser.sessionItems);
        putMirror(browser, safeId, (await forge(stored, forgery)).item);
        const vault = browser.startWorker();
        await expectGenuine(vault, safeId, wallet, text);
        expect((await vault.state()).status).toBe('unlocked');
        await expectSigns(vault, safeId, identityKeyHex);
        expect(await storedOf(browser, safeId)).toEqual(stored);
        expect(
          [...session.keys()].filter((key) => key.startsWith('session:')).every((key) => browser.sessionItems.has(key)),
        ).toBe(true);
      }),
      runs,
    );
  });

  it('does not keep the person from forgetting the identity, and nothing of it comes back', async () => {
    await fc.assert(
      fc.asyncProperty(anyForgery(), async (forgery) => {
        const { browser, safeId, wallet, stored } = await genuineSafe();
        const { item } = await forge(stored, forgery);
        putMirror(browser, safeId, item);
        const vault = await browser.restart();
        await vault.ready();
        // And again, after everything was read.
        putMirror(browser, safeId, item);
        await vault.identity.forget({ safeId, typed: wallet.account });
        expect((await vault.state()).status).toBe('empty');
        expect(await everythingStored(browser, { session: true })).not.toContain(safeId);
        expect((await browser.startWorker().state()).status).toBe('empty');
      }),
      { numRuns: 10 },
    );
  });

  it('of the highest counter there is: no write counts on from it, also where it could not be replaced yet', async () => {
    const { browser, safeId, wallet, stored } = await genuineSafe();
    putMirror(
      browser,
      safeId,
      (await forge(stored, { ...tombstone, state: 'complete', slots: 'copied', counter: Number.MAX_SAFE_INTEGER }))
        .item,
    );
    await browser.restart();
    const { mirror } = browser.host;
    let isFull = true;
    const vault = browser.startWorker({
      mirror: { ...mirror, set: async (items) => (isFull ? Promise.reject(new Error('full')) : mirror.set(items)) },
    });
    await unlockWithWallet(vault, safeId, wallet);
    isFull = false;
    await vault.identity.rename({ safeId, name: 'Bea' });
    expect((await browser.startWorker().state()).identities).toMatchObject([{ name: 'Bea', status: 'unlocked' }]);
  });

  it('is told, also by the next worker; what an own write was cut off from is not', async () => {
    const { browser, safeId, stored, restore } = await genuineSafe();
    const told = async () => (await browser.startWorker().state()).identities[0]?.setAsideAtMs;
    putMirror(browser, safeId, undefined);
    expect(await told()).toBeNull();
    const bare: Forgery = {
      state: 'draft',
      counter: 1,
      epoch: 1,
      slots: 'none',
      account: 'same',
      text: 'same',
      name: 'Ada',
      walletId: '',
      createdAtMs: 'same',
      isOfLaterFormat: false,
      spoils: 'nothing',
    };
    putMirror(browser, safeId, (await forge(stored, bare)).item);
    expect(await told()).toBeNull();
    for (const change of [
      { state: 'forgetting' },
      { isOfLaterFormat: true },
      { spoils: 'everything' },
      { slots: 'copied', state: 'complete' },
    ] as const) {
      await restore();
      browser.clock.nowMs++;
      putMirror(browser, safeId, (await forge(stored, { ...bare, ...change })).item);
      expect([change, await told()]).toEqual([change, browser.clock.nowMs]);
      browser.clock.nowMs++;
      expect([change, await told()]).toEqual([change, browser.clock.nowMs - 1]);
    }
  });
});

describe('R-D2 a header without a MAC', () => {
  it('in the database leaves the keys of the mirror as they are, and they open', async () => {
    const { browser, safeId, wallet, identityKeyHex, stored, restore } = await genuineSafe();
    await fc.assert(
      fc.asyncProperty(anyForgery(['none']), async (forgery) => {
        await restore();
        const isDraft: Forgery = { ...forgery, state: 'draft', spoils: 'nothing' };
        const { header } = await forge(stored, isDraft);
        await putDatabase(browser, { headers: [{ safeId, bytes: header }], records: [] });
        const vault = await browser.restart();
        await vault.ready();
        expect((await storedOf(browser, safeId)).item).toBe(stored.item);
        if (forgery.account !== 'same' || forgery.text !== 'same' || forgery.createdAtMs !== 'same') return;
        await unlockWithWallet(vault, safeId, wallet);
        await expectSigns(vault, safeId, identityKeyHex);
        expect(await storedOf(browser, safeId)).toEqual(stored);
      }),
      runs,
    );
  });

  it('in the mirror alone, after the database was lost, deletes nothing and shows nothing', async () => {
    const { browser, safeId, stored } = await genuineSafe();
    await fc.assert(
      fc.asyncProperty(anyForgery(['none']), async (forgery) => {
        await putDatabase(browser, { headers: [], records: [] });
        await inStore(browser.host.databaseName, 'settings', (store) => store.clear());
        const row = {
          safeId,
          list: 'conversations',
          sequence: 1,
          name: new Uint8Array([1]),
          bytes: new Uint8Array([2]),
        };
        await inStore(browser.host.databaseName, 'entries', (store) => store.put(row));
        const forged = await forge(stored, { ...forgery, spoils: 'nothing' });
        fc.pre(forged.isReadable);
        putMirror(browser, safeId, forged.item);
        const { identities } = await (await browser.restart()).state();
        expect(identities).toEqual([]);
        expect(await inStore(browser.host.databaseName, 'entries', (store) => store.count())).toBe(1);
      }),
      { numRuns: 20 },
    );
  });

  it('in the mirror, where the database has lost the rows of a safe it knew, is damage and not emptiness', async () => {
    const { browser, safeId, stored, wallet } = await genuineSafe();
    await putDatabase(browser, { headers: [], records: [] });
    putMirror(browser, safeId, (await forge(stored, { ...tombstone })).item);
    const vault = await browser.restart();
    expect((await vault.state()).status).toBe('damaged');
    await expect(
      vault.enrolment.begin({ account: wallet.account, wallet: { kind: 'manual' }, name: '' }),
    ).rejects.toMatchObject({ reason: 'damaged' });
  });
});

const tombstone: Forgery = {
  state: 'forgetting',
  counter: 99,
  epoch: 1,
  slots: 'none',
  account: 'same',
  text: 'same',
  name: '',
  walletId: '',
  createdAtMs: 'same',
  isOfLaterFormat: false,
  spoils: 'nothing',
};

describe('R-D2 a forged mirror beside a draft', () => {
  it('of any kind, at any step, does not keep the enrolment from its end', async () => {
    const whole = await genuineSafe();
    await fc.assert(
      fc.asyncProperty(anyForgery(), fc.constantFrom('bare', 'sealed', 'signed'), async (forgery, step) => {
        // What claims to be finished is asked for its keys before anything is made in its place: the next test.
        if (forgery.state === 'complete' && step === 'bare') return;
        const browser = createTestBrowser();
        const wallet = createTestWallet();
        const vault = browser.startWorker();
        const { safeId, text } = await vault.enrolment.begin({
          account: wallet.account,
          wallet: { kind: 'manual' },
          name: 'Ada',
        });
        if (step !== 'bare') {
          const next = await vault.enrolment.unlockSignature({ safeId, signature: wallet.sign(text ?? '') });
          if (step === 'signed')
            await vault.enrolment.identitySignature({ safeId, signature: wallet.sign(next.text ?? '') });
        }
        const own = await storedOf(browser, safeId);
        const asOwn =
          step === 'bare' ? { ...whole.stored, headers: [{ safeId, bytes: await disguised(whole.stored, own) }] } : own;
        putMirror(browser, safeId, (await forge(asOwn, forgery)).item);
        const later = await browser.restart();
        expect((await later.state()).identities).toMatchObject([
          { safeId, account: wallet.account, name: 'Ada', status: 'enrolling' },
        ]);
        expect((await enrol(later, wallet)).safeId).toBe(safeId);
        await later.lock();
        await unlockWithWallet(later, safeId, wallet);
        await expect(later.keys.sign(safeId, signRequest)).resolves.toBeDefined();
      }),
      { numRuns: 25 },
    );
  });

  it('that claims to be the finished identity is not written over, opens with nothing, and can be forgotten', async () => {
    const whole = await genuineSafe();
    const browser = createTestBrowser();
    const wallet = createTestWallet();
    const { safeId, text } = await browser
      .startWorker()
      .enrolment.begin({ account: wallet.account, wallet: { kind: 'manual' }, name: 'Ada' });
    const own = await storedOf(browser, safeId);
    const asOwn = { ...whole.stored, headers: [{ safeId, bytes: await disguised(whole.stored, own) }] };
    const { item } = await forge(asOwn, {
      ...tombstone,
      state: 'complete',
      slots: 'own',
      name: 'Mallory',
      walletId: 'mallory',
    });
    putMirror(browser, safeId, item);
    const vault = await browser.restart();
    expect((await vault.state()).identities).toMatchObject([
      { name: 'Ada', status: 'locked', wallet: { kind: 'manual' } },
    ]);
    expect((await vault.unlock.text({ safeId })).text).toBe(text);
    await expect(unlockWithWallet(vault, safeId, wallet)).rejects.toMatchObject({ reason: 'wrong-secret' });
    expect((await storedOf(browser, safeId)).item).toBe(item);
    await vault.identity.forget({ safeId, typed: wallet.account });
    await expect(enrol(vault, wallet)).resolves.toBeDefined();
  });
});

/** The header of a finished safe with everything about it that a draft shows too. */
async function disguised(whole: Stored, draft: Stored): Promise<Bytes> {
  const [finished, begun] = [
    await parseHeader(whole.headers[0]?.bytes as Bytes),
    await parseHeader(draft.headers[0]?.bytes as Bytes),
  ];
  const { state, slots, records } = finished.header;
  return encodeHeader({ ...begun.header, state, slots, records }, await importRootKey(new Uint8Array(32)));
}

describe('R-H2 two genuine copies', () => {
  it('of which the mirror is the newer: the database is shown until the MAC says which is right', async () => {
    const { browser, safeId, wallet, stored } = await genuineSafe();
    await browser.startWorker().identity.rename({ safeId, name: 'Bea' });
    await putDatabase(browser, stored);
    const vault = await browser.restart();
    expect((await vault.state()).identities).toMatchObject([{ name: 'Ada', status: 'locked', setAsideAtMs: null }]);
    await unlockWithWallet(vault, safeId, wallet);
    expect((await vault.state()).identities).toMatchObject([{ name: 'Bea', status: 'unlocked', setAsideAtMs: null }]);
    expect((await (await browser.restart()).state()).identities).toMatchObject([{ name: 'Bea' }]);
  });

  it('of which the mirror is the older: the database stays, and the mirror follows', async () => {
    const { browser, safeId, wallet, stored } = await genuineSafe();
    await browser.startWorker().identity.rename({ safeId, name: 'Bea' });
    const newer = await storedOf(browser, safeId);
    putMirror(browser, safeId, stored.item);
    const vault = await browser.restart();
    await unlockWithWallet(vault, safeId, wallet);
    expect((await vault.state()).identities).toMatchObject([{ name: 'Bea', setAsideAtMs: null }]);
    expect(await storedOf(browser, safeId)).toEqual(newer);
  });

  it('of which the mirror is of the epoch before: what was removed since opens nothing, and the mirror follows', async () => {
    const { browser, safeId, wallet, code, stored, identityKeyHex } = await genuineSafe();
    const vault = browser.startWorker();
    const fresh = await vault.slots.newCode({ safeId });
    await vault.slots.replaceCode(replacing(safeId, fresh, [await byWallet(vault, safeId, wallet)]));
    const newer = await storedOf(browser, safeId);
    putMirror(browser, safeId, stored.item);
    const later = await browser.restart();
    await expect(later.unlock.withRecoveryCode({ safeId, code })).rejects.toMatchObject({ reason: 'wrong-code' });
    await later.unlock.withRecoveryCode({ safeId, code: fresh.code });
    await expectSigns(later, safeId, identityKeyHex);
    expect(await storedOf(browser, safeId)).toEqual(newer);
  });

  it.each(['old', 'new'] as const)(
    'of which the mirror is of the epoch after, as a write that was cut off left it: the %s code decides',
    async (which) => {
      const { browser, safeId, wallet, code, stored, identityKeyHex } = await genuineSafe();
      const vault = browser.startWorker();
      const fresh = await vault.slots.newCode({ safeId });
      await vault.slots.replaceCode(replacing(safeId, fresh, [await byWallet(vault, safeId, wallet)]));
      await putDatabase(browser, stored);
      const later = await browser.restart();
      await later.unlock.withRecoveryCode({ safeId, code: which === 'old' ? code : fresh.code });
      await expectSigns(later, safeId, identityKeyHex);
      expect((await later.identity.details({ safeId })).epoch).toBe(which === 'old' ? 1 : 2);
      const last = await browser.restart();
      const gone = which === 'old' ? fresh.code : code;
      await expect(last.unlock.withRecoveryCode({ safeId, code: gone })).rejects.toMatchObject({
        reason: 'wrong-code',
      });
      await unlockWithWallet(last, safeId, wallet);
    },
  );

  it('with a code that was replaced while the draft was made: the older copy opens nothing any more', async () => {
    const browser = createTestBrowser();
    const wallet = createTestWallet();
    const vault = browser.startWorker();
    const begun = await vault.enrolment.begin({ account: wallet.account, wallet: { kind: 'manual' }, name: 'Ada' });
    const { safeId } = begun;
    const next = await vault.enrolment.unlockSignature({ safeId, signature: wallet.sign(begun.text ?? '') });
    await vault.enrolment.identitySignature({ safeId, signature: wallet.sign(next.text ?? '') });
    await vault.enrolment.confirmUnlockSignature({ safeId, signature: wallet.sign(begun.text ?? '') });
    const first = await vault.enrolment.createRecoveryCode({ safeId });
    const older = browser.mirrorItems.get(`safe:${safeId}`);
    await enrol(vault, wallet);
    putMirror(browser, safeId, older);
    const later = await browser.restart();
    await expect(later.unlock.withRecoveryCode({ safeId, code: first.code })).rejects.toMatchObject({
      reason: 'wrong-code',
    });
    await unlockWithWallet(later, safeId, wallet);
  });
});

describe('R-H4 the database is lost', () => {
  const lose = ({ host }: TestBrowser) =>
    new Promise((resolve) => (indexedDB.deleteDatabase(host.databaseName).onsuccess = resolve));

  it('and the mirror serves, opens, and is in both stores again', async () => {
    const { browser, safeId, wallet, identityKeyHex, text, stored } = await genuineSafe();
    await lose(browser);
    const vault = await browser.restart();
    await expectGenuine(vault, safeId, wallet, text);
    await unlockWithWallet(vault, safeId, wallet);
    await expectSigns(vault, safeId, identityKeyHex);
    expect(await storedOf(browser, safeId)).toEqual(stored);
  });

  it('and no text reaches a wallet that this extension would not have made', async () => {
    const { browser, safeId, stored } = await genuineSafe();
    const copied: Forgery = { ...tombstone, state: 'complete', slots: 'copied', text: 'other' };
    putMirror(browser, safeId, (await forge(stored, copied)).item);
    await lose(browser);
    const vault = await browser.restart();
    await expect(vault.unlock.text({ safeId })).rejects.toMatchObject({ reason: 'damaged' });
    expect((await vault.state()).status).toBe('damaged');
  });

  it('and another account put into the mirror of a damaged safe is not believed', async () => {
    const { browser, safeId, stored, wallet } = await genuineSafe();
    const [header] = stored.headers as [Row];
    const spoilt = header.bytes.slice();
    spoilt[200] = (spoilt[200] as number) ^ 1;
    await putDatabase(browser, { headers: [{ safeId, bytes: spoilt }], records: stored.records });
    putMirror(
      browser,
      safeId,
      (await forge(stored, { ...tombstone, state: 'complete', slots: 'own', account: 'other' })).item,
    );
    const vault = await browser.restart();
    expect((await vault.state()).identities).toMatchObject([{ status: 'damaged', account: wallet.account }]);
    await expect(
      vault.enrolment.begin({ account: wallet.account, wallet: { kind: 'manual' }, name: '' }),
    ).rejects.toMatchObject({ reason: 'damaged' });
    expect((await storedOf(browser, safeId)).headers[0]?.bytes).toEqual(spoilt);
  });

  it('what is left of a damaged copy is not written over by a mirror that no MAC was checked of', async () => {
    const { browser, safeId, stored, wallet, identityKeyHex } = await genuineSafe();
    const [header] = stored.headers as [Row];
    const spoilt = header.bytes.slice();
    spoilt[200] = (spoilt[200] as number) ^ 1;
    const damaged = { headers: [{ safeId, bytes: spoilt }], records: stored.records };
    await putDatabase(browser, damaged);
    const { item } = await forge(stored, { ...tombstone, state: 'complete', slots: 'copied' });
    putMirror(browser, safeId, item);
    const vault = await browser.restart();
    await expect(unlockWithWallet(vault, safeId, wallet)).rejects.toMatchObject({ reason: 'damaged' });
    expect(await storedOf(browser, safeId)).toEqual({ ...damaged, item });
    // The genuine one is back: it serves, and mends the other.
    putMirror(browser, safeId, stored.item);
    const later = await browser.restart();
    await unlockWithWallet(later, safeId, wallet);
    await expectSigns(later, safeId, identityKeyHex);
    expect(await storedOf(browser, safeId)).toEqual(stored);
  });
});

describe('R-H4 a forged state beside a damaged copy', () => {
  const flipped = (bytes: Bytes, at: number): Bytes => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
  const spoilings: [string, (stored: Stored) => Omit<Stored, 'item'>][] = [
    [
      'a record',
      ({ headers, records }) => ({
        headers,
        records: records.map((row) => ({ ...row, bytes: flipped(row.bytes, 70) })),
      }),
    ],
    [
      'the header',
      ({ headers, records }) => ({
        headers: headers.map((row) => ({ ...row, bytes: flipped(row.bytes, 200) })),
        records,
      }),
    ],
    ['the header row, which is lost', ({ records }) => ({ headers: [], records })],
  ];

  it.each(spoilings)('makes no draft of a finished identity, and deletes nothing: %s', async (_name, spoil) => {
    const { browser, safeId, stored, wallet, text } = await genuineSafe();
    const left = spoil(stored);
    for (const state of ['draft', 'confirmed'] as const) {
      await putDatabase(browser, left);
      putMirror(browser, safeId, (await forge(stored, { ...tombstone, state, slots: 'own' })).item);
      const vault = await browser.restart();
      expect((await vault.state()).identities).toMatchObject([{ safeId, status: 'damaged' }]);
      const refusal = { reason: 'damaged' };
      await expect(vault.enrolment.unlockSignature({ safeId, signature: wallet.sign(text) })).rejects.toMatchObject(
        refusal,
      );
      await expect(vault.enrolment.discard({ safeId })).rejects.toMatchObject(refusal);
      expect(await storedOf(browser, safeId)).toMatchObject(left);
    }
  });

  it('and a draft whose damaged copy only the mirror speaks for is deleted by nobody but the person', async () => {
    const browser = createTestBrowser();
    const wallet = createTestWallet();
    const first = browser.startWorker();
    const { safeId, text } = await first.enrolment.begin({
      account: wallet.account,
      wallet: { kind: 'manual' },
      name: 'Ada',
    });
    await first.enrolment.unlockSignature({ safeId, signature: wallet.sign(text ?? '') });
    const stored = await storedOf(browser, safeId);
    const damaged = { ...stored, records: stored.records.map((row) => ({ ...row, bytes: flipped(row.bytes, 70) })) };
    await putDatabase(browser, damaged);
    putMirror(browser, safeId, (await forge(stored, { ...tombstone, state: 'draft', slots: 'own' })).item);
    const vault = await browser.restart();
    expect((await vault.state()).identities).toMatchObject([{ safeId, status: 'enrolling' }]);
    const refusal = { reason: 'damaged' };
    await expect(vault.enrolment.unlockSignature({ safeId, signature: wallet.sign(text ?? '') })).rejects.toMatchObject(
      refusal,
    );
    await expect(vault.enrolment.discard({ safeId })).rejects.toMatchObject(refusal);
    const { headers, records } = await storedOf(browser, safeId);
    expect({ headers, records }).toEqual({ headers: damaged.headers, records: damaged.records });
    await vault.identity.forget({ safeId, typed: wallet.account });
    expect((await vault.state()).status).toBe('empty');
  });

  it('and a draft is still repaired from the mirror where that is the same copy', async () => {
    const browser = createTestBrowser();
    const wallet = createTestWallet();
    const first = browser.startWorker();
    const { safeId, text } = await first.enrolment.begin({
      account: wallet.account,
      wallet: { kind: 'manual' },
      name: 'Ada',
    });
    await first.enrolment.unlockSignature({ safeId, signature: wallet.sign(text ?? '') });
    const stored = await storedOf(browser, safeId);
    for (const spoil of spoilings.slice(0, 2).map(([, one]) => one)) {
      await putDatabase(browser, spoil(stored));
      expect((await (await browser.restart()).state()).identities).toMatchObject([{ safeId, status: 'enrolling' }]);
      expect(await storedOf(browser, safeId)).toEqual(stored);
    }
  });
});

describe('R-H4 safes that never were', () => {
  it('are no identities at the first start after a version that kept no list of safes', async () => {
    const { browser, safeId, stored } = await genuineSafe();
    const settings = <T>(job: (store: IDBObjectStore) => IDBRequest<T>) =>
      inStore(browser.host.databaseName, 'settings', job);
    await settings((store) => store.delete('known-safes'));
    const other = 'a'.repeat(32);
    browser.mirrorItems.set(`safe:${other}`, await ownItem(stored, other));
    for (let start = 0; start < 2; start++) {
      expect((await (await browser.restart()).state()).identities).toMatchObject([{ safeId, status: 'locked' }]);
      expect((await storedOf(browser, safeId)).headers).toEqual(stored.headers);
      expect(await settings((store) => store.get('known-safes'))).toEqual([safeId]);
    }
  });

  it('and those that were come back one and all, also when the worker dies between the first and the next', async () => {
    const browser = await enrolledBrowser();
    const { vault, safeId } = browser;
    const { safeId: second } = await enrol(vault, createTestWallet(9));
    await new Promise((resolve) => (indexedDB.deleteDatabase(browser.host.databaseName).onsuccess = resolve));
    const frozen = freezeAt('load.repair-database:before', 2);
    void browser.startWorker({ checkpoint: frozen.checkpoint }).state();
    await frozen.reached;
    const ids = (await (await browser.restart()).state()).identities.map((one) => one.safeId);
    expect(ids.toSorted()).toEqual([safeId, second].toSorted());
  });

  it('send no text of another origin to a wallet, whatever their header says of the extension', async () => {
    const { browser, stored, wallet } = await genuineSafe();
    const { header } = await parseHeader(stored.headers[0]?.bytes as Bytes);
    await new Promise((resolve) => (indexedDB.deleteDatabase(browser.host.databaseName).onsuccess = resolve));
    browser.mirrorItems.clear();
    const safeId = 'a'.repeat(32);
    const extensionOrigin = 'https://evil.example';
    const unlockText = unlockTextOf({
      account: wallet.account,
      extensionOrigin,
      nonce: new Uint8Array(32),
      issuedAtMs: 1,
    });
    const bytes = await encodeHeader(
      { ...header, safeId, extensionOrigin, unlockText },
      await importRootKey(crypto.getRandomValues(new Uint8Array(32))),
    );
    browser.mirrorItems.set(`safe:${safeId}`, itemOf(bytes, stored.records));
    const vault = await browser.restart();
    await expect(vault.unlock.text({ safeId })).rejects.toMatchObject({ reason: 'damaged' });
    expect((await vault.state()).identities).toMatchObject([{ safeId, status: 'damaged' }]);
  });

  it('are no identities, however many a stranger puts into the mirror, and block no enrolment', async () => {
    const { browser, stored, wallet } = await genuineSafe();
    const fresh = createTestBrowser();
    await fresh.startWorker().ready();
    for (const target of [browser, fresh]) {
      const before = (await target.startWorker().state()).identities;
      for (let index = 0; index < 200; index++) {
        const safeId = index.toString(16).padStart(32, 'a');
        const item =
          index % 3 === 0
            ? '"junk"'
            : index % 3 === 1
              ? (await forge(stored, tombstone)).item
              : await ownItem(stored, safeId);
        target.mirrorItems.set(`safe:${safeId}`, item);
      }
      const vault = await target.restart();
      expect((await vault.state()).identities.map(({ safeId }) => safeId)).toEqual(before.map(({ safeId }) => safeId));
      const other = target === fresh ? wallet : createTestWallet(9);
      await expect(enrol(vault, other)).resolves.toBeDefined();
      expect((await (await target.restart()).state()).identities).toHaveLength(before.length + 1);
    }
  });

  it('are bounded where the database is lost, and never push out those that have keys', async () => {
    const { browser, safeId, stored, wallet } = await genuineSafe();
    for (let index = 0; index < 150; index++)
      browser.mirrorItems.set(`safe:${index.toString(16).padStart(32, 'a')}`, '"junk"');
    await new Promise((resolve) => (indexedDB.deleteDatabase(browser.host.databaseName).onsuccess = resolve));
    const vault = await browser.restart();
    const { identities } = await vault.state();
    expect(identities).toHaveLength(mostWithoutDatabase);
    expect(identities.filter(({ status }) => status === 'locked').map((one) => one.safeId)).toEqual([safeId]);
    await unlockWithWallet(vault, safeId, wallet);
    expect(await storedOf(browser, safeId)).toMatchObject(stored);
  });

  it('and items that are far too long are not even read, where the browser tells how long they are', async () => {
    const { browser, safeId, wallet, text } = await genuineSafe();
    const read: string[] = [];
    const { mirror } = browser.host;
    const vault = browser.startWorker({
      mirror: {
        ...mirror,
        get: (keys) => {
          read.push(...(keys ?? ['everything']));
          return mirror.get(keys);
        },
        keys: async () => [...browser.mirrorItems.keys()],
        bytesOf: async () => 2 ** 30,
      },
    });
    await expectGenuine(vault, safeId, wallet, text);
    expect(read).toEqual([]);
  });
});

/** A finished safe of a stranger's own, under any id. */
async function ownItem(stored: Stored, safeId: string): Promise<string> {
  const { header } = await parseHeader(stored.headers[0]?.bytes as Bytes);
  const rootKey = await importRootKey(crypto.getRandomValues(new Uint8Array(32)));
  expect(bytesToHex(stored.records[0]?.bytes.slice(0, 1) as Bytes)).toBe('01');
  return itemOf(await encodeHeader({ ...header, safeId, name: 'Mallory' }, rootKey), stored.records);
}
