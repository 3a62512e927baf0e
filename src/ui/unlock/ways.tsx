// The ways to open one safe, of which one is shown.
// Promises: only ways the safe has are offered, a passkey first; when that cannot be read, all but that are, and the worker says what does not fit.
import { useState } from 'preact/hooks';
import { AskPasskey } from '../signing/ask-passkey';
import { usePasskeys } from '../devices/use-passkeys';
import { TypedSecret } from '../signing/secret-form';
import { t, type MessageKey } from '../text';
import { ask, useVault } from '../worker/calls';
import { WithCode } from './with-code';
import { WithWallet } from './with-wallet';
import type { SlotKind } from '../../contract/choices';

const ways: readonly { kind: SlotKind; name: string; words: MessageKey }[] = [
  { kind: 'passkey', name: 'passkey', words: 'slotPasskey' },
  { kind: 'wallet', name: 'wallet', words: 'wallet' },
  { kind: 'passphrase', name: 'passphrase', words: 'passphraseLabel' },
  { kind: 'recovery-code', name: 'code', words: 'codeLabel' },
];

export function Ways({ safeId, onUnlocked }: { safeId: string; onUnlocked: () => void }) {
  const request = useVault('unlock_getText', { safeId });
  const [picked, setPicked] = useState<SlotKind>();
  const canPasskey = usePasskeys();
  const passkey = request.value?.passkey ?? null;
  if ((!request.value && !request.error) || (passkey && canPasskey === undefined)) return null;
  const slots = request.value?.slots;
  const offered = ways.filter(({ kind }) =>
    kind === 'passkey' ? passkey && canPasskey : slots === undefined || slots.includes(kind),
  );
  const kind = offered.find((way) => way.kind === picked)?.kind ?? offered[0]?.kind;
  return (
    <>
      {offered.length > 1 && (
        <div class="tabs" role="group" aria-label={t('unlockWay')}>
          {offered.map((way) => (
            <button
              key={way.kind}
              type="button"
              data-testid={`unlock-way-${way.name}`}
              aria-pressed={way.kind === kind}
              onClick={() => setPicked(way.kind)}
            >
              {t(way.words)}
            </button>
          ))}
        </div>
      )}
      {kind === 'passkey' && (
        <AskPasskey
          request={passkey}
          submit={t('unlock')}
          onSecret={async (prfSecret) => {
            await ask('unlock_withPasskey', { safeId, prfSecret });
            onUnlocked();
          }}
        />
      )}
      {kind === 'wallet' && <WithWallet request={request} onUnlocked={onUnlocked} />}
      {kind === 'recovery-code' && <WithCode safeId={safeId} onUnlocked={onUnlocked} />}
      {kind === 'passphrase' && (
        <TypedSecret
          kind="passphrase"
          submit={t('unlock')}
          onSecret={async (secret) => {
            if (secret.kind !== 'passphrase') return;
            await ask('unlock_withPassphrase', { safeId, passphrase: secret.passphrase });
            onUnlocked();
          }}
        />
      )}
    </>
  );
}
