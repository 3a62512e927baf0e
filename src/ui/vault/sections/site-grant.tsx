// One grant as its person can change it: the sentence whose parts are controls, what it keeps, and whether it asks again.
// Promises: each change takes effect at once, without the site asking; it is possible while the identity is unlocked only.
// Must not: add a capability. That is for the site to ask.
import { useState } from 'preact/hooks';
import { durations, timedCapabilities, type Capability, type Duration } from '../../../contract/grants';
import type { PageParams } from '../../../contract/pages/methods';
import type { SiteGrant } from '../../../contract/pages/sites';
import { isScoped, type Scope } from '../../../contract/scopes';
import { capabilityWords, usesWords } from '../../grant-words';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { Choice, Disclosure } from '../../parts/form/field';
import { EachScope, GrantSentence } from '../../parts/grant-sentence';
import { budgetChoices, budgetFor, budgetKey, distinct, keyOf, scopeChoices } from '../../grant-model';
import { budgetOptions, longOptions, scopeOptions } from '../../scope-words';
import { Peers } from '../../parts/shown/peers';
import { whoIsOf } from '../../people';
import { t } from '../../text';
import { ask, useVault } from '../../worker/calls';

type Edit = Omit<PageParams<'grants_edit'>, 'origin' | 'safeId'>;
const lasting = durations.filter((one): one is Exclude<Duration, 'once'> => one !== 'once');
const all: Scope = { of: 'all' };
/** The value of a choice that stands for several scopes. */
const mixed = 'mixed';

export function EditGrant({ grant, isLocked }: { grant: SiteGrant; isLocked: boolean }) {
  const [error, setError] = useState<unknown>();
  const { origin, safeId, capabilities, bounds } = grant;
  const { value: book } = useVault('people_list', isLocked ? null : { safeId }, 'state');
  const change = (edit: Edit) =>
    void ask('grants_edit', { origin, safeId, ...edit }).then(() => setError(undefined), setError);
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
  const budget = bounds[0]?.budget ?? null;
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
                ...scopeOptions(placesOf(first.scope)),
              ],
              onValue: (key) => {
                const next = placesOf(first.scope).find((one) => keyOf(one) === key);
                if (next) change({ scopes: Object.fromEntries(scoped.map((one) => [one.capability, next])) });
              },
            }
          }
          often={{
            testId: 'site-budget',
            value: budgetKey(budget),
            options: budgetOptions(budget),
            onValue: (key) => {
              const next = budgetChoices(budget).find((one) => budgetKey(one) === key) ?? null;
              change({ budgets: next === null ? withoutBudget(capabilities) : budgetFor(capabilities, next) });
            },
          }}
          long={{
            testId: 'site-duration',
            value: grant.duration,
            options: longOptions(grant.duration === 'once' ? durations : lasting),
            onValue: (value) => {
              const next = lasting.find((one) => one === value);
              if (next) change({ duration: next });
            },
          }}
        />
        {people.length > 0 && <Peers peers={people} total={people.length} whoIs={whoIsOf([], book ?? [])} />}
        {capabilities.includes('network.token') && scoped.some(({ scope }) => scope.of !== 'all') && (
          <p class="small field-error">{t('tokenNeedsAll')}</p>
        )}
        {scoped.length > 1 && (
          <EachScope
            scopes={scoped}
            placesOf={(_capability, scope) => placesOf(scope)}
            onScope={(capability, scope) => change({ scopes: { [capability]: scope } })}
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
