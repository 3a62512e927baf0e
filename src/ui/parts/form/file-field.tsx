// A file the person chooses, as bytes.
// Promises: a file beyond the limit is refused before it is read; a file that cannot be read is said in words; nothing leaves the page here.
// Must not: look into the bytes.
import { useState } from 'preact/hooks';
import { backupFileBytes } from '../../../contract/choices';
import { byteSize } from '../../format';
import { t } from '../../text';
import { DappText } from '../shown/dapp-text';
import { DropField } from './drop-field';

export interface ChosenFile {
  name: string;
  file: Uint8Array;
}

interface FileFieldProps {
  label: string;
  hint?: string;
  chosen: ChosenFile | undefined;
  /** Undefined when the file could not be taken. */
  onChosen: (chosen: ChosenFile | undefined) => void;
  /** Gets several files that were chosen at once; without it only one can be. */
  onMany?: ((files: File[]) => void) | undefined;
}

/** The bytes of a file, or why they cannot be had, in words. At most `backupFileBytes`. */
export async function bytesOfFile(picked: File): Promise<ChosenFile | string> {
  if (picked.size > backupFileBytes) return t('fileTooLarge', byteSize(picked.size), byteSize(backupFileBytes));
  try {
    return { name: picked.name, file: new Uint8Array(await picked.arrayBuffer()) };
  } catch {
    return t('fileUnreadable');
  }
}

/** A button that opens the browser's file dialog, with the name of what was chosen. */
export function FileField({ label, hint, chosen, onChosen, onMany }: FileFieldProps) {
  const [error, setError] = useState<string>();

  async function take([picked]: File[]): Promise<void> {
    if (!picked) return;
    setError(undefined);
    const taken = await bytesOfFile(picked);
    if (typeof taken === 'string') setError(taken);
    onChosen(typeof taken === 'string' ? undefined : taken);
  }

  return (
    <DropField
      testId="file-choose"
      label={label}
      hint={hint}
      error={error}
      words={chosen ? t('fileOther') : t('fileChoose')}
      isMany={onMany !== undefined}
      onFiles={(files) => (onMany && files.length > 1 ? onMany(files) : void take(files))}
    >
      <span class={chosen ? 'file-name' : 'file-name soft'} data-testid="file-name" title={chosen?.name}>
        <span class="one-line">{chosen ? <DappText text={chosen.name} /> : t(onMany ? 'dropMany' : 'dropOne')}</span>
        {chosen && <span class="small soft">{byteSize(chosen.file.length)}</span>}
      </span>
    </DropField>
  );
}
