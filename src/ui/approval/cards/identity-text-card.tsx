// A site wants a signature of the inbox key under an identity text of XMTP V3: one card for each of the six shapes.
// Promises: every field of the text is on the card, and the text itself; what cannot be taken back is said before it is approved, and is typed for; an
// inbox that is not known has to be ticked. Must not: be remembered.
import { useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { addressShapes, inboxBounds, recoveryShapes } from '../../../contract/choices';
import { isConfirmedBy } from '../../../contract/paste';
import type { ShownRequest } from '../../../contract/pages/approvals';
import type { IdentityTextFacts } from '../../../contract/pages/inbox';
import { Disclosure } from '../../parts/form/field';
import { TypedConfirmation } from '../../parts/form/typed-confirmation';
import { Notice } from '../../parts/notice';
import { plural, t } from '../../text';
import { AnswerOrUnlock } from './frame/answer-or-unlock';
import { AccountFact } from './frame/as-identity';
import { CardLayout } from './frame/card-frame';
import type { CardProps } from './frame/card-props';
import { InboxFacts, LongFact, UnknownInbox } from './inbox-facts';

type IdentityTextProps = CardProps & { shown: Extract<ShownRequest, { kind: 'v3' }> };

function sentenceOf({ shape, values }: IdentityTextFacts): string {
  switch (shape) {
    case 'create+grant':
      return t('wantsNewInbox');
    case 'grant':
      return t('wantsInboxAccess');
    case 'link':
      return t('wantsInboxLink');
    case 'revoke':
      return t('wantsInboxRevoke', plural('inboxApps', values.length));
    case 'unlink':
      return t('wantsInboxUnlink');
    case 'recovery':
      return t('wantsInboxRecovery');
  }
}

/** What it means, and what it cannot undo. */
function Meaning({ shape, role, isAboutUs }: IdentityTextFacts) {
  switch (shape) {
    case 'create+grant':
      return (
        <>
          <Notice tone="danger" title={t('inboxNewTitle')}>
            {t('inboxNewBody')}
          </Notice>
          <p>{t('inboxGrantMeaning')}</p>
        </>
      );
    case 'grant':
      return <p>{t('inboxGrantMeaning')}</p>;
    case 'link':
      // Where this vault is recovery already, the order of addresses is decided.
      if (role === 'recovery') return <p>{t('inboxLinkOwn')}</p>;
      return (
        <Notice tone="danger" title={t('inboxLinkTitle')}>
          {t('inboxLinkBody')}
        </Notice>
      );
    case 'revoke':
      return <p>{t('inboxRevokeBody')}</p>;
    case 'unlink':
      return isAboutUs ? (
        <Notice tone="danger" title={t('inboxUnlinkUsTitle')}>
          {t('inboxUnlinkUs')}
        </Notice>
      ) : (
        <p>{t('inboxUnlinkBody')}</p>
      );
    case 'recovery':
      if (isAboutUs) return <p>{t('inboxRecoveryOwn')}</p>;
      return (
        <Notice tone="danger" title={t('inboxRecoveryTitle')}>
          {t('inboxRecoveryBody')}
        </Notice>
      );
  }
}

/** How full the inbox is, where one more app would join it. */
function Room({ shape, installations, ofThisOrigin, isThereAlready }: IdentityTextFacts) {
  if (shape !== 'grant' && shape !== 'create+grant') return null;
  const after = installations + (isThereAlready ? 0 : 1);
  return (
    <>
      {after >= inboxBounds.installations - 2 && (
        <Notice testId="approval-inbox-full">{t('inboxNearlyFull', after, inboxBounds.installations)}</Notice>
      )}
      {ofThisOrigin > 0 && <Notice testId="approval-inbox-second">{t('inboxSecondOfSite')}</Notice>}
    </>
  );
}

function Values({ shape, values }: IdentityTextFacts): ComponentChildren {
  const isAddress = addressShapes.some((one) => one === shape);
  // The address that joins is the one that signs.
  if (shape === 'link') return null;
  const name = t(isAddress ? 'inboxAddress' : values.length === 1 ? 'inboxApp' : 'inboxApps');
  return values.map((value, at) => (
    <LongFact key={value} {...(at === 0 && { name })} digits={value} testId="approval-inbox-value" />
  ));
}

export function IdentityTextCard({ card, state, shown, isBusy, isGone, onDecide, onUnlock }: IdentityTextProps) {
  const { safeId, account, facts } = shown;
  const [isMine, setMine] = useState(false);
  const [typed, setTyped] = useState('');
  const isUnknown = facts.inbox === 'unknown';
  const isTyped = recoveryShapes.some((shape) => shape === facts.shape);
  const blockedBecause =
    isUnknown && !isMine
      ? t('inboxTickFirst')
      : isTyped && !isConfirmedBy(facts.inboxId, typed)
        ? t('inboxTypeFirst')
        : undefined;
  const answers = (
    <AnswerOrUnlock
      {...{ card, isGone, isBusy, onDecide, onUnlock, safeId }}
      identity={state.identities.find((one) => one.safeId === safeId)}
      shownDetail={`${isMine} ${blockedBecause === undefined}`}
      blockedBecause={blockedBecause}
      onApprove={() => onDecide({ kind: 'v3', isTicked: isMine, ...(isTyped && { typed }) })}
    />
  );
  return (
    <CardLayout sentence={sentenceOf(facts)} answers={answers} facts={<AccountFact account={account} />}>
      <Meaning {...facts} />
      {isUnknown && (
        <UnknownInbox inboxId={facts.inboxId} isMine={isMine} onMine={setMine} isRed={facts.shape === 'link'} />
      )}
      <Room {...facts} />
      <InboxFacts inboxId={facts.inboxId} name={facts.name} inbox={facts.inbox}>
        <Values {...facts} />
        <LongFact name={t('inboxYourAddress')} digits={facts.identifier} testId="approval-inbox-identifier" />
        <dt>{t('inboxTime')}</dt>
        <dd>{new Date(facts.timeMs).toISOString().replace('T', ' ').replace('.000Z', ' UTC')}</dd>
        <dt>{t(facts.isRead ? 'inboxCountRead' : facts.isSaid ? 'inboxCountSaid' : 'inboxCount')}</dt>
        <dd data-testid="approval-inbox-counts">
          {t('inboxCounts', facts.installations, inboxBounds.installations, facts.updates, inboxBounds.updates)}
        </dd>
      </InboxFacts>
      {isTyped && <TypedConfirmation word={facts.inboxId} value={typed} onValue={setTyped} />}
      <Disclosure testId="approval-inbox-text-open" label={t('inboxText')}>
        <pre class="payload payload-bytes whole-text" data-testid="approval-inbox-text" tabIndex={0}>
          {facts.text}
        </pre>
      </Disclosure>
    </CardLayout>
  );
}
