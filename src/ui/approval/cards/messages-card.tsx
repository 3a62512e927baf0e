// A site wants to read, write or manage messages: one sentence, with whom, which conversation, from when to when, what is written, as whom, and for how
// long it need not ask again.
// Promises: what it names is what is granted, unless the person widens it; what a site wrote is drawn as such, and what nobody can read is said to be that. A name
// that comes or changes while the card is on screen arms Approve anew.
import { useState } from 'preact/hooks';
import type { MessageFacts, ShownRequest } from '../../../contract/pages/approvals';
import { byteSize, dateTime, wholeNumber } from '../../format';
import { PersonDialog } from '../../parts/person-dialog';
import type { EnsWords } from '../../parts/ens/says';
import { useEns } from '../../parts/ens/use-ens';
import { DappText } from '../../parts/shown/dapp-text';
import { InlinePeer, Peers } from '../../parts/shown/peers';
import { Written } from '../../parts/shown/written';
import { whoIsOf, type WhoIs } from '../../people';
import { listed, plural, rich, t } from '../../text';
import { textLocale } from '../../language/words';
import { AnswerHolds } from './answer-holds';
import { answerChoices, sharedChoices } from '../answer-model';
import { AnswerOrUnlock } from './frame/answer-or-unlock';
import { AccountFact, AsIdentity } from './frame/as-identity';
import { CardLayout } from './frame/card-frame';
import type { CardProps } from './frame/card-props';
import { joins } from '../../../contract/pages/cards/joining';
import { OthersThatWait, useOthers, type CardOf } from './frame/others';
import { isOnlyContact, kindWords, messageSentence, namedAtMost, type Place } from './message-sentence';

type MessagesProps = CardProps & { shown: Extract<ShownRequest, { kind: 'messages' }> };

function drawn(place: Place, whoIs: WhoIs) {
  if (place.is === 'peer') return <InlinePeer account={place.account} whoIs={whoIs} />;
  if (place.is === 'words') return t(place.key);
  const counted = plural(place.noun, place.count);
  return place.kinds.length === 0 ? counted : t('amountOfKind', counted, listed(place.kinds.map((kind) => t(kind))));
}

/** Kinds of content, in our words where there are some; otherwise as the site wrote them, a line each. All of it is in the details. */
function Kinds({ contentTypes }: { contentTypes: readonly string[] }) {
  const known = [...new Set(contentTypes.map(kindWords))].flatMap((words) => (words === undefined ? [] : [t(words)]));
  const unknown = contentTypes.filter((type) => kindWords(type) === undefined);
  return (
    <div class="stack tight" data-testid="approval-kinds">
      <h2 class="label">{t('kindsTitle')}</h2>
      <ul>
        {known.length > 0 && <li>{listed(known)}</li>}
        {unknown.map((type) => (
          <li key={type} class="small one-line">
            <DappText text={type} />
          </li>
        ))}
        {contentTypes.length >= namedAtMost && <li class="small soft">{t('kindsMore')}</li>}
      </ul>
    </div>
  );
}

/** Our words for a kind of content, with a capital as at the beginning of a line. */
function kindOf(contentType: string): string | undefined {
  const words = kindWords(contentType);
  const text = words && t(words);
  return text && text.charAt(0).toLocaleUpperCase(textLocale()) + text.slice(1);
}

/** Which conversation, from when to when, and how much: what a person can compare with what they remember. */
function About({ facts }: { facts: MessageFacts }) {
  const { conversation, dates, sizeBytes } = facts;
  if (!conversation && !dates) return null;
  return (
    <dl class="facts small" data-testid="approval-about">
      {conversation && (
        <>
          <dt>{t('aboutConversation')}</dt>
          <dd>
            {conversation.id !== '' && (
              <p>
                <DappText text={conversation.id} />
              </p>
            )}
            <p class={conversation.id === '' ? '' : 'soft'}>{t('aboutBegun', dateTime(conversation.createdAtMs))}</p>
          </dd>
        </>
      )}
      {dates && (
        <>
          <dt>{t('aboutDated')}</dt>
          <dd data-testid="approval-dates">
            {dates.firstMs === dates.lastMs
              ? dateTime(dates.firstMs)
              : t('aboutFromTo', dateTime(dates.firstMs), dateTime(dates.lastMs))}
          </dd>
        </>
      )}
      <dt>{t('detailSize')}</dt>
      <dd>{byteSize(sizeBytes)}</dd>
    </dl>
  );
}

function Facts({ account, method, facts }: { account: string; method: string; facts: MessageFacts }) {
  const { items, sizeBytes, peers, peerCount, conversationCount, contentTypes, nodeUrl } = facts;
  return (
    <>
      <AccountFact account={account} />
      <dt>{t('detailMethod')}</dt>
      <dd class="mono">
        <DappText text={method} />
      </dd>
      {nodeUrl !== undefined && <dt>{t('detailNode')}</dt>}
      {nodeUrl !== undefined && (
        <dd class="mono" data-testid="approval-node">
          {nodeUrl}
        </dd>
      )}
      <dt>{t('detailItems')}</dt>
      <dd>{wholeNumber(items)}</dd>
      <dt>{t('detailSize')}</dt>
      <dd>{byteSize(sizeBytes)}</dd>
      <dt>{t('detailPeers')}</dt>
      <dd>{wholeNumber(peerCount)}</dd>
      {peers.map((peer) => (
        <dd key={peer} class="mono further">
          <DappText text={peer} />
        </dd>
      ))}
      <dt>{t('detailConversations')}</dt>
      <dd>{wholeNumber(conversationCount)}</dd>
      {contentTypes.length > 0 && <dt>{t('detailContentTypes')}</dt>}
      {contentTypes.map((type, at) => (
        <dd key={type} class={at === 0 ? 'mono' : 'mono further'}>
          <DappText text={type} />
        </dd>
      ))}
    </>
  );
}

interface DescribedProps {
  shown: MessagesProps['shown'];
  whoIs: WhoIs;
  ens: EnsWords;
  /** Opens the dialog that names somebody; undefined while nobody can be named. */
  onName: ((account: string) => void) | undefined;
}

/** A list in parts is asked about as a whole. */
const sentenceOf = ({ capability, method, facts }: MessagesProps['shown']) =>
  messageSentence(capability, method, { ...facts, items: facts.whole?.items ?? facts.items });

function wordsOf(shown: MessagesProps['shown'], whoIs: WhoIs) {
  const { key, places } = sentenceOf(shown);
  return rich(key, ...places.map((place) => drawn(place, whoIs)));
}

/** With whom, what is written, which conversation, and what publishing means. */
function Described({ shown: { capability, method, facts }, whoIs, ens, onName }: DescribedProps) {
  return (
    <>
      {facts.peers.length > 0 && (
        <div class="stack tight">
          <h2 class="label">{t(capability === 'messages.write' ? 'withTo' : 'withWhom')}</h2>
          <Peers peers={facts.peers} total={facts.peerCount} whoIs={whoIs} ens={ens} onName={onName} />
        </div>
      )}
      {facts.written && <Written written={facts.written} kindOf={kindOf} />}
      <About facts={facts} />
      {facts.whole && (
        <p class="small soft" data-testid="approval-whole">
          {t('wholeMeaning', wholeNumber(facts.whole.parts), wholeNumber(facts.items))}
        </p>
      )}
      {method === 'xmtp_publish' && <p>{t(isOnlyContact(facts) ? 'publishContactMeaning' : 'publishMeaning')}</p>}
      {method === 'xmtp_publish' && !isOnlyContact(facts) && <p data-testid="approval-harm">{t('publishHarm')}</p>}
    </>
  );
}

/** Kinds of content that neither the sentence nor the content says. */
function OtherKinds({ shown }: { shown: MessagesProps['shown'] }) {
  const { contentTypes, written } = shown.facts;
  const isSaid = sentenceOf(shown).places.some((place) => place.is === 'amount' && place.kinds.length > 0);
  return contentTypes.length > 0 && written?.more !== 0 && !isSaid ? <Kinds contentTypes={contentTypes} /> : null;
}

/** Another part of a list that is on the card already, or of one that will be. */
const isOfKnownList =
  (shown: MessagesProps['shown']) =>
  ({ shown: { facts } }: CardOf<MessagesProps['shown']>, listed: readonly CardOf<MessagesProps['shown']>[]) =>
    facts.whole !== undefined &&
    [shown, ...listed.map((one) => one.shown)].some((one) => one.facts.whole?.digest === facts.whole?.digest);

export function MessagesCard({ card, state, shown, alsoWaiting, isBusy, isGone, onDecide, onUnlock }: MessagesProps) {
  const { safeId, account, capability, method, facts } = shown;
  const others = useOthers(card, alsoWaiting, isOfKnownList(shown));
  const all = [{ ...card, shown }, ...others.listed];
  const [chosen, setChoices] = useState(() => answerChoices(capability, facts));
  const choices = sharedChoices(
    chosen,
    capability,
    all.map((one) => one.shown.facts),
  );
  const identity = state.identities.find((one) => one.safeId === safeId);
  const whoIs = whoIsOf(
    state.identities,
    all.flatMap((one) => one.names),
  );
  const [named, setNamed] = useState<string>();
  const onName = identity?.status === 'unlocked' && !isGone ? setNamed : undefined;
  // A list that comes in parts is rejected with all of them that have come.
  const parts = alsoWaiting.filter(
    (one): one is CardOf<MessagesProps['shown']> =>
      joins(card, one) && isOfKnownList(shown)(one as CardOf<MessagesProps['shown']>, others.listed),
  );
  const decide: CardProps['onDecide'] = (decision) =>
    onDecide(decision, decision.kind === 'reject' ? [...others.listed, ...parts] : others.listed);
  const everybody = all.flatMap((one) => one.shown.facts.peers);
  const ens = useEns(state.settings.ensNode, everybody, whoIs);
  const names = everybody.map((peer) => [whoIs(peer), ens(peer)]);
  const answers = (
    <AnswerOrUnlock
      {...{ card, isGone, isBusy, onUnlock, safeId, identity }}
      onDecide={decide}
      count={all.length}
      shownDetail={JSON.stringify([choices.time, choices.scope, ...others.listed.map((one) => one.nonce), ...names])}
      onApprove={() => decide({ kind: 'messages', remember: choices.time, scope: choices.scope })}
    />
  );
  return (
    <CardLayout
      sentence={wordsOf(shown, whoIs)}
      facts={<Facts account={account} method={method} facts={facts} />}
      answers={answers}
    >
      <Described {...{ shown, whoIs, ens, onName }} />
      <OthersThatWait
        others={others}
        draw={(one) => (
          <>
            <p>{wordsOf(one.shown, whoIs)}</p>
            <Described shown={one.shown} whoIs={whoIs} ens={ens} onName={onName} />
            <OtherKinds shown={one.shown} />
          </>
        )}
      />
      <AsIdentity identity={identity} account={account} />
      <AnswerHolds {...{ capability, choices }} facts={facts} isSeveral={all.length > 1} onChange={setChoices} />
      <OtherKinds shown={shown} />
      {named !== undefined && (
        <PersonDialog safeId={safeId} account={named} whoIs={whoIs} onClose={() => setNamed(undefined)} />
      )}
    </CardLayout>
  );
}
