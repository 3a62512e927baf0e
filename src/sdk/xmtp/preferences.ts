// The account's private preferences as an unmodified client wants them: a map it can read without waiting, kept in step with
// the vault (protocol g.3, g.8).
// Promises ascending times, that what is known already stays as it is, and that only news is written.
// Must not encrypt, decrypt or judge: which action counts in the end is found out by the client that folds them.
import type { PrivatePreferencesAction } from '@xmtp/xmtp-js';
import { concatBytes } from '../../protocol/base/bytes';
import { decodePrivatePreferencesEntries, type PrivatePreferencesEntry } from '../../protocol/keystore/calls';
import {
  decodePreferenceAction,
  encodePreferenceAction,
  type PreferenceAction,
} from '../../protocol/messages/preference-action';

/** Time of an envelope as text to the action inside it. */
export type ActionsMap = Map<string, PrivatePreferencesAction>;

/** The preferences of one keystore object. */
export interface Preferences {
  /** Reads what the vault has; what this page knows stays. */
  load(): Promise<void>;
  /** What is known, in ascending order of time. */
  actions(): ActionsMap;
  /** Adds what is new, here at once and then in the vault. */
  save(data: ActionsMap): Promise<void>;
}

/** Preferences over the two calls of the vault; bytes are PrivatePreferencesEntries. */
export function createPreferences(vault: {
  read: () => Promise<Uint8Array>;
  write: (entries: readonly PrivatePreferencesEntry[]) => Promise<void>;
}): Preferences {
  const known: ActionsMap = new Map();

  function add(key: string, action: PrivatePreferencesAction): boolean {
    if (known.has(key)) return false;
    known.set(key, action);
    return true;
  }

  async function load(): Promise<void> {
    for (const { key, action } of decodePrivatePreferencesEntries(await vault.read())) add(key, decodeAction(action));
  }

  return {
    load,
    actions: () => new Map([...known].sort(([a], [b]) => compareTimes(a, b))),
    async save(data) {
      const fresh: PrivatePreferencesEntry[] = [];
      for (const [time, action] of data) {
        const key = nanoseconds(time);
        const bytes = encodeAction(action);
        // An action without a kind says nothing; the vault would refuse it together with its neighbours.
        if (add(key, action) && bytes.length > 0) fresh.push({ key, action: bytes });
      }
      if (fresh.length > 0) await vault.write(fresh);
      // Another page of this site may have read the network meanwhile, and the time of its run is shared.
      await load();
    },
  };
}

/**
 * The client keeps an action it published itself under milliseconds, and the same action read from the network under nanoseconds.
 * Under one key it is one action, and stands where it belongs.
 */
function nanoseconds(time: string): string {
  return /^\d{13}$/.test(time) ? `${time}000000` : time;
}

function compareTimes(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

const kinds = [
  ['allowAddress', 'walletAddresses'],
  ['denyAddress', 'walletAddresses'],
  ['allowGroup', 'groupIds'],
  ['denyGroup', 'groupIds'],
  ['allowInboxId', 'inboxIds'],
  ['denyInboxId', 'inboxIds'],
] as const satisfies readonly (readonly [PreferenceAction['kind'], string])[];

/** Wire bytes of an action. The client's type has room for several kinds at once; they follow each other, as its own codec writes them. */
export function encodeAction(action: PrivatePreferencesAction): Uint8Array {
  const fields = action as Partial<Record<string, Partial<Record<string, string[]>>>>;
  const parts: Uint8Array[] = [];
  for (const [kind, list] of kinds) {
    const values = fields[kind]?.[list];
    if (values !== undefined) parts.push(encodePreferenceAction({ kind, values }));
  }
  return concatBytes(...parts);
}

/** The action in the shape of the client's type; without a kind when nobody knew its kind when this was written. */
export function decodeAction(bytes: Uint8Array): PrivatePreferencesAction {
  const empty = Object.fromEntries(kinds.map(([kind]) => [kind, undefined])) as unknown as PrivatePreferencesAction;
  try {
    const { kind, values } = decodePreferenceAction(bytes);
    const list = kinds.find(([name]) => name === kind)?.[1] ?? '';
    return { ...empty, [kind]: { [list]: [...values] } };
  } catch {
    return empty;
  }
}
