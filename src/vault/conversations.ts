// What a safe remembers for messaging: conversations with their topic keys, V1 peers, private preferences, times of refresh jobs.
// Promises: the first invitation for a topic wins; one more of anything costs the same however many there are.
// Must not: hold a topic key longer than a call. Callers wipe the `topicSecret` they get.
import { VaultError } from '../contract/errors';
import { bytesToHex } from '../protocol/bytes';
import type { ConversationReference } from '../protocol/conversation';
import { decodeConversationReference, encodeConversationReference } from '../protocol/conversation';
import { step } from './checkpoint';
import type { Database } from './database';
import { readStores, writeStrict } from './database';
import type { Bytes } from './encoding';
import { asBytes, concat, createReader, lengthPrefixed } from './encoding';
import type { VaultHost } from './host';
import { labels } from './labels';
import type { OpenSafes, RootKey } from './open-safes';
import { claimsOf, macWith, openRecordOfAnyEpoch, sealRecord, type RecordPlace } from './records';
import type { ListEntry, SealedLists } from './sealed-list';

/** A V2 conversation with the key of its messages. */
export interface Conversation {
  reference: ConversationReference;
  /** 32 bytes. */
  topicSecret: Bytes;
}

/** A private preference: when it was published, as the app writes it (decimal digits), and the bytes of the action. */
export interface Preference {
  key: string;
  action: Uint8Array;
}

/** Every method throws 'locked', 'not-found' or 'storage-failed'; those that add also 'limit'. */
export interface Conversations {
  /** Adds those whose topic is new, all in one flushed transaction. Returns which were. */
  add(safeId: string, conversations: readonly Conversation[]): Promise<boolean[]>;
  /** In the order of `topics`; undefined for unknown ones. */
  find(safeId: string, topics: readonly string[]): Promise<(Conversation | undefined)[]>;
  /** The first that was added of those with this peer and conversation id; an absent id and an empty one are the same. */
  findOfPeer(safeId: string, peerAddress: string, conversationId: string): Promise<Conversation | undefined>;
  /** All with their keys, in the order they were added: for a backup file. The caller wipes the keys. Throws also 'damaged'. */
  listWithKeys(safeId: string): Promise<Conversation[]>;
  /** Wire bytes of every ConversationReference, ascending by `createdNs`; equal ones in the order they were added. */
  list(safeId: string): Promise<Uint8Array[]>;
  /** Adds V1 peers whose topic is new. */
  addPeers(safeId: string, peers: readonly ConversationReference[]): Promise<void>;
  /** Wire bytes of every V1 ConversationReference, in the order they were added. */
  listPeers(safeId: string): Promise<Uint8Array[]>;
  /** Adds preferences whose key is new. */
  addPreferences(safeId: string, preferences: readonly Preference[]): Promise<void>;
  /** Ascending by the number the key is; equal ones in the order they were added. */
  listPreferences(safeId: string): Promise<Preference[]>;
  /** Nanoseconds since 1970; 0 when the job never ran, or its record does not open: then everything is fetched again. */
  jobLastRunNs(safeId: string, job: number): Promise<bigint>;
  setJobLastRunNs(safeId: string, job: number, lastRunNs: bigint): Promise<void>;
}

const jobSchema = 1;
const topicSecretLength = 32;

export function createConversations(options: { db: Database; host: VaultHost; open: OpenSafes; lists: SealedLists }): Conversations {
  const { db, host, open, lists } = options;

  async function jobPlace(safeId: string, job: number): Promise<{ current: RootKey; name: Bytes; place: Omit<RecordPlace, 'counter' | 'epoch'> }> {
    const current = await open.current(safeId);
    // Names are made with the root key of the first epoch, as in the lists.
    const nameRoot = await open.rootKeyOf(safeId, 1);
    const account = open.account(safeId);
    if (account === undefined) throw new VaultError('not-found');
    const name = await macWith(nameRoot, labels.entryName, lengthPrefixed('job', String(job)));
    return { current, name, place: { safeId, account, type: 'job', id: bytesToHex(name), schema: jobSchema } };
  }

  function readJob(safeId: string, name: Bytes): Promise<{ bytes: Bytes } | undefined> {
    return readStores(db, ['jobs'], (transaction) => transaction.objectStore('jobs').get([safeId, name]));
  }

  return {
    async add(safeId, conversations) {
      const entries = conversations.map(entryOf);
      try {
        return await lists.add(safeId, 'conversations', entries);
      } finally {
        for (const { plain } of entries) plain.fill(0);
      }
    },
    async find(safeId, topics) {
      const plains = await lists.find(safeId, 'conversations', topics);
      return plains.map((plain) => plain && takeConversation(plain));
    },
    async findOfPeer(safeId, peerAddress, conversationId) {
      const [first] = (await lists.findGroup(safeId, 'conversations', groupOf(peerAddress, conversationId))).map(takeConversation);
      return first;
    },
    async listWithKeys(safeId) {
      return (await lists.all(safeId, 'conversations')).map(takeConversation);
    },
    async list(safeId) {
      const plains = await lists.all(safeId, 'conversations');
      const listed = plains.map((plain) => ({ created: createdOf(plain), bytes: plain.slice(topicSecretLength + 8) }));
      for (const plain of plains) plain.fill(0);
      return listed.sort((a, b) => (a.created < b.created ? -1 : a.created > b.created ? 1 : 0)).map(({ bytes }) => bytes);
    },
    async addPeers(safeId, peers) {
      const entries = peers.map((peer): ListEntry => ({ name: peer.topic, plain: asBytes(encodeConversationReference(peer)) }));
      await lists.add(safeId, 'peers', entries);
    },
    listPeers: (safeId) => lists.all(safeId, 'peers'),
    async addPreferences(safeId, preferences) {
      const entries = preferences.map(({ key, action }): ListEntry => ({ name: key, plain: lengthPrefixed(key, action) }));
      await lists.add(safeId, 'preferences', entries);
    },
    async listPreferences(safeId) {
      const preferences = (await lists.all(safeId, 'preferences')).map((plain) => {
        const reader = createReader(plain);
        return { key: reader.text(), action: reader.prefixed() };
      });
      const numbered = preferences.map((preference) => ({ preference, number: BigInt(preference.key) }));
      return numbered.sort((a, b) => (a.number < b.number ? -1 : a.number > b.number ? 1 : 0)).map(({ preference }) => preference);
    },
    async jobLastRunNs(safeId, job) {
      const { name, place } = await jobPlace(safeId, job);
      const row = await readJob(safeId, name);
      if (!row) return 0n;
      try {
        const plain = await openRecordOfAnyEpoch((epoch) => open.rootKeyOf(safeId, epoch), place, row.bytes);
        return new DataView(plain.buffer).getBigInt64(0);
      } catch {
        return 0n;
      }
    },
    setJobLastRunNs: (safeId, job, lastRunNs) =>
      lists.inTurn(safeId, async () => {
        const { current, name, place } = await jobPlace(safeId, job);
        const { rootKey, epoch } = current;
        const plain = new Uint8Array(8);
        new DataView(plain.buffer).setBigInt64(0, lastRunNs);
        const bytes = await sealRecord(rootKey, { ...place, epoch, counter: nextCounter(await readJob(safeId, name)) }, plain, host.randomBytes);
        await step(host, 'jobs.put', () =>
          writeStrict(db, ['jobs'], (transaction) => transaction.objectStore('jobs').put({ safeId, name, bytes })),
        );
      }),
  };
}

function nextCounter(row: { bytes: Bytes } | undefined): number {
  try {
    return row ? claimsOf(row.bytes).counter + 1 : 1;
  } catch {
    // Damaged: place and content are part of every salt, so that a number used again still gives another key.
    return 1;
  }
}

/** Key (32), time (8), then the reference as it goes to apps: listing copies it without decoding. */
function entryOf({ reference, topicSecret }: Conversation): ListEntry {
  const created = new Uint8Array(8);
  new DataView(created.buffer).setBigUint64(0, reference.createdNs);
  return {
    name: reference.topic,
    group: groupOf(reference.peerAddress, reference.context?.conversationId ?? ''),
    plain: concat(topicSecret, created, encodeConversationReference(reference)),
  };
}

function groupOf(peerAddress: string, conversationId: string): string {
  return `${peerAddress.toLowerCase()} ${conversationId}`;
}

function createdOf(plain: Bytes): bigint {
  return new DataView(plain.buffer, plain.byteOffset).getBigUint64(topicSecretLength);
}

/** Reads an entry and wipes it. */
function takeConversation(plain: Bytes): Conversation {
  try {
    const reference = decodeConversationReference(plain.subarray(topicSecretLength + 8));
    return { reference, topicSecret: plain.slice(0, topicSecretLength) };
  } catch {
    throw new VaultError('damaged');
  } finally {
    plain.fill(0);
  }
}
