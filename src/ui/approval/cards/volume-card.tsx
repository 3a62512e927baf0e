// A site uses far more than it usually does of what it need not ask for: how much, how much is usual, and whether it may go on.
// Promises: says the figures in one sentence; starts with the answer that lasts least; stopping ends what the site may do, with a way back for a moment.
import { useState } from 'preact/hooks';
import type { ShownRequest, VolumeFacts } from '../../../contract/pages/approvals';
import { wholeNumber } from '../../format';
import { Button } from '../../parts/form/button';
import { InlineSelect } from '../../parts/form/field';
import { plural, rich, t } from '../../text';
import { AnswerOrUnlock } from './frame/answer-or-unlock';
import { AccountFact, AsIdentity } from './frame/as-identity';
import { CardLayout } from './frame/card-frame';
import type { CardProps } from './frame/card-props';

type VolumeProps = CardProps & {
  shown: Extract<ShownRequest, { kind: 'volume' }>;
  /** Ends what the site may do with this identity. */
  onStop: (safeId: string) => void;
};

const shortMs = 60_000;

/** What it wants, with how many of what. */
function wanted({ capability, items, inMs, usual }: VolumeFacts): string {
  const stretch = inMs < shortMs ? t('volumeSeconds', inMs / 1_000) : t('volumeHour');
  const usually = wholeNumber(usual);
  switch (capability) {
    case 'messages.read':
      return t('volumeRead', plural('messages', items), stretch, usually);
    case 'messages.write':
      return t('volumeWrite', plural('messages', items), stretch, usually);
    case 'preferences':
      return t('volumePreferences', plural('entries', items), stretch, usually);
    case 'notifications':
      return t('volumeNotifications', plural('conversations', items), stretch, usually);
    case 'sign':
      return t('volumeSign', wholeNumber(items), stretch, usually);
  }
}

export function VolumeCard({ card, state, shown, isBusy, isGone, onDecide, onUnlock, onStop }: VolumeProps) {
  const { safeId, account, facts } = shown;
  const [lasts, setLasts] = useState<'once' | 'continue'>('once');
  const identity = state.identities.find((one) => one.safeId === safeId);
  const answers = (
    <AnswerOrUnlock
      {...{ card, isGone, isBusy, onDecide, onUnlock, safeId, identity }}
      shownDetail={lasts}
      approveWords={t('volumeGoOn')}
      onApprove={() => onDecide({ kind: 'volume', lasts })}
    />
  );
  const choice = (
    <InlineSelect<'once' | 'continue'>
      key="lasts"
      testId="approval-lasts"
      label={t('partLong')}
      value={lasts}
      options={[
        { value: 'once', words: t('volumeOnce') },
        { value: 'continue', words: t('volumeDay') },
      ]}
      onValue={setLasts}
    />
  );
  return (
    <CardLayout sentence={wanted(facts)} facts={<AccountFact account={account} />} answers={answers}>
      <p>{t('volumeMeaning')}</p>
      <AsIdentity identity={identity} account={account} />
      <div class="stack tight">
        <h2 class="label">{t('answerHolds')}</h2>
        <p class="grant-sentence">{rich('volumeGoOnFor', choice)}</p>
        <p class="small soft" aria-live="polite">
          {t(lasts === 'once' ? 'volumeOnceMeaning' : 'volumeDayMeaning')}
        </p>
      </div>
      {!isGone && (
        <div class="stack tight">
          <h2 class="label">{t('volumeUnexpected')}</h2>
          <p class="small soft">{t('volumeStopMeaning')}</p>
          <div class="row">
            <Button testId="approval-stop" look="danger" compact onPress={() => onStop(safeId)}>
              {t('volumeStop')}
            </Button>
          </div>
        </div>
      )}
    </CardLayout>
  );
}
