// What each topic of an unlocked identity is given, and what the topics are called.
import type { Settings } from '../../contract/pages/settings';
import type { Place, Topic } from '../place';
import type { MessageKey } from '../text';

export interface TopicProps {
  safeId: string;
  account: string;
  settings: Settings;
  onGo: (place: Place) => void;
}

export const topicWords: Record<Topic, MessageKey> = {
  access: 'waysToOpen',
  keys: 'keysWord',
  network: 'network',
  inboxes: 'inboxesWord',
  people: 'peopleWord',
  backup: 'backupWord',
  archive: 'archiveWord',
};
