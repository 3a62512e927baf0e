// The passphrase of a draft: a new one, typed twice; or the one it has, to open it again after a restart.
// Promises: password fields, forgotten once they were handed over (R-C7); a weak one is said in words and changes nothing.
import { useState } from 'preact/hooks';
import { Failure, weaknessOf } from '../failure';
import { Button } from '../parts/button';
import { Identity } from '../parts/identity';
import { isTypedTwice, NewPassphrase, nothingTyped, PassphraseField } from '../parts/passphrase-field';
import { Progress } from '../parts/progress';
import { t } from '../text';
import { useCall } from '../use-call';
import { ask } from '../vault-calls';
import type { DraftProps } from './enrol-step';
import { StepHead } from './step-head';

export function PassphraseStep({ enrolment: { safeId, name, account, step, locked }, move }: DraftProps) {
  const [typed, setTyped] = useState(nothingTyped);
  const call = useCall();
  // A draft that has its root key is opened by the passphrase it was made with.
  const isNew = step === 'passphrase' && !locked;
  const isReady = isNew ? isTypedTwice(typed) : typed.secret.trim() !== '';
  const change = (next: typeof typed) => {
    setTyped(next);
    call.forgetError();
  };
  const give = () =>
    call.run(
      () => move(() => ask('enrol_passphrase', { safeId, passphrase: typed.secret })),
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
      <StepHead title={t(isNew ? 'passphraseTitle' : 'draftLockedTitle')}>{t(isNew ? 'passphraseBody' : 'draftLockedPassphrase')}</StepHead>
      <Identity name={name} account={account} canCopy={false} />
      {isNew ? (
        <NewPassphrase typed={typed} onTyped={change} error={call.error} isFocusedFirst />
      ) : (
        <PassphraseField value={typed.secret} onValue={(secret) => change({ ...nothingTyped, secret })} isFocusedFirst />
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
