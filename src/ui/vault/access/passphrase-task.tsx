// Adds a passphrase: the safe is opened once more, then the passphrase is typed twice.
// Promises: a weak one is told beside the field and nothing is asked again; what was typed is forgotten with this component.
import { useState } from 'preact/hooks';
import { weaknessOf, Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { isTypedTwice, NewPassphrase, nothingTyped } from '../../parts/form/passphrase-field';
import { Progress } from '../../parts/progress';
import { mustBeHardToGuess } from '../../passphrase/strength';
import { inOrder } from '../../slot-model';
import { t } from '../../text';
import { useCall } from '../../worker/use-call';
import { ask } from '../../worker/calls';
import { useKeptSecrets } from '../kept-secrets';
import { OpenFirst } from '../open-first';
import { Task } from '../task';
import type { AccessTaskProps } from './task-props';

export function PassphraseTask({ request, slots, onLeave, onDone }: AccessTaskProps) {
  const secrets = useKeptSecrets();
  const [isOpened, setOpened] = useState(false);
  const [typed, setTyped] = useState(nothingTyped);
  const call = useCall();
  const isReady = isTypedTwice(typed) && !call.isBusy;
  if (!isOpened) {
    return (
      <OpenFirst
        testId="slot-passphrase"
        why={t('openAgain')}
        step={{ at: 1, of: 2 }}
        kinds={inOrder(slots).map(({ type }) => type)}
        onOpened={() => setOpened(true)}
        {...{ request, secrets, onLeave }}
      />
    );
  }
  const add = () => {
    const [proof] = secrets.all();
    if (proof) {
      call.run(
        async () => {
          await mustBeHardToGuess(typed.secret, request.safeId);
          return ask('slots_addPassphrase', { safeId: request.safeId, proof, passphrase: typed.secret });
        },
        () => onDone('passphraseAddedTitle', 'passphraseAdded'),
      );
    }
  };
  return (
    <Task
      testId="slot-passphrase"
      title={t('passphraseChooseTitle')}
      body={<p>{t('passphraseChoose')}</p>}
      step={{ at: 2, of: 2 }}
      onLeave={onLeave}
    >
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) add();
        }}
      >
        <NewPassphrase
          safeId={request.safeId}
          typed={typed}
          error={call.error}
          isFocusedFirst
          onTyped={(next) => {
            setTyped(next);
            call.forgetError();
          }}
        />
        {call.error !== undefined && weaknessOf(call.error) === undefined && <Failure error={call.error} />}
        {call.isBusy ? (
          <Progress sentence={t('passphraseAdding')} />
        ) : (
          <div>
            <Button testId="slot-passphrase-add" look="primary" type="submit" isOff={!isReady}>
              {t('wayAddPassphrase')}
            </Button>
          </div>
        )}
      </form>
    </Task>
  );
}
