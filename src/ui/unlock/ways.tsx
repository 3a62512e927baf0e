// The ways to open one safe, of which one is shown.
// Promises: only ways the safe has are offered; when that cannot be read, all are, and the worker says what does not fit.
import { useState } from 'preact/hooks';
import { TypedSecret } from '../signing/secret-form';
import { t, type MessageKey } from '../text';
import { ask, useVault } from '../worker/calls';
import { WithCode } from './with-code';
import { WithWallet } from './with-wallet';
import type { SlotKind } from '../../contract/choices';

const ways: readonly { kind: SlotKind; name: string; words: MessageKey }[] = [
  { kind: 'wallet', name: 'wallet', words: 'wallet' },
  { kind: 'passphrase', name: 'passphrase', words: 'passphraseLabel' },
  { kind: 'recovery-code', name: 'code', words: 'codeLabel' },
];

export function Ways({ safeId, onUnlocked }: { safeId: string; onUnlocked: () => void }) {
  const request = useVault('unlock_getText', { safeId });
  const [picked, setPicked] = useState<SlotKind>();
  if (!request.value && !request.error) return null;
  const slots = request.value?.slots;
  const offered = ways.filter(({ kind }) => slots === undefined || slots.includes(kind));
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
