// What an origin may be given: capabilities and how long they last.
// Promises: these lists are the whole vocabulary; absence of a value never means "everything".
// Must not: hold logic. Deciding is vault/grants.

/** What a dapp may ask for. `identity`: read the public key bundle. `sign`: ask for prekey signatures. */
export const capabilities = ['identity', 'sign'] as const;
export type Capability = (typeof capabilities)[number];

/**
 * How long a grant, or a remembered decision, lasts.
 * `once`: in the document that asked, until the first signature or until the document is gone.
 * `until-locked`: until the identity is locked. `until-revoked`: until the person ends it (or 30 days without use).
 */
export const durations = ['once', 'until-locked', '1h', '1d', '30d', 'until-revoked'] as const;
export type Duration = (typeof durations)[number];

const hourMs = 3_600_000;

/** Length of the durations that end by the clock, in milliseconds; the others are not in the map. */
export const durationMs: Readonly<Partial<Record<Duration, number>>> = {
  '1h': hourMs,
  '1d': 24 * hourMs,
  '30d': 30 * 24 * hourMs,
};
