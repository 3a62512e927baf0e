// Tries one way to open the safe, so that a person knows it works before it is needed.
// Promises: changes nothing, whatever comes of it.
import { t, type MessageKey } from '../../text';
import { OpenAgain } from '../open-again';
import { Task } from '../task';
import type { AccessTaskProps } from './task-props';
import type { SlotKind } from '../../../contract/choices';

const words: Record<SlotKind, [title: MessageKey, body: MessageKey]> = {
  wallet: ['tryWalletTitle', 'tryWallet'],
  passphrase: ['tryPassphraseTitle', 'tryPassphrase'],
  'recovery-code': ['tryCodeTitle', 'tryCode'],
  passkey: ['tryPasskeyTitle', 'tryPasskey'],
};

export function TryTask({ request, kind, onLeave, onDone }: AccessTaskProps & { kind: SlotKind }) {
  const [title, body] = words[kind];
  return (
    <Task testId="slot-try-task" title={t(title)} body={<p>{t(body)}</p>} onLeave={onLeave}>
      <OpenAgain
        request={request}
        kinds={[kind]}
        submit={t('wayTry')}
        onOpened={() => onDone('tryDoneTitle', 'tryDone')}
      />
    </Task>
  );
}
