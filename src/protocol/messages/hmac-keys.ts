// Keys by which a push server recognises the sender's own messages (protocol f.4). They decrypt nothing.
// Promises the keys of the previous, the current and the next 30-day period, as all clients derive them.
// Must only get key material of conversations the caller may read notifications of.
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { equalBytes, utf8ToBytes } from '../base/bytes';
import { checksumAddress } from '../base/address';

const PERIOD_MS = 2_592_000_000;

/** The HMAC key of one 30-day period. */
export interface HmacKey {
  readonly thirtyDayPeriodsSinceEpoch: number;
  readonly hmacKey: Uint8Array;
}

/** The period a time falls into; negative before 1970. */
export function hmacPeriodOf(nowMs: number): number {
  return Math.floor(nowMs / PERIOD_MS);
}

/** The text that goes into the derivation, `<period>-<EIP-55 address>`. Throws 'bad-address'. */
export function hmacKeyInfo(period: number, address: string): string {
  return `${period}-${checksumAddress(address)}`;
}

/** The key of one account, conversation and period: HKDF without salt. */
export function hmacKeyOf(keyMaterial: Uint8Array, period: number, address: string): Uint8Array {
  return hkdf(sha256, keyMaterial, new Uint8Array(0), utf8ToBytes(hmacKeyInfo(period, address)), 32);
}

/** Previous, current and next period, in that order. */
export function hmacKeysAround(keyMaterial: Uint8Array, address: string, nowMs: number): HmacKey[] {
  const current = hmacPeriodOf(nowMs);
  return [current - 1, current, current + 1].map((period) => ({
    thirtyDayPeriodsSinceEpoch: period,
    hmacKey: hmacKeyOf(keyMaterial, period, address),
  }));
}

/** The keys of those listed topics that are known; unknown ones are left out, and an empty list gives nothing (g.2). */
export function hmacKeysOfTopics(
  topics: readonly string[],
  keyMaterials: ReadonlyMap<string, Uint8Array>,
  address: string,
  nowMs: number,
): Map<string, HmacKey[]> {
  const keys = new Map<string, HmacKey[]>();
  for (const topic of topics) {
    const keyMaterial = keyMaterials.get(topic);
    if (keyMaterial) keys.set(topic, hmacKeysAround(keyMaterial, address, nowMs));
  }
  return keys;
}

/** The sender_hmac of a V2 message: HMAC-SHA-256 over its header bytes (not its ciphertext, as often said). */
export function senderHmac(hmacKey: Uint8Array, headerBytes: Uint8Array): Uint8Array {
  return hmac(sha256, hmacKey, headerBytes);
}

/** Whether a sender_hmac was made with this key over these header bytes. */
export function verifySenderHmac(hmacKey: Uint8Array, headerBytes: Uint8Array, claimed: Uint8Array): boolean {
  return equalBytes(senderHmac(hmacKey, headerBytes), claimed);
}
