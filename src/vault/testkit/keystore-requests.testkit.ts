// What other clients and apps send: invitations, messages and requests, made by the protocol room from whole bundles.
// Must not: be imported by anything but tests.
import type { PrivateKeyBundleV1, SignedPublicKeyBundle } from '../../protocol/keys/bundles';
import { publicBundleOf, signedPublicBundleOf } from '../../protocol/keys/bundles';
import { encodeContent, textContent } from '../../protocol/messages/content';
import type { InvitationContext, ConversationReference } from '../../protocol/messages/conversation';
import { createInvitation, sealInvitation, type Invitation } from '../../protocol/messages/invitation';
import type { EncryptedMessage, ItemOutcome } from '../../protocol/keystore/messages';
import {
  decodeDecryptResponse,
  decodeEncryptResponse,
  decodeSaveInvitesResponse,
  encodeDecryptV1Request,
  encodeDecryptV2Request,
  encodeEncryptV2Request,
  encodeSaveInvitesRequest,
} from '../../protocol/keystore/messages';
import { encodeMessageHeaderV1, encryptV1 } from '../../protocol/messages/message-v1';
import { encodeMessageHeaderV2, encodeSignedContent, type SignedContent } from '../../protocol/messages/message-v2';
import type { Ciphertext } from '../../protocol/keys/seal';
import { sharedSecret } from '../../protocol/keys/shared-secret';
import type { TestKeystore } from './keystore.testkit';

export const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

/** The same identity when its prekey number `at` was the only one it had. */
export function withOnly(bundle: PrivateKeyBundleV1, at: number): PrivateKeyBundleV1 {
  const key = bundle.preKeys[at];
  if (!key) throw new Error('no such prekey');
  return { identityKey: bundle.identityKey, preKeys: [key] };
}

/** Milliseconds and nanoseconds of the `n`-th thing that happens. */
export const timeMs = (n: number): bigint => 1_700_000_000_000n + BigInt(n) * 1000n;
export const timeNs = (n: number): bigint => timeMs(n) * 1_000_000n;

export interface SentInvitation {
  item: { contentTopic: string; timestampNs: bigint; payload: Uint8Array };
  invitation: Invitation;
}

/** A derived invitation as a client of today sends it. */
export function invitation(
  from: PrivateKeyBundleV1,
  to: SignedPublicKeyBundle,
  n: number,
  context?: InvitationContext,
): SentInvitation {
  const made = createInvitation({
    mine: from,
    sender: signedPublicBundleOf(from),
    recipient: to,
    createdNs: timeNs(n),
    context,
    salt32: random(32),
    nonce12: random(12),
  });
  return { item: { contentTopic: '', timestampNs: timeNs(n), payload: made.sealed }, invitation: made.invitation };
}

/** An invitation to any topic with any key, as old clients sent them. */
export function invitationWith(
  from: PrivateKeyBundleV1,
  to: SignedPublicKeyBundle,
  n: number,
  content: Invitation,
): SentInvitation {
  const sender = signedPublicBundleOf(from);
  const preKey = from.preKeys[0]?.publicKey;
  if (!preKey) throw new Error('no prekey');
  const secret = sharedSecret(from, to, preKey, 'sender');
  const header = { sender, recipient: to, createdNs: timeNs(n) };
  const payload = sealInvitation({ invitation: content, header, secret, salt32: random(32), nonce12: random(12) });
  return { item: { contentTopic: '', timestampNs: timeNs(n), payload }, invitation: content };
}

export async function save(
  keystore: TestKeystore,
  sent: readonly SentInvitation[],
): Promise<ItemOutcome<ConversationReference>[]> {
  return decodeSaveInvitesResponse(
    await keystore.run('xmtp_saveInvites', encodeSaveInvitesRequest(sent.map(({ item }) => item))),
  );
}

/** A V1 message, its header and what was sealed. */
export function messageV1(from: PrivateKeyBundleV1, to: PrivateKeyBundleV1, payload: Uint8Array, n = 0) {
  const [sender, recipient] = [publicBundleOf(from), publicBundleOf(to)];
  const headerBytes = encodeMessageHeaderV1({ sender, recipient, timestampMs: timeMs(n) });
  const sealed = encryptV1({ mine: from, headerBytes, payload, salt32: random(32), nonce12: random(12) });
  return { headerBytes, payload: sealed, sender, recipient };
}

export async function readV1(
  keystore: TestKeystore,
  items: Parameters<typeof encodeDecryptV1Request>[0],
): Promise<ItemOutcome<Uint8Array>[]> {
  return decodeDecryptResponse(await keystore.run('xmtp_decryptV1', encodeDecryptV1Request(items)));
}

export async function readV2(
  keystore: TestKeystore,
  items: { headerBytes: Uint8Array; payload: Ciphertext; contentTopic: string }[],
): Promise<ItemOutcome<Uint8Array>[]> {
  return decodeDecryptResponse(await keystore.run('xmtp_decryptV2', encodeDecryptV2Request(items)));
}

export const text = (words: string): Uint8Array => encodeContent(textContent(words));

export const headerV2 = (topic: string, n = 0): Uint8Array => encodeMessageHeaderV2({ createdNs: timeNs(n), topic });

export async function writeV2(
  keystore: TestKeystore,
  items: { headerBytes: Uint8Array; content: SignedContent | Uint8Array; contentTopic: string }[],
): Promise<ItemOutcome<EncryptedMessage>[]> {
  const request = encodeEncryptV2Request(
    items.map(({ headerBytes, content, contentTopic }) => ({
      headerBytes,
      contentTopic,
      payload: content instanceof Uint8Array ? content : encodeSignedContent(content),
    })),
  );
  return decodeEncryptResponse(await keystore.run('xmtp_encryptV2', request));
}

/** The result of an item, or 'refused' and its code. */
export function told<T>(outcome: ItemOutcome<T> | undefined): T | string {
  if (!outcome) return 'no answer';
  return 'refusal' in outcome ? `refused ${outcome.refusal.code}` : outcome.result;
}
