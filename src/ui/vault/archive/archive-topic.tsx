// The old messages of one identity: read from a node or from files, saved as an archive, and archives read again.
// Promises: one thing at a time; what was gathered stays until the person removes it. Must not: show a message but in an archive that was opened.
import { useState } from 'preact/hooks';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { Dialog } from '../../parts/form/dialog';
import { t } from '../../text';
import { ask, useVault } from '../../worker/calls';
import { useCall } from '../../worker/use-call';
import { Panel } from '../panel';
import { useFocusAfter } from '../task';
import type { TopicProps } from '../topic-props';
import { GatherPanel } from './gather-panel';
import { OpenTask } from './open-task';
import { WriteTask } from './write-task';

export function ArchiveTopic({ safeId, account, settings, onGo }: TopicProps) {
  const { value: state, error, refresh } = useVault('archive_state', { safeId });
  const [work, setWork] = useState<'write' | 'open'>();
  const [isRemoving, setRemoving] = useState(false);
  const list = useFocusAfter(work !== undefined);
  if (error) return <Failure error={error} onRetry={() => void refresh()} />;
  if (!state) return null;
  const leave = () => {
    setWork(undefined);
    void refresh();
  };
  if (work === 'write') return <WriteTask safeId={safeId} account={account} onLeave={leave} />;
  if (work === 'open') return <OpenTask onLeave={leave} />;
  return (
    <div class="stack" data-testid="archive-topic" ref={list} tabIndex={-1}>
      <GatherPanel
        safeId={safeId}
        settings={settings}
        state={state}
        onRead={() => void refresh()}
        onNetwork={() => onGo({ section: 'identities', safeId, topic: 'network' })}
      />
      <Panel title={t('archiveSaveTitle')} meaning={t('archiveSaveMeaning')}>
        <div class="row wrap">
          <Button
            testId="archive-write"
            look={state.rows > 0 ? 'primary' : 'plain'}
            isOff={state.rows === 0}
            onPress={() => setWork('write')}
          >
            {t('archiveSave')}
          </Button>
          {state.rows > 0 && (
            <Button testId="archive-remove" look="quiet-danger" onPress={() => setRemoving(true)}>
              {t('archiveRemove')}
            </Button>
          )}
        </div>
      </Panel>
      <Panel title={t('archiveOpen')} meaning={t('archiveOpenMeaning')}>
        <div>
          <Button testId="archive-open" onPress={() => setWork('open')}>
            {t('archiveOpenBegin')}
          </Button>
        </div>
      </Panel>
      {isRemoving && (
        <RemoveDialog
          safeId={safeId}
          onClose={() => {
            setRemoving(false);
            void refresh();
          }}
        />
      )}
    </div>
  );
}

function RemoveDialog({ safeId, onClose }: { safeId: string; onClose: () => void }) {
  const call = useCall();
  return (
    <Dialog title={t('archiveRemoveTitle')} onClose={onClose}>
      <p>{t('archiveRemoveBody')}</p>
      {call.error !== undefined && <Failure error={call.error} />}
      <div class="dialog-actions">
        <Button testId="archive-remove-cancel" onPress={onClose}>
          {t('cancel')}
        </Button>
        <Button
          testId="archive-remove-confirm"
          look="danger"
          isOff={call.isBusy}
          onPress={() => call.run(() => ask('archive_clear', { safeId }), onClose)}
        >
          {t('archiveRemove')}
        </Button>
      </div>
    </Dialog>
  );
}
