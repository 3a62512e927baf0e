// Several files that were given at once: what each is, so that the person brings in one after the other.
// Promises: each is looked at and nothing changes; one that cannot be used says why and hides no other. Must not: keep the bytes of a file; it is
// read again when it is opened.
import { useEffect, useState } from 'preact/hooks';
import { ageFileOf } from '../../../contract/age-file';
import type { BackupPreview } from '../../../contract/pages/backup';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { bytesOfFile, type ChosenFile } from '../../parts/form/file-field';
import { DappText } from '../../parts/shown/dapp-text';
import { Identity } from '../../parts/shown/identity';
import { StepHead } from '../../parts/step-head';
import { t } from '../../text';
import { ask } from '../../worker/calls';

type Looked =
  | { kind: 'sealed' }
  | { kind: 'keys'; preview: BackupPreview }
  /** Words of ours, or what the worker threw. */
  | { kind: 'unusable'; words?: string; error?: unknown };

async function look(file: File): Promise<Looked> {
  const taken = await bytesOfFile(file);
  if (typeof taken === 'string') return { kind: 'unusable', words: taken };
  try {
    if (ageFileOf(taken.file)) return { kind: 'sealed' };
    return { kind: 'keys', preview: await ask('backup_preview', { file: taken.file, secret: { kind: 'none' } }) };
  } catch (error) {
    return { kind: 'unusable', error };
  } finally {
    // What is not sealed is keys in clear.
    taken.file.fill(0);
  }
}

interface ManyFilesProps {
  files: readonly File[];
  onOpen: (file: File, chosen: ChosenFile) => void;
  onBack: () => void;
}

export function ManyFiles({ files, onOpen, onBack }: ManyFilesProps) {
  const [looked, setLooked] = useState<ReadonlyMap<File, Looked>>(new Map());
  useEffect(() => {
    let isOver = false;
    void (async () => {
      // One after the other: each may have megabytes.
      for (const file of files) {
        const one = await look(file);
        if (isOver) return;
        setLooked((now) => new Map(now).set(file, one));
      }
    })();
    return () => {
      isOver = true;
    };
  }, [files]);
  const open = async (file: File) => {
    const taken = await bytesOfFile(file);
    if (typeof taken === 'string') setLooked((now) => new Map(now).set(file, { kind: 'unusable', words: taken }));
    else onOpen(file, taken);
  };
  return (
    <div class="stack loose">
      <StepHead title={t('filesTitle')} takesFocus>
        {t('filesBody')}
      </StepHead>
      <ul class="rows card" data-testid="many-files">
        {files.map((file) => (
          <FileRow key={file} file={file} looked={looked.get(file)} onOpen={() => void open(file)} />
        ))}
      </ul>
      <div>
        <Button testId="many-files-back" look="quiet" onPress={onBack}>
          {t('back')}
        </Button>
      </div>
    </div>
  );
}

function FileRow({ file, looked, onOpen }: { file: File; looked: Looked | undefined; onOpen: () => void }) {
  const isUsable = looked?.kind === 'sealed' || (looked?.kind === 'keys' && looked.preview.existing === null);
  return (
    <li class="card-body stack tight" data-testid="many-files-row" data-kind={looked?.kind ?? 'reading'}>
      <div class="row apart wrap">
        <span class="grow one-line">
          <DappText text={file.name} />
        </span>
        {isUsable && (
          <Button testId="many-files-open" compact label={`${t('filesOpen')}: ${file.name}`} onPress={onOpen}>
            {t('filesOpen')}
          </Button>
        )}
      </div>
      {looked?.kind === 'sealed' && <p class="small soft">{t('filesSealed')}</p>}
      {looked?.kind === 'keys' && (
        <>
          <Identity name={looked.preview.name} account={looked.preview.account} canCopy={false} />
          {looked.preview.existing && <p class="small soft">{t('filesKnown')}</p>}
        </>
      )}
      {looked?.kind === 'unusable' && looked.words !== undefined && <p class="small field-error">{looked.words}</p>}
      {looked?.kind === 'unusable' && looked.error !== undefined && <Failure error={looked.error} />}
    </li>
  );
}
