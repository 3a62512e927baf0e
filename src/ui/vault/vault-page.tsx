// The vault page: identities, sites, activity, settings.
// Promises: the section is behind "#" in the address and survives a reload. Must not: show anything secret.
import { useEffect, useState } from 'preact/hooks';
import type { ComponentType } from 'preact';
import { Brand, type PageProps } from '../page';
import { Icon, type IconName } from '../parts/icon';
import { t, type MessageKey } from '../text';
import { ActivitySection } from './activity-section';
import { IdentitiesSection } from './identities-section';
import { SettingsSection } from './settings-section';
import { SitesSection } from './sites-section';

const sections = {
  identities: { icon: 'person', words: 'identities', Section: IdentitiesSection },
  sites: { icon: 'site', words: 'sites', Section: SitesSection },
  activity: { icon: 'list', words: 'activity', Section: ActivitySection },
  settings: { icon: 'dial', words: 'settings', Section: SettingsSection },
} as const satisfies Record<string, { icon: IconName; words: MessageKey; Section: ComponentType<PageProps> }>;
type SectionName = keyof typeof sections;

function sectionInAddress(): SectionName {
  const name = location.hash.slice(1);
  return Object.hasOwn(sections, name) ? (name as SectionName) : 'identities';
}

export function VaultPage(props: PageProps) {
  const [name, setName] = useState(sectionInAddress);
  useEffect(() => {
    const follow = () => setName(sectionInAddress());
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);
  const go = (section: SectionName) => {
    history.replaceState(null, '', `#${section}`);
    setName(section);
  };
  const { Section } = sections[name];
  return (
    <div class="vault">
      <aside class="vault-side">
        <Brand />
        <nav class="vault-nav" aria-label={t('sections')}>
          {(Object.keys(sections) as SectionName[]).map((one) => (
            <button key={one} type="button" data-testid={`vault-nav-${one}`} aria-current={one === name ? 'page' : undefined} onClick={() => go(one)}>
              <Icon name={sections[one].icon} />
              {t(sections[one].words)}
            </button>
          ))}
        </nav>
      </aside>
      <main data-testid="vault" data-section={name}>
        <Section {...props} />
      </main>
    </div>
  );
}
