// A site wants the key of an inbox's archives, the one key that sites are given and that opens messages (docs/threat-model.md, R-B2).
// Promises: says that whoever has the key opens every archive of the inbox, and that this cannot be taken back; an inbox that is not known has to be
// ticked. Must not: be remembered.
import { useState } from 'preact/hooks';
import type { ShownRequest } from '../../../contract/pages/approvals';
import { Notice } from '../../parts/notice';
import { t } from '../../text';
import { AnswerOrUnlock } from './frame/answer-or-unlock';
import { AccountFact } from './frame/as-identity';
import { CardLayout } from './frame/card-frame';
import type { CardProps } from './frame/card-props';
import { InboxFacts, UnknownInbox } from './inbox-facts';

type ArchiveProps = CardProps & { shown: Extract<ShownRequest, { kind: 'archive' }> };

export function ArchiveCard({ card, state, shown, isBusy, isGone, onDecide, onUnlock }: ArchiveProps) {
  const { safeId, account, facts } = shown;
  const [isMine, setMine] = useState(false);
  const isUnknown = facts.inbox === 'unknown';
  const answers = (
    <AnswerOrUnlock
      {...{ card, isGone, isBusy, onDecide, onUnlock, safeId }}
      identity={state.identities.find((one) => one.safeId === safeId)}
      shownDetail={String(isMine)}
      blockedBecause={isUnknown && !isMine ? t('inboxTickFirst') : undefined}
      onApprove={() => onDecide({ kind: 'archive', isTicked: isMine })}
    />
  );
  return (
    <CardLayout sentence={t('wantsArchiveKey')} answers={answers} facts={<AccountFact account={account} />}>
      <Notice tone="danger" title={t('archiveTitle')}>
        {t('archiveBody')}
      </Notice>
      {facts.earlier > 0 && <Notice>{t('inboxEarlierKey')}</Notice>}
      {isUnknown && <UnknownInbox inboxId={facts.inboxId} isMine={isMine} onMine={setMine} isRed />}
      <InboxFacts inboxId={facts.inboxId} name={facts.name} inbox={facts.inbox} />
    </CardLayout>
  );
}
