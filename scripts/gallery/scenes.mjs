// The states of the pages that are worth looking at, as data: page, window size, answers of the pretended worker, and a few presses.
// Promises: every page with its usual, empty, long and failing states. Accounts are the well-known test ones.
import { activityScenes } from './activity-scenes.mjs';
import { archiveScenes } from './archive-scenes.mjs';
import { inboxScenes } from './inbox-scenes.mjs';
import { onboardingScenes } from './onboarding-scenes.mjs';
import { panelScenes } from './panel-scenes.mjs';
import { peopleScenes } from './people-scenes.mjs';
import { vaultScenes } from './vault-scenes.mjs';
import {
  minute,
  now,
  accounts,
  id,
  metaMask,
  bytes,
  identity,
  state,
  ada,
  locked,
  longName,
  unlockText,
  popup,
  approvalScene,
  card,
  grant,
  vault,
  unlock,
  press,
} from './things.mjs';

const everythingAsked = [
  'identity',
  'sign',
  'messages.read',
  'messages.write',
  'preferences',
  'notifications',
  'network.token',
];

const messaging = {
  capabilities: everythingAsked,
  withoutAskingUntil: {
    sign: null,
    'messages.read': now + 50 * minute,
    'messages.write': now + 50 * minute,
    preferences: 'until-locked',
    notifications: null,
  },
};

const connect = { kind: 'connect', capabilities: ['identity', 'sign'], duration: null };
const everything = { kind: 'connect', capabilities: everythingAsked, duration: null };
const chat = {
  kind: 'connect',
  capabilities: ['identity', 'messages.read', 'messages.write', 'preferences'],
  duration: null,
};
const peer = (at) => `0x${((at + 1) * 0x1f3d5b79).toString(16).padStart(8, '0').repeat(5)}`;
const messages = (capability, method, facts = {}) => ({
  kind: 'messages',
  safeId: id(1),
  account: accounts[0],
  capability,
  method,
  facts: { items: 1, sizeBytes: 640, peers: [], peerCount: 0, conversationCount: 0, contentTypes: [], ...facts },
});
const named = (at, name) => ({ account: accounts[at], name, namedAtMs: now });
const text = (words) => ({ contentType: 'xmtp.org/text', sizeBytes: Buffer.byteLength(words), text: words });
const written = (...items) => ({ items, more: 0 });
const otters = { phrase: 'otters on the tram', colour: 'violet' };
/** Changes an approval scene to that of somebody who has a phrase of their own. */
const own = { ownPhrase: otters };
const someone = {
  peers: [accounts[1]],
  peerCount: 1,
  conversationCount: 1,
  offers: ['conversations', 'peers'],
  reach: 'all',
};
const threeReads = [
  messages('messages.read', 'xmtp_decryptV1', { ...someone, items: 12 }),
  messages('messages.read', 'xmtp_decryptV1', { ...someone, items: 3, peers: [accounts[2]] }),
  messages('messages.read', 'xmtp_getV2Conversations', {}),
];
const many = { peers: Array.from({ length: 5 }, (_, at) => peer(at)), peerCount: 12, conversationCount: 12 };
/** A state in which a node is set for names of ENS, and what it says of an account. */
const withEns = state([ada]);
withEns.settings = { ...withEns.settings, ensNode: 'https://rpc.example/v1/key' };
const ensAnswers = [
  ['named', { is: 'named', name: 'grace.eth' }],
  ['long', { is: 'named', name: `${'professor-wilhelmina-featherstonehaugh-'.repeat(3)}of-the-isle.eth` }],
  ['odd', { is: 'named', name: 'gr\u0430ce.eth' }],
  ['unknown', { is: 'unknown' }],
];
const token = { kind: 'token', safeId: id(1), account: accounts[0] };
const lookAtEnd = async (page) => page.locator('.approval-main').evaluate((main) => main.scrollTo(0, 9999));
const armed = (page) => page.locator('[data-armed="true"], [data-testid="approval-read-on"]').first().waitFor();

const sign = (payload, purpose = 'Prove that this account is yours') => ({
  kind: 'sign',
  safeId: id(1),
  account: accounts[0],
  purpose,
  payload: bytes(payload),
});

export const scenes = [
  {
    ...popup,
    name: 'popup-empty',
    answers: { state_get: state([]), site_get: { origin: 'https://app.example', grants: [] } },
  },
  {
    ...popup,
    name: 'popup-locked',
    answers: { state_get: state([identity(0, locked)]), site_get: { origin: 'https://app.example', grants: [] } },
  },
  {
    ...popup,
    name: 'popup-unlocked',
    answers: {
      state_get: state([ada], { waiting: 2 }),
      site_get: { origin: 'https://chat.app.example', grants: [grant('https://chat.app.example')] },
    },
  },
  {
    ...popup,
    name: 'popup-held',
    answers: {
      state_get: state([ada], { waiting: 5 }),
      approvals_held: [
        { origin: 'https://app.example', waiting: 1 },
        { origin: 'https://a-very-long-name-of-a-service.eu-west-1.staging.app.example:8443', waiting: 3 },
        ...Array.from({ length: 9 }, (_, at) => ({ origin: `https://a${at}.example`, waiting: 1 })),
      ],
      site_get: { origin: 'https://app.example', grants: [] },
    },
  },
  {
    ...popup,
    name: 'popup-many',
    answers: {
      state_get: state([
        identity(0, { name: longName }),
        identity(1, locked),
        identity(2, { status: 'enrolling', lockAtMs: null }),
        identity(2, { safeId: id(9), status: 'damaged', account: null, name: '' }),
      ]),
      site_get: {
        origin: 'https://a-very-long-name-of-a-service.eu-west-1.staging.app.example:8443',
        grants: [grant('https://a.example', { withoutAskingUntil: { sign: 'until-locked' } })],
      },
    },
  },
  {
    ...popup,
    name: 'popup-messages',
    answers: {
      state_get: state([ada]),
      site_get: { origin: 'https://chat.app.example', grants: [grant('https://chat.app.example', messaging)] },
    },
  },
  {
    ...popup,
    name: 'popup-face',
    answers: {
      state_get: state([ada]),
      site_get: {
        origin: 'https://a-very-long-name-of-a-service.eu-west-1.staging.app.example:8443',
        grants: [],
      },
      face_list: [
        {
          origin: 'https://a-very-long-name-of-a-service.eu-west-1.staging.app.example:8443',
          standsIn: true,
        },
      ],
      face_set: 'done',
    },
    act: press('popup-face-stand-in'),
  },
  {
    ...popup,
    name: 'popup-face-off',
    answers: {
      state_get: state([ada]),
      site_get: { origin: 'https://chat.app.example', grants: [grant('https://chat.app.example')] },
      face_list: [],
      quiet_list: [],
      face_set: 'waits',
    },
    allows: false,
    act: press('popup-face-wallet'),
  },
  {
    ...popup,
    name: 'popup-failure',
    answers: { state_get: { error: { reason: 'damaged' } } },
    act: (page) => page.getByTestId('failure-vault').waitFor(),
  },
  approvalScene('connect', connect, { firstSeen: true }),
  approvalScene(
    'connect-many',
    connect,
    {},
    {
      answers: {
        state_get: state([identity(0, { name: longName }), identity(1, locked)]),
        approvals_list: [card(connect), card(connect, { id: id('c') }), card(connect, { id: id('d') })],
      },
    },
  ),
  approvalScene(
    'connect-locked',
    connect,
    {},
    { answers: { state_get: state([identity(0, locked)]), approvals_list: [card(connect)] } },
  ),
  approvalScene(
    'connect-empty',
    connect,
    { firstSeen: true },
    { answers: { state_get: state([]), approvals_list: [card(connect)] } },
  ),
  approvalScene('sign', sign('chat.app.example wants to link this browser to your inbox.\n\nCode: 4821')),
  approvalScene(
    'sign-bytes',
    sign(
      Uint8Array.from({ length: 300 }, (_, at) => (at * 37) % 256),
      'Session handshake',
    ),
  ),
  approvalScene('sign-long', sign('All work and no play makes a dull vault. '.repeat(120), 'Terms of use')),
  approvalScene(
    'sign-hostile',
    sign(
      `Harmless\u202E tnemyap \u202C text\u200B\u200B\u200B with tricks${'\n'.repeat(40)}and the part that matters${' '.repeat(60)}far right\u3164 e${'\u0301'.repeat(30)}`,
      'Log in \u2066evil\u2069\nto be nice',
    ),
  ),
  approvalScene(
    'sign-details',
    sign('hello'),
    { joined: 3 },
    {
      act: async (page) => {
        await press('approval-details')(page);
        await page.getByTestId('approval-details').scrollIntoViewIfNeeded();
        await page.locator('.approval-main').evaluate((main) => main.scrollTo(0, 9999));
      },
    },
  ),
  approvalScene('connect-messages', chat, { firstSeen: true }),
  approvalScene(
    'connect-messages-end',
    chat,
    {},
    {
      act: async (page) => {
        await armed(page);
        await page.getByTestId('approval-remember').selectOption('1h');
        await lookAtEnd(page);
      },
    },
  ),
  approvalScene(
    'connect-preset-site',
    chat,
    {},
    {
      act: async (page) => {
        await armed(page);
        await page.getByTestId('approval-preset-site').check();
        await lookAtEnd(page);
      },
    },
  ),
  approvalScene(
    'messages-whole',
    messages('messages.read', 'xmtp_decryptV2', {
      ...someone,
      items: 500,
      whole: { items: 10_000, parts: 20, digest: '' },
    }),
  ),
  approvalScene('connect-everything', everything),
  approvalScene('connect-more', chat, {
    given: [grant('https://chat.app.example', { ...messaging, capabilities: ['identity', 'sign', 'messages.read'] })],
  }),
  approvalScene(
    'connect-more-end',
    chat,
    {
      given: [grant('https://chat.app.example', { ...messaging, capabilities: ['identity', 'sign', 'messages.read'] })],
    },
    {
      act: async (page) => {
        await armed(page);
        await lookAtEnd(page);
      },
    },
  ),
  approvalScene(
    'connect-everything-end',
    everything,
    {},
    {
      act: async (page) => {
        await armed(page);
        await lookAtEnd(page);
      },
    },
  ),
  approvalScene(
    'messages-read',
    messages('messages.read', 'xmtp_decryptV2', { ...many, items: 1000, sizeBytes: 412_000 }),
  ),
  approvalScene('messages-read-one', messages('messages.read', 'xmtp_decryptV1', { ...someone, items: 12 })),
  approvalScene('messages-read-unknown', messages('messages.read', 'xmtp_decryptV2', { items: 1 }), {
    firstSeen: true,
  }),
  approvalScene(
    'messages-send',
    messages('messages.write', 'xmtp_encryptV2', { ...someone, contentTypes: ['xmtp.org/text'] }),
  ),
  approvalScene(
    'messages-send-own',
    messages('messages.write', 'xmtp_encryptV2', {
      ...someone,
      items: 3,
      contentTypes: ['xmtp.org/text', 'xmtp.org/reaction'],
    }),
    {},
    {
      answers: {
        state_get: state([identity(0, { name: longName }), identity(1, { name: longName })]),
        approvals_list: [
          card(
            messages('messages.write', 'xmtp_encryptV2', {
              ...someone,
              items: 3,
              contentTypes: ['xmtp.org/text', 'xmtp.org/reaction'],
            }),
          ),
          card(messages('messages.read', 'xmtp_decryptV2'), { id: id('c') }),
        ],
      },
    },
  ),
  approvalScene(
    'messages-send-hostile',
    messages('messages.write', 'xmtp_encryptV2', {
      peers: [accounts[1], accounts[2], 'nobody\u202E@evil'],
      peerCount: 3,
      conversationCount: 3,
      items: 250,
      contentTypes: [
        'xmtp.org/text',
        `you.may/approve.this.\u202Eesaelp\u202C${'\u200B'.repeat(9)}`,
        `evil.example/${'long'.repeat(60)}`,
        'a b\n\n\n\nc/d',
        'xmtp.org/reaction',
      ],
    }),
  ),
  approvalScene(
    'messages-send-text',
    messages('messages.write', 'xmtp_encryptV2', {
      ...someone,
      contentTypes: ['xmtp.org/text'],
      conversation: { id: 'chat.app.example/dm/0x70997970C51812dc3A010C7d01b50e0d17dc79C8', createdAtMs: now - 9e9 },
      written: written(text('See you at eight, under the clock. Bring the blue folder.')),
    }),
    { names: [named(1, 'Grace')] },
    own,
  ),
  approvalScene(
    'messages-send-long',
    messages('messages.write', 'xmtp_encryptV2', {
      ...someone,
      items: 24,
      contentTypes: ['xmtp.org/text', 'xmtp.org/attachment', 'evil.example/odd', 'xmtp.org/reply'],
      written: {
        items: [
          text(`Dear Grace,\n\n${'so it goes, and goes on. '.repeat(120)}`),
          { contentType: 'xmtp.org/attachment', sizeBytes: 2_400_000 },
          { contentType: null, sizeBytes: 640 },
          { contentType: 'evil.example/\u202Eddo', sizeBytes: 12, fallback: 'I owe you 7' },
          { contentType: 'xmtp.org/text', sizeBytes: 1_200, isCompressed: true },
          ...Array.from({ length: 15 }, (_, at) => text(`Message ${at}`)),
        ],
        more: 4,
      },
    }),
    { names: [named(1, longName)] },
    {
      act: async (page) => {
        await armed(page);
        await page.getByTestId('approval-written-all').click();
        await page.getByTestId('approval-written').evaluate((part) => part.scrollIntoView());
      },
    },
  ),
  approvalScene(
    'messages-send-rtl',
    messages('messages.write', 'xmtp_encryptV2', {
      ...someone,
      contentTypes: ['xmtp.org/text'],
      written: written(text('نلتقي الساعة الثامنة \u202Etxet.')),
    }),
    { names: [named(1, 'غريس هوبر 42 (Grace)')] },
  ),
  approvalScene(
    'messages-send-name',
    messages('messages.write', 'xmtp_encryptV2', { ...someone, written: written(text('Hello')) }),
    {},
    {
      act: async (page) => {
        await armed(page);
        await page.getByTestId('approval-peer-name').click();
      },
    },
  ),
  approvalScene(
    'messages-read-named',
    messages('messages.read', 'xmtp_decryptV2', {
      ...someone,
      peers: [accounts[1], accounts[2], ada.account, peer(3)],
      peerCount: 9,
      conversationCount: 9,
      items: 412,
      sizeBytes: 187_000,
      dates: { firstMs: now - 9e9, lastMs: now - 3e8 },
    }),
    { names: [named(1, 'Grace'), named(2, longName)] },
  ),
  approvalScene(
    'messages-publish-message',
    messages('messages.write', 'xmtp_publish', {
      ...someone,
      envelopes: { message: 1 },
      nodeUrl: 'https://node.example',
    }),
    { names: [named(1, 'Grace')] },
  ),
  approvalScene('messages-keep', messages('messages.read', 'xmtp_saveInvites', { ...many, items: 37, peerCount: 30 })),
  approvalScene('messages-start', messages('messages.write', 'xmtp_createInvite', someone)),
  approvalScene('messages-preferences', messages('preferences', 'xmtp_savePrivatePreferences', { items: 3 })),
  approvalScene(
    'messages-notifications',
    messages('notifications', 'xmtp_getV2ConversationHmacKeys', { items: 12, conversationCount: 12 }),
  ),
  approvalScene(
    'messages-details',
    messages('messages.write', 'xmtp_encryptV2', {
      ...many,
      items: 1000,
      sizeBytes: 812_000,
      contentTypes: ['xmtp.org/text', 'evil.example/\u202Ekind'],
    }),
    { joined: 3 },
    {
      act: async (page) => {
        await press('approval-details')(page);
        await lookAtEnd(page);
      },
    },
  ),
  approvalScene(
    'messages-locked',
    messages('messages.read', 'xmtp_decryptV2', { ...someone, items: 12 }),
    {},
    {
      answers: {
        state_get: state([identity(0, locked)]),
        approvals_list: [card(messages('messages.read', 'xmtp_decryptV2', { ...someone, items: 12 }))],
      },
    },
  ),
  // 400 x 600 at 200 %, and a narrow one.
  approvalScene('connect-200-percent', everything, {}, { size: { width: 200, height: 300 } }),
  approvalScene('sign-200-percent', sign('hello'), {}, { size: { width: 200, height: 300 } }),
  approvalScene('sign-as-opened', sign('hello'), {}, { size: { width: 400, height: 600 } }),
  approvalScene(
    'sign-of-many',
    sign('hello'),
    {},
    {
      answers: {
        state_get: state([ada]),
        approvals_list: [card(sign('hello')), card(sign('hello again'), { id: id('c') })],
        ownPhrase_get: otters,
        quiet_list: [],
      },
      size: { width: 320, height: 568 },
    },
  ),
  approvalScene(
    'sign-listed',
    sign('hello'),
    {},
    {
      answers: {
        state_get: state([ada]),
        approvals_list: [card(sign('hello')), card(sign('hello again', 'Log in once more'), { id: id('c') })],
        ownPhrase_get: null,
        quiet_list: [],
      },
      act: async (page) => {
        await page.getByTestId('approval-list-others').click();
        await page.getByTestId('approval-others').scrollIntoViewIfNeeded();
      },
    },
  ),
  approvalScene('connect-320', everything, { firstSeen: true }, { size: { width: 320, height: 568 } }),
  approvalScene('volume', {
    kind: 'volume',
    safeId: id(1),
    account: accounts[0],
    facts: { capability: 'messages.read', items: 3_000, inMs: 10_000, usual: 40 },
  }),
  approvalScene(
    'messages-several',
    threeReads[0],
    {},
    {
      answers: {
        state_get: state([ada]),
        approvals_list: threeReads.map((shown, at) => card(shown, { id: id('abc'[at]), nonce: id('abc'[at]) })),
        ownPhrase_get: null,
        quiet_list: [],
      },
      act: async (page) => {
        await press('approval-list-others')(page);
        await page.getByTestId('approval-listed').first().scrollIntoViewIfNeeded();
      },
    },
  ),
  ...[
    ['token', token],
    ['connect', chat],
  ].map(([name, shown]) =>
    approvalScene(
      `${String(name)}-several`,
      shown,
      {},
      {
        answers: {
          state_get: state([ada]),
          approvals_list: ['a', 'b', 'c'].map((digit, at) =>
            card(shown, { id: id(digit), nonce: id(digit), createdAtMs: now - at * minute }),
          ),
          ownPhrase_get: null,
          quiet_list: [],
        },
        act: async (page) => {
          await press('approval-list-others')(page);
          await page.getByTestId('approval-listed').first().scrollIntoViewIfNeeded();
        },
      },
    ),
  ),
  approvalScene(
    'rejected-all',
    sign('hello'),
    {},
    {
      answers: {
        state_get: state([ada]),
        approvals_list: {
          turns: [
            [card(sign('hello')), card(sign('hello again'), { id: id('c') })],
            [card(connect, { id: id('d'), origin: 'https://other.example' })],
          ],
        },
        approvals_rejectAll: { id: id('e'), untilMs: now + 60 * minute, count: 2 },
        ownPhrase_get: null,
        quiet_list: [],
      },
      act: async (page) => {
        await press('approval-reject-all')(page);
        await page.getByTestId('approval-rejected').waitFor();
      },
    },
  ),
  ...ensAnswers.map(([name, answer]) =>
    approvalScene(
      `messages-ens-${String(name)}`,
      messages('messages.write', 'xmtp_encryptV1', { ...someone, written: written(text('See you at eight')) }),
      { names: [named(1, 'Grace')] },
      {
        answers: {
          state_get: withEns,
          approvals_list: [
            card(
              messages('messages.write', 'xmtp_encryptV1', { ...someone, written: written(text('See you at eight')) }),
              {
                names: name === 'long' ? [] : [named(1, 'Grace')],
              },
            ),
          ],
          ens_names: [{ account: accounts[1], ...answer }],
          ownPhrase_get: null,
          quiet_list: [],
        },
        act: (page) => page.locator('[data-testid="ens-says"]:not([data-is="asking"])').waitFor(),
      },
    ),
  ),
  approvalScene('token', token, {}, { act: (page) => page.getByTestId('approval-token-wanted').waitFor() }),
  approvalScene(
    'token-wanted',
    token,
    { firstSeen: true },
    {
      act: async (page) => {
        await press('approval-token-wanted')(page);
        await armed(page);
      },
    },
  ),
  approvalScene(
    'unlock',
    { kind: 'unlock', safeId: id(1), account: accounts[0], method: 'vault_sign' },
    {},
    {
      answers: {
        state_get: state([identity(0, locked)]),
        approvals_list: [card({ kind: 'unlock', safeId: id(1), account: accounts[0], method: 'vault_sign' })],
      },
    },
  ),
  approvalScene('long-origin', connect, {
    origin: `https://${'login.secure.account.'.repeat(8)}verification.app-example-services-international.co.uk:8443`,
  }),
  approvalScene('imitation', connect, { origin: 'https://xn--80ak6aa92e.com', firstSeen: true }),
  approvalScene(
    'publish',
    messages('messages.write', 'xmtp_publish', {
      items: 3,
      conversationCount: 1,
      envelopes: { message: 3 },
      nodeUrl: 'https://node.example',
    }),
  ),
  approvalScene(
    'publish-mixed',
    messages('messages.write', 'xmtp_publish', {
      items: 5,
      conversationCount: 2,
      envelopes: { message: 2, invitation: 2, contact: 1 },
      nodeUrl: 'https://node.example',
    }),
  ),
  approvalScene(
    'missed',
    sign('hello'),
    {},
    {
      answers: {
        state_get: state([ada]),
        approvals_list: {
          turns: [[card(connect), card(sign('hello'), { id: id('c') })], [card(sign('hello'), { id: id('c') })]],
        },
        approvals_decide: { error: { reason: 'stale' } },
        approvals_fate: 'expired',
      },
      act: async (page) => {
        await press('approval-reject')(page);
        await page.getByTestId('approval-missed').waitFor();
      },
    },
  ),
  approvalScene(
    'missed-last',
    connect,
    {},
    {
      answers: {
        state_get: state([ada]),
        approvals_list: { turns: [[card(connect)], []] },
        approvals_decide: { error: { reason: 'stale' } },
        approvals_fate: 'expired',
      },
      act: async (page) => {
        await press('approval-reject')(page);
        await page.getByTestId('approval-missed').waitFor();
      },
    },
  ),
  approvalScene('gone', sign('hello'), { expiresAtMs: now - 1 }),
  ...['done', 'rejected', 'interrupted', 'withdrawn', 'unknown'].map((fate) =>
    approvalScene(
      `gone-${fate}`,
      sign('hello'),
      {},
      {
        answers: {
          state_get: state([ada]),
          approvals_list: { turns: [[card(sign('hello'))], []] },
          approvals_fate: fate,
        },
        act: async (page) => {
          await page.getByTestId('approval-reject').waitFor();
          await page.evaluate(() => globalThis.sayChanged('approvals'));
          await page.locator(`[data-testid="approval"][data-fate="${fate}"]`).waitFor();
        },
      },
    ),
  ),
  approvalScene(
    'answered-before',
    sign('hello'),
    {},
    {
      answers: {
        state_get: state([ada]),
        approvals_list: {
          turns: [[card(connect), card(sign('hello'), { id: id('c') })], [card(sign('hello'), { id: id('c') })]],
        },
        approvals_fate: 'done',
      },
      act: async (page) => {
        await page.getByTestId('approval-reject').waitFor();
        await page.evaluate(() => globalThis.sayChanged('approvals'));
        await page.getByTestId('approval-missed').waitFor();
      },
    },
  ),
  ...onboardingScenes,
  {
    ...unlock,
    name: 'unlock-200-percent',
    size: { width: 200, height: 310 },
    answers: {
      state_get: state([identity(0, locked)]),
      unlock_getText: {
        safeId: id(1),
        account: accounts[0],
        wallet: metaMask,
        text: unlockText,
        slots: ['wallet', 'recovery-code'],
      },
    },
  },
  {
    ...unlock,
    name: 'unlock-wallet',
    answers: {
      state_get: state([identity(0, locked)]),
      unlock_getText: {
        safeId: id(1),
        account: accounts[0],
        wallet: metaMask,
        text: unlockText,
        slots: ['wallet', 'recovery-code'],
      },
    },
  },
  {
    ...unlock,
    name: 'unlock-code',
    answers: {
      state_get: state([identity(0, { ...locked, name: longName }), identity(1, locked)]),
      unlock_getText: {
        safeId: id(1),
        account: accounts[0],
        wallet: metaMask,
        text: unlockText,
        slots: ['wallet', 'recovery-code'],
      },
      unlock_withRecoveryCode: { error: { reason: 'wrong-code' } },
    },
    act: async (page) => {
      await press('unlock-way-code')(page);
      await page.getByTestId('unlock-code').fill('AAAA-BBBB');
      await press('unlock-code-submit')(page);
      await page.getByTestId('failure').waitFor();
    },
  },
  { ...unlock, name: 'unlock-done', answers: { state_get: state([ada]) }, hash: id(1) },
  { ...vault, name: 'vault-empty', answers: { state_get: state([]) } },
  {
    ...vault,
    name: 'vault-damaged',
    answers: {
      state_get: state([
        identity(0, { status: 'damaged', account: null, name: 'Ada', createdAtMs: null, wallet: null }),
      ]),
    },
  },
  {
    ...vault,
    name: 'vault-forget',
    answers: {
      state_get: state([ada]),
      backup_state: { lastExportedAtMs: null, lastCheckedAtMs: null, keysChangedSince: true },
    },
    act: press('identity-forget'),
  },
  {
    ...vault,
    name: 'vault-forget-locked',
    answers: { state_get: state([identity(0, locked)]) },
    act: press('identity-forget'),
  },
  {
    ...vault,
    name: 'vault-set-aside',
    answers: { state_get: state([identity(0, { setAsideAtMs: now - 5 * minute })]) },
  },
  {
    ...vault,
    name: 'vault-sites-edit',
    answers: {
      state_get: state([ada]),
      grants_list: [grant('https://messages.app.example', messaging)],
    },
    act: async (page) => {
      await press('vault-nav-sites')(page);
      await press('site-edit')(page);
    },
  },
  {
    ...vault,
    name: 'vault-sites',
    answers: {
      state_get: state([ada]),
      grants_list: [
        grant('https://chat.app.example'),
        grant('https://messages.app.example', messaging),
        grant('https://inbox.example', {
          capabilities: ['identity', 'messages.read', 'messages.write'],
          withoutAskingUntil: { sign: null, 'messages.read': 'until-locked', 'messages.write': null },
          withoutAskingIn: [
            { capability: 'messages.write', scope: { of: 'peers', peers: [accounts[1]] }, until: 'until-locked' },
          ],
          reach: { scopes: { 'messages.read': { of: 'site' } }, budget: { uses: 200, per: 'hour' } },
        }),
        grant('http://localhost:5173', {
          capabilities: ['identity'],
          duration: 'until-locked',
          expiresAtMs: null,
          lastUsedAtMs: null,
        }),
        grant(`https://${'deep.'.repeat(20)}app.example`, { withoutAskingUntil: { sign: now + 50 * minute } }),
      ],
    },
    act: press('vault-nav-sites'),
  },
  { ...vault, name: 'vault-help-prekey', hash: 'help/prekey', answers: { state_get: state([ada]) } },
  { ...vault, name: 'vault-help-code', hash: 'help/code', answers: { state_get: state([ada]) } },
  {
    ...vault,
    name: 'vault-settings-phrase',
    answers: { state_get: state([ada]), ownPhrase_isSet: false },
    act: async (page) => {
      await press('vault-nav-settings', 'own-phrase-choose', 'own-phrase-colour-sky')(page);
      await page.getByTestId('own-phrase-text').fill('otters on the tram');
    },
  },
  {
    ...vault,
    name: 'vault-settings-phrase-set',
    answers: { state_get: state([ada]), ownPhrase_isSet: true },
    act: press('vault-nav-settings'),
  },
  {
    ...unlock,
    name: 'unlock-phrase',
    answers: {
      state_get: state([identity(0, locked)]),
      ownPhrase_get: otters,
      unlock_getText: {
        safeId: id(1),
        text: unlockText,
        wallet: metaMask,
        account: accounts[0],
        slots: ['wallet', 'recovery-code'],
      },
    },
    hash: id(1),
  },
  { ...vault, name: 'vault-settings', answers: { state_get: state([ada]) }, act: press('vault-nav-settings') },
  {
    ...vault,
    name: 'vault-sites-narrow',
    size: { width: 420, height: 800 },
    answers: {
      state_get: state([ada]),
      grants_list: [grant('https://messages.app.example', messaging), grant('https://chat.app.example')],
      quiet_list: [
        { origin: 'https://chat.app.example', quiet: 'muted', sinceMs: now, untilMs: now + 600_000 },
        {
          origin: 'https://a-very-long-name-of-a-service.eu-west-1.staging.app.example:8443',
          quiet: 'blocked',
          sinceMs: now,
          untilMs: null,
        },
      ],
      face_list: [
        { origin: 'https://chat.app.example', standsIn: false },
        { origin: 'https://a-very-long-name-of-a-service.eu-west-1.staging.app.example:8443', standsIn: true },
      ],
    },
    act: press('vault-nav-sites'),
  },
  ...panelScenes,
  ...activityScenes,
  ...vaultScenes,
  ...inboxScenes,
  ...archiveScenes,
  ...peopleScenes,
];
