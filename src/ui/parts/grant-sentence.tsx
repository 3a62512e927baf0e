// A grant as one sentence, each part of which is a control: what, where, whether it asks, how often, and for how long.
// Promises: the same sentence on the card and in the sites list; each control has a name of its own for whoever does not see the sentence.
// Must not: decide what may be chosen. Who draws it says so.
import type { Scope, ScopedCapability } from '../../contract/scopes';
import { capabilityWords } from '../grant-words';
import { keyOf } from '../grant-model';
import { scopeOptions, type Option } from '../scope-words';
import { rich, t } from '../text';
import { Disclosure, InlineSelect, Select } from './form/field';

interface Part<Value extends string> {
  testId: string;
  value: Value;
  options: readonly Option<Value>[];
  onValue: (value: Value) => void;
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

/** Where each capability may be used, when that is not the same for all: one choice for each, one click away. */
export function EachScope({
  scopes,
  placesOf,
  onScope,
}: {
  scopes: readonly { capability: ScopedCapability; scope: Scope }[];
  placesOf: (capability: ScopedCapability, scope: Scope) => readonly Scope[];
  onScope: (capability: ScopedCapability, scope: Scope) => void;
}) {
  return (
    <Disclosure testId="grant-scopes" label={t('scopeEach')}>
      <div class="stack tight">
        {scopes.map(({ capability, scope }) => {
          const places = placesOf(capability, scope);
          return (
            <Select
              key={capability}
              testId={`grant-scope-${capability}`}
              label={t('scopeOf', t(capabilityWords[capability][0]))}
              value={keyOf(scope)}
              options={scopeOptions(places)}
              onValue={(key) => {
                const next = places.find((one) => keyOf(one) === key);
                if (next) onScope(capability, next);
              }}
            />
          );
        })}
      </div>
    </Disclosure>
  );
}
