// The answer and its proof: verified in the page, shown as a chain, with the means to try and break it.
// Promises that the verdict on the page is the sdk's, for the very bytes below it.
import { useEffect, useState } from 'preact/hooks';
import {
  VaultSignatureError,
  vaultSignatureToJson,
  type VaultSignature,
  type VaultSignatureRefusal,
} from '../../src/sdk/index';
import { verifyVaultSignature, type VerifiedVaultSignature } from '../../src/sdk/verify/index';
import { ChainPicture } from './chain-picture';
import { forge, forgeries, type Forgery } from './forgery';
import { dateTime, hex, refusalWords } from './words';

/** How verification ended. */
export type Verdict =
  { chain: VerifiedVaultSignature; refusal?: undefined } | { chain?: undefined; refusal: VaultSignatureRefusal };

export function ProofCard({ answer }: { answer: VaultSignature | undefined }) {
  return (
    <section class="card card-proof" aria-labelledby="proof-heading" data-testid="dapp-result">
      <h2 id="proof-heading">Proof</h2>
      {answer === undefined ? <Empty /> : <Proof answer={answer} />}
    </section>
  );
}

function Empty() {
  return (
    <div class="empty">
      <ChainPicture />
      <p class="quiet">Nothing is signed yet. When you sign, each link appears here with the key behind it.</p>
    </div>
  );
}

function Proof({ answer }: { answer: VaultSignature }) {
  const [forgery, setForgery] = useState<Forgery>('nothing');
  useEffect(() => setForgery('nothing'), [answer]);
  const shown = forge(answer, forgery);
  // A server would take the account from its own records; this page believes the one the vault first answered with.
  const verdict = verify(shown, answer.signed.account);
  const genuine = forgery === 'nothing' ? verdict.chain : verify(answer, answer.signed.account).chain;
  return (
    <div class="stack">
      <Sentence verdict={verdict} />
      <ChainPicture
        {...(genuine === undefined ? {} : { chain: genuine })}
        {...(verdict.refusal === undefined ? {} : { refusal: verdict.refusal })}
      />
      <dl class="facts">
        <dt>Text</dt>
        <dd class="signed-text">{textOf(shown.signed.payload)}</dd>
        <dt>Purpose</dt>
        <dd>{shown.signed.purpose}</dd>
        <dt>For</dt>
        <dd>{shown.signed.origin}</dd>
        <dt>Signed</dt>
        <dd>{dateTime(shown.signed.issuedAtMs)}</dd>
      </dl>
      <fieldset class="forge">
        <legend>Try it: change one bit of …</legend>
        <div class="choices">
          {forgeries.map((one) => (
            <label key={one}>
              <input
                type="radio"
                name="forgery"
                checked={forgery === one}
                onChange={() => setForgery(one)}
                data-testid={`dapp-forge-${one.replace(' ', '-')}`}
              />
              <span>{one}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <Bytes answer={shown} />
    </div>
  );
}

function Sentence({ verdict }: { verdict: Verdict }) {
  return verdict.refusal === undefined ? (
    <p class="verdict verdict-ok" role="status" data-testid="dapp-verify-ok">
      It holds. Checked here, link by link, without a server.
    </p>
  ) : (
    <p class="verdict verdict-bad" role="status" data-testid="dapp-verify-failed" data-reason={verdict.refusal}>
      It does not hold. {refusalWords[verdict.refusal]}
    </p>
  );
}

function Bytes({ answer }: { answer: VaultSignature }) {
  const json = vaultSignatureToJson(answer);
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => setIsCopied(false), [json]);
  return (
    <details class="bytes">
      <summary>Every byte</summary>
      <p class="quiet">
        The answer as JSON, ready for a server. The sdk reads it back and verifies it there in the same way.
      </p>
      <pre tabIndex={0} data-testid="dapp-json">
        {JSON.stringify(JSON.parse(json), null, 2)}
      </pre>
      <p class="quiet">
        Signature:{' '}
        <span class="code break" data-testid="dapp-signature">
          {hex(answer.signature.bytes)}
        </span>
      </p>
      <div>
        <button type="button" onClick={() => void navigator.clipboard.writeText(json).then(() => setIsCopied(true))}>
          {isCopied ? 'Copied' : 'Copy JSON'}
        </button>
      </div>
    </details>
  );
}

function verify(answer: VaultSignature, account: string): Verdict {
  try {
    return { chain: verifyVaultSignature(answer, { account, origin: location.origin }) };
  } catch (thrown) {
    if (thrown instanceof VaultSignatureError) return { refusal: thrown.reason };
    throw thrown;
  }
}

/** The signed bytes as text; as hex when they are not valid UTF-8. */
function textOf(payload: Uint8Array): string {
  if (payload.length === 0) return '(empty)';
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch {
    return hex(payload);
  }
}
