// The button of all pages: a verb, one of six looks.
// Promises: type "button" unless told; a busy button keeps its place and its focus. Must not: be a link to another site.
import type { ComponentChildren, Ref } from 'preact';
import { Icon, type IconName } from '../icon';

export interface ButtonProps {
  /** Stable name for journeys, listed in e2e/kit/controls.ts. */
  testId: string;
  look?: 'plain' | 'primary' | 'danger' | 'quiet' | 'quiet-danger';
  icon?: IconName;
  compact?: boolean;
  wide?: boolean;
  /** Unavailable, but still found by keyboard and screen reader. */
  isOff?: boolean;
  type?: 'button' | 'submit';
  onPress?: (event: MouseEvent) => void;
  buttonRef?: Ref<HTMLButtonElement>;
  describedBy?: string | undefined;
  /** What a screen reader says, where the words alone do not tell which of several it is; begins with the words. */
  label?: string;
  children: ComponentChildren;
}

export function Button({
  testId,
  look = 'plain',
  icon,
  compact,
  wide,
  isOff = false,
  type = 'button',
  onPress,
  buttonRef,
  describedBy,
  label,
  children,
}: ButtonProps) {
  const classes = ['button', look, compact && 'compact', wide && 'wide'].filter(Boolean).join(' ');
  const press = (event: MouseEvent) => {
    if (isOff) event.preventDefault();
    else onPress?.(event);
  };
  return (
    <button
      ref={buttonRef ?? null}
      class={classes}
      type={type}
      data-testid={testId}
      aria-disabled={isOff}
      aria-describedby={describedBy}
      aria-label={label}
      onClick={press}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A square button with a picture only; `label` is what a screen reader says and what the tooltip shows. */
export function IconButton({
  testId,
  icon,
  label,
  onPress,
}: {
  testId: string;
  icon: IconName;
  label: string;
  onPress: () => void;
}) {
  return (
    <button class="button icon" type="button" data-testid={testId} aria-label={label} title={label} onClick={onPress}>
      <Icon name={icon} />
    </button>
  );
}
