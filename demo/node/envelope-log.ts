// The file the node keeps when asked: one envelope per line, only ever appended to.
// Promises that a publish that was answered is in the file, and that a line torn by a crash is cut off, not repaired by guessing.
// Must not: touch a file that is not its own. The first line says whose it is; without it nothing is read or written.
import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import type { Envelope } from './messages';

const FIRST_LINE = '{"xmtpTestNode":1}\n';

export interface EnvelopeLog {
  /** What the file held when it was opened, in the order of arrival. */
  readonly envelopes: readonly Envelope[];
  /** Adds one line. Throws what the file system throws; nothing of a failed line stays. */
  append(envelope: Envelope): void;
  /** Flushes to the disk and closes. */
  close(): void;
}

/** Opens or makes the file. Throws when it is not a log of this node, or when a line other than a torn last one is damaged. */
export function openEnvelopeLog(file: string): EnvelopeLog {
  const content = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  if (FIRST_LINE.startsWith(content.toString('latin1'))) {
    // New, or torn within its first line.
    if (content.length < FIRST_LINE.length) appendFileSync(file, FIRST_LINE.slice(content.length));
  } else if (!content.subarray(0, FIRST_LINE.length).equals(Buffer.from(FIRST_LINE))) {
    throw new Error(`${file} is not a log of the test node; it was left as it is`);
  }
  const end = content.lastIndexOf(0x0a) + 1;
  const lines = content.subarray(0, end).toString('utf8').split('\n').slice(1, -1);
  const envelopes = lines.map((line, index) => readLine(line, `${file}, line ${index + 2}`));
  if (content.length > FIRST_LINE.length && end < content.length) truncateSync(file, end);
  const descriptor = openSync(file, 'a');
  return {
    envelopes,
    append(envelope) {
      const line = Buffer.from(
        `${JSON.stringify([envelope.contentTopic, envelope.timestampNs.toString(), Buffer.from(envelope.message).toString('base64')])}\n`,
      );
      const before = fstatSync(descriptor).size;
      try {
        for (let written = 0; written < line.length;) written += writeSync(descriptor, line, written);
      } catch (error) {
        ftruncateSync(descriptor, before);
        throw error;
      }
    },
    close() {
      fsyncSync(descriptor);
      closeSync(descriptor);
    },
  };
}

function readLine(line: string, place: string): Envelope {
  try {
    const [contentTopic, timestampNs, message] = JSON.parse(line) as [string, string, string];
    if (typeof contentTopic !== 'string' || typeof message !== 'string') throw new Error('no envelope');
    return { contentTopic, timestampNs: BigInt(timestampNs), message: new Uint8Array(Buffer.from(message, 'base64')) };
  } catch {
    throw new Error(`${place} is damaged; the file was left as it is`);
  }
}
