// Saves one inbox key as a keystore file: the safe is opened once more, the end of the address is typed, the file gets a passphrase of its own.
// Promises: the key itself never comes to this page, only the encrypted file; what the file can do is said before anything is typed.
import { useState } from 'preact/hooks';
import type { ExportedKey } from '../../../contract/pages/inbox';
import { isConfirmedBy } from '../../../contract/paste';
import { Failure, weaknessOf } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { isTypedTwice, NewPassphrase, nothingTyped } from '../../parts/form/passphrase-field';
import { TypedConfirmation } from '../../parts/form/typed-confirmation';
import { Notice } from '../../parts/notice';
import { Progress } from '../../parts/progress';
import { Digits } from '../../parts/shown/digits';
import { mustBeHardToGuess } from '../../passphrase/strength';
import { inOrder } from '../../slot-model';
import { rich, t } from '../../text';
import { ask, useVault } from '../../worker/calls';
import { useCall } from '../../worker/use-call';
import { saveFile } from '../backup/save-file';
import { useKeptSecrets } from '../kept-secrets';
import { OpenAgain } from '../open-again';
import { Task } from '../task';

interface ExportTaskProps {
  safeId: string;
  /** Of the key. */
  address: string;
  onLeave: () => void;
}

export function ExportTask({ safeId, address, onLeave }: ExportTaskProps) {
  const details = useVault('identity_details', { safeId });
  const request = useVault('unlock_getText', { safeId });
  const secrets = useKeptSecrets();
  const [isOpened, setOpened] = useState(false);
  const [typedEnd, setTypedEnd] = useState('');
  const [typed, setTyped] = useState(nothingTyped);
  const [saved, setSaved] = useState<ExportedKey>();
  const call = useCall();
  const error = details.error ?? request.error;
  if (error) return <Failure error={error} onRetry={() => void Promise.all([details.refresh(), request.refresh()])} />;
  if (!details.value || !request.value) return null;
  const task = { testId: 'inbox-export-task', title: t('inboxExportTitle') };
  const whichKey = (
    <p class="mono small">
      <Digits digits={address} />
    </p>
  );

  if (saved) {
    return (
      <Task testId="inbox-export-task" title={t('inboxExportedTitle')}>
        <Notice tone="good" testId="inbox-exported">
          {rich('backupSaved', <bdi class="mono">{saved.fileName}</bdi>)}
        </Notice>
        <p>{t('inboxExportKeep')}</p>
        <div class="row wrap">
          <Button testId="inbox-export-done" look="primary" onPress={onLeave}>
            {t('done')}
          </Button>
          <Button testId="inbox-export-again" onPress={() => saveFile(saved.fileName, saved.file)}>
            {t('backupSaveAgain')}
          </Button>
        </div>
      </Task>
    );
  }
  if (!isOpened) {
    return (
      <Task {...task} body={whichKey} step={{ at: 1, of: 2 }} onLeave={onLeave}>
        <Notice tone="danger" title={t('inboxExportDangerTitle')}>
          {t('inboxExportDanger')}
        </Notice>
        <p>{t('inboxExportWhy')}</p>
        <OpenAgain
          request={request.value}
          kinds={inOrder(details.value.slots).map(({ type }) => type)}
          onOpened={(secret) => {
            secrets.keep(secret);
            setOpened(true);
          }}
        />
      </Task>
    );
  }
  const isReady = isConfirmedBy(address, typedEnd) && isTypedTwice(typed) && !call.isBusy;
  async function make(): Promise<ExportedKey> {
    const proof = secrets.proof();
    await mustBeHardToGuess(typed.secret, safeId);
    return await ask('inbox_exportKey', { safeId, address, typed: typedEnd, proof, passphrase: typed.secret });
  }
  const save = () =>
    call.run(make, (exported) => {
      secrets.forget();
      setTyped(nothingTyped);
      setSaved(exported);
      saveFile(exported.fileName, exported.file);
    });
  return (
    <Task {...task} body={whichKey} step={{ at: 2, of: 2 }} onLeave={onLeave}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) save();
        }}
      >
        <TypedConfirmation word={address} value={typedEnd} onValue={setTypedEnd} isFocusedFirst />
        <p>{t('inboxExportPassphrase')}</p>
        <NewPassphrase
          safeId={safeId}
          typed={typed}
          error={call.error}
          onTyped={(next) => {
            setTyped(next);
            call.forgetError();
          }}
        />
        {call.error !== undefined && weaknessOf(call.error) === undefined && <Failure error={call.error} />}
        {call.isBusy ? (
          <Progress sentence={t('protecting')} onCancel={call.leave} />
        ) : (
          <div>
            <Button testId="inbox-export-save" look="danger" type="submit" isOff={!isReady}>
              {t('inboxExportSave')}
            </Button>
          </div>
        )}
      </form>
    </Task>
  );
}
