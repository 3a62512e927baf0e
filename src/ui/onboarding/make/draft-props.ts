// What every step of a draft is given.
import type { EnrolmentState } from '../../../contract/pages/enrolment';
import type { Series } from '../../signing/ask-props';

export interface DraftProps {
  enrolment: EnrolmentState;
  /**
   * Runs a call that moves the draft on. 'wrong-step' reads the draft again instead: another page, or an answer nobody waited for,
   * was faster.
   */
  move: (call: () => Promise<EnrolmentState>) => Promise<void>;
  /** Whether one press goes on for the signatures that are left. */
  series: Omit<Series, 'left'>;
}
