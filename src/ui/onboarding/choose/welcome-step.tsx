// The first words: what this is, and the ways in; and the way back into an unfinished set-up.
// Promises: whether others can write to new keys is asked in words, with what it means, and nothing is chosen beforehand; one press
// answers and goes on.
import { useState } from 'preact/hooks';
import type { EnrolmentSource } from '../../../contract/choices';
import type { EnrolmentState } from '../../../contract/pages/enrolment';
import type { VaultState } from '../../../contract/pages/identity';
import { NetworkSetting, networkWords } from '../../network/network-setting';
import { Button } from '../../parts/form/button';
import { Disclosure } from '../../parts/form/field';
import { Drawing, Icon, type IconName } from '../../parts/icon';
import { openPage } from '../../tabs';
import { t, type MessageKey } from '../../text';
import { DamagedPanel } from '../../parts/damaged-panel';
import { DraftCard } from './draft-card';
import { StepHead } from '../../parts/step-head';

const promises: readonly [IconName, MessageKey, MessageKey][] = [
  ['lock', 'promiseSealedTitle', 'promiseSealed'],
  ['person', 'promiseAskedTitle', 'promiseAsked'],
  ['note', 'promiseWalletTitle', 'promiseWallet'],
];
/** `new`: others can write to it; `alone`: for signatures in this browser. */
type WayId = 'new' | 'alone' | 'network' | 'backup' | 'old-keys';

interface WelcomeStepProps {
  state: VaultState;
  /** `onNetwork`: this way goes through a node. */
  onStart: (source: EnrolmentSource, onNetwork: boolean) => void;
  onContinue: (enrolment: EnrolmentState) => void;
  onTryAgain: () => void;
}

export function WelcomeStep({ state, onStart, onContinue, onTryAgain }: WelcomeStepProps) {
  const [isStartingAnother, setStartingAnother] = useState(false);
  // What cannot be read may hold an identity: nothing new is offered in its place (R-H4).
  if (state.status === 'damaged' && state.identities.length === 0) return <DamagedPanel onTryAgain={onTryAgain} />;
  const drafts = state.identities.filter(({ status }) => status === 'enrolling');
  if (drafts.length > 0 && !isStartingAnother) {
    return (
      <div class="stack loose">
        <StepHead title={t('draftTitle')} />
        {drafts.map((draft) => (
          <DraftCard key={draft.safeId} draft={draft} onContinue={onContinue} />
        ))}
        <div>
          <Button testId="onboarding-another" look="quiet" onPress={() => setStartingAnother(true)}>
            {t('startAnother')}
          </Button>
        </div>
      </div>
    );
  }
  return <Ways state={state} isAnother={isStartingAnother} onStart={onStart} />;
}

function Way({ way, title, meaning, onPress }: { way: WayId; title: string; meaning: string; onPress: () => void }) {
  return (
    <li>
      <button type="button" class="way" data-testid={`way-${way}`} onClick={onPress}>
        <span class="grow">
          <span class="way-title">{title}</span>
          <span class="small soft">{meaning}</span>
        </span>
        <Icon name="chevron" />
      </button>
    </li>
  );
}

function Ways({
  state,
  isAnother,
  onStart,
}: {
  state: VaultState;
  isAnother: boolean;
  onStart: WelcomeStepProps['onStart'];
}) {
  const { environment } = state.settings;
  const isFirst = state.identities.every(({ status }) => status === 'enrolling');
  return (
    <div class="stack loose">
      {isFirst && <Drawing name="safe" />}
      <StepHead title={t(isFirst ? 'welcomeTitle' : 'welcomeAnotherTitle')} takesFocus={isAnother}>
        {t(isFirst ? 'welcomeBody' : 'welcomeAnotherBody')}
      </StepHead>
      {isFirst && (
        <ul class="promises">
          {promises.map(([icon, title, body]) => (
            <li key={title}>
              <Icon name={icon} />
              <div>
                <h2>{t(title)}</h2>
                <p class="soft">{t(body)}</p>
              </div>
            </li>
          ))}
        </ul>
      )}
      <section class="stack tight">
        <h2>{t('waysNew')}</h2>
        <ul class="card ways">
          {environment ? (
            <Way
              way="new"
              title={t('wayNew')}
              meaning={t('wayNewThrough', networkWords(environment))}
              onPress={() => onStart('new', true)}
            />
          ) : (
            <>
              <Way
                way="new"
                title={t('wayReachable')}
                meaning={t('wayReachableMeaning')}
                onPress={() => onStart('new', true)}
              />
              <Way
                way="alone"
                title={t('wayAlone')}
                meaning={t('wayAloneMeaning')}
                onPress={() => onStart('new', false)}
              />
            </>
          )}
        </ul>
      </section>
      <section class="stack tight">
        <h2>{t('waysKnown')}</h2>
        <ul class="card ways">
          <Way
            way="network"
            title={t('wayNetwork')}
            meaning={t('wayNetworkMeaning')}
            onPress={() => onStart('network', true)}
          />
          <Way
            way="backup"
            title={t('wayBackup')}
            meaning={t('wayBackupMeaning')}
            onPress={() => onStart('backup', false)}
          />
          <Way
            way="old-keys"
            title={t('wayOldKeys')}
            meaning={t('wayOldKeysMeaning')}
            onPress={() => onStart('backup', false)}
          />
        </ul>
      </section>
      {isFirst && <p class="small soft">{t('welcomeNeeds')}</p>}
      {environment && (
        <Disclosure testId="welcome-network" label={t('networkIs', networkWords(environment))}>
          <NetworkSetting key={environment.url} settings={state.settings} />
        </Disclosure>
      )}
      {!isFirst && (
        <div>
          <Button testId="onboarding-open-vault" look="quiet" onPress={() => void openPage('vault')}>
            {t('openVault')}
          </Button>
        </div>
      )}
    </div>
  );
}
