// Epochs: a new root key for a safe, so that a removed way to open it opens nothing written later, and the keyring that goes on opening what
// was sealed under the earlier root keys. That an older secret opens nothing is seen at the unlock: unlock.ts, `openSafe`.
// Promises: the cost does not grow with the number of conversations; a kill or a failed write leaves the old epoch or the new one, whole.
// Must not: write any link from an old root key to the new one. Whoever holds an old key learns nothing that is sealed later (R-H6).
import { VaultError } from '../../contract/errors';
import { equalBytes } from '../../protocol/base/bytes';
import type { Replica, StoredRecord } from '../safe/replica';
import type { Bytes } from '../store/encoding';
import { concat, createReader, u32 } from '../store/encoding';
import type { Header, Slot } from '../safe/header';
import type { VaultHost } from '../store/host';
import type { UnlockedSafes } from '../store/unlocked-safes';
import { claimsOf, importRootKey, openRecord, sealRecord } from '../store/sealed-record';
import type { Safes } from '../safe/safes';
import type { RootSecret, Sessions } from './session';

/** Every root key before the present one, sealed under the present one. A safe of the first epoch has none. */
export const pastRootsRecord = { type: 'past-roots', id: 'roots', schema: 1 } as const;
const rootLength = 32;

/** What the slots of the new epoch are made of. */
export interface NewEpoch {
  /** The header as it will be, but for its slots. */
  header: Pick<Header, 'safeId' | 'account' | 'epoch' | 'unlockText'>;
  counter: number;
  rootSecret: Bytes;
}

export interface EpochChange {
  /** Prefix of the checkpoints of this write. */
  stage: string;
  safeId: string;
  /** All slots of the new epoch. The secret of each has opened a slot before, or `prove` opens the new slot with it. */
  slots(epoch: NewEpoch): Promise<Slot[]>;
  /** Opens every slot of what was read back and compares. Throws when one does not give `rootSecret`. */
  prove(written: Header, rootSecret: Bytes): Promise<void>;
}

export interface Epochs {
  /**
   * Seals everything the header lists anew, under a fresh root key in the next epoch. The session goes on under it, with what was given "until
   * locked". Throws 'locked', 'storage-failed', 'damaged', or what `slots` throws; then everything is as before.
   */
  change(change: EpochChange): Promise<void>;
  /** As in UnlockedSafes. */
  rootKeyOf: UnlockedSafes['rootKeyOf'];
  /** Forgets the keyring of a safe that was locked. */
  drop(safeId: string): void;
}

interface Keyring {
  lockCount: number;
  epoch: number;
  keys: Promise<ReadonlyMap<number, CryptoKey>>;
}

export function createEpochs(options: { host: VaultHost; safes: Safes; sessions: Sessions }): Epochs {
  const { host, safes, sessions } = options;
  const keyrings = new Map<string, Keyring>();

  async function change({ stage, safeId, slots, prove }: EpochChange): Promise<void> {
    const begun = sessions.lockCount(safeId);
    await sessions.changeRoot(stage, safeId, async (old) => {
      const copy = safes.copyOf(safeId);
      // A session of another epoch than its safe is ended at start; what is still different here is not an ordinary state.
      if (copy.header.epoch !== old.epoch || !(await isGenuine(copy, old.rootSecret))) throw new VaultError('damaged');
      const next: RootSecret = { rootSecret: host.randomBytes(rootLength), epoch: old.epoch + 1 };
      try {
        await write(copy, old, next, { stage, safeId, slots, prove }, () => {
          if (sessions.lockCount(safeId) !== begun) throw new VaultError('locked');
        });
        return next;
      } catch (error) {
        next.rootSecret.fill(0);
        throw error;
      }
    });
  }

  const isGenuine = async (copy: Replica, rootSecret: Bytes) => safes.isGenuine(copy, await importRootKey(rootSecret));

  async function write(
    copy: Replica,
    old: RootSecret,
    next: RootSecret,
    wanted: EpochChange,
    mustBeOpen: () => void,
  ): Promise<void> {
    const { stage, safeId } = wanted;
    const [oldKey, rootKey] = [await importRootKey(old.rootSecret), await importRootKey(next.rootSecret)];
    const header = { ...copy.header, epoch: next.epoch };
    await safes.write({
      stage,
      safeId,
      rootKey,
      make: async (counter) => {
        const records = await reseal(copy, oldKey, rootKey, next.epoch, counter);
        const pastSecret = await pastSecretOf(copy, oldKey, old);
        try {
          const place = { safeId, account: header.account, epoch: next.epoch, counter, ...pastRootsRecord };
          const { type, id } = pastRootsRecord;
          records.push({ type, id, bytes: await sealRecord(rootKey, place, pastSecret, host.randomBytes) });
        } finally {
          pastSecret.fill(0);
        }
        return {
          header: { ...header, slots: await wanted.slots({ header, counter, rootSecret: next.rootSecret }) },
          records,
        };
      },
      prove: async (written) => {
        await wanted.prove(written.header, next.rootSecret);
        await proveRecords(copy, oldKey, written, rootKey);
        const past = await openPastRoots(written, rootKey);
        const isKept = equalBytes(past.get(old.epoch) ?? new Uint8Array(0), old.rootSecret) && past.size === old.epoch;
        for (const rootSecret of past.values()) rootSecret.fill(0);
        if (!isKept) throw new VaultError('damaged');
        mustBeOpen();
      },
    });
  }

  /** Every record of a copy under another root key, but for the list of past ones. */
  async function reseal(
    copy: Replica,
    oldKey: CryptoKey,
    rootKey: CryptoKey,
    epoch: number,
    counter: number,
  ): Promise<StoredRecord[]> {
    const records: StoredRecord[] = [];
    for (const { type, id, bytes } of othersOf(copy)) {
      const { safeId, account } = copy.header;
      const plainSecret = await openOf(copy, oldKey, { type, id, bytes });
      const place = { safeId, account, type, id, schema: claimsOf(bytes).schema, epoch, counter };
      const sealed = await sealRecord(rootKey, place, plainSecret, host.randomBytes).finally(() => plainSecret.fill(0));
      records.push({ type, id, bytes: sealed });
    }
    return records;
  }

  async function rootKeyOf(safeId: string, epoch: number): Promise<CryptoKey> {
    const begun = sessions.lockCount(safeId);
    const current = await sessions.current(safeId);
    if (epoch === current.epoch) return current.rootKey;
    let keyring = keyrings.get(safeId);
    if (keyring?.lockCount !== begun || keyring.epoch !== current.epoch) {
      // Read in one go with the key, as in bundle-access.ts.
      const keys = importPastRoots(safes.copyOf(safeId), current.rootKey);
      keyring = { lockCount: begun, epoch: current.epoch, keys };
      keyrings.set(safeId, keyring);
      keys.catch(() => keyrings.delete(safeId));
    }
    const key = (await keyring.keys).get(epoch);
    if (sessions.lockCount(safeId) !== begun) throw new VaultError('locked');
    if (!key) throw new VaultError('damaged');
    return key;
  }

  return { change, rootKeyOf, drop: (safeId) => void keyrings.delete(safeId) };
}

/** The records of a copy without the list of past root keys. */
function othersOf(copy: Replica): StoredRecord[] {
  return copy.records.filter(({ type, id }) => type !== pastRootsRecord.type || id !== pastRootsRecord.id);
}

/** The plaintext of one record of a copy. Throws 'damaged'. The caller wipes it. */
function openOf(copy: Replica, rootKey: CryptoKey, { type, id, bytes }: StoredRecord): Promise<Bytes> {
  const { safeId, account, epoch } = copy.header;
  return openRecord(rootKey, { safeId, account, epoch, type, id, schema: claimsOf(bytes).schema }, bytes);
}

async function proveRecords(copy: Replica, oldKey: CryptoKey, written: Replica, rootKey: CryptoKey): Promise<void> {
  const [before, after] = [othersOf(copy), othersOf(written)];
  if (before.length !== after.length) throw new VaultError('damaged');
  for (const record of before) {
    const again = after.find(({ type, id }) => type === record.type && id === record.id);
    if (!again) throw new VaultError('damaged');
    const [plainSecret, backSecret] = [await openOf(copy, oldKey, record), await openOf(written, rootKey, again)];
    const isSame = equalBytes(plainSecret, backSecret);
    plainSecret.fill(0);
    backSecret.fill(0);
    if (!isSame) throw new VaultError('damaged');
  }
}

/** The plaintext of the next list of past root keys: epoch (4 bytes) and key (32), ascending. Secret. */
async function pastSecretOf(copy: Replica, oldKey: CryptoKey, old: RootSecret): Promise<Bytes> {
  const past = await openPastRoots(copy, oldKey);
  const all = [...past, [old.epoch, old.rootSecret] as const];
  const pastSecret = concat(...all.flatMap(([epoch, rootSecret]) => [u32(epoch), rootSecret]));
  for (const rootSecret of past.values()) rootSecret.fill(0);
  return pastSecret;
}

/** The root keys before the present one, by epoch: exactly 1 up to the one before. Throws 'damaged'. The caller wipes them. */
async function openPastRoots(copy: Replica, rootKey: CryptoKey): Promise<Map<number, Bytes>> {
  const { type, id } = pastRootsRecord;
  const record = copy.records.find((one) => one.type === type && one.id === id);
  const past = new Map<number, Bytes>();
  if (!record && copy.header.epoch === 1) return past;
  if (!record) throw new VaultError('damaged');
  const pastSecret = await openOf(copy, rootKey, record);
  try {
    const reader = createReader(pastSecret);
    for (let epoch = 1; epoch < copy.header.epoch; epoch++) {
      if (reader.u32() !== epoch) throw new VaultError('damaged');
      past.set(epoch, reader.take(rootLength));
    }
    reader.end();
    return past;
  } finally {
    pastSecret.fill(0);
  }
}

async function importPastRoots(copy: Replica, rootKey: CryptoKey): Promise<ReadonlyMap<number, CryptoKey>> {
  const past = await openPastRoots(copy, rootKey);
  const keys = new Map<number, CryptoKey>();
  for (const [epoch, rootSecret] of past)
    keys.set(epoch, await importRootKey(rootSecret).finally(() => rootSecret.fill(0)));
  return keys;
}
