// The ways to open a safe, as the person changes them: checked, added, replaced, removed.
// Promises: what opens the safe is proved before and after; removing and replacing make a new root key, which every slot that stays must
// open then and there (R-H6); two ways always remain, and a passkey is none of the two. Must not: keep a secret, or change anything when one of them does not fit.
import { VaultError } from '../../contract/errors';
import type { SlotSecret, WalletChoice } from '../../contract/schemas';
import { pastedCode } from '../../contract/paste';
import { bytesToHex, equalBytes } from '../../protocol/base/bytes';
import type { Bytes } from '../store/encoding';
import type { EpochChange, Epochs } from './epochs';
import type { Header, Slot, SlotType } from '../safe/header';
import { areEnough, passkeyParams } from '../safe/header';
import { passkeySecretOf } from './passkey';
import type { VaultHost } from '../store/host';
import { mustBeWallet } from '../safe/inputs';
import { mustBeStrong, passphraseFor, passphraseParams } from './passphrase';
import {
  groupOfCode,
  readRecoveryCode,
  recoveryCodeText,
  recoveryGroups,
  recoverySecretLength,
  twoGroups,
} from './recovery-code';
import type { Safes } from '../safe/safes';
import type { Sessions } from './session';
import type { TypedSecret, UnlockSecret } from './slots';
import { createSlot, openSlot, proveSlot, slotOf } from './slots';
import type { OpenedSafe } from './unlock';
import { unlockSecretOf } from './signed-by';
import { openSafe } from './unlock';
import type { PasskeyRequest, RecoveryCode } from '../../contract/pages/unlock';

/**
 * Every method throws 'not-found', 'damaged', 'newer-format', 'wrong-step' (a draft), and for a secret that does not open its slot
 * 'wrong-secret', 'wrong-account', 'bad-signature', 'wrong-code', 'wrong-passphrase' or 'wrong-passkey'. Those that change something throw 'locked' and
 * 'storage-failed' too; then everything is as before. A change that was made already is not made again.
 */
export interface Slots {
  /** Which slot this secret opens. */
  check(input: { safeId: string; secret: SlotSecret }): Promise<{ slotId: string }>;
  /** Settles when the secret opens a slot; nothing else comes of it. */
  prove(input: { safeId: string; proof: SlotSecret }): Promise<void>;
  /** Throws 'weak-passphrase', 'already-exists' (the safe has a passphrase). */
  addPassphrase(input: { safeId: string; proof: SlotSecret; passphrase: string }): Promise<void>;
  /** `passkey`: how it is asked from now on, and what it gave for that. Throws 'invalid-input', 'already-exists' (the safe has another one). */
  addPasskey(input: { safeId: string; proof: SlotSecret; prfSecret: Uint8Array } & PasskeyRequest): Promise<void>;
  /** Two signatures of the unlock text. `wallet`: how it is reached from now on; as before when absent. Throws 'unsteady-wallet' when they differ, 'already-exists'. */
  addWallet(input: {
    safeId: string;
    proof: SlotSecret;
    first: Uint8Array;
    second: Uint8Array;
    wallet?: WalletChoice | undefined;
  }): Promise<void>;
  /** A code that opens nothing yet. */
  newCode(input: { safeId: string }): Promise<RecoveryCode>;
  /**
   * The code in place of the one before, in a new epoch. `kept`: one secret for every slot of another type. Throws 'wrong-code' for what is not a valid code,
   * 'not-confirmed' when `typed` are not its groups `ask`, 'invalid-input'.
   */
  replaceCode(input: {
    safeId: string;
    code: string;
    ask: readonly [number, number];
    typed: readonly string[];
    kept: readonly SlotSecret[];
  }): Promise<void>;
  /** Removes a slot in a new epoch, and answers its type; undefined when it was gone. `kept` as above. Throws 'last-slots', 'invalid-input'. */
  remove(input: { safeId: string; slotId: string; kept: readonly SlotSecret[] }): Promise<SlotType | undefined>;
}

/** A secret of the person, as the slot of its type takes it. Each `unlockSecret` can be used again and again until `wipe`. */
interface Given {
  type: SlotType;
  unlockSecret: UnlockSecret;
  wipe(): void;
}

/** A slot to be: parameters and time, and the secret that opens it. */
interface Wanted extends Given {
  params: Bytes;
  createdAtMs: number;
}

const refusals = {
  wallet: 'wrong-secret',
  'recovery-code': 'wrong-code',
  passphrase: 'wrong-passphrase',
  passkey: 'wrong-passkey',
} as const;

export function createSlotChanges(options: {
  host: VaultHost;
  safes: Safes;
  sessions: Sessions;
  epochs: Epochs;
}): Slots {
  const { host, safes, sessions, epochs } = options;

  function finished(safeId: string): Header {
    const { header } = safes.copyOf(safeId);
    if (header.state !== 'complete') throw new VaultError('wrong-step');
    return header;
  }

  /** Lends the genuine safe to `use` when the secret opens a slot of it. */
  async function opened<T>(safeId: string, given: Given, use: (safe: OpenedSafe) => Promise<T>): Promise<T> {
    const safe = await openSafe(safes, safeId, given.type, given.unlockSecret);
    if (!safe) throw new VaultError(refusals[given.type]);
    try {
      return await use(safe);
    } finally {
      safe.rootSecret.fill(0);
    }
  }

  /** The same for a secret as it came from the person. */
  async function openedBy<T>(
    safeId: string,
    secret: SlotSecret,
    use: (safe: OpenedSafe, given: Given) => Promise<T>,
  ): Promise<T> {
    const given = givenOf(finished(safeId), secret);
    try {
      return await opened(safeId, given, (safe) => use(safe, given));
    } finally {
      given.wipe();
    }
  }

  /** As `opened`, for a change. A write that failed half-way may have left a replica of another epoch than this session's: a secret that opens only that one is refused. */
  async function openedNow<T>(safeId: string, given: Given, use: (safe: OpenedSafe) => Promise<T>): Promise<T> {
    return opened(safeId, given, async (safe) => {
      if (safe.copy.header.epoch !== sessions.epochInMemory(safeId)) throw new VaultError(refusals[given.type]);
      return use(safe);
    });
  }

  /** One more slot under the same root key. Does nothing when the safe has one of this type that the same secret opens. */
  async function add(
    stage: string,
    safeId: string,
    proof: SlotSecret,
    wanted: Wanted,
    change: Partial<Pick<Header, 'wallet'>> = {},
  ): Promise<void> {
    await sessions.rootKey(safeId);
    const given = givenOf(finished(safeId), proof);
    await openedNow(safeId, given, async ({ copy, rootKey, rootSecret }) => {
      const { header, records } = copy;
      const known = slotOf(header, wanted.type);
      if (known) {
        const isSame = await gives(header, known, wanted.unlockSecret, rootSecret);
        if (!isSame) throw new VaultError('already-exists');
        return;
      }
      await safes.write({
        stage,
        safeId,
        rootKey,
        make: async (counter) => {
          const slot = await createSlot(header, { ...wanted, counter, rootSecret }, host.randomBytes);
          return { header: { ...header, ...change, slots: [...header.slots, slot] }, records };
        },
        prove: (written) => proveSlot(written.header, wanted.type, wanted.unlockSecret, rootSecret),
      });
    }).finally(given.wipe);
  }

  /** A new epoch with exactly these slots. Throws before anything is written unless each of `kept` opens its slot of the present epoch. */
  async function renew(
    stage: string,
    safeId: string,
    kept: readonly Wanted[],
    fresh: readonly Wanted[],
  ): Promise<void> {
    await sessions.rootKey(safeId);
    for (const one of kept) await openedNow(safeId, one, async () => undefined);
    const all = [...kept, ...fresh];
    const slots: EpochChange['slots'] = async ({ header, counter, rootSecret }) => {
      const made: Slot[] = [];
      for (const one of all) made.push(await createSlot(header, { ...one, counter, rootSecret }, host.randomBytes));
      return made;
    };
    const prove: EpochChange['prove'] = async (written, rootSecret) => {
      for (const one of all) await proveSlot(written, one.type, one.unlockSecret, rootSecret);
    };
    await epochs.change({ stage, safeId, slots, prove });
  }

  /** Lends one secret for each of these slots to `use`. Throws 'invalid-input' when there are others, or more, or fewer. */
  async function withKept<T>(
    header: Header,
    stay: readonly Slot[],
    kept: readonly SlotSecret[],
    use: (kept: Wanted[]) => Promise<T>,
  ): Promise<T> {
    const types = kept.map(({ kind }) => kind);
    if (types.length !== stay.length || !stay.every(({ type }) => types.includes(type)))
      throw new VaultError('invalid-input');
    const wanted: Wanted[] = [];
    try {
      for (const { type, params, createdAtMs } of stay) {
        const secret = kept.find(({ kind }) => kind === type) as SlotSecret;
        wanted.push({
          ...givenOf(header, secret),
          params: type === 'passphrase' ? passphraseParams() : params,
          createdAtMs,
        });
      }
      return await use(wanted);
    } finally {
      for (const one of wanted) one.wipe();
    }
  }

  async function addPasskey(input: Parameters<Slots['addPasskey']>[0]): Promise<void> {
    const { safeId, proof } = input;
    const params = passkeyParams(input);
    if (!params) throw new VaultError('invalid-input');
    const unlockSecret = passkeySecretOf(input.prfSecret);
    const wipe = () => void unlockSecret.fill(0);
    const wanted: Wanted = { type: 'passkey', params, createdAtMs: host.nowMs(), unlockSecret, wipe };
    await add('slots.add-passkey', safeId, proof, wanted).finally(wipe);
  }

  async function addWallet({ safeId, proof, first, second, wallet }: Parameters<Slots['addWallet']>[0]): Promise<void> {
    const { unlockText, account } = finished(safeId);
    const unlockSecret = unlockSecretOf(unlockText, first, account);
    const againSecret = unlockSecretOf(unlockText, second, account);
    const isSteady = equalBytes(unlockSecret, againSecret);
    againSecret.fill(0);
    const wipe = () => unlockSecret.fill(0);
    try {
      if (!isSteady) throw new VaultError('unsteady-wallet');
      const wanted: Wanted = {
        type: 'wallet',
        params: new Uint8Array(0),
        createdAtMs: host.nowMs(),
        unlockSecret,
        wipe,
      };
      await add('slots.add-wallet', safeId, proof, wanted, wallet ? { wallet: mustBeWallet(wallet) } : {});
    } finally {
      wipe();
    }
  }

  async function replaceCode({ safeId, code, ask, typed, kept }: Parameters<Slots['replaceCode']>[0]): Promise<void> {
    const header = finished(safeId);
    const codeSecret = readRecoveryCode(code);
    if (!codeSecret) throw new VaultError('wrong-code');
    const wipe = () => void codeSecret.fill(0);
    try {
      const isAsked =
        ask.length === 2 &&
        ask[0] !== ask[1] &&
        ask.every((group) => Number.isInteger(group) && group >= 0 && group < recoveryGroups);
      if (!isAsked) throw new VaultError('invalid-input');
      const isTyped = ask.every((group, index) => pastedCode(typed[index] ?? '') === groupOfCode(code, group));
      if (!isTyped) throw new VaultError('not-confirmed');
      const old = slotOf(header, 'recovery-code');
      const stay = header.slots.filter((slot) => slot !== old);
      const fresh: Wanted = {
        type: 'recovery-code',
        params: Uint8Array.from(ask),
        createdAtMs: host.nowMs(),
        unlockSecret: codeSecret,
        wipe,
      };
      await withKept(header, stay, kept, async (wanted) => {
        // The page asks again after a dead worker: the code is in place already.
        if (old && (await gives(safes.copyOf(safeId).header, old, codeSecret))) return;
        await renew('slots.replace-code', safeId, wanted, [fresh]);
      });
    } finally {
      wipe();
    }
  }

  async function remove({ safeId, slotId, kept }: Parameters<Slots['remove']>[0]): Promise<SlotType | undefined> {
    const header = finished(safeId);
    const slot = header.slots.find((one) => one.slotId === slotId);
    if (!slot) return undefined;
    const stay = header.slots.filter((one) => one !== slot);
    if (!areEnough(stay.map(({ type }) => type))) throw new VaultError('last-slots');
    await withKept(header, stay, kept, (wanted) => renew('slots.remove', safeId, wanted, []));
    return slot.type;
  }

  return {
    check: ({ safeId, secret }) =>
      openedBy(safeId, secret, async ({ copy }, { type }) => ({ slotId: slotOf(copy.header, type)?.slotId ?? '' })),
    prove: ({ safeId, proof }) => openedBy(safeId, proof, async () => undefined),
    async addPassphrase({ safeId, proof, passphrase }) {
      mustBeStrong(passphrase, finished(safeId).account);
      const given = givenPassphrase(passphrase);
      const wanted: Wanted = { ...given, params: passphraseParams(), createdAtMs: host.nowMs() };
      await add('slots.add-passphrase', safeId, proof, wanted).finally(given.wipe);
    },
    addPasskey,
    addWallet,
    async newCode({ safeId }) {
      finished(safeId);
      const codeSecret = host.randomBytes(recoverySecretLength);
      try {
        return { code: recoveryCodeText(codeSecret), ask: twoGroups(host.randomBytes(2)) };
      } finally {
        codeSecret.fill(0);
      }
    },
    replaceCode,
    remove,
  };
}

/** Throws 'wrong-account' or 'bad-signature' for a signature, 'wrong-code' for what is not a valid code. */
function givenOf({ unlockText, account }: Header, secret: SlotSecret): Given {
  if (secret.kind === 'passphrase') return givenPassphrase(secret.passphrase);
  const unlockSecret =
    secret.kind === 'wallet'
      ? unlockSecretOf(unlockText, secret.signature, account)
      : secret.kind === 'passkey'
        ? passkeySecretOf(secret.prfSecret)
        : readRecoveryCode(secret.code);
  if (!unlockSecret) throw new VaultError('wrong-code');
  return { type: secret.kind, unlockSecret, wipe: () => void unlockSecret.fill(0) };
}

/** Hashes each form once for each slot, however often it is asked: the hash is what takes long. */
function givenPassphrase(passphrase: string): Given {
  const { forms, secretOf } = passphraseFor(passphrase);
  const secrets = new Map<string, Bytes>();
  const unlockSecret: TypedSecret = {
    forms,
    async secretOf(slot, form) {
      const key = `${form} ${bytesToHex(slot.salt)}${bytesToHex(slot.params)}`;
      const known = secrets.get(key) ?? (await secretOf(slot, form));
      secrets.set(key, known);
      return known.slice();
    },
  };
  const wipe = () => {
    for (const one of secrets.values()) one.fill(0);
    secrets.clear();
  };
  return { type: 'passphrase', unlockSecret, wipe };
}

/** Whether the secret opens this slot; with `rootSecret`, to exactly that root key. */
async function gives(header: Header, slot: Slot, unlockSecret: UnlockSecret, rootSecret?: Bytes): Promise<boolean> {
  const back = await openSlot(header, slot, unlockSecret);
  const isSame = back !== undefined && (rootSecret === undefined || equalBytes(back, rootSecret));
  back?.fill(0);
  return isSame;
}
