// Adds the wallet as a way to open: the safe is opened once more, then the wallet signs the unlock text twice.
// An identity that was restored without its wallet first says which wallet it is.
// Promises: the two signatures must be alike, or nothing is added; both are wiped when the task ends.
import { useState } from 'preact/hooks';
import type { WalletChoice } from '../../../contract/schemas';
import { WalletStep } from '../../signing/wallet-step';
import { AskSignature } from '../../signing/ask-signature';
import { SignatureText } from '../../signing/signature-text';
import { othersThan } from '../../slot-model';
import { t } from '../../text';
import { ask } from '../../worker/calls';
import { useKeptSecrets } from '../kept-secrets';
import { OpenFirst } from '../open-first';
import { Task } from '../task';
import type { AccessTaskProps } from './task-props';

export function WalletTask({ request, slots, onLeave, onDone }: AccessTaskProps) {
  const { safeId, account, text } = request;
  const secrets = useKeptSecrets();
  const [at, setAt] = useState<1 | 2 | 3>(1);
  const [chosen, setChosen] = useState<WalletChoice>();
  const isAsked = request.wallet.kind === 'manual';
  const wallet = isAsked ? chosen : request.wallet;
  const extra = isAsked ? 1 : 0;
  const step = { at: at === 1 ? 1 : wallet ? at + extra : 2, of: 3 + extra };

  async function give(signature: Uint8Array): Promise<void> {
    if (at === 2) {
      secrets.keep({ kind: 'wallet', signature });
      setAt(3);
      return;
    }
    const [proof, first] = secrets.all();
    if (!proof || first?.kind !== 'wallet') return;
    await ask('slots_addWallet', {
      safeId,
      proof,
      first: first.signature,
      second: signature,
      ...(chosen ? { wallet: chosen } : {}),
    });
    onDone('walletAddedTitle', 'walletAdded');
  }

  if (at === 1) {
    return (
      <OpenFirst
        testId="slot-wallet"
        why={t('openAgain')}
        kinds={othersThan('wallet', slots)}
        onOpened={() => setAt(2)}
        {...{ step, request, secrets, onLeave }}
      />
    );
  }
  if (!wallet) {
    return (
      <Task testId="slot-wallet" title={t('walletTitle')} step={step} onLeave={onLeave}>
        <WalletStep only={{ account, name: '' }} isBare onWallet={setChosen} onBack={onLeave} />
      </Task>
    );
  }
  return (
    <Task
      testId="slot-wallet"
      title={t(at === 2 ? 'walletSignTitle' : 'walletSignAgainTitle')}
      body={<p>{t(at === 2 ? 'walletSign' : 'walletSignAgain')}</p>}
      step={step}
      onLeave={onLeave}
    >
      {/* A key per step: the second signature is asked for by a new press. */}
      <AskSignature key={at} wallet={wallet} account={account} text={text} onSignature={give} />
      <SignatureText wallet={wallet} text={text} />
    </Task>
  );
}
