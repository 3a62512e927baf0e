// A site wants a signature: what for, over what, with which identity, and whether to be asked again.
// Promises: a text longer than 2 KiB must be opened before it can be approved, and opening it arms the button anew. Others that wait are answered with it
// only when the person had them listed, each with all of its text; what comes after that waits for the next card.
import { useState } from 'preact/hooks';
import type { ShownCard, ShownRequest } from '../../../contract/pages/approvals';
import { DappText } from '../../parts/shown/dapp-text';
import { Button } from '../../parts/form/button';
import { Select } from '../../parts/form/field';
import { Identity, Status } from '../../parts/shown/identity';
import { isLongPayload, Payload } from '../../parts/shown/payload';
import { plural, t } from '../../text';
import { AnswerOrUnlock } from './answer-or-unlock';
import { CardLayout } from './card-frame';
import type { CardProps } from './card-props';

type SignRequest = Extract<ShownRequest, { kind: 'sign' }>;
type SignProps = CardProps & { shown: SignRequest };
type Remember = 'ask' | 'until-locked' | '1h' | '1d';

/** One signature: what for, and over what. */
function Signed({ shown, isWhole, onOpened }: { shown: SignRequest; isWhole: boolean; onOpened: () => void }) {
  const mustOpen = isLongPayload(shown.payload) && !isWhole;
  return (
    <>
      <div class="stack tight">
        <h2 class="label">{t('purpose')}</h2>
        <p class="purpose" data-testid="approval-purpose">
          <DappText text={shown.purpose} />
        </p>
      </div>
      <Payload payload={shown.payload} isWhole={isWhole} onOpened={onOpened} />
      {mustOpen && <p class="small soft">{t('openFirst')}</p>}
    </>
  );
}

interface Listed {
  card: ShownCard;
  shown: SignRequest;
}

/** The signatures that wait with this one: their number, until the person has them listed; then each as it is. */
function OthersThatWait({
  listed,
  waiting,
  opened,
  onList,
  onOpened,
}: {
  listed: readonly Listed[];
  waiting: number;
  opened: ReadonlySet<string>;
  onList: (isListed: boolean) => void;
  onOpened: (id: string) => void;
}) {
  return (
    <section class="stack" data-testid="approval-others" data-listed={listed.length} data-waiting={waiting}>
      {listed.map(({ card, shown }, at) => (
        <div key={card.id} class="stack listed" data-testid="approval-listed">
          <h2 class="small soft">{t('counter', at + 2, listed.length + 1)}</h2>
          <Signed shown={shown} isWhole={opened.has(card.id)} onOpened={() => onOpened(card.id)} />
        </div>
      ))}
      <div class="row apart wrap">
        {waiting > 0 && (
          <Button testId="approval-list-others" compact onPress={() => onList(true)}>
            {listed.length === 0
              ? plural('listOthersOne', 'listOthersOther', waiting)
              : plural('listMoreOne', 'listMoreOther', waiting)}
          </Button>
        )}
        {listed.length > 0 && (
          <Button testId="approval-only-first" look="quiet" compact onPress={() => onList(false)}>
            {t('onlyTheFirst')}
          </Button>
        )}
      </div>
    </section>
  );
}

const signatureIn = (card: ShownCard): Listed[] => (card.shown.kind === 'sign' ? [{ card, shown: card.shown }] : []);

export function SignCard({ card, state, shown, alsoWaiting, isBusy, isGone, onDecide, onUnlock }: SignProps) {
  const { safeId, account } = shown;
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [listed, setListed] = useState<readonly Listed[]>([]);
  const [remember, setRemember] = useState<Remember>('ask');
  const identity = state.identities.find((one) => one.safeId === safeId);
  const sameKind = alsoWaiting.flatMap(signatureIn).filter((one) => one.shown.safeId === safeId);
  const isListed = ({ card: { id } }: Listed) => listed.some((one) => one.card.id === id);
  const open = (id: string) => setOpened(new Set([...opened, id]));
  const all = [{ card, shown }, ...listed];
  const mustOpen = all.some((one) => isLongPayload(one.shown.payload) && !opened.has(one.card.id));
  const decide: CardProps['onDecide'] = (decision) =>
    onDecide(
      decision,
      listed.map((one) => one.card),
    );
  const approve = () => decide(remember === 'ask' ? { kind: 'sign' } : { kind: 'sign', remember });
  const answers = (
    <AnswerOrUnlock
      {...{ card, isGone, isBusy, onUnlock, safeId, identity }}
      onDecide={decide}
      count={all.length}
      shownDetail={[...all.map((one) => one.card.nonce), ...opened].join()}
      blockedBecause={mustOpen ? t('openFirst') : undefined}
      onApprove={approve}
    />
  );
  const facts = (
    <>
      <dt>{t('detailAccount')}</dt>
      <dd class="mono">{account}</dd>
    </>
  );
  return (
    <CardLayout sentence={t('wantsSignature')} facts={facts} answers={answers}>
      <Signed shown={shown} isWhole={opened.has(card.id)} onOpened={() => open(card.id)} />
      {(sameKind.length > 0 || listed.length > 0) && (
        <OthersThatWait
          {...{ listed, opened }}
          waiting={sameKind.filter((one) => !isListed(one)).length}
          onList={(isWanted) => setListed(isWanted ? [...listed, ...sameKind.filter((one) => !isListed(one))] : [])}
          onOpened={open}
        />
      )}
      <div class="stack tight">
        <h2 class="label">{t('signAs')}</h2>
        <div class="card">
          <div class="card-row" data-testid="approval-identity">
            <Identity name={identity?.name ?? ''} account={account} size={32} canCopy={false}>
              {identity && <Status status={identity.status} />}
            </Identity>
          </div>
        </div>
      </div>
      <Select<Remember>
        testId="approval-remember"
        label={t('nextTime')}
        value={remember}
        options={[
          { value: 'ask', words: t('rememberAsk') },
          { value: 'until-locked', words: t('rememberUntilLocked') },
          { value: '1h', words: t('remember1h') },
          { value: '1d', words: t('remember1d') },
        ]}
        onValue={setRemember}
      />
      {remember !== 'ask' && <p class="small soft">{t('rememberMeaning')}</p>}
    </CardLayout>
  );
}
