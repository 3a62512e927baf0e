// Every number a caller can run into, in one place.
// Promises: the gate enforces each of them whatever the page code did (R-A3, R-B4, R-B8).

/** Limits of the provider, as `vault_getCapabilities` reports them. */
export const limits = {
  /** Largest `payload` of `vault_sign`, in bytes. */
  signPayloadBytes: 65_536,
  /** Longest `purpose` of `vault_sign`, in UTF-16 code units. */
  purposeLength: 100,
  /** Longest `text` of `xmtp_v3_signIdentityText`, in characters, which are ASCII. */
  identityTextLength: 2_000,
  /** Archive keys of one identity: today's, and those before it. */
  archiveKeys: 32,
  /** Items of one batch of an `xmtp_*` method. */
  batchItems: 1_000,
  /** Requests that one list may be cut into and still be asked about as one. */
  wholeParts: 1_024,
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

/** Longest passphrase or recovery code that is taken anywhere, in UTF-16 code units as typed. Longer ones are refused, never cut. */
export const typedSecretLength = 200;
/** How long the end of a grant can be undone, in milliseconds. */
export const undoMs = 10_000;
/** Longest name of an identity, in UTF-16 code units. */
export const nameLength = 60;
/** Names in the address book of one identity. */
export const mostPeople = 1_000;
/** Longest phrase of the person's own, shown on approval and unlock pages, in UTF-16 code units. */
export const ownPhraseLength = 40;
/** How long a muted site is quiet, in milliseconds. */
export const muteMs = 600_000;
/** Sites that are muted or blocked, together. */
export const mostQuietSites = 500;
/** Longest origin of a site, in UTF-16 code units. */
export const originLength = 300;
/** Of the address of a node of Ethereum, which may have a path. */
export const rpcAddressLength = 300;
/** Accounts that ENS is asked about at once. */
export const mostEnsAccounts = 50;
/** Inbox keys of one identity. A person needs a second one rarely: when an app made an inbox with the first by mistake. */
export const mostInboxKeys = 32;

const mebibyte = 1_048_576;

/** What the worker may hold for sites, whatever they send. In bytes, if not said otherwise; shares of origins are those of vault/work/shares. */
export const workerLimits = {
  /** Parameters of requests under way: sent and not yet answered, but for those that only wait for a person. Of all origins. */
  underWay: 32 * mebibyte,
  /** What one request under way weighs besides its parameters. */
  requestBase: 1_024,
  /** Requests of one origin that are worked on at a time, in number; the rest wait for their turn. */
  atOnce: 4,
  /** Above this a request is large: large ones are worked on in turn, as many as fit into `largeAtOnce`. */
  large: mebibyte / 2,
  largeAtOnce: limits.requestBytes,
  /** storage.session: everything in it; the browser gives 10 MiB. */
  session: 6 * mebibyte,
  /** Of that, the records of requests that wait for a person. Of all origins. */
  approvalRecords: 4 * mebibyte,
} as const;
/** Fewest characters of a new passphrase. */
export const newPassphraseLength = 12;
/** A new passphrase, for a slot as for a file, takes at least this many guesses: 10 to this power (docs/adr). */
export const leastGuessesLog10 = 10;
/**
 * Why a new passphrase is refused. `short`, `account`, `repeated` and `common` by the vault; with the lists of words that only our pages load also
 * `name`, `keyboard`, `sequence`, `date` and `own` (made of this product's name, or the identity's).
 */
export const weaknesses = [
  'short',
  'account',
  'repeated',
  'common',
  'name',
  'keyboard',
  'sequence',
  'date',
  'own',
] as const;
export type Weakness = (typeof weaknesses)[number];

const hourMs = 3_600_000;

/**
 * When a site that is answered without asking uses so much more than it usually does that a person is asked whether it may go on. All of it is told by the
 * vault's clock and its own counts; nothing of it is a right.
 */
export const volume = {
  /** Looked at in both: the first catches a burst, the second what is spread so thin that no ten seconds stand out. */
  windowsMs: [10_000, hourMs],
  /** So many times what is usual is unusual. A person's busiest hour is a few times the usual one; a mailbox that is carried off is a hundred times it. */
  timesUsual: 10,
  /**
   * Never asked below this, in each window: what an app does on an ordinary day. Of reading, one whole request in ten seconds, and a mailbox of some years
   * in an hour; of writing and signing, more than a person does by hand.
   */
  least: {
    'messages.read': [1_000, 10_000],
    'messages.write': [100, 1_000],
    preferences: [1_000, 10_000],
    notifications: [1_000, 10_000],
    sign: [20, 200],
  },
  /** Days on which a site used something before there is a "usually": the first reading of a whole history comes before that, and is not stopped. */
  leastDays: 3,
  /** Days that are remembered; the usual is the middle one, so that neither one full reading nor one quiet day moves it far. */
  days: 14,
  /** A pause that nobody answers ends when the longer window has passed. */
  pausedMs: hourMs,
  /** How long "let it go on" holds: as long as an app may need that reads everything anew. */
  continueMs: 24 * hourMs,
  /** Sites and capabilities of which that is remembered; beyond it the one that was used longest ago goes. Idle ones go after thirty days, as their grants do. */
  most: 500,
  idleDays: 30,
} as const;
