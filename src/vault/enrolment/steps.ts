// Where a draft stands: its plan, and the step that follows from what it holds.
// Promises: read off what is stored, so that a page or a worker that comes back finds the same step.
// Must not: open anything.
import { bundleRecord } from '../safe/key-record';
import { VaultError } from '../../contract/errors';
import type { EnrolmentStep } from '../../contract/pages/enrolment';
import type { Replica } from '../safe/replica';
import type { EnrolmentPlan, Header } from '../safe/header';

/** What a draft was begun for. */
export function planOf({ plan }: Pick<Header, 'plan'>): EnrolmentPlan {
  return plan ?? { source: 'new', first: 'wallet' };
}

export function isSamePlan(a: EnrolmentPlan, b: EnrolmentPlan): boolean {
  return a.source === b.source && a.first === b.first;
}

/** Whether the draft holds a whole, signed bundle. */
export function hasBundle({ records }: Pick<Replica, 'records'>): boolean {
  return records.some(({ type }) => type === bundleRecord.type);
}

const keysSteps = { new: 'identity', network: 'retrieve', backup: 'import' } as const;

/** The step of a draft. Throws 'wrong-step' for a finished identity. */
export function stepOf(copy: Replica): EnrolmentStep {
  const { header } = copy;
  if (header.state === 'complete') throw new VaultError('wrong-step');
  const { source, first } = planOf(header);
  if (header.slots.length === 0) return first === 'wallet' ? 'unlock-1' : 'passphrase';
  if (!hasBundle(copy)) return keysSteps[source];
  return first === 'wallet' && header.state !== 'confirmed' ? 'unlock-2' : 'code';
}
