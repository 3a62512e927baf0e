// What the cards about an XMTP inbox share: which inbox it is, a warning when it is not known, and the tick that it is the person's.
// Promises: an id is shown whole. Must not: decide whether a tick is needed; the worker asks for it too.
import type { ComponentChildren } from 'preact';
import type { InboxStanding } from '../../../contract/pages/inbox';
import { Choice } from '../../parts/form/field';
import { Notice } from '../../parts/notice';
import { standingWords } from '../../inbox-words';
import { DappText } from '../../parts/shown/dapp-text';
import { Digits } from '../../parts/shown/digits';
import { t } from '../../text';

/** One number of many digits, with the width of the card. Further ones of the same kind have no name of their own. */
export function LongFact({ name, digits, testId }: { name?: string; digits: string; testId?: string }) {
  return (
    <>
      {name !== undefined && <dt class="wide">{name}</dt>}
      <dd class="wide mono" data-testid={testId}>
        <Digits digits={digits} />
      </dd>
    </>
  );
}

export function InboxFacts({
  inboxId,
  name,
  inbox,
  children,
}: {
  inboxId: string;
  name: string;
  inbox: InboxStanding;
  /** Further facts, as pairs of dt and dd. */
  children?: ComponentChildren;
}) {
  return (
    <div class="card">
      <dl class="facts small card-body" data-testid="approval-inbox" data-inbox={inboxId} data-standing={inbox}>
        {name !== '' && (
          <>
            <dt>{t('inboxCalled')}</dt>
            <dd>
              <DappText text={name} />
            </dd>
          </>
        )}
        <dt>{t('inboxStanding')}</dt>
        <dd>{t(standingWords[inbox])}</dd>
        <LongFact name={t('inboxWord')} digits={inboxId} />
        {children}
      </dl>
    </div>
  );
}

interface UnknownInboxProps {
  inboxId: string;
  isMine: boolean;
  onMine: (isMine: boolean) => void;
  /** The card is red for a reason of its own already. */
  isRed: boolean;
}

export function UnknownInbox({ inboxId, isMine, onMine, isRed }: UnknownInboxProps) {
  return (
    <>
      <Notice tone={isRed ? 'plain' : 'danger'} title={t('inboxUnknownTitle')}>
        {t('inboxUnknownBody')}
      </Notice>
      <div class="card">
        <Choice testId="approval-inbox-mine" type="checkbox" name="mine" isChosen={isMine} onChoose={onMine}>
          <p>{t('inboxMine')}</p>
          <p class="mono small soft its-number">
            <Digits digits={inboxId} />
          </p>
        </Choice>
      </div>
    </>
  );
}
