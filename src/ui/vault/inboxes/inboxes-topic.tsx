// The XMTP inboxes of one identity: the address it has there, what was signed for each inbox, and new keys.
// Promises: what is counted here and what a node showed are told apart; a new key is made only after what it changes was read.
// Must not: ask a node without a press at the inbox that it is asked for.
import { useState } from 'preact/hooks';
import { Failure } from '../../parts/failure';
import { Drawing } from '../../parts/icon';
import { Button } from '../../parts/form/button';
import { Notice } from '../../parts/notice';
import { plural, t, type MessageKey } from '../../text';
import { useVault } from '../../worker/calls';
import { Panel } from '../panel';
import { useFocusAfter } from '../task';
import type { TopicProps } from '../topic-props';
import { AddressPanel } from './address-panel';
import { ArchivePanel } from './archive-panel';
import { ExportTask } from './export-task';
import { InboxCard } from './inbox-card';
import { NameDialog } from './name-dialog';
import { NewKeyTask } from './new-key-task';
import { NodePanel } from './node-panel';

/** Inboxes that are shown before the person asks for the rest. */
const shownFirst = 20;

type Work = { make: 'key' | 'archive' } | { exports: string };

export function InboxesTopic({ safeId, settings }: TopicProps) {
  const { value: list, error, refresh } = useVault('inbox_list', { safeId }, 'state');
  const [work, setWork] = useState<Work>();
  const [done, setDone] = useState<MessageKey>();
  const [isAdding, setAdding] = useState(false);
  const [isWhole, setWhole] = useState(false);
  const page = useFocusAfter(work !== undefined);
  if (error) return <Failure error={error} onRetry={() => void refresh()} />;
  if (!list) return null;
  const { keys, inboxes, archiveKeysMadeAtMs } = list;
  const begin = (next: Work) => {
    setDone(undefined);
    setWork(next);
  };
  const end = (words?: MessageKey) => {
    setWork(undefined);
    setDone(words);
    void refresh();
  };

  if (work && 'exports' in work) return <ExportTask safeId={safeId} address={work.exports} onLeave={() => end()} />;
  if (work) {
    const { make } = work;
    return <NewKeyTask key={make} safeId={safeId} kind={make} onLeave={() => end()} onDone={(words) => end(words)} />;
  }
  const newestFirst = inboxes.toReversed();
  const shown = isWhole ? newestFirst : newestFirst.slice(0, shownFirst);
  return (
    <div class="stack" data-testid="inboxes" data-inboxes={inboxes.length} ref={page} tabIndex={-1}>
      {done && (
        <Notice tone="good" testId="inboxes-done">
          {t(done)}
        </Notice>
      )}
      {keys.length === 0 && (
        <div class="card empty" data-testid="inboxes-empty">
          <Drawing name="key" />
          <h2>{t('inboxesEmptyTitle')}</h2>
          <p class="soft">{t('inboxesEmptyBody')}</p>
          <p class="soft">{t('inboxesEmptyOrder')}</p>
        </div>
      )}
      {keys.length > 0 && (
        <AddressPanel
          keys={keys}
          onNewKey={() => begin({ make: 'key' })}
          onExport={(address) => begin({ exports: address })}
        />
      )}
      {keys.length > 0 && (
        <Panel
          title={inboxes.length === 0 ? t('inboxesNoneTitle') : plural('inboxes', inboxes.length)}
          meaning={t(inboxes.length === 0 ? 'inboxesNoneBody' : 'inboxesMeaning')}
          side={
            <div class="flush-end">
              <Button testId="inbox-add" look="quiet" onPress={() => setAdding(true)}>
                {t('inboxAdd')}
              </Button>
            </div>
          }
        />
      )}
      {shown.map((inbox) => (
        <InboxCard
          key={inbox.inboxId}
          safeId={safeId}
          inbox={inbox}
          node={settings.inboxNode}
          showsAddress={keys.length > 1}
          onChanged={refresh}
        />
      ))}
      {shown.length < inboxes.length && (
        <div>
          <Button testId="inboxes-show-all" onPress={() => setWhole(true)}>
            {t('inboxesShowAll', inboxes.length)}
          </Button>
        </div>
      )}
      {inboxes.length > 0 && <NodePanel settings={settings} />}
      {archiveKeysMadeAtMs.length > 0 && (
        <ArchivePanel madeAtMs={archiveKeysMadeAtMs} onNewKey={() => begin({ make: 'archive' })} />
      )}
      {isAdding && (
        <NameDialog
          safeId={safeId}
          onClose={() => {
            setAdding(false);
            void refresh();
          }}
        />
      )}
    </div>
  );
}
