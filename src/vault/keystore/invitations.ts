// Conversations through the keystore API: invitations are made, opened and saved; lists are told (protocol e.2, e.3, g.2, j).
// Promises: the peer is the other side of the header, whichever of our prekeys it names; a known conversation is used again.
// Must not: say that something is saved before it is on disk, or let a topic key out.
import { KeystoreRefusal, VaultError } from '../../contract/errors';
import { limits } from '../../contract/limits';
import type { ConversationReference } from '../../protocol/messages/conversation';
import { encodeConversationReference, v1ConversationOf } from '../../protocol/messages/conversation';
import { ProtocolError } from '../../protocol/base/errors';
import type { Invitation, SealedInvitation } from '../../protocol/messages/invitation';
import {
  checkInvitationTime,
  conversationOf,
  decodeInvitation,
  decodeSealedInvitation,
  derivationOf,
} from '../../protocol/messages/invitation';
import {
  checkEmptyRequest,
  decodeConversations,
  decodeCreateInviteRequest,
  encodeCreateInviteResponse,
  encodeEncodedConversations,
} from '../../protocol/keystore/calls';
import type { ItemOutcome, RequestItem, SaveInvitesItem } from '../../protocol/keystore/messages';
import { decodeSaveInvitesRequest, encodeSaveInvitesResponse } from '../../protocol/keystore/messages';
import { partiesOf } from '../../protocol/messages/sender-and-peer';
import type { Role } from '../../protocol/keys/shared-secret';
import { begunKey, type Conversation, type InvitedConversation } from './conversations';
import { asBytes } from '../store/encoding';
import { inGroups } from '../work/batches';
import type { KeystoreCall, KeystoreHandler } from './call';
import {
  addressOfKey,
  attempt,
  encodeAndRelease,
  ownKeys,
  readBatch,
  readRequest,
  refusedFor,
  documentPrekeyOf,
} from './call';
import { keystoreLimits } from '../store/limits';
import type { PairKeys } from '../keys/identity-memory';
import { pairsFor } from './peer-keys';
import { idHostOf, listFilter, onlyReached, placeOfUnknown, reaches, type Place } from './reach';
import { importMessageKey, isDerived, openMessage } from './message-crypto';
import type { OwnKeys } from '../keys/own-keys';
import { ownPreKey } from '../keys/own-keys';
import { invite, type Agreement } from '../keys/message-keys';
import { inSlices } from '../work/slices';

/**
 * Opens invitations and saves their conversations, all in one flushed transaction. Which of several for a topic counts is said at
 * `Conversations.add`; the others succeed as well.
 */
export const saveInvites: KeystoreHandler = async (call, request) => {
  const items = await call.take(() => readBatch(decodeSaveInvitesRequest, request));
  const own = await ownKeys(call);
  const judged = await inSlices(call.take, items, (item) => judge(own, item));
  const pairs = await pairsFor(call, judged);
  const opened = await inGroups(
    judged,
    async (one, index) => {
      const pair = pairs[index];
      if (one instanceof ProtocolError) return one;
      return pair === undefined || pair instanceof ProtocolError ? notOpened : openOne(call, one, pair);
    },
    { take: call.take, size: keystoreLimits.invitationsOfSlice },
  );
  const reached = await onlyReached(call, opened, placeOf);
  for (const [index, one] of opened.entries())
    if (!(one instanceof ProtocolError) && reached[index] !== one) one.topicSecret.fill(0);
  await save(
    call,
    reached.flatMap((one) => (one instanceof ProtocolError ? [] : [one])),
  );
  const outcomes = reached.map((one): ItemOutcome<ConversationReference> => {
    return one instanceof ProtocolError ? refusedFor('saveInvites', one) : { result: one.reference };
  });
  return encodeSaveInvitesResponse(outcomes);
};

/** Makes an invitation, also for the conversation that is known with this peer under this id. */
export const createInvite: KeystoreHandler = async (call, request) => {
  const { recipient, createdNs, context, consentProof } = readRequest(decodeCreateInviteRequest, request);
  const own = await ownKeys(call);
  const peerAddress = readRequest(() => addressOfKey(call, recipient.identityKey), request);
  const known = await call.conversations.findOfPeer(call.safeId, peerAddress, context?.conversationId ?? '');
  const place = known ? placeOf(known) : placeOfUnknown(peerAddress, context?.conversationId);
  const [mayTouch] = await reaches(call, [place]);
  if (!mayTouch) {
    known?.topicSecret.fill(0);
    throw new KeystoreRefusal(3);
  }
  const made = await call.take(() =>
    call.withBundleSecret((bundleSecret) =>
      invite(bundleSecret, {
        own,
        preKey: documentPrekeyOf(call, own),
        recipient,
        createdNs,
        context,
        consentProof,
        known: known && { invitation: invitationOf(known, consentProof), peerAddress },
        salt32: call.randomBytes(32),
        nonce12: call.randomBytes(12),
      }),
    ),
  );
  known?.topicSecret.fill(0);
  // Everything that can be wrong here is the caller's input (protocol g.2).
  if (made instanceof ProtocolError) throw new KeystoreRefusal(1);
  const { invitation, conversation, sealed } = made;
  if (known) {
    await call.conversations.keep(call.safeId, [known.reference.topic], call);
    return encodeCreateInviteResponse({ conversation: known.reference, payload: sealed });
  }
  readRequest(() => mustFit(conversation), request);
  // Derived here and now, from our own keys and the recipient's.
  const isProven = async () => true;
  const [isAdded] = await save(call, [
    { reference: conversation, topicSecret: asBytes(invitation.keyMaterial), isProven },
  ]);
  if (isAdded) await begin(call, conversation);
  return encodeCreateInviteResponse({ conversation, payload: sealed });
};

/** Every V2 conversation, ascending by the time it was made. */
export const getV2Conversations: KeystoreHandler = async (call, request) => {
  readRequest(checkEmptyRequest, request);
  const isMeant = await listFilter(call, 2);
  return encodeAndRelease(await call.conversations.list(call.safeId, isMeant), encodeEncodedConversations);
};

/** Every V1 conversation, in the order they were saved. */
export const getV1Conversations: KeystoreHandler = async (call, request) => {
  readRequest(checkEmptyRequest, request);
  const isMeant = await listFilter(call, 1);
  return encodeAndRelease(await call.conversations.listPeers(call.safeId, isMeant), encodeEncodedConversations);
};

/**
 * Saves V1 conversations: topics are computed anew, the first of a topic wins, a wrong address refuses the whole call. Those that may not be
 * touched are left out; the answer has no place to say so.
 */
export const saveV1Conversations: KeystoreHandler = async (call, request) => {
  const given = readRequest(decodeConversations, request);
  if (given.length > limits.batchItems) throw new VaultError('limit');
  const named = readRequest(() => given.map((one) => bareV1(v1ConversationOf(one, call.account))), request);
  const reached = await reaches(
    call,
    named.map((one) => ({ ...one, idHost: '' })),
  );
  const peers = named.filter((_one, index) => reached[index]);
  const { origin, take, memory } = call;
  await call.conversations.addPeers(call.safeId, peers, {
    origin,
    take,
    isWritten: (topic) => memory.writtenPeers.get(topic) === true,
  });
  return new Uint8Array(0);
};

interface Judged {
  sealed: SealedInvitation;
  agreement: Agreement;
  role: Role;
}

const notOpened = new ProtocolError('not-opened', 'sealed bytes do not open with this secret');

function judge(own: OwnKeys, item: RequestItem<SaveInvitesItem>): Judged | ProtocolError {
  if (item instanceof ProtocolError) return item;
  return attempt(() => {
    const sealed = decodeSealedInvitation(item.payload);
    checkInvitationTime(sealed.header, item.timestampNs);
    const { role, myPreKey, peer } = partiesOf(sealed.header, own.identityKey.publicKey);
    const preKey = ownPreKey(own, myPreKey);
    if (!preKey) throw new ProtocolError('no-matching-prekey', 'none of our prekeys is the one named');
    return { sealed, agreement: { peer, preKey }, role };
  });
}

async function openOne(
  call: KeystoreCall,
  { sealed, agreement, role }: Judged,
  pair: PairKeys,
): Promise<InvitedConversation | ProtocolError> {
  const plainSecret = await openMessage(pair[role], sealed.ciphertext, sealed.headerBytes);
  if (!plainSecret) return notOpened;
  try {
    return attempt(() => {
      const invitation = decodeInvitation(plainSecret);
      const peerAddress = addressOfKey(call, agreement.peer.identityKey);
      const reference = conversationOf(invitation, peerAddress, sealed.header.createdNs);
      mustFit(reference);
      // Also where the header says that we sent it: the secret is the same on both sides, so that the peer can seal such a one as well.
      const isProven = () =>
        isDerived(pair, derivationOf(call.account, peerAddress, invitation.context?.conversationId ?? ''), invitation);
      return { reference, topicSecret: asBytes(invitation.keyMaterial), isProven, isStrange: true };
    });
  } finally {
    plainSecret.fill(0);
  }
}

/** Saves, remembers the keys of those that are stored now, and wipes them. Returns which are stored now. */
async function save(call: KeystoreCall, opened: readonly InvitedConversation[]): Promise<boolean[]> {
  try {
    const added = await call.conversations.add(call.safeId, opened, call);
    if (added.includes(true)) call.memory.stored++;
    const fresh = opened.filter((_conversation, index) => added[index]).slice(-keystoreLimits.cachedConversations);
    await inGroups(fresh, async ({ reference: { topic, peerAddress, context }, topicSecret }) => {
      const idHost = idHostOf(context?.conversationId);
      call.memory.conversations.set(
        topic,
        { reference: { topic, peerAddress }, idHost, key: await importMessageKey(topicSecret) },
        call.origin,
      );
    });
    return added;
  } finally {
    for (const { topicSecret } of opened) topicSecret.fill(0);
  }
}

function placeOf({ reference: { topic, peerAddress, context } }: Pick<Conversation, 'reference'>): Place {
  return { topic, peerAddress, idHost: idHostOf(context?.conversationId) };
}

/** The site began it: it stays the site's own when the site is given no more than that. An id that names a host says whose it is, and needs no note. */
async function begin(
  { conversations, memory, safeId, origin, take }: KeystoreCall,
  { topic, context }: ConversationReference,
): Promise<void> {
  if (origin === undefined || context?.conversationId.includes('/')) return;
  await conversations.begin(safeId, [topic], { origin, take });
  // What the disk says is asked when it matters: it may have had no room.
  memory.begun.forget(begunKey(origin, topic));
}

function invitationOf({ reference, topicSecret }: Conversation, consentProof: Invitation['consentProof']): Invitation {
  const { topic, context } = reference;
  return { topic, keyMaterial: topicSecret, ...(context && { context }), ...(consentProof && { consentProof }) };
}

/** As the field answers them: nothing but topic, peer and time. */
function bareV1({ topic, peerAddress, createdNs }: ConversationReference): ConversationReference {
  return { topic, peerAddress, createdNs };
}

/** Measured as it is stored and put into a backup file: whatever is kept must come back from one (backup/contents.ts). */
function mustFit(reference: ConversationReference): void {
  if (encodeConversationReference(reference).length > keystoreLimits.entryBytes)
    throw new ProtocolError('bad-length', 'more context than a conversation can keep');
}
