// Old messages in pictures: nothing read, read, reading, failing; the task of saving; an archive that is read; several key files at once.
import { day, node, topic } from './one-identity.mjs';
import { accounts, ada, id, longName, now, press, state } from './things.mjs';

const nothing = { rows: 0, bytes: 0, invitationsLeft: 0, badLines: 0, otherRows: 0, nodes: {} };
const some = {
  rows: 12_408,
  bytes: 14_200_000,
  invitationsLeft: 3,
  badLines: 2,
  otherRows: 17,
  nodes: { [node.url]: { rows: 9_000, badLines: 0, otherRows: 0, isAtEnd: false } },
};
const page = (name, archive, act, more = {}) =>
  topic(name, 'archive', { archive_state: archive, ...more.answers }, act, {
    ...more,
    ready: '[data-testid="archive-topic"]',
  });
const narrow = { size: { width: 320, height: 800 } };
const lines = { name: 'envelopes.jsonl', mimeType: '', buffer: Buffer.from('{}\n') };

const block = (name, value) =>
  `<script type="application/json" data-archive="${name}">${JSON.stringify(value).replaceAll('<', '\\u003c')}</script>\n`;
const talk = (number, name, version = 2, about = '') => ({
  number,
  version,
  topic: `/xmtp/0/m-${number}/proto`,
  peer: accounts[number + 1] ?? `0x${String(number).repeat(40)}`,
  name,
  about,
});
const said = (to, at, by, content) => ({
  in: to,
  atMs: now - (100 - at) * day,
  id: `i${at}`,
  by,
  content: typeof content === 'string' ? { kind: 'text', text: content } : content,
});
const parts = {
  conversations: [talk(0, 'Grace', 2, 'chat.app.example/dm/42'), talk(1, longName), talk(2, 'غريس هوبر', 1)],
  items: [
    said(0, 1, 'me', 'Is the boat still in Utrecht?'),
    said(0, 2, 'peer', 'It is. <b>Bring paint</b>, and somebody who can hold a ladder:\n\n  green\n  white'),
    said(0, 3, 'peer', { kind: 'attachment', name: 'boat.png', type: 'image/png', bytes: 48_211, data: 'AQID' }),
    said(0, 4, 'me', { kind: 'reply', to: 'i2', text: 'Green it is', raw: '' }),
    said(0, 5, 'peer', { kind: 'reaction', to: 'i4', text: '👍', raw: '' }),
    said(0, 6, `0x${'9b'.repeat(20)}`, 'I have the key too'),
    { in: 0, atMs: now - 94 * day, unreadable: 'not-genuine' },
    said(0, 7, 'peer', {
      kind: 'remote',
      name: 'film.mp4',
      bytes: 71_000_000,
      url: 'https://files.example/a/very/long/address',
      raw: '',
    }),
    said(0, 8, 'peer', { kind: 'other', type: 'pay.example/request:1.0', fallback: 'A request for 3 USDC', raw: '' }),
    said(1, 9, 'peer', 'hello'),
    said(2, 10, 'peer', 'مرحبا، كيف الحال؟'),
  ],
};
const end = {
  messages: 10,
  conversations: 3,
  repeated: 4,
  unreadable: { 'not-genuine': 1, invitation: 3 },
  attachmentsLeft: 0,
  damaged: 0,
  badLines: 2,
  otherRows: 17,
};
const archiveFile = (whole) => ({
  name: 'prekey-vault-messages-0xf39fd6e5-2026-11-21.html',
  mimeType: 'text/html',
  buffer: Buffer.from(
    block('head', { format: 1, account: accounts[0], madeAtMs: now }) +
      block('part', parts) +
      (whole ? block('end', end) : ''),
  ),
});
const opened =
  (whole, act = async () => undefined) =>
  async (shown) => {
    await press('archive-open')(shown);
    await shown.getByTestId('archive-file').setInputFiles(archiveFile(whole));
    await shown.locator('[data-testid="archive-open-submit"][aria-disabled="false"]').waitFor();
    await press('archive-open-submit')(shown);
    await shown.getByTestId('reader').waitFor();
    await act(shown);
  };
const firstTalk = async (shown) => {
  await shown.getByTestId('reader-left').locator('summary').click();
  await shown.getByRole('button', { name: /Grace/ }).click();
};
const writing = { archive_write: { writingId: id(9), rowsInAll: 12_408 }, archive_piece: { hang: true } };

export const archiveScenes = [
  page('nothing', nothing),
  page('nothing-no-node', nothing, undefined, { answers: { state_get: state([ada]) } }),
  page('some', some),
  page('some-narrow', some, undefined, narrow),
  page('reading-node', some, press('gather-node'), {
    answers: {
      archive_readNode: {
        turns: [
          { at: 'conversations', seen: 100, added: 100, topics: { done: 50, all: 312 }, isAtEnd: false },
          { hang: true },
        ],
      },
    },
  }),
  page('reading-failed', some, press('gather-node'), {
    answers: { archive_readNode: { error: { reason: 'unreachable' } } },
  }),
  page('reading-files', some, async (shown) => shown.getByTestId('gather-files').setInputFiles(lines), {
    answers: { archive_fileBegun: 0, archive_readLines: { hang: true } },
  }),
  page('read', some, async (shown) => shown.getByTestId('gather-files').setInputFiles(lines), {
    answers: { archive_fileBegun: 0, archive_readLines: { rows: 1, added: 1, badLines: 0, otherRows: 0 } },
  }),
  page('save', some, press('archive-write')),
  page('save-page', some, press('archive-write', 'archive-page')),
  page('save-page-narrow', some, press('archive-write', 'archive-page'), narrow),
  page('save-proof', some, press('archive-write', 'archive-continue')),
  page('save-protect', some, press('archive-write', 'archive-continue', 'wallet-sign')),
  page(
    'save-writing',
    some,
    press('archive-write', 'archive-page', 'archive-knows', 'archive-continue', 'wallet-sign'),
    {
      answers: writing,
    },
  ),
  page('remove', some, press('archive-remove')),
  page('open', some, press('archive-open')),
  page('open-foreign', some, async (shown) => {
    await press('archive-open')(shown);
    await shown
      .getByTestId('archive-file')
      .setInputFiles({ name: 'x.html', mimeType: '', buffer: Buffer.from('nothing') });
    await shown.locator('[data-testid="archive-open-submit"][aria-disabled="false"]').waitFor();
    await press('archive-open-submit')(shown);
    await shown.getByTestId('archive-foreign').waitFor();
  }),
  page('reader', some, opened(true)),
  page('reader-talk', some, opened(true, firstTalk)),
  page('reader-talk-narrow', some, opened(true, firstTalk), narrow),
  page(
    'reader-search',
    some,
    opened(true, async (shown) => shown.getByTestId('reader-search').fill('boat')),
  ),
  page('reader-attachments', some, opened(true, press('reader-show-attachments'))),
  page('reader-cut-short', some, opened(false)),
];
