// What there is about one unlocked identity, a line each, with how it stands: the way to its pages.
// Promises: a line says in a few words what its page says in full. Must not: ask a node.
import type { ComponentChildren } from 'preact';
import type { Settings } from '../../../contract/pages/settings';
import { reminderOf, reminderWords } from '../../backup-model';
import { byteSize, date, wholeNumber } from '../../format';
import { networkWords } from '../../network/network-setting';
import { Icon } from '../../parts/icon';
import { inOrder, slotWords } from '../../slot-model';
import { listed, plural, t } from '../../text';
import { useVault } from '../../worker/calls';
import { topicWords } from '../topic-props';
import type { Topic } from '../../place';

interface LineProps {
  testId: string;
  topic: Topic;
  onGo: (topic: Topic) => void;
  children: ComponentChildren;
}

function Line({ testId, topic, onGo, children }: LineProps) {
  return (
    <li>
      <button class="topic-line" type="button" data-testid={testId} onClick={() => onGo(topic)}>
        <span class="topic-name">{t(topicWords[topic])}</span>
        <span class="grow soft one-line">{children}</span>
        <Icon name="chevron" size={12} />
      </button>
    </li>
  );
}

export function IdentityTopics({
  safeId,
  settings,
  onGo,
}: {
  safeId: string;
  settings: Settings;
  onGo: (topic: Topic) => void;
}) {
  const { value: details } = useVault('identity_details', { safeId }, 'state');
  const { value: inboxes } = useVault('inbox_list', { safeId }, 'state');
  const { value: people } = useVault('people_list', { safeId }, 'state');
  const { value: backup } = useVault('backup_state', { safeId }, 'state');
  const { value: archive } = useVault('archive_state', { safeId }, 'state');
  const reminder = backup && reminderOf(backup);
  return (
    <ul class="rows" data-testid="identity-topics">
      <Line testId="identity-access" topic="access" onGo={onGo}>
        {details && listed(inOrder(details.slots).map(({ type }) => t(slotWords[type])))}
      </Line>
      <Line testId="identity-details" topic="keys" onGo={onGo}>
        {details && plural('preKeys', details.prekeys.length)}
      </Line>
      <Line testId="identity-network" topic="network" onGo={onGo}>
        {networkWords(settings.environment)}
      </Line>
      <Line testId="identity-inboxes" topic="inboxes" onGo={onGo}>
        {inboxes && (inboxes.inboxes.length === 0 ? t('inboxesNone') : plural('inboxes', inboxes.inboxes.length))}
      </Line>
      <Line testId="identity-people" topic="people" onGo={onGo}>
        {people && (people.length === 0 ? t('peopleNone') : plural('named', people.length))}
      </Line>
      <Line testId="identity-backup" topic="backup" onGo={onGo}>
        {reminder
          ? t(reminderWords[reminder][0])
          : backup?.lastCheckedAtMs && t('backupCheckedOn', date(backup.lastCheckedAtMs))}
      </Line>
      <Line testId="identity-archive" topic="archive" onGo={onGo}>
        {archive &&
          (archive.rows === 0
            ? t('archiveNone')
            : t('gatherRowsSize', wholeNumber(archive.rows), byteSize(archive.bytes)))}
      </Line>
    </ul>
  );
}
