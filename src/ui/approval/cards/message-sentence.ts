// What a `messages` card says: who reads or writes what, how many, with whom, from the facts the vault read off the request.
// Promises: pure; every method has a sentence, and numbers, people and kinds are places in it, so that each is drawn by its own part.
// Must not: put a site's words into a sentence. A kind of content it does not know stands below, never here.
import type { TimedCapability } from '../../../contract/grants';
import type { MessageFacts } from '../../../contract/pages/approvals';
import { isAccount } from '../../../contract/address';
import type { MessageKey, PluralStem } from '../../text';

/** Something that stands in a sentence in place of $1, $2 … */
export type Place =
  /** A number with its noun, and in parentheses what kinds of it. */
  | { is: 'amount'; noun: PluralStem; count: number; kinds: MessageKey[] }
  /** What there is one of, or what nobody counts. */
  | { is: 'words'; key: MessageKey }
  | { is: 'peer'; account: string };

export interface Sentence {
  key: MessageKey;
  places: Place[];
}

/** `MessageFacts` names this many peers and kinds at most. */
export const namedAtMost = 5;
/** More kinds than this would make the sentence hard to read. */
const kindsInSentence = 2;

const kinds = new Map<string, MessageKey>([
  ['text', 'kindText'],
  ['reaction', 'kindReaction'],
  ['reply', 'kindReply'],
  ['readReceipt', 'kindReadReceipt'],
  ['attachment', 'kindAttachment'],
  ['remoteStaticAttachment', 'kindAttachment'],
  ['multiRemoteStaticAttachment', 'kindAttachment'],
  ['transactionReference', 'kindTransaction'],
]);

/** Words for a kind of content ("xmtp.org/text", with or without a version); undefined for kinds we have none for. */
export function kindWords(contentType: string): MessageKey | undefined {
  const [, name = ''] = /^xmtp\.org\/([A-Za-z]+)(?::\d+\.\d+)?$/.exec(contentType) ?? [];
  return kinds.get(name);
}

/** The kinds in our words, once each; undefined when there are none, too many, or one without words. */
function kindsOf({ contentTypes }: MessageFacts): MessageKey[] | undefined {
  if (contentTypes.length >= namedAtMost) return undefined;
  const words = [...new Set(contentTypes.map(kindWords))];
  const known = words.filter((word) => word !== undefined);
  return known.length === words.length && known.length <= kindsInSentence ? known : undefined;
}

const amount = (noun: PluralStem, count: number, ofKinds: MessageKey[] = []): Place => ({
  is: 'amount',
  noun,
  count,
  kinds: ofKinds,
});
const messages = ({ items }: MessageFacts) => amount('messages', items);
const conversations = (count: number) => amount('conversations', count);
const entries = ({ items }: MessageFacts) => amount('entries', items);

/** The one peer by address, or how many people; undefined when nobody is known. */
function people({ peers, peerCount }: MessageFacts): Place | undefined {
  const [only] = peers;
  if (peerCount === 1 && only !== undefined && isAccount(only)) return { is: 'peer', account: only };
  return peerCount > 0 ? amount('people', peerCount) : undefined;
}

function sentence(key: MessageKey, ...places: Place[]): Sentence {
  return { key, places };
}

function reading(facts: MessageFacts): Sentence {
  const who = people(facts);
  if (who?.is === 'peer' && facts.conversationCount <= 1) return sentence('wantsReadBetween', messages(facts), who);
  if (facts.conversationCount > 0)
    return sentence('wantsReadIn', messages(facts), conversations(facts.conversationCount));
  return who ? sentence('wantsReadWith', messages(facts), who) : sentence('wantsRead', messages(facts));
}

function writing(facts: MessageFacts): Sentence {
  const what = amount('messages', facts.items, kindsOf(facts));
  const who = people(facts);
  if (who) return sentence('wantsSendTo', what, who);
  return facts.conversationCount > 0
    ? sentence('wantsSendIn', what, conversations(facts.conversationCount))
    : sentence('wantsSend', what);
}

type EnvelopeKind = keyof NonNullable<MessageFacts['envelopes']>;

/** What envelopes hold, as nouns, in the order in which they are named. */
const envelopeWords: readonly [kind: EnvelopeKind, place: (count: number) => Place][] = [
  ['message', (count) => amount('messages', count)],
  ['introduction', (count) => amount('introductions', count)],
  ['invitation', (count) => amount('invitations', count)],
  ['contact', () => ({ is: 'words', key: 'yourPublicKeys' })],
  ['preferences', (count) => amount('listEntries', count)],
];
const publishKeys: readonly MessageKey[] = ['wantsPublish', 'wantsPublishTwo', 'wantsPublishThree'];

/** Whether nothing but public keys is handed to the network. */
export function isOnlyContact({ envelopes }: MessageFacts): boolean {
  return (
    envelopes !== undefined && envelopeWords.every(([kind]) => (envelopes[kind] ?? 0) > 0 === (kind === 'contact'))
  );
}

/** What is handed to the network is sealed: only its kind can be told, by where it goes. */
function publishing(facts: MessageFacts): Sentence {
  const { conversationCount, envelopes = { message: facts.items } } = facts;
  const parts = envelopeWords.flatMap(([kind, place]) => {
    const count = envelopes[kind] ?? 0;
    return count > 0 ? [place(count)] : [];
  });
  const key = publishKeys[parts.length - 1];
  if (key === undefined) return sentence('wantsPublish', amount('things', facts.items));
  const isMessages = parts.length === 1 && (envelopes.message ?? 0) > 0;
  return isMessages && conversationCount > 0
    ? sentence('wantsPublishIn', ...parts, conversations(conversationCount))
    : sentence(key, ...parts);
}

function keeping(facts: MessageFacts): Sentence {
  const who = people(facts);
  const what = amount('newConversations', facts.items);
  return who ? sentence('wantsKeepWith', what, who) : sentence('wantsKeep', what);
}

function listing({ conversationCount }: MessageFacts): Sentence {
  return conversationCount > 0 ? sentence('wantsListOf', conversations(conversationCount)) : sentence('wantsList');
}

function starting(facts: MessageFacts): Sentence {
  const who = people(facts);
  return who ? sentence('wantsStartWith', who) : sentence('wantsStart');
}

function notifying({ conversationCount }: MessageFacts): Sentence {
  return conversationCount > 0 ? sentence('wantsNotifyIn', conversations(conversationCount)) : sentence('wantsNotify');
}

const byMethod = new Map<string, (facts: MessageFacts) => Sentence>([
  ['xmtp_decryptV1', reading],
  ['xmtp_decryptV2', reading],
  ['xmtp_saveInvites', keeping],
  ['xmtp_saveV1Conversations', keeping],
  ['xmtp_getV1Conversations', listing],
  ['xmtp_getV2Conversations', listing],
  ['xmtp_createInvite', starting],
  ['xmtp_encryptV1', writing],
  ['xmtp_encryptV2', writing],
  ['xmtp_publish', publishing],
  ['xmtp_getV2ConversationHmacKeys', notifying],
  ['xmtp_selfEncrypt', (facts) => sentence('wantsSealEntries', entries(facts))],
  ['xmtp_selfDecrypt', (facts) => sentence('wantsOpenEntries', entries(facts))],
  ['xmtp_getPrivatePreferencesTopicIdentifier', () => sentence('wantsPreferencesPlace')],
  ['xmtp_getPrivatePreferences', () => sentence('wantsPreferencesRead')],
  ['xmtp_createPrivatePreference', () => sentence('wantsPreferencesChange')],
  ['xmtp_savePrivatePreferences', (facts) => sentence('wantsPreferencesAdd', entries(facts))],
]);

const byCapability: Record<TimedCapability, MessageKey> = {
  'messages.read': 'wantsReadAny',
  'messages.write': 'wantsWriteAny',
  preferences: 'wantsPreferencesAny',
  notifications: 'wantsNotify',
};

/** What happens, to stand after the origin. A method without a sentence of its own gets that of its capability. */
export function messageSentence(capability: TimedCapability, method: string, facts: MessageFacts): Sentence {
  return byMethod.get(method)?.(facts) ?? sentence(byCapability[capability]);
}
