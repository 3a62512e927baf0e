// Conversations through the keystore API: invitations are made, opened and saved; lists are told (protocol e.2, e.3, g.2, j).
// Promises: the peer is the other side of the header, whichever of our prekeys it names; a known conversation is used again.
// Must not: say that something is saved before it is on disk, or let a topic key out.
import { KeystoreRefusal, VaultError } from '../contract/errors';
import { limits } from '../contract/limits';
import type { ConversationReference } from '../protocol/conversation';
import { encodeConversationReference, v1ConversationOf } from '../protocol/conversation';
import { ProtocolError } from '../protocol/errors';
import type { Invitation, SealedInvitation } from '../protocol/invitation';
import { checkInvitationTime, conversationOf, decodeInvitation, decodeSealedInvitation } from '../protocol/invitation';
import {
  checkEmptyRequest,
  decodeConversations,
  decodeCreateInviteRequest,
  encodeCreateInviteResponse,
  encodeEncodedConversations,
} from '../protocol/keystore-calls';
import type { ItemOutcome, RequestItem, SaveInvitesItem } from '../protocol/keystore-messages';
import { decodeSaveInvitesRequest, encodeSaveInvitesResponse } from '../protocol/keystore-messages';
import { partiesOf } from '../protocol/parties';
import type { Role } from '../protocol/shared-secret';
import type { Conversation } from './conversations';
import { asBytes } from './encoding';
import { inGroups } from './groups';
import type { KeystoreCall, KeystoreHandler } from './keystore-call';
import { addressOfKey, attempt, ownKeys, readBatch, readRequest, refusedFor, sessionPreKey } from './keystore-call';
import { keystoreLimits } from './keystore-limits';
import { pairsFor } from './keystore-secrets';
import { importMessageKey, openMessage } from './message-crypto';
import type { OwnKeys } from './own-keys';
import { ownPreKey } from './own-keys';
import { invite, type Agreement } from './private-messages';

/** Opens invitations and saves their conversations, all in one flushed transaction. The first for a topic wins; later ones succeed. */
export const saveInvites: KeystoreHandler = async (call, request) => {
  const items = readBatch(decodeSaveInvitesRequest, request);
  const own = await ownKeys(call);
  const judged = items.map((item) => judge(own, item));
  const pairs = await pairsFor(call, judged);
  const opened = await inGroups(judged, async (one, index) => {
    const pair = pairs[index];
    if (one instanceof ProtocolError) return one;
    return pair === undefined || pair instanceof ProtocolError ? notOpened : openOne(call, one, pair[one.role]);
  });
  await save(call, opened.flatMap((one) => (one instanceof ProtocolError ? [] : [one])));
  const outcomes = opened.map((one): ItemOutcome<ConversationReference> => {
    return one instanceof ProtocolError ? refusedFor('saveInvites', one) : { result: one.reference };
  });
  return encodeSaveInvitesResponse(outcomes);
};

/** Makes an invitation, or one for the conversation that is known with this peer under this id. */
export const createInvite: KeystoreHandler = async (call, request) => {
  const { recipient, createdNs, context, consentProof } = readRequest(decodeCreateInviteRequest, request);
  const own = await ownKeys(call);
  const peerAddress = readRequest(() => addressOfKey(call, recipient.identityKey), request);
  const known = await call.conversations.findOfPeer(call.safeId, peerAddress, context?.conversationId ?? '');
  const made = await call.withBundleSecret((bundleSecret) =>
    invite(bundleSecret, {
      own,
      preKey: sessionPreKey(call, own),
      recipient,
      createdNs,
      context,
      consentProof,
      known: known && { invitation: invitationOf(known, consentProof), peerAddress },
      salt32: call.randomBytes(32),
      nonce12: call.randomBytes(12),
    }),
  );
  known?.topicSecret.fill(0);
  // Everything that can be wrong here is the caller's input (protocol g.2).
  if (made instanceof ProtocolError) throw new KeystoreRefusal(1);
  const { invitation, conversation, sealed } = made;
  if (known) return encodeCreateInviteResponse({ conversation: known.reference, payload: sealed });
  readRequest(() => mustFit(conversation), request);
  await save(call, [{ reference: conversation, topicSecret: asBytes(invitation.keyMaterial) }]);
  return encodeCreateInviteResponse({ conversation, payload: sealed });
};

/** Every V2 conversation, ascending by the time it was made. */
export const getV2Conversations: KeystoreHandler = async (call, request) => {
  readRequest(checkEmptyRequest, request);
  return encodeEncodedConversations(await call.conversations.list(call.safeId));
};

/** Every V1 conversation, in the order they were saved. */
export const getV1Conversations: KeystoreHandler = async (call, request) => {
  readRequest(checkEmptyRequest, request);
  return encodeEncodedConversations(await call.conversations.listPeers(call.safeId));
};

/** Saves V1 conversations: topics are computed anew, the first of a topic wins, a wrong address refuses the whole call. */
export const saveV1Conversations: KeystoreHandler = async (call, request) => {
  const given = readRequest(decodeConversations, request);
  if (given.length > limits.batchItems) throw new VaultError('limit');
  const peers = readRequest(() => given.map((one) => bareV1(v1ConversationOf(one, call.account))), request);
  await call.conversations.addPeers(call.safeId, peers);
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

async function openOne(call: KeystoreCall, { sealed, agreement }: Judged, key: CryptoKey): Promise<Conversation | ProtocolError> {
  const plainSecret = await openMessage(key, sealed.ciphertext, sealed.headerBytes);
  if (!plainSecret) return notOpened;
  try {
    return attempt(() => {
      const invitation = decodeInvitation(plainSecret);
      const peerAddress = addressOfKey(call, agreement.peer.identityKey);
      const reference = conversationOf(invitation, peerAddress, sealed.header.createdNs);
      mustFit(reference);
      return { reference, topicSecret: asBytes(invitation.keyMaterial) };
    });
  } finally {
    plainSecret.fill(0);
  }
}

/** Saves, remembers the keys of those that were new, and wipes them. */
async function save(call: KeystoreCall, opened: readonly Conversation[]): Promise<void> {
  try {
    const added = await call.conversations.add(call.safeId, opened);
    const fresh = opened.filter((_conversation, index) => added[index]).slice(-keystoreLimits.cachedConversations);
    await inGroups(fresh, async ({ reference, topicSecret }) => {
      call.memory.conversations.set(reference.topic, { reference, key: await importMessageKey(topicSecret) });
    });
  } finally {
    for (const { topicSecret } of opened) topicSecret.fill(0);
  }
}

function invitationOf({ reference, topicSecret }: Conversation, consentProof: Invitation['consentProof']): Invitation {
  const { topic, context } = reference;
  return { topic, keyMaterial: topicSecret, ...(context && { context }), ...(consentProof && { consentProof }) };
}

/** As the field answers them: nothing but topic, peer and time. */
function bareV1({ topic, peerAddress, createdNs }: ConversationReference): ConversationReference {
  return { topic, peerAddress, createdNs };
}

/** Measured as it is stored and put into a backup file: whatever is kept must come back from one (backup-contents.ts). */
function mustFit(reference: ConversationReference): void {
  if (encodeConversationReference(reference).length > keystoreLimits.entryBytes) throw new ProtocolError('bad-length', 'more context than a conversation can keep');
}
