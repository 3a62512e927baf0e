// What opens the safe beside the recovery code: the wallet or a passphrase, each with what it costs.
// Must not: begin anything; the step around it does.
import type { EnrolmentState } from '../../../contract/pages/enrolment';
import type { WalletChoice } from '../../../contract/schemas';
import { Choice } from '../../parts/form/field';
import { t } from '../../text';
import { walletName } from '../../wallet-name';

interface OpenChoiceProps {
  /** Undefined where none is connected yet. */
  wallet: WalletChoice | undefined;
  first: EnrolmentState['first'];
  onFirst: (first: EnrolmentState['first']) => void;
}

export function OpenChoice({ wallet, first, onFirst }: OpenChoiceProps) {
  return (
    <div class="card">
      <Choice
        testId="open-wallet"
        type="radio"
        name="open"
        isChosen={first === 'wallet'}
        onChoose={() => onFirst('wallet')}
      >
        <p>{wallet?.kind === 'extension' ? t('openWalletNamed', walletName(wallet)) : t('withWallet')}</p>
        <p class="small soft">{t('openWalletMeaning')}</p>
      </Choice>
      <Choice
        testId="open-passphrase"
        type="radio"
        name="open"
        isChosen={first === 'passphrase'}
        onChoose={() => onFirst('passphrase')}
      >
        <p>{t('withPassphrase')}</p>
        <p class="small soft">{t('openPassphraseMeaning')}</p>
      </Choice>
    </div>
  );
}
