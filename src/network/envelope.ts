// The words of this room: envelopes, queries and pages of the XMTP message API v1 (protocol c.2 and h).
// Promises nothing by itself: what an envelope holds is whatever a node says until the vault has checked it.
// Must not: know what is inside a message.

/** What is kept under a topic. `timestampNs` is the sender's choice, nanoseconds since 1970; nobody has checked it. */
export interface Envelope {
  readonly contentTopic: string;
  readonly timestampNs: bigint;
  readonly message: Uint8Array;
}

/** Place of one row in the order of a node: its time, then its id, SHA-256(topic || message). A query goes on strictly after it. */
export interface Cursor {
  readonly timestampNs: bigint;
  /** 32 bytes. */
  readonly digest: Uint8Array;
}

export interface Query {
  /** At least one topic. Several are merged into one order. */
  readonly topics: readonly string[];
  /** Both inclusive. Rows at time 0 are never asked for: a node cannot page over them. */
  readonly startTimeNs?: bigint;
  readonly endTimeNs?: bigint;
  /** By time, then id. Newest first when absent. */
  readonly direction?: 'ascending' | 'descending';
  /** Rows of one page, 1 to 100; 100 when absent. */
  readonly limit?: number;
  readonly cursor?: Cursor;
}

/** One page in the order asked for. `cursor` is where the next begins; undefined at the end. */
export interface Page {
  readonly envelopes: readonly Envelope[];
  readonly cursor: Cursor | undefined;
}

/** Bounds of a node, which an answer of an honest one cannot exceed (protocol c.3 and h). */
export const nodeBounds = {
  topicBytes: 300,
  messageBytes: 1_048_214,
  pageRows: 100,
  batchQueries: 50,
} as const;

/** The largest time a node can store: a signed 64-bit column. */
export const maxTimestampNs = 2n ** 63n - 1n;
