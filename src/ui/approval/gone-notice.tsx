// Says what became of a card that went away, on it or on the one that comes after it.
// Promises: nothing sounds as if something had been approved that was not, or as if nothing had been when it was.
import type { RequestFate } from '../../contract/pages/approvals';
import { Notice } from '../parts/notice';
import { t, type MessageKey } from '../text';
import type { Queue } from './queue';

type Words = [title: MessageKey, body: MessageKey];

const fateWords: Record<Exclude<RequestFate, 'waiting'>, Words> = {
  done: ['goneDoneTitle', 'goneDone'],
  rejected: ['goneRejectedTitle', 'goneRejected'],
  expired: ['goneExpiredTitle', 'goneExpired'],
  interrupted: ['goneInterruptedTitle', 'goneInterrupted'],
  withdrawn: ['goneTitle', 'goneWithdrawn'],
  unknown: ['goneTitle', 'goneUnknown'],
};

/** `fate` is undefined until the worker has told it: until then nothing is claimed. */
export function GoneNotice({ fate }: { fate: RequestFate | undefined }) {
  if (fate === undefined || fate === 'waiting') return <Notice title={t('goneTitle')} testId="approval-gone" />;
  const [title, body] = fateWords[fate];
  return (
    <Notice tone={fate === 'done' ? 'good' : 'plain'} title={t(title)} testId="approval-gone">
      {t(body)}
    </Notice>
  );
}

const missedWords: Record<NonNullable<Queue['missed']>, Words> = {
  over: ['missedOverTitle', 'missedOver'],
  changed: ['missedChangedTitle', 'missedChanged'],
  answered: ['missedAnsweredTitle', 'missedAnswered'],
};

export function MissedNotice({
  missed,
  isHeading = false,
}: {
  missed: NonNullable<Queue['missed']>;
  /** Nothing else is on the page. */
  isHeading?: boolean;
}) {
  const [title, body] = missedWords[missed];
  return (
    <Notice
      tone={missed === 'answered' ? 'good' : 'plain'}
      title={t(title)}
      isHeading={isHeading}
      testId="approval-missed"
    >
      {t(body)}
    </Notice>
  );
}
