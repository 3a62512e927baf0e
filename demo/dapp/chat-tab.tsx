// The messages: one button to begin, then conversations on the left and the open one on the right.
// Promises to ask the vault for nothing before the person presses something, and to stop everything when the permission ends.
import './node-globals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Grant } from '../../src/sdk/index';
import { xmtpCapabilities } from '../../src/sdk/xmtp/index';
import { openChat, type Chat, type ChatState } from './chat';
import { ChatList } from './chat-list';
import { ChatThread } from './chat-thread';
import { SearchNote } from './connect-card';
import type { Session } from './session';
import { TroubleNote } from './trouble-note';
import { capabilityWords } from './words';

const isEnough = (grant: Grant | undefined): grant is Grant =>
  grant !== undefined && xmtpCapabilities.every((capability) => grant.capabilities.includes(capability));

export function ChatTab({ session, nodeUrl }: { session: Session; nodeUrl: string | undefined }) {
  const [state, setState] = useState<ChatState>();
  const [account, setAccount] = useState<string>();
  const chat = useRef<Chat | undefined>(undefined);
  const { provider, grants } = session;

  const end = () => {
    chat.current?.close();
    chat.current = undefined;
    setState(undefined);
    setAccount(undefined);
  };
  useEffect(() => end, []);
  const isGone = account !== undefined && !session.accounts.includes(account);
  useEffect(() => {
    if (isGone) end();
  }, [isGone]);

  const start = async () => {
    if (provider === undefined || nodeUrl === undefined) return;
    const grant =
      grants.find(isEnough) ??
      (await session.connect({ capabilities: [...xmtpCapabilities], duration: 'until-locked' }));
    if (!isEnough(grant)) return;
    chat.current?.close();
    session.takeRenewed(grant.account);
    const opened = openChat({
      provider,
      account: grant.account,
      nodeUrl,
      onChange: () => chat.current === opened && setState(opened.state()),
    });
    chat.current = opened;
    setAccount(grant.account);
    setState(opened.state());
  };

  if (state === undefined || account === undefined || chat.current === undefined) {
    return <Welcome session={session} hasNode={nodeUrl !== undefined} start={() => void start()} />;
  }
  if (state.phase !== 'ready') return <Starting state={state} again={() => void start()} />;
  return (
    <>
      {state.trouble && <TroubleNote trouble={state.trouble} dismiss={chat.current.dismissTrouble} />}
      {session.renewed.includes(account) && <RenewedNote again={() => void start()} />}
      <div
        class={state.openTopic === undefined ? 'chat' : 'chat chat-has-open'}
        data-testid="chat"
        data-account={account}
      >
        <ChatList chat={chat.current} state={state} account={account} hasSubjects />
        <ChatThread key={state.openTopic} chat={chat.current} state={state} />
      </div>
    </>
  );
}

/** Nothing is wrong: the client of this page goes on with the prekey it began with. */
function RenewedNote({ again }: { again: () => void }) {
  return (
    <p class="renewed quiet" role="status" data-testid="chat-renewed">
      Your keys were renewed. This page goes on with the ones before; reload your messages to use the new ones.{' '}
      <button type="button" class="plain" onClick={again} data-testid="chat-renew">
        Reload
      </button>
    </p>
  );
}

function Welcome({ session, hasNode, start }: { session: Session; hasNode: boolean; start: () => void }) {
  const isWaiting = session.waiting === 'connect';
  const narrowed = session.grants.length > 0 && !session.grants.some(isEnough);
  return (
    <>
      <section class="intro">
        <h1>Write to somebody.</h1>
        <p>
          Letters between two addresses, sealed on the way. Prekey Vault opens and signs them; this page never holds a
          key.
        </p>
      </section>
      <section class="card card-welcome" aria-labelledby="welcome-heading">
        <h2 id="welcome-heading">Your messages</h2>
        <SearchNote search={session.search} />
        {session.search === 'found' && !hasNode && (
          <p>This copy of Quill was started without a message service. The proof works without one.</p>
        )}
        {session.search === 'found' && hasNode && (
          <div class="stack">
            <p class="quiet">Quill asks to:</p>
            <ul class="wishes">
              {xmtpCapabilities.map((capability) => (
                <li key={capability}>
                  <span class="check-label">{capabilityWords[capability].label}</span>
                  <span class="quiet">{capabilityWords[capability].hint}</span>
                </li>
              ))}
            </ul>
            <div class="actions">
              <button type="button" class="main" disabled={isWaiting} onClick={start} data-testid="chat-start">
                {isWaiting ? 'Waiting for you…' : 'Open my messages'}
              </button>
              <p class="quiet">
                {isWaiting
                  ? 'Answer in the window of Prekey Vault. If you closed it, use its button in the toolbar.'
                  : narrowed
                    ? 'You allowed less so far. Messages need all four.'
                    : 'You decide in the vault.'}
              </p>
            </div>
          </div>
        )}
      </section>
    </>
  );
}

function Starting({ state, again }: { state: ChatState; again: () => void }) {
  return (
    <section class="card card-welcome" aria-live="polite">
      <h2>Your messages</h2>
      {state.phase === 'starting' ? (
        <div class="stack" data-testid="chat-starting">
          <p>Opening your letterbox…</p>
          <p class="quiet">If the vault asks something, answer in its window.</p>
        </div>
      ) : (
        <div class="stack">
          {state.trouble && (
            <p data-testid="chat-failed">
              <strong>{state.trouble.title}</strong> {state.trouble.advice}{' '}
              <span class="code">{state.trouble.code}</span>
            </p>
          )}
          <div>
            <button type="button" onClick={again} data-testid="chat-start">
              Try again
            </button>
          </div>
        </div>
      )}
    </section>
  );
}
