// What an enrolment seals: root key and first slot, the draft's keys or what keeps their place, the whole bundle, the recovery code.
// Promises: P4: nothing is done with a key before it was sealed, read back and opened; each write is one step, whole or not at all.
// Must not: decide which step comes next, or check who signed (enrolment.ts does).
import { awaitedKeysRecord, bundleRecord, draftKeysRecord, openKeyRecord } from '../safe/key-record';
import { VaultError } from '../../contract/errors';
import { equalBytes } from '../../protocol/base/bytes';
import type { Replica } from '../safe/replica';
import type { Bytes } from '../store/encoding';
import { u8 } from '../store/encoding';
import { planOf } from './steps';
import type { EnrolmentPlan, Header, SlotType } from '../safe/header';
import type { VaultHost } from '../store/host';
import { encodeOrigin, originRecord } from '../keys/key-origin';
import { passphraseParams } from '../unlock/passphrase';
import { createDraftKeys, identityTextOfDraft, validateBundle } from '../keys/bundle';
import { importRootKey, sealRecord } from '../store/sealed-record';
import { recoveryCodeText, recoverySecretLength, twoGroups } from '../unlock/recovery-code';
import type { SafeChange, SafeChanges } from '../safe/safe-change';
import type { Safes } from '../safe/safes';
import type { Sessions } from '../unlock/session';
import type { UnlockSecret } from '../unlock/slots';
import { createSlot, proveSlot } from '../unlock/slots';
import { openSafe } from '../unlock/unlock';
import type { RecoveryCode } from '../../contract/pages/unlock';

/** Every method throws 'storage-failed' when a write did not succeed; those that need the draft open throw 'locked'. */
export interface EnrolmentKeys {
  /** Makes the root key and its first slot, seals fresh keys or their place, and opens the draft. */
  begin(copy: Replica, unlockSecret: UnlockSecret): Promise<void>;
  /** Opens a draft by its first slot, unless it is open. False when this is not the slot's secret. */
  reopen(copy: Replica, unlockSecret: UnlockSecret): Promise<boolean>;
  /** The text the account signs for the draft's fresh identity key. */
  identityText(copy: Replica): Promise<string>;
  /** Gives the draft's fresh keys to `make` and seals what it makes of them. */
  sign(copy: Replica, make: (draftSecret: Bytes) => Bytes): Promise<void>;
  /** Seals a bundle, and other records with it, in the place that was kept for it. Throws 'damaged' for a bundle that does not check. */
  seal(
    copy: Replica,
    bundleSecret: Bytes,
    more?: { name: string; records: NonNullable<SafeChange['put']> },
  ): Promise<void>;
  /** Changes where the keys of an open draft without a bundle come from. Fresh keys that nobody has signed are dropped. */
  replan(copy: Replica, change: Pick<Header, 'name' | 'wallet'> & { plan: EnrolmentPlan }): Promise<void>;
  /** Makes a recovery code and its slot; a slot that was there before goes. */
  addCode(copy: Replica): Promise<RecoveryCode>;
}

export function createEnrolmentKeys(options: {
  host: VaultHost;
  safes: Safes;
  sessions: Sessions;
  changes: SafeChanges;
}): EnrolmentKeys {
  const { host, safes, sessions, changes } = options;
  const { randomBytes } = host;

  /** What is sealed before the bundle: fresh keys, or one byte in their place. */
  function firstRecord({ source }: EnrolmentPlan): {
    kind: typeof draftKeysRecord | typeof awaitedKeysRecord;
    plain: Bytes;
  } {
    if (source !== 'new') return { kind: awaitedKeysRecord, plain: u8(0) };
    return { kind: draftKeysRecord, plain: createDraftKeys(randomBytes, host.nowMs()) };
  }

  async function begin({ header }: Replica, unlockSecret: UnlockSecret): Promise<void> {
    const { safeId, account, epoch } = header;
    const plan = planOf(header);
    const type: SlotType = plan.first;
    const params = type === 'passphrase' ? passphraseParams() : new Uint8Array(0);
    const rootSecret = randomBytes(32);
    const { kind, plain: draftSecret } = firstRecord(plan);
    try {
      const rootKey = await importRootKey(rootSecret);
      await safes.write({
        stage: 'enrol.seal-keys',
        safeId,
        rootKey,
        make: async (counter) => {
          const bytes = await sealRecord(
            rootKey,
            { safeId, account, epoch, counter, ...kind },
            draftSecret,
            randomBytes,
          );
          const slotInput = { type, params, counter, unlockSecret, rootSecret, createdAtMs: host.nowMs() };
          const slot = await createSlot(header, slotInput, randomBytes);
          return { header: { ...header, slots: [slot] }, records: [{ ...kind, bytes }] };
        },
        prove: async (written) => {
          await proveSlot(written.header, type, unlockSecret, rootSecret);
          const back = await openKeyRecord(written, rootKey);
          const isSame = equalBytes(back, draftSecret);
          back.fill(0);
          if (!isSame) throw new VaultError('damaged');
        },
      });
      await sessions.open('enrol', safeId, rootSecret, epoch);
    } finally {
      rootSecret.fill(0);
      draftSecret.fill(0);
    }
  }

  async function reopen({ header }: Replica, unlockSecret: UnlockSecret): Promise<boolean> {
    const { safeId } = header;
    const opened = await openSafe(safes, safeId, planOf(header).first, unlockSecret);
    if (!opened) return false;
    try {
      if (!(await sessions.isUnlocked(safeId)))
        await sessions.open('enrol.reopen', safeId, opened.rootSecret, header.epoch);
      await safes.settle(safeId, opened.copy, opened.rootKey);
      return true;
    } finally {
      opened.rootSecret.fill(0);
    }
  }

  async function withDraftSecret<T>(copy: Replica, use: (draftSecret: Bytes) => T): Promise<T> {
    const draftSecret = await openKeyRecord(copy, await sessions.rootKey(copy.header.safeId));
    try {
      return use(draftSecret);
    } finally {
      draftSecret.fill(0);
    }
  }

  async function seal(
    { header }: Replica,
    bundleSecret: Bytes,
    { name, records }: { name: string; records: NonNullable<SafeChange['put']> } = { name: header.name, records: [] },
  ): Promise<void> {
    validateBundle(bundleSecret, header.account);
    const { source } = planOf(header);
    const origin =
      source === 'new' ? [] : [{ kind: originRecord, plain: encodeOrigin({ source, atMs: host.nowMs() }) }];
    await changes.change({
      stage: 'enrol.seal-bundle',
      safeId: header.safeId,
      header: { name },
      put: [{ kind: bundleRecord, plain: bundleSecret }, ...origin, ...records],
      drop: [draftKeysRecord, awaitedKeysRecord],
    });
  }

  return {
    begin,
    reopen,
    identityText: (copy) => withDraftSecret(copy, identityTextOfDraft),
    async sign(copy, make) {
      const bundleSecret = await withDraftSecret(copy, make);
      try {
        await seal(copy, bundleSecret);
      } finally {
        bundleSecret.fill(0);
      }
    },
    seal,
    async replan({ header }, change) {
      const { kind, plain: draftSecret } = firstRecord(change.plan);
      const drop = [draftKeysRecord, awaitedKeysRecord].filter(({ type }) => type !== kind.type);
      try {
        await changes.change({
          stage: 'enrol.replan',
          safeId: header.safeId,
          header: change,
          put: [{ kind, plain: draftSecret }],
          drop,
        });
      } finally {
        draftSecret.fill(0);
      }
    },
    async addCode({ header, records }) {
      const { safeId } = header;
      const rootKey = await sessions.rootKey(safeId);
      const codeSecret = randomBytes(recoverySecretLength);
      const ask = twoGroups(randomBytes(2));
      const params = Uint8Array.from(ask);
      try {
        await sessions.withRootSecret(safeId, (rootSecret) =>
          safes.write({
            stage: 'enrol.code',
            safeId,
            rootKey,
            make: async (counter) => {
              const input = {
                type: 'recovery-code',
                params,
                counter,
                unlockSecret: codeSecret,
                rootSecret,
                createdAtMs: host.nowMs(),
              } as const;
              const slot = await createSlot(header, input, randomBytes);
              return {
                header: { ...header, slots: [...header.slots.filter(({ type }) => type !== slot.type), slot] },
                records,
              };
            },
            prove: (written) => proveSlot(written.header, 'recovery-code', codeSecret, rootSecret),
          }),
        );
        return { code: recoveryCodeText(codeSecret), ask };
      } finally {
        codeSecret.fill(0);
      }
    },
  };
}
