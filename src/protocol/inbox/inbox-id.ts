// Names of XMTP V3: inboxes, and addresses as they stand in identity texts (protocol l.1).
// Promises: one spelling of each, lower case; every other is refused, not mended. Must not: believe that an inbox is there because it has an id.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes, utf8ToBytes } from '../base/bytes';
import { ProtocolError } from '../base/errors';

/** The nonces that clients make inboxes with: 1 unless an app asks for another, 0 for whoever began with V2. */
const usualNonces = [0, 1];

/** Whether this is 64 lower-case hex digits, as inbox ids and installation ids are. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** Whether this is `0x` and 40 lower-case hex digits: how V3 writes an address, never EIP-55. */
export function isLowerCaseAddress(text: string): boolean {
  return /^0x[0-9a-f]{40}$/.test(text);
}

/**
 * The id of the inbox that this address makes with this nonce: hex of the SHA-256 over the UTF-8 of the address and the nonce in decimal.
 * Throws 'bad-address' for every other spelling of the address, 'bad-number' for a nonce that is not a safe integer >= 0.
 */
export function inboxIdOf(address: string, nonce: number): string {
  if (!isLowerCaseAddress(address)) throw new ProtocolError('bad-address', 'not a lower-case Ethereum address');
  if (!Number.isSafeInteger(nonce) || nonce < 0) throw new ProtocolError('bad-number', 'nonce is not a whole number');
  return bytesToHex(sha256(utf8ToBytes(`${address}${nonce}`)));
}

/** Whether the address makes this inbox with a nonce of today's clients (0 or 1). Throws 'bad-address'. */
export function isInboxMadeBy(inboxId: string, address: string): boolean {
  return usualNonces.some((nonce) => inboxIdOf(address, nonce) === inboxId);
}

/** The 32 bytes of an inbox id. Throws 'bad-encoding' on anything but 64 lower-case hex digits. */
export function inboxIdBytes(inboxId: string): Uint8Array {
  if (!isId(inboxId)) throw new ProtocolError('bad-encoding', 'inbox id is not 64 lower-case hex digits');
  return hexToBytes(inboxId);
}
