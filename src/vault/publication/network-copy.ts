// The copy of the private keys on the network (protocol b, j): sealed under the account's "Enable Identity" signature, which is
// remembered sealed, so that a rotation seals anew without asking the wallet.
// Promises: nothing is sealed under a signature that is not the account's (R-I1); only PrivateKeyBundle V1 is written; a copy with any
// key that is not ours is never called ours (R-I4).
// Must not: take a copy over. Retrieval is a flow of its own; here copies are made and compared.
import type { RecordKind } from '../safe/key-record';
import { VaultError } from '../../contract/errors';
import { equalBytes } from '../../protocol/base/bytes';
import { enableIdentityText } from '../../protocol/keys/wallet-text';
import type { BundleAccess } from '../keys/bundle-access';
import type { Bytes } from '../store/encoding';
import { asBytes } from '../store/encoding';
import type { VaultHost } from '../store/host';
import type { CopyRecord, NetworkRecord } from './network-record';
import { decodeNetwork, encodeNetwork, networkRecordKind, nothingPublished } from './network-record';
import type { UnlockedIdentity } from '../keys/unlocked-identity';
import { compareCopy, sealCopyOf, type CopyMatch } from '../keys/rotated-bundle';
import { copyIdOf } from './retrieval';
import type { SafeChanges } from '../safe/safe-change';
import type { Safes } from '../safe/safes';
import { signedBy } from '../unlock/signed-by';
import type { RotationStates } from './rotation-states';

/** What every method throws besides what it says: 'locked', 'not-found', 'damaged', 'newer-format', 'wrong-step' for a draft, 'storage-failed'. */
export interface NetworkCopies {
  /** The "Enable Identity" text to sign. The same one for ever, once it was asked for. */
  copyText(safeId: string): Promise<string>;
  /**
   * The envelope to publish, sealed under this signature of that text, which is remembered. All private keys are in it, also that of a
   * rotation, which cannot be taken back any more. Throws also 'bad-signature', 'wrong-account', 'wrong-step' when no text was asked for.
   */
  sealCopy(input: { safeId: string; signature: Uint8Array }): Promise<Bytes>;
  /** The signature as `signedBy` gives it, which throws; 'wrong-step' when no text was asked for. The caller wipes it. Changes nothing. */
  checkSignature(input: { safeId: string; signature: Uint8Array }): Promise<Bytes>;
  /** The same with the remembered signature. Undefined when there is no copy. */
  resealCopy(safeId: string): Promise<Bytes | undefined>;
  /** How an envelope from the node compares with our keys; opened with `signature`, else with the remembered one. */
  opensCopy(safeId: string, envelope: Uint8Array, signature?: Uint8Array): Promise<CopyMatch>;
  /**
   * The same for rows of the key topic, opened with both: `same` only with `signature` when it is given, `older` for whatever else holds
   * our keys and no others, `no-copy` for bytes that are not an encrypted bundle of anybody.
   */
  classifyCopies(safeId: string, envelopes: readonly Uint8Array[], signature?: Uint8Array): Promise<CopyClass[]>;
  /** The node has the envelope. Throws also 'wrong-step' when none was sealed. */
  copyPublished(safeId: string): Promise<void>;
  /** A second signature has opened what the node gave back. Throws also 'wrong-step' when none was published. */
  copySaved(safeId: string): Promise<void>;
}

/** Whose sealed copy a row is. `other` also for a copy that is ours in form and does not open. */
export type CopyClass = 'same' | 'older' | 'other' | 'no-copy';

/** Reading and writing the record of the node that is set; `use` gets its secret, which is wiped when it is done. */
export interface NetworkRecords {
  read<T>(safeId: string, use: (record: NetworkRecord) => T | Promise<T>): Promise<T>;
  /** Writes what `change` makes of the record, unless that is the record itself. */
  update(safeId: string, change: (record: NetworkRecord) => NetworkRecord): Promise<void>;
  /** Whether something of the identity is, or was, on another node. */
  isElsewhere(safeId: string): Promise<boolean>;
  /**
   * What has to be put when the keys change: copies on other nodes are no longer whole, so they are not called there. `at`: the node
   * that has a whole copy, by default the node that is set; null: none has. The caller wipes.
   */
  outdatedElsewhere(safeId: string, at?: string | null): Promise<{ kind: RecordKind; plain: Bytes }[]>;
}

/** `nodeUrl`: the node that is set now. While no node is set, the record of a node with a copy counts. */
export function createNetworkRecords(options: {
  changes: SafeChanges;
  safes: Pick<Safes, 'copyOf'>;
  nodeUrl: () => string | null;
}): NetworkRecords {
  const { changes, safes, nodeUrl } = options;

  async function readOne<T>(
    safeId: string,
    kind: RecordKind,
    use: (record: NetworkRecord) => T | Promise<T>,
  ): Promise<T> {
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
    safes
      .copyOf(safeId)
      .records.flatMap(({ type, id }) => (type === networkRecordKind(null).type ? [networkRecordKind(id)] : []));

  async function kindNow(safeId: string): Promise<RecordKind> {
    const url = nodeUrl();
    if (url !== null) return networkRecordKind(url);
    const kinds = kindsOf(safeId);
    for (const kind of kinds)
      if (await readOne(safeId, kind, ({ copy }) => copy !== null && copy.state !== 'asked')) return kind;
    return kinds[0] ?? networkRecordKind(null);
  }

  async function otherKinds(safeId: string, at?: string | null): Promise<RecordKind[]> {
    if (at === null) return kindsOf(safeId);
    const { id } = at === undefined ? await kindNow(safeId) : networkRecordKind(at);
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
    async outdatedElsewhere(safeId, at) {
      const put: { kind: RecordKind; plain: Bytes }[] = [];
      for (const kind of await otherKinds(safeId, at))
        await readOne(safeId, kind, (record) => {
          if (record.copy && record.copy.state !== 'asked')
            put.push({ kind, plain: encodeNetwork({ ...record, copy: { ...record.copy, state: 'sealed' } }) });
        });
      return put;
    },
  };
}

export function createNetworkCopies(options: {
  host: VaultHost;
  records: NetworkRecords;
  rotations: Pick<RotationStates, 'publishing'>;
  unlockedIdentity: UnlockedIdentity;
  bundleAccess: BundleAccess;
}): NetworkCopies {
  const { host, records, rotations, unlockedIdentity, bundleAccess } = options;
  const nowMs = (): number => Math.floor(host.nowMs());

  async function seal(
    safeId: string,
    account: string,
    copy: Pick<CopyRecord, 'walletPreKey' | 'signatureSecret'>,
  ): Promise<Bytes> {
    // Written down before there are bytes to send: a rotation whose prekey may be on a node is not taken back.
    await rotations.publishing(safeId);
    const [salt32, nonce12] = [host.randomBytes(32), host.randomBytes(12)];
    return asBytes(
      await bundleAccess(safeId, (bundleSecret) => sealCopyOf(bundleSecret, account, { ...copy, salt32, nonce12 })),
    );
  }

  async function askedPreKey(safeId: string): Promise<Bytes> {
    const walletPreKey = await records.read(safeId, ({ copy }) => copy?.walletPreKey);
    if (!walletPreKey) throw new VaultError('wrong-step');
    return walletPreKey;
  }

  return {
    async copyText(safeId) {
      await unlockedIdentity(safeId);
      // A second one would make the signature of the first worthless, and old envelopes stay downloadable anyway (protocol b.2).
      await records.update(safeId, (record) =>
        record.copy
          ? record
          : {
              ...record,
              copy: {
                state: 'asked',
                atMs: nowMs(),
                walletPreKey: host.randomBytes(32),
                signatureSecret: new Uint8Array(0),
              },
            },
      );
      return records.read(safeId, ({ copy }) => {
        if (!copy) throw new VaultError('damaged');
        return enableIdentityText(copy.walletPreKey);
      });
    },
    async checkSignature({ safeId, signature }) {
      const { account, mustStillBeOpen } = await unlockedIdentity(safeId);
      const complete = signedBy(account, enableIdentityText(await askedPreKey(safeId)), signature);
      mustStillBeOpen();
      return complete;
    },
    async sealCopy({ safeId, signature }) {
      const { account, mustStillBeOpen } = await unlockedIdentity(safeId);
      const walletPreKey = await askedPreKey(safeId);
      const signatureSecret = signedBy(account, enableIdentityText(walletPreKey), signature);
      try {
        const envelope = await seal(safeId, account, { walletPreKey, signatureSecret });
        // Remembered before the bytes are handed out: what may lie on the node can always be sealed anew.
        await records.update(safeId, (record) => {
          if (record.copy && equalBytes(record.copy.signatureSecret, signatureSecret)) return record;
          const wasPublished = record.copy?.state === 'published' || record.copy?.state === 'saved';
          return {
            ...record,
            copy: { state: wasPublished ? 'published' : 'sealed', atMs: nowMs(), walletPreKey, signatureSecret },
          };
        });
        mustStillBeOpen();
        return envelope;
      } finally {
        signatureSecret.fill(0);
      }
    },
    async resealCopy(safeId) {
      const { account, mustStillBeOpen } = await unlockedIdentity(safeId);
      const envelope = await records.read(safeId, ({ copy }) =>
        copy && copy.state !== 'asked' ? seal(safeId, account, copy) : undefined,
      );
      mustStillBeOpen();
      return envelope;
    },
    async opensCopy(safeId, envelope, signature) {
      const { mustStillBeOpen } = await unlockedIdentity(safeId);
      const found = await records.read(safeId, ({ copy }) => {
        const secret = signature ?? copy?.signatureSecret;
        if (!secret || secret.length === 0) return 'does-not-open';
        return bundleAccess(safeId, (bundleSecret) => compareCopy(bundleSecret, envelope, secret));
      });
      mustStillBeOpen();
      return found;
    },
    async classifyCopies(safeId, envelopes, signature) {
      const { mustStillBeOpen } = await unlockedIdentity(safeId);
      const found = await records.read(safeId, ({ copy }) => {
        const remembered = copy && copy.signatureSecret.length > 0 ? copy.signatureSecret : undefined;
        const secrets = [signature ?? remembered, signature && remembered].filter((one) => one !== undefined);
        return bundleAccess(safeId, (bundleSecret) =>
          envelopes.map((envelope): CopyClass => {
            if (copyIdOf(envelope) === undefined) return 'no-copy';
            const [first, second] = secrets.map((secret) => compareCopy(bundleSecret, envelope, secret));
            if (first === 'same') return 'same';
            return first === 'older' || second === 'same' || second === 'older' ? 'older' : 'other';
          }),
        );
      });
      mustStillBeOpen();
      return found;
    },
    async copyPublished(safeId) {
      await unlockedIdentity(safeId);
      await records.update(safeId, (record) => {
        const { copy } = record;
        if (!copy || copy.state === 'asked') throw new VaultError('wrong-step');
        return { ...record, copy: { ...copy, state: copy.state === 'saved' ? 'saved' : 'published', atMs: nowMs() } };
      });
    },
    async copySaved(safeId) {
      await unlockedIdentity(safeId);
      await records.update(safeId, (record) => {
        const { copy } = record;
        if (!copy || copy.state === 'asked' || copy.state === 'sealed') throw new VaultError('wrong-step');
        return { ...record, copy: { ...copy, state: 'saved', atMs: nowMs() } };
      });
    },
  };
}
