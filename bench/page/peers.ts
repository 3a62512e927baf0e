// The people of the messaging figures, as xmtp-js makes them, and what they send: invitations and messages to the two keystores.
// Promises: a peer agrees with each reader once, so that thousands of invitations are sealed in seconds; both readers get the same data.
// Must not be timed: everything here happens before a clock starts.
import { invitation, message, type ciphertext, type keystore, type publicKey } from '@xmtp/proto';
import {
  dateToNs,
  encrypt,
  InvitationV1,
  PrivateKeyBundleV1,
  SignedPublicKeyBundle,
  type PublicKeyBundle,
} from '@xmtp/xmtp-js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { addressOfPublicKey } from '../../demo/wallet/accounts';
import { signPersonalMessage } from '../../demo/wallet/personalities';

type WireCiphertext = ciphertext.Ciphertext;
export type InviteRequest = keystore.SaveInvitesRequest_Request;
export type ReadV1Request = keystore.DecryptV1Request_Request;
export type ReadV2Request = keystore.DecryptV2Request_Request;

/** Whoever reads: its public keys in both forms. */
export interface Audience {
  name: string;
  legacy: PublicKeyBundle;
  signed: SignedPublicKeyBundle;
}

/** Somebody who writes to the readers. */
export interface Peer {
  keys: PrivateKeyBundleV1;
  legacy: PublicKeyBundle;
  signed: SignedPublicKeyBundle;
  /** What it shares with each audience, and the header of its invitations to it, by the audience's name. */
  agreed: Map<string, { secret: Uint8Array; inviteHeader: Uint8Array; createdMs: number }>;
}

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
const firstMs = Date.UTC(2025, 0, 1);
let made = 0;

/** A new identity with one prekey, signed by a wallet of its own. */
export async function newKeys(): Promise<PrivateKeyBundleV1> {
  const privateKey = random(32);
  const account = { index: 0, privateKey, address: addressOfPublicKey(secp256k1.getPublicKey(privateKey, false)) };
  const signMessage = async (text: string | ArrayLike<number>) => {
    const bytes = typeof text === 'string' ? utf8ToBytes(text) : Uint8Array.from(text);
    return `0x${bytesToHex(signPersonalMessage(bytes, account, 'deterministic-v27'))}`;
  };
  return PrivateKeyBundleV1.generate({ getAddress: async () => account.address, signMessage });
}

export async function newPeer(): Promise<Peer> {
  const keys = await newKeys();
  const legacy = keys.getPublicKeyBundle();
  return { keys, legacy, signed: SignedPublicKeyBundle.fromLegacyBundle(legacy), agreed: new Map() };
}

async function agree(peer: Peer, { name, legacy, signed }: Audience) {
  const known = peer.agreed.get(name);
  if (known) return known;
  const secret = await peer.keys.sharedSecret(legacy, peer.keys.getCurrentPreKey().publicKey, false);
  const createdMs = firstMs + 1000 * ++made;
  const createdNs = dateToNs(new Date(createdMs));
  const inviteHeader = invitation.SealedInvitationHeaderV1.encode({
    sender: peer.signed,
    recipient: signed,
    createdNs,
  }).finish();
  const agreed = { secret, inviteHeader, createdMs };
  peer.agreed.set(name, agreed);
  return agreed;
}

const wireOf = ({ aes256GcmHkdfSha256 }: Awaited<ReturnType<typeof encrypt>>): WireCiphertext => ({
  aes256GcmHkdfSha256,
});

/** A conversation that does not exist yet. */
export const newConversation = (): InvitationV1 => InvitationV1.createRandom();

/** The invitation to a conversation as it comes from the network. */
export async function invite(peer: Peer, audience: Audience, conversation: InvitationV1): Promise<InviteRequest> {
  const { secret, inviteHeader, createdMs } = await agree(peer, audience);
  const sealed = wireOf(await encrypt(conversation.toBytes(), secret, inviteHeader));
  const payload = invitation.SealedInvitation.encode({
    v1: { headerBytes: inviteHeader, ciphertext: sealed },
  }).finish();
  return { payload, timestampNs: dateToNs(new Date(createdMs)), contentTopic: `/xmtp/0/invite-${audience.name}/proto` };
}

/** A V1 message with a payload of `size` random bytes. */
export async function writeV1(peer: Peer, audience: Audience, size: number): Promise<ReadV1Request> {
  const { secret } = await agree(peer, audience);
  const wire = (keys: PublicKeyBundle) => keys as publicKey.PublicKeyBundle;
  const timestamp = dateToNs(new Date(firstMs)).div(1_000_000);
  const headerBytes = message.MessageHeaderV1.encode({
    sender: wire(peer.legacy),
    recipient: wire(audience.legacy),
    timestamp,
  }).finish();
  return {
    payload: wireOf(await encrypt(random(size), secret, headerBytes)),
    peerKeys: wire(peer.legacy),
    headerBytes,
    isSender: false,
  };
}

/** A V2 message with a payload of `size` random bytes. */
export async function writeV2({ topic, aes256GcmHkdfSha256 }: InvitationV1, size: number): Promise<ReadV2Request> {
  const headerBytes = headerV2(topic);
  return {
    payload: wireOf(await encrypt(random(size), aes256GcmHkdfSha256.keyMaterial, headerBytes)),
    headerBytes,
    contentTopic: topic,
  };
}

/** The header of a V2 message of now. */
export function headerV2(topic: string): Uint8Array {
  return message.MessageHeaderV2.encode({ createdNs: dateToNs(new Date(firstMs)), topic }).finish();
}
