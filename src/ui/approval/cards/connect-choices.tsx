// The choices of a connection card, drawn: what the site may do, where, how often and for how long, as presets, as checkboxes and as one sentence.
// Promises: what is granted is one sentence, each part a control; what is new to a site that has something is marked. Must not: decide; each control says what was chosen.
import type { IdentitySummary } from '../../../contract/pages/identity';
import { durations, isCareful, type Capability, type Duration } from '../../../contract/grants';
import {
  capabilityGroups,
  budgetChoices,
  budgetKey,
  distinct,
  keyOf,
  scopeChoices,
  type FirstUse,
} from '../../grant-model';
import { capabilityWords, usesWords } from '../../grant-words';
import type { ConnectionNews, Preset } from '../../connection-model';
import type { EnsWords } from '../../parts/ens/says';
import { Choice } from '../../parts/form/field';
import { EachPart, GrantSentence } from '../../parts/grant-sentence';
import { Icon } from '../../parts/icon';
import { Peers } from '../../parts/shown/peers';
import type { WhoIs } from '../../people';
import {
  askingOptions,
  budgetOptions,
  longOptions,
  mixed,
  pickOption,
  picksPeople,
  scopeOptions,
} from '../../scope-words';
import { PeoplePicker } from '../../sites/people-picker';
import { t, type MessageKey } from '../../text';
import type { ConnectChoice } from './use-connect-choice';

function News({ isNew }: { isNew: boolean }) {
  return (
    <span class={isNew ? 'tag' : 'small soft'} data-testid="approval-news" data-new={isNew}>
      {t(isNew ? 'mayNew' : 'mayAlready')}
    </span>
  );
}

/** What was asked for, as checkboxes; what belongs together stands together, what is dangerous apart and last. */
export function CapabilityChoices({
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

const presetWords: Record<Preset, [name: MessageKey, meaning: MessageKey]> = {
  ask: ['presetAsk', 'presetAskMeaning'],
  site: ['presetSite', 'presetSiteMeaning'],
  full: ['presetFull', 'presetFullMeaning'],
};

/** Answers for reading and writing in one press; the sentence below says what each means, and can be changed. */
export function Presets({
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

interface GrantedProps {
  choice: ConnectChoice;
  safeId: string;
  identities: readonly IdentitySummary[];
  whoIs: WhoIs;
  ens: EnsWords;
}

/** What is granted, in one sentence whose parts can be changed, and each capability by itself below it. */
export function Granted({ choice, safeId, identities, whoIs, ens }: GrantedProps) {
  const { kept, scope, scoped, isOne, given, places, budget, budgetOf, wishOf, people } = choice;
  return (
    <>
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
                  ...(people.mayPick ? [pickOption()] : []),
                ],
                onValue: (key) =>
                  key === picksPeople
                    ? people.pick(true)
                    : choice.choosePlace(places.find((one) => keyOf(one) === key)),
              }
            : undefined
        }
        asking={
          choice.usesMessages
            ? {
                testId: 'approval-remember',
                value: choice.firstUse,
                options: askingOptions(choice.news.isRemembered),
                onValue: (value) => choice.setFirstUse(value as FirstUse),
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
            if (next !== undefined) choice.setEveryBudget(next);
          },
        }}
        long={{
          testId: 'approval-duration',
          value: choice.duration,
          options: longOptions(durations),
          onValue: (value) => choice.setDuration(value as Duration),
        }}
      />
      {scope.of === 'peers' && isOne && scoped.length > 0 && (
        <Peers peers={scope.peers} total={scope.peers.length} whoIs={whoIs} ens={ens} />
      )}
      {kept.length > 1 && (
        <EachPart
          scopes={given}
          placesOf={(capability, one) => distinct([...scopeChoices(wishOf(capability)), one])}
          onScope={choice.setScopeOf}
          budgets={kept.map((capability) => ({ capability, budget: budgetOf(capability) }))}
          onBudget={choice.setBudgetOf}
          whoIs={whoIs}
        />
      )}
      {people.isPicking && (
        <PeoplePicker
          safeId={safeId}
          identities={identities}
          chosen={people.chosen}
          within={people.within}
          onChosen={(peers) => {
            people.pick(false);
            choice.choosePlace({ of: 'peers', peers });
          }}
          onClose={() => people.pick(false)}
        />
      )}
    </>
  );
}
