// The address book of one identity: people by the names that the person gave them, each with picture and address.
// Promises: a name stands beside its address; says that names stay in this safe; ENS is asked about those that are shown, at a press only. Must not: offer a name that a site gave.
import { useState } from 'preact/hooks';
import type { VaultState } from '../../../contract/pages/identity';
import type { Person } from '../../../contract/pages/people';
import { mostPeople } from '../../../contract/limits';
import { wholeNumber } from '../../format';
import { textLocale } from '../../language/words';
import { found, inOrderOfNames, whoIsOf } from '../../people';
import { EnsLine } from '../../parts/ens/ens-line';
import type { EnsSays } from '../../parts/ens/says';
import { useEns } from '../../parts/ens/use-ens';
import { Failure } from '../../parts/failure';
import { Button } from '../../parts/form/button';
import { TextField } from '../../parts/form/field';
import { PersonDialog } from '../../parts/person-dialog';
import { DappText } from '../../parts/shown/dapp-text';
import { Address } from '../../parts/shown/identity';
import { IdentityPicture } from '../../parts/shown/identity-picture';
import { plural, t } from '../../text';
import { useVault } from '../../worker/calls';
import { Panel } from '../panel';
import type { TopicProps } from '../topic-props';

/** People that are shown before the person asks for the rest, and from how many on one can search. */
const shownFirst = 50;
const searchFrom = 8;

interface RowProps {
  person: Person;
  ens: EnsSays | undefined;
  onRename: () => void;
}

function Row({ person, ens, onRename }: RowProps) {
  const { account, name } = person;
  return (
    <li class="person" data-testid="person" data-account={account}>
      <IdentityPicture account={account} size={32} />
      <div class="identity-words">
        <p class="identity-name" title={name}>
          <span class="one-line">
            <DappText text={name} />
          </span>
        </p>
        <Address account={account} />
        <EnsLine says={ens} />
      </div>
      <Button testId="person-rename" look="quiet" compact label={t('personRenameLabel', name)} onPress={onRename}>
        {t('rename')}
      </Button>
    </li>
  );
}

export function PeopleTopic({ safeId }: TopicProps) {
  const { value: people, error, refresh } = useVault('people_list', { safeId }, 'state');
  const { value: state } = useVault('state_get', {}, 'state');
  const [dialog, setDialog] = useState<{ account?: string }>();
  const [sought, setSought] = useState('');
  const [isWhole, setWhole] = useState(false);
  const [asksEns, setAsksEns] = useState(false);
  const identities: VaultState['identities'] = state?.identities ?? [];
  const listed = found(inOrderOfNames(people ?? [], textLocale()), sought);
  const shown = isWhole ? listed : listed.slice(0, shownFirst);
  const ensNode = state?.settings.ensNode ?? null;
  const accounts = shown.map(({ account }) => account);
  const ens = useEns(asksEns ? ensNode : null, accounts, whoIsOf(identities, people ?? []));
  if (error) return <Failure error={error} onRetry={() => void refresh()} />;
  if (!people) return null;
  const add = (
    <Button testId="people-add" look={people.length === 0 ? 'primary' : 'plain'} onPress={() => setDialog({})}>
      {t('peopleAdd')}
    </Button>
  );
  return (
    <div class="stack" data-testid="people" data-people={people.length}>
      {people.length === 0 ? (
        <div class="card empty" data-testid="people-empty">
          <h2>{t('peopleEmptyTitle')}</h2>
          <p class="soft">{t('peopleMeaning')}</p>
          {add}
        </div>
      ) : (
        <Panel title={plural('named', people.length)} meaning={t('peopleMeaning')}>
          <div class="row wrap">
            {add}
            {ensNode !== null && !asksEns && (
              <Button testId="people-ask-ens" onPress={() => setAsksEns(true)}>
                {t('ensAsk')}
              </Button>
            )}
          </div>
          {people.length >= mostPeople && <p class="small soft">{t('peopleFull', wholeNumber(mostPeople))}</p>}
          {people.length >= searchFrom && (
            <TextField testId="people-search" label={t('peopleSearch')} value={sought} onValue={setSought} />
          )}
          {listed.length === 0 ? (
            <p class="soft">{t('peopleNotFound')}</p>
          ) : (
            <ul class="people">
              {shown.map((person) => (
                <Row
                  key={person.account}
                  person={person}
                  ens={ens(person.account)}
                  onRename={() => setDialog({ account: person.account })}
                />
              ))}
            </ul>
          )}
          {shown.length < listed.length && (
            <div>
              <Button testId="people-show-all" onPress={() => setWhole(true)}>
                {t('peopleShowAll', wholeNumber(listed.length))}
              </Button>
            </div>
          )}
        </Panel>
      )}
      {dialog && (
        <PersonDialog
          safeId={safeId}
          {...dialog}
          whoIs={whoIsOf(identities, people)}
          onClose={() => {
            setDialog(undefined);
            void refresh();
          }}
        />
      )}
    </div>
  );
}
