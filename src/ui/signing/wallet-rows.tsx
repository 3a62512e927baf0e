// Rows of the list of wallets: one that is there, and the way to get one that is not.
// Promises: a drawing of ours stands for a wallet: wallets announce their icons to sites and to no page of an extension, the browser gives out another
// extension's icon only to those that may manage all of them, and none is fetched. A press opens the
// store's page of exactly the extension that is spoken to. Must not: say of a wallet that it works; that is known once it has answered.
import type { KnownWallet } from '../../wallet/known-wallets';
import { Button } from '../parts/form/button';
import { Choice } from '../parts/form/field';
import { Icon, type IconName } from '../parts/icon';
import { openStore } from '../tabs';
import { t } from '../text';

/** Decoration: the name stands beside it. */
function Tile({ icon }: { icon: IconName }) {
  return (
    <span class="tile" aria-hidden="true">
      <Icon name={icon} />
    </span>
  );
}

interface WalletRowProps {
  /** What the choice is called in the test's list, after "wallet-". */
  name: string;
  label: string;
  hint?: string;
  icon?: IconName;
  isChosen: boolean;
  onChoose: () => void;
}

export function WalletRow({ name, label, hint, icon = 'wallet', isChosen, onChoose }: WalletRowProps) {
  return (
    <Choice testId={`wallet-${name}`} type="radio" name="wallet" isCentred isChosen={isChosen} onChoose={onChoose}>
      <span class="row">
        <Tile icon={icon} />
        <span class="grow">
          <span class="below">{label}</span>
          {hint !== undefined && <span class="below small soft">{hint}</span>}
        </span>
      </span>
    </Choice>
  );
}

/** A wallet that is not in this browser, with the page of its store. */
export function AbsentWalletRow({ wallet: { label, storeUrl } }: { wallet: KnownWallet }) {
  if (storeUrl === undefined) return null;
  return (
    <div class="choice centred off absent-wallet" data-testid="wallet-absent">
      <Tile icon="wallet" />
      <div class="grow">
        <p>{label}</p>
        <p class="small soft">{t('walletNotFound')}</p>
      </div>
      <Button testId="wallet-install" compact onPress={() => void openStore(storeUrl)}>
        {t('walletInstall')}
      </Button>
    </div>
  );
}
