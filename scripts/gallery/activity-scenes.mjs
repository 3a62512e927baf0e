// The scenes of what was done: the activity list whole and broken, chosen and flooded; what a site did; and a site that was just disconnected.
// Promises: as scenes.mjs.
import { ada, grant, identity, longName, minute, now, popup, press, state, vault } from './things.mjs';

const day = 24 * 60 * minute;
const messages = 'https://messages.app.example';
const chat = 'https://chat.app.example';

/** [minutes ago, origin, method, purpose, outcome, how many]; newest first. */
const acts = [
  [1, messages, 'xmtp_encryptV2', 'messages.write: 1', 'done'],
  [1, messages, 'xmtp_decryptV2', '14 calls', 'covered'],
  [1, messages, 'xmtp_decryptV2', 'messages.read: 1000', 'done'],
  [2, messages, 'xmtp_savePrivatePreferences', 'preferences: 3', 'rejected'],
  [3, messages, 'vault_sign', 'Log in once more', 'rejected', 19],
  [3, messages, 'vault_sign', 'Log in', 'rejected'],
  [4, messages, 'vault_connect', 'identity, messages.read, messages.write, preferences', 'done'],
  [20, chat, 'vault_sign', 'Prove that this account is yours', 'covered'],
  [40, chat, 'vault_sign', 'Win \u202Eeerf\u202C a prize', 'failed'],
  [90, chat, 'vault_connect', 'identity, sign', 'done'],
  [95, chat, 'revoke', '', 'done'],
  [26 * 60, null, 'unlock', 'wallet', 'done'],
  [26 * 60, null, 'slots', 'remove passphrase', 'done'],
  [26 * 60, null, 'rotate', '', 'done'],
  [26 * 60, null, 'backup', 'export', 'done'],
  [27 * 60, messages, 'xmtp_publish', 'messages.write: 3', 'done'],
  [28 * 60, `https://${'deep.'.repeat(20)}news.example`, 'vault_connect', 'identity', 'expired'],
  [9 * 24 * 60, null, 'damaged', '', 'failed'],
  [30 * 24 * 60, messages, 'xmtp_decryptV2', '62 calls', 'covered'],
  [40 * 24 * 60, null, 'enrol', '', 'done'],
];

/** The answers of one log. `gaps` by the number of the line above; `flood`: so many lines of one site before all others. */
const log = ({ chain = {}, gaps = {}, flood = 0 } = {}) => {
  const flooding = Array.from({ length: flood }, (_, at) => [
    at * 15,
    `https://shop-${at % 7}.example`,
    'vault_sign',
    `Offer number ${at}: ${longName}`,
    at % 2 ? 'rejected' : 'expired',
  ]);
  const all = [...flooding, ...acts];
  const entries = all.map(([minutes, origin, method, purpose, outcome, count = 1], at) => ({
    sequence: all.length - at,
    count,
    gap: gaps[all.length - at] ?? null,
    atMs: method === 'damaged' ? 0 : now - minutes * minute,
    origin,
    method,
    purpose,
    outcome,
  }));
  return {
    activity_list: entries,
    activity_chain: {
      lines: entries.length,
      since: { sequence: 3, atMs: now - 30 * day },
      isRestart: false,
      gapAtEnd: null,
      aged: { lines: 41, untilMs: now - 91 * day },
      removed: 0,
      days: 90,
      ...chain,
    },
  };
};

export const activityScenes = [
  {
    ...popup,
    name: 'popup-ended',
    answers: {
      state_get: state([ada]),
      site_get: {
        turns: [
          { origin: chat, grants: [grant(chat)] },
          { origin: chat, grants: [grant(chat)] },
          { origin: chat, grants: [] },
        ],
      },
      grants_revoke: { id: 'ab'.repeat(16), untilMs: now + 20 * day },
    },
    act: async (page) => {
      await press('popup-revoke')(page);
      await page.getByTestId('revoke-undo').waitFor();
      await page.evaluate(() => globalThis.sayChanged('grants'));
      await page.locator('[data-testid="popup-site"][data-connected="false"]').waitFor();
    },
  },
  {
    ...vault,
    name: 'vault-sites-ended',
    answers: {
      state_get: state([ada]),
      grants_list: [grant(chat)],
      grants_revoke: {
        turns: [
          { id: 'ab'.repeat(16), untilMs: now + 20 * 24 * 60 * minute },
          { id: 'cd'.repeat(16), untilMs: now + 20 * 24 * 60 * minute },
        ],
      },
      grants_undo: { restored: 1, faceIsOff: true },
    },
    act: async (page) => {
      await press('vault-nav-sites')(page);
      await press('site-revoke')(page);
      await page.getByTestId('revoke-undo').first().click();
      await page.locator('[data-testid="revoke-ended"][data-state="undone"]').waitFor();
      await press('site-revoke')(page);
      await page.getByTestId('revoke-undo').first().waitFor();
    },
  },
  {
    ...vault,
    name: 'vault-sites-counts',
    answers: { state_get: state([ada]), grants_list: [grant(messages)], ...log() },
    act: async (page) => {
      await press('vault-nav-sites')(page);
      await press('site-activity')(page);
      await page.getByTestId('activity-days').waitFor();
    },
  },
  {
    ...vault,
    name: 'vault-activity-broken',
    answers: {
      state_get: state([ada]),
      ...log({ chain: { gapAtEnd: { missing: 1 } }, gaps: { 8: { missing: 3 }, 5: { missing: 0 } } }),
    },
    act: press('vault-nav-activity'),
  },
  {
    ...vault,
    name: 'vault-activity-lost',
    answers: { state_get: state([ada]), ...log({ chain: { since: 'lost' } }) },
    act: press('vault-nav-activity'),
  },
  {
    ...vault,
    name: 'vault-activity-two',
    answers: { state_get: state([ada, identity(1, { lockAtMs: now + minute })]), ...log() },
    act: async (page) => {
      await press('vault-nav-activity')(page);
      await page.getByTestId('activity-each').first().click();
    },
  },
  {
    ...vault,
    name: 'vault-activity-chosen',
    answers: { state_get: state([ada]), ...log() },
    act: async (page) => {
      await press('vault-nav-activity')(page);
      await page.getByTestId('activity-outcome').selectOption('rejected');
    },
  },
  {
    ...vault,
    name: 'vault-activity-keep',
    answers: { state_get: state([ada]), ...log() },
    act: async (page) => {
      await press('vault-nav-activity')(page);
      await page.getByTestId('activity-outcome').selectOption('rejected');
      await page.getByTestId('activity-keep').selectOption('30');
    },
  },
  {
    ...vault,
    name: 'vault-activity-narrow',
    size: { width: 360, height: 800 },
    answers: { state_get: state([ada]), ...log({ gaps: { 8: { missing: 3 } } }) },
    act: press('vault-nav-activity'),
  },
  {
    ...vault,
    name: 'vault-activity-many',
    size: { width: 640, height: 800 },
    answers: { state_get: state([ada]), ...log({ flood: 150 }) },
    act: press('vault-nav-activity'),
  },
  {
    ...vault,
    name: 'vault-activity',
    answers: {
      state_get: state([ada]),
      ...log(),
    },
    act: press('vault-nav-activity'),
  },
];
