// How far an answer about messages goes, as a sentence of two controls: for how long, and where.
// Promises: starts with the narrowest that the card names; says what goes on without asking, and what does not.
import type { TimedCapability } from '../../../contract/grants';
import type { MessageFacts } from '../../../contract/pages/approvals';
import { isScoped } from '../../../contract/scopes';
import { wholeNumber } from '../../format';
import { InlineSelect } from '../../parts/form/field';
import { plural, rich, t, type MessageKey } from '../../text';
import type { AnswerChoices, AnswerScope, AnswerTime } from '../answer-model';

const coversWords: Record<TimedCapability, MessageKey> = {
  'messages.read': 'coversRead',
  'messages.write': 'coversWrite',
  preferences: 'coversPreferences',
  notifications: 'coversNotifications',
};

const timeWords: readonly [time: AnswerTime, key: MessageKey][] = [
  ['once', 'answerOnce'],
  ['5m', 'answer5m'],
  ['until-locked', 'answerUntilLocked'],
  ['1h', 'answer1h'],
  ['1d', 'answer1d'],
];

function scopeWords(
  scope: AnswerScope,
  { conversationCount, peerCount, reach }: MessageFacts,
  isSeveral: boolean,
): string {
  if (isSeveral && scope === 'conversations') return t('scopeNamed');
  if (isSeveral && scope === 'peers') return t('scopeWithNamed');
  switch (scope) {
    case 'conversations':
      return plural('scopeThis', Math.max(1, conversationCount));
    case 'peers':
      return plural('scopeWith', Math.max(1, peerCount));
    case 'site':
      return t('scopeSite');
    case 'granted':
      return t(reach === undefined || reach === 'all' ? 'scopeAll' : 'scopeGiven');
  }
}

function meaningKey(
  capability: TimedCapability,
  { scope, time }: AnswerChoices,
  { reach = 'all' }: MessageFacts,
): MessageKey {
  if (time === 'once') return 'coversOnce';
  if (isScoped(capability) && scope !== 'granted') return 'coversPart';
  return isScoped(capability) && reach !== 'all' ? 'coversGiven' : coversWords[capability];
}

export function AnswerHolds({
  capability,
  facts,
  choices,
  isSeveral,
  onChange,
}: {
  capability: TimedCapability;
  facts: MessageFacts;
  choices: AnswerChoices;
  /** More than one request is answered: what each names is named together. */
  isSeveral: boolean;
  onChange: (choices: AnswerChoices) => void;
}) {
  const { scope, scopes, time } = choices;
  const when = (
    <InlineSelect<AnswerTime>
      key="time"
      testId="approval-remember"
      label={t('partLong')}
      value={time}
      options={timeWords.map(([value, key]) => ({
        value,
        words:
          value === 'once' && isSeveral
            ? t('answerOnceSeveral')
            : value === 'once' && facts.whole
              ? t('answerOnceWhole', wholeNumber(facts.whole.items))
              : t(key),
      }))}
      onValue={(value) => onChange({ ...choices, time: value })}
    />
  );
  const where = (
    <InlineSelect<AnswerScope>
      key="scope"
      testId="approval-scope"
      label={t('partWhere')}
      value={scope}
      options={scopes.map((value) => ({ value, words: scopeWords(value, facts, isSeveral) }))}
      onValue={(value) => onChange({ ...choices, scope: value })}
    />
  );
  const hasPlaces = isScoped(capability) && time !== 'once';
  return (
    <div class="stack tight">
      <h2 class="label">{t('answerHolds')}</h2>
      <p class="grant-sentence">{hasPlaces ? rich('answerHoldsFor', when, where) : when}</p>
      <p class="small soft" data-testid="approval-covers" aria-live="polite">
        {t(meaningKey(capability, choices, facts))}
      </p>
    </div>
  );
}
