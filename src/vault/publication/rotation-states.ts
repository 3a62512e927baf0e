// What a rotation is at, read from its sealed record, for the parts of the vault that ask which prekey is which.
// Promises: a bundle and the record that names it are written in one write, so that there is never one without the other.
import {
  hasReached,
  encodeRotation,
  noRotation,
  type RotationRecord,
  decodeRotation,
  rotationRecordKind,
} from './rotation-record';
import type { PendingPrekey } from '../keys/own-keys';
import type { Bytes } from '../store/encoding';
import type { SafeChanges, SafeChange } from '../safe/safe-change';
import { bundleRecord } from '../safe/key-record';

/** For the rooms of the vault that ask which prekey is which. */
export interface RotationStates {
  pendingPrekey(safeId: string): Promise<PendingPrekey | undefined>;
  /** Bytes with the new prekey in them are about to be handed out: from now on it cannot be taken back. Without a rotation it does nothing. */
  publishing(safeId: string): Promise<void>;
}

/** What the rooms of the vault are told of rotations, read from the sealed record. */
export function createRotationStates(changes: SafeChanges): RotationStates & {
  read(safeId: string): Promise<RotationRecord>;
  write(
    safeId: string,
    record: RotationRecord,
    stage: string,
    bundleSecret?: Bytes,
    also?: NonNullable<SafeChange['put']>,
  ): Promise<void>;
} {
  async function read(safeId: string): Promise<RotationRecord> {
    const plain = await changes.read(safeId, rotationRecordKind);
    return plain ? decodeRotation(plain) : noRotation;
  }

  /** With a bundle, or what else changes: all in one write, so that there is never one without the other. */
  async function write(
    safeId: string,
    record: RotationRecord,
    stage: string,
    bundleSecret?: Bytes,
    also: NonNullable<SafeChange['put']> = [],
  ): Promise<void> {
    const bundle = bundleSecret ? [{ kind: bundleRecord, plain: bundleSecret }] : [];
    await changes.change({
      stage: `rotation.${stage}`,
      safeId,
      put: [...bundle, ...also, { kind: rotationRecordKind, plain: encodeRotation(record) }],
    });
  }

  return {
    read,
    write,
    async pendingPrekey(safeId) {
      const { pending } = await read(safeId);
      return pending ? { prekey: pending.prekey, isAnnounced: hasReached(pending, 'copied') } : undefined;
    },
    async publishing(safeId) {
      const record = await read(safeId);
      if (record.pending && !hasReached(record.pending, 'publishing')) {
        await write(safeId, { ...record, pending: { ...record.pending, stage: 'publishing' } }, 'publishing');
      }
    },
  };
}
