// Every number of the keystore that bounds memory or disk, in one place.
// Promises: nothing a site sends makes the worker hold, or a safe store, more than these.

export const keystoreLimits = {
  /** What one number of a list stands for, in bytes: an entry takes one for each that its plaintext begins (lists/room.ts). */
  bytesOfNumber: 16,
  /**
   * Numbers a list of a safe has: 17, 8 and 4 MiB. A list is told in one answer, of which memory holds 11/3 while it leaves (adr/0007); what
   * was begun is told to nobody.
   */
  numbersOfList: { conversations: 1_114_112, peers: 1_114_112, preferences: 524_288, begun: 262_144 },
  /** Entries that are copied into one segment for reading many at once, and about how many bytes. */
  entriesOfSegment: 512,
  bytesOfSegment: 1_048_576,
  /** Rows read at once, or named at once: each may have `entryBytes`. */
  rowsOfPage: 64,
  /** Evictable entries that are remembered of a full list where nothing else may go. */
  rememberedEvictable: 4_096,
  /** Conversations of one peer that are looked at when a new one is asked for. */
  entriesOfGroup: 64,
  /** Largest plaintext of one entry, in bytes: a conversation with its context. */
  entryBytes: 65_536,
  /** Largest private preference, in bytes: some hundred addresses. */
  preferenceBytes: 16_384,
  /** Conversations whose key handle stays in memory. */
  cachedConversations: 4_096,
  /** Pairs of bundles whose message key handle stays in memory. */
  cachedSecrets: 4_096,
  /** Pairs of bundles that were refused, and stay so. */
  cachedRefusals: 4_096,
  /** Identity keys whose account stays in memory. */
  cachedAddresses: 16_384,
  /** V1 peers that are known to have been written to. */
  cachedWritten: 4_096,
  /** Conversations of which is known whether a site began them. */
  cachedBegun: 8_192,
  /** Invitations opened in one slice: each may have an account to be recovered from its key. */
  invitationsOfSlice: 16,
  /** Key agreements in one block of work with opened private keys; then others get their turn. */
  agreementsOfBlock: 8,
  /** Signatures made in one such block. */
  signaturesOfBlock: 16,
  /** Peers that are recovered for an approval card. */
  describedPeers: 64,
} as const;
