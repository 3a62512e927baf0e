// One identity: how it is opened, its keys, the network, its backup. One topic at a time.
// Promises: nothing of it is shown while it is locked, but the way to unlock it. Must not: decide anything; each topic does its own.
import type { ComponentType } from 'preact';
import type { IdentitySummary, Settings } from '../../contract/internal';
import { Button } from '../parts/button';
import { Icon } from '../parts/icon';
import { Identity, Status } from '../parts/identity';
import { t, type MessageKey } from '../text';
import { ask } from '../vault-calls';
import { AccessTopic } from './access/access-topic';
import { BackupTopic } from './backup/backup-topic';
import { KeysTopic } from './keys/keys-topic';
import { NetworkTopic } from './network/network-topic';
import { topics, type Place, type Topic } from './place';

/** What each topic of an unlocked identity is given. */
export interface TopicProps {
  safeId: string;
  account: string;
  settings: Settings;
  onGo: (place: Place) => void;
}

export const topicWords: Record<Topic, MessageKey> = { access: 'waysToOpen', keys: 'keysWord', network: 'network', backup: 'backupWord' };
const topicPages: Record<Topic, ComponentType<TopicProps>> = { access: AccessTopic, keys: KeysTopic, network: NetworkTopic, backup: BackupTopic };

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
          <button key={one} type="button" data-testid={`identity-tab-${one}`} aria-current={one === topic ? 'page' : undefined} onClick={() => onGo({ section: 'identities', safeId, topic: one })}>
            {t(topicWords[one])}
          </button>
        ))}
      </nav>
      {status === 'unlocked' && account !== null ? (
        <TopicPage key={topic} safeId={safeId} account={account} settings={settings} onGo={onGo} />
      ) : (
        <div class="card empty" data-testid="identity-locked">
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
