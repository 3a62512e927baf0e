// A site wants to connect: with which identity, what it may do (the person may take away), and for how long.
// Promises: nothing is granted that was not asked for; choices start as asked, or at 30 days, and each use of messages asks. What is granted is one
// sentence, each part a control. A site that
// has something already: what is new is marked, what it did not ask about is named and stays. Must not: approve while the chosen identity is locked; unlocking is another act.
import { useState } from 'preact/hooks';
import { durations, isCareful, timedCapabilities, type Capability, type Duration } from '../../../contract/grants';
import type { ShownRequest } from '../../../contract/pages/approvals';
import type { IdentitySummary } from '../../../contract/pages/identity';
import {
  isScoped,
  isWithin,
  type Budget,
  type Scope,
  type ScopedCapability,
  type Scopes,
} from '../../../contract/scopes';
import {
  connectionNews,
  isTickedFirst,
  presetsOf,
  hadBefore,
  narrowed,
  type ConnectionNews,
  type Preset,
} from '../../connection-model';
import {
  capabilityGroups,
  budgetChoices,
  budgetKey,
  budgetsOf,
  distinct,
  keyOf,
  sameBudget,
  scopeChoices,
  type FirstUse,
} from '../../grant-model';
import { capabilityWords, usesWords } from '../../grant-words';
import { dateTime } from '../../format';
import { Button } from '../../parts/form/button';
import { Choice } from '../../parts/form/field';
import { EachPart, GrantSentence } from '../../parts/grant-sentence';
import { Icon } from '../../parts/icon';
import { Identity, Status } from '../../parts/shown/identity';
import { Peers } from '../../parts/shown/peers';
import {
  askingOptions,
  budgetOptions,
  longOptions,
  mixed,
  pickOption,
  picksPeople,
  scopeOptions,
} from '../../scope-words';
import { whoIsOf } from '../../people';
import { PeoplePicker } from '../../sites/people-picker';
import { openPage } from '../../tabs';
import { t, type MessageKey } from '../../text';
import { useVault } from '../../worker/calls';
import { Answers, RejectButton } from './frame/answers';
import { CardLayout } from './frame/card-frame';
import type { CardProps } from './frame/card-props';
import { OthersThatWait, useOthers } from './frame/others';

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

const all: Scope = { of: 'all' };

const presetWords: Record<Preset, [name: MessageKey, meaning: MessageKey]> = {
  ask: ['presetAsk', 'presetAskMeaning'],
  site: ['presetSite', 'presetSiteMeaning'],
  full: ['presetFull', 'presetFullMeaning'],
};

/** Answers for reading and writing in one press; the sentence below says what each means, and can be changed. */
function Presets({
  chosen,
  offered,
  onChoose,
}: {
  chosen: Preset | undefined;
  offered: readonly Preset[];
  onChoose: (preset: Preset) => void;
}) {
  return (
    <fieldset>
      <legend class="label">{t('presetTitle')}</legend>
      <div class="card choices">
        {offered.map((preset) => (
          <Choice
            key={preset}
            testId={`approval-preset-${preset}`}
            type="radio"
            name="preset"
            isChosen={preset === chosen}
            onChoose={() => onChoose(preset)}
          >
            <p>{t(presetWords[preset][0])}</p>
            <p class="small soft">{t(presetWords[preset][1])}</p>
          </Choice>
        ))}
      </div>
    </fieldset>
  );
}

export function ConnectCard(props: ConnectProps) {
  const { card, state, shown, alsoWaiting, isBusy, isGone, onUnlock } = props;
  const others = useOthers<ConnectProps['shown']>(card, alsoWaiting);
  const identities = state.identities.filter(usable);
  const [chosenId, setChosenId] = useState<string>();
  // What the person chose, as far as they did; the rest follows from the identity.
  const [ticked, setTicked] = useState<Partial<Record<Capability, boolean>>>({});
  const [chosenDuration, setDuration] = useState<Duration>();
  const [firstUse, setFirstUse] = useState<FirstUse>('ask');
  const [chosenScope, setScope] = useState<Scope>();
  const [each, setEach] = useState<Scopes>({});
  const [chosenBudgets, setBudgets] = useState<Partial<Record<Capability, Budget | null>>>({});
  const [isPicking, setPicking] = useState(false);
  const identity =
    identities.find(({ safeId }) => safeId === chosenId) ??
    identities.find(({ status }) => status === 'unlocked') ??
    identities[0];
  // Names are within the safe: a locked identity has none to show, and nobody to choose.
  const { value: book } = useVault(
    'people_list',
    identity?.status === 'unlocked' ? { safeId: identity.safeId } : null,
    'state',
  );
  if (!identity) return <SetUpFirst {...props} />;
  const isLocked = identity.status === 'locked';
  const before = card.given.find(({ safeId }) => safeId === identity.safeId);
  const news = connectionNews(shown, before);
  const budgetOf = (capability: Capability): Budget | null => {
    const picked = chosenBudgets[capability];
    return picked === undefined
      ? (before?.bounds.find((one) => one.capability === capability)?.budget ?? null)
      : picked;
  };
  const duration = chosenDuration ?? news.duration;
  const kept = shown.capabilities.filter((capability) => ticked[capability] ?? isTickedFirst(capability, before));
  const toggle = (capability: Capability, isKept: boolean) => setTicked({ ...ticked, [capability]: isKept });
  const budget = sameBudget(kept.map(budgetOf));
  const usesMessages = timedCapabilities.some((capability) => kept.includes(capability));
  const scoped = kept.filter(isScoped);
  const wishOf = (capability: ScopedCapability): Scope => shown.scopes?.[capability] ?? all;
  const wishes = scoped.map(wishOf);
  // What was given before is where the choice begins, where it is not more than is asked for now.
  const had = hadBefore(before, scoped, wishes);
  const own = chosenScope?.of === 'peers' && wishes.some((wish) => isWithin(chosenScope, wish)) ? [chosenScope] : [];
  const places = distinct([...scopeChoices(...wishes), ...had, ...own]);
  // People can be chosen where the site asked for everybody, or for some.
  const [asked] = wishes.flatMap((wish) => (wish.of === 'peers' ? [wish.peers] : []));
  const isAnybody = wishes.some((wish) => wish.of === 'all');
  const mayPick = !isLocked && (isAnybody || (asked?.length ?? 0) > 1);
  const scope =
    chosenScope && places.some((one) => keyOf(one) === keyOf(chosenScope)) ? chosenScope : (had[0] ?? places[0] ?? all);
  const given = scoped.map((capability) => ({
    capability,
    scope: each[capability] ?? narrowed(scope, wishOf(capability)),
  }));
  const isOne = given.every((one) => keyOf(one.scope) === keyOf(scope));
  const { offered, chosen } = presetsOf(wishes, scope, firstUse);
  const preset = isOne ? chosen : undefined;
  const choosePlace = (one: Scope | undefined) => {
    setScope(one);
    setEach({});
  };
  const choosePreset = (one: Preset) => {
    choosePlace(one === 'site' ? { of: 'site' } : undefined);
    setFirstUse(one === 'ask' ? 'ask' : 'until-locked');
  };
  const whoIs = whoIsOf(state.identities, [...card.names, ...(book ?? [])]);
  const needsAll = kept.includes('network.token') && scoped.length > 0 && given.some((one) => one.scope.of !== 'all');
  const remember = usesMessages && firstUse !== 'ask' ? { remember: firstUse } : {};
  // A grant for one document is for the one that is shown.
  const listed = duration === 'once' ? [] : others.listed;
  const onDecide: CardProps['onDecide'] = (decision) => props.onDecide(decision, listed);
  const approve = () =>
    onDecide({
      kind: 'connect',
      safeId: identity.safeId,
      capabilities: kept,
      duration,
      ...remember,
      scopes: Object.fromEntries(given.map((one) => [one.capability, one.scope])),
      budgets: budgetsOf(kept, budgetOf),
    });
  const answers = isLocked ? (
    <>
      <RejectButton card={card} onDecide={onDecide} count={listed.length + 1} />
      <Button testId="approval-unlock" look="primary" onPress={() => onUnlock(identity.safeId)}>
        {t('unlockFirst')}
      </Button>
    </>
  ) : (
    <Answers
      {...{ card, isGone, isBusy, onDecide }}
      count={listed.length + 1}
      shownDetail={[identity.safeId, ...listed.map((one) => one.nonce)].join()}
      blockedBecause={kept.length === 0 ? t('keepOne') : needsAll ? t('tokenNeedsAll') : undefined}
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
      {scoped.length > 0 && <Presets chosen={preset} offered={offered} onChoose={choosePreset} />}
      <GrantSentence
        uses={usesWords(kept)}
        where={
          scoped.length > 0
            ? {
                testId: 'approval-scope',
                value: isOne ? keyOf(scope) : mixed,
                options: [
                  ...(isOne ? [] : [{ value: mixed, words: t('scopeMixed') }]),
                  ...scopeOptions(places, whoIs),
                  ...(mayPick ? [pickOption()] : []),
                ],
                onValue: (key) =>
                  key === picksPeople ? setPicking(true) : choosePlace(places.find((one) => keyOf(one) === key)),
              }
            : undefined
        }
        asking={
          usesMessages
            ? {
                testId: 'approval-remember',
                value: firstUse,
                options: askingOptions(news.isRemembered),
                onValue: (value) => setFirstUse(value as FirstUse),
              }
            : undefined
        }
        often={{
          testId: 'approval-budget',
          value: budget === undefined ? mixed : budgetKey(budget),
          options: [
            ...(budget === undefined ? [{ value: mixed, words: t('oftenMixed') }] : []),
            ...budgetOptions(budget ?? null),
          ],
          onValue: (key) => {
            const next = budgetChoices(budget ?? null).find((one) => budgetKey(one) === key);
            if (next !== undefined) setBudgets(Object.fromEntries(shown.capabilities.map((one) => [one, next])));
          },
        }}
        long={{
          testId: 'approval-duration',
          value: duration,
          options: longOptions(durations),
          onValue: (value) => setDuration(value as Duration),
        }}
      />
      {scope.of === 'peers' && isOne && scoped.length > 0 && (
        <Peers peers={scope.peers} total={scope.peers.length} whoIs={whoIs} />
      )}
      {kept.length > 1 && (
        <EachPart
          scopes={given}
          placesOf={(capability, one) => distinct([...scopeChoices(wishOf(capability)), one])}
          onScope={(capability, one) => setEach({ ...each, [capability]: one })}
          budgets={kept.map((capability) => ({ capability, budget: budgetOf(capability) }))}
          onBudget={(capability, next) => setBudgets({ ...chosenBudgets, [capability]: next })}
          whoIs={whoIs}
        />
      )}
      {isPicking && (
        <PeoplePicker
          safeId={identity.safeId}
          identities={state.identities}
          chosen={scope.of === 'peers' ? scope.peers : []}
          within={isAnybody ? undefined : asked}
          onChosen={(peers) => {
            setPicking(false);
            choosePlace({ of: 'peers', peers });
          }}
          onClose={() => setPicking(false)}
        />
      )}
      {needsAll && <p class="small field-error">{t('tokenNeedsAll')}</p>}
      {isLocked && <p class="soft">{t('connectLocked')}</p>}
      {duration !== 'once' && (
        <OthersThatWait others={others} draw={(one) => <p>{t('anotherTab', dateTime(one.createdAtMs))}</p>} />
      )}
    </CardLayout>
  );
}
