// What of the grants is read, and when: those of one site for its requests, all where all are asked for.
import { afterEach, expect, test, vi } from 'vitest';
import { enrolledBrowser } from '../testkit/vault.testkit';

const [documentKey, requestId] = ['D1', 'a'.repeat(32)];
afterEach(() => vi.restoreAllMocks());

/** A browser with a grant for each of these sites, and a worker that was just started in it. */
async function grantedTo(origins: readonly string[]) {
  const browser = await enrolledBrowser();
  for (const origin of origins) {
    const { safeId } = browser;
    await browser.vault.grants.put({ origin, safeId, capabilities: ['sign'], duration: '1d', documentKey, requestId });
  }
  return browser.startWorker();
}
const sites = ['https://a.example', 'https://b.example', 'https://c.example'];
const originsOf = (grants: readonly { origin: string }[]) => grants.map(({ origin }) => origin).toSorted();

test('a request reads the grants of its own site, once, and a list reads the rest', async () => {
  const { grants } = await grantedTo(sites);
  const all = vi.spyOn(IDBObjectStore.prototype, 'getAll');
  const ofOne = vi.spyOn(IDBIndex.prototype, 'getAll');
  const isOfGrants = ({ mock }: typeof all) =>
    mock.contexts.filter((store) => (store as IDBObjectStore).name === 'grants');
  for (let n = 0; n < 2; n++) expect(originsOf(await grants.find('https://b.example'))).toEqual(['https://b.example']);
  expect([ofOne.mock.calls.length, isOfGrants(all).length]).toEqual([1, 0]);
  for (let n = 0; n < 2; n++) expect(originsOf(await grants.list())).toEqual(sites);
  expect(await grants.find('https://stranger.example')).toEqual([]);
  expect([ofOne.mock.calls.length, isOfGrants(all).length]).toEqual([1, 1]);
});

test('P2 what was ended while all are being read does not come back with them', async () => {
  const { grants } = await grantedTo(sites);
  grants.preload('https://a.example');
  const [listed] = await Promise.all([grants.list(), grants.revoke('https://a.example')]);
  expect(originsOf(listed).length).toBeGreaterThanOrEqual(2);
  expect(await grants.find('https://a.example')).toEqual([]);
  expect(originsOf(await grants.list())).toEqual(['https://b.example', 'https://c.example']);
});

test('law: in whatever order sites and all are asked for, each is answered as if all had been read', async () => {
  for (const order of [sites, sites.toReversed(), ['https://stranger.example', ...sites]]) {
    const { grants } = await grantedTo(sites);
    const asked = order.map((origin) => grants.find(origin));
    const list = grants.list();
    for (const [at, found] of (await Promise.all(asked)).entries())
      expect(originsOf(found)).toEqual(sites.includes(order[at]!) ? [order[at]] : []);
    expect(originsOf(await list)).toEqual(sites);
  }
});
