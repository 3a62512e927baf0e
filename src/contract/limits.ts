// Every number a caller can run into, in one place.
// Promises: the gate enforces each of them whatever the page code did (R-A3, R-B4, R-B8).

/** Limits of the provider, as `vault_getCapabilities` reports them. */
export const limits = {
  /** Largest `payload` of `vault_sign`, in bytes. */
  signPayloadBytes: 65_536,
  /** Longest `purpose` of `vault_sign`, in UTF-16 code units. */
  purposeLength: 100,
  /** Items of one batch of an `xmtp_*` method. */
  batchItems: 1_000,
  /** Largest request as a whole, in bytes of its values. */
  requestBytes: 8_388_608,
  /** Nesting of objects and arrays in a request. */
  requestDepth: 8,
  /** Waiting requests of one origin. */
  waitingPerOrigin: 20,
  /** Waiting requests of all origins. */
  waitingInAll: 100,
  /** Identical requests that may share one card. */
  joinedRequests: 50,
  /** How long a request waits for a person, in milliseconds. */
  waitingMs: 300_000,
  /** How long an approved request may take to be carried out, e.g. across a restart of the worker, in milliseconds. */
  approvedMs: 30_000,
} as const;
