// The lists and numbers that pages, gate and vault choose from.
// Promises: plain values: whoever may import them takes no schema along. Must not: import anything.

/** Minutes without a person's action after which an identity locks. "Never" is not offered (R-F4). */
export const autoLockMinutes = [5, 15, 30, 60] as const;

/** What the vault is on a site besides its own provider: nothing; a wallet for XMTP only; this, and `window.ethereum` too. */
export const faceChoices = ['off', 'wallet', 'stand-in'] as const;

export const themes = ['system', 'light', 'dark'] as const;

/** The languages of our pages, by their folders in _locales; "system" is the browser's, as far as it is among them. */
export const languages = ['system', 'en', 'de', 'es', 'zh_CN', 'ar'] as const;

export type LanguageChoice = (typeof languages)[number];

/** Colours that a person chooses from for the phrase of their own. None is red: that says that something can be lost. */
export const phraseColours = ['blue', 'sky', 'green', 'gold', 'brown', 'pink', 'violet', 'grey'] as const;

export type PhraseColour = (typeof phraseColours)[number];

/** Days between two rotations; 0 is never. */
export const rotationDays = [0, 7, 30, 90] as const;

export type RotationDays = (typeof rotationDays)[number];

/** Where the keys of an enrolment come from. */
export const enrolmentSources = ['new', 'network', 'backup'] as const;

export type EnrolmentSource = (typeof enrolmentSources)[number];

/** Backup files larger than this are refused: 32 MiB. */
export const backupFileBytes = 32 * 1024 * 1024;

/** Bytes of one piece of a file that goes to the worker: 4 MiB. */
export const pieceBytes = 4 * 1024 * 1024;

export const localNodeUrl = 'http://localhost:5555';

/** Why a copy of the private keys (from the network or a file) cannot be used. The local state is unchanged in every case. */
export const copyDefects = [
  'does-not-open',
  'not-a-bundle',
  'other-account',
  'bad-signatures',
  'keys-do-not-match',
  'no-prekey',
] as const;

export type CopyDefect = (typeof copyDefects)[number];

/** Why a chosen file cannot be used, each with words of its own. Nothing is changed in every case. */
export const fileDefects = [
  /** Damaged or cut short on the way, or changed. */
  'changed',
  /** Each try of a passphrase would take more work than a browser can do; nothing is wrong with the file. */
  'too-much-work',
  /** An age file that a key opens, not a passphrase. */
  'for-a-key',
  /** A later version of the age format, or of our backup. */
  'newer-version',
  /** A secret was given for a file that needs no secret, or no secret for a file that needs it. */
  'not-encrypted',
  'encrypted',
  /** Nothing that any client wrote as keys. */
  'not-keys',
  'too-many-keys',
  /** A PrivateKeyBundleV2: defined, and never written by a client. */
  'second-format',
  /** An EncryptedPrivateKeyBundle: only a signature of the account opens it. */
  'sealed-by-wallet',
] as const;

export type FileDefect = (typeof fileDefects)[number];

export type SlotKind = 'wallet' | 'recovery-code' | 'passphrase' | 'passkey';

/** Ways to open a safe of which two have to stay. A passkey is none of them: it can go with a device or with an account elsewhere, unasked. */
export const lastingKinds = ['wallet', 'recovery-code', 'passphrase'] as const satisfies readonly SlotKind[];

/** How many of them a finished identity has at least. */
export const leastLasting = 2;

/** What an identity text of XMTP V3 does (docs/v3.md). */
export const identityTextShapes = ['create+grant', 'grant', 'link', 'revoke', 'unlink', 'recovery'] as const;

export type IdentityTextShape = (typeof identityTextShapes)[number];

/**
 * Why an identity text is refused at once: it is in none of the six forms, or not dated now, or names another key, or only the recovery of its inbox
 * could sign it, which this identity is not known to be.
 */
export type IdentityTextDefect = 'unreadable' | 'date' | 'not-this-key' | 'not-recovery';

/** Shapes that take something away from people: approved only with the last four digits of the inbox id, typed. */
export const recoveryShapes = ['revoke', 'unlink', 'recovery'] as const satisfies readonly IdentityTextShape[];

/** Shapes that are about an address; the others are about installations. */
export const addressShapes = ['link', 'unlink', 'recovery'] as const satisfies readonly IdentityTextShape[];

/** What XMTP allows an inbox: installations at a time, and identity updates for life. */
export const inboxBounds = { installations: 10, updates: 256 } as const;

/** For how many days the activity log can keep a line. */
export const keptDays = [30, 90, 365] as const;
export type KeptDays = (typeof keptDays)[number];

/** The keyboard commands, by the names they have in the manifest: what it names, the worker carries out and the settings show is this list. */
export const commandNames = ['lock-now', 'open-waiting'] as const;
export type CommandName = (typeof commandNames)[number];
