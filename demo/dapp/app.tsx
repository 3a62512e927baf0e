// The page: who Quill is, and its three tabs, messages of V1 and V2, today's XMTP, and the proof.
// Promises that the proof works without a message service, and that a client of XMTP is loaded for its own tab only.
import { useEffect, useState } from 'preact/hooks';
import type { ComponentType } from 'preact';
import { readConfig, type Config, type TodayConfig } from './config';
import { ProofTab } from './proof-tab';
import { useSession, type Session } from './session';
import { TroubleNote } from './trouble-note';
import { shortAddress } from './words';

const tabs = { messages: 'Messages', today: 'Today’s XMTP', proof: 'Proof' } as const;
type Tab = keyof typeof tabs;
type ChatTab = ComponentType<{ session: Session; nodeUrl: string | undefined }>;
type TodayTab = ComponentType<{ session: Session; today: TodayConfig | undefined }>;

export function App() {
  const session = useSession();
  const [config, setConfig] = useState<Config>();
  const [tab, setTab] = useTab(config && (config.nodeUrl === undefined ? 'proof' : 'messages'));
  const [Chat, setChat] = useState<ChatTab>();
  const [Today, setToday] = useState<TodayTab>();
  useEffect(() => void readConfig().then(setConfig), []);
  useEffect(() => {
    if (!config?.app) return;
    document.documentElement.dataset['app'] = config.app;
    document.title = `Quill, app ${config.app}`;
  }, [config]);
  useEffect(() => {
    if (tab === 'messages') void import('./chat-tab').then((module) => setChat(() => module.ChatTab));
    if (tab === 'today') void import('./today-tab').then((module) => setToday(() => module.TodayTab));
  }, [tab]);
  return (
    <>
      <header class="top">
        <a class="brand" href="./">
          <QuillMark />
          <span class="brand-name">Quill</span>
          <span class="brand-note">{config?.app ? `demo app ${config.app}` : 'a demo dapp'}</span>
        </a>
        <nav class="tabs" aria-label="Parts of Quill">
          {(Object.keys(tabs) as Tab[]).map((one) => (
            <a
              key={one}
              href={`#${one}`}
              aria-current={tab === one ? 'page' : undefined}
              onClick={() => setTab(one)}
              data-testid={`tab-${one}`}
            >
              {tabs[one]}
            </a>
          ))}
        </nav>
        <Status session={session} />
      </header>
      <main>
        {session.trouble && <TroubleNote trouble={session.trouble} dismiss={session.dismissTrouble} />}
        {tab === 'proof' && <ProofTab session={session} />}
        {/* Stays while the proof is shown: the stream of messages goes on. */}
        {Chat && config && (
          <div hidden={tab !== 'messages'}>
            <Chat session={session} nodeUrl={config.nodeUrl} />
          </div>
        )}
        {Today && config && (
          <div hidden={tab !== 'today'}>
            <Today session={session} today={config.today} />
          </div>
        )}
      </main>
      <footer>
        <p>Quill is an example that comes with Prekey Vault. It keeps nothing of yours.</p>
      </footer>
    </>
  );
}

/** The tab that the address names, else `usual`. */
function useTab(usual: Tab | undefined): [Tab | undefined, (tab: Tab) => void] {
  const named = () => (Object.keys(tabs) as Tab[]).find((one) => location.hash === `#${one}`);
  const [chosen, choose] = useState(named);
  useEffect(() => {
    const onHash = () => choose(named());
    addEventListener('hashchange', onHash);
    return () => removeEventListener('hashchange', onHash);
  }, []);
  return [chosen ?? usual, choose];
}

function Status({ session }: { session: Session }) {
  const [account] = session.accounts;
  const [kind, words] =
    session.search === 'looking'
      ? (['idle', 'Looking for a vault'] as const)
      : session.search === 'absent'
        ? (['off', 'No vault found'] as const)
        : session.search === 'gone'
          ? (['off', 'Vault out of reach'] as const)
          : account === undefined
            ? (['idle', 'Not connected'] as const)
            : (['on', shortAddress(account)] as const);
  return (
    <p class={`status status-${kind}`} role="status" data-testid="dapp-status">
      {words}
    </p>
  );
}

function QuillMark() {
  return (
    <svg class="brand-mark" viewBox="0 0 24 24" aria-hidden="true">
      <rect width="24" height="24" rx="6" />
      <path d="M7 18c1-6 5-11 11-12-1 6-5 9-9 9" />
    </svg>
  );
}
