// One identity: how it is opened, its keys, the network, its XMTP inboxes, its address book, its backup, its old messages. One topic at a time.
// Promises: nothing of it is shown while it is locked, but the way to unlock it. Must not: decide anything; each topic does its own.
import type { ComponentType } from 'preact';
import type { IdentitySummary } from '../../../contract/pages/identity';
import type { Settings } from '../../../contract/pages/settings';
import { Button } from '../../parts/form/button';
import { Drawing, Icon } from '../../parts/icon';
import { Identity, Status } from '../../parts/shown/identity';
import { t } from '../../text';
import { ask } from '../../worker/calls';
import { AccessTopic } from '../access/access-topic';
import { ArchiveTopic } from '../archive/archive-topic';
import { BackupTopic } from '../backup/backup-topic';
import { InboxesTopic } from '../inboxes/inboxes-topic';
import { KeysTopic } from '../keys/keys-topic';
import { NetworkTopic } from '../network/network-topic';
import { PeopleTopic } from '../people/people-topic';
import { topics, type Place, type Topic } from '../../place';
import { topicWords, type TopicProps } from '../topic-props';

const topicPages: Record<Topic, ComponentType<TopicProps>> = {
  access: AccessTopic,
  keys: KeysTopic,
  network: NetworkTopic,
  inboxes: InboxesTopic,
  people: PeopleTopic,
  backup: BackupTopic,
  archive: ArchiveTopic,
};

interface IdentityPageProps {
  identity: IdentitySummary;
  topic: Topic;
  settings: Settings;
  onGo: (place: Place) => void;
}

export function IdentityPage({ identity, topic, settings, onGo }: IdentityPageProps) {
  const { safeId, account, name, status } = identity;
  const TopicPage = topicPages[topic];
  return (
    <div data-testid="identity-page" data-topic={topic} data-status={status}>
      <button class="back" type="button" data-testid="identity-back" onClick={() => onGo({ section: 'identities' })}>
        <Icon name="chevron" size={12} />
        {t('identities')}
      </button>
      <div class="identity-head">
        <h1 class="visually-hidden">{name || t('unnamedIdentity')}</h1>
        <Identity name={name} account={account} size={48}>
          <Status status={status} />
        </Identity>
      </div>
      <nav class="topics" aria-label={name || t('unnamedIdentity')}>
        {topics.map((one) => (
          <button
            key={one}
            type="button"
            data-testid={`identity-tab-${one}`}
            aria-current={one === topic ? 'page' : undefined}
            onClick={() => onGo({ section: 'identities', safeId, topic: one })}
          >
            {t(topicWords[one])}
          </button>
        ))}
      </nav>
      {status === 'unlocked' && account !== null ? (
        <TopicPage key={topic} safeId={safeId} account={account} settings={settings} onGo={onGo} />
      ) : (
        <div class="card empty" data-testid="identity-locked">
          <Drawing name="safe" />
          <h2>{t('topicLockedTitle')}</h2>
          <p class="soft">{t('topicLockedBody')}</p>
          {status === 'locked' && (
            <Button testId="identity-unlock" icon="unlock" compact onPress={() => void ask('unlock_open', { safeId })}>
              {t('unlock')}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}
