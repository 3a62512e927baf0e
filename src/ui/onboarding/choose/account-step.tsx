// Which account becomes an identity, what the person calls it, and what opens its safe here.
// Promises: an account that already has an identity here cannot be chosen again.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { EnrolmentState } from '../../../contract/pages/enrolment';
import type { VaultState } from '../../../contract/pages/identity';
import type { WalletChoice } from '../../../contract/schemas';
import { nameLength } from '../../../contract/limits';
import { pastedLine, pastedName } from '../../../contract/paste';
import { readAddress } from '../../../protocol/base/address';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { Choice, TextField } from '../../parts/form/field';
import { Address } from '../../parts/shown/identity';
import { IdentityPicture } from '../../parts/shown/identity-picture';
import { Notice } from '../../parts/notice';
import { Progress } from '../../parts/progress';
import { StoppedNote } from '../../signing/ask-signature';
import { walletAccounts } from '../../signing/wallet-sessions';
import { rich, t } from '../../text';
import { walletName } from '../../wallet-name';
import { OpenChoice } from './open-choice';
import { StepHead } from '../../parts/step-head';

interface AccountStepProps {
  state: VaultState;
  wallet: WalletChoice;
  accounts: string[];
  /** What was chosen or typed before, when a person comes back. */
  before: { account?: string; name?: string; first?: EnrolmentState['first'] };
  onBack: () => void;
  onAccount: (account: string, name: string, first: EnrolmentState['first']) => void;
}

export function AccountStep({ state, wallet, accounts: offered, before, onBack, onAccount }: AccountStepProps) {
  const [accounts, setAccounts] = useState(offered);
  const taken = new Set(
    state.identities.filter(({ status }) => status !== 'enrolling').map(({ account }) => account?.toLowerCase()),
  );
  const [picked, setPicked] = useState<string | undefined>(before.account);
  const [typed, setTyped] = useState(before.account ?? '');
  const [name, setName] = useState(before.name ?? '');
  const [first, setFirst] = useState(before.first ?? 'wallet');
  /** The account of which the person said that it is meant, whatever its capitals say. */
  const [sureOf, setSureOf] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [isChoosing, setChoosing] = useState(false);
  const [isStopped, setStopped] = useState(false);
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const chosen =
    accounts.find((account) => account === picked) ?? accounts.find((account) => !taken.has(account.toLowerCase()));
  const line = pastedLine(typed);
  const read = readAddress(wallet.kind === 'manual' ? line : (chosen ?? ''));
  const account = read?.account;
  // A wallet spells its own accounts as its chain does; only what a person typed can be mistyped.
  const isDoubtful = wallet.kind === 'manual' && read?.checksum === 'differs';
  const isTaken = account !== undefined && taken.has(account.toLowerCase());
  const isReady = account !== undefined && !isTaken && (!isDoubtful || sureOf === account) && name.length <= nameLength;

  async function chooseOthers(): Promise<void> {
    if (wallet.kind !== 'extension') return;
    const abort = new AbortController();
    running.current = abort;
    setChoosing(true);
    setError(undefined);
    setStopped(false);
    try {
      setAccounts(await walletAccounts(wallet.extensionId, { chooseAccounts: true, signal: abort.signal }));
    } catch (thrown) {
      if (abort.signal.aborted) setStopped(true);
      else setError(thrown);
    } finally {
      setChoosing(false);
    }
  }
  const typedError = line === '' ? undefined : !read ? t('addressWrong') : isTaken ? t('accountTaken') : undefined;

  return (
    <form
      class="stack loose"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) onAccount(account, pastedName(name) || t('identityNumber', taken.size + 1), first);
      }}
    >
      <StepHead title={t('accountTitle')}>
        {wallet.kind === 'manual' ? t('accountBodyManual') : t('accountBody', walletName(wallet))}
      </StepHead>
      {wallet.kind === 'manual' ? (
        <div class="stack tight">
          <TextField
            testId="account-address"
            label={t('accountAddress')}
            placeholder="0x…"
            value={typed}
            onValue={(value) => {
              setTyped(value);
              setSureOf(undefined);
            }}
            error={typedError}
            isFocusedFirst
            isMono
          />
          {isDoubtful && account !== undefined && !isTaken && (
            <Notice title={t('addressDoubtTitle')} testId="account-doubt">
              <div class="stack tight">
                <p>{rich('addressDoubt', <Address account={account} whole canCopy={false} />)}</p>
                <Choice
                  testId="account-sure"
                  type="checkbox"
                  name="account-sure"
                  isChosen={sureOf === account}
                  onChoose={(chosen) => setSureOf(chosen ? account : undefined)}
                >
                  {t('addressSure')}
                </Choice>
              </div>
            </Notice>
          )}
        </div>
      ) : (
        <fieldset>
          <legend class="visually-hidden">{t('accountTitle')}</legend>
          <div class="stack tight">
            <div class="card">
              {accounts.map((one) => (
                <AccountChoice
                  key={one}
                  account={one}
                  isTaken={taken.has(one.toLowerCase())}
                  isChosen={one === chosen}
                  onChoose={() => setPicked(one)}
                />
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
      <TextField
        testId="account-name"
        label={t('accountName')}
        hint={t('accountNameHint')}
        placeholder={t('identityNumber', taken.size + 1)}
        value={name}
        onValue={setName}
        longest={nameLength}
      />
      <fieldset class="stack tight">
        <legend class="field-label">{t('openTitle')}</legend>
        <p class="small soft">{t('openBody')}</p>
        <OpenChoice wallet={wallet} first={first} onFirst={setFirst} />
      </fieldset>
      {error !== undefined && <Failure error={error} />}
      {isStopped && <StoppedNote wallet={walletName(wallet)} />}
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

function AccountChoice({
  account,
  isTaken,
  isChosen,
  onChoose,
}: {
  account: string;
  isTaken: boolean;
  isChosen: boolean;
  onChoose: () => void;
}) {
  return (
    <Choice
      testId="account-choice"
      type="radio"
      name="account"
      isCentred
      isOff={isTaken}
      isChosen={isChosen}
      onChoose={onChoose}
    >
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
