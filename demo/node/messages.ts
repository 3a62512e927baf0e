// The messages of the XMTP message API v1, as the node holds them between the wire and its rules.
// Promises one shape whichever way a request came (JSON or protobuf): absent fields have proto3's default values.
// Must not: check anything; json-body.ts and protobuf-body.ts read, calls.ts judges.

/** The five calls, named as the last segment of their paths. */
export type CallName = 'publish' | 'query' | 'batch-query' | 'subscribe' | 'subscribe-all';

/** What is published, stored and delivered. `timestampNs` is a uint64 chosen by the sender. */
export interface Envelope {
  readonly contentTopic: string;
  readonly timestampNs: bigint;
  readonly message: Uint8Array;
}

export interface PublishRequest {
  readonly envelopes: readonly Envelope[];
}

/** The order of a query; 'unspecified' is what an absent or unknown direction reads as. */
export type SortDirection = 'unspecified' | 'ascending' | 'descending';

/** The last row of a page: its id, and its sender's time. */
export interface Cursor {
  readonly digest: Uint8Array;
  readonly senderTimeNs: bigint;
}

/** `limit` is a uint32, 0 when absent. `cursor` is absent when no index was given. */
export interface PagingInfo {
  readonly limit: number;
  readonly cursor?: Cursor;
  readonly direction: SortDirection;
}

/** Times of 0 mean "no bound". */
export interface QueryRequest {
  readonly contentTopics: readonly string[];
  readonly startTimeNs: bigint;
  readonly endTimeNs: bigint;
  readonly pagingInfo?: PagingInfo;
}

export interface QueryResponse {
  readonly envelopes: readonly Envelope[];
  readonly pagingInfo: PagingInfo;
}

export interface BatchQueryRequest {
  readonly requests: readonly QueryRequest[];
}

export interface BatchQueryResponse {
  readonly responses: readonly QueryResponse[];
}

export interface SubscribeRequest {
  readonly contentTopics: readonly string[];
}
