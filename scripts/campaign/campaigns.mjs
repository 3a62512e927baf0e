// The heavy laws that `npm test` runs in a short form: their names, the files they are in, and how a whole run is sized.
// Promises: plain data, for the command and for tests. Must not: import anything.

/** @type {Readonly<Record<string, { what: string, config: string, files: readonly string[], environment?: Readonly<Record<string, string>> }>>} */
export const campaigns = {
  differential: {
    what: 'keys, messages, invitations, tokens and secrets against the stock client, 10,000 drawn cases for each law',
    config: 'vitest.config.ts',
    files: ['src/protocol/differential/'],
  },
  curve: {
    what: 'the core of the curve against noble, 10,000 drawn cases for each operation, and every case of Wycheproof by both',
    config: 'vitest.config.ts',
    files: ['src/protocol/differential/curve.test.ts'],
  },
  'curve-timing': {
    what: 'the time of a signature and of an agreement by the core with one scalar and with others, 1,000,000 calls each in a browser, and 100,000 by noble',
    config: 'e2e/vitest.config.ts',
    files: ['e2e/curve-timing.test.ts'],
  },
  noble: {
    what: 'all unit tests of protocol and vault with noble, which stands in where the core of the curve cannot run',
    config: 'vitest.config.ts',
    files: ['src/protocol/', 'src/vault/', 'scripts/vectors/'],
    environment: { PREKEY_VAULT_CURVE: 'noble' },
  },
  'noble-journeys': {
    what: 'the journeys in Chromium on a package without the core',
    config: 'e2e/vitest.config.ts',
    files: [],
    environment: { PREKEY_VAULT_CURVE: 'noble' },
  },
  'hostile-node': {
    what: 'a node that lies, cuts, drips and redirects, 2,000 drawn cases against the real vault',
    config: 'vitest.config.ts',
    files: ['src/background/network/hostile-node.test.ts'],
  },
  origins: {
    what: 'grants are found by scheme, host and port, 100,000 drawn pairs of addresses',
    config: 'vitest.config.ts',
    files: ['src/vault/consent/grants.properties.test.ts'],
  },
  scopes: {
    what: 'what a grant reaches, 500 drawn grants and requests for each law of the keystore; 2,000 requests with a narrowing, a widening, a revocation or a lock in the middle',
    config: 'vitest.config.ts',
    files: ['src/vault/keystore/reach.test.ts', 'src/background/dapps/scope.test.ts'],
  },
  interleavings: {
    what: 'lock, revoke, narrow, widen, block and update in the middle of any request: 100,000 drawn interleavings of the gate over keys that say what they were let do',
    config: 'vitest.config.ts',
    files: ['src/background/dapps/interleavings.test.ts'],
  },
  releases: {
    what: '500 revocations, blocks, locks and narrowings in the middle of requests of a page, in the built extension: nothing that left the worker after it',
    config: 'e2e/vitest.config.ts',
    files: ['e2e/scopes.test.ts'],
  },
  'identity-texts': {
    what: 'an identity text of XMTP V3 is one of the six shapes and rebuilds byte for byte, or is refused, 200,000 changed texts; the same at the provider’s row, with cards and signatures',
    config: 'vitest.config.ts',
    files: ['src/protocol/inbox/identity-text.test.ts', 'src/background/dapps/inbox-texts.test.ts'],
  },
  'inbox-logs': {
    what: 'the log of an inbox with any bit flipped, 20,000 drawn places: it is read as it was, or only up to there',
    config: 'vitest.config.ts',
    files: ['src/protocol/inbox/inbox-log.test.ts'],
  },
  'page-texts': {
    what: '5,000 changed identity texts of XMTP V3 from a page with a grant, in the built extension: none is signed, and only what rebuilds makes a card',
    config: 'e2e/vitest.config.ts',
    files: ['e2e/v3-texts.test.ts'],
  },
  'keystore-fuzz': {
    what: '20,000 mutated requests of every keystore method, in the built extension, with the heap of the worker before and after',
    config: 'e2e/vitest.config.ts',
    files: ['e2e/keystore-fuzz.test.ts'],
  },
  languages: {
    what: 'every page in every language and both themes: axe, 320 px, and what the page says of its language',
    config: 'e2e/vitest.config.ts',
    files: ['e2e/accessibility.test.ts'],
  },
  'read-kills': {
    what: 'the worker is killed 200 times at random while 10,000 messages are read',
    config: 'e2e/vitest.config.ts',
    files: ['e2e/read-kills.test.ts'],
  },
  kills: {
    what: 'the worker is killed before and after every step of an enrolment, an unlock, a connection and a signature, in the built extension',
    config: 'e2e/vitest.config.ts',
    files: ['e2e/kills.test.ts'],
  },
  package: {
    what: '`npm run package` in two folders, and from the unpacked source zip after `npm ci` with an empty home: the same bytes; 2,000 drawn zips',
    config: 'vitest.config.ts',
    files: ['scripts/package/package.test.ts'],
  },
  keyboard: {
    what: 'every kind of card approved with the keyboard alone, in the built extension',
    config: 'e2e/vitest.config.ts',
    files: ['e2e/accessibility.test.ts'],
  },
  load: {
    what: 'three sites let sixty requests of 8 MiB wait, then send 72 of 6 MiB at once; an honest call under 40 batches of junk, as a ratio; a list that strangers filled; with what the worker holds meanwhile',
    config: 'e2e/vitest.config.ts',
    files: ['e2e/load.test.ts', 'e2e/load-messages.test.ts'],
  },
};
