// By what the activity list is chosen: words, identity, site, kind, outcome.
// Promises: offers what is there to choose, and says when something is chosen. Must not: keep what was chosen beyond the page.
import { useRef } from 'preact/hooks';
import type { IdentitySummary } from '../../../contract/pages/identity';
import { Button } from '../../parts/form/button';
import { Select, TextField } from '../../parts/form/field';
import { t, type MessageKey } from '../../text';
import { decisions, kinds, type Kind } from './activity-words';
import { sitesOf, type Choice, type LogLine } from './bursts';
import { decisionWords } from './burst-row';

export const kindWords: Record<Kind, MessageKey> = {
  connections: 'kindConnections',
  signatures: 'kindSignatures',
  messages: 'kindMessages',
  keys: 'kindKeys',
  network: 'kindNetwork',
  settings: 'kindSettings',
};

/** Stands for "all", and for acts that were no site's; no origin looks like these. */
const [all, noSite] = ['all', 'no site'] as const;

interface FiltersProps {
  identities: readonly IdentitySummary[];
  lines: readonly LogLine[];
  choice: Choice;
  onChoice: (choice: Choice) => void;
}

export function Filters({ identities, lines, choice, onChoice }: FiltersProps) {
  const isChosen = Object.values(choice).some((value) => value !== undefined);
  const place = useRef<HTMLElement>(null);
  const sites = sitesOf(lines);
  // A site that was chosen elsewhere stays in the list, also while none of its lines was read.
  const named = typeof choice.origin === 'string' && !sites.includes(choice.origin) ? [choice.origin, ...sites] : sites;
  const present = decisions.filter(
    (decision) => decision === choice.decision || lines.some((line) => line.decision === decision),
  );
  const option = <T extends string>(value: T, words: string) => ({ value, words });
  return (
    <search class="filters" ref={place}>
      <div
        class="filters-search"
        onKeyDown={(event) => {
          // As in any search: Escape empties it.
          if (event.key !== 'Escape' || !choice.sought) return;
          event.preventDefault();
          onChoice({ ...choice, sought: undefined });
        }}
      >
        <TextField
          testId="activity-search"
          label={t('activitySearch')}
          value={choice.sought ?? ''}
          onValue={(sought) => onChoice({ ...choice, sought: sought === '' ? undefined : sought })}
        />
      </div>
      {identities.length > 1 && (
        <Select
          testId="activity-identity"
          label={t('whichIdentity')}
          value={choice.safeId ?? all}
          options={[
            option(all, t('everyIdentity')),
            ...identities.map(({ safeId, name }) => option(safeId, name || t('unnamedIdentity'))),
          ]}
          onValue={(value) => onChoice({ ...choice, safeId: value === all ? undefined : value })}
        />
      )}
      <Select
        testId="activity-site"
        label={t('whichSite')}
        value={choice.origin === null ? noSite : (choice.origin ?? all)}
        options={[
          option(all, t('everySite')),
          option(noSite, t('noSite')),
          ...named.map((origin) => option(origin, origin)),
        ]}
        onValue={(value) =>
          onChoice({ ...choice, origin: value === all ? undefined : value === noSite ? null : value })
        }
      />
      <Select
        testId="activity-kind"
        label={t('whichKind')}
        value={choice.kind ?? all}
        options={[option(all, t('everyKind')), ...kinds.map((kind) => option(kind, t(kindWords[kind])))]}
        onValue={(value) => onChoice({ ...choice, kind: kinds.find((kind) => kind === value) })}
      />
      <Select
        testId="activity-outcome"
        label={t('columnOutcome')}
        value={choice.decision ?? all}
        options={[option(all, t('everyOutcome')), ...present.map((one) => option(one, t(decisionWords[one])))]}
        onValue={(value) => onChoice({ ...choice, decision: decisions.find((one) => one === value) })}
      />
      {isChosen && (
        <div class="filters-clear">
          <Button
            testId="activity-clear"
            look="quiet"
            onPress={() => {
              onChoice({});
              // The button goes; the keyboard is where the next choice begins.
              place.current?.querySelector('input')?.focus();
            }}
          >
            {t('showAllAgain')}
          </Button>
        </div>
      )}
    </search>
  );
}
