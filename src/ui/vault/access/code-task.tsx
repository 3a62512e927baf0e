// A new recovery code in place of the old one: shown once, typed back in part, then every other way is opened, because the safe gets a new
// root key. Promises: nothing is changed before the last step; the code is dropped with this component. Must not: store or log it.
import { useEffect, useState } from 'preact/hooks';
import { Failure } from '../../parts/failure';
import { Progress } from '../../parts/progress';
import { othersThan } from '../../slot-model';
import { t } from '../../text';
import { useCall } from '../../worker/use-call';
import { ask } from '../../worker/calls';
import { useKeptSecrets } from '../kept-secrets';
import { Task } from '../task';
import { ShownCode, TypedGroups } from './code-steps';
import { OpenOthers } from './open-others';
import type { AccessTaskProps } from './task-props';
import type { RecoveryCode } from '../../../contract/pages/unlock';

export function CodeTask({ request, slots, onLeave, onDone }: AccessTaskProps) {
  const { safeId } = request;
  const others = othersThan('recovery-code', slots);
  const isNew = others.length === slots.length;
  const [secret, setSecret] = useState<RecoveryCode>();
  const [typed, setTyped] = useState<[string, string]>(['', '']);
  const [stage, setStage] = useState<'shown' | 'typed' | 'others'>('shown');
  const secrets = useKeptSecrets();
  const making = useCall();
  const replacing = useCall();
  const make = () => making.run(() => ask('slots_newCode', { safeId }), setSecret);
  useEffect(make, []);
  const of = 2 + others.length;

  if (!secret) {
    return (
      <Task testId="slot-code" onLeave={onLeave} title={t('codeTitle')}>
        {making.error === undefined ? (
          <Progress sentence={t('codeMaking')} />
        ) : (
          <Failure error={making.error} onRetry={make} />
        )}
      </Task>
    );
  }
  if (stage === 'shown') {
    return (
      <Task
        testId="slot-code"
        onLeave={onLeave}
        title={t('codeTitle')}
        body={<p>{t(isNew ? 'codeBody' : 'codeReplaceBody')}</p>}
        step={{ at: 1, of }}
      >
        <ShownCode
          facts={{ code: secret.code, account: request.account, name: '' }}
          onWritten={() => setStage('typed')}
        />
      </Task>
    );
  }
  if (stage === 'typed') {
    return (
      <Task
        testId="slot-code"
        onLeave={onLeave}
        title={t('codeTypeTitle')}
        body={<p>{t('codeTypeBody', secret.ask[0] + 1, secret.ask[1] + 1)}</p>}
        step={{ at: 2, of }}
      >
        <TypedGroups
          secret={secret}
          typed={typed}
          onTyped={setTyped}
          onBack={() => setStage('shown')}
          onFits={() => setStage('others')}
        />
      </Task>
    );
  }
  const replace = () =>
    replacing.run(
      () => ask('slots_replaceCode', { safeId, code: secret.code, ask: secret.ask, typed, kept: secrets.all() }),
      () => onDone('codeReplacedTitle', isNew ? 'codeAdded' : 'codeReplaced'),
    );
  return (
    <OpenOthers
      testId="slot-code"
      onLeave={onLeave}
      request={request}
      kinds={others}
      secrets={secrets}
      stepsBefore={2}
      stepsInAll={of}
      call={replacing}
      sentence={t('codeReplacing')}
      onAllOpened={replace}
    />
  );
}
