// Enrolment: from a chosen account to a finished identity, in steps that survive the worker and can be repeated.
// Promises: P4: keys are sealed and read back before anything is done with them; finishing is one step, after two slots have opened
// the safe (R-E1). Must not: keep a code or a signature, or leave anything behind of a wallet that signs unsteadily.
import { VaultError } from '../contract/errors';
import type { EnrolmentState, EnrolmentStep, RecoveryCode, WalletChoice } from '../contract/internal';
import { bytesToHex, equalBytes } from '../protocol/bytes';
import type { SafeCopy } from './copies';
import type { Bytes } from './encoding';
import { lengthPrefixed, u64 } from './encoding';
import type { Header, Slot } from './header';
import { sha256 } from './header';
import type { VaultHost } from './host';
import { labels } from './labels';
import { bundleOfDraft, bundleRecord, createDraftKeys, draftKeysRecord, identityTextOfDraft, validateBundle } from './private-keys';
import { mustBeAccount, mustBeText, mustBeWallet } from './inputs';
import { importRootKey, sealRecord } from './records';
import {
  groupOfCode,
  normaliseCodeText,
  readRecoveryCode,
  recoveryCodeText,
  recoverySecretLength,
  twoGroups,
} from './recovery-code';
import type { Safes } from './safes';
import type { Sessions } from './session';
import { createSlot, openSlot, proveSlot, slotOf } from './slots';
import type { OpenedSafe } from './unlock';
import { checkSigner, keyRecordOf, openKeyRecord, openSafe, unlockSecretOf } from './unlock';
import { unlockTextOf } from './unlock-text';

/** Every method throws 'storage-failed' when a write did not succeed, and 'not-found', 'damaged' or 'newer-format' for what is stored. */
export interface Enrolment {
  /**
   * A draft without keys, or the one this account has already. Throws 'already-exists' for a finished identity, 'invalid-input',
   * and 'damaged' or 'newer-format' when a safe that cannot be read belongs to this account or does not tell its account (R-H4).
   */
  begin(input: { account: string; wallet: WalletChoice; name: string }): Promise<EnrolmentState>;
  /** Throws 'wrong-step' once the identity is finished. */
  get(input: { safeId: string }): Promise<EnrolmentState>;
  /**
   * Makes and seals the keys, or opens a locked draft. Throws 'wrong-account', 'bad-signature', and 'unsteady-wallet' when the
   * draft does not open; then it is gone.
   */
  unlockSignature(input: { safeId: string; signature: Uint8Array }): Promise<EnrolmentState>;
  /** Signs and seals the whole bundle. Throws 'wrong-account', 'bad-signature', 'wrong-step', 'locked'. */
  identitySignature(input: { safeId: string; signature: Uint8Array }): Promise<EnrolmentState>;
  /** Throws 'unsteady-wallet' (then the draft is gone), 'wrong-account', 'bad-signature', 'wrong-step', 'locked'. */
  confirmUnlockSignature(input: { safeId: string; signature: Uint8Array }): Promise<EnrolmentState>;
  /** A new code each time; the one before stops working. Throws 'wrong-step', 'locked'. */
  createRecoveryCode(input: { safeId: string }): Promise<RecoveryCode>;
  /** The identity is finished and unlocked. Throws 'wrong-code', 'not-confirmed', 'wrong-step', 'locked'. */
  finish(input: { safeId: string; code: string; typed: readonly string[] }): Promise<void>;
  /** Deletes a draft; one that is gone is fine. Throws 'wrong-step' for a finished identity. */
  discard(input: { safeId: string }): Promise<void>;
}

/** What a draft's header may change without its keys. */
type Change = Partial<Pick<Header, 'state' | 'name' | 'wallet'>>;

export function createEnrolment({ host, safes, sessions }: { host: VaultHost; safes: Safes; sessions: Sessions }): Enrolment {
  const { randomBytes } = host;

  async function stateOf(safeId: string): Promise<EnrolmentState> {
    const copy = safes.copyOf(safeId);
    const { account, name, wallet, unlockText } = copy.header;
    const step = stepOf(copy);
    const locked = step !== 'unlock-1' && !(await sessions.isUnlocked(safeId));
    const signsUnlockText = locked || step === 'unlock-1' || step === 'unlock-2';
    const text = signsUnlockText ? unlockText : step === 'identity' ? await identityText(copy) : null;
    return { safeId, account, name, wallet, step, text, locked };
  }

  async function identityText(copy: SafeCopy): Promise<string> {
    const draftSecret = await openKeyRecord(copy, await sessions.rootKey(copy.header.safeId));
    try {
      return identityTextOfDraft(draftSecret);
    } finally {
      draftSecret.fill(0);
    }
  }

  /** The draft at one of these steps, opened by its session. */
  function draftAt(safeId: string, ...steps: EnrolmentStep[]): SafeCopy {
    const copy = safes.copyOf(safeId);
    if (!steps.includes(stepOf(copy))) throw new VaultError('wrong-step');
    return copy;
  }

  /** Writes header and key record of a safe; `change` gives what differs from the copy before. */
  async function rewrite(stage: string, copy: SafeCopy, rootKey: CryptoKey, change: Change): Promise<void> {
    const { place, bytes } = keyRecordOf(copy);
    await safes.write({
      stage,
      safeId: copy.header.safeId,
      rootKey,
      make: async () => ({ header: { ...copy.header, ...change }, records: [{ ...place, bytes }] }),
      prove: async (written) => {
        (await openKeyRecord(written, rootKey)).fill(0);
      },
    });
  }

  async function begin({ account, wallet, name }: Parameters<Enrolment['begin']>[0]): Promise<EnrolmentState> {
    const address = mustBeAccount(account);
    const choice = mustBeWallet(wallet);
    const shownName = mustBeText(name.trim(), 60);
    const copies = safes.all().flatMap((safe) => (safe.kind === 'readable' ? [safe.candidates[0]] : []));
    const own = copies.filter((copy) => copy.header.account === address);
    if (own.some((copy) => copy.header.state === 'complete')) throw new VaultError('already-exists');
    for (const safe of safes.all()) {
      // It may hold this account's only keys: nothing is made beside it until the person has dealt with it.
      if (safe.kind !== 'readable' && (safe.account === address || safe.account === null)) safes.copyOf(safe.safeId);
    }
    const [draft] = own;
    if (draft) {
      await renameDraft(draft, { name: shownName, wallet: choice });
      return stateOf(draft.header.safeId);
    }
    const nowMs = host.nowMs();
    const bound = { account: address, extensionOrigin: host.extensionOrigin };
    const drawn = lengthPrefixed(labels.safeId, randomBytes(32), address, u64(nowMs));
    const safeId = bytesToHex(await sha256(drawn)).slice(0, 32);
    if (safes.get(safeId)) throw new VaultError('storage-failed');
    const unlockText = unlockTextOf({ ...bound, nonce: randomBytes(32), issuedAtMs: nowMs });
    const header = { safeId, ...bound, name: shownName, createdAtMs: nowMs, wallet: choice, unlockText, epoch: 1, slots: [] };
    await safes.write({
      stage: 'enrol.begin',
      safeId,
      rootKey: undefined,
      make: async () => ({ header: { ...header, state: 'draft' }, records: [] }),
      prove: async () => undefined,
    });
    return stateOf(safeId);
  }

  /** The person came back with another name or way to reach the wallet. A locked draft keeps the old ones: its header is sealed. */
  async function renameDraft(copy: SafeCopy, change: Pick<Header, 'name' | 'wallet'>): Promise<void> {
    const { header } = copy;
    if (JSON.stringify([header.name, header.wallet]) === JSON.stringify([change.name, change.wallet])) return;
    if (header.slots.length === 0) {
      const content = { header: { ...header, ...change }, records: [] };
      const input = { safeId: header.safeId, rootKey: undefined, make: async () => content, prove: async () => undefined };
      await safes.write({ stage: 'enrol.rename', ...input });
    } else if (await sessions.isUnlocked(header.safeId)) {
      await rewrite('enrol.rename', copy, await sessions.rootKey(header.safeId), change);
    }
  }

  async function unlockSignature({ safeId, signature }: { safeId: string; signature: Uint8Array }): Promise<EnrolmentState> {
    const copy = draftAt(safeId, 'unlock-1', 'identity', 'unlock-2', 'code');
    const unlockSecret = unlockSecretOf(copy.header.unlockText, signature, copy.header.account);
    try {
      if (stepOf(copy) === 'unlock-1') await makeKeys(copy, unlockSecret);
      else await reopen(safeId, unlockSecret);
    } finally {
      unlockSecret.fill(0);
    }
    return stateOf(safeId);
  }

  async function makeKeys({ header }: SafeCopy, unlockSecret: Bytes): Promise<void> {
    const { safeId, account, epoch } = header;
    const rootSecret = randomBytes(32);
    const draftSecret = createDraftKeys(randomBytes, host.nowMs());
    try {
      const rootKey = await importRootKey(rootSecret);
      await safes.write({
        stage: 'enrol.seal-keys',
        safeId,
        rootKey,
        make: async (counter) => {
          const place = { safeId, account, epoch, counter, ...draftKeysRecord };
          const bytes = await sealRecord(rootKey, place, draftSecret, randomBytes);
          const slot = await newSlot(header, { type: 'wallet', params: new Uint8Array(0), counter, unlockSecret, rootSecret });
          return { header: { ...header, slots: [slot] }, records: [{ ...draftKeysRecord, bytes }] };
        },
        prove: async (written) => {
          await proveSlot(written.header, 'wallet', unlockSecret, rootSecret);
          const back = await openKeyRecord(written, rootKey);
          const isSame = equalBytes(back, draftSecret);
          back.fill(0);
          if (!isSame) throw new VaultError('damaged');
        },
      });
      await sessions.open('enrol', safeId, rootSecret);
    } finally {
      rootSecret.fill(0);
      draftSecret.fill(0);
    }
  }

  function newSlot(header: Header, input: Omit<Parameters<typeof createSlot>[1], 'createdAtMs'>): Promise<Slot> {
    return createSlot(header, { ...input, createdAtMs: host.nowMs() }, randomBytes);
  }

  async function reopen(safeId: string, unlockSecret: Bytes): Promise<OpenedSafe['copy']> {
    const opened = await openSafe(safes, safeId, 'wallet', unlockSecret);
    if (!opened) {
      await wipeDraft('enrol.unsteady', safeId);
      throw new VaultError('unsteady-wallet');
    }
    try {
      if (!(await sessions.isUnlocked(safeId))) await sessions.open('enrol.reopen', safeId, opened.rootSecret);
      await safes.settle(safeId, opened.copy, opened.rootKey);
      return safes.copyOf(safeId);
    } finally {
      opened.rootSecret.fill(0);
    }
  }

  async function identitySignature({ safeId, signature }: { safeId: string; signature: Uint8Array }): Promise<EnrolmentState> {
    const copy = draftAt(safeId, 'identity', 'unlock-2', 'code');
    // The page asks again after a dead worker: the bundle is sealed already.
    if (stepOf(copy) !== 'identity') return stateOf(safeId);
    const { header } = copy;
    checkSigner(await identityText(copy), signature, header.account);
    const rootKey = await sessions.rootKey(safeId);
    const draftSecret = await openKeyRecord(copy, rootKey);
    const bundleSecret = bundleOfDraft(draftSecret, signature);
    draftSecret.fill(0);
    try {
      await safes.write({
        stage: 'enrol.seal-bundle',
        safeId,
        rootKey,
        make: async (counter) => {
          const place = { safeId, account: header.account, epoch: header.epoch, counter, ...bundleRecord };
          return { header, records: [{ ...bundleRecord, bytes: await sealRecord(rootKey, place, bundleSecret, randomBytes) }] };
        },
        prove: async (written) => {
          const back = await openKeyRecord(written, rootKey);
          try {
            validateBundle(back, header.account);
          } finally {
            back.fill(0);
          }
        },
      });
    } finally {
      bundleSecret.fill(0);
    }
    return stateOf(safeId);
  }

  async function confirmUnlockSignature({ safeId, signature }: { safeId: string; signature: Uint8Array }): Promise<EnrolmentState> {
    const copy = draftAt(safeId, 'unlock-2', 'code');
    const unlockSecret = unlockSecretOf(copy.header.unlockText, signature, copy.header.account);
    try {
      const opened = await reopen(safeId, unlockSecret);
      if (opened.header.state === 'draft') {
        await rewrite('enrol.confirm', opened, await sessions.rootKey(safeId), { state: 'confirmed' });
      }
    } finally {
      unlockSecret.fill(0);
    }
    return stateOf(safeId);
  }

  async function createRecoveryCode({ safeId }: { safeId: string }): Promise<RecoveryCode> {
    const copy = draftAt(safeId, 'code');
    const rootKey = await sessions.rootKey(safeId);
    const codeSecret = randomBytes(recoverySecretLength);
    const ask = twoGroups(randomBytes(2));
    try {
      await sessions.withRootSecret(safeId, (rootSecret) =>
        safes.write({
          stage: 'enrol.code',
          safeId,
          rootKey,
          make: async (counter) => {
            const params = Uint8Array.from(ask);
            const slot = await newSlot(copy.header, { type: 'recovery-code', params, counter, unlockSecret: codeSecret, rootSecret });
            const slots = [...copy.header.slots.filter((one) => one.type !== slot.type), slot];
            return { header: { ...copy.header, slots }, records: copy.records };
          },
          prove: (written) => proveSlot(written.header, 'recovery-code', codeSecret, rootSecret),
        }),
      );
      return { code: recoveryCodeText(codeSecret), ask };
    } finally {
      codeSecret.fill(0);
    }
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
    if (!Array.from(slot.params).every((group, index) => normaliseCodeText(typed[index] ?? '') === groupOfCode(code, group))) {
      throw new VaultError('not-confirmed');
    }
    // Repeated after a dead worker: it is finished already.
    if (header.state === 'complete') return;
    await rewrite('enrol.finish', copy, await sessions.rootKey(safeId), { state: 'complete' });
    // The last act of this enrolment; that it happened does not depend on it.
    await sessions.touch(safeId).catch(() => undefined);
  }

  async function wipeDraft(stage: string, safeId: string): Promise<void> {
    await safes.remove(stage, safeId);
    await sessions.lock(safeId);
  }

  async function discard({ safeId }: { safeId: string }): Promise<void> {
    if (!safes.get(safeId)) return;
    if (safes.copyOf(safeId).header.state === 'complete') throw new VaultError('wrong-step');
    await wipeDraft('enrol.discard', safeId);
  }

  return {
    begin,
    get: ({ safeId }) => stateOf(safeId),
    unlockSignature,
    identitySignature,
    confirmUnlockSignature,
    createRecoveryCode,
    finish,
    discard,
  };
}

/** The step of a draft, read off what it holds. Throws 'wrong-step' for a finished identity. */
function stepOf({ header, records }: SafeCopy): EnrolmentStep {
  if (header.state === 'complete') throw new VaultError('wrong-step');
  if (header.slots.length === 0) return 'unlock-1';
  if (header.state === 'confirmed') return 'code';
  return records.some((record) => record.type === bundleRecord.type) ? 'unlock-2' : 'identity';
}
