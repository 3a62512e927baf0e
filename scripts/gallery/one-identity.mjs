// What the scenes of one identity's pages are made of: how it is opened, its keys, network and backup, and the page at one topic.
// Promises: what is signed here is signed by nobody. Must not: hold a scene by name.
import { accounts, ada, id, metaMask, minute, now, state, unlockText, vault } from './things.mjs';

export const day = 24 * 60 * minute;
export const failing = (reason, detail) => ({ error: detail === undefined ? { reason } : { reason, detail } });
export const node = { name: 'custom', url: 'https://node.messages.example:5558' };
export const slot = (digit, type, days = 40) => ({ slotId: id(digit), type, createdAtMs: now - days * day });
export const four = [...Array(4).keys()].map((at) =>
  slot(at + 1, ['wallet', 'recovery-code', 'passphrase', 'passkey'][at], 40 - at),
);
export const three = [slot(1, 'wallet'), slot(2, 'recovery-code'), slot(3, 'passphrase', 3)];
export const details = (change = {}) => ({
  safeId: id(1),
  account: accounts[0],
  identityKeyHex: `04${'9f3a'.repeat(32)}`,
  identityCreatedAtMs: now - 40 * day,
  prekeys: [0, 1, 2].map((at) => ({
    publicKeyHex: `04${String(at + 4).repeat(128)}`,
    createdAtMs: now - at * 12 * day,
    current: at === 0,
  })),
  slots: three.slice(0, 2),
  epoch: 1,
  ...change,
});
export const request = (slots = ['wallet', 'recovery-code'], wallet = metaMask) => ({
  safeId: id(1),
  account: accounts[0],
  wallet,
  text: unlockText,
  slots,
});
export const network = (change = {}) => ({
  environment: node,
  contactPublishedAtMs: now - 3 * day,
  copy: { state: 'none' },
  notice: null,
  keysFrom: 'here',
  ...change,
});
export const rotation = (change = {}) => ({
  everyDays: 30,
  nextAtMs: now + 18 * day,
  lastAtMs: now - 12 * day,
  pending: null,
  publishes: true,
  ...change,
});
export const backup = (change = {}) => ({
  lastExportedAtMs: now - 12 * day,
  lastCheckedAtMs: now - 12 * day,
  keysChangedSince: false,
  ...change,
});
export const online = {
  settings: {
    autoLockMinutes: 15,
    theme: 'system',
    language: 'system',
    environment: node,
    inboxNode: null,
    ensNode: null,
  },
};
export const narrow = { size: { width: 380, height: 800 } };

/** The page of one identity at a topic; pressed when what `ready` names is there. */
export const topic = (name, at, answers = {}, act = async () => undefined, { ready, ...more } = {}) => ({
  ...vault,
  name: `vault-${at}-${name}`,
  hash: `identities/${id(1)}/${at}`,
  accounts,
  signs: true,
  ...more,
  answers: {
    state_get: state([ada], online),
    identity_details: details(),
    unlock_getText: request(),
    network_state: network(),
    rotation_get: rotation(),
    backup_state: backup(),
    slots_check: { slotId: id(1) },
    ...answers,
  },
  act: async (page) => {
    await page.getByTestId('identity-page').waitFor();
    if (ready) await page.locator(ready).first().waitFor();
    await act(page);
  },
});
