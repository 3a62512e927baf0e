// Unlocking by one wallet signature, the same text every time.
// Promises: the wallet is asked after a press, never by itself.
import { Failure } from '../failure';
import { Disclosure } from '../parts/field';
import { AskSignature } from '../signing/ask-signature';
import { t } from '../text';
import { ask, useVault } from '../vault-calls';
import { walletName } from '../wallet-name';

export function WithWallet({ safeId, onUnlocked }: { safeId: string; onUnlocked: () => void }) {
  const { value: request, error, refresh } = useVault('unlock_getText', { safeId });
  if (error) return <Failure error={error} onRetry={() => void refresh()} />;
  if (!request) return null;
  const { wallet, account, text } = request;
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
