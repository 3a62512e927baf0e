// A site wants to connect: with which identity, what it may do (the person may take away), and for how long.
// Promises: nothing is granted that was not asked for; choices start as asked, or at 30 days. Must not: approve while the chosen
// identity is locked; unlocking is another act.
import { useState } from 'preact/hooks';
import { durations, type Capability, type Duration } from '../../contract/grants';
import type { IdentitySummary, ShownRequest } from '../../contract/internal';
import { capabilityWords, durationWords } from '../grant-words';
import { Button } from '../parts/button';
import { Choice, Select } from '../parts/field';
import { Identity, Status } from '../parts/identity';
import { openPage } from '../tabs';
import { t } from '../text';
import { ask } from '../vault-calls';
import { Answers, RejectButton } from './answers';
import { CardLayout } from './card-frame';
import type { CardProps } from './card-props';

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

export function ConnectCard(props: ConnectProps) {
  const { card, state, shown, isBusy, isGone, onDecide } = props;
  const identities = state.identities.filter(usable);
  const [chosenId, setChosenId] = useState<string>();
  const [kept, setKept] = useState<readonly Capability[]>(shown.capabilities);
  const [duration, setDuration] = useState<Duration>(shown.duration ?? '30d');
  const identity = identities.find(({ safeId }) => safeId === chosenId) ?? identities.find(({ status }) => status === 'unlocked') ?? identities[0];
  if (!identity) return <SetUpFirst {...props} />;
  const isLocked = identity.status === 'locked';
  const toggle = (capability: Capability, isKept: boolean) => setKept(isKept ? [...kept, capability] : kept.filter((other) => other !== capability));
  const approve = () => onDecide({ kind: 'connect', safeId: identity.safeId, capabilities: shown.capabilities.filter((capability) => kept.includes(capability)), duration });
  const answers = isLocked ? (
    <>
      <RejectButton card={card} onDecide={onDecide} />
      <Button testId="approval-unlock" look="primary" onPress={() => void ask('unlock_open', { safeId: identity.safeId })}>
        {t('unlockFirst')}
      </Button>
    </>
  ) : (
    <Answers {...{ card, isGone, isBusy, onDecide }} shownDetail={identity.safeId} blockedBecause={kept.length === 0 ? t('keepOne') : undefined} onApprove={approve} />
  );
  return (
    <CardLayout sentence={t('wantsConnect')} answers={answers}>
      <fieldset>
        <legend class="label">{identities.length > 1 ? t('whichIdentity') : t('asIdentity')}</legend>
        <div class="card">
          {identities.map((one) =>
            identities.length > 1 ? (
              <Choice key={one.safeId} testId="approval-identity" type="radio" name="identity" isCentred isChosen={one === identity} onChoose={() => setChosenId(one.safeId)}>
                <Identity name={one.name} account={one.account} size={32} canCopy={false}>
                  <Status status={one.status} />
                </Identity>
              </Choice>
            ) : (
              <div key={one.safeId} class="card-row" data-testid="approval-identity">
                <Identity name={one.name} account={one.account} size={32} canCopy={false}>
                  <Status status={one.status} />
                </Identity>
              </div>
            ),
          )}
        </div>
      </fieldset>
      <fieldset>
        <legend class="label">{t('mayDo')}</legend>
        <div class="card">
          {shown.capabilities.map((capability) => {
            const [name, meaning] = capabilityWords[capability];
            return (
              <Choice key={capability} testId={`approval-capability-${capability}`} type="checkbox" name="capability" isChosen={kept.includes(capability)} onChoose={(isKept) => toggle(capability, isKept)}>
                <p>{t(name)}</p>
                <p class="small soft">{t(meaning)}</p>
              </Choice>
            );
          })}
        </div>
      </fieldset>
      <Select
        testId="approval-duration"
        label={t('howLong')}
        value={duration}
        options={durations.map((value) => ({ value, words: t(durationWords[value]) }))}
        onValue={setDuration}
      />
      {isLocked && <p class="soft">{t('connectLocked')}</p>}
    </CardLayout>
  );
}
