// The keys with which an identity belongs to inboxes of XMTP V3 (docs/v3.md): drawn here, sealed in a record of their own, lent for one signature.
// Promises: P1: out come addresses and signatures over texts that were read; a key that was ever made stays, for the inboxes that know it.
// Must not: know an inbox, a site or what was approved; sign anything but an identity text (R-B3).
import { VaultError } from '../../contract/errors';
import { mostInboxKeys } from '../../contract/limits';
import { addressOf } from '../../protocol/base/ethereum';
import { getPublicKey } from '../../protocol/base/secp256k1';
import type { IdentityText } from '../../protocol/inbox/identity-text';
import { signIdentityText } from '../../protocol/inbox/text-signature';
import { keystoreFileOf, type KeystoreSealing } from '../../protocol/ours/keystore-file';
import { createDatedSecrets, withDatedSecrets, type DatedSecret } from '../safe/dated-secrets';
import type { SafeChanges } from '../safe/safe-change';
import type { Bytes } from '../store/encoding';
import { asBytes } from '../store/encoding';
import type { RandomBytes } from '../store/sealed-record';
import { drawPrivateKey } from './bundle';
import type { UnlockedIdentity } from './unlocked-identity';

export const inboxKeysRecord = { type: 'inbox-keys', id: 'keys', schema: 1 } as const;

/** The public side of one key. */
export interface InboxKeyView {
  /** `0x` and 40 lower-case hex digits, as XMTP V3 writes an address. */
  address: string;
  createdAtMs: number;
}

/** Every method throws 'locked', 'not-found', 'damaged', 'newer-format', 'wrong-step' for a draft, and 'storage-failed'. */
export interface InboxKeys {
  /** Oldest first; the last one is the one that apps are given. Empty when none was made. */
  views(safeId: string): Promise<InboxKeyView[]>;
  /** Makes one more, which apps are given from now on. Throws 'limit'. */
  add(safeId: string, nowMs: number): Promise<InboxKeyView>;
  /** 65 bytes over the text, by the key of this address. Throws 'not-found' when there is no such key. */
  sign(safeId: string, address: string, text: IdentityText): Promise<Bytes>;
  /** A keystore file of the key of this address, for the person to keep. Throws 'not-found' when there is no such key. */
  keystoreFile(safeId: string, address: string, sealing: KeystoreSealing): Promise<Bytes>;
  /** The record as it lies in the safe, for a backup file; undefined when there is none. Secret; the caller wipes it. */
  recordOf(safeId: string): Promise<Bytes | undefined>;
}

export function createInboxKeys(options: {
  randomBytes: RandomBytes;
  changes: SafeChanges;
  unlockedIdentity: UnlockedIdentity;
}): InboxKeys {
  const { randomBytes, changes, unlockedIdentity } = options;
  const kept = createDatedSecrets({
    kind: inboxKeysRecord,
    stage: 'inbox.key',
    most: mostInboxKeys,
    changes,
    open: unlockedIdentity,
  });
  return {
    views: (safeId) => kept.lend(safeId, viewsOf),
    add: (safeId, createdAtMs) =>
      kept.add(safeId, () => ({ createdAtMs, secret: asBytes(drawPrivateKey(randomBytes)) }), viewOf),
    sign: (safeId, address, text) =>
      kept.lend(safeId, (keys) => asBytes(signIdentityText(text, secretOf(keys, address)))),
    keystoreFile: (safeId, address, sealing) =>
      kept.lend(safeId, (keys) => asBytes(keystoreFileOf(secretOf(keys, address), sealing))),
    recordOf: kept.record,
  };
}

/** The public side of a record that lies in a backup file: a copy of it, which is wiped. Throws 'damaged'. */
export function inboxKeyViewsOf(recordSecret: Uint8Array): InboxKeyView[] {
  return withDatedSecrets(recordSecret.slice(), mostInboxKeys, viewsOf);
}

function viewsOf(keys: readonly DatedSecret[]): InboxKeyView[] {
  const views = keys.map(viewOf);
  if (new Set(views.map(({ address }) => address)).size !== views.length) throw new VaultError('damaged');
  return views;
}

/** Throws 'not-found'. */
function secretOf(keys: readonly DatedSecret[], address: string): Bytes {
  const key = keys.find((one) => viewOf(one).address === address);
  if (!key) throw new VaultError('not-found');
  return key.secret;
}

function viewOf({ secret, createdAtMs }: DatedSecret): InboxKeyView {
  try {
    return { address: addressOf(getPublicKey(secret)).toLowerCase(), createdAtMs };
  } catch {
    throw new VaultError('damaged');
  }
}
