// Files the person chooses, by the browser's dialog or by dropping them.
// Promises: both ways are one field with one name; a file that misses the field is not opened by the browser in place of the page.
// Must not: read a file.
import { useEffect, useId, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { t } from '../../text';

interface DropFieldProps {
  label: string;
  hint?: ComponentChildren;
  error?: string | undefined;
  /** What the button says. */
  words: string;
  testId: string;
  isMany?: boolean;
  onFiles: (files: File[]) => void;
  /** What stands beside the button. */
  children?: ComponentChildren;
}

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;

export function DropField({ label, hint, error, words, testId, isMany = false, onFiles, children }: DropFieldProps) {
  const id = useId();
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const keepPage = (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault();
    };
    const events = ['dragover', 'drop'] as const;
    for (const name of events) window.addEventListener(name, keepPage);
    return () => {
      for (const name of events) window.removeEventListener(name, keepPage);
    };
  }, []);
  const take = (list: FileList | null | undefined) => {
    const files = [...(list ?? [])];
    if (files.length > 0) onFiles(isMany ? files : files.slice(0, 1));
  };
  return (
    <div class="field">
      <span class="field-label" id={`${id}-label`}>
        {label}
      </span>
      <label
        class="file-field"
        data-over={isOver}
        onDragOver={(event) => {
          if (hasFiles(event)) setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          setOver(false);
          take(event.dataTransfer?.files);
        }}
      >
        <input
          class="visually-hidden"
          type="file"
          multiple={isMany}
          data-testid={testId}
          aria-labelledby={`${id}-label ${id}-button`}
          aria-describedby={`${id}-below`}
          aria-invalid={error !== undefined}
          onChange={(event) => {
            take(event.currentTarget.files);
            // So that choosing the same file once more is a change again.
            event.currentTarget.value = '';
          }}
        />
        <span class="button compact" id={`${id}-button`}>
          {words}
        </span>
        {children ?? <span class="file-name soft">{t(isMany ? 'dropMany' : 'dropOne')}</span>}
      </label>
      <div id={`${id}-below`} class={error ? 'small field-error' : 'small soft'} role={error ? 'alert' : undefined}>
        {error ?? hint}
      </div>
    </div>
  );
}
