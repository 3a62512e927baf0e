// The address of the inbox key that apps are given, and those they were given before.
// Promises: says that no money belongs there. Must not: know of a private key; the task of exporting gets a file.
import { mostInboxKeys } from '../../../contract/limits';
import type { InboxList } from '../../../contract/pages/inbox';
import { date, shortAddress } from '../../format';
import { Button } from '../../parts/form/button';
import { Disclosure } from '../../parts/form/field';
import { Notice } from '../../parts/notice';
import { Address } from '../../parts/shown/identity';
import { plural, t } from '../../text';
import { Panel } from '../panel';

type Key = InboxList['keys'][number];

function KeyLine({ address, createdAtMs, onExport }: Key & { onExport: (address: string) => void }) {
  return (
    <li class="inbox-key" data-testid="inbox-key" data-address={address}>
      <Address account={address} whole />
      <span class="small soft">{t('createdOn', date(createdAtMs))}</span>
      <Button
        testId="inbox-export"
        look="quiet"
        label={t('inboxExportLabel', shortAddress(address))}
        onPress={() => onExport(address)}
      >
        {t('inboxExport')}
      </Button>
    </li>
  );
}

interface AddressPanelProps {
  keys: readonly Key[];
  onNewKey: () => void;
  onExport: (address: string) => void;
}

export function AddressPanel({ keys, onNewKey, onExport }: AddressPanelProps) {
  const earlier = keys.slice(0, -1).toReversed();
  const isFull = keys.length >= mostInboxKeys;
  return (
    <Panel title={t('inboxAddressTitle')} meaning={t('inboxAddressMeaning')}>
      <ul>
        {keys.slice(-1).map((key) => (
          <KeyLine key={key.address} {...key} onExport={onExport} />
        ))}
      </ul>
      <Notice title={t('inboxNoMoneyTitle')}>{t('inboxNoMoney')}</Notice>
      {earlier.length > 0 && (
        <Disclosure testId="inbox-keys-earlier" label={plural('inboxEarlierAddress', earlier.length)}>
          <ul class="rows">
            {earlier.map((key) => (
              <KeyLine key={key.address} {...key} onExport={onExport} />
            ))}
          </ul>
        </Disclosure>
      )}
      {isFull ? (
        <p class="small soft">{t('inboxKeysFull', mostInboxKeys)}</p>
      ) : (
        <div>
          <Button testId="inbox-new-key" onPress={onNewKey}>
            {t('inboxNewKey')}
          </Button>
        </div>
      )}
    </Panel>
  );
}
