// Every number of the keystore that bounds memory or disk, in one place.
// Promises: nothing a site sends makes the worker hold, or a safe store, more than these.

export const keystoreLimits = {
  /** Entries of one list of a safe: conversations, V1 peers, preferences. */
  entriesOfList: 1_000_000,
  /** Entries that are copied into one segment for reading many at once. */
  entriesOfSegment: 512,
  /** Conversations of one peer that are looked at when a new one is asked for. */
  entriesOfGroup: 64,
  /** Largest plaintext of one entry, in bytes: a conversation with its context, a preference. */
  entryBytes: 65_536,
  /** Conversations whose key handle stays in memory. */
  cachedConversations: 4_096,
  /** Pairs of bundles whose message key handle stays in memory. */
  cachedSecrets: 4_096,
  /** Identity keys whose account stays in memory. */
  cachedAddresses: 16_384,
  /** Key agreements in one block of work with opened private keys; then others get their turn. */
  agreementsOfBlock: 8,
  /** Signatures made in one such block. */
  signaturesOfBlock: 16,
  /** Peers that are recovered for an approval card. */
  describedPeers: 64,
} as const;
