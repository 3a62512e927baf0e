// The copy of the private keys on the network (protocol b, j): sealed under the account's "Enable Identity" signature, which is
// remembered sealed, so that a rotation seals anew without asking the wallet.
// Promises: nothing is sealed under a signature that is not the account's (R-I1); only PrivateKeyBundle V1 is written; a copy with any
// key that is not ours is never called ours (R-I4).
// Must not: take a copy over. Retrieval is a flow of its own; here copies are made and compared.
import { VaultError } from '../contract/errors';
import { equalBytes } from '../protocol/bytes';
import { recoverWalletAddress } from '../protocol/ethereum';
import { enableIdentityText } from '../protocol/wallet-text';
import type { BundleDoor } from './bundle-door';
import type { Bytes } from './encoding';
import { asBytes } from './encoding';
import type { VaultHost } from './host';
import type { CopyRecord, NetworkRecord } from './network-record';
import { decodeNetwork, encodeNetwork, networkRecordKind, nothingPublished } from './network-record';
import type { OpenIdentity } from './open-identity';
import { compareCopy, sealCopyOf, type CopyMatch } from './private-rotation';
import type { RotationStates } from './rotation';
import type { RecordKind, SafeChanges } from './safe-change';
import type { Safes } from './safes';

/** What every method throws besides what it says: 'locked', 'not-found', 'damaged', 'newer-format', 'wrong-step' for a draft, 'storage-failed'. */
export interface NetworkCopies {
  /** The "Enable Identity" text to sign. The same one for ever, once it was asked for. */
  copyText(safeId: string): Promise<string>;
  /**
   * The envelope to publish, sealed under this signature of that text, which is remembered. All private keys are in it, also that of a
   * rotation, which cannot be taken back any more. Throws also 'bad-signature', 'wrong-account', 'wrong-step' when no text was asked for.
   */
  sealCopy(input: { safeId: string; signature: Uint8Array }): Promise<Bytes>;
  /** Throws 'wrong-account' or 'bad-signature' unless the account signed that text, 'wrong-step' when none was asked for. Changes nothing. */
  checkSignature(input: { safeId: string; signature: Uint8Array }): Promise<void>;
  /** The same with the remembered signature. Undefined when there is no copy. */
  resealCopy(safeId: string): Promise<Bytes | undefined>;
  /** How an envelope from the node compares with our keys; opened with `signature`, else with the remembered one. */
  opensCopy(safeId: string, envelope: Uint8Array, signature?: Uint8Array): Promise<CopyMatch>;
  /** The node has the envelope. Throws also 'wrong-step' when none was sealed. */
  copyPublished(safeId: string): Promise<void>;
  /** A second signature has opened what the node gave back. Throws also 'wrong-step' when none was published. */
  copySaved(safeId: string): Promise<void>;
}

/** Reading and writing the record of the node that is set; `use` gets its secret, which is wiped when it is done. */
export interface NetworkRecords {
  read<T>(safeId: string, use: (record: NetworkRecord) => T | Promise<T>): Promise<T>;
  /** Writes what `change` makes of the record, unless that is the record itself. */
  update(safeId: string, change: (record: NetworkRecord) => NetworkRecord): Promise<void>;
  /** Whether something of the identity is, or was, on another node. */
  isElsewhere(safeId: string): Promise<boolean>;
  /** What has to be put when the keys change: copies on other nodes are no longer whole, so they are not called there. The caller wipes. */
  outdatedElsewhere(safeId: string): Promise<{ kind: RecordKind; plain: Bytes }[]>;
}

/** `nodeUrl`: the node that is set now. While none is, the record of one with a copy counts. */
export function createNetworkRecords(options: { changes: SafeChanges; safes: Pick<Safes, 'copyOf'>; nodeUrl: () => string | null }): NetworkRecords {
  const { changes, safes, nodeUrl } = options;

  async function readOne<T>(safeId: string, kind: RecordKind, use: (record: NetworkRecord) => T | Promise<T>): Promise<T> {
    const plain = await changes.read(safeId, kind);
    const record = plain ? decodeNetwork(plain) : nothingPublished;
    plain?.fill(0);
    try {
      return await use(record);
    } finally {
      record.copy?.signatureSecret.fill(0);
    }
  }

  const kindsOf = (safeId: string): RecordKind[] =>
    safes.copyOf(safeId).records.flatMap(({ type, id }) => (type === networkRecordKind(null).type ? [networkRecordKind(id)] : []));

  async function kindNow(safeId: string): Promise<RecordKind> {
    const url = nodeUrl();
    if (url !== null) return networkRecordKind(url);
    const kinds = kindsOf(safeId);
    for (const kind of kinds) if (await readOne(safeId, kind, ({ copy }) => copy !== null && copy.state !== 'asked')) return kind;
    return kinds[0] ?? networkRecordKind(null);
  }

  async function otherKinds(safeId: string): Promise<RecordKind[]> {
    const { id } = await kindNow(safeId);
    return kindsOf(safeId).filter((kind) => kind.id !== id);
  }

  return {
    read: async (safeId, use) => readOne(safeId, await kindNow(safeId), use),
    async update(safeId, change) {
      const kind = await kindNow(safeId);
      await readOne(safeId, kind, async (record) => {
        const next = change(record);
        if (next === record) return;
        const plain = encodeNetwork(next);
        try {
          await changes.change({ stage: 'network', safeId, put: [{ kind, plain }] });
        } finally {
          plain.fill(0);
        }
      });
    },
    isElsewhere: async (safeId) => (await otherKinds(safeId)).length > 0,
    async outdatedElsewhere(safeId) {
      const put: { kind: RecordKind; plain: Bytes }[] = [];
      for (const kind of await otherKinds(safeId))
        await readOne(safeId, kind, (record) => {
          if (record.copy && record.copy.state !== 'asked') put.push({ kind, plain: encodeNetwork({ ...record, copy: { ...record.copy, state: 'sealed' } }) });
        });
      return put;
    },
  };
}

export function createNetworkCopies(options: {
  host: VaultHost;
  records: NetworkRecords;
  rotations: Pick<RotationStates, 'publishing'>;
  openIdentity: OpenIdentity;
  door: BundleDoor;
}): NetworkCopies {
  const { host, records, rotations, openIdentity, door } = options;
  const nowMs = (): number => Math.floor(host.nowMs());

  async function seal(safeId: string, account: string, copy: Pick<CopyRecord, 'walletPreKey' | 'signatureSecret'>): Promise<Bytes> {
    // Written down before there are bytes to send: a rotation whose prekey may be on a node is not taken back.
    await rotations.publishing(safeId);
    const [salt32, nonce12] = [host.randomBytes(32), host.randomBytes(12)];
    return asBytes(await door(safeId, (bundleSecret) => sealCopyOf(bundleSecret, account, { ...copy, salt32, nonce12 })));
  }

  async function askedPreKey(safeId: string): Promise<Bytes> {
    const walletPreKey = await records.read(safeId, ({ copy }) => copy?.walletPreKey);
    if (!walletPreKey) throw new VaultError('wrong-step');
    return walletPreKey;
  }

  return {
    async copyText(safeId) {
      await openIdentity(safeId);
      // A second one would make the signature of the first worthless, and old envelopes stay downloadable anyway (protocol b.2).
      await records.update(safeId, (record) =>
        record.copy ? record : { ...record, copy: { state: 'asked', atMs: nowMs(), walletPreKey: host.randomBytes(32), signatureSecret: new Uint8Array(0) } },
      );
      return records.read(safeId, ({ copy }) => {
        if (!copy) throw new VaultError('damaged');
        return enableIdentityText(copy.walletPreKey);
      });
    },
    async checkSignature({ safeId, signature }) {
      const { account, mustStillBeOpen } = await openIdentity(safeId);
      mustBeSignedBy(account, await askedPreKey(safeId), signature);
      mustStillBeOpen();
    },
    async sealCopy({ safeId, signature }) {
      const { account, mustStillBeOpen } = await openIdentity(safeId);
      const walletPreKey = await askedPreKey(safeId);
      mustBeSignedBy(account, walletPreKey, signature);
      const envelope = await seal(safeId, account, { walletPreKey, signatureSecret: asBytes(signature) });
      // Remembered before the bytes are handed out: what may lie on the node can always be sealed anew.
      await records.update(safeId, (record) => {
        if (record.copy && equalBytes(record.copy.signatureSecret, signature)) return record;
        const wasPublished = record.copy?.state === 'published' || record.copy?.state === 'saved';
        return { ...record, copy: { state: wasPublished ? 'published' : 'sealed', atMs: nowMs(), walletPreKey, signatureSecret: asBytes(signature) } };
      });
      mustStillBeOpen();
      return envelope;
    },
    async resealCopy(safeId) {
      const { account, mustStillBeOpen } = await openIdentity(safeId);
      const envelope = await records.read(safeId, ({ copy }) => (copy && copy.state !== 'asked' ? seal(safeId, account, copy) : undefined));
      mustStillBeOpen();
      return envelope;
    },
    async opensCopy(safeId, envelope, signature) {
      const { mustStillBeOpen } = await openIdentity(safeId);
      const found = await records.read(safeId, ({ copy }) => {
        const secret = signature ?? copy?.signatureSecret;
        if (!secret || secret.length === 0) return 'does-not-open';
        return door(safeId, (bundleSecret) => compareCopy(bundleSecret, envelope, secret));
      });
      mustStillBeOpen();
      return found;
    },
    async copyPublished(safeId) {
      await openIdentity(safeId);
      await records.update(safeId, (record) => {
        const { copy } = record;
        if (!copy || copy.state === 'asked') throw new VaultError('wrong-step');
        return { ...record, copy: { ...copy, state: copy.state === 'saved' ? 'saved' : 'published', atMs: nowMs() } };
      });
    },
    async copySaved(safeId) {
      await openIdentity(safeId);
      await records.update(safeId, (record) => {
        const { copy } = record;
        if (!copy || copy.state === 'asked' || copy.state === 'sealed') throw new VaultError('wrong-step');
        return { ...record, copy: { ...copy, state: 'saved', atMs: nowMs() } };
      });
    },
  };
}

/** Recovery gives some account for almost every signature: only the right one counts (security 0.3). */
function mustBeSignedBy(account: string, walletPreKey: Uint8Array, signature: Uint8Array): void {
  let signer: string;
  try {
    signer = recoverWalletAddress(enableIdentityText(walletPreKey), signature);
  } catch {
    throw new VaultError('bad-signature');
  }
  if (signer !== account) throw new VaultError('wrong-account', signer);
}
