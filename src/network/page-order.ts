// Whether a page is an answer to its query: right topics, right times, right order, a cursor that names its last row (protocol h).
// Promises that pages which pass always go forward, so that reading on ends, however a node lies; a row sent twice is dropped.
// Must not: believe a cursor. It is computed anew from the last row and compared.
import { equalBytes } from '../protocol/base/bytes';
import type { Cursor, Envelope, Page, Query } from './envelope';
import { NetworkError } from './network-error';
import type { WrittenPage } from './node-json';

/** The page, without rows that were sent twice. Throws NetworkError 'bad-answer' when it does not answer the query. */
export async function checkPage(query: Query, page: WrittenPage): Promise<Page> {
  const { topics, startTimeNs = 1n, endTimeNs = 0n } = query;
  for (const { contentTopic, timestampNs } of page.envelopes) {
    if (!topics.includes(contentTopic)) throw badAnswer('a row is of another topic');
    if (timestampNs < startTimeNs || (endTimeNs > 0n && timestampNs > endTimeNs))
      throw badAnswer('a row is of another time');
  }
  const places = await Promise.all(page.envelopes.map(placeOf));
  const sign = query.direction === 'ascending' ? 1 : -1;
  const envelopes: Envelope[] = [];
  let last = query.cursor;
  for (const [at, place] of places.entries()) {
    const step = last ? sign * compare(place, last) : 1;
    if (step < 0) throw badAnswer('the rows do not go forward');
    if (step === 0) continue;
    envelopes.push(page.envelopes[at] as Envelope);
    last = place;
  }
  if (!page.cursor) return { envelopes, cursor: undefined };
  if (envelopes.length === 0 || !last || compare(page.cursor, last) !== 0)
    throw badAnswer('the cursor is not that of the last row');
  return { envelopes, cursor: last };
}

/** Place of an envelope in the order of a node. */
export async function placeOf(envelope: Envelope): Promise<Cursor> {
  const topic = new TextEncoder().encode(envelope.contentTopic);
  const row = new Uint8Array(topic.length + envelope.message.length);
  row.set(topic);
  row.set(envelope.message, topic.length);
  return { timestampNs: envelope.timestampNs, digest: new Uint8Array(await crypto.subtle.digest('SHA-256', row)) };
}

/** Negative, zero or positive, as in a sort: by time, then by id. */
export function compare(a: Cursor, b: Cursor): number {
  if (a.timestampNs !== b.timestampNs) return a.timestampNs < b.timestampNs ? -1 : 1;
  if (equalBytes(a.digest, b.digest)) return 0;
  const at = a.digest.findIndex((byte, index) => byte !== b.digest[index]);
  return (a.digest[at] ?? -1) - (b.digest[at] ?? -1);
}

function badAnswer(message: string): NetworkError {
  return new NetworkError('bad-answer', message);
}
