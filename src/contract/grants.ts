// What an origin may be given: capabilities and how long they last.
// Promises: these lists are the whole vocabulary; absence of a value never means "everything".
// Must not: hold logic. Deciding is vault/grants.

/**
 * What a dapp may ask for. `identity`: read the public key bundle. `sign`: ask for prekey signatures over labelled payloads.
 * `messages.read`: open invitations and messages. `messages.write`: make invitations, encrypt messages, get auth tokens.
 * `preferences`: the private list of who may write. `notifications`: HMAC keys for a push server. `sign.digest`: ask for blind prekey signatures.
 */
export const capabilities = [
  'identity',
  'sign',
  'messages.read',
  'messages.write',
  'preferences',
  'notifications',
  'sign.digest',
] as const;
export type Capability = (typeof capabilities)[number];

/**
 * Capabilities whose use is one decision for a stretch of time, not one per request: a person cannot answer a thousand cards.
 * `sign.digest` is never among them, nor can its decision be remembered.
 */
export const stretchCapabilities = ['messages.read', 'messages.write', 'preferences', 'notifications'] as const satisfies readonly Capability[];
export type StretchCapability = (typeof stretchCapabilities)[number];

/** How long a decision is remembered: for vault_sign by choice, for a stretch capability always, `5m` at the least. */
export const remembered = ['5m', 'until-locked', '1h', '1d'] as const;
export type Remembered = (typeof remembered)[number];

/**
 * How long a grant, or a remembered decision, lasts.
 * `once`: in the document that asked, until the first signature or until the document is gone.
 * `until-locked`: until the identity is locked. `until-revoked`: until the person ends it (or 30 days without use).
 */
export const durations = ['once', 'until-locked', '1h', '1d', '30d', 'until-revoked'] as const;
export type Duration = (typeof durations)[number];

const hourMs = 3_600_000;

/** Length of a remembered decision in milliseconds; `until-locked` is not in the map. */
export const rememberedMs: Readonly<Partial<Record<Remembered, number>>> = { '5m': hourMs / 12, '1h': hourMs, '1d': 24 * hourMs };

/** Length of the durations that end by the clock, in milliseconds; the others are not in the map. */
export const durationMs: Readonly<Partial<Record<Duration, number>>> = {
  '1h': hourMs,
  '1d': 24 * hourMs,
  '30d': 30 * 24 * hourMs,
};
