// The settings there are: the network, names of ENS, when it locks by itself, light or dark, the language, what the browser may add, the phrase of the person's own,
// and the keyboard commands.
// Promises: a change is in force at once, but for the network, which is asked first; "never lock" is not offered (R-F4).
import { useState } from 'preact/hooks';
import { autoLockMinutes, languages, themes, type LanguageChoice } from '../../../contract/choices';
import type { Settings } from '../../../contract/pages/settings';
import { Failure } from '../../parts/failure';
import { NetworkSetting } from '../../network/network-setting';
import type { PageProps } from '../../parts/page';
import { t, type MessageKey } from '../../text';
import { ask } from '../../worker/calls';
import { Panel } from '../panel';
import { BrowserPanel } from './browser-panel';
import { CommandsPanel } from './commands-panel';
import { EnsPanel } from './ens-panel';
import { OwnPhrasePanel } from './own-phrase-panel';

const themeWords: Record<Settings['theme'], MessageKey> = {
  system: 'themeSystem',
  light: 'themeLight',
  dark: 'themeDark',
};

/** Each language by its own name, so that whoever is lost in another finds it. */
const languageNames: Record<Exclude<LanguageChoice, 'system'>, { name: string; tag: string }> = {
  en: { name: 'English', tag: 'en' },
  de: { name: 'Deutsch', tag: 'de' },
  es: { name: 'Español', tag: 'es' },
  zh_CN: { name: '简体中文', tag: 'zh-CN' },
  ar: { name: 'العربية', tag: 'ar' },
};

interface SegmentsProps<T extends string | number> {
  name: string;
  label: string;
  hint: string;
  value: T;
  /** `tag`: of the language of the words, where it is not that of the page. */
  options: readonly { value: T; words: string; tag?: string }[];
  onValue: (value: T) => void;
}

function Segments<T extends string | number>({ name, label, hint, value, options, onValue }: SegmentsProps<T>) {
  return (
    <fieldset class="card-body">
      <legend class="visually-hidden">{label}</legend>
      <div class="stack tight">
        <h2>{label}</h2>
        <p class="soft">{hint}</p>
        <div>
          <div class="segments">
            {options.map((option) => (
              <label key={option.value} lang={option.tag}>
                <input
                  type="radio"
                  name={name}
                  checked={option.value === value}
                  data-testid={`settings-${name}-${option.value}`}
                  onChange={() => onValue(option.value)}
                />
                {option.words}
              </label>
            ))}
          </div>
        </div>
      </div>
    </fieldset>
  );
}

export function SettingsSection({ state }: PageProps) {
  const { settings } = state;
  const [error, setError] = useState<unknown>();
  const save = (change: Partial<Settings>) =>
    void ask('settings_set', change).then(() => setError(undefined), setError);
  return (
    <>
      <div class="vault-title">
        <h1 class="hero">{t('settings')}</h1>
      </div>
      <div class="stack">
        {error !== undefined && <Failure error={error} />}
        <div class="card">
          <Segments
            name="auto-lock"
            label={t('autoLock')}
            hint={t('autoLockHint')}
            value={settings.autoLockMinutes}
            options={autoLockMinutes.map((value) => ({ value, words: t('minutes', value) }))}
            onValue={(value) => save({ autoLockMinutes: value })}
          />
          <Segments
            name="theme"
            label={t('theme')}
            hint={t('themeHint')}
            value={settings.theme}
            options={themes.map((value) => ({ value, words: t(themeWords[value]) }))}
            onValue={(value) => save({ theme: value })}
          />
          <Segments
            name="language"
            label={t('language')}
            hint={t('languageHint')}
            value={settings.language}
            options={languages.map((value) =>
              value === 'system'
                ? { value, words: t('languageSystem') }
                : { value, words: languageNames[value].name, tag: languageNames[value].tag },
            )}
            onValue={(value) => save({ language: value })}
          />
        </div>
        <Panel title={t('network')} meaning={t('networkForAll')}>
          <NetworkSetting settings={settings} />
        </Panel>
        <EnsPanel settings={settings} />
        <BrowserPanel />
        <OwnPhrasePanel />
        <CommandsPanel />
        <p class="small soft">{t('versionLine', __VERSION__)}</p>
      </div>
    </>
  );
}
