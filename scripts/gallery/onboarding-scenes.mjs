// The scenes of the onboarding page: three ways in, every step with its usual, waiting, long and failing state.
// Promises: as scenes.mjs. What is signed here is signed by nobody.
import { accounts, ada, draft, enrolment, id, identity, longName, now, onboarding, press, state } from './things.mjs';
import { day, narrow, node, online as usual } from './one-identity.mjs';

const online = (identities = []) => state(identities, usual);
const manual = { wallet: { kind: 'manual' } };
const enableText = (digit) =>
  `XMTP : Enable Identity\n${String(digit).repeat(64)}\n\nFor more info: https://xmtp.org/signatures/`;
const copy = (digit, days) => ({
  copyId: String(digit).repeat(64),
  publishedAtMs: now - days * day,
  text: enableText(digit),
});
const contact = { version: 2, publishedAtMs: now - 400 * day, identityKeyHex: `04${'9f3a'.repeat(32)}` };
const look = (change = {}) => ({ nodeUrl: node.url, contact: null, copies: [], unreadable: 0, more: null, ...change });
const failing = (reason, detail) => ({ error: detail === undefined ? { reason } : { reason, detail } });
const network = (change = {}) => ({
  environment: node,
  contactPublishedAtMs: null,
  copy: { state: 'none' },
  notice: null,
  keysFrom: 'here',
  ...change,
});
const noBackup = { lastExportedAtMs: null, lastCheckedAtMs: null, keysChangedSince: true };
const preview = (change = {}) => ({
  account: accounts[0],
  identityKeyHex: '04',
  name: 'Ada',
  createdAtMs: now - 12 * day,
  prekeys: 3,
  inboxKeys: 1,
  names: 4,
  conversations: 1204,
  existing: null,
  ...change,
});
const ageFile = {
  name: 'prekey-vault-0xf39F-2026-11-09.age',
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(`age-encryption.org/v1\n${'x'.repeat(41_000)}`),
};
const bareFile = { name: 'xmtp-keys.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(880, 10) };

const resume = (name, step, change = {}, act = async () => undefined, more = {}) => ({
  ...onboarding,
  name: `onboarding-${name}`,
  accounts,
  ...more,
  answers: {
    state_get: draft,
    enrol_get: enrolment(step, change),
    enrol_createRecoveryCode: { code: '7KQ2-M9XD-4TRV-8HWN-2BCF-6JYP-3ZGS-5AEK', ask: [2, 6] },
    enrol_finish: failing('wrong-code'),
    enrol_confirmUnlockSignature: failing('unsteady-wallet'),
    enrol_unlockSignature: failing('wrong-account', accounts[1]),
    ...more.answers,
  },
  act: async (page) => {
    await press('onboarding-continue')(page);
    await act(page);
  },
});
/** The account page is behind it: what stands next. */
const afterAccount = (name, answers, act = async () => undefined, more = {}) => ({
  ...onboarding,
  name: `onboarding-${name}`,
  accounts,
  ...more,
  answers: { state_get: online(), ...answers },
  act: async (page) => {
    await press(`way-${more.way ?? 'new'}`, 'wallet-continue')(page);
    await page.getByTestId('account-choice').first().waitFor();
    await press('account-continue')(page);
    await act(page);
  },
});
const withFile = (name, file, answers, act = async () => undefined, more = {}) => ({
  ...onboarding,
  name: `onboarding-${name}`,
  ...more,
  answers: { state_get: state([]), ...answers },
  act: async (page) => {
    await press('way-backup')(page);
    if (file) await page.getByTestId('file-choose').setInputFiles(file);
    await act(page);
  },
});
const openFile = async (page) => {
  await page.getByTestId('passphrase').fill('four words that do not belong');
  await press('file-submit')(page);
};
/** Through the code to the end, with an answer for what the network page asks. */
const ready = (name, answers, act = async () => undefined, more = {}) => ({
  ...onboarding,
  name: `onboarding-${name}`,
  accounts,
  ...more,
  answers: {
    state_get: { turns: [online([identity(0, { status: 'enrolling', lockAtMs: null })]), online([ada])] },
    enrol_get: enrolment('code', more.draft),
    enrol_createRecoveryCode: { code: 'AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG-HHHH', ask: [0, 1] },
    enrol_finish: ada,
    network_state: network(),
    backup_state: noBackup,
    ...answers,
  },
  act: async (page) => {
    await press('onboarding-continue', 'code-written')(page);
    await page.getByTestId('code-typed-1').fill('AAAA');
    await page.getByTestId('code-typed-2').fill('BBBB');
    await page.getByTestId('onboarding-ready').waitFor();
    await act(page);
  },
});
const toCopy =
  (act = async () => undefined) =>
  async (page) => {
    await press('ready-copy')(page);
    await act(page);
  };
const toSeal = (act = async () => undefined) =>
  toCopy(async (page) => {
    await press('copy-agree', 'copy-continue')(page);
    await page.getByTestId('wallet-sign').waitFor();
    await act(page);
  });
const pasted = async (page) => {
  await page.getByTestId('carry-signature').fill(`0x${'11'.repeat(65)}`);
  await press('carry-submit')(page);
};

export const onboardingScenes = [
  { ...onboarding, name: 'onboarding-1-welcome', answers: { state_get: state([]) } },
  { ...onboarding, name: 'onboarding-1-continue', answers: { state_get: draft } },
  { ...onboarding, name: 'onboarding-2-wallet', answers: { state_get: state([]) }, act: press('way-alone') },
  {
    ...onboarding,
    name: 'onboarding-2-wallet-absent',
    walletAbsent: true,
    answers: { state_get: state([]) },
    act: async (page) => {
      await press('way-alone', 'wallet-advanced')(page);
      await page.getByTestId('wallet-none-found').waitFor();
    },
  },
  {
    ...onboarding,
    name: 'onboarding-2-wallet-stopped',
    answers: { state_get: state([]) },
    act: async (page) => {
      await press('way-alone', 'wallet-continue', 'progress-cancel')(page);
      await page.getByTestId('wallet-stopped').waitFor();
    },
  },
  {
    ...onboarding,
    name: 'onboarding-3-account',
    accounts,
    answers: { state_get: state([identity(1)]) },
    act: async (page) => {
      await press('way-alone', 'wallet-continue')(page);
      await page.getByTestId('account-choice').first().waitFor();
    },
  },
  {
    ...onboarding,
    name: 'onboarding-3-account-manual',
    answers: { state_get: state([]) },
    act: async (page) => {
      await press('way-alone', 'wallet-manual', 'wallet-continue')(page);
      await page.getByTestId('account-address').fill('0x12');
    },
  },
  resume('4-keys', 'unlock-1'),
  resume('4-keys-network', 'unlock-1', { source: 'network' }, async () => undefined, narrow),
  resume('4-keys-waiting', 'identity', {}, async (page) => {
    await press('wallet-sign')(page);
    await page.waitForTimeout(1200);
  }),
  resume('4-keys-absent', 'unlock-1', {}, (page) => page.getByTestId('failure').waitFor(), { walletAbsent: true }),
  {
    ...onboarding,
    name: 'onboarding-2-wallet-manual',
    answers: { state_get: state([]) },
    act: press('way-alone', 'wallet-manual'),
  },
  resume('4-keys-manual', 'unlock-2', manual, press('carry-qr')),
  resume('4-keys-manual-narrow', 'unlock-2', manual, press('carry-qr'), { size: { width: 320, height: 640 } }),
  ...[
    ['camera', async (page) => void (await page.locator('[data-on=true]').waitFor()), { camera: true }],
    [
      'camera-narrow',
      async (page) => void (await page.locator('[data-on=true]').waitFor()),
      { camera: true, ...narrow },
    ],
    ['camera-refused', (page) => page.getByTestId('failure').waitFor(), {}],
  ].map(([name, wait, more]) =>
    resume(
      `4-keys-manual-${String(name)}`,
      'unlock-2',
      manual,
      async (page) => {
        await press('carry-camera')(page);
        await wait(page);
        await page.getByTestId('carry-submit').scrollIntoViewIfNeeded();
      },
      more,
    ),
  ),
  resume('4-keys-wrong-account', 'unlock-1', { wallet: { kind: 'manual' } }, async (page) => {
    await page.getByTestId('carry-signature').fill(`0x${'11'.repeat(65)}`);
    await press('carry-submit')(page);
    await page.getByTestId('failure').scrollIntoViewIfNeeded();
  }),
  resume('4-keys-locked', 'unlock-2', { locked: true }),
  resume('4-unsteady', 'unlock-2', manual, async (page) => {
    await pasted(page);
    await page.getByTestId('onboarding-unsteady').waitFor();
  }),
  resume('5-code', 'code'),
  resume('5-code-narrow', 'code', {}, async () => undefined, narrow),
  // On paper, which has one theme: what the printer gets when the button is pressed.
  resume('5-code-kit', 'code', {}, async (page) => {
    await page.evaluate(() => (globalThis.print = () => undefined));
    await press('code-print')(page);
    await page.emulateMedia({ media: 'print' });
    await page.getByTestId('recovery-kit').waitFor();
  }),
  resume('5-code-typed', 'code', {}, async (page) => {
    await press('code-written')(page);
    await page.getByTestId('code-typed-1').fill('4TRV');
    await page.getByTestId('code-typed-2').fill('XXXX');
    await page.getByTestId('failure').waitFor();
  }),
  {
    ...onboarding,
    name: 'onboarding-6-ready',
    answers: {
      state_get: draft,
      enrol_get: enrolment('code'),
      enrol_createRecoveryCode: { code: 'AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG-HHHH', ask: [0, 1] },
      enrol_finish: ada,
      backup_state: noBackup,
    },
    act: async (page) => {
      await press('onboarding-continue', 'code-written')(page);
      await page.getByTestId('code-typed-1').fill('AAAA');
      await page.getByTestId('code-typed-2').fill('BBBB');
    },
  },
  { ...onboarding, name: 'onboarding-1-welcome-narrow', ...narrow, answers: { state_get: online() } },
  { ...onboarding, name: 'onboarding-1-welcome-another', answers: { state_get: online([ada]) } },
  {
    ...onboarding,
    name: 'onboarding-1-network',
    answers: { state_get: state([]) },
    act: press('way-new', 'network-local'),
  },
  {
    ...onboarding,
    name: 'onboarding-1-network-needed',
    answers: { state_get: state([]), network_check: failing('unreachable') },
    act: async (page) => {
      await press('way-network', 'network-custom')(page);
      await page.getByTestId('network-address').fill('node.messages.example:5558');
      await press('network-use')(page);
      await page.getByTestId('failure').waitFor();
    },
  },
  {
    ...onboarding,
    name: 'onboarding-1-network-wrong',
    ...narrow,
    answers: { state_get: state([]) },
    act: async (page) => {
      await press('way-network', 'network-custom')(page);
      await page.getByTestId('network-address').fill('http://node.messages.example/path');
    },
  },
  {
    ...onboarding,
    name: 'onboarding-1-network-checking',
    answers: { state_get: state([]), network_check: { hang: true } },
    act: press('way-network', 'network-local', 'network-use'),
  },
  {
    ...onboarding,
    name: 'onboarding-1-network-refused',
    allows: false,
    answers: { state_get: state([]) },
    act: press('way-network', 'network-local', 'network-use'),
  },
  withFile('b1-file', undefined, {}),
  withFile('b1-file-chosen', ageFile, {}),
  withFile('b1-file-bare', bareFile, {}, async () => undefined, narrow),
  {
    ...onboarding,
    name: 'onboarding-b1-many-files',
    answers: {
      state_get: online(),
      backup_preview: {
        turns: [
          preview({ createdAtMs: null, found: { writing: 'base64', isBare: true } }),
          failing('bad-file', 'not-keys'),
        ],
      },
    },
    act: async (page) => {
      await press('way-old-keys')(page);
      await page.getByTestId('file-choose').setInputFiles([
        { name: 'xmtp-keys.txt', mimeType: '', buffer: Buffer.from('keys') },
        {
          name: 'notes about the boat and many other things that have a long name.txt',
          mimeType: '',
          buffer: Buffer.from('x'),
        },
        ageFile,
      ]);
      await page.locator('[data-testid="many-files-row"][data-kind="sealed"]').waitFor();
    },
  },
  withFile('b1-file-opening', ageFile, { backup_preview: { hang: true } }, openFile),
  withFile('b1-file-wrong', ageFile, { backup_preview: failing('wrong-passphrase') }, openFile),
  withFile('b1-file-bad', bareFile, { backup_preview: failing('bad-file') }, press('file-submit')),
  withFile(
    'b1-file-defect',
    bareFile,
    { backup_preview: failing('unusable-copy', 'keys-do-not-match') },
    press('file-submit'),
  ),
  withFile('b2-preview', ageFile, { backup_preview: preview() }, openFile),
  withFile(
    'b2-preview-long',
    ageFile,
    { backup_preview: preview({ name: longName, createdAtMs: null, conversations: 0, prekeys: 1 }) },
    openFile,
    narrow,
  ),
  withFile(
    'b2-preview-same',
    ageFile,
    { backup_preview: preview({ existing: { safeId: id(1), sameIdentity: true } }) },
    openFile,
  ),
  withFile(
    'b2-preview-other',
    ageFile,
    { backup_preview: preview({ existing: { safeId: id(1), sameIdentity: false } }) },
    openFile,
  ),
  withFile('b3-open', ageFile, { backup_preview: preview() }, async (page) => {
    await openFile(page);
    await press('preview-continue')(page);
  }),
  withFile(
    'b4-wallet',
    ageFile,
    { backup_preview: preview() },
    async (page) => {
      await openFile(page);
      await press('preview-continue', 'open-wallet', 'open-continue', 'wallet-continue')(page);
      await page.getByTestId('failure').waitFor();
    },
    { accounts: [accounts[1]] },
  ),
  withFile(
    'b5-importing',
    ageFile,
    {
      backup_preview: preview(),
      enrol_begin: enrolment('import', { source: 'backup', first: 'passphrase', text: null }),
      enrol_import: { hang: true },
    },
    async (page) => {
      await openFile(page);
      await press('preview-continue', 'open-continue')(page);
      await page.getByTestId('progress-cancel').waitFor();
    },
  ),
  resume('b5-import-again', 'import', { source: 'backup', first: 'passphrase', text: null }),
  afterAccount('n1-looking', { network_look: { hang: true } }),
  afterAccount('n1-look-failed', { network_look: failing('unreachable') }, (page) =>
    page.getByTestId('look-without').waitFor(),
  ),
  afterAccount('n2-found', { network_look: look({ copies: [copy('a', 200)], contact }) }, (page) =>
    page.getByTestId('found').waitFor(),
  ),
  afterAccount(
    'n2-found-several',
    { network_look: look({ copies: [copy('a', 2), copy('b', 200), copy('c', 900)], contact, unreadable: 2 }) },
    (page) => page.getByTestId('found').waitFor(),
    narrow,
  ),
  afterAccount(
    'n2-found-more',
    {
      network_look: look({
        copies: [copy('a', 2), copy('b', 200)],
        contact,
        unreadable: 2000,
        more: `1.${'ab'.repeat(32)}`,
      }),
    },
    (page) => page.getByTestId('look-further').waitFor(),
  ),
  afterAccount('n2-traces', { network_look: look({ contact, unreadable: 1 }) }, (page) =>
    page.getByTestId('found').waitFor(),
  ),
  afterAccount('n2-unreadable', { network_look: look({ unreadable: 3 }) }, (page) =>
    page.getByTestId('found').waitFor(),
  ),
  afterAccount('n2-nothing', { network_look: look() }, (page) => page.getByTestId('found').waitFor(), {
    way: 'network',
  }),
  afterAccount('n3-replace', { network_look: look({ copies: [copy('a', 200)], contact }) }, async (page) => {
    await press('found-replace')(page);
    await page.getByTestId('typed-confirmation').fill('2266');
  }),
  afterAccount('n4-open', { network_look: look(), enrol_begin: failing('storage-failed') }, async (page) => {
    await page.getByTestId('failure').waitFor();
  }),
  resume('n5-passphrase', 'passphrase', { source: 'network', first: 'passphrase', text: null }),
  resume(
    'n5-passphrase-weak',
    'passphrase',
    { source: 'network', first: 'passphrase', text: null, name: longName },
    async (page) => {
      await page.getByTestId('passphrase-new').fill('password2026');
      await page.getByTestId('passphrase-again').fill('password2026');
      await press('passphrase-continue')(page);
      await page.getByRole('alert').waitFor();
    },
    { ...narrow, answers: { enrol_passphrase: failing('weak-passphrase', 'common') } },
  ),
  resume('n5-passphrase-locked', 'retrieve', { source: 'network', first: 'passphrase', text: null, locked: true }),
  resume(
    'n6-retrieve',
    'retrieve',
    { source: 'network', first: 'passphrase', text: null },
    (page) => page.getByTestId('wallet-sign').waitFor(),
    { answers: { network_look: look({ copies: [copy('a', 200)] }) } },
  ),
  resume(
    'n6-retrieve-defect',
    'retrieve',
    { source: 'network', text: null, ...manual },
    async (page) => {
      await pasted(page);
      await page.getByTestId('failure').waitFor();
    },
    {
      answers: {
        network_look: look({ copies: [copy('a', 2), copy('b', 200)] }),
        enrol_retrieve: failing('unusable-copy', 'other-account'),
      },
    },
  ),
  resume(
    'n6-retrieve-checking',
    'retrieve',
    { source: 'network', text: null },
    async (page) => {
      await press('wallet-sign')(page);
      await page.waitForTimeout(1200);
    },
    {
      ...narrow,
      signs: true,
      answers: { network_look: look({ copies: [copy('a', 200)] }), enrol_retrieve: { hang: true } },
    },
  ),
  resume(
    'n6-retrieve-gone',
    'retrieve',
    { source: 'network', text: null },
    (page) => page.getByTestId('retrieve-replace').waitFor(),
    { answers: { network_look: look() } },
  ),
  resume('n6-one-signature', 'identity', { first: 'passphrase' }),
  ready('r1-ready', {}),
  ready('r1-ready-unchecked', { backup_state: { ...noBackup, lastExportedAtMs: now } }, async () => undefined, narrow),
  ready('r1-ready-checked', { backup_state: { lastExportedAtMs: now, lastCheckedAtMs: now, keysChangedSince: false } }),
  ready(
    'r1-ready-retrieved',
    {
      network_state: network({
        keysFrom: 'network',
        contactPublishedAtMs: now - 60 * day,
        copy: { state: 'saved', atMs: now - 60 * day },
      }),
      network_readHistory: {
        turns: [{ seen: 100, added: 97, cursor: 'a' }, { seen: 100, added: 100, cursor: 'b' }, { hang: true }],
      },
    },
    async (page) => {
      await press('history-read')(page);
      await page.waitForTimeout(1500);
    },
    { draft: { source: 'network', first: 'passphrase' } },
  ),
  ready(
    'r1-ready-history-failed',
    {
      network_state: network({ keysFrom: 'network', contactPublishedAtMs: now - 60 * day }),
      network_readHistory: { turns: [{ seen: 100, added: 97, cursor: 'a' }, failing('unreachable')] },
    },
    async (page) => {
      await press('history-read')(page);
      await page.getByTestId('failure').waitFor();
    },
    narrow,
  ),
  ready(
    'r1-ready-history-done',
    {
      network_state: network({ keysFrom: 'backup', copy: { state: 'published', atMs: now } }),
      network_readHistory: { seen: 3, added: 1, cursor: null },
    },
    press('history-read'),
  ),
  ready('r2-contact-publishing', { network_publishContact: { hang: true } }, press('contact-publish')),
  ready('r2-contact-replace', { network_publishContact: failing('needs-confirmation') }, async (page) => {
    await press('contact-publish')(page);
    await page.getByTestId('typed-confirmation').fill('22');
  }),
  ready(
    'r2-contact-published',
    { network_publishContact: network({ contactPublishedAtMs: now }) },
    press('contact-publish'),
  ),
  ready('r3-copy', {}, toCopy()),
  ready('r3-copy-agreed', {}, toCopy(press('copy-agree')), narrow),
  ready('r4-copy-seal', { network_copyText: { text: enableText('d') } }, toSeal()),
  ready(
    'r4-copy-replace',
    { network_copyText: { text: enableText('d') }, network_publishCopy: failing('needs-confirmation') },
    toSeal(press('wallet-sign')),
    { signs: true },
  ),
  ready(
    'r5-copy-useless',
    {
      network_copyText: { text: enableText('d') },
      network_publishCopy: network({ copy: { state: 'published', atMs: now } }),
      network_confirmCopy: failing('unsteady-wallet'),
    },
    toSeal(async (page) => {
      await press('wallet-sign')(page);
      await page.locator('[data-stage="prove"]').waitFor();
      await press('wallet-sign')(page);
      await page.locator('[data-stage="useless"]').waitFor();
    }),
    { signs: true },
  ),
  ready(
    'r5-copy-prove',
    {
      network_copyText: { text: enableText('d') },
      network_publishCopy: network({ copy: { state: 'published', atMs: now } }),
      network_confirmCopy: failing('refused-by-node', '7'),
    },
    toSeal(async (page) => {
      await press('wallet-sign')(page);
      await page.locator('[data-stage="prove"]').waitFor();
      await press('wallet-sign')(page);
      await page.getByTestId('failure').waitFor();
    }),
    { signs: true, ...narrow },
  ),
  ready(
    'r6-copy-saved',
    {
      network_copyText: { text: enableText('d') },
      network_publishCopy: network({ copy: { state: 'published', atMs: now } }),
      network_confirmCopy: network({ copy: { state: 'saved', atMs: now } }),
    },
    toSeal(async (page) => {
      await press('wallet-sign')(page);
      await page.locator('[data-stage="prove"]').waitFor();
      await press('wallet-sign')(page);
      await page.locator('[data-stage="saved"]').waitFor();
    }),
    { signs: true },
  ),
];
