// What a site may do and whether it asks first, as pairs: popup and sites list draw the same.
// Promises: each capability once, what needs no question on top.
import type { Capability } from '../contract/grants';
import type { SiteGrant } from '../contract/pages/sites';
import type { Budget } from '../contract/scopes';
import { answeredWords, usesWords } from './grant-words';
import { timeOrDate } from './format';
import { grantGroups, budgetKey, keyOf } from './grant-model';
import { budgetWords, scopeWords } from './scope-words';
import type { WhoIs } from './people';
import { t } from './text';

/** `whoIs`: what the person calls the people of a scope, where the page knows it. */
export function GrantUses({ grant, nowMs, whoIs }: { grant: SiteGrant; nowMs: number; whoIs?: WhoIs }) {
  return (
    <dl class="uses">
      {grantGroups(grant, nowMs).map(({ answered, capabilities }) => (
        <div key={answered} data-testid="grant-use" data-answered={answered} data-capabilities={capabilities.join(' ')}>
          <dt>{answeredWords(answered, nowMs)}</dt>
          <dd>{usesWords(capabilities)}</dd>
        </div>
      ))}
      {grant.withoutAskingIn.map(({ capability, scope, until }) => (
        <div key={`${capability} ${keyOf(scope)}`} data-testid="grant-use-in" data-capability={capability}>
          <dt>
            {until === 'until-locked' ? t('grantFreeUntilLocked') : t('grantFreeUntil', timeOrDate(until, nowMs))}
          </dt>
          <dd>{t('grantUseIn', usesWords([capability]), scopeWords(scope, whoIs))}</dd>
        </div>
      ))}
      {narrower(grant).map(({ capability, scope }) => (
        <div key={capability} data-testid="grant-bounds" data-capability={capability}>
          <dt>{t('grantOnly')}</dt>
          <dd>{t('grantUseIn', usesWords([capability]), scopeWords(scope, whoIs))}</dd>
        </div>
      ))}
      {budgetsOf(grant).map(([budget, capabilities]) => (
        <div key={budgetKey(budget)} data-testid="grant-budget" data-budget={budgetKey(budget)}>
          <dt>{budgetWords(budget)}</dt>
          <dd>{usesWords(capabilities)}</dd>
        </div>
      ))}
    </dl>
  );
}

const narrower = ({ bounds }: SiteGrant) =>
  bounds.flatMap(({ capability, scope }) => (scope === null || scope.of === 'all' ? [] : [{ capability, scope }]));

/** The budgets of a grant, each with what it is for. */
function budgetsOf({ bounds }: SiteGrant): [Budget, Capability[]][] {
  const budgets = new Map<string, [Budget, Capability[]]>();
  for (const { capability, budget } of bounds) {
    if (budget === null) continue;
    const known = budgets.get(budgetKey(budget));
    if (known) known[1].push(capability);
    else budgets.set(budgetKey(budget), [budget, [capability]]);
  }
  return [...budgets.values()];
}
