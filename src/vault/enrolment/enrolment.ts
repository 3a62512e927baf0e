// Enrolment: from a chosen account to a finished identity, in steps that survive the worker and can be repeated.
// Promises: P4: keys are sealed and read back before anything is done with them; finishing is one step, after two slots have opened
// the safe (R-E1). Must not: keep a code, a passphrase or a signature, or leave anything behind of a wallet that signs unsteadily.
import { VaultError } from '../../contract/errors';
import { nameLength } from '../../contract/limits';
import { pastedCode, pastedName } from '../../contract/paste';
import type { FileSecret } from '../../contract/pages/backup';
import type { EnrolmentState, EnrolmentStep } from '../../contract/pages/enrolment';
import type { WalletChoice } from '../../contract/schemas';
import { bytesToHex, equalBytes, hexToBytes } from '../../protocol/base/bytes';
import type { BackupImport } from '../backup/import';
import type { Replica } from '../safe/replica';
import { lengthPrefixed, u64 } from '../store/encoding';
import { createEnrolmentKeys } from './sealing';
import { hasBundle, isSamePlan, planOf, stepOf } from './steps';
import type { EnrolmentPlan, Header } from '../safe/header';
import { sha256 } from '../safe/header';
import type { VaultHost } from '../store/host';
import { mustBeAccount, mustBeText, mustBeWallet } from '../safe/inputs';
import { labels } from '../store/labels';
import { networkRecordKind, networkRecordOfRetrieval } from '../publication/network-record';
import { mustBeStrong, passphraseFor } from '../unlock/passphrase';
import { bundleOfCopies } from '../keys/foreign-bundle';
import { bundleOfDraft } from '../keys/bundle';
import { groupOfCode, readRecoveryCode } from '../unlock/recovery-code';
import type { KeyEnvelope } from '../publication/retrieval';
import { oneCandidate } from '../publication/retrieval';
import type { SafeChanges } from '../safe/safe-change';
import type { Safes } from '../safe/safes';
import type { Sessions } from '../unlock/session';
import { signedBy, unlockSecretOf } from '../unlock/signed-by';
import { openSlot, slotOf } from '../unlock/slots';
import { unlockTextOf } from '../safe/unlock-text';
import type { RecoveryCode } from '../../contract/pages/unlock';

interface SafeSigned {
  safeId: string;
  signature: Uint8Array;
}

/** Every method throws 'storage-failed' when a write did not succeed, and 'not-found', 'damaged' or 'newer-format' for what is stored. */
export interface Enrolment {
  /**
   * A draft without keys, or the one this account has already. One that holds no bundle yet follows the new plan; it is begun anew where
   * it cannot (another first slot, or locked): nothing of it was ever used. One that holds its bundle keeps its own plan.
   * Throws 'already-exists' for a finished identity, 'invalid-input', and 'damaged' or 'newer-format' when a safe that cannot be read
   * belongs to this account or does not tell its account (R-H4).
   */
  begin(
    input: { account: string; wallet: WalletChoice; name: string } & Partial<EnrolmentPlan>,
  ): Promise<EnrolmentState>;
  /** Throws 'wrong-step' once the identity is finished. */
  get(input: { safeId: string }): Promise<EnrolmentState>;
  /**
   * Makes and seals the keys of a draft that begins with the wallet, or opens a locked draft. Throws 'wrong-account', 'bad-signature',
   * 'wrong-step', and 'unsteady-wallet' when the draft does not open; then it is gone.
   */
  unlockSignature(input: SafeSigned): Promise<EnrolmentState>;
  /** The same for a draft that begins with a passphrase. Throws 'weak-passphrase', 'wrong-passphrase' (the draft stays), 'wrong-step'. */
  passphrase(input: { safeId: string; passphrase: string }): Promise<EnrolmentState>;
  /** Signs and seals the whole bundle. Throws 'wrong-account', 'bad-signature', 'wrong-step', 'locked'. */
  identitySignature(input: SafeSigned): Promise<EnrolmentState>;
  /**
   * Opens a copy of the network and seals it; `envelopes`: of one candidate (retrieval.ts), `nodeUrl`: the node that gave them, by default
   * the one that is set. Throws 'unusable-copy' (detail: CopyDefect), 'wrong-account', 'bad-signature', 'wrong-step', 'locked'; the
   * draft stays as it was.
   */
  retrieve(input: SafeSigned & { envelopes: readonly KeyEnvelope[]; nodeUrl?: string }): Promise<EnrolmentState>;
  /**
   * Takes keys and conversations from a backup file. Throws 'bad-file', 'wrong-passphrase', 'wrong-code', 'unusable-copy', 'limit',
   * 'wrong-step', 'locked'; the draft stays at its step, and the same file or another can be tried.
   */
  importFile(input: { safeId: string; file: Uint8Array; secret: FileSecret }): Promise<EnrolmentState>;
  /** Throws 'unsteady-wallet' (then the draft is gone), 'wrong-account', 'bad-signature', 'wrong-step', 'locked'. */
  confirmUnlockSignature(input: SafeSigned): Promise<EnrolmentState>;
  /** A new code each time; the one before stops working. Throws 'wrong-step', 'locked'. */
  createRecoveryCode(input: { safeId: string }): Promise<RecoveryCode>;
  /** The identity is finished and unlocked. Throws 'wrong-code', 'not-confirmed', 'wrong-step', 'locked'. */
  finish(input: { safeId: string; code: string; typed: readonly string[] }): Promise<void>;
  /** Deletes a draft; does nothing when it is gone. Throws 'wrong-step' for a finished identity, 'damaged' where only the mirror says it is a draft. */
  discard(input: { safeId: string }): Promise<void>;
}

/** What a person chooses at the beginning. */
type Choice = Pick<Header, 'name' | 'wallet'> & { plan: EnrolmentPlan };

export function createEnrolment(options: {
  host: VaultHost;
  safes: Safes;
  sessions: Sessions;
  changes: SafeChanges;
  backupImport: BackupImport;
  /** The node that is set now. */
  nodeUrl: () => string | null;
}): Enrolment {
  const { host, safes, sessions, changes, backupImport, nodeUrl } = options;
  const keys = createEnrolmentKeys({ host, safes, sessions, changes });

  async function stateOf(safeId: string): Promise<EnrolmentState> {
    const copy = safes.copyOf(safeId);
    const { account, name, wallet, slots } = copy.header;
    const step = stepOf(copy);
    const locked = slots.length > 0 && !(await sessions.isUnlocked(safeId));
    return {
      safeId,
      account,
      name,
      wallet,
      ...planOf(copy.header),
      step,
      text: await textOf(copy, step, locked),
      locked,
    };
  }

  async function textOf(copy: Replica, step: EnrolmentStep, locked: boolean): Promise<string | null> {
    const { unlockText } = copy.header;
    if (locked) return planOf(copy.header).first === 'wallet' ? unlockText : null;
    if (step === 'unlock-1' || step === 'unlock-2') return unlockText;
    return step === 'identity' ? keys.identityText(copy) : null;
  }

  /** The draft at one of these steps, and of such a plan. */
  function draftAt(safeId: string, plan: Partial<EnrolmentPlan>, ...steps: EnrolmentStep[]): Replica {
    const copy = safes.copyOf(safeId);
    const fits = isSamePlan({ ...planOf(copy.header), ...plan }, planOf(copy.header));
    if (!fits || !steps.includes(stepOf(copy))) throw new VaultError('wrong-step');
    return copy;
  }

  async function begin({
    account,
    wallet,
    name,
    source = 'new',
    first = 'wallet',
  }: Parameters<Enrolment['begin']>[0]): Promise<EnrolmentState> {
    const address = mustBeAccount(account);
    const choice = {
      wallet: mustBeWallet(wallet),
      name: mustBeText(pastedName(name), nameLength),
      plan: { source, first },
    };
    const copies = safes.all().flatMap((safe) => (safe.kind === 'readable' ? [safes.copyOf(safe.safeId)] : []));
    const own = copies.filter((copy) => copy.header.account === address);
    if (own.some((copy) => copy.header.state === 'complete')) throw new VaultError('already-exists');
    for (const safe of safes.all()) {
      // It may hold this account's only keys: nothing is made beside it until the person has dealt with it.
      if (safe.kind !== 'readable' && (safe.account === address || safe.account === null)) safes.copyOf(safe.safeId);
    }
    const [draft] = own;
    if (draft && (await follows(draft, choice))) return stateOf(draft.header.safeId);
    if (draft) await wipeDraft('enrol.anew', draft.header.safeId);
    return stateOf(await create(address, choice));
  }

  async function create(account: string, choice: Choice): Promise<string> {
    const nowMs = host.nowMs();
    const bound = { account, extensionOrigin: host.extensionOrigin };
    const drawn = lengthPrefixed(labels.safeId, host.randomBytes(32), account, u64(nowMs));
    const safeId = bytesToHex(await sha256(drawn)).slice(0, 32);
    if (safes.get(safeId)) throw new VaultError('storage-failed');
    const unlockText = unlockTextOf({ ...bound, nonce: host.randomBytes(32), issuedAtMs: nowMs });
    const header = {
      safeId,
      ...bound,
      ...choice,
      state: 'draft',
      createdAtMs: nowMs,
      unlockText,
      epoch: 1,
      slots: [],
    } as const;
    await writeBare('enrol.begin', { ...header, slots: [] });
    return safeId;
  }

  function writeBare(stage: string, header: Omit<Header, 'counter' | 'records'>): Promise<Replica> {
    const input = { safeId: header.safeId, rootKey: undefined, prove: async () => undefined };
    return safes.write({ stage, ...input, make: async () => ({ header, records: [] }) });
  }

  /**
   * The person came back, perhaps with another name, way to reach the wallet, or plan. False for a draft that cannot follow and holds
   * nothing that was ever used. A locked draft keeps what it has: its header is sealed.
   */
  async function follows(copy: Replica, choice: Choice): Promise<boolean> {
    const { header } = copy;
    const plan = planOf(header);
    const isPlanned = isSamePlan(plan, choice.plan);
    const { name, wallet } = choice;
    const isNamed = JSON.stringify([header.name, header.wallet]) === JSON.stringify([name, wallet]);
    if (isPlanned && isNamed) return true;
    if (header.slots.length === 0) {
      await writeBare('enrol.rename', { ...header, ...choice });
      return true;
    }
    const isOpen = await sessions.isUnlocked(header.safeId);
    if (isPlanned || hasBundle(copy)) {
      if (isOpen && !isNamed)
        await changes.change({ stage: 'enrol.rename', safeId: header.safeId, header: { name, wallet } });
      return true;
    }
    if (!isOpen || plan.first !== choice.plan.first) return false;
    await backupImport.clear(header.safeId);
    await keys.replan(copy, choice);
    return true;
  }

  async function unlockSignature({ safeId, signature }: SafeSigned): Promise<EnrolmentState> {
    const copy = draftAt(safeId, { first: 'wallet' }, 'unlock-1', 'identity', 'retrieve', 'import', 'unlock-2', 'code');
    await withUnlockSignature(copy, signature);
    return stateOf(safeId);
  }

  /** Begins the draft with this signature, or opens it; a signature that does not open it shows a wallet that signs unsteadily. */
  async function withUnlockSignature(copy: Replica, signature: Uint8Array): Promise<void> {
    const { safeId, unlockText, account, slots } = copy.header;
    const unlockSecret = unlockSecretOf(unlockText, signature, account);
    try {
      if (slots.length === 0) return await keys.begin(copy, unlockSecret);
      if (await keys.reopen(copy, unlockSecret)) return;
      const draft = await safes.disown(safeId);
      if (draft) return await keys.begin(draft, unlockSecret);
    } finally {
      unlockSecret.fill(0);
    }
    await wipeDraft('enrol.unsteady', safeId);
    throw new VaultError('unsteady-wallet');
  }

  async function passphrase({
    safeId,
    passphrase: typed,
  }: {
    safeId: string;
    passphrase: string;
  }): Promise<EnrolmentState> {
    const copy = draftAt(safeId, { first: 'passphrase' }, 'passphrase', 'identity', 'retrieve', 'import', 'code');
    if (copy.header.slots.length === 0) {
      mustBeStrong(typed, copy.header.account);
      await keys.begin(copy, passphraseFor(typed));
    } else if (!(await keys.reopen(copy, passphraseFor(typed)))) {
      throw new VaultError('wrong-passphrase');
    }
    return stateOf(safeId);
  }

  async function identitySignature({ safeId, signature }: SafeSigned): Promise<EnrolmentState> {
    const copy = draftAt(safeId, { source: 'new' }, 'identity', 'unlock-2', 'code');
    // The page asks again after a dead worker: the bundle is sealed already.
    if (hasBundle(copy)) return stateOf(safeId);
    const complete = signedBy(copy.header.account, await keys.identityText(copy), signature);
    await keys.sign(copy, (draftSecret) => bundleOfDraft(draftSecret, complete));
    return stateOf(safeId);
  }

  async function retrieve({
    safeId,
    envelopes,
    signature,
    nodeUrl: from,
  }: Parameters<Enrolment['retrieve']>[0]): Promise<EnrolmentState> {
    const copy = draftAt(safeId, { source: 'network' }, 'retrieve', 'unlock-2', 'code');
    if (hasBundle(copy)) return stateOf(safeId);
    const { account } = copy.header;
    await sessions.rootKey(safeId);
    const candidate = oneCandidate(envelopes);
    const signatureSecret = signedBy(account, candidate.text, signature);
    const secrets: Uint8Array[] = [signatureSecret];
    try {
      const messages = candidate.envelopes.map(({ message }) => message);
      const bundleSecret = bundleOfCopies(messages, signatureSecret, account);
      secrets.push(bundleSecret);
      // Remembered, so that a rotation can seal the copy anew without asking the wallet.
      const { copyId, publishedAtMs } = candidate;
      const networkSecret = networkRecordOfRetrieval({
        walletPreKey: hexToBytes(copyId),
        signatureSecret,
        atMs: publishedAtMs,
      });
      secrets.push(networkSecret);
      await keys.seal(copy, bundleSecret, {
        name: copy.header.name,
        records: [{ kind: networkRecordKind(from ?? nodeUrl()), plain: networkSecret }],
      });
    } finally {
      for (const secret of secrets) secret.fill(0);
    }
    return stateOf(safeId);
  }

  async function importFile({ safeId, file, secret }: Parameters<Enrolment['importFile']>[0]): Promise<EnrolmentState> {
    const copy = draftAt(safeId, { source: 'backup' }, 'import', 'unlock-2', 'code');
    if (hasBundle(copy)) return stateOf(safeId);
    const { account, name } = copy.header;
    await sessions.rootKey(safeId);
    await backupImport.restore({ safeId, account, file, secret }, (imported) =>
      keys.seal(copy, imported.bundleSecret, { name: name === '' ? imported.name : name, records: imported.records }),
    );
    return stateOf(safeId);
  }

  async function confirmUnlockSignature({ safeId, signature }: SafeSigned): Promise<EnrolmentState> {
    await withUnlockSignature(draftAt(safeId, { first: 'wallet' }, 'unlock-2', 'code'), signature);
    if (safes.copyOf(safeId).header.state === 'draft') {
      await changes.change({ stage: 'enrol.confirm', safeId, header: { state: 'confirmed' } });
    }
    return stateOf(safeId);
  }

  async function finish({ safeId, code, typed }: Parameters<Enrolment['finish']>[0]): Promise<void> {
    const copy = safes.copyOf(safeId);
    const { header } = copy;
    const slot = slotOf(header, 'recovery-code');
    if (!slot || (header.state !== 'complete' && stepOf(copy) !== 'code')) throw new VaultError('wrong-step');
    const codeSecret = readRecoveryCode(code);
    if (!codeSecret) throw new VaultError('wrong-code');
    try {
      await sessions.withRootSecret(safeId, async (rootSecret) => {
        const opened = await openSlot(header, slot, codeSecret);
        const isSame = opened !== undefined && equalBytes(opened, rootSecret);
        opened?.fill(0);
        if (!isSame) throw new VaultError('wrong-code');
      });
    } finally {
      codeSecret.fill(0);
    }
    if (!Array.from(slot.params).every((group, index) => pastedCode(typed[index] ?? '') === groupOfCode(code, group))) {
      throw new VaultError('not-confirmed');
    }
    // Repeated after a dead worker: it is finished already.
    if (header.state === 'complete') return;
    await changes.change({ stage: 'enrol.finish', safeId, header: { state: 'complete' } });
    // The last act of this enrolment; that it happened does not depend on it.
    await sessions.touch(safeId).catch(() => undefined);
  }

  async function wipeDraft(stage: string, safeId: string): Promise<void> {
    const safe = safes.get(safeId);
    // That it is a draft only the mirror says, and what is left in the database may be keys: only `identity.forget` deletes those.
    if (safe?.kind === 'readable' && !safe.database && !safe.isSettled) throw new VaultError('damaged');
    await safes.remove(stage, safeId);
    await sessions.lock(safeId);
  }

  return {
    begin,
    get: ({ safeId }) => stateOf(safeId),
    unlockSignature,
    passphrase,
    identitySignature,
    retrieve,
    importFile,
    confirmUnlockSignature,
    createRecoveryCode: async ({ safeId }) => keys.addCode(draftAt(safeId, {}, 'code')),
    finish,
    async discard({ safeId }) {
      if (!safes.get(safeId)) return;
      if (safes.copyOf(safeId).header.state === 'complete') throw new VaultError('wrong-step');
      await wipeDraft('enrol.discard', safeId);
    },
  };
}
