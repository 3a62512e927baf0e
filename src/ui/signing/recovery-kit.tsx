// The recovery kit: one sheet of paper with a recovery code, whose it is, what it opens and what not.
// Promises: it is on the page only while it is printed, and then for the printer alone: the screen never shows it (R-C7). Nothing leaves this
// page but through the browser's own print dialog. Must not: put the code into a title, an address, a storage or the clipboard.
import { render } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { date } from '../format';
import { rich, t } from '../text';
import { browserParts, type BrowserFacts } from './browser-name';
import { Button } from '../parts/form/button';
import { Mark } from '../parts/icon';
import { DappText } from '../parts/shown/dapp-text';
import { Address } from '../parts/shown/identity';

export interface KitFacts {
  code: string;
  account: string;
  /** What the person calls the identity; empty where it has no name. */
  name: string;
}

/** "Firefox on Windows", in the words of the page. */
export function thisBrowser(): string {
  const { browser = t('kitBrowserUnknown'), system } = browserParts(navigator as BrowserFacts);
  return system ? t('kitBrowserOn', browser, system) : browser;
}

function Kit({ code, account, name }: KitFacts) {
  return (
    <article class="kit-sheet" data-testid="recovery-kit">
      <header class="brand kit-head">
        <Mark size={32} />
        <h1>{t('kitTitle')}</h1>
      </header>
      <dl class="kit-facts">
        <dt>{t('kitBrowser')}</dt>
        <dd>{thisBrowser()}</dd>
        <dt>{t('kitDate')}</dt>
        <dd>{date(Date.now())}</dd>
        <dt>{t('kitAccount')}</dt>
        <dd>
          {name !== '' && (
            <span class="kit-name">
              <DappText text={name} />
            </span>
          )}
          <bdi class="mono">{account}</bdi>
        </dd>
      </dl>
      <h2>{t('codeTitle')}</h2>
      <ol class="kit-code">
        {code.split('-').map((group, index) => (
          <li key={index}>
            <span>{index + 1}</span>
            <b>{group}</b>
          </li>
        ))}
      </ol>
      <h2>{t('kitOpens')}</h2>
      <ul>
        <li>{t('kitOpensSafe')}</li>
        <li>{t('kitOpensFile')}</li>
      </ul>
      <h2>{t('kitOpensNot')}</h2>
      <ul>
        <li>{t('kitNotElsewhere')}</li>
        <li>{t('kitNotDeleted')}</li>
        <li>{t('kitNotReplaced')}</li>
        <li>{t('kitNotWallet')}</li>
      </ul>
      <h2>{t('kitFile')}</h2>
      <p class="kit-line" />
      <p>{t('kitKeep')}</p>
    </article>
  );
}

/** Below a code: which of several it is, so that two on one sheet of paper can be told apart. */
export function CodeLabel({ account }: { account: string }) {
  return (
    <p class="small soft" data-testid="code-label">
      {rich('codeLabelled', thisBrowser(), date(Date.now()), <Address account={account} canCopy={false} />)}
    </p>
  );
}

/** Prints the kit. The sheet goes when the print dialog has closed, or with the button. */
export function PrintKit({ facts }: { facts: KitFacts }) {
  const sheet = useRef<HTMLElement>(undefined);
  const remove = () => {
    if (!sheet.current) return;
    render(null, sheet.current);
    sheet.current.remove();
    sheet.current = undefined;
  };
  useEffect(() => {
    window.addEventListener('afterprint', remove);
    return () => {
      window.removeEventListener('afterprint', remove);
      remove();
    };
  }, []);
  const print = () => {
    remove();
    sheet.current = document.createElement('div');
    sheet.current.className = 'kit';
    document.body.append(sheet.current);
    render(<Kit {...facts} />, sheet.current);
    window.print();
  };
  return (
    <Button testId="code-print" onPress={print}>
      {t('kitPrint')}
    </Button>
  );
}
