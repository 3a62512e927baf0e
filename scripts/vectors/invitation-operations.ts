// Vector operations of invitations: derivation, sealing, saving by either side, and what becomes of them after a rotation.
import type { PrivateKeyBundleV1 } from '../../src/protocol/keys/bundles';
import { signedPublicBundleOf } from '../../src/protocol/keys/bundles';
import { hexToBytes } from '../../src/protocol/base/bytes';
import { consentProofText, isValidConsentProof } from '../../src/protocol/messages/consent-proof';
import type { ConsentProof, ConversationReference, InvitationContext } from '../../src/protocol/messages/conversation';
import { recoverWalletAddress } from '../../src/protocol/base/ethereum';
import type { OpenedInvitation } from '../../src/protocol/messages/invitation';
import {
  createInvitation,
  decodeInvitation,
  decodeSealedInvitation,
  derivationRole,
  encodeInvitation,
  openInvitation,
  sealInvitation,
} from '../../src/protocol/messages/invitation';
import { keystoreCodeOf } from '../../src/protocol/keystore/codes';
import { walletAddressOf } from '../../src/protocol/keys/keys';
import { sharedSecret } from '../../src/protocol/keys/shared-secret';
import { sortedAddresses } from '../../src/protocol/messages/topics';
import type { Operation, Vector, VectorSet } from './compare';
import { check, checkFacts, expectationFor, Mismatch } from './compare';
import { bundleOf, legacyBundle } from './identities';

/** What the vectors write about a conversation. */
export function conversationFacts(conversation: ConversationReference): Record<string, unknown> {
  const { topic, peerAddress, createdNs, context, consentProof } = conversation;
  return {
    topic,
    peerAddress,
    createdNs,
    context: context
      ? { conversationId: context.conversationId, metadata: Object.fromEntries(context.metadata) }
      : null,
    hasConsentProof: consentProof !== undefined,
  };
}

function contextOf(
  given: { conversationId: string; metadata: Record<string, string> } | null,
): InvitationContext | undefined {
  return given
    ? { conversationId: given.conversationId, metadata: new Map(Object.entries(given.metadata)) }
    : undefined;
}

function consentProofOf(given: Record<string, string> | null): ConsentProof | undefined {
  if (!given) return undefined;
  return {
    signature: given['signature'] as string,
    timestampMs: BigInt(given['timestamp'] as string),
    payloadVersion: Number(given['payloadVersion']),
  };
}

function createInvite({ input, expect }: Vector, set: VectorSet): void {
  const mine = bundleOf(set, input.sender);
  const [sender, recipient] = [signedPublicBundleOf(mine), signedPublicBundleOf(bundleOf(set, input.recipient))];
  const [me, them] = [walletAddressOf(sender.identityKey), walletAddressOf(recipient.identityKey)];
  const [context, consentProof] = [contextOf(input.context), consentProofOf(input.consentProof)];
  const [first, second] = sortedAddresses(me, them);
  const { hkdfSalt, gcmNonce, ...facts } = expect;
  check(facts, () => {
    const role = derivationRole(me, them);
    const created = createInvitation({
      mine,
      sender,
      recipient,
      createdNs: BigInt(input.createdNs),
      context,
      consentProof,
      salt32: hexToBytes(hkdfSalt),
      nonce12: hexToBytes(gcmNonce),
    });
    const { headerBytes, ciphertext } = decodeSealedInvitation(created.sealed);
    return {
      isRecipientFlagUsed: role === 'recipient',
      derivationSecret195: sharedSecret(mine, recipient, sender.preKey, role),
      topicHmacMessage: `${context?.conversationId ?? ''}${first},${second}`,
      topic: created.invitation.topic,
      keyMaterialInfo: `0|${first}|${second}`,
      keyMaterial: created.invitation.keyMaterial,
      invitationProto: encodeInvitation(created.invitation),
      headerProto: headerBytes,
      ciphertextPayload: ciphertext.payload,
      sealedInvitationProto: created.sealed,
      conversation: conversationFacts(created.conversation),
    };
  });
  if (consentProof) checkConsentProof(input.consentProof.message, consentProof, me);
}

/** The proof in the vector is the reader's own: text, and signature over it. */
function checkConsentProof(message: string, proof: ConsentProof, senderAddress: string): void {
  checkFacts({ message }, { message: consentProofText(senderAddress, proof.timestampMs) });
  const account = recoverWalletAddress(message, hexToBytes(proof.signature));
  const isValid = isValidConsentProof({ proof, senderAddress, account, nowMs: proof.timestampMs + 1n });
  if (!isValid) throw new Mismatch('the consent proof is not accepted');
}

function seal({ input, expect }: Vector, set: VectorSet): void {
  const mine = bundleOf(set, input.sender);
  const [sender, recipient] = [signedPublicBundleOf(mine), signedPublicBundleOf(bundleOf(set, input.recipient))];
  const { hkdfSalt, gcmNonce, ...facts } = expect;
  check(facts, () => {
    const invitation = decodeInvitation(hexToBytes(input.invitationProto));
    const sealed = sealInvitation({
      invitation,
      header: { sender, recipient, createdNs: BigInt(input.createdNs) },
      secret: sharedSecret(mine, recipient, sender.preKey, 'sender'),
      salt32: hexToBytes(hkdfSalt),
      nonce12: hexToBytes(gcmNonce),
    });
    const { headerBytes, ciphertext } = decodeSealedInvitation(sealed);
    return {
      topic: invitation.topic,
      keyMaterial: invitation.keyMaterial,
      headerProto: headerBytes,
      ciphertextPayload: ciphertext.payload,
      sealedInvitationProto: sealed,
    };
  });
}

function open(
  mine: PrivateKeyBundleV1,
  request: { timestampNs: string; sealedInvitationProto: string },
): OpenedInvitation {
  const sealed = decodeSealedInvitation(hexToBytes(request.sealedInvitationProto));
  return openInvitation(mine, sealed, BigInt(request.timestampNs));
}

function saveInvites({ input, expect }: Vector, set: VectorSet): void {
  const given = input.keystorePrivateKeyBundleProto_v1;
  const mine = given === undefined ? bundleOf(set, input.keystore) : legacyBundle(given);
  const facts = (): Record<string, unknown> => {
    const { invitation, conversation } = open(mine, input);
    return {
      conversation: conversationFacts(conversation),
      keyMaterial: invitation.keyMaterial,
      peerIsSelf: conversation.peerAddress === walletAddressOf(mine.identityKey.publicKey),
    };
  };
  const codeOf = ({ reason }: Parameters<NonNullable<Parameters<typeof check>[2]>>[0]): number =>
    keystoreCodeOf('saveInvites', reason);
  const { vaultShould } = expect;
  if (typeof vaultShould === 'object') {
    // The client mistakes itself for the peer here; everything but the peer is as it says.
    const { peerAddress, ...rest } = vaultShould;
    checkFacts(rest, {});
    check({ ...expect, conversation: { ...expect.conversation, peerAddress }, peerIsSelf: false }, facts, codeOf);
  } else if (vaultShould === undefined) {
    check(expect, facts, codeOf);
  } else {
    expectationFor(expect, {
      'store with the recovered address at most; never show as a verified contact': () => check(expect, facts, codeOf),
    });
  }
}

function saveInvitesSequence({ input, expect }: Vector, set: VectorSet): void {
  const mine = bundleOf(set, input.keystore);
  const { responses, ...facts } = expect;
  const store = new Map<string, OpenedInvitation>();
  check(facts, () => {
    for (const [i, request] of input.requests.entries()) {
      const opened = open(mine, request);
      if (!store.has(opened.conversation.topic)) store.set(opened.conversation.topic, opened);
      check(responses[i], () => ({ conversation: conversationFacts(opened.conversation) }));
    }
    if (responses.length !== input.requests.length) throw new Mismatch('another number of responses');
    const [first] = store.values();
    return {
      storedConversations: [...store.values()].map(({ conversation }) => conversationFacts(conversation)),
      storedKeyMaterial: first?.invitation.keyMaterial,
    };
  });
}

function topicAfterRotation({ input, expect }: Vector, set: VectorSet): void {
  const [mine, theirs] = [bundleOf(set, input.sender), bundleOf(set, input.recipient)];
  const oldest = { ...theirs, preKeys: theirs.preKeys.slice(-1) };
  const topicFor = (recipient: PrivateKeyBundleV1): string =>
    createInvitation({
      mine,
      sender: signedPublicBundleOf(mine),
      recipient: signedPublicBundleOf(recipient),
      createdNs: 0n,
      salt32: new Uint8Array(32),
      nonce12: new Uint8Array(12),
    }).invitation.topic;
  check(expect, () => {
    const [topicWithCurrentPreKey, topicWithOldestPreKey] = [topicFor(theirs), topicFor(oldest)];
    return { topicWithCurrentPreKey, topicWithOldestPreKey, same: topicWithCurrentPreKey === topicWithOldestPreKey };
  });
}

/** By the `op` of the vectors. */
export const invitationOperations: Record<string, Operation> = {
  createInvite,
  sealInvitation: seal,
  saveInvites,
  saveInvitesSequence,
  createInviteTopic: topicAfterRotation,
};
