// What is at rest is damaged under the built extension, and the browser is closed and opened again.
// Promises: damage is done to the very stores of a real browser; what comes of it is the whole identity or the word "damaged", never
// "empty" and never a new identity (R-H2, R-H4); a browser that starts has nothing open.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Page } from 'playwright';
import { testAccounts } from '../demo/wallet/accounts';
import type { IdentityDetails, VaultState } from '../src/contract/pages/identity';
import { lengthPrefixed } from '../src/vault/store/encoding';
import { encodeHeader, tombstoneOf } from '../src/vault/safe/header';
import { eachCase, seedOf } from '../scripts/campaign/size';
import { extensionId, launchChromium, type Chromium } from './kit/chromium';
import {
  enrolThrough,
  internalClient,
  Refusal,
  stateThrough,
  testWallet,
  unlockThrough,
  type Internal,
} from './kit/internal';
import { byId, call, connect, serveSite } from './kit/journey';
import { watch } from './kit/oracles';
import { deleteDatabase, everythingStored, putBack, type Stored } from './kit/stores';

const account = testAccounts()[0]!;

interface Running {
  browser: Chromium;
  vault: Internal;
  unlock: Internal;
  onboarding: Internal;
}
async function run(profile: string): Promise<Running> {
  const browser = await launchChromium({ profile });
  return {
    browser,
    vault: await internalClient(browser, 'vault'),
    unlock: await internalClient(browser, 'unlock'),
    onboarding: await internalClient(browser, 'onboarding'),
  };
}

const refusalOf = (client: Internal, method: string, params: unknown) =>
  client.call(method, params).then(
    () => 'answered',
    (error: unknown) => (error instanceof Refusal ? error.reason : String(error)),
  );

let profile: string;
let running: Running;
let safeId: string;
let code: string;
let keys: IdentityDetails;
let whole: Stored;

beforeAll(async () => {
  profile = mkdtempSync(path.join(tmpdir(), 'prekey-vault-corruption-'));
  running = await run(profile);
  ({ safeId, code } = await enrolThrough(running.onboarding, account));
  keys = await running.vault.call<IdentityDetails>('identity_details', { safeId });
  await running.vault.call('lock_now', {});
  whole = await everythingStored(running.browser, running.vault.page);
});
afterAll(async () => {
  await running?.browser.close();
  rmSync(profile, { recursive: true, force: true });
});

const ownPage = (): Page => running.vault.page;
const ofSafe = (stored: Stored) => ({
  headers: stored.database['headers'],
  records: stored.database['records'],
  local: stored.local,
});

/** The worker starts anew and reads what is there. */
async function restarted(): Promise<VaultState> {
  await running.browser.killWorker();
  return stateThrough(running.vault);
}

/** It is the identity it was, and opens with the wallet and with the code. */
async function expectWhole(state: VaultState): Promise<void> {
  expect(state.identities).toMatchObject([{ safeId, account: account.address, status: 'locked' }]);
  await unlockThrough(running.unlock, safeId);
  expect(await running.vault.call<IdentityDetails>('identity_details', { safeId })).toEqual(keys);
  await running.vault.call('lock_now', {});
  await running.unlock.call('unlock_withRecoveryCode', { safeId, code });
  await running.vault.call('lock_now', {});
}

/** It is said to be damaged, nothing is made beside it, and not a byte was changed. */
async function expectDamaged(state: VaultState): Promise<void> {
  const before = ofSafe(await everythingStored(running.browser, ownPage()));
  expect(state.status).toBe('damaged');
  expect(state.identities).toMatchObject([{ safeId, status: 'damaged' }]);
  expect(
    await refusalOf(running.onboarding, 'enrol_begin', { account: account.address, wallet: testWallet, name: 'Again' }),
  ).toBe('damaged');
  expect(await refusalOf(running.unlock, 'unlock_getText', { safeId })).toBe('damaged');
  expect((await stateThrough(running.vault)).identities.map((one) => one.safeId)).toEqual([safeId]);
  expect(ofSafe(await everythingStored(running.browser, ownPage()))).toEqual(before);
}

const flipped = (bytes: number[], at: number) => bytes.map((byte, index) => (index === at ? byte ^ 0x10 : byte));
const headerBytes = (stored: Stored) => stored.database['headers']![0]!['bytes'] as number[];
const mirrorKey = () => Object.keys(whole.local).find((key) => key.startsWith('safe:'))!;
const mirrorBytes = (stored: Stored) => [...Buffer.from(stored.local[mirrorKey()] as string, 'base64')];
const withHeader = (stored: Stored, bytes: number[]): Stored => ({
  ...stored,
  database: { ...stored.database, headers: [{ ...stored.database['headers']![0]!, bytes }] },
});
const withMirror = (stored: Stored, bytes: number[]): Stored => ({
  ...stored,
  local: { ...stored.local, [mirrorKey()]: Buffer.from(bytes).toString('base64') },
});
/** Places spread over the whole length, the first and the last among them. */
const places = (length: number, count: number) =>
  Array.from({ length: count }, (_, step) => Math.round((step * (length - 1)) / (count - 1)));

describe('R-H2 one copy is damaged or gone: repaired from the other', () => {
  beforeEach(() => putBack(ownPage(), whole));

  const damages: [string, () => Promise<void>][] = [
    ['the database is deleted', () => deleteDatabase(ownPage())],
    ['storage.local is cleared', () => ownPage().evaluate(() => chrome.storage.local.clear())],
    ['the header row is gone', () => putBack(ownPage(), { ...whole, database: { ...whole.database, headers: [] } })],
    ['the records are gone', () => putBack(ownPage(), { ...whole, database: { ...whole.database, records: [] } })],
    [
      'the mirror is no text',
      () => putBack(ownPage(), { ...whole, local: { ...whole.local, [mirrorKey()]: { not: 'text' } } }),
    ],
    ['the mirror is cut short', () => putBack(ownPage(), withMirror(whole, mirrorBytes(whole).slice(0, 100)))],
  ];
  test.each(damages)('%s', async (_what, damage) => {
    await damage();
    await expectWhole(await restarted());
    expect(ofSafe(await everythingStored(running.browser, ownPage()))).toEqual(ofSafe(whole));
  });

  test('a byte of the header in IndexedDB flips, then one of the mirror, at places over the whole length', async () => {
    for (const at of places(headerBytes(whole).length, 12)) {
      await putBack(ownPage(), withHeader(whole, flipped(headerBytes(whole), at)));
      expect([at, (await restarted()).identities[0]?.status]).toEqual([at, 'locked']);
      expect(ofSafe(await everythingStored(running.browser, ownPage()))).toEqual(ofSafe(whole));
    }
    for (const at of places(mirrorBytes(whole).length, 12)) {
      await putBack(ownPage(), withMirror(whole, flipped(mirrorBytes(whole), at)));
      expect([at, (await restarted()).identities[0]?.status]).toEqual([at, 'locked']);
      expect(ofSafe(await everythingStored(running.browser, ownPage()))).toEqual(ofSafe(whole));
    }
    await expectWhole(await stateThrough(running.vault));
  });

  test('R-D2 a deletion that only the mirror tells deletes nothing, open or locked; it is shown, and the mirror is made anew', async () => {
    const tombstone = await encodeHeader(tombstoneOf(safeId, account.address), undefined);
    const forged = withMirror(whole, [...lengthPrefixed(tombstone)]);
    await putBack(ownPage(), forged);
    const found = await restarted();
    expect(found.identities).toMatchObject([
      { safeId, status: 'locked', name: expect.any(String), setAsideAtMs: expect.any(Number) },
    ]);
    expect(ofSafe(await everythingStored(running.browser, ownPage()))).toEqual(ofSafe(whole));
    const vault = await running.browser.ownPage('vault');
    await byId(vault, 'identity-set-aside').waitFor();
    await vault.close();
    await unlockThrough(running.unlock, safeId);
    await ownPage().evaluate((items) => chrome.storage.local.set(items), forged.local);
    expect((await restarted()).identities).toMatchObject([{ safeId, status: 'unlocked' }]);
    expect(await running.vault.call<IdentityDetails>('identity_details', { safeId })).toEqual(keys);
    await expectWholeAfterLock();
  });

  async function expectWholeAfterLock(): Promise<void> {
    await running.vault.call('lock_now', {});
    await expectWhole(await stateThrough(running.vault));
    expect(ofSafe(await everythingStored(running.browser, ownPage()))).toEqual(ofSafe(whole));
  }

  test('the mirror is cleared under an open safe: it stays open, and the mirror is written again', async () => {
    await unlockThrough(running.unlock, safeId);
    await ownPage().evaluate(() => chrome.storage.local.clear());
    const { identities } = await restarted();
    expect(identities).toMatchObject([{ safeId, status: 'unlocked' }]);
    expect(await running.vault.call<IdentityDetails>('identity_details', { safeId })).toEqual(keys);
    expect(ofSafe(await everythingStored(running.browser, ownPage())).local[mirrorKey()]).toBeDefined();
    await running.vault.call('lock_now', {});
  });
});

describe('R-H4 both copies are damaged: said so, and nothing is made over it', () => {
  afterEach(async () => {
    await putBack(ownPage(), whole);
    await expectWhole(await restarted());
  });

  test('the same place of both headers flips: damaged, and whole again when the bytes are back', async () => {
    for (const at of places(headerBytes(whole).length, 10)) {
      await putBack(
        ownPage(),
        withMirror(withHeader(whole, flipped(headerBytes(whole), at)), flipped(mirrorBytes(whole), at + 4)),
      );
      await expectDamaged(await restarted());
    }
  });

  test('one copy is gone and the other damaged', async () => {
    await putBack(ownPage(), withMirror(whole, flipped(mirrorBytes(whole), 200)));
    await deleteDatabase(ownPage());
    await expectDamaged(await restarted());
    await putBack(ownPage(), { ...withHeader(whole, flipped(headerBytes(whole), 200)), local: {} });
    await expectDamaged(await restarted());
  });

  test('the vault page shows what to do, onboarding and the popup do not start anew', async () => {
    await putBack(
      ownPage(),
      withMirror(withHeader(whole, flipped(headerBytes(whole), 60)), flipped(mirrorBytes(whole), 64)),
    );
    await restarted();
    const vault = await running.browser.ownPage('vault');
    await byId(vault, 'damaged-panel').waitFor();
    expect((await byId(vault, 'damaged-panel').innerText()).length).toBeGreaterThan(200);
    expect(await byId(vault, 'identity-forget').isVisible()).toBe(false);
    const popup = await running.browser.ownPage('popup');
    await byId(popup, 'popup-recover').waitFor();
    expect(await byId(popup, 'popup-set-up').count()).toBe(0);
    // The bytes come back (a restored backup): "try again" finds the identity.
    await putBack(ownPage(), whole);
    await restarted();
    if (await byId(vault, 'damaged-try-again').isVisible()) await byId(vault, 'damaged-try-again').click();
    await byId(vault, 'identity', { 'data-status': 'locked' }).waitFor();
    await vault.close();
    await popup.close();
  });
});

describe('R-H4 the database cannot be opened at all', () => {
  test('every page says damaged, none offers to start anew, and it is whole when the database opens again', async () => {
    await ownPage().evaluate(
      () =>
        new Promise<void>((resolve) => {
          const request = indexedDB.open('prekey-vault', 99);
          request.onsuccess = () => {
            request.result.close();
            resolve();
          };
        }),
    );
    const state = await restarted();
    expect(state.status).toBe('damaged');
    expect(
      await refusalOf(running.onboarding, 'enrol_begin', {
        account: account.address,
        wallet: testWallet,
        name: 'Again',
      }),
    ).toBe('newer-format');
    const vault = await running.browser.ownPage('vault');
    await byId(vault, 'vault').waitFor();
    expect(await byId(vault, 'vault-set-up').count()).toBe(0);
    await byId(vault, 'damaged-panel').waitFor();
    const popup = await running.browser.ownPage('popup');
    await byId(popup, 'popup', { 'data-status': 'damaged' }).waitFor();
    expect(await byId(popup, 'popup-set-up').count()).toBe(0);
    const onboarding = await running.browser.ownPage('onboarding');
    await byId(onboarding, 'damaged-panel').waitFor();
    expect(await byId(onboarding, 'way-new').count()).toBe(0);
    for (const page of [vault, popup, onboarding]) await page.close();
    await deleteDatabase(ownPage());
    await expectWhole(await restarted());
  });
});

describe('R-F1 the browser is closed and opened again', () => {
  test('what was open is locked, what was kept is there, and a grant until locking is dead', async () => {
    const site = await serveSite();
    const page = await running.browser.context.newPage();
    await page.goto(site.origin);
    await unlockThrough(running.unlock, safeId);
    expect((await connect(running.browser, page, ['identity', 'sign'], 'until-locked')).result).toMatchObject({
      duration: 'until-locked',
    });
    const { host } = new URL(site.origin);
    await running.browser.close();

    running = await run(profile);
    const state = await stateThrough(running.vault);
    expect(state.identities).toMatchObject([{ safeId, account: account.address, status: 'locked' }]);
    const after = await everythingStored(running.browser, ownPage());
    expect(after.database['sessionKeys']).toEqual([]);
    const again = await running.browser.context.newPage();
    await again.goto(`http://${host}`);
    await unlockThrough(running.unlock, safeId);
    expect(await call(again, 'vault_accounts')).toEqual({ result: [] });
    expect((await call(again, 'vault_getPublicKeyBundle')).error?.code).toBe(4100);
    expect(await running.vault.call<IdentityDetails>('identity_details', { safeId })).toEqual(keys);
    await running.vault.call('lock_now', {});
    await site.close();
  });

  test('the files of IndexedDB are spoiled while the browser is closed: repaired from the mirror', async () => {
    await running.browser.close();
    for (const file of filesOf('IndexedDB')) writeFileSync(file, 'spoiled'.repeat(50));
    running = await run(profile);
    await expectWhole(await stateThrough(running.vault));
  });

  test('R-H2 R-H4 bytes of either database are overwritten while the browser is closed: repaired from the other', async () => {
    await running.browser.close();
    const kept = `${profile}-kept`;
    cpSync(profile, kept, { recursive: true });
    try {
      await eachCase('profile-bytes', 'profiles', spoilings(), async function profileHolds({ where, places }) {
        const files = filesOf(where);
        const opened = places.map(({ file, at, bytes }) => {
          const name = files[Math.floor(file * files.length)]!;
          const content = readFileSync(name);
          for (let n = 0; n < bytes && content.length > 0; n++)
            content[(Math.floor(at * content.length) + n) % content.length]! ^= 1 + ((n * 37) % 255);
          writeFileSync(name, content);
          return path.basename(name);
        });
        running = await run(profile);
        const state = await stateThrough(running.vault);
        expect([opened, state.identities.map((one) => one.safeId)]).toEqual([opened, [safeId]]);
        await expectWhole(state);
        await unlockThrough(running.unlock, safeId);
        await (await watch({ ...running, safeId, code, account: account.address })).atRest();
        await running.browser.close();
        rmSync(profile, { recursive: true, force: true });
        cpSync(kept, profile, { recursive: true });
      });
    } finally {
      rmSync(kept, { recursive: true, force: true });
    }
    running = await run(profile);
  });
});

/** The files in which the browser keeps one of the two stores of ours. */
function filesOf(where: Spoiling['where']): string[] {
  const folder = path.join(profile, 'Default', where);
  const ours = readdirSync(folder).filter((name) =>
    where === 'IndexedDB' ? /^chrome-extension_.*\.leveldb$/.test(name) : name === extensionId,
  );
  expect(ours).toHaveLength(1);
  return readdirSync(path.join(folder, ours[0]!))
    .filter((file) => /\.(?:log|ldb)$|^MANIFEST|^CURRENT/.test(file))
    .map((file) => path.join(folder, ours[0]!, file));
}

interface Spoiling {
  where: 'IndexedDB' | 'Local Extension Settings';
  /** Shares of the list of files and of the length of one, and how many bytes from there on. */
  places: { file: number; at: number; bytes: number }[];
}

function* spoilings(): Generator<Spoiling> {
  let state = seedOf(20_261_130);
  const drawn = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  for (let at = 0; ; at++)
    yield {
      where: at % 2 === 0 ? 'Local Extension Settings' : 'IndexedDB',
      places: Array.from({ length: 1 + Math.floor(drawn() * 4) }, () => ({
        file: drawn(),
        at: drawn(),
        bytes: 1 + Math.floor(drawn() ** 3 * 5_000),
      })),
    };
}
