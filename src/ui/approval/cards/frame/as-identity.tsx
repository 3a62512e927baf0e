// As whom a request is answered: on the card, and among its technical facts.
// Promises: the account is the one in the request, whatever became of its identity since.
import type { IdentitySummary } from '../../../../contract/pages/identity';
import { Identity, Status } from '../../../parts/shown/identity';
import { t } from '../../../text';

/** `identity`: as the vault's state has it; undefined when it is no longer there. */
export function IdentityRow({ identity, account }: { identity: IdentitySummary | undefined; account: string | null }) {
  return (
    <div class="card-row" data-testid="approval-identity">
      <Identity name={identity?.name ?? ''} account={account} size={32} canCopy={false}>
        {identity && <Status status={identity.status} />}
      </Identity>
    </div>
  );
}

export function AsIdentity({
  identity,
  account,
  words = t('asIdentity'),
}: {
  identity: IdentitySummary | undefined;
  account: string;
  words?: string;
}) {
  return (
    <div class="stack tight">
      <h2 class="label">{words}</h2>
      <div class="card">
        <IdentityRow identity={identity} account={account} />
      </div>
    </div>
  );
}

/** The whole account, as a pair of dt and dd. */
export function AccountFact({ account }: { account: string }) {
  return (
    <>
      <dt>{t('detailAccount')}</dt>
      <dd class="mono">{account}</dd>
    </>
  );
}
