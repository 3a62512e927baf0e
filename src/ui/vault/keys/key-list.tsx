// The public halves of an identity's keys: prekeys with their dates, and the identity key.
// Must not: know of a private one.
import type { IdentityDetails } from '../../../contract/internal';
import { date } from '../../format';
import { CopyIcon } from '../../parts/copy-button';
import { plural, t } from '../../text';
import { Panel } from '../panel';

/** A prekey that is newer than the current one belongs to a renewal that is not finished. */
export function KeyList({ details: { preKeys, identityKeyHex, identityCreatedAtMs } }: { details: IdentityDetails }) {
  const currentAtMs = preKeys.find(({ current }) => current)?.createdAtMs ?? Infinity;
  return (
    <>
      <Panel title={plural('preKeysOne', 'preKeysOther', preKeys.length)} meaning={t('preKeysMeaning')}>
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
              {preKey.createdAtMs > currentAtMs && <span class="small soft">{t('preKeyWaits')}</span>}
              <span class="small soft">{date(preKey.createdAtMs)}</span>
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
