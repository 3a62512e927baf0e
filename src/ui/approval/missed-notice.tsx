// Says that the person's last answer did not count, and why.
// Promises: nothing sounds as if something had been approved.
import { Notice } from '../parts/notice';
import { t } from '../text';
import type { Queue } from './queue';

export function MissedNotice({ missed }: { missed: NonNullable<Queue['missed']> }) {
  return (
    <Notice title={t(missed === 'over' ? 'missedOverTitle' : 'missedChangedTitle')} testId="approval-missed">
      {t(missed === 'over' ? 'missedOver' : 'missedChanged')}
    </Notice>
  );
}
