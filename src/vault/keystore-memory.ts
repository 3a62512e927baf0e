// What the keystore remembers of an open identity so as not to compute it twice: handles, addresses, public keys.
// Promises: bounded; in this worker's memory only; gone at lock, and unreachable for whatever was begun before it.
// Must not: hold the bytes of a secret. Keys are handles that derive but cannot be exported.
import { createBoundedMap, type BoundedMap } from './bounded-map';
import type { ConversationReference } from '../protocol/conversation';
import { keystoreLimits } from './keystore-limits';
import type { OwnKeys } from './own-keys';

/** A conversation whose messages can be opened and sealed. */
export interface OpenConversation {
  reference: ConversationReference;
  key: CryptoKey;
}

/** The message keys of a pair of bundles, by our role. */
export interface PairKeys {
  sender: CryptoKey;
  recipient: CryptoKey;
}

export interface KeystoreMemory {
  /** Undefined until the bundle was opened once. */
  own: OwnKeys | undefined;
  /** The key of self encryption and the name that follows from the same secret; undefined until used. */
  self: { key: CryptoKey; identifier: string } | undefined;
  /** By topic. */
  readonly conversations: BoundedMap<OpenConversation>;
  /** By peer bundle and own prekey. */
  readonly pairs: BoundedMap<PairKeys>;
  /** Accounts by identity key. */
  readonly addresses: BoundedMap<string>;
}

export interface KeystoreMemories {
  /** The memory of a safe as long as neither a lock nor a change of the safe came between. */
  of(safeId: string, generation: number, safeCounter: number): KeystoreMemory;
  /** Empties the memory of a safe, at once. */
  drop(safeId: string): void;
  dropAll(): void;
  /** Whether anything is remembered of a safe. */
  holds(safeId: string): boolean;
  /** How many entries are held for a safe in all; for tests of the bounds. */
  sizeOf(safeId: string): number;
}

export function createKeystoreMemories(): KeystoreMemories {
  const memories = new Map<string, { mark: string; memory: KeystoreMemory }>();

  function drop(safeId: string): void {
    const held = memories.get(safeId)?.memory;
    memories.delete(safeId);
    if (held) empty(held);
  }

  return {
    of(safeId, generation, safeCounter) {
      const mark = `${generation} ${safeCounter}`;
      const held = memories.get(safeId);
      if (held?.mark === mark) return held.memory;
      drop(safeId);
      const memory: KeystoreMemory = {
        own: undefined,
        self: undefined,
        conversations: createBoundedMap(keystoreLimits.cachedConversations),
        pairs: createBoundedMap(keystoreLimits.cachedSecrets),
        addresses: createBoundedMap(keystoreLimits.cachedAddresses),
      };
      memories.set(safeId, { mark, memory });
      return memory;
    },
    drop,
    dropAll() {
      for (const safeId of memories.keys()) drop(safeId);
    },
    holds: (safeId) => memories.has(safeId),
    sizeOf(safeId) {
      const memory = memories.get(safeId)?.memory;
      return memory ? memory.conversations.size + memory.pairs.size + memory.addresses.size : 0;
    },
  };
}

/** Whoever still runs with this memory finds it empty, and ends with 'locked' before it answers. */
function empty(memory: KeystoreMemory): void {
  memory.own = undefined;
  memory.self = undefined;
  memory.conversations.clear();
  memory.pairs.clear();
  memory.addresses.clear();
}
