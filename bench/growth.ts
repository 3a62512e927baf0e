// What grows with use, and whether anything becomes slower by it: a much used vault against one that was just made, in two browsers in turns.
// Promises that both are the same build, of one run, and that each first signature is of a worker that was seen to be gone.
// Must not count how the large one was made. Grants of sites that were never here are written into the database as it has them; they are parsed
// as all are, and give nothing, because nobody here can make their MAC.
import type { Page } from 'playwright';
import { packBytes, unpackBytes } from '../src/contract/bytes-codec';
import { decodeGrant, encodeGrant } from '../src/vault/consent/grant-record';
import { launchWith, stopWorker, until, vaultWorker, workerHeapBytes, type BenchBrowser } from './browser';
import { vaultFolder } from './build-vault';
import type { FigureName, Group, Measured, MeasureOptions } from './figure';
import { serveLocalPage } from './local-page';
import { openMessagePage, tell } from './message-page';
import { askAtNextConnection, closeOwnPages, enrol, grantMessages, grantSigning, onOnboardingPage } from './owner';
import { callTimesMs } from './page-calls';
import { median, type Rounds } from './statistics';
import { inTurns } from './turns';

const settleMs = 400;
const megabyte = 1_000_000;
const macLength = 32;

interface Vault {
  browser: BenchBrowser;
  page: Page;
  safeId: string;
}

/** A new browser with one identity, and a page that may sign with it. */
async function begin(pageUrl: string): Promise<Vault> {
  const browser = await launchWith([vaultFolder]);
  const safeId = await onOnboardingPage(browser.chromium, (own) => enrol(own, 0));
  const page = await browser.open(pageUrl);
  await grantSigning(browser.chromium, page, safeId);
  await closeOwnPages(browser.chromium);
  return { browser, page, safeId };
}

async function firstSignatureMs({ browser, page }: Vault): Promise<number> {
  await stopWorker(browser.session, vaultWorker);
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  return (await callTimesMs(page, { path: 'vault', operation: 'sign', count: 1 }))[0]!;
}

const signaturesMs = async ({ page }: Vault, count: number) =>
  median(await callTimesMs(page, { path: 'vault', operation: 'sign', count }));

/** Puts grants like the one that is there into the database. */
async function plantGrants({ browser }: Vault, places: readonly { safeId: string; origin: string }[]): Promise<void> {
  await stopWorker(browser.session, vaultWorker);
  const own = await browser.chromium.ownPage('onboarding');
  const open = `new Promise((resolve, reject) => {
    const request = indexedDB.open('prekey-vault');
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  })`;
  const packed = await own.evaluate(
    `(async () => {
      const db = await ${open};
      const row = await new Promise((resolve) => {
        db.transaction('grants').objectStore('grants').getAll().onsuccess = ({ target }) => resolve(target.result[0]);
      });
      db.close();
      return { $bytes: row.bytes.toBase64() };
    })()`,
  );
  const bytes = unpackBytes(packed) as Uint8Array<ArrayBuffer>;
  const { grant } = decodeGrant(bytes.slice(0, -macLength));
  const rows = places.map((place) => ({
    ...place,
    packed: packBytes(new Uint8Array([...encodeGrant({ ...grant, ...place }), ...new Uint8Array(macLength)])),
  }));
  await own.evaluate(
    `(async (rows) => {
      const db = await ${open};
      await new Promise((resolve, reject) => {
        const transaction = db.transaction('grants', 'readwrite');
        for (const { safeId, origin, packed } of rows)
          transaction.objectStore('grants').put({ safeId, origin, bytes: Uint8Array.fromBase64(packed.$bytes) });
        transaction.oncomplete = resolve;
        transaction.onerror = () => reject(transaction.error);
      });
      db.close();
    })(${JSON.stringify(rows)})`,
  );
  await closeOwnPages(browser.chromium);
  await stopWorker(browser.session, vaultWorker);
}

/** So many signatures, each with a purpose of its own, so that each has a line of its own in the log. */
async function fillLog({ page }: Vault, lines: number): Promise<void> {
  await page.evaluate(async (count) => {
    const { prekeyVault } = window as unknown as { prekeyVault: { request(args: object): Promise<unknown> } };
    let next = 0;
    const lane = async () => {
      while (next < count) {
        const params = { payload: new Uint8Array(32), purpose: `line ${next++}` };
        await prekeyVault.request({ method: 'vault_sign', params });
      }
    };
    await Promise.all([lane(), lane(), lane(), lane()]);
  }, lines);
  // What waits to be written is written in a moment.
  await new Promise((resolve) => setTimeout(resolve, 10 * settleMs));
}

/** Requests that wait for a person, from sites that have no grant: 20 of each. */
async function letWait({ browser }: Vault, count: number): Promise<() => void> {
  const ofEach = 20;
  const sites = await Promise.all(Array.from({ length: Math.ceil(count / ofEach) }, serveLocalPage));
  for (const [at, site] of sites.entries()) {
    const page = await browser.open(site.url);
    await page.evaluate(
      (number) => {
        const { prekeyVault } = window as unknown as { prekeyVault: { request(args: object): Promise<unknown> } };
        const capabilities = ['identity', 'sign', 'messages.read', 'messages.write', 'preferences'];
        for (let n = 1; n <= number; n++) {
          const asked = capabilities.filter((_, bit) => n & (1 << bit));
          void prekeyVault.request({ method: 'vault_connect', params: { capabilities: asked } }).catch(() => undefined);
        }
      },
      Math.min(ofEach, count - at * ofEach),
    );
  }
  const own = await browser.chromium.ownPage('popup');
  await until('all of them to wait', async () => {
    const waiting = await own.evaluate(async () => {
      const items = await chrome.storage.session.get(null);
      return Object.values(items).filter((one) => (one as { state?: string } | null)?.state === 'waiting').length;
    });
    return waiting >= count;
  });
  await closeOwnPages(browser.chromium);
  return () => sites.forEach((site) => site.close());
}

/** An identity of its own with so many conversations, all of them saved through the page. */
async function converse({ browser }: Vault, pageUrl: string, account: number, count: number): Promise<void> {
  const page = await openMessagePage(browser, pageUrl);
  const safeId = await onOnboardingPage(browser.chromium, (own) => enrol(own, account));
  await tell(page, 'makePeers', 20);
  await tell(page, 'openVault', 'many', await grantMessages(browser.chromium, page, safeId));
  await askAtNextConnection(browser.chromium, page, safeId);
  await tell(page, 'converse', ['many'], count, 20, 1);
  await page.close();
}

async function measure({ quick, pageUrl, isWanted }: MeasureOptions): Promise<Measured> {
  const rounds = quick ? 2 : 9;
  const measured: Partial<Record<FigureName, Rounds>> = {};
  const notes: string[] = [];
  const small = await begin(pageUrl);
  const sizes = quick
    ? { grants: 100, lines: 200, identities: 3, conversations: 1_000, cards: 20 }
    : { grants: 1_000, lines: 10_000, identities: 20, conversations: 100_000, cards: 100 };
  const site = (at: number) => `https://site-${at}.example`;
  const origin = new URL(pageUrl).origin;
  const stranger = (at: number) => at.toString(16).padStart(32, '0');

  /** Makes a large vault and measures it against the small one. */
  async function grown(names: readonly FigureName[], make: (vault: Vault) => Promise<void>, measureOn?: Measuring) {
    if (!names.some(isWanted)) return;
    const large = await begin(pageUrl);
    try {
      const startedMs = performance.now();
      await make(large);
      notes.push(`  ${names[0]}: made in ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
      await (measureOn ?? firstSignatures)(names[0]!, large);
    } finally {
      await large.browser.close();
    }
  }
  type Measuring = (name: FigureName, large: Vault) => Promise<void>;
  const firstSignatures: Measuring = async (name, large) => {
    measured[name] = await inTurns(rounds, {
      subject: () => firstSignatureMs(large),
      reference: () => firstSignatureMs(small),
    });
  };

  try {
    await grown(['first-sign-1k-grants'], (vault) => {
      // Of fifty sites, the page's own among them, and of identities that are not here.
      const origins = [origin, ...Array.from({ length: 49 }, (_, at) => site(at))];
      const places = Array.from({ length: sizes.grants }, (_, at) => ({
        safeId: stranger(1 + Math.floor(at / 50)),
        origin: origins[at % 50]!,
      }));
      return plantGrants(vault, places);
    });
    await grown(['first-sign-1k-origins'], (vault) =>
      plantGrants(
        vault,
        Array.from({ length: sizes.grants }, (_, at) => ({ safeId: vault.safeId, origin: site(at) })),
      ),
    );
    await grown(['first-sign-10k-log'], (vault) => fillLog(vault, sizes.lines));
    await grown(['first-sign-20-identities'], (vault) =>
      onOnboardingPage(vault.browser.chromium, async (own) => {
        for (let account = 1; account < sizes.identities; account++) await enrol(own, account);
      }),
    );
    let closeSites = () => {};
    await grown(
      ['sign-beside-100-cards'],
      async (vault) => void (closeSites = await letWait(vault, sizes.cards)),
      async (name, large) => {
        measured[name] = await inTurns(rounds, {
          subject: () => signaturesMs(large, quick ? 20 : 200),
          reference: () => signaturesMs(small, quick ? 20 : 200),
        });
      },
    );
    closeSites();
    await grown(
      ['first-sign-100k-conversations', 'heap-100k-conversations'],
      (vault) => converse(vault, pageUrl, 1, sizes.conversations),
      async (name, large) => {
        await firstSignatures(name, large);
        const heap = async (vault: Vault) => {
          await firstSignatureMs(vault);
          return (await workerHeapBytes(vault.browser.session, vaultWorker)) / megabyte;
        };
        const { subject, reference } = await inTurns(quick ? 1 : 5, {
          subject: () => heap(large),
          reference: () => heap(small),
        });
        measured['heap-100k-conversations'] = { subject, reference: reference.map((none) => none + 8) };
        notes.push(`  heap: ${median(subject).toFixed(2)} MB, with none ${median(reference).toFixed(2)} MB`);
      },
    );
    return { rounds: measured, notes: [`growth, ${rounds} rounds:`, ...notes] };
  } finally {
    await small.browser.close();
  }
}

export const growth: Group = {
  names: [
    'first-sign-1k-grants',
    'first-sign-1k-origins',
    'first-sign-10k-log',
    'first-sign-20-identities',
    'sign-beside-100-cards',
    'first-sign-100k-conversations',
    'heap-100k-conversations',
  ],
  measure,
};
