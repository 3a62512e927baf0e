// The sealed record of an identity's rotations: how often, and the one that has begun. What it means is in rotation.ts.
// Promises: one byte string per state; what does not fit is 'damaged', never a state.
// Must not: hold a private key; those lie in the bundle record, written together with this one.
import { VaultError } from '../../contract/errors';
import { rotationDays, type RotationDays } from '../../contract/choices';
import type { RotationStage } from '../../contract/pages/rotation';
import { bytesToHex, hexToBytes } from '../../protocol/base/bytes';
import type { Bytes } from '../store/encoding';
import { concat, createReader, lengthPrefixed, u32, u64, u8 } from '../store/encoding';

export const rotationRecordKind = { type: 'rotation', id: 'state', schema: 1 } as const;

export interface RotationRecord {
  /** What the person chose; null as long as nothing was chosen. */
  chosenDays: RotationDays | null;
  /** When the last rotation was finished in this browser, milliseconds since 1970. */
  lastAtMs: number | null;
  pending: PendingRotation | null;
  /** When the person took the last one back, which puts off the next; null when it was not, or another was begun or chosen since. */
  takenBackAtMs: number | null;
}

export interface PendingRotation {
  /** Public point of the new prekey in hex. */
  prekey: string;
  /** `publishing`: something of it may have been sent, so that it cannot be taken back any more. */
  stage: RotationStage | 'publishing';
  startedAtMs: number;
  /** When and why it stopped last, why in one word; null when it did not. */
  failure: { atMs: number; reason: string } | null;
}

/** Of an identity that never rotated and for which nothing was chosen. */
export const noRotation: RotationRecord = { chosenDays: null, lastAtMs: null, pending: null, takenBackAtMs: null };

const stages = ['sealed', 'publishing', 'copied', 'announced'] as const satisfies readonly PendingRotation['stage'][];

/** Whether a rotation has come at least this far. */
export function hasReached({ stage }: PendingRotation, wanted: PendingRotation['stage']): boolean {
  return stages.indexOf(stage) >= stages.indexOf(wanted);
}

/** A number of days a person can choose. */
export function isRotationDays(value: number): value is RotationDays {
  return rotationDays.some((one) => one === value);
}

/** In the place of a stage: there is none, and the last one was taken back. */
const takenBack = 1 + stages.length;

/** chosen (1), days (4), last (8, 0 for never), stage (1, 0 for none, 5 for a rotation that was taken back, then when (8)); then of a pending rotation: point (65), started (8), failed (8, 0 for never), reason. */
export function encodeRotation({ chosenDays, lastAtMs, pending, takenBackAtMs }: RotationRecord): Bytes {
  const policy = concat(u8(chosenDays === null ? 0 : 1), u32(chosenDays ?? 0), u64(lastAtMs ?? 0));
  if (!pending)
    return takenBackAtMs === null ? concat(policy, u8(0)) : concat(policy, u8(takenBack), u64(takenBackAtMs));
  const { prekey, stage, startedAtMs, failure } = pending;
  return concat(
    policy,
    u8(1 + stages.indexOf(stage)),
    hexToBytes(prekey),
    u64(startedAtMs),
    u64(failure?.atMs ?? 0),
    lengthPrefixed(failure?.reason ?? ''),
  );
}

/** Throws VaultError('damaged'). */
export function decodeRotation(bytes: Uint8Array): RotationRecord {
  const reader = createReader(bytes);
  const [isChosen, chosen, last, at] = [reader.u8(), reader.u32(), reader.u64(), reader.u8()];
  if (isChosen > 1 || !isRotationDays(chosen) || at > takenBack) throw new VaultError('damaged');
  const policy = { chosenDays: isChosen === 1 ? chosen : null, lastAtMs: last === 0 ? null : last };
  const stage = stages[at - 1];
  if (!stage) {
    const takenBackAtMs = at === takenBack ? reader.u64() : null;
    reader.end();
    return { ...policy, pending: null, takenBackAtMs };
  }
  const [prekey, startedAtMs, atMs, reason] = [bytesToHex(reader.take(65)), reader.u64(), reader.u64(), reader.text()];
  reader.end();
  return {
    ...policy,
    takenBackAtMs: null,
    pending: { prekey, stage, startedAtMs, failure: atMs === 0 ? null : { atMs, reason } },
  };
}
