// The safes of this browser: how a copy of each is written, repaired, settled by a key, and deleted.
// Promises: two copies, read back before success; a failed write leaves the old state; "cannot read" is never "empty" (R-H1 … R-H4); the
// database is written first, so that what only the mirror says is never what was promised.
// Must not: open a session or hold a root key beyond one call. Only one worker writes, one operation at a time (vault.ts).
import { VaultError } from '../../contract/errors';
import { step } from '../store/steps';
import type { ReadCopy, Replica, StoredCopy } from './replica';
import {
  isSameCopy,
  openMirror,
  readDatabase,
  readDatabaseCopy,
  readMirror,
  readMirrorCopy,
  removeDatabaseCopy,
  removeMirrorCopy,
  safeIdsInMirror,
  writeDatabaseCopy,
  writeMirrorCopy,
} from './replica';
import type { Database } from '../store/database';
import { keysOfSafe, writeStrict } from '../store/database';
import type { Header } from './header';
import { encodeHeader, isGenuineHeader, sha256, tombstoneOf } from './header';
import type { VaultHost } from '../store/host';
import { createKnownSafes } from './known-safes';
import { roomKeysOfSafe } from '../lists/room';
import type { Classification, Safe } from './classify';
import { hasSlots, classifySafe } from './classify';
import { createSetAside } from './set-aside';

/** What a write puts into a safe; header and records are made for the counter of this write. */
export interface SafeContent {
  header: Omit<Header, 'counter' | 'records'>;
  records: { type: string; id: string; bytes: Replica['records'][number]['bytes'] }[];
}

export interface Safes {
  /** Reads both stores anew, repairs what can be repaired without a key, ends deletions. Throws 'storage-failed'. */
  load(): Promise<void>;
  /** All safes, oldest first, as last loaded or written. */
  all(): Safe[];
  get(safeId: string): Safe | undefined;
  /** The best copy of a safe, its header as it is shown. Throws 'not-found', 'damaged' or 'newer-format'. */
  copyOf(safeId: string): Replica;
  /**
   * Writes a safe: IndexedDB, read back, mirror, read back. `prove` must open what was read back; it throws when it cannot.
   * On any failure the old copies are put back and the safe is as before. Throws 'storage-failed', 'locked' when `prove` did, or what `make` threw.
   */
  write(input: {
    /** Prefix of the checkpoints of this write. */
    stage: string;
    safeId: string;
    /** Undefined only for a draft without keys. */
    rootKey: CryptoKey | undefined;
    make: (counter: number) => Promise<SafeContent>;
    prove: (copy: Replica) => Promise<void>;
  }): Promise<Replica>;
  /** Makes the genuine copy the only one, in both stores. A store that fails now is repaired at a later start. */
  settle(safeId: string, genuine: Replica, rootKey: CryptoKey): Promise<void>;
  /** The candidates of a safe whose header was written with this root key, newest first. */
  genuineOf(safeId: string, rootKey: CryptoKey): Promise<Replica[]>;
  /** Whether the copy's header was written with this root key. */
  isGenuine(copy: Replica, rootKey: CryptoKey): Promise<boolean>;
  /** No candidate was genuine: from now on, until the next load, the safe is shown as damaged. */
  markDamaged(safeId: string): void;
  /**
   * The draft without keys that the database has, where only the mirror speaks of keys and the person's secret does not open them: the draft
   * goes on without those. Undefined when the safe is not of this kind.
   */
  disown(safeId: string): Promise<Replica | undefined>;
  /** When the mirror was last found to hold what the vault had not written for this safe, since the browser started. Milliseconds since 1970. */
  setAsideAtMs(safeId: string): number | undefined;
  /**
   * Deletes every byte of a safe. Throws 'storage-failed' when it could not even be marked, and then it is as before; once the database
   * is marked nothing of it opens any more, and what is left to sweep is swept now or at the next start.
   */
  remove(stage: string, safeId: string): Promise<void>;
}

/** Identities that the mirror alone may bring back when the database was lost. */
export const mostWithoutDatabase = 64;

/** Over one database and one mirror. Nothing is read before `load`. */
export function createSafes({ db, host }: { db: Database; host: VaultHost }): Safes {
  const { mirror, extensionOrigin } = host;
  const knownSafes = createKnownSafes({ db, host });
  const setAside = createSetAside({ host });
  let safes = new Map<string, Safe>();
  /** Highest counter ever given out by this worker, also in writes that failed: no counter is used twice. */
  const highest = new Map<string, number>();

  async function load(): Promise<void> {
    const [inDatabase, known] = await Promise.all([
      readDatabase(db),
      knownSafes.load(),
      setAside.load(),
      openMirror(mirror),
    ]);
    // Without list and safes the database may have lost everything: then the mirror says which safes there are. One that has safes and no
    // list is of an earlier version, and the mirror adds nothing to it.
    const named = known ?? (inDatabase.size > 0 ? [] : await safeIdsInMirror(mirror));
    const safeIds = new Set([...inDatabase.keys(), ...named]);
    const inMirror = await readMirror(mirror, safeIds, inDatabase);
    const judgements = [...safeIds].map((safeId) => {
      const copies = [inDatabase.get(safeId) ?? absent, inMirror.get(safeId) ?? absent] as const;
      return {
        safeId,
        isOnlyInMirror: copies[0].kind === 'absent',
        ...classifySafe(safeId, ...copies, { isKnown: known?.has(safeId) ?? false, extensionOrigin }),
      };
    });
    const counted = known ? judgements : atMost(judgements);
    const withKeys = counted.filter(
      ({ safe }) => safe && (safe.kind !== 'readable' || hasSlots(safe.candidates[0].header)),
    );
    // Before the first safe is back in the database: after that the mirror is not asked any more which there are.
    const isListed =
      known !== undefined ||
      (await knownSafes.add(withKeys.map(({ safeId }) => safeId)).then(
        () => true,
        () => false,
      ));
    const loaded = new Map<string, Safe>();
    for (const { mend, ...one } of counted) {
      const safe = await carryOut(mend && (isListed || mend.store === 'mirror') ? { ...one, mend } : one);
      if (safe) loaded.set(one.safeId, safe);
    }
    safes = loaded;
  }

  /** Does what the judgement says, and answers the safe as it is then. A store that cannot be written now is mended at a later start. */
  async function carryOut({
    safeId,
    safe,
    isForgotten,
    mend,
    isForeign,
  }: Classification & { safeId: string }): Promise<Safe | undefined> {
    // The person confirmed the deletion before the worker died. A failure now leaves the tombstone for the next start.
    if (isForgotten) await finishRemoval('load', safeId).catch(() => undefined);
    if (isForeign) await setAside.note(safeId);
    if (!mend) return safe;
    const { store, copy } = mend;
    const write = () =>
      store === 'database' ? writeDatabaseCopy(db, safeId, copy) : writeMirrorCopy(mirror, safeId, copy);
    const isMended = await step(host, `load.repair-${store}`, write).then(
      () => true,
      () => false,
    );
    if (safe?.kind !== 'readable' || store === 'mirror') return safe;
    return { ...safe, database: isMended ? copy : undefined, isSettled: isMended };
  }

  function copyOf(safeId: string): Replica {
    const safe = safes.get(safeId);
    if (!safe) throw new VaultError('not-found');
    if (safe.kind !== 'readable') throw new VaultError(safe.kind === 'newer' ? 'newer-format' : 'damaged');
    return { ...safe.candidates[0], header: safe.shown };
  }

  const write: Safes['write'] = async ({ stage, safeId, rootKey, make, prove }) => {
    const before = safes.get(safeId);
    if (before && before.kind !== 'readable') copyOf(safeId);
    const known = before?.kind === 'readable' ? before : undefined;
    // Without a key nothing is written over keys that only the mirror speaks of, and nothing of it is put into the database.
    const keepsMirror = rootKey === undefined && known !== undefined && !known.isSettled;
    const old = rootKey === undefined ? known?.database : known?.candidates[0];
    const counter = nextCounter(safeId);
    const stored = await encode(await make(counter), counter, rootKey);
    try {
      if (stored.records.length > 0) await knownSafes.add([safeId]);
      await step(host, `${stage}.database`, () => writeDatabaseCopy(db, safeId, stored));
      const copy = mustBe(await step(host, `${stage}.database-back`, () => readDatabaseCopy(db, safeId)), stored);
      await step(host, `${stage}.prove`, () => prove(copy));
      if (!keepsMirror) {
        await step(host, `${stage}.mirror`, () => writeMirrorCopy(mirror, safeId, stored));
        mustBe(await step(host, `${stage}.mirror-back`, () => readMirrorCopy(mirror, safeId)), stored);
      }
      safes.set(safeId, settled(safeId, copy, !keepsMirror));
      return copy;
    } catch (error) {
      await putBack(safeId, old, keepsMirror);
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
    // Never from a copy that no MAC has been checked of: after a forged number there might be no higher number left.
    const seen = safe?.kind === 'readable' ? safe.candidates[0].header.counter : 0;
    const counter = Math.max(highest.get(safeId) ?? 0, seen) + 1;
    highest.set(safeId, counter);
    return counter;
  }

  /** Best effort: where putting back fails too, the next start finds the old copy or the whole new one, never a mixture. */
  async function putBack(safeId: string, old: Replica | undefined, keepsMirror = false): Promise<void> {
    const databaseJob = old ? writeDatabaseCopy(db, safeId, old) : removeDatabaseCopy(db, safeId);
    const mirrorJob = old ? () => writeMirrorCopy(mirror, safeId, old) : () => removeMirrorCopy(mirror, safeId);
    await Promise.allSettled([databaseJob, keepsMirror ? undefined : mirrorJob()]);
  }

  async function settle(safeId: string, genuine: Replica, rootKey: CryptoKey): Promise<void> {
    const safe = safes.get(safeId);
    if (safe?.kind !== 'readable' || safe.isSettled) return;
    const others = safe.candidates.filter((copy) => copy !== genuine);
    // One of a later epoch cannot be told from a change of the root key that was cut off.
    const past = others.filter(({ header }) => header.epoch <= genuine.header.epoch);
    for (const copy of past) if (!(await isGenuine(copy, rootKey))) await setAside.note(safeId);
    safes.set(safeId, { ...safe, candidates: [genuine, ...others], shown: genuine.header });
    try {
      if (!safe.database || !isSameCopy(safe.database, genuine)) {
        await knownSafes.add([safeId]);
        await step(host, 'settle.database', () => writeDatabaseCopy(db, safeId, genuine));
        mustBe(await step(host, 'settle.database-back', () => readDatabaseCopy(db, safeId)), genuine);
      }
      await step(host, 'settle.mirror', () => writeMirrorCopy(mirror, safeId, genuine));
      mustBe(await step(host, 'settle.mirror-back', () => readMirrorCopy(mirror, safeId)), genuine);
      safes.set(safeId, settled(safeId, genuine));
    } catch {
      // What opens is known, and the next start or unlock tries again.
    }
  }

  const isGenuine: Safes['isGenuine'] = (copy, rootKey) =>
    isGenuineHeader({ header: copy.header, bytes: copy.headerBytes }, rootKey);

  async function genuineOf(safeId: string, rootKey: CryptoKey): Promise<Replica[]> {
    const safe = safes.get(safeId);
    const genuine: Replica[] = [];
    for (const copy of safe?.kind === 'readable' ? safe.candidates : [])
      if (await isGenuine(copy, rootKey)) genuine.push(copy);
    // A stable sort: of equal counters, IndexedDB's copy comes first.
    return genuine.sort((a, b) => b.header.counter - a.header.counter);
  }

  async function disown(safeId: string): Promise<Replica | undefined> {
    const safe = safes.get(safeId);
    const draft = safe?.kind === 'readable' ? safe.database : undefined;
    if (!draft || hasSlots(draft.header)) return undefined;
    safes.set(safeId, settled(safeId, draft, false));
    await setAside.note(safeId);
    return draft;
  }

  async function remove(stage: string, safeId: string): Promise<void> {
    const safe = safes.get(safeId);
    if (!safe) throw new VaultError('not-found');
    if (safe.kind === 'newer' && safe.isInDatabase) throw new VaultError('newer-format');
    const account = safe.kind === 'readable' ? safe.shown.account : safe.account;
    const old = safe.kind === 'readable' ? safe.database : undefined;
    const tombstone = { headerBytes: await encodeHeader(tombstoneOf(safeId, account), undefined), records: [] };
    try {
      // Header and records of IndexedDB go in one transaction: from here on nothing of the safe opens any more, whatever the mirror says.
      await step(host, `${stage}.mark-database`, () => writeDatabaseCopy(db, safeId, tombstone));
    } catch (error) {
      if (old) await writeDatabaseCopy(db, safeId, old).catch(() => undefined);
      throw error;
    }
    safes.delete(safeId);
    await setAside.drop(safeId);
    // It is forgotten: nothing opens any more. What could not be swept now is swept at the next start.
    await finishRemoval(stage, safeId).catch(() => undefined);
  }

  async function finishRemoval(stage: string, safeId: string): Promise<void> {
    await step(host, `${stage}.remove-rows`, () =>
      writeStrict(db, [...storesOfSafe, 'sessionKeys', 'settings'], async (transaction) => {
        await transaction.objectStore('settings').delete(roomKeysOfSafe(safeId));
        for (const store of storesOfSafe) await transaction.objectStore(store).delete(keysOfSafe(safeId));
        await transaction.objectStore('sessionKeys').delete(safeId);
      }),
    );
    // The tombstone in IndexedDB goes last: while it stands, a start finds what is left to do.
    await step(host, `${stage}.remove-mirror`, () => removeMirrorCopy(mirror, safeId));
    await knownSafes.remove(safeId);
    await step(host, `${stage}.remove-database`, () => removeDatabaseCopy(db, safeId));
  }

  return {
    load,
    all: () => [...safes.values()].sort((a, b) => createdAt(a) - createdAt(b) || (a.safeId < b.safeId ? -1 : 1)),
    get: (safeId) => safes.get(safeId),
    copyOf,
    write,
    settle,
    genuineOf,
    isGenuine,
    markDamaged: (safeId) => {
      const safe = safes.get(safeId);
      safes.set(safeId, { kind: 'damaged', safeId, account: safe?.kind === 'readable' ? safe.shown.account : null });
    },
    disown,
    setAsideAtMs: setAside.atMs,
    remove,
  };
}

/** Stores whose keys begin with the id of the safe they belong to. */
const storesOfSafe = ['records', 'grants', 'activity', 'entries', 'segments', 'jobs'] as const;

const absent: ReadCopy = { kind: 'absent' };

function mustBe(read: ReadCopy, stored: StoredCopy): Replica {
  if (read.kind !== 'intact' || !isSameCopy(read.copy, stored)) throw new VaultError('storage-failed');
  return read.copy;
}

function settled(safeId: string, copy: Replica, isSettled = true): Safe {
  return { kind: 'readable', safeId, candidates: [copy], shown: copy.header, database: copy, isSettled };
}

function createdAt(safe: Safe): number {
  return safe.kind === 'readable' ? safe.shown.createdAtMs : Number.MAX_SAFE_INTEGER;
}

/** With a bound on what the mirror alone speaks of: copies with keys first. */
function atMost<T extends Classification & { isOnlyInMirror: boolean }>(judgements: T[]): T[] {
  const lost = judgements.filter(({ isOnlyInMirror }) => isOnlyInMirror);
  const kept = lost
    .toSorted((a, b) => Number(b.safe?.kind === 'readable') - Number(a.safe?.kind === 'readable'))
    .slice(0, mostWithoutDatabase);
  return [...judgements.filter(({ isOnlyInMirror }) => !isOnlyInMirror), ...kept];
}
