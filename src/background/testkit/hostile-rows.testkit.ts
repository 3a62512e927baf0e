// Hostile rows: what others may put on an account's contact and key topics, drawn from a seed; the node itself is honest.
// Promises: the same seed makes the same cases; every case says in words what it does.
// Must not: be imported by anything but tests.
import fc from 'fast-check';
import { envelope } from '../../../demo/node/node.testkit';
import type { EnvelopeJson } from '../../../demo/node/faults';

/** What whoever writes there can know: public bytes, and copies that were made for this test. */
export interface RowKnowledge {
  readonly topics: { readonly contact: string; readonly copy: string };
  /** Contacts of this account: ours of now and of before, and those of another identity. */
  readonly contacts: readonly Uint8Array[];
  /** Sealed copies: ours of now and of before, of another identity, and ones in the form of ours that open for nobody. */
  readonly copies: readonly Uint8Array[];
  /** The time of the newest row of a topic, and of the clock. */
  newestNs(topic: string): bigint;
  readonly nowNs: bigint;
}

export interface RowsCase {
  readonly title: string;
  rows(knowledge: RowKnowledge): EnvelopeJson[];
}

const MS = 1_000_000n;
const END = 2n ** 63n - 1n;
const LATEST = (END / MS) * MS;

const dates: Record<string, (knowledge: RowKnowledge, topic: string) => bigint> = {
  'at the end of time': () => END,
  'a nanosecond before it': () => END - 1n,
  'at its last millisecond': () => LATEST,
  'just before that': () => LATEST - 1n,
  'in 2200': () => 7_258_118_400n * 1000n * MS,
  'just above the newest': (knowledge, topic) => knowledge.newestNs(topic) + 1n,
  'with the newest': (knowledge, topic) => knowledge.newestNs(topic),
  now: ({ nowNs }) => nowNs,
  'in an hour': ({ nowNs }) => nowNs + 3_600_000n * MS,
  'long ago': () => 1n,
};

const bytes: fc.Arbitrary<{
  what: string;
  of: (knowledge: RowKnowledge, kind: 'contact' | 'copy', at: number) => Uint8Array;
}> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.uint8Array({ maxLength: 80 }).map((message) => ({
      what: `${message.length} bytes of garbage`,
      of: (_: RowKnowledge, __: string, at: number) => Uint8Array.of(...message, at, at >> 8),
    })),
  },
  {
    weight: 6,
    arbitrary: fc.nat(1000).map((which) => ({
      what: `a known message (${which})`,
      of: ({ contacts, copies }: RowKnowledge, kind: string) => pick(kind === 'contact' ? contacts : copies, which),
    })),
  },
  {
    weight: 2,
    arbitrary: fc.nat(1000).map((which) => ({
      what: `a message of the other topic (${which})`,
      of: ({ contacts, copies }: RowKnowledge, kind: string) => pick(kind === 'contact' ? copies : contacts, which),
    })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(1000), fc.nat(300)).map(([which, at]) => ({
      what: `a known message (${which}) with byte ${at} changed`,
      of: ({ contacts, copies }: RowKnowledge, kind: string) =>
        changed(pick(kind === 'contact' ? contacts : copies, which), at),
    })),
  },
);

const someRows = fc
  .record({
    kind: fc.constantFrom('contact' as const, 'copy' as const),
    date: fc.constantFrom(...Object.keys(dates)),
    message: bytes,
    count: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 1, max: 3 }) },
      { weight: 1, arbitrary: fc.constant(150) },
    ),
  })
  .map(({ kind, date, message, count }): RowsCase => ({
    title: `${count} × ${message.what} on the ${kind} topic, ${date}`,
    rows: (knowledge) => {
      const topic = knowledge.topics[kind];
      const timestampNs = dates[date]!(knowledge, topic);
      return Array.from({ length: count }, (_, at) => envelope(topic, timestampNs, message.of(knowledge, kind, at)));
    },
  }));

/** Any rows, and the request of a flow before which they come; 0 is before the flow. */
export const rowsCases: fc.Arbitrary<RowsCase & { before: number }> = fc
  .tuple(fc.array(someRows, { minLength: 1, maxLength: 4 }), fc.nat(11))
  .map(([parts, before]) => ({
    title: `${parts.map(({ title }) => title).join('; ')}; before request ${before}`,
    before,
    rows: (knowledge) => parts.flatMap((part) => part.rows(knowledge)),
  }));

function pick(messages: readonly Uint8Array[], which: number): Uint8Array {
  return messages[which % messages.length] as Uint8Array;
}

function changed(message: Uint8Array, at: number): Uint8Array {
  const copy = message.slice();
  copy[at % copy.length] = (copy[at % copy.length] as number) ^ 1;
  return copy;
}
