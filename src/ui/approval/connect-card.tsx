// A site wants to connect: with which identity, what it may do (the person may take away), and for how long.
// Promises: nothing is granted that was not asked for; choices start as asked, or at 30 days, and the first use of messages asks. Must
// not: approve while the chosen identity is locked; unlocking is another act.
import { useState } from 'preact/hooks';
import { durations, stretchCapabilities, type Capability, type Duration, type Remembered } from '../../contract/grants';
import type { IdentitySummary, ShownRequest } from '../../contract/internal';
import { capabilityGroups } from '../grant-model';
import { capabilityWords, durationWords } from '../grant-words';
import { Button } from '../parts/button';
import { Choice, Select } from '../parts/field';
import { Icon } from '../parts/icon';
import { Identity, Status } from '../parts/identity';
import { openPage } from '../tabs';
import { t } from '../text';
import { ask } from '../vault-calls';
import { Answers, RejectButton } from './answers';
import { CardLayout } from './card-frame';
import type { CardProps } from './card-props';

type ConnectProps = CardProps & { shown: Extract<ShownRequest, { kind: 'connect' }> };
type FirstUse = 'ask' | Remembered;

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

/** What was asked for, as checkboxes; what belongs together stands together, what is dangerous apart and last. */
function CapabilityChoices({ asked, kept, onToggle }: { asked: readonly Capability[]; kept: readonly Capability[]; onToggle: (capability: Capability, isKept: boolean) => void }) {
  const groups = capabilityGroups.map((group) => group.filter((capability) => asked.includes(capability))).filter((group) => group.length > 0);
  return (
    <fieldset>
      <legend class="label">{t('mayDo')}</legend>
      <div class="card">
        {groups.map((group) => (
          <div key={group[0]} class="choices">
            {group.map((capability) => {
              const [name, meaning] = capabilityWords[capability];
              return (
                <Choice key={capability} testId={`approval-capability-${capability}`} type="checkbox" name="capability" isChosen={kept.includes(capability)} onChoose={(isKept) => onToggle(capability, isKept)}>
                  <p class={capability === 'sign.digest' ? 'row care' : undefined}>
                    {t(name)}
                    {capability === 'sign.digest' && <Icon name="warning" />}
                  </p>
                  <p class="small soft">{t(meaning)}</p>
                </Choice>
              );
            })}
          </div>
        ))}
      </div>
    </fieldset>
  );
}

export function ConnectCard(props: ConnectProps) {
  const { card, state, shown, isBusy, isGone, onDecide } = props;
  const identities = state.identities.filter(usable);
  const [chosenId, setChosenId] = useState<string>();
  // Blind signatures are never given by not looking: the person has to tick them.
  const [kept, setKept] = useState<readonly Capability[]>(shown.capabilities.filter((capability) => capability !== 'sign.digest'));
  const [duration, setDuration] = useState<Duration>(shown.duration ?? '30d');
  const [firstUse, setFirstUse] = useState<FirstUse>('ask');
  const identity = identities.find(({ safeId }) => safeId === chosenId) ?? identities.find(({ status }) => status === 'unlocked') ?? identities[0];
  if (!identity) return <SetUpFirst {...props} />;
  const isLocked = identity.status === 'locked';
  const toggle = (capability: Capability, isKept: boolean) => setKept(isKept ? [...kept, capability] : kept.filter((other) => other !== capability));
  const usesMessages = stretchCapabilities.some((capability) => kept.includes(capability));
  const readsOrWrites = kept.includes('messages.read') || kept.includes('messages.write');
  const remember = usesMessages && firstUse !== 'ask' ? { remember: firstUse } : {};
  const given = shown.capabilities.filter((capability) => kept.includes(capability));
  const approve = () => onDecide({ kind: 'connect', safeId: identity.safeId, capabilities: given, duration, ...remember });
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
      <CapabilityChoices asked={shown.capabilities} kept={kept} onToggle={toggle} />
      {usesMessages && (
        <div class="stack tight">
          <Select<FirstUse>
            testId="approval-remember"
            label={t(readsOrWrites ? 'firstUseMessages' : 'firstUseOther')}
            value={firstUse}
            options={[
              { value: 'ask', words: t('firstUseAsk') },
              { value: '5m', words: t('firstUse5m') },
              { value: 'until-locked', words: t('rememberUntilLocked') },
              { value: '1h', words: t('remember1h') },
              { value: '1d', words: t('remember1d') },
            ]}
            onValue={setFirstUse}
          />
          {firstUse !== 'ask' && <p class="small soft">{t('firstUseMeaning')}</p>}
        </div>
      )}
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
