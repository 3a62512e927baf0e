// The scenes about XMTP inboxes: the page of one identity, and the cards of the approval window.
// Promises: as scenes.mjs. The ids are of nobody's inbox.
import { day, failing, narrow, topic } from './one-identity.mjs';
import { accounts, ada, approvalScene, id, identity, locked, longName, minute, now, press, state } from './things.mjs';

/** 64 hex digits that look like a digest. */
const inboxId = (at) => ((at + 3) * 0x1f3d5b79).toString(16).padStart(9, 'c').repeat(8).slice(0, 64);
const installation = (at) => ((at + 7) * 0x2b7e1516).toString(16).padStart(9, 'e').repeat(8).slice(0, 64);
const addressOf = (at) => `0x${((at + 5) * 0x3c6ef372).toString(16).padStart(10, 'a').repeat(4)}`;
const origins = ['https://chat.app.example', 'https://xmtp.messages.example', 'http://localhost:5173'];

const app = (at, days) => ({ installationId: installation(at), origin: origins[at % 3], atMs: now - days * day });
const text = (shape, values, days, at = 0) => ({ shape, values, origin: origins[at % 3], atMs: now - days * day });
const made = (change = {}) => ({
  inboxId: inboxId(1),
  name: 'Private',
  inbox: 'made-here',
  identifier: addressOf(0),
  role: 'recovery',
  isMarked: false,
  granted: [app(0, 12), app(1, 3)],
  texts: [text('create+grant', [installation(0)], 12), text('grant', [installation(1)], 3, 1)],
  installations: 2,
  updates: 2,
  isSaid: false,
  isRead: false,
  read: null,
  ...change,
});
const linked = made({
  inboxId: inboxId(2),
  name: 'Wallet',
  inbox: 'linked-here',
  role: 'member',
  granted: [app(2, 2)],
  texts: [text('link', [addressOf(0)], 4), text('grant', [installation(2)], 2, 2)],
  installations: 9,
  updates: 41,
  isSaid: true,
});
const unnamed = made({
  inboxId: inboxId(3),
  name: '',
  inbox: 'unknown',
  role: 'unknown',
  granted: [],
  texts: [],
  identifier: '',
  installations: 0,
  updates: 0,
});
const longest = made({
  inboxId: inboxId(4),
  name: longName.slice(0, 60).replaceAll(' ', ''),
  isMarked: true,
  inbox: 'linked-here',
  granted: [
    { ...app(3, 9), origin: `https://${'deep.'.repeat(18)}app.example` },
    ...Array.from({ length: 9 }, (_, at) => app(at + 4, 8)),
  ],
  texts: [
    text(
      'revoke',
      Array.from({ length: 3 }, (_, at) => installation(at)),
      5,
    ),
  ],
  installations: 10,
  updates: 256,
});
const readNode = 'https://xmtp.node.example:5558';
const read = (change = {}) => ({
  atMs: now - 5 * minute,
  nodeUrl: readNode,
  listed: 9,
  checked: 9,
  unread: null,
  recovery: addressOf(0),
  isRecoveryOurs: true,
  isRecoveryAsKnown: true,
  addresses: [addressOf(0), addressOf(3)],
  strangers: [],
  gone: [],
  ...change,
});
const strangeApps = [
  { installationId: installation(20), addedBy: addressOf(3), isByUs: false, isRevokedHere: false },
  { installationId: installation(21), addedBy: addressOf(0), isByUs: true, isRevokedHere: false },
  { installationId: installation(22), addedBy: addressOf(0), isByUs: true, isRevokedHere: true },
];
const readInbox = (change = {}, more = {}) =>
  made({ installations: 4, updates: 9, isRead: true, read: read(change), ...more });
const readDry = readInbox({ listed: 9, checked: 4, unread: 'unverifiable' }, { isRead: false });
const readForged = readInbox({ listed: 9, checked: 4, unread: 'wrong', strangers: strangeApps }, { isRead: false });
const readOther = readInbox(
  {
    strangers: strangeApps.slice(0, 1),
    gone: [installation(0)],
    isRecoveryOurs: false,
    isRecoveryAsKnown: false,
    recovery: addressOf(3),
  },
  {},
);
const withNode = {
  answers: {
    state_get: state([ada], {
      settings: {
        autoLockMinutes: 15,
        theme: 'system',
        language: 'system',
        environment: null,
        inboxNode: readNode,
        ensNode: null,
      },
    }),
  },
};
const keys = (count) =>
  Array.from({ length: count }, (_, at) => ({ address: addressOf(at), createdAtMs: now - (count - at) * 9 * day }));
const list = (change = {}) => ({ keys: keys(1), inboxes: [made()], archiveKeysMadeAtMs: [], ...change });
const several = list({
  keys: keys(3),
  inboxes: [longest, unnamed, linked, made()],
  archiveKeysMadeAtMs: [now - 30 * day, now - 2 * day],
});

const page = (name, answer, act, more = {}) =>
  topic(name, 'inboxes', { state_get: state([ada]), inbox_list: answer, ...more.answers }, act, {
    ...more,
    ready: '[data-testid="inboxes"], [data-testid="failure"]',
  });
const everyDisclosure = async (opened) => {
  for (const testId of ['inbox-texts', 'inbox-undo', 'inbox-keys-earlier'])
    for (const one of await opened.getByTestId(testId).all()) await one.click();
};
const counts = (apps, changes) => async (opened) => {
  await press('inbox-correct')(opened);
  await opened.getByTestId('inbox-count-apps').fill(apps);
  await opened.getByTestId('inbox-count-changes').fill(changes);
};

const keyFile = {
  fileName: `UTC--2026-11-21T10-00-00.000Z--${addressOf(0).slice(2)}`,
  file: { $bytes: 'AQID' },
};
const exportStep2 = async (opened) => {
  await press('inbox-export', 'wallet-sign')(opened);
  await opened.getByTestId('passphrase-new').waitFor();
};

const facts = (change = {}) => ({
  text: `XMTP : Authenticate to inbox\n\nInbox ID: ${inboxId(1)}\nCurrent time: 2026-11-21T10:00:00Z\n\n- Grant messaging access to app\n  (ID: ${installation(0)})\n\nFor more info: https://xmtp.org/signatures`,
  shape: 'grant',
  inboxId: inboxId(1),
  timeMs: now,
  identifier: addressOf(0),
  values: [installation(0)],
  inbox: 'made-here',
  name: 'Private',
  ofThisOrigin: 0,
  installations: 2,
  updates: 5,
  isSaid: false,
  isRead: false,
  ...change,
});
const v3 = (change) => ({ kind: 'v3', safeId: id(1), account: accounts[0], facts: facts(change) });
const archive = (change) => ({
  kind: 'archive',
  safeId: id(1),
  account: accounts[0],
  facts: { inboxId: inboxId(1), inbox: 'made-here', name: 'Private', earlier: 0, ...change },
});
const seen = (opened) => opened.getByTestId('approval-reject').waitFor();
const toEnd = (testId) => async (opened) => {
  await seen(opened);
  if (testId) await press(testId)(opened);
  await opened.locator('.approval-main').evaluate((main) => main.scrollTo(0, 9999));
};
const card = (name, shown, act = seen, more = {}) => approvalScene(`inbox-${name}`, shown, {}, { act, ...more });
const newInbox = { shape: 'create+grant', inbox: 'new', name: '', installations: 0, updates: 0 };
const stranger = { inbox: 'unknown', name: '', installations: 0, updates: 0 };

export const inboxScenes = [
  page('empty', list({ keys: [], inboxes: [] })),
  page('none', list({ inboxes: [] })),
  page('one', list()),
  page('one-narrow', list({ archiveKeysMadeAtMs: [now - 2 * day] }), everyDisclosure, narrow),
  page('several', several),
  page('several-open', several, everyDisclosure),
  page('several-narrow', several, undefined, narrow),
  page(
    'many',
    list({ inboxes: Array.from({ length: 200 }, (_, at) => made({ inboxId: inboxId(at), name: `Inbox ${at + 1}` })) }),
  ),
  page('name', list(), press('inbox-rename')),
  page('add', list(), async (opened) => {
    await press('inbox-add')(opened);
    await opened.getByTestId('inbox-id').fill('0x12');
  }),
  page('correcting', list(), press('inbox-correct')),
  page('correcting-wrong', list(), counts('2.5', '999')),
  page(
    'correcting-failed',
    list(),
    async (opened) => {
      await counts('7', '40')(opened);
      await press('inbox-count-save')(opened);
      await opened.getByTestId('failure').waitFor();
    },
    { answers: { inbox_correct: failing('storage-failed') } },
  ),
  page('new-key', list(), press('inbox-new-key')),
  page(
    'new-key-failed',
    list(),
    async (opened) => {
      await press('inbox-new-key', 'inbox-new-confirm')(opened);
      await opened.getByTestId('failure').waitFor();
    },
    { answers: { inbox_newKey: failing('storage-failed') } },
  ),
  page(
    'new-key-done',
    list({ keys: keys(2) }),
    async (opened) => {
      await press('inbox-new-key', 'inbox-new-confirm')(opened);
      await opened.getByTestId('inboxes-done').waitFor();
    },
    { answers: { inbox_newKey: list() } },
  ),
  page('new-archive-key', list({ archiveKeysMadeAtMs: [now - day] }), press('archive-new-key')),
  page('export-1', list(), press('inbox-export')),
  page('export-2', list(), exportStep2),
  page(
    'export-failed',
    list(),
    async (opened) => {
      await exportStep2(opened);
      await opened.getByTestId('typed-confirmation').fill(addressOf(0).slice(-4));
      for (const field of ['passphrase-new', 'passphrase-again'])
        await opened.getByTestId(field).fill('ridge copper onion flute');
      await press('inbox-export-save')(opened);
      await opened.getByTestId('failure').waitFor();
    },
    { answers: { inbox_exportKey: failing('storage-failed') } },
  ),
  page(
    'exported',
    list(),
    async (opened) => {
      await exportStep2(opened);
      await opened.getByTestId('typed-confirmation').fill(addressOf(0).slice(-4));
      for (const field of ['passphrase-new', 'passphrase-again'])
        await opened.getByTestId(field).fill('ridge copper onion flute');
      await press('inbox-export-save')(opened);
      await opened.getByTestId('inbox-exported').waitFor();
    },
    { size: { width: 380, height: 800 }, answers: { inbox_exportKey: keyFile } },
  ),
  page('node-setting', list(), async (opened) => {
    await press('optional-node-change')(opened);
    await opened.getByTestId('optional-node-address').fill('http://node.example');
  }),
  page('node-changing', list(), press('optional-node-change'), { ...withNode, ...narrow }),
  page('node-missing', list(), press('optional-node-change'), { ...withNode, mayReach: false }),
  page('unread-yet', list(), undefined, withNode),
  page('read', list({ inboxes: [readInbox({ strangers: strangeApps })] }), undefined, withNode),
  page('read-narrow', list({ inboxes: [readInbox({ strangers: strangeApps })] }), undefined, {
    ...withNode,
    ...narrow,
  }),
  page('read-other-recovery', list({ inboxes: [readOther] }), undefined, withNode),
  page('read-not-checked', list({ inboxes: [readForged, readDry] }), undefined, withNode),
  page(
    'read-older',
    list({ inboxes: [readInbox()] }),
    async (opened) => {
      await press('inbox-read')(opened);
      await opened.getByTestId('failure').waitFor();
    },
    {
      answers: {
        ...withNode.answers,
        inbox_readState: { error: { reason: 'bad-answer', detail: 'older-log' } },
      },
    },
  ),
  page('error', failing('damaged')),
  page(
    'error-mark',
    list({ inboxes: [linked] }),
    async (opened) => {
      await press('inbox-recovery')(opened);
      await opened.getByTestId('failure').waitFor();
    },
    { answers: { inbox_markRecovery: failing('locked') } },
  ),

  card('new', v3(newInbox)),
  card('new-end', v3(newInbox), toEnd()),
  card('grant', v3({})),
  card('grant-text', v3({}), toEnd('approval-inbox-text-open')),
  card('grant-unknown', v3(stranger)),
  card('grant-unknown-end', v3(stranger), toEnd('approval-inbox-mine')),
  card('grant-read', v3({ installations: 3, updates: 12, isRead: true })),
  card(
    'grant-ninth',
    v3({ installations: 8, updates: 40, isSaid: true, ofThisOrigin: 1, name: longName.slice(0, 60) }),
  ),
  card('link', v3({ ...stranger, shape: 'link', values: [addressOf(0)] })),
  card('link-end', v3({ ...stranger, shape: 'link', values: [addressOf(0)] }), toEnd('approval-inbox-mine')),
  card('revoke', v3({ shape: 'revoke', values: [0, 1, 2].map(installation) })),
  card('revoke-end', v3({ shape: 'revoke', values: [0, 1, 2].map(installation) }), async (opened) => {
    await toEnd()(opened);
    await opened.getByTestId('typed-confirmation').fill(inboxId(1).slice(-4));
  }),
  card('unlink', v3({ shape: 'unlink', values: [addressOf(2)] })),
  card('recovery', v3({ shape: 'recovery', values: [addressOf(2)] })),
  card('recovery-end', v3({ shape: 'recovery', values: [addressOf(2)] }), toEnd()),
  card('archive', archive({})),
  card('archive-earlier', archive({ earlier: 1 })),
  card('archive-unknown', archive({ inbox: 'unknown', name: '' }), toEnd()),
  card('locked', v3({}), (opened) => opened.getByTestId('approval-unlock').waitFor(), {
    locks: [identity(0, locked)],
  }),
];
