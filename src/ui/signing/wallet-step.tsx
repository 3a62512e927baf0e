// Which wallet: one of the known extensions, a wallet elsewhere, or (Advanced) any extension by its id.
// Promises: the wallet is asked only after a press here, with progress, a way to stop, and words for every failure.
import { useEffect, useRef, useState } from 'preact/hooks';
import { isExtensionId, knownWallets } from '../../wallet/known-wallets';
import type { WalletChoice } from '../../contract/schemas';
import { pastedLine } from '../../contract/paste';
import { WalletError } from '../../wallet/wallet-error';
import { Failure } from '../parts/failure';
import { Button } from '../parts/form/button';
import { Disclosure, TextField } from '../parts/form/field';
import { Identity } from '../parts/shown/identity';
import { Notice } from '../parts/notice';
import { Progress } from '../parts/progress';
import { StoppedNote } from './ask-signature';
import { useAbsentWallets } from './use-absent-wallets';
import { AbsentWalletRow, WalletRow } from './wallet-rows';
import { walletAccounts } from './wallet-sessions';
import { t } from '../text';
import { walletName } from '../wallet-name';
import { StepHead } from '../parts/step-head';

type Phase =
  | { kind: 'choosing'; error?: unknown; stopped?: WalletChoice }
  | { kind: 'connecting'; abort: AbortController; wallet: WalletChoice };

/** Early versions for developers stand under Advanced. */
const preview = /\b(?:Flask|Beta)\b/;

interface WalletStepProps {
  /** The one account it has to be, when that is known already, and its name. */
  only?: { account: string; name: string } | undefined;
  /** Heading and account stand around it already. */
  isBare?: boolean;
  onWallet: (wallet: WalletChoice, accounts: string[]) => void;
  onBack: () => void;
}

export function WalletStep({ only, isBare = false, onWallet, onBack }: WalletStepProps) {
  const all = knownWallets();
  const absent = useAbsentWallets(all.map(({ id }) => id));
  const known = all.filter(({ id }) => !absent.has(id));
  const wallets = known.filter(({ label }) => !preview.test(label));
  const previews = known.filter(({ label }) => preview.test(label));
  // A wallet of the demo is no reason to keep from a person how to get a real one.
  const missing = wallets.some(({ storeUrl }) => storeUrl !== undefined)
    ? undefined
    : all.find(({ storeUrl }) => storeUrl !== undefined);
  const [picked, setChosen] = useState<string>();
  const chosen = picked !== undefined && !absent.has(picked) ? picked : (wallets[0]?.id ?? 'manual');
  const [typedId, setTypedId] = useState('');
  const [phase, setPhase] = useState<Phase>({ kind: 'choosing' });
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const extensionId = chosen === 'other' ? pastedLine(typedId) : chosen;
  const isReady = chosen !== 'other' || isExtensionId(extensionId);

  async function go(): Promise<void> {
    if (chosen === 'manual') return onWallet({ kind: 'manual' }, []);
    const wallet: WalletChoice = { kind: 'extension', extensionId };
    const abort = new AbortController();
    running.current = abort;
    const chooseAccounts =
      phase.kind === 'choosing' && phase.error instanceof WalletError && phase.error.reason === 'unauthorized-account';
    setPhase({ kind: 'connecting', abort, wallet });
    try {
      const accounts = await walletAccounts(extensionId, { chooseAccounts, signal: abort.signal });
      if (only && !accounts.some((offered) => offered.toLowerCase() === only.account.toLowerCase())) {
        throw new WalletError('unauthorized-account', 'the wallet does not offer this account');
      }
      onWallet(wallet, accounts);
    } catch (error) {
      setPhase(abort.signal.aborted ? { kind: 'choosing', stopped: wallet } : { kind: 'choosing', error });
    }
    return undefined;
  }

  return (
    <div class="stack loose">
      {!isBare && <StepHead title={t('walletTitle')}>{t('walletBody')}</StepHead>}
      {only && !isBare && <Identity name={only.name} account={only.account} canCopy={false} />}
      {phase.kind === 'connecting' ? (
        <Progress sentence={t('walletConnecting', walletName(phase.wallet))} onCancel={() => phase.abort.abort()}>
          {t('walletWaitingHint')}
        </Progress>
      ) : (
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault();
            if (isReady) void go();
          }}
        >
          {wallets.length === 0 && <Notice testId="wallet-none-found">{t('walletNoneFound')}</Notice>}
          <fieldset>
            <legend class="visually-hidden">{t('walletTitle')}</legend>
            <div class="card">
              {wallets.map(({ id, label }) => (
                <WalletRow key={id} name={id} label={label} isChosen={chosen === id} onChoose={() => setChosen(id)} />
              ))}
              {missing && <AbsentWalletRow wallet={missing} />}
              <WalletRow
                name="manual"
                icon="carry"
                label={t('walletManual')}
                hint={t('walletManualHint')}
                isChosen={chosen === 'manual'}
                onChoose={() => setChosen('manual')}
              />
            </div>
          </fieldset>
          {chosen === 'manual' && <Notice testId="wallet-manual-meaning">{t('walletManualMeaning')}</Notice>}
          <Disclosure
            testId="wallet-advanced"
            label={t('advanced')}
            startsOpen={chosen === 'other' || previews.some(({ id }) => id === chosen)}
          >
            <div class="card">
              {previews.map(({ id, label }) => (
                <WalletRow key={id} name={id} label={label} isChosen={chosen === id} onChoose={() => setChosen(id)} />
              ))}
              <WalletRow
                name="other"
                icon="question"
                label={t('walletOther')}
                hint={t('walletOtherHint')}
                isChosen={chosen === 'other'}
                onChoose={() => setChosen('other')}
              />
              {chosen === 'other' && (
                <div class="card-body">
                  <TextField
                    testId="wallet-other-id"
                    label={t('walletOtherId')}
                    value={typedId}
                    onValue={setTypedId}
                    error={typedId.trim() !== '' && !isReady ? t('walletOtherIdWrong') : undefined}
                    isFocusedFirst
                    isMono
                  />
                </div>
              )}
            </div>
          </Disclosure>
          {phase.error !== undefined && <Failure error={phase.error} />}
          {phase.stopped !== undefined && <StoppedNote wallet={walletName(phase.stopped)} />}
          <div class="row wrap">
            <Button testId="wallet-continue" look="primary" type="submit" isOff={!isReady}>
              {phase.error === undefined
                ? chosen === 'manual'
                  ? t('continueWord')
                  : t('connectWallet')
                : t('tryAgain')}
            </Button>
            <Button testId="wallet-back" look="quiet" onPress={onBack}>
              {t('back')}
            </Button>
          </div>
        </form>
      )}
    </div>
  );
}
