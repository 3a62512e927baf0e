// The page of an archive around what the worker writes: our reader's script and style, and the words of the language of today.
// Promises: the script is the package's own file, as it is, and the policy of the page names it and the style by their hashes.
// Must not: know a message.
import browser from 'webextension-polyfill';
import { pageAround } from '../../../contract/archive-page';
import { textDirection, textLanguage } from '../../language/words';
import { readerWords, type ReaderWords } from '../../reader/reader-words';
import style from '../../reader/reader-page.css?inline';
import { t, type MessageKey } from '../../text';

const keys = {
  title: 'readerTitle',
  made: 'readerMade',
  messages: 'readerMessages',
  conversations: 'readerConversations',
  attachments: 'readerAttachments',
  search: 'readerSearch',
  searchFound: 'readerFound',
  searchNone: 'readerFoundNone',
  chooseOne: 'readerChoose',
  nothing: 'readerNothing',
  you: 'readerYou',
  otherSender: 'readerOther',
  replyTo: 'readerReply',
  reaction: 'readerReaction',
  remote: 'readerRemote',
  otherContent: 'readerOtherContent',
  more: 'readerMore',
  save: 'readerSave',
  notInFile: 'readerNotInFile',
  attachmentsNote: 'readerAttachmentsNote',
  left: 'readerLeft',
  cutShort: 'readerCutShort',
  unreadableHere: 'readerUnreadable',
  'not-a-message': 'defectNotMessage',
  'no-key': 'defectNoKey',
  'does-not-open': 'defectNotOpen',
  'not-genuine': 'defectNotGenuine',
  invitation: 'defectInvitation',
  damaged: 'defectDamaged',
  badLines: 'defectBadLines',
  otherRows: 'defectOtherRows',
  repeated: 'defectRepeated',
  attachmentsLeft: 'defectAttachments',
  v1: 'readerV1',
} as const satisfies Record<keyof ReaderWords, MessageKey>;

/** What the reader says, in the language of our pages. Numbers and dates go in later, where `$1` stands. */
export function wordsOfReader(): ReaderWords {
  return Object.fromEntries(readerWords.map((name) => [name, t(keys[name], '$1')])) as ReaderWords;
}

/** What stands before and after what the worker writes. */
export async function aroundArchive(): Promise<{ head: string; tail: string }> {
  const answer = await fetch(browser.runtime.getURL('archive-reader.js'));
  const script = (await answer.text()).trim();
  return pageAround({
    language: textLanguage(),
    direction: textDirection(),
    title: t('readerTitle'),
    withoutScript: t('readerNeedsScript'),
    words: wordsOfReader(),
    style,
    styleHash: await hashOf(style),
    script,
    scriptHash: await hashOf(script),
  });
}

async function hashOf(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return btoa(String.fromCharCode(...digest));
}
