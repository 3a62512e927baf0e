// What every step of a draft is given.
import type { EnrolmentState } from '../../../contract/pages/enrolment';

export interface DraftProps {
  enrolment: EnrolmentState;
  /**
   * Runs a call that moves the draft on. 'wrong-step' reads the draft again instead: another page, or an answer nobody waited for,
   * was faster.
   */
  move: (call: () => Promise<EnrolmentState>) => Promise<void>;
}
