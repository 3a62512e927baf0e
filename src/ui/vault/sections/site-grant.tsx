// One grant as its person can change it: the sentence whose parts are controls, what it keeps, and whether it asks again.
// Promises: each change takes effect at once, without the site asking; it is possible while the identity is unlocked only.
// Must not: add a capability. That is for the site to ask.
import { useState } from 'preact/hooks';
import { durations, remembered, timedCapabilities, type Capability, type Duration } from '../../../contract/grants';
import type { PageParams } from '../../../contract/pages/methods';
import type { IdentitySummary } from '../../../contract/pages/identity';
import type { SiteGrant } from '../../../contract/pages/sites';
import { isScoped, type Scope } from '../../../contract/scopes';
import { capabilityWords, usesWords } from '../../grant-words';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { Choice, Disclosure } from '../../parts/form/field';
import { EachPart, GrantSentence } from '../../parts/grant-sentence';
import {
  askingNowOf,
  budgetChoices,
  budgetFor,
  budgetKey,
  distinct,
  keyOf,
  sameBudget,
  scopeChoices,
} from '../../grant-model';
import { askingNow, budgetOptions, longOptions, mixed, pickOption, picksPeople, scopeOptions } from '../../scope-words';
import { Peers } from '../../parts/shown/peers';
import type { WhoIs } from '../../people';
import { PeoplePicker } from '../../sites/people-picker';
import { t } from '../../text';
import { ask } from '../../worker/calls';

type Edit = Omit<PageParams<'grants_edit'>, 'origin' | 'safeId'>;
const lasting = durations.filter((one): one is Exclude<Duration, 'once'> => one !== 'once');
const all: Scope = { of: 'all' };

interface EditProps {
  grant: SiteGrant;
  isLocked: boolean;
  identities: readonly IdentitySummary[];
  whoIs: WhoIs;
}

export function EditGrant({ grant, isLocked, identities, whoIs }: EditProps) {
  const [error, setError] = useState<unknown>();
  const [isPicking, setPicking] = useState(false);
  const { origin, safeId, capabilities, bounds } = grant;
  const change = (edit: Edit): Promise<boolean> =>
    ask('grants_edit', { origin, safeId, ...edit }).then(
      () => {
        setError(undefined);
        return true;
      },
      (reason: unknown) => {
        setError(reason);
        return false;
      },
    );
  const scoped = bounds.flatMap(({ capability, scope }) =>
    isScoped(capability) && scope ? [{ capability, scope }] : [],
  );
  // What there is now, the usual ones, and where the person lets it go on without asking.
  const parts = grant.withoutAskingIn.map(({ scope }) => scope);
  const placesOf = (scope: Scope): Scope[] => scopeChoices(all, scope, ...parts);
  const people = distinct(scoped.map(({ scope }) => scope)).flatMap((scope) =>
    scope.of === 'peers' ? scope.peers : [],
  );
  const [first] = scoped;
  const isOne = scoped.every(({ scope }) => first && keyOf(scope) === keyOf(first.scope));
  const budget = sameBudget(bounds.map((one) => one.budget));
  const nowMs = Date.now();
  const now = askingNowOf(grant, nowMs);
  const setScope = (next: Scope) =>
    change({ scopes: Object.fromEntries(scoped.map(({ capability }) => [capability, next])) });
  if (isLocked) return <p class="small soft">{t('siteEditLocked')}</p>;
  return (
    <Disclosure testId="site-edit" label={t('siteEdit')}>
      <div class="stack tight">
        <GrantSentence
          uses={usesWords(capabilities)}
          where={
            first && {
              testId: 'site-scope',
              value: isOne ? keyOf(first.scope) : mixed,
              options: [
                ...(isOne ? [] : [{ value: mixed, words: t('scopeMixed') }]),
                ...scopeOptions(placesOf(first.scope), whoIs),
                pickOption(),
              ],
              onValue: (key) => {
                if (key === picksPeople) return setPicking(true);
                const next = placesOf(first.scope).find((one) => keyOf(one) === key);
                return next && setScope(next);
              },
            }
          }
          asking={
            now === undefined
              ? undefined
              : {
                  testId: 'site-asking',
                  ...askingNow(now, nowMs),
                  onValue: (value) => {
                    const remember = remembered.find((one) => one === value);
                    if (remember) return change({ remember });
                    return value === 'ask' ? change({ asksAgain: true }) : undefined;
                  },
                }
          }
          often={{
            testId: 'site-budget',
            value: budget === undefined ? mixed : budgetKey(budget),
            options: [
              ...(budget === undefined ? [{ value: mixed, words: t('oftenMixed') }] : []),
              ...budgetOptions(budget ?? null),
            ],
            onValue: (key) => {
              if (key === mixed) return undefined;
              const next = budgetChoices(budget ?? null).find((one) => budgetKey(one) === key) ?? null;
              return change({ budgets: next === null ? withoutBudget(capabilities) : budgetFor(capabilities, next) });
            },
          }}
          long={{
            testId: 'site-duration',
            value: grant.duration,
            options: longOptions(grant.duration === 'once' ? durations : lasting),
            onValue: (value) => {
              const next = lasting.find((one) => one === value);
              return next && change({ duration: next });
            },
          }}
        />
        {people.length > 0 && <Peers peers={people} total={people.length} whoIs={whoIs} />}
        {capabilities.includes('network.token') && scoped.some(({ scope }) => scope.of !== 'all') && (
          <p class="small field-error">{t('tokenNeedsAll')}</p>
        )}
        {capabilities.length > 1 && (
          <EachPart
            scopes={scoped}
            placesOf={(_capability, scope) => placesOf(scope)}
            onScope={(capability, scope) => change({ scopes: { [capability]: scope } })}
            budgets={bounds}
            onBudget={(capability, next) => change({ budgets: { [capability]: next } })}
            whoIs={whoIs}
          />
        )}
        {isPicking && (
          <PeoplePicker
            safeId={safeId}
            identities={identities}
            chosen={people}
            onChosen={(peers) => {
              setPicking(false);
              void setScope({ of: 'peers', peers });
            }}
            onClose={() => setPicking(false)}
          />
        )}
        {capabilities.length > 1 && (
          <fieldset>
            <legend class="label">{t('siteKeeps')}</legend>
            {capabilities.map((capability) => (
              <Choice
                key={capability}
                testId={`site-capability-${capability}`}
                type="checkbox"
                name={`keeps ${safeId} ${origin}`}
                isChosen
                onChoose={() => change({ capabilities: capabilities.filter((one) => one !== capability) })}
              >
                {t(capabilityWords[capability][0])}
              </Choice>
            ))}
          </fieldset>
        )}
        {goesOnWithoutAsking(grant) && (
          <div class="row apart">
            <p class="small soft grow">{t('siteAsksAgainMeaning')}</p>
            <Button testId="site-asks-again" compact onPress={() => change({ asksAgain: true })}>
              {t('siteAsksAgain')}
            </Button>
          </div>
        )}
        {error !== undefined && <Failure error={error} />}
      </div>
    </Disclosure>
  );
}

const withoutBudget = (capabilities: readonly Capability[]) =>
  Object.fromEntries(capabilities.map((capability) => [capability, null]));

function goesOnWithoutAsking({ withoutAskingUntil, withoutAskingIn }: SiteGrant): boolean {
  const free = (['sign', ...timedCapabilities] as const).some((one) => (withoutAskingUntil[one] ?? null) !== null);
  return free || withoutAskingIn.length > 0;
}
