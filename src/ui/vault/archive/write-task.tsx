// Saves an archive: what the file is and who can read it, the identity opened once more, then the file.
// Promises: a page that everybody can read is told to be one before anything is asked, and made only after the person has said that they know; a stop or a
// failure leaves no file behind, and what was gathered stays.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ArchiveEnd } from '../../../contract/archive-page';
import type { FileSecret } from '../../../contract/pages/backup';
import { byteSize, wholeNumber } from '../../format';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { Choice } from '../../parts/form/field';
import { LongWork } from '../../parts/long-work';
import { Notice } from '../../parts/notice';
import { inOrder } from '../../slot-model';
import { rich, t } from '../../text';
import { useVault } from '../../worker/calls';
import { ProtectForm } from '../backup/protect-form';
import { saveBlob } from '../backup/save-file';
import { useKeptSecrets } from '../kept-secrets';
import { OpenAgain } from '../open-again';
import { Task } from '../task';
import { writeArchive, type Progress } from './write-archive';

type Form = 'sealed' | 'page';

interface WriteTaskProps {
  safeId: string;
  account: string;
  onLeave: () => void;
}

interface Written {
  name: string;
  file: Blob;
  end: ArchiveEnd;
}

export function WriteTask({ safeId, account, onLeave }: WriteTaskProps) {
  const details = useVault('identity_details', { safeId });
  const request = useVault('unlock_getText', { safeId });
  const secrets = useKeptSecrets();
  const [form, setForm] = useState<Form>('sealed');
  const [step, setStep] = useState<'choose' | 'open' | 'protect' | 'write'>('choose');
  const [knows, setKnows] = useState(false);
  const [progress, setProgress] = useState<Progress>();
  const [error, setError] = useState<unknown>();
  const [written, setWritten] = useState<Written>();
  const turn = useRef(0);
  useEffect(() => () => void (turn.current += 1), []);

  const failure = details.error ?? request.error;
  if (failure)
    return <Failure error={failure} onRetry={() => void Promise.all([details.refresh(), request.refresh()])} />;
  if (!details.value || !request.value) return null;
  const kinds = inOrder(details.value.slots).map(({ type }) => type);
  const steps = form === 'sealed' ? 3 : 2;

  async function write(secret: FileSecret | null): Promise<Written | undefined> {
    const mine = ++turn.current;
    const made = await writeArchive(
      { safeId, proof: secrets.proof(), secret },
      (next) => mine === turn.current && setProgress(next),
      () => mine !== turn.current,
    );
    if (!made || mine !== turn.current) return undefined;
    secrets.forget();
    const day = new Date().toISOString().slice(0, 10);
    const name = `prekey-vault-messages-${account.slice(0, 10).toLowerCase()}-${day}.${secret ? 'age' : 'html'}`;
    return { name, ...made };
  }
  const done = (made: Written | undefined) => {
    if (!made) return;
    setWritten(made);
    saveBlob(made.name, made.file);
  };
  function writePage(): void {
    setStep('write');
    write(null).then(done, setError);
  }
  const stop = () => {
    turn.current += 1;
    onLeave();
  };
  const counted = progress && t('writeCount', wholeNumber(progress.rowsRead), wholeNumber(progress.rowsInAll));
  const working = (
    <LongWork sentence={t('writing')} counted={counted ?? ''} onStop={stop}>
      {progress && progress.beginnings > 0 && <p>{t('writeAnew')}</p>}
    </LongWork>
  );

  if (written) {
    const { end, name, file } = written;
    const left = Object.values(end.unreadable).reduce((sum, count) => sum + count, 0) + end.damaged;
    return (
      <Task testId="archive-task" title={t('archiveMadeTitle')}>
        <div data-testid="archive-written" data-messages={end.messages} data-unreadable={left}>
          <Notice tone="good">
            <p>{rich('writtenName', <bdi class="mono">{name}</bdi>)}</p>
            <p>{t('writtenSize', wholeNumber(end.messages), wholeNumber(end.conversations), byteSize(file.size))}</p>
          </Notice>
        </div>
        {left > 0 && <Notice title={t('writtenLeftTitle')}>{t('writtenLeft', wholeNumber(left))}</Notice>}
        {form === 'page' && (
          <Notice tone="danger" title={t('pageWarningTitle')}>
            {t('pageWarning')}
          </Notice>
        )}
        <div class="row wrap">
          <Button testId="archive-done" look="primary" onPress={onLeave}>
            {t('done')}
          </Button>
          <Button testId="archive-save-again" onPress={() => saveBlob(name, file)}>
            {t('backupSaveAgain')}
          </Button>
        </div>
      </Task>
    );
  }

  if (step === 'choose') {
    return (
      <Task
        testId="archive-task"
        title={t('writeTitle')}
        body={<p>{t('writeMeaning')}</p>}
        step={{ at: 1, of: steps }}
        onLeave={onLeave}
      >
        <div class="stack tight" role="radiogroup" aria-label={t('writeTitle')}>
          <Choice
            testId="archive-sealed"
            type="radio"
            name="archive-form"
            isChosen={form === 'sealed'}
            onChoose={() => setForm('sealed')}
          >
            {t('formSealed')}
            <p class="small soft">{t('formSealedMeaning')}</p>
          </Choice>
          <Choice
            testId="archive-page"
            type="radio"
            name="archive-form"
            isChosen={form === 'page'}
            onChoose={() => setForm('page')}
          >
            {t('formPage')}
            <p class="small soft">{t('formPageMeaning')}</p>
          </Choice>
        </div>
        {form === 'page' && (
          <Notice tone="danger" title={t('pageWarningTitle')} testId="archive-warning">
            <div class="stack tight">
              <p>{t('pageWarning')}</p>
              <Choice testId="archive-knows" type="checkbox" name="archive-knows" isChosen={knows} onChoose={setKnows}>
                {t('pageKnows')}
              </Choice>
            </div>
          </Notice>
        )}
        <div>
          <Button
            testId="archive-continue"
            look="primary"
            isOff={form === 'page' && !knows}
            onPress={() => setStep('open')}
          >
            {t('continueWord')}
          </Button>
        </div>
      </Task>
    );
  }
  if (step === 'open') {
    return (
      <Task
        testId="archive-task"
        title={t('openAgainTitle')}
        body={<p>{t('openAgainArchive')}</p>}
        step={{ at: 2, of: steps }}
        onLeave={onLeave}
      >
        <OpenAgain
          request={request.value}
          kinds={kinds}
          onOpened={(secret) => {
            secrets.keep(secret);
            if (form === 'sealed') setStep('protect');
            else writePage();
          }}
        />
      </Task>
    );
  }
  if (step === 'protect') {
    return (
      <Task
        testId="archive-task"
        title={t('protectTitle')}
        body={<p>{t('protectArchive')}</p>}
        step={{ at: 3, of: 3 }}
        onLeave={stop}
      >
        <ProtectForm
          safeId={safeId}
          hasCode={kinds.includes('recovery-code')}
          submit={t('writeSave')}
          working={progress && working}
          onSecret={(secret) => write(secret).finally(() => setProgress(undefined))}
          onSaved={done}
        />
      </Task>
    );
  }
  return (
    <Task testId="archive-task" title={t('writeTitle')} onLeave={error === undefined ? undefined : onLeave}>
      {error === undefined ? (
        working
      ) : (
        <Failure error={error}>
          <p>{t('writeFailed')}</p>
        </Failure>
      )}
    </Task>
  );
}
