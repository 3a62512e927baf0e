// The keys of one identity: how the prekey is renewed, all prekeys with their dates, and the identity key.
// Promises: public halves only; nothing is renewed without the warning that belongs to it.
import { useState } from 'preact/hooks';
import type { RotationDays } from '../../../contract/choices';
import { Failure } from '../../parts/failure';
import { HelpLink } from '../../parts/form/help-link';
import { Notice } from '../../parts/notice';
import { t } from '../../text';
import { useCall } from '../../worker/use-call';
import { ask, useVault } from '../../worker/calls';
import type { TopicProps } from '../topic-props';
import { useFocusAfter } from '../task';
import { KeyList } from './key-list';
import { RenewTask } from './renew-task';
import { RotationCard } from './rotation-card';
import { needsWarning } from './rotation-model';

/** `everyDays` is there when the task is about a policy, not about renewing now. */
type Work = { everyDays?: RotationDays };

export function KeysTopic({ safeId, account }: TopicProps) {
  const details = useVault('identity_details', { safeId }, 'state');
  const rotation = useVault('rotation_get', { safeId }, 'state');
  const network = useVault('network_state', { safeId }, 'state');
  const [work, setWork] = useState<Work>();
  const [isRenewed, setRenewed] = useState(false);
  const call = useCall();
  const list = useFocusAfter(work !== undefined);
  const error = details.error ?? rotation.error ?? network.error;
  const again = () => void Promise.all([details.refresh(), rotation.refresh(), network.refresh()]);
  if (error) return <Failure error={error} onRetry={again} />;
  if (!details.value || !rotation.value || !network.value) return null;
  const state = rotation.value;
  const facts = network.value;

  const run = (typed?: string) => {
    setWork(undefined);
    setRenewed(false);
    call.run(
      () => ask('rotation_run', typed === undefined ? { safeId } : { safeId, typed }).finally(again),
      () => setRenewed(true),
    );
  };
  const keep = (everyDays: RotationDays) => {
    setWork(undefined);
    call.run(
      () => ask('rotation_setPolicy', { safeId, everyDays }).finally(again),
      () => undefined,
    );
  };
  const finishHere = () =>
    call.run(
      () => ask('rotation_finishHere', { safeId }).finally(again),
      () => undefined,
    );
  const takeBack = () =>
    call.run(
      () => ask('rotation_cancel', { safeId }).finally(again),
      () => undefined,
    );
  const choose = (everyDays: RotationDays) =>
    needsWarning(state, everyDays, facts) ? setWork({ everyDays }) : keep(everyDays);

  if (work) {
    const { everyDays } = work;
    return (
      <RenewTask
        state={state}
        network={facts}
        everyDays={everyDays}
        onLeave={() => setWork(undefined)}
        onMeant={() => (everyDays === undefined ? run() : keep(everyDays))}
      />
    );
  }
  return (
    <div class="stack" ref={list} tabIndex={-1}>
      {isRenewed && (
        <Notice tone="good" title={t('renewedTitle')} testId="rotation-done">
          {t(state.publishes ? 'renewedPublished' : 'renewed')}
        </Notice>
      )}
      <RotationCard
        state={state}
        account={account}
        call={call}
        onChoose={choose}
        onRenew={() => setWork({})}
        onGoOn={run}
        onFinishHere={finishHere}
        onTakeBack={takeBack}
      />
      <KeyList details={details.value} />
      <HelpLink topic="prekey" />
    </div>
  );
}
