// Copies one text to the clipboard and says so, to eye and ear.
// Promises: the copied text is exactly `text`. Must not: read the clipboard.
import { useEffect, useState } from 'preact/hooks';
import { t } from '../../text';
import { Button, IconButton } from './button';

interface CopyProps {
  testId: string;
  text: string;
  /** Accessible name of the icon form, or the words of the button form. */
  label: string;
}

function useCopy(text: string): { state: 'idle' | 'copied' | 'failed'; copy: () => void } {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  useEffect(() => {
    if (state === 'idle') return undefined;
    const timer = setTimeout(() => setState('idle'), 2_000);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setState('copied'),
      () => setState('failed'),
    );
  };
  return { state, copy };
}

function said(state: 'idle' | 'copied' | 'failed'): string {
  if (state === 'idle') return '';
  return state === 'copied' ? t('copied') : t('copyFailed');
}

/** The small form beside an address. */
export function CopyIcon({ testId, text, label }: CopyProps) {
  const { state, copy } = useCopy(text);
  return (
    <>
      <IconButton
        testId={testId}
        icon={state === 'copied' ? 'check' : 'copy'}
        label={said(state) || label}
        onPress={copy}
      />
      <span class="visually-hidden" role="status">
        {said(state)}
      </span>
    </>
  );
}

/** The button form, with words. */
export function CopyButton({ testId, text, label }: CopyProps) {
  const { state, copy } = useCopy(text);
  return (
    <>
      <Button testId={testId} icon={state === 'copied' ? 'check' : 'copy'} onPress={copy}>
        {said(state) || label}
      </Button>
      <span class="visually-hidden" role="status">
        {said(state)}
      </span>
    </>
  );
}
