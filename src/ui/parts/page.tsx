// What every page has around it: title, language, theme, the state of the vault, and a plain answer when drawing fails.
// Promises: one mount per page; theme and language from settings win over the system's; nothing is drawn, and no title given, before the words of the
// language are there, and another one takes their place without losing what was typed. Must not: know any page.
import { render, type ComponentType } from 'preact';
import { useEffect, useErrorBoundary, useRef, useState } from 'preact/hooks';
import type { VaultState } from '../../contract/pages/identity';
import type { Reading } from '../worker/calls';
import { useVaultState } from '../worker/calls';
import { Mark } from './icon';
import { Failure } from './failure';
import { chooseLanguage, textDirection, textLanguage } from '../language/words';
import type { LanguageChoice } from '../../contract/choices';
import { t, type MessageKey } from '../text';

export interface PageProps {
  state: VaultState;
  reading: Reading<VaultState>;
}

/** The language whose words are on the page; undefined until the first ones are there. The page says itself what it is written in. */
function useLanguage(wanted: LanguageChoice | undefined, title: MessageKey): LanguageChoice | undefined {
  const [shown, setShown] = useState<LanguageChoice>();
  useEffect(() => {
    if (wanted === undefined) return;
    void chooseLanguage(wanted).then(() => {
      sayLanguage(title);
      setShown(wanted);
    });
  }, [wanted, title]);
  return shown;
}

function sayLanguage(title: MessageKey): void {
  document.title = t(title);
  document.documentElement.lang = textLanguage();
  document.documentElement.dir = textDirection();
}

function Shell({ Page, title }: { Page: ComponentType<PageProps>; title: MessageKey }) {
  const reading = useVaultState();
  const [crash] = useErrorBoundary();
  const theme = reading.value?.settings.theme;
  const language = useLanguage(reading.value?.settings.language, title);
  const isUnread = reading.error !== undefined && language === undefined;
  useEffect(() => {
    if (isUnread) sayLanguage(title);
  }, [isUnread, title]);
  useEffect(() => {
    if (theme === undefined) return;
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }, [theme]);
  // A page that was drawn once stays while the worker is out of reach: a half-typed code must not vanish.
  const last = useRef(reading.value);
  last.current = reading.value ?? last.current;
  if (crash) return <Unusable error={crash} />;
  if (last.current && language !== undefined) return <Page state={last.current} reading={reading} />;
  return isUnread ? <Unusable error={reading.error} onRetry={() => void reading.refresh()} /> : null;
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
  const root = document.getElementById('page');
  if (root) render(<Shell Page={Page} title={title} />, root);
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
