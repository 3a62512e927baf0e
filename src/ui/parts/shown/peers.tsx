// The people a request is about: each a picture, what the person calls them, and their address; one alone has the whole address.
// Promises: a name never stands without its address, what ENS says stands below it, and an own identity is "you" in words; more than are named are counted, never left out in silence; a
// string that is not an address is drawn as a site's text.
import { shortAddress } from '../../format';
import type { WhoIs } from '../../people';
import { plural, t } from '../../text';
import { Button } from '../form/button';
import { DappText } from './dapp-text';
import { Digits } from './digits';
import { You } from './identity';
import { IdentityPicture } from './identity-picture';
import { isAccount } from '../../../contract/address';
import { EnsLine } from '../ens/ens-line';
import { noEns, type EnsWords } from '../ens/says';

/** One person within a sentence: the name, if there is one, and always the address. */
export function InlinePeer({ account, whoIs }: { account: string; whoIs: WhoIs }) {
  const known = whoIs(account);
  const address = <span class="inline-address">{shortAddress(account)}</span>;
  return known === undefined ? (
    <bdi class="inline-peer" title={account}>
      {address}
    </bdi>
  ) : (
    <bdi class="inline-peer named" title={account}>
      {known.isYou && <You />} <DappText text={known.name || t('unnamedIdentity')} /> (<bdi dir="ltr">{address}</bdi>)
    </bdi>
  );
}

interface PeerProps {
  account: string;
  whoIs: WhoIs;
  ens: EnsWords;
  isWhole: boolean;
  onName: ((account: string) => void) | undefined;
}

function Peer({ account, whoIs, ens, isWhole, onName }: PeerProps) {
  if (!isAccount(account)) {
    return (
      <li class="peer">
        <IdentityPicture account={null} size={24} />
        <DappText text={account} />
      </li>
    );
  }
  const known = whoIs(account);
  const name = known && (known.name || t('unnamedIdentity'));
  return (
    <li
      class={isWhole ? 'peer whole' : 'peer'}
      title={account}
      data-testid="approval-peer"
      data-account={account}
      data-you={known?.isYou ?? false}
      data-named={known !== undefined}
    >
      <IdentityPicture account={account} size={isWhole ? 32 : 24} />
      <div class="grow">
        {name !== undefined && (
          <p class="peer-name">
            <span class={isWhole ? 'peer-word' : 'peer-word one-line'} title={name}>
              <DappText text={name} />
            </span>
            {known?.isYou && <You />}
          </p>
        )}
        <p class="address" dir="ltr">
          {isWhole ? <Digits digits={account} /> : shortAddress(account)}
        </p>
        <EnsLine says={ens(account)} />
      </div>
      {onName && isWhole && !known?.isYou && (
        <Button
          testId="approval-peer-name"
          look="quiet"
          compact
          label={t(known ? 'personRenameLabel' : 'personNameLabel', name ?? shortAddress(account))}
          onPress={() => onName(account)}
        >
          {t(known ? 'rename' : 'personNameIt')}
        </Button>
      )}
    </li>
  );
}

/** `total`: how many there are; `onName`: the person wants to name the one that is shown. */
export function Peers({
  peers,
  total,
  whoIs,
  ens = noEns,
  onName,
}: {
  peers: readonly string[];
  total: number;
  whoIs: WhoIs;
  ens?: EnsWords;
  onName?: ((account: string) => void) | undefined;
}) {
  const isWhole = peers.length === 1 && total <= 1;
  const others = total - peers.length;
  return (
    <ul class={isWhole ? 'card peers one' : 'card peers'}>
      {peers.map((account) => (
        <Peer key={account} {...{ account, whoIs, ens, isWhole, onName }} />
      ))}
      {others > 0 && <li class="peer soft">{plural('others', others)}</li>}
    </ul>
  );
}
