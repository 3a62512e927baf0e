// An identity as a person knows it: picture, the name they gave, short address with copy; and its status in a word.
// Promises: long names end in an ellipsis, never push anything away; whatever is drawn here is the person's own, and says so.
// Must not: be used for anybody else; peers.tsx draws those.
import type { ComponentChildren } from 'preact';
import type { SafeStatus } from '../../../contract/pages/identity';
import { shortAddress } from '../../format';
import { t, type MessageKey } from '../../text';
import { CopyIcon } from '../form/copy-button';
import { DappText } from './dapp-text';
import { Digits } from './digits';
import { Icon, type IconName } from '../icon';
import { IdentityPicture } from './identity-picture';

/** An address, short or whole, with its copy button unless `canCopy` is false. */
export function Address({
  account,
  whole = false,
  canCopy = true,
}: {
  account: string;
  whole?: boolean;
  canCopy?: boolean;
}) {
  return (
    <span class={whole ? 'address whole' : 'address'}>
      <span title={account}>{whole ? <Digits digits={account} /> : shortAddress(account)}</span>
      {canCopy && <CopyIcon testId="copy-address" text={account} label={t('copyAddress')} />}
    </span>
  );
}

/** Says that something is the person's own, wherever it stands beside what is not. */
export function You() {
  return (
    <span class="tag you" data-testid="you">
      {t('youWord')}
    </span>
  );
}

const statusWords: Record<SafeStatus, [MessageKey, IconName]> = {
  unlocked: ['statusUnlocked', 'unlock'],
  locked: ['statusLocked', 'lock'],
  enrolling: ['statusEnrolling', 'note'],
  damaged: ['statusDamaged', 'warning'],
};

export function Status({ status }: { status: SafeStatus }) {
  const [key, icon] = statusWords[status];
  return (
    <span class={`status ${status}`} data-status={status}>
      <Icon name={icon} size={12} />
      {t(key)}
    </span>
  );
}

interface IdentityProps {
  name: string;
  account: string | null;
  size?: number;
  canCopy?: boolean;
  /** What stands at the end of the row. */
  children?: ComponentChildren;
}

export function Identity({ name, account, size = 40, canCopy = true, children }: IdentityProps) {
  return (
    <div class="identity">
      <IdentityPicture account={account} size={size} />
      <div class="identity-words">
        <div class="identity-name" title={name}>
          <span class="one-line">
            <DappText text={name || t('unnamedIdentity')} />
          </span>
          {account && <You />}
        </div>
        {account ? (
          <Address account={account} canCopy={canCopy} />
        ) : (
          <span class="small soft">{t('unreadableAddress')}</span>
        )}
      </div>
      {children}
    </div>
  );
}
