// The side panel, the sites list being edited, people being chosen and words being looked for, in pictures.
import {
  accounts,
  ada,
  approvalScene,
  card,
  grant,
  id,
  identity,
  longName,
  now,
  panel,
  press,
  state,
  vault,
} from './things.mjs';

const longSite = 'https://a-very-long-name-of-a-service.eu-west-1.staging.app.example:8443';
const people = [
  { account: accounts[1], name: 'Bob', namedAtMs: now },
  { account: accounts[2], name: longName, namedAtMs: now },
  ...Array.from({ length: 12 }, (_, at) => ({
    account: `0x${((at + 1) * 0x1f3d5b79).toString(16).padStart(8, '0').slice(0, 8).repeat(5)}`,
    name: `Person ${at}`,
    namedAtMs: now,
  })),
];
const waiting = (origin, shown, change) => card(shown, { origin, ...change });
const sign = { kind: 'sign', safeId: id(1), account: accounts[0], purpose: 'x', payload: null };
const withBob = { of: 'peers', peers: [accounts[1], accounts[2], ...people.slice(2, 5).map(({ account }) => account)] };
const messaging = grant('https://messages.app.example', {
  capabilities: ['identity', 'sign', 'messages.read', 'messages.write'],
  withoutAskingUntil: { sign: null, 'messages.read': 'until-locked', 'messages.write': 'until-locked' },
  reach: {
    scopes: { 'messages.read': withBob, 'messages.write': withBob },
    budgets: { sign: { uses: 20, per: 'hour' } },
  },
});
const edit = async (page) => {
  await press('vault-nav-sites', 'site-edit', 'grant-scopes')(page);
};
const sitesAnswers = { state_get: state([ada]), grants_list: [messaging], people_list: people, quiet_list: [] };
const choosing = async (page) => {
  await page.getByTestId('approval-scope').selectOption('pick');
  await page.getByTestId('people-picker').waitFor();
  await page.getByTestId(`picker-${accounts[1]}`).check();
};
const line = (sequence, change) => ({
  sequence,
  count: 1,
  gap: null,
  atMs: now - sequence * 1_000_000,
  origin: 'https://chat.app.example',
  method: 'vault_sign',
  purpose: 'Log in',
  outcome: 'done',
  ...change,
});

export const panelScenes = [
  {
    ...panel,
    name: 'panel-waiting',
    answers: {
      state_get: state([ada], { waiting: 6 }),
      approvals_list: [
        waiting('https://chat.app.example', { kind: 'connect', capabilities: ['identity'], duration: null }),
        waiting('https://chat.app.example', sign, { id: id('c'), joined: 3 }),
        waiting(longSite, { kind: 'archive', safeId: id(1), account: accounts[0] }, { id: id('d') }),
      ],
      approvals_held: [{ origin: 'https://loud.example', waiting: 1 }],
      site_get: { origin: 'https://chat.app.example', grants: [grant('https://chat.app.example')] },
    },
    act: (page) => page.getByTestId('panel-waiting').first().waitFor(),
  },
  {
    ...panel,
    name: 'panel-narrow',
    size: { width: 280, height: 500 },
    answers: {
      state_get: state([identity(0, { name: longName })], { waiting: 1 }),
      approvals_list: [waiting(longSite, sign)],
      site_get: { origin: longSite, grants: [] },
    },
    act: (page) => page.getByTestId('panel-waiting').first().waitFor(),
  },
  {
    ...panel,
    name: 'panel-empty',
    answers: { state_get: state([]), site_get: { origin: 'https://app.example', grants: [] } },
  },
  { ...vault, name: 'vault-sites-people', answers: sitesAnswers, act: edit },
  { ...vault, name: 'vault-sites-people-narrow', size: { width: 320, height: 800 }, answers: sitesAnswers, act: edit },
  {
    ...vault,
    name: 'vault-sites-picker',
    answers: sitesAnswers,
    act: async (page) => {
      await edit(page);
      await page.getByTestId('site-scope').selectOption('pick');
      await page.getByTestId('people-picker').waitFor();
    },
  },
  {
    ...approvalScene('connect-picker', {
      kind: 'connect',
      capabilities: ['identity', 'messages.read'],
      duration: null,
    }),
    answers: {
      state_get: state([ada]),
      approvals_list: [card({ kind: 'connect', capabilities: ['identity', 'messages.read'], duration: null })],
      ownPhrase_get: null,
      quiet_list: [],
      people_list: people,
    },
    act: choosing,
  },
  {
    ...approvalScene('connect-picker-nobody', {
      kind: 'connect',
      capabilities: ['identity', 'messages.read'],
      duration: null,
    }),
    size: { width: 320, height: 600 },
    answers: {
      state_get: state([ada]),
      approvals_list: [card({ kind: 'connect', capabilities: ['identity', 'messages.read'], duration: null })],
      ownPhrase_get: null,
      quiet_list: [],
      people_list: [],
    },
    act: async (page) => {
      await page.getByTestId('approval-scope').selectOption('pick');
      await page.getByTestId('picker-address').fill('0x12');
    },
  },
  {
    ...vault,
    name: 'vault-settings-browser',
    answers: { state_get: state([ada]), ownPhrase_isSet: false },
    given: ['sidePanel'],
    allows: false,
    act: async (page) => {
      await press('vault-nav-settings', 'settings-notifications')(page);
      await page.getByTestId('permission-refused').waitFor();
    },
  },
  {
    ...vault,
    name: 'vault-activity-found',
    answers: {
      state_get: state([ada]),
      activity_list: { turns: [[line(3), line(2, { origin: longSite, purpose: 'Vote' }), line(1)], []] },
      activity_chain: {
        since: { sequence: 1, atMs: now - 4_000_000 },
        isRestart: false,
        gapAtEnd: null,
        aged: null,
        removed: 0,
        days: 90,
      },
    },
    act: async (page) => {
      await press('vault-nav-activity')(page);
      await page.getByTestId('activity-search').fill('log in');
    },
  },
];
