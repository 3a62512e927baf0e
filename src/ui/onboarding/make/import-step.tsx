// Puts the keys of a backup file into the draft.
// Promises: a file that was opened a moment ago goes in by itself; after a reload it is chosen again; the bytes are dropped afterwards.
import { useLayoutEffect } from 'preact/hooks';
import { BackupFileForm, type GivenFile } from '../../parts/form/backup-file-form';
import { Failure } from '../../parts/failure';
import { Identity } from '../../parts/shown/identity';
import { Progress } from '../../parts/progress';
import { t } from '../../text';
import { useCall } from '../../worker/use-call';
import { ask } from '../../worker/calls';
import type { DraftProps } from './draft-props';
import { StepHead } from '../../parts/step-head';

export function ImportStep({
  enrolment: { safeId, name, account },
  move,
  given,
}: DraftProps & { given: GivenFile | undefined }) {
  const call = useCall();
  const bring = (one: GivenFile) => move(() => ask('enrol_import', { safeId, ...one }));
  useLayoutEffect(() => {
    if (given)
      call.run(
        () => bring(given),
        () => undefined,
      );
  }, [given]);
  return (
    <>
      <StepHead title={t('importTitle')}>{t(given && call.isBusy ? 'importBody' : 'importAgainBody')}</StepHead>
      <Identity name={name} account={account} canCopy={false} />
      {call.error !== undefined && <Failure error={call.error} />}
      {call.isBusy ? (
        <Progress sentence={t('importing')} onCancel={call.leave} cancelWords={t('stopWaiting')}>
          {t('importingHint')}
        </Progress>
      ) : (
        <BackupFileForm submit={t('previewRestore')} open={bring} onOpened={() => undefined} />
      )}
    </>
  );
}
