// What of an identity is public on the network: its contact, and what this browser knows of contact and copy there.
// Promises: peers are shown one prekey, the current one or the one a rotation announces; tokens are dated by the vault's clock.
// Must not: know a network, or hand a token to a page: with a token it could overwrite the account's keys and contact (protocol c.4).
import type { NetworkNotice, NetworkState } from '../../contract/pages/network';
import { validateSignedPublicKeyBundle } from '../../protocol/keys/bundles';
import { equalBytes } from '../../protocol/base/bytes';
import { decodeContactBundle } from '../../protocol/keys/contact-bundle';
import { ProtocolError } from '../../protocol/base/errors';
import type { BundleAccess } from '../keys/bundle-access';
import { asBytes, type Bytes } from '../store/encoding';
import type { VaultHost } from '../store/host';
import { readOrigin } from '../keys/key-origin';
import type { NetworkCopies, NetworkRecords } from './network-copy';
import type { UnlockedIdentity } from '../keys/unlocked-identity';
import { ownPreKey } from '../keys/own-keys';
import { authToken } from '../keys/message-keys';
import { contactOf } from '../keystore/publish-check';
import type { SafeChanges } from '../safe/safe-change';

/** `other-identity` also for a prekey of our identity key that this browser does not have: messages to it could not be read here. */
export type ContactClass = 'current' | 'pending' | 'older-prekey' | 'other-identity' | 'unreadable';

/** What every method throws besides what it says: 'locked', 'not-found', 'damaged', 'newer-format', 'wrong-step' for a draft, 'storage-failed'. */
export interface Publication extends NetworkCopies {
  /** The two contacts to publish, V1 before V2: with the new prekey once a rotation was marked `copied`, else with the current one. */
  contactMessages(safeId: string): Promise<{ v1: Bytes; v2: Bytes }>;
  /** Whose contact this is. `unreadable`: no contact of this account, or a contact that nobody should believe. */
  classifyContact(safeId: string, message: Uint8Array): Promise<ContactClass>;
  /** An auth token dated now (protocol c.4). */
  token(safeId: string): Promise<Bytes>;
  contactPublished(safeId: string, atMs: number): Promise<void>;
  notice(safeId: string, notice: NetworkNotice | null): Promise<void>;
  facts(safeId: string): Promise<Omit<NetworkState, 'environment'>>;
}

export function createPublication(options: {
  host: VaultHost;
  records: NetworkRecords;
  copies: NetworkCopies;
  changes: SafeChanges;
  unlockedIdentity: UnlockedIdentity;
  bundleAccess: BundleAccess;
}): Publication {
  const { host, records, copies, changes, unlockedIdentity, bundleAccess } = options;

  return {
    ...copies,
    async contactMessages(safeId) {
      const { ownKeys, mustStillBeOpen } = await unlockedIdentity(safeId);
      const own = await ownKeys();
      mustStillBeOpen();
      return { v1: asBytes(contactOf(own, 1)), v2: asBytes(contactOf(own, 2)) };
    },
    async classifyContact(safeId, message) {
      const { account, ownKeys, mustStillBeOpen } = await unlockedIdentity(safeId);
      const own = await ownKeys();
      mustStillBeOpen();
      const bundle = believable(message, account);
      if (!bundle) return 'unreadable';
      if (!equalBytes(bundle.identityKey.publicKey, own.identityKey.publicKey)) return 'other-identity';
      const preKey = ownPreKey(own, bundle.preKey);
      if (!preKey) return 'other-identity';
      if (preKey === own.pending) return 'pending';
      return preKey === own.current ? 'current' : 'older-prekey';
    },
    async token(safeId) {
      const { account, mustStillBeOpen } = await unlockedIdentity(safeId);
      const createdNs = BigInt(Math.floor(host.nowMs())) * 1_000_000n;
      const token = await bundleAccess(safeId, (bundleSecret) => authToken(bundleSecret, account, createdNs));
      mustStillBeOpen();
      return token;
    },
    async contactPublished(safeId, atMs) {
      await unlockedIdentity(safeId);
      const contactPublishedAtMs = Math.floor(atMs);
      await records.update(safeId, (record) =>
        record.contactPublishedAtMs === contactPublishedAtMs ? record : { ...record, contactPublishedAtMs },
      );
    },
    async notice(safeId, notice) {
      await unlockedIdentity(safeId);
      await records.update(safeId, (record) => (record.notice === notice ? record : { ...record, notice }));
    },
    async facts(safeId) {
      const { mustStillBeOpen } = await unlockedIdentity(safeId);
      const keysFrom = await readOrigin(changes, safeId);
      const facts = await records.read(safeId, ({ copy, contactPublishedAtMs, notice }) => {
        const isThere = copy !== null && (copy.state === 'published' || copy.state === 'saved');
        const { state, atMs } = isThere ? copy : { state: 'none' as const, atMs: 0 };
        return { contactPublishedAtMs, copy: state === 'none' ? { state } : { state, atMs }, notice, keysFrom } as Omit<
          NetworkState,
          'environment'
        >;
      });
      mustStillBeOpen();
      return facts;
    },
  };
}

/** The bundle of a contact whose identity key this account signed, and whose prekey that identity key signed; undefined for others. */
function believable(message: Uint8Array, account: string) {
  try {
    const { bundle } = decodeContactBundle(message);
    validateSignedPublicKeyBundle(bundle, { expectedAddress: account });
    return bundle;
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
