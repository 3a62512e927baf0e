// The end of onboarding: what there is now, what the network offers, and the backup file as its last step.
import type { EnrolmentState } from '../../../contract/pages/enrolment';
import type { IdentitySummary, VaultState } from '../../../contract/pages/identity';
import { reminderOf } from '../../backup-model';
import { Button } from '../../parts/form/button';
import { Identity, Status } from '../../parts/shown/identity';
import { Notice } from '../../parts/notice';
import { addressOf } from '../../place';
import { closePage, openPage } from '../../tabs';
import { t } from '../../text';
import { AtOnce, useSeen } from '../../worker/at-once';
import { useVault } from '../../worker/calls';
import { ReadyBackup } from './ready-backup';
import { PinIcon } from './pin-icon';
import { ReadyNetwork } from './ready-network';
import { StepHead } from '../../parts/step-head';

interface ReadyStepProps {
  identity: IdentitySummary;
  /** What opens the safe beside the recovery code. */
  first: EnrolmentState['first'];
  state: VaultState;
  onCopy: () => void;
  /** Its keys came in a file: then there may be old messages. */
  isFromFile: boolean;
  /** Goes on with the next of several files; absent when there is none. */
  onNextFile: (() => void) | undefined;
}

/** What is left to do. Drawn as one, so that no button moves when the network's part comes. */
function Left({ identity, state, onCopy }: Pick<ReadyStepProps, 'identity' | 'state' | 'onCopy'>) {
  const isSeen = useSeen();
  const backup = useVault('backup_state', { safeId: identity.safeId }, 'state');
  const isBackupMissing = backup.value !== undefined && reminderOf(backup.value) !== undefined;
  return (
    <div class={isSeen ? 'stack loose' : 'stack loose unseen'}>
      {state.settings.environment && <ReadyNetwork identity={identity} onCopy={onCopy} />}
      <div class="row wrap apart" data-testid="ready-own-phrase">
        <p class="small soft grow">{t('ownPhraseOffer')}</p>
        <Button testId="ready-own-phrase-settings" look="quiet" onPress={() => void openPage('vault', 'settings')}>
          {t('ownPhraseChoose')}
        </Button>
      </div>
      {backup.value && <ReadyBackup safeId={identity.safeId} state={backup.value} />}
      <PinIcon />
      <div class="row wrap">
        <Button testId="ready-close" look={isBackupMissing ? 'plain' : 'primary'} onPress={closePage}>
          {t(isBackupMissing ? 'backupLater' : 'done')}
        </Button>
        <Button testId="ready-open-vault" look="quiet" onPress={() => void openPage('vault')}>
          {t('openVault')}
        </Button>
      </div>
    </div>
  );
}

export function ReadyStep({ identity, first, state, onCopy, isFromFile, onNextFile }: ReadyStepProps) {
  // Its status and name may have changed since it was finished; before that change is heard of, it is still the draft.
  const now =
    state.identities.find(({ safeId, status }) => safeId === identity.safeId && status !== 'enrolling') ?? identity;
  return (
    <div class="stack loose" data-testid="onboarding-ready" data-safe={now.safeId}>
      <StepHead title={t('readyTitle')}>{t(first === 'wallet' ? 'readyBody' : 'readyBodyPassphrase')}</StepHead>
      <div class="card">
        <div class="card-row">
          <Identity name={now.name} account={now.account}>
            <Status status={now.status} />
          </Identity>
        </div>
      </div>
      {onNextFile && (
        <Notice title={t('filesLeft')} testId="ready-next-file">
          <Button testId="ready-next-file-go" compact onPress={onNextFile}>
            {t('filesNext')}
          </Button>
        </Notice>
      )}
      {isFromFile && (
        <div class="row wrap apart">
          <p class="small soft grow">{t('readyArchive')}</p>
          <Button
            testId="ready-archive"
            look="quiet"
            onPress={() =>
              void openPage('vault', addressOf({ section: 'identities', safeId: now.safeId, topic: 'archive' }))
            }
          >
            {t('readyArchiveGo')}
          </Button>
        </div>
      )}
      <AtOnce>
        <Left identity={now} state={state} onCopy={onCopy} />
      </AtOnce>
    </div>
  );
}
