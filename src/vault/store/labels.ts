// The registry of purposes: every HKDF info string and every domain tag of this room (R-D3).
// Promises: no two are equal and none is a prefix of another (tested), so that no two purposes ever share a key.
// Must not: change. A changed label orphans everything sealed under the old one; add a new one instead.

/** What a key, a MAC or a hash is for. The first part counts generations of this format, not versions of the product. */
export const labels = {
  /** Key of one record write, from the root key. */
  record: 'kv1/rec',
  /** Key that mixes place and content into the salt of a record, from the root key. */
  recordSalt: 'kv1/salt/rec',
  /** Domain of the hash that makes a slot's salt. */
  slotSalt: 'kv1/salt/slot',
  /** Domain of the hash that makes a safe's id. */
  safeId: 'kv1/safe-id',
  /** Key that wraps the root key, from the wallet's unlock signature. */
  walletSlot: 'kv1/kek/wallet',
  /** Key that wraps the root key, from the recovery code. */
  recoverySlot: 'kv1/kek/recovery-code',
  /** Key that wraps the root key, from what scrypt makes of a passphrase. */
  passphraseSlot: 'kv1/kek/passphrase',
  /** Key that wraps the root key, from what a passkey's PRF gives. */
  passkeySlot: 'kv1/kek/passkey',
  /** Key of a slot's commitment, from the same secret as its wrapping key. */
  slotCommit: 'kv1/commit',
  /** MAC of the header, from the root key. */
  headerMac: 'kv1/mac/header',
  /** MAC of a grant, from the root key. */
  grantMac: 'kv1/mac/grant',
  /** Key of the names under which conversations and the like are found, from the root key. */
  entryName: 'kv1/name/entry',
  /** Domain of the hash by which a line of the log holds the one before it. */
  activityLink: 'kv1/activity',
  /** Domain of the additional data of a session blob. */
  session: 'kv1/session',
} as const;

export type Label = (typeof labels)[keyof typeof labels];
