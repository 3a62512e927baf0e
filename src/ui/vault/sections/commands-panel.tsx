// The keyboard commands with the keys the browser has for them, which a person may have changed or taken away there.
// Promises: shows what the browser says, never what was suggested. Must not: be shown where the browser has no commands.
import { useEffect, useState } from 'preact/hooks';
import browser from 'webextension-polyfill';
import { commandNames, type CommandName } from '../../../contract/choices';
import { Button } from '../../parts/form/button';
import { openShortcuts } from '../../tabs';
import { t, type MessageKey } from '../../text';
import { Panel } from '../panel';

const words: Record<CommandName, MessageKey> = { 'lock-now': 'commandLockNow', 'open-waiting': 'commandOpenWaiting' };

/** The key of each command as the browser writes it, '' for none; undefined until it is known, or where there are no commands. */
function useKeys(): ReadonlyMap<string, string> | undefined {
  const [keys, setKeys] = useState<ReadonlyMap<string, string>>();
  useEffect(() => {
    const read = () =>
      void browser.commands?.getAll().then(
        (all) => setKeys(new Map(all.map(({ name = '', shortcut = '' }) => [name, shortcut]))),
        () => undefined,
      );
    read();
    // They are changed on a page of the browser.
    window.addEventListener('focus', read);
    return () => window.removeEventListener('focus', read);
  }, []);
  return keys;
}

export function CommandsPanel() {
  const keys = useKeys();
  if (!keys) return null;
  return (
    <Panel title={t('commandsTitle')} meaning={t('commandsMeaning')}>
      <dl class="facts commands" data-testid="settings-commands">
        {commandNames.map((name) => (
          <div key={name} data-testid={`settings-command-${name}`} data-key={keys.get(name) ?? ''}>
            <dt>{t(words[name])}</dt>
            <dd>{keys.get(name) ? <kbd>{keys.get(name)}</kbd> : <span class="soft">{t('commandNoKey')}</span>}</dd>
          </div>
        ))}
      </dl>
      <div>
        <Button testId="settings-commands-change" look="quiet" onPress={() => void openShortcuts()}>
          {t('commandsChange')}
        </Button>
      </div>
    </Panel>
  );
}
