// The proof: what Quill asks for, what came back, and what the vault said meanwhile.
// Promises that everything here works with the sdk alone, as in any dapp.
import { ConnectCard } from './connect-card';
import { LogCard } from './log-card';
import { ProofCard } from './proof-card';
import type { Session } from './session';
import { SignCard } from './sign-card';

export function ProofTab({ session }: { session: Session }) {
  return (
    <>
      <section class="intro">
        <h1>Put your name to a text.</h1>
        <p>
          Quill asks Prekey Vault for a signature and checks it right here, without a server. Your keys never come near
          this page.
        </p>
      </section>
      <div class="columns">
        <ConnectCard session={session} />
        <SignCard session={session} />
        <ProofCard answer={session.answer} />
        <LogCard log={session.log} />
      </div>
    </>
  );
}
