// Unlocking by one wallet signature, the same text every time.
// Promises: the wallet is asked after a press, never by itself.
import type { UnlockRequest } from '../../contract/pages/unlock';
import { Failure } from '../parts/failure';
import { Disclosure } from '../parts/form/field';
import { AskSignature } from '../signing/ask-signature';
import { t } from '../text';
import { ask, type Reading } from '../worker/calls';
import { walletName } from '../wallet-name';

export function WithWallet({
  request: { value: request, error, refresh },
  onUnlocked,
}: {
  request: Reading<UnlockRequest>;
  onUnlocked: () => void;
}) {
  if (error) return <Failure error={error} onRetry={() => void refresh()} />;
  if (!request) return null;
  const { safeId, wallet, account, text } = request;
  const give = async (signature: Uint8Array) => {
    await ask('unlock_withWallet', { safeId, signature });
    onUnlocked();
  };
  return (
    <div class="stack">
      <p class="soft">{wallet.kind === 'manual' ? t('unlockManualBody') : t('unlockWalletBody', walletName(wallet))}</p>
      <AskSignature wallet={wallet} account={account} text={text} onSignature={give} />
      {wallet.kind === 'extension' && (
        <Disclosure testId="signature-text" label={t('signatureText')}>
          <pre class="payload payload-bytes carry-text" tabIndex={0}>
            {text}
          </pre>
        </Disclosure>
      )}
    </div>
  );
}
