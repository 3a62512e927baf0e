// Gives a name to an account of somebody else, changes it, or takes it away; or adds somebody by their address.
// Promises: the whole address stands above the name; an address is taken in any spelling, and one whose capitals do not fit is pointed out.
// Must not: take a name from anywhere but the person's own typing.
import { useState } from 'preact/hooks';
import { nameLength } from '../../contract/limits';
import { pastedLine, pastedName } from '../../contract/paste';
import { readAddress } from '../../protocol/base/address';
import type { WhoIs } from '../people';
import { rich, t } from '../text';
import { ask } from '../worker/calls';
import { useCall } from '../worker/use-call';
import { Failure } from './failure';
import { Button } from './form/button';
import { Dialog } from './form/dialog';
import { Choice, TextField } from './form/field';
import { Notice } from './notice';
import { DappText } from './shown/dapp-text';
import { Digits } from './shown/digits';
import { IdentityPicture } from './shown/identity-picture';

interface PersonDialogProps {
  safeId: string;
  /** Absent: somebody who is not in the book yet, by their address. */
  account?: string;
  whoIs: WhoIs;
  onClose: () => void;
}

export function PersonDialog({ safeId, account: given, whoIs, onClose }: PersonDialogProps) {
  const [name, setName] = useState((given !== undefined && whoIs(given)?.name) || '');
  const [typed, setTyped] = useState('');
  const [sureOf, setSureOf] = useState<string>();
  const call = useCall();
  const read = given === undefined ? readAddress(pastedLine(typed)) : undefined;
  const account = given ?? read?.account;
  const isDoubtful = read?.checksum === 'differs';
  const isYou = account !== undefined && (whoIs(account)?.isYou ?? false);
  const known = account === undefined || isYou ? undefined : whoIs(account);
  const wanted = pastedName(name);
  const isNamed = wanted !== '' && wanted.length <= nameLength;
  const isReady = account !== undefined && !isYou && isNamed && (!isDoubtful || sureOf === account) && !call.isBusy;
  const save = (next: string) => {
    if (account !== undefined) call.run(() => ask('people_name', { safeId, account, name: next }), onClose);
  };
  return (
    <Dialog
      title={t(given === undefined ? 'personAddTitle' : known ? 'personRenameTitle' : 'personNameTitle')}
      onClose={onClose}
    >
      <form
        class="stack"
        data-testid="person-dialog"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) save(wanted);
        }}
      >
        {given === undefined ? (
          <>
            <TextField
              testId="person-account"
              label={t('accountAddress')}
              error={isYou ? t('personIsYou') : typed.trim() !== '' && !read ? t('addressWrong') : undefined}
              hint={known && rich('personIsNamed', <DappText text={known.name} />)}
              value={typed}
              onValue={setTyped}
              longest={200}
              placeholder="0x…"
              isFocusedFirst
              isMono
            />
            {isDoubtful && account !== undefined && !isYou && (
              <Notice title={t('personDoubtTitle')} testId="person-doubt">
                <div class="stack tight">
                  <p>{rich('personDoubt', <Digits digits={account} />)}</p>
                  <Choice
                    testId="person-sure"
                    type="checkbox"
                    name="person-sure"
                    isChosen={sureOf === account}
                    onChoose={(chosen) => setSureOf(chosen ? account : undefined)}
                  >
                    {t('personSure')}
                  </Choice>
                </div>
              </Notice>
            )}
          </>
        ) : (
          <div class="row">
            <IdentityPicture account={given} size={32} />
            <span class="mono small grow" dir="ltr">
              <Digits digits={given} />
            </span>
          </div>
        )}
        <TextField
          testId="person-name"
          label={t('accountName')}
          hint={t('personNameHint')}
          value={name}
          onValue={setName}
          longest={nameLength}
          isFocusedFirst={given !== undefined}
        />
        {call.error !== undefined && <Failure error={call.error} />}
        <div class="dialog-actions">
          {given !== undefined && known && (
            <Button testId="person-remove" look="quiet" isOff={call.isBusy} onPress={() => save('')}>
              {t('personRemove')}
            </Button>
          )}
          <Button testId="person-cancel" onPress={onClose}>
            {t('cancel')}
          </Button>
          <Button testId="person-save" look="primary" type="submit" isOff={!isReady}>
            {t('save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
