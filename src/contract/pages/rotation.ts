// Calls about new prekeys.
// Promises: every row can be repeated after a dead worker.
import * as v from 'valibot';
import { rotationDays, type RotationDays } from '../choices';
import { row, type Row } from './pages';
import { safe, safeId, typed } from '../schemas';

export type RotationStage = 'sealed' | 'copied' | 'announced';

export interface RotationState {
  everyDays: RotationDays;
  /** When the next one is due; null for never. */
  nextAtMs: number | null;
  lastAtMs: number | null;
  /** A rotation that has begun and is not finished. `reason`: why it stopped last, if it did. `canCancel`: nothing of it was sent anywhere yet. */
  pending: { stage: RotationStage; startedAtMs: number; reason: string | null; canCancel: boolean } | null;
  /** A rotation will publish to the node. */
  publishes: boolean;
}

export const rotationMethods = {
  rotation_get: row<RotationState>()({ params: safe, pages: ['vault'] }),
  rotation_setPolicy: row<RotationState>()({
    params: v.strictObject({ safeId, everyDays: v.picklist(rotationDays) }),
    pages: ['vault'],
  }),
  /** Begins a rotation, or goes on with the pending rotation, as far as it goes. `typed` replaces what is of another identity, as above. When a step fails the rotation stays pending and the reason is thrown. */
  rotation_run: row<RotationState>()({
    params: v.strictObject({ safeId, typed: v.optional(typed) }),
    pages: ['vault'],
  }),
  /** Finishes a rotation in this browser only, when the node does not let it: what the node has stays behind, and is no longer called ours. Without a rotation it does nothing. */
  rotation_finishHere: row<RotationState>()({ params: safe, pages: ['vault'] }),
  /** Takes a rotation back of which nothing was published. `wrong-step` otherwise. */
  rotation_cancel: row<RotationState>()({ params: safe, pages: ['vault'] }),
} as const satisfies Record<string, Row>;
