// The five things that must be true after every case of a campaign, whatever it did: nothing lost, leaked, unapproved, stuck or new.
// Promises: what is looked at is what is stored and what was sent, never what the vault says of itself alone; everything that is written is looked at
// once, also what is gone again by then. Must not: be imported by anything but tests.
import { expect } from 'vitest';
import { hangsAfterMs } from '../../../scripts/limits.mjs';
import { bytesToBase64, bytesToHex } from '../../protocol/base/bytes';
import { verifyVaultSignature } from '../../protocol/ours/vault-signature';
import type { Vault } from '../vault';
import type { TestBrowser, TestWallet } from './vault.testkit';
import {
  drawnSecrets,
  everythingStored,
  holdsSecret,
  inStore,
  plainText,
  signRequest,
  unlockWithWallet,
} from './vault.testkit';

/** What was written to a database since somebody looked: the values, and how often its safes changed. */
interface Written {
  values: unknown[];
  safeChanges: number;
}
const watched = new Map<string, Written>();
const safeStores = new Set(['headers', 'records']);

function hasChanged({ name, transaction }: IDBObjectStore, value?: unknown): void {
  const written = watched.get(transaction.db.name);
  if (!written) return;
  if (value !== undefined) written.values.push(value);
  if (safeStores.has(name)) written.safeChanges++;
}

/** Every way in which a database is written leads past here. */
function watchWrites(): void {
  const store = IDBObjectStore.prototype;
  const cursor = IDBCursor.prototype;
  const { put, add, delete: remove, clear } = store;
  const { update, delete: removeAt } = cursor;
  const { deleteDatabase } = IDBFactory.prototype;
  const storeOf = ({ source }: IDBCursor) => ('objectStore' in source ? source.objectStore : source);
  Object.assign(store, {
    put(this: IDBObjectStore, ...input: Parameters<typeof put>) {
      hasChanged(this, input[0]);
      return put.apply(this, input);
    },
    add(this: IDBObjectStore, ...input: Parameters<typeof add>) {
      hasChanged(this, input[0]);
      return add.apply(this, input);
    },
    delete(this: IDBObjectStore, ...input: Parameters<typeof remove>) {
      hasChanged(this);
      return remove.apply(this, input);
    },
    clear(this: IDBObjectStore) {
      hasChanged(this);
      return clear.call(this);
    },
  });
  Object.assign(cursor, {
    update(this: IDBCursor, value: unknown) {
      hasChanged(storeOf(this), value);
      return update.call(this, value);
    },
    delete(this: IDBCursor) {
      hasChanged(storeOf(this));
      return removeAt.call(this);
    },
  });
  Object.assign(IDBFactory.prototype, {
    deleteDatabase(this: IDBFactory, name: string) {
      const written = watched.get(name);
      if (written) written.safeChanges++;
      return deleteDatabase.call(this, name);
    },
  });
}
watchWrites();

/** A finished identity, and what opens it. */
export interface Known {
  safeId: string;
  code: string;
  wallet: TestWallet;
}

/** One thing that was asked for, and what came of it. */
export interface Told {
  what: string;
  isResult: boolean;
  /** Whether a person or a grant gave it. */
  isGiven: boolean;
}

export interface Oracles {
  /** Every identity opens by its wallet and by its code, and signs with the key it had. Leaves it open where it was open. */
  nothingLost(vault: Vault): Promise<void>;
  /** No secret is in what is stored, nor in what was sent to anybody. */
  nothingLeaked(sent: readonly unknown[]): Promise<void>;
  nothingUnapproved(told: readonly Told[]): void;
  /** The work comes to an end. */
  nothingStuck<T>(what: string | (() => string), work: Promise<T>): Promise<T>;
  /** There are the identities that there were, with the keys that they had. */
  nothingNew(vault: Vault): Promise<void>;
}

/** Of a browser in which exactly these identities were enrolled. */
export function oraclesOf(browser: TestBrowser, known: readonly Known[]): Oracles {
  const { databaseName } = browser.host;
  const wallets = new Map(known.map((one) => [one.safeId, one]));
  /** The key that signed first, by safe. */
  const keys = new Map<string, string>();
  const written: Written = { values: [], safeChanges: 0 };
  watched.set(databaseName, written);
  let opened = '';
  let isScanned = false;
  /** Texts of the areas as they were looked at, by key. */
  const scanned = new Map<string, string>();
  /** The nonces of unlock texts, which were drawn and are no secrets. */
  let nonces = '';
  /** What was drawn when the identities were made is looked for each time; what was drawn later, as long as it is new. */
  const made = [...browser.drawn];
  const newest = 300;

  let unchanged = '';
  const mirrored = () => [...browser.mirrorItems];
  const rows = async (name: string) =>
    (await inStore(databaseName, name, (store) => store.getAll())) as { bytes: Uint8Array }[];
  async function safesAsStored(): Promise<string> {
    const bytes = [...(await rows('headers')), ...(await rows('records'))].map((row) => bytesToBase64(row.bytes));
    return JSON.stringify([bytes, mirrored()]);
  }

  /** What was stored since this was asked before; at first all that is there. */
  async function newlyStored(): Promise<string> {
    const values = written.values.splice(0);
    for (const [key, text] of [...browser.sessionItems, ...browser.mirrorItems]) {
      if (scanned.get(key) === text) continue;
      scanned.set(key, text);
      values.push(JSON.parse(text));
    }
    if (isScanned) return plainText(values);
    isScanned = true;
    return await everythingStored(browser, { session: true });
  }

  async function signs(vault: Vault, { safeId, wallet }: Known): Promise<void> {
    const { account } = wallet;
    const signed = await vault.keys.sign(safeId, signRequest);
    const { identityKey } = verifyVaultSignature(signed, { account, origin: signRequest.origin });
    const key = bytesToHex(identityKey);
    expect(keys.get(safeId) ?? key).toBe(key);
    keys.set(safeId, key);
  }

  return {
    async nothingLost(vault) {
      const before = JSON.stringify([written.safeChanges, mirrored()]);
      if (before === unchanged) return;
      unchanged = before;
      const now = await safesAsStored();
      if (now === opened) return;
      const isOpen = (await vault.state()).status === 'unlocked';
      for (const one of known) {
        await vault.lock();
        await vault.unlock.withRecoveryCode({ safeId: one.safeId, code: one.code });
        await signs(vault, one);
        await vault.lock();
        await unlockWithWallet(vault, one.safeId, one.wallet);
        await signs(vault, one);
      }
      if (!isOpen) await vault.lock();
      // Opening writes nothing of the safes themselves.
      opened = now;
    },
    async nothingLeaked(sent) {
      const stored = await newlyStored();
      const said = sent.map((one) => JSON.stringify(one) ?? '').join('\n');
      if (stored === '' && said === '') return;
      nonces += [...stored.matchAll(/Nonce: [0-9a-f]{64}/g)].join(' ');
      const drawn = [...made, ...browser.drawn.slice(Math.max(made.length, browser.drawn.length - newest))];
      const held = drawn.filter((secret) => holdsSecret(stored, secret) || holdsSecret(said, secret));
      expect(drawnSecrets({ ...browser, drawn: held }, nonces)).toEqual([]);
    },
    nothingUnapproved(told) {
      expect(told.filter((one) => one.isResult && !one.isGiven).map((one) => one.what)).toEqual([]);
    },
    async nothingStuck(what, work) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(
          () => reject(new Error(`${typeof what === 'string' ? what : what()} never ended`)),
          hangsAfterMs / 4,
        );
      });
      return await Promise.race([work, late]).finally(() => clearTimeout(timer));
    },
    async nothingNew(vault) {
      const { identities } = await vault.state();
      expect(identities.map((one) => [one.safeId, one.account])).toEqual(
        [...wallets.values()].map(({ safeId, wallet }) => [safeId, wallet.account]),
      );
    },
  };
}
