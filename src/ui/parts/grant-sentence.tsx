// A grant as one sentence, each part of which is a control: what, where, whether it asks, how often, and for how long.
// Promises: the same sentence on the card and in the sites list; each control has a name of its own for whoever does not see the sentence.
// Must not: decide what may be chosen. Who draws it says so.
import type { Capability } from '../../contract/grants';
import type { Budget, Scope, ScopedCapability } from '../../contract/scopes';
import { capabilityWords } from '../grant-words';
import { budgetChoices, budgetKey, keyOf } from '../grant-model';
import type { WhoIs } from '../people';
import { budgetOptions, scopeOptions, type Option } from '../scope-words';
import { rich, t } from '../text';
import { Disclosure, InlineSelect, Select } from './form/field';

interface Part<Value extends string> {
  testId: string;
  value: Value;
  options: readonly Option<Value>[];
  onValue: (value: Value) => void | Promise<boolean>;
}

interface SentenceProps {
  /** "reading messages, writing messages" */
  uses: string;
  where?: Part<string> | undefined;
  asking?: Part<string> | undefined;
  often: Part<string>;
  long: Part<string>;
}

const drawn = (part: Part<string>, label: string) => <InlineSelect key={part.testId} label={label} {...part} />;

export function GrantSentence({ uses, where, asking, often, long }: SentenceProps) {
  const words = <strong key="uses">{uses}</strong>;
  const ends = [drawn(often, t('partOften')), drawn(long, t('partLong'))];
  const [places, asks] = [where && drawn(where, t('partWhere')), asking && drawn(asking, t('partAsking'))];
  return (
    <p class="grant-sentence" data-testid="grant-sentence">
      {places && asks && rich('grantSentence', words, places, asks, ...ends)}
      {places && !asks && rich('grantSentenceWhere', words, places, ...ends)}
      {!places && asks && rich('grantSentenceTimed', words, asks, ...ends)}
      {!places && !asks && rich('grantSentencePlain', words, ...ends)}
    </p>
  );
}

interface EachProps {
  scopes: readonly { capability: ScopedCapability; scope: Scope }[];
  placesOf: (capability: ScopedCapability, scope: Scope) => readonly Scope[];
  onScope: (capability: ScopedCapability, scope: Scope) => void | Promise<boolean>;
  budgets: readonly { capability: Capability; budget: Budget | null }[];
  onBudget: (capability: Capability, budget: Budget | null) => void | Promise<boolean>;
  whoIs?: WhoIs;
}

/** Where and how often each capability may be used, when that is not the same for all: one choice for each, one click away. */
export function EachPart({ scopes, placesOf, onScope, budgets, onBudget, whoIs }: EachProps) {
  const scopeOfOne = ({ capability, scope }: EachProps['scopes'][number]) => {
    const places = placesOf(capability, scope);
    return (
      <Select
        testId={`grant-scope-${capability}`}
        label={t('scopeOf', t(capabilityWords[capability][0]))}
        value={keyOf(scope)}
        options={scopeOptions(places, whoIs)}
        onValue={(key) => {
          const next = places.find((one) => keyOf(one) === key);
          return next && onScope(capability, next);
        }}
      />
    );
  };
  return (
    <Disclosure testId="grant-scopes" label={t('scopeEach')}>
      <div class="stack tight">
        {budgets.map(({ capability, budget }) => {
          const scoped = scopes.find((one) => one.capability === capability);
          return (
            <div key={capability} class="stack tight">
              {scoped && scopeOfOne(scoped)}
              <Select
                testId={`grant-often-${capability}`}
                label={t('oftenOf', t(capabilityWords[capability][0]))}
                value={budgetKey(budget)}
                options={budgetOptions(budget)}
                onValue={(key) =>
                  onBudget(capability, budgetChoices(budget).find((one) => budgetKey(one) === key) ?? null)
                }
              />
            </div>
          );
        })}
      </div>
    </Disclosure>
  );
}
