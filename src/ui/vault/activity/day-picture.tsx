// How much was done each day, as bars.
// Promises: says the same in a sentence for who does not see it. Must not: hold more than counts.
import { date } from '../../format';
import { plural, t } from '../../text';
import type { Day } from './bursts';

const [height, gap] = [40, 0.25];

export function DayPicture({ days }: { days: readonly Day[] }) {
  const most = days.reduce((best, day) => (day.acts > best.acts ? day : best), days[0] ?? { atMs: 0, acts: 0 });
  const all = days.reduce((sum, { acts }) => sum + acts, 0);
  const sentence =
    all === 0
      ? t('daysNone', days.length)
      : t('daysSentence', plural('acts', all), days.length, date(most.atMs), most.acts);
  const [first, last] = [days[0], days.at(-1)];
  return (
    <figure class="days" data-testid="activity-days">
      <svg viewBox={`0 0 ${days.length} ${height}`} preserveAspectRatio="none" role="img" aria-label={sentence}>
        <rect class="days-ground" y={height - 1} width={days.length} height="1" />
        {days.map(({ atMs, acts }, at) => {
          // A day with one act among days with thousands is still seen.
          const bar = acts === 0 ? 0 : Math.max(3, (height * acts) / most.acts);
          return (
            acts > 0 && (
              <rect key={atMs} class="days-bar" x={at + gap / 2} y={height - bar} width={1 - gap} height={bar}>
                <title>{`${date(atMs)}: ${plural('acts', acts)}`}</title>
              </rect>
            )
          );
        })}
      </svg>
      <figcaption class="row apart small soft" aria-hidden="true">
        <span>{first && date(first.atMs)}</span>
        <span>{all === 0 ? t('daysNone', days.length) : plural('acts', all)}</span>
        <span>{last && t('today')}</span>
      </figcaption>
    </figure>
  );
}
