// One way to open a safe: what it is, since when, and what can be done about it.
// Promises: what cannot be removed has a button all the same, which says why.
import type { WalletChoice } from '../../../contract/schemas';
import { date } from '../../format';
import { Button } from '../../parts/form/button';
import { slotWords, type Slot } from '../../slot-model';
import { t } from '../../text';
import { walletName } from '../../wallet-name';

interface SlotRowProps {
  slot: Slot;
  wallet: WalletChoice | null;
  canRemove: boolean;
  onTry: () => void;
  onRemove: () => void;
  /** For the recovery code only. */
  onReplace: (() => void) | undefined;
}

export function SlotRow({ slot, wallet, canRemove, onTry, onRemove, onReplace }: SlotRowProps) {
  const name = t(slotWords[slot.type]);
  return (
    <li class="slot" data-testid="slot" data-kind={slot.type} data-slot={slot.slotId}>
      <div class="grow">
        <p class="notice-title">{name}</p>
        <p class="small soft">
          {t('waySince', date(slot.createdAtMs))}
          {slot.type === 'wallet' && wallet ? ` · ${walletName(wallet)}` : ''}
        </p>
      </div>
      <div class="row">
        <Button testId="slot-try" compact onPress={onTry} label={`${t('wayTry')}: ${name}`}>
          {t('wayTry')}
        </Button>
        {onReplace && (
          <Button testId="slot-replace" compact onPress={onReplace}>
            {t('wayReplace')}
          </Button>
        )}
        <Button
          testId="slot-remove"
          look="quiet-danger"
          isOff={!canRemove}
          describedBy={canRemove ? undefined : 'ways-two-stay'}
          onPress={onRemove}
          label={`${t('wayRemove')}: ${name}`}
        >
          {t('wayRemove')}
        </Button>
      </div>
    </li>
  );
}
