// What a key is made of is overwritten as soon as the key is made: root secrets, unlock secrets, bundles.
// Promises: looks at the very arrays that were given to WebCrypto, after the call they were used in.
import { afterEach, expect, it, vi } from 'vitest';
import { holding, watchBytes } from '../protocol/testkit/copies-of.testkit';
import { bundleFor, copyOf, copyText } from './testkit/copies.testkit';
import { byWallet, passphrase, replacing } from './testkit/slots.testkit';
import {
  createTestBrowser,
  createTestWallet,
  enrol,
  unlockWithWallet,
  type TestBrowser,
} from './testkit/vault.testkit';
import type { Vault } from './vault';

const wallet = createTestWallet();

/** Every array that became a key for deriving others, as it is now. */
function watchSecrets(): Uint8Array[] {
  const given: Uint8Array[] = [];
  const importKey = crypto.subtle.importKey.bind(crypto.subtle);
  vi.spyOn(crypto.subtle, 'importKey').mockImplementation((...input: unknown[]) => {
    const [format, data, algorithm] = input as [string, Uint8Array, string | { name: string }];
    const name = typeof algorithm === 'string' ? algorithm : algorithm.name;
    if (format === 'raw' && name === 'HKDF') given.push(data);
    return (importKey as (...all: unknown[]) => Promise<CryptoKey>)(...input);
  });
  return given;
}
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const isWiped = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);

interface Start {
  browser: TestBrowser;
  vault: Vault;
  safeId: string;
  code: string;
}
async function start(): Promise<Start> {
  const browser = createTestBrowser();
  const vault = browser.startWorker();
  return { browser, vault, ...(await enrol(vault, wallet)) };
}

const flows: [string, (start: Start) => Promise<unknown>][] = [
  [
    'an unlock by the wallet leaves none of its secrets in memory',
    ({ vault, safeId }) => vault.lock().then(() => unlockWithWallet(vault, safeId, wallet)),
  ],
  [
    'an unlock by the recovery code leaves none of its secrets in memory',
    ({ vault, safeId, code }) => vault.lock().then(() => vault.unlock.withRecoveryCode({ safeId, code })),
  ],
  [
    'an unlock that fails leaves none of its secrets in memory',
    ({ vault, safeId }) =>
      vault
        .lock()
        .then(() =>
          expect(unlockWithWallet(vault, safeId, wallet, 'random-k')).rejects.toMatchObject({ reason: 'wrong-secret' }),
        ),
  ],
  ['a restart of the worker leaves none of its secrets in memory', ({ browser }) => browser.startWorker().ready()],
  [
    'another root key leaves none of its secrets in memory',
    async ({ vault, safeId }) =>
      vault.slots.replaceCode(
        replacing(safeId, await vault.slots.newCode({ safeId }), [await byWallet(vault, safeId, wallet)]),
      ),
  ],
];

it('R-D6 an enrolment leaves none of its secrets in memory', async () => {
  const given = watchSecrets();
  await start();
  expect(given.length).toBeGreaterThan(3);
  expect(given.filter((bytes) => !isWiped(bytes))).toEqual([]);
});

it.each([
  ['that opens', undefined],
  ['of which nothing opens', 'unusable-copy'],
])('a retrieval %s leaves no copy of the signature in memory', async (_what, reason) => {
  const vault = createTestBrowser().startWorker();
  const { safeId } = await vault.enrolment.begin({
    account: wallet.account,
    wallet: { kind: 'manual' },
    name: 'Ada',
    source: 'network',
    first: 'passphrase',
  });
  await vault.enrolment.passphrase({ safeId, passphrase });
  const signature = Uint8Array.from(wallet.sign(copyText()));
  const envelope = copyOf(wallet, bundleFor(wallet, 'ada'), reason === undefined ? {} : { as: 'other-account' });
  const made = watchBytes();
  const outcome = await vault.enrolment.retrieve({ safeId, envelopes: [envelope], signature }).then(
    () => undefined,
    (error: { reason: string }) => error.reason,
  );
  vi.unstubAllGlobals();
  expect(outcome).toBe(reason);
  expect(made.length).toBeGreaterThan(5);
  expect(holding(made, signature.subarray(0, 64))).toEqual([]);
});

it.each(flows)('R-D6 %s', async (_name, flow) => {
  const begun = await start();
  const given = watchSecrets();
  await flow(begun);
  expect(given.length).toBeGreaterThan(0);
  expect(given.filter((bytes) => !isWiped(bytes))).toEqual([]);
});
