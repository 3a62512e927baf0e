// The scenes of one identity's pages (ways to open, keys, network, XMTP inboxes, backup), of the unlock page's passphrase, and of the quiet lines in the popup.
// Promises: as scenes.mjs. What is signed here is signed by nobody.
import {
  day,
  failing,
  node,
  slot,
  four,
  three,
  details,
  request,
  network,
  rotation,
  backup,
  online,
  narrow,
  topic,
} from './one-identity.mjs';
import { ada, id, identity, locked, longName, minute, now, popup, press, state, unlock, vault } from './things.mjs';

const code = { code: '7KQ2-M9XD-4TRV-8HWN-2BCF-6JYP-3ZGS-5AEK', ask: [2, 6] };
const withThree = {
  identity_details: details({ slots: three }),
  unlock_getText: request(['wallet', 'recovery-code', 'passphrase']),
};
const withFour = {
  identity_details: details({ slots: four }),
  unlock_getText: {
    ...request(['wallet', 'recovery-code', 'passphrase', 'passkey']),
    passkey: { credentialId: { $bytes: btoa('c'.repeat(20)) }, prfInput: { $bytes: btoa('p'.repeat(32)) } },
  },
};
const withPasskeys = { passkey: true };
const typeCode =
  (submit = 'secret-submit') =>
  async (page) => {
    await press('secret-way-recovery-code')(page);
    await page.getByTestId('recovery-code').fill('AAAA-BBBB');
    await press(submit)(page);
  };
const typeNew =
  (text = 'gravel otter lantern puddle') =>
  async (page) => {
    await page.getByTestId('passphrase-new').fill(text);
    await page.getByTestId('passphrase-again').fill(text);
  };
const inTurn =
  (...acts) =>
  async (page) => {
    for (const act of acts) await act(page);
  };
const see = (testId) => (page) => page.getByTestId(testId).first().waitFor();
const removeOf = (kind) => (page) =>
  page.locator(`[data-testid="slot"][data-kind="${kind}"] [data-testid="slot-remove"]`).click();
const ageFile = {
  name: 'prekey-vault-0xf39F-2026-11-09.age',
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(`age-encryption.org/v1\n${'x'.repeat(41_000)}`),
};
const giveFile = async (page) => {
  await page.getByTestId('file-choose').setInputFiles(ageFile);
  await page.getByTestId('passphrase').fill('correct horse battery staple');
  await press('file-submit')(page);
};
const checked = (name, comparison, more = {}) =>
  topic(
    `check-${name}`,
    'backup',
    {
      backup_check: {
        sameIdentity: true,
        createdAtMs: now - 12 * day,
        missingPrekeys: 0,
        missingInboxKeys: 0,
        missingInboxTexts: 0,
        missingConversations: 0,
        missingNames: 0,
        newNames: 0,
        complete: true,
        ...comparison,
      },
    },
    inTurn(press('backup-check'), giveFile, see('backup-verdict')),
    more,
  );

const listed = (name, identities, more = {}) => ({
  ...vault,
  name: `vault-${name}`,
  ...more,
  answers: {
    state_get: state(identities, online),
    identity_details: details(),
    backup_state: backup({ keysChangedSince: true }),
    inbox_list: { keys: [], inboxes: [], archiveKeysMadeAtMs: [] },
    archive_state: { rows: 0, bytes: 0, invitationsLeft: 0, badLines: 0, otherRows: 0, nodes: {} },
    ...more.answers,
  },
});

export const vaultScenes = [
  listed('identities', [ada, identity(1, { ...locked, name: longName })]),
  listed('narrow', [ada, identity(1, locked)], { size: { width: 420, height: 800 }, answers: withThree }),
  topic('two', 'access'),
  topic('three-long', 'access', { ...withThree, state_get: state([identity(0, { name: longName })], online) }),
  topic('three-narrow', 'access', withThree, undefined, narrow),
  topic('locked', 'access', { state_get: state([identity(0, locked)], online) }),
  topic('damaged', 'access', { identity_details: failing('damaged') }),
  topic('try', 'access', {}, press('slot-try')),
  topic(
    'try-wrong',
    'access',
    { slots_check: failing('wrong-secret') },
    inTurn(press('slot-try', 'wallet-sign'), see('failure')),
  ),
  topic('tried', 'access', {}, inTurn(press('slot-try', 'wallet-sign'), see('slots-done'))),
  topic('passphrase-1', 'access', {}, press('slot-add-passphrase')),
  topic('passphrase-2', 'access', {}, inTurn(press('slot-add-passphrase', 'wallet-sign'), see('passphrase-new'))),
  topic(
    'passphrase-weak',
    'access',
    { slots_addPassphrase: failing('weak-passphrase', 'common') },
    inTurn(press('slot-add-passphrase'), typeCode(), typeNew('password1234'), press('slot-passphrase-add'), (page) =>
      page.locator('.field-error').waitFor(),
    ),
  ),
  topic(
    'wallet-2',
    'access',
    {
      identity_details: details({ slots: [slot(2, 'recovery-code'), slot(3, 'passphrase')] }),
      unlock_getText: request(['recovery-code', 'passphrase']),
    },
    inTurn(press('slot-add-wallet'), typeCode(), see('wallet-sign')),
  ),
  topic(
    'wallet-manual',
    'access',
    {
      identity_details: details({ slots: [slot(2, 'recovery-code'), slot(3, 'passphrase')] }),
      unlock_getText: request(['recovery-code', 'passphrase'], { kind: 'manual' }),
    },
    inTurn(
      press('slot-add-wallet'),
      typeCode(),
      see('wallet-manual'),
      press('wallet-manual', 'wallet-continue'),
      see('carry-text'),
    ),
  ),
  topic('four', 'access', withFour, undefined, withPasskeys),
  topic('four-narrow', 'access', withFour, undefined, { ...withPasskeys, ...narrow }),
  topic('two-can-add', 'access', {}, undefined, withPasskeys),
  topic(
    'passkey-2',
    'access',
    {},
    inTurn(press('slot-add-passkey', 'wallet-sign'), see('slot-passkey-make')),
    withPasskeys,
  ),
  topic(
    'passkey-making',
    'access',
    {},
    inTurn(press('slot-add-passkey', 'wallet-sign', 'slot-passkey-make'), see('progress-cancel')),
    withPasskeys,
  ),
  topic(
    'passkey-refused',
    'access',
    {},
    inTurn(press('slot-add-passkey', 'wallet-sign', 'slot-passkey-make'), see('failure')),
    { passkey: 'refuses', ...narrow },
  ),
  topic('passkey-elsewhere', 'access', withFour, removeOf('passkey')),
  topic('code-1', 'access', { slots_newCode: code }, inTurn(press('slot-replace'), see('code-groups'))),
  topic('code-1-narrow', 'access', { slots_newCode: code }, inTurn(press('slot-replace'), see('code-groups')), narrow),
  topic('code-2-wrong', 'access', { slots_newCode: code }, async (page) => {
    await press('slot-replace', 'code-written')(page);
    await page.getByTestId('code-typed-1').fill('4TRV');
    await page.getByTestId('code-typed-2').fill('XXXX');
    await press('code-fits')(page);
    await see('failure')(page);
  }),
  topic('code-3', 'access', { slots_newCode: code, slots_replaceCode: failing('storage-failed') }, async (page) => {
    await press('slot-replace', 'code-written')(page);
    await page.getByTestId('code-typed-1').fill('4trv');
    await page.getByTestId('code-typed-2').fill('3zgs');
    await press('code-fits')(page);
    await see('wallet-sign')(page);
  }),
  topic(
    'code-failed',
    'access',
    { slots_newCode: code, slots_replaceCode: failing('storage-failed') },
    async (page) => {
      await press('slot-replace', 'code-written')(page);
      await page.getByTestId('code-typed-1').fill('4trv');
      await page.getByTestId('code-typed-2').fill('3zgs');
      await press('code-fits', 'wallet-sign')(page);
      await see('failure')(page);
    },
  ),
  topic('remove-1', 'access', withThree, removeOf('passphrase')),
  topic('remove-2', 'access', withThree, inTurn(removeOf('wallet'), press('slot-remove-begin'))),
  topic(
    'removing',
    'access',
    { ...withThree, slots_remove: { hang: true } },
    inTurn(removeOf('wallet'), press('slot-remove-begin'), async (page) => {
      await page.getByTestId('passphrase').fill('correct horse');
      await press('secret-submit')(page);
      await page.getByTestId('recovery-code').fill('AAAA-BBBB');
      await press('secret-submit')(page);
      await page.locator('.progress').waitFor();
    }),
  ),

  topic('usual', 'keys'),
  topic('never', 'keys', {
    rotation_get: rotation({ everyDays: 0, nextAtMs: null, lastAtMs: null, publishes: false }),
    network_state: network({ environment: null, inboxNode: null }),
    state_get: state([ada]),
  }),
  topic('ask-alone', 'keys', {}, press('rotation-now')),
  topic('ask-shared', 'keys', { network_state: network({ keysFrom: 'network' }) }, press('rotation-now')),
  topic(
    'ask-policy',
    'keys',
    { network_state: network({ keysFrom: 'network' }), rotation_get: rotation({ everyDays: 0, nextAtMs: null }) },
    (page) => page.getByTestId('rotation-policy').selectOption('30'),
  ),
  topic(
    'renewing',
    'keys',
    { rotation_run: { hang: true } },
    inTurn(press('rotation-now', 'rotation-confirm'), (page) => page.locator('.progress').waitFor()),
  ),
  topic(
    'renewed',
    'keys',
    { rotation_run: rotation() },
    inTurn(press('rotation-now', 'rotation-confirm'), see('rotation-done')),
  ),
  topic('stopped', 'keys', {
    identity_details: details({
      prekeys: [0, 1, 2].map((at) => ({
        publicKeyHex: `04${String(at + 4).repeat(128)}`,
        createdAtMs: now - at * 12 * day,
        current: at === 1,
      })),
    }),
    rotation_get: rotation({
      pending: { stage: 'sealed', startedAtMs: now - 5 * minute, reason: 'unreachable', canCancel: true },
    }),
  }),
  topic(
    'stopped-replace',
    'keys',
    {
      rotation_get: rotation({
        pending: { stage: 'sealed', startedAtMs: now - 5 * minute, reason: 'needs-confirmation', canCancel: true },
      }),
    },
    (page) => page.getByTestId('typed-confirmation').fill('2266'),
  ),
  topic(
    'stopped-narrow',
    'keys',
    {
      rotation_get: rotation({
        pending: { stage: 'copied', startedAtMs: now - 5 * minute, reason: 'refused-by-node', canCancel: false },
      }),
    },
    undefined,
    narrow,
  ),
  topic(
    'failed',
    'keys',
    { rotation_run: failing('storage-failed') },
    inTurn(press('rotation-now', 'rotation-confirm'), see('failure')),
  ),

  topic('none', 'network', {
    state_get: state([ada]),
    network_state: network({ environment: null, contactPublishedAtMs: null }),
  }),
  topic('new', 'network', { network_state: network({ contactPublishedAtMs: null }) }),
  topic('saved', 'network', { network_state: network({ copy: { state: 'saved', atMs: now - 3 * day } }) }),
  topic('unproven', 'network', { network_state: network({ copy: { state: 'published', atMs: now - 3 * day } }) }),
  topic(
    'saved-narrow',
    'network',
    { network_state: network({ copy: { state: 'saved', atMs: now - 3 * day } }) },
    undefined,
    narrow,
  ),
  topic('change', 'network', {}, press('network-change')),
  { ...topic('missing', 'network'), mayReach: false },
  topic('change-address', 'network', { network_check: failing('unreachable') }, async (page) => {
    await press('network-change', 'network-custom')(page);
    await page.getByTestId('network-address').fill('https://other.example');
    await press('network-use')(page);
    await see('failure')(page);
  }),
  topic('older', 'network', { network_state: network({ notice: 'older-prekey-republished' }) }),
  topic(
    'other',
    'network',
    {
      network_state: network({ notice: 'other-identity-published' }),
      network_publishContact: failing('needs-confirmation'),
    },
    inTurn(press('contact-publish'), see('contact-replace')),
  ),
  topic('copy', 'network', {}, press('copy-begin')),
  topic(
    'looked',
    'network',
    {
      network_look: {
        nodeUrl: node.url,
        more: null,
        contact: { version: 2, publishedAtMs: now - 3 * day, identityKeyHex: `04${'9f3a'.repeat(32)}` },
        copies: [{ copyId: 'a'.repeat(64), publishedAtMs: now - 3 * day, text: '' }],
        unreadable: 2,
      },
    },
    inTurn(press('network-look-again'), (page) => page.locator('[data-found]').waitFor()),
  ),
  topic(
    'looked-failed',
    'network',
    { network_look: failing('bad-answer') },
    inTurn(press('network-look-again'), see('failure')),
  ),
  topic(
    'reading',
    'network',
    { network_readHistory: { turns: [{ seen: 120, added: 35, cursor: 'a' }, { hang: true }] } },
    inTurn(press('history-read'), (page) => page.locator('[data-seen="120"]').waitFor()),
  ),

  topic('never', 'backup', {
    backup_state: backup({ lastExportedAtMs: null, lastCheckedAtMs: null, keysChangedSince: true }),
  }),
  topic(
    'unchecked',
    'backup',
    { backup_state: backup({ lastCheckedAtMs: null, keysChangedSince: true }) },
    press('backup-contents'),
  ),
  topic('changed', 'backup', { backup_state: backup({ keysChangedSince: true }) }),
  topic('good', 'backup'),
  topic('good-narrow', 'backup', {}, press('backup-contents'), narrow),
  topic('export-1', 'backup', {}, press('backup-export')),
  topic('export-2', 'backup', {}, inTurn(press('backup-export', 'wallet-sign'), see('protect-passphrase'))),
  topic(
    'export-2-code',
    'backup',
    { slots_check: { turns: [{ slotId: id(1) }, failing('wrong-code')] } },
    inTurn(press('backup-export', 'wallet-sign', 'protect-recovery-code'), async (page) => {
      await page.getByTestId('recovery-code').fill('AAAA');
      await press('backup-protect')(page);
      await see('failure')(page);
    }),
  ),
  topic(
    'exported',
    'backup',
    {
      backup_export: { fileName: 'prekey-vault-0xf39F-2026-11-21.age', file: { $bytes: 'AQID' }, conversations: 1204 },
    },
    inTurn(press('backup-export', 'wallet-sign'), typeNew(), press('backup-protect'), see('backup-saved')),
  ),
  topic('check', 'backup', {}, press('backup-check')),
  checked('good', {}),
  checked('older', { missingConversations: 37 }),
  checked('incomplete', { missingPrekeys: 1, missingConversations: 37, complete: false }),
  checked('other', { sameIdentity: false, missingPrekeys: 3, complete: false }, narrow),
  topic(
    'check-bad-file',
    'backup',
    { backup_check: failing('bad-file') },
    inTurn(press('backup-check'), giveFile, see('failure')),
  ),

  {
    ...unlock,
    name: 'unlock-three',
    answers: {
      state_get: state([identity(0, locked)]),
      unlock_getText: request(['wallet', 'passphrase', 'recovery-code']),
      unlock_withPassphrase: failing('wrong-passphrase'),
    },
    act: async (page) => {
      await press('unlock-way-passphrase')(page);
      await page.getByTestId('passphrase').fill('correct horse');
      await press('secret-submit')(page);
      await see('failure')(page);
    },
  },
  ...[
    ['unlock-passkey', { passkey: true }, async () => undefined],
    ['unlock-passkey-narrow', { passkey: true, size: { width: 320, height: 640 } }, press('passkey-ask')],
    ['unlock-passkey-refused', { passkey: 'refuses' }, inTurn(press('passkey-ask'), see('failure'))],
  ].map(([name, more, act]) => ({
    ...unlock,
    ...more,
    name,
    answers: { state_get: state([identity(0, { ...locked, name: longName })]), ...withFour },
    act,
  })),
  {
    ...unlock,
    name: 'unlock-passphrase-first',
    answers: {
      state_get: state([identity(0, { ...locked, name: longName })]),
      unlock_getText: request(['passphrase', 'recovery-code']),
    },
  },
  {
    ...popup,
    name: 'popup-note',
    answers: {
      state_get: state([ada], online),
      network_state: network(),
      backup_state: backup({ keysChangedSince: true }),
      site_get: { origin: 'https://app.example', grants: [] },
    },
  },
  {
    ...popup,
    name: 'popup-note-network',
    answers: {
      state_get: state([identity(0, { name: longName }), identity(1, locked)], online),
      network_state: network({ notice: 'older-prekey-republished' }),
      backup_state: backup({ keysChangedSince: true }),
      site_get: { origin: 'https://app.example', grants: [] },
    },
  },
];
