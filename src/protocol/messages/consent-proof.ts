// A wallet's consent, attached to an invitation, to be written to by one sender (protocol e.5).
// Promises the exact text and the rules by which clients accept a proof; the clock comes in as an argument.
// Must not be believed because it is there: anyone can attach any proof to an invitation.
import { hexToBytes } from '../base/bytes';
import type { ConsentProof } from './conversation';
import { ProtocolError } from '../base/errors';
import { checksumAddress } from '../base/address';
import { latestMs } from '../base/dates';
import { recoverWalletAddress } from '../base/ethereum';

const LIFETIME_MS = 2_592_000_000n;

/** The text that the future reader signs for this sender. `timestampMs` is milliseconds since 1970. Throws 'bad-address' or 'bad-number'. */
export function consentProofText(senderAddress: string, timestampMs: bigint): string {
  if (timestampMs < 0n || timestampMs > latestMs) throw new ProtocolError('bad-number', 'time is no date');
  const date = new Date(Number(timestampMs)).toUTCString();
  return [
    'XMTP : Grant inbox consent to sender',
    '',
    `Current Time: ${date}`,
    `From Address: ${checksumAddress(senderAddress)}`,
    '',
    'For more info: https://xmtp.org/signatures/',
  ].join('\n');
}

/**
 * Whether `account` consented to messages of `senderAddress`: dated after 1970 and not after now, at most 30 days old, and
 * signed by the account. Throws 'bad-address' for either address only.
 */
export function isValidConsentProof(input: {
  proof: ConsentProof;
  senderAddress: string;
  account: string;
  nowMs: bigint;
}): boolean {
  const { proof, senderAddress, account, nowMs } = input;
  const expected = checksumAddress(account);
  if (proof.timestampMs <= 0n || proof.timestampMs > nowMs || proof.timestampMs < nowMs - LIFETIME_MS) return false;
  try {
    return (
      recoverWalletAddress(consentProofText(senderAddress, proof.timestampMs), hexToBytes(proof.signature)) === expected
    );
  } catch (error) {
    if (error instanceof ProtocolError && error.reason !== 'bad-address') return false;
    throw error;
  }
}
