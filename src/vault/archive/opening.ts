// From rows to what an archive shows: each message opened with the keys of the safe, checked, and told apart from what cannot be read.
// Promises: every row is a message, a repetition of one, or a defect with its reason; whose a message is says its signature (V2) or the header that its
// secret is bound to (V1), never the row. What is remembered of senders and conversations is bounded.
// Must not: see a private key or keep a conversation's; the keystore opens, and its keys are wiped where they are found.
import type { ArchivedConversation, ArchivedItem, ArchivePart, RowDefect } from '../../contract/archive-page';
import { encodeSignedPublicKeyBundle, type SignedPublicKeyBundle } from '../../protocol/keys/bundles';
import { latestMs } from '../../protocol/base/dates';
import { bytesToLatin1 } from '../../protocol/base/bytes';
import { ProtocolError } from '../../protocol/base/errors';
import { verifyPreKey, walletAddressOf } from '../../protocol/keys/keys';
import type { ItemOutcome } from '../../protocol/keystore/messages';
import {
  decodeDecryptResponse,
  encodeDecryptV1Request,
  encodeDecryptV2Request,
  type DecryptV1Item,
  type DecryptV2Item,
} from '../../protocol/keystore/messages';
import { decodeMessage, messageId } from '../../protocol/messages/message';
import { decodeMessageHeaderV1 } from '../../protocol/messages/message-v1';
import { checkHeaderTopic, decodeSignedContent, verifySignedContent } from '../../protocol/messages/message-v2';
import { directMessageTopic, introTopic } from '../../protocol/messages/topics';
import { attempt } from '../keystore/call';
import type { Conversations } from '../keystore/conversations';
import type { Keystore } from '../keystore/keystore';
import type { People } from '../people/people';
import { inSlices, type TakeSlice } from '../work/slices';
import { shownContent } from './contents';
import type { GatheredRow } from './rows';

/** Rows that are opened in one step. */
export const rowsOfStep = 500;
/** Senders that are remembered while one archive is made. */
const mostSenders = 10_000;
/** No document of a page ever has this key. */
const documentKey = 'archive';

export interface Opening {
  /** What these rows are. Throws 'locked' and what the keystore throws. */
  open(rows: readonly GatheredRow[]): Promise<{ part: ArchivePart; repeated: number }>;
  conversations(): number;
}

/** A row that could be one of V1 or V2, ready to be opened. */
type Candidate =
  | { version: 1; topic: string; peer: string; isMine: boolean; atMs: number; id: string; item: DecryptV1Item }
  | { version: 2; topic: string; atMs: number; id: string; item: DecryptV2Item };

interface Refused {
  defect: RowDefect;
  /** Where it is known. */
  topic: string | null;
  atMs: number;
}

const atMsOf = (ms: bigint): number => (ms > BigInt(latestMs) ? latestMs : Number(ms));

export function createOpening(options: {
  safeId: string;
  account: string;
  keystore: Pick<Keystore, 'run'>;
  conversations: Pick<Conversations, 'find'>;
  people: Pick<People, 'named'>;
  take: TakeSlice;
  nowMs: () => number;
}): Opening {
  const { safeId, account, keystore, conversations, people, take, nowMs } = options;
  const numbers = new Map<string, number>();
  const peers = new Map<string, string>();
  const seen = new Set<string>();
  const senders = new Map<string, { isPreKeySigned: boolean; account: string | ProtocolError }>();

  function senderOf(bundle: SignedPublicKeyBundle) {
    const name = bytesToLatin1(encodeSignedPublicKeyBundle(bundle));
    const known = senders.get(name);
    if (known) return known;
    if (senders.size >= mostSenders) senders.clear();
    const fresh = {
      isPreKeySigned: verifyPreKey(bundle.preKey, bundle.identityKey),
      account: attempt(() => walletAddressOf(bundle.identityKey)),
    };
    senders.set(name, fresh);
    return fresh;
  }

  const checks = {
    isPreKeySigned: (bundle: SignedPublicKeyBundle) => senderOf(bundle).isPreKeySigned,
    accountOf(bundle: SignedPublicKeyBundle): string {
      const known = senderOf(bundle).account;
      if (known instanceof ProtocolError) throw known;
      return known;
    },
  };

  /** A row read as far as it can be without a key. */
  function read({ contentTopic, timestampNs, message }: GatheredRow): Candidate | Refused {
    const refused = (defect: RowDefect, topic: string | null): Refused => ({
      defect,
      topic,
      atMs: atMsOf(timestampNs / 1_000_000n),
    });
    const known = numbers.has(contentTopic) ? contentTopic : null;
    const decoded = attempt(() => decodeMessage(message));
    if (decoded instanceof ProtocolError) return refused('not-a-message', known);
    const { headerBytes, ciphertext: payload } = decoded;
    const id = messageId(message);
    if (decoded.version === 2) {
      const header = attempt(() => checkHeaderTopic(headerBytes, contentTopic));
      if (header instanceof ProtocolError) return refused('not-genuine', known);
      const atMs = atMsOf(header.createdNs / 1_000_000n);
      return { version: 2, topic: contentTopic, atMs, id, item: { payload, headerBytes, contentTopic } };
    }
    const header = attempt(() => {
      const { sender, recipient, timestampMs } = decodeMessageHeaderV1(headerBytes);
      const parties = [walletAddressOf(sender.identityKey), walletAddressOf(recipient.identityKey)] as const;
      return { sender, recipient, timestampMs, parties };
    });
    if (header instanceof ProtocolError) return refused('not-a-message', known);
    const { sender, recipient, timestampMs, parties } = header;
    const topic = directMessageTopic(...parties);
    const isMine = parties[0] === account;
    if ((!isMine && parties[1] !== account) || (contentTopic !== topic && contentTopic !== introTopic(account)))
      return refused('not-genuine', known);
    const peer = isMine ? parties[1] : parties[0];
    const item = { payload, headerBytes, isSender: isMine, peerKeys: isMine ? recipient : sender };
    return { version: 1, topic, peer, isMine, atMs: atMsOf(timestampMs), id, item };
  }

  async function openAll<Item>(
    method: 'xmtp_decryptV1' | 'xmtp_decryptV2',
    items: readonly Item[],
    encode: (items: readonly Item[]) => Uint8Array,
  ): Promise<ItemOutcome<Uint8Array>[]> {
    if (items.length === 0) return [];
    return decodeDecryptResponse(await keystore.run(safeId, method, encode(items), { documentKey, nowMs: nowMs() }));
  }

  /** Gives conversations their numbers, those that are new as the part needs them. */
  async function introduce(
    met: readonly { topic: string; version: 1 | 2; peer?: string }[],
  ): Promise<ArchivedConversation[]> {
    const fresh = [...new Map(met.filter(({ topic }) => !numbers.has(topic)).map((one) => [one.topic, one])).values()];
    const found = await conversations.find(
      safeId,
      fresh.flatMap(({ topic, version }) => (version === 2 ? [topic] : [])),
      { take },
    );
    const known = new Map(
      found.flatMap((one) => {
        one?.topicSecret.fill(0);
        return one ? [[one.reference.topic, one.reference] as const] : [];
      }),
    );
    const named = new Map(
      (
        await people.named(
          safeId,
          fresh.map(({ topic, peer }) => peer ?? known.get(topic)?.peerAddress ?? ''),
        )
      ).map((person) => [person.account.toLowerCase(), person.name]),
    );
    return fresh.map(({ topic, version, peer: given }) => {
      const peer = given ?? known.get(topic)?.peerAddress ?? '';
      numbers.set(topic, numbers.size);
      peers.set(topic, peer);
      return {
        number: numbers.size - 1,
        version,
        topic,
        peer,
        name: named.get(peer.toLowerCase()) ?? '',
        about: known.get(topic)?.context?.conversationId ?? '',
      };
    });
  }

  /** By whom a V2 message is, and what it says; or why not. */
  function verified(
    outcome: ItemOutcome<Uint8Array>,
    { item }: { item: DecryptV2Item },
  ): { by: string; payload: Uint8Array } | RowDefect {
    if ('refusal' in outcome) return outcome.refusal.code === 2 ? 'no-key' : 'does-not-open';
    const opened = attempt(() => {
      const content = decodeSignedContent(outcome.result);
      return { by: verifySignedContent(content, item.headerBytes, checks), payload: content.payload };
    });
    return opened instanceof ProtocolError ? 'not-genuine' : opened;
  }

  return {
    async open(rows) {
      const readable = await inSlices(take, rows, read);
      const fresh = readable.filter((one): one is Candidate => 'version' in one && !seen.has(one.id));
      // Of one message under several topics the first.
      const first = [...new Map(fresh.toReversed().map((one) => [one.id, one])).values()].toReversed();
      const [ofV1, ofV2] = [first.filter((one) => one.version === 1), first.filter((one) => one.version === 2)];
      const openedV1 = await openAll(
        'xmtp_decryptV1',
        ofV1.map(({ item }) => item),
        encodeDecryptV1Request,
      );
      const openedV2 = await openAll(
        'xmtp_decryptV2',
        ofV2.map(({ item }) => item),
        encodeDecryptV2Request,
      );
      const results = new Map<string, { by: string; payload: Uint8Array } | RowDefect>();
      for (const [index, one] of ofV1.entries()) {
        const outcome = openedV1[index] as ItemOutcome<Uint8Array>;
        const defect = () => ('refusal' in outcome && outcome.refusal.code === 2 ? 'no-key' : 'does-not-open');
        results.set(
          one.id,
          'result' in outcome ? { by: one.isMine ? 'me' : 'peer', payload: outcome.result } : defect(),
        );
      }
      const checked = await inSlices(take, ofV2, (one, index) =>
        verified(openedV2[index] as ItemOutcome<Uint8Array>, one),
      );
      for (const [index, one] of ofV2.entries()) results.set(one.id, checked[index] as RowDefect);
      // A topic that no key of ours opens is no conversation that is known.
      const met = first.filter(({ id }) => results.get(id) !== 'no-key' && results.get(id) !== 'does-not-open');
      const part: ArchivePart = { conversations: await introduce(met), items: [] };
      let repeated = 0;
      for (const one of readable) {
        if (!('version' in one)) part.items.push({ in: numberOf(one.topic), atMs: one.atMs, unreadable: one.defect });
        else if (seen.has(one.id)) repeated++;
        else {
          seen.add(one.id);
          part.items.push(await itemOf(one, results.get(one.id) ?? 'does-not-open'));
        }
      }
      return { part, repeated };
    },
    conversations: () => numbers.size,
  };

  function numberOf(topic: string | null): number | null {
    return topic === null ? null : (numbers.get(topic) ?? null);
  }

  async function itemOf(
    { topic, atMs, id }: Candidate,
    result: { by: string; payload: Uint8Array } | RowDefect,
  ): Promise<ArchivedItem> {
    const number = numberOf(topic);
    if (typeof result === 'string') return { in: number, atMs, unreadable: result };
    if (number === null) return { in: null, atMs, unreadable: 'no-key' };
    const { by: sender, payload } = result;
    const by = sender === account ? 'me' : sender === peers.get(topic) ? 'peer' : sender;
    return { in: number, atMs, id, by, content: await shownContent(payload) };
  }
}
