// What was done with an identity, newest first: when, by whom, what for, how it ended. Never what was signed.
// Promises: older entries come on request, page by page.
import { useEffect, useState } from 'preact/hooks';
import type { ActivityEntry, ActivityOutcome, IdentitySummary } from '../../../contract/pages/identity';
import { capabilities } from '../../../contract/grants';
import { capabilityWords } from '../../grant-words';
import { Failure } from '../../parts/failure';
import { timeOrDate } from '../../format';
import type { PageProps } from '../../parts/page';
import { Button } from '../../parts/form/button';
import { DappText } from '../../parts/shown/dapp-text';
import { Select } from '../../parts/form/field';
import { Origin } from '../../parts/shown/origin';
import { plural, t, type MessageKey } from '../../text';
import { ask, useVault } from '../../worker/calls';
import { methodWords, noteOf, type Note } from './activity-words';

const pageSize = 50;

const outcomeWords: Record<ActivityOutcome, MessageKey> = {
  done: 'outcomeDone',
  rejected: 'outcomeRejected',
  expired: 'outcomeExpired',
  failed: 'outcomeFailed',
};

/** What a site wanted it for, or how much it was. */
function NoteLine({ note }: { note: Note }) {
  switch (note.is) {
    case 'nothing':
      return null;
    case 'capabilities': {
      const words = note.names.map((name) => {
        const known = capabilities.find((capability) => capability === name);
        return known ? t(capabilityWords[known][0]) : name;
      });
      return (
        <p class="small">
          <DappText text={words.join(' · ')} />
        </p>
      );
    }
    case 'count':
      return <p class="small">{plural(note.one, note.other, note.count)}</p>;
    case 'words':
      return <p class="small">{t(note.key)}</p>;
    case 'digest':
      return (
        <p class="small mono" title={note.hex}>
          {`${note.hex.slice(0, 8)}…${note.hex.slice(-8)}`}
        </p>
      );
    case 'text':
      return (
        <p class="small">
          <DappText text={note.text} />
        </p>
      );
  }
}

function Entry({ entry, nowMs }: { entry: ActivityEntry; nowMs: number }) {
  const words = methodWords.get(entry.method);
  return (
    <tr data-testid="activity-entry" data-method={entry.method} data-outcome={entry.outcome}>
      <td class="small soft">{timeOrDate(entry.atMs, nowMs)}</td>
      <td>
        <p title={entry.method}>{words ? t(words) : <DappText text={entry.method} />}</p>
        <p class="small soft">{entry.origin === null ? t('byYou') : <Origin origin={entry.origin} look="inline" />}</p>
        <NoteLine note={noteOf(entry.method, entry.purpose)} />
      </td>
      <td class="small soft">{t(outcomeWords[entry.outcome])}</td>
    </tr>
  );
}

function Log({ identity }: { identity: IdentitySummary }) {
  const { safeId } = identity;
  const first = useVault('activity_list', { safeId, limit: pageSize }, 'activity');
  const [older, setOlder] = useState<ActivityEntry[]>([]);
  const [hasMore, setHasMore] = useState(true);
  const [error, setError] = useState<unknown>();
  useEffect(() => setOlder([]), [safeId]);
  if (first.error) return <Failure error={first.error} onRetry={() => void first.refresh()} />;
  if (!first.value) return null;
  const newest = first.value;
  // A growing first page overlaps the older ones; each entry has one sequence number.
  const oldestNew = newest.at(-1)?.sequence ?? 0;
  const entries = [...newest, ...older.filter(({ sequence }) => sequence < oldestNew)];
  const last = entries.at(-1);
  const more = async () => {
    if (!last) return;
    try {
      const next = await ask('activity_list', { safeId, before: last.sequence, limit: pageSize });
      setHasMore(next.length === pageSize);
      setOlder([...older, ...next]);
    } catch (thrown) {
      setError(thrown);
    }
  };
  if (entries.length === 0) {
    return (
      <div class="card empty" data-testid="activity-empty">
        <h2>{t('activityEmptyTitle')}</h2>
        <p class="soft">{t('activityEmptyBody')}</p>
      </div>
    );
  }
  return (
    <div class="stack">
      <div class="card">
        <table class="log">
          <thead>
            <tr>
              <th>{t('columnWhen')}</th>
              <th>{t('columnWhat')}</th>
              <th>{t('columnOutcome')}</th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry) => (
              <Entry key={entry.sequence} entry={entry} nowMs={Date.now()} />
            ))}
          </tbody>
        </table>
      </div>
      {error !== undefined && <Failure error={error} />}
      {newest.length === pageSize && hasMore && (
        <div>
          <Button testId="activity-more" onPress={() => void more()}>
            {t('loadMore')}
          </Button>
        </div>
      )}
    </div>
  );
}

export function ActivitySection({ state }: PageProps) {
  const identities = state.identities.filter(({ status }) => status === 'unlocked' || status === 'locked');
  const [chosenId, setChosenId] = useState<string>();
  const identity =
    identities.find(({ safeId }) => safeId === chosenId) ??
    identities.find(({ status }) => status === 'unlocked') ??
    identities[0];
  return (
    <>
      <div class="vault-title">
        <h1 class="hero">{t('activity')}</h1>
      </div>
      <div class="stack">
        {identity && identities.length > 1 && (
          <Select
            testId="activity-identity"
            label={t('whichIdentity')}
            value={identity.safeId}
            options={identities.map(({ safeId, name }) => ({ value: safeId, words: name || t('unnamedIdentity') }))}
            onValue={setChosenId}
          />
        )}
        {!identity && (
          <div class="card empty">
            <h2>{t('activityEmptyTitle')}</h2>
            <p class="soft">{t('activityEmptyBody')}</p>
          </div>
        )}
        {identity?.status === 'unlocked' && <Log key={identity.safeId} identity={identity} />}
        {identity?.status === 'locked' && (
          <div class="card empty" data-testid="activity-locked">
            <h2>{t('activityLockedTitle')}</h2>
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
        )}
      </div>
    </>
  );
}
