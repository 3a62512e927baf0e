// The ways to open one safe: what there is, and what can be done about each. A task takes the place of the list.
// Promises: the last two ways that have to stay cannot be removed, and it is said why; a passkey is offered where the browser can; what was done is said above the list.
import { useState } from 'preact/hooks';
import { Failure } from '../../parts/failure';
import { HelpLink } from '../../parts/form/help-link';
import { Button } from '../../parts/form/button';
import { Notice } from '../../parts/notice';
import { canRemove, inOrder, missingKinds } from '../../slot-model';
import { t, type MessageKey } from '../../text';
import { useVault } from '../../worker/calls';
import { usePasskeys } from '../../devices/use-passkeys';
import type { TopicProps } from '../topic-props';
import { useFocusAfter } from '../task';
import { CodeTask } from './code-task';
import { PasskeyTask } from './passkey-task';
import { PassphraseTask } from './passphrase-task';
import { RemoveTask } from './remove-task';
import { SlotRow } from './slot-row';
import { TryTask } from './try-task';
import { WalletTask } from './wallet-task';
import type { SlotKind } from '../../../contract/choices';

type Work = { is: 'add' | 'try' | 'remove'; kind: SlotKind };

const addWords: Record<SlotKind, MessageKey> = {
  wallet: 'wayAddWallet',
  passphrase: 'wayAddPassphrase',
  'recovery-code': 'wayAddCode',
  passkey: 'wayAddPasskey',
};

export function AccessTopic({ safeId }: TopicProps) {
  const details = useVault('identity_details', { safeId }, 'state');
  const request = useVault('unlock_getText', { safeId }, 'state');
  const canPasskey = usePasskeys();
  const [work, setWork] = useState<Work>();
  /** What the last task did. */
  const [done, setDone] = useState<{ title: MessageKey; body: MessageKey }>();
  const list = useFocusAfter(work !== undefined);
  const error = details.error ?? request.error;
  if (error) return <Failure error={error} onRetry={() => void Promise.all([details.refresh(), request.refresh()])} />;
  if (!details.value || !request.value) return null;
  const { slots } = details.value;

  const begin = (next: Work) => {
    setDone(undefined);
    setWork(next);
  };
  const task = {
    request: request.value,
    slots,
    onLeave: () => setWork(undefined),
    onDone: (title: MessageKey, body: MessageKey) => {
      setWork(undefined);
      setDone({ title, body });
      void details.refresh();
      void request.refresh();
    },
  };
  if (work?.is === 'try') return <TryTask {...task} kind={work.kind} />;
  if (work?.is === 'remove') return <RemoveTask {...task} kind={work.kind} />;
  if (work?.kind === 'passphrase') return <PassphraseTask {...task} />;
  if (work?.kind === 'passkey') return <PasskeyTask {...task} />;
  if (work?.kind === 'wallet') return <WalletTask {...task} />;
  if (work?.kind === 'recovery-code') return <CodeTask {...task} />;
  const missing = missingKinds(slots, canPasskey === true);
  const areStaying = slots.some(({ type }) => !canRemove(type, slots));
  return (
    <div class="stack" data-testid="identity-slots" ref={list} tabIndex={-1}>
      {done && (
        <Notice tone="good" title={t(done.title)} testId="slots-done">
          {t(done.body)}
        </Notice>
      )}
      <p class="soft">{t('waysMeaning')}</p>
      <ul class="card">
        {inOrder(slots).map((slot) => (
          <SlotRow
            key={slot.slotId}
            slot={slot}
            wallet={request.value?.wallet ?? null}
            canRemove={canRemove(slot.type, slots)}
            onTry={() => begin({ is: 'try', kind: slot.type })}
            onRemove={() => begin({ is: 'remove', kind: slot.type })}
            onReplace={slot.type === 'recovery-code' ? () => begin({ is: 'add', kind: slot.type }) : undefined}
          />
        ))}
      </ul>
      {areStaying && (
        <p class="small soft" id="ways-two-stay">
          {t(slots.some(({ type }) => type === 'passkey') ? 'waysTwoStayBeside' : 'waysTwoStay')}
        </p>
      )}
      {missing.length > 0 && (
        <div class="row wrap">
          {missing.map((kind) => (
            <Button key={kind} testId={`slot-add-${kind}`} onPress={() => begin({ is: 'add', kind })}>
              {t(addWords[kind])}
            </Button>
          ))}
        </div>
      )}
      {slots.some(({ type }) => type === 'recovery-code') && <HelpLink topic="code" />}
    </div>
  );
}
