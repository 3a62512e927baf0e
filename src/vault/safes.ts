// The safes of this browser: which copy of each is valid, and how one is written, repaired and deleted.
// Promises: two copies, read back before success; a failed write leaves the old state; "cannot read" is never "empty" (R-H1 … R-H4).
// Must not: open a session or hold a root key beyond one call. Only one worker writes, one operation at a time (vault.ts).
import { VaultError } from '../contract/errors';
import { step } from './checkpoint';
import type { ReadCopy, SafeCopy, StoredCopy } from './copies';
import {
  isSameCopy,
  readDatabase,
  readDatabaseCopy,
  readMirror,
  readMirrorCopy,
  removeDatabaseCopy,
  removeMirrorCopy,
  writeDatabaseCopy,
  writeMirrorCopy,
} from './copies';
import type { Database } from './database';
import { keysOfSafe, writeStrict } from './database';
import type { Header } from './header';
import { encodeHeader, isGenuineHeader, sha256 } from './header';
import type { VaultHost } from './host';

/**
 * A safe as the stores show it. `candidates`: the copies that may be the right one, best first; more than one only until a
 * root key tells which is genuine. `damaged` and `newer` are shown, never written over.
 */
export type Safe =
  | { kind: 'readable'; safeId: string; candidates: [SafeCopy, ...SafeCopy[]] }
  | { kind: 'damaged'; safeId: string; account: string | null }
  | { kind: 'newer'; safeId: string; account: string | null };

/** What a write puts into a safe; header and records are made for the counter of this write. */
export interface SafeContent {
  header: Omit<Header, 'counter' | 'records'>;
  records: { type: string; id: string; bytes: SafeCopy['records'][number]['bytes'] }[];
}

export interface Safes {
  /** Reads both stores anew, repairs what can be repaired without a key, ends deletions. Throws 'storage-failed'. */
  load(): Promise<void>;
  /** All safes, oldest first, as last loaded or written. */
  all(): Safe[];
  get(safeId: string): Safe | undefined;
  /** The best copy of a safe. Throws 'not-found', 'damaged' or 'newer-format'. */
  copyOf(safeId: string): SafeCopy;
  /**
   * Writes a safe: mirror, read back, IndexedDB, read back. `prove` must open what was read back; it throws when it cannot.
   * On any failure the old copies are put back and the safe is as before. Throws 'storage-failed', 'locked' when `prove` did, or what `make` threw.
   */
  write(input: {
    /** Prefix of the checkpoints of this write. */
    stage: string;
    safeId: string;
    /** Undefined only for a draft without keys. */
    rootKey: CryptoKey | undefined;
    make: (counter: number) => Promise<SafeContent>;
    prove: (copy: SafeCopy) => Promise<void>;
  }): Promise<SafeCopy>;
  /** Makes the genuine copy the only one, in both stores. A store that fails now is repaired at a later start. */
  settle(safeId: string, genuine: SafeCopy, rootKey: CryptoKey): Promise<void>;
  /** Whether the copy's header was written with this root key. */
  isGenuine(copy: SafeCopy, rootKey: CryptoKey): Promise<boolean>;
  /** No candidate was genuine: from now on, until the next load, the safe is shown as damaged. */
  markDamaged(safeId: string): void;
  /**
   * Deletes every byte of a safe. Throws 'storage-failed' when it could not even be marked, and then it is as before; once
   * marked in both stores nothing of it opens any more, and what is left to sweep is swept now or at the next start.
   */
  remove(stage: string, safeId: string): Promise<void>;
}

/** Over one database and one mirror. Nothing is read before `load`. */
export function createSafes({ db, host }: { db: Database; host: VaultHost }): Safes {
  const { mirror } = host;
  let safes = new Map<string, Safe>();
  /** Highest counter ever given out by this worker, also in writes that failed: no counter is used twice. */
  const highest = new Map<string, number>();

  async function load(): Promise<void> {
    const inMirror = await readMirror(mirror);
    const inDatabase = await readDatabase(db);
    const loaded = new Map<string, Safe>();
    for (const safeId of new Set([...inDatabase.keys(), ...inMirror.keys()])) {
      const copies = [inDatabase.get(safeId) ?? absent, inMirror.get(safeId) ?? absent] as const;
      const safe = await judge(safeId, ...copies);
      if (safe) loaded.set(safeId, safe);
    }
    safes = loaded;
  }

  async function judge(safeId: string, fromDatabase: ReadCopy, fromMirror: ReadCopy): Promise<Safe | undefined> {
    const both = [fromDatabase, fromMirror];
    const account = both.map((one) => ('account' in one ? one.account : null)).find((one) => one !== null) ?? null;
    if (both.some((one) => one.kind === 'newer')) return { kind: 'newer', safeId, account };
    const intact = both.flatMap((one) => (one.kind === 'intact' ? [one.copy] : []));
    if (intact.some((copy) => copy.header.state === 'forgetting')) {
      // The person confirmed the deletion before the worker died. A failure now leaves the tombstone for the next start.
      await finishRemoval('load', safeId).catch(() => undefined);
      return undefined;
    }
    // A stable sort: of equal counters, IndexedDB's copy comes first.
    const [best, other] = intact.sort((a, b) => b.header.counter - a.header.counter);
    if (!best) return { kind: 'damaged', safeId, account };
    if (other && isSameCopy(best, other)) return { kind: 'readable', safeId, candidates: [best] };
    // Two intact but different copies: with keys in them, only a MAC may decide which one is written over.
    if (other && best.header.slots.length > 0) return { kind: 'readable', safeId, candidates: [best, other] };
    await repair(safeId, best, fromDatabase, fromMirror);
    return { kind: 'readable', safeId, candidates: [best] };
  }

  async function repair(safeId: string, best: SafeCopy, fromDatabase: ReadCopy, fromMirror: ReadCopy): Promise<void> {
    const differs = (one: ReadCopy) => one.kind !== 'intact' || !isSameCopy(one.copy, best);
    // A store that cannot be written now keeps its fault; the good copy serves, and the next start tries again.
    if (differs(fromDatabase)) {
      await step(host, 'load.repair-database', () => writeDatabaseCopy(db, safeId, best)).catch(() => undefined);
    }
    if (differs(fromMirror)) {
      await step(host, 'load.repair-mirror', () => writeMirrorCopy(mirror, safeId, best)).catch(() => undefined);
    }
  }

  function copyOf(safeId: string): SafeCopy {
    const safe = safes.get(safeId);
    if (!safe) throw new VaultError('not-found');
    if (safe.kind !== 'readable') throw new VaultError(safe.kind === 'newer' ? 'newer-format' : 'damaged');
    return safe.candidates[0];
  }

  const write: Safes['write'] = async ({ stage, safeId, rootKey, make, prove }) => {
    const before = safes.get(safeId);
    if (before && before.kind !== 'readable') copyOf(safeId);
    const old = before?.kind === 'readable' ? before.candidates[0] : undefined;
    const counter = nextCounter(safeId);
    const stored = await encode(await make(counter), counter, rootKey);
    try {
      await step(host, `${stage}.mirror`, () => writeMirrorCopy(mirror, safeId, stored));
      const written = await step(host, `${stage}.mirror-back`, () => readMirrorCopy(mirror, safeId));
      const copy = mustBe(written, stored);
      await step(host, `${stage}.prove`, () => prove(copy));
      await step(host, `${stage}.database`, () => writeDatabaseCopy(db, safeId, stored));
      mustBe(await step(host, `${stage}.database-back`, () => readDatabaseCopy(db, safeId)), stored);
      safes.set(safeId, { kind: 'readable', safeId, candidates: [copy] });
      return copy;
    } catch (error) {
      await putBack(safeId, old);
      throw error instanceof VaultError && error.reason === 'locked' ? error : new VaultError('storage-failed');
    }
  };

  async function encode(content: SafeContent, counter: number, rootKey: CryptoKey | undefined): Promise<StoredCopy> {
    const records = await Promise.all(
      content.records.map(async ({ type, id, bytes }) => ({ type, id, digest: await sha256(bytes) })),
    );
    const headerBytes = await encodeHeader({ ...content.header, counter, records }, rootKey);
    return { headerBytes, records: content.records };
  }

  function nextCounter(safeId: string): number {
    const safe = safes.get(safeId);
    const seen = safe?.kind === 'readable' ? safe.candidates.map((copy) => copy.header.counter) : [];
    const counter = Math.max(highest.get(safeId) ?? 0, ...seen) + 1;
    highest.set(safeId, counter);
    return counter;
  }

  /** Best effort: where putting back fails too, the next start finds the old copy or the whole new one, never a mixture. */
  async function putBack(safeId: string, old: SafeCopy | undefined): Promise<void> {
    const mirrorJob = old ? writeMirrorCopy(mirror, safeId, old) : removeMirrorCopy(mirror, safeId);
    const databaseJob = old ? writeDatabaseCopy(db, safeId, old) : removeDatabaseCopy(db, safeId);
    await Promise.allSettled([mirrorJob, databaseJob]);
  }

  async function settle(safeId: string, genuine: SafeCopy, rootKey: CryptoKey): Promise<void> {
    const safe = safes.get(safeId);
    if (safe?.kind !== 'readable') return;
    if (safe.candidates.length === 1) return;
    const { counter: _counter, records: _records, ...header } = genuine.header;
    const { records } = genuine;
    const input = { safeId, rootKey, make: async () => ({ header, records }), prove: async () => undefined };
    safes.set(safeId, { ...safe, candidates: [genuine, ...safe.candidates.filter((copy) => copy !== genuine)] });
    await write({ stage: 'settle', ...input }).catch(() => undefined);
  }

  async function remove(stage: string, safeId: string): Promise<void> {
    const safe = safes.get(safeId);
    if (!safe) throw new VaultError('not-found');
    if (safe.kind === 'newer') throw new VaultError('newer-format');
    const old = safe.kind === 'readable' ? safe.candidates[0] : undefined;
    const tombstone = { headerBytes: await encodeHeader(tombstoneOf(safeId, old?.header.account), undefined), records: [] };
    try {
      await step(host, `${stage}.mark-mirror`, () => writeMirrorCopy(mirror, safeId, tombstone));
      // Header and records of IndexedDB go in the same transaction: from here on nothing of the safe opens any more.
      await step(host, `${stage}.mark-database`, () => writeDatabaseCopy(db, safeId, tombstone));
    } catch (error) {
      if (old) await putBack(safeId, old);
      throw error;
    }
    safes.delete(safeId);
    // It is forgotten: nothing opens any more. What could not be swept now is swept at the next start.
    await finishRemoval(stage, safeId).catch(() => undefined);
  }

  async function finishRemoval(stage: string, safeId: string): Promise<void> {
    await step(host, `${stage}.remove-rows`, () =>
      writeStrict(db, [...storesOfSafe, 'sessionKeys'], async (transaction) => {
        for (const store of storesOfSafe) await transaction.objectStore(store).delete(keysOfSafe(safeId));
        await transaction.objectStore('sessionKeys').delete(safeId);
      }),
    );
    // The tombstone in IndexedDB goes last: while it stands, a start finds what is left to do.
    await step(host, `${stage}.remove-mirror`, () => removeMirrorCopy(mirror, safeId));
    await step(host, `${stage}.remove-database`, () => removeDatabaseCopy(db, safeId));
  }

  return {
    load,
    all: () => [...safes.values()].sort((a, b) => createdAt(a) - createdAt(b) || (a.safeId < b.safeId ? -1 : 1)),
    get: (safeId) => safes.get(safeId),
    copyOf,
    write,
    settle,
    isGenuine: (copy, rootKey) => isGenuineHeader({ header: copy.header, bytes: copy.headerBytes }, rootKey),
    markDamaged: (safeId) => {
      const safe = safes.get(safeId);
      const account = safe?.kind === 'readable' ? safe.candidates[0].header.account : null;
      safes.set(safeId, { kind: 'damaged', safeId, account });
    },
    remove,
  };
}

/** Stores whose keys begin with the id of the safe they belong to. */
const storesOfSafe = ['records', 'grants', 'activity', 'entries', 'segments', 'jobs'] as const;

const absent: ReadCopy = { kind: 'absent' };

function mustBe(read: ReadCopy, stored: StoredCopy): SafeCopy {
  if (read.kind !== 'intact' || !isSameCopy(read.copy, stored)) throw new VaultError('storage-failed');
  return read.copy;
}

function createdAt(safe: Safe): number {
  return safe.kind === 'readable' ? safe.candidates[0].header.createdAtMs : Number.MAX_SAFE_INTEGER;
}

function tombstoneOf(safeId: string, account: string | undefined): Header {
  return {
    safeId,
    // Not needed any more; the zero address is a valid one for a safe whose account could not be read.
    account: account ?? `0x${'0'.repeat(40)}`,
    state: 'forgetting',
    name: '',
    createdAtMs: 0,
    wallet: { kind: 'manual' },
    extensionOrigin: '',
    unlockText: '',
    epoch: 1,
    counter: 0,
    slots: [],
    records: [],
  };
}
