// Chooses people for what a site may do: from the address book, and by address.
// Promises: a name stands beside its address; nobody is chosen beforehand but who was; where a site asked for some people only, only those are offered.
// Must not: give a name, or offer one that a site gave.
import { useState } from 'preact/hooks';
import type { IdentitySummary } from '../../contract/pages/identity';
import { mostNames } from '../../contract/scopes';
import { pastedLine } from '../../contract/paste';
import { readAddress } from '../../protocol/base/address';
import { shortAddress, wholeNumber } from '../format';
import { textLocale } from '../language/words';
import { Failure } from '../parts/failure';
import { Button } from '../parts/form/button';
import { Dialog } from '../parts/form/dialog';
import { Choice, TextField } from '../parts/form/field';
import { DappText } from '../parts/shown/dapp-text';
import { IdentityPicture } from '../parts/shown/identity-picture';
import { inOrderOfNames, offeredPeople, whoIsOf } from '../people';
import { t } from '../text';
import { useVault } from '../worker/calls';

/** From how many people on one can search, and how many are drawn at once. */
const searchFrom = 8;
const drawnAtMost = 50;

interface PickerProps {
  safeId: string;
  identities: readonly IdentitySummary[];
  chosen: readonly string[];
  /** Those that a site asked for; undefined: anybody. */
  within?: readonly string[] | undefined;
  onChosen: (peers: string[]) => void;
  onClose: () => void;
}

export function PeoplePicker({ safeId, identities, chosen, within, onChosen, onClose }: PickerProps) {
  const { value: book, error, refresh } = useVault('people_list', { safeId }, 'state');
  const [picked, setPicked] = useState<readonly string[]>(chosen);
  const [added, setAdded] = useState<readonly string[]>([]);
  const [sought, setSought] = useState('');
  const [typed, setTyped] = useState('');
  const whoIs = whoIsOf(identities, book ?? []);
  const all = offeredPeople(inOrderOfNames(book ?? [], textLocale()), [...chosen, ...added], within);
  const words = sought.trim().toLocaleLowerCase();
  const offered = all.filter(
    (account) =>
      words === '' ||
      `${account}\n${whoIs(account)?.name ?? ''}`.toLocaleLowerCase().includes(words) ||
      isIn(added, account),
  );
  const read = readAddress(pastedLine(typed));
  const isAddable = read !== undefined && read.checksum !== 'differs';
  const add = () => {
    if (!isAddable) return;
    if (!isIn(all, read.account)) setAdded([...added, read.account]);
    if (!isIn(picked, read.account)) setPicked([...picked, read.account]);
    setTyped('');
  };
  const isReady = picked.length > 0 && picked.length <= mostNames;
  return (
    <Dialog title={t('pickTitle')} onClose={onClose}>
      <form
        class="stack"
        data-testid="people-picker"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim() !== '') add();
          else if (isReady) onChosen([...picked]);
        }}
      >
        {error && <Failure error={error} onRetry={() => void refresh()} />}
        {all.length >= searchFrom && (
          <TextField testId="picker-search" label={t('peopleSearch')} value={sought} onValue={setSought} />
        )}
        {book && all.length === 0 && <p class="soft">{t('pickNobody')}</p>}
        {book && all.length > 0 && offered.length === 0 && <p class="soft">{t('peopleNotFound')}</p>}
        {offered.length > 0 && (
          <fieldset>
            <legend class="visually-hidden">{t('pickTitle')}</legend>
            <div class="card choices picker">
              {offered.slice(0, drawnAtMost).map((account) => {
                const known = whoIs(account);
                const name = known && (known.name || t('unnamedIdentity'));
                return (
                  <Choice
                    key={account}
                    testId={`picker-${account}`}
                    type="checkbox"
                    name="picker"
                    isCentred
                    isChosen={isIn(picked, account)}
                    onChoose={(isPicked) =>
                      setPicked(isPicked ? [...picked, account] : picked.filter((one) => !isSame(one, account)))
                    }
                  >
                    <span class="row">
                      <IdentityPicture account={account} size={24} />
                      <span class="grow">
                        {name !== undefined && (
                          <span class="peer-word one-line" title={name}>
                            <DappText text={name} />
                          </span>
                        )}
                        <bdi class="address small" dir="ltr" title={account}>
                          {shortAddress(account)}
                        </bdi>
                      </span>
                    </span>
                  </Choice>
                );
              })}
            </div>
          </fieldset>
        )}
        {offered.length > drawnAtMost && (
          <p class="small soft">{t('pickMore', wholeNumber(offered.length - drawnAtMost))}</p>
        )}
        {within === undefined && (
          <div class="picker-add">
            <TextField
              testId="picker-address"
              label={t('pickAddress')}
              error={typed.trim() !== '' && !isAddable ? t(read ? 'pickDoubt' : 'addressWrong') : undefined}
              value={typed}
              onValue={setTyped}
              longest={200}
              placeholder="0x…"
              isMono
            />
            <Button testId="picker-add" compact isOff={!isAddable} onPress={add}>
              {t('pickAdd')}
            </Button>
          </div>
        )}
        {picked.length > mostNames && <p class="small field-error">{t('pickTooMany', mostNames)}</p>}
        <div class="dialog-actions">
          <Button testId="picker-cancel" onPress={onClose}>
            {t('cancel')}
          </Button>
          <Button testId="picker-done" look="primary" isOff={!isReady} onPress={() => isReady && onChosen([...picked])}>
            {t('pickDone')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
const isIn = (all: readonly string[], account: string) => all.some((one) => isSame(one, account));
