// One card answered, as a person answers it.
// Must not: be imported by anything but tests.
import type { ApprovalDecision, ApprovalRecord, Approvals, Listed } from '../consent/approvals/approvals';

/** The record of a card after this decision on it alone. */
export async function decideOne(
  approvals: Pick<Approvals, 'decideAll'>,
  { decision, ...card }: Listed & { decision: ApprovalDecision },
): Promise<ApprovalRecord> {
  const [record] = await approvals.decideAll([card], decision);
  if (!record) throw new Error('a decision without a record');
  return record;
}
