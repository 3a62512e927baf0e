// What the flows read from and write to the topics of one account: contacts, copies of the keys, invitations (protocol b.1, c.1, d).
// Promises bounded looks, newest first where the newest counts, that say where to go on; and that what is published becomes the newest
// row wherever a row can, else the newest of all that can be outdated.
// Must not: judge a message; the vault does.
import { hexToBytes, bytesToHex } from '../protocol/base/bytes';
import { inviteTopic } from '../protocol/messages/topics';
import type { Cursor, Envelope } from './envelope';
import { maxTimestampNs, nodeBounds } from './envelope';
import { NetworkError } from './network-error';
import type { NodeClient } from './node-client';
import { queryFitting } from './node-client';
import { placeOf } from './page-order';

/** What one look may read of a topic. Whoever has a token of the account may have filled it, with rows of the largest size. */
export const lookBounds = { rows: 10_000, bytes: 128 * 1024 * 1024 } as const;
/** For all pages together: a node may give one row at a time, each just in time, and others wait for their turn meanwhile. */
const LOOK_MS = 60_000;
const MS = 1_000_000n;
/** The latest whole millisecond that a node can store. */
const LATEST_NS = (maxTimestampNs / MS) * MS;

/** How far ahead of our clock the newest row may be dated before a person should hear of it: 10 minutes. */
export const aheadToleranceNs = 600_000n * MS;

/**
 * Gives the rows of a topic to `visit`, newest first, a page at a time, until it has seen enough: then it says how many rows of the page
 * it took. `from` is null at the newest row, else what an earlier look gave. Resolves with where to go on, opaque
 * text of at most 100 characters; null at the end of the topic. Stops by itself at `bounds` and after a minute. Throws NetworkError,
 * 'timed-out' only when not one page of rows came within the minute; RangeError for text that is not a cursor; and what `visit` throws.
 */
export async function lookThrough(
  client: Pick<NodeClient, 'query'>,
  { topic, from }: { topic: string; from: string | null },
  visit: (rows: readonly Envelope[]) => Promise<number | undefined>,
  bounds: { rows: number; bytes: number } = lookBounds,
): Promise<string | null> {
  let cursor = from === null ? undefined : parseCursor(from);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), LOOK_MS);
  let [rows, bytes] = [0, 0];
  try {
    for (;;) {
      const page = await queryFitting(client.query, { topics: [topic], ...(cursor && { cursor }) }, late.signal);
      const taken = await visit(page.envelopes);
      const last = taken === undefined ? undefined : page.envelopes[taken - 1];
      if (taken === 0) return cursor ? writeCursor(cursor) : from;
      if (last && taken !== page.envelopes.length) return writeCursor(await placeOf(last));
      cursor = page.cursor;
      if (!cursor) return null;
      rows += page.envelopes.length;
      for (const { message } of page.envelopes) bytes += message.length;
      if (taken !== undefined || rows >= bounds.rows || bytes >= bounds.bytes) return writeCursor(cursor);
    }
  } catch (error) {
    if (!late.signal.aborted || !(error instanceof NetworkError) || error.reason !== 'cancelled') throw error;
    if (cursor && rows >= nodeBounds.pageRows) return writeCursor(cursor);
    throw new NetworkError('timed-out', 'the node did not answer in time');
  } finally {
    clearTimeout(timer);
  }
}

/** A message to become the newest of its topic. `token` is made now, `nowNs` is our clock; `afterNs`: what it has to be later than, besides what is there. */
export interface NewerMessage {
  readonly topic: string;
  readonly message: Uint8Array;
  readonly token: Uint8Array;
  readonly nowNs: bigint;
  readonly afterNs?: bigint;
}

/** When a message was dated, in whole milliseconds. `isNewest` false: a row stands above it that nothing can be dated after. */
export interface Placed {
  readonly timestampNs: bigint;
  readonly isNewest: boolean;
}

/**
 * Publishes so that the message is the newest of its topic: dated now, or one millisecond after the newest row when that is not older
 * (protocol d). Where that row leaves no time that a node could store, it is dated so after the newest of the others. A time of more than
 * `aheadToleranceNs` after `nowNs` means that the topic holds a row from the future. Throws NetworkError.
 */
export async function publishNewer(
  client: NodeClient,
  { topic, message, token, nowNs, afterNs = 0n }: NewerMessage,
  signal?: AbortSignal,
): Promise<Placed> {
  const newestNs = await newestTimeNs(client, topic, 0n, signal);
  const isNewest = canBeOutdated(newestNs);
  const datableNs = isNewest ? newestNs : await newestTimeNs(client, topic, LATEST_NS - 1n, signal);
  const earliestNs = later(datableNs, afterNs);
  const afterAllNs = (earliestNs / MS + 1n) * MS;
  const wantedNs = nowNs >= afterAllNs ? (nowNs / MS) * MS : afterAllNs;
  const timestampNs = wantedNs > LATEST_NS ? LATEST_NS : wantedNs;
  await client.publish([{ contentTopic: topic, timestampNs, message }], token, signal);
  return { timestampNs, isNewest };
}

/** Whether another row can be dated after a row with this time. */
export function canBeOutdated(timestampNs: bigint): boolean {
  return (timestampNs / MS + 1n) * MS <= LATEST_NS;
}

/** Whether a row with this time is dated further ahead of our clock than clocks are wrong. */
export function isDatedAhead(timestampNs: bigint, nowNs: bigint): boolean {
  return timestampNs > nowNs + aheadToleranceNs;
}

/** The newest row of a topic, then those of one time: at most 101. For reading back what was published. Throws NetworkError. */
export async function readPlaced(
  client: NodeClient,
  topic: string,
  timestampNs: bigint,
  signal?: AbortSignal,
): Promise<{ newest: Envelope | undefined; sameTime: readonly Envelope[] }> {
  const { envelopes } = await client.query({ topics: [topic], limit: 1 }, signal);
  const { envelopes: sameTime } = await queryFitting(
    client.query,
    { topics: [topic], startTimeNs: timestampNs, endTimeNs: timestampNs },
    signal,
  );
  return { newest: envelopes[0], sameTime };
}

/**
 * One page of the account's invitations, oldest first, at most 100. `cursor` is null at the beginning, then what the page before gave:
 * opaque text of at most 100 characters; null at the end. Throws NetworkError; RangeError for text that is not a valid cursor.
 */
export async function readInvitePage(
  client: NodeClient,
  account: string,
  cursor: string | null,
  signal?: AbortSignal,
): Promise<{ envelopes: readonly Envelope[]; cursor: string | null }> {
  return readOldestFirst(client, [inviteTopic(account)], cursor, signal);
}

/** One page of the rows of some topics together, in one order; otherwise as `readInvitePage`. */
export async function readOldestFirst(
  client: Pick<NodeClient, 'query'>,
  topics: readonly string[],
  cursor: string | null,
  signal?: AbortSignal,
): Promise<{ envelopes: readonly Envelope[]; cursor: string | null }> {
  const place = cursor === null ? undefined : parseCursor(cursor);
  const asked = { topics, direction: 'ascending', ...(place && { cursor: place }) } as const;
  const page = await queryFitting(client.query, asked, signal);
  return { envelopes: page.envelopes, cursor: page.cursor ? writeCursor(page.cursor) : null };
}

/** The time of the newest row; `untilNs`: of the newest that is not later, 0 for all. 0 without any. */
async function newestTimeNs(client: NodeClient, topic: string, untilNs: bigint, signal?: AbortSignal): Promise<bigint> {
  const { envelopes } = await client.query(
    { topics: [topic], limit: 1, ...(untilNs > 0n && { endTimeNs: untilNs }) },
    signal,
  );
  return envelopes[0]?.timestampNs ?? 0n;
}

const later = (oneNs: bigint, otherNs: bigint): bigint => (oneNs > otherNs ? oneNs : otherNs);

function writeCursor({ timestampNs, digest }: Cursor): string {
  return `${timestampNs}.${bytesToHex(digest)}`;
}

function parseCursor(text: string): Cursor {
  const parts = /^(0|[1-9]\d{0,19})\.([0-9a-f]{64})$/.exec(text);
  if (!parts) throw new RangeError('not a cursor');
  return { timestampNs: BigInt(parts[1] as string), digest: hexToBytes(parts[2] as string) };
}
