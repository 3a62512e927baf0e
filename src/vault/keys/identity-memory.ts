// What the keystore remembers of an open identity so as not to compute it twice: handles, addresses, public keys.
// Promises: bounded; in this worker's memory only; gone at lock, and unreachable for whatever was begun before it.
// Must not: hold the bytes of a secret. Keys are handles that derive but cannot be exported.
import { createBoundedMap, type BoundedMap } from '../work/bounded-map';
import type { ProtocolError } from '../../protocol/base/errors';
import type { ConversationReference } from '../../protocol/messages/conversation';
import { keystoreLimits } from '../store/limits';
import type { OwnKeys } from './own-keys';

/** A conversation whose messages can be opened and sealed. */
export interface OpenConversation {
  /** Without its context, which may have 64 KiB. */
  reference: Pick<ConversationReference, 'topic' | 'peerAddress'>;
  key: CryptoKey;
  /** The host its conversation id begins with; empty for none. */
  idHost: string;
  /** Written to since it was read: it is among those that stay. */
  isKept?: boolean;
}

/** The message keys of a pair of bundles, by our role, and the keys that name the topics they derive (protocol e.2). */
export interface PairKeys {
  sender: CryptoKey;
  recipient: CryptoKey;
  topics: { sender: CryptoKey; recipient: CryptoKey };
}

export interface KeystoreMemory {
  /** Undefined until the bundle was opened once. */
  own: OwnKeys | undefined;
  /** The key of self encryption and the name that follows from the same secret; undefined until used. */
  self: { key: CryptoKey; identifier: string } | undefined;
  /** How often conversations were stored since: what was read from disk before the last time may be of before it, and is not remembered. */
  stored: number;
  /** By topic. */
  readonly conversations: BoundedMap<OpenConversation>;
  /** By peer bundle and own prekey. */
  readonly pairs: BoundedMap<PairKeys>;
  /** Topics of V1 peers that were written to since: they are among those that stay, or will be once they are saved. */
  readonly writtenPeers: BoundedMap<true>;
  /** Whether a site began a conversation, by both. */
  readonly begun: BoundedMap<boolean>;
  /** Why no keys were agreed with a pair, by the same names: junk that comes again costs no arithmetic either. */
  readonly refusals: BoundedMap<ProtocolError>;
  /** Accounts by identity key, or why it has none. */
  readonly addresses: BoundedMap<string | ProtocolError>;
}

export interface KeystoreMemories {
  /** The memory of a safe as long as neither a lock nor a change of the safe came between. */
  of(safeId: string, lockCount: number, safeCounter: number): KeystoreMemory;
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
    of(safeId, lockCount, safeCounter) {
      const mark = `${lockCount} ${safeCounter}`;
      const held = memories.get(safeId);
      if (held?.mark === mark) return held.memory;
      drop(safeId);
      const memory: KeystoreMemory = {
        own: undefined,
        self: undefined,
        stored: 0,
        conversations: createBoundedMap(keystoreLimits.cachedConversations),
        pairs: createBoundedMap(keystoreLimits.cachedSecrets),
        writtenPeers: createBoundedMap(keystoreLimits.cachedWritten),
        begun: createBoundedMap(keystoreLimits.cachedBegun),
        refusals: createBoundedMap(keystoreLimits.cachedRefusals),
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
      return memory
        ? memory.conversations.size +
            memory.pairs.size +
            memory.writtenPeers.size +
            memory.begun.size +
            memory.refusals.size +
            memory.addresses.size
        : 0;
    },
  };
}

/** Whoever still runs with this memory finds it empty, and ends with 'locked' before it answers. */
function empty(memory: KeystoreMemory): void {
  memory.own = undefined;
  memory.self = undefined;
  memory.conversations.clear();
  memory.pairs.clear();
  memory.writtenPeers.clear();
  memory.begun.clear();
  memory.refusals.clear();
  memory.addresses.clear();
}
