// A browser for tests of the whole vault: stores that outlive workers, workers that can be frozen at a checkpoint, and the wallet zoo.
// Promises: every random byte the vault draws is on record, so that a test can look for it where it must not be.
// Must not: be imported by anything but tests.
import 'fake-indexeddb/auto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import type { EnrolmentState } from '../../contract/pages/enrolment';
import { base64ToBytes, bytesToBase64, bytesToHex, concatBytes } from '../../protocol/base/bytes';
import { addressOf, eip191Digest } from '../../protocol/base/ethereum';
import { getPublicKey } from '../../protocol/base/secp256k1';
import type { Bytes } from '../store/encoding';
import type { VaultHost } from '../store/host';
import type { TestClock } from './memory-host.testkit';
import { createMemoryArea, testStartMs } from './memory-host.testkit';
import { createLaterParts } from '../later-parts';
import type { Vault } from '../vault';
import { createVault } from '../vault';

export type Personality =
  'v27' | 'v0' | 'high-s' | 'eip-2098' | 'no-v' | 'high-s-no-v' | 'random-k' | 'contract' | 'other-account';

export interface TestWallet {
  account: string;
  /** What the wallet answers to personal_sign. */
  sign(text: string, as?: Personality): Uint8Array;
}

/** A wallet over one of the well-known test keys, chosen by `index`, or over a given one. */
export function createTestWallet(
  index = 1,
  usual: Personality = 'v27',
  privateKey: Uint8Array = new Uint8Array(32).fill(index),
): TestWallet {
  const other = new Uint8Array(32).fill(index + 100);
  return {
    account: addressOf(getPublicKey(privateKey)),
    sign(text, as = usual) {
      const key = as === 'other-account' ? other : privateKey;
      const extraEntropy = as === 'random-k';
      const signed = secp256k1.sign(eip191Digest(text), key, {
        prehash: false,
        lowS: true,
        format: 'recovered',
        extraEntropy,
      });
      const [recovery = 0, rs] = [signed[0], signed.slice(1)];
      if (as === 'v0') return concatBytes(rs, Uint8Array.of(recovery));
      if (as === 'contract') return concatBytes(rs, rs, new Uint8Array(96).fill(0x64));
      if (as === 'no-v') return rs;
      if (as === 'high-s' || as === 'high-s-no-v') {
        const low = secp256k1.Signature.fromBytes(rs, 'compact');
        const high = new secp256k1.Signature(low.r, secp256k1.Point.Fn.neg(low.s)).toBytes('compact');
        return as === 'high-s' ? concatBytes(high, Uint8Array.of(28 - recovery)) : high;
      }
      if (as === 'eip-2098') {
        rs[32] = (rs[32] as number) | (recovery << 7);
        return rs;
      }
      return concatBytes(rs, Uint8Array.of(27 + recovery));
    },
  };
}

export interface TestBrowser {
  readonly clock: TestClock;
  readonly host: VaultHost;
  /** JSON texts of storage.session and storage.local. */
  readonly sessionItems: Map<string, string>;
  readonly mirrorItems: Map<string, string>;
  /** Copies of everything `randomBytes` gave out. */
  readonly drawn: Bytes[];
  /** Labels reached so far, by all workers. */
  readonly labels: string[];
  /** A new worker. The one before is not stopped: freeze it, or do not use it any more. */
  startWorker(change?: Partial<VaultHost>): Vault;
  /** Closes the browser: storage.session is gone. Tells the new worker as the extension would. */
  restart(change?: Partial<VaultHost>): Promise<Vault>;
}

let browsers = 0;

export function createTestBrowser(change: Partial<VaultHost> = {}): TestBrowser {
  browsers++;
  const clock: TestClock = { nowMs: testStartMs };
  const [sessionItems, mirrorItems] = [new Map<string, string>(), new Map<string, string>()];
  const drawn: Bytes[] = [];
  const labels: string[] = [];
  const host: VaultHost = {
    nowMs: () => clock.nowMs,
    randomBytes(length) {
      const bytes = crypto.getRandomValues(new Uint8Array(length));
      drawn.push(bytes.slice());
      return bytes;
    },
    databaseName: `browser-${browsers}`,
    logRestMs: 0,
    session: createMemoryArea(sessionItems),
    mirror: createMemoryArea(mirrorItems),
    extensionOrigin: 'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    checkpoint: async (label) => {
      labels.push(label);
    },
    ...change,
  };
  const startWorker = (more: Partial<VaultHost> = {}) =>
    createVault({ ...host, ...more }, async (core) => createLaterParts(core));
  return {
    clock,
    host,
    sessionItems,
    mirrorItems,
    drawn,
    labels,
    startWorker,
    async restart(more) {
      sessionItems.clear();
      const vault = startWorker(more);
      await vault.browserStarted();
      return vault;
    },
  };
}

/** A checkpoint that stops its worker for good the `nth` time `label` is reached; `reached` settles then. */
export function freezeAt(
  label: string,
  nth = 1,
): { checkpoint: (reached: string) => Promise<void>; reached: Promise<'frozen'> } {
  let tell: (word: 'frozen') => void = () => undefined;
  const reached = new Promise<'frozen'>((resolve) => {
    tell = resolve;
  });
  let left = nth;
  let isFrozen = false;
  return {
    reached,
    async checkpoint(at) {
      if (at === label && --left === 0) {
        isFrozen = true;
        tell('frozen');
      }
      if (isFrozen) await new Promise(() => undefined);
    },
  };
}

export interface Enrolled {
  safeId: string;
  code: string;
}

/** What the onboarding page remembers while it is open. */
export interface PageMemory {
  code?: string;
  ask?: [number, number];
}

/**
 * Does what the onboarding page does, from wherever the draft stands to the finished identity. Throws what the vault throws.
 * A code that was shown is used again, as the page would.
 */
export async function enrol(vault: Vault, wallet: TestWallet, memory: PageMemory = {}): Promise<Enrolled> {
  let state: EnrolmentState = await vault.enrolment.begin({
    account: wallet.account,
    wallet: { kind: 'manual' },
    name: 'Ada',
  });
  const { safeId } = state;
  for (let turn = 0; turn < 10; turn++) {
    const signature = state.text === null ? new Uint8Array() : wallet.sign(state.text);
    if (state.locked || state.step === 'unlock-1') state = await vault.enrolment.unlockSignature({ safeId, signature });
    else if (state.step === 'identity') state = await vault.enrolment.identitySignature({ safeId, signature });
    else if (state.step === 'unlock-2') state = await vault.enrolment.confirmUnlockSignature({ safeId, signature });
    else return finish(vault, safeId, memory);
  }
  throw new Error('the enrolment does not come to an end');
}

async function finish(vault: Vault, safeId: string, memory: PageMemory): Promise<Enrolled> {
  const { code, ask } = await vault.enrolment.createRecoveryCode({ safeId });
  Object.assign(memory, { code, ask });
  const groups = code.split('-');
  const typed = ask.map((group) => groups[group] ?? '');
  await vault.enrolment.finish({ safeId, code, typed });
  return { safeId, code };
}

/** A browser with one worker and one finished, unlocked identity. */
export async function enrolledBrowser(
  change?: Partial<VaultHost>,
): Promise<TestBrowser & Enrolled & { vault: Vault; wallet: TestWallet }> {
  const browser = createTestBrowser(change);
  const vault = browser.startWorker();
  const wallet = createTestWallet();
  return { ...browser, vault, wallet, ...(await enrol(vault, wallet)) };
}

/** Unlocks as the unlock page does. */
export async function unlockWithWallet(
  vault: Vault,
  safeId: string,
  wallet: TestWallet,
  as?: Personality,
): Promise<void> {
  const { text } = await vault.unlock.text({ safeId });
  await vault.unlock.withWallet({ safeId, signature: wallet.sign(text, as) });
}

export const signRequest = {
  origin: 'https://app.example',
  purpose: 'log in',
  payload: new Uint8Array([1, 2, 3]),
  issuedAtMs: testStartMs,
};

const connections = new Map<string, Promise<IDBDatabase>>();

/** A connection beside the vault's, for looking at its rows and for damaging them. */
function connect(databaseName: string): Promise<IDBDatabase> {
  const known = connections.get(databaseName);
  if (known) return known;
  const opening = new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(databaseName);
    request.onerror = () => reject(request.error ?? new Error('open failed'));
    request.onsuccess = () => {
      request.result.onversionchange = () => {
        connections.delete(databaseName);
        request.result.close();
      };
      resolve(request.result);
    };
  });
  connections.set(databaseName, opening);
  return opening;
}

/** Runs `job` over one store and waits for the end of the transaction. */
export async function inStore<T>(
  databaseName: string,
  store: string,
  job: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const transaction = (await connect(databaseName)).transaction(store, 'readwrite');
  const request = job(transaction.objectStore(store));
  await new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error ?? new Error('transaction failed'));
  });
  return request.result;
}

/** Text and bytes of values, as Latin-1 text of the bytes and of what base64 hides. */
export function plainText(values: readonly unknown[]): string {
  const parts: string[] = [];
  const add = (value: unknown): void => {
    if (typeof value === 'string') {
      parts.push(value);
      try {
        parts.push(latin1(base64ToBytes(value)));
      } catch {
        // Not base64: the text itself was added.
      }
    } else if (value instanceof Uint8Array) parts.push(latin1(value));
    else if (typeof value === 'object' && value !== null && !(value instanceof CryptoKey))
      Object.values(value).forEach(add);
  };
  values.forEach(add);
  return parts.join('\n');
}

/** All text and bytes at rest (and, with `session`, in storage.session), as `plainText` has them. */
export async function everythingStored(browser: TestBrowser, options: { session: boolean }): Promise<string> {
  const items = [...browser.mirrorItems.values(), ...(options.session ? browser.sessionItems.values() : [])];
  const values: unknown[] = items.map((text) => JSON.parse(text) as unknown);
  const names = [...(await connect(browser.host.databaseName)).objectStoreNames];
  for (const name of names) values.push(await inStore(browser.host.databaseName, name, (store) => store.getAll()));
  return plainText(values);
}

const formsOf = new WeakMap<Uint8Array, string[]>();

/** Whether `secret` is in `stored`: raw, hex in either case, or base64. */
export function holdsSecret(stored: string, secret: Uint8Array): boolean {
  let forms = formsOf.get(secret);
  if (!forms) {
    const hex = bytesToHex(secret);
    forms = [latin1(secret), hex, hex.toUpperCase(), bytesToBase64(secret)];
    formsOf.set(secret, forms);
  }
  return forms.some((form) => stored.includes(form));
}

/** Everything that was drawn and must never be readable: root keys, private keys, codes. The nonce of the unlock text is not secret. */
export function drawnSecrets(browser: TestBrowser, stored: string): Bytes[] {
  const isNonce = (bytes: Bytes) => stored.includes(`Nonce: ${bytesToHex(bytes)}`);
  return browser.drawn.filter((bytes) => (bytes.length === 32 || bytes.length === 20) && !isNonce(bytes));
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
