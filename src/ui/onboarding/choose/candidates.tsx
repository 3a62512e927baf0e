// The copies of an account's keys on the network, newest first.
// Promises: one alone is a sentence, several are a choice; what cannot be read is counted.
import type { NetworkLook } from '../../../contract/pages/network';
import { dateTime } from '../../format';
import { Choice } from '../../parts/form/field';
import { plural, t } from '../../text';

interface CandidatesProps {
  look: NetworkLook;
  copyId: string;
  onCopy: (copyId: string) => void;
  /** Copies that were tried and cannot be used. */
  unusable?: readonly string[];
}

export function Candidates({ look, copyId, onCopy, unusable = [] }: CandidatesProps) {
  const { copies, unreadable } = look;
  if (copies.length < 2 && unreadable === 0) return null;
  return (
    <div class="stack tight">
      {copies.length > 1 && (
        <fieldset>
          <legend class="visually-hidden">{t('copies')}</legend>
          <div class="card">
            {copies.map((copy, index) => (
              <Choice
                key={copy.copyId}
                testId="copy-choice"
                type="radio"
                name="copy"
                isChosen={copy.copyId === copyId}
                onChoose={() => onCopy(copy.copyId)}
              >
                <p data-copy={copy.copyId}>{t('copyFrom', dateTime(copy.publishedAtMs))}</p>
                <p class="small soft">
                  {unusable.includes(copy.copyId) ? t('copyTried') : index === 0 ? t('copyNewest') : t('copyOlder')}
                </p>
              </Choice>
            ))}
          </div>
        </fieldset>
      )}
      {unreadable > 0 && <p class="small soft">{plural('unreadable', unreadable)}</p>}
    </div>
  );
}
