// Onboarding: welcome, wallet, account, three signatures, recovery code, ready.
// Promises: where the person is comes from the worker's draft, so a reload or a killed worker continues at the same step; every step
// says what it is for. Must not: hold a key, or keep the recovery code after it was confirmed.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { EnrolmentState, IdentitySummary, WalletChoice } from '../../contract/internal';
import { Brand, type PageProps } from '../page';
import { t, type MessageKey } from '../text';
import { AccountStep } from './account-step';
import { CodeStep } from './code-step';
import { KeysStep } from './keys-step';
import { ReadyStep } from './ready-step';
import { UnsteadyStep } from './unsteady-step';
import { WalletStep } from './wallet-step';
import { WelcomeStep } from './welcome-step';

type Place =
  | { step: 'welcome' }
  | { step: 'wallet' }
  | { step: 'account'; wallet: WalletChoice; accounts: string[] }
  | { step: 'enrol'; enrolment: EnrolmentState }
  | { step: 'unsteady' }
  | { step: 'ready'; identity: IdentitySummary };

const steps: readonly MessageKey[] = ['stepWallet', 'stepAccount', 'stepKeys', 'stepCode'];

function stepNumber(place: Place): number | undefined {
  switch (place.step) {
    case 'welcome':
    case 'unsteady':
      return undefined;
    case 'wallet':
      return 0;
    case 'account':
      return 1;
    case 'enrol':
      return place.enrolment.step === 'code' && !place.enrolment.locked ? 3 : 2;
    case 'ready':
      return steps.length;
  }
}

function Steps({ at }: { at: number }) {
  return (
    <ol class="steps" aria-label={t('stepsLabel')}>
      {steps.map((key, index) => (
        <li key={key} class={index < at ? 'past' : ''} aria-current={index === at ? 'step' : undefined}>
          {t(key)}
        </li>
      ))}
    </ol>
  );
}

export function OnboardingPage({ state, reading }: PageProps) {
  const [place, setPlace] = useState<Place>({ step: 'welcome' });
  const main = useRef<HTMLElement>(null);
  const at = stepNumber(place);
  const step = place.step === 'enrol' ? place.enrolment.step : place.step;
  const isLocked = place.step === 'enrol' && place.enrolment.locked;
  const placeKey = `${step} ${isLocked}`;
  const wasAt = useRef(placeKey);
  useEffect(() => {
    if (wasAt.current === placeKey) return;
    wasAt.current = placeKey;
    // A screen reader and the keyboard start each step at its heading.
    main.current?.querySelector('h1')?.focus();
    window.scrollTo(0, 0);
  }, [placeKey]);

  const goEnrol = (enrolment: EnrolmentState) => setPlace({ step: 'enrol', enrolment });
  const restart = () => setPlace({ step: 'wallet' });
  return (
    <div class="onboarding">
      <header class="onboarding-head">
        <Brand />
        {at !== undefined && <Steps at={at} />}
      </header>
      <main ref={main} data-testid="onboarding" data-step={step} data-locked={isLocked}>
        {place.step === 'welcome' && <WelcomeStep state={state} onStart={restart} onContinue={goEnrol} onTryAgain={() => void reading.refresh()} />}
        {place.step === 'wallet' && <WalletStep onWallet={(wallet, accounts) => setPlace({ step: 'account', wallet, accounts })} />}
        {place.step === 'account' && <AccountStep state={state} wallet={place.wallet} accounts={place.accounts} onBack={restart} onBegun={goEnrol} />}
        {place.step === 'enrol' && at === 2 && <KeysStep enrolment={place.enrolment} onEnrolment={goEnrol} onUnsteady={() => setPlace({ step: 'unsteady' })} onDiscarded={restart} />}
        {place.step === 'enrol' && at === 3 && <CodeStep enrolment={place.enrolment} onEnrolment={goEnrol} onReady={(identity) => setPlace({ step: 'ready', identity })} />}
        {place.step === 'unsteady' && <UnsteadyStep onRestart={restart} />}
        {place.step === 'ready' && <ReadyStep identity={place.identity} />}
      </main>
    </div>
  );
}
