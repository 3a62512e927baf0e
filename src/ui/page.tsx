// What every page has around it: title, language, theme, the state of the vault, and a plain answer when drawing fails.
// Promises: one mount per page; theme from settings wins over the system's. Must not: know any page.
import { render, type ComponentType } from 'preact';
import { useEffect, useErrorBoundary } from 'preact/hooks';
import browser from 'webextension-polyfill';
import type { VaultState } from '../contract/internal';
import type { Reading } from './vault-calls';
import { useVaultState } from './vault-calls';
import { Mark } from './parts/icon';
import { Failure } from './failure';
import { t, type MessageKey } from './text';

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
  if (crash) return <Failure error={crash} />;
  if (reading.value) return <Page state={reading.value} reading={reading} />;
  return reading.error ? <Failure error={reading.error} onRetry={() => void reading.refresh()} /> : null;
}

/** Draws `Page` into the page's `main`-less body element with id "page". */
export function mountPage(Page: ComponentType<PageProps>, title: MessageKey): void {
  document.title = t(title);
  document.documentElement.lang = browser.i18n.getUILanguage();
  const root = document.getElementById('page');
  if (root) render(<Shell Page={Page} />, root);
}

/** Mark and name of the product. */
export function Brand({ size = 24 }: { size?: number }) {
  return (
    <div class="brand">
      <Mark size={size} />
      <span>{t('extName')}</span>
    </div>
  );
}
