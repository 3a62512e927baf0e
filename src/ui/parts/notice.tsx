// A short message within the page: plain, good news, something that can be lost, or something that failed.
// Promises: danger and errors are announced at once, the others politely when they appear.
import type { ComponentChildren } from 'preact';
import { Icon } from './icon';

interface NoticeProps {
  tone?: 'plain' | 'good' | 'danger' | 'error';
  title?: string;
  /** The title is the heading of the page: for a page that says nothing else. */
  isHeading?: boolean;
  testId?: string;
  children?: ComponentChildren;
}

const icons = { plain: 'note', good: 'check', danger: 'warning', error: 'failed' } as const;

export function Notice({ tone = 'plain', title, isHeading = false, testId, children }: NoticeProps) {
  const Title = isHeading ? 'h1' : 'p';
  return (
    <div
      class={`notice ${tone}`}
      role={tone === 'danger' || tone === 'error' ? 'alert' : 'status'}
      data-testid={testId}
    >
      <Icon name={icons[tone]} />
      <div class="grow stack tight">
        {title && <Title class="notice-title plain">{title}</Title>}
        {children && <div>{children}</div>}
      </div>
    </div>
  );
}
