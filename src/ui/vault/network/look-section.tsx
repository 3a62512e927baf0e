// Looks at what the network has of this account: its public keys, and copies of private ones.
// Promises: looking changes nothing, here or there.
import { useState } from 'preact/hooks';
import type { NetworkLook } from '../../../contract/pages/network';
import { Failure } from '../../parts/failure';
import { dateTime, wholeNumber } from '../../format';
import { LookFurther } from '../../network/look-further';
import { Button } from '../../parts/form/button';
import { Progress } from '../../parts/progress';
import { plural, t } from '../../text';
import { useCall } from '../../worker/use-call';
import { ask, useVault } from '../../worker/calls';
import { Panel } from '../panel';
import { foundBy, foundWords } from '../../network/look-model';

export function LookSection({ safeId, account }: { safeId: string; account: string }) {
  const { value: details } = useVault('identity_details', { safeId }, 'state');
  const [look, setLook] = useState<NetworkLook>();
  const call = useCall();
  const run = () => call.run(() => ask('network_look', { account }), setLook);
  const found = look && details && foundBy(look, details.identityKeyHex);
  return (
    <div data-testid="network-look" data-found={found}>
      <Panel title={t('lookTitle')} meaning={t('lookMeaning')}>
        {look && found && (
          <dl class="facts">
            <dt>{t('lookContact')}</dt>
            <dd>
              {t(foundWords[found])}
              {look.contact && <span class="soft"> {t('lookSince', dateTime(look.contact.publishedAtMs))}</span>}
            </dd>
            <dt>{t('lookCopies')}</dt>
            <dd>
              {look.copies.length === 0 ? t('lookNoCopy') : plural('lookCopies', look.copies.length)}
              {look.copies[0] && (
                <span class="soft">
                  {' '}
                  {t(look.copies.length === 1 ? 'lookSince' : 'lookNewest', dateTime(look.copies[0].publishedAtMs))}
                </span>
              )}
            </dd>
            {look.unreadable > 0 && (
              <>
                <dt>{t('lookUnreadable')}</dt>
                <dd>{wholeNumber(look.unreadable)}</dd>
              </>
            )}
          </dl>
        )}
        {look && <LookFurther account={account} look={look} onLook={setLook} />}
        {call.error !== undefined && <Failure error={call.error} />}
        {call.isBusy ? (
          <Progress sentence={t('looking')} onCancel={call.leave} />
        ) : (
          <div>
            <Button testId="network-look-again" onPress={run}>
              {t(look ? 'lookAgain' : 'look')}
            </Button>
          </div>
        )}
      </Panel>
    </div>
  );
}
