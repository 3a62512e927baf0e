// The heavy laws that `npm test` runs in a short form: the fifteen trials, the campaigns each is made of, the files they are in, and how many
// cases of what a whole, a nightly and a short run have.
// Promises: plain data, for the command, the documents and the tests; no number of cases stands anywhere else. Must not: import anything.

const unit = 'vitest.config.ts';
const e2e = 'e2e/vitest.config.ts';
const firefox = 'e2e/firefox/vitest.config.ts';

/**
 * `counts`: cases by name; `of` says of what, `laws` how many tests draw that many (1). What has no `nightly` runs at night as it does in `npm test`.
 * `only`: a part of the titles of its tests, where the files have others.
 * `minutes`: its share of a night on two cores; without it, it is not of the night.
 * @type {Readonly<Record<string, import('./campaigns.mjs').Campaign>>}
 */
export const campaigns = {
  frames: {
    what: 'frames of a page to the gate: built from the schemas and changed, or bytes of packed frames flipped, cut and doubled; the keys only say what they were let do',
    config: unit,
    files: ['src/background/dapps/frames.test.ts'],
    counts: {
      structured: { of: 'structured frames', whole: 1_000_000, nightly: 100_000, short: 120 },
      bytes: { of: 'frames changed in their bytes', whole: 1_000_000, nightly: 100_000, short: 120 },
      ownPages: { of: 'frames at the ports of our own pages', whole: 5_000, nightly: 5_000, short: 60 },
    },
    minutes: 4,
  },
  'keystore-fuzz': {
    what: 'mutated requests of every keystore method, in the built extension, with the heap of the worker before and after',
    config: e2e,
    files: ['e2e/keystore-fuzz.test.ts'],
    counts: { requests: { of: 'requests', whole: 20_000, nightly: 8_000, short: 4_000 } },
    minutes: 1,
  },
  'identity-texts': {
    what: 'an identity text of XMTP V3 is one of the six shapes and rebuilds byte for byte, or is refused; the same at the provider’s row, with cards and signatures',
    config: unit,
    files: ['src/protocol/inbox/identity-text.test.ts', 'src/background/dapps/inbox-texts.test.ts'],
    counts: {
      built: { of: 'built texts', whole: 20_000, short: 2_000 },
      changed: { of: 'changed texts where they are read', whole: 200_000, short: 20_000 },
      row: { of: 'changed texts at the provider’s row', whole: 200_000, nightly: 10_000, short: 1_000 },
    },
    minutes: 1,
  },
  'inbox-logs': {
    what: 'the log of an inbox with any bit flipped: it is read as it was, or only up to there',
    config: unit,
    files: ['src/protocol/inbox/inbox-log.test.ts'],
    counts: { places: { of: 'drawn places', whole: 20_000, short: 400 } },
  },
  'page-texts': {
    what: 'changed identity texts of XMTP V3 from a page with a grant, in the built extension: none is signed, and only what rebuilds makes a card',
    config: e2e,
    files: ['e2e/v3-texts.test.ts'],
    counts: { texts: { of: 'texts', whole: 5_000, nightly: 500, short: 200 } },
    minutes: 1,
  },
  kills: {
    what: 'the worker is killed before and after every step of an enrolment, an unlock, a connection and a signature, and at each step of a rotation, an import and a new code, in the built extension',
    config: e2e,
    files: ['e2e/kills.test.ts', 'e2e/rotation.test.ts', 'e2e/slots.test.ts', 'e2e/backup.test.ts'],
    counts: {
      stepOfStates: {
        of: 'step through the states of the stores (whole: both sides of each)',
        whole: 1,
        nightly: 2,
        short: 3,
      },
      stepOfOthers: { of: 'step through the other steps', whole: 1, nightly: 3, short: 6 },
    },
    minutes: 2,
  },
  'kills-in-memory': {
    what: 'the worker or the browser dies before and after every step of an enrolment, an unlock, a lock, a new name, a change of slots and a rotation, on stores in memory',
    config: unit,
    files: [
      'src/vault/kill.test.ts',
      'src/vault/publication/rotation-kill.test.ts',
      'src/vault/unlock/slots-kill.test.ts',
    ],
    counts: { step: { of: 'step through the deaths at each step (whole: all that it knows)', whole: 1, short: 2 } },
    minutes: 1,
  },
  'read-kills': {
    what: 'the worker is killed at random while messages are read',
    config: e2e,
    files: ['e2e/read-kills.test.ts'],
    counts: {
      messages: { of: 'messages', whole: 10_000, nightly: 2_000, short: 800 },
      kills: { of: 'kills', whole: 200, nightly: 40, short: 16 },
    },
    minutes: 1,
  },
  'random-kills': {
    what: 'the worker is killed at random moments of a connection, a signature, an unlock, a renewal of the prekey, a look and a setting, also while it starts again',
    config: e2e,
    files: ['e2e/life.test.ts'],
    only: 'killed at a random|killed again',
    counts: {
      kills: { of: 'kills', whole: 2_000, nightly: 200, short: 6 },
      doubles: { of: 'kills while it starts again', whole: 200, nightly: 24, short: 2 },
    },
    minutes: 4,
  },
  corruption: {
    what: 'what is stored with any single bit flipped, cut off anywhere, overwritten at random, or put in the place of another: repaired or reported, never empty',
    config: unit,
    files: ['src/vault/damage.test.ts'],
    counts: {
      bits: { of: 'flipped bits', whole: 20_000, nightly: 2_000, short: 60 },
      lengths: { of: 'lengths it is cut to', whole: 4_000, nightly: 600, short: 20 },
      bytes: { of: 'overwritings of several bytes', whole: 10_000, nightly: 1_000, short: 40 },
      swaps: { of: 'pieces of another time, safe or record', whole: 1_000, nightly: 200, short: 20 },
    },
    minutes: 1,
  },
  'profile-bytes': {
    what: 'bytes of the database files of a real profile are overwritten between two runs of the browser',
    config: e2e,
    files: ['e2e/corruption.test.ts'],
    counts: { profiles: { of: 'damaged profiles', whole: 500, nightly: 20, short: 1 } },
    minutes: 3,
  },
  'disk-full': {
    what: 'a profile on a small disk that is full at each write of an enrolment, an import and a renewal; freed, it goes on',
    config: e2e,
    files: ['e2e/disk-full.test.ts'],
    counts: {
      rounds: { of: 'rounds', whole: 4, nightly: 1, short: 1 },
      step: { of: 'step through the writes of each', whole: 1, nightly: 3, short: 6 },
    },
    minutes: 2,
  },
  'wallet-zoo': {
    what: 'fourteen kinds of wallet enrol and unlock: what they sign opens the safe each time, or is refused before anything is stored',
    config: unit,
    files: ['src/vault/enrolment/wallet-zoo.test.ts'],
    counts: { turns: { of: 'enrolments and unlocks of each kind', whole: 1_000, nightly: 40, short: 1, laws: 14 } },
    minutes: 3,
  },
  flood: {
    what: 'many origins ask as fast as they can, in the built extension: one window, what the worker holds, and an honest site meanwhile',
    config: e2e,
    files: ['e2e/load.test.ts'],
    only: 'flood',
    counts: {
      origins: { of: 'origins', whole: 50, nightly: 20, short: 4 },
      each: { of: 'requests of each', whole: 200, nightly: 100, short: 25 },
      lastsMs: { of: 'ms in which they are sent', whole: 60_000, nightly: 20_000, short: 500 },
    },
    minutes: 2,
  },
  load: {
    what: 'three sites let sixty requests of 8 MiB wait, then send 72 of 6 MiB at once; an honest call under batches of junk, as a ratio; a list that strangers filled; with what the worker holds meanwhile',
    config: e2e,
    files: ['e2e/load.test.ts', 'e2e/load-messages.test.ts'],
    counts: {
      sites: { of: 'sites', whole: 3, short: 2 },
      waiting: { of: 'waiting requests of 8 MiB of each', whole: 20, short: 5 },
      burst: { of: 'requests of 6 MiB of each at once', whole: 24, short: 6 },
      junkBatches: { of: 'batches of junk', whole: 40, short: 4 },
      junkItems: { of: 'items of each batch', whole: 100, short: 24 },
      honest: { of: 'honest calls', whole: 9, short: 3 },
      invitations: { of: 'invitations of 64 KiB', whole: 360, short: 40 },
    },
    minutes: 1,
  },
  documents: {
    what: 'every kind of document asks for every method, with and without a grant of the address it seems to have: no wrong one is answered, and none makes a card',
    config: e2e,
    files: ['e2e/frames.test.ts'],
    counts: { methods: { of: 'methods from each kind of document', whole: 30, short: 3 } },
    minutes: 1,
  },
  'documents-firefox': {
    what: 'the same in Firefox',
    config: firefox,
    files: ['e2e/firefox/journey.test.ts'],
    counts: { methods: { of: 'methods from each kind of document', whole: 30, short: 3 } },
    minutes: 2,
  },
  'shown-texts': {
    what: 'texts of sites taken apart for the screen: every character is drawn, named or counted, and none that misleads is drawn',
    config: unit,
    files: ['src/ui/parts/shown/dapp-text-model.test.ts'],
    counts: { texts: { of: 'texts', whole: 50_000, nightly: 20_000, short: 1_500, laws: 2 } },
    minutes: 1,
  },
  canary: {
    what: 'no secret in any message, console line or file of the profile, and no key in the memory of the extension after locking',
    config: e2e,
    files: ['e2e/canary.test.ts', 'e2e/message-canary.test.ts'],
    counts: { memory: { of: 'looks into the memory after locking', whole: 1, nightly: 1, short: 0 } },
    minutes: 2,
  },
  updates: {
    what: 'the package of each earlier version over the profile it made, then today’s, with something under way; then the earlier one once more',
    config: e2e,
    files: ['e2e/update.test.ts'],
    counts: { runs: { of: 'runs of each version', whole: 50, nightly: 3, short: 1 } },
    minutes: 2,
  },
  'display-strings': {
    what: 'hostile texts on cards, each control and format character among them, and a long one, in the built page: drawn as the model has them; at 320 px and at 200 % no name of a site and no answer is hidden',
    config: e2e,
    files: ['e2e/approval-window.test.ts'],
    only: 'R-C5',
    counts: {
      texts: { of: 'texts', whole: 50_000, nightly: 5_000, short: 40 },
      kib: { of: 'KiB of the long one', whole: 1_024, nightly: 128, short: 8 },
    },
    minutes: 2,
  },
  clock: {
    what: 'the clock jumps while a safe is open: never open past its deadline, never locked without a reason, never stuck',
    config: unit,
    files: ['src/vault/unlock/session.test.ts'],
    counts: { lives: { of: 'lives of up to 25 jumps, acts and restarts', whole: 1_000, nightly: 200, short: 60 } },
    minutes: 1,
  },
  'moved-clock': {
    what: 'the clock of a whole browser is moved by up to twenty years while an identity is in use, with the worker killed or not: locked past its deadline, usable at once in the new time',
    config: e2e,
    files: ['e2e/life.test.ts'],
    only: 'clock of the browser',
    counts: { moves: { of: 'moves', whole: 200, nightly: 24, short: 0 } },
    minutes: 2,
  },
  clicks: {
    what: 'a double click and a held Enter at every moment up to 1,500 ms after the approval window opened, moved, was resized and got the focus back: no approval before it is armed; presses with another request arriving around each',
    config: e2e,
    files: ['e2e/approval-window.test.ts'],
    only: 'campaign of clicks|arrive around the click',
    counts: {
      moments: { of: 'moments of each kind', whole: 61, nightly: 16, short: 1 },
      arrivals: { of: 'presses with another request arriving', whole: 500, nightly: 60, short: 8 },
    },
    minutes: 5,
  },
  differential: {
    what: 'keys, messages, invitations, tokens and secrets against the stock client, in drawn cases',
    config: unit,
    files: ['src/protocol/differential/'],
    counts: { cases: { of: 'cases a law', whole: 10_000, nightly: 500, short: 40, laws: 20 } },
    minutes: 2,
  },
  curve: {
    what: 'the core of the curve against noble, in drawn cases of each operation (five times as many points), and every case of Wycheproof by the core, and by noble the more the smaller the step is',
    config: unit,
    files: ['src/protocol/differential/curve.test.ts'],
    counts: {
      cases: { of: 'cases an operation', whole: 10_000, nightly: 500, short: 60, laws: 6 },
      step: { of: 'step through Wycheproof by noble', whole: 1, short: 20 },
    },
    minutes: 1,
  },
  interleavings: {
    what: 'lock, revoke, narrow, widen, block and update in the middle of any request, in drawn interleavings of the gate over keys that say what they were let do',
    config: unit,
    files: ['src/background/dapps/interleavings.test.ts'],
    counts: { interleavings: { of: 'interleavings', whole: 100_000, nightly: 3_000, short: 300 } },
    minutes: 2,
  },
  scopes: {
    what: 'what a grant reaches: drawn grants and requests for each law of the keystore; requests with a narrowing, a widening, a revocation or a lock in the middle',
    config: unit,
    files: ['src/vault/keystore/reach.test.ts', 'src/background/dapps/scope.test.ts'],
    counts: {
      grants: { of: 'grants and requests a law', whole: 500, short: 40 },
      requests: { of: 'requests with an act in the middle', whole: 2_000, nightly: 400, short: 100 },
    },
    minutes: 1,
  },
  origins: {
    what: 'grants are found by scheme, host and port, in drawn pairs of addresses',
    config: unit,
    files: ['src/vault/consent/grants.properties.test.ts'],
    counts: { pairs: { of: 'pairs', whole: 100_000, short: 10_000 } },
    minutes: 1,
  },
  releases: {
    what: 'revocations, blocks, locks and narrowings in the middle of requests of a page, in the built extension: nothing that left the worker after it',
    config: e2e,
    files: ['e2e/scopes.test.ts'],
    counts: { acts: { of: 'acts', whole: 500, nightly: 60, short: 8 } },
    minutes: 2,
  },
  soak: {
    what: 'an identity in use for hours: requests of all kinds, locks, renewals, and the worker killed every 10 to 60 seconds',
    config: e2e,
    files: ['e2e/life.test.ts'],
    only: 'in use',
    counts: {
      seconds: { of: 'seconds (the command takes hours)', whole: 7_200, nightly: 300, short: 4 },
    },
    minutes: 6,
  },
  examples: {
    what: 'npm i, npm test, the build and the buttons, in the built extension, of the apps in examples; in `npm test` those that need nothing but the sdk',
    config: e2e,
    files: ['e2e/examples.test.ts'],
    counts: {},
  },
  'fake-vault': {
    what: 'the fake vault of a dapp’s tests against the real gate and vault: drawn sequences of what a site asks and its person does',
    config: unit,
    files: ['src/sdk/fake/same-contract.test.ts'],
    counts: { sequences: { of: 'sequences', whole: 2_000, short: 10 } },
  },
  'hostile-node': {
    what: 'a node that lies, cuts, drips and redirects, in drawn cases against the real vault',
    config: unit,
    files: ['src/background/network/hostile-node.test.ts'],
    counts: { cases: { of: 'cases', whole: 2_000, nightly: 100, short: 40 } },
  },
  'curve-timing': {
    what: 'the time of a signature and of an agreement by the core with one scalar and with others, in a browser, and a tenth as often by noble',
    config: e2e,
    files: ['e2e/curve-timing.test.ts'],
    counts: {
      agreements: { of: 'answers compared with noble’s', whole: 2_000, short: 20 },
      calls: { of: 'signatures and agreements', whole: 1_000_000, short: 300 },
    },
  },
  noble: {
    what: 'all unit tests of protocol and vault with noble, which stands in where the core of the curve cannot run',
    config: unit,
    files: ['src/protocol/', 'src/vault/', 'scripts/vectors/'],
    environment: { PREKEY_VAULT_CURVE: 'noble' },
    counts: {},
  },
  'noble-journeys': {
    what: 'the journeys in Chromium on a package without the core',
    config: e2e,
    files: [],
    environment: { PREKEY_VAULT_CURVE: 'noble' },
    counts: {},
  },
  languages: {
    what: 'every page in every language and both themes: axe, 320 px, and what the page says of its language',
    config: e2e,
    files: ['e2e/accessibility.test.ts'],
    counts: {},
  },
  package: {
    what: '`npm run package` in two folders, and from the unpacked source zip after `npm ci` with an empty home: the same bytes; drawn zips',
    config: unit,
    files: ['scripts/package/package.test.ts'],
    counts: { zips: { of: 'drawn zips', whole: 2_000, short: 50 } },
  },
  keyboard: {
    what: 'every kind of card approved with the keyboard alone, in the built extension',
    config: e2e,
    files: ['e2e/accessibility.test.ts'],
    counts: {},
  },
};

/**
 * What the vault must withstand, and the campaigns that try it. `also`: what of it every `npm test` runs whole.
 * @type {Readonly<Record<string, import('./campaigns.mjs').Trial>>}
 */
export const trials = {
  T1: { what: 'anything at all from a page', campaigns: ['frames', 'keystore-fuzz', 'identity-texts', 'page-texts'] },
  T2: {
    what: 'the worker dies',
    campaigns: ['kills', 'kills-in-memory', 'random-kills', 'read-kills'],
    also: 'each labelled step, before and after, in one of the ways to die, on stores in memory',
  },
  T3: {
    what: 'stores are damaged',
    campaigns: ['corruption', 'profile-bytes'],
    also: 'every byte of each copy, and stores deleted (`src/vault/corruption.test.ts`)',
  },
  T4: {
    what: 'the disk is full',
    campaigns: ['disk-full'],
    also: 'every write fails, alone and from then on, in node (`src/vault/**/*disk.test.ts`)',
  },
  T5: {
    what: 'wallets differ',
    campaigns: ['wallet-zoo'],
    also: 'the kinds that need a page (`e2e/wallet-zoo.test.ts`)',
  },
  T6: { what: 'sites flood', campaigns: ['flood', 'load'] },
  T7: { what: 'documents pretend to be others', campaigns: ['documents', 'documents-firefox'] },
  T8: { what: 'texts mislead', campaigns: ['shown-texts', 'display-strings'] },
  T9: { what: 'secrets leave traces', campaigns: ['canary'] },
  T10: { what: 'versions follow each other', campaigns: ['updates'] },
  T11: { what: 'the clock jumps', campaigns: ['clock', 'moved-clock'] },
  T12: { what: 'presses are stolen', campaigns: ['clicks'] },
  T13: { what: 'others speak the protocol', campaigns: ['differential', 'curve'] },
  T14: { what: 'things happen at once', campaigns: ['interleavings', 'scopes', 'origins', 'releases'] },
  T15: { what: 'it is used for hours', campaigns: ['soak'] },
};
