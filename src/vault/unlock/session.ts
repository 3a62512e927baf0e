// Unlocked safes: the root key as a handle in memory, and sealed in the session area so that it survives the worker (R-F1).
// Promises: deadlines and clock are checked before each use; lock is one idempotent act that takes effect at once (R-F3, R-F5).
// Must not: write a root key to disk. The blob lies in storage.session, its key K_s in IndexedDB, from unlock to lock only.
import { VaultError } from '../../contract/errors';
import { bytesToHex } from '../../protocol/base/bytes';
import { step } from '../store/steps';
import { clockToleranceMs } from '../work/clock';
import { guard } from '../safe/replica';
import type { Database } from '../store/database';
import { readStores, writeStrict } from '../store/database';
import type { Bytes } from '../store/encoding';
import type { VaultHost } from '../store/host';
import type { UnlockedSafes, RootKey } from '../store/unlocked-safes';
import { createQueue } from '../work/queue';
import { importRootKey } from '../store/sealed-record';
import type { StoredSession } from './session-blob';
import { isStoredSession, openBlob, sealBlob } from './session-blob';

/** How long a safe stays open whatever the person does. */
export const absoluteLockMs = 12 * 3_600_000;
/** How old the stored "last seen" may get before a check writes it again. */
const seenEveryMs = 30_000;

interface Session extends StoredSession {
  rootKey: CryptoKey;
  /** `lastSeenMs` as last written to the session area. */
  savedSeenMs: number;
}

export interface Sessions extends Omit<UnlockedSafes, 'account' | 'rootKeyOf'> {
  /**
   * At start: takes up whole sessions, removes half ones and those that are due. They are read at once, and taken up when the settings are there,
   * which say what is due; settles when the safes are there too. Throws 'storage-failed', and what the others throw.
   */
  restore(loaded?: { settings: Promise<unknown>; safes: Promise<unknown> }): Promise<void>;
  /** Opens a safe; an earlier session of it ends. `epoch`: 1 when absent. Throws 'storage-failed', or 'locked' when it was locked meanwhile. */
  open(stage: string, safeId: string, rootSecret: Bytes, epoch?: number): Promise<void>;
  /**
   * Another root key for an open safe. `change` is lent the one there is, stores everything under the next, and gives it; both are wiped
   * here. Whoever asks for the key meanwhile waits, so that key and header always fit; `change` itself must not ask. The session goes
   * on as the same one. When only its new halves cannot be stored, the safe is locked. Throws 'locked', 'storage-failed', what `change` throws.
   */
  changeRoot(stage: string, safeId: string, change: (root: RootSecret) => Promise<RootSecret>): Promise<void>;
  /** Locks: takes effect in memory before it returns its promise, on disk when that settles. Throws 'storage-failed'. */
  lock(safeId: string): Promise<void>;
  /** Ends every session there is, also of a worker before this one: for the start of the browser. Throws 'storage-failed'. */
  dropAll(): Promise<void>;
  /** Safes that are open in memory, due or not. */
  unlockedSafeIds(): string[];
  /** The handle of an open safe, for logging the act that drops it and for nothing else. Checks nothing. */
  handleToLog(safeId: string): RootKey | undefined;
  /** The epoch of the root key in memory; undefined when there is none. Checks nothing. */
  epochInMemory(safeId: string): number | undefined;
  /** Lends the bytes of the root key to `use` and wipes them after it. Throws 'locked' or 'storage-failed'. */
  withRootSecret<T>(safeId: string, use: (rootSecret: Bytes) => Promise<T>): Promise<T>;
  /** An act of a person: the idle time of this safe, or of all, begins anew. Never moves the absolute end. */
  touch(safeId?: string): Promise<void>;
  /** When the safe locks by itself, milliseconds since 1970; undefined while locked. Checks nothing. */
  lockAtMs(safeId: string): number | undefined;
  /** Locks what is due. Returns the next deadline, undefined when nothing is open. */
  lockDue(): Promise<number | undefined>;
}

/** The bytes of a root key and their epoch. */
export interface RootSecret {
  rootSecret: Bytes;
  epoch: number;
}

const prefix = 'session:';

/** `onLocked` is told after the handle was dropped, once for each session that ended. */
export function createSessions(options: {
  db: Database;
  host: VaultHost;
  idleMinutes: () => number;
  onLocked: (safeId: string) => Promise<void>;
}): Sessions {
  const { db, host, idleMinutes, onLocked } = options;
  const sessions = new Map<string, Session>();
  const lockCounts = new Map<string, number>();
  /** Changes of a root key that are under way; whoever asks waits for them. */
  const changes = new Map<string, Promise<void>>();
  let lockCountOfAll = 0;
  // Store changes of opening and locking, one after the other; memory is ahead of it, never behind.
  const queue = createQueue();

  const lockCount = (safeId: string): number => lockCountOfAll + (lockCounts.get(safeId) ?? 0);
  const lockAt = (session: StoredSession): number =>
    Math.min(session.lastActMs + idleMinutes() * 60_000, session.openedAtMs + absoluteLockMs);
  const isDue = (session: StoredSession, nowMs: number): boolean =>
    nowMs > lockAt(session) || nowMs < session.lastSeenMs - clockToleranceMs;

  /** Drops the handle at once. From here on no operation of the time before may give a result. */
  function dropHandle(safeId: string): boolean {
    lockCounts.set(safeId, (lockCounts.get(safeId) ?? 0) + 1);
    return sessions.delete(safeId);
  }

  async function removeStored(safeId: string): Promise<void> {
    // Either half alone opens nothing, so both are tried even when one fails.
    const removals = await Promise.allSettled([
      step(host, 'lock.remove-blob', () => guard(() => host.session.remove([prefix + safeId]))),
      step(host, 'lock.remove-key', () =>
        writeStrict(db, ['sessionKeys'], (tx) => tx.objectStore('sessionKeys').delete(safeId)),
      ),
    ]);
    if (removals.every((one) => one.status === 'rejected')) throw new VaultError('storage-failed');
  }

  async function lock(safeId: string): Promise<void> {
    const wasOpen = dropHandle(safeId);
    const removed = queue(() => removeStored(safeId));
    if (wasOpen) await onLocked(safeId);
    await removed;
  }

  async function live(safeId: string): Promise<Session | undefined> {
    await changes.get(safeId);
    const session = sessions.get(safeId);
    if (!session) return undefined;
    const nowMs = host.nowMs();
    if (isDue(session, nowMs)) {
      // Not awaited: the handle is gone, and whoever asked may be what the rest of the lock waits for. The next start, or
      // `lockDue`, finishes a removal that fails.
      void lock(safeId).catch(() => undefined);
      return undefined;
    }
    await see(safeId, session, nowMs);
    return changes.has(safeId) ? live(safeId) : sessions.get(safeId);
  }

  /** Remembers the latest time seen, so that a clock set back is noticed, also by the next worker. */
  async function see(safeId: string, session: Session, nowMs: number): Promise<void> {
    session.lastSeenMs = Math.max(session.lastSeenMs, nowMs);
    if (session.lastSeenMs - session.savedSeenMs >= seenEveryMs) await store(safeId, session).catch(() => undefined);
  }

  function store(safeId: string, session: Session): Promise<void> {
    // In the queue, and only while it is the session: a late write must not bring back what a lock has removed.
    return queue(async () => {
      if (sessions.get(safeId) !== session) return;
      const { rootKey: _rootKey, savedSeenMs: _savedSeenMs, ...stored } = session;
      await guard(() => host.session.set({ [prefix + safeId]: stored }));
      session.savedSeenMs = stored.lastSeenMs;
    });
  }

  async function mustBeOpen(safeId: string): Promise<Session> {
    const session = await live(safeId);
    if (!session) throw new VaultError('locked');
    return session;
  }

  async function open(stage: string, safeId: string, rootSecret: Bytes, epoch = 1): Promise<void> {
    dropHandle(safeId);
    const begun = lockCount(safeId);
    const nowMs = host.nowMs();
    const times = { openedAtMs: nowMs, lastActMs: nowMs, lastSeenMs: nowMs };
    await keep(stage, safeId, { rootSecret, epoch }, { sessionId: bytesToHex(host.randomBytes(16)), ...times }, begun);
  }

  /** Stores both halves and then takes the session up in memory, unless it was locked since `begun`. A failure leaves neither half. */
  async function keep(
    stage: string,
    safeId: string,
    root: RootSecret,
    kept: Omit<StoredSession, 'sealed' | 'epoch'>,
    begun: number,
  ): Promise<void> {
    const { rootSecret, epoch } = root;
    const rootKey = await importRootKey(rootSecret);
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
    const sealed = await sealBlob(safeId, { ...kept, epoch }, key, rootSecret, host.randomBytes);
    const stored: StoredSession = { ...kept, epoch, sealed };
    await queue(async () => {
      try {
        await step(host, `${stage}.store-key`, () =>
          writeStrict(db, ['sessionKeys'], (tx) =>
            tx.objectStore('sessionKeys').put({ safeId, sessionId: kept.sessionId, key }),
          ),
        );
        await step(host, `${stage}.store-blob`, () => guard(() => host.session.set({ [prefix + safeId]: stored })));
        if (lockCount(safeId) !== begun) throw new VaultError('locked');
        sessions.set(safeId, { ...stored, rootKey, savedSeenMs: stored.lastSeenMs });
      } catch (error) {
        await removeStored(safeId).catch(() => undefined);
        throw error;
      }
    });
  }

  /** The bytes of the root key of a session. Throws 'locked' when it has ended. The caller wipes them. */
  async function secretOf(safeId: string, session: Session, begun: number): Promise<Bytes> {
    const row = await readStores(db, ['sessionKeys'], (tx) => tx.objectStore('sessionKeys').get(safeId));
    // One half is gone, with the database perhaps: the session can change nothing any more, so that it must not look open.
    if (!row) void lock(safeId).catch(() => undefined);
    if (!row || lockCount(safeId) !== begun) throw new VaultError('locked');
    const rootSecret = await openBlob(safeId, session, row.key);
    if (!rootSecret) throw new VaultError('locked');
    return rootSecret;
  }

  async function withRootSecret<T>(safeId: string, use: (rootSecret: Bytes) => Promise<T>): Promise<T> {
    const session = await mustBeOpen(safeId);
    const begun = lockCount(safeId);
    const rootSecret = await secretOf(safeId, session, begun);
    try {
      const result = await use(rootSecret);
      if (lockCount(safeId) !== begun) throw new VaultError('locked');
      return result;
    } finally {
      rootSecret.fill(0);
    }
  }

  async function changeRoot(
    stage: string,
    safeId: string,
    change: (root: RootSecret) => Promise<RootSecret>,
  ): Promise<void> {
    const session = await mustBeOpen(safeId);
    const begun = lockCount(safeId);
    let end: () => void = () => undefined;
    changes.set(safeId, new Promise<void>((resolve) => (end = resolve)));
    try {
      const rootSecret = await secretOf(safeId, session, begun);
      const next = await change({ rootSecret, epoch: session.epoch }).finally(() => rootSecret.fill(0));
      const nowMs = Math.max(host.nowMs(), session.lastSeenMs);
      const { sessionId, openedAtMs } = session;
      const kept = { sessionId, openedAtMs, lastActMs: nowMs, lastSeenMs: nowMs };
      // The change has happened: a session that cannot follow it ends, and the next unlock opens what is stored now.
      const isKept = await keep(stage, safeId, next, kept, begun).then(
        () => true,
        () => false,
      );
      next.rootSecret.fill(0);
      if (!isKept) await lock(safeId).catch(() => undefined);
    } finally {
      changes.delete(safeId);
      end();
    }
  }

  const restore: Sessions['restore'] = async (loaded) => {
    const ended: string[] = [];
    const [ofAll, ofEach] = [lockCountOfAll, new Map(lockCounts)];
    await queue(async () => {
      const [blobs, rows] = await Promise.all([
        guard(() => host.session.get(null)),
        readStores(db, ['sessionKeys'], (tx) => tx.objectStore('sessionKeys').getAll()),
        loaded?.settings,
      ]);
      const named = Object.keys(blobs).flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []));
      const keys = new Map(rows.map((row) => [row.safeId, row.key]));
      const takenUp = await Promise.all(
        [...new Set([...named, ...keys.keys()])].map(async (safeId) => {
          const key = keys.get(safeId);
          return { safeId, session: key && (await takeUp(safeId, blobs[prefix + safeId], key)) };
        }),
      );
      for (const { safeId, session } of takenUp) {
        // Locked since this began: the lock comes first, whatever was read before it.
        if (session && lockCount(safeId) === ofAll + (ofEach.get(safeId) ?? 0)) sessions.set(safeId, session);
        else ended.push(safeId);
      }
      for (const safeId of ended) await removeStored(safeId);
    });
    await loaded?.safes;
    for (const safeId of ended) await onLocked(safeId);
  };

  async function takeUp(safeId: string, value: unknown, key: CryptoKey): Promise<Session | undefined> {
    if (!isStoredSession(value) || isDue(value, host.nowMs())) return undefined;
    const rootSecret = await openBlob(safeId, value, key);
    if (!rootSecret) return undefined;
    const rootKey = await importRootKey(rootSecret);
    rootSecret.fill(0);
    return { ...value, rootKey, savedSeenMs: value.lastSeenMs };
  }

  async function dropAll(): Promise<void> {
    const open = [...sessions.keys()];
    lockCountOfAll += 1;
    sessions.clear();
    const removed = queue(async () => {
      const removals = await Promise.allSettled([
        guard(async () => {
          const keys = Object.keys(await host.session.get(null)).filter((key) => key.startsWith(prefix));
          await host.session.remove(keys);
        }),
        writeStrict(db, ['sessionKeys'], (tx) => tx.objectStore('sessionKeys').clear()),
      ]);
      if (removals.every((one) => one.status === 'rejected')) throw new VaultError('storage-failed');
    });
    for (const safeId of open) await onLocked(safeId);
    await removed;
  }

  return {
    lockCount,
    rootKey: async (safeId) => (await mustBeOpen(safeId)).rootKey,
    async current(safeId) {
      const { rootKey, epoch } = await mustBeOpen(safeId);
      return { rootKey, epoch };
    },
    sessionId: async (safeId) => (await live(safeId))?.sessionId,
    isUnlocked: async (safeId) => (await live(safeId)) !== undefined,
    restore,
    open,
    changeRoot,
    lock,
    dropAll,
    unlockedSafeIds: () => [...sessions.keys()],
    handleToLog: (safeId) => sessions.get(safeId),
    epochInMemory: (safeId) => sessions.get(safeId)?.epoch,
    withRootSecret,
    async touch(safeId) {
      for (const id of safeId === undefined ? [...sessions.keys()] : [safeId]) {
        const session = await live(id);
        if (!session) continue;
        session.lastActMs = host.nowMs();
        session.lastSeenMs = Math.max(session.lastSeenMs, session.lastActMs);
        await store(id, session);
      }
    },
    lockAtMs: (safeId) => {
      const session = sessions.get(safeId);
      return session && lockAt(session);
    },
    async lockDue() {
      const due = [...sessions].filter(([, session]) => isDue(session, host.nowMs()));
      await Promise.all(due.map(([safeId]) => lock(safeId)));
      const deadlines = [...sessions.values()].map(lockAt);
      return deadlines.length > 0 ? Math.min(...deadlines) : undefined;
    },
  };
}
