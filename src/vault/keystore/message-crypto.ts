// XMTP's Seal and Open (protocol 0) by WebCrypto, for many messages at once under keys that are handles.
// Promises: the same bytes as protocol/keys/seal; a secret goes in once and never comes out of its handle.
// Must not: seal the vault's own records (R-D3), or use a salt and nonce twice.
import { hmacKeyInfo } from '../../protocol/messages/hmac-keys';
import { bytesToHex, equalBytes, utf8ToBytes } from '../../protocol/base/bytes';
import { KEY_MATERIAL_LENGTH, type Derivation } from '../../protocol/messages/invitation';
import type { Ciphertext } from '../../protocol/keys/seal';
import { conversationTopic } from '../../protocol/messages/topics';
import type { Bytes } from '../store/encoding';
import { asBytes } from '../store/encoding';
import type { PairKeys } from '../keys/identity-memory';
import type { RandomBytes } from '../store/sealed-record';

const nothing = new Uint8Array(0);
const sealingAlgorithm = { name: 'AES-GCM', length: 256 };
const opening: KeyUsage[] = ['decrypt'];
const closing: KeyUsage[] = ['encrypt'];
const toBytes = (buffer: ArrayBuffer): Bytes => new Uint8Array(buffer);
const notOpened = () => undefined;
/** For WebCrypto, which itself refuses what lies in memory that threads share: the check of `asBytes` is felt where there are thousands of messages. */
const forWebCrypto = (bytes: Uint8Array) => bytes as Bytes;

/** The handle of a secret that seals messages: a conversation's key, a secret shared with a peer. The caller wipes `secret`. */
export function importMessageKey(secret: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey', 'deriveBits']);
}

/** The handle of a secret shared with a peer that names the topics it derives. The caller wipes `secret`. */
export function importTopicKey(secret: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
}

/** Whether topic and key of a conversation are the ones that this pair of bundles derives, which nobody but the two parties can compute (protocol e.2). */
export async function isDerived(
  pair: PairKeys,
  derivation: Derivation,
  { topic, keyMaterial }: { topic: string; keyMaterial: Uint8Array },
): Promise<boolean> {
  const { role, topicMessage, keySalt, keyInfo } = derivation;
  const topicId = toBytes(await crypto.subtle.sign('HMAC', pair.topics[role], asBytes(topicMessage)));
  if (topic !== conversationTopic(bytesToHex(topicId))) return false;
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: asBytes(keySalt), info: asBytes(keyInfo) };
  const derivedSecret = toBytes(await crypto.subtle.deriveBits(hkdf, pair[role], 8 * KEY_MATERIAL_LENGTH));
  const isSame = equalBytes(derivedSecret, keyMaterial);
  derivedSecret.fill(0);
  return isSame;
}

/** The plaintext, or undefined when these bytes were not sealed with this key for this header. Lengths were checked when they were read. */
export function openMessage(
  key: CryptoKey,
  { hkdfSalt, gcmNonce, payload }: Ciphertext,
  headerBytes: Uint8Array,
): Promise<Bytes | undefined> {
  // Chained instead of awaited: of ten thousand messages, every promise less counts.
  return deriveSealingKey(key, hkdfSalt, opening)
    .then((sealingKey) =>
      crypto.subtle.decrypt(
        { name: 'AES-GCM', iv: forWebCrypto(gcmNonce), additionalData: forWebCrypto(headerBytes) },
        sealingKey,
        forWebCrypto(payload),
      ),
    )
    .then(toBytes, notOpened);
}

/** Seals under a fresh salt and nonce. */
export async function sealMessage(
  key: CryptoKey,
  plain: Uint8Array,
  headerBytes: Uint8Array,
  randomBytes: RandomBytes,
): Promise<Ciphertext> {
  const [hkdfSalt, gcmNonce] = [randomBytes(32), randomBytes(12)];
  const sealingKey = await deriveSealingKey(key, hkdfSalt, closing);
  const algorithm = { name: 'AES-GCM', iv: gcmNonce, additionalData: asBytes(headerBytes) };
  const payload = new Uint8Array(await crypto.subtle.encrypt(algorithm, sealingKey, asBytes(plain)));
  return { hkdfSalt, gcmNonce, payload };
}

/** The HMAC key of an account's own messages in one 30-day period (protocol f.4): 32 bytes for a push server. */
export async function hmacKeyBytes(key: CryptoKey, period: number, account: string): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.deriveBits(hmacDerivation(period, account), key, 256));
}

/** The sender_hmac of a V2 message: over its header bytes (protocol f.4). */
export async function senderHmac(
  key: CryptoKey,
  period: number,
  account: string,
  headerBytes: Uint8Array,
): Promise<Bytes> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256', length: 256 };
  const hmacKey = await crypto.subtle.deriveKey(hmacDerivation(period, account), key, algorithm, false, ['sign']);
  return new Uint8Array(await crypto.subtle.sign('HMAC', hmacKey, asBytes(headerBytes)));
}

function deriveSealingKey(key: CryptoKey, salt: Uint8Array, uses: KeyUsage[]): Promise<CryptoKey> {
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: forWebCrypto(salt), info: nothing };
  return crypto.subtle.deriveKey(derivation, key, sealingAlgorithm, false, uses);
}

function hmacDerivation(period: number, account: string): HkdfParams {
  return { name: 'HKDF', hash: 'SHA-256', salt: nothing, info: asBytes(utf8ToBytes(hmacKeyInfo(period, account))) };
}
