// What the tests of a dapp import as "@prekey-vault/sdk/test": a vault that behaves as the real one, and a person who does what the test says.
// Promises the provider's contract as far as docs/adopt.md says. Must not be imported by an app: its keys are known to everybody.
export { createFakeVault } from './vault';
export type { FakePublished, FakeVault, FakeVaultOptions } from './vault';
export type { FakeAnswer, FakeCard, FakeConnection } from './cards';
