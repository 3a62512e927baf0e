// A site wants to connect: with which identity, what it may do (the person may take away), and for how long.
// Promises: nothing is granted that was not asked for; choices start as asked, or at 30 days, and the first use of messages asks. A site that
// has something already: what is new is marked, what it did not ask about is named and stays. Must not: approve while the chosen identity is locked; unlocking is another act.
import { useState } from 'preact/hooks';
import {
  durations,
  isCareful,
  timedCapabilities,
  type Capability,
  type Duration,
  type Remembered,
} from '../../../contract/grants';
import type { ShownRequest } from '../../../contract/pages/approvals';
import type { IdentitySummary } from '../../../contract/pages/identity';
import { connectionNews, isTickedFirst, type ConnectionNews } from '../../connection-model';
import { capabilityGroups } from '../../grant-model';
import { capabilityWords, durationWords, usesWords } from '../../grant-words';
import { Button } from '../../parts/form/button';
import { Choice, Select } from '../../parts/form/field';
import { Icon } from '../../parts/icon';
import { Identity, Status } from '../../parts/shown/identity';
import { openPage } from '../../tabs';
import { t, type MessageKey } from '../../text';
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

function News({ isNew }: { isNew: boolean }) {
  return (
    <span class={isNew ? 'tag' : 'small soft'} data-testid="approval-news" data-new={isNew}>
      {t(isNew ? 'mayNew' : 'mayAlready')}
    </span>
  );
}

const sentences: Record<ConnectionNews['about'], MessageKey> = {
  first: 'wantsConnect',
  more: 'wantsMore',
  longer: 'wantsLonger',
  again: 'wantsAgain',
};

/** What was asked for, as checkboxes; what belongs together stands together, what is dangerous apart and last. */
function CapabilityChoices({
  asked,
  kept,
  news,
  onToggle,
}: {
  asked: readonly Capability[];
  kept: readonly Capability[];
  news: ConnectionNews;
  onToggle: (capability: Capability, isKept: boolean) => void;
}) {
  const groups = capabilityGroups
    .map((group) => group.filter((capability) => asked.includes(capability)))
    .filter((group) => group.length > 0);
  return (
    <fieldset>
      <legend class="label">{t('mayDo')}</legend>
      <div class="card">
        {groups.map((group) => (
          <div key={group[0]} class="choices">
            {group.map((capability) => {
              const [name, meaning] = capabilityWords[capability];
              return (
                <Choice
                  key={capability}
                  testId={`approval-capability-${capability}`}
                  type="checkbox"
                  name="capability"
                  isChosen={kept.includes(capability)}
                  onChoose={(isKept) => onToggle(capability, isKept)}
                >
                  <p class={isCareful(capability) ? 'row care' : 'row'}>
                    {t(name)}
                    {isCareful(capability) && <Icon name="warning" />}
                    {news.about !== 'first' && <News isNew={news.added.includes(capability)} />}
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
  const { card, state, shown, isBusy, isGone, onDecide, onUnlock } = props;
  const identities = state.identities.filter(usable);
  const [chosenId, setChosenId] = useState<string>();
  // What the person chose, as far as they did; the rest follows from the identity.
  const [ticked, setTicked] = useState<Partial<Record<Capability, boolean>>>({});
  const [chosenDuration, setDuration] = useState<Duration>();
  const [firstUse, setFirstUse] = useState<FirstUse>('ask');
  const identity =
    identities.find(({ safeId }) => safeId === chosenId) ??
    identities.find(({ status }) => status === 'unlocked') ??
    identities[0];
  if (!identity) return <SetUpFirst {...props} />;
  const isLocked = identity.status === 'locked';
  const before = card.given.find(({ safeId }) => safeId === identity.safeId);
  const news = connectionNews(shown, before);
  const duration = chosenDuration ?? news.duration;
  const kept = shown.capabilities.filter((capability) => ticked[capability] ?? isTickedFirst(capability, before));
  const toggle = (capability: Capability, isKept: boolean) => setTicked({ ...ticked, [capability]: isKept });
  const usesMessages = timedCapabilities.some((capability) => kept.includes(capability));
  const readsOrWrites = kept.includes('messages.read') || kept.includes('messages.write');
  const remember = usesMessages && firstUse !== 'ask' ? { remember: firstUse } : {};
  const approve = () =>
    onDecide({ kind: 'connect', safeId: identity.safeId, capabilities: kept, duration, ...remember });
  const answers = isLocked ? (
    <>
      <RejectButton card={card} onDecide={onDecide} />
      <Button testId="approval-unlock" look="primary" onPress={() => onUnlock(identity.safeId)}>
        {t('unlockFirst')}
      </Button>
    </>
  ) : (
    <Answers
      {...{ card, isGone, isBusy, onDecide }}
      shownDetail={identity.safeId}
      blockedBecause={kept.length === 0 ? t('keepOne') : undefined}
      onApprove={approve}
    />
  );
  return (
    <CardLayout sentence={t(sentences[news.about])} answers={answers}>
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
                onChoose={() => setChosenId(one.safeId)}
              >
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
      <CapabilityChoices asked={shown.capabilities} kept={kept} news={news} onToggle={toggle} />
      {news.stays.length > 0 && (
        <p class="small soft" data-testid="approval-stays">
          {t('mayStays', usesWords(news.stays))}
        </p>
      )}
      {usesMessages && (
        <div class="stack tight">
          <Select<FirstUse>
            testId="approval-remember"
            label={t(readsOrWrites ? 'firstUseMessages' : 'firstUseOther')}
            value={firstUse}
            options={[
              { value: 'ask', words: t(news.isRemembered ? 'firstUseKeep' : 'firstUseAsk') },
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
