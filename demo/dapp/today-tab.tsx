// Today's XMTP: an inbox whose key lies in the vault. One button to sign in, then conversations, and archives that go from app to app.
// Promises to ask the vault for nothing and to load no client before the person presses something. When the permission ends, the app goes on in the
// inbox, and says so: that is how XMTP V3 is.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Capability, Grant } from '../../src/sdk/index';
import { ChatList } from './chat-list';
import { ChatThread } from './chat-thread';
import type { TodayConfig } from './config';
import { SearchNote } from './connect-card';
import { InboxBar } from './inbox-bar';
import type { Session } from './session';
import { openToday, type Today, type TodayState } from './today';
import { TodayStarting } from './today-starting';
import { TroubleNote } from './trouble-note';
import { capabilityWords } from './words';

/** The second is not needed to sign in; where it is missing, it is asked for with the first archive. */
const wanted: Capability[] = ['xmtp.v3', 'xmtp.v3.archive'];
const allows = (grant: Grant | undefined, capability: Capability): grant is Grant =>
  grant !== undefined && grant.capabilities.includes(capability);
const archiveHint = 'Asked every time. Not ticked at first: tick it, or be asked with your first archive.';

export function TodayTab({ session, today }: { session: Session; today: TodayConfig | undefined }) {
  const [state, setState] = useState<TodayState>();
  const [account, setAccount] = useState<string>();
  const client = useRef<Today | undefined>(undefined);
  const { provider, grants } = session;
  useEffect(() => () => client.current?.close(), []);

  const start = async () => {
    if (provider === undefined || today === undefined) return;
    const grant =
      grants.find((one) => allows(one, 'xmtp.v3')) ??
      (await session.connect({ capabilities: wanted, duration: 'until-revoked' }));
    if (!allows(grant, 'xmtp.v3')) return;
    client.current?.close();
    const opened = openToday({
      provider,
      account: grant.account,
      today,
      onChange: () => client.current === opened && setState(opened.state()),
    });
    client.current = opened;
    setAccount(grant.account);
    setState(opened.state());
  };

  if (state === undefined || client.current === undefined)
    return <Welcome session={session} hasNode={today !== undefined} start={() => void start()} />;
  if (state.phase !== 'ready') return <TodayStarting state={state} again={() => void start()} />;
  const own = grants.find((grant) => grant.account === account);
  const mayArchive = async () =>
    allows(own, 'xmtp.v3.archive') ||
    allows(await session.connect({ capabilities: ['xmtp.v3.archive'], duration: 'until-revoked' }), 'xmtp.v3.archive');
  return (
    <>
      {state.trouble && <TroubleNote trouble={state.trouble} dismiss={client.current.dismissTrouble} />}
      <div class="today" data-testid="today" data-inbox={state.inboxId}>
        <InboxBar today={client.current} state={state} mayArchive={mayArchive} isPermitted={allows(own, 'xmtp.v3')} />
        <div class={state.openTopic === undefined ? 'chat' : 'chat chat-has-open'}>
          <ChatList chat={client.current} state={state} account={state.shownAddress ?? ''} suggested={today?.peer} />
          <ChatThread key={state.openTopic} chat={client.current} state={state} />
        </div>
      </div>
    </>
  );
}

function Welcome({ session, hasNode, start }: { session: Session; hasNode: boolean; start: () => void }) {
  const isWaiting = session.waiting === 'connect';
  const isNarrowed = session.grants.length > 0 && !session.grants.some((grant) => allows(grant, 'xmtp.v3'));
  return (
    <>
      <section class="intro">
        <h1>One inbox, any app.</h1>
        <p>
          Today’s XMTP keeps messages in each app. Prekey Vault holds the key of your inbox: it lets apps in, and opens
          what another app saved.
        </p>
      </section>
      <section class="card card-welcome" aria-labelledby="today-heading">
        <h2 id="today-heading">Your inbox</h2>
        <SearchNote search={session.search} />
        {session.search === 'found' && !hasNode && (
          <p>This copy of Quill was started without a node of today’s XMTP. The other tabs work without one.</p>
        )}
        {session.search === 'found' && hasNode && (
          <div class="stack">
            <p class="quiet">Quill asks to:</p>
            <ul class="wishes">
              {wanted.map((capability) => (
                <li key={capability}>
                  <span class="check-label">{capabilityWords[capability].label}</span>
                  <span class="quiet">
                    {capability === 'xmtp.v3.archive' ? archiveHint : capabilityWords[capability].hint}
                  </span>
                </li>
              ))}
            </ul>
            <div class="actions">
              <button type="button" class="main" disabled={isWaiting} onClick={start} data-testid="today-start">
                {isWaiting ? 'Waiting for you…' : 'Sign in with the vault'}
              </button>
              <p class="quiet">
                {isWaiting
                  ? 'Answer in the window of Prekey Vault. If you closed it, use its button in the toolbar.'
                  : isNarrowed
                    ? 'You allowed other things so far. Signing in needs the first of these.'
                    : 'Loads the messaging client first: 13 MB.'}
              </p>
            </div>
          </div>
        )}
      </section>
    </>
  );
}
