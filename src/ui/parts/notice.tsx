// A short message within the page: plain, good news, or something that can be lost.
// Promises: danger notices are announced at once, the others politely when they appear.
import type { ComponentChildren } from 'preact';
import { Icon } from './icon';

interface NoticeProps {
  tone?: 'plain' | 'good' | 'danger';
  title?: string;
  testId?: string;
  children?: ComponentChildren;
}

const icons = { plain: 'note', good: 'check', danger: 'warning' } as const;

export function Notice({ tone = 'plain', title, testId, children }: NoticeProps) {
  return (
    <div class={`notice ${tone}`} role={tone === 'danger' ? 'alert' : 'status'} data-testid={testId}>
      <Icon name={icons[tone]} />
      <div class="grow stack tight">
        {title && <p class="notice-title">{title}</p>}
        {children && <div>{children}</div>}
      </div>
    </div>
  );
}
