// What the scenes of the gallery are made of: identities, states of the vault, window sizes, presses.
// Promises: accounts are the well-known test ones. Must not: hold a scene by name.

export const minute = 60_000;
export const now = Date.now();
export const accounts = [
  '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
  '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
  '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC',
];
export const id = (digit) => String(digit).repeat(32);
export const metaMask = { kind: 'extension', extensionId: 'nkbihfbeogaeaoehlefnkodbefgpgknn' };
export const bytes = (data) => ({ $bytes: Buffer.from(data).toString('base64') });

export const identity = (at, change = {}) => ({
  safeId: id(at + 1),
  account: accounts[at],
  name: ['Ada', 'Work', 'Band'][at],
  status: 'unlocked',
  createdAtMs: now - 40 * 24 * 60 * minute,
  wallet: metaMask,
  lockAtMs: now + 12 * minute,
  setAsideAtMs: null,
  ...change,
});
export const state = (identities, change = {}) => {
  const statuses = identities.map(({ status }) => status);
  const status = ['unlocked', 'locked', 'enrolling', 'damaged'].find((one) => statuses.includes(one)) ?? 'empty';
  return {
    status,
    identities,
    waiting: 0,
    settings: {
      autoLockMinutes: 15,
      theme: 'system',
      language: 'system',
      environment: null,
      inboxNode: null,
      ensNode: null,
    },
    ...change,
  };
};
export const ada = identity(0);
export const locked = { status: 'locked', lockAtMs: null };
export const longName = 'Professor Dr Wilhelmina Featherstonehaugh-Cholmondeley of the Isle';

export const unlockText = `gallery wants you to sign in with your Ethereum account:
${accounts[0]}

Unlock my Prekey Vault in this browser. Sign this only in a window opened by the Prekey Vault extension. A site that gets this signature can help open a stolen copy of this vault.

URI: chrome-extension://gallery
Version: 1
Chain ID: 1
Nonce: ${'5eed'.repeat(16)}
Issued At: 2026-11-21T00:00:00.000Z
Request ID: vault-unlock-v1
Resources:
- urn:prekey-vault:local-unlock:v1`;
export const enrolment = (step, change = {}) => ({
  safeId: id(1),
  account: accounts[0],
  name: 'Ada',
  wallet: metaMask,
  source: 'new',
  first: 'wallet',
  step,
  text: step === 'code' ? null : unlockText,
  locked: false,
  ...change,
});
export const draft = state([identity(0, { status: 'enrolling', lockAtMs: null })]);

export const popup = { page: 'popup', size: { width: 360, height: 600 } };
export const panel = { page: 'panel', size: { width: 360, height: 760 } };
export const approval = { page: 'approval', size: { width: 360, height: 600 } };
export const tab = { size: { width: 1100, height: 860 } };
export const onboarding = { page: 'onboarding', ...tab };
export const vault = { page: 'vault', ...tab };
export const unlock = { page: 'unlock', size: { width: 400, height: 620 } };
export const press =
  (...testIds) =>
  async (page) => {
    for (const testId of testIds) await page.getByTestId(testId).first().click();
  };

/** A request as the approval window is told of it. */
export const card = (shown, change = {}) => ({
  id: id('a'),
  digest: 'c0ffee'.repeat(10) + 'cafe',
  nonce: id('b'),
  origin: 'https://chat.app.example',
  createdAtMs: now,
  // Longer than all pictures take.
  expiresAtMs: now + 60 * minute,
  joined: 1,
  firstSeen: false,
  looksLike: null,
  given: [],
  names: [],
  shown,
  ...change,
});
/** The approval window with one request; `locks`: other identities than Ada, unlocked; `ownPhrase`: the phrase of the person's own. */
export const approvalScene = (name, shown, change = {}, { locks, ownPhrase, ...more } = {}) => ({
  ...approval,
  name: `approval-${name}`,
  answers: {
    state_get: state(locks ?? [ada]),
    approvals_list: [card(shown, change)],
    ownPhrase_get: ownPhrase ?? null,
    quiet_list: [],
  },
  act: (page) =>
    page
      .locator(
        '[data-armed="true"], [data-testid="approval-read-on"], [data-testid="approval-unlock"], [data-testid="approval-set-up"], [data-testid="approval-show-all"], [data-testid="approval-next"]',
      )
      .first()
      .waitFor(),
  ...more,
});

const scoped = ['messages.read', 'messages.write', 'notifications'];
/** How far each capability goes: everywhere, or as `scopes`, `budgets` and `budget` say. */
const boundsOf = (capabilities, { scopes = {}, budgets = {}, budget: usual = null } = {}) =>
  capabilities.map((capability) => ({
    capability,
    scope: scoped.includes(capability) ? (scopes[capability] ?? { of: 'all' }) : null,
    budget: budgets[capability] ?? usual,
    usesLeft: (budgets[capability] ?? usual)?.uses ?? null,
  }));

/** What a site may do. `reach`: how far, where that is not everywhere and as often as it likes. */
export const grant = (origin, { reach, ...change } = {}) => ({
  origin,
  safeId: id(1),
  account: accounts[0],
  capabilities: ['identity', 'sign'],
  duration: '30d',
  grantedAtMs: now - 3 * 24 * 60 * minute,
  expiresAtMs: now + 27 * 24 * 60 * minute,
  lastUsedAtMs: now - 30 * minute,
  asksToConnect: false,
  withoutAskingUntil: { sign: null },
  withoutAskingIn: [],
  bounds: boundsOf(change.capabilities ?? ['identity', 'sign'], reach),
  ...change,
});
