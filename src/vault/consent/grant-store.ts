// Grants at rest and in memory: one row per identity and origin, each under a MAC of its identity's root key.
// Promises: memory never says more than the store does; a row that does not parse, whose MAC does not fit or whose names do not open is not a
// grant. Whom its scopes name is sealed, and known once it was found genuine.
// Must not: ask UnlockedSafes inside a turn of the queue: asking may lock, and a lock waits for its turn.
import { VaultError } from '../../contract/errors';
import { bytesToHex } from '../../protocol/base/bytes';
import { step } from '../store/steps';
import {
  readStores,
  writeRelaxed,
  writeStrict,
  type Database,
  type Transaction,
  type VaultSchema,
} from '../store/database';
import { concat, type Bytes } from '../store/encoding';
import { decodeGrant, encodeGrant, encodeNames, withNames, type StoredGrant } from './grant-record';
import type { VaultHost } from '../store/host';
import { labels } from '../store/labels';
import type { RootKey, UnlockedSafes } from '../store/unlocked-safes';
import { createQueue } from '../work/queue';
import { claimsOf, isMacOf, macWith, openRecordOfAnyEpoch, sealRecord } from '../store/sealed-record';

/** One grant in memory. */
export interface GrantEntry {
  /** As stored; its scopes name nobody until it was found genuine. */
  grant: StoredGrant;
  readonly sealedNames: Bytes;
  readonly covered: Bytes;
  readonly mac: Bytes;
  /** Undefined until the MAC was checked. Memory does not change under us, so once is enough. */
  isGenuine: boolean | undefined;
  /** May be newer than what is stored. */
  lastUsedAtMs: number | null;
}

/** What memory holds: every row of an origin that was asked for, and of all of them when all were. */
export interface GrantEntries {
  get(place: GrantPlace): GrantEntry | undefined;
  of(origin: string): GrantEntry[];
  all(): GrantEntry[];
}

/** Which grant. */
export interface GrantPlace {
  safeId: string;
  origin: string;
}

/** Makes the new grant of the old one (undefined: no genuine grant is stored). Undefined: leave it as it is. */
export type GrantChange = (grant: StoredGrant | undefined, sessionId: string) => StoredGrant | undefined;

export interface GrantStore {
  /** All rows that parse, or at least those of one origin, which is all that a request waits for. Reads the disk once. Throws 'storage-failed'. */
  load(origin?: string): Promise<GrantEntries>;
  /** The run of the browser, if one was named; call `load` first. */
  runId(): string | undefined;
  /** The run of the browser, named now if need be: what is bound to it ends when the browser closes. */
  nameRun(): Promise<string>;
  /**
   * Checks the MAC of an entry, once: under the present root key of its identity, and under the ones before, because a row keeps its MAC
   * until it is written again. Throws 'locked'.
   */
  isGenuine(entry: GrantEntry): Promise<boolean>;
  /**
   * Replaces one grant and returns what now stands. Sealed before its turn, so `change` is called again when the grant changed meanwhile.
   * `isUse`: only what is noted of a use, which may be lost in a power cut and is not news. `mayStand`: asked before the write and after it; when it says
   * no, what stood before stands again. Throws what `change` throws, 'not-found' when it may not stand, 'locked' also when a lock came between,
   * 'storage-failed'.
   */
  replace(
    label: string,
    place: GrantPlace,
    change: GrantChange,
    how?: { isUse?: boolean; mayStand?: () => boolean },
  ): Promise<StoredGrant | undefined>;
  /**
   * Removes the grants that `isMeant` names, from memory at once. `wipe` deletes further rows in the same transaction, such as memory
   * does not hold because they do not parse; without it nothing is written when no grant is meant. Returns what memory held of them.
   */
  remove(
    label: string,
    isMeant: (grant: StoredGrant) => boolean,
    wipe?: (transaction: Transaction<'grants', 'readwrite'>) => Promise<unknown>,
  ): Promise<GrantEntry[]>;
  /** Puts back a grant that `remove` returned, its very bytes. False, and nothing is written, where another stands or `mayCome` says no. */
  putBack(label: string, entry: GrantEntry, mayCome: () => boolean): Promise<boolean>;
}

const macLength = 32;
const runKey = 'grants:run';

/** Key of an entry in memory. */
export function grantKey({ safeId, origin }: GrantPlace): string {
  return `${safeId} ${origin}`;
}

/** The grant with the last use that memory knows of. */
export function currentGrant(entry: GrantEntry): StoredGrant {
  return { ...entry.grant, lastUsedAtMs: entry.lastUsedAtMs };
}

type Row = VaultSchema['grants']['value'];

function toEntry(row: Row): GrantEntry | undefined {
  try {
    const covered = row.bytes.slice(0, -macLength);
    const { grant, sealedNames } = decodeGrant(covered);
    if (grant.safeId !== row.safeId || grant.origin !== row.origin) return undefined;
    const mac = row.bytes.slice(-macLength);
    return { grant, sealedNames, covered, mac, isGenuine: undefined, lastUsedAtMs: grant.lastUsedAtMs };
  } catch {
    return undefined;
  }
}

/** Of all grants, so many are parsed in one go: nothing else waits for more. */
const parsedAtOnce = 32;

/** Until all are there, an origin stays when it has no grant, or none any more: then it is known to have none. */
function createEntries() {
  const entries = new Map<string, Map<string, GrantEntry>>();
  let isWhole = false;
  const has = (origin: string) => isWhole || entries.has(origin);
  const forgetIfEmpty = (origin: string) => void (entries.get(origin)?.size === 0 && entries.delete(origin));
  return {
    has,
    get: ({ safeId, origin }: GrantPlace) => entries.get(origin)?.get(safeId),
    of: (origin: string) => [...(entries.get(origin)?.values() ?? [])],
    all: () => [...entries.values()].flatMap((known) => [...known.values()]),
    add(origin: string, rows: readonly Row[]) {
      // What is here already may be newer than what was read.
      if (has(origin)) return;
      const parsed = rows.flatMap((row) => toEntry(row) ?? []);
      entries.set(origin, new Map(parsed.map((entry) => [entry.grant.safeId, entry])));
    },
    /** All were added. */
    isAll() {
      isWhole = true;
      for (const origin of entries.keys()) forgetIfEmpty(origin);
    },
    set({ safeId, origin }: GrantPlace, entry: GrantEntry) {
      const known = entries.get(origin) ?? new Map<string, GrantEntry>();
      entries.set(origin, known.set(safeId, entry));
    },
    delete({ safeId, origin }: GrantPlace) {
      entries.get(origin)?.delete(safeId);
      if (isWhole) forgetIfEmpty(origin);
    },
  };
}

/** What was read since memory was begun, and what is being read. */
const newMemory = () => ({
  entries: createEntries(),
  run: undefined as Promise<void> | undefined,
  whole: undefined as Promise<void> | undefined,
  origins: new Map<string, Promise<void>>(),
});
type Memory = ReturnType<typeof newMemory>;

/** The row of an entry again, or none where there was none. */
async function backAs(
  transaction: Transaction<'grants', 'readwrite'>,
  { safeId, origin }: GrantPlace,
  before: GrantEntry | undefined,
): Promise<unknown> {
  const rows = transaction.objectStore('grants');
  if (!before) return rows.delete([safeId, origin]);
  return rows.put({ safeId, origin, bytes: concat(before.covered, before.mac) });
}

/** Where the names of a grant are sealed. */
const namesPlace = ({ safeId, account, origin }: Pick<StoredGrant, 'safeId' | 'account' | 'origin'>) => ({
  safeId,
  account,
  type: 'grant-names',
  id: origin,
  schema: 1,
});

/** The store over one database. `onChange` is told when what origins may do has changed. */
export function createGrantStore(options: {
  db: Database;
  host: VaultHost;
  open: UnlockedSafes;
  onChange: () => void;
}): GrantStore {
  const { db, host, open, onChange } = options;
  const inTurn = createQueue();
  let memory = newMemory();
  let runId: string | undefined;

  async function readRun(): Promise<void> {
    const stored = (await host.session.get([runKey]))[runKey];
    runId = typeof stored === 'string' ? stored : undefined;
  }

  async function readOrigin({ entries }: Memory, origin: string): Promise<void> {
    const rows = await readStores(db, ['grants'], (transaction) =>
      transaction.objectStore('grants').index('byOrigin').getAll(origin),
    );
    entries.add(origin, rows);
  }

  async function readAll({ entries, origins }: Memory): Promise<void> {
    const rows = await readStores(db, ['grants'], (transaction) => transaction.objectStore('grants').getAll());
    const byOrigin = new Map<string, Row[]>();
    for (const row of rows) {
      const others = byOrigin.get(row.origin);
      if (others) others.push(row);
      else byOrigin.set(row.origin, [row]);
    }
    let parsed = 0;
    for (const [origin, ofOrigin] of byOrigin) {
      entries.add(origin, ofOrigin);
      if (++parsed % parsedAtOnce === 0) await new Promise((resolve) => setTimeout(resolve));
    }
    entries.isAll();
    origins.clear();
  }

  async function load(origin?: string): Promise<Memory['entries']> {
    const mine = memory;
    const { entries, origins } = mine;
    mine.run ??= readRun();
    if (origin === undefined) mine.whole ??= readAll(mine);
    else if (!entries.has(origin) && !origins.has(origin)) origins.set(origin, readOrigin(mine, origin));
    try {
      await Promise.all([mine.run, origin === undefined ? mine.whole : entries.has(origin) || origins.get(origin)]);
      return entries;
    } catch {
      if (memory === mine) memory = newMemory();
      throw new VaultError('storage-failed');
    }
  }

  /** Runs a write, and forgets what memory holds when it did not end well: then only the store knows what is true. */
  async function write(label: string, operation: () => Promise<unknown>): Promise<void> {
    try {
      await step(host, label, operation);
    } catch (error) {
      memory = newMemory();
      throw error;
    }
  }

  async function isGenuine(entry: GrantEntry): Promise<boolean> {
    if (entry.isGenuine !== undefined) return entry.isGenuine;
    const { safeId } = entry.grant;
    let isGood = false;
    for (let { epoch } = await open.current(safeId); epoch > 0 && !isGood; epoch--) {
      isGood = await isMacOf(await open.rootKeyOf(safeId, epoch), labels.grantMac, entry.covered, entry.mac);
    }
    if (isGood && entry.isGenuine === undefined) isGood = await openNames(entry);
    entry.isGenuine = isGood;
    return isGood;
  }

  /** Names whom its scopes name. False when they do not open: then nobody can say what it gives. */
  async function openNames(entry: GrantEntry): Promise<boolean> {
    const { grant, sealedNames } = entry;
    if (sealedNames.length === 0) return true;
    try {
      const { safeId } = grant;
      const rootKeyOf = (epoch: number) => open.rootKeyOf(safeId, epoch);
      entry.grant = withNames(grant, await openRecordOfAnyEpoch(rootKeyOf, namesPlace(grant), sealedNames));
      return true;
    } catch (error) {
      if (error instanceof VaultError && error.reason === 'damaged') return false;
      throw error;
    }
  }

  async function sealNames(grant: StoredGrant, { rootKey, epoch }: RootKey, before: Bytes | undefined): Promise<Bytes> {
    const plain = encodeNames(grant);
    if (!plain) return new Uint8Array(0);
    const counter = before && before.length > 0 ? claimsOf(before).counter + 1 : 1;
    return sealRecord(rootKey, { ...namesPlace(grant), epoch, counter }, plain, host.randomBytes);
  }

  async function nameRun(): Promise<string> {
    await load();
    return inTurn(async () => {
      if (runId !== undefined) return runId;
      const fresh = bytesToHex(host.randomBytes(16));
      await write('grants.run', async () => {
        await host.session.set({ [runKey]: fresh }).catch(() => {
          throw new VaultError('storage-failed');
        });
      });
      runId = fresh;
      return fresh;
    });
  }

  async function replace(
    label: string,
    place: GrantPlace,
    change: GrantChange,
    { isUse = false, mayStand = () => true }: { isUse?: boolean; mayStand?: () => boolean } = {},
  ): Promise<StoredGrant | undefined> {
    const { safeId, origin } = place;
    const lockCount = open.lockCount(safeId);
    const current = await open.current(safeId);
    const sessionId = await open.sessionId(safeId);
    if (sessionId === undefined) throw new VaultError('locked');
    for (;;) {
      const before = (await load(origin)).get(place);
      const known = before && (await isGenuine(before)) ? currentGrant(before) : undefined;
      const grant = change(known, sessionId);
      if (!grant) return known;
      const sealedNames = await sealNames(grant, current, before?.sealedNames);
      const covered = encodeGrant(grant, sealedNames);
      const mac = await macWith(current.rootKey, labels.grantMac, covered);
      const isDone = await inTurn(async () => {
        const entries = await load(origin);
        if (entries.get(place) !== before) return false;
        if (open.lockCount(safeId) !== lockCount) throw new VaultError('locked');
        if (!mayStand()) throw new VaultError('not-found');
        const row = { safeId, origin, bytes: concat(covered, mac) };
        await write(label, () =>
          (isUse ? writeRelaxed : writeStrict)(db, ['grants'], (transaction) =>
            transaction.objectStore('grants').put(row),
          ),
        );
        if (!mayStand()) {
          await write(`${label}-back`, () =>
            writeStrict(db, ['grants'], (transaction) => backAs(transaction, place, before)),
          );
          throw new VaultError('not-found');
        }
        entries.set(place, { grant, sealedNames, covered, mac, isGenuine: true, lastUsedAtMs: grant.lastUsedAtMs });
        if (!isUse) onChange();
        return true;
      });
      if (isDone) return grant;
    }
  }

  const remove: GrantStore['remove'] = (label, isMeant, wipe) =>
    inTurn(async () => {
      const entries = await load();
      const gone = entries.all().filter(({ grant }) => isMeant(grant));
      if (gone.length === 0 && !wipe) return [];
      // Before the write: nothing may be done under a grant whose end was asked for.
      for (const { grant } of gone) entries.delete(grant);
      await write(label, () =>
        writeStrict(db, ['grants'], async (transaction) => {
          const store = transaction.objectStore('grants');
          await Promise.all([
            wipe?.(transaction),
            ...gone.map(({ grant }) => store.delete([grant.safeId, grant.origin])),
          ]);
        }),
      );
      if (gone.length > 0) onChange();
      return gone;
    });

  const putBack: GrantStore['putBack'] = (label, entry, mayCome) =>
    inTurn(async () => {
      const { safeId, origin } = entry.grant;
      const entries = await load(origin);
      if (entries.get(entry.grant) || !mayCome()) return false;
      const row = { safeId, origin, bytes: concat(entry.covered, entry.mac) };
      await write(label, () =>
        writeStrict(db, ['grants'], (transaction) => transaction.objectStore('grants').put(row)),
      );
      entries.set(entry.grant, entry);
      onChange();
      return true;
    });

  return { load, runId: () => runId, nameRun, isGenuine, replace, remove, putBack };
}
