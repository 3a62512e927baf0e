// What every kind of approval card is given. Types only.
import type { ShownCard } from '../../../../contract/pages/approvals';
import type { VaultState } from '../../../../contract/pages/identity';
import type { PageParams } from '../../../../contract/pages/methods';

export type Decision = PageParams<'approvals_decide'>['decision'];

export interface CardProps {
  card: ShownCard;
  state: VaultState;
  /** The request no longer waits: nothing can be decided. */
  isGone: boolean;
  /** A decision is on its way. */
  isBusy: boolean;
  /** `others`: cards that were listed on this one, for the same answer. */
  onDecide: (decision: Decision, others?: readonly ShownCard[]) => void;
  /** What else waits of this site, oldest first. */
  alsoWaiting: readonly ShownCard[];
  /** Opens the unlock page for an identity; the window says so when it cannot be opened. */
  onUnlock: (safeId: string) => void;
}
