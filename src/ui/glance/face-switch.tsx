// The wallet face of the site in the tab: off, a wallet for XMTP only, or that and window.ethereum.
// Promises: off until a person switches it on; the browser is asked for this one host, after a press; it says that an open page keeps what it has.
// Must not: say that it is on before the worker has it.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import browser from 'webextension-polyfill';
import type { faceChoices } from '../../contract/choices';
import { hostPattern } from '../../contract/origins';
import { Failure } from '../parts/failure';
import { Button } from '../parts/form/button';
import { Choice } from '../parts/form/field';
import { Notice } from '../parts/notice';
import { reloadTab } from '../tabs';
import { t } from '../text';
import { ask, useVault } from '../worker/calls';
import { useCall } from '../worker/use-call';

type Face = (typeof faceChoices)[number];

async function turnOn(origin: string, face: Face): Promise<'done' | 'not-allowed'> {
  // First of all, while the press still counts as an act of a person: the browser asks for nothing without a person's act.
  const asked = browser.permissions
    .request({ permissions: ['scripting'], origins: [hostPattern(origin)] })
    .catch(() => false);
  // Said before the answer, too: the browser's question may close this popup, and the worker goes on with what was wished.
  if ((await ask('face_set', { origin, face })) === 'done') return 'done';
  const isDone = (await asked) && (await ask('face_set', { origin, face })) === 'done';
  if (!isDone) await ask('face_set', { origin, face: 'off' });
  return isDone ? 'done' : 'not-allowed';
}

/** What a press brought about. Scrolled to, since it appears below what was pressed. */
function Appearing({ children }: { children: ComponentChildren }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.scrollIntoView({ block: 'nearest' }), []);
  return (
    <div class="popup-face-new" ref={place}>
      {children}
    </div>
  );
}

export function FaceSwitch({ origin, tabId }: { origin: string; tabId: number }) {
  const { value: faces } = useVault('face_list', {}, 'state');
  const [isRefused, setRefused] = useState(false);
  const [isNew, setNew] = useState(false);
  const call = useCall();
  if (!faces) return null;
  const face = faces.find((one) => one.origin === origin);
  const isOff = call.isBusy || (__BROWSER__ === 'firefox' && new URL(origin).port !== '');
  const choose = (wanted: Face) => {
    setRefused(false);
    call.run(
      () => (wanted === 'off' ? ask('face_set', { origin, face: wanted }) : turnOn(origin, wanted)),
      (outcome) => {
        setRefused(outcome === 'not-allowed');
        setNew(outcome === 'done');
      },
    );
  };
  return (
    <div class="popup-face" data-testid="popup-face" data-face={face ? (face.standsIn ? 'stand-in' : 'wallet') : 'off'}>
      <Choice
        testId="popup-face-wallet"
        type="checkbox"
        name="face"
        isChosen={face !== undefined}
        isOff={isOff}
        onChoose={(isChosen) => choose(isChosen ? 'wallet' : 'off')}
      >
        <p>{t('faceSwitch')}</p>
        <p class="small soft">{t(isOff && !call.isBusy ? 'facePort' : 'faceMeaning')}</p>
      </Choice>
      {face && (
        <Choice
          testId="popup-face-stand-in"
          type="checkbox"
          name="stand-in"
          isChosen={face.standsIn}
          isOff={isOff}
          onChoose={(isChosen) => choose(isChosen ? 'stand-in' : 'wallet')}
        >
          <p>{t('faceStandIn')}</p>
          <p class="small soft">{t('faceStandInMeaning')}</p>
        </Choice>
      )}
      {isNew && (
        <Appearing>
          <div class="row apart">
            <p class="small soft grow" role="status">
              {t('faceWhen')}
            </p>
            <Button testId="popup-face-reload" compact onPress={() => void reloadTab(tabId).then(() => setNew(false))}>
              {t('faceReload')}
            </Button>
          </div>
        </Appearing>
      )}
      {isRefused && (
        <Appearing>
          <Notice title={t('faceNotAllowedTitle')}>{t('faceNotAllowed')}</Notice>
        </Appearing>
      )}
      {call.error !== undefined && <Failure error={call.error} />}
    </div>
  );
}
