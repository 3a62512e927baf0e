// The one limit of time for tests: long enough for a machine ten times slower than ours, so that only what hangs meets it.
// Must not: measure speed; `npm run bench` does.

/** A test, a hook, or anything a test waits for, in milliseconds. A law that a campaign runs whole has two hours. */
export const hangsAfterMs = process.env['PREKEY_VAULT_CAMPAIGN'] ? 7_200_000 : 600_000;

/** Unit tests that take long because of what they are: `npm run check` leaves them out, `npm test` has them. */
export const longTests = [
  '**/*kill.test.ts',
  '**/*disk.test.ts',
  '**/*model.test.ts',
  '**/flood.test.ts',
  '**/differential/**',
  '**/hostile-*.test.ts',
  '**/interop.test.ts',
  'src/vault/backup/**',
  'src/vault/enrolment/sources.test.ts',
  'src/vault/lists/sealed-list.test.ts',
  'src/vault/safe/header.test.ts',
  'src/vault/unlock/slot-changes.test.ts',
  'src/vault/{corruption,earlier-versions,messaging}.test.ts',
  'src/vault/keystore/{differential,fuzz}.test.ts',
  'src/vault/publication/**',
  'src/background/network/**',
  'src/sdk/xmtp/**',
  'src/sdk/v3/inbox-client.test.ts',
  'demo/node/real-client.test.ts',
  'demo/node-v3/{identity-rules,real-client}.test.ts',
  'scripts/build-sdk.test.ts',
  'scripts/vectors/**',
];
