// Asking for a grant, and giving it back.
// Promises to say what will be asked before anything opens, and to show what was really granted, which may be less.
import { useState } from 'preact/hooks';
import type { Capability, Duration, Grant } from '../../src/sdk/index';
import type { Session } from './session';
import { capabilityWords, durationWords, endWords, shortHex } from './words';

/** What the proof needs; the messages ask for theirs themselves. */
const capabilityList: Capability[] = ['identity', 'sign'];
const durationList = Object.keys(durationWords) as Duration[];

export function ConnectCard({ session }: { session: Session }) {
  return (
    <section class="card card-connect" aria-labelledby="connect-heading">
      <h2 id="connect-heading">Connection</h2>
      <SearchNote search={session.search} />
      {session.search === 'found' &&
        (session.grants.length > 0 ? <Connected session={session} /> : <AskForm session={session} />)}
    </section>
  );
}

/** Why there is no vault to ask, when there is none. */
export function SearchNote({ search }: { search: Session['search'] }) {
  if (search === 'found') return null;
  if (search === 'looking') return <p class="quiet">Looking for Prekey Vault in this browser…</p>;
  if (search === 'gone') return <ReloadNote words="The vault was updated or turned off. Reload this page to go on." />;
  return (
    <ReloadNote words="There is no Prekey Vault in this browser yet. Install the extension, then reload this page." />
  );
}

// A provider is put into a page when the page loads, so looking again without a reload would find nothing.
function ReloadNote({ words }: { words: string }) {
  return (
    <div class="stack">
      <p>{words}</p>
      <div>
        <button type="button" onClick={() => location.reload()} data-testid="dapp-reload">
          Reload
        </button>
      </div>
    </div>
  );
}

function AskForm({ session }: { session: Session }) {
  const [wanted, setWanted] = useState<Capability[]>(capabilityList);
  const [duration, setDuration] = useState<Duration>('until-locked');
  const isWaiting = session.waiting === 'connect';
  const toggle = (capability: Capability, isOn: boolean) =>
    setWanted(capabilityList.filter((other) => (other === capability ? isOn : wanted.includes(other))));
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void session.connect({ capabilities: wanted, duration });
      }}
    >
      <fieldset>
        <legend>Quill would like to</legend>
        {capabilityList.map((capability) => (
          <label class="check" key={capability}>
            <input
              type="checkbox"
              checked={wanted.includes(capability)}
              onChange={(event) => toggle(capability, event.currentTarget.checked)}
              data-testid={`dapp-capability-${capability}`}
            />
            <span>
              <span class="check-label">{capabilityWords[capability].label}</span>
              <span class="quiet">{capabilityWords[capability].hint}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <label class="field">
        <span>For how long</span>
        <select
          value={duration}
          onChange={(event) => setDuration(event.currentTarget.value as Duration)}
          data-testid="dapp-duration"
        >
          {durationList.map((value) => (
            <option key={value} value={value}>
              {durationWords[value]}
            </option>
          ))}
        </select>
      </label>
      <div class="actions">
        <button type="submit" class="main" disabled={isWaiting || wanted.length === 0} data-testid="dapp-connect">
          {isWaiting ? 'Waiting for you…' : 'Connect'}
        </button>
        <p class="quiet">
          {isWaiting
            ? 'Answer in the window of Prekey Vault. If you closed it, use its button in the toolbar.'
            : wanted.length === 0
              ? 'Choose at least one.'
              : 'You decide in the vault, and may allow less.'}
        </p>
      </div>
    </form>
  );
}

function Connected({ session }: { session: Session }) {
  return (
    <div class="stack">
      <ul class="grants" data-testid="dapp-accounts">
        {session.grants.map((grant) => (
          <GrantRow key={grant.account} grant={grant} session={session} />
        ))}
      </ul>
      <details class="more">
        <summary data-testid="dapp-ask-again">Connect another account, or ask for more</summary>
        <AskForm session={session} />
      </details>
    </div>
  );
}

function GrantRow({ grant, session }: { grant: Grant; session: Session }) {
  const bundle = session.bundle?.account === grant.account ? session.bundle : undefined;
  return (
    <li class="stack">
      <p class="account" translate={false}>
        {grant.account}
      </p>
      <ul class="tags" data-testid="dapp-permissions">
        {grant.capabilities.map((capability) => (
          <li key={capability} data-capability={capability}>
            {capabilityWords[capability].label}
          </li>
        ))}
      </ul>
      <p class="quiet">{endWords(grant)}</p>
      <div class="actions">
        {grant.capabilities.includes('identity') && (
          <button
            type="button"
            disabled={session.waiting !== undefined}
            onClick={() => session.readBundle(grant.account)}
            data-testid="dapp-bundle"
          >
            Read public keys
          </button>
        )}
        <button
          type="button"
          class="danger"
          disabled={session.waiting === 'revoke'}
          onClick={() => session.revoke(grant.account)}
          data-testid="dapp-revoke"
        >
          Revoke
        </button>
      </div>
      {bundle && (
        <p class="quiet" data-testid="dapp-bundle-result">
          Public key bundle, {bundle.signedPublicKeyBundle.length} bytes:{' '}
          <span class="code">{shortHex(bundle.signedPublicKeyBundle)}</span>
        </p>
      )}
    </li>
  );
}
