// What the flows read from and write to the topics of one account: contacts, copies of the keys, invitations (protocol b.1, c.1, d).
// Promises bounded answers, newest first where the newest counts, and that what is published becomes the newest row.
// Must not: judge a message; the vault does.
import { hexToBytes, bytesToHex } from '../protocol/bytes';
import { contactTopic, inviteTopic, privateStoreTopic } from '../protocol/topics';
import type { Cursor, Envelope } from './envelope';
import { maxTimestampNs } from './envelope';
import { NetworkError } from './network-error';
import type { NodeClient } from './node-client';
import { queryFitting } from './node-client';

/** The newest of a topic that are looked at. Only the account itself can write there, on a node that keeps its rules. */
const NEWEST = { rows: 200, bytes: 4 * 1024 * 1024 } as const;
/** For all their pages together: a node may give one row at a time, each just in time, and others wait for their turn meanwhile. */
const NEWEST_MS = 60_000;
const MS = 1_000_000n;

/** How far ahead of our clock the newest row may be dated before a person should hear of it: 10 minutes. */
export const aheadToleranceNs = 600_000n * MS;

/** Envelopes of the contact topic, newest first, at most 200 and 4 MiB in all, within a minute. Throws NetworkError. */
export function readContacts(client: NodeClient, account: string, signal?: AbortSignal): Promise<Envelope[]> {
  return readNewest(client, contactTopic(account), signal);
}

/** Envelopes of the topic of the encrypted keys, newest first, at most 200 and 4 MiB in all, within a minute. Throws NetworkError. */
export function readCopies(client: NodeClient, account: string, signal?: AbortSignal): Promise<Envelope[]> {
  return readNewest(client, privateStoreTopic(account), signal);
}

/** A message to become the newest of its topic. `token` is made now, `nowNs` is our clock. */
export interface NewerMessage {
  readonly topic: string;
  readonly message: Uint8Array;
  readonly token: Uint8Array;
  readonly nowNs: bigint;
}

/**
 * Publishes so that the message is the newest of its topic: dated now, or one millisecond after the newest row when that is not older
 * (protocol d). Resolves with the time it was dated, in whole milliseconds; more than `aheadToleranceNs` after `nowNs` means that the
 * topic holds a row from the future. Throws NetworkError; 'bad-answer' when the newest row leaves no time that a node could store.
 */
export async function publishNewer(client: NodeClient, { topic, message, token, nowNs }: NewerMessage, signal?: AbortSignal): Promise<bigint> {
  const { envelopes } = await client.query({ topics: [topic], limit: 1 }, signal);
  const newestNs = envelopes[0]?.timestampNs ?? 0n;
  const afterNewestNs = (newestNs / MS + 1n) * MS;
  const timestampNs = nowNs >= afterNewestNs ? (nowNs / MS) * MS : afterNewestNs;
  if (timestampNs > maxTimestampNs) throw new NetworkError('bad-answer', 'the newest row is dated at the end of time');
  await client.publish([{ contentTopic: topic, timestampNs, message }], token, signal);
  return timestampNs;
}

/** Whether a row with this time is dated further ahead of our clock than clocks are wrong. */
export function isDatedAhead(timestampNs: bigint, nowNs: bigint): boolean {
  return timestampNs > nowNs + aheadToleranceNs;
}

/**
 * One page of the account's invitations, oldest first, at most 100. `cursor` is null at the beginning, then what the page before gave:
 * opaque text of at most 100 characters; null at the end. Throws NetworkError; RangeError for text that is no cursor.
 */
export async function readInvitePage(
  client: NodeClient,
  account: string,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<{ envelopes: readonly Envelope[]; cursor: string | null }> {
  const place = cursor === null ? undefined : parseCursor(cursor);
  const asked = { topics: [inviteTopic(account)], direction: 'ascending', ...(place && { cursor: place }) } as const;
  const page = await queryFitting(client.query, asked, signal);
  return { envelopes: page.envelopes, cursor: page.cursor ? writeCursor(page.cursor) : null };
}

async function readNewest(client: NodeClient, topic: string, signal?: AbortSignal): Promise<Envelope[]> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), NEWEST_MS);
  try {
    const envelopes: Envelope[] = [];
    const ending = signal ? AbortSignal.any([signal, late.signal]) : late.signal;
    for await (const envelope of client.queryAll({ topics: [topic] }, NEWEST, ending)) envelopes.push(envelope);
    return envelopes;
  } catch (error) {
    throw late.signal.aborted && !signal?.aborted ? new NetworkError('timed-out', 'the node did not answer in time') : error;
  } finally {
    clearTimeout(timer);
  }
}

function writeCursor({ timestampNs, digest }: Cursor): string {
  return `${timestampNs}.${bytesToHex(digest)}`;
}

function parseCursor(text: string): Cursor {
  const parts = /^(0|[1-9]\d{0,19})\.([0-9a-f]{64})$/.exec(text);
  if (!parts) throw new RangeError('not a cursor');
  return { timestampNs: BigInt(parts[1] as string), digest: hexToBytes(parts[2] as string) };
}
