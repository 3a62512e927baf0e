// Opens the safe once more before something about it is changed: proves who sits here, and that this way works.
// Promises: the secret is tried at once, so that a mistake is told here and not at the end. Must not: change anything.
import type { UnlockRequest } from '../../contract/pages/unlock';
import { SecretForm, type GivenSecret } from '../signing/secret-form';
import { SignatureText } from '../signing/signature-text';
import { t } from '../text';
import { ask } from '../worker/calls';
import type { SlotKind } from '../../contract/choices';

interface OpenAgainProps {
  request: UnlockRequest;
  /** Of which one is enough. */
  kinds: readonly SlotKind[];
  submit?: string;
  /** The secret opens the safe. Its bytes are wiped when this has returned: whoever keeps them makes a copy. */
  onOpened: (secret: GivenSecret) => void;
}

export function OpenAgain({ request, kinds, submit, onOpened }: OpenAgainProps) {
  const { safeId, account, wallet, text, passkey } = request;
  const open = async (secret: GivenSecret) => {
    await ask('slots_check', { safeId, secret });
    onOpened(secret);
  };
  return (
    <div class="stack">
      <SecretForm
        key={kinds.join()}
        slots={kinds}
        account={account}
        wallet={wallet}
        text={text}
        passkey={passkey}
        submit={submit ?? t('continueWord')}
        onSecret={open}
      />
      {kinds.includes('wallet') && <SignatureText wallet={wallet} text={text} />}
    </div>
  );
}
