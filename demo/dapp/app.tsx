// The page: who Quill is, what it asks for, what came back, and what the vault said meanwhile.
// Promises that everything here works with the sdk alone, as in any dapp.
import { ConnectCard } from './connect-card';
import { LogCard } from './log-card';
import { ProofCard } from './proof-card';
import { useSession, type Session } from './session';
import { SignCard } from './sign-card';
import { shortAddress, type Trouble } from './words';

export function App() {
  const session = useSession();
  return (
    <>
      <header class="top">
        <a class="brand" href="./">
          <QuillMark />
          <span class="brand-name">Quill</span>
          <span class="brand-note">a demo dapp</span>
        </a>
        <Status session={session} />
      </header>
      <main>
        <section class="intro">
          <h1>Put your name to a text.</h1>
          <p>
            Quill asks Prekey Vault for a signature and checks it right here, without a server. Your keys never come near this page.
          </p>
        </section>
        {session.trouble && <TroubleNote trouble={session.trouble} dismiss={session.dismissTrouble} />}
        <div class="columns">
          <ConnectCard session={session} />
          <SignCard session={session} />
          <ProofCard answer={session.answer} />
          <LogCard log={session.log} />
        </div>
      </main>
      <footer>
        <p>Quill is an example that comes with Prekey Vault. It keeps nothing and sends nothing.</p>
      </footer>
    </>
  );
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

function TroubleNote({ trouble, dismiss }: { trouble: Trouble; dismiss: () => void }) {
  return (
    <div class="trouble" role="alert" data-testid="dapp-error">
      <div>
        <p class="trouble-title">{trouble.title}</p>
        <p>
          {trouble.advice} <span class="code">{trouble.code}</span>
        </p>
      </div>
      <button type="button" class="plain" onClick={dismiss} data-testid="dapp-error-dismiss">
        Dismiss
      </button>
    </div>
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
