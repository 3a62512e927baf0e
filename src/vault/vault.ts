// The vault as a whole: `createVault(host)` composes its rooms, and is all that the worker needs to know of them.
// Promises: every call waits for the same start; changes happen one after the other; status is derived, never stored.
// Must not: decide who may ask. A call that reaches this file was let through by the gate.
import { VaultError } from '../contract/errors';
import type { IdentityDetails, IdentitySummary, VaultState } from '../contract/internal';
import type { Act } from './activity';
import { createActivity } from './activity';
import { createApprovals } from './approvals';
import { createBackups } from './backup';
import { createBackupImport } from './backup-import';
import { openDatabase } from './database';
import { createBundleDoor } from './bundle-door';
import { createConversations } from './conversations';
import { createEnrolment } from './enrolment';
import { createEpochs } from './epochs';
import { createGrants } from './grants';
import { createHistory } from './history';
import type { VaultHost } from './host';
import { createIdentity } from './identity';
import { createKeys } from './keys';
import { createKeystore } from './keystore';
import { createKeystoreMemories } from './keystore-memory';
import type { OpenSafes } from './open-safes';
import { createNetworkCopies, createNetworkRecords } from './network-copy';
import { createOpenIdentity } from './open-identity';
import { createPublication } from './publication';
import { createQueue } from './queue';
import { createRetrieval } from './retrieval';
import { createRotation, createRotationStates } from './rotation';
import { createSafeChanges } from './safe-change';
import type { Safe } from './safes';
import { createSafes } from './safes';
import { createSealedLists } from './sealed-list';
import { createSessions } from './session';
import { createSessionPrekeys } from './session-prekeys';
import { createSettings, defaultSettings } from './settings';
import { createSlotChanges } from './slot-changes';
import { createUnlock } from './unlock';
import type { Vault, VaultTopic } from './vault-api';

export type { Vault, VaultTopic } from './vault-api';

/** A vault over what the host lends it. Nothing is touched before the first call. */
export function createVault(host: VaultHost): Vault {
  const db = openDatabase(host.databaseName, host.hasRoom);
  const inTurn = createQueue();
  const listeners = new Set<(topic: VaultTopic) => void>();
  const emit = (topic: VaultTopic): void => {
    for (const listener of listeners) listener(topic);
  };

  const settings = createSettings({ db, host });
  const safes = createSafes({ db, host });
  const sessions = createSessions({ db, host, idleMinutes: () => settings.current().autoLockMinutes, onLocked });
  const epochs = createEpochs({ host, safes, sessions });
  const open: OpenSafes = {
    rootKey: sessions.rootKey,
    current: sessions.current,
    rootKeyOf: epochs.rootKeyOf,
    generation: sessions.generation,
    sessionId: sessions.sessionId,
    isUnlocked: sessions.isUnlocked,
    account: (safeId) => {
      const safe = safes.get(safeId);
      return safe?.kind === 'readable' ? safe.candidates[0].header.account : undefined;
    },
  };
  const grants = createGrants({ db, host, open, onChange: () => emit('grants') });
  const approvals = createApprovals({ host, onChange: () => emit('approvals') });
  const activity = createActivity({ db, host, open, onChange: () => emit('activity') });
  const door = createBundleDoor({ safes, sessions });
  const changes = createSafeChanges({ host, safes, sessions });
  const nodeUrl = () => settings.current().environment?.url ?? null;
  const memories = createKeystoreMemories();
  const pins = createSessionPrekeys({ host });
  const rotationStates = createRotationStates(changes);
  const openIdentity = createOpenIdentity({ safes, open, door, memories, pendingPrekey: rotationStates.pendingPrekey });
  const keys = createKeys({ openIdentity, door, pins });
  const unlock = createUnlock({ safes, sessions });
  const slots = createSlotChanges({ host, safes, sessions, epochs });
  const lists = createSealedLists({ db, host, open });
  const conversations = createConversations({ db, host, open, lists });
  const backupImport = createBackupImport({ db, host, safes, lists, conversations, settings });
  const enrolment = createEnrolment({ host, safes, sessions, changes, backupImport, nodeUrl });
  const backup = createBackups({ host, safes, sessions, door, slots, conversations, settings, changes });
  const keystore = createKeystore({ host, openIdentity, door, conversations, pins });
  const networks = createNetworkRecords({ changes, safes, nodeUrl });
  const rotation = createRotation({ host, safes, openSafeIds: sessions.openSafeIds, changes, states: rotationStates, networks, openIdentity, door });
  const copies = createNetworkCopies({ host, records: networks, rotations: rotationStates, openIdentity, door });
  const publication = createPublication({ host, records: networks, copies, changes, openIdentity, door });
  const history = createHistory({ db, host, keystore });
  const identity = createIdentity({ safes, sessions, keys, lists, activity });

  /** Told by `sessions` for each session that ended, after its key was dropped. A failure here must not undo a lock. */
  async function onLocked(safeId: string): Promise<void> {
    memories.drop(safeId);
    epochs.drop(safeId);
    await Promise.allSettled([approvals.interruptApproved(safeId), grants.endedByLock(safeId)]);
    emit('state');
  }

  let isStarted = false;
  let starting: Promise<void> | undefined;

  async function start(): Promise<void> {
    await settings.load();
    await safes.load();
    await sessions.restore();
    await pins.load();
    for (const safeId of sessions.openSafeIds()) await checkOpenSafe(safeId);
    isStarted = true;
  }

  /** A session that outlived the worker can tell at once which copy is genuine. One without a genuine safe ends. */
  async function checkOpenSafe(safeId: string): Promise<void> {
    const safe = safes.get(safeId);
    const root = await sessions.current(safeId).catch(() => undefined);
    if (!root) return;
    const candidates = safe?.kind === 'readable' ? safe.candidates : [];
    for (const copy of candidates) {
      if (await safes.isGenuine(copy, root.rootKey)) return safes.settle(safeId, copy, root.rootKey);
    }
    // Of another epoch: the worker died between the change of the root key and the session's. Its slots open it, and tell if it is damaged.
    if (safe?.kind === 'readable' && candidates.every(({ header }) => header.epoch === root.epoch)) safes.markDamaged(safeId);
    await sessions.lock(safeId);
  }

  async function ready(): Promise<void> {
    if (isStarted) return;
    starting ??= start().finally(() => {
      starting = undefined;
    });
    await starting.catch(() => undefined);
  }

  async function mustBeReady(): Promise<void> {
    await ready();
    if (!isStarted) throw new VaultError('storage-failed');
  }

  /** A call that only reads. */
  function reading<Input extends unknown[], T>(call: (...input: Input) => Promise<T>): (...input: Input) => Promise<T> {
    return async (...input) => {
      await mustBeReady();
      return call(...input);
    };
  }

  /** A call that changes something: alone, and told to the listeners, also when it failed half-way. */
  function changing<Input extends unknown[], T>(call: (...input: Input) => Promise<T>): (...input: Input) => Promise<T> {
    return async (...input) => {
      await mustBeReady();
      return inTurn(() => call(...input).finally(() => emit('state')));
    };
  }

  /** Writes an act of the person into the log. The act has happened; a log that cannot be written does not undo it. */
  async function log(safeId: string, method: string, purpose: string): Promise<void> {
    await activity.append(safeId, { atMs: host.nowMs(), origin: null, method, purpose, outcome: 'done' }).catch(() => undefined);
  }

  async function slotsChanged({ safeId }: { safeId: string }, purpose: string | undefined): Promise<IdentityDetails> {
    if (purpose !== undefined) await log(safeId, 'slots', purpose);
    return identity.details({ safeId });
  }

  /** Not in turn and not after the start: a lock waits for nothing. The act is logged with the key it had before. */
  async function lock(safeId?: string): Promise<void> {
    const logged = (safeId === undefined ? sessions.openSafeIds() : [safeId]).map((id) => logLock(id));
    if (safeId === undefined) memories.dropAll();
    await (safeId === undefined ? sessions.dropAll() : sessions.lock(safeId));
    await Promise.all(logged);
  }

  async function logLock(safeId: string): Promise<void> {
    const root = sessions.handleToLog(safeId);
    if (!root) return;
    const act: Act = { atMs: host.nowMs(), origin: null, method: 'lock', purpose: '', outcome: 'done' };
    await activity.append(safeId, act, root).catch(() => undefined);
  }

  async function summaryOf(safe: Safe): Promise<IdentitySummary> {
    const { safeId } = safe;
    if (safe.kind !== 'readable') {
      return { safeId, account: safe.account, name: '', status: 'damaged', createdAtMs: null, wallet: null, lockAtMs: null };
    }
    const { account, name, createdAtMs, wallet, state } = safe.candidates[0].header;
    const isUnlocked = await sessions.isUnlocked(safeId);
    const status = state !== 'complete' ? 'enrolling' : isUnlocked ? 'unlocked' : 'locked';
    return { safeId, account, name, status, createdAtMs, wallet, lockAtMs: sessions.lockAtMs(safeId) ?? null };
  }

  async function state(): Promise<VaultState> {
    await ready();
    const waiting = await approvals.waitingCount().catch(() => 0);
    if (!isStarted) return { status: 'damaged', identities: [], waiting, settings: defaultSettings };
    const identities: IdentitySummary[] = [];
    for (const safe of safes.all()) identities.push(await summaryOf(safe));
    return { status: statusOf(identities), identities, waiting, settings: settings.current() };
  }

  return {
    ready,
    state,
    async browserStarted() {
      memories.dropAll();
      await sessions.dropAll();
      await pins.drop().catch(() => undefined);
      emit('state');
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    enrolment: {
      begin: changing(enrolment.begin),
      get: reading(enrolment.get),
      unlockSignature: changing(enrolment.unlockSignature),
      passphrase: changing(enrolment.passphrase),
      identitySignature: changing(enrolment.identitySignature),
      retrieve: changing(async (input) => {
        const state = await enrolment.retrieve(input);
        await log(input.safeId, 'retrieve', '');
        return state;
      }),
      importFile: changing(async (input) => {
        const state = await enrolment.importFile(input);
        await log(input.safeId, 'backup', 'import');
        return state;
      }),
      confirmUnlockSignature: changing(enrolment.confirmUnlockSignature),
      createRecoveryCode: changing(enrolment.createRecoveryCode),
      discard: changing(enrolment.discard),
      finish: changing(async (input) => {
        await enrolment.finish(input);
        await log(input.safeId, 'enrol', '');
        return summaryOf({ kind: 'readable', safeId: input.safeId, candidates: [safes.copyOf(input.safeId)] });
      }),
    },
    retrieval: createRetrieval(),
    unlock: {
      text: reading(unlock.text),
      withWallet: changing(async (input) => {
        await unlock.withWallet(input);
        await log(input.safeId, 'unlock', 'wallet');
      }),
      withRecoveryCode: changing(async (input) => {
        await unlock.withRecoveryCode(input);
        await log(input.safeId, 'unlock', 'recovery-code');
      }),
      withPassphrase: changing(async (input) => {
        await unlock.withPassphrase(input);
        await log(input.safeId, 'unlock', 'passphrase');
      }),
    },
    slots: {
      check: reading(slots.check),
      prove: reading(slots.prove),
      newCode: reading(slots.newCode),
      addPassphrase: changing((input) => slots.addPassphrase(input).then(() => slotsChanged(input, 'add passphrase'))),
      addWallet: changing((input) => slots.addWallet(input).then(() => slotsChanged(input, 'add wallet'))),
      replaceCode: changing((input) => slots.replaceCode(input).then(() => slotsChanged(input, 'replace recovery-code'))),
      remove: changing((input) => slots.remove(input).then((type) => slotsChanged(input, type && `remove ${type}`))),
    },
    lock,
    lockDue: reading(sessions.lockDue),
    touch: reading(sessions.touch),
    identity: {
      details: reading(identity.details),
      rename: changing(async (input) => {
        await identity.rename(input);
        await log(input.safeId, 'rename', '');
      }),
      forget: changing(async (input) => {
        await identity.forget(input);
        // Their rows are gone with the safe; this makes memory follow, and ends what was being written.
        await Promise.allSettled([grants.forget(input.safeId), activity.forget(input.safeId), pins.drop(input.safeId)]);
      }),
    },
    keys: { publicBundles: reading(keys.publicBundles), sign: reading(keys.sign) },
    history: { save: reading(history.save) },
    rotation: {
      state: reading(rotation.state),
      setPolicy: changing(rotation.setPolicy),
      begin: changing(rotation.begin),
      mark: changing(rotation.mark),
      failed: changing(rotation.failed),
      complete: changing(async (safeId) => {
        const isDone = await rotation.complete(safeId);
        if (isDone) await log(safeId, 'rotate', '');
        return isDone;
      }),
      cancel: changing(rotation.cancel),
      due: reading(rotation.due),
      nextAtMs: reading(rotation.nextAtMs),
    },
    publication: {
      contactMessages: reading(publication.contactMessages),
      judgeContact: reading(publication.judgeContact),
      token: reading(publication.token),
      copyText: changing(publication.copyText),
      checkSignature: reading(publication.checkSignature),
      sealCopy: changing(publication.sealCopy),
      resealCopy: changing(publication.resealCopy),
      opensCopy: reading(publication.opensCopy),
      copyPublished: changing(publication.copyPublished),
      copySaved: changing(publication.copySaved),
      contactPublished: changing(publication.contactPublished),
      notice: changing(publication.notice),
      facts: reading(publication.facts),
    },
    documentGone: reading(pins.documentGone),
    keystore: { run: reading(keystore.run), describe: reading(keystore.describe), checkPublish: reading(keystore.checkPublish), digestOf: keystore.digestOf },
    backup: {
      export: changing(async (input) => {
        const made = await backup.export(input);
        await log(input.safeId, 'backup', 'export');
        return made;
      }),
      preview: reading(backup.preview),
      check: changing(async (input) => {
        const comparison = await backup.check(input);
        await log(input.safeId, 'backup', 'check');
        return comparison;
      }),
      state: reading(backup.state),
    },
    settings: {
      get: reading(async () => settings.current()),
      set: changing(settings.set),
    },
    grants,
    approvals,
    activity,
  };
}

/** Status of the whole: what the person can do next decides. */
function statusOf(identities: IdentitySummary[]): VaultState['status'] {
  const order = ['unlocked', 'locked', 'damaged', 'enrolling'] as const;
  return order.find((status) => identities.some((one) => one.status === status)) ?? 'empty';
}
