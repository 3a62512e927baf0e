// The vault page: identities, sites, activity, settings; one identity with all that can be done about its keys; and two pages of help.
// Promises: the place is behind "#" in the address and survives a reload and the back button. Must not: show anything secret.
import { useEffect, useState } from 'preact/hooks';
import type { ComponentType } from 'preact';
import { Brand, type PageProps } from '../parts/page';
import { Icon, type IconName } from '../parts/icon';
import { t, type MessageKey } from '../text';
import { ActivitySection } from './sections/activity-section';
import { HelpPage } from './sections/help-page';
import { IdentitiesSection } from './sections/identities-section';
import { IdentityPage } from './identity/identity-page';
import { addressOf, placeOf, sectionNames, type Place, type SectionName } from '../place';
import type { SectionProps } from './sections/section-props';
import { SettingsSection } from './sections/settings-section';
import { SitesSection } from './sections/sites-section';

const sections = {
  identities: { icon: 'person', words: 'identities', Section: IdentitiesSection },
  sites: { icon: 'site', words: 'sites', Section: SitesSection },
  activity: { icon: 'list', words: 'activity', Section: ActivitySection },
  settings: { icon: 'dial', words: 'settings', Section: SettingsSection },
} as const satisfies Record<SectionName, { icon: IconName; words: MessageKey; Section: ComponentType<SectionProps> }>;

export function VaultPage(props: PageProps) {
  const [place, setPlace] = useState(() => placeOf(location.hash));
  useEffect(() => {
    const follow = () => setPlace(placeOf(location.hash));
    window.addEventListener('hashchange', follow);
    // It may have changed since the page was first drawn.
    follow();
    return () => window.removeEventListener('hashchange', follow);
  }, []);
  const go = (next: Place) => {
    // Going into an identity and out of it is a way the back button goes too; changing between its topics, or sections, is not.
    const isDeeper = 'topic' in next !== 'topic' in place;
    if (isDeeper) history.pushState(null, '', `#${addressOf(next)}`);
    else history.replaceState(null, '', `#${addressOf(next)}`);
    setPlace(next);
    window.scrollTo(0, 0);
  };
  // Help that was opened in a tab of its own has nothing behind it.
  const leaveHelp = () => (history.length > 1 ? history.back() : go({ section: 'identities' }));
  const identity = 'topic' in place ? props.state.identities.find(({ safeId }) => safeId === place.safeId) : undefined;
  const Section: ComponentType<SectionProps> | undefined =
    place.section === 'help' ? undefined : sections[place.section].Section;
  return (
    <div class="vault">
      <aside class="vault-side">
        <Brand />
        <nav class="vault-nav" aria-label={t('sections')}>
          {sectionNames.map((one) => (
            <button
              key={one}
              type="button"
              data-testid={`vault-nav-${one}`}
              aria-current={one === place.section ? 'page' : undefined}
              onClick={() => go({ section: one })}
            >
              <Icon name={sections[one].icon} />
              {t(sections[one].words)}
            </button>
          ))}
        </nav>
      </aside>
      <main data-testid="vault" data-section={place.section}>
        {place.section === 'help' && <HelpPage topic={place.help} onLeave={leaveHelp} />}
        {identity && 'topic' in place ? (
          <IdentityPage
            key={identity.safeId}
            identity={identity}
            topic={place.topic}
            settings={props.state.settings}
            onGo={go}
          />
        ) : (
          Section && <Section {...props} place={place} onGo={go} />
        )}
      </main>
    </div>
  );
}
