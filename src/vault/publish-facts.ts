// What a request to publish is about, in facts for an approval card: how many envelopes, to whom, for how many conversations.
// Promises: read from topics alone; nothing is opened. Must not: decide what may be published (publication does).
import type { MessageFacts } from '../contract/internal';
import { publishTopicOf, type PublishEnvelope } from '../protocol/publish';

/** As many peers as a card shows. */
const shownAtMost = 5;

/** Facts about checked envelopes; the account itself is no peer. */
export function publishFacts(account: string, envelopes: readonly PublishEnvelope[]): MessageFacts {
  const peers = new Set<string>();
  const conversations = new Set<string>();
  for (const { contentTopic } of envelopes) {
    const topic = publishTopicOf(contentTopic);
    for (const address of topic?.addresses ?? []) if (address !== account) peers.add(address);
    if (topic?.kind === 'message') conversations.add(contentTopic);
  }
  const sizeBytes = envelopes.reduce((sum, { message }) => sum + message.length, 0);
  const { size: peerCount } = peers;
  return { items: envelopes.length, sizeBytes, peers: [...peers].slice(0, shownAtMost), peerCount, conversationCount: conversations.size, contentTypes: [] };
}
