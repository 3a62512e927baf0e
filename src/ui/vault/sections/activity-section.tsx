// What was done with the identities, newest first: when, by whom, what for, who decided. Never what was signed.
// Promises: a burst is one row; what is missing is said where it is missing; what is shown can be saved as a table.
import { useMemo, useState } from 'preact/hooks';
import type { IdentitySummary } from '../../../contract/pages/identity';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { DappText } from '../../parts/shown/dapp-text';
import { plural, rich, t } from '../../text';
import { ask } from '../../worker/calls';
import { useCall } from '../../worker/use-call';
import { BurstRow, decisionWords, GapLine, gapWords, methodWord } from '../activity/burst-row';
import { daysOf, isChosen, rowsOf, wordsOf, type Choice, type TextOf } from '../activity/bursts';
import { ChainFacts, ChainWarning, KeptFor } from '../activity/chain-words';
import { csvOf, type CsvWords } from '../activity/csv';
import { DayPicture } from '../activity/day-picture';
import { Filters } from '../activity/filters';
import { searchTexts } from '../activity/search-text';
import { useLogs, type Logs } from '../activity/use-logs';
import { saveTable } from '../backup/save-file';
import type { SectionProps } from './section-props';

/** Rows that are drawn at first, and how many more with each press. */
const rowsAtOnce = 50;
/** Days in the picture. */
const pictureDays = 90;

function csvWords(identities: readonly IdentitySummary[]): CsvWords {
  return {
    heads: {
      time: t('csvTime'),
      identity: t('csvIdentity'),
      account: t('csvAccount'),
      site: t('csvSite'),
      what: t('columnWhat'),
      method: t('csvMethod'),
      purpose: t('csvPurpose'),
      count: t('csvCount'),
      outcome: t('columnOutcome'),
      number: t('csvNumber'),
      gap: t('csvGap'),
    },
    identity: (safeId) => {
      const known = identities.find((identity) => identity.safeId === safeId);
      return { name: known?.name ?? '', account: known?.account ?? '' };
    },
    method: methodWord,
    decision: ({ decision }) => t(decisionWords[decision]),
    gap: ({ gap }) => (gap ? gapWords(gap) : ''),
  };
}

interface TableProps {
  logs: Logs;
  choice: Choice;
  nameOf: (safeId: string) => string | undefined;
  textOf: TextOf;
}

function Table({ logs, choice, nameOf, textOf }: TableProps) {
  const [shown, setShown] = useState(rowsAtOnce);
  const nowMs = Date.now();
  const rows = rowsOf(logs.lines, choice, textOf);
  const atEnd = logs.read.filter(({ safeId }) => choice.safeId === undefined || choice.safeId === safeId);
  if (rows.length === 0 && logs.isWhole && logs.lines.length > 0)
    return (
      <div class="card empty" data-testid="activity-none-chosen">
        <h2>{t('activityNoneChosenTitle')}</h2>
        <p class="soft">{t('activityNoneChosen')}</p>
      </div>
    );
  return (
    <>
      <div class="card" aria-busy={!logs.isWhole}>
        <table class="log">
          <thead>
            <tr>
              <th scope="col">{t('columnWhen')}</th>
              <th scope="col">{t('columnWhat')}</th>
              <th scope="col">{t('columnOutcome')}</th>
            </tr>
          </thead>
          <tbody>
            {atEnd.map(({ safeId, chain }) => chain.gapAtEnd && <GapLine key={`end ${safeId}`} gap={chain.gapAtEnd} />)}
            {rows.slice(0, shown).map((row) =>
              row.is === 'gap' ? (
                <GapLine key={`gap ${row.safeId} ${row.sequence}`} gap={row.gap} />
              ) : (
                <BurstRow
                  // By its oldest line: a burst that goes on stays the same row, and stays open.
                  key={`${row.lines.at(-1)!.safeId} ${row.lines.at(-1)!.sequence}`}
                  burst={row}
                  nowMs={nowMs}
                  name={nameOf(row.lines[0].safeId)}
                />
              ),
            )}
          </tbody>
        </table>
      </div>
      {rows.length > shown && (
        <div>
          <Button testId="activity-more" onPress={() => setShown(shown + rowsAtOnce)}>
            {t('loadMore')}
          </Button>
        </div>
      )}
    </>
  );
}

function Unlocked({ identities, chosen }: { identities: readonly IdentitySummary[]; chosen: Choice }) {
  const logs = useLogs(identities);
  const [choice, setChoice] = useState<Choice>(chosen);
  const call = useCall();
  const { lines, read, readers, isWhole, error, retry } = logs;
  const [only] = identities;
  const of = identities.length > 1 ? identities.find(({ safeId }) => safeId === choice.safeId) : only;
  const ofOne = read.find(({ safeId }) => safeId === of?.safeId);
  const names = JSON.stringify(identities.map(({ safeId, name }) => [safeId, name]));
  const textOf = useMemo(() => {
    const known = new Map(JSON.parse(names) as [string, string][]);
    return searchTexts((safeId) => known.get(safeId) || t('unnamedIdentity'));
  }, [names]);
  const seen = lines.filter((line) => isChosen(line, choice, textOf));
  const nameOf = (safeId: string) =>
    identities.length > 1
      ? identities.find((identity) => identity.safeId === safeId)?.name || t('unnamedIdentity')
      : undefined;
  const save = () => {
    const day = new Date().toISOString().slice(0, 10);
    saveTable(`prekey-vault-activity-${day}.csv`, csvOf(seen, csvWords(identities)));
  };
  if (isWhole && lines.length === 0 && read.every(({ chain }) => chain.gapAtEnd === null && chain.since !== 'lost'))
    return (
      <>
        {readers}
        <div class="card empty" data-testid="activity-empty">
          <h2>{t('activityEmptyTitle')}</h2>
          <p class="soft">{t('activityEmptyBody')}</p>
        </div>
      </>
    );
  return (
    <>
      {readers}
      {error !== undefined && <Failure error={error} onRetry={retry} />}
      {read.map((log) => (
        <ChainWarning key={log.safeId} log={log} />
      ))}
      <Filters identities={identities} lines={lines} choice={choice} onChoice={setChoice} />
      {wordsOf(choice.sought).length > 0 && (
        <p class="small soft" role="status" data-testid="activity-found" data-found={seen.length}>
          {plural('activityFound', seen.length)}
        </p>
      )}
      {lines.length > 0 && <DayPicture days={daysOf(seen, pictureDays, Date.now())} />}
      {!isWhole && error === undefined && (
        <p class="small soft" role="status">
          {t('activityReading', lines.length)}
        </p>
      )}
      {lines.length > 0 && <Table key={JSON.stringify(choice)} {...{ logs, choice, nameOf, textOf }} />}
      {ofOne && <ChainFacts log={ofOne} />}
      <div class="log-end">
        <div class="grow">
          <Button testId="activity-save" isOff={!isWhole || seen.length === 0} onPress={save}>
            {t('saveCsv')}
          </Button>
          <p class="small soft">{t('saveCsvMeaning')}</p>
        </div>
        {of && ofOne && (
          <KeptFor
            days={ofOne.chain.days}
            onDays={(days) =>
              call.run(
                () => ask('activity_keep', { safeId: of.safeId, days }),
                () => undefined,
              )
            }
          />
        )}
      </div>
      {call.error !== undefined && <Failure error={call.error} />}
    </>
  );
}

function Locked({ identity, isOnly }: { identity: IdentitySummary; isOnly: boolean }) {
  return (
    <div class="card empty" data-testid="activity-locked">
      <h2>
        {isOnly
          ? t('activityLockedTitle')
          : rich('activityLockedOf', <DappText text={identity.name || t('unnamedIdentity')} />)}
      </h2>
      <p class="soft">{t('activityLockedBody')}</p>
      <Button
        testId="activity-unlock"
        icon="unlock"
        compact
        onPress={() => void ask('unlock_open', { safeId: identity.safeId })}
      >
        {t('unlock')}
      </Button>
    </div>
  );
}

export function ActivitySection({ state, place }: SectionProps) {
  const unlocked = state.identities.filter(({ status }) => status === 'unlocked');
  const locked = state.identities.filter(({ status }) => status === 'locked');
  const chosen: Choice = 'of' in place && place.of ? place.of : {};
  return (
    <>
      <div class="vault-title">
        <h1 class="hero">{t('activity')}</h1>
      </div>
      <div class="stack">
        {unlocked.length === 0 && locked.length === 0 && (
          <div class="card empty">
            <h2>{t('activityEmptyTitle')}</h2>
            <p class="soft">{t('activityEmptyBody')}</p>
          </div>
        )}
        {unlocked.length > 0 && <Unlocked identities={unlocked} chosen={chosen} />}
        {locked.map((identity) => (
          <Locked key={identity.safeId} identity={identity} isOnly={unlocked.length + locked.length === 1} />
        ))}
      </div>
    </>
  );
}
