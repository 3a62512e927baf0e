// Which account becomes an identity, and what the person calls it.
// Promises: an account that already has an identity here cannot be chosen again.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { VaultState, WalletChoice } from '../../contract/internal';
import { Failure } from '../failure';
import { Button } from '../parts/button';
import { Choice, TextField } from '../parts/field';
import { isAccount } from '../parts/account';
import { Address } from '../parts/identity';
import { IdentityPicture } from '../parts/identity-picture';
import { Progress } from '../parts/progress';
import { walletAccounts } from '../signing/wallet-sessions';
import { t } from '../text';
import { walletName } from '../wallet-name';
import { StepHead } from './step-head';

interface AccountStepProps {
  state: VaultState;
  wallet: WalletChoice;
  accounts: string[];
  /** What was chosen or typed before, when a person comes back. */
  before: { account?: string; name?: string };
  onBack: () => void;
  onAccount: (account: string, name: string) => void;
}

export function AccountStep({ state, wallet, accounts: offered, before, onBack, onAccount }: AccountStepProps) {
  const [accounts, setAccounts] = useState(offered);
  const taken = new Set(state.identities.filter(({ status }) => status !== 'enrolling').map(({ account }) => account?.toLowerCase()));
  const [picked, setPicked] = useState<string | undefined>(before.account);
  const [typed, setTyped] = useState(before.account ?? '');
  const [name, setName] = useState(before.name ?? '');
  const [error, setError] = useState<unknown>();
  const [isChoosing, setChoosing] = useState(false);
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const chosen = accounts.find((account) => account === picked) ?? accounts.find((account) => !taken.has(account.toLowerCase()));
  const account = wallet.kind === 'manual' ? typed.trim() : chosen;
  const isTaken = account !== undefined && taken.has(account.toLowerCase());
  const isReady = account !== undefined && isAccount(account) && !isTaken;

  async function chooseOthers(): Promise<void> {
    if (wallet.kind !== 'extension') return;
    const abort = new AbortController();
    running.current = abort;
    setChoosing(true);
    setError(undefined);
    try {
      setAccounts(await walletAccounts(wallet.extensionId, { chooseAccounts: true, signal: abort.signal }));
    } catch (thrown) {
      if (!abort.signal.aborted) setError(thrown);
    } finally {
      setChoosing(false);
    }
  }
  const typedError = typed.trim() === '' ? undefined : !isAccount(typed.trim()) ? t('addressWrong') : isTaken ? t('accountTaken') : undefined;

  return (
    <form
      class="stack loose"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) onAccount(account, name.trim() || t('identityNumber', taken.size + 1));
      }}
    >
      <StepHead title={t('accountTitle')}>{wallet.kind === 'manual' ? t('accountBodyManual') : t('accountBody', walletName(wallet))}</StepHead>
      {wallet.kind === 'manual' ? (
        <TextField testId="account-address" label={t('accountAddress')} placeholder="0x…" value={typed} onValue={setTyped} error={typedError} isFocusedFirst isMono />
      ) : (
        <fieldset>
          <legend class="visually-hidden">{t('accountTitle')}</legend>
          <div class="stack tight">
            <div class="card">
              {accounts.map((one) => (
                <AccountChoice key={one} account={one} isTaken={taken.has(one.toLowerCase())} isChosen={one === chosen} onChoose={() => setPicked(one)} />
              ))}
            </div>
            {isChoosing ? (
              <Progress sentence={t('walletWaiting', walletName(wallet))} onCancel={() => running.current?.abort()}>
                {t('walletWaitingHint')}
              </Progress>
            ) : (
              <div>
                <Button testId="account-choose-others" look="quiet" onPress={() => void chooseOthers()}>
                  {t('accountOthers')}
                </Button>
              </div>
            )}
          </div>
        </fieldset>
      )}
      <TextField testId="account-name" label={t('accountName')} hint={t('accountNameHint')} placeholder={t('identityNumber', taken.size + 1)} value={name} onValue={setName} maxLength={60} />
      {error !== undefined && <Failure error={error} />}
      <div class="row wrap">
        <Button testId="account-continue" look="primary" type="submit" isOff={!isReady}>
          {t('continueWord')}
        </Button>
        <Button testId="account-back" look="quiet" onPress={onBack}>
          {t('otherWallet')}
        </Button>
      </div>
    </form>
  );
}

function AccountChoice({ account, isTaken, isChosen, onChoose }: { account: string; isTaken: boolean; isChosen: boolean; onChoose: () => void }) {
  return (
    <Choice testId="account-choice" type="radio" name="account" isCentred isOff={isTaken} isChosen={isChosen} onChoose={onChoose}>
      <span class="identity">
        <IdentityPicture account={account} size={32} />
        <span class="identity-words">
          <Address account={account} whole canCopy={false} />
          {isTaken && <span class="small soft below">{t('accountTaken')}</span>}
        </span>
      </span>
    </Choice>
  );
}
