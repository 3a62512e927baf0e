// Rotation of the prekey (protocol j): a new one is sealed, then copied, then announced, and only then current.
// Promises: exactly one prekey is current at all times; every step is one write, so that a dead worker leaves a whole state to go on
// from or to take back; private prekeys only grow, but for a prekey that was never sent anywhere.
// Must not: know a network. Whoever publishes says how far it came.
import { VaultError } from '../../contract/errors';
import type { RotationDays } from '../../contract/choices';
import type { RotationStage, RotationState } from '../../contract/pages/rotation';
import type { BundleAccess } from '../keys/bundle-access';
import type { VaultHost } from '../store/host';
import { readOrigin } from '../keys/key-origin';
import type { NetworkRecords } from './network-copy';
import type { UnlockedIdentity } from '../keys/unlocked-identity';
import { mostPrekeys } from '../keys/bundle';
import { withNewPrekey, withoutPrekey } from '../keys/rotated-bundle';
import type { RotationRecord } from './rotation-record';
import { hasReached, isRotationDays } from './rotation-record';
import type { SafeChanges } from '../safe/safe-change';
import type { Safes } from '../safe/safes';
import type { createRotationStates } from './rotation-states';

/** What every method throws besides what it says: 'locked', 'not-found', 'damaged', 'newer-format', 'wrong-step' for a draft, 'storage-failed'. */
export interface Rotation {
  state(safeId: string): Promise<RotationState>;
  /** Throws also 'invalid-input'. */
  setPolicy(input: { safeId: string; everyDays: RotationDays }): Promise<void>;
  /** Seals a new prekey, or answers how far the one came that is sealed already. It is read back before this settles. Throws also 'limit'. */
  begin(safeId: string): Promise<RotationStage>;
  /**
   * `copied`: the copy on the network has the new prekey, or there is none; from now on it cannot be taken back, and
   * `publication.contactMessages` announces it. `announced`: peers can read it. A stage that was passed before changes nothing. Throws also 'wrong-step' without a rotation, or when
   * `copied` was left out.
   */
  mark(safeId: string, stage: Exclude<RotationStage, 'sealed'>): Promise<void>;
  /** Remembers why it stopped: one word of VaultErrorReason. Without a rotation it does nothing. */
  failed(safeId: string, reason: string): Promise<void>;
  /**
   * The new prekey is current from now on. `at`: the node whose copy has it, by default the node that is set, null for none; copies on all
   * others are no longer called there. Throws also 'wrong-step' before `copied` when there is a copy on the network. Without a rotation it does
   * nothing, and says false.
   */
  complete(safeId: string, at?: string | null): Promise<boolean>;
  /** Removes the prekey of a rotation of which nothing was sent; by itself another one begins a day later at the earliest. Throws also 'wrong-step' when something may have been, or there is none. */
  cancel(safeId: string): Promise<void>;
  /** Open identities that should begin a rotation now, or go on with a pending rotation. Never rejects for one of them. */
  due(nowMs: number): Promise<string[]>;
  /** When this identity is due next, milliseconds since 1970; null for never. */
  nextAtMs(safeId: string): Promise<number | null>;
}

const dayMs = 86_400_000;
/** How long a rotation that stopped waits until it is due again; a rotation that was only interrupted waits a minute. */
const afterFailureMs = 3_600_000;
const afterInterruptionMs = 60_000;
/** How long a rotation that the person took back is not begun by itself. */
const afterTakenBackMs = dayMs;
const longestReason = 100;

export function createRotation(options: {
  host: VaultHost;
  safes: Pick<Safes, 'copyOf'>;
  unlockedSafeIds: () => string[];
  changes: SafeChanges;
  states: ReturnType<typeof createRotationStates>;
  networks: NetworkRecords;
  unlockedIdentity: UnlockedIdentity;
  bundleAccess: BundleAccess;
}): Rotation {
  const { host, safes, unlockedSafeIds, changes, networks, unlockedIdentity, bundleAccess } = options;
  const { read, write } = options.states;

  interface Facts {
    record: RotationRecord;
    everyDays: RotationDays;
    lastAtMs: number | null;
    plannedAtMs: number | null;
    publishes: boolean;
    /** A copy on the network, also one of which we only know that it may have been sent. */
    hasCopy: boolean;
  }

  async function factsOf(safeId: string): Promise<Facts> {
    const { ownKeys, mustStillBeOpen } = await unlockedIdentity(safeId);
    const record = await read(safeId);
    const { hasCopy, hasContact } = await networks.read(safeId, ({ copy, contactPublishedAtMs }) => ({
      hasCopy: copy !== null && copy.state !== 'asked',
      hasContact: contactPublishedAtMs !== null,
    }));
    const isElsewhere = await networks.isElsewhere(safeId);
    const origin = await readOrigin(changes, safeId);
    const { current } = await ownKeys();
    mustStillBeOpen();
    const isFromHere = origin === 'here';
    // Clients that know nothing of rotation may be in use where keys came from elsewhere or lie on the network (protocol j).
    const everyDays = record.chosenDays ?? (isFromHere && !hasCopy && !isElsewhere ? 30 : 0);
    const saidMs = Number(current.legacy.createdMs);
    // A prekey of a client whose clock was wrong must not put the next rotation off for ever.
    const madeAtMs = saidMs <= host.nowMs() ? saidMs : safes.copyOf(safeId).header.createdAtMs;
    const lastAtMs = record.lastAtMs ?? (isFromHere ? null : madeAtMs);
    const dueAtMs = (lastAtMs ?? madeAtMs) + everyDays * dayMs;
    // What the person took back is not begun again behind their back the moment after.
    const plannedAtMs =
      everyDays === 0
        ? null
        : Math.max(dueAtMs, record.takenBackAtMs === null ? 0 : record.takenBackAtMs + afterTakenBackMs);
    return { record, everyDays, lastAtMs, plannedAtMs, publishes: hasCopy || hasContact, hasCopy };
  }

  async function nextAtMs(safeId: string): Promise<number | null> {
    const { record, plannedAtMs } = await factsOf(safeId);
    const { pending } = record;
    if (!pending) return plannedAtMs;
    return pending.failure ? pending.failure.atMs + afterFailureMs : pending.startedAtMs + afterInterruptionMs;
  }

  async function mustBeFinished(safeId: string): Promise<void> {
    (await unlockedIdentity(safeId)).mustStillBeOpen();
  }

  return {
    nextAtMs,
    async state(safeId) {
      const { record, everyDays, lastAtMs, plannedAtMs, publishes } = await factsOf(safeId);
      const { pending } = record;
      return {
        everyDays,
        nextAtMs: plannedAtMs,
        lastAtMs,
        pending: pending && {
          stage: pending.stage === 'publishing' ? 'sealed' : pending.stage,
          startedAtMs: pending.startedAtMs,
          reason: pending.failure?.reason ?? null,
          canCancel: pending.stage === 'sealed',
        },
        publishes,
      };
    },
    async setPolicy({ safeId, everyDays }) {
      if (!isRotationDays(everyDays)) throw new VaultError('invalid-input');
      await mustBeFinished(safeId);
      const record = await read(safeId);
      await write(safeId, { ...record, chosenDays: everyDays, takenBackAtMs: null }, 'policy');
    },
    async begin(safeId) {
      const { ownKeys, mustStillBeOpen } = await unlockedIdentity(safeId);
      const record = await read(safeId);
      if (record.pending) return record.pending.stage === 'publishing' ? 'sealed' : record.pending.stage;
      if ((await ownKeys()).prekeys.length >= mostPrekeys) throw new VaultError('limit');
      mustStillBeOpen();
      const startedAtMs = Math.floor(host.nowMs());
      const random = host.randomBytes(32);
      try {
        const { nextSecret, prekey } = await bundleAccess(safeId, (bundleSecret) =>
          withNewPrekey(bundleSecret, random, BigInt(startedAtMs)),
        );
        try {
          await write(
            safeId,
            { ...record, pending: { prekey, stage: 'sealed', startedAtMs, failure: null }, takenBackAtMs: null },
            'begin',
            nextSecret,
          );
        } finally {
          nextSecret.fill(0);
        }
      } finally {
        random.fill(0);
      }
      return 'sealed';
    },
    async mark(safeId, stage) {
      await mustBeFinished(safeId);
      const record = await read(safeId);
      const { pending } = record;
      if (!pending || (stage === 'announced' && !hasReached(pending, 'copied'))) throw new VaultError('wrong-step');
      if (hasReached(pending, stage)) return;
      await write(safeId, { ...record, pending: { ...pending, stage } }, stage);
    },
    async failed(safeId, reason) {
      await mustBeFinished(safeId);
      const record = await read(safeId);
      if (!record.pending) return;
      const failure = { atMs: Math.floor(host.nowMs()), reason: reason.slice(0, longestReason) };
      await write(safeId, { ...record, pending: { ...record.pending, failure } }, 'failed');
    },
    async complete(safeId, at) {
      const { record, hasCopy } = await factsOf(safeId);
      if (!record.pending) return false;
      if (hasCopy && !hasReached(record.pending, 'copied')) throw new VaultError('wrong-step');
      // A copy on another node lacks the new prekey.
      const outdated = await networks.outdatedElsewhere(safeId, at);
      try {
        await write(
          safeId,
          { ...record, pending: null, lastAtMs: Math.floor(host.nowMs()) },
          'complete',
          undefined,
          outdated,
        );
      } finally {
        for (const { plain } of outdated) plain.fill(0);
      }
      return true;
    },
    async cancel(safeId) {
      await mustBeFinished(safeId);
      const record = await read(safeId);
      if (record.pending?.stage !== 'sealed') throw new VaultError('wrong-step');
      const { prekey } = record.pending;
      const nextSecret = await bundleAccess(safeId, (bundleSecret) => withoutPrekey(bundleSecret, prekey));
      try {
        await write(
          safeId,
          { ...record, pending: null, takenBackAtMs: Math.floor(host.nowMs()) },
          'cancel',
          nextSecret,
        );
      } finally {
        nextSecret.fill(0);
      }
    },
    async due(nowMs) {
      const found: string[] = [];
      for (const safeId of unlockedSafeIds()) {
        // A draft, or a safe that was locked meanwhile, is simply not due.
        const atMs = await nextAtMs(safeId).catch(() => null);
        if (atMs !== null && atMs <= nowMs) found.push(safeId);
      }
      return found;
    },
  };
}
