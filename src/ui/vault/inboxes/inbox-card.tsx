// One inbox: what it is called, what this vault is in it, how full it is, which apps were let in from here, and how each is undone.
// Promises: a count says who counted; what nobody can undo is said too. Must not: say what the network knows without saying who told it, and when.
import { useId, useState } from 'preact/hooks';
import { inboxBounds } from '../../../contract/choices';
import type { InboxView } from '../../../contract/pages/inbox';
import { roleWords, shortId, standingWords } from '../../inbox-words';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { CopyIcon } from '../../parts/form/copy-button';
import { Choice } from '../../parts/form/field';
import { DappText } from '../../parts/shown/dapp-text';
import { Address } from '../../parts/shown/identity';
import { t, type MessageKey } from '../../text';
import { ask } from '../../worker/calls';
import { useCall } from '../../worker/use-call';
import { AppsLetIn, HowToUndo, TextsSigned } from './inbox-history';
import { CountsDialog } from './counts-dialog';
import { NameDialog } from './name-dialog';
import { ReadPart } from './read-part';

interface InboxCardProps {
  safeId: string;
  inbox: InboxView;
  /** The node that inboxes are read from; null for none. */
  node: string | null;
  /** Whether the identity has several addresses, so that it matters which one belongs here. */
  showsAddress: boolean;
  /** Reads the inboxes anew. */
  onChanged: () => Promise<void>;
}

/** The words carry the number; the line only shows it. */
function Meter({ words, count, most, full }: { words: string; count: number; most: number; full: string }) {
  return (
    <>
      {words}
      <svg class="meter" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
        <rect class="meter-ground" width="100" height="4" />
        <rect class="meter-line" width={Math.min(100, (100 * count) / most)} height="4" />
      </svg>
      {count >= most && <p class="small soft meter-full">{full}</p>}
    </>
  );
}

/** Who counted. */
function countedBy({ isRead, isSaid }: InboxView): MessageKey {
  if (isRead) return 'inboxCountedRead';
  return isSaid ? 'inboxCountedSaid' : 'inboxCountedHere';
}

export function InboxCard({ safeId, inbox, node, showsAddress, onChanged }: InboxCardProps) {
  const { inboxId, name, role, isMarked, installations, updates, isSaid, isRead, identifier, read } = inbox;
  const [dialog, setDialog] = useState<'name' | 'counts'>();
  const [wish, setWish] = useState<boolean>();
  const call = useCall();
  const titleId = useId();
  const close = () => {
    setDialog(undefined);
    void onChanged();
  };
  // What was just pressed stands until the vault's answer does, so that the box does not jump back in between.
  const mark = (isRecovery: boolean) => {
    if (call.isBusy) return;
    setWish(isRecovery);
    call.run(
      () =>
        ask('inbox_markRecovery', { safeId, inboxId, isRecovery })
          .then(onChanged)
          .finally(() => setWish(undefined)),
      () => undefined,
    );
  };
  const called = name || shortId(inboxId);
  return (
    <section
      class="card inbox-card"
      data-testid="inbox"
      data-inbox={inboxId}
      data-role={role}
      data-standing={inbox.inbox}
      data-apps={installations}
      data-changes={updates}
      data-said={isSaid}
      data-read={isRead}
      aria-labelledby={titleId}
    >
      <div class="card-body stack">
        <div class="row apart start">
          <div class="grow">
            <h3 id={titleId} class="inbox-name" data-testid="inbox-title">
              {name === '' ? <span class="soft">{t('inboxUnnamed')}</span> : <DappText text={name} />}
            </h3>
            <span class="address">
              <span title={inboxId}>{shortId(inboxId)}</span>
              <CopyIcon testId="inbox-copy-id" text={inboxId} label={t('inboxCopyId')} />
            </span>
          </div>
          <Button
            testId="inbox-rename"
            look="quiet"
            label={t(name === '' ? 'inboxNameLabel' : 'inboxRenameLabel', called)}
            onPress={() => setDialog('name')}
          >
            {t(name === '' ? 'inboxNameIt' : 'rename')}
          </Button>
        </div>
        <dl class="facts">
          <dt>{t('inboxStanding')}</dt>
          <dd>{t(standingWords[inbox.inbox])}</dd>
          <dt>{t('inboxRole')}</dt>
          <dd>{t(roleWords[role])}</dd>
          {showsAddress && identifier !== '' && (
            <>
              <dt>{t('inboxYourAddress')}</dt>
              <dd>
                <Address account={identifier} />
              </dd>
            </>
          )}
          {read !== null && read.addresses.length > 0 && (
            <>
              <dt>{t('inboxAddressesIn')}</dt>
              <dd class="inbox-addresses">
                {read.addresses.map((address) => (
                  <Address key={address} account={address} />
                ))}
              </dd>
            </>
          )}
          <dt>{t('inboxApps')}</dt>
          <dd>
            <Meter
              words={t('inboxMeterApps', installations, inboxBounds.installations)}
              count={installations}
              most={inboxBounds.installations}
              full={t('inboxFull')}
            />
          </dd>
          <dt>{t('inboxChanges')}</dt>
          <dd>
            <Meter
              words={t('inboxMeterChanges', updates, inboxBounds.updates)}
              count={updates}
              most={inboxBounds.updates}
              full={t('inboxUsedUp')}
            />
          </dd>
        </dl>
        <div class="row apart">
          <p class="grow small soft">{t(countedBy(inbox))}</p>
          <Button
            testId="inbox-correct"
            look="quiet"
            label={t('inboxCorrectLabel', called)}
            onPress={() => setDialog('counts')}
          >
            {t('inboxCorrect')}
          </Button>
        </div>
        <AppsLetIn granted={inbox.granted} gone={read?.gone ?? []} />
      </div>
      <ReadPart {...{ safeId, inbox, called, node, onChanged }} />
      {(isMarked || role !== 'recovery') && (
        <Choice
          testId="inbox-recovery"
          type="checkbox"
          name={`recovery ${inboxId}`}
          isChosen={wish ?? isMarked}
          onChoose={mark}
        >
          <p>{t('inboxIsRecovery')}</p>
          <p class="small soft">{t('inboxIsRecoveryMeaning')}</p>
        </Choice>
      )}
      {call.error !== undefined && (
        <div class="card-body">
          <Failure error={call.error} />
        </div>
      )}
      <div class="card-body inbox-more">
        <TextsSigned texts={inbox.texts} />
        <HowToUndo inbox={inbox} />
      </div>
      {dialog === 'name' && <NameDialog safeId={safeId} inbox={inbox} onClose={close} />}
      {dialog === 'counts' && <CountsDialog safeId={safeId} inbox={inbox} onClose={close} />}
    </section>
  );
}
