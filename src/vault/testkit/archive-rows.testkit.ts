// Rows of conversations as a node holds them: invitations, V2 messages of both sides, V1 messages, made from whole bundles of both parties.
// Must not: be imported by anything but tests and the benchmark.
import type { PrivateKeyBundleV1 } from '../../protocol/keys/bundles';
import { signedPublicBundleOf } from '../../protocol/keys/bundles';
import { encodeContent, textContent, type EncodedContent } from '../../protocol/messages/content';
import type { Invitation } from '../../protocol/messages/invitation';
import { encodeMessage } from '../../protocol/messages/message';
import { encodeMessageHeaderV2, encryptV2, signContent } from '../../protocol/messages/message-v2';
import { walletAddressOf } from '../../protocol/keys/keys';
import { directMessageTopic, introTopic, inviteTopic } from '../../protocol/messages/topics';
import type { GatheredRow } from '../archive/rows';
import { bytesToBase64 } from '../../protocol/base/bytes';
import { invitation, messageV1, random, timeNs } from './keystore-requests.testkit';

export const accountIn = (bundle: PrivateKeyBundleV1): string => walletAddressOf(bundle.identityKey.publicKey);

/** A V2 conversation that `from` began with `to`: the row of the invitation, and what its messages are sealed with. */
export function conversationRow(
  from: PrivateKeyBundleV1,
  to: PrivateKeyBundleV1,
  n: number,
  about = '',
): { row: GatheredRow; invitation: Invitation } {
  const context = about === '' ? undefined : { conversationId: about, metadata: new Map<string, string>() };
  const sent = invitation(from, signedPublicBundleOf(to), n, context);
  const row = { contentTopic: inviteTopic(accountIn(to)), timestampNs: timeNs(n), message: sent.item.payload };
  return { row, invitation: sent.invitation };
}

/** A V2 message of `from` in a conversation. */
export function rowV2(
  from: PrivateKeyBundleV1,
  { topic, keyMaterial }: Pick<Invitation, 'topic' | 'keyMaterial'>,
  content: string | EncodedContent,
  n: number,
): GatheredRow {
  const headerBytes = encodeMessageHeaderV2({ createdNs: timeNs(n), topic });
  const payload = encodeContent(typeof content === 'string' ? textContent(content) : content);
  const preKeyPrivate = from.preKeys[0]?.privateKey;
  if (!preKeyPrivate) throw new Error('no prekey');
  const signed = signContent({ headerBytes, payload, sender: signedPublicBundleOf(from), preKeyPrivate });
  const ciphertext = encryptV2({ keyMaterial, headerBytes, payload: signed, salt32: random(32), nonce12: random(12) });
  return {
    contentTopic: topic,
    timestampNs: timeNs(n),
    message: encodeMessage({ version: 2, headerBytes, ciphertext, shouldPush: true }),
  };
}

/** A V1 message, as the row of its conversation and as that of the topic of first messages. */
export function rowsV1(
  from: PrivateKeyBundleV1,
  to: PrivateKeyBundleV1,
  text: string,
  n: number,
): { own: GatheredRow; intro: GatheredRow } {
  const { headerBytes, payload } = messageV1(from, to, encodeContent(textContent(text)), n);
  const message = encodeMessage({ version: 1, headerBytes, ciphertext: payload });
  const own = { contentTopic: directMessageTopic(accountIn(from), accountIn(to)), timestampNs: timeNs(n), message };
  return { own, intro: { ...own, contentTopic: introTopic(accountIn(to)) } };
}

/** A row as a line of a file. */
export function lineOf({ contentTopic, timestampNs, message }: GatheredRow): string {
  return `${JSON.stringify({ contentTopic, timestampNs: String(timestampNs), message: bytesToBase64(message) })}\n`;
}
