// Unlocking by the recovery code, for when the wallet is lost or signs differently than it used to.
// Promises: the code is typed into a password field and forgotten after use (R-C7).
import { useState } from 'preact/hooks';
import { typedSecretLength } from '../../contract/limits';
import { Failure } from '../parts/failure';
import { HelpLink } from '../parts/form/help-link';
import { Button } from '../parts/form/button';
import { SecretField } from '../parts/form/field';
import { isTyped } from '../parts/form/passphrase-field';
import { Progress } from '../parts/progress';
import { t } from '../text';
import { ask } from '../worker/calls';

export function WithCode({ safeId, onUnlocked }: { safeId: string; onUnlocked: () => void }) {
  const [secretCode, setSecretCode] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();

  async function submit(): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      await ask('unlock_withRecoveryCode', { safeId, code: secretCode });
      setSecretCode('');
      onUnlocked();
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (isTyped(secretCode) && !isBusy) void submit();
      }}
    >
      <SecretField
        testId="unlock-code"
        label={t('codeLabel')}
        hint={t('codeHint')}
        value={secretCode}
        onValue={setSecretCode}
        longest={typedSecretLength}
        isFocusedFirst
        isMono
      />
      {error !== undefined && <Failure error={error} />}
      {isBusy ? (
        <Progress sentence={t('codeChecking')} />
      ) : (
        <div>
          <Button testId="unlock-code-submit" look="primary" type="submit" isOff={!isTyped(secretCode)}>
            {t('unlock')}
          </Button>
        </div>
      )}
      <HelpLink topic="code" />
    </form>
  );
}
