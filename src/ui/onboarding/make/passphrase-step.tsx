// The passphrase of a draft: a new one, typed twice; or the one it has, to open it again after a restart.
// Promises: password fields, forgotten once they were handed over (R-C7); a weak one is said in words and changes nothing.
import { useState } from 'preact/hooks';
import { Failure, weaknessOf } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { Identity } from '../../parts/shown/identity';
import { isTyped, isTypedTwice, NewPassphrase, nothingTyped, PassphraseField } from '../../parts/form/passphrase-field';
import { Progress } from '../../parts/progress';
import { mustBeHardToGuess } from '../../passphrase/strength';
import { t } from '../../text';
import { useCall } from '../../worker/use-call';
import { ask } from '../../worker/calls';
import type { DraftProps } from './draft-props';
import { StepHead } from '../../parts/step-head';

export function PassphraseStep({ enrolment: { safeId, name, account, step, locked }, move }: DraftProps) {
  const [typed, setTyped] = useState(nothingTyped);
  const call = useCall();
  // A draft that has its root key is opened by the passphrase it was made with.
  const isNew = step === 'passphrase' && !locked;
  const isReady = isNew ? isTypedTwice(typed) : isTyped(typed.secret);
  const change = (next: typeof typed) => {
    setTyped(next);
    call.forgetError();
  };
  const give = () =>
    call.run(
      () =>
        move(async () => {
          if (isNew) await mustBeHardToGuess(typed.secret, safeId);
          return ask('enrol_passphrase', { safeId, passphrase: typed.secret });
        }),
      () => setTyped(nothingTyped),
    );
  return (
    <form
      class="stack loose"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady && !call.isBusy) give();
      }}
    >
      <StepHead title={t(isNew ? 'passphraseTitle' : 'draftLockedTitle')}>
        {t(isNew ? 'passphraseBody' : 'draftLockedPassphrase')}
      </StepHead>
      <Identity name={name} account={account} canCopy={false} />
      {isNew ? (
        <NewPassphrase safeId={safeId} typed={typed} onTyped={change} error={call.error} isFocusedFirst />
      ) : (
        <PassphraseField
          value={typed.secret}
          onValue={(secret) => change({ ...nothingTyped, secret })}
          isFocusedFirst
        />
      )}
      {call.error !== undefined && weaknessOf(call.error) === undefined && <Failure error={call.error} />}
      {call.isBusy ? (
        <Progress sentence={t(isNew ? 'sealingSafe' : 'openingSafe')} />
      ) : (
        <div>
          <Button testId="passphrase-continue" look="primary" type="submit" isOff={!isReady}>
            {t('continueWord')}
          </Button>
        </div>
      )}
    </form>
  );
}
