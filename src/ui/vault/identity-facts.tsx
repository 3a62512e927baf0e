// The technical side of one unlocked identity: prekeys with their dates, identity key, ways to open it.
// Promises: public halves only; all of it one click away.
import { Failure } from '../failure';
import { date } from '../format';
import { CopyIcon } from '../parts/copy-button';
import { Disclosure } from '../parts/field';
import { plural, t } from '../text';
import { useVault } from '../vault-calls';

export function IdentityFacts({ safeId }: { safeId: string }) {
  const { value, error, refresh } = useVault('identity_details', { safeId }, 'state');
  if (error) return <Failure error={error} onRetry={() => void refresh()} />;
  if (!value) return null;
  return (
    <Disclosure testId="identity-details" label={t('keysAndAccess')}>
      <div class="stack">
        <div>
          <h3>{plural('preKeysOne', 'preKeysOther', value.preKeys.length)}</h3>
          <p class="small soft">{t('preKeysMeaning')}</p>
          <ul class="key-list rows" data-testid="identity-prekeys">
            {value.preKeys.map((preKey) => (
              <li key={preKey.publicKeyHex}>
                <span class="address grow">
                  <span title={preKey.publicKeyHex}>
                    {preKey.publicKeyHex.slice(0, 12)}…{preKey.publicKeyHex.slice(-8)}
                  </span>
                  <CopyIcon testId="copy-prekey" text={preKey.publicKeyHex} label={t('copyKey')} />
                </span>
                {preKey.current && <span class="tag">{t('current')}</span>}
                <span class="small soft">{date(preKey.createdAtMs)}</span>
              </li>
            ))}
          </ul>
        </div>
        <div>
          <h3>{t('identityKey')}</h3>
          <p class="small soft">{t('identityKeyMeaning')}</p>
          <p class="mono small whole-key" data-testid="identity-key">
            {value.identityKeyHex}
          </p>
        </div>
        <div>
          <h3>{t('waysToUnlock')}</h3>
          <ul class="key-list rows" data-testid="identity-slots">
            {value.slots.map((slot) => (
              <li key={slot.slotId}>
                <span class="grow">{slot.type === 'wallet' ? t('slotWallet') : t('slotRecoveryCode')}</span>
                <span class="small soft">{date(slot.createdAtMs)}</span>
              </li>
            ))}
          </ul>
        </div>
      </div>
    </Disclosure>
  );
}
