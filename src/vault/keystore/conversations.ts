// What a safe remembers for messaging: conversations with their topic keys, V1 peers, private preferences, times of refresh jobs.
// Promises: the first invitation for a topic wins, unless a later one proves that the topic belongs to its own two parties; one more
// of anything costs the same however many there are.
// Must not: hold a topic key longer than a call. Callers wipe the `topicSecret` they get.
import { VaultError } from '../../contract/errors';
import { bytesToHex, equalBytes } from '../../protocol/base/bytes';
import type { ConversationReference } from '../../protocol/messages/conversation';
import { decodeConversationReference, encodeConversationReference } from '../../protocol/messages/conversation';
import { encodePrivatePreferencesEntry } from '../../protocol/keystore/calls';
import { step } from '../store/steps';
import type { Database } from '../store/database';
import { readStores, writeStrict } from '../store/database';
import type { Bytes } from '../store/encoding';
import { asBytes, concat, createReader, lengthPrefixed } from '../store/encoding';
import type { VaultHost } from '../store/host';
import { labels } from '../store/labels';
import { createGathering, type Listing } from '../lists/listing';
import type { UnlockedSafes, RootKey } from '../store/unlocked-safes';
import { claimsOf, macWith, openRecordOfAnyEpoch, sealRecord, type RecordPlace } from '../store/sealed-record';
import type { Caller, ListEntry, SealedLists } from '../lists/sealed-list';

/** The name under which memory and list know that a site began a conversation. No origin has a space. */
export function begunKey(origin: string, topic: string): string {
  return `${origin} ${topic}`;
}

/** A V2 conversation with the key of its messages. */
export interface Conversation {
  reference: ConversationReference;
  /** 32 bytes. */
  topicSecret: Bytes;
}

/** A conversation that an invitation begins. */
export interface InvitedConversation extends Conversation {
  /**
   * Whether the invitation proves its topic: topic and key are the ones that the two bundles in its header derive (protocol e.2).
   * Asked only when the topic is taken. Absent: it proves nothing.
   */
  isProven?: () => Promise<boolean>;
  /** Nothing says that the person began it: it may go when there are too many, until it is kept. */
  isStrange?: boolean;
}

/** A private preference: when it was published, as the app writes it (decimal digits), and the bytes of the action. */
export interface Preference {
  key: string;
  action: Uint8Array;
}

/** A refresh job of one site; `origin` undefined for the extension itself. */
export interface SiteJob {
  job: number;
  origin: string | undefined;
}

/**
 * Every method throws 'locked', 'not-found' or 'storage-failed'; those that add also 'limit': the list is full of what stays, or the
 * caller has written as much of it as one site may.
 */
export interface Conversations {
  /**
   * Stores those whose topic is new, all in one flushed transaction, in the given order. Of several for one topic the first counts,
   * stored or given, with two exceptions, both for an invitation that proves its topic: it takes the place of an invitation with another peer, and of
   * one with the same peer and key that was dated later. Returns which of `conversations` are stored now and were not before.
   */
  add(safeId: string, conversations: readonly InvitedConversation[], by?: Caller): Promise<boolean[]>;
  /** Conversations that the person has written to: they stay, whoever began them, as far as the caller's share goes. Unknown topics are left out. */
  keep(safeId: string, topics: readonly string[], by?: Caller): Promise<void>;
  /** In the order of `topics`; undefined for unknown topics. */
  find(safeId: string, topics: readonly string[], by?: Caller): Promise<(Conversation | undefined)[]>;
  /** The first that was added of those with this peer and conversation id; an absent id and an empty one are the same. */
  findOfPeer(safeId: string, peerAddress: string, conversationId: string): Promise<Conversation | undefined>;
  /** All with their keys, in the order they were added: for a backup file. The caller wipes the keys. Throws also 'damaged'. */
  listWithKeys(safeId: string): Promise<Conversation[]>;
  /** Wire bytes of every ConversationReference that `isMeant`, ascending by `createdNs`; equal ones in the order they were added. Absent: of all. */
  list(safeId: string, isMeant?: (reference: ConversationReference) => boolean): Promise<Listing>;
  /** Remembers that a site began these conversations, for good. More than its share is left out. */
  begin(safeId: string, topics: readonly string[], by: Caller & { origin: string }): Promise<void>;
  /** Whether the site began each of these. */
  areBegun(safeId: string, topics: readonly string[], by: Caller & { origin: string }): Promise<boolean[]>;
  /** The topics of all that the site began. */
  begunBy(safeId: string, origin: string): Promise<Set<string>>;
  /**
   * Adds V1 peers whose topic is new. Nothing says who began with whom: when there are too many, the oldest go that `isWritten` does not
   * know and that were not kept.
   */
  addPeers(
    safeId: string,
    peers: readonly ConversationReference[],
    by?: Caller & { isWritten?: (topic: string) => boolean },
  ): Promise<void>;
  /** V1 peers that the person has written to, as `keep`. */
  keepPeers(safeId: string, topics: readonly string[], by?: Caller): Promise<void>;
  /** Wire bytes of every V1 ConversationReference that `isMeant`, in the order they were added. Absent: of all. */
  listPeers(safeId: string, isMeant?: (reference: ConversationReference) => boolean): Promise<Listing>;
  /** Adds preferences whose key is new. They stay. */
  addPreferences(safeId: string, preferences: readonly Preference[], by?: Caller): Promise<void>;
  /** Ascending by the number the key is; equal ones in the order they were added. */
  listPreferences(safeId: string): Promise<Preference[]>;
  /** The same, each as the wire bytes of its entry. */
  listEncodedPreferences(safeId: string): Promise<Listing>;
  /** Nanoseconds since 1970; 0 when the job never ran for this site, or its record does not open: then everything is fetched again. */
  jobLastRunNs(safeId: string, job: SiteJob): Promise<bigint>;
  setJobLastRunNs(safeId: string, job: SiteJob, lastRunNs: bigint): Promise<void>;
}

const jobSchema = 1;
const topicSecretLength = 32;

export function createConversations(options: {
  db: Database;
  host: VaultHost;
  open: UnlockedSafes;
  lists: SealedLists;
}): Conversations {
  const { db, host, open, lists } = options;

  async function jobPlace(
    safeId: string,
    { job, origin }: SiteJob,
  ): Promise<{ current: RootKey; name: Bytes; sharedName: Bytes; place: Omit<RecordPlace, 'counter' | 'epoch'> }> {
    const current = await open.current(safeId);
    // Names are made with the root key of the first epoch, as in the lists.
    const nameRoot = await open.rootKeyOf(safeId, 1);
    const account = open.account(safeId);
    if (account === undefined) throw new VaultError('not-found');
    const name = await macWith(nameRoot, labels.entryName, lengthPrefixed('job of site', String(job), origin ?? ''));
    // Until 0.1.0 all sites shared one time. Any of them could have set it to any date, so it is not believed, and goes with the next write.
    const sharedName = await macWith(nameRoot, labels.entryName, lengthPrefixed('job', String(job)));
    return {
      current,
      name,
      sharedName,
      place: { safeId, account, type: 'job', id: bytesToHex(name), schema: jobSchema },
    };
  }

  function readJob(safeId: string, name: Bytes): Promise<{ bytes: Bytes } | undefined> {
    return readStores(db, ['jobs'], (transaction) => transaction.objectStore('jobs').get([safeId, name]));
  }

  return {
    async add(safeId, conversations, by) {
      const entries = conversations.map(entryOf);
      try {
        return await lists.add(safeId, 'conversations', entries, by);
      } finally {
        for (const { plain } of entries) plain.fill(0);
      }
    },
    keep: (safeId, topics, by) => lists.keep(safeId, 'conversations', topics, by),
    async find(safeId, topics, by) {
      const plains = await lists.find(safeId, 'conversations', topics, by);
      return plains.map((plain) => plain && takeConversation(plain));
    },
    async findOfPeer(safeId, peerAddress, conversationId) {
      const [first] = (await lists.findGroup(safeId, 'conversations', groupOf(peerAddress, conversationId))).map(
        takeConversation,
      );
      return first;
    },
    async listWithKeys(safeId) {
      return (await lists.all(safeId, 'conversations')).map(takeConversation);
    },
    async list(safeId, isMeant) {
      const gathering = createGathering();
      await lists.each(safeId, 'conversations', (plain) => {
        const encoded = plain.subarray(topicSecretLength + 8);
        if (isMeant && !isMeant(decodeConversationReference(encoded))) return;
        gathering.add(encoded, createdOf(plain));
      });
      return gathering.sorted();
    },
    async begin(safeId, topics, { origin, ...by }) {
      const entries = topics.map((topic): ListEntry => ({
        name: begunKey(origin, topic),
        plain: lengthPrefixed(origin, topic),
      }));
      try {
        await lists.add(safeId, 'begun', entries, { ...by, origin });
      } catch (error) {
        // The conversation is there; the site only cannot be given it as its own.
        if (!(error instanceof VaultError && error.reason === 'limit')) throw error;
      }
    },
    async areBegun(safeId, topics, { origin, ...by }) {
      const names = topics.map((topic) => begunKey(origin, topic));
      return (await lists.find(safeId, 'begun', names, by)).map((plain) => plain !== undefined);
    },
    async begunBy(safeId, origin) {
      const topics = new Set<string>();
      await lists.each(safeId, 'begun', (plain) => {
        const reader = createReader(plain);
        if (reader.text() === origin) topics.add(reader.text());
      });
      return topics;
    },
    async addPeers(safeId, peers, { isWritten = () => false, ...by } = {}) {
      const entries = peers.map((peer): ListEntry => ({
        name: peer.topic,
        plain: asBytes(encodeConversationReference(peer)),
        isStrange: !isWritten(peer.topic),
      }));
      await lists.add(safeId, 'peers', entries, by);
    },
    keepPeers: (safeId, topics, by) => lists.keep(safeId, 'peers', topics, by),
    async listPeers(safeId, isMeant) {
      const gathering = createGathering();
      await lists.each(safeId, 'peers', (plain) => {
        if (isMeant && !isMeant(decodeConversationReference(plain))) return;
        gathering.add(plain);
      });
      return gathering.sorted();
    },
    async addPreferences(safeId, preferences, by) {
      const entries = preferences.map(({ key, action }): ListEntry => ({
        name: key,
        plain: lengthPrefixed(key, action),
      }));
      await lists.add(safeId, 'preferences', entries, by);
    },
    async listPreferences(safeId) {
      const preferences: { preference: Preference; number: bigint }[] = [];
      await lists.each(safeId, 'preferences', (plain) => {
        const preference = preferenceOf(plain);
        preferences.push({ preference, number: BigInt(preference.key) });
      });
      return preferences
        .sort((a, b) => (a.number < b.number ? -1 : a.number > b.number ? 1 : 0))
        .map(({ preference }) => preference);
    },
    async listEncodedPreferences(safeId) {
      const gathering = createGathering();
      await lists.each(safeId, 'preferences', (plain) => {
        const preference = preferenceOf(plain);
        gathering.add(encodePrivatePreferencesEntry(preference), BigInt(preference.key));
      });
      return gathering.sorted();
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
        const { current, name, sharedName, place } = await jobPlace(safeId, job);
        const { rootKey, epoch } = current;
        const plain = new Uint8Array(8);
        new DataView(plain.buffer).setBigInt64(0, lastRunNs);
        const bytes = await sealRecord(
          rootKey,
          { ...place, epoch, counter: nextCounter(await readJob(safeId, name)) },
          plain,
          host.randomBytes,
        );
        await step(host, 'jobs.put', () =>
          writeStrict(db, ['jobs'], async (transaction) => {
            const store = transaction.objectStore('jobs');
            await store.delete([safeId, sharedName]);
            await store.put({ safeId, name, bytes });
          }),
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
function entryOf({ reference, topicSecret, isProven, isStrange = false }: InvitedConversation): ListEntry {
  const created = new Uint8Array(8);
  new DataView(created.buffer).setBigUint64(0, reference.createdNs);
  return {
    name: reference.topic,
    group: groupOf(reference.peerAddress, reference.context?.conversationId ?? ''),
    plain: concat(topicSecret, created, encodeConversationReference(reference)),
    isStrange,
    ...(isProven && {
      replaces: async (stored: Bytes) => mayReplace({ reference, topicSecret }, stored) && (await isProven()),
    }),
  };
}

/**
 * What an invitation that proves its topic may take the place of. The date alone decides nothing: whoever invites writes it. It only
 * chooses between invitations of the same parties with the same key, so that every device tells the same beginning.
 */
function mayReplace({ reference, topicSecret }: Conversation, stored: Bytes): boolean {
  const known = decodeConversationReference(stored.subarray(topicSecretLength + 8));
  if (known.peerAddress.toLowerCase() !== reference.peerAddress.toLowerCase()) return true;
  return equalBytes(stored.subarray(0, topicSecretLength), topicSecret) && reference.createdNs < known.createdNs;
}

function groupOf(peerAddress: string, conversationId: string): string {
  return `${peerAddress.toLowerCase()} ${conversationId}`;
}

/** A copy: what is visited is wiped. */
function preferenceOf(plain: Bytes): Preference {
  const reader = createReader(plain);
  return { key: reader.text(), action: reader.prefixed().slice() };
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
