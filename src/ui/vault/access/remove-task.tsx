// Removes one way to open the safe: what that means, then every other way is opened, because the safe gets a new root key.
// Promises: says that a copy of this disk made earlier still opens with the old way (R-H6); nothing is changed before the last step.
import { useState } from 'preact/hooks';
import { Button } from '../../parts/form/button';
import { Notice } from '../../parts/notice';
import { giveUpPasskey } from '../../devices/passkeys';
import { othersThan } from '../../slot-model';
import { plural, t, type MessageKey } from '../../text';
import { useCall } from '../../worker/use-call';
import { ask } from '../../worker/calls';
import { useKeptSecrets } from '../kept-secrets';
import { Task } from '../task';
import { OpenOthers } from './open-others';
import type { AccessTaskProps } from './task-props';
import type { SlotKind } from '../../../contract/choices';

const removeWords: Record<SlotKind, MessageKey> = {
  wallet: 'removeWallet',
  passphrase: 'removePassphrase',
  'recovery-code': 'removeCode',
  passkey: 'removePasskey',
};

export function RemoveTask({ request, slots, kind, onLeave, onDone }: AccessTaskProps & { kind: SlotKind }) {
  const { safeId } = request;
  const others = othersThan(kind, slots);
  const slotId = slots.find(({ type }) => type === kind)?.slotId ?? '';
  const [isMeant, setMeant] = useState(false);
  const secrets = useKeptSecrets();
  const call = useCall();
  if (!isMeant) {
    return (
      <Task testId="slot-remove-task" title={t(removeWords[kind])} onLeave={onLeave}>
        <Notice tone="danger" title={t('removeOldCopiesTitle')}>
          {t('removeOldCopies')}
        </Notice>
        <p>{plural('removeOthers', others.length)}</p>
        <div>
          <Button testId="slot-remove-begin" look="danger" onPress={() => setMeant(true)}>
            {t('removeBegin')}
          </Button>
        </div>
      </Task>
    );
  }
  const remove = () =>
    call.run(
      () => ask('slots_remove', { safeId, slotId, kept: secrets.all() }),
      () => {
        if (kind === 'passkey' && request.passkey) void giveUpPasskey(request.passkey);
        onDone('removedTitle', 'removed');
      },
    );
  return (
    <OpenOthers
      testId="slot-remove-task"
      request={request}
      kinds={others}
      secrets={secrets}
      stepsBefore={0}
      stepsInAll={others.length}
      call={call}
      sentence={t('removing')}
      onAllOpened={remove}
      onLeave={onLeave}
    />
  );
}
