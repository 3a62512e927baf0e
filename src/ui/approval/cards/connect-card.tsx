// A site wants to connect: with which identity, what it may do (the person may take away), and for how long.
// Promises: a site that has something already: what is new is marked, what it did not ask about is named and stays. Must not: approve while the chosen
// identity is locked; unlocking is another act.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { ShownRequest } from '../../../contract/pages/approvals';
import type { IdentitySummary } from '../../../contract/pages/identity';
import type { ConnectionNews } from '../../connection-model';
import { usesWords } from '../../grant-words';
import { dateTime } from '../../format';
import { Button } from '../../parts/form/button';
import { Choice } from '../../parts/form/field';
import { useEns } from '../../parts/ens/use-ens';
import { Identity, Status } from '../../parts/shown/identity';
import { whoIsOf } from '../../people';
import { openPage } from '../../tabs';
import { t, type MessageKey } from '../../text';
import { useVault } from '../../worker/calls';
import { CapabilityChoices, Granted, Presets } from './connect-choices';
import { AnswerOrUnlock } from './frame/answer-or-unlock';
import { RejectButton } from './frame/answers';
import { IdentityRow } from './frame/as-identity';
import { CardLayout } from './frame/card-frame';
import type { CardProps } from './frame/card-props';
import { OthersThatWait, useOthers } from './frame/others';
import { useConnectChoice } from './use-connect-choice';

type ConnectProps = CardProps & { shown: Extract<ShownRequest, { kind: 'connect' }> };

function usable({ status }: IdentitySummary): boolean {
  return status === 'unlocked' || status === 'locked';
}

/** No identity can be connected yet: what to do about it, with Reject beside it. */
function SetUpFirst({ card, onDecide, state }: ConnectProps) {
  const isDamaged = state.status === 'damaged';
  const open = () => void openPage(isDamaged ? 'vault' : 'onboarding');
  const action = (
    <Button testId="approval-set-up" look="primary" onPress={open}>
      {isDamaged ? t('seeWhatToDo') : state.status === 'enrolling' ? t('finishSetUp') : t('setUpShort')}
    </Button>
  );
  return (
    <CardLayout
      sentence={t('wantsConnect')}
      answers={
        <>
          <RejectButton card={card} onDecide={onDecide} />
          {action}
        </>
      }
    >
      <p>{isDamaged ? t('damagedShort') : t('connectNoIdentity')}</p>
    </CardLayout>
  );
}

const sentences: Record<ConnectionNews['about'], MessageKey> = {
  first: 'wantsConnect',
  more: 'wantsMore',
  longer: 'wantsLonger',
  again: 'wantsAgain',
};

/** With which identity: chosen where there are several. */
function WhichIdentity({
  identities,
  identity,
  onChoose,
}: {
  identities: readonly IdentitySummary[];
  identity: IdentitySummary;
  onChoose: (safeId: string) => void;
}) {
  return (
    <fieldset>
      <legend class="label">{identities.length > 1 ? t('whichIdentity') : t('asIdentity')}</legend>
      <div class="card">
        {identities.map((one) =>
          identities.length > 1 ? (
            <Choice
              key={one.safeId}
              testId="approval-identity"
              type="radio"
              name="identity"
              isCentred
              isChosen={one === identity}
              onChoose={() => onChoose(one.safeId)}
            >
              <Identity name={one.name} account={one.account} size={32} canCopy={false}>
                <Status status={one.status} />
              </Identity>
            </Choice>
          ) : (
            <IdentityRow key={one.safeId} identity={one} account={one.account} />
          ),
        )}
      </div>
    </fieldset>
  );
}

export function ConnectCard(props: ConnectProps) {
  const [chosenId, setChosenId] = useState<string>();
  const identities = props.state.identities.filter(usable);
  const identity =
    identities.find(({ safeId }) => safeId === chosenId) ??
    identities.find(({ status }) => status === 'unlocked') ??
    identities[0];
  if (!identity) return <SetUpFirst {...props} />;
  return (
    <Connection {...props} identity={identity}>
      <WhichIdentity identities={identities} identity={identity} onChoose={setChosenId} />
    </Connection>
  );
}

function Connection({
  card,
  state,
  shown,
  alsoWaiting,
  isBusy,
  isGone,
  onUnlock,
  onDecide,
  identity,
  children,
}: ConnectProps & { identity: IdentitySummary; children: ComponentChildren }) {
  const { safeId, status } = identity;
  const others = useOthers<ConnectProps['shown']>(card, alsoWaiting);
  const choice = useConnectChoice(card, shown, identity);
  const { news, kept, needsAll, people } = choice;
  // Names are within the safe: a locked identity has none to show.
  const { value: book } = useVault('people_list', status === 'unlocked' ? { safeId } : null, 'state');
  const whoIs = whoIsOf(state.identities, [...card.names, ...(book ?? [])]);
  const ens = useEns(state.settings.ensNode, people.chosen, whoIs);
  // A grant for one document is for the one that is shown.
  const listed = choice.duration === 'once' ? [] : others.listed;
  const decide: CardProps['onDecide'] = (decision) => onDecide(decision, listed);
  const answers = (
    <AnswerOrUnlock
      {...{ card, isGone, isBusy, onUnlock, safeId, identity }}
      onDecide={decide}
      count={listed.length + 1}
      shownDetail={JSON.stringify([safeId, ...listed.map((one) => one.nonce), ...people.chosen.map(ens)])}
      blockedBecause={kept.length === 0 ? t('keepOne') : needsAll ? t('tokenNeedsAll') : undefined}
      onApprove={() => decide(choice.decision())}
    />
  );
  return (
    <CardLayout sentence={t(sentences[news.about])} answers={answers}>
      {children}
      <CapabilityChoices asked={shown.capabilities} kept={kept} news={news} onToggle={choice.toggle} />
      {news.stays.length > 0 && (
        <p class="small soft" data-testid="approval-stays">
          {t('mayStays', usesWords(news.stays))}
        </p>
      )}
      {choice.scoped.length > 0 && <Presets {...choice.presets} onChoose={choice.choosePreset} />}
      <Granted {...{ choice, safeId, whoIs, ens }} identities={state.identities} />
      {needsAll && <p class="small field-error">{t('tokenNeedsAll')}</p>}
      {status === 'locked' && <p class="soft">{t('connectLocked')}</p>}
      {choice.duration !== 'once' && (
        <OthersThatWait others={others} draw={(one) => <p>{t('anotherTab', dateTime(one.createdAtMs))}</p>} />
      )}
    </CardLayout>
  );
}
