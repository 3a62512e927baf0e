// What every kind of approval card is given. Types only.
import type { ShownCard, InternalParams, VaultState } from '../../contract/internal';

export type Decision = InternalParams<'approvals_decide'>['decision'];

export interface CardProps {
  card: ShownCard;
  state: VaultState;
  /** The request no longer waits: nothing can be decided. */
  isGone: boolean;
  /** A decision is on its way. */
  isBusy: boolean;
  onDecide: (decision: Decision) => void;
}
