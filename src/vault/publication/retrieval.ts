// What lies on an account's key topic, put in order: which sealed copies there are, and what the wallet would have to sign for each.
// Promises: public bytes in, public bytes out; whatever a node sends is bounded here before anything is opened.
// Must not: open a copy. enrolment.ts does, with the wallet's signature, into a sealed draft.
import { VaultError } from '../../contract/errors';
import type { NetworkCopy } from '../../contract/pages/network';
import { bytesToHex, hexToBytes } from '../../protocol/base/bytes';
import { decodeEncryptedPrivateKeyBundle } from '../../protocol/keys/encrypted-bundle';
import { ProtocolError } from '../../protocol/base/errors';
import { enableIdentityText } from '../../protocol/keys/wallet-text';

/** One envelope of the key topic. */
export interface KeyEnvelope {
  message: Uint8Array;
  timestampNs: bigint;
}

/** A candidate for retrieval, with every envelope that its one signature may open, newest first. */
export interface CopyCandidate extends Omit<NetworkCopy, 'from'> {
  envelopes: readonly KeyEnvelope[];
}

/**
 * Candidates that are shown at once, and envelopes of one candidate that are tried at once, and their sum of bytes: what is older comes
 * with the next look. Larger messages are not anybody's bundle.
 */
export const retrievalLimits = {
  copies: 20,
  envelopesOfCopy: 200,
  bytesOfCopy: 4 * 1024 * 1024,
  messageBytes: 262_144,
} as const;

/** The one candidate these envelopes are. Throws VaultError('unusable-copy', 'not-a-bundle') unless all of them have one walletPreKey. */
export function oneCandidate(envelopes: readonly KeyEnvelope[]): CopyCandidate {
  const { copies, unreadable } = copiesAmong(envelopes);
  const [copy, ...others] = copies;
  if (!copy || others.length > 0 || unreadable > 0) throw new VaultError('unusable-copy', 'not-a-bundle');
  return copy;
}

/** Groups envelopes by their walletPreKey. Never throws; `unreadable` counts those that are not an encrypted bundle. */
export function copiesAmong(envelopes: readonly KeyEnvelope[]): { copies: CopyCandidate[]; unreadable: number } {
  const groups = new Map<string, Map<string, KeyEnvelope>>();
  let unreadable = 0;
  for (const envelope of newestFirst(envelopes)) {
    const copyId = copyIdOf(envelope.message);
    if (copyId === undefined) {
      unreadable++;
      continue;
    }
    const group = groups.get(copyId) ?? new Map<string, KeyEnvelope>();
    groups.set(copyId, group);
    const key = bytesToHex(envelope.message);
    // A node may repeat an envelope as often as it likes; opening it once is enough.
    if (!group.has(key) && group.size < retrievalLimits.envelopesOfCopy) group.set(key, envelope);
  }
  const copies = [...groups].slice(0, retrievalLimits.copies).map(([copyId, group]): CopyCandidate => {
    const members = [...group.values()];
    const publishedAtMs = Number((members[0]?.timestampNs ?? 0n) / 1_000_000n);
    return { copyId, publishedAtMs, text: enableIdentityText(hexToBytes(copyId)), envelopes: members };
  });
  return { copies, unreadable };
}

function newestFirst(envelopes: readonly KeyEnvelope[]): KeyEnvelope[] {
  return envelopes.toSorted((a, b) => (a.timestampNs > b.timestampNs ? -1 : a.timestampNs < b.timestampNs ? 1 : 0));
}

/** The walletPreKey of an envelope, in hex; undefined for what is not an encrypted bundle. Never throws. */
export function copyIdOf(message: Uint8Array): string | undefined {
  if (message.length > retrievalLimits.messageBytes) return undefined;
  try {
    return bytesToHex(decodeEncryptedPrivateKeyBundle(message).walletPreKey);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
