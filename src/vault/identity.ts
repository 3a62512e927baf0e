// What the person does with a finished identity: look at it, rename it, forget it.
// Promises: forgetting needs a typed confirmation, leaves no record, and once begun is finished even if the worker dies.
// Must not: show anything of a key but its public half.
import { openKeyRecord } from './safe/key-record';
import { VaultError } from '../contract/errors';
import { nameLength } from '../contract/limits';
import { isConfirmedBy, isTypedInFull, pastedName } from '../contract/paste';
import type { IdentityDetails } from '../contract/pages/identity';
import { mustBeText } from './safe/inputs';
import type { Activity } from './activity/activity';
import type { Keys } from './keys/signing';
import type { Safe } from './safe/classify';
import type { Safes } from './safe/safes';
import type { SealedLists } from './lists/sealed-list';
import type { Sessions } from './unlock/session';

export interface Identity {
  /** Public keys and slots. Throws 'locked', 'not-found', 'damaged', 'newer-format', or 'wrong-step' for a draft. */
  details(input: { safeId: string }): Promise<IdentityDetails>;
  /** Throws as `details`, and 'invalid-input' or 'storage-failed'. */
  rename(input: { safeId: string; name: string }): Promise<void>;
  /**
   * Deletes every byte of a safe, locked or not, damaged or not; never a safe that the database says is of a newer format. `typed`: its
   * account address in any case of letters, or the safe's id when the account cannot be read; while it is unlocked the last four
   * characters do.
   * Throws 'not-confirmed', 'not-found', 'newer-format' or 'storage-failed'.
   */
  forget(input: { safeId: string; typed: string }): Promise<void>;
}

export function createIdentity(options: {
  safes: Safes;
  sessions: Sessions;
  keys: Keys;
  lists: SealedLists;
  activity: Activity;
}): Identity {
  const { safes, sessions, keys, lists, activity } = options;
  return {
    async details({ safeId }) {
      const views = await keys.views(safeId);
      const { header } = safes.copyOf(safeId);
      const slots = header.slots.map(({ slotId, type, createdAtMs }) => ({ slotId, type, createdAtMs }));
      return { safeId, account: header.account, ...views, slots, epoch: header.epoch };
    },
    async rename({ safeId, name }) {
      const copy = safes.copyOf(safeId);
      if (copy.header.state !== 'complete') throw new VaultError('wrong-step');
      const header = { ...copy.header, name: mustBeText(pastedName(name), nameLength) };
      const rootKey = await sessions.rootKey(safeId);
      await safes.write({
        stage: 'rename',
        safeId,
        rootKey,
        make: async () => ({ header, records: copy.records }),
        prove: async (written) => {
          (await openKeyRecord(written, rootKey)).fill(0);
        },
      });
    },
    async forget({ safeId, typed }) {
      const safe = safes.get(safeId);
      if (!safe) throw new VaultError('not-found');
      const confirms = (await sessions.isUnlocked(safeId)) ? isConfirmedBy : isTypedInFull;
      if (!confirms(wordOf(safe), typed)) throw new VaultError('not-confirmed');
      // While nothing is being added: what came later would stay behind, sealed under a root key that is gone.
      await lists.emptied(safeId, () => safes.remove('forget', safeId));
      await sessions.lock(safeId);
      // Its rows went with the safe; this waits for what was being written, and makes the log's memory follow.
      await activity.forget(safeId).catch(() => undefined);
    },
  };
}

/** What is typed to forget it. */
function wordOf(safe: Safe): string {
  const account = safe.kind === 'readable' ? safe.shown.account : safe.account;
  return account ?? safe.safeId;
}
