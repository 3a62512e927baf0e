// What the node keeps: rows of envelopes, found by topic, in the order of the sender's time and then of the id.
// Promises that an identical row is kept once, that nothing is ever overwritten, and pages whose cursor is exclusive.
// Must not: look into payloads, or mind clocks; times are the senders'.
import { createHash } from 'node:crypto';
import type { Cursor, Envelope, QueryRequest, QueryResponse, SortDirection } from './messages';
import { RpcError } from './rpc-error';
import { maxPageRows } from './topic-rules';

/** Rows have at most this many in a page that names no size, and pages tell this as their size at most. */
const DEFAULT_PAGE_ROWS = 100;
const INT64_END = 2n ** 63n;

/** An envelope and its id, SHA-256(topic || message), as hex: comparing hex compares bytes. */
interface Row extends Envelope {
  readonly id: string;
}

export interface EnvelopeStore {
  /**
   * Keeps the envelope, unless the same row is there. `write` is called just before, for a new row only; when it throws,
   * the row is not kept. Throws RpcError Internal for a time beyond int64.
   */
  insert(envelope: Envelope, write?: (envelope: Envelope) => void): void;
  /** One page of the rows that `shows` lets pass. Throws RpcError InvalidArgument without topics, or with too large a limit. */
  query(request: QueryRequest, shows?: (envelope: Envelope) => boolean): QueryResponse;
  /** All rows of a topic, oldest first. */
  stored(contentTopic: string): readonly Envelope[];
  /** How many rows there are. */
  size(): number;
}

export function createEnvelopeStore(): EnvelopeStore {
  const rowsByTopic = new Map<string, Row[]>();
  // The real primary key is (time, id): topics are part of the id only by being hashed together with the message.
  const keys = new Set<string>();

  return {
    insert(envelope, write) {
      if (envelope.timestampNs >= INT64_END) throw new RpcError('Internal', 'timestamp out of range');
      const id = createHash('sha256').update(envelope.contentTopic).update(envelope.message).digest('hex');
      const key = `${envelope.timestampNs} ${id}`;
      if (keys.has(key)) return;
      write?.(envelope);
      keys.add(key);
      const rows = rowsByTopic.get(envelope.contentTopic) ?? [];
      rowsByTopic.set(envelope.contentTopic, rows);
      rows.splice(countBefore(rows, envelope.timestampNs, id), 0, { ...envelope, id });
    },

    query(request, shows) {
      const { contentTopics, pagingInfo } = request;
      if (contentTopics.length === 0) throw new RpcError('InvalidArgument', 'content topics required');
      const limit = pagingInfo?.limit ?? 0;
      if (limit > maxPageRows(contentTopics)) throw new RpcError('InvalidArgument', 'cannot exceed 100 rows per query');
      const pageRows = limit === 0 ? DEFAULT_PAGE_ROWS : limit;
      const direction = pagingInfo?.direction === 'ascending' ? 'ascending' : 'descending';
      const page: Row[] = [];
      for (const topic of new Set(contentTopics)) {
        const rows = rowsByTopic.get(topic) ?? [];
        page.push(...pageOf(shows ? rows.filter(shows) : rows, request, direction, pageRows));
      }
      page.sort(direction === 'ascending' ? compareRows : (one, other) => compareRows(other, one));
      page.length = Math.min(page.length, pageRows);
      const last = page.length === pageRows ? page.at(-1) : undefined;
      const next = last ? { limit: Math.min(pageRows, DEFAULT_PAGE_ROWS), cursor: cursorOf(last) } : { limit: 0 };
      return { envelopes: page, pagingInfo: { ...next, direction } };
    },

    stored: (contentTopic) => rowsByTopic.get(contentTopic) ?? [],
    size: () => keys.size,
  };
}

/** Up to `pageRows` rows of one topic that fit the bounds and the cursor, in the wanted order. */
function pageOf(rows: readonly Row[], request: QueryRequest, direction: SortDirection, pageRows: number): Row[] {
  const { startTimeNs, endTimeNs } = request;
  let from = startTimeNs === 0n ? 0 : countBefore(rows, startTimeNs, '');
  let to = endTimeNs === 0n ? rows.length : countBefore(rows, endTimeNs + 1n, '');
  const cursor = request.pagingInfo?.cursor;
  const id = cursor ? Buffer.from(cursor.digest).toString('hex') : '';
  const isAscending = direction === 'ascending';
  if (cursor && id !== '' && cursor.senderTimeNs !== 0n) {
    const before = countBefore(rows, cursor.senderTimeNs, id);
    const isRow = rows[before]?.timestampNs === cursor.senderTimeNs && rows[before].id === id;
    if (isAscending) from = Math.max(from, isRow ? before + 1 : before);
    else to = Math.min(to, before);
  }
  // A cursor without its time compares ids only; one without its id is ignored.
  const comparesIdsOnly = cursor?.senderTimeNs === 0n && id !== '';
  const page: Row[] = [];
  for (let taken = from; taken < to && page.length < pageRows; taken++) {
    const row = rows[isAscending ? taken : to - 1 - (taken - from)] as Row;
    if (!comparesIdsOnly || (isAscending ? row.id > id : row.id < id)) page.push(row);
  }
  return page;
}

/** How many of the sorted rows come before (time, id). */
function countBefore(rows: readonly Row[], timestampNs: bigint, id: string): number {
  const last = rows.at(-1);
  if (last === undefined || compareKeys(last.timestampNs, last.id, timestampNs, id) < 0) return rows.length;
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle] as Row;
    if (compareKeys(row.timestampNs, row.id, timestampNs, id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compareRows(one: Row, other: Row): number {
  return compareKeys(one.timestampNs, one.id, other.timestampNs, other.id);
}

function compareKeys(time: bigint, id: string, otherTime: bigint, otherId: string): number {
  if (time !== otherTime) return time < otherTime ? -1 : 1;
  return id < otherId ? -1 : id > otherId ? 1 : 0;
}

function cursorOf(row: Row): Cursor {
  return { digest: new Uint8Array(Buffer.from(row.id, 'hex')), senderTimeNs: row.timestampNs };
}
