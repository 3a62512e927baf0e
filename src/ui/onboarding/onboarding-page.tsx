// Onboarding: three ways to an identity (new keys, keys from the network, keys from a file), one calm step at a time.
// Promises: where a draft stands comes from the worker, so a reload or a killed worker continues at the same step; every step says what
// it is for. Must not: hold a key, or keep the recovery code after it was confirmed.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { EnrolmentSource } from '../../contract/choices';
import type { EnrolmentState } from '../../contract/pages/enrolment';
import type { WalletChoice } from '../../contract/schemas';
import { NetworkCopy } from '../network/network-copy';
import { Brand, type PageProps } from '../parts/page';
import { t, type MessageKey } from '../text';
import { AccountStep } from './choose/account-step';
import { EnrolStep } from './make/enrol-step';
import { FileStep } from './choose/file-step';
import { FoundStep } from './choose/found-step';
import { LookStep } from './choose/look-step';
import { NodeStep } from './choose/node-step';
import { OpenStep } from './choose/open-step';
import {
  afterLook,
  firstPlace,
  foundKind,
  nothingPlanned,
  planOf,
  stepNumber,
  stepWords,
  type Place,
  type Plan,
} from './choose/plan';
import { ReadyStep } from './make/ready-step';
import { ReplaceStep } from './choose/replace-step';
import { UnsteadyStep } from './choose/unsteady-step';
import { WalletStep } from '../signing/wallet-step';
import { WelcomeStep } from './choose/welcome-step';

function Steps({ words, at }: { words: readonly MessageKey[]; at: number }) {
  return (
    <ol class="steps" aria-label={t('stepsLabel')} data-count={words.length}>
      {words.map((key, index) => (
        <li key={key} class={index < at ? 'past' : ''} aria-current={index === at ? 'step' : undefined}>
          {t(key)}
        </li>
      ))}
    </ol>
  );
}

export function OnboardingPage({ state, reading }: PageProps) {
  const [{ place, plan }, setNow] = useState<{ place: Place; plan: Plan }>({
    place: { step: 'welcome' },
    plan: nothingPlanned,
  });
  /** Files that were given together and not brought in yet, and the one that is brought in now. Handles, not bytes. */
  const [files, setFiles] = useState<{ waiting: readonly File[]; taken?: File }>({ waiting: [] });
  const main = useRef<HTMLElement>(null);
  const at = stepNumber(place, plan.source);
  const step = place.step === 'enrol' ? place.enrolment.step : place.step;
  const isLocked = place.step === 'enrol' && place.enrolment.locked;
  const placeKey = `${step} ${isLocked}`;
  const wasAt = useRef(placeKey);
  useEffect(() => {
    if (wasAt.current === placeKey) return;
    wasAt.current = placeKey;
    // A screen reader and the keyboard start each step at its heading.
    // A field that is to be typed into has the focus already.
    if (!(document.activeElement instanceof HTMLInputElement)) main.current?.querySelector('h1')?.focus();
    window.scrollTo(0, 0);
  }, [placeKey]);

  const go = (next: Place, change: Partial<Plan> = {}) =>
    setNow((now) => ({ place: next, plan: { ...now.plan, ...change } }));
  const start = (source: EnrolmentSource, onNetwork = source === 'network') =>
    setNow({
      place: firstPlace(source, onNetwork && !state.settings.environment),
      plan: { ...nothingPlanned, source },
    });
  const resume = (draft: EnrolmentState) => setNow({ place: { step: 'enrol', enrolment: draft }, plan: planOf(draft) });
  const goEnrol = (enrolment: EnrolmentState) =>
    go({ step: 'enrol', enrolment }, { draft: enrolment, source: enrolment.source });
  const open = (decided?: EnrolmentState['first']): Place => ({ step: 'open', decided });
  const { source, account = '', name = '' } = plan;

  const onWallet = (wallet: WalletChoice, accounts: string[]) =>
    go(source === 'backup' ? open('wallet') : { step: 'account' }, { wallet, accounts });
  const onAccount = (chosen: string, called: string, first: EnrolmentState['first']) => {
    const { look: _look, copyId: _copyId, ...kept } = plan;
    setNow({
      place: state.settings.environment ? { step: 'look' } : open(first),
      plan: { ...kept, account: chosen, name: called, first },
    });
  };
  const backFromOpen = (): Place => {
    if (source === 'backup') return { step: 'file' };
    return { step: plan.look && (source === 'network' || foundKind(plan.look) !== 'nothing') ? 'found' : 'account' };
  };

  return (
    <div class="onboarding">
      <header class="onboarding-head">
        <Brand />
        {at !== undefined && <Steps words={stepWords(source)} at={at} />}
      </header>
      <main ref={main} data-testid="onboarding" data-step={step} data-source={source} data-locked={isLocked}>
        {place.step === 'welcome' && (
          <WelcomeStep state={state} onStart={start} onContinue={resume} onTryAgain={() => void reading.refresh()} />
        )}
        {place.step === 'node' && (
          <NodeStep
            source={source}
            settings={state.settings}
            onKept={() => go({ step: 'wallet' })}
            onBack={() => go({ step: 'welcome' })}
          />
        )}
        {place.step === 'file' && (
          <FileStep
            opened={plan.backup}
            onOpened={(backup) => {
              const { backup: _backup, ...kept } = plan;
              setNow({ place, plan: backup ? { ...kept, backup } : kept });
            }}
            onContinue={() =>
              go(
                open(),
                plan.backup
                  ? {
                      account: plan.backup.preview.account,
                      name: plan.backup.preview.name || t('identityNumber', state.identities.length + 1),
                    }
                  : {},
              )
            }
            onBack={() => go({ step: 'welcome' })}
            waiting={files.waiting}
            onWaiting={(waiting) => setFiles({ waiting })}
            onTaken={(taken) => setFiles(({ waiting }) => ({ waiting, taken }))}
          />
        )}
        {place.step === 'wallet' && (
          <WalletStep
            only={source === 'backup' ? { account, name } : undefined}
            onWallet={onWallet}
            onBack={() => go(source === 'backup' ? open() : { step: 'welcome' })}
          />
        )}
        {place.step === 'account' && plan.wallet && (
          <AccountStep
            state={state}
            wallet={plan.wallet}
            accounts={plan.accounts}
            before={plan}
            onBack={() => go({ step: 'wallet' })}
            onAccount={onAccount}
          />
        )}
        {place.step === 'look' && (
          <LookStep
            account={account}
            name={name}
            onLook={(look) => go(afterLook(plan, look), { look })}
            onBack={() => go({ step: 'account' })}
            onWithout={source === 'new' ? () => go(open(plan.first)) : undefined}
          />
        )}
        {place.step === 'found' && plan.look && (
          <FoundStep
            account={account}
            name={name}
            look={plan.look}
            copyId={plan.copyId}
            onCopy={(copyId) => go(place, { copyId })}
            onLook={(look) => go(place, { look })}
            onBring={() => go(open(plan.first), { source: 'network' })}
            onNew={() => go(open(plan.first), { source: 'new' })}
            onReplace={() => go({ step: 'replace' })}
            onFile={() => start('backup')}
            onLookAgain={() => go({ step: 'look' })}
            onBack={() => go({ step: 'account' })}
          />
        )}
        {place.step === 'replace' && (
          <ReplaceStep
            account={account}
            name={name}
            draftId={plan.draft?.safeId}
            onConfirmed={() => {
              const { draft: _draft, ...kept } = plan;
              setNow({ place: open(plan.first), plan: { ...kept, source: 'new' } });
            }}
            onBack={() => go(plan.draft ? { step: 'enrol', enrolment: plan.draft } : { step: 'found' })}
          />
        )}
        {place.step === 'open' && (
          <OpenStep
            key={place.decided ?? 'open'}
            plan={{ ...plan, account, name }}
            decided={place.decided}
            onNeedsWallet={() => go({ step: 'wallet' })}
            onBegun={goEnrol}
            onBack={() => go(backFromOpen())}
          />
        )}
        {place.step === 'enrol' && (
          <EnrolStep
            enrolment={place.enrolment}
            look={plan.look}
            copyId={plan.copyId}
            given={plan.backup?.given}
            onLook={(look) => go(place, { look })}
            onEnrolment={goEnrol}
            onReplace={() => go({ step: 'replace' })}
            onUnsteady={() => go({ step: 'unsteady' })}
            onDiscarded={() => start(source)}
            onReady={(identity) => {
              setFiles(({ waiting, taken }) => ({ waiting: waiting.filter((file) => file !== taken) }));
              setNow({
                place: { step: 'ready', identity, first: place.enrolment.first },
                plan: { source, accounts: [] },
              });
            }}
          />
        )}
        {place.step === 'unsteady' && (
          <UnsteadyStep onPassphrase={() => go(open('passphrase'))} onRestart={() => start(source)} />
        )}
        {place.step === 'ready' && (
          <ReadyStep
            identity={place.identity}
            first={place.first}
            state={state}
            onCopy={() => go({ ...place, step: 'copy' })}
            isFromFile={source === 'backup'}
            onNextFile={files.waiting.length > 0 ? () => start('backup') : undefined}
          />
        )}
        {place.step === 'copy' && place.identity.account !== null && (
          <NetworkCopy
            safeId={place.identity.safeId}
            account={place.identity.account}
            wallet={place.identity.wallet ?? { kind: 'manual' }}
            nodeUrl={state.settings.environment?.url}
            onState={() => undefined}
            onBack={() => go({ ...place, step: 'ready' })}
          />
        )}
      </main>
    </div>
  );
}
