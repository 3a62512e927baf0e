// The two steps of a new recovery code: written down, then typed back in part.
// Promises: drawn as text nobody can select, or printed; typed into password fields (R-C7); a slip is told at once, by comparing in this page.
import { useState } from 'preact/hooks';
import { VaultCallError } from '../../worker/channel';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { CopyButton } from '../../parts/form/copy-button';
import { SecretField } from '../../parts/form/field';
import { Notice } from '../../parts/notice';
import { CodeLabel, PrintKit, type KitFacts } from '../../signing/recovery-kit';
import { areGroupsOf } from '../../slot-model';
import { t } from '../../text';
import type { RecoveryCode } from '../../../contract/pages/unlock';

export function ShownCode({ facts, onWritten }: { facts: KitFacts; onWritten: () => void }) {
  const { code, account } = facts;
  return (
    <>
      <ol class="card code" data-testid="code-groups" aria-label={t('codeTitle')}>
        {code.split('-').map((group, index) => (
          <li key={index}>
            <span class="small soft">{index + 1}</span>
            <div class="group">{group}</div>
          </li>
        ))}
      </ol>
      <CodeLabel account={account} />
      <Notice title={t('codeKeepTitle')}>{t('codeKeep')}</Notice>
      <div class="row wrap">
        <Button testId="code-written" look="primary" onPress={onWritten}>
          {t('codeWritten')}
        </Button>
        <PrintKit facts={facts} />
        <CopyButton testId="code-copy" text={code} label={t('codeCopy')} />
      </div>
    </>
  );
}

interface TypedGroupsProps {
  secret: RecoveryCode;
  typed: [string, string];
  onTyped: (typed: [string, string]) => void;
  onBack: () => void;
  onFits: () => void;
}

export function TypedGroups({ secret, typed, onTyped, onBack, onFits }: TypedGroupsProps) {
  const [isWrong, setWrong] = useState(false);
  const isReady = typed.every((group) => group.trim() !== '');
  const set = (index: 0 | 1) => (value: string) => {
    setWrong(false);
    onTyped(index === 0 ? [value, typed[1]] : [typed[0], value]);
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isReady) return;
        if (areGroupsOf(secret.code, secret.ask, typed)) onFits();
        else setWrong(true);
      }}
    >
      <div class="code-typed">
        {([0, 1] as const).map((index) => (
          <SecretField
            key={index}
            testId={`code-typed-${index + 1}`}
            label={t('codeGroup', secret.ask[index] + 1)}
            value={typed[index]}
            onValue={set(index)}
            isFocusedFirst={index === 0}
            isMono
          />
        ))}
      </div>
      {isWrong && <Failure error={new VaultCallError('wrong-code')} />}
      <div class="row wrap">
        <Button testId="code-fits" look="primary" type="submit" isOff={!isReady}>
          {t('continueWord')}
        </Button>
        <Button testId="code-back" look="quiet" onPress={onBack}>
          {t('codeShowAgain')}
        </Button>
      </div>
    </form>
  );
}
