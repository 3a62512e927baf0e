// The public halves of an identity's keys: prekeys with their dates, and the identity key.
// Must not: know of a private key.
import type { IdentityDetails } from '../../../contract/pages/identity';
import { date } from '../../format';
import { CopyIcon } from '../../parts/form/copy-button';
import { plural, t } from '../../text';
import { Panel } from '../panel';

/** A prekey that is newer than the current one belongs to a renewal that is not finished. */
export function KeyList({ details: { prekeys, identityKeyHex, identityCreatedAtMs } }: { details: IdentityDetails }) {
  const currentAtMs = prekeys.find(({ current }) => current)?.createdAtMs ?? Infinity;
  return (
    <>
      <Panel title={plural('listedPrekeys', prekeys.length)} meaning={t('preKeysMeaning')}>
        <ul class="key-list rows" data-testid="identity-prekeys">
          {prekeys.map((prekey) => (
            <li key={prekey.publicKeyHex}>
              <span class="address grow">
                <span title={prekey.publicKeyHex}>
                  {prekey.publicKeyHex.slice(0, 12)}…{prekey.publicKeyHex.slice(-8)}
                </span>
                <CopyIcon testId="copy-prekey" text={prekey.publicKeyHex} label={t('copyKey')} />
              </span>
              {prekey.current && <span class="tag">{t('current')}</span>}
              {prekey.createdAtMs > currentAtMs && <span class="small soft">{t('preKeyWaits')}</span>}
              <span class="small soft">{date(prekey.createdAtMs)}</span>
            </li>
          ))}
        </ul>
      </Panel>
      <Panel title={t('identityKey')} meaning={t('identityKeyMeaning')}>
        <p class="mono small" data-testid="identity-key">
          {identityKeyHex}
        </p>
        <p class="small soft">{t('createdOn', date(identityCreatedAtMs))}</p>
      </Panel>
    </>
  );
}
