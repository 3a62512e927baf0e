// The sentences of message cards, read as a person reads them: in English, from the messages of the package.
// Promises: who, what and how many are said; one is not many; no word of the machinery and no word of a site is in them.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { timedCapabilities, type TimedCapability } from '../../../contract/grants';
import type { MessageFacts } from '../../../contract/pages/approvals';
import { methods } from '../../../contract/dapp/methods';
import { kindWords, messageSentence, type Place } from './message-sentence';

const english = JSON.parse(
  readFileSync(new URL('../../../../public/_locales/en/messages.json', import.meta.url), 'utf8'),
) as Record<string, { message: string }>;
const grace = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const nothing: MessageFacts = {
  items: 1,
  sizeBytes: 100,
  peers: [],
  peerCount: 0,
  conversationCount: 0,
  contentTypes: [],
};
const one = { peers: [grace], peerCount: 1, conversationCount: 1 };

function filled(key: string, places: readonly string[]): string {
  const message = english[key]?.message;
  if (message === undefined) throw new Error(`no message ${key}`);
  return message.replace(/\$(\d)/g, (_, at: string) => places[Number(at) - 1] ?? `[${at} is missing]`);
}
function placed(place: Place): string {
  if (place.is === 'peer') return place.account;
  if (place.is === 'words') return filled(place.key, []);
  const counted = filled(`${place.noun}${place.count === 1 ? 'One' : 'Other'}`, [place.count.toLocaleString('en')]);
  return place.kinds.length === 0
    ? counted
    : filled('amountOfKind', [counted, place.kinds.map((kind) => filled(kind, [])).join(', ')]);
}
function said(
  method: string,
  facts: Partial<MessageFacts> = {},
  capability: TimedCapability = 'messages.read',
): string {
  const { key, places } = messageSentence(capability, method, { ...nothing, ...facts });
  return filled(key, places.map(placed));
}
const keystore = Object.entries(methods).flatMap(([method, { capability, tier }]) => {
  const timed = timedCapabilities.find((name) => name === capability);
  return method.startsWith('xmtp_') && tier === 'approved' && timed ? [{ method, capability: timed }] : [];
});

describe('message sentences', () => {
  test('reading: how many, in which conversations, or with whom', () => {
    expect(said('xmtp_decryptV2', { items: 1000, conversationCount: 12 })).toBe(
      'wants to read 1,000 messages in 12 conversations.',
    );
    expect(said('xmtp_decryptV2', { items: 1000, peers: [grace], peerCount: 12, conversationCount: 12 })).toBe(
      'wants to read 1,000 messages in 12 conversations.',
    );
    expect(said('xmtp_decryptV1', { items: 12, ...one })).toBe(`wants to read 12 messages between you and ${grace}.`);
    expect(said('xmtp_decryptV1', { items: 12, peerCount: 3 })).toBe('wants to read 12 messages with 3 people.');
    expect(said('xmtp_decryptV2')).toBe('wants to read 1 message.');
    expect(said('xmtp_decryptV2', { conversationCount: 1 })).toBe('wants to read 1 message in 1 conversation.');
  });

  test('writing: how many, what kind, to whom', () => {
    expect(said('xmtp_encryptV2', { ...one, contentTypes: ['xmtp.org/text'] })).toBe(
      `wants to send 1 message (text) to ${grace}.`,
    );
    expect(said('xmtp_encryptV2', { ...one, items: 3, contentTypes: ['xmtp.org/text', 'xmtp.org/reaction'] })).toBe(
      `wants to send 3 messages (text, reaction) to ${grace}.`,
    );
    expect(said('xmtp_encryptV1', { items: 250, peers: [grace], peerCount: 3 })).toBe(
      'wants to send 250 messages to 3 people.',
    );
    expect(said('xmtp_encryptV2', { items: 2, conversationCount: 2 })).toBe(
      'wants to send 2 messages in 2 conversations.',
    );
    expect(said('xmtp_encryptV2')).toBe('wants to send 1 message.');
    expect(said('xmtp_createInvite', one)).toBe(`wants to start a conversation with ${grace}.`);
    expect(said('xmtp_publish', { items: 2 })).toBe('wants to send 2 messages over the network.');
    expect(said('xmtp_publish', { items: 3, envelopes: { message: 1, invitation: 2 } })).toBe(
      'wants to send 1 message and 2 invitations over the network.',
    );
    expect(said('xmtp_publish', { items: 2, envelopes: { contact: 2 } })).toBe(
      'wants to send your public keys over the network.',
    );
    expect(
      said('xmtp_publish', {
        items: 5,
        envelopes: { message: 1, introduction: 1, invitation: 1, contact: 1, preferences: 1 },
      }),
    ).toBe('wants to send 5 things over the network.');
    expect(said('xmtp_publish', { items: 1, conversationCount: 1 })).toBe(
      'wants to send 1 message over the network, in 1 conversation.',
    );
  });

  test('keeping and listing conversations', () => {
    expect(said('xmtp_saveInvites', { items: 37 })).toBe('wants to keep 37 new conversations.');
    expect(said('xmtp_saveInvites', { items: 1, ...one })).toBe(`wants to keep 1 new conversation with ${grace}.`);
    expect(said('xmtp_saveV1Conversations', { items: 37, peerCount: 30 })).toBe(
      'wants to keep 37 new conversations with 30 people.',
    );
    expect(said('xmtp_getV2Conversations')).toBe('wants to see the list of your conversations.');
    expect(said('xmtp_getV1Conversations', { conversationCount: 1 })).toBe('wants to see your list of 1 conversation.');
  });

  test('preferences and notifications', () => {
    expect(said('xmtp_savePrivatePreferences', { items: 3 })).toBe(
      'wants to add 3 entries to your list of allowed and blocked people.',
    );
    expect(said('xmtp_selfDecrypt', { items: 1 })).toBe(
      'wants to open 1 entry of your list of allowed and blocked people.',
    );
    expect(said('xmtp_getPrivatePreferences')).toBe('wants to read your list of allowed and blocked people.');
    expect(said('xmtp_getV2ConversationHmacKeys', { items: 12, conversationCount: 12 })).toBe(
      'wants to notify you of new messages in 12 conversations.',
    );
  });

  test('every method that can be asked about has its own sentence, and others get that of their capability', () => {
    expect(keystore.length).toBeGreaterThan(14);
    for (const { method, capability } of keystore) {
      if (method !== 'xmtp_getV2ConversationHmacKeys')
        expect(said(method, {}, capability), method).not.toBe(said('xmtp_later', {}, capability));
    }
    expect(timedCapabilities.map((capability) => said('constructor', {}, capability))).toEqual([
      'wants to read your messages.',
      'wants to write messages as you.',
      'wants to use your list of allowed and blocked people.',
      'wants to notify you of new messages.',
    ]);
  });

  test('law: a sentence is whole, has no jargon and no word of a site, whatever the facts', () => {
    const jargon =
      /hmac|topic|crypt|digest|payload|invite|keystore|token|xmtp|batch|\bitems?\b|\bv[12]\b|\$\d|missing|undefined|NaN/i;
    const hostile = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        'xmtp.org/text',
        'xmtp.org/reply:1.0',
        'evil.example/text',
        'xmtp.org/constructor',
        'xmtp.org/text) to nobody (',
      ),
    );
    const count = fc.integer({ min: 0, max: 1_000_000 });
    const facts = fc.record({
      items: fc.integer({ min: 1, max: 1000 }),
      sizeBytes: count,
      peers: fc.array(fc.oneof(fc.constant(grace), hostile), { maxLength: 5 }),
      peerCount: count,
      conversationCount: count,
      contentTypes: fc.array(hostile, { maxLength: 5 }),
      envelopes: fc.record(
        { message: count, introduction: count, invitation: count, contact: count, preferences: count },
        { requiredKeys: [] },
      ),
    });
    fc.assert(
      fc.property(fc.constantFrom(...keystore), facts, ({ method, capability }, given) => {
        const sentence = said(method, given, capability).replace(grace, 'Grace');
        expect(sentence).toMatch(/^wants [a-zA-Z0-9 ,()]+\.$/);
        expect(sentence).not.toMatch(jargon);
      }),
      { numRuns: 2000 },
    );
  });

  test('kinds have words only when they are exactly ours', () => {
    expect(kindWords('xmtp.org/readReceipt:1.0')).toBe('kindReadReceipt');
    expect(
      ['evil.org/text', 'xmtp.org/texts', 'xmtp.org/__proto__', 'xmtp.org/text ', 'axmtp.org/text', ''].map(kindWords),
    ).toEqual(Array(6).fill(undefined));
    const unknown = said('xmtp_encryptV2', { contentTypes: ['xmtp.org/text', 'evil.example/x'] });
    const truncated = said('xmtp_encryptV2', { contentTypes: Array<string>(5).fill('xmtp.org/text') });
    expect([unknown, truncated]).toEqual(['wants to send 1 message.', 'wants to send 1 message.']);
  });

  test('a string that is no address is never named as a person', () => {
    expect(said('xmtp_encryptV2', { peers: ['Grace'], peerCount: 1 })).toBe('wants to send 1 message to 1 person.');
  });
});
