// What the page says of a rotation: how often, how far it came, and whether other apps may be left behind. Pure.
// Must not: decide when a rotation is due; the worker does.
import { rotationDays, type RotationDays } from '../../../contract/choices';
import type { NetworkState } from '../../../contract/pages/network';
import type { RotationStage, RotationState } from '../../../contract/pages/rotation';
import type { MessageKey } from '../../text';

export const everyWords: Record<RotationDays, MessageKey> = {
  0: 'renewNever',
  7: 'renewEvery7',
  30: 'renewEvery30',
  90: 'renewEvery90',
};

/** How far a rotation that stopped has come. */
export const stageWords: Record<RotationStage, MessageKey> = {
  sealed: 'renewSealed',
  copied: 'renewCopied',
  announced: 'renewAnnounced',
};

/** The number of days of a choice in the page; "never" for a value that is not offered. */
export function daysOf(text: string): RotationDays {
  return rotationDays.find((days) => String(days) === text) ?? 0;
}

/**
 * Whether other apps may hold these keys: they came from the network, or lie there as a copy. Such an app falls behind a rotation,
 * so the person has to say that they know.
 */
export function isShared({ keysFrom, copy }: Pick<NetworkState, 'keysFrom' | 'copy'>): boolean {
  return keysFrom === 'network' || copy.state !== 'none';
}

/** Whether choosing this policy needs the warning that renewing now needs: it renews by itself, and did not before. */
export function needsWarning(
  state: Pick<RotationState, 'everyDays'>,
  wanted: RotationDays,
  network: Pick<NetworkState, 'keysFrom' | 'copy'>,
): boolean {
  return wanted !== 0 && state.everyDays === 0 && isShared(network);
}
