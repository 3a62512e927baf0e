// The text that is to be signed, and what for.
// Promises to send exactly what stands in the box; the vault shows the same text before it signs.
import { useState } from 'preact/hooks';
import type { Session } from './session';
import { shortAddress } from './words';

const mostBytes = 65_536;
const encoder = new TextEncoder();

export function SignCard({ session }: { session: Session }) {
  const [purpose, setPurpose] = useState('Sign a note');
  const [payload, setPayload] = useState('The kettle is mine, but you may borrow it.');
  const [account, setAccount] = useState<string>();
  const signers = session.grants.filter((grant) => grant.capabilities.includes('sign')).map((grant) => grant.account);
  const signer = account !== undefined && signers.includes(account) ? account : signers[0];
  const size = encoder.encode(payload).length;
  const isWaiting = session.waiting === 'sign';
  return (
    <section class="card card-sign" aria-labelledby="sign-heading">
      <h2 id="sign-heading">Sign</h2>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          session.sign({ payload, purpose, account: signer });
        }}
      >
        <label class="field">
          <span>Purpose</span>
          <input
            type="text"
            value={purpose}
            maxLength={100}
            required
            onInput={(event) => setPurpose(event.currentTarget.value)}
            data-testid="dapp-purpose"
          />
        </label>
        <label class="field">
          <span>Text</span>
          <textarea
            rows={4}
            value={payload}
            onInput={(event) => setPayload(event.currentTarget.value)}
            data-testid="dapp-payload"
          />
          <span class={size > mostBytes ? 'count count-over' : 'count'}>
            {size.toLocaleString()} of {mostBytes.toLocaleString()} bytes
          </span>
        </label>
        {signers.length > 1 && (
          <label class="field">
            <span>Account</span>
            <select
              value={signer ?? ''}
              onChange={(event) => setAccount(event.currentTarget.value)}
              data-testid="dapp-signer"
            >
              {signers.map((one) => (
                <option key={one} value={one}>
                  {shortAddress(one)}
                </option>
              ))}
            </select>
          </label>
        )}
        <div class="actions">
          <button
            type="submit"
            class={signers.length > 0 ? 'main' : ''}
            disabled={session.search !== 'found' || isWaiting || size > mostBytes}
            data-testid="dapp-sign"
          >
            {isWaiting ? 'Waiting for you…' : 'Sign'}
          </button>
          <p class="quiet">
            {isWaiting
              ? 'Read the text in the window of Prekey Vault, then approve it there.'
              : signers.length > 0
                ? 'The vault shows you the text first.'
                : 'Quill has no permission for this yet.'}
          </p>
        </div>
      </form>
    </section>
  );
}
