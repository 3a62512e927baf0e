// One row of the activity list: a burst of acts that are alike, or what is missing between two lines.
// Promises: the outcome in words, with a picture and a colour; every line of a burst can be looked at. Must not: show a payload.
import { capabilities } from '../../../contract/grants';
import { capabilityWords } from '../../grant-words';
import { dateTime, timeOrDate } from '../../format';
import { Icon, type IconName } from '../../parts/icon';
import { DappText } from '../../parts/shown/dapp-text';
import { Disclosure } from '../../parts/form/field';
import { Origin } from '../../parts/shown/origin';
import { plural, rich, t, type MessageKey } from '../../text';
import { actsOf, methodWords, noteOf, type Decision, type Note } from './activity-words';
import type { Burst, GapRow, LogLine } from './bursts';

export const decisionWords: Record<Decision, MessageKey> = {
  approved: 'decisionApproved',
  covered: 'decisionCovered',
  rejected: 'decisionRejected',
  expired: 'decisionExpired',
  failed: 'outcomeFailed',
  site: 'decisionSite',
  you: 'decisionYou',
  vault: 'decisionVault',
  done: 'outcomeDone',
};

const decisionIcons: Record<Decision, IconName> = {
  approved: 'check',
  covered: 'unlock',
  rejected: 'cross',
  expired: 'clock',
  failed: 'warning',
  site: 'site',
  you: 'person',
  vault: 'lock',
  done: 'check',
};

/** At most so many lines of a burst are listed; the table has them all. */
const listedLines = 100;

export function noteWords(note: Note): string {
  switch (note.is) {
    case 'nothing':
      return '';
    case 'capabilities':
      return note.names
        .map((name) => {
          const known = capabilities.find((capability) => capability === name);
          return known ? t(capabilityWords[known][0]) : name;
        })
        .join(' · ');
    case 'count':
      return plural(note.of, note.count);
    case 'words':
      return t(note.key);
    case 'digest':
      return `${note.hex.slice(0, 8)}…${note.hex.slice(-8)}`;
    case 'text':
      return note.text;
  }
}

/** What a site wanted it for, or how much it was. */
function NoteLine({ line }: { line: LogLine }) {
  const note = noteOf(line.method, line.purpose);
  const words = noteWords(note);
  if (words === '') return null;
  return (
    <p class={note.is === 'digest' ? 'small mono' : 'small'} title={note.is === 'digest' ? note.hex : undefined}>
      <DappText text={words} />
    </p>
  );
}

/** What is said of all lines of a burst; nothing where they differ, or where it is how often, which stands beside the act. */
function SharedNote({ lines }: Pick<Burst, 'lines'>) {
  const [first, ...others] = lines;
  const isAlike = others.every(({ purpose }) => purpose === first.purpose) && actsOf(first) === first.count;
  return isAlike ? <NoteLine line={first} /> : null;
}

export function methodWord(method: string): string {
  const words = methodWords.get(method);
  return words ? t(words) : method;
}

/** `name`: of the identity, where the list has those of several. */
export function BurstRow({ burst, nowMs, name }: { burst: Burst; nowMs: number; name: string | undefined }) {
  const { lines, acts } = burst;
  const [newest] = lines;
  const oldest = lines.at(-1) ?? newest;
  const { method, origin, outcome, decision } = newest;
  return (
    <tr
      data-testid="activity-entry"
      data-method={method}
      data-outcome={outcome}
      data-decision={decision}
      data-acts={acts}
    >
      <td class="small soft">{newest.atMs > 0 ? timeOrDate(newest.atMs, nowMs) : t('timeUnknown')}</td>
      <td>
        <p title={method}>
          <DappText text={methodWord(method)} />
          {acts > 1 && <span class="times">{plural('times', acts)}</span>}
        </p>
        <p class="small soft">
          {origin !== null && <Origin origin={origin} look="inline" />}
          {origin !== null && name !== undefined && ' · '}
          {name !== undefined && rich('siteAs', <DappText text={name} />)}
        </p>
        <SharedNote lines={lines} />
        {lines.length > 1 && (
          <Disclosure testId="activity-each" label={plural('showLines', lines.length)}>
            <ul class="each-line" tabIndex={0}>
              {lines.slice(0, listedLines).map((line) => (
                <li key={line.sequence}>
                  <p class="small soft">
                    {dateTime(line.atMs)}
                    {line.count > 1 && ` · ${plural('times', line.count)}`}
                  </p>
                  <NoteLine line={line} />
                </li>
              ))}
              {lines.length > listedLines && (
                <li class="small soft">{t('linesFrom', dateTime(oldest.atMs), lines.length - listedLines)}</li>
              )}
            </ul>
          </Disclosure>
        )}
      </td>
      <td>
        {newest.atMs > 0 && (
          <span class={`decision by-${decision}`}>
            <Icon name={decisionIcons[decision]} size={12} />
            {t(decisionWords[decision])}
          </span>
        )}
      </td>
    </tr>
  );
}

/** What is missing, in words. */
export function gapWords({ missing }: GapRow['gap']): string {
  return missing === 0 ? t('gapChanged') : plural('gap', missing);
}

export function GapLine({ gap }: { gap: GapRow['gap'] }) {
  return (
    <tr class="gap" data-testid="activity-gap" data-missing={gap.missing}>
      <td colSpan={3}>
        <p class="row">
          <Icon name="warning" />
          {gapWords(gap)}
        </p>
      </td>
    </tr>
  );
}
