// A file the person chooses, as bytes.
// Promises: a file beyond the limit is refused before it is read; a file that cannot be read is said in words; nothing leaves the page here.
// Must not: look into the bytes.
import { useId, useState } from 'preact/hooks';
import { backupFileBytes } from '../../../contract/choices';
import { byteSize } from '../../format';
import { t } from '../../text';
import { DappText } from '../shown/dapp-text';

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
}

/** A button that opens the browser's file dialog, with the name of what was chosen. At most `backupFileBytes`. */
export function FileField({ label, hint, chosen, onChosen }: FileFieldProps) {
  const id = useId();
  const [error, setError] = useState<string>();

  async function take(input: HTMLInputElement): Promise<void> {
    const [picked] = input.files ?? [];
    if (!picked) return;
    setError(undefined);
    if (picked.size > backupFileBytes) {
      setError(t('fileTooLarge', byteSize(picked.size), byteSize(backupFileBytes)));
      onChosen(undefined);
    } else {
      try {
        onChosen({ name: picked.name, file: new Uint8Array(await picked.arrayBuffer()) });
      } catch {
        setError(t('fileUnreadable'));
        onChosen(undefined);
      }
    }
    // So that choosing the same file once more is a change again.
    input.value = '';
  }

  return (
    <div class="field">
      <span class="field-label" id={`${id}-label`}>
        {label}
      </span>
      <label class="file-field">
        <input
          class="visually-hidden"
          type="file"
          data-testid="file-choose"
          aria-labelledby={`${id}-label ${id}-button`}
          aria-describedby={`${id}-below`}
          aria-invalid={error !== undefined}
          onChange={(event) => void take(event.currentTarget)}
        />
        <span class="button compact" id={`${id}-button`}>
          {chosen ? t('fileOther') : t('fileChoose')}
        </span>
        <span class={chosen ? 'file-name' : 'file-name soft'} data-testid="file-name" title={chosen?.name}>
          <span class="one-line">
            <DappText text={chosen?.name ?? t('fileNone')} />
          </span>
          {chosen && <span class="small soft">{byteSize(chosen.file.length)}</span>}
        </span>
      </label>
      <div id={`${id}-below`} class={error ? 'small field-error' : 'small soft'} role={error ? 'alert' : undefined}>
        {error ?? hint}
      </div>
    </div>
  );
}
