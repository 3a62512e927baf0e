// What every page has around it: title, language, theme, the state of the vault, and a plain answer when drawing fails.
// Promises: one mount per page; theme from settings wins over the system's. Must not: know any page.
import { render, type ComponentType } from 'preact';
import { useEffect, useErrorBoundary, useRef } from 'preact/hooks';
import type { VaultState } from '../../contract/pages/identity';
import type { Reading } from '../worker/calls';
import { useVaultState } from '../worker/calls';
import { Mark } from './icon';
import { Failure } from './failure';
import { t, textDirection, textLanguage, type MessageKey } from '../text';

export interface PageProps {
  state: VaultState;
  reading: Reading<VaultState>;
}

function Shell({ Page }: { Page: ComponentType<PageProps> }) {
  const reading = useVaultState();
  const [crash] = useErrorBoundary();
  const theme = reading.value?.settings.theme;
  useEffect(() => {
    if (theme === undefined) return;
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  // A page that was drawn once stays while the worker is out of reach: a half-typed code must not vanish.
  const last = useRef(reading.value);
  last.current = reading.value ?? last.current;
  if (crash) return <Unusable error={crash} />;
  if (last.current) return <Page state={last.current} reading={reading} />;
  return reading.error ? <Unusable error={reading.error} onRetry={() => void reading.refresh()} /> : null;
}

/** The whole page when not even the vault's state could be read, or drawing failed. */
function Unusable({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <main class="unusable stack">
      <h1 class="plain">
        <Brand />
      </h1>
      <Failure error={error} {...(onRetry ? { onRetry } : {})} />
    </main>
  );
}

/** Draws `Page` into the element with id "page". */
export function mountPage(Page: ComponentType<PageProps>, title: MessageKey): void {
  document.title = t(title);
  document.documentElement.lang = textLanguage();
  document.documentElement.dir = textDirection();
  const root = document.getElementById('page');
  if (root) render(<Shell Page={Page} />, root);
}

/** Mark and name of the product. */
export function Brand({ size = 24 }: { size?: number }) {
  return (
    <span class="brand">
      <Mark size={size} />
      <span>{t('extName')}</span>
    </span>
  );
}
