// One line of the log: its bytes, what of it is cut, and the link that ties the next line to it.
// Promises: pure; one byte string per line; what does not parse to the last byte is damaged. Must not: hold a payload or a secret.
import { VaultError } from '../../contract/errors';
import { originLength } from '../../contract/limits';
import type { ActivityEntry, ActivityOutcome } from '../../contract/pages/identity';
import { createReader, lengthPrefixed, u32, u64, type Bytes } from '../store/encoding';
import { labels } from '../store/labels';

/** One act, before it has a place in the log. */
export type Act = Pick<ActivityEntry, 'atMs' | 'origin' | 'method' | 'purpose' | 'outcome'>;

export interface Line {
  act: Act;
  /** How many acts it stands for, all alike. */
  count: number;
  /** Link of the line before it. Undefined in a line of schema 1, which knew no chain. */
  previous: Bytes | undefined;
}

/** Schema of a line without a chain (version 0.1.0), and of one that is chained. */
export const [unchained, chained] = [1, 2] as const;
export const linkLength = 32;
/** What the first line of a log is tied to. */
export const firstLink: Bytes = new Uint8Array(linkLength);

const longest = { origin: originLength, method: 60, purpose: 300 } as const;
const outcomes: readonly ActivityOutcome[] = ['done', 'covered', 'rejected', 'expired', 'failed'];

function cut(text: string, length: number): string {
  // Whole code points only; what has no UTF-8 form is replaced.
  return Array.from(text.slice(0, 2 * length))
    .slice(0, length)
    .join('')
    .replace(/\p{Surrogate}/gu, '\u{fffd}');
}

function encodeAct({ atMs, origin, method, purpose, outcome }: Act): Bytes {
  const time = u64(Math.max(0, Math.floor(atMs)));
  return lengthPrefixed(
    time,
    cut(origin ?? '', longest.origin),
    cut(method, longest.method),
    cut(purpose, longest.purpose),
    outcome,
  );
}

function decodeAct(bytes: Bytes): Act {
  const reader = createReader(bytes);
  const time = createReader(reader.prefixed());
  const atMs = time.timeMs();
  time.end();
  const [origin, method, purpose, word] = [reader.text(), reader.text(), reader.text(), reader.text()];
  reader.end();
  const outcome = outcomes.find((one) => one === word);
  if (outcome === undefined) throw new VaultError('damaged');
  return { atMs, origin: origin === '' ? null : origin, method, purpose, outcome };
}

/** The plaintext of a chained line. */
export function encodeLine(act: Act, count: number, previous: Bytes): Bytes {
  return lengthPrefixed(previous, u32(count), encodeAct(act));
}

/** A line of either schema. Throws 'damaged'. */
export function decodeLine(schema: number, plain: Bytes): Line {
  if (schema === unchained) return { act: decodeAct(plain), count: 1, previous: undefined };
  const reader = createReader(plain);
  const [previous, number, act] = [reader.prefixed(), createReader(reader.prefixed()), reader.prefixed()];
  reader.end();
  const count = number.u32();
  number.end();
  if (previous.length !== linkLength) throw new VaultError('damaged');
  return { act: decodeAct(act), count, previous };
}

/**
 * What the next line holds of this one: a hash of its number, of whose it is, and of its plaintext, which holds the link before. It lies in sealed
 * bytes only, so who has the disk and no key can neither make one nor learn what it was made of.
 */
export async function linkOf(sequence: number, by: Bytes, plain: Bytes): Promise<Bytes> {
  const hashed = lengthPrefixed(labels.activityLink, u64(sequence), by, plain);
  return new Uint8Array(await crypto.subtle.digest('SHA-256', hashed));
}
