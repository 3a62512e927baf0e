// An origin on screen: scheme and host with the owner's part emphasised, port, and what to look twice at (R-C6).
// Promises: the ASCII host as the browser reported it, always left to right; the owner's part is never cut.
import { rich, t, type MessageKey } from '../../text';
import { DappText } from './dapp-text';
import { Notice } from '../notice';
import { originModel, type OriginNote } from './origin-model';

export function Origin({ origin, look = 'normal' }: { origin: string; look?: 'normal' | 'large' | 'inline' }) {
  const { scheme, before, owner, port } = originModel(origin);
  return (
    <bdi class={`origin ${look}`} dir="ltr" title={origin}>
      {scheme && <span class="origin-side">{scheme}//</span>}
      {before && <span class="origin-side">{before}</span>}
      {/* A long one breaks here before it breaks within the owner's part. */}
      {before && <wbr />}
      <span class="origin-owner">
        <DappText text={owner} />
      </span>
      {port && <span class="origin-side">{port}</span>}
    </bdi>
  );
}

const noteWords: Record<Exclude<OriginNote, 'imitation'>, MessageKey> = {
  international: 'originInternational',
  'mixed-scripts': 'originMixedScripts',
  local: 'originLocal',
  numeric: 'originNumeric',
};

/** What a person should know about an origin before trusting it; nothing when there is nothing to say. */
export function OriginNotes({
  origin,
  firstSeen,
  looksLike,
}: {
  origin: string;
  firstSeen: boolean;
  looksLike: string | null;
}) {
  const { notes, unicode = '' } = originModel(origin);
  const isImitation = notes.includes('imitation');
  const plain = notes.filter((note) => note !== 'imitation');
  return (
    <>
      {looksLike !== null && (
        <Notice tone="danger" title={t('originLooksLikeTitle')} testId="approval-looks-like">
          {rich('originLooksLike', <DappText text={looksLike} />)}
        </Notice>
      )}
      {isImitation && (
        <Notice tone="danger" title={t('originImitationTitle')}>
          {rich('originImitation', <DappText text={unicode} />)}
        </Notice>
      )}
      {!isImitation && plain.length > 0 && (
        <Notice>
          {plain.map((note) => (
            <p>{rich(noteWords[note], <DappText text={unicode} />)}</p>
          ))}
        </Notice>
      )}
      {firstSeen && <Notice>{t('originFirstSeen')}</Notice>}
    </>
  );
}
