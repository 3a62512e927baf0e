// The public halves of an identity's keys: prekeys with their dates, and the identity key.
// Must not: know of a private one.
import type { IdentityDetails } from '../../../contract/internal';
import { date } from '../../format';
import { CopyIcon } from '../../parts/copy-button';
import { plural, t } from '../../text';

export function KeyList({ details: { preKeys, identityKeyHex, identityCreatedAtMs } }: { details: IdentityDetails }) {
  return (
    <>
      <section class="card card-body stack tight">
        <h2>{plural('preKeysOne', 'preKeysOther', preKeys.length)}</h2>
        <p class="soft">{t('preKeysMeaning')}</p>
        <ul class="key-list rows" data-testid="identity-prekeys">
          {preKeys.map((preKey) => (
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
      </section>
      <section class="card card-body stack tight">
        <h2>{t('identityKey')}</h2>
        <p class="soft">{t('identityKeyMeaning')}</p>
        <p class="mono small whole-key" data-testid="identity-key">
          {identityKeyHex}
        </p>
        <p class="small soft">{t('createdOn', date(identityCreatedAtMs))}</p>
      </section>
    </>
  );
}
