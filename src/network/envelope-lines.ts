// Envelopes in a file: lines of JSON, each as a node's API writes it (protocol h).
// Promises: a line is an envelope, an answer of `query` or `batch-query` with its envelopes, or what a stream delivers; each envelope that is none is counted,
// and spoils no other. What marks, blanks and line ends an editor put there changes nothing.
// Must not: repair anything, or know what is in a message.
import type { Envelope } from './envelope';
import { NetworkError } from './network-error';
import { parseJson, readEnvelope } from './node-json';

const lineFeed = 0x0a;

/** The envelopes in whole lines, and how many lines, or envelopes of an answer, are none. */
export function readLines(bytes: Uint8Array): { envelopes: Envelope[]; bad: number } {
  const envelopes: Envelope[] = [];
  let bad = 0;
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  for (let at = hasMark ? 3 : 0; at < bytes.length;) {
    const found = bytes.indexOf(lineFeed, at);
    const end = found < 0 ? bytes.length : found;
    const line = bytes.subarray(at, end);
    at = end + 1;
    if (isBlank(line)) continue;
    for (const value of valuesIn(line)) {
      const envelope = orUndefined(() => readEnvelope(value));
      if (envelope) envelopes.push(envelope);
      else bad++;
    }
  }
  return { envelopes, bad };
}

/** What a line says is an envelope; the line itself where it says nothing of the kind, so that it counts as a bad one. */
function valuesIn(line: Uint8Array): unknown[] {
  const value = orUndefined(() => parseJson(line));
  if (typeof value !== 'object' || value === null) return [undefined];
  const { envelopes, responses, result } = value as { envelopes?: unknown; responses?: unknown; result?: unknown };
  if (Array.isArray(responses)) return responses.flatMap((one) => listIn(one) ?? [undefined]);
  if (Array.isArray(envelopes)) return envelopes;
  return [result ?? value];
}

function listIn(answer: unknown): unknown[] | undefined {
  const list =
    typeof answer === 'object' && answer !== null ? (answer as { envelopes?: unknown }).envelopes : undefined;
  return Array.isArray(list) ? list : undefined;
}

function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof NetworkError) return undefined;
    throw error;
  }
}
