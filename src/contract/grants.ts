// What an origin may be given: capabilities and how long they last.
// Promises: these lists are the whole vocabulary; absence of a value never means "everything".
// Must not: hold logic. Deciding is vault/consent/grants.

/**
 * What a dapp may ask for. `identity`: read the public key bundle. `sign`: ask for prekey signatures over labelled payloads.
 * `messages.read`: open invitations and messages. `messages.write`: make invitations, encrypt and publish messages.
 * `preferences`: the private list of who may write. `notifications`: HMAC keys for a push server. `network.token`: ask for auth tokens,
 * each of which is good for every topic of the account, its contact and its network copy included. `xmtp.v3`: the address of the inbox key, and
 * its signature under identity texts. `xmtp.v3.archive`: ask for keys that make and open archives of an inbox.
 */
export const capabilities = [
  'identity',
  'sign',
  'messages.read',
  'messages.write',
  'preferences',
  'notifications',
  'network.token',
  'xmtp.v3',
  'xmtp.v3.archive',
] as const;
export type Capability = (typeof capabilities)[number];

/** Names that earlier versions stored in grants. Nothing is done under them any more: they are read, and dropped. */
export const retiredCapabilities = ['sign.digest'] as const;

/**
 * Capabilities whose use is one decision for some time, not one per request: a person cannot answer a thousand cards.
 * `network.token` is never among them, nor can its decision be remembered: one token is good for some time already. Nor are those of XMTP V3: what
 * is signed or handed out there stays good for ever.
 */
export const timedCapabilities = [
  'messages.read',
  'messages.write',
  'preferences',
  'notifications',
] as const satisfies readonly Capability[];
export type TimedCapability = (typeof timedCapabilities)[number];

export const isTimed = (capability: Capability): capability is TimedCapability =>
  timedCapabilities.some((one) => one === capability);

/** Capabilities that are never given by not looking: the person has to tick them. Each use of them can do harm that nothing takes back. */
export const carefulCapabilities = ['network.token', 'xmtp.v3.archive'] as const satisfies readonly Capability[];

export const isCareful = (capability: Capability): boolean => carefulCapabilities.some((one) => one === capability);

/** How long a decision is remembered: for vault_sign by choice, for a timed capability always, `5m` at the least. */
export const remembered = ['5m', 'until-locked', '1h', '1d'] as const;
export type Remembered = (typeof remembered)[number];

/**
 * How long a grant, or a remembered decision, lasts.
 * `once`: in the document that asked, until the first signature or until the document is gone.
 * `until-locked`: until the identity is locked. `until-revoked`: until the person ends it (or 30 days without use).
 */
export const durations = ['once', 'until-locked', '1h', '1d', '30d', 'until-revoked'] as const;
export type Duration = (typeof durations)[number];

/** The same by how long they last at the most: a lock comes after twelve hours at the latest. */
export const durationsByLength: readonly Duration[] = ['once', '1h', 'until-locked', '1d', '30d', 'until-revoked'];

const hourMs = 3_600_000;

/** Length of a remembered decision in milliseconds; `until-locked` is not in the map. */
export const rememberedMs: Readonly<Partial<Record<Remembered, number>>> = {
  '5m': hourMs / 12,
  '1h': hourMs,
  '1d': 24 * hourMs,
};

/** Length of the durations that end by the clock, in milliseconds; the others are not in the map. */
export const durationMs: Readonly<Partial<Record<Duration, number>>> = {
  '1h': hourMs,
  '1d': 24 * hourMs,
  '30d': 30 * 24 * hourMs,
};

/** Until when a capability is used without asking: milliseconds since 1970, until the lock, or null: the person is asked each time. */
export type AskingUntil = number | 'until-locked' | null;
/** The same for everything whose decision can be remembered. */
export type WithoutAskingUntil = { sign: AskingUntil } & Partial<Record<TimedCapability, AskingUntil>>;
