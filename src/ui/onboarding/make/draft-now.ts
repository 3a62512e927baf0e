// Where a draft stands after a call that no longer fitted: another page, or an answer that was lost, was faster.
// Promises: an enrolment that is finished by then is told as what it is, an identity. Must not: change anything.
import type { EnrolmentState } from '../../../contract/pages/enrolment';
import type { IdentitySummary } from '../../../contract/pages/identity';
import { VaultCallError } from '../../worker/channel';
import { ask } from '../../worker/calls';

/** Reads the draft and hands on what it found; throws VaultCallError, e.g. `not-found` for a draft that was discarded. */
export async function readDraft(
  safeId: string,
  {
    onEnrolment,
    onReady,
  }: { onEnrolment: (enrolment: EnrolmentState) => void; onReady: (identity: IdentitySummary) => void },
): Promise<void> {
  let enrolment: EnrolmentState;
  try {
    enrolment = await ask('enrol_get', { safeId });
  } catch (thrown) {
    const isFinished = thrown instanceof VaultCallError && thrown.reason === 'wrong-step';
    const identity = isFinished ? (await ask('state_get')).identities.find((one) => one.safeId === safeId) : undefined;
    if (!identity || identity.status === 'enrolling') throw thrown;
    return onReady(identity);
  }
  onEnrolment(enrolment);
}
