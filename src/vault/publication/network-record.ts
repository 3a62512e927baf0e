// The sealed record of what one node has of an identity: its contact, and the copy of its private keys.
// Promises: one byte string per state; what does not fit is 'damaged', never a state.
// Must not: lie anywhere unsealed. The remembered signature opens the copy on the network.
import { VaultError } from '../../contract/errors';
import type { NetworkNotice } from '../../contract/pages/network';
import type { Bytes } from '../store/encoding';
import { concat, createReader, lengthPrefixed, u32, u64, u8 } from '../store/encoding';

/** One record for each node: what one has says nothing of another. `nodeUrl` null: when none was ever set. */
export function networkRecordKind(nodeUrl: string | null): { type: 'network'; id: string; schema: 1 } {
  return { type: 'network', id: nodeUrl ?? 'state', schema: 1 };
}

/** The copy of the private keys on the private-store topic, as far as this browser knows of it. */
export interface CopyRecord {
  /** `asked`: a text to sign was made; `sealed`: signed, perhaps sent; `published`: on the node; `saved`: opened by a second signature. */
  state: 'asked' | 'sealed' | 'published' | 'saved';
  /** When it came to this state, milliseconds since 1970. */
  atMs: number;
  walletPreKey: Bytes;
  /** The account's signature of "Enable Identity", raw as the wallet gave it (protocol b.2); empty while `asked`. */
  signatureSecret: Bytes;
}

export interface NetworkRecord {
  copy: CopyRecord | null;
  contactPublishedAtMs: number | null;
  notice: NetworkNotice | null;
}

/** Of an identity of which nothing was ever published. */
export const nothingPublished: NetworkRecord = { copy: null, contactPublishedAtMs: null, notice: null };

const states = ['asked', 'sealed', 'published', 'saved'] as const satisfies readonly CopyRecord['state'][];
const notices = [
  'older-prekey-republished',
  'other-identity-published',
  'dated-ahead',
  'not-newest',
  'foreign-rows',
  'other-copy-published',
  'left-behind',
] as const satisfies readonly NetworkNotice[];

/** state (1, 0 for none), time (8), walletPreKey, signature, time of the contact (8, 0 for never), notice (1, 0 for none). Secret. */
export function encodeNetwork({ copy, contactPublishedAtMs, notice }: NetworkRecord): Bytes {
  const { walletPreKey, signatureSecret } = copy ?? {
    walletPreKey: new Uint8Array(0),
    signatureSecret: new Uint8Array(0),
  };
  return concat(
    u8(copy ? 1 + states.indexOf(copy.state) : 0),
    u64(copy?.atMs ?? 0),
    lengthPrefixed(walletPreKey),
    // Not by `lengthPrefixed`, which would leave a copy of the signature in memory.
    u32(signatureSecret.length),
    signatureSecret,
    u64(contactPublishedAtMs ?? 0),
    u8(notice ? 1 + notices.indexOf(notice) : 0),
  );
}

/** Throws VaultError('damaged'). */
export function decodeNetwork(bytes: Uint8Array): NetworkRecord {
  const reader = createReader(bytes);
  const [at, atMs, walletPreKey, signatureSecret] = [reader.u8(), reader.u64(), reader.prefixed(), reader.prefixed()];
  const [contactAtMs, noticeAt] = [reader.u64(), reader.u8()];
  reader.end();
  const [state, notice] = [states[at - 1], notices[noticeAt - 1]];
  const fits = at <= states.length && noticeAt <= notices.length && walletPreKey.length === (state ? 32 : 0);
  const isSigned = signatureSecret.length > 0;
  if (!fits || isSigned !== (state !== undefined && state !== 'asked')) throw new VaultError('damaged');
  return {
    copy: state ? { state, atMs, walletPreKey, signatureSecret } : null,
    contactPublishedAtMs: contactAtMs === 0 ? null : contactAtMs,
    notice: notice ?? null,
  };
}

/** The record of an identity that was just opened from the network: its copy is there, and the wallet has opened it. Secret. */
export function networkRecordOfRetrieval(copy: {
  walletPreKey: Uint8Array;
  signatureSecret: Uint8Array;
  atMs: number;
}): Bytes {
  // As its sender says: a node may hold anything, a record only what a number can.
  const atMs = Number.isSafeInteger(copy.atMs) && copy.atMs > 0 ? copy.atMs : 0;
  const [walletPreKey, signatureSecret] = [copy.walletPreKey.slice(), copy.signatureSecret.slice()];
  const record = encodeNetwork({ ...nothingPublished, copy: { state: 'saved', atMs, walletPreKey, signatureSecret } });
  signatureSecret.fill(0);
  return record;
}
