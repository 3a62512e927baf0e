// What was found on the network for the account: copies to bring, traces without a usable copy, or nothing.
// Promises: what is there comes first; new keys beside it are a quiet way that leads through a warning (R-I4).
import type { NetworkLook } from '../../../contract/pages/network';
import { date } from '../../format';
import { LookFurther } from '../../network/look-further';
import { Button } from '../../parts/form/button';
import { Identity } from '../../parts/shown/identity';
import { plural, t, type MessageKey } from '../../text';
import { Candidates } from './candidates';
import { foundKind } from './plan';
import { StepHead } from '../../parts/step-head';

interface FoundStepProps {
  account: string;
  name: string;
  look: NetworkLook;
  copyId: string | undefined;
  onCopy: (copyId: string) => void;
  /** There is more on the network than was looked at, and this is what was found by now. */
  onLook: (look: NetworkLook) => void;
  onBring: () => void;
  /** New keys, where nothing is there. */
  onNew: () => void;
  /** New keys in spite of what is there. */
  onReplace: () => void;
  onFile: () => void;
  onLookAgain: () => void;
  onBack: () => void;
}

export function FoundStep(props: FoundStepProps) {
  const { look, account, name } = props;
  const kind = foundKind(look);
  const newest = look.copies[0];
  const titles: Record<typeof kind, MessageKey> = {
    copies: 'foundTitle',
    traces: 'tracesTitle',
    nothing: 'nothingFoundTitle',
  };
  const body = newest
    ? t('foundBody', date(newest.publishedAtMs))
    : look.contact
      ? t('tracesBody', date(look.contact.publishedAtMs))
      : kind === 'traces'
        ? t('tracesUnreadableBody')
        : t('nothingFoundBody');
  return (
    <div
      class="stack loose"
      data-testid="found"
      data-found={kind}
      data-copies={look.copies.length}
      data-unreadable={look.unreadable}
    >
      <StepHead title={t(titles[kind])}>{body}</StepHead>
      <Identity name={name} account={account} canCopy={false} />
      {newest && <Candidates look={look} copyId={props.copyId ?? newest.copyId} onCopy={props.onCopy} />}
      <LookFurther account={account} look={look} onLook={props.onLook} />
      {kind === 'traces' && (
        <div class="stack tight">
          {look.contact && look.unreadable > 0 && <p>{plural('unreadable', look.unreadable)}</p>}
          <p>{t('tracesWhatToDo')}</p>
        </div>
      )}
      <div class="row wrap">
        {kind === 'copies' && (
          <Button testId="found-bring" look="primary" onPress={props.onBring}>
            {t('foundBring')}
          </Button>
        )}
        {kind === 'nothing' && (
          <Button testId="found-new" look="primary" onPress={props.onNew}>
            {t('wayNew')}
          </Button>
        )}
        {kind !== 'copies' && (
          <Button testId="found-file" look={kind === 'traces' ? 'primary' : 'plain'} onPress={props.onFile}>
            {t('wayBackup')}
          </Button>
        )}
      </div>
      <div class="row wrap quiet-row">
        {kind !== 'nothing' && (
          <Button testId="found-replace" look="quiet" onPress={props.onReplace}>
            {t('newInstead')}
          </Button>
        )}
        <Button testId="found-again" look="quiet" onPress={props.onLookAgain}>
          {t('lookAgain')}
        </Button>
        <Button testId="found-back" look="quiet" onPress={props.onBack}>
          {t('back')}
        </Button>
      </div>
    </div>
  );
}
