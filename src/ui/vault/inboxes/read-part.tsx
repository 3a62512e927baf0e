// What a node showed of one inbox: when, how far it could be checked, and what this vault did not know; and the press that reads it.
// Promises: nothing is asked without a press; what could not be checked is said before what could. Must not: call the node's word the truth.
import type { ComponentChildren } from 'preact';
import type { InboxRead, InboxView, StrangeInstallation, UnreadReason } from '../../../contract/pages/inbox';
import { dateTime } from '../../format';
import { shortId } from '../../inbox-words';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { Notice } from '../../parts/notice';
import { Progress } from '../../parts/progress';
import { Address } from '../../parts/shown/identity';
import { plural, rich, t, type MessageKey } from '../../text';
import { ask } from '../../worker/calls';
import { useCall } from '../../worker/use-call';
import { nodeWords } from './node-panel';

const unreadWords: Record<UnreadReason, MessageKey> = {
  unverifiable: 'inboxUnreadUnverifiable',
  wrong: 'inboxUnreadWrong',
};

interface ReadPartProps {
  safeId: string;
  inbox: InboxView;
  /** What the inbox is called. */
  called: string;
  /** The node that is set; null for none. */
  node: string | null;
  /** Reads the inboxes anew. */
  onChanged: () => Promise<void>;
}

export function ReadPart({ safeId, inbox, called, node, onChanged }: ReadPartProps) {
  const { inboxId, read } = inbox;
  const call = useCall();
  if (node === null && read === null) return null;
  const run = (work: () => Promise<unknown>) =>
    call.run(
      () => work().then(onChanged),
      () => undefined,
    );
  return (
    <div
      class="card-body stack"
      data-testid="inbox-read-part"
      data-read={read !== null}
      data-listed={read?.listed}
      data-checked={read?.checked}
      data-unread={read?.unread ?? 'none'}
      data-strangers={read?.strangers.length}
    >
      <div class="row apart wrap">
        <p class="inbox-read-line small soft">
          {read === null
            ? t('inboxNeverRead')
            : rich('inboxReadAt', <bdi class="mono">{nodeWords(read.nodeUrl)}</bdi>, dateTime(read.atMs))}
        </p>
        {!call.isBusy && read !== null && (
          <Button
            testId="inbox-read-forget"
            look="quiet"
            label={t('inboxReadForgetLabel', called)}
            onPress={() => run(() => ask('inbox_forgetState', { safeId, inboxId }))}
          >
            {t('inboxReadForget')}
          </Button>
        )}
        {!call.isBusy && node !== null && (
          <Button
            testId="inbox-read"
            compact
            label={t(read === null ? 'inboxReadLabel' : 'inboxReadAgainLabel', called)}
            onPress={() => run(() => ask('inbox_readState', { safeId, inboxId, node }))}
          >
            {t(read === null ? 'inboxReadIt' : 'inboxReadAgain')}
          </Button>
        )}
      </div>
      {call.isBusy && <Progress sentence={t('inboxReading')} onCancel={call.leave} />}
      {call.error !== undefined && <Failure error={call.error} />}
      {read !== null && <WhatItShows read={read} />}
    </div>
  );
}

function WhatItShows({ read }: { read: InboxRead }) {
  const { listed, checked, unread, strangers } = read;
  return (
    <>
      {unread !== null && (
        <Notice
          tone={unread === 'wrong' ? 'danger' : 'plain'}
          title={t('inboxUnreadTitle', checked, listed)}
          testId="inbox-unread"
        >
          {t(unreadWords[unread])}
        </Notice>
      )}
      <RecoveryWords {...read} />
      {strangers.length > 0 && (
        <Notice title={plural('inboxStrangers', strangers.length)} testId="inbox-strangers">
          <div class="stack tight">
            <ul class="inbox-apps">
              {strangers.map((stranger) => (
                <Stranger key={stranger.installationId} {...stranger} />
              ))}
            </ul>
            <p>{t('inboxStrangersMeaning')}</p>
          </div>
        </Notice>
      )}
    </>
  );
}

/** Who the recovery is by the log, where this vault took it to be otherwise. */
function RecoveryWords({ recovery, isRecoveryOurs, isRecoveryAsKnown }: InboxRead) {
  if (isRecoveryAsKnown || recovery === '') return null;
  if (isRecoveryOurs)
    return (
      <Notice title={t('inboxRecoveryIsOursTitle')} testId="inbox-recovery-read">
        {t('inboxRecoveryIsOurs')}
      </Notice>
    );
  return (
    <Notice tone="danger" title={t('inboxRecoveryIsOtherTitle')} testId="inbox-recovery-read">
      <div class="stack tight">
        <p>{t('inboxRecoveryIsOther')}</p>
        <Address account={recovery} whole />
      </div>
    </Notice>
  );
}

function Stranger({ installationId, addedBy, isByUs, isRevokedHere }: StrangeInstallation) {
  return (
    <li data-testid="inbox-stranger" data-installation={installationId} data-by={isByUs ? 'us' : addedBy}>
      <span class="mono small" title={installationId}>
        {shortId(installationId)}
      </span>
      <span class="grow small">{whoLetItIn({ addedBy, isByUs, isRevokedHere })}</span>
    </li>
  );
}

function whoLetItIn(stranger: Omit<StrangeInstallation, 'installationId'>): ComponentChildren {
  if (stranger.isRevokedHere) return t('inboxStrangerRevoked');
  if (stranger.isByUs) return t('inboxStrangerByUs');
  return rich(
    'inboxStrangerBy',
    <bdi class="mono" title={stranger.addedBy}>
      {shortId(stranger.addedBy)}
    </bdi>,
  );
}
