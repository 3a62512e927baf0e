// The address book of an identity: names for the accounts of others, given by the person, sealed in the safe like everything else of it.
// Promises: an account is taken in every spelling and kept in one; a name is bounded, and the person's own words.
// Must not: be asked by a site, or for one: names are for our own pages (docs/threat-model.md, R-C11).
import { nameLength } from '../../contract/limits';
import type { Person } from '../../contract/pages/people';
import { pastedName } from '../../contract/paste';
import type { UnlockedIdentity } from '../keys/unlocked-identity';
import { mustBeAccount, mustBeText } from '../safe/inputs';
import type { SafeChanges } from '../safe/safe-change';
import type { Bytes } from '../store/encoding';
import { decodePeople, differentFrom, encodePeople, mergedPeople, peopleRecord, withName } from './people-record';

/** Every method throws 'locked', 'not-found', 'damaged', 'newer-format', 'wrong-step' for a draft, and 'storage-failed'. */
export interface People {
  /** In the order in which they were named. */
  list(safeId: string): Promise<Person[]>;
  /** Those of these accounts that have a name. */
  named(safeId: string, accounts: readonly string[]): Promise<Person[]>;
  /** Names an account; an empty name takes it out of the book. Throws 'invalid-input' and 'limit'. */
  name(input: { safeId: string; account: string; name: string }): Promise<void>;
  /** Takes in the names of another list, of two names for an account the later one. How many names are new here, or others than before. */
  merge(safeId: string, people: readonly Person[]): Promise<number>;
  /** The plaintext of the record, for a backup file; empty without names. */
  recordOf(safeId: string): Promise<Bytes>;
}

export function createPeople(options: {
  nowMs: () => number;
  changes: SafeChanges;
  unlockedIdentity: UnlockedIdentity;
}): People {
  const { nowMs, changes, unlockedIdentity } = options;

  async function list(safeId: string): Promise<Person[]> {
    const { mustStillBeOpen } = await unlockedIdentity(safeId);
    const plain = await changes.read(safeId, peopleRecord);
    mustStillBeOpen();
    return plain ? decodePeople(plain) : [];
  }

  async function write(safeId: string, people: readonly Person[]): Promise<void> {
    const put = [{ kind: peopleRecord, plain: encodePeople(people) }];
    await changes.change({ stage: 'people', safeId, put });
  }

  return {
    list,
    async named(safeId, accounts) {
      const asked = new Set(accounts.map((account) => account.toLowerCase()));
      return (await list(safeId)).filter(({ account }) => asked.has(account.toLowerCase()));
    },
    async name({ safeId, account, name }) {
      const person = {
        account: mustBeAccount(account),
        name: mustBeText(pastedName(name), nameLength),
        namedAtMs: nowMs(),
      };
      await write(safeId, withName(await list(safeId), person));
    },
    async merge(safeId, people) {
      const before = await list(safeId);
      const after = mergedPeople(before, people);
      const changed = differentFrom(before, after).length;
      if (changed > 0) await write(safeId, after);
      return changed;
    },
    async recordOf(safeId) {
      const people = await list(safeId);
      return people.length === 0 ? new Uint8Array(0) : encodePeople(people);
    },
  };
}
