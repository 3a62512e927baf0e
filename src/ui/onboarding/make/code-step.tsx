// The recovery code: made, shown once (and printed, if the person wants), typed back in part, then the identity is finished.
// Promises: the code is drawn as text nobody can select, is typed back into password fields (R-C7), and is dropped with this component. Two
// whole groups are tried by themselves; the worker compares them, as after a press.
// Must not: put the code into the address bar, history or any storage.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { EnrolmentState } from '../../../contract/pages/enrolment';
import type { IdentitySummary } from '../../../contract/pages/identity';
import { VaultCallError } from '../../worker/channel';
import { Failure } from '../../parts/failure';
import { HelpLink } from '../../parts/form/help-link';
import { Button } from '../../parts/form/button';
import { CopyButton } from '../../parts/form/copy-button';
import { SecretField } from '../../parts/form/field';
import { CodeLabel, PrintKit } from '../../signing/recovery-kit';
import { Notice } from '../../parts/notice';
import { Progress } from '../../parts/progress';
import { t } from '../../text';
import { ask } from '../../worker/calls';
import { isWholeGroup } from '../../slot-model';
import { readDraft } from './draft-now';
import { StepHead } from '../../parts/step-head';
import type { RecoveryCode } from '../../../contract/pages/unlock';

interface CodeStepProps {
  enrolment: EnrolmentState;
  onEnrolment: (enrolment: EnrolmentState) => void;
  onReady: (identity: IdentitySummary) => void;
}

export function CodeStep({ enrolment: { safeId, account, name }, onEnrolment, onReady }: CodeStepProps) {
  const [secret, setSecret] = useState<RecoveryCode>();
  const [isTyping, setTyping] = useState(false);
  const [typed, setTyped] = useState<[string, string]>(['', '']);
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const second = useRef<HTMLDivElement>(null);

  // A new one for each showing: an earlier one was never confirmed and stops working.
  const create = () => {
    setError(undefined);
    ask('enrol_createRecoveryCode', { safeId }).then(setSecret, fail);
  };
  useEffect(create, [safeId]);

  function fail(thrown: unknown): void {
    const draftMoved =
      thrown instanceof VaultCallError && (thrown.reason === 'locked' || thrown.reason === 'wrong-step');
    if (draftMoved) readDraft(safeId, { onEnrolment, onReady }).catch(setError);
    else setError(thrown);
  }

  async function finish(code: string, groups: [string, string]): Promise<void> {
    setBusy(true);
    setError(undefined);
    try {
      const identity = await ask('enrol_finish', { safeId, code, typed: groups });
      setSecret(undefined);
      setTyped(['', '']);
      onReady(identity);
    } catch (thrown) {
      setBusy(false);
      fail(thrown);
    }
  }

  if (!secret) {
    return (
      <div class="stack loose">
        <StepHead title={t('codeTitle')}>{t('codeBody')}</StepHead>
        {error === undefined ? <Progress sentence={t('codeMaking')} /> : <Failure error={error} onRetry={create} />}
      </div>
    );
  }
  if (!isTyping) {
    return (
      <div class="stack loose">
        <StepHead title={t('codeTitle')}>{t('codeBody')}</StepHead>
        <ol class="card code" data-testid="code-groups" aria-label={t('codeTitle')}>
          {secret.code.split('-').map((group, index) => (
            <li key={index}>
              <span class="small soft">{index + 1}</span>
              <div class="group">{group}</div>
            </li>
          ))}
        </ol>
        <CodeLabel account={account} />
        <HelpLink topic="code" />
        <Notice title={t('codeKeepTitle')}>{t('codeKeep')}</Notice>
        <div class="row wrap">
          <Button testId="code-written" look="primary" onPress={() => setTyping(true)}>
            {t('codeWritten')}
          </Button>
          <PrintKit facts={{ code: secret.code, account, name }} />
          <CopyButton testId="code-copy" text={secret.code} label={t('codeCopy')} />
        </div>
      </div>
    );
  }
  const setGroup = (index: 0 | 1) => (value: string) => {
    const groups: [string, string] = index === 0 ? [value, typed[1]] : [typed[0], value];
    setTyped(groups);
    setError(undefined);
    if (isBusy || !isWholeGroup(value)) return;
    if (groups.every(isWholeGroup)) void finish(secret.code, groups);
    else if (index === 0) second.current?.querySelector('input')?.focus();
  };
  const isReady = typed.every((group) => group.trim() !== '') && !isBusy;
  return (
    <form
      class="stack loose"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) void finish(secret.code, typed);
      }}
    >
      <StepHead title={t('codeTypeTitle')}>{t('codeTypeBody', secret.ask[0] + 1, secret.ask[1] + 1)}</StepHead>
      <div class="code-typed">
        {([0, 1] as const).map((index) => (
          <div key={index} ref={index === 1 ? second : null}>
            <SecretField
              testId={`code-typed-${index + 1}`}
              label={t('codeGroup', secret.ask[index] + 1)}
              value={typed[index]}
              onValue={setGroup(index)}
              isFocusedFirst={index === 0}
              isMono
            />
          </div>
        ))}
      </div>
      {error !== undefined && <Failure error={error} />}
      {isBusy ? (
        <Progress sentence={t('codeChecking')} />
      ) : (
        <div class="row wrap">
          <Button testId="code-finish" look="primary" type="submit" isOff={!isReady}>
            {t('codeFinish')}
          </Button>
          <Button testId="code-back" look="quiet" onPress={() => setTyping(false)}>
            {t('codeShowAgain')}
          </Button>
        </div>
      )}
    </form>
  );
}
