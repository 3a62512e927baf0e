// The exact text a wallet extension is about to show, one click away. A text carried by hand is on the page already.
import type { WalletChoice } from '../../contract/schemas';
import { Disclosure } from '../parts/form/field';
import { t } from '../text';

export function SignatureText({ wallet, text }: { wallet: WalletChoice; text: string }) {
  if (wallet.kind !== 'extension') return null;
  return (
    <Disclosure testId="signature-text" label={t('signatureText')}>
      <pre class="payload payload-bytes carry-text" tabIndex={0}>
        {text}
      </pre>
    </Disclosure>
  );
}
