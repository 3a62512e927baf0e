// The people a request is about: each a picture and a short address; one alone has the whole address.
// Promises: more than are named are counted, never left out in silence; a string that is not an address is drawn as a site's text.
import { shortAddress } from '../../format';
import { plural, t } from '../../text';
import { DappText } from './dapp-text';
import { Digits } from './digits';
import { IdentityPicture } from './identity-picture';
import { isAccount } from '../../../contract/address';

/** One person within a sentence. */
export function InlinePeer({ account }: { account: string }) {
  return (
    <bdi class="inline-peer" title={account}>
      {shortAddress(account)}
    </bdi>
  );
}

function Peer({ account, name, isWhole }: { account: string; name: string | undefined; isWhole: boolean }) {
  if (!isAccount(account)) {
    return (
      <li class="peer">
        <IdentityPicture account={null} size={24} />
        <DappText text={account} />
      </li>
    );
  }
  return (
    <li class={isWhole ? 'peer whole' : 'peer'} title={account} data-testid="approval-peer" data-account={account}>
      <IdentityPicture account={account} size={isWhole ? 32 : 24} />
      <div class="grow">
        {name !== undefined && (
          <p class="one-line">
            <DappText text={name || t('unnamedIdentity')} />
          </p>
        )}
        <p class="address">{isWhole ? <Digits digits={account} /> : shortAddress(account)}</p>
      </div>
    </li>
  );
}

/** `total`: how many there are; `nameOf`: the name of a person's own identity, undefined for everybody else. */
export function Peers({
  peers,
  total,
  nameOf,
}: {
  peers: readonly string[];
  total: number;
  nameOf: (account: string) => string | undefined;
}) {
  const isWhole = peers.length === 1 && total <= 1;
  const others = total - peers.length;
  return (
    <ul class={isWhole ? 'card peers one' : 'card peers'}>
      {peers.map((account) => (
        <Peer key={account} account={account} name={nameOf(account)} isWhole={isWhole} />
      ))}
      {others > 0 && <li class="peer soft">{plural('othersOne', 'othersOther', others)}</li>}
    </ul>
  );
}
