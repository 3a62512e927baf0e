// The unlock page: one identity, opened in one of the ways its safe has.
// Promises: unlocking decides no request (R-C9); success is said, then the page closes itself. The identity is the one named behind "#"
// in the address (its id is not secret), else the first locked one.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { IdentitySummary } from '../../contract/pages/identity';
import { OwnPhraseStrip } from '../parts/own-phrase';
import { Brand, type PageProps } from '../parts/page';
import { Button } from '../parts/form/button';
import { Choice } from '../parts/form/field';
import { Identity, Status } from '../parts/shown/identity';
import { Notice } from '../parts/notice';
import { closePage } from '../tabs';
import { t } from '../text';
import { useVault } from '../worker/calls';
import { Ways } from './ways';

/** How long the success is shown before the page closes. */
const goodbyeMs = 900;

function namedInAddress(): string | undefined {
  const safeId = location.hash.slice(1);
  return /^[0-9a-f]{32}$/.test(safeId) ? safeId : undefined;
}

export function UnlockPage({ state }: PageProps) {
  const [wantedId, setWantedId] = useState(namedInAddress);
  const [doneId, setDoneId] = useState<string>();
  const own = useVault('ownPhrase_get', {}, 'state');
  useEffect(() => {
    const follow = () => setWantedId(namedInAddress());
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);

  const closed = state.identities.filter(({ status }) => status === 'locked' || status === 'damaged');
  const wanted = state.identities.find(({ safeId }) => safeId === wantedId);
  const identity =
    doneId === undefined ? (wanted ?? closed[0]) : state.identities.find(({ safeId }) => safeId === doneId);
  // Unlocked here or elsewhere: there is nothing left to do.
  const isDone = doneId !== undefined || identity === undefined || identity.status === 'unlocked';
  const wasLocked = useRef(false);
  if (!isDone) wasLocked.current = true;
  const isGoodbye = isDone && wasLocked.current;
  useEffect(() => {
    if (!isGoodbye) return undefined;
    const timer = setTimeout(closePage, goodbyeMs);
    return () => clearTimeout(timer);
  }, [isGoodbye]);

  // The phrase first: it is not to come when the ways below it are there to be pressed.
  if (own.value === undefined && !own.error) return null;
  return (
    <div class="unlock">
      <header class="stack">
        <OwnPhraseStrip own={own.value} />
        <Brand />
      </header>
      <main data-testid="unlock" data-done={isDone}>
        {isDone ? (
          <Done
            identity={identity}
            isGoodbye={isGoodbye}
            isStoreDamaged={state.status === 'damaged' && state.identities.length === 0}
          />
        ) : (
          <div class="stack loose">
            <h1>{t('unlockTitle')}</h1>
            <Chooser closed={closed} identity={identity} onChoose={setWantedId} />
            <Ways key={identity.safeId} safeId={identity.safeId} onUnlocked={() => setDoneId(identity.safeId)} />
          </div>
        )}
      </main>
    </div>
  );
}

function Chooser({
  closed,
  identity,
  onChoose,
}: {
  closed: readonly IdentitySummary[];
  identity: IdentitySummary;
  onChoose: (safeId: string) => void;
}) {
  if (closed.length < 2) {
    return (
      <div class="card">
        <div class="card-row" data-testid="unlock-identity">
          <Identity name={identity.name} account={identity.account} canCopy={false}>
            <Status status={identity.status} />
          </Identity>
        </div>
      </div>
    );
  }
  return (
    <fieldset>
      <legend class="visually-hidden">{t('whichIdentity')}</legend>
      <div class="card">
        {closed.map((one) => (
          <Choice
            key={one.safeId}
            testId="unlock-identity"
            type="radio"
            name="identity"
            isCentred
            isChosen={one.safeId === identity.safeId}
            onChoose={() => onChoose(one.safeId)}
          >
            <Identity name={one.name} account={one.account} canCopy={false}>
              <Status status={one.status} />
            </Identity>
          </Choice>
        ))}
      </div>
    </fieldset>
  );
}

function Done({
  identity,
  isGoodbye,
  isStoreDamaged,
}: {
  identity: IdentitySummary | undefined;
  isGoodbye: boolean;
  isStoreDamaged: boolean;
}) {
  return (
    <div class="stack">
      {identity && <Identity name={identity.name} account={identity.account} canCopy={false} />}
      {isStoreDamaged ? (
        <Notice tone="danger" title={t('damagedStoreTitle')} isHeading>
          {t('damagedStoreBody')}
        </Notice>
      ) : (
        <Notice tone="good" title={identity ? t('unlockedTitle') : t('nothingLocked')} isHeading testId="unlock-done">
          {isGoodbye && t('unlockedBody')}
        </Notice>
      )}
      <div>
        <Button testId="unlock-close" onPress={closePage}>
          {t('close')}
        </Button>
      </div>
    </div>
  );
}
