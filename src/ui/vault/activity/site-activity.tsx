// What one site did with one identity: how often, of which kinds, on which days, and the way to each line.
// Promises: the log is read only once a person asks for it.
import { useState } from 'preact/hooks';
import type { IdentitySummary } from '../../../contract/pages/identity';
import { wholeNumber } from '../../format';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { Icon } from '../../parts/icon';
import { t } from '../../text';
import { countsOf, daysOf, isChosen } from './bursts';
import { DayPicture } from './day-picture';
import { kindWords } from './filters';
import { useLogs } from './use-logs';

const pictureDays = 90;

interface SiteActivityProps {
  identity: IdentitySummary;
  origin: string;
  onAll: () => void;
}

function Counts({ identity, origin, onAll }: SiteActivityProps) {
  const { readers, lines, isWhole, error, retry } = useLogs([identity]);
  // What the person did about the site is not the site's doing.
  const done = lines.filter((line) => isChosen(line, { origin }) && line.decision !== 'you');
  return (
    <div class="stack tight" data-testid="site-counts" aria-busy={!isWhole}>
      {readers}
      {error !== undefined && <Failure error={error} onRetry={retry} />}
      {isWhole && done.length === 0 && <p class="small soft">{t('siteDidNothing')}</p>}
      {done.length > 0 && (
        <>
          <dl class="counts">
            {countsOf(done).map(([kind, count]) => (
              <div key={kind}>
                <dt class="soft">{t(kindWords[kind])}</dt>
                <dd>{wholeNumber(count)}</dd>
              </div>
            ))}
          </dl>
          <DayPicture days={daysOf(done, pictureDays, Date.now())} />
        </>
      )}
      <div>
        <Button testId="site-all-activity" look="quiet" onPress={onAll}>
          {t('siteAllActivity')}
        </Button>
      </div>
    </div>
  );
}

export function SiteActivity(props: SiteActivityProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="disclosure" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary data-testid="site-activity">
        <Icon name="chevron" size={12} />
        {t('siteActivity')}
      </summary>
      <div class="disclosure-body">{isOpen && <Counts {...props} />}</div>
    </details>
  );
}
