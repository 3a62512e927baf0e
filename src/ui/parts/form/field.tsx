// Labelled inputs: one line of text, a secret, a choice from few.
// Promises: every input has a label, and its error is tied to it. What is too long is said, never cut: a browser would cut a paste in silence.
// A secret is always a password field without autocompletion (R-C7).
// Must not: keep what was typed anywhere but in the component's state.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { wholeNumber } from '../../format';
import { t } from '../../text';
import { Icon } from '../icon';

interface FieldProps {
  testId: string;
  label: string;
  value: string;
  onValue: (value: string) => void;
  hint?: ComponentChildren;
  error?: string | undefined;
  /** Most UTF-16 code units; more are said to be too many. Whoever takes the value refuses it too. */
  longest?: number;
  placeholder?: string;
  isFocusedFirst?: boolean;
  /** Digits and letters of equal width. */
  isMono?: boolean;
}

function Field({
  testId,
  label,
  value,
  onValue,
  hint,
  error: given,
  longest,
  placeholder,
  isFocusedFirst,
  isMono,
  type,
}: FieldProps & { type: 'text' | 'password' }) {
  const id = useId();
  const error =
    longest !== undefined && value.length > longest
      ? t('fieldTooLong', wholeNumber(value.length), wholeNumber(longest))
      : given;
  const describedBy = error ? `${id}-error` : hint ? `${id}-hint` : undefined;
  const shared = {
    id,
    class: isMono ? 'field-input mono' : 'field-input',
    value,
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: false,
    placeholder: placeholder ?? '',
    'data-testid': testId,
    'aria-invalid': error !== undefined,
    'aria-describedby': describedBy,
    ref: (element: HTMLInputElement | null) => {
      if (!isFocusedFirst || !element || element.dataset['wasFocused']) return;
      element.dataset['wasFocused'] = 'yes';
      element.focus();
    },
    onInput: (event: Event) => onValue((event.currentTarget as HTMLInputElement).value),
  } as const;
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      {type === 'password' ? <input type="password" {...shared} /> : <input type="text" {...shared} />}
      {hint && !error && (
        <div id={`${id}-hint`} class="small soft" aria-live="polite">
          {hint}
        </div>
      )}
      {error && (
        <div id={`${id}-error`} class="small field-error" role="alert">
          {error}
        </div>
      )}
    </div>
  );
}

/** For what is not secret: a name, an address, an extension id. */
export function TextField(props: FieldProps) {
  return <Field {...props} type="text" />;
}

/** For signatures and codes: never written to disk by the browser, never suggested again. */
export function SecretField(props: FieldProps) {
  return <Field {...props} type="password" />;
}

interface ChoiceProps {
  testId: string;
  type: 'radio' | 'checkbox';
  name: string;
  isChosen: boolean;
  onChoose: (chosen: boolean) => void;
  isOff?: boolean;
  isCentred?: boolean;
  children: ComponentChildren;
}

/** One radio button or checkbox with everything about it as its label. */
export function Choice({
  testId,
  type,
  name,
  isChosen,
  onChoose,
  isOff = false,
  isCentred = false,
  children,
}: ChoiceProps) {
  return (
    <label class={['choice', isOff && 'off', isCentred && 'centred'].filter(Boolean).join(' ')}>
      <input
        type={type}
        name={name}
        checked={isChosen}
        disabled={isOff}
        data-testid={testId}
        onChange={(event) => onChoose(event.currentTarget.checked)}
      />
      <div class="grow">{children}</div>
    </label>
  );
}

interface SelectProps<T extends string> {
  testId: string;
  label: string;
  value: T;
  options: readonly { value: T; words: string }[];
  /** May resolve to whether the choice was taken over. Until then, and until the value that follows from it is here, what was chosen stays. */
  onValue: (value: T) => void | Promise<boolean>;
}

/** The list itself. Whoever goes through it by arrow keys is quicker than what is stored: a value of before must not put them back. */
function Options<T extends string>({
  value,
  options,
  onValue,
  ...list
}: Pick<SelectProps<T>, 'value' | 'options' | 'onValue'> & JSX.IntrinsicElements['select']) {
  const [held, setHeld] = useState<T>();
  const underWay = useRef(0);
  const latest = useRef(value);
  latest.current = value;
  useEffect(() => {
    if (underWay.current === 0) setHeld(undefined);
  }, [value]);
  const shown = held !== undefined && options.some((one) => one.value === held) ? held : value;
  const choose = (next: T) => {
    const taken = onValue(next);
    if (!taken) return;
    setHeld(next);
    underWay.current++;
    void taken.then((isTaken) => {
      underWay.current--;
      if (underWay.current === 0 && (!isTaken || latest.current !== value)) setHeld(undefined);
    });
  };
  return (
    <select {...list} value={shown} onChange={(event) => choose(event.currentTarget.value as T)}>
      {options.map((option) => (
        <option key={option.value} value={option.value} selected={option.value === shown}>
          {option.words}
        </option>
      ))}
    </select>
  );
}

export function Select<T extends string>({ testId, label, value, options, onValue }: SelectProps<T>) {
  const id = useId();
  return (
    <div class="field">
      <label class="field-label" for={id}>
        {label}
      </label>
      <Options id={id} class="select" data-testid={testId} value={value} options={options} onValue={onValue} />
    </div>
  );
}

/** A choice that stands within a sentence; `label` is its name for whoever does not see the sentence. */
export function InlineSelect<T extends string>({ testId, label, value, options, onValue }: SelectProps<T>) {
  return (
    <>
      <Options
        class="select inline"
        aria-label={label}
        data-testid={testId}
        value={value}
        options={options}
        onValue={onValue}
      />
      {/* A word joiner: the comma behind it does not begin the next line. */}
      {'\u2060'}
    </>
  );
}

/** A technical detail one click away. */
export function Disclosure({
  testId,
  label,
  startsOpen = false,
  children,
}: {
  testId: string;
  label: string;
  startsOpen?: boolean;
  children: ComponentChildren;
}) {
  const [isOpen, setOpen] = useState(startsOpen);
  return (
    <details class="disclosure" open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary data-testid={testId}>
        <Icon name="chevron" size={12} />
        {label}
      </summary>
      <div class="disclosure-body">{children}</div>
    </details>
  );
}
