// Every call of the vault: which part answers it, whether it reads or changes, and what goes into the log for it.
// Promises: a change is logged when it has happened; a log that cannot be written undoes nothing.
import { nameLength } from '../contract/limits';
import type { IdentityDetails } from '../contract/pages/identity';
import type { Consent } from './consent/consent';
import type { KeyAccess } from './keys/key-access';
import type { LaterParts } from './later-parts';
import type { Publication } from './publication/publication';
import type { Safe } from './safe/classify';
import { mustBeText } from './safe/inputs';
import type { Safes } from './safe/safes';
import type { Store } from './store/store';
import type { Unlocking } from './unlock/unlocking';
import type { Vault } from './vault-api';
import type { VaultStates } from './vault-state';
import type { OnDemand } from './work/on-demand';
import type { Turns } from './work/turns';

export interface VaultParts {
  store: Store;
  safes: Safes;
  unlocking: Unlocking;
  access: KeyAccess;
  consent: Consent;
  states: VaultStates;
  turns: Turns;
  /** A part that is read when something is first asked of it. */
  later<Name extends OnDemand<LaterParts>>(name: Name): LaterParts[Name];
  publicationAt: LaterParts['publicationAt'];
}

type Calls = Omit<Vault, 'ready' | 'state' | 'browserStarted' | 'onChange' | 'lock'>;

/** Every call beside those about start, state and lock, which wait for nothing. */
export function createCalls(parts: VaultParts): Calls {
  const { store, safes, unlocking, access, consent, states, turns, later, publicationAt } = parts;
  const { sessions } = unlocking;
  const { keys, documentPrekeys } = access;
  const { log } = consent;
  const [enrolment, identity, unlock, slots] = [later('enrolment'), later('identity'), later('unlock'), later('slots')];
  const [keystore, rotation, backup, people] = [later('keystore'), later('rotation'), later('backup'), later('people')];
  const archive = later('archive');
  const { reading, changing } = turns;

  async function slotsChanged({ safeId }: { safeId: string }, purpose: string | undefined): Promise<IdentityDetails> {
    if (purpose !== undefined) await log(safeId, 'slots', purpose);
    return identity.details({ safeId });
  }

  return {
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
        return states.summaryOf(safes.get(input.safeId) as Safe);
      }),
    },
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
      withPasskey: changing(async (input) => {
        await unlock.withPasskey(input);
        await log(input.safeId, 'unlock', 'passkey');
      }),
    },
    slots: {
      check: reading(slots.check),
      prove: reading(slots.prove),
      newCode: reading(slots.newCode),
      addPassphrase: changing((input) => slots.addPassphrase(input).then(() => slotsChanged(input, 'add passphrase'))),
      addPasskey: changing((input) => slots.addPasskey(input).then(() => slotsChanged(input, 'add passkey'))),
      addWallet: changing((input) => slots.addWallet(input).then(() => slotsChanged(input, 'add wallet'))),
      replaceCode: changing((input) =>
        slots.replaceCode(input).then(() => slotsChanged(input, 'replace recovery-code')),
      ),
      remove: changing((input) => slots.remove(input).then((type) => slotsChanged(input, type && `remove ${type}`))),
    },
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
        await Promise.allSettled([
          consent.grants.forget(input.safeId),
          consent.activity.forget(input.safeId),
          consent.volume.forget(input.safeId),
          access.documentPrekeys.drop(input.safeId),
        ]);
      }),
    },
    keys: { publicBundles: reading(keys.publicBundles), sign: reading(keys.sign) },
    inboxes: inboxCalls(parts),
    // No line in the log: a name lets nobody do anything.
    people: {
      list: reading(({ safeId }) => people.list(safeId)),
      named: reading(people.named),
      name: changing(people.name),
    },
    history: { save: reading(later('history').save) },
    rotation: {
      state: reading(rotation.state),
      setPolicy: changing(rotation.setPolicy),
      begin: changing(rotation.begin),
      mark: changing(rotation.mark),
      failed: changing(rotation.failed),
      complete: changing(async (safeId, at?: string | null) => {
        const isDone = await rotation.complete(safeId, at);
        if (isDone) await log(safeId, 'rotate', '');
        return isDone;
      }),
      cancel: changing(rotation.cancel),
      due: reading(rotation.due),
      nextAtMs: reading(rotation.nextAtMs),
    },
    publication: publicationCalls(publicationAt(), turns),
    publicationAt: (nodeUrl) => publicationCalls(publicationAt(nodeUrl), turns),
    documentGone: reading(documentPrekeys.documentGone),
    keystore: {
      run: reading(keystore.run),
      describe: reading(keystore.describe),
      isCovered: reading(keystore.isCovered),
      named: reading(keystore.named),
      checkPublish: reading(keystore.checkPublish),
    },
    backup: {
      export: changing(async (input) => {
        const made = await backup.export(input);
        await log(input.safeId, 'backup', 'export');
        return made;
      }),
      preview: reading(backup.preview),
      takeNames: changing(async (input) => {
        const count = await backup.takeNames(input);
        await log(input.safeId, 'backup', 'names');
        return count;
      }),
      check: changing(async (input) => {
        const comparison = await backup.check(input);
        await log(input.safeId, 'backup', 'check');
        return comparison;
      }),
      state: reading(backup.state),
    },
    archive: {
      state: reading(archive.state),
      clear: changing(async (safeId) => {
        await archive.clear(safeId);
        await log(safeId, 'archive', 'clear');
      }),
      add: reading(archive.add),
      topics: reading(archive.topics),
      write: changing(async (wanted) => {
        const begun = await archive.write(wanted);
        // Before the first piece of it: from then on it may be read by others, whether it comes to its end or not.
        await log(wanted.safeId, 'archive', wanted.secret ? 'sealed' : 'page');
        return begun;
      }),
      piece: reading(archive.piece),
      stop: archive.stop,
      open: reading(archive.open),
      openPiece: reading(archive.openPiece),
    },
    settings: {
      get: reading(async () => store.settings.current()),
      set: changing(store.settings.set),
    },
    faces: { list: reading(store.faces.list), set: changing(store.faces.set) },
    ownPhrase: { get: reading(store.ownPhrase.get), set: changing(store.ownPhrase.set) },
    grants: consent.grants,
    quiet: consent.quiet,
    volume: consent.volume,
    approvals: consent.approvals,
    activity: consent.activity,
  };
}

function inboxCalls({ store, later, consent, turns }: VaultParts): Vault['inboxes'] {
  const [inboxes, keyExport, logs] = [later('inboxes'), later('keyExport'), later('inboxLogs')];
  const { reading, changing } = turns;
  const { nowMs } = store.host;
  const [known, makeFirst] = [reading(inboxes.known), changing(inboxes.identifier)];
  /** A change of the person: done, logged, and the list as it is then. */
  const changed =
    <Input extends { safeId: string }>(purpose: string, change: (input: Input) => Promise<void>) =>
    async (input: Input) => {
      await change(input);
      await consent.log(input.safeId, 'inbox', purpose);
      return inboxes.list(input);
    };
  const keepLog = changing(changed('read', logs.keep));
  return {
    // Mostly there is a key, and then nothing changes.
    identifier: async (safeId) => (await known(safeId)) ?? (await makeFirst(safeId)),
    describe: reading(inboxes.describe),
    sign: changing(inboxes.sign),
    describeArchive: reading(inboxes.describeArchive),
    archiveKey: changing(inboxes.archiveKey),
    list: reading(inboxes.list),
    name: changing(
      changed('name', ({ safeId, inboxId, name }) =>
        inboxes.note(safeId, inboxId, { name: mustBeText(name, nameLength) }),
      ),
    ),
    markRecovery: changing(
      changed('recovery', ({ safeId, inboxId, isRecovery }) => inboxes.markRecovery(safeId, inboxId, isRecovery)),
    ),
    correct: changing(
      changed('correct', ({ safeId, inboxId, installations, updates }) =>
        inboxes.note(safeId, inboxId, { said: { installations, updates, atMs: nowMs() } }),
      ),
    ),
    // Signatures are looked at before it is this call's turn, so that nothing else waits for them.
    readLog: async (log) => keepLog(await logs.verified(log)),
    forgetLog: changing(changed('forget read', logs.forget)),
    newKey: changing(changed('new key', ({ safeId }) => inboxes.newKey(safeId))),
    newArchiveKey: changing(changed('new archive key', ({ safeId }) => inboxes.newArchiveKey(safeId))),
    exportKey: changing(async (input) => {
      const exported = await keyExport.exportKey(input);
      await consent.log(input.safeId, 'inbox', 'export key');
      return exported;
    }),
  };
}

function publicationCalls(made: Publication, { reading, changing }: Turns): Publication {
  return {
    contactMessages: reading(made.contactMessages),
    classifyContact: reading(made.classifyContact),
    token: reading(made.token),
    copyText: changing(made.copyText),
    checkSignature: reading(made.checkSignature),
    sealCopy: changing(made.sealCopy),
    resealCopy: changing(made.resealCopy),
    opensCopy: reading(made.opensCopy),
    classifyCopies: reading(made.classifyCopies),
    copyPublished: changing(made.copyPublished),
    copySaved: changing(made.copySaved),
    contactPublished: changing(made.contactPublished),
    notice: changing(made.notice),
    facts: reading(made.facts),
  };
}
