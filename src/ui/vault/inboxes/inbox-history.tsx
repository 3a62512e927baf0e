// What was signed for one inbox: the apps it let in, every text, and how each is taken back, or that it cannot be.
// Promises: a site stands as its origin, an id is whole in the list of texts.
import type { InboxView } from '../../../contract/pages/inbox';
import { date, dateTime } from '../../format';
import { shapeWords, shortId } from '../../inbox-words';
import { Disclosure } from '../../parts/form/field';
import { Digits } from '../../parts/shown/digits';
import { Origin } from '../../parts/shown/origin';
import { plural, t } from '../../text';

interface AppsLetInProps extends Pick<InboxView, 'granted'> {
  /** Those of them that were no longer there when a node was asked. */
  gone: readonly string[];
}

export function AppsLetIn({ granted, gone }: AppsLetInProps) {
  if (granted.length === 0) return <p class="small soft">{t('inboxNoApps')}</p>;
  return (
    <div class="stack tight">
      <h4 class="label">{t('inboxLetIn')}</h4>
      <ul class="inbox-apps">
        {granted.map(({ installationId, origin, atMs }) => (
          <li key={installationId} data-testid="inbox-app" data-installation={installationId} data-origin={origin}>
            <span class="grow">
              <Origin origin={origin} look="inline" />
            </span>
            <span class="mono small soft" title={installationId}>
              {shortId(installationId)}
            </span>
            <span class="small soft">{gone.includes(installationId) ? t('inboxAppGone') : date(atMs)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

export function TextsSigned({ texts }: Pick<InboxView, 'texts'>) {
  if (texts.length === 0) return null;
  return (
    <Disclosure testId="inbox-texts" label={plural('inboxTexts', texts.length)}>
      <ol class="rows">
        {texts.map(({ shape, values, origin, atMs }, at) => (
          <li key={at} class="inbox-text" data-testid="inbox-text" data-shape={shape}>
            <div class="row apart wrap">
              <span>{t(shapeWords[shape])}</span>
              <span class="small soft">{dateTime(atMs)}</span>
            </div>
            <div class="small">
              <Origin origin={origin} look="inline" />
            </div>
            {values.map((value) => (
              <div key={value} class="mono small soft">
                <Digits digits={value} />
              </div>
            ))}
          </li>
        ))}
      </ol>
    </Disclosure>
  );
}

export function HowToUndo({ inbox: { role, inbox } }: { inbox: InboxView }) {
  const isRecovery = role === 'recovery';
  return (
    <Disclosure testId="inbox-undo" label={t('undoTitle')}>
      <dl class="undo">
        <dt>{t('undoApp')}</dt>
        <dd>{t(isRecovery ? 'undoAppAsRecovery' : 'undoAppAsMember')}</dd>
        <dt>{t('undoAddress')}</dt>
        <dd>{t(isRecovery ? 'undoAddressAsRecovery' : 'undoAddressAsMember')}</dd>
        <dt>{t('undoNothing')}</dt>
        <dd>{t(inbox === 'made-here' ? 'undoNothingMade' : 'undoNothingLinked')}</dd>
      </dl>
    </Disclosure>
  );
}
