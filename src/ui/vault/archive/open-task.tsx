// Reads an archive that was saved: a sealed one with what opens it, or a page of ours as it is.
// Promises: nothing of it is shown before it is whole and was read to its end; what it says is drawn by the same reader as in a page of its own.
// Must not: keep what was read once it is left.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { FileSecret } from '../../../contract/pages/backup';
import { byteSize } from '../../format';
import { textLocale } from '../../language/words';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { DropField } from '../../parts/form/drop-field';
import { FileSecretFields, type FileSecretKind } from '../../parts/form/file-secret';
import { isTyped } from '../../parts/form/passphrase-field';
import { Icon } from '../../parts/icon';
import { Notice } from '../../parts/notice';
import { Progress } from '../../parts/progress';
import { DappText } from '../../parts/shown/dapp-text';
import type { Archive } from '../../reader/archive-model';
import { showArchive } from '../../reader/reader';
import { t } from '../../text';
import { useCall } from '../../worker/use-call';
import { Task } from '../task';
import { wordsOfReader } from './page-file';
import { isSealed, readArchive } from './write-archive';

interface Chosen {
  file: File;
  needsSecret: boolean;
}

export function OpenTask({ onLeave }: { onLeave: () => void }) {
  const [chosen, setChosen] = useState<Chosen>();
  const [kind, setKind] = useState<FileSecretKind>('passphrase');
  const [typed, setTyped] = useState('');
  const [archive, setArchive] = useState<Archive>();
  const [isForeign, setForeign] = useState(false);
  const call = useCall();
  const turn = useRef(0);
  useEffect(() => () => void (turn.current += 1), []);
  const isReady = chosen !== undefined && (!chosen.needsSecret || isTyped(typed)) && !call.isBusy;
  const forget = () => {
    setForeign(false);
    call.forgetError();
  };

  async function choose([file]: File[]): Promise<void> {
    if (!file) return;
    forget();
    setChosen({ file, needsSecret: await isSealed(file).catch(() => false) });
  }
  function open(): void {
    if (!chosen) return;
    const mine = ++turn.current;
    const given: FileSecret = kind === 'passphrase' ? { kind, passphrase: typed } : { kind, code: typed };
    call.run(
      () => readArchive(chosen.file, chosen.needsSecret ? given : null, () => mine !== turn.current),
      (read) => {
        setTyped('');
        setForeign(read === undefined);
        setArchive(read);
      },
    );
  }

  if (archive) {
    return (
      <div class="stack" data-testid="archive-opened">
        <div>
          <button class="back" type="button" data-testid="archive-close" onClick={onLeave}>
            <Icon name="chevron" size={12} />
            {t('archiveClose')}
          </button>
        </div>
        <Reader archive={archive} />
      </div>
    );
  }
  return (
    <Task testId="archive-open-task" title={t('archiveOpen')} body={<p>{t('archiveOpenMeaning')}</p>} onLeave={onLeave}>
      <form
        class="stack loose"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) open();
        }}
      >
        <DropField
          testId="archive-file"
          label={t('archiveFile')}
          hint={t('archiveFileHint')}
          words={chosen ? t('fileOther') : t('fileChoose')}
          onFiles={(files) => void choose(files)}
        >
          <span class={chosen ? 'file-name' : 'file-name soft'} title={chosen?.file.name}>
            <span class="one-line">{chosen ? <DappText text={chosen.file.name} /> : t('dropOne')}</span>
            {chosen && <span class="small soft">{byteSize(chosen.file.size)}</span>}
          </span>
        </DropField>
        {chosen?.needsSecret && (
          <FileSecretFields
            kind={kind}
            secret={typed}
            onKind={setKind}
            onSecret={(value) => {
              setTyped(value);
              forget();
            }}
          />
        )}
        {isForeign && (
          <Notice tone="error" title={t('archiveForeignTitle')} testId="archive-foreign">
            {t('archiveForeign')}
          </Notice>
        )}
        {call.error !== undefined && <Failure error={call.error} />}
        {call.isBusy ? (
          <Progress
            sentence={t('openingFile')}
            onCancel={() => {
              turn.current += 1;
              call.leave();
            }}
          />
        ) : (
          <div>
            <Button testId="archive-open-submit" look="primary" type="submit" isOff={!isReady}>
              {t('archiveOpenSubmit')}
            </Button>
          </div>
        )}
      </form>
    </Task>
  );
}

function Reader({ archive }: { archive: Archive }) {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = root.current;
    if (!element) return;
    showArchive(element, { archive, words: wordsOfReader(), locale: textLocale(), level: 2 });
    element.querySelector('h2')?.setAttribute('tabindex', '-1');
    element.querySelector('h2')?.focus();
    return () => element.replaceChildren();
  }, [archive]);
  return <div ref={root} />;
}
