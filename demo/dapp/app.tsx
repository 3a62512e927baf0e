// The page: who Quill is, and its two tabs, messages and the proof.
// Promises that the proof works without a message service, and that xmtp-js is loaded only for messages.
import { useEffect, useState } from 'preact/hooks';
import type { ComponentType } from 'preact';
import { readNodeUrl } from './config';
import { ProofTab } from './proof-tab';
import { useSession, type Session } from './session';
import { TroubleNote } from './trouble-note';
import { shortAddress } from './words';

type Tab = 'messages' | 'proof';
type ChatTab = ComponentType<{ session: Session; nodeUrl: string | undefined }>;

export function App() {
  const session = useSession();
  const [config, setConfig] = useState<{ nodeUrl: string | undefined }>();
  const [tab, setTab] = useTab(config && (config.nodeUrl === undefined ? 'proof' : 'messages'));
  const [Chat, setChat] = useState<ChatTab>();
  useEffect(() => void readNodeUrl().then((nodeUrl) => setConfig({ nodeUrl })), []);
  useEffect(() => {
    if (tab === 'messages') void import('./chat-tab').then((module) => setChat(() => module.ChatTab));
  }, [tab]);
  return (
    <>
      <header class="top">
        <a class="brand" href="./">
          <QuillMark />
          <span class="brand-name">Quill</span>
          <span class="brand-note">a demo dapp</span>
        </a>
        <nav class="tabs" aria-label="Parts of Quill">
          {(['messages', 'proof'] as const).map((one) => (
            <a key={one} href={`#${one}`} aria-current={tab === one ? 'page' : undefined} onClick={() => setTab(one)} data-testid={`tab-${one}`}>
              {one === 'messages' ? 'Messages' : 'Proof'}
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
      </main>
      <footer>
        <p>Quill is an example that comes with Prekey Vault. It keeps nothing of yours.</p>
      </footer>
    </>
  );
}

/** The tab that the address names, else `usual`. */
function useTab(usual: Tab | undefined): [Tab | undefined, (tab: Tab) => void] {
  const named = () => (location.hash === '#messages' || location.hash === '#proof' ? (location.hash.slice(1) as Tab) : undefined);
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
