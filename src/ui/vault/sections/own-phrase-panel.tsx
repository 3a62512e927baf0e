// The phrase and colour of the person's own: chosen, chosen anew, or taken away (R-C8).
// Promises: says what it helps against and what not. Must not: show the one that is chosen: only approval and unlock pages do.
import { useState } from 'preact/hooks';
import { phraseColours, type PhraseColour } from '../../../contract/choices';
import { ownPhraseLength } from '../../../contract/limits';
import { pastedName } from '../../../contract/paste';
import { colourWords, OwnPhraseStrip } from '../../parts/own-phrase';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { TextField } from '../../parts/form/field';
import { t } from '../../text';
import { ask, useVault } from '../../worker/calls';
import { useCall } from '../../worker/use-call';
import { Panel } from '../panel';

function Colours({ value, onValue }: { value: PhraseColour; onValue: (colour: PhraseColour) => void }) {
  return (
    <fieldset>
      <legend class="field-label">{t('ownPhraseColour')}</legend>
      <div class="colours">
        {phraseColours.map((colour) => (
          <label key={colour}>
            <input
              type="radio"
              name="own-phrase-colour"
              checked={colour === value}
              data-testid={`own-phrase-colour-${colour}`}
              onChange={() => onValue(colour)}
            />
            <span class={`swatch ${colour}`} aria-hidden="true" />
            {t(colourWords[colour])}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function OwnPhrasePanel() {
  const { value: isSet, refresh } = useVault('ownPhrase_isSet', {}, 'state');
  const [isChoosing, setChoosing] = useState(false);
  const [phrase, setPhrase] = useState('');
  const [colour, setColour] = useState<PhraseColour>('blue');
  const call = useCall();
  if (isSet === undefined) return null;
  const wanted = pastedName(phrase);
  const isReady = wanted !== '' && wanted.length <= ownPhraseLength && !call.isBusy;
  const set = (own: { phrase: string; colour: PhraseColour } | null) =>
    call.run(
      () => ask('ownPhrase_set', { own }).then(refresh),
      () => {
        setChoosing(false);
        setPhrase('');
      },
    );
  return (
    <Panel title={t('ownPhraseTitle')} meaning={t('ownPhraseMeaning')}>
      <div class="stack" data-testid="own-phrase-panel" data-set={isSet}>
        {call.error !== undefined && <Failure error={call.error} />}
        {isChoosing ? (
          <form
            class="stack"
            onSubmit={(event) => {
              event.preventDefault();
              if (isReady) set({ phrase: wanted, colour });
            }}
          >
            <TextField
              testId="own-phrase-text"
              label={t('ownPhraseLabel')}
              hint={t('ownPhraseHint')}
              value={phrase}
              onValue={setPhrase}
              longest={ownPhraseLength}
              isFocusedFirst
            />
            <Colours value={colour} onValue={setColour} />
            {wanted !== '' && (
              <div class="stack tight">
                <p class="field-label">{t('ownPhrasePreview')}</p>
                <OwnPhraseStrip own={{ phrase: wanted, colour }} />
              </div>
            )}
            <div class="row wrap">
              <Button testId="own-phrase-save" look="primary" type="submit" isOff={!isReady}>
                {t('save')}
              </Button>
              <Button testId="own-phrase-cancel" onPress={() => setChoosing(false)}>
                {t('cancel')}
              </Button>
            </div>
          </form>
        ) : (
          <>
            {isSet && <p>{t('ownPhraseIsSet')}</p>}
            <div class="row wrap">
              <Button testId="own-phrase-choose" onPress={() => setChoosing(true)}>
                {t(isSet ? 'ownPhraseAnother' : 'ownPhraseChoose')}
              </Button>
              {isSet && (
                <Button testId="own-phrase-remove" look="quiet" isOff={call.isBusy} onPress={() => set(null)}>
                  {t('ownPhraseRemove')}
                </Button>
              )}
            </div>
          </>
        )}
        <p class="small soft">{t('ownPhraseLimits')}</p>
      </div>
    </Panel>
  );
}
