// A trouble in words, until it is dismissed.
import type { Trouble } from './words';

export function TroubleNote({ trouble, dismiss }: { trouble: Trouble; dismiss: () => void }) {
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
