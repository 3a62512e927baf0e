// The first words: what this is, the three ways in, and which network is asked; and the way back into an unfinished set-up.
// Promises: a way that needs the network does not begin before a node is set.
import { useState } from 'preact/hooks';
import type { EnrolmentSource } from '../../../contract/choices';
import type { EnrolmentState } from '../../../contract/pages/enrolment';
import type { VaultState } from '../../../contract/pages/identity';
import { NetworkSetting, networkWords } from '../../network/network-setting';
import { Button } from '../../parts/form/button';
import { Choice, Disclosure } from '../../parts/form/field';
import { Icon, type IconName } from '../../parts/icon';
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
const ways: readonly [EnrolmentSource, MessageKey, MessageKey][] = [
  ['new', 'wayNew', 'wayNewMeaning'],
  ['network', 'wayNetwork', 'wayNetworkMeaning'],
  ['backup', 'wayBackup', 'wayBackupMeaning'],
];

interface WelcomeStepProps {
  state: VaultState;
  onStart: (source: EnrolmentSource) => void;
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

function Ways({
  state,
  isAnother,
  onStart,
}: {
  state: VaultState;
  isAnother: boolean;
  onStart: (source: EnrolmentSource) => void;
}) {
  const [source, setSource] = useState<EnrolmentSource>('new');
  const { environment } = state.settings;
  const needsNetwork = source === 'network' && !environment;
  const isFirst = state.identities.every(({ status }) => status === 'enrolling');
  return (
    <div class="stack loose">
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
      <fieldset>
        <legend class="label">{t('ways')}</legend>
        <div class="card">
          {ways.map(([way, title, meaning]) => (
            <Choice
              key={way}
              testId={`way-${way}`}
              type="radio"
              name="way"
              isChosen={source === way}
              onChoose={() => setSource(way)}
            >
              <p>{t(title)}</p>
              <p class="small soft">{t(meaning)}</p>
            </Choice>
          ))}
        </div>
      </fieldset>
      {needsNetwork ? (
        <section class="stack tight">
          <h2>{t('networkWhich')}</h2>
          <NetworkSetting settings={state.settings} isNeeded />
        </section>
      ) : (
        <div class="row wrap">
          <Button testId="onboarding-start" look="primary" onPress={() => onStart(source)}>
            {t('continueWord')}
          </Button>
          {!isFirst && (
            <Button testId="onboarding-open-vault" look="quiet" onPress={() => void openPage('vault')}>
              {t('openVault')}
            </Button>
          )}
        </div>
      )}
      <div class="stack tight">
        {isFirst && !needsNetwork && (
          <p class="small soft">{t(source === 'backup' ? 'welcomeNeedsFile' : 'welcomeNeeds')}</p>
        )}
        {!needsNetwork && source !== 'backup' && (
          <Disclosure testId="welcome-network" label={t('networkIs', networkWords(environment))}>
            <NetworkSetting key={environment?.url ?? 'none'} settings={state.settings} />
          </Disclosure>
        )}
      </div>
    </div>
  );
}
